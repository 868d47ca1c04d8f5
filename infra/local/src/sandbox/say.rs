//! `POST /say`: a customer does something on a channel.
//!
//! `{"channel", "user"}` and one of
//! - `"text"`: writes;
//! - `"payload"` (and `"title"`, `"look"`): takes a choice of the company's;
//! - `"media": {"kind"}`: sends a file; `kind`: `image`, `voice`, `video` or `file`; besides, if it is not to be a sample:
//!   `"data"` in base 64, `"mime"` as the provider is to state it, `"name"`;
//! - `"event"` (and `"about"`): `follow`, `unfollow`, … as the provider has them; an unknown one is told which there are.
//!   `inbox`: a person of the company writes to them in the provider's own inbox;
//! - `"receipt": {"status": "delivered" | "read", "message": <the provider's id>}`.
//!
//! On the channel `email` a mail is written: [`super::mail::write`] has what else can be said there.
//!
//! Besides: `"copies"`: the webhook comes so many times at once (1 to 20); `"locale"`: `zh` or `en`; `"account"`: which of
//! the channel's accounts, where it has several; `"forged": true`: the signature is spoilt; `"open"`: whether the customer
//! looks at the chat all the time, so that what comes is read at once. Any other text as `user` than an id of the provider's
//! form stands for an id that follows from it.
//!
//! The answer comes when the provider is satisfied or has given up:
//! `{"user", "event", "tries": [{"status", "body", "milliseconds"} | {"error", "milliseconds"}], "accepted", "shown"}`;
//! `shown` is what the customer sees of the answer to the webhook itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::control::problem;
use super::hooks::{self, Calls};
use super::mail;
use super::play::Play;
use super::provider::media::{Kind, Sent, sample};
use super::provider::{Act, Said};
use super::wire::{Reply, plain, text};

/// Most requests that follow from one act by themselves.
const MAX_FOLLOWING: usize = 12;
/// Most copies of a webhook.
const MAX_COPIES: u64 = 20;

/// Answers the request.
pub async fn say(play: &Play, asked: &Value) -> Reply {
    let told = if text(asked, "/channel") == mail::CHANNEL {
        mail::write::say(play, asked).await
    } else {
        said(play, asked).await
    };
    match told {
        Ok(told) => Reply::json(200, &told),
        Err((status, why)) => problem(status, &why),
    }
}

async fn said(play: &Play, asked: &Value) -> Result<Value, (u16, String)> {
    let wrong = |why: &str| (400, why.to_owned());
    let channel = hooks::channel(asked)?;
    let user = plain(asked, "/user").ok_or_else(|| wrong("`user` is missing"))?;
    let copies = match asked.get("copies") {
        None | Some(Value::Null) => 1,
        Some(copies) => copies
            .as_u64()
            .filter(|copies| (1..=MAX_COPIES).contains(copies))
            .ok_or_else(|| wrong(&format!("`copies` must be a number from 1 to {MAX_COPIES}")))?,
    };
    let account = play.account(channel, text(asked, "/account")).map_err(|why| (503, why))?;
    let act = act(asked).map_err(wrong)?;
    let chinese = text(asked, "/locale").starts_with("zh");
    let (said, event, patience) = play
        .with(channel, &account, |provider, moment| {
            let said = Said { user: provider.user(&user), act, chinese, wishes: asked.clone() };
            provider.says(&said, moment).map(|event| (said, event, provider.patience()))
        })
        .ok_or_else(|| wrong("nobody plays this channel"))?
        .map_err(|why| (400, why))?;
    let entry = play.tell("said", channel, &said.user, what(&said.act));
    let forged = asked.get("forged").and_then(Value::as_bool).unwrap_or_default();
    let calls = Calls { play, channel, account: &account, patience, entry };
    let mut told = calls.all(&said, &event, copies, forged).await;
    for _ in 0..MAX_FOLLOWING {
        if !told.accepted {
            break;
        }
        let next = play.with(channel, &account, |provider, moment| provider.follows(&said.user, moment)).flatten();
        let Some(next) = next else { break };
        let more = calls.all(&said, &next, copies, forged).await;
        told.tries.extend(more.tries);
        told.shown.extend(more.shown);
        told.accepted = more.accepted;
    }
    if !told.accepted {
        play.with(channel, &account, |provider, _| provider.gives_up(&said.user));
    }
    Ok(json!({
        "user": said.user,
        "event": event,
        "accepted": told.accepted,
        "tries": told.tries,
        "shown": told.shown,
    }))
}

fn act(asked: &Value) -> Result<Act, &'static str> {
    if let Some(media) = asked.get("media") {
        return sent(media).map(Act::Media);
    }
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
    Err("one of `text`, `payload`, `media`, `event` and `receipt` {status: delivered or read, message} must be there")
}

/// A file that is sent.
fn sent(media: &Value) -> Result<Sent, &'static str> {
    let kind = Kind::named(text(media, "/kind")).ok_or("`media.kind` must be image, voice, video or file")?;
    let (sample, mime) = sample(kind);
    let bytes = match media.get("data").and_then(Value::as_str) {
        Some(data) => STANDARD.decode(data).map_err(|_| "`media.data` is not base 64")?,
        None => sample,
    };
    let or = |pointer: &str, usual: &str| {
        Some(text(media, pointer)).filter(|text| !text.is_empty()).unwrap_or(usual).to_owned()
    };
    let name = or("/name", kind.of(["picture.gif", "voice.wav", "film.mp4", "file.bin"]));
    Ok(Sent { kind, name, mime: or("/mime", mime), bytes })
}

/// What others are told that a customer did.
fn what(act: &Act) -> Value {
    match act {
        Act::Text(text) => json!({"text": text}),
        Act::Choose { title, payload, .. } => json!({"text": title, "payload": payload}),
        Act::Event { name, about } => json!({"event": name, "about": about}),
        Act::Media(file) => {
            json!({"media": file.kind.of(["image", "voice", "video", "file"]), "text": file.name, "bytes": file.bytes.len()})
        }
        Act::Receipt { status, message } => json!({"receipt": status, "message": message}),
    }
}
