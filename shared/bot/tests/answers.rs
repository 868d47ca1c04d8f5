//! What the bot says to whole messages, on a small base.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::LazyLock;

use bot::knowledge::{Artifact, Phrasings, Source, check, compile};
use bot::text::Language;
use bot::{Answer, Bot, Input, Query, QuickReply, evaluate, leave_one_out, notices};
use domain::Notice;
use proptest::prelude::*;

const BASE: &str = "\
languages: [zh, en]
texts:
  unknown: {zh: 不知道, en: I do not know}
  unknown_again: {zh: 还是不知道，找人工吧, en: I still do not know}
  handoff_offer_title: {zh: 转人工, en: Talk to a person}
  handoff_accepted: {zh: 马上来人, en: A person will come}
  greeting: {zh: 您好, en: Hello}
  unsupported: {zh: 看不懂, en: I cannot read this}
";

const ENTRIES: &str = "\
entries:
  - id: delivery.time
    questions:
      zh: [多久能送到, 几天能到货]
      en: [When will my parcel arrive, How long does delivery take]
    answer: {zh: 三天送到, en: It takes three days}
    title: {zh: 送达时间, en: Delivery time}
    replies: [delivery.cost]
  - id: delivery.cost
    questions:
      zh: [运费多少钱, 满多少包邮]
      en: [How much is delivery, Is shipping free]
    answer: {zh: 运费八元, en: Delivery costs ¥8}
    title: {zh: 运费, en: Delivery cost}
  - id: invoice
    questions:
      zh: [怎么开发票]
      en: [How do I get an invoice]
    answer: {zh: 在订单里申请, en: Ask for it in the order}
    title: {zh: 发票, en: Invoice}
";

fn source(file: &str, text: &str) -> Source {
    Source { file: file.to_owned(), text: text.to_owned() }
}

fn artifact() -> Artifact {
    compile(check(&[source("base.yaml", BASE), source("shop.yaml", ENTRIES)]).base.unwrap()).unwrap()
}

fn bot() -> &'static Bot {
    static BOT: LazyLock<Bot> = LazyLock::new(|| Bot::load(&artifact()));
    &BOT
}

fn query<'a>(input: Input<'a>, locale: Option<&'a str>) -> Query<'a> {
    Query { input, locale, unknowns: 0 }
}

fn postback<'a>(payload: &'a str, title: &'a str) -> Input<'a> {
    Input::Postback { payload, title }
}

/// An answer in short: its kind or entry, and what it says.
fn short<'a>(answer: &Answer<'a>) -> (&'a str, &'a str) {
    match answer {
        Answer::Entry { id, text, .. } => (id, text),
        Answer::Greeting { text, .. } => ("greeting", text),
        Answer::Unknown { text, .. } => ("unknown", text),
        Answer::Handoff { text, .. } => ("handoff", text),
        Answer::Unsupported { text, .. } => ("unsupported", text),
    }
}

#[test]
fn answers_in_the_language_of_the_question() {
    let bot = bot();
    for (input, locale, expected) in [
        (Input::Text("请问几天可以到货呀？"), None, ("delivery.time", "三天送到")),
        (Input::Text("When does my parcel arrive?"), Some("zh-CN"), ("delivery.time", "It takes three days")),
        (Input::Text("怎么开 invoice 发票"), Some("en"), ("invoice", "在订单里申请")),
        (Input::Text("今天天气怎么样"), None, ("unknown", "不知道")),
        (Input::Text("what about quantum physics"), None, ("unknown", "I do not know")),
        (Input::Text("12345"), Some("en-GB"), ("unknown", "I do not know")),
        (Input::Text("12345"), Some("fr"), ("unknown", "不知道")),
        (Input::Text(""), None, ("unknown", "不知道")),
        (Input::Text("转人工"), Some("en"), ("handoff", "马上来人")),
        (Input::Text("I want to talk to a person, please"), None, ("handoff", "A person will come")),
        (Input::Text("你好"), None, ("greeting", "您好")),
        (Input::Text("Hi!"), None, ("greeting", "Hello")),
        (Input::Opened, Some("en"), ("greeting", "Hello")),
        (Input::Opened, None, ("greeting", "您好")),
        (Input::Other, Some("en_US"), ("unsupported", "I cannot read this")),
        (postback("handoff", "Talk to a person"), Some("zh"), ("handoff", "A person will come")),
        (postback("handoff", ""), Some("zh"), ("handoff", "马上来人")),
        (postback("entry:delivery.cost", "运费"), Some("en"), ("delivery.cost", "运费八元")),
        (postback("entry:delivery.cost", ""), Some("en"), ("delivery.cost", "Delivery costs ¥8")),
        (postback("entry:gone", "怎么开发票"), None, ("invoice", "在订单里申请")),
        (postback("nonsense", ""), Some("en"), ("unknown", "I do not know")),
    ] {
        assert_eq!(short(&bot.answer(&query(input, locale))), expected, "{input:?} {locale:?}");
    }
}

