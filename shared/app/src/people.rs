//! Whether a person of the company is there. Nobody signs in to Frontdesk, so who is at work shows in what they do:
//! somebody is there who has taken, answered, noted, given on or closed any conversation within the time for which a
//! person may leave a waiting customer alone (the policy's lease). Whoever sits by without any of that longer counts as
//! away.

use domain::{
    Answer, Answers, Ask, Context, Conversation, EventKind, InboundEvent, Locale, Notice, UnixMillis, decide,
};

use crate::PortError;
use crate::answers::KnowledgeBot;
use crate::ports::People;
use crate::writer;

/// The bot, while a person is there or none is.
#[derive(Debug, Clone, Copy)]
pub struct Staffed<'a> {
    /// The bot.
    pub bot: &'a KnowledgeBot,
    /// Whether a person is there.
    pub people: bool,
}

impl Answers for Staffed<'_> {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        self.bot.answer_with(ask, self.people)
    }

    fn notice(&self, notice: Notice, locale: Option<&Locale>) -> String {
        self.bot.notice(notice, locale)
    }
}

/// Whether a person is there; read only where this event's decision hangs on it, and else said to be none.
pub(crate) async fn there(
    people: &dyn People,
    bot: &KnowledgeBot,
    state: Option<&Conversation>,
    event: &InboundEvent,
    context: &Context<'_>,
) -> Result<bool, PortError> {
    if !bot.looks_for_people() {
        return Ok(false);
    }
    let with = |people| decide(state, event, &Context { bot: &Staffed { bot, people }, ..*context });
    if with(true) == with(false) {
        return Ok(false);
    }
    let lease = i64::from(context.policy.lease_seconds);
    Ok(people.last_seen().await?.is_some_and(|seen| seen.plus_seconds(lease) > context.now))
}

/// Keeps that somebody was at work, where a flow may ask.
pub(crate) async fn noticed(
    people: &dyn People,
    bot: &KnowledgeBot,
    event: &InboundEvent,
    now: UnixMillis,
) -> Result<(), PortError> {
    // A summary is a note that no person wrote.
    let at_the_desk = matches!(&event.kind, EventKind::Agent { agent, .. } if *agent != writer::author());
    let acted = at_the_desk || matches!(event.kind, EventKind::AnsweredElsewhere { .. });
    // A provider's clock may be ahead.
    if acted && bot.looks_for_people() { people.seen(event.at.min(now)).await } else { Ok(()) }
}
