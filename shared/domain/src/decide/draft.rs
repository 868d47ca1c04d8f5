//! A turn in the making.

use std::collections::BTreeMap;

use super::{Context, Decision, message_id, timer};
use crate::conversation::MAX_TURNS;
use crate::{
    Action, ActionCall, ActionId, AgentId, Alarm, AlarmOrder, Answer, Ask, Asked, Author, Change, Content,
    Conversation, FlowState, InboundEvent, Message, Notice, OutboxEntry, Outcome, Owner, QuickReply, Turn, Unanswered,
    UnixMillis, mask,
};

/// What a survey's choices begin with; the stars follow.
pub(super) const SURVEY_PAYLOAD: &str = "survey:";

pub(super) struct Draft<'a> {
    pub(super) head: Conversation,
    pub(super) event: &'a InboundEvent,
    pub(super) context: &'a Context<'a>,
    pub(super) changes: Vec<Change>,
    /// Questions that the bot could not answer.
    pub(super) unanswered: Vec<Unanswered>,
    /// An alarm that nobody needs any more.
    pub(super) needless: Option<Alarm>,
    pub(super) messages: Vec<Message>,
    /// The customer has its messages already.
    pub(super) delivered: bool,
    /// Nothing may go to the customer: they want no messages.
    pub(super) silent: bool,
    /// What goes out is a text message.
    pub(super) texts: bool,
    outcome: Option<Outcome>,
    /// Questions in a row before this event that the bot could not answer.
    unknowns: u32,
}

impl<'a> Draft<'a> {
    pub(super) fn new(head: Conversation, event: &'a InboundEvent, context: &'a Context<'a>) -> Self {
        Self {
            silent: head.opted_out,
            unknowns: head.unknown_streak,
            head,
            event,
            context,
            changes: vec![],
            unanswered: vec![],
            needless: None,
            messages: vec![],
            delivered: false,
            texts: false,
            outcome: None,
        }
    }

    pub(super) fn now(&self) -> UnixMillis {
        self.context.now
    }

    /// So many seconds from now.
    pub(super) fn after(&self, seconds: u32) -> UnixMillis {
        self.context.now.plus_seconds(i64::from(seconds))
    }

    pub(super) fn say(&mut self, author: Author, content: Content) {
        let content = if author == Author::Customer { self.masked(content) } else { content };
        if self.merges(author, &content) {
            return;
        }
        let at = if author == Author::Customer { self.event.at } else { self.context.now };
        self.head.seq = self.head.seq.saturating_add(1);
        let index = u32::try_from(self.messages.len()).unwrap_or(u32::MAX);
        let id = message_id(&self.event.id, index);
        self.messages.push(Message { id, seq: self.head.seq, author, content, at });
    }

    /// The customer's words as they are kept.
    fn masked(&self, content: Content) -> Content {
        if let Content::Text { text } = content {
            return Content::Text { text: mask(&text, &self.context.policy.mask) };
        }
        content
    }

    /// What is kept of values in the history.
    pub(super) fn covered(&self, values: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let covered = |(name, value): (String, String)| (name, mask(&value, &self.context.policy.mask));
        values.into_iter().map(covered).collect()
    }

    /// What goes to nobody: a person has written it to the customer by another way, or it is no message of theirs.
    pub(super) fn note(&mut self, author: Author, content: Content) {
        self.delivered = true;
        self.say(author, content);
    }

    /// The customer is on this line. In which language a new one is opened is their latest choice.
    pub(super) fn comes_on(&mut self, line: &str) {
        if self.head.line.as_deref() != Some(line) {
            self.head.locale = self.event.locale.clone().or(self.head.locale.take());
            self.head.line = Some(line.to_owned());
        }
    }

    /// Whether nothing that is said now reaches the customer.
    pub(super) fn is_off_line(&self) -> bool {
        self.context.capabilities.live && self.head.line.is_none()
    }

    /// A notice's words in the customer's language.
    pub(super) fn words(&self, notice: Notice) -> String {
        let locale = self.head.locale.as_ref().or(self.event.locale.as_ref());
        self.context.bot.notice(notice, locale)
    }

    /// Frontdesk's own words.
    pub(super) fn notify(&mut self, notice: Notice) {
        let text = self.words(notice);
        let content = match notice {
            // In this order, so that where choices stand as numbered lines, the number is that of the stars.
            Notice::Survey => Content::QuickReplies { text, replies: (1..=5).map(stars).collect() },
            Notice::Queued
            | Notice::QueueEnded
            | Notice::HandedBack
            | Notice::Reminder
            | Notice::ClosedIdle
            | Notice::SurveyThanks
            | Notice::SlowDown
            | Notice::OptedOut
            | Notice::OptedIn
            | Notice::Help
            | Notice::Unheard
            | Notice::Links
            | Notice::Texted
            | Notice::NotTexted
            | Notice::MaybeTexted => Content::Text { text },
        };
        self.say(Author::System, content);
    }

