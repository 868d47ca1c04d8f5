//! The channels of the local stack: random secrets such as their providers would have given, and what `stack.json` says
//! of them, so that others can play the providers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use crate::secrets::{hex_secret, random_bytes, random_digits};
use crate::stack::{NAME, REGION};

/// A channel that comes in by a webhook, or as events of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hooked {
    /// Its name.
    pub name: &'static str,
    /// The template's parameter that turns it on.
    pub parameter: &'static str,
    /// What `stack.json` says of it: a name, and where in its secrets the value stands.
    told: &'static [(&'static str, &'static str)],
}

/// What the three channels of Meta's have in common.
const META: &[(&str, &str)] = &[
    ("account", "/access_tokens/0/kid"),
    ("app_secret", "/app_secrets/0/secret"),
    ("verify_token", "/verify_tokens/0/secret"),
    ("access_token", "/access_tokens/0/secret"),
    ("app_id", "/settings/app_id"),
    ("waba_id", "/settings/waba_id"),
];

/// The channels that come in by webhooks, or as events of AWS.
pub const WEBHOOKS: &[Hooked] = &[
    Hooked {
        name: "telegram",
        parameter: "Telegram",
        told: &[
            ("secret_token", "/webhook_secrets/0/secret"),
            ("account", "/bot_tokens/0/kid"),
            ("bot_id", "/bot_tokens/0/kid"),
            ("bot_token", "/bot_tokens/0/secret"),
        ],
    },
    Hooked {
        name: "line",
        parameter: "Line",
        told: &[
            ("account", "/channel_secrets/0/kid"),
            ("destination", "/channel_secrets/0/kid"),
            ("channel_secret", "/channel_secrets/0/secret"),
            ("access_token", "/access_tokens/0/secret"),
        ],
    },
    Hooked {
        name: "messenger",
        parameter: "Messenger",
        told: &[
            ("account", "/page_tokens/0/kid"),
            ("app_secret", "/app_secrets/0/secret"),
            ("verify_token", "/verify_tokens/0/secret"),
            ("access_token", "/page_tokens/0/secret"),
            ("app_id", "/settings/app_id"),
        ],
    },
    Hooked { name: "instagram", parameter: "Instagram", told: META },
    Hooked { name: "whatsapp", parameter: "WhatsApp", told: META },
    Hooked {
        name: "wechat",
        parameter: "WeChat",
        told: &[
            ("account", "/tokens/0/kid"),
            ("token", "/tokens/0/secret"),
            ("encoding_aes_key", "/encoding_aes_keys/0/secret"),
            ("app_secret", "/app_secrets/0/secret"),
        ],
    },
    Hooked {
        name: "wecom",
        parameter: "Wecom",
        told: &[
            ("token", "/tokens/0/secret"),
            ("encoding_aes_key", "/aes_keys/0/secret"),
            ("corp_id", "/settings/corp_id"),
            ("corp_secret", "/secrets/0/secret"),
            ("account", "/settings/accounts/0"),
            ("open_kfid", "/settings/accounts/0"),
        ],
    },
    Hooked {
        name: "weibo",
        parameter: "Weibo",
        told: &[
            ("account", "/app_secrets/0/kid"),
            ("app_secret", "/app_secrets/0/secret"),
            ("access_token", "/access_tokens/0/secret"),
            ("reply", "/settings/reply"),
        ],
    },
    Hooked {
        name: "voice",
        parameter: "Voice",
        told: &[
            ("account_sid", "/twilio_auth_tokens/0/kid"),
            ("auth_token", "/twilio_auth_tokens/0/secret"),
            ("account", "/settings/first"),
        ],
    },
    Hooked {
        name: "webhook",
        parameter: "Webhook",
        told: &[
            ("account", "/receive_secrets/0/kid"),
            ("receive_secret", "/receive_secrets/0/secret"),
            ("send_secret", "/send_secrets/0/secret"),
        ],
    },
    Hooked {
        name: "sms",
        parameter: "Sms",
        told: &[
            ("account_sid", "/twilio_auth_tokens/0/kid"),
            ("auth_token", "/twilio_auth_tokens/0/secret"),
            ("callback_account", "/callback_keys/0/kid"),
            ("callback_key", "/callback_keys/0/secret"),
        ],
    },
    Hooked {
        name: "connect",
        parameter: "Connect",
        told: &[("account", "/sources/0/kid"), ("instance_arn", "/sources/0/secret")],
    },
    Hooked { name: "email", parameter: "Email", told: &[("signing_key", "/signing_keys/0/secret")] },
];

