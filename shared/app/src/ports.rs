//! What the use cases need from outside: small traits, split by what they do, so that a function's dependencies show
//! what it may touch. `shared/aws` implements them for AWS, `shared/testkit` in memory.

use std::sync::Arc;

use async_trait::async_trait;
use channels::{FileReply, HttpCall, KeySet, Pull, ReceivedFile, Step, Thread, WireCall, WireReply};
use domain::{
    ActionOrder, Alarm, Change, ChannelId, Conversation, ConversationId, CustomerId, DedupId, DeliveryStatus, Fetch,
    GroupId, Handle, Identity, InboundEvent, MessageId, Outbound, Turn, UnixMillis, UploadId,
};

use crate::PortError;
use crate::answers::KnowledgeBot;
use crate::customers::Member;
use crate::envelope::Unreadable;

/// The current time.
#[async_trait]
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixMillis;

    /// Returns once so many milliseconds have passed.
    async fn pause(&self, millis: u64);
}

/// Random bytes that nobody can guess.
pub trait Random: Send + Sync {
    /// 32 of them.
    fn bytes(&self) -> [u8; 32];
}

/// A channel's secrets, as fresh as five minutes.
#[async_trait]
pub trait Secrets: Send + Sync {
    /// The channel's keys; an empty set when none is stored.
    async fn keys(&self, channel: ChannelId) -> Result<Arc<KeySet>, PortError>;
}

/// No secrets at all, for senders whose channels need none.
#[derive(Debug, Clone, Copy)]
pub struct Keyless;

#[async_trait]
impl Secrets for Keyless {
    async fn keys(&self, _channel: ChannelId) -> Result<Arc<KeySet>, PortError> {
        Ok(Arc::default())
    }
}

/// Where every event enters.
#[async_trait]
pub trait InboundQueue: Send + Sync {
    /// Queues the events, each in its identity's group and under its own dedup id, in order within a group.
    /// Fails if any was not taken; all may then be sent again.
    async fn send(&self, events: &[InboundEvent]) -> Result<(), PortError>;

    /// Queues what could not be read of a request, each part alone: it ends among the dead letters, with its reason.
    async fn quarantine(&self, parts: &[Unreadable]) -> Result<(), PortError>;
}

/// Where it is said that messages wait to be fetched.
#[async_trait]
pub trait PullQueue: Send + Sync {
    /// Queues news of an account, in the account's order: one puller per account at a time. `after`: the place from which
    /// an earlier puller left the rest. The same news at the same place is queued once.
    async fn send(&self, pull: &Pull, after: Option<&str>) -> Result<(), PortError>;
}

/// How far accounts' messages have been fetched.
#[async_trait]
pub trait Cursors: Send + Sync {
    /// The account's place; `None` if nobody has begun.
    async fn load(&self, channel: ChannelId, account: &str) -> Result<Option<Place>, PortError>;

    /// Moves the account's place by one step; `false` if another puller was first.
    async fn advance(&self, channel: ChannelId, account: &str, to: &Place) -> Result<bool, PortError>;
}

/// How far an account's messages have been fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// How often it has moved, from 1.
    pub version: u64,
    /// What happened before is history: nobody waits for an answer to it.
    pub since: UnixMillis,
    /// The provider's name for the place; `None`: the beginning.
    pub cursor: Option<String>,
}

/// The heads and turns of conversations.
#[async_trait]
pub trait Conversations: Send + Sync {
    /// The identity's current conversation, as last committed.
    async fn load(&self, group: &GroupId) -> Result<Option<Conversation>, PortError>;

    /// The turn of an event, if it was committed.
    async fn turn(&self, group: &GroupId, event: &DedupId) -> Result<Option<Turn>, PortError>;

    /// The turns of a conversation, in order; of an identity with many thousands of them, some may be missing.
    async fn turns_of(&self, group: &GroupId, conversation: &ConversationId) -> Result<Vec<Turn>, PortError>;

    /// Commits head and turn in one transaction: the turn must be new, the head one version above the stored. A turn
    /// that links or separates moves its customer's member with them.
    async fn commit(&self, group: &GroupId, head: &Conversation, turn: &Turn) -> Result<Commit, PortError>;
}

/// Who belongs to a customer.
#[async_trait]
pub trait Customers: Send + Sync {
    /// The identities that are linked to the customer.
    async fn members(&self, customer: &CustomerId) -> Result<Vec<Member>, PortError>;
}

