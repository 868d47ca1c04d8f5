//! Whether an answer stands on its sources. Not whether it is well said: whether it says anything that they do not.

use std::collections::BTreeSet;

use super::{Source, Task};
use crate::text::{Analyser, Language, Term, detect, is_han, normalise};

/// Why a reply is not let out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is not the JSON object that was asked for, or holds no answer.
    Form,
    /// It names no entry, or one that it was not given.
    Sources,
    /// It is in another language.
    Language,
    /// It is much longer than what it rests on.
    Length,
    /// A number, link or address in it stands in none of its entries.
    Fact,
    /// It promises without the amount or time that its entries name for it.
    Condition,
    /// Too many of its words stand in none of its entries.
    Words,
    /// It sets text off, as code, markup and roles do.
    Markup,
}

/// How much of an answer's weight its entries must have. An answer in other words keeps well above (`tests/generate.rs`), and
/// one on another matter shares little but the commonest words.
const SHARED: f64 = 0.6;
/// Words of politeness weigh nothing: an answer may have them.
const POLITE: &str = "您 好 你 的 了 是 请 谢谢 可以 如果 需要 我们 以及 并且 hello hi thank thanks please you your yes no and or of the a an to is \
    are be it in for we our can will if with on that this";

/// What costs a company money when it is said, and the signs of a trap: each must stand in an entry to be said.
const PROMISES: &str = "免费 包邮 免运费 赠送 赠品 全额 赔偿 补偿 保证 一定 折扣 打折 优惠券 密码 验证码 转账 汇款 银行卡 身份证 点击 下载 系统提示 \
    free gift guarantee guaranteed compensation compensate discount coupon voucher password passcode code pin transfer wire \
    card ssn click download login prompt instructions ignore promise lifetime unlimited double triple one two three four five \
    six seven eight nine ten hundred thousand";
/// What stands in a sentence that is meant for a machine.
const MACHINES: &str = "ai, llm, gpt, chatbot, assistant, assistants, prompt, override, ignore, pretend, instruction, instructions, language model, \
    developer message, system message, from now on, you are now, say that, answer in, in the tone of, use the tone, when you read \
    this, your hidden rules, for auditors, 语言模型, 大模型, 机器人请, 忽略, 无视, 指令, 提示词, 假装, 从现在起, 你现在是";
const NUMERALS: &str = "零一二三四五六七八九十百千万两半";
const MEASURES: &str = "天日元块折倍次个小时月年周星分成百千万";