/// A channel's secrets on the local stack.
///
/// # Errors
/// The system gives no random numbers.
pub fn made_up(channel: &str) -> anyhow::Result<Value> {
    let key = |kid: &str, secret: String| json!([{"kid": kid, "secret": secret}]);
    Ok(match channel {
        "telegram" => {
            let bot = random_digits(10)?;
            let token = format!("{bot}:{}", hex_secret(16)?);
            json!({"webhook_secrets": key("1", hex_secret(16)?), "bot_tokens": key(&bot, token)})
        }
        "line" => {
            let bot = format!("U{}", hex_secret(16)?);
            json!({"channel_secrets": key(&bot, hex_secret(16)?), "access_tokens": key(&bot, hex_secret(48)?)})
        }
        "messenger" | "instagram" | "whatsapp" => {
            let tokens = if channel == "messenger" { "page_tokens" } else { "access_tokens" };
            let mut settings = json!({"app_id": random_digits(16)?});
            if let Some(settings) = settings.as_object_mut().filter(|_| channel == "whatsapp") {
                settings.insert("waba_id".to_owned(), json!(random_digits(15)?));
            }
            json!({
                "app_secrets": key("app", hex_secret(16)?),
                "verify_tokens": key("1", hex_secret(8)?),
                tokens: key(&random_digits(15)?, format!("EAA{}", hex_secret(48)?)),
                "settings": settings,
            })
        }
        "wechat" => wechat()?,
        "sms" => {
            let (twilio, aws) = (format!("+1415{}", random_digits(7)?), format!("+1212{}", random_digits(7)?));
            json!({
                "twilio_auth_tokens": key(&format!("AC{}", hex_secret(16)?), hex_secret(16)?),
                // Where the template makes it.
                "aws_topics": key(&aws, format!("arn:aws:sns:{REGION}:000000000000:{NAME}-sms")),
                "callback_keys": key("shop-cn", hex_secret(16)?),
                "settings": {"accounts": {
                    twilio: {"provider": "twilio"}, aws: {"provider": "aws"}, "shop-cn": {"provider": "aliyun"},
                }},
            })
        }
        "wecom" => {
            let corp = format!("ww{}", hex_secret(8)?);
            json!({
                "tokens": key("1", hex_secret(8)?),
                "aes_keys": key("1", aes_key()?),
                "secrets": key(&corp, hex_secret(16)?),
                "settings": {"corp_id": corp, "accounts": [format!("wk{}", hex_secret(8)?)]},
            })
        }
        "weibo" => {
            let account = random_digits(10)?;
            json!({
                "app_secrets": key(&account, hex_secret(16)?),
                "access_tokens": key(&account, format!("2.00{}", hex_secret(14)?)),
                // The other way than WeChat's, so that both are there.
                "settings": {"reply": "passive"},
            })
        }
        "voice" => voice()?,
        "webhook" => {
            let secret = || Ok::<_, anyhow::Error>(format!("whsec_{}", STANDARD.encode(random_bytes()?)));
            let receive = json!({
                "items": "/messages", "only": {"/type": "message"}, "user": "/from/id", "id": "/id", "text": "/text",
                "payload": "/button/value", "title": "/button/label", "locale": "/locale",
            });
            let body = json!({"to": "{{user}}", "text": "{{text}}", "choices": "{{choices}}", "file": "{{file}}"});
            let send = json!({"url": "https://shop.example/messages", "body": body});
            json!({
                "receive_secrets": key("shop", secret()?),
                "send_secrets": key("shop", secret()?),
                "settings": {"accounts": {"shop": {"receive": receive, "send": send}}},
            })
        }
        "connect" => {
            let instance = format!("arn:aws:connect:{REGION}:000000000000:instance/{}", hex_secret(16)?);
            let alias =
                format!("arn:aws:lex:{REGION}:000000000000:bot-alias/{}/TSTALIASID", hex_secret(5)?.to_uppercase());
            json!({"sources": [{"kid": "hotline", "secret": instance}, {"kid": "shop-bot", "secret": alias}]})
        }
        "email" => json!({
            "signing_keys": key("k1", STANDARD.encode(random_bytes()?)),
            "settings": {
                "mailboxes": {"support@shop.example": {"name": "示例商店 Example Shop"}, "sales@shop.example": {}},
            },
        }),
        _ => json!({}),
    })
}

