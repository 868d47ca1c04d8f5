//! `POST /check {"channel", "account"?, "forged"?}`: the provider checks the webhook's address, as its console does when
//! somebody enters it.
//!
//! The answer: `{"verified", "status", "body", "expected"}`, or `error` where nothing came back; `expected`: what must come
//! back, null where any answer with status 2xx will do. A channel whose provider has no such check is refused with 404.

use serde_json::{Value, json};

use super::control::problem;
use super::hooks::{self, spoilt};
use super::play::Play;
use super::provider::Check;
use super::wire::{Reply, text};

/// Answers the request.
pub async fn check(play: &Play, asked: &Value) -> Reply {
    match checked(play, asked).await {
        Ok(told) => Reply::json(200, &told),
        Err((status, why)) => problem(status, &why),
    }
}

async fn checked(play: &Play, asked: &Value) -> Result<Value, (u16, String)> {
    let channel = hooks::channel(asked)?;
    let account = play.account(channel, text(asked, "/account")).map_err(|why| (503, why))?;
    let found = play.with(channel, &account, |provider, moment| (provider.check(moment), provider.patience().wait));
    let Some((Some(Check { method, mut hook, expected }), wait)) = found else {
        return Err((404, format!("the provider of {channel} does not check addresses")));
    };
    if asked.get("forged").and_then(Value::as_bool).unwrap_or_default() {
        hook = spoilt(hook);
    }
    let (_, outcome) = hooks::call(method, text(&account, "/webhook_url").to_owned(), hook, wait).await;
    let told = match outcome {
        Ok(answer) => {
            let fine = (200..300).contains(&answer.status);
            let verified = fine && expected.as_ref().is_none_or(|expected| answer.body == expected.as_bytes());
            let body = String::from_utf8_lossy(&answer.body);
            json!({"verified": verified, "status": answer.status, "body": body, "expected": expected})
        }
        Err(error) => json!({"verified": false, "error": format!("{error:#}"), "expected": expected}),
    };
    play.tell("check", channel, "", told.clone());
    Ok(told)
}
