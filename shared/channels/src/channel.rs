//! The traits that channels implement.

use domain::{Capabilities, Delivery, GroupId, Handle, Identity, Message, Outbound, UnixMillis};
use serde::{Deserialize, Serialize};

use crate::fit::pieces;
use crate::{
    Acknowledgement, Answer, Fetching, Gate, HttpCall, KeySet, Need, Page, Parsed, Probing, Pull, RawRequest,
    RenderError, SettingsFault, Token, UrlCheck, Verified, VerifyError, WireCall, WireReply, settings,
};

/// A way to reach customers. Five pure steps; whoever calls them does the IO.
pub trait Channel: Sync {
    /// What the channel can carry.
    fn capabilities(&self) -> &'static Capabilities;

    /// Through which doors it comes in.
    fn doors(&self) -> Doors {
        Doors::Webhook
    }

    /// The key of the object that holds the body, on channels whose events only tell that it came. It is fetched first:
    /// the channel then sees the object as the body, and the event as the header [`EVENT_HEADER`](crate::EVENT_HEADER).
    fn stored(&self, _event: &RawRequest<'_>) -> Option<String> {
        None
    }

    /// Checks who sent the request, over its raw bytes, with any key of the set that is valid at `now`.
    ///
    /// # Errors
    /// Why it is refused. No key, or none that fits, refuses.
    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError>;

    /// Reads every event of a verified request. Never fails as a whole: what cannot be read is a [`Reject`](crate::Reject).
    fn parse(&self, request: &Verified<'_>) -> Parsed;

    /// What the provider is answered once everything is queued; most providers only look at the status.
    fn acknowledgement(&self) -> Acknowledgement {
        Acknowledgement::text("")
    }

    /// How a reply can be the answer to the request itself, on channels that have that.
    fn answering(&self) -> Option<&'static dyn Answering> {
        None
    }

    /// How messages are fetched, on channels whose requests only say that there are some.
    fn pulling(&self) -> Option<&'static dyn Pulling> {
        None
    }

    /// How access tokens are got, on channels whose tokens live for hours.
    fn tokens(&self) -> Option<&'static dyn Tokens> {
        None
    }

    /// How webhooks are kept coming, on channels whose provider stops sending them to whom was away for long.
    fn subscribing(&self) -> Option<&'static dyn Subscribing> {
        None
    }

    /// How it is tried whether the provider takes the credentials, on channels where neither tokens nor subscriptions tell.
    fn probing(&self) -> Option<&'static dyn Probing> {
        None
    }

    /// The check of the webhook's address as the provider makes it, with our own keys; `None`: it makes none, or a key is
    /// not set.
    fn url_check(&self, _keys: &KeySet, _now: UnixMillis, _random: [u8; 16]) -> Option<UrlCheck> {
        None
    }

    /// What the channel's keys and settings must hold.
    fn needs(&self) -> &'static [Need] {
        &[]
    }

    /// Every fault of the channel's keys and settings that can be told without asking the provider. None shows a secret.
    fn check(&self, keys: &KeySet) -> Vec<SettingsFault> {
        settings::faults(self.needs(), keys)
    }

    /// How files are got that the provider names by ids of its own; plain https addresses are got without it.
    fn fetching(&self) -> Option<&'static dyn Fetching> {
        None
    }

    /// Whether the company may keep customers' files, by the provider's terms and by how it has set the channel up.
    fn keeps_files(&self, _keys: &KeySet) -> bool {
        true
    }

    /// Where the provider's API is, without a slash at the end; empty where no HTTP API is called. A stack may be told
    /// another address.
    fn api(&self) -> &'static str {
        ""
    }

    /// Whether the provider only takes calls from addresses that the company has listed with it.
    fn lists_callers(&self) -> bool {
        false
    }

    /// Turns a delivery into the provider's calls, in order. The same delivery gives the same number of calls each time:
    /// a sender that follows another goes on where that one stopped.
    ///
    /// # Errors
    /// What the channel cannot carry in any form, or a key that is not set.
    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError>;

    /// How many calls these messages become at most: what they cost on a channel that counts. A channel that renders more
    /// than a call for each fitted piece says so here.
    fn calls(&self, messages: &[Message]) -> usize {
        pieces(messages, self.capabilities())
    }

    /// What the provider's answer to a call means.
    fn classify(&self, reply: &WireReply) -> Delivery;

    /// Which of its messages belong together, on channels whose messages name earlier ones.
    fn threading(&self) -> Option<&'static dyn Threading> {
        None
    }

    /// The address that an identity is known by, where the channel's own user ids are addresses: nobody else can write
    /// as that identity.
    fn handle(&self, _identity: &Identity) -> Option<Handle> {
        None
    }
}

/// The doors through which channels come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doors {
    /// The provider calls an HTTPS webhook.
    Webhook,
    /// AWS hands events to a function: see [`EVENT`](crate::EVENT).
    Events,
    /// Both: several providers serve the channel.
    Both,
}

impl Doors {
    /// Whether there is a webhook.
    pub fn webhook(self) -> bool {
        self != Self::Events
    }

    /// Whether AWS hands over events.
    pub fn events(self) -> bool {
        self != Self::Webhook
    }
}