/// Four numbers: one whose callers choose a language, can have links as text messages, and hold the line for a person; one
/// in Chinese with a queue; one in English that calls a person; and one at which nobody is ever there.
fn voice() -> anyhow::Result<Value> {
    let number = |digits: usize| Ok::<_, anyhow::Error>(format!("+1{}", random_digits(digits)?));
    let (menu, queue, dial, closed) = (number(10)?, number(10)?, number(10)?, number(10)?);
    let never = json!({"offset": "+08:00", "days": {}});
    let accounts = Map::from_iter([
        (menu.clone(), json!({"sms_from": menu})),
        (queue, json!({"language": "zh", "transfer": {"enqueue": "support"}})),
        (dial, json!({"language": "en", "transfer": {"dial": number(10)?}})),
        (closed, json!({"language": "zh", "hours": never})),
    ]);
    Ok(json!({
        "twilio_auth_tokens": [{"kid": format!("AC{}", hex_secret(16)?), "secret": hex_secret(16)?}],
        "settings": {"first": menu, "accounts": accounts},
    }))
}

/// What the address is to its function, which is what Twilio signs; and the numbers, by what each is for.
fn describe_voice(described: &mut Map<String, Value>, api: &str, secrets: &Value) {
    let host = api.split('/').rev().find(|part| !part.is_empty() && !part.starts_with('$')).unwrap_or_default();
    described.insert("public_url".to_owned(), json!(format!("https://{host}.execute-api.127.0.0.1/webhooks/voice")));
    let accounts = secrets.pointer("/settings/accounts").and_then(Value::as_object).into_iter().flatten();
    let others = accounts.filter_map(|(number, account)| {
        let kind = match (account.pointer("/transfer/enqueue"), account.pointer("/transfer/dial")) {
            (Some(_), _) => "queue",
            (_, Some(_)) => "dial",
            (None, None) => account.get("hours").map(|_| "closed")?,
        };
        Some((kind.to_owned(), json!({"account": number})))
    });
    described.insert("accounts".to_owned(), Value::Object(others.collect()));
}

/// 43 of the 44 characters of 32 bytes: the last one carries two bits too many, as the consoles' own do.
fn aes_key() -> anyhow::Result<String> {
    Ok(STANDARD.encode(random_bytes()?).chars().take(42).chain(['F']).collect())
}

/// Two accounts: one in safe mode, which is the usual one, and one whose pushes are plain.
fn wechat() -> anyhow::Result<Value> {
    let (safe, plain) = (format!("gh_{}", hex_secret(6)?), format!("gh_{}", hex_secret(6)?));
    let both = |bytes: usize| {
        Ok::<_, anyhow::Error>(json!([
            {"kid": safe, "secret": hex_secret(bytes)?},
            {"kid": plain, "secret": hex_secret(bytes)?},
        ]))
    };
    let app = || Ok::<_, anyhow::Error>(format!("wx{}", hex_secret(8)?));
    let accounts = Map::from_iter([
        (safe.clone(), json!({"app_id": app()?, "mode": "safe"})),
        (plain.clone(), json!({"app_id": app()?, "mode": "plain"})),
    ]);
    Ok(json!({
        "tokens": both(16)?,
        "encoding_aes_keys": [{"kid": safe, "secret": aes_key()?}],
        "app_secrets": both(16)?,
        "settings": {"reply": "call", "accounts": accounts},
    }))
}

