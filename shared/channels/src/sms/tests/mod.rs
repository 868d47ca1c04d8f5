//! What the tests of text messages share.

mod classify;
mod doors;
mod gateway;
mod parts;
mod render;
mod segments;
mod topic;
mod twilio;
mod words;

use domain::{Content, EventKind, InboundEvent, UnixMillis};
use serde_json::json;

use super::Sms;
use crate::{Channel as _, Gate, KeySet, Parsed, RawRequest, VerifyError};

/// Twilio's account.
const SID: &str = "AC00000000000000000000000000000001";
const TOKEN: &str = "12345678901234567890123456789012";
/// Our numbers.
const TWILIO: &str = "+14155550199";
const AWS: &str = "+12125550101";
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:sms-inbound";
/// A customer's.
const ANN: &str = "+14155550100";
const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

/// A number with each provider.
fn keys() -> KeySet {
    let stored = json!({
        "twilio_auth_tokens": [{ "kid": SID, "secret": TOKEN }, { "kid": "AC2", "secret": "second" }],
        "aws_topics": [{ "kid": AWS, "secret": TOPIC }, { "kid": "+12125550102", "secret": "arn:aws:sns:us-east-1:1:other" }],
        "callback_keys": [
            { "kid": "shop-ali", "secret": "ali-0123456789" },
            { "kid": "shop-qq", "secret": "qq-0123456789" },
            { "kid": "empty", "secret": "" },
        ],
        "settings": {
            "webhook_url": "https://api.example.com/webhooks/sms",
            "accounts": {
                TWILIO: { "provider": "twilio" },
                "+14155550198": { "provider": "twilio", "account_sid": "AC2", "messaging_service_sid": "MG1" },
                AWS: { "provider": "aws" },
                "+12125550102": { "provider": "aws" },
                "shop-ali": { "provider": "aliyun", "opt_out_words": ["R"] },
                "shop-qq": { "provider": "tencent" },
                "empty": { "provider": "tencent" },
                "broken": { "provider": "pigeon" },
            },
        },
    });
    KeySet::from_json(&stored.to_string()).unwrap()
}

fn door(request: &RawRequest<'_>, keys: &KeySet) -> Result<Parsed, VerifyError> {
    match Sms.verify(request, keys, NOW)? {
        Gate::Accept(verified) => Ok(Sms.parse(&verified)),
        Gate::Challenge(challenge) => panic!("no address is checked: {challenge:?}"),
    }
}

/// Account, customer and content of each event, all of which are messages.
fn said(parsed: &Parsed) -> Vec<(&str, &str, &Content)> {
    let one = |event: &'_ InboundEvent| matches!(event.kind, EventKind::Message { .. });
    assert!(parsed.events.iter().all(one), "{parsed:?}");
    let mut said = vec![];
    for event in &parsed.events {
        if let EventKind::Message { content } = &event.kind {
            said.push((event.identity.account.as_str(), event.identity.user.as_str(), content));
        }
    }
    said
}

fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}

fn event(name: &str) -> Content {
    Content::Event { name: name.to_owned() }
}
