//! `POST /say`: a customer does something on a channel.
//!
//! `{"channel", "user"}` and one of
//! - `"text"`: writes;
//! - `"payload"` (and `"title"`, `"look"`): takes a choice of the company's;
//! - `"event"` (and `"about"`): `follow`, `unfollow`, … as the provider has them; an unknown one is told which there are;
//! - `"receipt": {"status": "delivered" | "read", "message": <the provider's id>}`.
//!
//! Besides: `"copies"`: the webhook comes so many times at once (1 to 20); `"locale"`: `zh` or `en`; `"account"`: which of
//! the channel's accounts, where it has several; `"forged": true`: the signature is spoilt. Any other text as `user` than
//! an id of the provider's form stands for an id that follows from it.
//!
//! The answer comes when the provider is satisfied or has given up:
//! `{"user", "event", "tries": [{"status", "body", "milliseconds"} | {"error", "milliseconds"}], "accepted", "shown"}`;
//! `shown` is what the customer sees of the answer to the webhook itself.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::control::problem;
use super::play::{CHANNELS, Play};
use super::provider::{Act, Hook, Patience, Said};
use super::wire::{Reply, plain, text};
use super::{client, mail};

/// Most copies of a webhook.
const MAX_COPIES: u64 = 20;

/// Answers the request.
pub async fn say(play: &Play, asked: &Value) -> Reply {
    let told =
        if text(asked, "/channel") == mail::CHANNEL { mail::say(play, asked).await } else { said(play, asked).await };
    match told {
        Ok(told) => Reply::json(200, &told),
        Err((status, why)) => problem(status, &why),
    }
}

async fn said(play: &Play, asked: &Value) -> Result<Value, (u16, String)> {
    let wrong = |why: &str| (400, why.to_owned());
    let named = text(asked, "/channel");
    let unknown = || (400, format!("`channel` must be one of {}", CHANNELS.join(", ")));
    let channel = Play::channel(named).ok_or_else(unknown)?;
    let user = plain(asked, "/user").ok_or_else(|| wrong("`user` is missing"))?;
    let copies = match asked.get("copies") {
        None | Some(Value::Null) => 1,
        Some(copies) => copies
            .as_u64()
            .filter(|copies| (1..=MAX_COPIES).contains(copies))
            .ok_or_else(|| wrong(&format!("`copies` must be a number from 1 to {MAX_COPIES}")))?,
    };
    let account = account(&play.description(), channel, text(asked, "/account")).map_err(|why| (503, why))?;
    let act = act(asked).map_err(wrong)?;
    let chinese = text(asked, "/locale").starts_with("zh");
    let (said, event, patience) = play
        .with(channel, &account, |provider, moment| {
            let said = Said { user: provider.user(&user), act, chinese, wishes: asked.clone() };
            provider.says(&said, moment).map(|event| (said, event, provider.patience()))
        })
        .ok_or_else(unknown)?
        .map_err(|why| (400, why))?;
    let entry = play.tell("said", channel, &said.user, what(&said.act));
    let told = call_all(play, channel, &account, (entry, &said, &event), patience, copies, asked).await;
    Ok(json!({
        "user": said.user,
        "event": event,
        "accepted": told.accepted,
        "tries": told.tries,
        "shown": told.shown,
    }))
}

/// The account of a channel that is meant: the first one, or the one of this name among `accounts`.
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

fn act(asked: &Value) -> Result<Act, &'static str> {
    let given = |name: &str| asked.get(name).and_then(Value::as_str).map(str::to_owned);
    if let Some(text) = given("text").filter(|_| asked.get("event").is_none()) {
        return Ok(Act::Text(text));
    }
    if let Some(payload) = given("payload") {
        let title = given("title").unwrap_or_else(|| payload.clone());
        return Ok(Act::Choose { title, payload, look: given("look").unwrap_or_else(|| "quick".to_owned()) });
    }
    if let Some(name) = given("event") {
        return Ok(Act::Event { name, about: given("about").or_else(|| given("text")).unwrap_or_default() });
    }
    let (status, message) = (text(asked, "/receipt/status"), text(asked, "/receipt/message"));
    if matches!(status, "delivered" | "read") && !message.is_empty() {
        return Ok(Act::Receipt { status: status.to_owned(), message: message.to_owned() });
    }
    Err("one of `text`, `payload`, `event` and `receipt` {status: delivered or read, message} must be there")
}

