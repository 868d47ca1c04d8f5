//! What of a text can be held against another word by word: numbers with their units, links, promises.

use std::collections::BTreeSet;

/// What costs a company money when it is said, and the signs of a trap: each must stand in an entry to be said.
pub(super) const PROMISES: &str = "免费 包邮 免运费 赠送 赠品 全额 赔偿 补偿 保证 一定 折扣 打折 优惠券 密码 验证码 转账 汇款 银行卡 身份证 点击 下载 系统提示 \
    free gift guarantee guaranteed compensation compensate discount coupon voucher password passcode code pin transfer wire \
    card ssn click download login prompt instructions ignore promise lifetime unlimited double triple one two three four five \
    six seven eight nine ten hundred thousand";
/// What makes more of a sentence than stands there: all, always, at once, done already.
const ABSOLUTES: &str = "所有 全部 全国 一律 任何 随时 永远 当天 今天 明天 现在 立即 立刻 马上 已为 已帮 已经 always never every everybody everyone \
    everything today tomorrow tonight now immediately instantly forever already";
/// What names the other case: what follows then is a promise of its own.
const OTHERWISE: &[&str] = &["if not", "or else", "otherwise", "否则", "不然"];
/// Units, each with its other names; the longer of two names first.
const UNITS: &[(&str, &[&str])] = &[
    ("working day", &["个工作日", "工作日", "working day", "business day"]),
    ("minute", &["分钟", "minute", "min"]),
    ("hour", &["个小时", "小时", "hour"]),
    ("week", &["个星期", "星期", "周", "week"]),
    ("month", &["个月", "month"]),
    ("year", &["年", "year"]),
    ("day", &["天", "日", "day"]),
    ("dollar", &["美元", "dollar", "usd"]),
    ("euro", &["欧元", "euro", "eur"]),
    ("yuan", &["元", "块", "yuan", "cny", "rmb"]),
    ("percent", &["%", "percent"]),
    ("times", &["倍", "times"]),
];
const CURRENCIES: &[(char, &str)] = &[('¥', "yuan"), ('$', "dollar"), ('€', "euro")];
/// What stands between two numbers of one unit.
const RANGES: &[&str] = &["–", "-", "~", "到", "至", "to"];
const NUMERALS: &str = "零一二三四五六七八九十百千万两半";
const MEASURES: &str = "天日元块折倍次个小时月年周星分成百千万";

/// Numbers, links and addresses, and what must not be promised unless it stands there.
pub(super) fn facts(normal: &str) -> BTreeSet<String> {
    let mut facts = numbers(normal);
    facts.extend(counts(normal));
    facts.extend(members(PROMISES).filter(|word| has(normal, word)).map(str::to_owned));
    facts.extend(absolutes(normal));
    facts.extend(OTHERWISE.iter().filter(|phrase| normal.contains(**phrase)).map(|phrase| (*phrase).to_owned()));
    facts
}

/// What makes more of a text than stands there.
pub(super) fn absolutes(normal: &str) -> impl Iterator<Item = String> {
    members(ABSOLUTES).filter(|word| has(normal, word)).map(str::to_owned)
}

/// Numbers, links, addresses: runs without a space that hold a digit, or a sign that ordinary words do not.
pub(super) fn numbers(normal: &str) -> BTreeSet<String> {
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
    facts
}

/// Numbers with what they count, where that is told: `3 working day` of 3–7 个工作日.
pub(super) fn measured(normal: &str) -> BTreeSet<(String, &'static str)> {
    let mut measured = BTreeSet::new();
    let mut rest = normal;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, from) = rest.split_at(at);
        let (number, after) = split_number(from);
        let unit = currency(before).or_else(|| unit(after));
        measured.extend(unit.map(|unit| (number.trim_start_matches('0').to_owned(), unit)));
        rest = after;
    }
    measured
}

fn split_number(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

fn currency(before: &str) -> Option<&'static str> {
    let sign = before.trim_end().chars().next_back()?;
    CURRENCIES.iter().find(|(known, _)| *known == sign).map(|(_, unit)| *unit)
}

/// The unit that follows, also where it stands after the second of two numbers only.
fn unit(after: &str) -> Option<&'static str> {
    let second = RANGES.iter().find_map(|range| {
        let next = after.trim_start().strip_prefix(range)?.trim_start();
        next.starts_with(|c: char| c.is_ascii_digit()).then(|| split_number(next).1)
    });
    let named = second.unwrap_or(after).trim_start_matches([' ', '-']);
    let starts = |names: &[&str]| names.iter().any(|name| named.starts_with(name));
    UNITS.iter().find(|(_, names)| starts(names)).map(|(unit, _)| *unit)
}

/// Names that a text writes with a capital letter where no sentence begins, in small letters.
pub(super) fn names(text: &str) -> impl Iterator<Item = String> {
    let mut begins = true;
    text.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).filter_map(move |part| {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        let named = word.len() > 1 && word.contains(|c: char| c.is_ascii_uppercase()) && !begins;
        // A Chinese sentence does not begin with a Latin word's capital.
        let ends = part.ends_with(['.', '!', '?', ':', ';', '"', '\n']);
        begins = ends || (begins && word.is_empty() && !part.ends_with(|c: char| !c.is_ascii()));
        named.then(|| word.to_lowercase())
    })
}

/// Counts in Chinese numerals with their measure: 七天, 两倍.
fn counts(normal: &str) -> impl Iterator<Item = String> {
    let pairs = normal.chars().zip(normal.chars().skip(1));
    pairs.filter(|(number, of)| NUMERALS.contains(*number) && MEASURES.contains(*of)).map(|(n, of)| format!("{n}{of}"))
}

/// Whether a word stands there: an English one as a whole word.
pub(super) fn has(normal: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return normal.contains(word);
    }
    normal.split(|c: char| !c.is_ascii_alphabetic()).any(|found| found == word)
}

pub(super) fn members(list: &'static str) -> impl Iterator<Item = &'static str> {
    list.split_whitespace()
}

/// Whether it reads like a host: letters on both sides of a point.
fn dotted(run: &str) -> bool {
    let mut parts = run.split('.');
    let letters = |part: &str| part.chars().filter(char::is_ascii_alphabetic).count() >= 2;
    parts.clone().count() >= 2 && parts.all(letters)
}
