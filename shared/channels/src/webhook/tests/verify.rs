use proptest::prelude::*;

use super::*;

const BODY: &[u8] = br#"{"id":"m1","from":{"id":"u1"},"text":"hello"}"#;

fn check_with(headers: &[(String, String)]) -> Result<(String, Parsed), VerifyError> {
    check(BODY, URL, headers, &keys(&receive(), &send()))
}

fn with(name: &str, value: &str) -> Vec<(String, String)> {
    let mut headers = signed(BODY, SECRET, NOW);
    for header in headers.iter_mut().filter(|(key, _)| key == name) {
        value.clone_into(&mut header.1);
    }
    headers
}

fn is_refused(result: &Result<(String, Parsed), VerifyError>) -> bool {
    matches!(result, Err(VerifyError::Refused(_)))
}

#[test]
fn takes_what_the_account_s_secret_signed() {
    let (account, parsed) = check_with(&signed(BODY, SECRET, NOW)).unwrap();
    assert_eq!((account.as_str(), parsed.events.len()), ("shop", 1));
    assert_eq!(parsed.events[0].identity.account, "shop");
    assert!(is_refused(&check_with(&signed(BODY, SEND_SECRET, NOW))), "what we signed does not come back to us");
    for name in [sign::ID, sign::TIMESTAMP, sign::SIGNATURE] {
        let without: Vec<_> = signed(BODY, SECRET, NOW).into_iter().filter(|(key, _)| key != name).collect();
        assert!(matches!(check_with(&without), Err(VerifyError::Missing(_))), "{name}");
        assert!(matches!(check_with(&with(name, "")), Err(VerifyError::Missing(_))), "{name}");
    }
}

#[test]
fn any_of_several_signatures_counts_but_only_of_the_first_version() {
    let good = signed(BODY, SECRET, NOW)[2].1.clone();
    let other = good.replace("v1,", "v1a,");
    for (sent, taken) in [
        (format!("{other} {good}"), true),
        (format!("v1,AAAA {good} v2,x"), true),
        (other, false),
        (good.replace("v1,", ""), false),
        (good.replace("v1,", "v1, "), false),
        (format!("{good},{good}"), false),
        (good.trim_end_matches('=').to_owned(), false),
    ] {
        assert_eq!(check_with(&with(sign::SIGNATURE, &sent)).is_ok(), taken, "{sent}");
    }
}

#[test]
fn the_clocks_may_differ_by_five_minutes() {
    for (seconds, taken) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
        let result = check_with(&signed(BODY, SECRET, NOW.plus_seconds(seconds)));
        assert_eq!(result.is_ok(), taken, "{seconds}");
        assert!(taken || result.unwrap_err() == VerifyError::Expired);
    }
    assert!(is_refused(&check_with(&with(sign::TIMESTAMP, &(NOW.seconds() + 1).to_string()))), "the time is signed");
    assert!(is_refused(&check_with(&with(sign::ID, "msg_2"))), "so is the id");
    let key = Key { kid: String::new(), alg: None, from: None, secret: SECRET.to_owned() };
    let mut soon = with(sign::TIMESTAMP, "soon");
    soon[2].1 = sign::signature(&sign::secret(&key).unwrap(), "msg_1", "soon", BODY);
    assert!(is_refused(&check_with(&soon)));
}

#[test]
fn one_account_s_secret_does_not_speak_for_another() {
    let keys = keys(&receive(), &send());
    let at = |url| check(BODY, url, &signed(BODY, SECRET, NOW), &keys);
    assert!(is_refused(&at("https://x/webhooks/webhook?account=depot")));
    assert!(is_refused(&at("https://x/webhooks/webhook?account=nobody")));
    assert!(matches!(at("https://x/webhooks/webhook"), Err(VerifyError::Missing(_))));
    assert!(at("https://x/webhooks/webhook?a=b&account=shop").is_ok());
}

#[test]
fn without_secrets_or_mapping_nothing_is_taken() {
    let check = |keys: &Value| {
        check(BODY, URL, &signed(BODY, SECRET, NOW), &KeySet::from_json(&keys.to_string()).unwrap()).unwrap_err()
    };
    let secrets = json!([{ "kid": "shop", "secret": SECRET }]);
    assert_eq!(check(&json!({})), VerifyError::NoKey("receive_secrets"));
    let unusable =
        check(&json!({ "receive_secrets": [{ "kid": "shop", "secret": "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" }] }));
    assert!(matches!(unusable, VerifyError::Refused(_)));
    for settings in [
        json!({}),
        json!({ "accounts": { "shop": {} } }),
        json!({ "accounts": { "shop": { "receive": { "user": "u" } } } }),
        json!({ "accounts": { "depot": { "receive": receive() } } }),
    ] {
        let refused = check(&json!({ "receive_secrets": secrets, "settings": settings }));
        assert!(matches!(refused, VerifyError::NoKey(name) if name.contains("receive")), "{settings}");
    }
}

#[test]
fn old_and_new_secret_hold_together() {
    let settings = json!({ "accounts": { "shop": { "receive": receive() } } });
    let secrets = json!([{ "kid": "shop", "secret": SEND_SECRET }, { "kid": "shop", "secret": SECRET }]);
    let both = json!({ "receive_secrets": secrets, "settings": settings });
    let both = KeySet::from_json(&both.to_string()).unwrap();
    for secret in [SECRET, SEND_SECRET] {
        assert!(check(BODY, URL, &signed(BODY, secret, NOW), &both).is_ok());
    }
}

proptest! {
    #[test]
    fn one_changed_byte_is_refused(at in 0_usize..BODY.len(), bit in 0_u8..8) {
        let mut body = BODY.to_vec();
        body[at] ^= 1 << bit;
        prop_assert!(is_refused(&check(&body, URL, &signed(BODY, SECRET, NOW), &keys(&receive(), &send()))));
    }

    #[test]
    fn one_changed_letter_of_the_signature_is_refused(at in 0_usize..47, letter in "[A-Za-z0-9+/=]") {
        let good = signed(BODY, SECRET, NOW)[2].1.clone();
        let mut changed = good.clone();
        changed.replace_range(at..=at, &letter);
        prop_assume!(changed != good);
        prop_assert!(is_refused(&check_with(&with(sign::SIGNATURE, &changed))));
    }
}
