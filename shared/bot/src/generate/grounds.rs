//! Whether an answer stands on its sources. Not whether it is well said: whether it says anything that they do not.

use std::collections::BTreeSet;

use super::clauses::{moved, turned_round};
use super::facts::{PROMISES, facts, has, measured, members, names};
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
    /// A number with its unit, link, address or name in it stands in none of its entries.
    Fact,
    /// It denies what they say, or says what they deny.
    Denial,
    /// A number in it stands with something else in its entries.
    Moved,
    /// It promises without the amount or time that its entries name for it.
    Condition,
    /// Too many of its words stand in none of its entries.
    Words,
    /// It sets text off, as code, markup and roles do.
    Markup,
}

/// How much of an answer's weight its entries must have. An answer in other words keeps well above (`tests/generate.rs`), and
/// one on another matter shares little but the commonest words.
const SHARED: f64 = 0.65;
/// Words of politeness weigh nothing: an answer may have them.
const POLITE: &str = "您 好 你 的 了 是 请 谢谢 可以 如果 需要 我们 以及 并且 hello hi thank thanks please you your yes no and or of the a an to is \
    are be it in for we our can will if with on that this";

/// What stands in a sentence that is meant for a machine.
const MACHINES: &str = "ai, llm, gpt, chatbot, assistant, assistants, prompt, override, ignore, pretend, instruction, instructions, language model, \
    developer message, system message, from now on, you are now, say that, answer in, in the tone of, use the tone, when you read \
    this, your hidden rules, for auditors, 模型, ai助手, 助手请, 回答末尾, 回答时, 机器人请, 忽略, 无视, 指令, 提示词, 假装, 从现在起, 你现在是";
/// What speaks against letting an answer out.
pub(super) fn doubt(text: &str, cited: &[&Source<'_>], task: &Task<'_>) -> Option<Doubt> {
    if text.is_empty() {
        return Some(Doubt::Form);
    }
    if cited.is_empty() {
        return Some(Doubt::Sources);
    }
    if is_markup(text) {
        return Some(Doubt::Markup);
    }
    if detect(text).is_some_and(|language| language != task.language) {
        return Some(Doubt::Language);
    }
    let ground: Vec<String> = cited.iter().map(|source| told(source)).collect();
    let whole = ground.join("\n");
    if text.chars().count() > whole.chars().count().saturating_add(40) {
        return Some(Doubt::Length);
    }
    let said = normalise(text);
    let named = names(text).all(|name| has_name(&whole, &name));
    if !named || !facts(&said).is_subset(&facts(&whole)) || !measured(&said).is_subset(&measured(&whole)) {
        return Some(Doubt::Fact);
    }
    if turned_round(&said, &whole, task.language) {
        return Some(Doubt::Denial);
    }
    if moved(&said, &whole, task.language) {
        return Some(Doubt::Moved);
    }
    if sentences(&said).any(|sentence| unconditional(sentence, &whole)) {
        return Some(Doubt::Condition);
    }
    // Each by itself, and on one entry: a true sentence must not carry an untrue one, nor words from here and there make one.
    let mut parts = sentences(&said)
        .filter_map(|sentence| ground.iter().filter_map(|told| shared(sentence, told, task.language)).reduce(f64::max))
        .peekable();
    (parts.peek().is_none() || parts.any(|part| part < SHARED)).then_some(Doubt::Words)
}

/// What an entry tells customers, normalised: nothing may rest on what it tells a machine.
fn told(source: &Source<'_>) -> String {
    let normal = normalise(&format!("{} {}", source.title, source.answer));
    let sentences = sentences(&normal).filter(|sentence| !addresses_a_machine(sentence));
    sentences.collect::<Vec<_>>().join("\n")
}

/// Whether it sets text off, as code, markup and roles do.
pub(super) fn is_markup(text: &str) -> bool {
    text.contains(['`', '<', '>', '{', '}', '[', ']', '|', '\u{202e}']) || text.contains("**") || text.contains("##")
}

fn has_name(ground: &str, name: &str) -> bool {
    ground.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == name)
}

/// Whether a sentence of the knowledge is meant for a machine, not for customers.
fn addresses_a_machine(sentence: &str) -> bool {
    MACHINES
        .split(',')
        .map(str::trim)
        .any(|sign| if sign.is_ascii() && !sign.contains(' ') { has(sentence, sign) } else { sentence.contains(sign) })
}

/// The sentences of a normalised text.
pub(super) fn sentences(normal: &str) -> impl Iterator<Item = &str> {
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

/// The part of the answer's weight that its ground has too: words by their stems, Chinese in pairs. `None`: it says nothing but
/// politeness.
pub(super) fn shared(said: &str, ground: &str, language: Language) -> Option<f64> {
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
