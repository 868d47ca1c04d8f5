//! Text messages. One channel, several providers: each of the company's numbers is an account, and its settings say which
//! provider it is with. Customers are their phone numbers, in E.164.
//!
//! Keys, by provider; whatever is not set refuses:
//! - `aws`: `aws_topics`, named by our number: the SNS topic that its two-way messages are published to. No secret, but
//!   what lets them in. Calls need no key: the function's own permissions let them in.
//! - `twilio`: those of [`crate::twilio`].
//! - `aliyun`, `tencent`: `callback_keys`, named by the account: the word in the callback's address, which nobody can
//!   guess. These providers sign nothing, so it is all the proof there is.
//!
//! Settings:
//! - `accounts`: by our number as the provider writes it (E.164, or the digits of a short code), or for a Chinese gateway
//!   by any name of letters and digits: `{"provider": "aws" | "twilio" | "aliyun" | "tencent"}` and, besides,
//!   - `account_sid`: Twilio's account (`AC…`) that the number belongs to; without it the first auth token's;
//!   - `messaging_service_sid`: Twilio's messaging service (`MG…`) to send through, instead of the number itself;
//!   - `self_managed`: `true` where the provider's own answers to STOP, START and HELP are switched off: then ours go out;
//!   - `opt_out_words`: further words that end messages, such as those of a Chinese template ("回复R退订").
//! - `webhook_url`: this channel's webhook as the providers reach it; Twilio then tells there what became of messages.
//!
//! ```json
//! {"aws_topics":[{"kid":"+12125550101","secret":"arn:aws:sns:us-east-1:111122223333:frontdesk-sms"}],
//!  "twilio_auth_tokens":[{"kid":"AC…","secret":"…"}],
//!  "callback_keys":[{"kid":"shop-cn","secret":"…"}],
//!  "settings":{"webhook_url":"https://api.example.com/webhooks/sms",
//!   "accounts":{"+12125550101":{"provider":"aws"},"+14155550199":{"provider":"twilio"},
//!    "shop-cn":{"provider":"aliyun","opt_out_words":["R"]}}}}
//! ```
//!
//! **Whose number.** Anybody can put any sender on a text message, so a customer's number proves nothing: no customer is
//! linked by it.
//!
//! **No library of phone numbers.** All that is asked is the form of E.164. Which number is a landline only its carrier
//! knows, and says so when it refuses.
//!
//! Sources: docs.aws.amazon.com/sms-voice (two-way SMS, opt-out lists), SNS's `Publish`, Twilio's Messaging API and error
//! codes, help.aliyun.com/zh/sms (`SmsUp`), cloud.tencent.com/document/product/382 (replies).

mod classify;
mod gateway;
mod number;
mod number_setup;
mod parts;
mod render;
mod segments;
mod settings;
#[cfg(test)]
mod tests;
mod topic;
mod twilio;
mod verify;
mod words;

use domain::{Capabilities, Delivery, Message, Outbound, Transport, UnixMillis};

pub use segments::{Encoding, Segments, segments};

use self::settings::{Provider, Setup};
use crate::settings::{faults, object};
use crate::{
    Acknowledgement, Channel, Doors, Gate, KeySet, Need, Parsed, Probing, RawRequest, RenderError, Rendering,
    SettingsFault, Verified, VerifyError, WireCall, WireReply, twilio as api,
};

/// The purpose of the topics that our numbers' messages are published to.
pub const AWS_TOPICS: &str = "aws_topics";
/// The purpose of the words in callbacks' addresses.
pub const CALLBACK_KEYS: &str = "callback_keys";

const NEEDS: &[Need] =
    &[Need::setting(ACCOUNTS, "an object of the company's numbers, each with its `provider`", object)];
/// The setting that says which numbers there are.
pub const ACCOUNTS: &str = "accounts";
/// The setting that says where the webhook is.
pub const WEBHOOK_URL: &str = "webhook_url";

static CAPABILITIES: Capabilities =
    Capabilities { transport: Transport::Sms, max_text_chars: parts::MOST, ..Capabilities::PLAIN };

/// Text messages.
#[derive(Debug, Clone, Copy)]
pub struct Sms;

impl Channel for Sms {
    fn needs(&self) -> &'static [Need] {
        NEEDS
    }

    fn check(&self, keys: &KeySet) -> Vec<SettingsFault> {
        faults(NEEDS, keys).into_iter().chain(settings::faults(keys)).collect()
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn doors(&self) -> Doors {
        Doors::Both
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        verify::verify(request, keys, now)
    }

    fn parse(&self, request: &Verified<'_>) -> Parsed {
        let Some(setup) = Setup::of(request.principal()) else { return Parsed::default() };
        match setup.provider {
            Provider::Twilio => twilio::parse(request, &setup),
            Provider::Aws => topic::parse(request, &setup),
            Provider::Aliyun | Provider::Tencent => gateway::parse(request, &setup),
        }
    }

    /// Twilio's: an answer without a message in it.
    fn acknowledgement(&self) -> Acknowledgement {
        twilio::ACKNOWLEDGEMENT
    }

    fn api(&self) -> &'static str {
        api::API
    }

    fn probing(&self) -> Option<&'static dyn Probing> {
        Some(&number_setup::Numbers)
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with.keys)
    }

    fn calls(&self, messages: &[Message]) -> usize {
        parts::most(messages)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify::classify(reply)
    }
}
