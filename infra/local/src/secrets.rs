//! The channels' secrets: one encrypted SSM parameter per channel, `<prefix>/<channel>`, a JSON object; and beside them
//! `actions`, who does what the bot's flows call for.
//!
//! A field that ends in `_keys` is a list of keys of our own making, the newest first: all of them verify, the newest
//! whose time (`from`) has come signs. Rotation puts a new one in front and drops all but one of the old.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::ChannelId;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use crate::cloud::{Call, Refusal, Target, output};
use crate::tools::Tools;
use crate::{actions, channels, console};

/// Bytes of a key.
const KEY_BYTES: usize = 32;
/// Seconds until a new key signs: by then every function has it, since none keeps a secret longer.
const NOTICE_SECONDS: i64 = 300;
/// The new key and the one before.
const KEYS_KEPT: usize = 2;
/// What `rotate` renews unless told otherwise: nobody else knows these keys. Others (`identity_keys`) stand at the
/// company's own site too and change only when it does.
const SIGNED_BY_US: &str = "session_keys";

/// The secrets of a channel of the local stack, made if there are none yet.
///
/// # Errors
/// They cannot be read or stored.
pub fn ensure(channel: &str, target: &Target, tools: &Tools) -> anyhow::Result<Value> {
    let name = format!("{}/{channel}", prefix(target));
    if let Some(found) = read(target, tools, &name)? {
        return Ok(found);
    }
    let made = match channel {
        "web" => fresh(channel)?,
        actions::NAME => actions::made_up(target)?,
        other => channels::made_up(other)?,
    };
    write(target, tools, &name, &made)?;
    Ok(made)
}

/// Stores a channel's secrets of the local stack anew.
///
/// # Errors
/// They cannot be stored.
pub fn replace(channel: &str, document: &Value, target: &Target, tools: &Tools) -> anyhow::Result<()> {
    write(target, tools, &format!("{}/{channel}", prefix(target)), document)
}

/// So many random bytes in hexadecimal.
///
/// # Errors
/// The system gives no random numbers.
pub fn hex_secret(bytes: usize) -> anyhow::Result<String> {
    Ok(hex::encode(random::<64>()?.get(..bytes).unwrap_or_default()))
}

/// The bytes of a random key.
///
/// # Errors
/// The system gives no random numbers.
pub fn random_bytes() -> anyhow::Result<[u8; KEY_BYTES]> {
    random()
}

/// So many random decimal digits, the first no zero.
///
/// # Errors
/// The system gives no random numbers.
pub fn random_digits(count: usize) -> anyhow::Result<String> {
    let digits = random::<64>()?.into_iter().take(count).enumerate();
    Ok(digits.map(|(at, byte)| char::from(b'0' + if at == 0 { 1 + byte % 9 } else { byte % 10 })).collect())
}

/// Stores a channel's secrets: a file's, or random ones where all of them are ours to choose.
///
/// # Errors
/// There is nothing to store, they are there already, or they cannot be stored.
pub fn set(channel: &str, file: Option<&Path>, target: &Target) -> anyhow::Result<()> {
    let given = file.map(from_file).transpose()?;
    if let Some(document) = &given {
        usable(channel, document, target.sandbox().as_deref())?;
    }
    let tools = Tools::ready()?;
    let name = parameter(channel, target, &tools)?;
    let document = if let Some(document) = given {
        document
    } else {
        if read(target, &tools, &name)?.is_some() {
            bail!("{name} is set; `cargo local secrets rotate {channel}{}` replaces its keys", target.flags());
        }
        fresh(channel)?
    };
    write(target, &tools, &name, &document)?;
    console::say(format_args!("{name} is set; functions notice within five minutes"));
    Ok(())
}

/// Puts new keys before a channel's present ones.
///
/// # Errors
/// There are none, or they cannot be stored.
pub fn rotate(channel: &str, keys: Option<&str>, target: &Target) -> anyhow::Result<()> {
    if channel == actions::NAME {
        bail!(
            "your systems must know the new secret: `set actions{} --file` with it before the present one, give it to \
             them, then set without the old one",
            target.flags()
        );
    }
    let tools = Tools::ready()?;
    let name = parameter(channel, target, &tools)?;
    let Some(mut document) = read(target, &tools, &name)? else {
        bail!("{name} is not set; `cargo local secrets set {channel}{}` sets it", target.flags());
    };
    let rotated = rotate_lists(&mut document, keys, OffsetDateTime::now_utc().unix_timestamp())?;
    if rotated.is_empty() {
        bail!("{name} has no {}; set what its provider gave you with --file", keys.unwrap_or("keys of our own"));
    }
    write(target, &tools, &name, &document)?;
    target.tell_others(|description| {
        if let Some(known) = description.pointer_mut(&format!("/channels/{channel}/identity_key")) {
            *known = document.pointer("/identity_keys/0").cloned().unwrap_or_default();
        }
    })?;
    console::say(format_args!("{name}: {} rotated; the keys before count until the next rotation", rotated.join(", ")));
    Ok(())
}