#[test]
fn offers_what_to_ask_next() {
    let bot = bot();
    let Answer::Entry { replies, score, language, .. } = bot.answer(&query(Input::Text("几天能到货"), None))
    else {
        panic!("no entry")
    };
    assert_eq!(replies, [QuickReply { title: "运费", payload: "entry:delivery.cost" }]);
    assert_eq!((language, score), (Language::Zh, 1.0));
}

#[test]
fn presses_the_offer_of_a_person_the_second_time() {
    let bot = bot();
    for (unknowns, expected) in [(0, "I do not know"), (1, "I still do not know"), (7, "I still do not know")] {
        let asked = Query { input: Input::Text("quantum physics"), locale: None, unknowns };
        let Answer::Unknown { text, offer, .. } = bot.answer(&asked) else { panic!("should not know") };
        assert_eq!(text, expected);
        assert_eq!(offer, QuickReply { title: "Talk to a person", payload: "handoff" });
    }
}

#[test]
fn speaks_the_one_language_that_it_has() {
    let base = "\
languages: [en]
texts:
  unknown: {en: I do not know}
  handoff_offer_title: {en: Talk to a person}
  handoff_accepted: {en: A person will come}
  greeting: {en: Hello}
  unsupported: {en: I cannot read this}
";
    let entries =
        "entries:\n  - {id: a, questions: {en: [How do I get an invoice]}, answer: {en: Yes}, title: {en: Invoice}}\n";
    let report = check(&[source("base.yaml", base), source("a.yaml", entries)]);
    let bot = Bot::load(&compile(report.base.unwrap()).unwrap());
    assert_eq!(short(&bot.answer(&query(Input::Text("发票"), Some("zh")))), ("unknown", "I do not know"));
    assert_eq!(short(&bot.answer(&query(Input::Text("invoice"), Some("zh")))), ("a", "Yes"));
}

#[test]
fn says_notices_in_the_words_of_the_base() {
    let own = format!("{BASE}notices:\n  queued: {{zh: 掌柜就来, en: The shopkeeper is coming}}\n");
    let report = check(&[source("base.yaml", &own), source("shop.yaml", ENTRIES)]);
    let read = Artifact::from_bytes(compile(report.base.unwrap()).unwrap().bytes().to_vec()).unwrap();
    let bot = Bot::load(&read);
    for (locale, queued, language) in [
        (Some("en-GB"), "The shopkeeper is coming", Language::En),
        (Some("zh-CN"), "掌柜就来", Language::Zh),
        (Some("fr"), "掌柜就来", Language::Zh),
        (None, "掌柜就来", Language::Zh),
    ] {
        assert_eq!(bot.notice(Notice::Queued, locale), queued, "{locale:?}");
        for other in Notice::ALL.iter().filter(|notice| **notice != Notice::Queued) {
            assert_eq!(bot.notice(*other, locale), notices::default(*other, language), "{other:?} {locale:?}");
        }
    }
}

