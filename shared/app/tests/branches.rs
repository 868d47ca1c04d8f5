//! What a flow's branches look at, each on both sides; the language that it speaks; words that have nothing to do with it.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and shows what it knows"
)]

mod talk;

use std::sync::LazyLock;

use app::answers::KnowledgeBot;
use bot::knowledge::Source;
use domain::{Answers as _, Ask, Asked, Capabilities, Content, Memory, Owner, Transport, UnixMillis};
use talk::{PHONE, Talk, WEB, knowing};

const BASE: &str = "\
languages: [zh, en]
texts:
  unknown: {zh: 不知道, en: I do not know}
  handoff_offer_title: {zh: 转人工, en: Talk to a person}
  handoff_accepted: {zh: 马上来人, en: A person will come}
  greeting: {zh: 您好, en: Hello}
  unsupported: {zh: 看不懂, en: I cannot read this}
";

/// The talk is on a Monday from 16:00 on.
const FLOW: &str = r#"flows:
  - id: visit
    title: {zh: "预约", en: "Book a visit"}
    start: {zh: ["我要预约"], en: ["Book a visit"]}
    time_zone: "+08:00"
    hours: ["mon-fri HOURS"]
    slots:
      - {id: many, title: {zh: "人数", en: "how many"}, type: number, min: 1, max: 500, prompt: {zh: "几位？", en: "How many people?"}, again: {zh: "请说人数。", en: "A number, please."}}
      - {id: gift, title: {zh: "礼品", en: "gift"}, type: yes_no, prompt: {zh: "要礼品吗？", en: "A gift?"}, again: {zh: "要不要？", en: "Yes or no?"}}
    steps:
      - {id: many, ask: many}
      - {id: gift, ask: gift}
      - id: sort
        branch:
          - {slot: gift, is: "yes", go: gifted}
          - {channel: phone, go: phoned}
          - {channel: letters, go: written}
          - {hours: closed, go: closed}
          - {go: open}
      - {id: gifted, say: {zh: "{many} 位，有礼品。", en: "{many}, with a gift."}, next: end}
      - {id: phoned, say: {zh: "电话预约。", en: "By phone."}, next: end}
      - {id: written, say: {zh: "来信预约。", en: "By letter."}, next: end}
      - {id: closed, say: {zh: "现在不营业。", en: "We are closed."}, next: end}
      - {id: open, say: {zh: "现在营业。", en: "We are open."}, next: end}
"#;

fn bot(hours: &str) -> KnowledgeBot {
    let source = |file: &str, text: String| Source { file: file.to_owned(), text };
    knowing(&[source("base.yaml", BASE.to_owned()), source("visit.yaml", FLOW.replace("HOURS", hours))])
}

static DAY: LazyLock<KnowledgeBot> = LazyLock::new(|| bot("09:00-18:00"));
static MORNING: LazyLock<KnowledgeBot> = LazyLock::new(|| bot("09:00-12:00"));
const MAIL: Capabilities = Capabilities { transport: Transport::Email, letters: true, ..Capabilities::PLAIN };

/// The last line that is said.
fn last(bot: &'static KnowledgeBot, can: Capabilities, lines: &[&str]) -> String {
    let told = Talk::of(bot, can).says(lines).told().to_owned();
    told.lines().last().unwrap().to_owned()
}

/// The last thing that the bot itself says, whatever the state of the line.
fn answered(bot: &KnowledgeBot, can: &Capabilities, lines: &[&str]) -> String {
    let mut memory = Memory::default();
    let mut said = String::new();
    for line in lines {
        let content = Content::Text { text: (*line).to_owned() };
        let asked = Asked::Content(&content);
        // A Monday, 16:00 in Beijing.
        let now = UnixMillis::from_seconds(1_795_420_800);
        let answer =
            bot.answer(&Ask { asked, locale: None, unknown_streak: 0, memory: &memory, capabilities: can, now });
        memory = answer.memory;
        if let Some(Content::Text { text }) = answer.contents.last() {
            said.clone_from(text);
        }
    }
    said
}

#[test]
fn each_branch_is_taken_where_it_holds() {
    let asked = ["Book a visit", "2", "no"];
    let live = Capabilities { live: true, ..PHONE };
    for (bot, can, lines, said) in [
        (&*DAY, WEB, asked, "We are open."),
        (&*MORNING, WEB, asked, "We are closed."),
        (&*MORNING, live.clone(), asked, "By phone."),
        (&*MORNING, MAIL, asked, "By letter."),
        (&*MORNING, live, ["Book a visit", "2", "yes"], "2, with a gift."),
    ] {
        assert_eq!(answered(bot, &can, &lines), said, "{:?} {lines:?}", can.transport);
    }
}

#[test]
fn what_is_wanted_or_not_is_no_wish_to_stop() {
    assert_eq!(last(&DAY, WEB, &["我要预约", "三百二", "不用了"]), "< 现在营业。");
    assert_eq!(last(&DAY, WEB, &["我要预约", "不用了"]), "< 好的，已经取消了。");
    assert_eq!(last(&DAY, WEB, &["我要预约", "两三百", "三百二", "嗯嗯"]), "< 320 位，有礼品。");
}

#[test]
fn it_speaks_the_customers_language() {
    let lines = ["我要预约", "in English please", "two"];
    let told = Talk::of(&DAY, WEB).says(&lines).told().to_owned();
    assert!(told.contains("< How many people?") && told.contains("< A gift?"), "{told}");
    // A name and a number say nothing of it.
    assert!(last(&DAY, WEB, &["我要预约", "Order Ceramic Lamp 2"]).starts_with("< 要礼品吗？"));
    assert!(last(&DAY, WEB, &["Book a visit", "A 2 号楼北京"]).starts_with("< A gift?"));
    assert!(last(&DAY, WEB, &["Book a visit", "我们有两位"]).starts_with("< 要礼品吗？"));
    // Asked for a language, it has not missed anything.
    let asked = Talk::of(&DAY, WEB).says(&["我要预约", "英文", "中文", "英文", "中文", "2"]).told().to_owned();
    assert!(asked.lines().last().unwrap().starts_with("< 要礼品吗？"), "{asked}");
}

#[test]
fn whoever_insults_twice_gets_a_person_in_a_flow_too() {
    let mut talk = Talk::of(&DAY, WEB);
    talk.says(&["我要预约", "你们这帮骗子"]);
    assert!(talk.told().lines().last().unwrap().starts_with("< 几位？"), "{}", talk.told());
    talk.says(&["你们真垃圾"]);
    assert!(matches!(talk.head.as_ref().unwrap().owner, Owner::Queued { .. }), "{}", talk.told());
}
