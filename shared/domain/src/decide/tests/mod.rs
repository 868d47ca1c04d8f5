//! Tables of events, each with what it does; what they share.

mod allowances;
mod choices;
mod elsewhere;
mod flow;
mod identity;
mod letters;
mod lines;
mod masks;
mod messages;
mod people;
mod timers;
mod unanswered;
mod wishes;

use super::*;
use crate::conversation::MAX_TURNS;
use crate::{
    AgentAction, AgentId, Alarm, Answer, Ask, Asked, Attachment, Author, ChannelId, Closer, Content, ConversationId,
    CustomerId, DeliveryId, DeliveryStatus, Handle, Identity, Locale, MediaNews, Notice, Proof, QuickReply, Refusal,
    Step, Survey, Transport,
};

const WEB: Capabilities = Capabilities {
    transport: Transport::Web,
    max_text_chars: 4000,
    max_quick_replies: 13,
    max_buttons: 5,
    cards: true,
    files: true,
    echoes: true,
    idempotent: true,
    ..Capabilities::PLAIN
};

/// Answers by the first letter: `?` unknown, `!` a person, `-` silence, `+` choices of the letters that follow, `&` the
/// same to ask what is meant, else the text itself; a choice with what it means. `=` calls an action.
struct Parrot;

impl Answers for Parrot {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        let memory = ask.memory.clone();
        let content = match ask.asked {
            Asked::Content(content) => content,
            Asked::Action(news) => return flow::told(news),
        };
        let (Content::Text { text } | Content::Postback { payload: text, .. }) = content else {
            return Answer {
                contents: vec![],
                locale: None,
                outcome: Outcome::Unsupported,
                memory,
                action: None,
                model: None,
                open: vec![],
            };
        };
        if let Some(name) = text.strip_prefix('=') {
            return flow::calling(name);
        }
        let contents = match text.split_at_checked(1) {
            Some(("-", _)) => vec![],
            Some(("+" | "&", letters)) => vec![choices(letters)],
            _ => vec![Content::Text { text: text.clone() }],
        };
        let outcome = match text.chars().next() {
            Some('?') => Outcome::Unknown,
            Some('!') => Outcome::Handoff,
            Some('&') => Outcome::Asked,
            _ => Outcome::Answered { entry: text.clone() },
        };
        // Of a letter, each sentence is a question.
        let unknown = |sentence: &&str| ask.capabilities.letters && sentence.trim().starts_with('?');
        let open = text.split('.').filter(unknown).map(|sentence| sentence.trim().to_owned()).collect();
        Answer { contents, locale: Locale::from_tag("en"), outcome, memory, action: None, model: None, open }
    }

    fn notice(&self, notice: Notice, _locale: Option<&Locale>) -> String {
        format!("{notice:?}")
    }
}

/// A choice for each letter.
fn choices(letters: &str) -> Content {
    let reply = |letter: char| QuickReply { title: format!("Title {letter}"), payload: format!("payload-{letter}") };
    Content::QuickReplies { text: "which?".into(), replies: letters.chars().map(reply).collect() }
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

/// What deliveries take on a channel that counts: a call for every line.
fn lines(messages: &[Message]) -> usize {
    let lines = |message: &Message| {
        let (Content::Text { text } | Content::QuickReplies { text, .. }) = &message.content else { return 1 };
        text.lines().filter(|line| !line.is_empty()).count()
    };
    messages.iter().map(lines).sum()
}

/// A conversation that is led by a table: each step at its second.
#[derive(Clone)]
struct Desk {
    head: Option<Conversation>,
    policy: Policy,
    capabilities: Capabilities,
    /// What each message grants.
    grant: Option<(u32, u32)>,
    proven: Option<Proven>,
    count: u32,
}

impl Desk {
    fn new(policy: Policy) -> Self {
        Self { head: None, policy, capabilities: WEB, grant: None, proven: None, count: 0 }
    }

    /// A channel that counts: a message takes as many calls as it has lines.
    fn counted() -> Self {
        let capabilities = Capabilities { counted: true, ..Capabilities::PLAIN };
        Self { capabilities, grant: Some((5, 48 * 60 * 60)), ..Self::new(Policy::default()) }
    }

    fn at(&mut self, second: i64, kind: EventKind) -> Option<Decision> {
        self.late(second, second, kind)
    }

    /// The same, decided later than it was accepted.
    fn late(&mut self, accepted: i64, second: i64, kind: EventKind) -> Option<Decision> {
        self.count += 1;
        let (at, now) = (UnixMillis::from_seconds(accepted), UnixMillis::from_seconds(second));
        let event = InboundEvent::new(identity(), &self.count.to_string(), at, None, kind);
        let event = match (&event.kind, self.grant) {
            (EventKind::Message { .. }, Some((messages, seconds))) => event.granting(messages, seconds),
            _ => event,
        };
        let context = Context {
            now,
            bot: &Parrot,
            capabilities: &self.capabilities,
            calls: &lines,
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
