//! Answers to steps: the reply, or how the contact goes on without one.

use domain::{Capabilities, DedupId, Outbound};

use super::asked::{Act, Asked, Form};
use super::event::Event;
use super::flow::{self, Status};
use super::lex;
use super::said::Said;
use super::turn::Turn;
use super::{CAPABILITIES, words};
use crate::ear;
use crate::{Answer, AnswerWith, Answering, KeySet, RenderError, Unanswered, Waits};

/// Connect and Lex wait 8 seconds, what AWS needs itself included. A late reply is kept for about a minute.
const WAITS: Waits = Waits { patience_millis: 6_500, tries: 6, lets_go: false };

/// What a flow's customer who reads is shown: numbered lines.
static CHAT: Capabilities = Capabilities { keypad: false, ..CAPABILITIES };
/// What Lex's is shown: buttons.
static CARDS: Capabilities = Capabilities {
    max_quick_replies: lex::BUTTONS,
    max_buttons: lex::BUTTONS,
    max_choice_chars: lex::MAX_BUTTON,
    link_buttons: false,
    ..CHAT
};

/// Step by step.
pub(super) struct StepByStep;

impl Answering for StepByStep {
    fn waits(&self, _keys: &KeySet) -> Option<Waits> {
        Some(WAITS)
    }

    fn answer(&self, outbound: &Outbound, with: &AnswerWith<'_>) -> Result<Option<Answer>, RenderError> {
        let Some(asked) = asked(with) else { return Ok(None) };
        let eye = match asked.form {
            Form::Flow => &CHAT,
            Form::Lex { .. } => &CARDS,
        };
        let said = Said::of(outbound, &asked, eye)?;
        let waits = outbound.reply.as_ref().and_then(|reply| reply.line.as_ref()).is_some_and(|line| line.waits);
        let status = if waits { Status::Transfer } else { Status::Listen };
        Ok(Some(said_so(&asked, status, &said, &Turn::after(outbound.last_seq()), &[])))
    }

    fn otherwise(&self, why: Unanswered, with: &AnswerWith<'_>) -> Option<Answer> {
        let asked = asked(with)?;
        let language = asked.language;
        let says = |text: &str| Said { texts: vec![text.to_owned()], ..Said::default() };
        Some(match (why, &asked.act) {
            (Unanswered::Late, _) => {
                let said = match (&asked.form, asked.listens) {
                    // A flow asks again by itself.
                    (Form::Flow, _) => says(ear::words::wait(language)),
                    (Form::Lex { .. }, true) => says(words::later(language, true)),
                    (Form::Lex { .. }, false) => {
                        Said { buttons: vec![words::go_on(language).to_owned()], ..says(words::later(language, false)) }
                    }
                };
                said_so(&asked, Status::Wait, &said, &asked.turn, &asked.owed())
            }
            (Unanswered::Unasked, Act::Nothing) => {
                let said = says(ear::words::again(language));
                said_so(&asked, Status::Listen, &said, &asked.turn.next(), &asked.late)
            }
            (Unanswered::Unasked, _) => said_so(&asked, Status::Done, &Said::default(), &asked.turn, &[]),
            // A person has the conversation, or the reply came too late for this contact.
            (Unanswered::Elsewhere | Unanswered::Nothing, _) => {
                said_so(&asked, Status::Transfer, &says(words::transfer(language)), &asked.turn, &[])
            }
        })
    }
}

fn asked(with: &AnswerWith<'_>) -> Option<Asked> {
    Asked::of(Event::read(with.request.body)?, with.keys).ok()
}

fn said_so(asked: &Asked, status: Status, said: &Said, turn: &Turn, late: &[DedupId]) -> Answer {
    let late = late.iter().map(DedupId::as_str).collect::<Vec<_>>().join(",");
    let body = match &asked.form {
        Form::Flow => flow::map(status, said, turn, &late, asked.language),
        Form::Lex { attributes, intent } => {
            lex::answer(status, said, (turn, &late), asked.language, (attributes, intent.as_ref()))
        }
    };
    Answer { content_type: "application/json", body: body.to_string() }
}
