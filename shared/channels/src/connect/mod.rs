//! Amazon Connect's contact flows and Lex V2's fulfilment, which both call a function and wait for what it returns. One
//! step of a contact (what the customer said, typed or pressed, or that they have just come) is one invocation. Sources:
//! AWS's *Amazon Connect Administrator Guide* ("Grant Amazon Connect access to your Lambda functions") and *Amazon Lex V2
//! Developer Guide* ("Lambda function input event and response format"), the types of `@types/aws-lambda`.
//!
//! AWS itself hands these events over: the function's permissions say which instance and which bot alias may. Nothing signs
//! them, so what an event names is looked up among the company's own. Keys: `sources`, a list of the ARNs of Connect
//! instances and of Lex V2 bot aliases, each under a name of the company's, which is its account here. Settings:
//! `accounts`, by these names; of one:
//! - `language`: `zh` or `en`, where an event names none (Connect tells it once a flow has set a voice); left out, `zh`.
//!
//! ```json
//! {"sources": [
//!    {"kid": "hotline", "secret": "arn:aws:connect:us-east-1:111122223333:instance/12345678-1234-1234-1234-123456789012"},
//!    {"kid": "shop-bot", "secret": "arn:aws:lex:us-east-1:111122223333:bot-alias/ABCDEFGHIJ/TSTALIASID"}],
//!  "settings": {"accounts": {"hotline": {"language": "zh"}}}}
//! ```
//!
//! Both give back on the next step what they were told: a flow by the parameters of its block, Lex by the session's
//! attributes. That says which turn of the talk it is (`turn`) and which replies were late (`late`), so that an invocation
//! that comes again is the same event and gets the same answer.

mod answer;
mod asked;
mod classify;
mod event;
mod flow;
mod lex;
mod parse;
mod said;
mod source;
#[cfg(test)]
mod tests;
mod turn;
mod verify;
mod words;

use domain::{Capabilities, Delivery, Outbound, Transport, UnixMillis};

use crate::{
    Acknowledgement, Answering, Channel, Doors, Gate, KeySet, Need, Parsed, RawRequest, RenderError, Rendering,
    SettingsFault, Verified, VerifyError, WireCall, WireReply, settings,
};

/// The list of the ARNs of Connect instances and Lex V2 bot aliases.
pub const SOURCES: &str = "sources";
/// The setting that describes them, by their names.
pub const ACCOUNTS: &str = "accounts";

const NEEDS: &[Need] = &[Need::keys(
    SOURCES,
    "the ARN of a Connect instance (arn:aws:connect:…:instance/…) or of a Lex V2 bot alias (arn:aws:lex:…:bot-alias/…/…)",
    source::is_source,
)];

/// Choices are numbers to press, say or type, as a flow and a spoken bot have nothing else.
static CAPABILITIES: Capabilities =
    Capabilities { transport: Transport::Voice, max_text_chars: 1024, keypad: true, live: true, ..Capabilities::PLAIN };

/// The channel of contact flows and Lex bots.
#[derive(Debug, Clone, Copy)]
pub struct Connect;

impl Channel for Connect {
    fn needs(&self) -> &'static [Need] {
        NEEDS
    }

    fn check(&self, keys: &KeySet) -> Vec<SettingsFault> {
        let mut faults = settings::faults(NEEDS, keys);
        faults.extend(source::faults(keys));
        faults
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn doors(&self) -> Doors {
        Doors::Events
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        verify::verify(request, keys, now)
    }

    fn parse(&self, request: &Verified<'_>) -> Parsed {
        parse::parse(request)
    }

    /// A flow that gets nothing back goes on by its own default.
    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement { content_type: "application/json", body: "{}" }
    }

    fn answering(&self) -> Option<&'static dyn Answering> {
        Some(&answer::StepByStep)
    }

    /// There is no way to say anything to a contact but in the answer to its own step.
    fn render(&self, _outbound: &Outbound, _with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        Err(RenderError("the contact did not ask for it in time, and nothing can be said to it unasked".to_owned()))
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify::classify(reply)
    }
}