/// What `stack.json` says of a channel.
pub fn described(hooked: Hooked, api: &str, secrets: &Value) -> Value {
    let address = format!("{api}/webhooks/{}", hooked.name);
    let mut described = Map::from_iter([("webhook_url".to_owned(), json!(address))]);
    let told = hooked.told.iter().filter_map(|(name, at)| Some(((*name).to_owned(), secrets.pointer(at)?.clone())));
    described.extend(told);
    match hooked.name {
        "wechat" => describe_wechat(&mut described, secrets),
        "sms" => describe_sms(&mut described, api, secrets),
        "voice" => describe_voice(&mut described, api, secrets),
        "connect" => {
            // What AWS calls: the function itself.
            let emulator = api.split("/_aws/").next().unwrap_or_default();
            let function = format!("{emulator}/2015-03-31/functions/{NAME}-receive-connect/invocations");
            described.insert("webhook_url".to_owned(), json!(function));
            let alias = secrets.pointer("/sources/1/secret");
            let bot = json!({"account": secrets.pointer("/sources/1/kid"), "bot_alias_arn": alias});
            described.insert("accounts".to_owned(), json!({"bot": bot}));
        }
        "email" => {
            described.remove("webhook_url");
            let boxes = secrets.pointer("/settings/mailboxes").and_then(Value::as_object);
            let boxes: Vec<&String> = boxes.into_iter().flatten().map(|(address, _)| address).collect();
            described.insert("account".to_owned(), json!(boxes.last()));
            described.insert("mailbox".to_owned(), json!(boxes.last()));
            described.insert("mailboxes".to_owned(), json!(boxes));
        }
        "webhook" => {
            described.insert("webhook_url".to_owned(), json!(format!("{address}?account=shop")));
        }
        _ => {}
    }
    Value::Object(described)
}

/// The first account's app besides, and the other accounts under their ids.
fn describe_wechat(described: &mut Map<String, Value>, secrets: &Value) {
    let of = |list: &str, account: &str| {
        let keys = secrets.get(list).and_then(Value::as_array).into_iter().flatten();
        keys.filter(|key| key.get("kid").is_some_and(|kid| kid == account)).find_map(|key| key.get("secret")).cloned()
    };
    let first = described.get("account").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut others = Map::new();
    for (id, account) in secrets.pointer("/settings/accounts").and_then(Value::as_object).into_iter().flatten() {
        let set_up =
            ["app_id", "mode"].into_iter().filter_map(|name| Some((name.to_owned(), account.get(name)?.clone())));
        if *id == first {
            described.extend(set_up);
            continue;
        }
        let mut other: Map<String, Value> = set_up.collect();
        other.insert("account".to_owned(), json!(id));
        for (name, list) in
            [("token", "tokens"), ("encoding_aes_key", "encoding_aes_keys"), ("app_secret", "app_secrets")]
        {
            other.insert(name.to_owned(), of(list, id).unwrap_or_default());
        }
        others.insert(id.clone(), Value::Object(other));
    }
    described.insert("reply".to_owned(), secrets.pointer("/settings/reply").cloned().unwrap_or_default());
    described.insert("accounts".to_owned(), Value::Object(others));
}

/// The number that is with Twilio, and the one that is with AWS: what is written to that one is published to a topic.
fn describe_sms(described: &mut Map<String, Value>, api: &str, secrets: &Value) {
    let accounts = secrets.pointer("/settings/accounts").and_then(Value::as_object);
    for (number, account) in accounts.into_iter().flatten() {
        match account.get("provider").and_then(Value::as_str) {
            Some("twilio") => {
                described.insert("account".to_owned(), json!(number));
                described.insert("provider".to_owned(), json!("twilio"));
            }
            Some("aws") => {
                let emulator = api.split("/_aws/").next().unwrap_or_default();
                let topic = secrets.pointer("/aws_topics/0/secret");
                let other = json!({"account": number, "provider": "aws", "topic_arn": topic, "webhook_url": format!("{emulator}/")});
                described.insert("accounts".to_owned(), json!({"aws": other}));
            }
            Some(_) | None => {}
        }
    }
}

