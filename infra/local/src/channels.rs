//! The channels of the local stack: random secrets such as their providers would have given, and what `stack.json` says
//! of them, so that others can play the providers.

use serde_json::{Map, Value, json};

use crate::secrets::{hex_secret, random_digits};

/// The channels that come in by webhooks.
pub const WEBHOOKS: &[&str] = &["telegram", "wecom"];

/// A channel's secrets on the local stack.
///
/// # Errors
/// The system gives no random numbers.
pub fn made_up(channel: &str) -> anyhow::Result<Value> {
    Ok(match channel {
        "telegram" => {
            let bot = random_digits(10)?;
            let token = format!("{bot}:{}", hex_secret(16)?);
            json!({
                "webhook_secrets": [{"kid": "1", "secret": hex_secret(16)?}],
                "bot_tokens": [{"kid": bot, "secret": token}],
            })
        }
        "wecom" => {
            let corp = format!("ww{}", hex_secret(8)?);
            // 43 characters of base 64; hexadecimal ones are such.
            let key = hex_secret(22)?.chars().take(43).collect::<String>();
            json!({
                "tokens": [{"kid": "1", "secret": hex_secret(8)?}],
                "aes_keys": [{"kid": "1", "secret": key}],
                "secrets": [{"kid": corp, "secret": hex_secret(16)?}],
                "settings": {"corp_id": corp, "accounts": [format!("wk{}", hex_secret(8)?)]},
            })
        }
        _ => json!({}),
    })
}

/// What `stack.json` says of a channel.
pub fn described(channel: &str, api: &str, secrets: &Value) -> Value {
    let mut described = Map::from_iter([("webhook_url".to_owned(), json!(format!("{api}/webhooks/{channel}")))]);
    let secret = |pointer: &str| secrets.pointer(pointer).cloned().unwrap_or_default();
    let known = match channel {
        "telegram" => vec![
            ("secret_token", secret("/webhook_secrets/0/secret")),
            ("bot_id", secret("/bot_tokens/0/kid")),
            ("bot_token", secret("/bot_tokens/0/secret")),
        ],
        "wecom" => vec![
            ("token", secret("/tokens/0/secret")),
            ("encoding_aes_key", secret("/aes_keys/0/secret")),
            ("corp_id", secret("/settings/corp_id")),
            ("corp_secret", secret("/secrets/0/secret")),
            ("open_kfid", secret("/settings/accounts/0")),
        ],
        _ => vec![],
    };
    described.extend(known.into_iter().map(|(name, value)| (name.to_owned(), value)));
    Value::Object(described)
}
