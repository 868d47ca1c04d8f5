//! Access tokens from `stable_token`: the same one until shortly before its end, so that every function may ask for itself.

use domain::Delivery;
use domain::Rejection::Misconfigured;
use serde::Deserialize;
use serde_json::json;

use super::account::Account;
use super::{APP_SECRETS, classify};
use crate::{HttpCall, KeySet, RenderError, Token, Tokens, WireReply};

/// How WeChat's access tokens are got.
pub(super) struct StableToken;

#[derive(Deserialize)]
struct Got {
    access_token: String,
    expires_in: u32,
}

impl Tokens for StableToken {
    fn accounts(&self, keys: &KeySet) -> Vec<String> {
        keys.accounts(APP_SECRETS)
    }

    fn call(&self, account: &str, keys: &KeySet) -> Result<HttpCall, RenderError> {
        let app_id = Account::expect(keys, account)?.app_id;
        let secret = keys.of(APP_SECRETS, account);
        let secret = secret.ok_or_else(|| RenderError(format!("no `{APP_SECRETS}` for this account")))?;
        let body = json!({
            "grant_type": "client_credential",
            "appid": app_id,
            "secret": secret.secret,
            // Forced, the token that others still use would end.
            "force_refresh": false,
        });
        Ok(HttpCall::json("/cgi-bin/stable_token".to_owned(), &body))
    }

    fn token(&self, reply: &WireReply) -> Result<Token, Delivery> {
        if (200..300).contains(&reply.status)
            && let Ok(got) = serde_json::from_str::<Got>(&reply.body)
            && !got.access_token.is_empty()
        {
            return Ok(Token { value: got.access_token, seconds: got.expires_in });
        }
        Err(match (classify::classify(reply), classify::code(reply)) {
            // Also 40001, which means here that the secret is wrong: no fresh token mends that.
            (Delivery::RefreshToken, _) | (_, Some(40002 | 40013 | 40125)) => {
                Delivery::rejected(Misconfigured, "the app's id or secret is not valid")
            }
            (Delivery::Sent, _) => Delivery::Retry { after: reply.retry_after },
            (other, _) => other,
        })
    }
}
