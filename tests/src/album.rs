//! Where customers' files come from, and who listens to them, in memory.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use app::PortError;
use app::media::speech::{Begun, Ended, Order, Recogniser};
use app::ports::{FileSource, Got};
use async_trait::async_trait;
use channels::{FileReply, Step};
use domain::{GroupId, Identity, MessageId};
use serde::{Deserialize, Serialize};
use testkit::{Queue, Queued, World};

#[derive(Default)]
struct Pages {
    files: BTreeMap<String, Vec<u8>>,
    next: VecDeque<Got>,
    calls: Vec<String>,
}

/// Files by the end of their addresses. Clones are the same album.
#[derive(Clone)]
pub struct Album {
    world: World,
    pages: Arc<Mutex<Pages>>,
}

impl Album {
    /// An empty one.
    pub fn new(world: &World) -> Self {
        Self { world: world.clone(), pages: Arc::default() }
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().expect("an unpoisoned album")
    }

    /// Puts a file where addresses end so; no bytes: takes it away.
    pub fn lay(&self, end: &str, bytes: Option<&[u8]>) {
        let mut pages = self.pages();
        match bytes {
            Some(bytes) => drop(pages.files.insert(end.to_owned(), bytes.to_vec())),
            None => drop(pages.files.remove(end)),
        }
    }

    /// What comes of the next calls instead.
    pub fn answer(&self, next: impl IntoIterator<Item = Got>) {
        self.pages().next.extend(next);
    }

    /// The targets that were asked for so far.
    pub fn calls(&self) -> Vec<String> {
        self.pages().calls.clone()
    }
}

/// An answer with this status and body.
pub fn reply(status: u16, mime: &str, body: &[u8]) -> Got {
    Got::Reply(FileReply { status, mime: mime.to_owned(), body: body.to_vec(), ..FileReply::default() })
}

#[async_trait]
impl FileSource for Album {
    async fn get(&self, _of: &Identity, step: &Step) -> Result<Got, PortError> {
        self.world.enter("provider").await?;
        let (Step::Api(call) | Step::Address(call)) = step;
        let got = {
            let mut pages = self.pages();
            pages.calls.push(call.target.clone());
            let found = || pages.files.iter().find(|(end, _)| call.target.ends_with(end.as_str()));
            match found().map(|(_, bytes)| reply(200, "", bytes)) {
                _ if !pages.next.is_empty() => pages.next.pop_front().unwrap(),
                Some(file) => file,
                None => reply(404, "", b""),
            }
        };
        self.world.leave("provider").await.map(|()| got)
    }
}

#[derive(Default)]
struct Heard {
    jobs: BTreeSet<MessageId>,
    begun: Vec<(MessageId, String, Option<String>)>,
    words: Option<String>,
    failed: Option<String>,
    refuses: Option<String>,
}

/// A recogniser whose word comes by the media queue. Clones are the same one.
#[derive(Clone)]
pub struct Ear {
    world: World,
    heard: Arc<Mutex<Heard>>,
}

#[derive(Serialize, Deserialize)]
struct Word {
    ear: bool,
    group: GroupId,
    message: MessageId,
    failed: Option<String>,
}

impl Ear {
    /// One that hears nothing yet.
    pub fn new(world: &World) -> Self {
        Self { world: world.clone(), heard: Arc::default() }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().expect("an unpoisoned ear")
    }

    /// What it hears from now on; nothing: silence.
    pub fn hears(&self, words: Option<&str>) {
        self.heard().words = words.map(str::to_owned);
    }

    /// From now on its work fails for this reason.
    pub fn fails(&self, reason: Option<&str>) {
        self.heard().failed = reason.map(str::to_owned);
    }

    /// From now on it does not begin, for this reason.
    pub fn refuses(&self, reason: Option<&str>) {
        self.heard().refuses = reason.map(str::to_owned);
    }

    /// What it began to listen to: message, media type, language.
    pub fn begun(&self) -> Vec<(MessageId, String, Option<String>)> {
        self.heard().begun.clone()
    }

    /// Word that it has listened to a message, as the queue has it.
    pub fn word(&self, group: &GroupId, message: &MessageId) -> String {
        let failed = self.heard().failed.clone();
        let word = Word { ear: true, group: group.clone(), message: message.clone(), failed };
        serde_json::to_string(&word).expect("a word")
    }
}

#[async_trait]
impl Recogniser for Ear {
    fn takes(&self, mime: &str) -> Result<(), String> {
        let sound = mime.starts_with("audio/") && mime != "audio/silk";
        if sound { Ok(()) } else { Err(format!("the ear does not take {mime}")) }
    }

    async fn begin(&self, order: &Order<'_>) -> Result<Begun, PortError> {
        self.world.enter("ear").await?;
        if let Some(reason) = self.heard().refuses.clone() {
            return Ok(Begun::Cannot(reason));
        }
        let first = self.heard().jobs.insert(order.message.clone());
        if first {
            let language = order.locale.map(|locale| locale.as_str().to_owned());
            self.heard().begun.push((order.message.clone(), order.mime.to_owned(), language));
            let body = self.word(order.group, order.message);
            let dedup = format!("{}-ear", order.message);
            self.world.put(Queue::Media, Queued { body, group: "speech".to_owned(), dedup });
        }
        self.world.leave("ear").await.map(|()| Begun::Listening)
    }

    fn ended(&self, body: &str) -> Option<Ended> {
        let Word { group, message, failed, .. } = serde_json::from_str(body).ok()?;
        Some(Ended { group, message, failed })
    }

    async fn words(&self, _group: &GroupId, _message: &MessageId) -> Result<Option<String>, PortError> {
        self.world.enter("ear").await?;
        Ok(self.heard().words.clone())
    }
}