/// What others are told that a customer did.
fn what(act: &Act) -> Value {
    match act {
        Act::Text(text) => json!({"text": text}),
        Act::Choose { title, payload, .. } => json!({"text": title, "payload": payload}),
        Act::Event { name, about } => json!({"event": name, "about": about}),
        Act::Receipt { status, message } => json!({"receipt": status, "message": message}),
    }
}

#[derive(Default)]
struct Told {
    tries: Vec<Value>,
    shown: Vec<Value>,
    accepted: bool,
}

/// Calls the webhook, so many times at once, each until it is accepted or the provider gives up.
async fn call_all(
    play: &Play,
    channel: &'static str,
    account: &Value,
    (entry, said, event): (u64, &Said, &Value),
    patience: Patience,
    copies: u64,
    asked: &Value,
) -> Told {
    let address = text(account, "/webhook_url").to_owned();
    let forged = asked.get("forged").and_then(Value::as_bool).unwrap_or_default();
    let mut told = Told::default();
    for attempt in 0..patience.tries {
        if attempt > 0 {
            sleep(patience.pause.saturating_mul(2_u32.saturating_pow(attempt - 1))).await;
        }
        let mut calls = JoinSet::new();
        for _ in 0..if attempt == 0 { copies } else { 1 } {
            let hook = play.with(channel, account, |provider, moment| provider.hook(event, attempt, moment));
            let hook = hook.map(|hook| if forged { spoilt(hook) } else { hook }).unwrap_or_default();
            calls.spawn_local(call(address.clone(), hook, patience.wait));
        }
        while let Some(called) = calls.join_next().await {
            let Ok((milliseconds, outcome)) = called else { continue };
            let tried = match outcome {
                Ok(answer) => {
                    let fine = (200..300).contains(&answer.status);
                    let heard = fine && heard(play, channel, account, said, &answer.body, &mut told);
                    told.accepted |= heard;
                    let body = String::from_utf8_lossy(&answer.body);
                    json!({"said": entry, "status": answer.status, "body": body, "milliseconds": milliseconds})
                }
                Err(error) => json!({"said": entry, "error": format!("{error:#}"), "milliseconds": milliseconds}),
            };
            play.tell("hook", channel, &said.user, tried.clone());
            told.tries.push(tried);
        }
        if told.accepted || forged {
            return told;
        }
    }
    if let Some(complaint) = patience.complaint {
        let notice = json!({"text": complaint, "notice": true});
        play.tell("shown", channel, &said.user, notice.clone());
        told.shown.push(notice);
    }
    told
}

async fn call(address: String, hook: Hook, wait: Duration) -> (u128, anyhow::Result<client::Answer>) {
    let began = Instant::now();
    let outcome = client::post(&address, &hook, wait).await;
    (began.elapsed().as_millis(), outcome)
}

/// Shows what the answer holds; whether the provider understands it.
fn heard(play: &Play, channel: &'static str, account: &Value, said: &Said, body: &[u8], told: &mut Told) -> bool {
    match play.with(channel, account, |provider, moment| provider.heard(said, body, moment)) {
        Some(Ok(shown)) => {
            for shown in shown {
                let document = shown.document();
                // Copies of a request get the same answer; the app shows it once.
                if !told.shown.contains(&document) {
                    play.tell("shown", channel, &shown.user, document.clone());
                    told.shown.push(document);
                }
            }
            true
        }
        Some(Err(_)) | None => false,
    }
}

/// The request with a body that was changed on its way, or with another secret where nothing signs the body.
fn spoilt(mut hook: Hook) -> Hook {
    for (name, value) in &mut hook.headers {
        if name.starts_with("x-") || name.starts_with("webhook-signature") {
            value.push('0');
        }
    }
    hook.query = hook.query.replace("signature=", "signature=0");
    hook
}
