//! What happens at its time if nothing else does before.

use super::draft::Draft;
use crate::{Alarm, Change, Closer, Conversation, Deadline, Notice, Owner, Policy, Step, Survey, UnixMillis};

/// Seconds for which a rating is taken.
const SURVEY_SECONDS: u32 = 24 * 60 * 60;

/// What is due next, and when.
pub(super) fn next(head: &Conversation, policy: &Policy) -> Option<Deadline> {
    let later = |from: UnixMillis, seconds: u32| from.plus_seconds(i64::from(seconds));
    let due = |at, step| Some(Deadline { at, step });
    match &head.owner {
        Owner::Queued { since, deadline, .. } => {
            due(deadline.unwrap_or_else(|| later(*since, policy.queue_seconds)), Step::EndQueue)
        }
        Owner::Human { lease, .. } if head.waiting_since.is_some() => due(*lease, Step::EndLease),
        Owner::Human { since, .. } => {
            let quiet_since = head.heard_at.max(head.answered_at).max(Some(*since))?;
            let reminder = policy.reminder_seconds.filter(|_| !head.reminded).map(|seconds| (seconds, Step::Remind));
            let close = policy.idle_close_seconds.map(|seconds| (seconds, Step::CloseIdle));
            let (seconds, step) = reminder.into_iter().chain(close).min_by_key(|(seconds, _)| *seconds)?;
            due(later(quiet_since, seconds), step)
        }
        Owner::WrapUp { until, .. } => due(*until, Step::EndWrapUp),
        Owner::Closed { survey: Some(Survey::Due { at }) } => due(*at, Step::AskSurvey),
        Owner::Bot | Owner::Closed { survey: Some(Survey::Asked { .. }) | None } => None,
    }
}

/// If it is the head's alarm, it is used up, and whatever is due by now happens. Any other does nothing: it leaves no
/// turn, so that coming again it would act out of turn, ahead of what an elder turn still owes.
pub(super) fn went_off(draft: &mut Draft<'_>, alarm: Alarm) {
    if draft.head.alarm != Some(alarm) {
        return;
    }
    draft.head.alarm = None;
    overdue(draft, &[]);
    let idle = draft.changes.is_empty() && next(&draft.head, draft.context.policy).is_none();
    if idle && alarm.at <= draft.now() {
        // Nothing waits for another, and one of the past counts for nothing: that is not worth a turn.
        draft.head.alarm = Some(alarm);
    }
}

/// Does what is due by now, but for the steps that the event itself makes pointless.
pub(super) fn overdue(draft: &mut Draft<'_>, pointless: &[Step]) {
    // A step leads to at most a few others; none of them is due at once again.
    for _ in 0..8 {
        let due = next(&draft.head, draft.context.policy).filter(|due| due.at <= draft.now());
        match due {
            Some(due) if !pointless.contains(&due.step) => step(draft, due.step),
            Some(_) | None => return,
        }
    }
}

fn step(draft: &mut Draft<'_>, step: Step) {
    match step {
        Step::EndQueue => {
            draft.head.owner = Owner::Bot;
            draft.head.waiting_since = None;
            draft.changes.push(Change::QueueEnded);
            draft.notify(Notice::QueueEnded);
        }
        Step::EndLease => {
            if let Owner::Human { agent, .. } = &draft.head.owner {
                draft.changes.push(Change::LeaseEnded { agent: agent.clone() });
            }
            draft.queue(None);
        }
        Step::Remind => {
            draft.head.reminded = true;
            draft.changes.push(Change::Reminded);
            draft.notify(Notice::Reminder);
        }
        Step::CloseIdle => {
            draft.notify(Notice::ClosedIdle);
            close(draft, Closer::Idle);
        }
        Step::EndWrapUp => close(draft, Closer::Agent),
        Step::AskSurvey => ask_survey(draft),
    }
}

/// Closes a conversation that a person had.
pub(super) fn close(draft: &mut Draft<'_>, by: Closer) {
    let survey = draft.context.policy.survey_seconds.map(|seconds| Survey::Due { at: draft.after(seconds) });
    draft.changes.push(Change::Closed { conversation: draft.head.id.clone(), by });
    draft.head.owner = Owner::Closed { survey };
    draft.head.waiting_since = None;
    if draft.context.policy.survey_seconds == Some(0) {
        ask_survey(draft);
    }
}

/// A time for notes that is over closes the conversation; to ask for a rating now would be beside the point, as somebody
/// writes already.
pub(super) fn end_wrap_up(draft: &mut Draft<'_>) {
    if matches!(&draft.head.owner, Owner::WrapUp { until, .. } if *until <= draft.now()) {
        let conversation = draft.head.id.clone();
        draft.changes.push(Change::Closed { conversation, by: Closer::Agent });
        draft.head.owner = Owner::Closed { survey: None };
    }
}

fn ask_survey(draft: &mut Draft<'_>) {
    draft.head.owner = Owner::Closed { survey: Some(Survey::Asked { until: draft.after(SURVEY_SECONDS) }) };
    draft.changes.push(Change::SurveyAsked);
    draft.notify(Notice::Survey);
}
