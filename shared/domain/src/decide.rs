//! The one place where a conversation changes: a pure function from state and event to state and turn.

use crate::conversation::MAX_TURNS;
use crate::message::OutboxEntry;
use crate::{
    Author, Capabilities, Content, Conversation, DedupId, DeliveryId, EventKind, InboundEvent, Locale, Message,
    MessageId, Owner, Turn, UnixMillis,
};

/// What the bot is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What the customer sent.
    pub content: &'a Content,
    /// The language last spoken, or the one the channel knows.
    pub locale: Option<&'a Locale>,
    /// Questions in a row before this one that the bot could not answer.
    pub unknown_streak: u32,
}

/// What the bot says, and what kind of answer it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The messages, in order.
    pub contents: Vec<Content>,
    /// The language of the answer.
    pub locale: Option<Locale>,
    /// What kind of answer it is.
    pub outcome: Outcome,
}

/// The kinds of answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// From the knowledge.
    Answered {
        /// The entry that answered.
        entry: String,
    },
    /// A greeting or other small talk.
    Greeted,
    /// The bot does not know, said so and offered a person.
    Unknown,
    /// The customer wants a person.
    Handoff,
    /// The bot cannot read this kind of message.
    Unsupported,
}

/// Whoever answers when the bot is the owner. Pure: the same question gets the same answer.
pub trait Answers {
    /// The answer to what the customer sent.
    fn answer(&self, ask: &Ask<'_>) -> Answer;
}

/// What `decide` may know besides state and event.
pub struct Context<'a> {
    /// When it is decided.
    pub now: UnixMillis,
    /// The bot.
    pub bot: &'a dyn Answers,
    /// What the identity's channel can do.
    pub capabilities: &'a Capabilities,
}

/// What an event did.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// The new head, its version one above the old.
    pub head: Conversation,
    /// The turn to commit with it.
    pub turn: Turn,
    /// What the bot's answer was, if it was asked.
    pub outcome: Option<Outcome>,
}

/// Decides what an event does to its identity's conversation. Total: every state and event has a decision.
pub fn decide(state: Option<&Conversation>, event: &InboundEvent, context: &Context<'_>) -> Decision {
    let mut head = match state {
        None => Conversation::first(&event.identity, context.now),
        Some(old) if old.turns >= MAX_TURNS => old.next(context.now),
        Some(old) => old.clone(),
    };
    let EventKind::Message { content } = &event.kind;
    let answer = context.bot.answer(&Ask {
        content,
        locale: head.locale.as_ref().or(event.locale.as_ref()),
        unknown_streak: head.unknown_streak,
    });

    let mut messages = vec![(Author::Customer, content.clone(), event.at)];
    messages.extend(answer.contents.into_iter().map(|content| (Author::Bot, content, context.now)));
    let messages: Vec<Message> = messages
        .into_iter()
        .zip(0_u32..)
        .map(|((author, content, at), index)| {
            head.seq = head.seq.saturating_add(1);
            Message { id: message_id(&event.id, index), seq: head.seq, author, content, at }
        })
        .collect();

    head.unknown_streak = match &answer.outcome {
        Outcome::Unknown => head.unknown_streak.saturating_add(1),
        Outcome::Answered { .. } | Outcome::Greeted | Outcome::Handoff => 0,
        Outcome::Unsupported => head.unknown_streak,
    };
    if answer.outcome == Outcome::Handoff && head.owner == Owner::Bot {
        head.owner = Owner::Queued { since: context.now };
    }
    head.locale = answer.locale.or(head.locale);
    head.turns = head.turns.saturating_add(1);
    head.version = head.version.saturating_add(1);
    head.updated_at = context.now;

    let first = usize::from(!context.capabilities.echoes);
    let outbox = (messages.len() > first)
        .then(|| OutboxEntry {
            id: delivery_id(&event.id, 0),
            transport: context.capabilities.transport,
            first,
            count: messages.len() - first,
        })
        .into_iter()
        .collect();
    let turn = Turn { id: event.id.clone(), conversation: head.id.clone(), at: context.now, messages, outbox };
    Decision { head, turn, outcome: Some(answer.outcome) }
}