#[test]
fn an_artifact_read_back_answers_the_same() {
    let written = artifact();
    let read = Artifact::from_bytes(written.bytes().to_vec()).unwrap();
    let (one, other) = (Bot::load(&written), Bot::load(&read));
    for text in ["几天能到货", "is delivery free", "bananas"] {
        assert_eq!(one.rank(text, None), other.rank(text, None));
    }
}

#[test]
fn evaluates_phrasings() {
    let artifact = artifact();
    let text = "\
phrasings:
  delivery.time: {zh: [啥时候送到呀], en: [when does it arrive]}
  invoice: {zh: [运费], en: [bananas]}
";
    let phrasings = Phrasings::read(&source("phrasings.yaml", text), artifact.base()).unwrap();
    let evaluation = evaluate(&Bot::load(&artifact), &phrasings);
    assert_eq!((evaluation.right(), evaluation.total()), (2, 4));
    let misses: Vec<_> = evaluation.misses.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(misses.join("\n"));
}

#[test]
fn leaves_each_question_out_once() {
    let evaluation = leave_one_out(artifact().base());
    assert_eq!(evaluation.total(), 10);
    assert!(evaluation.right() >= 4, "{evaluation:?}");
}

proptest! {
    #[test]
    fn any_message_gets_an_answer(text in any::<String>(), locale in proptest::option::of("\\PC{0,8}"), unknowns in 0..3_u32) {
        let bot = bot();
        for input in [Input::Text(&text), postback(&text, ""), postback("", &text)] {
            let answer = bot.answer(&Query { input, locale: locale.as_deref(), unknowns });
            prop_assert!(!short(&answer).1.is_empty());
        }
        for (_, score) in bot.rank(&text, locale.as_deref()) {
            prop_assert!((0.0..=1.0).contains(&score));
        }
    }

    #[test]
    fn ranking_never_rises(text in "[a-z 几天能到货运费多少钱发票]{0,30}") {
        let bot = bot();
        let scores: Vec<_> = bot.rank(&text, None).iter().map(|(_, score)| *score).collect();
        prop_assert!(scores.is_sorted_by(|a, b| a >= b));
    }
}

#[test]
fn a_letter_of_several_questions_is_answered_point_by_point() {
    let letter = bot().answer_letter("你好！\n1. 多久能送到？\n2. 怎么开发票\n谢谢", None).unwrap();
    assert_eq!((letter.entries.as_slice(), letter.complete), (&["delivery.time", "invoice"][..], true));
    let points: Vec<_> = letter.text.split("\n\n").skip(1).collect();
    assert_eq!(points, ["1. 多久能送到？\n三天送到", "2. 怎么开发票\n在订单里申请"]);

    let text = "How long does delivery take? And when will my parcel arrive? How do I get an invoice?";
    let letter = bot().answer_letter(text, None).unwrap();
    assert_eq!(letter.entries, ["delivery.time", "invoice"], "one matter is told once");
    assert_eq!(letter.text.matches("It takes three days").count(), 1);
}

#[test]
fn what_a_letter_leaves_open_is_a_person_s() {
    let letter = bot().answer_letter("How do I get an invoice? Who won the chess championship of 1972?", None).unwrap();
    assert_eq!((letter.entries.as_slice(), letter.complete), (&["invoice"][..], false));
    assert!(letter.text.ends_with("\n- Who won the chess championship of 1972?"), "{}", letter.text);

    let story = "昨天下午我和家人一起去看了一场音乐会，回来的路上下了很大的雨。".repeat(12);
    let letter = bot().answer_letter(&story, None).unwrap();
    assert_eq!((letter.entries.len(), letter.complete), (0, false));

    let asked = format!("{story}请问怎么开发票？");
    let letter = bot().answer_letter(&asked, None).unwrap();
    assert_eq!((letter.text.as_str(), letter.complete), ("在订单里申请", true), "a story around one question");
}

#[test]
fn a_short_mail_with_one_matter_is_a_message_like_any_other() {
    for text in ["怎么开发票？", "How long does delivery take? When will my parcel arrive?", "转人工", "谢谢", ""]
    {
        assert_eq!(bot().answer_letter(text, None), None, "{text}");
    }
}
