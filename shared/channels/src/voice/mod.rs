//! The phone, through Twilio's Programmable Voice. A call goes turn by turn: each request of Twilio's says what the caller
//! did, and its answer (`TwiML`) says what they hear next and how they are listened to. Sources: Twilio's `TwiML` and
//! Calls reference, twilio-node's `VoiceResponse` types, `twilio_api_v2010`.
//!
//! One key set serves several numbers of several Twilio accounts. Keys: [`twilio`]'s. Settings: `accounts`,
//! by number (E.164, as `To` has it); a call to any other number is refused. Of a number:
//! - `twilio_account`: `AC…`, whose number it is; left out, the account of the first auth token;
//! - `language`: `zh` or `en`, in which it answers; left out, callers choose by key;
//! - `voices`: a voice by language, such as `{"zh": "Polly.Zhiyu"}`; left out, Twilio's own;
//! - `min_confidence`: below this (0 to 1; 0.3 when left out) what was recognised counts as not understood;
//! - `hours`: when people are there (`hours.rs`); left out, always;
//! - `transfer`: how a person is reached: `{"dial": "+86…"}` calls that number, `{"enqueue": "name"}` puts the caller into
//!   Twilio's queue of that name. Left out, the caller holds the line, and hears what a person writes;
//! - `sms_from`: a number of the same Twilio account from which callers have an answer's links as a text message, when they
//!   want them (`texting.rs`). Left out, none is offered.
//!
//! ```json
//! {"twilio_auth_tokens": [{"kid": "AC00000000000000000000000000000001", "secret": "…"}],
//!  "settings": {"accounts": {"+862112345678": {"language": "zh", "transfer": {"enqueue": "support"},
//!    "hours": {"offset": "+08:00", "days": {"mon": ["09:00-12:00", "13:00-18:00"]}, "closed_on": ["2027-01-01"]}}}}}
//! ```
//!
//! What is known of a call between two requests stands in the query of their address, which Twilio signs (`place.rs`): the
//! turn, so that a repeated or polling request names the same event; the language; how often nothing was understood.

mod account;
mod answer;
mod classify;
mod document;
mod hours;
mod number;
mod parse;
mod place;
mod recording;
mod render;
mod script;
#[cfg(test)]
mod tests;
mod texting;
mod verify;
mod words;

use domain::{Capabilities, Delivery, Outbound, Transport, UnixMillis};
use serde_json::Value;

use crate::settings::digits;
use crate::{
    Acknowledgement, Answering, Channel, Fetching, Gate, KeySet, Need, Parsed, Probing, RawRequest, RenderError,
    Rendering, Verified, VerifyError, WireCall, WireReply, twilio,
};

/// The setting that describes the numbers.
pub const ACCOUNTS: &str = "accounts";

const NEEDS: &[Need] = &[
    twilio::TOKEN_NEED,
    Need::setting(ACCOUNTS, "an object of the company's numbers, each as +862112345678, and so is `sms_from`", numbers),
];

fn numbers(value: &Value) -> bool {
    let is_number = |number: &str| number.strip_prefix('+').is_some_and(digits);
    let right = |(number, account): (&String, &Value)| {
        is_number(number)
            && account.get("sms_from").is_none_or(|texts| texts.is_null() || texts.as_str().is_some_and(is_number))
    };
    value.as_object().is_some_and(|accounts| !accounts.is_empty() && accounts.iter().all(right))
}

/// Media type of `TwiML`.
const XML: &str = "text/xml; charset=utf-8";

/// Choices are numbers to press or to say. How long texts are is the ear's limit, not the provider's (`ear`).
static CAPABILITIES: Capabilities = Capabilities {
    transport: Transport::Voice,
    max_text_chars: 2000,
    keypad: true,
    live: true,
    texts: true,
    ..Capabilities::PLAIN
};

/// The phone channel.
#[derive(Debug, Clone, Copy)]
pub struct Voice;

impl Channel for Voice {
    fn needs(&self) -> &'static [Need] {
        NEEDS
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        verify::verify(request, keys, now)
    }

    fn parse(&self, request: &Verified<'_>) -> Parsed {
        parse::parse(request)
    }

    /// Whatever is no `TwiML` is read to the caller as a failure.
    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { content_type: XML, body: "<Response/>" }
    }

    fn answering(&self) -> Option<&'static dyn Answering> {
        Some(&answer::TurnByTurn)
    }

    fn fetching(&self) -> Option<&'static dyn Fetching> {
        Some(&recording::Recordings)
    }

    fn api(&self) -> &'static str {
        twilio::API
    }

    fn probing(&self) -> Option<&'static dyn Probing> {
        Some(&number::Numbers)
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify::classify(reply)
    }
}
