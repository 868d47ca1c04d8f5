//! What the tests of the three channels share.

use domain::{
    Author, ChannelId, Content, ConversationId, DeliveryId, Identity, InboundEvent, Message, MessageId, Outbound,
    Transport, UnixMillis,
};
use serde_json::{Value, json};

use crate::{Channel, HttpCall, KeySet, Parsed, Principal, RenderError, Rendering, Verified, WireCall, channel};

pub(crate) const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

/// What a body holds for a company that has these accounts and this app.
pub(crate) fn parsed(id: ChannelId, accounts: &[&str], app: Option<&str>, body: &Value) -> Parsed {
    let principal = Principal {
        accounts: accounts.iter().map(|account| (*account).to_owned()).collect(),
        app: app.map(str::to_owned),
        ..Principal::default()
    };
    channel(id).parse(&Verified { body: body.to_string().into_bytes().into(), principal, at: NOW })
}

/// An event without its id: whose, and what.
pub(crate) fn told(event: &InboundEvent) -> (&str, &str, &domain::EventKind) {
    (&event.identity.account, &event.identity.user, &event.kind)
}

pub(crate) fn keys(settings: &Value) -> KeySet {
    let stored = json!({
        "app_secrets": [{ "kid": "k", "secret": "s" }],
        "page_tokens": [{ "kid": "1", "secret": "PT" }],
        "access_tokens": [{ "kid": "1", "secret": "AT" }],
        "settings": settings,
    });
    KeySet::from_json(&stored.to_string()).unwrap()
}

pub(crate) fn delivery(id: ChannelId, user: &str, contents: &[(Author, Content)]) -> Outbound {
    let messages = contents.iter().zip(1..).map(|((author, content), seq)| Message {
        id: MessageId::derive(&[b"m"]),
        seq,
        author: *author,
        content: content.clone(),
        at: NOW,
    });
    Outbound {
        id: DeliveryId::derive(&[b"d"]),
        identity: Identity { channel: id, account: "1".to_owned(), user: user.to_owned() },
        conversation: ConversationId::derive(&[b"c"]),
        transport: Transport::Social,
        messages: messages.collect(),
        asked_at: None,
        expires: None,
        reply: None,
    }
}

pub(crate) fn rendered(outbound: &Outbound, settings: &Value) -> Result<Vec<(HttpCall, Value)>, RenderError> {
    let keys = keys(settings);
    let adapter: &dyn Channel = channel(outbound.identity.channel);
    let calls = adapter.render(outbound, &Rendering { keys: &keys, now: NOW, doubt: false })?;
    let read = |call| match call {
        WireCall::Http(call) => {
            let body = serde_json::from_slice(&call.body).unwrap();
            (call, body)
        }
        WireCall::Push { .. } | WireCall::Text(_) | WireCall::Mail(_) => panic!("no call"),
    };
    Ok(calls.into_iter().map(read).collect())
}

/// The bodies of the calls for one content of the bot's.
pub(crate) fn bodies(id: ChannelId, content: Content) -> Vec<Value> {
    let calls = rendered(&delivery(id, "7", &[(Author::Bot, content)]), &json!({})).unwrap();
    calls.into_iter().map(|(_, body)| body).collect()
}

pub(crate) fn text(text: &str) -> Content {
    Content::Text { text: text.to_owned() }
}