/// What a channel starts with whose secrets are all ours to choose.
fn fresh(channel: &str) -> anyhow::Result<Value> {
    match channel {
        "web" => Ok(json!({
            "session_keys": [fresh_key(&Map::new())?],
            "identity_keys": [fresh_key(&Map::from_iter([("alg".to_owned(), json!("HS256"))]))?],
        })),
        other => bail!("the secrets of `{other}` come from its provider; give them as JSON with --file"),
    }
}

/// A new key with the other fields of the one that it follows.
fn fresh_key(before: &Map<String, Value>) -> anyhow::Result<Value> {
    let mut key = before.clone();
    key.insert("kid".to_owned(), json!(hex::encode(random::<8>()?)));
    key.insert("secret".to_owned(), json!(STANDARD.encode(random::<KEY_BYTES>()?)));
    Ok(Value::Object(key))
}

fn rotate_lists(document: &mut Value, only: Option<&str>, now: i64) -> anyhow::Result<Vec<String>> {
    let mut rotated = Vec::new();
    for (name, value) in document.as_object_mut().into_iter().flatten() {
        if only.unwrap_or(SIGNED_BY_US) != name {
            continue;
        }
        if let Some(list) = value.as_array_mut() {
            let mut before = list.first().and_then(Value::as_object).cloned().unwrap_or_default();
            if let Some(wait) =
                before.get("from").and_then(Value::as_i64).map(|from| from - now).filter(|wait| *wait > 0)
            {
                bail!("{name} was rotated a moment ago and not every function has the new key yet; wait {wait} s");
            }
            if before.get("alg").is_some_and(|alg| alg != "HS256") {
                bail!("the newest of {name} is a public key: its other half is not here to renew; use `set --file`");
            }
            before.insert("from".to_owned(), json!(now + NOTICE_SECONDS));
            list.insert(0, fresh_key(&before)?);
            list.truncate(KEYS_KEPT);
            rotated.push(name.clone());
        }
    }
    Ok(rotated)
}

fn random<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).context("the system gives no random numbers")?;
    Ok(bytes)
}

fn from_file(file: &Path) -> anyhow::Result<Value> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text).context("cannot read stdin")?;
    } else {
        text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    }
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    if !is_key_set(&document) {
        bail!(
            "{} is no JSON object of key lists (and `settings`): {{\"…_keys\": [{{\"kid\": …, \"secret\": …}}]}}",
            file.display()
        );
    }
    Ok(document)
}

/// Refuses what the channel could not work with.
///
/// # Errors
/// Every fault, by field; none shows a secret.
fn usable(channel: &str, document: &Value, sandbox: Option<&str>) -> anyhow::Result<()> {
    if channel == actions::NAME {
        return actions::usable(document, sandbox);
    }
    let Some(id) = ChannelId::from_name(channel) else {
        let known: Vec<&str> = ChannelId::ALL.iter().map(|id| id.as_str()).collect();
        bail!("`{channel}` is no channel; there are {}", known.join(", "));
    };
    let keys = ::channels::KeySet::from_json(&document.to_string())?;
    let faults: Vec<String> = ::channels::channel(id).check(&keys).iter().map(|fault| format!("\n  {fault}")).collect();
    if !faults.is_empty() {
        bail!("nothing was stored, because {channel} could not work with it:{}", faults.concat());
    }
    Ok(())
}

/// Whether the functions can read it: an object of lists of keys, each with a name and a secret, and of settings.
fn is_key_set(document: &Value) -> bool {
    let is_key = |key: &Value| ["kid", "secret"].iter().all(|name| key.get(name).is_some_and(Value::is_string));
    document.as_object().is_some_and(|fields| {
        fields.iter().all(|(name, field)| match field.as_array() {
            Some(keys) => name != "settings" && !keys.is_empty() && keys.iter().all(is_key),
            None => name == "settings" && field.is_object(),
        })
    })
}