/// A channel's secrets with the address of its webhook, where it has to know that: nobody knows it before the stack is
/// deployed.
pub fn addressed(hooked: Hooked, api: &str, secrets: &Value) -> Option<Value> {
    let address = json!(format!("{api}/webhooks/{}", hooked.name));
    if hooked.name != "sms" || secrets.pointer("/settings/webhook_url") == Some(&address) {
        return None;
    }
    let mut secrets = secrets.clone();
    secrets.get_mut("settings")?.as_object_mut()?.insert("webhook_url".to_owned(), address);
    Some(secrets)
}

#[cfg(test)]
mod tests {
    use domain::ChannelId;

    use super::*;

    #[test]
    fn every_channel_but_the_webs_is_here_with_all_that_is_told_of_it() {
        let names: Vec<&str> = WEBHOOKS.iter().map(|hooked| hooked.name).collect();
        for channel in ChannelId::ALL.iter().filter(|channel| **channel != ChannelId::Web) {
            assert!(names.contains(&channel.as_str()), "{channel} has no secrets on the local stack");
        }
        for hooked in WEBHOOKS {
            let secrets = made_up(hooked.name).unwrap();
            let described = described(*hooked, "http://api", &secrets);
            let hook = described["webhook_url"].as_str().unwrap_or_default();
            let is_event = matches!(hooked.name, "email" | "connect");
            assert!(hook.starts_with(&format!("http://api/webhooks/{}", hooked.name)) != is_event, "{hook}");
            assert!(described["account"].is_string(), "{}: whose is it?", hooked.name);
            for (name, at) in hooked.told.iter().filter(|(name, _)| *name != "waba_id") {
                assert!(
                    described[name].as_str().is_some_and(|text| !text.is_empty()),
                    "{}: no {name} at {at}",
                    hooked.name
                );
            }
            assert_ne!(made_up(hooked.name).unwrap(), secrets, "{}: random", hooked.name);
        }
    }

    #[test]
    fn text_messages_know_their_webhook_and_both_numbers() {
        let hooked = WEBHOOKS.iter().find(|hooked| hooked.name == "sms").unwrap();
        let made = made_up("sms").unwrap();
        let api = "http://127.0.0.1:4566/_aws/execute-api/abc";
        let whole = addressed(*hooked, api, &made).unwrap();
        assert_eq!(whole["settings"]["webhook_url"], format!("{api}/webhooks/sms"));
        assert_eq!(addressed(*hooked, api, &whole), None);
        let described = described(*hooked, api, &whole);
        assert!(described["account"].as_str().unwrap().starts_with("+1415"), "{described}");
        let aws = &described["accounts"]["aws"];
        assert_eq!((&aws["provider"], &aws["webhook_url"]), (&json!("aws"), &json!("http://127.0.0.1:4566/")));
        assert!(aws["topic_arn"].as_str().unwrap().ends_with(":frontdesk-sms"));
    }

    #[test]
    fn wechats_second_account_is_described_too() {
        let hooked = WEBHOOKS.iter().find(|hooked| hooked.name == "wechat").unwrap();
        let described = described(*hooked, "", &made_up("wechat").unwrap());
        let key = described["encoding_aes_key"].as_str().unwrap();
        assert_eq!((key.len(), &described["mode"]), (43, &json!("safe")));
        let (id, other) = described["accounts"].as_object().unwrap().iter().next().unwrap();
        assert_eq!((&other["account"], &other["mode"]), (&json!(id), &json!("plain")));
        assert_ne!(other["token"], described["token"]);
    }
}
