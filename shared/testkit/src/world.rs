//! The world that the in-memory ports share.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use app::PortError;
use app::answers::KnowledgeBot;
use app::customers::Member;
use app::ports::{Clock, Knowledge, Random, Secrets, UploadForm, UploadRequest, Uploads};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::KeySet;
use domain::ids::digest;
use domain::{
    ChannelId, Conversation, CustomerId, DedupId, DeliveryState, GroupId, Identity, Message, Outbound, Turn,
    UnixMillis, UploadId,
};

use crate::chaos::{Breath, Chaos};
use crate::fifo::Fifo;

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

#[derive(Default)]
pub(crate) struct State {
    pub(crate) heads: BTreeMap<GroupId, Conversation>,
    pub(crate) turns: BTreeMap<(GroupId, DedupId), Turn>,
    pub(crate) deliveries: BTreeMap<(GroupId, u64), StoredDelivery>,
    pub(crate) members: BTreeMap<(CustomerId, GroupId), Member>,
    pub(crate) sockets: BTreeMap<(GroupId, String), UnixMillis>,
    pub(crate) pushed: Vec<(GroupId, String, String)>,
    pub(crate) inbound: Fifo,
    pub(crate) outbound: Fifo,
    pub(crate) dead: Vec<(String, String)>,
    pub(crate) alarms: BTreeMap<(UnixMillis, GroupId, u64), Identity>,
    pub(crate) rung: u64,
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
    chaos: Arc<Mutex<Option<Chaos>>>,
}

/// One of the world's queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Where events enter.
    Inbound,
    /// Where deliveries go out.
    Outbound,
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
            chaos: Arc::default(),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("an unpoisoned world")
    }

    /// The beginning of a port's call: others may go on, and it may fail before it has any effect.
    pub(crate) async fn enter(&self, part: &'static str) -> Result<(), PortError> {
        Breath::new().await;
        match *self.broken.lock().expect("an unpoisoned world") {
            Some(broken) if broken == part => Err(PortError::transient(part, "broken by the test")),
            _ => self.strike(part, "refused"),
        }
    }

    /// The end of a port's call: its answer may be lost, and others may go on.
    pub(crate) async fn leave(&self, part: &'static str) -> Result<(), PortError> {
        Breath::new().await;
        self.strike(part, "the answer was lost")
    }

    fn strike(&self, part: &'static str, how: &'static str) -> Result<(), PortError> {
        let strikes = self.chaos.lock().expect("an unpoisoned world").as_mut().is_some_and(Chaos::strikes);
        if strikes { Err(PortError::transient(part, how)) } else { Ok(()) }
    }

    /// From now on so many of a thousand calls fail before, and as many after, their effect, as the seed draws it.
    pub fn unleash(&self, seed: u64, per_mille: u32) {
        *self.chaos.lock().expect("an unpoisoned world") = Some(Chaos::new(seed, per_mille));
    }

    /// Ends what [`Self::unleash`] began; how many faults there were.
    pub fn calm(&self) -> u64 {
        self.chaos.lock().expect("an unpoisoned world").take().map_or(0, |chaos| chaos.injected)
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

    /// Breaks one part (`inbound`, `outbound`, `table`, `wire`, `secrets`, `dead_letters`), or mends all.
    pub fn break_part(&self, part: Option<&'static str>) {
        *self.broken.lock().expect("an unpoisoned world") = part;
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.now.fetch_add(seconds.saturating_mul(1000), Ordering::SeqCst);
    }

    /// Lets a little time pass.
    pub fn tick(&self, millis: u64) {
        self.now.fetch_add(i64::try_from(millis).unwrap_or(i64::MAX), Ordering::SeqCst);
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
        self.state().dead.clone()
    }

    /// The committed turns of an identity, in order.
    pub fn turns(&self, group: &GroupId) -> Vec<Turn> {
        let state = self.state();
        let mut turns: Vec<Turn> =
            state.turns.iter().filter(|((of, _), _)| of == group).map(|(_, turn)| turn.clone()).collect();
        turns.sort_by_key(|turn| turn.number);
        turns
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
impl Uploads for World {
    async fn form(&self, request: &UploadRequest<'_>) -> Result<UploadForm, PortError> {
        let fields = vec![("key".to_owned(), format!("uploads/{}/{}", request.group, request.upload))];
        Ok(UploadForm { url: "https://files.example.com".to_owned(), fields })
    }

    async fn link(&self, group: &GroupId, upload: &UploadId, _now: UnixMillis) -> Result<String, PortError> {
        Ok(format!("https://files.example.com/uploads/{group}/{upload}"))
    }
}
