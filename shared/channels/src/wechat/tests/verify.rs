use super::*;
use crate::tencent::vectors;

fn vector_keys(account: &str, vector: &vectors::Vector, mode: &str) -> KeySet {
    set(&json!({
        "tokens": [{ "kid": account, "secret": vector.token }],
        "encoding_aes_keys": [{ "kid": account, "secret": vector.key }],
        "settings": { "accounts": { account: { "app_id": vector.receiver, "mode": mode } } },
    }))
}

#[test]
fn the_vendors_address_check_is_answered_with_its_own_words() {
    let keys = set(&json!({ "tokens": [{ "kid": ACCOUNT, "secret": "AAAAA" }] }));
    let url = "https://x/webhooks/wechat?signature=f464b24fc39322e44b38aa78f5edd27bd1441696&echostr=4375120948345356249\
               &timestamp=1714036504&nonce=1514711492";
    let now = UnixMillis::from_seconds(1_714_036_505);
    let request = Request { method: "GET", url: url.to_owned(), body: vec![] };
    let Gate::Challenge(answer) = request.verify(&keys, now).unwrap() else { panic!("an address check") };
    assert_eq!(answer.body, "4375120948345356249");
    let with = |from: &str, to: &str| Request { url: url.replace(from, to), ..request.clone() };
    for (request, error) in [
        (with("1696", "1697"), VerifyError::Refused("the signature is not ours")),
        (with("1714036504", "1714036505"), VerifyError::Refused("the signature is not ours")),
        (with("echostr", "echo"), VerifyError::Missing("`echostr`")),
        (with("signature", "sign"), VerifyError::Missing("the signature")),
        (with("nonce", "none"), VerifyError::Missing("`nonce`")),
    ] {
        assert_eq!(request.verify(&keys, now).unwrap_err(), error, "{}", request.url);
    }
    assert_eq!(request.verify(&keys, NOW).unwrap_err(), VerifyError::Expired);
    assert_eq!(request.verify(&KeySet::default(), now).unwrap_err(), VerifyError::NoKey("tokens"));
}

#[test]
fn the_vendors_plain_push_is_taken_where_plain_pushes_are() {
    let account = "gh_97417a04a28d";
    let mut vector = vectors::named("official push, JSON");
    vector.token = "AAAAA";
    let url = "https://x/webhooks/wechat?signature=899cf89e464efb63f54ddac96b0a0a235f53aa78&timestamp=1714037059&nonce=486452656&openid=o9";
    let request = Request { method: "POST", url: url.to_owned(), body: vector.text.into() };
    let now = UnixMillis::from_seconds(1_714_037_060);
    let Gate::Accept(verified) = request.verify(&vector_keys(account, &vector, "plain"), now).unwrap() else {
        panic!("a push")
    };
    assert_eq!(verified.principal().account, account);
    for mode in ["safe", "compatible"] {
        let error = request.verify(&vector_keys(account, &vector, mode), now).unwrap_err();
        assert_eq!(error, VerifyError::Refused("the account takes ciphered requests only"), "{mode}");
    }
}

#[test]
fn every_ciphered_push_that_is_published_opens() {
    for (name, account) in
        [("official push, JSON", "gh_97417a04a28d"), ("official push, XML", "gh_97417a04a28d"), ("own push", ACCOUNT)]
    {
        let vector = vectors::named(name);
        let url = format!(
            "https://x/webhooks/wechat?timestamp={}&nonce={}&encrypt_type=aes&msg_signature={}",
            vector.timestamp, vector.nonce, vector.signature
        );
        let xml = format!("<xml><ToUserName>{account}</ToUserName><Encrypt>{}</Encrypt></xml>", vector.sealed);
        let json = json!({ "ToUserName": account, "Encrypt": vector.sealed }).to_string();
        let now = UnixMillis::from_seconds(vector.timestamp.parse().unwrap());
        for body in [xml, json] {
            let request = Request { method: "POST", url: url.clone(), body: body.into() };
            let keys = vector_keys(account, &vector, "safe");
            let Gate::Accept(verified) = request.verify(&keys, now).unwrap() else { panic!("a push: {name}") };
            assert_eq!(verified.principal().account, account);
            assert_eq!(std::str::from_utf8(&verified.body).unwrap(), vector.text, "{name}");
        }
    }
}

#[test]
fn each_changed_letter_of_signature_and_ciphered_text_is_refused() {
    let keys = keys(&json!({}));
    let request = safe(&text("退款"), AES, APP);
    assert!(request.verify(&keys, NOW).is_ok());
    let body = String::from_utf8(request.body.clone()).unwrap();
    let start = body.find("<Encrypt><![CDATA[").unwrap() + "<Encrypt><![CDATA[".len();
    for at in start..body.rfind("]]></Encrypt>").unwrap() {
        let mut body = request.body.clone();
        body[at] = if body[at] == b'A' { b'B' } else { b'A' };
        let changed = Request { body, ..request.clone() };
        assert_eq!(changed.refused(&keys), VerifyError::Refused("the signature is not ours"), "{at}");
    }
    let start = request.url.find("msg_signature=").unwrap() + "msg_signature=".len();
    for at in start..request.url.len() {
        let mut url = request.url.clone().into_bytes();
        url[at] = if url[at] == b'0' { b'1' } else { b'0' };
        let changed = Request { url: String::from_utf8(url).unwrap(), ..request.clone() };
        assert_eq!(changed.refused(&keys), VerifyError::Refused("the signature is not ours"), "{at}");
    }
    // The address's own signature is good, and proves nothing.
    let without = Request { url: request.url.replace("msg_signature", "m"), ..request };
    assert_eq!(without.refused(&keys), VerifyError::Missing("the signature"));
}