    /// Asks the bot, notes how it went, and returns what it would say.
    pub(super) fn ask(&mut self, asked: Asked<'_>) -> Answer {
        let answer = self.context.bot.answer(&Ask {
            asked,
            locale: self.head.locale.as_ref().or(self.event.locale.as_ref()),
            unknown_streak: self.head.unknown_streak,
            memory: &self.head.memory,
            capabilities: self.context.capabilities,
            now: self.now(),
        });
        self.head.unknown_streak = match &answer.outcome {
            Outcome::Unknown => self.head.unknown_streak.saturating_add(1),
            Outcome::Answered { .. } | Outcome::Greeted | Outcome::Guided { .. } | Outcome::Handoff => 0,
            Outcome::Asked | Outcome::Refused | Outcome::Unsupported => self.head.unknown_streak,
        };
        if let Some(locale) = &answer.locale {
            self.head.locale = Some(locale.clone());
        }
        self.outcome = Some(answer.outcome.clone());
        self.head.memory = answer.memory.clone();
        if let Some(used) = &answer.model {
            self.head.memory.tokens = self.head.memory.tokens.saturating_add(used.tokens);
            self.changes.push(Change::Written(used.clone()));
        }
        if let Some(action) = &answer.action {
            self.call(action);
        }
        answer
    }

    /// Has an action done, for whose end the flow waits. An event calls one at most: its id is the event's.
    fn call(&mut self, action: &Action) {
        let Some(flow) = &mut self.head.memory.flow else { return };
        let id = ActionId::derive(&[self.event.id.as_str().as_bytes(), action.name.as_bytes()]);
        flow.action = Some(id.clone());
        let (name, input) = (action.name.clone(), self.covered(action.input.clone()));
        self.changes.push(Change::ActionCalled(ActionCall { id, name, input }));
    }

    pub(super) fn handed_off(&mut self) {
        self.outcome = Some(Outcome::Handoff);
    }

    /// The customer waits for a person, from now on.
    pub(super) fn queue(&mut self, wanted: Option<AgentId>) {
        let deadline = self.after(self.context.policy.queue_seconds);
        let from_bot = self.head.owner == Owner::Bot;
        self.head.owner = Owner::Queued { since: self.now(), deadline: Some(deadline), wanted };
        self.head.waiting_since = self.head.waiting_since.or(Some(self.now()));
        self.changes.push(Change::Queued { deadline });
        let (topic, unknowns) = (self.head.memory.topic.clone(), self.unknowns.max(self.head.unknown_streak));
        if from_bot && (topic.is_some() || unknowns > 0) {
            self.changes.push(Change::Briefed { topic, unknowns });
        }
        // A person goes on with what the flow has found out.
        if let Some(FlowState { flow, slots, .. }) = self.head.memory.flow.take() {
            let slots = self.covered(slots);
            self.changes.push(Change::Collected { flow, slots });
        }
    }

    /// The head and the turn, if anything changed.
    pub(super) fn finish(mut self, state: Option<&Conversation>) -> Option<Decision> {
        self.head.deadline = timer::next(&self.head, self.context.policy);
        let unchanged = state.is_some_and(|old| *old == self.head) || (state.is_none() && self.is_untouched());
        if unchanged && self.messages.is_empty() && self.changes.is_empty() {
            return None;
        }
        if self.head.turns >= MAX_TURNS && !matches!(self.head.owner, Owner::Closed { .. }) {
            self.head = self.head.continued(self.now());
        }
        self.head.turns = self.head.turns.saturating_add(1);
        self.head.version = self.head.version.saturating_add(1);
        self.head.updated_at = self.now();
        let alarm = self.order_alarm();
        let outbox: Vec<OutboxEntry> = self.entry().into_iter().collect();
        if !outbox.is_empty() {
            self.head.spoke_at = Some(self.now());
        }
        if !outbox.is_empty() || self.delivered {
            self.note_offer();
        }
        self.head = self.head.within_bounds();
        let turn = Turn {
            id: self.event.id.clone(),
            number: self.head.version,
            conversation: self.head.id.clone(),
            at: self.now(),
            messages: self.messages,
            changes: self.changes,
            unanswered: self.unanswered,
            outbox,
            alarm,
        };
        Some(Decision { head: self.head, turn, outcome: self.outcome })
    }

    fn is_untouched(&self) -> bool {
        self.head == Conversation::first(&self.event.identity, self.now())
    }

    /// Orders an alarm if something is due before the one that is set, or none is.
    fn order_alarm(&mut self) -> Option<AlarmOrder> {
        // One that should have gone off by now is about to, or was lost.
        let set = self.head.alarm.filter(|alarm| alarm.at > self.now());
        let due = self.head.deadline.filter(|due| set.is_none_or(|alarm| due.at < alarm.at));
        let order = match due {
            Some(due) => AlarmOrder { set: Some(Alarm { at: due.at, turn: self.head.version }), cancel: set },
            None => AlarmOrder { set: None, cancel: self.needless },
        };
        self.head.alarm = order.set.or(self.head.alarm);
        (order.set.is_some() || order.cancel.is_some()).then_some(order)
    }
}

fn stars(count: u8) -> QuickReply {
    QuickReply { title: "★".repeat(usize::from(count)), payload: format!("{SURVEY_PAYLOAD}{count}") }
}
