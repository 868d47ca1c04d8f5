//! Which systems do what: deployment data, kept like a channel's secrets. `settings.actions` says by name who does an
//! action, `send_secrets` (newest first) sign what goes out by HTTPS:
//! `{"send_secrets":[{"kid":"2","secret":"whsec_…"}],"settings":{"actions":{"order_status":{"url":"https://…"},
//! "block_card":{"function":"arn:aws:lambda:…"}}}}`.

use channels::standard_webhooks::{SECRET_BYTES, secret};
use channels::{KeySet, SettingsFault};
use serde_json::Value;

use super::answer::is_name;

/// The name of the parameter, beside the channels'.
pub const NAME: &str = "actions";

const ACTIONS: &str = "actions";
const SEND_SECRETS: &str = "send_secrets";
/// Bytes of an address, at most.
const MAX_ADDRESS: usize = 2_000;

/// Who carries an action out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A system at this address.
    Https(String),
    /// A Lambda function, by its ARN.
    Function(String),
}

/// Who carries an action out.
///
/// # Errors
/// Nobody is named, or not so that it can be read.
pub fn target(keys: &KeySet, name: &str) -> Result<Target, SettingsFault> {
    let fault = |need: &str| SettingsFault::new(&format!("settings.actions.{name}"), need);
    let found = keys.setting(ACTIONS).and_then(|actions| actions.get(name));
    let found = found.ok_or_else(|| fault("is not set, so that nobody does it"))?;
    match (found.get("url").and_then(Value::as_str), found.get("function").and_then(Value::as_str)) {
        (Some(url), None) => Ok(Target::Https(url.to_owned())),
        (None, Some(arn)) => Ok(Target::Function(arn.to_owned())),
        _ => Err(fault("must hold either `url` or `function`, a text")),
    }
}

/// The bytes of all secrets that sign.
pub fn secrets(keys: &KeySet) -> Vec<Vec<u8>> {
    keys.get(SEND_SECRETS).iter().filter_map(secret).collect()
}

/// The names of the actions that are set up.
pub fn names(keys: &KeySet) -> Vec<&str> {
    let actions = keys.setting(ACTIONS).and_then(Value::as_object);
    actions.into_iter().flatten().map(|(name, _)| name.as_str()).collect()
}

/// What the worker could not work with. `sandbox`: an address below which a local stack's actions may lie without TLS.
pub fn check(keys: &KeySet, sandbox: Option<&str>) -> Vec<SettingsFault> {
    let mut faults = vec![];
    if !keys.setting(ACTIONS).is_some_and(Value::is_object) {
        faults.push(SettingsFault::new("settings.actions", "must be an object of actions by name"));
    }
    let mut signs = false;
    for name in names(keys) {
        let path = format!("settings.actions.{name}");
        if !is_name(name) {
            faults.push(SettingsFault::new(&path, "must be named by 1 to 64 letters, digits, `_` and `-`"));
        }
        match target(keys, name) {
            Ok(Target::Https(url)) => {
                signs = true;
                if !is_address(&url, sandbox) {
                    let need = "must be an address that begins with https://, without a password";
                    faults.push(SettingsFault::new(&format!("{path}.url"), need));
                }
            }
            Ok(Target::Function(arn)) if is_function(&arn) => {}
            Ok(Target::Function(_)) => {
                let need = "must be a function's ARN: arn:aws:lambda:<region>:<account>:function:<name>";
                faults.push(SettingsFault::new(&format!("{path}.function"), need));
            }
            Err(fault) => faults.push(fault),
        }
    }
    let given = keys.get(SEND_SECRETS);
    if signs && given.is_empty() {
        faults.push(SettingsFault::new(SEND_SECRETS, "must hold a secret to sign with"));
    }
    for (at, key) in given.iter().enumerate() {
        if !secret(key).is_some_and(|secret| SECRET_BYTES.contains(&secret.len())) {
            let need = "must be `whsec_` and base 64 of 24 to 64 bytes";
            faults.push(SettingsFault::new(&format!("{SEND_SECRETS}.{at}.secret"), need));
        }
    }
    faults
}

