//! The world that the in-memory ports share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;

use app::PortError;
use app::answers::KnowledgeBot;
use app::customers::{Address, Member};
use app::ports::{
    Clock, Files, Knowledge, Objects, Place, Random, Secrets, StoredFile, Threads, UploadForm, UploadRequest, Uploads,
};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::{KeySet, ReceivedFile, Thread};
use domain::ids::digest;
use domain::{
    ChannelId, Conversation, CustomerId, DedupId, DeliveryState, Fetch, GroupId, HandleId, Identity, Message,
    MessageId, Outbound, Turn, UnixMillis, UploadId,
};

use crate::chaos::{Breath, Chaos};
use crate::fifo::{Fifo, Queued};
use crate::sleep::{Sleep, Timers};

/// A delivery as the table keeps it.
#[derive(Debug, Clone)]
pub(crate) struct StoredDelivery {
    pub(crate) outbound: Outbound,
    pub(crate) state: DeliveryState,
    pub(crate) lease_ends: UnixMillis,
    pub(crate) tries: u32,
    pub(crate) parts: usize,
    pub(crate) reason: String,
    /// Whose messages are gone; only the key is left.
    pub(crate) erased: bool,
}

/// What the world holds.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) heads: BTreeMap<GroupId, Conversation>,
    pub(crate) turns: BTreeMap<(GroupId, DedupId), Turn>,
    pub(crate) deliveries: BTreeMap<(GroupId, u64), StoredDelivery>,
    pub(crate) members: BTreeMap<(CustomerId, GroupId), Member>,
    /// Owners of addresses; none: contested.
    pub(crate) handles: BTreeMap<HandleId, Option<CustomerId>>,
    /// What customers have proved.
    pub(crate) addresses: BTreeMap<(CustomerId, HandleId), Address>,
    /// When a person of the company was last at work.
    pub(crate) seen: Option<UnixMillis>,
    pub(crate) sockets: BTreeMap<(GroupId, String), UnixMillis>,
    pub(crate) pushed: Vec<(GroupId, String, String)>,
    pub(crate) inbound: Fifo,
    pub(crate) outbound: Fifo,
    pub(crate) pulls: Fifo,
    pub(crate) media: Fifo,
    pub(crate) actions: Fifo,
    /// Customers' files, and when each was stored.
    pub(crate) files: BTreeMap<(GroupId, UploadId), (StoredFile, UnixMillis)>,
    /// Whose file is listened to, and since when.
    pub(crate) notes: BTreeMap<(GroupId, MessageId), (Fetch, UnixMillis)>,
    pub(crate) places: BTreeMap<(&'static str, String), Place>,
    pub(crate) dead: Vec<(Queued, String)>,
    pub(crate) alarms: BTreeMap<(UnixMillis, GroupId, u64), Identity>,
    pub(crate) rung: u64,
    /// Every head that was committed, in order.
    pub(crate) history: BTreeMap<GroupId, Vec<Conversation>>,
    /// How often an alarm was asked for.
    pub(crate) alarms_asked: BTreeMap<GroupId, u64>,
    pub(crate) alarm_moves: u64,
    pub(crate) timers: Timers,
    /// What events name, by key.
    pub(crate) objects: BTreeMap<String, Vec<u8>>,
    /// What is noted of threads, by name.
    pub(crate) threads: BTreeMap<String, Thread>,
}

/// Everything outside the use cases, in memory. Clones are the same world.
#[derive(Clone)]
pub struct World {
    state: Arc<Mutex<State>>,
    now: Arc<AtomicI64>,
    drawn: Arc<AtomicU64>,
    keys: Arc<Mutex<Arc<KeySet>>>,
    bot: Arc<KnowledgeBot>,
    broken: Arc<Mutex<Option<&'static str>>>,
    mute: Arc<Mutex<Option<&'static str>>>,
    chaos: Arc<Mutex<Option<Chaos>>>,
}

