//! A conversation through the core with a bot in memory.

#![allow(dead_code, reason = "each test binary needs its own part")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use app::answers::KnowledgeBot;
use app::people::Staffed;
use bot::knowledge::{Source, check, compile};
use domain::{
    ActionNews, ActionResult, Author, Capabilities, Change, ChannelId, Content, Context, Conversation, Decision,
    EventKind, Identity, InboundEvent, Message, Policy, Transport, UnixMillis, decide,
};

/// The demo shop's bot.
pub(crate) static SHOP: LazyLock<KnowledgeBot> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/scenarios/shop/knowledge");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let sources: Vec<_> = files
        .map(|path| Source {
            file: path.file_name().unwrap().to_string_lossy().into(),
            text: fs::read_to_string(&path).unwrap(),
        })
        .collect();
    knowing(&sources)
});

/// The bot over these files.
pub(crate) fn knowing(sources: &[Source]) -> KnowledgeBot {
    let report = check(sources);
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    KnowledgeBot::read(compile(report.base.unwrap()).unwrap().train(None).bytes().to_vec(), None).unwrap()
}

/// Choices are buttons.
pub(crate) const WEB: Capabilities =
    Capabilities { transport: Transport::Web, max_quick_replies: 10, max_buttons: 10, ..Capabilities::PLAIN };
/// Choices are numbered lines.
pub(crate) const TEXT: Capabilities = Capabilities { transport: Transport::Sms, ..Capabilities::PLAIN };
/// Choices are keys.
pub(crate) const PHONE: Capabilities =
    Capabilities { transport: Transport::Voice, keypad: true, ..Capabilities::PLAIN };
/// A Monday, 16:00 in Beijing.
const MONDAY: i64 = 1_795_420_800;

/// A conversation under way.
pub(crate) struct Talk {
    bot: &'static KnowledgeBot,
    /// Whether a person of the company is there.
    pub(crate) people: bool,
    policy: Policy,
    pub(crate) head: Option<Conversation>,
    /// The last decision.
    pub(crate) last: Option<Decision>,
    can: Capabilities,
    count: i64,
    transcript: String,
}

fn calls(messages: &[Message]) -> usize {
    messages.len()
}

impl Talk {
    /// With the shop, under the usual rules.
    pub(crate) fn on(can: Capabilities) -> Self {
        Self::with(&SHOP, can, Policy::default())
    }

    /// With a bot, under its own rules.
    pub(crate) fn of(bot: &'static KnowledgeBot, can: Capabilities) -> Self {
        Self::with(bot, can, bot.policy().clone())
    }

    fn with(bot: &'static KnowledgeBot, can: Capabilities, policy: Policy) -> Self {
        Self { bot, people: false, policy, head: None, last: None, can, count: 0, transcript: String::new() }
    }

    pub(crate) fn at(&mut self, kind: EventKind) -> Decision {
        self.count += 1;
        let now = UnixMillis::from_seconds(MONDAY + self.count * 10);
        let identity = Identity { channel: ChannelId::ALL[0], account: "shop".into(), user: "ann".into() };
        let event = InboundEvent::new(identity, &self.count.to_string(), now, None, kind);
        let bot = Staffed { bot: self.bot, people: self.people };
        let context =
            Context { now, bot: &bot, capabilities: &self.can, calls: &calls, policy: &self.policy, proven: None };
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
        self.last = Some(decision.clone());
        decision
    }

    pub(crate) fn says(&mut self, lines: &[&str]) -> &mut Self {
        for line in lines {
            self.at(EventKind::Message { content: Content::Text { text: (*line).to_owned() } });
        }
        self
    }

    pub(crate) fn ends(&mut self, result: ActionResult) -> &mut Self {
        let id = self.head.as_ref().unwrap().memory.flow.as_ref().unwrap().action.clone().unwrap();
        self.at(EventKind::ActionDone(ActionNews { id, result }));
        self
    }

    pub(crate) fn done(&mut self, values: &[(&str, &str)]) -> &mut Self {
        let values: BTreeMap<_, _> =
            values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.ends(ActionResult::Done { values })
    }

    pub(crate) fn refused(&mut self, reason: &str) -> &mut Self {
        self.ends(ActionResult::Refused { reason: reason.to_owned() })
    }

    pub(crate) fn told(&self) -> &str {
        &self.transcript
    }

    pub(crate) fn is_over(&self) -> bool {
        self.head.as_ref().unwrap().memory.flow.is_none()
    }
}
