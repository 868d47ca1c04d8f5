//! Tables of events, each with what it does; what they share.

mod identity;
mod messages;
mod people;
mod timers;

use super::*;
use crate::conversation::MAX_TURNS;
use crate::{
    AgentAction, AgentId, Alarm, Answer, Ask, Author, ChannelId, Closer, Content, ConversationId, CustomerId,
    DeliveryId, DeliveryStatus, Handle, Identity, Locale, Notice, Proof, Refusal, Step, Survey, Transport,
};

const WEB: Capabilities = Capabilities {
    transport: Transport::Web,
    max_text_chars: 4000,
    max_quick_replies: 13,
    max_buttons: 5,
    cards: true,
    files: true,
    echoes: true,
    keypad: false,
    idempotent: true,
    reply_window_seconds: None,
};

/// Answers by the first letter: `?` unknown, `!` a person, `-` silence, else the text itself.
struct Parrot;

impl Answers for Parrot {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        let Content::Text { text } = ask.content else {
            return Answer { contents: vec![], locale: None, outcome: Outcome::Unsupported };
        };
        let contents = if text.starts_with('-') { vec![] } else { vec![ask.content.clone()] };
        let outcome = match text.chars().next() {
            Some('?') => Outcome::Unknown,
            Some('!') => Outcome::Handoff,
            _ => Outcome::Answered { entry: text.clone() },
        };
        Answer { contents, locale: Locale::from_tag("en"), outcome }
    }

    fn notice(&self, notice: Notice, _locale: Option<&Locale>) -> String {
        format!("{notice:?}")
    }
}

fn identity() -> Identity {
    Identity { channel: ChannelId::Web, account: "shop".into(), user: "vis_1".into() }
}

fn agent(name: &str) -> AgentId {
    AgentId::derive(&[name.as_bytes()])
}

fn says(text: &str) -> EventKind {
    EventKind::Message { content: Content::Text { text: text.into() } }
}

/// A conversation that is led by a table: each step at its second.
struct Desk {
    head: Option<Conversation>,
    policy: Policy,
    capabilities: Capabilities,
    proven: Option<Proven>,
    count: u32,
}

impl Desk {
    fn new(policy: Policy) -> Self {
        Self { head: None, policy, capabilities: WEB, proven: None, count: 0 }
    }

    fn at(&mut self, second: i64, kind: EventKind) -> Option<Decision> {
        self.count += 1;
        let now = UnixMillis::from_seconds(second);
        let event = InboundEvent::new(identity(), &self.count.to_string(), now, None, kind);
        let context = Context {
            now,
            bot: &Parrot,
            capabilities: &self.capabilities,
            policy: &self.policy,
            proven: self.proven.as_ref(),
        };
        let decision = decide(self.head.as_ref(), &event, &context);
        if let Some(decision) = &decision {
            self.head = Some(decision.head.clone());
        }
        decision
    }

    /// The authors of the turn that the customer's text makes.
    fn says(&mut self, second: i64, text: &str) -> Vec<Author> {
        authors(&self.at(second, says(text)).unwrap())
    }

    fn does(&mut self, second: i64, name: &str, action: AgentAction) -> Vec<Change> {
        let conversation = self.head().id.clone();
        self.at(second, EventKind::Agent { agent: agent(name), conversation, action }).unwrap().turn.changes
    }

    fn replies(&mut self, second: i64, name: &str) -> Vec<Change> {
        self.does(second, name, AgentAction::Reply { content: Content::Text { text: "from a person".into() } })
    }

    /// The head's alarm goes off.
    fn alarm(&mut self, second: i64) -> Option<Decision> {
        let alarm = self.head().alarm.unwrap();
        self.at(second, EventKind::Timer { alarm })
    }

    fn head(&self) -> &Conversation {
        self.head.as_ref().unwrap()
    }
}

fn authors(decision: &Decision) -> Vec<Author> {
    decision.turn.messages.iter().map(|message| message.author).collect()
}

fn texts(decision: &Decision) -> Vec<&str> {
    decision
        .turn
        .messages
        .iter()
        .map(|message| match &message.content {
            Content::Text { text } | Content::QuickReplies { text, .. } => text.as_str(),
            Content::Image(_)
            | Content::Audio(_)
            | Content::Video(_)
            | Content::File(_)
            | Content::Location { .. }
            | Content::Buttons { .. }
            | Content::Card { .. }
            | Content::Postback { .. }
            | Content::Event { .. } => "",
        })
        .collect()
}
