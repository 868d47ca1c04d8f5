//! A channel for tests, unlike the web's: it sends each message in a call of its own, echoes nothing, knows a keypad, and
//! its provider may or may not take an idempotency key; its users are phone numbers. Requests come in as the web's do.

use channels::web::Web;
use channels::{
    Answer, AnswerWith, Answering, Channel, Gate, KeySet, Parsed, RawRequest, RenderError, Rendering, Verified,
    VerifyError, Waits, WireCall, WireReply,
};
use domain::ids::digest;
use domain::{
    Author, Capabilities, ChannelId, Content, Delivery, EventKind, Handle, Identity, InboundEvent, Message, MessageId,
    Outbound, Rejection, Transport, UnixMillis,
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

/// The registry in which every provider waits for the answer to its request: 5 seconds, three times over.
pub fn waiting(_: ChannelId) -> &'static dyn Channel {
    &WAITING
}

static KEYED: TestChannel = TestChannel(&capabilities(true, 24 * 60 * 60), false);
static BARE: TestChannel = TestChannel(&capabilities(false, 24 * 60 * 60), false);
static HURRIED: TestChannel = TestChannel(&capabilities(false, 60), false);
static WAITING: TestChannel = TestChannel(&capabilities(false, 24 * 60 * 60), true);

/// The phone number that a user of the test channel is.
pub fn number(identity: &Identity) -> String {
    let digits: String =
        digest(&[identity.user.as_bytes()]).iter().take(12).map(|byte| char::from(b'0' + byte % 10)).collect();
    format!("+1{digits}")
}

/// What it can carry, and whether its provider waits for answers.
struct TestChannel(&'static Capabilities, bool);

/// Milliseconds for which the provider holds its request open.
pub const PROVIDER_WAITS: u32 = 5_000;
/// How often it asks.
pub const PROVIDER_TRIES: u32 = 3;

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
        let parsed = Web.parse(request);
        Parsed { sent_at: parsed.events.first().and_then(sent_at), ..parsed }
    }

    fn render(&self, outbound: &Outbound, _with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        outbound.messages.iter().map(|message| self.call(outbound, message)).collect()
    }

    fn answering(&self) -> Option<&'static dyn Answering> {
        self.1.then_some(&Direct as &'static dyn Answering)
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

    fn handle(&self, identity: &Identity) -> Option<Handle> {
        Handle::phone(&number(identity)).ok()
    }
}

/// What a text begins with that tells when the provider first sent it, in milliseconds.
pub const SENT_AT: &str = "sent at ";

fn sent_at(event: &InboundEvent) -> Option<UnixMillis> {
    let EventKind::Message { content: Content::Text { text } } = &event.kind else { return None };
    text.strip_prefix(SENT_AT)?.parse().ok().map(UnixMillis)
}

/// Answers in the request: the messages' seqs.
struct Direct;

impl Answering for Direct {
    fn waits(&self, _keys: &KeySet) -> Option<Waits> {
        Some(Waits { patience_millis: PROVIDER_WAITS, tries: PROVIDER_TRIES, lets_go: true })
    }

    fn answer(&self, outbound: &Outbound, _with: &AnswerWith<'_>) -> Result<Option<Answer>, RenderError> {
        let seqs: Vec<u64> = outbound.messages.iter().map(|message| message.seq).collect();
        Ok(Some(Answer { content_type: "application/json", body: format!("{seqs:?}") }))
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
