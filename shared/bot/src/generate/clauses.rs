//! Whether an answer's clauses say the same as those they come from: what is denied stays denied, and each number stays with
//! what it is the number of, each “always” with what it is said of.

use std::collections::BTreeSet;

use super::facts::{absolutes, has, members, numbers};
use super::grounds::{sentences, shared};
use crate::text::Language;

/// Clauses that share as much, or nearly, are taken to say the same.
const NEARLY: f64 = 0.8;
/// A clause that shares less with every other is judged by its words alone.
const ALIKE: f64 = 0.3;

/// A number is taken for another's only where so much else of its clause stands with that.
const MUCH: f64 = 0.5;
/// How clauses begin that say when something holds.
const CONDITIONS: &str = "if once when since 如果 若 要是";

/// What denies, and where the same signs deny nothing.
const DENIALS: &str = "不 没 无 未 勿 拒 not no never nobody nothing none cannot neither nor can't don't doesn't won't isn't aren't didn't \
    wasn't shouldn't needn't refuse refused closed over gone lost";
const HARMLESS: &[&str] = &[
    "不满",
    "不足",
    "不到",
    "不好意思",
    "无理由",
    "没问题",
    "没关系",
    "不同",
    "不过",
    "不限",
    "无论",
    "不管",
    "未发货",
    "没发货",
    "no extra",
    "no-reason",
    "no reason",
    "no matter",
    "no problem",
];
/// What says: below that amount.
const BELOW: &str = "不满 不足 不到 below under less otherwise short";

/// Whether some clause turns what it comes from round.
pub(super) fn turned_round(said: &str, ground: &str, language: Language) -> bool {
    let sources: Vec<&str> = sentences(ground).flat_map(clauses).collect();
    sentences(said).flat_map(clauses).any(|clause| {
        let alike: Vec<(&str, f64)> =
            sources.iter().map(|source| (*source, shared(clause, source, language).unwrap_or_default())).collect();
        let best = alike.iter().map(|(_, part)| *part).fold(0.0, f64::max);
        let mut nearest = alike.iter().filter(|(_, part)| *part >= best * NEARLY).map(|(source, _)| source);
        let (denied, below) = (denies(clause), is_below(clause));
        // What only says when, denies nothing by leaving a denial out.
        let when = !denied && members(CONDITIONS).any(|word| clause.starts_with(word));
        if best < ALIKE {
            denied
        } else {
            nearest.all(|source| (!when && denies(source) != denied) || is_below(source) != below)
        }
    })
}

/// Whether it is about less than some amount.
fn is_below(clause: &str) -> bool {
    clause.contains(|c: char| c.is_ascii_digit()) && members(BELOW).any(|word| has(clause, word))
}

/// Whether some clause has numbers, or an “at once” or “always”, that stand with something else.
pub(super) fn moved(said: &str, ground: &str, language: Language) -> bool {
    let sources: Vec<(&str, BTreeSet<String>)> =
        sentences(ground).flat_map(|sentence| sentence.split(';')).map(|source| (source, kept(source))).collect();
    sentences(said).flat_map(clauses).any(|clause| {
        let told = kept(clause);
        let words = clause.replace(|c: char| c.is_ascii_digit(), " ");
        let best = |with: bool| {
            let fits = sources.iter().filter(|(_, numbers)| told.is_subset(numbers) == with);
            fits.filter_map(|(source, _)| shared(&words, source, language)).fold(0.0, f64::max)
        };
        !told.is_empty() && best(false) >= MUCH && best(false) * NEARLY > best(true)
    })
}

/// What must stay with what it is said of.
fn kept(text: &str) -> BTreeSet<String> {
    numbers(text).into_iter().chain(absolutes(text)).collect()
}

fn clauses(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split([',', ';']).flat_map(|part| part.split(": ")).flat_map(|part| part.split(" but ")).map(str::trim)
}

fn denies(clause: &str) -> bool {
    let plain = HARMLESS.iter().fold(clause.to_owned(), |text, harmless| text.replace(harmless, " "));
    let word = |sign: &&str| plain.split(|c: char| !c.is_ascii_alphabetic() && c != '\'').any(|word| word == *sign);
    members(DENIALS).any(|sign| if sign.is_ascii() { word(&sign) } else { plain.contains(sign) })
}
