//! What a channel's stored secrets and settings must hold, and what is wrong with those that are there: found before a
//! customer does, and without asking the provider.

use serde_json::Value;

use crate::{Key, KeySet};

/// Something that is wrong with a channel's keys or settings. It names where and why, never a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct SettingsFault {
    /// The field, such as `page_tokens` or `settings.accounts.shop.receive.user`.
    pub field: String,
    /// What is wrong with it, and how it should be.
    pub reason: String,
}

impl SettingsFault {
    /// Of a field that is not as it should be.
    pub fn new(field: &str, reason: &str) -> Self {
        Self { field: field.to_owned(), reason: reason.to_owned() }
    }
}

/// A field that a channel cannot do without.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    field: &'static str,
    what: &'static str,
    form: Form,
}

#[derive(Debug, Clone, Copy)]
enum Form {
    /// A list of keys, each of this form.
    Keys(fn(&Key) -> bool),
    /// A setting of this form.
    Setting(fn(&Value) -> bool),
}

impl Need {
    /// A list of keys for a purpose, each of this form. `what` says what they are, in words that go on after "must be".
    pub(crate) const fn keys(purpose: &'static str, what: &'static str, form: fn(&Key) -> bool) -> Self {
        Self { field: purpose, what, form: Form::Keys(form) }
    }

    /// A setting of this form.
    pub(crate) const fn setting(name: &'static str, what: &'static str, form: fn(&Value) -> bool) -> Self {
        Self { field: name, what, form: Form::Setting(form) }
    }

    /// What is wrong with the field.
    fn faults(&self, keys: &KeySet) -> Vec<SettingsFault> {
        let missing = |path: &str| fault(path, &format!("is missing; must be {}", self.what));
        match self.form {
            Form::Keys(good) => {
                let found = keys.get(self.field);
                if found.is_empty() {
                    return vec![missing(self.field)];
                }
                let wrong = found.iter().enumerate().filter(|(_, key)| key.secret.trim().is_empty() || !good(key));
                wrong.map(|(at, _)| fault(&format!("{}.{at}", self.field), &format!("must be {}", self.what))).collect()
            }
            Form::Setting(good) => {
                let path = format!("settings.{}", self.field);
                match keys.setting(self.field) {
                    None => vec![missing(&path)],
                    Some(value) if good(value) => vec![],
                    Some(_) => vec![fault(&path, &format!("must be {}", self.what))],
                }
            }
        }
    }
}

/// What is wrong with the fields that are needed.
pub(crate) fn faults(needs: &[Need], keys: &KeySet) -> Vec<SettingsFault> {
    needs.iter().flat_map(|need| need.faults(keys)).collect()
}

pub(crate) fn fault(field: &str, reason: &str) -> SettingsFault {
    SettingsFault { field: field.to_owned(), reason: reason.to_owned() }
}

/// Any key.
pub(crate) fn any_key(_: &Key) -> bool {
    true
}

/// A key that is named by a number: an account's id.
pub(crate) fn of_number(key: &Key) -> bool {
    digits(&key.kid)
}

/// A number, as the provider's consoles show it: digits, as a text or as they stand.
pub(crate) fn number(value: &Value) -> bool {
    value.is_u64() || value.as_str().is_some_and(digits)
}

/// A text that says something.
pub(crate) fn text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

/// An object that holds something.
pub(crate) fn object(value: &Value) -> bool {
    value.as_object().is_some_and(|fields| !fields.is_empty())
}

