//! The demo shop's flows, spoken through the core with the bot in memory.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and shows what it knows"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use app::answers::KnowledgeBot;
use bot::knowledge::{Source, check, compile};
use domain::{
    ActionNews, ActionResult, Author, Capabilities, Change, ChannelId, Content, Context, Conversation, Decision,
    EventKind, Identity, InboundEvent, Message, Owner, Policy, Transport, UnixMillis, decide,
};

static SHOP: LazyLock<KnowledgeBot> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/scenarios/shop/knowledge");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let sources: Vec<_> = files
        .map(|path| Source {
            file: path.file_name().unwrap().to_string_lossy().into(),
            text: fs::read_to_string(&path).unwrap(),
        })
        .collect();
    let report = check(&sources);
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    KnowledgeBot::read(compile(report.base.unwrap()).unwrap().train(None).bytes().to_vec(), None).unwrap()
});

const WEB: Capabilities =
    Capabilities { transport: Transport::Web, max_quick_replies: 10, max_buttons: 10, ..Capabilities::PLAIN };
const TEXT: Capabilities = Capabilities { transport: Transport::Sms, ..Capabilities::PLAIN };
const PHONE: Capabilities = Capabilities { transport: Transport::Voice, keypad: true, ..Capabilities::PLAIN };
/// A Monday, 16:00 in Beijing.
const MONDAY: i64 = 1_795_420_800;

struct Talk {
    head: Option<Conversation>,
    can: Capabilities,
    count: i64,
    transcript: String,
}

fn calls(messages: &[Message]) -> usize {
    messages.len()
}

impl Talk {
    fn on(can: Capabilities) -> Self {
        Self { head: None, can, count: 0, transcript: String::new() }
    }

    fn at(&mut self, kind: EventKind) -> Decision {
        self.count += 1;
        let now = UnixMillis::from_seconds(MONDAY + self.count * 10);
        let identity = Identity { channel: ChannelId::ALL[0], account: "shop".into(), user: "ann".into() };
        let event = InboundEvent::new(identity, &self.count.to_string(), now, None, kind);
        let policy = Policy::default();
        let context =
            Context { now, bot: &*SHOP, capabilities: &self.can, calls: &calls, policy: &policy, proven: None };
        let decision = decide(self.head.as_ref(), &event, &context).unwrap();
        for message in &decision.turn.messages {
            let who = if message.author == Author::Customer { '>' } else { '<' };
            match &message.content {
                Content::Text { text } => writeln!(self.transcript, "{who} {text}").unwrap(),
                Content::QuickReplies { text, replies } => {
                    let titles: Vec<_> = replies.iter().map(|reply| reply.title.as_str()).collect();
                    writeln!(self.transcript, "{who} {text} [{}]", titles.join(" | ")).unwrap();
                }
                Content::Postback { title, .. } => writeln!(self.transcript, "{who} ({title})").unwrap(),
                other => writeln!(self.transcript, "{who} {other:?}").unwrap(),
            }
        }
        for change in &decision.turn.changes {
            match change {
                Change::ActionCalled(call) => writeln!(self.transcript, "= {} {:?}", call.name, call.input).unwrap(),
                Change::Collected { flow, slots } => writeln!(self.transcript, "= a person: {flow} {slots:?}").unwrap(),
                _ => {}
            }
        }
        let held = serde_json::to_string(&decision.head.memory).unwrap().len();
        assert!(held <= 700, "{held} bytes in the head");
        self.head = Some(decision.head.clone());
        decision
    }

    fn says(&mut self, lines: &[&str]) -> &mut Self {
        for line in lines {
            self.at(EventKind::Message { content: Content::Text { text: (*line).to_owned() } });
        }
        self
    }

    fn ends(&mut self, result: ActionResult) -> &mut Self {
        let id = self.head.as_ref().unwrap().memory.flow.as_ref().unwrap().action.clone().unwrap();
        self.at(EventKind::ActionDone(ActionNews { id, result }));
        self
    }

