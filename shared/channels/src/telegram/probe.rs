//! What Telegram knows of the bot's webhook. Source: Bot API 10.1, `getWebhookInfo`.

use domain::{Delivery, Rejection, UnixMillis};
use serde::Deserialize;

use super::{BOT_TOKENS, render};
use crate::{HttpCall, KeySet, Probe, Probed, Probing, WireReply};

#[derive(Deserialize)]
struct Answer {
    result: Info,
}

#[derive(Deserialize)]
struct Info {
    #[serde(default)]
    url: String,
    #[serde(default)]
    pending_update_count: u64,
    last_error_message: Option<String>,
}

/// `getWebhookInfo`.
#[derive(Debug)]
pub(super) struct WebhookInfo;

impl Probing for WebhookInfo {
    fn probes(&self, keys: &KeySet, _now: UnixMillis) -> Vec<Probe> {
        let probe = |key: &crate::Key| Probe {
            account: key.kid.clone(),
            call: Ok(HttpCall::get(format!("/bot{}/getWebhookInfo", key.secret))),
        };
        keys.get(BOT_TOKENS).iter().map(probe).collect()
    }

    fn probed(&self, _account: &str, reply: &WireReply, _keys: &KeySet) -> Result<Probed, Delivery> {
        let classified = render::classify(reply);
        if classified != Delivery::Sent {
            return Err(classified);
        }
        let Answer { result } = serde_json::from_str(&reply.body)
            .map_err(|_| Delivery::rejected(Rejection::Content, "the answer of Telegram cannot be read"))?;
        let trouble = result
            .last_error_message
            .filter(|_| result.pending_update_count > 0)
            .map(|last| format!("{} messages wait; the last try ended with: {last}", result.pending_update_count));
        Ok(Probed { webhook: Some(result.url), trouble })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probed(status: u16, body: &str) -> Result<Probed, Delivery> {
        WebhookInfo.probed("", &WireReply { status, retry_after: None, body: body.to_owned() }, &KeySet::default())
    }

    #[test]
    fn an_old_error_is_none_when_nothing_waits() {
        let url = "https://x.example/webhooks/telegram";
        for (rest, trouble) in [
            (r#""pending_update_count":0,"last_error_message":"Wrong response""#, None),
            (r#""pending_update_count":2"#, None),
            (
                r#""pending_update_count":2,"last_error_message":"Wrong response""#,
                Some("2 messages wait; the last try ended with: Wrong response"),
            ),
        ] {
            let body = format!(r#"{{"ok":true,"result":{{"url":"{url}","has_custom_certificate":false,{rest}}}}}"#);
            let found = Probed { webhook: Some(url.to_owned()), trouble: trouble.map(str::to_owned) };
            assert_eq!(probed(200, &body), Ok(found));
        }
    }

    #[test]
    fn a_wrong_token_is_refused_and_something_else_is_no_telegram() {
        let unauthorized = r#"{"ok":false,"error_code":401,"description":"Unauthorized"}"#;
        let refusal = |answer| match answer {
            Err(Delivery::Rejected { refusal, .. }) => Some(refusal),
            _ => None,
        };
        assert_eq!(refusal(probed(401, unauthorized)), Some(Rejection::Misconfigured));
        assert_eq!(refusal(probed(200, r#"{"ok":true,"result":true}"#)), Some(Rejection::Content));
        let keys = KeySet::from_json(r#"{"bot_tokens":[{"kid":"7","secret":"7:abc"}]}"#).unwrap();
        let probes = WebhookInfo.probes(&keys, UnixMillis(0));
        assert_eq!((probes[0].account.as_str(), probes.len()), ("7", 1));
        assert_eq!(probes[0].call.as_ref().unwrap().target, "/bot7:abc/getWebhookInfo");
    }
}