/// Whose an address is, among the company's accounts.
#[async_trait]
pub trait Handles: Send + Sync {
    /// The customer has proved the address. The first who does owns it, however often; a second contests it, and from
    /// then on it is nobody's: which of the two wrote from it cannot be told.
    async fn claim(&self, handle: &Handle, customer: &CustomerId, now: UnixMillis) -> Result<HandleOwner, PortError>;

    /// Whose it is; `None` if no account has proved it.
    async fn owner(&self, handle: &Handle) -> Result<Option<HandleOwner>, PortError>;
}

/// Whose an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandleOwner {
    /// This customer's.
    Customer(CustomerId),
    /// Two accounts have proved it.
    Contested,
}

/// When people of the company were at work on conversations, whoever they are.
#[async_trait]
pub trait People: Send + Sync {
    /// Somebody was at that time. An earlier time than the one that is known changes nothing.
    async fn seen(&self, at: UnixMillis) -> Result<(), PortError>;

    /// When the last of them was.
    async fn last_seen(&self) -> Result<Option<UnixMillis>, PortError>;
}

/// How a commit went.
#[derive(Debug, Clone, PartialEq)]
pub enum Commit {
    /// Written.
    Done,
    /// This event was committed before: its turn as it stands.
    Repeated(Box<Turn>),
    /// Another writer was first: load and decide again.
    Stale,
}

/// Alarms: each comes back as a timer event in its identity's group, at its time or up to a minute later.
#[async_trait]
pub trait Alarms: Send + Sync {
    /// Sets an alarm; one that is set already stays.
    async fn set(&self, identity: &Identity, alarm: Alarm) -> Result<(), PortError>;

    /// Takes an alarm back; one that is gone already is gone.
    async fn cancel(&self, group: &GroupId, alarm: Alarm) -> Result<(), PortError>;
}

/// Erases what is kept of a person.
#[async_trait]
pub trait Erasure: Send + Sync {
    /// Erases the turns, deliveries, sockets and files of a group that lie before the boundary. Of turns and deliveries
    /// the keys stay, so that what comes again finds that it was done; the head is the commit's. Can be repeated, and
    /// goes on where it stopped.
    async fn erase(&self, group: &GroupId, before: Boundary) -> Result<(), PortError>;

    /// Erases the file of one message that came for somebody who was forgotten, with all notes about it. Places that hold
    /// no files have nothing to do.
    async fn erase_file(&self, _group: &GroupId, _message: &MessageId) -> Result<(), PortError> {
        Ok(())
    }
}

/// Up to where a person is erased: what they write afterwards is theirs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boundary {
    /// The number of the turn that forgot them; those before it go.
    pub turn: u64,
    /// Seq of their last message until then.
    pub seq: u64,
    /// When it was decided.
    pub at: UnixMillis,
}

impl Boundary {
    /// The boundary that a turn sets, if it forgot the person.
    pub fn of(turn: &Turn) -> Option<Self> {
        turn.changes.iter().find_map(|change| {
            let Change::Forgotten { seq, .. } = change else { return None };
            Some(Self { turn: turn.number, seq: *seq, at: turn.at })
        })
    }
}

/// Several places that are erased, one after the other.
#[async_trait]
impl Erasure for Vec<Box<dyn Erasure>> {
    async fn erase(&self, group: &GroupId, before: Boundary) -> Result<(), PortError> {
        for place in self {
            place.erase(group, before).await?;
        }
        Ok(())
    }

    async fn erase_file(&self, group: &GroupId, message: &MessageId) -> Result<(), PortError> {
        for place in self {
            place.erase_file(group, message).await?;
        }
        Ok(())
    }
}

/// Where deliveries go out.
#[async_trait]
pub trait OutboundQueue: Send + Sync {
    /// Queues a delivery in its identity's group, under its own id.
    async fn send(&self, outbound: &Outbound) -> Result<(), PortError>;
}

/// Deliveries' claims. For channels whose customers come and fetch, the claim is their mailbox too.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// Claims a delivery until `lease_ends`, unless it is done or another sender's lease still holds.
    async fn claim(&self, outbound: &Outbound, now: UnixMillis, lease_ends: UnixMillis) -> Result<Claim, PortError>;

    /// Whether a delivery went out as the answer to the provider's own request.
    async fn is_answered(&self, outbound: &Outbound) -> Result<bool, PortError>;

    /// Records how a claimed delivery stands now.
    async fn settle(&self, outbound: &Outbound, end: &Settlement, now: UnixMillis) -> Result<(), PortError>;
}

