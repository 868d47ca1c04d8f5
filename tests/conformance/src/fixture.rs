//! What the suite has to know of a channel to ask it anything.

use channels::{Channel, Gate, KeySet, Parsed, Registry, VerifyError, WireCall, WireReply};
use domain::{ChannelId, Delivery, Rejection, ReplyHandle, UnixMillis};

use crate::oracle::{Cell, Oracles};
use crate::{Request, Signed};

/// When everything in the suite happens.
pub const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

/// Why a question cannot be asked of a channel. The table prints it.
pub type Reason = &'static str;

/// One of a channel's secrets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Secret {
    /// What the company set first.
    Old,
    /// What it was rotated to.
    New,
    /// Somebody else's: never in our keys.
    Foreign,
}

/// A part of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A customer's text.
    Text {
        /// Which customer, from 0.
        user: usize,
        /// The provider's number of the message.
        id: u32,
        /// The text.
        text: String,
    },
    /// A customer's message that is not as documented, with [`POISON`] in it.
    Bad,
    /// Something of a kind that does not exist yet.
    Unknown,
}

/// What an unreadable item holds, so that it is known again.
pub const POISON: &str = "poison-7f3a";

impl Item {
    /// A customer's text.
    pub fn text(user: usize, id: u32, text: &str) -> Self {
        Self::Text { user, id, text: text.to_owned() }
    }
}

/// For how long a proof holds, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clock {
    /// After it was made.
    pub behind: i64,
    /// Before it was made, where the provider's clock is ahead; `None`: nothing in the request tells.
    pub ahead: Option<i64>,
}

/// What a provider's answer is documented to mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// The message was taken.
    Sent,
    /// Nobody is there.
    Absent,
    /// Try again, after so many seconds.
    Retry(Option<u32>),
    /// A fresh token may help.
    RefreshToken,
    /// Refused for good.
    Refused(Rejection),
}

/// An answer of the provider, and what it means.
#[derive(Debug, Clone)]
pub struct Told {
    /// The answer.
    pub reply: WireReply,
    /// What it means.
    pub means: Means,
}

impl Told {
    /// An answer of this status and body.
    pub fn new(status: u16, body: impl Into<String>, means: Means) -> Self {
        Self { reply: WireReply { status, retry_after: None, body: body.into() }, means }
    }
}

impl PartialEq<Delivery> for Means {
    fn eq(&self, delivery: &Delivery) -> bool {
        match (self, delivery) {
            (Self::Sent, Delivery::Sent)
            | (Self::Absent, Delivery::Absent)
            | (Self::RefreshToken, Delivery::RefreshToken) => true,
            (Self::Retry(wanted), Delivery::Retry { after }) => wanted == after,
            (Self::Refused(wanted), Delivery::Rejected { refusal, .. }) => wanted == refusal,
            _ => false,
        }
    }
}

/// What a customer sees of a call.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The texts that the provider's limit is about, one per message.
    pub texts: Vec<String>,
    /// Titles of the choices below one message, of every message that has some.
    pub choices: Vec<Vec<String>>,
    /// To whom it goes.
    pub to: Option<String>,
}

/// A whole request that somebody else made and published, and what must become of it.
#[derive(Debug, Clone)]
pub struct Vector {
    /// Who published it, and where.
    pub source: &'static str,
    /// The request.
    pub request: Request,
    /// The keys that it was made with.
    pub keys: KeySet,
    /// When it was made.
    pub at: UnixMillis,
    /// The answer to an address check, or the texts of the customers' messages; `None`: it must be refused.
    pub holds: Option<Vec<String>>,
}

/// How a channel's provider speaks.
pub trait Fixture: Sync {
    /// The channel.
    fn channel(&self) -> ChannelId;

