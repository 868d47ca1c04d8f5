//! The whole events of `events/`: verified as they came, and read.

use domain::{ChannelId, Content, EventKind, UnixMillis};
use serde_json::{Value, json};

use crate::{Gate, KeySet, RawRequest, channel};

fn keys() -> KeySet {
    let token = |account: &str| json!({ "kid": account, "secret": "EAATESTTOKEN" });
    let stored = json!({
        "app_secrets": [{ "kid": "app", "secret": "0123456789abcdef0123456789abcdef" }],
        "verify_tokens": [{ "kid": "1", "secret": "a-token-of-the-tests" }],
        "page_tokens": [token("102938475610293"), token("102938475610294")],
        "access_tokens": [token("17841405822304914"), token("106540352242922")],
        "settings": { "app_id": "1517776481860111" },
    });
    KeySet::from_json(&stored.to_string()).unwrap()
}

/// What an event becomes, a line each: the account, the customer and what they did; rejects at the end.
fn summary(id: ChannelId, event: &str) -> Vec<String> {
    let event: Value = serde_json::from_str(event).unwrap();
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let headers: Vec<_> = event["headers"].as_object().unwrap().iter().collect();
    let headers: Vec<_> =
        headers.into_iter().map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned())).collect();
    let url = format!("https://{}{}?{}", text("/headers/host"), text("/rawPath"), text("/rawQueryString"));
    let (method, body) = (text("/requestContext/http/method"), text("/body"));
    assert_eq!(text("/rawPath"), format!("/webhooks/{id}"));
    let request = RawRequest { method: &method, url: &url, headers: &headers, body: body.as_bytes() };
    let verified = match channel(id).verify(&request, &keys(), UnixMillis(7)).unwrap() {
        Gate::Challenge(challenge) => return vec![challenge.body],
        Gate::Accept(verified) => verified,
    };
    let parsed = channel(id).parse(&verified);
    let events = parsed.events.iter().map(|event| {
        let what = if let EventKind::Message { content: Content::Text { text } } = &event.kind {
            text.clone()
        } else if let EventKind::Message { content } = &event.kind {
            serde_json::to_string(content).unwrap()
        } else {
            serde_json::to_string(&event.kind).unwrap()
        };
        format!("{} {} {what}", event.identity.account, event.identity.user)
    });
    let rejects = parsed.rejects.iter().map(|reject| format!("reject {}: {}", reject.field, reject.reason));
    events.chain(rejects).collect()
}

macro_rules! event {
    ($id:ident, $file:literal) => {
        summary(ChannelId::$id, include_str!(concat!("../../../../events/", $file, ".json")))
    };
}

#[test]
fn the_whole_events_are_what_they_are_called() {
    for answered in [
        event!(Messenger, "messenger/address-check"),
        event!(Instagram, "instagram/address-check"),
        event!(WhatsApp, "whatsapp/address-check"),
    ] {
        assert_eq!(answered, ["1158201444"]);
    }
    insta::assert_snapshot!(
        [
            event!(Messenger, "messenger/text"),
            event!(Messenger, "messenger/batch"),
            event!(Instagram, "instagram/story-reply"),
            event!(Instagram, "instagram/read-echo-unsent"),
            event!(WhatsApp, "whatsapp/text"),
            event!(WhatsApp, "whatsapp/image-and-choice"),
            event!(WhatsApp, "whatsapp/statuses"),
        ]
        .map(|lines| lines.join("\n"))
        .join("\n\n")
    );
}