/// Whether a delivery may be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Ours to send.
    Ours {
        /// How many senders have claimed it without saying that the provider did not get it, this one included: above 1,
        /// an earlier one may have sent it.
        tries: u32,
        /// How many of its calls the provider has taken already.
        parts: usize,
    },
    /// Settled before: nothing to send.
    Done {
        /// What the conversation must know of it, if it did not simply go out.
        news: Option<DeliveryStatus>,
        /// Whether it went out as the answer to the provider's own request.
        answered: bool,
    },
    /// Another sender holds it until then.
    Held(UnixMillis),
}

/// How a claimed delivery stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// The provider has it, or it waits where the customer will look.
    Sent,
    /// It goes out as the answer to the provider's own request; the same request coming again gets it again.
    Answered,
    /// It may have been sent, perhaps twice; it is not sent again.
    MaybeSent,
    /// It was not sent and will not be.
    Failed {
        /// Why, without personal data.
        reason: String,
    },
    /// The provider did not take it: the next sender may claim it at once.
    GivenBack {
        /// How many of its calls the provider has taken.
        parts: usize,
        /// Whether an earlier sender may have sent it: that doubt stays.
        doubt: bool,
    },
    /// Nobody knows whether the provider took it: the next sender may claim it at once, and knows.
    Unknown {
        /// How many of its calls the provider has surely taken.
        parts: usize,
    },
}

/// Calls providers.
#[async_trait]
pub trait Wire: Send + Sync {
    /// Makes one call in the name of the identity's account and returns what each addressee answered; none, if there was
    /// nobody to call. Status 0: the call certainly did not reach the provider. An error: nobody knows whether it did.
    async fn call(&self, to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError>;
}

/// What visitors read: the messages delivered to them.
#[async_trait]
pub trait Mailbox: Send + Sync {
    /// Deliveries whose last message lies after `seq`, oldest first, at most `limit`.
    async fn after(&self, group: &GroupId, seq: u64, limit: usize) -> Result<Vec<Outbound>, PortError>;
}

/// Visitors' open sockets.
#[async_trait]
pub trait Sockets: Send + Sync {
    /// Notes an open socket; it is forgotten by itself after `ends`.
    async fn opened(&self, group: &GroupId, socket: &str, ends: UnixMillis) -> Result<(), PortError>;

    /// Forgets a closed socket.
    async fn closed(&self, group: &GroupId, socket: &str) -> Result<(), PortError>;
}

/// Visitors' files.
#[async_trait]
pub trait Uploads: Send + Sync {
    /// A form with which the visitor posts the file straight to storage.
    async fn form(&self, request: &UploadRequest<'_>) -> Result<UploadForm, PortError>;

    /// An address under which the file can be read until `ends`.
    async fn link(&self, group: &GroupId, upload: &UploadId, now: UnixMillis) -> Result<String, PortError>;
}

/// Objects whose keys events tell: what is too large for the event itself.
#[async_trait]
pub trait Objects: Send + Sync {
    /// The object's bytes; `None` if it is not there.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError>;
}

/// Customers' files, as far as they come whole at the door.
#[async_trait]
pub trait Files: Send + Sync {
    /// Keeps a file in its owner's folder; the same file again changes nothing.
    async fn put(&self, file: &ReceivedFile) -> Result<(), PortError>;
}

/// What is noted of threads, so that later messages can be known to belong to them.
#[async_trait]
pub trait Threads: Send + Sync {
    /// Notes a thread under a name, in place of what was noted under it before. It is forgotten by itself.
    async fn note(&self, name: &str, thread: &Thread) -> Result<(), PortError>;

