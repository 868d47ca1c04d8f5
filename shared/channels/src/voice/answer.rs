//! Answers to Twilio's requests: the reply, or how the call goes on without one.

use domain::Outbound;

use super::account::Account;
use super::parse::{Heard, Read};
use super::place::About;
use super::script::Script;
use super::{XML, words};
use crate::twilio::Fields;
use crate::{Answer, AnswerWith, Answering, KeySet, RenderError, Unanswered, Waits};

/// Twilio waits 15 seconds for an answer, and the caller hears nothing meanwhile: after half of it they hear something.
const WAITS: Waits = Waits { patience_millis: 7_000, tries: 3, lets_go: false };

/// Turn by turn.
pub(super) struct TurnByTurn;

impl Answering for TurnByTurn {
    fn waits(&self, _keys: &KeySet) -> Option<Waits> {
        Some(WAITS)
    }

    fn answer(&self, outbound: &Outbound, with: &AnswerWith<'_>) -> Result<Option<Answer>, RenderError> {
        if outbound.is_text() {
            return Ok(None);
        }
        let number = &outbound.identity.account;
        let account = Account::expect(with.keys, number)?;
        let open = account.is_open(with.now.seconds());
        let Read { call, account, .. } = Read::of(with.request, account);
        let Some(call) = call else { return Ok(None) };
        let script = Script { call: &call, account: &account, number };
        Ok(Some(xml(script.delivery(outbound, open))))
    }

    fn otherwise(&self, why: Unanswered, with: &AnswerWith<'_>) -> Option<Answer> {
        let fields = Fields::of(with.request.body);
        let outgoing = fields.get("Direction").is_some_and(|direction| direction.starts_with("outbound"));
        let number = fields.get(if outgoing { "From" } else { "To" }).unwrap_or_default();
        let read = Read::of(with.request, Account::expect(with.keys, number).ok()?);
        let call = read.call.as_ref()?;
        let script = Script { call, account: &read.account, number };
        document(&script, &read, why, &fields).map(xml)
    }
}

/// How the call goes on; `None`: it is over, or what is answered is not looked at.
fn document(script: &Script<'_>, read: &Read, why: Unanswered, fields: &Fields) -> Option<String> {
    let (place, language) = (&read.place, script.call.language);
    let field = |name| fields.get(name).unwrap_or_default();
    match place.about {
        About::Bridged => return None,
        About::Recorded => return Some(script.ends(words::recorded(language))),
        _ if read.heard == Heard::Left => return None,
        About::Queue => return Some(script.position(field("QueuePosition").parse().unwrap_or(1))),
        About::Dialled if field("DialCallStatus") == "completed" => {
            return Some(script.ends(words::goodbye(language)));
        }
        About::Dequeued if matches!(field("QueueResult"), "bridged" | "bridging-in-process") => {
            return Some(script.ends(words::goodbye(language)));
        }
        // Another document was sent to the call.
        About::Dequeued if matches!(field("QueueResult"), "redirected" | "redirected-from-bridged") => return None,
        About::Dialled | About::Dequeued => return Some(script.nobody(place)),
        About::Talk | About::Language => {}
    }
    Some(match (why, &read.heard) {
        (Unanswered::Late, _) if place.tries + 1 < WAITS.tries => script.wait(place),
        (Unanswered::Late, _) => script.hold(place, Some(words::later(language))),
        (Unanswered::Unasked, Heard::Undecided) => script.menu(),
        (Unanswered::Unasked, Heard::Nothing) if place.held == 0 => script.again(place),
        (Unanswered::Elsewhere, Heard::Texts(_)) => script.hold(place, Some(words::texting(language))),
        // It was too much in a minute.
        (Unanswered::Nothing, Heard::Texts(_)) => script.not_texted(place),
        (Unanswered::Unasked | Unanswered::Elsewhere | Unanswered::Nothing, _) => script.hold(place, None),
    })
}

fn xml(body: String) -> Answer {
    Answer { content_type: XML, body }
}
