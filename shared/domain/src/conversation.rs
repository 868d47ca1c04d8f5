//! A conversation's head: the state that `decide` reads and writes.

use serde::{Deserialize, Serialize};

use crate::{
    AgentId, Allowances, ConversationId, CustomerId, Doubt, Identity, Link, Locale, Marks, Memory, Offer, ReplyHandle,
    UnixMillis,
};

/// Turns after which an identity's next event opens a new conversation.
pub const MAX_TURNS: u32 = 200;

/// Bytes of a stored head, in JSON, at most: one write unit.
const MAX_BYTES: usize = 1024;

/// The state of an identity's current conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversation {
    /// The conversation.
    pub id: ConversationId,
    /// Whose it is, for life.
    pub identity: Identity,
    /// Which conversation of this identity it is, from 1.
    pub number: u32,
    /// Grows by one with every commit; 0 is a state that was never committed.
    pub version: u64,
    /// Seq of the identity's last message; it goes on across conversations, so that a reader's place never turns back.
    pub seq: u64,
    /// Turns in this conversation.
    pub turns: u32,
    /// Who answers.
    pub owner: Owner,
    /// The language last spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<Locale>,
    /// Questions in a row that the bot could not answer.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unknown_streak: u32,
    /// What the bot keeps of it.
    #[serde(default, skip_serializing_if = "Memory::is_empty")]
    pub memory: Memory,
    /// The question of which the next message tells whether it was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// When it was opened.
    pub opened_at: UnixMillis,
    /// When it last changed.
    pub updated_at: UnixMillis,
    /// When the customer last wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heard_at: Option<UnixMillis>,
    /// When a person last wrote to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<UnixMillis>,
    /// When something was last sent to the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoke_at: Option<UnixMillis>,
    /// Since when the customer waits for a person's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting_since: Option<UnixMillis>,
    /// Whether the customer was asked, since a person last wrote, whether they are still there.
    #[serde(default, skip_serializing_if = "is_default")]
    pub reminded: bool,
    /// What happens next if nobody does anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<Deadline>,
    /// The alarm that is set, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm: Option<Alarm>,
    /// How fast the customer writes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub pace: Pace,
    /// What is known of deliveries.
    #[serde(default, skip_serializing_if = "is_default")]
    pub marks: Marks,
    /// The choices that the customer can take by typing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Offer>,
    /// Where a message goes on that answers none directly, on channels with threads.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<ReplyHandle>,
    /// What bot and notices have sent, on channels where that has a limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automatic: Option<Automatic>,
    /// How much may still be sent, on channels that count.
    #[serde(default, skip_serializing_if = "Allowances::is_empty")]
    pub allowances: Allowances,
    /// The line on which the customer is, on channels that are live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// To which customer the identity belongs; none: to its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Link>,
    /// Seq of the text message that is on its way to a customer who waits on the line to hear of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub texting: Option<u64>,
    /// Whether the customer wants no messages.
    #[serde(default, skip_serializing_if = "is_default")]
    pub opted_out: bool,
    /// When this person was last forgotten: what happened until then changes nothing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forgotten_at: Option<UnixMillis>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Who answers the customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Owner {
    /// The bot.
    Bot,
    /// The customer waits for a person; the bot still answers what it knows.
    Queued {
        /// Since when.
        since: UnixMillis,
        /// Until when at most; heads of before there were deadlines have none until their next event.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        deadline: Option<UnixMillis>,
        /// The person who is to take it, if one was named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wanted: Option<AgentId>,
    },
    /// A person; the bot is silent.
    Human {
        /// Who.
        agent: AgentId,
        /// Since when.
        since: UnixMillis,
        /// Until when they may leave a waiting customer without any action.
        lease: UnixMillis,
    },
    /// A person who has ended it and writes notes.
    WrapUp {
        /// Who.
        agent: AgentId,
        /// Until when.
        until: UnixMillis,
    },
    /// Nobody: the next message opens a new conversation.
    Closed {
        /// The rating that is asked for, if one is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        survey: Option<Survey>,
    },
}

/// How far asking for a rating has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "survey", rename_all = "snake_case")]
pub enum Survey {
    /// It will be asked.
    Due {
        /// When.
        at: UnixMillis,
    },
    /// It was asked.
    Asked {
        /// Until when an answer counts.
        until: UnixMillis,
    },
}

/// Something that happens at its time if nothing else does before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    /// When.
    pub at: UnixMillis,
    /// What.
    pub step: Step,
}

/// What a deadline does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Nobody came for the customer: the bot is back.
    EndQueue,
    /// The person left a waiting customer alone: queued again.
    EndLease,
    /// Is the customer still there?
    Remind,
    /// Nothing was written for long: closed.
    CloseIdle,
    /// The time for notes is over: closed.
    EndWrapUp,
    /// The rating is asked for.
    AskSurvey,
}

/// An alarm outside: one schedule that comes back as a timer event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// When it is to go off.
    pub at: UnixMillis,
    /// The turn (its number) that set it: no other alarm of the identity has the same.
    pub turn: u64,
}