    /// The thread of this name.
    async fn find(&self, name: &str) -> Result<Option<Thread>, PortError>;
}

/// Where it is said that files are to be fetched.
#[async_trait]
pub trait MediaQueue: Send + Sync {
    /// Queues a file in its identity's group. The same file is queued once.
    async fn send(&self, fetch: &Fetch) -> Result<(), PortError>;
}

/// Where it is said what the company's own systems are to do.
#[async_trait]
pub trait ActionQueue: Send + Sync {
    /// Queues a call in its identity's group. The same call is queued once.
    async fn send(&self, order: &ActionOrder) -> Result<(), PortError>;
}

/// Which of the company's systems does what, as fresh as five minutes.
#[async_trait]
pub trait ActionSettings: Send + Sync {
    /// The settings and what calls are signed with, as [`crate::action::settings`] reads them; an empty set when nothing
    /// is stored.
    async fn actions(&self) -> Result<Arc<KeySet>, PortError>;
}

/// The company's own systems.
#[async_trait]
pub trait ActionTarget: Send + Sync {
    /// Makes one call. It can always be made again: systems know it by its id. No more than
    /// [`MAX_BYTES`](crate::action::MAX_BYTES) of the answer are read. Status 0: no answer came.
    async fn call(&self, call: &HttpCall) -> ActionReply;
}

/// What came of a call of the company's own system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ActionReply {
    /// An answer.
    Reply(WireReply),
    /// More than is read.
    TooLarge,
    /// The address leads where nothing is called; why, in plain words.
    Forbidden(&'static str),
}

/// Where customers' files come from.
#[async_trait]
pub trait FileSource: Send + Sync {
    /// Makes one call in the name of the identity's account. No more than [`MAX_BYTES`](crate::media::MAX_BYTES) are read, and
    /// nothing of addresses that lead into somebody's own network. An error: it can be tried again.
    async fn get(&self, of: &Identity, step: &Step) -> Result<Got, PortError>;
}

/// What came of a call for a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Got {
    /// An answer.
    Reply(FileReply),
    /// More than is read.
    TooLarge,
    /// The address leads where nothing is fetched from; why, in plain words.
    Forbidden(&'static str),
}

/// Where customers' files are kept.
#[async_trait]
pub trait FileStore: Send + Sync {
    /// Stores a file, unless it is there already. Whatever it is, it is handed out for saving, not for showing.
    async fn put(&self, group: &GroupId, upload: &UploadId, file: StoredFile) -> Result<(), PortError>;

    /// What lies there; `None`: nothing.
    async fn look(&self, group: &GroupId, upload: &UploadId) -> Result<Option<Found>, PortError>;

    /// Notes whose file is being listened to.
    async fn note(&self, fetch: &Fetch) -> Result<(), PortError>;

    /// Whose file was noted for a message; `None`: it is not, or not any more.
    async fn noted(&self, group: &GroupId, message: &MessageId) -> Result<Option<Fetch>, PortError>;

    /// Erases the note of a message and what was heard; the file stays.
    async fn discard(&self, group: &GroupId, message: &MessageId) -> Result<(), PortError>;
}

/// A file to store.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// Its media type, by its bytes.
    pub mime: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

/// A file that is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Found {
    /// Bytes.
    pub size: u64,
    /// The first of them: enough to tell what it is.
    pub beginning: Vec<u8>,
}

/// A file that a visitor wants to upload.
#[derive(Debug, Clone, Copy)]
pub struct UploadRequest<'a> {
    /// Whose file.
    pub group: &'a GroupId,
    /// Its id.
    pub upload: &'a UploadId,
    /// Its media type.
    pub mime: &'a str,
    /// Its size in bytes; the storage takes no more.
    pub size: u64,
    /// Now.
    pub now: UnixMillis,
    /// When the form ends.
    pub ends: UnixMillis,
}

/// A form to post a file with: fields in order, then the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadForm {
    /// Where to post.
    pub url: String,
    /// The fields, in order.
    pub fields: Vec<(String, String)>,
}

/// The bot over the knowledge that is published, at most a minute old.
#[async_trait]
pub trait Knowledge: Send + Sync {
    /// The bot. Without any published knowledge, one that knows nothing.
    async fn bot(&self) -> Result<Arc<KnowledgeBot>, PortError>;
}

/// Where records go that cannot be processed, with the reason.
#[async_trait]
pub trait DeadLetters: Send + Sync {
    /// Puts one record on the dead-letter queue, in its own group.
    async fn put(&self, letter: &DeadLetter<'_>) -> Result<(), PortError>;
}

/// A record that was given up.
#[derive(Debug, Clone, Copy)]
pub struct DeadLetter<'a> {
    /// Its body, as it was.
    pub body: &'a str,
    /// Its group.
    pub group: &'a str,
    /// Its deduplication id.
    pub dedup: &'a str,
    /// Why it was given up: ids and kinds only, never what a customer wrote.
    pub reason: &'a str,
}

/// Puts off the next receive of records.
#[async_trait]
pub trait PutOff: Send + Sync {
    /// The records come again after so many seconds, not before.
    async fn put_off(&self, receipts: &[String], seconds: u32) -> Result<(), PortError>;
}