/// The parameter's name, of a stack that is there.
fn parameter(channel: &str, target: &Target, tools: &Tools) -> anyhow::Result<String> {
    if channel.is_empty() || !channel.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-') {
        bail!("`{channel}` is no channel");
    }
    let outputs = target.outputs(tools)?;
    Ok(format!("{}/{channel}", output(&outputs, "SecretsPrefix")?))
}

/// The template's output `SecretsPrefix`, before there is one.
fn prefix(target: &Target) -> String {
    format!("/frontdesk/{}", target.name())
}

fn read(target: &Target, tools: &Tools, name: &str) -> anyhow::Result<Option<Value>> {
    let call = Call::new("ssm", "get_parameter", json!({"Name": name, "WithDecryption": true}));
    match target.call_one(tools, call) {
        Ok(answer) => {
            let text = answer.pointer("/Parameter/Value").and_then(Value::as_str).unwrap_or_default();
            serde_json::from_str(text).map(Some).with_context(|| format!("{name} holds no JSON; set it again"))
        }
        Err(error) => match error.downcast_ref::<Refusal>() {
            Some(refusal) if refusal.code == "ParameterNotFound" => Ok(None),
            Some(_) | None => Err(error),
        },
    }
}

fn write(target: &Target, tools: &Tools, name: &str, document: &Value) -> anyhow::Result<()> {
    let arguments = json!({"Name": name, "Value": document.to_string(), "Type": "SecureString", "Overwrite": true});
    target.call_one(tools, Call::new("ssm", "put_parameter", arguments)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_new_keys_count_together_after_a_rotation() {
        let mut document = fresh("web").unwrap();
        let first = document.clone();
        assert_eq!(rotate_lists(&mut document, None, 1_000).unwrap(), ["session_keys"]);
        assert_eq!(document["identity_keys"], first["identity_keys"], "the company's site signs with these");
        assert_eq!(rotate_lists(&mut document, Some("identity_keys"), 1_000).unwrap(), ["identity_keys"]);
        for list in ["session_keys", "identity_keys"] {
            let keys = document[list].as_array().unwrap();
            assert_eq!(keys.len(), 2);
            assert_eq!(keys[1], first[list][0]);
            assert_ne!(keys[0]["kid"], keys[1]["kid"]);
            assert_eq!(keys[0].get("alg"), keys[1].get("alg"));
            assert_eq!(STANDARD.decode(keys[0]["secret"].as_str().unwrap()).unwrap().len(), KEY_BYTES);
        }
        let second = document["session_keys"][0].clone();
        let too_soon = rotate_lists(&mut document, Some("session_keys"), 1_100).unwrap_err().to_string();
        assert!(too_soon.ends_with("wait 200 s"), "{too_soon}");
        assert_eq!(second["from"], 1_300, "it signs once every function has it");
        rotate_lists(&mut document, Some("session_keys"), 1_300).unwrap();
        assert_eq!(document["session_keys"].as_array().unwrap().len(), 2);
        assert_eq!(document["session_keys"][1], second);
        assert_eq!(document["identity_keys"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn what_a_channel_could_not_work_with_is_not_stored() {
        for id in domain::ChannelId::ALL {
            let name = id.as_str();
            let made = if name == "web" { fresh(name).unwrap() } else { channels::made_up(name).unwrap() };
            usable(name, &made, None).unwrap();
            let said =
                usable(name, &json!({"others": [{"kid": "1", "secret": "hunter2"}]}), None).unwrap_err().to_string();
            assert!(said.contains("\n  ") && !said.contains("hunter2"), "{said}");
        }
        let mut wrong = channels::made_up("webhook").unwrap();
        wrong["settings"]["accounts"]["shop"]["receive"]["user"] = json!("from/id");
        let said = usable("webhook", &wrong, None).unwrap_err().to_string();
        assert!(said.contains("\n  settings.accounts.shop.receive.user: must be a JSON pointer"), "{said}");
        assert!(
            usable("fax", &wrong, None).unwrap_err().to_string().starts_with("`fax` is no channel; there are web, ")
        );
    }

    #[test]
    fn what_a_provider_gave_is_not_made_up() {
        assert!(fresh("sms").unwrap_err().to_string().contains("--file"));
        let mut document = json!({"auth_token": "x"});
        assert!(rotate_lists(&mut document, None, 1_000).unwrap().is_empty());
        assert_eq!(document, json!({"auth_token": "x"}));
    }
}
