//! An answer that is not there in the customer's language, on a screen and on the phone.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and shows what it knows"
)]

mod talk;

use std::sync::LazyLock;

use app::answers::KnowledgeBot;
use bot::knowledge::{Source, check, compile};
use talk::{PHONE, Talk, WEB};

static BOT: LazyLock<KnowledgeBot> = LazyLock::new(|| {
    let base = "\
languages: [zh, en]
texts:
  unknown: {zh: 不知道, en: I do not know}
  handoff_offer_title: {zh: 转人工, en: Talk to a person}
  handoff_accepted: {zh: 马上来人, en: A person will come}
  greeting: {zh: 您好, en: Hello}
  unsupported: {zh: 看不懂, en: I cannot read this}
";
    let entries = "\
entries:
  - id: returns
    questions: {zh: [怎么退货], en: [How do I return it]}
    answer: {zh: 七天内可退}
    title: {zh: 退货}
";
    let source = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    let base = check(&[source("base.yaml", base), source("shop.yaml", entries)]).base.unwrap();
    KnowledgeBot::load(&compile(base).unwrap())
});

#[test]
fn it_is_one_message_on_a_screen_and_two_voices_on_the_phone() {
    let said = |can| Talk::of(&BOT, can).says(&["How do I return it", "thanks"]).told().to_owned();
    assert_eq!(
        said(WEB),
        "> How do I return it\n< Sorry, our answer to this is only there in Chinese:\n七天内可退\n> thanks\n< You're \
         welcome! Ask me whenever there is anything else.\n"
    );
    assert_eq!(
        said(PHONE),
        "> How do I return it\n< Sorry, our answer to this is only there in Chinese:\n< 七天内可退\n> thanks\n< You're \
         welcome! Ask me whenever there is anything else.\n"
    );
}
