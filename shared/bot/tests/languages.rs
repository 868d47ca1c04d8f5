//! Entries that are not there in each language of the base: who asks in the other one is told so, and gets what there is.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use bot::encode::Encoder;
use bot::knowledge::{Source, check, compile};
use bot::text::Language;
use bot::{Answer, Bot, Input, Query};

const BASE: &str = "\
languages: [zh, en]
time_zone: \"+08:00\"
texts:
  unknown: {zh: 不知道, en: I do not know}
  handoff_offer_title: {zh: 转人工, en: Talk to a person}
  handoff_accepted: {zh: 马上来人, en: A person will come}
  greeting: {zh: 您好, en: Hello}
  unsupported: {zh: 看不懂, en: I cannot read this}
";

const ENTRIES: &str = "\
entries:
  - id: returns
    questions: {zh: [怎么退货, 不想要了可以退吗], en: [How do I return it, send it back]}
    answer: {zh: 七天内可退}
    short: {zh: 七天}
    title: {zh: 退货}
    replies: [hours]
  - id: hours
    questions: {zh: [几点开门, 营业时间], en: [When do you open, opening hours]}
    answer: {en: Nine to six}
    title: {zh: 营业时间, en: Opening hours}
    valid: {until: 2026-11-30}
    otherwise: {en: Ten to four}
    replies: [returns]
  - id: parking
    questions: {zh: [有停车场吗], en: [Is there a car park]}
    answer: {zh: 有, en: Below the store}
    title: {zh: 停车, en: Parking}
  - id: gifts
    questions: {zh: [有礼品包装吗, 可以包装成礼物吗, 礼盒]}
    answer: {zh: 免费包装}
    title: {zh: 礼品包装}
";

fn source(file: &str, text: &str) -> Source {
    Source { file: file.to_owned(), text: text.to_owned() }
}

fn told(entries: &str) -> Vec<String> {
    let report = check(&[source("base.yaml", BASE), source("shop.yaml", entries)]);
    report.problems.iter().map(ToString::to_string).collect()
}

fn bot() -> &'static Bot {
    static BOT: LazyLock<Bot> = LazyLock::new(|| {
        let base = check(&[source("base.yaml", BASE), source("shop.yaml", ENTRIES)]).base.unwrap();
        Bot::load(&compile(base).unwrap().train(None))
    });
    &BOT
}

const BEFORE: i64 = 1_764_000_000;
const AFTER: i64 = 1_800_000_000;

/// What is said before the answer, the answer, its language, and the titles below it.
fn said<'a>(bot: &'a Bot, query: &Query<'_>) -> (Option<&'a str>, &'a str, Language, Vec<&'a str>) {
    let answer = bot.answer(query);
    let Answer::Entry { opening, text, language, spoken, replies, .. } = answer else {
        panic!("{query:?}: {answer:?}")
    };
    assert_ne!(language == spoken, opening.is_some(), "{opening:?}");
    (opening, text, spoken, replies.iter().map(|reply| reply.title).collect())
}

#[test]
fn what_lacks_is_told_with_its_line_and_published() {
    insta::assert_snapshot!(told(ENTRIES).join("\n"));
    assert!(check(&[source("base.yaml", BASE), source("shop.yaml", ENTRIES)]).base.is_some());
}

#[test]
fn other_texts_of_an_entry_follow_its_answer() {
    let entries = "\
entries:
  - id: returns
    questions: {zh: [怎么退货]}
    answer: {zh: 七天内可退, en: Seven days}
    short: {zh: 七天}
    title: {zh: 退货}
  - id: hours
    questions: {en: [opening hours]}
    answer: {en: Nine to six}
    short: {zh: 九点, en: Nine}
    title: {en: Hours}
  - id: nothing
    questions: {zh: [没有]}
    answer: {}
    title: {zh: 无}
  - id: french
    questions: {zh: [法语]}
    answer: {fr: Non}
    title: {zh: 法语}
";
    insta::assert_snapshot!(told(entries).join("\n"));
}

#[test]
fn who_asks_in_the_other_language_is_told_so_and_gets_the_answer() {
    let ask = |text, now| said(bot(), &Query { now, ..Query::new(Input::Text(text)) });
    let only_chinese = Some("Sorry, our answer to this is only there in Chinese:");
    let only_english = Some("抱歉，这个问题目前只有英文的答复：");
    assert_eq!(ask("怎么退货", BEFORE), (None, "七天内可退", Language::Zh, vec!["营业时间"]));
    // A title that lacks is said in the other language too.
    assert_eq!(ask("How do I return it", BEFORE), (only_chinese, "七天内可退", Language::Zh, vec!["Opening hours"]));
    assert_eq!(ask("When do you open", BEFORE), (None, "Nine to six", Language::En, vec!["退货"]));
    assert_eq!(ask("几点开门", BEFORE), (only_english, "Nine to six", Language::En, vec!["退货"]));
    assert_eq!(ask("几点开门", AFTER).1, "Ten to four");
    let short = Query { short: true, ..Query::new(Input::Text("How do I return it")) };
    assert_eq!(said(bot(), &short).1, "七天");
}

#[test]
fn a_letter_says_it_of_each_answer() {
    let letter = bot().answer_letter("Hello,\nHow do I return it? When do you open?", None, BEFORE).unwrap();
    assert_eq!(
        letter.text,
        "Hello, you ask about several things; here they are one by one.\n\n1. How do I return it?\nSorry, our answer to \
         this is only there in Chinese:\n七天内可退\n\n2. When do you open?\nNine to six"
    );
    assert_eq!((letter.language, letter.complete), (Language::En, true));
}

#[test]
fn a_base_may_say_it_in_its_own_words() {
    let texts = "  other_language: {zh: 仅英文, en: Chinese only}\n";
    let base = check(&[source("base.yaml", &format!("{BASE}{texts}")), source("shop.yaml", ENTRIES)]).base.unwrap();
    let bot = Bot::load(&compile(base).unwrap());
    assert_eq!(said(&bot, &Query::new(Input::Text("How do I return it"))).0, Some("Chinese only"));
}

#[test]
fn nothing_is_put_to_a_language_model_that_would_have_to_translate() {
    let task = bot().task("How do I return it", None, None);
    assert!(task.is_none(), "{task:?}");
    let task = bot().task("Is there a car park", None, Some("returns")).unwrap();
    assert_eq!(task.sources.iter().map(|source| source.id).collect::<Vec<_>>(), ["parking"]);
}

#[test]
fn the_encoder_finds_what_is_there_in_no_word_of_the_customers_language() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/local/encoder/encoder.fduse");
    let Ok(bytes) = fs::read(&path) else {
        println!("skipped: there is no sentence encoder; `cargo local encoder` makes it");
        return;
    };
    let encoder = Arc::new(Encoder::from_bytes(bytes).unwrap());
    let base = check(&[source("base.yaml", BASE), source("shop.yaml", ENTRIES)]).base.unwrap();
    let artifact = compile(base).unwrap().train(Some(&encoder));
    let bot = Bot::load_with(&artifact, Some(encoder));
    let (opening, text, spoken, _) = said(&bot, &Query::new(Input::Text("can you wrap it as a present")));
    assert_eq!((opening.is_some(), text, spoken), (true, "免费包装", Language::Zh));
}
