//! What the sandbox holds while it runs.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::Value;
use tokio::sync::watch;

use super::faults::Faults;
use super::ids::Ids;
use super::log::Log;
use super::mail::letter;
use super::provider::{self, Moment, Provider};
use super::shown::Shown;
use crate::clock;
use crate::stack::Stack;

/// The channels that somebody plays, in the order of the page.
pub const CHANNELS: &[&str] = &[
    "wechat",
    "wecom",
    "weibo",
    "messenger",
    "instagram",
    "whatsapp",
    "telegram",
    "line",
    "sms",
    "voice",
    "email",
    "webhook",
    "connect",
    // The company's own systems: no channel, but called and in trouble like the others.
    "actions",
];

/// The sandbox. One thread serves it, and no borrow is held while it waits.
pub struct Play {
    stack: Stack,
    /// What happened.
    pub log: RefCell<Log>,
    /// How providers misbehave.
    pub faults: RefCell<Faults>,
    ids: RefCell<Ids>,
    providers: RefCell<BTreeMap<&'static str, Box<dyn Provider>>>,
    news: watch::Sender<u64>,
    mails: RefCell<Mails>,
}

/// Mails of both directions, as they are.
#[derive(Debug, Default)]
struct Mails {
    /// By id, oldest first.
    all: Vec<(String, Vec<u8>)>,
    /// The last one that each customer has.
    last: BTreeMap<String, String>,
}

/// Mails that are kept, at most.
const MOST_MAILS: usize = 500;

impl Play {
    /// Of this stack, with nothing said yet.
    pub fn new(stack: &Stack) -> Self {
        Self {
            stack: stack.clone(),
            log: RefCell::default(),
            faults: RefCell::default(),
            ids: RefCell::new(Ids::from(now())),
            providers: RefCell::new(CHANNELS.iter().filter_map(|channel| provider::of(channel)).collect()),
            news: watch::Sender::new(0),
            mails: RefCell::default(),
        }
    }

    /// `stack.json` as it is now; null before there is one.
    pub fn description(&self) -> Value {
        self.stack.read().ok().flatten().unwrap_or_default()
    }

    /// The address of the sandbox's own pages.
    pub fn origin(&self) -> String {
        self.stack.sandbox_url()
    }

    /// What `stack.json` says of a channel's account: of the first one, or of the one of this name among `accounts`.
    ///
    /// # Errors
    /// There is none.
    pub fn account(&self, channel: &str, named: &str) -> Result<Value, String> {
        account(&self.description(), channel, named)
    }

    /// Lets a provider act, now.
    pub fn with<T>(
        &self,
        channel: &str,
        account: &Value,
        act: impl FnOnce(&mut dyn Provider, &mut Moment<'_>) -> T,
    ) -> Option<T> {
        let mut providers = self.providers.borrow_mut();
        let provider = providers.get_mut(channel)?;
        let mut ids = self.ids.borrow_mut();
        Some(act(provider.as_mut(), &mut Moment { account, now: now(), ids: &mut ids }))
    }

    /// New hexadecimal digits.
    pub fn hex(&self, digits: usize) -> String {
        self.ids.borrow_mut().hex(digits)
    }

    /// Keeps a mail as it is; the address at which pages find it.
    pub fn keep_mail(&self, id: &str, raw: &[u8]) -> String {
        let mut mails = self.mails.borrow_mut();
        if mails.all.len() >= MOST_MAILS {
            mails.all.remove(0);
        }
        mails.all.push((id.to_owned(), raw.to_vec()));
        format!("{}/mail/{id}", self.origin())
    }

    /// What a customer sees, with the address of what is kept of it.
    pub fn kept(&self, mut shown: Shown) -> Shown {
        if let Some(raw) = shown.raw.take() {
            shown.link = self.keep_mail(&shown.id, &raw);
            shown.letter = letter::read(&shown.id, &raw);
            self.mails.borrow_mut().last.insert(shown.user.clone(), shown.id.clone());
        }
        shown
    }

    /// A mail that is kept.
    pub fn mail(&self, id: &str) -> Option<Vec<u8>> {
        let mails = self.mails.borrow();
        mails.all.iter().find(|(of, _)| of == id).map(|(_, raw)| raw.clone())
    }

    /// The last mail that a customer has.
    pub fn last_mail(&self, user: &str) -> Option<Vec<u8>> {
        let id = self.mails.borrow().last.get(user).cloned()?;
        self.mail(&id)
    }

    /// The name of a channel that is played.
    pub fn channel(name: &str) -> Option<&'static str> {
        CHANNELS.iter().find(|channel| **channel == name).copied()
    }

    /// Writes something down, and wakes those who wait for news.
    pub fn tell(&self, kind: &'static str, channel: &'static str, user: &str, what: Value) -> u64 {
        let id = self.log.borrow_mut().add(kind, channel, user, now(), what);
        self.wake();
        id
    }

    /// Wakes those who wait for news.
    pub fn wake(&self) {
        self.news.send_replace(self.log.borrow().last());
    }

    /// Those who wait for news.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }
}

fn account(description: &Value, channel: &str, named: &str) -> Result<Value, String> {
    let of = description.pointer(&format!("/channels/{channel}"));
    let of = of.filter(|of| of.get("webhook_url").is_some());
    let of = of.ok_or_else(|| format!("no stack is running that has the channel {channel}"))?;
    if named.is_empty() {
        return Ok(of.clone());
    }
    let other = of.pointer("/accounts").and_then(|accounts| accounts.get(named));
    let other = other.ok_or_else(|| format!("the channel {channel} has no account `{named}`"))?;
    let mut meant = of.clone();
    if let (Some(meant), Some(other)) = (meant.as_object_mut(), other.as_object()) {
        meant.extend(other.clone());
    }
    Ok(meant)
}

/// Milliseconds since the epoch.
pub fn now() -> i64 {
    clock::now().0
}
