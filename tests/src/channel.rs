//! A channel for tests, unlike the web's: it sends each message in a call of its own, echoes nothing, knows a keypad, and
//! its provider may or may not take an idempotency key; its users are phone numbers. Requests come in as the web's do.

use channels::web::Web;
use channels::{Channel, Gate, KeySet, Parsed, RawRequest, RenderError, Verified, VerifyError, WireCall, WireReply};
use domain::ids::digest;
use domain::{
    Author, Capabilities, ChannelId, Content, Delivery, Handle, Identity, Message, MessageId, Outbound, Transport,
    UnixMillis,
};
use serde::{Deserialize, Serialize};

/// The registry in which every channel takes an idempotency key.
pub fn keyed(_: ChannelId) -> &'static dyn Channel {
    &KEYED
}

/// The registry in which no channel takes one.
pub fn bare(_: ChannelId) -> &'static dyn Channel {
    &BARE
}

/// The registry in which no channel takes one, and replies are allowed for one minute.
pub fn hurried(_: ChannelId) -> &'static dyn Channel {
    &HURRIED
}

static KEYED: TestChannel = TestChannel(&capabilities(true, 24 * 60 * 60));
static BARE: TestChannel = TestChannel(&capabilities(false, 24 * 60 * 60));
static HURRIED: TestChannel = TestChannel(&capabilities(false, 60));

/// The phone number that a user of the test channel is.
pub fn number(identity: &Identity) -> String {
    let digits: String =
        digest(&[identity.user.as_bytes()]).iter().take(12).map(|byte| char::from(b'0' + byte % 10)).collect();
    format!("+1{digits}")
}

struct TestChannel(&'static Capabilities);

const fn capabilities(idempotent: bool, reply_window_seconds: u32) -> Capabilities {
    Capabilities {
        transport: Transport::Web,
        max_text_chars: 160,
        max_quick_replies: 0,
        max_buttons: 0,
        cards: false,
        files: false,
        echoes: false,
        keypad: true,
        idempotent,
        reply_window_seconds: Some(reply_window_seconds),
    }
}

/// What the provider is asked to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The idempotency key, where the provider takes one.
    pub key: Option<String>,
    /// The message.
    pub message: MessageId,
    /// Its place.
    pub seq: u64,
    /// Who wrote it.
    pub author: Author,
    /// Its text.
    pub text: String,
}

impl Channel for TestChannel {
    fn capabilities(&self) -> &'static Capabilities {
        self.0
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        Web.verify(request, keys, now)
    }

    fn parse(&self, request: &Verified<'_>) -> Parsed {
        Web.parse(request)
    }

    fn render(&self, outbound: &Outbound) -> Result<Vec<WireCall>, RenderError> {
        outbound.messages.iter().map(|message| self.call(outbound, message)).collect()
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        match reply.status {
            200..=299 => Delivery::Sent,
            400 | 403 => Delivery::Rejected { reason: format!("the provider answered {}", reply.status) },
            _ => {
                Delivery::Retry { after: reply.body.strip_prefix("retry-after: ").and_then(|after| after.parse().ok()) }
            }
        }
    }

    fn handle(&self, identity: &Identity) -> Option<Handle> {
        Handle::phone(&number(identity)).ok()
    }
}

impl TestChannel {
    fn call(&self, outbound: &Outbound, message: &Message) -> Result<WireCall, RenderError> {
        let (Content::Text { text } | Content::QuickReplies { text, .. }) = &message.content else {
            return Err(RenderError("the channel carries text only".to_owned()));
        };
        let parcel = Parcel {
            key: self.0.idempotent.then(|| format!("{}/{}", outbound.id, message.seq)),
            message: message.id.clone(),
            seq: message.seq,
            author: message.author,
            text: text.clone(),
        };
        let frame = serde_json::to_string(&parcel).map_err(|error| RenderError(error.to_string()))?;
        Ok(WireCall::Push { frames: vec![frame] })
    }
}