/// What rendering may know besides the delivery.
#[derive(Debug, Clone, Copy)]
pub struct Rendering<'a> {
    /// The channel's secrets and settings.
    pub keys: &'a KeySet,
    /// Now.
    pub now: UnixMillis,
    /// Whether an earlier sender may have sent it.
    pub doubt: bool,
}

/// Replies as answers to the provider's own request.
pub trait Answering: Sync {
    /// How long requests wait for their answers; `None`: the company has not set the channel up so.
    fn waits(&self, keys: &KeySet) -> Option<Waits>;

    /// The answer that carries a delivery whole; `None`: it cannot be carried that way, and goes out as a call.
    ///
    /// # Errors
    /// A key that is not set.
    fn answer(&self, outbound: &Outbound, with: &AnswerWith<'_>) -> Result<Option<Answer>, RenderError>;

    /// What a request is answered that no delivery answers, on channels whose providers want to be told how to go on;
    /// `None`: it is acknowledged.
    fn otherwise(&self, _why: Unanswered, _with: &AnswerWith<'_>) -> Option<Answer> {
        None
    }
}

/// Why no delivery answers a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unanswered {
    /// It asks for no reply.
    Unasked,
    /// The reply is not there yet.
    Late,
    /// It goes out in another way.
    Elsewhere,
    /// There is none, and none comes.
    Nothing,
}

/// How long requests wait for their answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// Milliseconds after which the provider drops a request that was not answered, and asks again.
    pub patience_millis: u32,
    /// How often it asks.
    pub tries: u32,
    /// Whether a request is let go unanswered, so that the provider asks again; else each is answered in time, and the
    /// answer makes the provider ask again.
    pub lets_go: bool,
}

/// What answering a request may know besides the delivery.
#[derive(Debug, Clone, Copy)]
pub struct AnswerWith<'a> {
    /// The request.
    pub request: &'a RawRequest<'a>,
    /// The channel's secrets and settings.
    pub keys: &'a KeySet,
    /// Now.
    pub now: UnixMillis,
    /// Random bytes, where the channel ciphers.
    pub random: [u8; 16],
}

/// Fetching messages, page by page. One puller per account at a time.
pub trait Pulling: Sync {
    /// The call that fetches the page after a place; `None`: from the beginning.
    ///
    /// # Errors
    /// A key that is not set.
    fn call(&self, pull: &Pull, after: Option<&str>, keys: &KeySet) -> Result<HttpCall, RenderError>;

    /// Reads a page.
    ///
    /// # Errors
    /// What the provider's refusal means; never `Sent`.
    fn page(&self, pull: &Pull, reply: &WireReply, now: UnixMillis) -> Result<Page, Delivery>;
}

/// Threads of messages. What an event's reply handle holds tells of which it is; what was sent is noted under the names by
/// which later messages may mean it. A thread is only ever gone on in by the identity that it is with.
pub trait Threading: Sync {
    /// Under which names a delivery is found again that the provider took with this answer.
    fn sent(&self, outbound: &Outbound, reply: &WireReply) -> Vec<(String, Thread)>;

    /// The names under which the thread of a message may be known, the surest first.
    fn sought(&self, identity: &Identity, token: &str) -> Vec<String>;

    /// The reply handle's text of a message that goes on in a thread.
    fn joined(&self, token: &str, thread: &Thread) -> String;
}

/// A thread, as it is noted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thread {
    /// With whom.
    pub group: GroupId,
    /// Its name.
    pub name: String,
    /// The provider's id of its last message of ours, as messages name it.
    pub last: String,
}

/// Access tokens that are got with a secret and live for a while.
pub trait Tokens: Sync {
    /// The accounts whose tokens can be got.
    fn accounts(&self, keys: &KeySet) -> Vec<String>;

    /// The call that gets one for the account.
    ///
    /// # Errors
    /// A key that is not set.
    fn call(&self, account: &str, keys: &KeySet) -> Result<HttpCall, RenderError>;

    /// The token in the answer.
    ///
    /// # Errors
    /// What the provider's refusal means; never `Sent`.
    fn token(&self, reply: &WireReply) -> Result<Token, Delivery>;
}

/// Webhooks that must be asked for again when the provider has stopped them.
pub trait Subscribing: Sync {
    /// The accounts whose webhooks are wanted.
    fn accounts(&self, keys: &KeySet) -> Vec<String>;

    /// The call that asks whether the account's webhooks still come.
    ///
    /// # Errors
    /// A key or setting that is not set.
    fn check(&self, account: &str, keys: &KeySet, now: UnixMillis) -> Result<HttpCall, RenderError>;

    /// Whether they do, by the answer.
    ///
    /// # Errors
    /// What the provider's refusal means; never `Sent`.
    fn holds(&self, reply: &WireReply, keys: &KeySet) -> Result<bool, Delivery>;

    /// The call that asks for them again. [`Channel::classify`] tells how it went.
    ///
    /// # Errors
    /// A key or setting that is not set.
    fn subscribe(&self, account: &str, keys: &KeySet, now: UnixMillis) -> Result<HttpCall, RenderError>;
}