/// The id of an event's message by its index: 0 is the customer's own. The visitor API answers with it before the
/// event is decided.
pub fn message_id(event: &DedupId, index: u32) -> MessageId {
    MessageId::derive(&[event.as_str().as_bytes(), &index.to_be_bytes()])
}

/// The id of a turn's delivery by its index.
pub fn delivery_id(event: &DedupId, index: u32) -> DeliveryId {
    DeliveryId::derive(&[event.as_str().as_bytes(), b"delivery", &index.to_be_bytes()])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ChannelId, Identity, Transport};

    const WEB: Capabilities = Capabilities {
        transport: Transport::Web,
        max_text_chars: 4000,
        max_quick_replies: 13,
        max_buttons: 5,
        cards: true,
        files: true,
        echoes: true,
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
    }

    fn event(provider_id: &str, text: &str) -> InboundEvent {
        let identity = Identity { channel: ChannelId::Web, account: "shop".into(), user: "vis_1".into() };
        let kind = EventKind::Message { content: Content::Text { text: text.into() } };
        InboundEvent::new(identity, provider_id, UnixMillis(5), None, kind)
    }

    fn context(capabilities: &Capabilities) -> Context<'_> {
        Context { now: UnixMillis(10), bot: &Parrot, capabilities }
    }

    #[test]
    fn the_first_question_opens_the_conversation_and_is_answered() {
        let event = event("1", "hello");
        let decision = decide(None, &event, &context(&WEB));
        assert_eq!((decision.head.number, decision.head.version, decision.head.seq), (1, 1, 2));
        let authors: Vec<_> = decision.turn.messages.iter().map(|m| (m.seq, m.author)).collect();
        assert_eq!(authors, [(1, Author::Customer), (2, Author::Bot)]);
        assert_eq!(decision.turn.messages[0].id, message_id(&event.id, 0));
        let out = decision.turn.outbound(&event.identity);
        assert_eq!((out.len(), out[0].messages.len(), out[0].last_seq()), (1, 2, 2));
    }

    #[test]
    fn a_channel_without_echo_gets_the_answer_only() {
        let plain = Capabilities { echoes: false, ..WEB };
        let event_ = event("1", "hello");
        let out = decide(None, &event_, &context(&plain)).turn.outbound(&event_.identity);
        assert_eq!(out[0].messages.iter().map(|m| m.author).collect::<Vec<_>>(), [Author::Bot]);
        let silent = event("2", "-");
        assert!(decide(None, &silent, &context(&plain)).turn.outbox.is_empty());
    }

    #[test]
    fn the_same_event_decides_the_same() {
        let event = event("1", "hello");
        assert_eq!(decide(None, &event, &context(&WEB)), decide(None, &event, &context(&WEB)));
    }

    #[test]
    fn asking_for_a_person_queues_once() {
        let first = decide(None, &event("1", "!"), &context(&WEB)).head;
        assert_eq!(first.owner, Owner::Queued { since: UnixMillis(10) });
        let later = Context { now: UnixMillis(99), bot: &Parrot, capabilities: &WEB };
        assert_eq!(decide(Some(&first), &event("2", "!"), &later).head.owner, first.owner);
    }

    proptest! {
        #[test]
        fn seq_is_gapless_and_conversations_roll_over(texts in proptest::collection::vec("[-?!a-c]{1,3}", 1..450)) {
            let mut state: Option<Conversation> = None;
            let mut seqs = vec![];
            for (index, text) in texts.iter().enumerate() {
                let decision = decide(state.as_ref(), &event(&index.to_string(), text), &context(&WEB));
                prop_assert_eq!(decision.head.version, index as u64 + 1);
                prop_assert!(decision.head.turns <= MAX_TURNS);
                prop_assert_eq!(decision.head.number as usize, index / MAX_TURNS as usize + 1);
                seqs.extend(decision.turn.messages.iter().map(|m| m.seq));
                state = Some(decision.head);
            }
            prop_assert_eq!(&seqs, &(1..=seqs.len() as u64).collect::<Vec<_>>());
        }
    }
}