    /// The row's name: a channel whose provider speaks in several ways has several fixtures.
    fn name(&self) -> &'static str {
        self.channel().as_str()
    }

    /// The channel's adapter.
    fn adapter(&self) -> &'static dyn Channel {
        let registry: Registry = channels::channel;
        registry(self.channel())
    }

    /// The keys of a company that has set these secrets, newest first. Everything else that the channel needs is there,
    /// also when no secret is.
    fn keys(&self, secrets: &[Secret]) -> KeySet;

    /// The company's account that the keys are for.
    fn account(&self) -> &'static str;

    /// All accounts that the keys are for.
    fn accounts(&self) -> Vec<&'static str> {
        vec![self.account()]
    }

    /// Bodies for several accounts as one, where the provider puts them together.
    fn joined(&self, _bodies: &[Vec<u8>]) -> Option<Vec<u8>> {
        None
    }

    /// An account that the keys are not for; or why no request can name one.
    ///
    /// # Errors
    /// The reason.
    fn foreign_account(&self) -> Result<&'static str, Reason>;

    /// A customer's id at the provider.
    fn user(&self, number: usize) -> String;

    /// Items in one body at most, as the provider documents it.
    fn most_items(&self) -> usize;

    /// A body with these items, for an account; on channels whose messages are fetched, a page. Never called with more
    /// than [`most_items`](Self::most_items).
    fn body(&self, account: &str, items: &[Item]) -> Vec<u8>;

    /// On channels whose messages are fetched: the body of the request that says that there are some.
    fn notice(&self, _account: &str) -> Option<Vec<u8>> {
        None
    }

    /// A request with this body as the provider sends it.
    fn sign(&self, body: &[u8], secret: Secret, at: UnixMillis) -> Signed;

    /// Why the proof covers no byte of the body, where it does not.
    fn unsigned_body(&self) -> Option<Reason> {
        None
    }

    /// Why no request carries a proof, where AWS itself hands requests over: that they come as its events is the proof.
    fn by_aws(&self) -> Option<Reason> {
        None
    }

    /// Why bytes of any charset are a text, and as much of it as there is room for is taken, where that is so.
    fn any_charset(&self) -> Option<Reason> {
        None
    }

    /// Why the sender is told what is wrong with a message, where they are: elsewhere what is of a new kind is passed
    /// over, and what cannot be read is kept for somebody to mend.
    fn tells_the_sender(&self) -> Option<Reason> {
        None
    }

    /// Why contents go out as they are, where they do: then limits and choices are not the channel's to keep.
    fn raw_content(&self) -> Option<Reason> {
        None
    }

    /// The same body as the provider sends it again.
    fn again(&self, body: &[u8]) -> Vec<u8> {
        body.to_owned()
    }

    /// For how long a proof holds; or why for ever.
    ///
    /// # Errors
    /// The reason.
    fn clock(&self) -> Result<Clock, Reason>;

    /// The provider's check of the address, and the answer that it wants; or why there is none.
    ///
    /// # Errors
    /// The reason.
    fn address_check(&self, secret: Secret) -> Result<(Signed, String), Reason>;

    /// What a customer sees of a call.
    fn shown(&self, call: &WireCall) -> Shown;

    /// The direct way to answer that replies may use.
    fn reply(&self) -> Option<ReplyHandle> {
        None
    }

    /// Every answer of the provider that is documented, with what it means. A text that names a person in it is
    /// [`crate::questions::PERSON`].
    fn answers(&self) -> Vec<Told>;

    /// What others published; or why nobody did.
    ///
    /// # Errors
    /// The reason.
    fn vectors(&self) -> Result<Vec<Vector>, Reason>;

    /// What third-party code makes of requests in the name of the provider.
    fn inbound(&self, oracles: &Oracles) -> Cell;

    /// What third-party code makes of our calls.
    fn outbound(&self, oracles: &Oracles) -> Cell;
}

/// What a request becomes: verified, read, and cut to what a queue takes, as the door does it.
///
/// # Errors
/// It is refused.
pub fn door(
    fixture: &dyn Fixture,
    request: &Request,
    keys: &KeySet,
    now: UnixMillis,
) -> Result<(Option<String>, Parsed), VerifyError> {
    match fixture.adapter().verify(&request.raw(), keys, now)? {
        Gate::Challenge(challenge) => Ok((Some(challenge.body), Parsed::default())),
        Gate::Accept(verified) => Ok((None, fixture.adapter().parse(&verified).bounded())),
    }
}

/// What a body becomes that the provider sends, or that is fetched.
///
/// # Errors
/// It is refused.
pub fn take(fixture: &dyn Fixture, body: &[u8], secret: Secret, keys: &KeySet) -> Result<Parsed, VerifyError> {
    let Some(notice) = fixture.notice(fixture.account()) else {
        return door(fixture, &fixture.sign(body, secret, NOW).request, keys, NOW).map(|(_, parsed)| parsed);
    };
    let (_, parsed) = door(fixture, &fixture.sign(&notice, secret, NOW).request, keys, NOW)?;
    let pull = parsed.pulls.first().expect("a notice says where messages wait");
    let reply = WireReply { status: 200, retry_after: None, body: String::from_utf8_lossy(body).into_owned() };
    let page = fixture.adapter().pulling().expect("the channel fetches").page(pull, &reply, NOW);
    // A page that means something else is asked for again; it holds nothing.
    Ok(page.map_or_else(|_| Parsed::default(), |page| page.parsed.bounded()))
}

/// The items in as many bodies as they need.
pub fn take_all(fixture: &dyn Fixture, items: &[Item], keys: &KeySet) -> Result<Parsed, VerifyError> {
    let mut all = Parsed::default();
    for items in items.chunks(fixture.most_items()) {
        let parsed = take(fixture, &fixture.body(fixture.account(), items), Secret::New, keys)?;
        all.events.extend(parsed.events);
        all.rejects.extend(parsed.rejects);
        all.pulls.extend(parsed.pulls);
    }
    Ok(all)
}

/// Whether everything that others published comes out as they say.
///
/// # Errors
/// What does not.
pub fn vectors_hold(fixture: &dyn Fixture, vectors: &[Vector]) -> Result<(), String> {
    for vector in vectors {
        let found = door(fixture, &vector.request, &vector.keys, vector.at);
        let found = found.ok().map(|(answer, parsed)| {
            let said = parsed.events.iter().filter_map(|event| crate::questions::text_of(&event.kind));
            answer.into_iter().chain(said.map(str::to_owned)).collect::<Vec<_>>()
        });
        if found != vector.holds {
            return Err(format!("{}: {found:?} instead of {:?}", vector.source, vector.holds));
        }
    }
    Ok(())
}