/// Messages in the current minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    /// Minutes since the epoch.
    pub minute: i64,
    /// Messages in it so far.
    pub count: u32,
}

/// What bot and notices have sent in the current 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automatic {
    /// When the first of them was sent.
    pub since: UnixMillis,
    /// How many.
    pub count: u32,
}

impl Automatic {
    /// Seconds for which they count.
    const SECONDS: i64 = 24 * 60 * 60;

    /// How many of them count now.
    pub fn counted(one: Option<Self>, now: UnixMillis) -> u32 {
        one.filter(|one| one.since.plus_seconds(Self::SECONDS) > now).map_or(0, |one| one.count)
    }

    /// The same with one more.
    #[must_use]
    pub fn and_one(one: Option<Self>, now: UnixMillis) -> Self {
        match (one, Self::counted(one, now)) {
            (Some(one), count @ 1..) => Self { count: count.saturating_add(1), ..one },
            (Some(_), 0) | (None, _) => Self { since: now, count: 1 },
        }
    }
}

impl Conversation {
    /// The state before an identity's first event.
    pub fn first(identity: &Identity, at: UnixMillis) -> Self {
        Self {
            id: Self::id_of(identity, 1),
            identity: identity.clone(),
            number: 1,
            version: 0,
            seq: 0,
            turns: 0,
            owner: Owner::Bot,
            locale: None,
            unknown_streak: 0,
            memory: Memory::default(),
            doubt: None,
            opened_at: at,
            updated_at: at,
            heard_at: None,
            answered_at: None,
            spoke_at: None,
            waiting_since: None,
            reminded: false,
            deadline: None,
            alarm: None,
            pace: Pace::default(),
            marks: Marks::default(),
            offer: None,
            thread: None,
            automatic: None,
            allowances: Allowances::default(),
            line: None,
            link: None,
            texting: None,
            opted_out: false,
            forgotten_at: None,
        }
    }

    /// The conversation that follows a closed one, with the bot: same identity, language, customer, order, line, choices
    /// that are still open to judge and what the provider counts, nothing else carried over.
    #[must_use]
    pub fn next(&self, at: UnixMillis) -> Self {
        let number = self.number.saturating_add(1);
        Self {
            id: Self::id_of(&self.identity, number),
            number,
            version: self.version,
            seq: self.seq,
            locale: self.locale.clone(),
            // To come back with something else is to have taken no choice; to want a person then is another matter.
            doubt: self.doubt.clone().filter(|doubt| doubt.choices),
            spoke_at: self.spoke_at,
            alarm: self.alarm,
            pace: self.pace,
            marks: self.marks.clone(),
            thread: self.thread.clone(),
            automatic: self.automatic,
            allowances: self.allowances.clone(),
            line: self.line.clone(),
            link: self.link.clone(),
            texting: self.texting,
            opted_out: self.opted_out,
            forgotten_at: self.forgotten_at,
            ..Self::first(&self.identity, at)
        }
    }

    /// The conversation that goes on where this one is full: who answers, and what is due, stays.
    #[must_use]
    pub fn continued(&self, at: UnixMillis) -> Self {
        let number = self.number.saturating_add(1);
        Self { id: Self::id_of(&self.identity, number), number, turns: 0, opened_at: at, ..self.clone() }
    }

    /// What is kept of a person who is forgotten: the numbers that keep order, when, and that they wanted no messages. No
    /// account of theirs, nothing they wrote.
    #[must_use]
    pub fn erased(&self, at: UnixMillis) -> Self {
        let nobody = Identity { user: String::new(), ..self.identity.clone() };
        Self {
            id: Self::id_of(&self.identity, self.number.saturating_add(1)),
            number: self.number.saturating_add(1),
            version: self.version,
            seq: self.seq,
            opted_out: self.opted_out,
            forgotten_at: Some(at),
            ..Self::first(&nobody, at)
        }
    }

    /// Without what there is no room for: first what only the team's reports need, then the choices that can be taken by
    /// typing. What is typed is a question then.
    #[must_use]
    pub(crate) fn within_bounds(self) -> Self {
        let large = |head: &Self| serde_json::to_string(head).is_ok_and(|stored| stored.len() > MAX_BYTES);
        if !large(&self) {
            return self;
        }
        let lighter = Self { doubt: None, ..self };
        if lighter.offer.is_some() && large(&lighter) { Self { offer: None, ..lighter } } else { lighter }
    }

    /// Whether this is all that is left of a person who was forgotten.
    pub fn is_erased(&self) -> bool {
        self.forgotten_at.is_some() && self.identity.user.is_empty()
    }

    /// To which customer the identity belongs.
    pub fn customer(&self) -> CustomerId {
        self.link.as_ref().map_or_else(|| CustomerId::of(&self.identity), |link| link.customer.clone())
    }

    fn id_of(identity: &Identity, number: u32) -> ConversationId {
        ConversationId::derive(&[identity.group().as_str().as_bytes(), &number.to_be_bytes()])
    }
}
