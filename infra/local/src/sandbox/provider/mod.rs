//! The providers' side of the channels: each signs its webhooks, serves its API and keeps its rules, as far as a company
//! can see them. Nothing here is shared with the product's own channels, so that neither hides the other's mistakes.

pub mod actions;
pub mod connect;
pub mod email;
pub mod graph;
pub mod line;
pub mod media;
pub mod messenger;
pub mod sms;
pub mod subscription;
pub mod telegram;
pub mod tencent;
mod twilio;
pub mod voice;
pub mod webhook;
pub mod wechat;
pub mod wecom;
pub mod weibo;
pub mod whatsapp;

use std::time::Duration;

use serde_json::Value;

use self::messenger::{Kind, Messenger};
use super::ids::Ids;
use super::shown::Shown;
use super::wire::{Call, Reply};

/// What a provider may know of the world.
#[derive(Debug)]
pub struct Moment<'a> {
    /// The channel's entry in `stack.json`: the account, its secrets.
    pub account: &'a Value,
    /// Milliseconds since the epoch.
    pub now: i64,
    /// New ids.
    pub ids: &'a mut Ids,
}

/// What a customer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Writes.
    Text(String),
    /// Takes a choice.
    Choose {
        /// What it said.
        title: String,
        /// What the company gave it to come back with.
        payload: String,
        /// Whether it was a chip, a button, a line of a menu or of a list, as [`super::shown::Look::name`] has it.
        look: String,
    },
    /// Does something else: `follow`, `unfollow`, or what the provider has besides.
    Event {
        /// Which.
        name: String,
        /// What it is about, such as a menu's key.
        about: String,
    },
    /// Sends a file.
    Media(media::Sent),
    /// Their app tells that it has a message, or that it was read.
    Receipt {
        /// `delivered` or `read`.
        status: String,
        /// The provider's id of the message.
        message: String,
    },
}

/// Something a customer does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// The customer's id.
    pub user: String,
    /// What.
    pub act: Act,
    /// Whether their app is set to Chinese.
    pub chinese: bool,
    /// Other wishes of the request, such as `mode`.
    pub wishes: Value,
}

/// A webhook's request, but for the address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hook {
    /// The query; empty if there is none.
    pub query: String,
    /// Header names with values.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// How a provider insists on an answer with status 2xx.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// How long it waits for one.
    pub wait: Duration,
    /// How often it tries.
    pub tries: u32,
    /// How long after a failed try comes the next one; each time twice as long.
    pub pause: Duration,
    /// What the customer's app says when all were in vain.
    pub complaint: Option<&'static str>,
}

/// How a provider asks whether a webhook's address is the company's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// The method.
    pub method: &'static str,
    /// The rest of the request.
    pub hook: Hook,
    /// What must come back; `None`: any answer with status 2xx will do.
    pub expected: Option<String>,
}

impl Check {
    /// A `GET` with this query that wants this text back.
    pub fn asking(query: String, expected: String) -> Self {
        Self { method: "GET", hook: Hook { query, ..Hook::default() }, expected: Some(expected) }
    }
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// The answer.
    pub reply: Reply,
    /// What the customer sees.
    pub shown: Vec<Shown>,
    /// What the provider then tells the webhook, in order.
    pub news: Vec<News>,
}

/// Something that a provider tells the webhook of its own accord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct News {
    /// The customer whom it is about.
    pub user: String,
    /// As [`Provider::says`] has events.
    pub event: Value,
    /// What the sandbox's own log says of it.
    pub what: Value,
}

impl Taken {
    /// Taken, and shown to the customer.
    pub const fn showing(reply: Reply, shown: Vec<Shown>) -> Self {
        Self { reply, shown, news: vec![] }
    }
}

impl From<Reply> for Taken {
    fn from(reply: Reply) -> Self {
        Self::showing(reply, vec![])
    }
}

/// A provider.
pub trait Provider {
    /// The customer's id at the provider: the name itself where it has the form of one.
    fn user(&self, name: &str) -> String;

    /// Writes down what a customer does: the event, as the provider has it. Each try of its webhook carries the same one.
    ///
    /// # Errors
    /// There is no such thing here.
    fn says(&mut self, said: &Said, moment: &mut Moment<'_>) -> Result<Value, String>;

    /// The webhook's request for an event, signed. `attempt`: 0 the first time.
    fn hook(&self, event: &Value, attempt: u32, moment: &mut Moment<'_>) -> Hook;

    /// How it checks the webhook's address; `None`: it does not.
    fn check(&self, _moment: &mut Moment<'_>) -> Option<Check> {
        None
    }

    /// What it asks by itself after an answer: where a customer's act leads to several requests.
    fn follows(&mut self, _user: &str, _moment: &mut Moment<'_>) -> Option<Value> {
        None
    }

    /// It got no answer that it understands, however often it asked.
    fn gives_up(&mut self, _user: &str) {}

    /// How it insists on an answer.
    fn patience(&self) -> Patience;

    /// What the customer sees of the answer to a webhook. Most providers only look at its status.
    ///
    /// # Errors
    /// The answer is none that the provider understands.
    fn heard(&mut self, _said: &Said, _body: &[u8], _moment: &mut Moment<'_>) -> Result<Vec<Shown>, String> {
        Ok(vec![])
    }

    /// Whom a call is for, if it tells.
    fn addressee(&self, call: &Call) -> Option<String>;

    /// The channel whose provider takes a call that comes to this one's address, where one company is several.
    fn elsewhere(&self, _call: &Call) -> Option<&'static str> {
        None
    }

    /// Takes a call, or refuses it.
    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken;

    /// Stops the account's webhooks until the company asks for them again; `false`: this provider never does.
    fn unsubscribe(&mut self) -> bool {
        false
    }

    /// The answer of a provider in trouble.
    fn failure(&self) -> Reply;

    /// The answer of a provider that wants no call for so many seconds.
    fn busy(&self, seconds: u64) -> Reply;
}

/// The provider behind a channel; `None` if nobody plays it.
pub fn of(channel: &str) -> Option<(&'static str, Box<dyn Provider>)> {
    Some(match channel {
        "wechat" => ("wechat", Box::new(wechat::WeChat::default())),
        "wecom" => ("wecom", Box::new(wecom::WeCom::default())),
        "weibo" => ("weibo", Box::new(weibo::Weibo::default())),
        "messenger" => ("messenger", Box::new(Messenger::of(Kind::Messenger))),
        "instagram" => ("instagram", Box::new(Messenger::of(Kind::Instagram))),
        "whatsapp" => ("whatsapp", Box::new(whatsapp::WhatsApp::default())),
        "telegram" => ("telegram", Box::new(telegram::Telegram::default())),
        "line" => ("line", Box::new(line::Line::default())),
        "sms" => ("sms", Box::new(sms::Sms::default())),
        "voice" => ("voice", Box::new(voice::Voice::default())),
        "email" => ("email", Box::new(email::Email)),
        "connect" => ("connect", Box::new(connect::Connect::default())),
        "webhook" => ("webhook", Box::new(webhook::Webhook::default())),
        "actions" => ("actions", Box::new(actions::Shop::default())),
        _ => return None,
    })
}
