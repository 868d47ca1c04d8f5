//! What a turn sends, and its price where the channel counts messages.

use super::draft::Draft;
use super::{delivery_id, message_id, texting};
use crate::{
    Author, Automatic, Change, Content, DeliveryStatus, Line, Message, OutboxEntry, Owner, ReplyHandle, UnixMillis,
};

impl Draft<'_> {
    /// Where every message counts, what bot and notices say in one turn is one message, as far as it is text.
    pub(super) fn merges(&mut self, author: Author, content: &Content) -> bool {
        let own = |author| matches!(author, Author::Bot | Author::System);
        let counted = self.context.capabilities.counted && own(author);
        let Some(last) = self.messages.last_mut().filter(|last| counted && own(last.author)) else { return false };
        let Some(merged) = last.content.merged(content) else { return false };
        if author == Author::Bot {
            last.author = Author::Bot;
        }
        last.content = merged;
        true
    }

    /// What goes to the customer: all but their own words, where the channel does not echo them.
    fn outgoing(&self) -> &[Message] {
        let echoes = self.context.capabilities.echoes;
        let own = |message: &&Message| message.author == Author::Customer && !echoes;
        let first = self.messages.iter().take_while(own).count();
        self.messages.get(first..).unwrap_or_default()
    }

    /// The delivery that the turn owes, paid for where messages are counted.
    pub(super) fn entry(&mut self) -> Option<OutboxEntry> {
        let count = self.outgoing().len();
        if count == 0 || self.delivered {
            return None;
        }
        if self.silent || self.is_off_line() {
            self.withhold(u32::try_from(count).unwrap_or(u32::MAX), 0);
            return None;
        }
        let capabilities = self.context.capabilities;
        let window = self.window().zip(self.head.heard_at);
        let closes = window.map(|(seconds, heard)| heard.plus_seconds(i64::from(seconds)));
        let allowed = if capabilities.counted { Some(self.paid()?) } else { None };
        if capabilities.automatic_per_day.is_some() && self.outgoing().iter().all(|one| one.author != Author::Agent) {
            self.head.automatic = Some(Automatic::and_one(self.head.automatic, self.now()));
        }
        Some(OutboxEntry {
            id: delivery_id(&self.event.id, 0),
            transport: capabilities.transport,
            first: self.messages.len() - count,
            count,
            expires: closes.into_iter().chain(allowed).chain(texting::expiry(self)).min(),
            reply: self.way(),
        })
    }

    /// The direct way to what is answered, or to the last that could be, and the line on which the customer is now.
    fn way(&self) -> Option<ReplyHandle> {
        let direct = self.event.reply.clone().or_else(|| self.head.thread.clone());
        let Some(id) = self.head.line.clone() else { return direct };
        let none = ReplyHandle { token: String::new(), until: UnixMillis(0), line: None };
        if self.texts {
            // No answer to a request is a text message.
            return Some(ReplyHandle { line: Some(Line { id, waits: false, texts: true }), ..none });
        }
        let line = Some(Line { id, waits: matches!(self.head.owner, Owner::Queued { .. }), texts: false });
        Some(ReplyHandle { line, ..direct.unwrap_or(none) })
    }

    /// Whether bot and notices may send another message, where that has a limit.
    pub(super) fn may_answer(&self) -> bool {
        let most = self.context.capabilities.automatic_per_day;
        most.is_none_or(|most| Automatic::counted(self.head.automatic, self.now()) < most)
    }

    /// For how many seconds after the customer's last message it may be sent: people have longer on some channels, but
    /// only for what they wrote themselves.
    fn window(&self) -> Option<u32> {
        let capabilities = self.context.capabilities;
        let everybody = capabilities.reply_window_seconds;
        let human = self.outgoing().iter().all(|message| message.author == Author::Agent);
        everybody.and_then(|_| capabilities.human_window_seconds.filter(|_| human)).or(everybody)
    }

    /// Until when what goes out may go, its price taken; `None`: it may not.
    fn paid(&mut self) -> Option<UnixMillis> {
        let now = self.now();
        let person = self.outgoing().iter().any(|message| message.author == Author::Agent);
        let messages = self.calls(self.outgoing());
        let left = self.head.allowances.left(now);
        let until = self.head.allowances.spend(messages, person, now);
        if until.is_none() {
            self.withhold(messages, left);
        }
        until
    }

    fn withhold(&mut self, messages: u32, left: u32) {
        let seq = self.head.seq;
        self.head.marks.note(seq, &DeliveryStatus::Failed { reason: String::new() });
        if self.changes.contains(&Change::SurveyAsked) {
            // A rating that the customer was not asked for is not waited for.
            self.changes.retain(|change| *change != Change::SurveyAsked);
            self.head.owner = Owner::Closed { survey: None };
        }
        self.changes.push(Change::Withheld { seq, messages, left });
    }

    /// Whether a person's message can still go out with this turn, where messages are counted.
    pub(super) fn affords(&self, content: &Content) -> bool {
        if !self.context.capabilities.counted {
            return true;
        }
        let mut messages = self.outgoing().to_vec();
        let (id, seq) = (message_id(&self.event.id, 0), self.head.seq);
        messages.push(Message { id, seq, author: Author::Agent, content: content.clone(), at: self.now() });
        self.head.allowances.allows(self.calls(&messages), true, self.now())
    }

    fn calls(&self, messages: &[Message]) -> u32 {
        u32::try_from((self.context.calls)(messages)).unwrap_or(u32::MAX).max(1)
    }
}
