//! The one place where a conversation changes: a pure function from state and event to state and turn.

mod agent;
mod choices;
mod customer;
mod doubt;
mod draft;
mod message;
mod outgoing;
mod texting;
mod timer;
mod wish;

use self::draft::Draft;
use crate::{
    Answers, Author, Capabilities, Change, Conversation, DedupId, DeliveryId, DeliveryStatus, EventKind, InboundEvent,
    Message, MessageId, Outcome, Owner, Policy, Proven, Turn, UnixMillis,
};

/// What `decide` may know besides state and event.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// When it is decided.
    pub now: UnixMillis,
    /// The bot.
    pub bot: &'a dyn Answers,
    /// What the identity's channel can do.
    pub capabilities: &'a Capabilities,
    /// How many of the channel's own messages a delivery becomes, on channels that count.
    pub calls: &'a dyn Fn(&[Message]) -> usize,
    /// The company's rules.
    pub policy: &'a Policy,
    /// To whom an identity belongs that was not heard of before, where its channel's own ids are proof.
    pub proven: Option<&'a Proven>,
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

/// Decides what an event does to its identity's conversation. Total: every state and event has a decision. `None`: it
/// changes nothing (a timer that is not the head's, a receipt that tells nothing new, what happened before the person
/// was forgotten). An event that was committed before may be among these: the head has moved on.
pub fn decide(state: Option<&Conversation>, event: &InboundEvent, context: &Context<'_>) -> Option<Decision> {
    if !concerns(state, event) {
        return None;
    }
    let mut draft = Draft::new(opened(state, event, context), event, context);
    if let Some(grant) = event.grant.filter(|_| context.capabilities.counted) {
        // A clock that is ahead must not lengthen it.
        let spoke_at = draft.head.spoke_at;
        draft.head.allowances.grant(grant, event.at.min(context.now), spoke_at);
    }
    if let Some(line) = event.line() {
        draft.comes_on(line);
    }
    match &event.kind {
        EventKind::Message { content } => {
            if let Some(proven) = context.proven.filter(|_| state.is_none_or(Conversation::is_erased)) {
                customer::linked(&mut draft, &proven.customer, &proven.proof, None);
            }
            if context.capabilities.threads && event.reply.is_some() && !content.asks_nothing() {
                draft.head.thread.clone_from(&event.reply);
            }
            if event.part {
                draft.note(Author::Customer, content.clone());
            } else {
                message::heard(&mut draft, content);
            }
        }
        EventKind::Agent { agent, conversation, action } => agent::acted(&mut draft, agent, conversation, action),
        EventKind::Receipt { delivery, seq, status } => {
            // What is no news does nothing else either: it leaves no turn, and coming again it would act out of turn.
            let news = draft.head.marks.note(*seq, status);
            let waited = draft.head.texting == Some(*seq);
            if news || waited {
                timer::overdue(&mut draft, &[]);
                let (delivery, seq) = (delivery.clone(), *seq);
                draft.changes.push(Change::Delivery { delivery, seq, status: status.clone() });
            }
            if waited {
                texting::ended(&mut draft, status);
            }
        }
        EventKind::Seen { until, read } => {
            // What was sent after that moment may still be under way: nothing is known of what lies between.
            let status = if *read { DeliveryStatus::Read } else { DeliveryStatus::Delivered };
            let all = draft.head.spoke_at.is_some_and(|spoke| spoke <= *until);
            let seq = draft.head.seq;
            if all && draft.head.marks.note(seq, &status) {
                timer::overdue(&mut draft, &[]);
                draft.changes.push(Change::Seen { seq, read: *read });
            }
        }
        EventKind::AnsweredElsewhere { content } => agent::answered_elsewhere(&mut draft, content),
        EventKind::Timer { alarm } => timer::went_off(&mut draft, *alarm),
        EventKind::MediaReady(news) => {
            timer::overdue(&mut draft, &[]);
            message::fetched(&mut draft, news);
        }
        EventKind::ActionDone(news) => {
            timer::overdue(&mut draft, &[]);
            message::acted(&mut draft, news);
        }
        EventKind::IdentityLinked { customer, proof, address } => {
            customer::linked(&mut draft, customer, proof, address.as_ref());
        }
        EventKind::IdentitySeparated { agent } => customer::separated(&mut draft, agent),
        EventKind::Forget => {
            draft.needless = draft.head.alarm;
            // A clock that is ahead must not swallow what the person writes from now on.
            let (seq, customer) = (draft.head.seq, draft.head.link.as_ref().map(|link| link.customer.clone()));
            draft.changes.push(Change::Forgotten { seq, customer });
            draft.head = draft.head.erased(event.at.min(context.now));
        }
    }
    draft.finish(state)
}

/// Whether there is somebody whom the event can concern. Who was forgotten comes back by writing, not by what was
/// still under way.
fn concerns(state: Option<&Conversation>, event: &InboundEvent) -> bool {
    if state.and_then(|head| head.forgotten_at).is_some_and(|forgotten| event.at <= forgotten) {
        return false;
    }
    let known = state.is_some_and(|head| !head.is_erased());
    match event.kind {
        // To be forgotten once more takes what came in since, such as a file.
        EventKind::Message { .. } | EventKind::Forget => true,
        EventKind::IdentityLinked { .. } => known || state.is_none(),
        EventKind::Agent { .. }
        | EventKind::Receipt { .. }
        | EventKind::Seen { .. }
        | EventKind::AnsweredElsewhere { .. }
        | EventKind::Timer { .. }
        | EventKind::MediaReady { .. }
        | EventKind::ActionDone(_)
        | EventKind::IdentitySeparated { .. } => known,
    }
}

/// The conversation that the event belongs to.
fn opened(state: Option<&Conversation>, event: &InboundEvent, context: &Context<'_>) -> Conversation {
    let Some(old) = state else { return Conversation::first(&event.identity, context.now) };
    let is_message = matches!(event.kind, EventKind::Message { .. });
    // One who was forgotten and comes back has an account here again.
    let mut head = Conversation { identity: event.identity.clone(), ..old.clone() };
    let heard_at = head.heard_at.unwrap_or(head.updated_at);
    let silent_for = |seconds: u32| heard_at.plus_seconds(i64::from(seconds)) <= context.now;
    if head.owner == Owner::Bot && is_message && context.policy.renew_seconds.is_some_and(silent_for) {
        head = head.next(context.now);
    }
    head
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
mod tests;
