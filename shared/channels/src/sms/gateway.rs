//! Replies that come through gateways of mainland China: Aliyun's `SmsUp`, Tencent Cloud's callback.

use domain::{ChannelId, Content, EventKind, Identity, InboundEvent};
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::settings::{Account, Provider, Setup};
use super::{number, words};
use crate::{Acknowledgement, Parsed, Reject, Verified};

/// Answers that the gateways know: on any other they send it again.
const ALIYUN: Acknowledgement =
    Acknowledgement { content_type: "application/json; charset=utf-8", body: r#"{"code":0,"msg":"接收成功"}"# };
const TENCENT: Acknowledgement =
    Acknowledgement { content_type: "application/json; charset=utf-8", body: r#"{"result":0,"errmsg":"OK"}"# };

pub(super) fn parse(request: &Verified<'_>, setup: &Setup) -> Parsed {
    let acknowledgement = Some(if setup.provider == Provider::Aliyun { ALIYUN } else { TENCENT });
    let mut parsed = Parsed { acknowledgement, ..Parsed::default() };
    let Some((name, account)) = setup.accounts.first_key_value() else { return parsed };
    let items: Vec<&RawValue> = match items(&request.body) {
        Ok(items) => items,
        Err(error) => {
            let reason = format!("neither a list nor an object: line {}, column {}", error.line(), error.column());
            parsed.rejects.push(Reject::of_body("", reason, &request.body));
            return parsed;
        }
    };
    for raw in items {
        match said(raw, name, account) {
            Ok(Some((id, user, content, locale))) => {
                let identity = Identity { channel: ChannelId::Sms, account: name.clone(), user };
                let kind = EventKind::Message { content };
                parsed.events.push(InboundEvent::new(identity, &id, request.at, locale, kind));
            }
            Ok(None) => {}
            Err((field, reason)) => {
                let (field, item) = (field.to_owned(), Some(raw.get().to_owned()));
                parsed.rejects.push(Reject { field, reason, item });
            }
        }
    }
    parsed
}

/// The items of a list; an object is one itself.
fn items(body: &[u8]) -> serde_json::Result<Vec<&RawValue>> {
    if body.trim_ascii_start().starts_with(b"[") {
        serde_json::from_slice(body)
    } else {
        serde_json::from_slice::<&RawValue>(body).map(|one| vec![one])
    }
}

#[derive(Deserialize)]
struct Aliyun {
    phone_number: String,
    content: String,
    /// A number on one page of the documentation, a text on another.
    #[serde(default)]
    sequence_id: Value,
    #[serde(default)]
    send_time: String,
}

#[derive(Deserialize)]
struct Tencent {
    mobile: String,
    #[serde(default)]
    nationcode: String,
    text: String,
    #[serde(default)]
    time: Value,
}

type Said = (String, String, Content, Option<domain::Locale>);

/// What an item says, by whom and under which id; nothing of reports on messages that went out.
fn said(raw: &RawValue, name: &str, account: &Account) -> Result<Option<Said>, (&'static str, String)> {
    let unread = |error: serde_json::Error| ("", format!("not as documented: column {}", error.column()));
    let object: serde_json::Map<String, Value> = serde_json::from_str(raw.get()).map_err(unread)?;
    let reply = if account.provider == Provider::Aliyun { "content" } else { "text" };
    if ["report_time", "report_status", "biz_id", "sid"].iter().any(|field| object.contains_key(*field))
        || !object.contains_key(reply)
    {
        return Ok(None);
    }
    let (id, user, text) = if account.provider == Provider::Aliyun {
        let Aliyun { phone_number, content, sequence_id, send_time } =
            serde_json::from_value(Value::Object(object)).map_err(unread)?;
        let user = number::mainland(&phone_number).map_err(|reason| ("phone_number", reason.to_owned()))?;
        let id = word(&sequence_id).unwrap_or_else(|| format!("{phone_number}/{send_time}/{content}"));
        (id, user, content)
    } else {
        let Tencent { mobile, nationcode, text, time } =
            serde_json::from_value(Value::Object(object)).map_err(unread)?;
        let whole = if nationcode.is_empty() || mobile.starts_with('+') {
            mobile.clone()
        } else {
            format!("+{nationcode}{mobile}")
        };
        let user = number::mainland(&whole).map_err(|reason| ("mobile", reason.to_owned()))?;
        // There is no id.
        (format!("{mobile}/{}/{text}", word(&time).unwrap_or_default()), user, text)
    };
    let (content, locale) = match words::wish(&text, account, None) {
        Some(wish) => wish,
        None if text.trim().is_empty() => (Content::Event { name: "unsupported".to_owned() }, None),
        None => (Content::Text { text }, None),
    };
    // Ids are the gateway's own, whichever account they are for.
    Ok(Some((format!("{name}/{id}"), user, content, locale)))
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