pub(crate) fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use domain::ChannelId;
    use serde_json::{Value, json};

    use crate::{KeySet, channel};

    /// Secrets that are as they should be.
    fn samples() -> Vec<(ChannelId, Value)> {
        let key = |kid: &str, secret: &str| json!([{ "kid": kid, "secret": secret }]);
        let aes = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
        let corp = "ww0123456789abcdef";
        let meta = |tokens: &str, settings: Value| {
            json!({ "app_secrets": key("app", "hidden"), "verify_tokens": key("1", "hidden"), tokens: key("123", "hidden"),
                    "settings": settings })
        };
        let bot = format!("U{}", "0".repeat(32));
        let secret = format!("whsec_{}", "aGlkZGVu".repeat(4));
        let send = json!({ "url": "https://shop.example/in", "body": { "to": "{{user}}", "text": "{{text}}" } });
        vec![
            (ChannelId::Web, json!({ "session_keys": key("s", "hidden") })),
            (
                ChannelId::WeChat,
                json!({
                    "tokens": key("gh_1", "hidden"), "encoding_aes_keys": key("gh_1", aes), "app_secrets": key("gh_1", "hidden"),
                    "settings": { "accounts": { "gh_1": { "app_id": "wx1" } } },
                }),
            ),
            (
                ChannelId::Wecom,
                json!({
                    "tokens": key("1", "hidden"), "aes_keys": key("1", aes), "secrets": key(corp, "hidden"),
                    "settings": { "corp_id": corp, "accounts": ["wk1"] },
                }),
            ),
            (ChannelId::Weibo, json!({ "app_secrets": key("123", "hidden"), "access_tokens": key("123", "hidden") })),
            (ChannelId::Messenger, meta("page_tokens", json!({ "app_id": "42" }))),
            (ChannelId::Instagram, meta("access_tokens", json!({ "app_id": 42 }))),
            (ChannelId::WhatsApp, meta("access_tokens", json!({ "app_id": "42", "waba_id": "7" }))),
            (
                ChannelId::Telegram,
                json!({ "webhook_secrets": key("1", "hidden_1"), "bot_tokens": key("123", "123:hidden") }),
            ),
            (ChannelId::Line, json!({ "channel_secrets": key(&bot, "hidden"), "access_tokens": key(&bot, "hidden") })),
            (
                ChannelId::Email,
                json!({
                    "signing_keys": key("k1", "hidden"),
                    "settings": { "mailboxes": { "support@shop.example": {} } },
                }),
            ),
            (
                ChannelId::Sms,
                json!({
                    "aws_topics": key("+12125550101", "arn:aws:sns:us-east-1:111122223333:hidden"),
                    "settings": { "accounts": { "+12125550101": { "provider": "aws" } } },
                }),
            ),
            (
                ChannelId::Voice,
                json!({
                    "twilio_auth_tokens": key(&format!("AC{}", "0".repeat(32)), "hidden"),
                    "settings": { "accounts": { "+862112345678": {} } },
                }),
            ),
            (
                ChannelId::Connect,
                json!({ "sources": key("hotline", "arn:aws:connect:us-east-1:111122223333:instance/hidden") }),
            ),
            (
                ChannelId::Webhook,
                json!({ "send_secrets": key("shop", &secret), "settings": { "accounts": { "shop": { "send": send } } } }),
            ),
        ]
    }

    fn whole(id: ChannelId) -> Value {
        samples().into_iter().find(|(of, _)| *of == id).unwrap().1
    }

    fn faults(id: ChannelId, keys: &Value) -> Vec<String> {
        let keys = KeySet::from_json(&keys.to_string()).unwrap();
        let faults: Vec<String> = channel(id).check(&keys).iter().map(ToString::to_string).collect();
        assert!(!faults.iter().any(|fault| fault.contains("hidden") || fault.contains("aGlk")), "{faults:?}");
        faults
    }

    #[test]
    fn whatever_is_left_out_is_named() {
        for (id, whole) in samples() {
            assert_eq!(faults(id, &whole), Vec::<String>::new(), "{id}");
            let lists: Vec<&String> = whole.as_object().unwrap().keys().filter(|name| *name != "settings").collect();
            for name in lists {
                let mut less = whole.clone();
                less.as_object_mut().unwrap().remove(name);
                let found = faults(id, &less);
                assert!(found.iter().any(|fault| fault.starts_with(name.as_str())), "{id} without {name}: {found:?}");
                let mut empty = whole.clone();
                empty[name][0]["secret"] = json!(" ");
                let found = faults(id, &empty);
                assert!(found.iter().any(|fault| fault.starts_with(name.as_str())), "{id}, {name} empty: {found:?}");
            }
            for name in
                whole.get("settings").and_then(Value::as_object).into_iter().flat_map(|settings| settings.keys())
            {
                let mut less = whole.clone();
                less["settings"].as_object_mut().unwrap().remove(name);
                let found = faults(id, &less);
                let path = format!("settings.{name}");
                assert!(found.iter().any(|fault| fault.starts_with(&path)), "{id} without {path}: {found:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_right_is_told_how_it_should_be() {
        for (id, at, wrong, named) in [
            (ChannelId::Messenger, "/page_tokens/0/kid", json!("my page"), "page_tokens.0: must be"),
            (ChannelId::Instagram, "/settings/app_id", json!("my app"), "settings.app_id: must be"),
            (ChannelId::WhatsApp, "/settings/waba_id", json!(""), "settings.waba_id: must be"),
            (ChannelId::Telegram, "/bot_tokens/0/kid", json!("my bot"), "bot_tokens.0: must be"),
            (ChannelId::Telegram, "/webhook_secrets/0/secret", json!("hidden!"), "webhook_secrets.0: must be"),
            (ChannelId::Line, "/access_tokens/0/kid", json!("@shop"), "access_tokens.0: must be"),
            (ChannelId::Weibo, "/access_tokens/0/kid", json!("shop"), "access_tokens.0: must be"),
            (ChannelId::Wecom, "/aes_keys/0/secret", json!("hidden"), "aes_keys.0: must be"),
            (ChannelId::Wecom, "/settings/accounts", json!([]), "settings.accounts: must be"),
            (ChannelId::WeChat, "/encoding_aes_keys/0/secret", json!("hidden"), "encoding_aes_keys.0: must be"),
            (ChannelId::WeChat, "/tokens/0/kid", json!("gh_2"), "tokens: must have one"),
            (ChannelId::WeChat, "/settings/accounts/gh_1/app_id", json!(""), "settings.accounts.gh_1: must be"),
            (ChannelId::WeChat, "/settings/accounts/gh_1/mode", json!("open"), "settings.accounts.gh_1: must be"),
        ] {
            let mut keys = whole(id);
            if let Some(place) = keys.pointer_mut(at) {
                *place = wrong;
            } else {
                let (parent, name) = at.rsplit_once('/').unwrap();
                keys.pointer_mut(parent).unwrap()[name] = wrong;
            }
            let found = faults(id, &keys);
            assert!(found.iter().any(|fault| fault.starts_with(named)), "{id} {at}: {found:?}");
        }
    }

    #[test]
    fn an_account_whose_bodies_come_plain_needs_no_cipher() {
        let mut keys = whole(ChannelId::WeChat);
        keys.as_object_mut().unwrap().remove("encoding_aes_keys");
        assert_eq!(faults(ChannelId::WeChat, &keys).len(), 1);
        keys["settings"]["accounts"]["gh_1"]["mode"] = json!("plain");
        assert_eq!(faults(ChannelId::WeChat, &keys), Vec::<String>::new());
        keys.as_object_mut().unwrap().remove("app_secrets");
        assert_eq!(faults(ChannelId::WeChat, &keys).len(), 1);
        keys["settings"]["reply"] = json!("passive");
        assert_eq!(faults(ChannelId::WeChat, &keys), Vec::<String>::new(), "answers need no calls");
    }
}
