//! Which questions the bot could not answer. Some are known only by what the customer does next.

use super::draft::Draft;
use crate::{Content, Doubt, Outcome, Part, Unanswered, Why};

/// Judges an answer to what the customer sent, and by it the one before. `taken`: it takes a choice, though it was typed.
pub(super) fn judge(draft: &mut Draft<'_>, content: &Content, taken: bool, outcome: &Outcome, open: &[String]) {
    if draft.context.capabilities.letters {
        // A letter may ask several things, each of which is answered or not. The next one is another letter: of whoever
        // writes it about whatever, it tells nothing of this one.
        if let Content::Text { text } = content {
            let parts = open.iter().filter_map(|question| Part::find(text, question));
            let unknown = |part| Unanswered { why: Why::Unknown, question: None, part: Some(part) };
            draft.unanswered.extend(parts.map(unknown));
        }
        return;
    }
    let in_words = matches!(content, Content::Text { .. }) && !taken;
    if let Some(Doubt { turn, choices }) = draft.head.doubt.take() {
        let chosen = !in_words && matches!(outcome, Outcome::Answered { .. } | Outcome::Guided { .. });
        let why = match outcome {
            Outcome::Handoff => Some(Why::Handoff),
            Outcome::Answered { .. }
            | Outcome::Greeted
            | Outcome::Guided { .. }
            | Outcome::Asked
            | Outcome::Refused
            | Outcome::Unknown
            | Outcome::Unsupported => (choices && !chosen).then_some(Why::NotMeant),
        };
        draft.unanswered.extend(why.map(|why| Unanswered { why, question: Some(turn), part: None }));
    }
    if !in_words {
        return;
    }
    let doubt = |choices| Some(Doubt { turn: draft.event.id.clone(), choices });
    match outcome {
        Outcome::Unknown => draft.unanswered.push(Unanswered { why: Why::Unknown, question: None, part: None }),
        Outcome::Asked => {
            draft.head.doubt = doubt(true);
            draft.unanswered.push(Unanswered { why: Why::Asked, question: None, part: None });
        }
        Outcome::Answered { .. } => draft.head.doubt = doubt(false),
        Outcome::Greeted | Outcome::Guided { .. } | Outcome::Refused | Outcome::Handoff | Outcome::Unsupported => {}
    }
}
