//! What the customer writes, and who answers it.

use super::draft::{Draft, SURVEY_PAYLOAD};
use super::{doubt, texting, timer, wish};
use crate::offer::number;
use crate::{
    ActionNews, ActionResult, Asked, Author, Change, Content, MediaNews, Notice, Outcome, Owner, Pace, Step, Survey,
    mask,
};

/// A message of the customer.
pub(super) fn heard(draft: &mut Draft<'_>, content: &Content) {
    if content.ends_line() {
        gone(draft, content);
        return;
    }
    if let Some((wish, answered)) = content.wish() {
        wish::made(draft, content, wish, answered);
        return;
    }
    if draft.silent {
        // Nobody can answer; whoever looks finds it.
        draft.say(Author::Customer, content.clone());
        draft.head.heard_at = Some(draft.now());
        return;
    }
    if content.asks_nothing() {
        // It stands in the history and changes nothing else.
        draft.note(Author::Customer, content.clone());
        return;
    }
    timer::end_wrap_up(draft);
    let rating = rating(draft, content);
    if matches!(draft.head.owner, Owner::Closed { .. }) && rating == Rating::None {
        draft.head = draft.head.next(draft.now());
    }
    draft.say(Author::Customer, content.clone());
    draft.head.heard_at = Some(draft.now());
    let links = content.texted().filter(|_| draft.context.capabilities.texts);
    // Nothing but the links goes into a text message: what is due besides is said when its alarm goes off.
    if links.is_none() && !matches!(draft.head.owner, Owner::Closed { .. }) {
        timer::overdue(draft, &[Step::Remind, Step::CloseIdle]);
    }
    if rating != Rating::None {
        rated(draft, rating);
        return;
    }
    let allowed = paced(draft);
    if let Some(links) = links {
        // Whoever has the conversation: nobody is asked anything.
        if allowed && !draft.is_off_line() {
            texting::wanted(draft, links);
        }
        return;
    }
    if draft.is_off_line() && draft.head.owner == Owner::Bot {
        // Nothing that the bot says would be heard: it is a person's to call back.
        draft.queue(None);
        return;
    }
    match draft.head.owner.clone() {
        Owner::Human { agent, since, lease } => {
            if draft.head.waiting_since.is_none() {
                draft.head.waiting_since = Some(draft.now());
                // The wait begins now, however long ago the person last did something.
                let lease = lease.max(draft.after(draft.context.policy.lease_seconds));
                draft.head.owner = Owner::Human { agent, since, lease };
            }
        }
        Owner::WrapUp { agent, .. } => {
            let lease = draft.after(draft.context.policy.lease_seconds);
            draft.head.owner = Owner::Human { agent, since: draft.now(), lease };
            draft.head.waiting_since = Some(draft.now());
            draft.head.reminded = false;
            draft.changes.push(Change::Reopened);
        }
        Owner::Bot | Owner::Queued { .. } => {
            // What is spoken is answered once it was listened to.
            if allowed && !content.is_spoken() {
                answer(draft, content);
            }
        }
        Owner::Closed { .. } => {}
    }
}

/// Nothing can be said on the customer's line any more. Who has hung up waits for nobody.
fn gone(draft: &mut Draft<'_>, content: &Content) {
    draft.note(Author::Customer, content.clone());
    draft.head.line = None;
    if !content.is_departure() {
        return;
    }
    draft.head.waiting_since = None;
    if matches!(draft.head.owner, Owner::Queued { .. }) {
        draft.head.owner = Owner::Bot;
        draft.changes.push(Change::QueueEnded);
    }
}

/// What is said in a voice note is answered as if it had been written; what nobody understood is asked for in writing.
pub(super) fn fetched(draft: &mut Draft<'_>, news: &MediaNews) {
    let transcript = news.transcript.as_ref().map(|text| mask(text, &draft.context.policy.mask));
    draft.changes.push(Change::Media(MediaNews { transcript, ..news.clone() }));
    if draft.is_off_line() || draft.silent {
        return;
    }
    match (&draft.head.owner, &news.transcript) {
        (Owner::Bot | Owner::Queued { .. }, Some(text)) => answer(draft, &Content::Text { text: text.clone() }),
        (Owner::Bot | Owner::Queued { .. }, None) if news.unheard => draft.notify(Notice::Unheard),
        (Owner::Bot | Owner::Queued { .. }, None)
        | (Owner::Human { .. } | Owner::WrapUp { .. } | Owner::Closed { .. }, _) => {}
    }
}

