//! A channel for tests, unlike the web's: it sends each message in a call of its own, echoes nothing, knows a keypad, and
//! its provider may or may not take an idempotency key. Requests come in as the web's do.

use channels::web::Web;
use channels::{
    Channel, Gate, KeySet, Parsed, RawRequest, RenderError, Rendering, Verified, VerifyError, WireCall, WireReply,
};
use domain::{
    Author, Capabilities, ChannelId, Content, Delivery, Message, MessageId, Outbound, Rejection, Transport, UnixMillis,
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

struct TestChannel(&'static Capabilities);

const fn capabilities(idempotent: bool, reply_window_seconds: u32) -> Capabilities {
    Capabilities {
        transport: Transport::Web,
        max_text_chars: 160,
        keypad: true,
        idempotent,
        reply_window_seconds: Some(reply_window_seconds),
        ..Capabilities::PLAIN
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

    fn render(&self, outbound: &Outbound, _with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        outbound.messages.iter().map(|message| self.call(outbound, message)).collect()
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        match reply.status {
            200..=299 => Delivery::Sent,
            400 | 403 => Delivery::rejected(Rejection::Blocked, &format!("the provider answered {}", reply.status)),
            _ => {
                Delivery::Retry { after: reply.body.strip_prefix("retry-after: ").and_then(|after| after.parse().ok()) }
            }
        }
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