/// One of the world's queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Where events enter.
    Inbound,
    /// Where deliveries go out.
    Outbound,
    /// Where it is said that messages wait to be fetched.
    Pulls,
    /// Where it is said that files are to be fetched.
    Media,
    /// Where it is said what the company's own systems are to do.
    Actions,
}

/// A key set with one session key and one identity key, both made of these bytes.
pub fn session_keys(secret: &[u8]) -> KeySet {
    let secret = STANDARD.encode(secret);
    let text = format!(
        r#"{{"session_keys":[{{"kid":"s1","secret":"{secret}"}}],"identity_keys":[{{"kid":"i1","alg":"HS256","secret":"{secret}"}}]}}"#
    );
    KeySet::from_json(&text).expect("a key set")
}

impl World {
    /// A world with this bot, at a fixed instant.
    pub fn new(bot: KnowledgeBot) -> Self {
        Self {
            state: Arc::default(),
            now: Arc::new(AtomicI64::new(1_800_000_000_000)),
            drawn: Arc::default(),
            keys: Arc::new(Mutex::new(Arc::new(session_keys(b"a secret of thirty-two bytes ...")))),
            bot: Arc::new(bot),
            broken: Arc::default(),
            mute: Arc::default(),
            chaos: Arc::default(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("an unpoisoned world")
    }

    /// The beginning of a port's call: others may go on, and it may fail before it has any effect.
    pub async fn enter(&self, part: &'static str) -> Result<(), PortError> {
        Breath::new().await;
        match *self.broken.lock().expect("an unpoisoned world") {
            Some(broken) if broken == part => Err(PortError::transient(part, "broken by the test")),
            _ => self.strike(part, "refused"),
        }
    }

    /// The end of a port's call: its answer may be lost, and others may go on.
    pub async fn leave(&self, part: &'static str) -> Result<(), PortError> {
        Breath::new().await;
        if *self.mute.lock().expect("an unpoisoned world") == Some(part) {
            return Err(PortError::transient(part, "muted by the test"));
        }
        self.strike(part, "the answer was lost")
    }

    fn strike(&self, part: &'static str, how: &'static str) -> Result<(), PortError> {
        let mut chaos = self.chaos.lock().expect("an unpoisoned world");
        let strikes = chaos.as_mut().is_some_and(|chaos| chaos.strikes(part, how));
        if strikes { Err(PortError::transient(part, how)) } else { Ok(()) }
    }

    /// From now on so many of a thousand calls fail before, and as many after, their effect, as the seed draws it.
    pub fn unleash(&self, seed: u64, per_mille: u32) {
        *self.chaos.lock().expect("an unpoisoned world") = Some(Chaos::new(seed, per_mille));
    }

    /// Ends what [`Self::unleash`] began; how many faults there were, by part and how it failed.
    pub fn calm(&self) -> BTreeMap<(&'static str, &'static str), u64> {
        self.chaos.lock().expect("an unpoisoned world").take().map_or_else(BTreeMap::new, |chaos| chaos.injected)
    }

    /// The identity's current conversation.
    pub fn head(&self, group: &GroupId) -> Option<Conversation> {
        self.state().heads.get(group).cloned()
    }

    /// The messages delivered to an identity, in order, as its mailbox holds them.
    pub fn delivered(&self, group: &GroupId) -> Vec<Message> {
        let state = self.state();
        let of_group = state.deliveries.iter().filter(|((of, _), _)| of == group);
        of_group.filter(|(_, stored)| !stored.erased).flat_map(|(_, stored)| stored.outbound.messages.clone()).collect()
    }

    /// Breaks one part (`inbound`, `outbound`, `pulls`, `media`, `actions`, `files`, `table`, `wire`, `secrets`, `dead_letters`, `alarms`), or mends all.
    pub fn break_part(&self, part: Option<&'static str>) {
        *self.broken.lock().expect("an unpoisoned world") = part;
    }

    /// Lets one part do what it is asked and lose the answer, or mends all.
    pub fn mute_part(&self, part: Option<&'static str>) {
        *self.mute.lock().expect("an unpoisoned world") = part;
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.advance(seconds.saturating_mul(1000));
    }

    /// Lets a little time pass.
    pub fn tick(&self, millis: u64) {
        self.advance(i64::try_from(millis).unwrap_or(i64::MAX));
    }

    fn advance(&self, millis: i64) {
        let now = self.now.fetch_add(millis, Ordering::SeqCst).saturating_add(millis);
        let due = self.state().timers.due(UnixMillis(now));
        due.into_iter().for_each(Waker::wake);
    }

    /// When the next sleeper wakes; `None` if nobody sleeps.
    pub fn next_timer(&self) -> Option<UnixMillis> {
        self.state().timers.next()
    }

    /// Returns once so many milliseconds have passed, without making them pass.
    pub fn sleep(&self, millis: u64) -> Sleep {
        let millis = i64::try_from(millis).unwrap_or(i64::MAX);
        Sleep::new(self.clone(), UnixMillis(self.now().0.saturating_add(millis)))
    }

    /// Puts an object where events may name it.
    pub fn put_object(&self, key: &str, bytes: &[u8]) {
        self.state().objects.insert(key.to_owned(), bytes.to_vec());
    }

    /// Changes the secrets.
    pub fn set_keys(&self, keys: KeySet) {
        *self.keys.lock().expect("an unpoisoned world") = Arc::new(keys);
    }

    /// What was pushed to sockets so far: connection, frame.
    pub fn pushed(&self) -> Vec<(String, String)> {
        self.state().pushed.iter().map(|(_, socket, frame)| (socket.clone(), frame.clone())).collect()
    }

    /// What was pushed to an identity's sockets so far.
    pub fn pushed_to_group(&self, group: &GroupId) -> Vec<String> {
        let state = self.state();
        state.pushed.iter().filter(|(of, _, _)| of == group).map(|(_, _, frame)| frame.clone()).collect()
    }

    /// What was put on dead-letter queues: body, reason.
    pub fn dead(&self) -> Vec<(String, String)> {
        self.state().dead.iter().map(|(message, reason)| (message.body.clone(), reason.clone())).collect()
    }

    /// Empties the dead-letter queues; what lay there, in order.
    pub fn take_dead(&self) -> Vec<Queued> {
        std::mem::take(&mut self.state().dead).into_iter().map(|(message, _)| message).collect()
    }

    /// The committed turns of an identity, in order.
    pub fn turns(&self, group: &GroupId) -> Vec<Turn> {
        let state = self.state();
        let mut turns: Vec<Turn> =
            state.turns.iter().filter(|((of, _), _)| of == group).map(|(_, turn)| turn.clone()).collect();
        turns.sort_by_key(|turn| turn.number);
        turns
    }

    /// The customers whose member an identity is.
    pub fn customers_of(&self, group: &GroupId) -> Vec<CustomerId> {
        let state = self.state();
        state.members.keys().filter(|(_, of)| of == group).map(|(customer, _)| customer.clone()).collect()
    }

    /// Every head of an identity that was committed, in order.
    pub fn history(&self, group: &GroupId) -> Vec<Conversation> {
        self.state().history.get(group).cloned().unwrap_or_default()
    }

    /// The deliveries of an identity that were claimed and not erased, in order, and how each stands.
    pub fn deliveries(&self, group: &GroupId) -> Vec<(Outbound, DeliveryState)> {
        let state = self.state();
        let of_group = state.deliveries.iter().filter(|((of, _), stored)| of == group && !stored.erased);
        of_group.map(|(_, stored)| (stored.outbound.clone(), stored.state)).collect()
    }

    /// Everything that is kept of an identity in table, queues and scheduler, as one text to search.
    pub fn kept(&self, group: &GroupId) -> String {
        let state = self.state();
        let turns: Vec<&Turn> = state.turns.iter().filter(|((of, _), _)| of == group).map(|(_, turn)| turn).collect();
        let deliveries = state.deliveries.iter().filter(|((of, _), stored)| of == group && !stored.erased);
        let deliveries: Vec<&Outbound> = deliveries.map(|(_, stored)| &stored.outbound).collect();
        let files: Vec<_> = state.files.keys().filter(|(of, _)| of == group).collect();
        let notes: Vec<_> = state.notes.keys().filter(|(of, _)| of == group).collect();
        let queued = [&state.inbound, &state.outbound, &state.media, &state.actions]
            .map(|queue| queue.of_group(group.as_str()).collect::<Vec<_>>());
        let dead: Vec<&Queued> =
            state.dead.iter().map(|(message, _)| message).filter(|message| message.group == group.as_str()).collect();
        let alarms: Vec<&Identity> =
            state.alarms.iter().filter(|((_, of, _), _)| of == group).map(|(_, identity)| identity).collect();
        let members: Vec<&Member> =
            state.members.iter().filter(|((_, of), _)| of == group).map(|(_, member)| member).collect();
        format!("{:?}", (state.heads.get(group), turns, deliveries, queued, dead, alarms, members, files, notes))
    }
}

#[async_trait]
impl Clock for World {
    fn now(&self) -> UnixMillis {
        UnixMillis(self.now.load(Ordering::SeqCst))
    }

    async fn pause(&self, millis: u64) {
        self.tick(millis);
        Breath::new().await;
    }
}

impl Random for World {
    fn bytes(&self) -> [u8; 32] {
        digest(&[b"random", &self.drawn.fetch_add(1, Ordering::SeqCst).to_be_bytes()])
    }
}

#[async_trait]
impl Secrets for World {
    async fn keys(&self, _channel: ChannelId) -> Result<Arc<KeySet>, PortError> {
        self.enter("secrets").await?;
        Ok(Arc::clone(&self.keys.lock().expect("an unpoisoned world")))
    }
}

#[async_trait]
impl Knowledge for World {
    async fn bot(&self) -> Result<Arc<KnowledgeBot>, PortError> {
        Ok(Arc::clone(&self.bot))
    }
}

#[async_trait]
impl Objects for World {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError> {
        self.enter("objects").await?;
        Ok(self.state().objects.get(key).cloned())
    }
}

#[async_trait]
impl Files for World {
    async fn put(&self, file: &ReceivedFile) -> Result<(), PortError> {
        self.enter("files").await?;
        let kept = StoredFile { mime: file.mime.clone(), bytes: file.bytes.clone() };
        let now = self.now();
        self.state().files.insert((file.group.clone(), file.upload.clone()), (kept, now));
        self.leave("files").await
    }
}

#[async_trait]
impl Threads for World {
    async fn note(&self, name: &str, thread: &Thread) -> Result<(), PortError> {
        self.enter("table").await?;
        self.state().threads.insert(name.to_owned(), thread.clone());
        self.leave("table").await
    }

    async fn find(&self, name: &str) -> Result<Option<Thread>, PortError> {
        self.enter("table").await?;
        Ok(self.state().threads.get(name).cloned())
    }
}

#[async_trait]
impl Uploads for World {
    async fn form(&self, request: &UploadRequest<'_>) -> Result<UploadForm, PortError> {
        let fields = vec![("key".to_owned(), format!("uploads/{}/{}", request.group, request.upload))];
        Ok(UploadForm { url: "https://files.example.com".to_owned(), fields })
    }

    async fn link(&self, group: &GroupId, upload: &UploadId, _now: UnixMillis) -> Result<String, PortError> {
        Ok(format!("https://files.example.com/uploads/{group}/{upload}"))
    }
}
