//! Calls of the stack's webhooks, as insistently as the providers make them.

use std::rc::Rc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::client;
use super::play::{CHANNELS, Play};
use super::provider::{Act, Hook, News, Patience, Said};
use super::wire::text;

/// The channel of a request.
///
/// # Errors
/// Nobody plays it.
pub fn channel(asked: &Value) -> Result<&'static str, (u16, String)> {
    let unknown = || (400, format!("`channel` must be one of {}", CHANNELS.join(", ")));
    Play::channel(text(asked, "/channel")).ok_or_else(unknown)
}

/// What came of calling a webhook.
#[derive(Debug, Default)]
pub struct Told {
    /// Each try: status and body, or an error; and how long it took.
    pub tries: Vec<Value>,
    /// What the customer sees of the answers.
    pub shown: Vec<Value>,
    /// Whether the provider is satisfied.
    pub accepted: bool,
}

/// Calls of one channel's webhook.
#[derive(Clone, Copy)]
pub struct Calls<'a> {
    /// The sandbox.
    pub play: &'a Play,
    /// The channel.
    pub channel: &'static str,
    /// Its account.
    pub account: &'a Value,
    /// How the provider insists.
    pub patience: Patience,
    /// The log's entry that the calls belong to.
    pub entry: u64,
}

impl Calls<'_> {
    /// Tells an event, so many times at once, each until it is accepted or the provider gives up.
    pub async fn all(&self, said: &Said, event: &Value, copies: u64, forged: bool) -> Told {
        let address = text(self.account, "/webhook_url");
        let mut told = Told::default();
        for attempt in 0..self.patience.tries {
            if attempt > 0 {
                sleep(self.patience.pause.saturating_mul(2_u32.saturating_pow(attempt - 1))).await;
            }
            let mut calls = JoinSet::new();
            for _ in 0..if attempt == 0 { copies } else { 1 } {
                let hook = self
                    .play
                    .with(self.channel, self.account, |provider, moment| provider.hook(event, attempt, moment));
                let hook = hook.map(|hook| if forged { spoilt(hook) } else { hook }).unwrap_or_default();
                calls.spawn_local(call("POST", address.to_owned(), hook, self.patience.wait));
            }
            while let Some(called) = calls.join_next().await {
                let Ok((milliseconds, outcome)) = called else { continue };
                self.came_of(milliseconds, outcome, said, &mut told);
            }
            if told.accepted || forged {
                return told;
            }
        }
        if let Some(complaint) = self.patience.complaint {
            let notice = json!({"text": complaint, "notice": true});
            self.play.tell("shown", self.channel, &said.user, notice.clone());
            told.shown.push(notice);
        }
        told
    }

    fn came_of(&self, milliseconds: u128, outcome: anyhow::Result<client::Answer>, said: &Said, told: &mut Told) {
        let entry = self.entry;
        let tried = match outcome {
            Ok(answer) => {
                let fine = (200..300).contains(&answer.status);
                told.accepted |= fine && self.heard(said, &answer.body, told);
                let body = String::from_utf8_lossy(&answer.body);
                json!({"said": entry, "status": answer.status, "body": body, "milliseconds": milliseconds})
            }
            Err(error) => json!({"said": entry, "error": format!("{error:#}"), "milliseconds": milliseconds}),
        };
        self.play.tell("hook", self.channel, &said.user, tried.clone());
        told.tries.push(tried);
    }

    /// Shows what the answer holds; whether the provider understands it.
    fn heard(&self, said: &Said, body: &[u8], told: &mut Told) -> bool {
        match self.play.with(self.channel, self.account, |provider, moment| provider.heard(said, body, moment)) {
            Some(Ok(shown)) => {
                for shown in shown {
                    let document = shown.document();
                    // Copies of a request get the same answer; the app shows it once.
                    if !told.shown.contains(&document) {
                        self.play.tell("shown", self.channel, &shown.user, document.clone());
                        told.shown.push(document);
                    }
                }
                true
            }
            Some(Err(_)) | None => false,
        }
    }
}

/// Tells the webhook what a provider tells of its own accord, one after the other, while others go on.
pub fn tell_later(play: &Rc<Play>, channel: &'static str, account: &Value, news: Vec<News>) {
    let write_down = |News { user, event, what }| (play.tell("told", channel, &user, what), user, event);
    let news: Vec<(u64, String, Value)> = news.into_iter().map(write_down).collect();
    if news.is_empty() {
        return;
    }
    let (play, account) = (Rc::clone(play), account.clone());
    tokio::task::spawn_local(async move {
        for (entry, user, event) in news {
            let Some(patience) = play.with(channel, &account, |provider, _| provider.patience()) else { return };
            let act = Act::Event { name: "told".to_owned(), about: String::new() };
            let said = Said { user, act, chinese: false, wishes: Value::Null };
            Calls { play: &play, channel, account: &account, patience, entry }.all(&said, &event, 1, false).await;
        }
    });
}

/// Calls a webhook once; how long it took, in milliseconds, and what came back.
pub async fn call(
    method: &'static str,
    address: String,
    hook: Hook,
    wait: Duration,
) -> (u128, anyhow::Result<client::Answer>) {
    let began = Instant::now();
    let outcome = client::call(method, &address, &hook, wait).await;
    (began.elapsed().as_millis(), outcome)
}

/// The request with a body that was changed on its way, or with another secret where nothing signs the body.
pub fn spoilt(mut hook: Hook) -> Hook {
    for (name, value) in &mut hook.headers {
        if name.starts_with("x-") || name.starts_with("webhook-signature") {
            value.push('0');
        }
    }
    for secret in ["signature=", "verify_token="] {
        hook.query = hook.query.replace(secret, &format!("{secret}0"));
    }
    hook
}
