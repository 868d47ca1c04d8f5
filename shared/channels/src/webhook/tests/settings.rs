use super::*;
use crate::webhook::{Place, check::check as check_settings};

/// The one fault of an account, by its path below the account.
fn fault(receive: &Value, send: &Value) -> (String, String) {
    let mut faults = check_settings(&keys(receive, send));
    assert_eq!(faults.len(), 1, "{faults:?}");
    let fault = faults.remove(0);
    (fault.field.replace("settings.accounts.shop.", ""), fault.reason)
}

fn changed(setting: Value, name: &str, value: Value) -> Value {
    let mut setting = setting;
    let object = setting.as_object_mut().unwrap();
    object.remove(name);
    if !value.is_null() {
        object.insert(name.to_owned(), value);
    }
    setting
}

#[test]
fn good_settings_have_no_fault() {
    assert_eq!(check_settings(&keys(&receive(), &send())), []);
}

#[test]
fn a_wrong_mapping_names_its_field() {
    for (name, value, field) in [
        ("user", Value::Null, "receive.user"),
        ("user", json!("from"), "receive.user"),
        ("user", json!("/a~2"), "receive.user"),
        ("id", json!(5), "receive.id"),
        ("text", Value::Null, "receive"),
        ("txet", json!("/text"), "receive.txet"),
        ("items", json!({ "always": 1 }), "receive.items"),
        ("locale", json!({ "always": [] }), "receive.locale.always"),
        ("locale", json!({ "allways": "zh" }), "receive.locale.allways"),
        ("locale", json!({}), "receive.locale.always"),
        ("only", json!([]), "receive.only"),
        ("only", json!({ "type": "message" }), "receive.only.type"),
        ("file", json!("/file"), "receive.file"),
        ("file", json!({ "name": "/n" }), "receive.file.url"),
        ("file", json!({ "url": "/u", "mime": 1 }), "receive.file.mime"),
    ] {
        let (found, reason) = fault(&changed(receive(), name, value.clone()), &send());
        assert_eq!(found, field, "{name} {value}");
        assert!(!reason.is_empty());
    }
}

#[test]
fn a_wrong_posting_names_its_field() {
    let body = |text: &str| json!({ "to": ["{{user}}"], "say": { "text": "{{text}}", "more": text } });
    for (name, value, field) in [
        ("url", Value::Null, "send.url"),
        ("url", json!("http://shop.example/"), "send.url"),
        ("url", json!("https:///messages"), "send.url"),
        ("url", json!("https://:443/"), "send.url"),
        ("url", json!("https://me:pass@shop.example/"), "send.url"),
        ("url", json!("https://shop.example/ x"), "send.url"),
        ("url", json!("https://shop.example/#x"), "send.url"),
        ("url", json!("https://shop.example\\@evil.example/"), "send.url"),
        ("body", Value::Null, "send.body"),
        ("body", json!({ "text": "{{text}}" }), "send.body"),
        ("body", json!({ "to": "{{user}}" }), "send.body"),
        ("body", body("{{customer}}"), "send.body.say.more"),
        ("body", body("one of {{choices}}"), "send.body.say.more"),
        ("max_text_chars", json!(99), "send.max_text_chars"),
        ("max_text_chars", json!("many"), "send.max_text_chars"),
        ("method", json!("PUT"), "send.method"),
    ] {
        let (found, reason) = fault(&receive(), &changed(send(), name, value.clone()));
        assert_eq!(found, field, "{name} {value}");
        assert!(!reason.is_empty());
    }
    assert_eq!(check_settings(&keys(&receive(), &changed(send(), "body", body("{{ choices }}")))), []);
}

#[test]
fn keys_and_accounts_belong_together() {
    let of = |keys: &Value| {
        let faults = check_settings(&KeySet::from_json(&keys.to_string()).unwrap());
        faults.into_iter().map(|fault| fault.field).collect::<Vec<_>>()
    };
    let accounts = json!({ "accounts": { "shop": { "receive": receive(), "send": send() } } });
    assert_eq!(of(&json!({})), ["settings.accounts"]);
    assert_eq!(of(&json!({ "settings": accounts })), ["receive_secrets", "send_secrets"]);
    let (good, foreign) = (json!({ "kid": "shop", "secret": SECRET }), json!({ "kid": "shp", "secret": SECRET }));
    let short = json!({ "kid": "shop", "secret": "whsec_aHVudGVyMg==" });
    assert_eq!(
        of(&json!({ "receive_secrets": [good, foreign], "send_secrets": [short], "settings": accounts })),
        ["receive_secrets.1.kid", "send_secrets.0.secret"]
    );
    assert_eq!(of(&json!({ "settings": { "accounts": { "shop": {} } } })), ["settings.accounts.shop"]);
    assert_eq!(of(&json!({ "settings": { "accounts": { "shop": { "url": 1 } } } })), ["settings.accounts.shop.url"]);
    let shown = format!(
        "{:?}",
        check_settings(
            &KeySet::from_json(&json!({ "send_secrets": [short], "settings": accounts }).to_string()).unwrap()
        )
    );
    assert!(!shown.contains("aHVudGVyMg"));
}

#[test]
fn the_settings_of_the_guide_are_good() {
    let guide = include_str!("../SETUP.md");
    let block = guide.split("```json").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let mut stored: Value = serde_json::from_str(block).unwrap();
    for (purpose, secret) in [("receive_secrets", SECRET), ("send_secrets", SEND_SECRET)] {
        stored[purpose][0]["secret"] = json!(secret);
    }
    let keys = KeySet::from_json(&stored.to_string()).unwrap();
    assert_eq!(check_settings(&keys), []);
    let body = json!({ "messages": [{ "type": "message", "id": 1, "from": { "id": "u1" }, "text": "hello" }] });
    let body = body.to_string().into_bytes();
    assert_eq!(check(&body, URL, &signed(&body, SECRET, NOW), &keys).unwrap().1.events.len(), 1);
}

#[test]
fn the_guide_names_every_place() {
    let guide = include_str!("../SETUP.md");
    for place in Place::ALL {
        assert!(guide.contains(&format!("{{{{{}}}}}", place.name())), "{place:?}");
    }
}