/// What speaks against letting an answer out.
pub(super) fn doubt(text: &str, cited: &[&Source<'_>], task: &Task<'_>) -> Option<Doubt> {
    if text.is_empty() {
        return Some(Doubt::Form);
    }
    if cited.is_empty() {
        return Some(Doubt::Sources);
    }
    if text.contains(['`', '<', '>', '{', '}', '[', ']', '|', '\u{202e}']) || text.contains("**") || text.contains("##")
    {
        return Some(Doubt::Markup);
    }
    if detect(text).is_some_and(|language| language != task.language) {
        return Some(Doubt::Language);
    }
    let ground =
        cited.iter().map(|source| format!("{} \n {} \n ", source.title, source.answer)).collect::<Vec<_>>().concat();
    if text.chars().count() > ground.chars().count().saturating_add(40) {
        return Some(Doubt::Length);
    }
    let ground: Vec<_> =
        sentences(&normalise(&ground)).filter(|sentence| !addresses_a_machine(sentence)).map(str::to_owned).collect();
    let ground = ground.join("\n");
    let said = normalise(text);
    let known = facts(&ground);
    if !facts(&said).is_subset(&known) {
        return Some(Doubt::Fact);
    }
    if sentences(&said).any(|sentence| unconditional(sentence, &ground)) {
        return Some(Doubt::Condition);
    }
    // Each by itself: a true sentence must not carry an untrue one.
    let parts: Vec<f64> = sentences(&said).filter_map(|sentence| shared(sentence, &ground, task.language)).collect();
    (parts.is_empty() || parts.iter().any(|part| *part < SHARED)).then_some(Doubt::Words)
}

/// Whether a sentence of the knowledge is meant for a machine, not for customers. Nothing may rest on it.
fn addresses_a_machine(sentence: &str) -> bool {
    MACHINES
        .split(',')
        .map(str::trim)
        .any(|sign| if sign.is_ascii() && !sign.contains(' ') { has(sentence, sign) } else { sentence.contains(sign) })
}

/// The sentences of a normalised text.
fn sentences(normal: &str) -> impl Iterator<Item = &str> {
    let ends = normal.split(['。', '!', '?', '\n']).flat_map(|part| part.split(". "));
    ends.map(str::trim).filter(|sentence| !sentence.is_empty())
}

/// Whether it promises what its ground promises from some amount or for some time only, and says neither.
fn unconditional(sentence: &str, ground: &str) -> bool {
    let numbers = |text: &str| facts(text).into_iter().filter(|fact| fact.bytes().all(|b| b.is_ascii_digit()));
    members(PROMISES).filter(|word| has(sentence, word)).any(|word| {
        let mut limits = sentences(ground).filter(|source| has(source, word)).map(|source| numbers(source).collect());
        let said: BTreeSet<String> = numbers(sentence).collect();
        limits.all(|limit: BTreeSet<String>| !limit.is_empty() && limit.is_disjoint(&said))
    })
}

/// Numbers, links, addresses: runs without a space that hold a digit, or a sign that ordinary words do not.
fn facts(normal: &str) -> BTreeSet<String> {
    let mut facts = BTreeSet::new();
    let part = |c: char| {
        c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '/' | '@' | '-' | '_' | '%' | '+' | '#' | '?' | '=' | '&')
    };
    for run in normal.split(|c: char| !part(c)) {
        let run = run.trim_matches(|c: char| !c.is_ascii_alphanumeric() && c != '%');
        let inner = run.contains(['/', '@', '_', '=']) || run.contains("www") || dotted(run);
        if inner {
            facts.insert(run.to_owned());
        }
        for number in run.split(|c: char| !c.is_ascii_digit()).filter(|number| !number.is_empty()) {
            facts.insert(number.trim_start_matches('0').to_owned());
        }
    }
    facts.extend(counts(normal));
    facts.extend(members(PROMISES).filter(|word| has(normal, word)).map(str::to_owned));
    facts
}

/// Counts in Chinese numerals with their measure: 七天, 两倍.
fn counts(normal: &str) -> impl Iterator<Item = String> {
    let pairs = normal.chars().zip(normal.chars().skip(1));
    pairs.filter(|(number, of)| NUMERALS.contains(*number) && MEASURES.contains(*of)).map(|(n, of)| format!("{n}{of}"))
}

/// Whether a word stands there: an English one as a whole word.
fn has(normal: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return normal.contains(word);
    }
    normal.split(|c: char| !c.is_ascii_alphabetic()).any(|found| found == word)
}

fn members(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_whitespace()
}

/// Whether it reads like a host: letters on both sides of a point.
fn dotted(run: &str) -> bool {
    let mut parts = run.split('.');
    let letters = |part: &str| part.chars().filter(char::is_ascii_alphabetic).count() >= 2;
    parts.clone().count() >= 2 && parts.all(letters)
}

/// The part of the answer's weight that its ground has too: words by their stems, Chinese in pairs. `None`: it says nothing but
/// politeness.
fn shared(said: &str, ground: &str, language: Language) -> Option<f64> {
    let analyser = Analyser::new(language);
    let polite: BTreeSet<&str> = members(POLITE).collect();
    let mut known = BTreeSet::new();
    analyser.terms(ground, |term| {
        known.insert(term);
    });
    let (mut all, mut found) = (0.0, 0.0);
    analyser.terms(said, |term| {
        if matches!(term, Term::Text(text) if polite.contains(text) || text.starts_with(is_han) && text.chars().count() == 1) {
            return;
        }
        let weight = analyser.weight(term);
        all += weight;
        if known.contains(&term) {
            found += weight;
        }
    });
    (all > 0.0).then(|| found / all)
}