/// An action has ended. Its flow goes on, unless it is not waited for any more, or a person has the conversation.
pub(super) fn acted(draft: &mut Draft<'_>, news: &ActionNews) {
    let kept = match &news.result {
        ActionResult::Done { values } => ActionResult::Done { values: draft.covered(values.clone()) },
        ActionResult::Refused { .. } | ActionResult::Failed => news.result.clone(),
    };
    draft.changes.push(Change::ActionEnded(ActionNews { id: news.id.clone(), result: kept }));
    let waited = draft.head.memory.flow.as_ref().is_some_and(|flow| flow.action.as_ref() == Some(&news.id));
    let queued = matches!(draft.head.owner, Owner::Queued { .. });
    if !waited || draft.silent || draft.is_off_line() || !(queued || draft.head.owner == Owner::Bot) {
        return;
    }
    let answer = draft.ask(Asked::Action(news));
    for content in answer.contents {
        draft.say(Author::Bot, content);
    }
    if answer.outcome == Outcome::Handoff && !queued {
        draft.queue(None);
    }
}

fn answer(draft: &mut Draft<'_>, content: &Content) {
    let queued = matches!(draft.head.owner, Owner::Queued { .. });
    if !draft.may_answer() {
        // Whoever wrote may be a machine that answers every answer: a person looks, and nothing goes out until then.
        if !queued {
            draft.queue(None);
        }
        return;
    }
    let keypad = draft.context.capabilities.keypad;
    let asked = matches!(content, Content::Text { text } if draft.context.policy.asks_for_person(text, keypad));
    if asked || content.needs_person() {
        draft.handed_off();
        draft.head.unknown_streak = 0;
        draft.notify(Notice::Queued);
        doubt::judge(draft, content, false, &Outcome::Handoff, &[]);
    } else {
        let taken = draft.take(content);
        let answer = draft.ask(Asked::Content(taken.as_ref().unwrap_or(content)));
        doubt::judge(draft, content, taken.is_some(), &answer.outcome, &answer.open);
        let helps = match answer.outcome {
            Outcome::Answered { .. }
            | Outcome::Greeted
            | Outcome::Guided { .. }
            | Outcome::Asked
            | Outcome::Refused
            | Outcome::Handoff => true,
            // A person is on the way: that the bot does not know helps nobody.
            Outcome::Unknown | Outcome::Unsupported => !queued,
        };
        for content in answer.contents.into_iter().filter(|_| helps) {
            draft.say(Author::Bot, content);
        }
        if answer.outcome != Outcome::Handoff {
            return;
        }
    }
    if !queued {
        draft.queue(None);
    }
}

/// Counts the message; whether the bot answers it.
fn paced(draft: &mut Draft<'_>) -> bool {
    let minute = draft.now().0.div_euclid(60_000);
    let old = draft.head.pace;
    let count = if old.minute == minute { old.count.saturating_add(1) } else { 1 };
    draft.head.pace = Pace { minute, count };
    let most = draft.context.policy.messages_per_minute;
    let bot_answers = matches!(draft.head.owner, Owner::Bot | Owner::Queued { .. });
    if count == most.saturating_add(1) && bot_answers {
        draft.changes.push(Change::Limited);
        draft.notify(Notice::SlowDown);
    }
    count <= most
}

/// What a message is to a closed conversation.
#[derive(Clone, Copy, PartialEq)]
enum Rating {
    /// No rating.
    None,
    /// One that does not count: taken twice, or too late.
    Void,
    /// So many stars.
    Stars(u8),
}

/// What a message is to the survey: by itself, or by the choice that it takes where stars stand as numbers.
fn rating(draft: &Draft<'_>, content: &Content) -> Rating {
    match (rating_of(draft, content), draft.offered(content)) {
        (Rating::None, Some(choice)) => rating_of(draft, &choice),
        (rating, _) => rating,
    }
}

fn rating_of(draft: &Draft<'_>, content: &Content) -> Rating {
    let open = matches!(&draft.head.owner,
        Owner::Closed { survey: Some(Survey::Asked { until }) } if *until > draft.now());
    let (said, otherwise) = match content {
        // A choice is no question for the bot, even if it does not count.
        Content::Postback { payload, .. } => match payload.strip_prefix(SURVEY_PAYLOAD) {
            Some(stars) => (stars.parse().ok(), Rating::Void),
            None => return Rating::None,
        },
        Content::Text { text } => (number(text).and_then(|number| u8::try_from(number).ok()), Rating::None),
        Content::Image(_)
        | Content::Audio(_)
        | Content::Video(_)
        | Content::File(_)
        | Content::Location { .. }
        | Content::QuickReplies { .. }
        | Content::Buttons { .. }
        | Content::Card { .. }
        | Content::Event { .. } => return Rating::None,
    };
    let stars = said.filter(|stars| open && (1..=5).contains(stars));
    stars.map_or(otherwise, Rating::Stars)
}

fn rated(draft: &mut Draft<'_>, rating: Rating) {
    draft.head.offer = None;
    if let Rating::Stars(stars) = rating {
        draft.head.owner = Owner::Closed { survey: None };
        draft.changes.push(Change::Rated { stars });
    }
    draft.notify(Notice::SurveyThanks);
}