fn is_address(url: &str, sandbox: Option<&str>) -> bool {
    let rest = match (url.strip_prefix("https://"), sandbox.and_then(|base| url.strip_prefix(base))) {
        (Some(rest), _) => rest,
        (None, Some(rest)) => return rest.starts_with('/'),
        (None, None) => return false,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty()
        && !host.contains('@')
        && url.len() <= MAX_ADDRESS
        && url.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_function(arn: &str) -> bool {
    let parts: Vec<&str> = arn.split(':').collect();
    let [scheme, partition, service, region, account, kind, name, ..] = parts.as_slice() else { return false };
    *scheme == "arn"
        && partition.starts_with("aws")
        && *service == "lambda"
        && *kind == "function"
        && !region.is_empty()
        && account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && parts.len() <= 8
        && parts.iter().skip(6).all(|part| is_name(part))
        && !name.is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:orders";

    fn keys(actions: &Value) -> KeySet {
        let secrets = json!([{"kid": "1", "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}]);
        let whole = json!({"send_secrets": secrets, "settings": {"actions": actions}});
        KeySet::from_json(&whole.to_string()).unwrap()
    }

    #[test]
    fn an_action_is_done_by_whom_the_settings_name() {
        let keys = keys(&json!({"a": {"url": "https://x.example/a"}, "b": {"function": ARN}, "c": {}, "d": "x"}));
        assert_eq!(target(&keys, "a").unwrap(), Target::Https("https://x.example/a".to_owned()));
        assert_eq!(target(&keys, "b").unwrap(), Target::Function(ARN.to_owned()));
        for none in ["c", "d", "e", ""] {
            assert!(target(&keys, none).is_err(), "{none}");
        }
        assert!(target(&KeySet::default(), "a").is_err());
        assert_eq!((names(&keys).len(), secrets(&keys).len()), (4, 1));
    }

    #[test]
    fn what_could_not_work_is_named_before_it_is_stored() {
        let sandbox = Some("http://127.0.0.1:4567");
        for (target, good) in [
            (json!({"url": "https://x.example/a?b=c"}), true),
            (json!({"url": "http://127.0.0.1:4567/actions/a"}), true),
            (json!({"function": ARN}), true),
            (json!({"function": format!("{ARN}:live")}), true),
            (json!({"url": "http://x.example/a"}), false),
            (json!({"url": "http://127.0.0.1:45678/a"}), false),
            (json!({"url": "http://127.0.0.1:4567@x.example/a"}), false),
            (json!({"url": "https://"}), false),
            (json!({"url": "https://u:p@x.example"}), false),
            (json!({"url": "https://x.example/a b"}), false),
            (json!({"url": "x.example"}), false),
            (json!({"function": "orders"}), false),
            (json!({"function": "arn:aws:lambda:eu-west-1:12345:function:orders"}), false),
            (json!({"function": "arn:aws:sqs:eu-west-1:123456789012:function:orders"}), false),
            (json!({"function": format!("{ARN}:*")}), false),
            (json!({"function": ARN, "url": "https://x.example"}), false),
            (json!({}), false),
        ] {
            let found = check(&keys(&json!({"a": target})), sandbox);
            assert_eq!(found.is_empty(), good, "{target}: {found:?}");
            assert!(found.iter().all(|fault| fault.to_string().starts_with("settings.actions.a")), "{found:?}");
        }
        assert_eq!(check(&keys(&json!({"a": {"url": "http://127.0.0.1:4567/a"}})), None).len(), 1, "not on AWS");
        assert_eq!(check(&keys(&json!({"a b": {"function": ARN}})), None).len(), 1);
        assert_eq!(check(&keys(&json!([])), None).len(), 1);
        assert!(!check(&KeySet::default(), None).is_empty());
        for secret in ["hunter2", "whsec_aHVudGVyMg=="] {
            let whole = json!({"send_secrets": [{"kid": "1", "secret": secret}], "settings": {"actions": {}}});
            let found = check(&KeySet::from_json(&whole.to_string()).unwrap(), None);
            assert!(found.len() == 1 && !found[0].to_string().contains("hunter2"), "{found:?}");
        }
        let unsigned = json!({"settings": {"actions": {"a": {"url": "https://x.example"}}}}).to_string();
        assert_eq!(check(&KeySet::from_json(&unsigned).unwrap(), None).len(), 1);
    }
}
