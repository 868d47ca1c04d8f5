//! Passive answers: the reply to a push is the message to the customer.

use domain::Outbound;
use serde_json::json;

use super::CAPABILITIES;
use super::compose::{Shown, shown};
use super::parse::push;
use super::verify::verify;
use crate::{Answer, AnswerWith, Answering, Gate, KeySet, RenderError, Waits};

/// Weibo drops a push that is not answered within 5 seconds and sends it again, three times in all.
const WAITS: Waits = Waits { patience_millis: 5_000, tries: 3, lets_go: true };

/// Passive answers.
pub(super) struct Passive;

impl Answering for Passive {
    fn waits(&self, keys: &KeySet) -> Option<Waits> {
        (keys.text("reply") == Some("passive")).then_some(WAITS)
    }

    fn answer(&self, outbound: &Outbound, with: &AnswerWith<'_>) -> Result<Option<Answer>, RenderError> {
        let fault = |reason: String| RenderError(format!("the request to answer: {reason}"));
        let gate = verify(with.request, with.keys, with.now).map_err(|error| fault(error.to_string()))?;
        let Gate::Accept(request) = gate else { return Ok(None) };
        let asked = push(&request.body).map_err(|(_, reason)| fault(reason))?;
        let identity = &outbound.identity;
        if request.principal.account != identity.account || asked.sender_id.0 != identity.user {
            return Ok(None);
        }
        let (Ok(sender), Ok(receiver)) = (identity.account.parse::<i64>(), identity.user.parse::<i64>()) else {
            return Ok(None);
        };
        let Some(said) = whole(shown(outbound)?) else { return Ok(None) };
        let (kind, data) = said.wire();
        let data: String = form_urlencoded::byte_serialize(data.as_bytes()).collect();
        let body = json!({ "result": true, "sender_id": sender, "receiver_id": receiver, "type": kind, "data": data });
        Ok(Some(Answer { content_type: "application/json; charset=utf-8", body: body.to_string() }))
    }
}

/// The one message that an answer holds; several texts become one, if there is room.
fn whole(mut all: Vec<Shown>) -> Option<Shown> {
    if all.len() < 2 {
        return all.pop();
    }
    let texts = all.iter().map(|one| match one {
        Shown::Text(text) => Some(text.as_str()),
        Shown::Article(_) => None,
    });
    let text = texts.collect::<Option<Vec<&str>>>()?.join("\n\n");
    (text.chars().count() <= CAPABILITIES.max_text_chars).then_some(Shown::Text(text))
}