    fn done(&mut self, values: &[(&str, &str)]) -> &mut Self {
        let values: BTreeMap<_, _> =
            values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.ends(ActionResult::Done { values })
    }

    fn refused(&mut self, reason: &str) -> &mut Self {
        self.ends(ActionResult::Refused { reason: reason.to_owned() })
    }

    fn told(&self) -> &str {
        &self.transcript
    }

    fn is_over(&self) -> bool {
        self.head.as_ref().unwrap().memory.flow.is_none()
    }
}

const STATUS: &[(&str, &str)] = &[("status", "on its way"), ("carrier", "SF"), ("eta", "2026-11-25")];

#[test]
fn orders_are_looked_up() {
    let mut zh = Talk::on(WEB);
    zh.says(&["按订单号查进度", "A-9"]).refused("not_found").says(&["10293", "还没好吗"]).done(STATUS);
    assert!(zh.is_over());
    insta::assert_snapshot!(zh.told());
    let mut en = Talk::on(PHONE);
    en.says(&["look up my order status", "10293"]).done(STATUS);
    assert!(en.is_over());
    insta::assert_snapshot!(en.told());
}

#[test]
fn returns_are_registered_with_what_was_said_first_and_what_was_corrected() {
    let mut zh = Talk::on(WEB);
    zh.says(&["我要退 A-10293 这单", "不对，是 A-2", "坏了", "对"]).done(&[("number", "R-7")]);
    assert!(zh.is_over());
    insta::assert_snapshot!(zh.told());
    let mut en = Talk::on(TEXT);
    en.says(&["I want to return order A-10293", "no, the other order", "A-2", "2", "no", "reason", "1", "1"]);
    en.refused("too_late");
    assert!(en.is_over());
    insta::assert_snapshot!(en.told());
}

#[test]
fn a_question_in_between_is_answered_and_the_flow_goes_on() {
    for (can, first, question, cancel) in [
        (WEB, "帮我登记退货", "运费谁出", "算了"),
        (TEXT, "Register a return for me", "How long does a refund take?", "never mind"),
    ] {
        let mut talk = Talk::on(can);
        talk.says(&[first, question]);
        assert!(!talk.is_over());
        talk.says(&[cancel]);
        assert!(talk.is_over());
        insta::assert_snapshot!(talk.told());
    }
}

#[test]
fn visits_are_booked() {
    let mut zh = Talk::on(PHONE);
    zh.says(&["我想预约到店", "下周三", "2", "13800138000", "1"]).refused("full").says(&["三月五号", "上午", "是的"]);
    zh.done(&[("number", "V-3")]);
    assert!(zh.is_over());
    insta::assert_snapshot!(zh.told());
    let mut en = Talk::on(WEB);
    en.says(&["I'd like to make an appointment", "next Wednesday", "evening", "+44 20 7946 0958", "yes"]);
    en.ends(ActionResult::Failed);
    assert!(matches!(en.head.as_ref().unwrap().owner, Owner::Queued { .. }));
    insta::assert_snapshot!(en.told());
}

#[test]
fn lost_cards_are_reported_and_three_misses_bring_a_person_with_what_is_known() {
    let mut zh = Talk::on(TEXT);
    zh.says(&["礼品卡丢了要挂失", "尾号1234", "不记得", "呃", "嗯嗯嗯"]);
    assert!(matches!(zh.head.as_ref().unwrap().owner, Owner::Queued { .. }));
    assert!(zh.told().contains(r#"= a person: card_loss {"card_last4": "1234"}"#), "{}", zh.told());
    insta::assert_snapshot!(zh.told());
    let mut en = Talk::on(PHONE);
    en.says(&["I lost my gift card", "1234", "13800138000", "1"]).done(&[("number", "C-1")]);
    assert!(en.is_over());
    insta::assert_snapshot!(en.told());
}