#[test]
fn what_is_not_ciphered_is_refused_by_an_account_that_ciphers() {
    // Compatible mode sends both: somebody took the ciphered part away, and the marks of it.
    let forged = plain(&text("退款"));
    for mode in ["safe", "compatible"] {
        let error = forged.refused(&keys(&json!({ "mode": mode })));
        assert_eq!(error, VerifyError::Refused("the account takes ciphered requests only"), "{mode}");
    }
    assert_eq!(forged.accepted(&keys(&json!({ "mode": "plain" }))).principal().account, ACCOUNT);
    let bare = Request { url: safe("", AES, APP).url, ..forged };
    assert_eq!(bare.refused(&keys(&json!({}))), VerifyError::Missing("the ciphered text"));
}

#[test]
fn of_a_compatible_push_only_the_ciphered_part_counts() {
    let mut request = safe(&text("ciphered"), AES, APP);
    let body = String::from_utf8(request.body).unwrap();
    request.body = body.replace("</ToUserName>", "</ToUserName><Content>forged</Content>").into();
    let keys = keys(&json!({ "mode": "compatible" }));
    assert_eq!(request.accepted(&keys).body, text("ciphered").as_bytes());
}

#[test]
fn old_and_new_keys_hold_together() {
    let previous = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";
    let both = set(&json!({
        "tokens": [{ "kid": ACCOUNT, "secret": "new" }, { "kid": ACCOUNT, "secret": TOKEN }],
        "encoding_aes_keys": [{ "kid": ACCOUNT, "secret": AES }, { "kid": ACCOUNT, "secret": previous }],
        "settings": { "accounts": { ACCOUNT: { "app_id": APP } } },
    }));
    for key in [AES, previous] {
        assert_eq!(safe(&text("x"), key, APP).accepted(&both).principal().account, ACCOUNT);
    }
    let refused = safe(&text("x"), previous, APP).refused(&keys(&json!({})));
    assert_eq!(refused, VerifyError::Refused("the body was not ciphered for this account"));
}

#[test]
fn nothing_set_is_nothing_taken() {
    let request = safe(&text("x"), AES, APP);
    let without = |what: &str| {
        let mut all = serde_json::to_value(keys(&json!({}))).unwrap();
        all.as_object_mut().unwrap().remove(what);
        request.refused(&set(&all))
    };
    assert_eq!(without("tokens"), VerifyError::NoKey("tokens"));
    assert_eq!(without("encoding_aes_keys"), VerifyError::NoKey("encoding_aes_keys"));
    assert_eq!(without("settings"), VerifyError::NoKey("accounts"));
    let empty = set(&json!({ "tokens": [{ "kid": ACCOUNT, "secret": "" }] }));
    assert_eq!(request.refused(&empty), VerifyError::Refused("the signature is not ours"));
}

#[test]
fn a_message_is_only_taken_for_the_account_whose_keys_it_was_made_with() {
    let other = "gh_other";
    let two = |mode: &str| {
        set(&json!({
            // The same token in both: it is the cipher that tells.
            "tokens": [{ "kid": other, "secret": TOKEN }, { "kid": ACCOUNT, "secret": TOKEN }],
            "encoding_aes_keys": [{ "kid": other, "secret": AES }, { "kid": ACCOUNT, "secret": AES }],
            "settings": { "accounts": {
                other: { "app_id": "wxother", "mode": mode }, ACCOUNT: { "app_id": APP, "mode": mode },
            } },
        }))
    };
    let mine = safe(&text("x"), AES, APP);
    assert_eq!(mine.accepted(&two("safe")).principal().account, ACCOUNT);
    let named = |account: &str| Request { url: format!("{}&account={account}", mine.url), ..mine.clone() };
    assert_eq!(named(ACCOUNT).accepted(&two("safe")).principal().account, ACCOUNT);
    let error = VerifyError::Refused("the body was not ciphered for this account");
    assert_eq!(named(other).refused(&two("safe")), error);
    assert_eq!(named("gh_nobody").refused(&two("safe")), VerifyError::Refused("the signature is not ours"));

    let error = VerifyError::Refused("the message is for another account");
    let strayed = text("x").replace(ACCOUNT, other);
    assert_eq!(safe(&strayed, AES, APP).refused(&two("safe")), error);
    assert_eq!(plain(&strayed).accepted(&two("plain")).principal().account, other);
    assert_eq!(plain(&text("x").replace(ACCOUNT, "gh_nobody")).refused(&two("plain")), error);
    let named = Request { url: format!("{}&account={ACCOUNT}", plain("").url), ..plain(&strayed) };
    assert_eq!(named.refused(&two("plain")), error);
}

#[test]
fn what_was_overheard_is_of_no_use_later() {
    let (keys, request) = (keys(&json!({})), safe(&text("x"), AES, APP));
    for (apart, taken) in [(0, true), (600, true), (-600, true), (601, false), (-601, false)] {
        let result = request.verify(&keys, NOW.plus_seconds(apart));
        assert_eq!(result.is_ok(), taken, "{apart}");
        assert!(taken || matches!(result, Err(VerifyError::Expired)));
    }
}

#[test]
fn no_push_is_larger_than_a_megabyte() {
    let large = |bytes: usize| text(&"x".repeat(bytes - text("").len()));
    let keys = keys(&json!({ "mode": "plain" }));
    assert_eq!(plain(&large(1 << 20)).accepted(&keys).body.len(), 1 << 20);
    let error = plain(&large((1 << 20) + 1)).refused(&keys);
    assert_eq!(error, VerifyError::Refused("the body is larger than any push"));
}
