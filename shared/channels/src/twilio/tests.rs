//! Known answers that twilio-python and twilio-node agree on, and Twilio's documentation sample.

use proptest::prelude::*;

use super::signature::{Algorithm, spellings};
use super::*;
use crate::{KeySet, RawRequest, VerifyError};

const TOKEN: &str = "12345678901234567890123456789012";
const ACCOUNT: &str = "AC00000000000000000000000000000001";
const URL: &str = "https://api.example.com/webhooks/twilio/sms?tenant=t1";
/// As it came: names in the provider's own order, a blank value, an emoji, signs that forms escape.
const SMS: &str = "ToCountry=US&MessageSid=SM00000000000000000000000000000001&SmsSid=SM00000000000000000000000000000001\
    &AccountSid=AC00000000000000000000000000000001&From=%2B14155550100&To=%2B14155550199\
    &Body=%E6%88%91%E7%9A%84%E8%AE%A2%E5%8D%95%E5%88%B0%E5%93%AA%E4%BA%86%3F+%F0%9F%98%80+a%2Bb%26c%3Dd\
    &NumMedia=0&NumSegments=1&SmsStatus=received&ApiVersion=2010-04-01&FromCity=";
const SHA256_SETTINGS: &str = "key=webhooks_sharedkey_test,algorithm=HMAC_SHA256";

fn keys() -> KeySet {
    let text = serde_json::json!({
        "twilio_auth_tokens": [
            { "kid": ACCOUNT, "secret": TOKEN },
            { "kid": ACCOUNT, "secret": "an older one" },
            { "kid": "AC2", "secret": "another account's" },
        ],
        "twilio_shared_keys": [{ "kid": "webhooks_sharedkey_test", "secret": TOKEN }],
    });
    KeySet::from_json(&text.to_string()).unwrap()
}

fn check(keys: &KeySet, url: &str, kind: &str, headers: &[(&str, &str)], body: &str) -> Result<String, VerifyError> {
    let kind = [("content-type", kind)];
    let headers = headers.iter().chain(&kind);
    let headers: Vec<_> = headers.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    verified(&RawRequest { method: "POST", url, headers: &headers, body: body.as_bytes() }, keys)
}

fn form(url: &str, headers: &[(&str, &str)], body: &str) -> Result<String, VerifyError> {
    check(&keys(), url, "application/x-www-form-urlencoded; charset=UTF-8", headers, body)
}

fn signed(signature: &str) -> [(&'static str, &str); 1] {
    [("x-twilio-signature", signature)]
}

#[test]
fn published_signatures_hold() {
    let with_port = URL.replace(".com/", ".com:443/");
    let voice = "CallSid=CA00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000001\
        &From=%2B8613800138000&To=%2B861012345678&CallStatus=in-progress&Direction=inbound&ApiVersion=2010-04-01\
        &SpeechResult=%E6%88%91%E8%A6%81%E9%80%80%E8%B4%A7&Confidence=0.9132&Language=zh-CN";
    let voice_url = "https://api.example.com/webhooks/twilio/voice";
    let repeated = "MediaUrl=https%3A%2F%2Fb&A=1&MediaUrl=https%3A%2F%2Fa&MediaUrl=https%3A%2F%2Fa";
    for (url, signature, body) in [
        (URL, "u8BM3CCsuCnbPvaaFsxmqdcv7GM=", SMS),
        (&with_port, "TLhf1Hw7xSNu+V3v3vAoVoOHTMU=", SMS),
        // What was signed with the port holds where the address has none, and the other way round.
        (URL, "TLhf1Hw7xSNu+V3v3vAoVoOHTMU=", SMS),
        (&with_port, "u8BM3CCsuCnbPvaaFsxmqdcv7GM=", SMS),
        (voice_url, "mCCTHZZ9YccDlIj0qoEbfqSu3S4=", voice),
        (voice_url, "JGR9couroNOkfGBBxMb5fsHMwpo=", repeated),
    ] {
        assert_eq!(form(url, &signed(signature), body), Ok(ACCOUNT.to_owned()), "{signature}");
        let altered = url.replace("api.", "apj.");
        assert!(form(&altered, &signed(signature), body).is_err(), "{signature}");
    }
    let documented = r#"{"twilio_auth_tokens":[{"kid":"AC1","secret":"12345"}]}"#;
    let body = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212";
    let keys = KeySet::from_json(documented).unwrap();
    let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
    let kind = "application/x-www-form-urlencoded";
    assert_eq!(check(&keys, url, kind, &signed("RSOYDt4T1cUTdK1PDd93/VVr8B8="), body), Ok("AC1".to_owned()));
}

#[test]
fn shared_keys_sign_with_sha_256_for_accounts_that_are_ours() {
    let signature = ("x-twilio-signature", "kRjTxjGzRRo+QlXJp8rki9LS5tK1I5UBSeJNGGk97tQ=");
    let with = |settings| form(URL, &[signature, ("x-twilio-webhooks-signature-settings", settings)], SMS);
    assert_eq!(with(SHA256_SETTINGS), Ok(ACCOUNT.to_owned()));
    assert_eq!(with("algorithm = hmac_sha256 , key = webhooks_sharedkey_test"), Ok(ACCOUNT.to_owned()));
    let not_ours = Err(VerifyError::Refused("the signature is not made with a key of ours"));
    for settings in ["key=another,algorithm=HMAC_SHA256", "algorithm=HMAC_SHA256", "key=webhooks_sharedkey_test", ""] {
        assert_eq!(with(settings), not_ours, "{settings}");
    }
    let unknown = Err(VerifyError::Refused("the signature's algorithm is not known"));
    assert_eq!(with("key=webhooks_sharedkey_test,algorithm=HMAC_SHA512"), unknown);

    let algorithm = Algorithm::SharedKey("webhooks_sharedkey_test".to_owned());
    let settings = ("x-twilio-webhooks-signature-settings", SHA256_SETTINGS);
    for (body, why) in [
        ("AccountSid=AC9&Body=a", "`AccountSid` is not the account whose key signed"),
        ("Body=a", "`AccountSid` is not there"),
    ] {
        let signature = algorithm.sign(TOKEN, URL, &Fields::of_form(body.as_bytes()));
        let found = form(URL, &[("x-twilio-signature", &signature), settings], body);
        assert_eq!(found, Err(VerifyError::Refused(why)));
    }
}

#[test]
fn a_json_body_is_the_one_whose_digest_the_address_names() {
    let url = "https://api.example.com/webhooks/twilio/json?bodySHA256=ca64cef987a12ce5fbc2eb8143b26e0f6d7f6675b4b28bd1b96c6ba2974b9f1f";
    let body = r#"{"MessageSid":"SM00000000000000000000000000000002","Body":"你好"}"#;
    let sent = signed("SV1zCv2VX+UcVk08Gk0aWZ/7xIk=");
    let json = |url: &str, body: &str| check(&keys(), url, "application/json", &sent, body);
    assert_eq!(json(url, body), Ok(ACCOUNT.to_owned()));
    let altered = Err(VerifyError::Refused("the body is not the one whose digest stands in the address"));
    assert_eq!(json(url, &body.replace('2', "3")), altered);
    let refused = Err(VerifyError::Refused("the signature is not made with a key of ours"));
    assert_eq!(json("https://api.example.com/webhooks/twilio/json", body), refused, "nothing covers the body");
    assert_eq!(form(url, &sent, body), refused, "a form is covered by its fields");
}

#[test]
fn whoever_has_one_accounts_token_speaks_for_that_account_alone() {
    let sign = |secret: &str, body: &str| Algorithm::Token.sign(secret, URL, &Fields::of_form(body.as_bytes()));
    let check = |secret: &str, body: &str| form(URL, &signed(&sign(secret, body)), body);
    assert_eq!(check("an older one", SMS), Ok(ACCOUNT.to_owned()));
    let foreign = Err(VerifyError::Refused("`AccountSid` is not the account whose key signed"));
    assert_eq!(check("another account's", SMS), foreign);
    assert_eq!(check("another account's", "AccountSid=AC2"), Ok("AC2".to_owned()));
    assert!(check("", SMS).is_err());
}

#[test]
fn without_a_key_a_signature_or_a_post_nobody_comes_in() {
    let sent = signed("u8BM3CCsuCnbPvaaFsxmqdcv7GM=");
    for empty in ["{}", r#"{"twilio_auth_tokens":[]}"#, r#"{"twilio_auth_tokens":[{"kid":"AC1","secret":""}]}"#] {
        let keys = KeySet::from_json(empty).unwrap();
        let found = check(&keys, URL, "application/x-www-form-urlencoded", &sent, SMS);
        assert_eq!(found, Err(VerifyError::NoKey(AUTH_TOKENS)), "{empty}");
    }
    assert_eq!(form(URL, &[], SMS), Err(VerifyError::Missing("the header x-twilio-signature")));
    for signature in ["", "u8BM3CCsuCnbPvaaFsxmqdcv7GM", "u8bm3CCsuCnbPvaaFsxmqdcv7GM="] {
        assert!(form(URL, &signed(signature), SMS).is_err(), "{signature:?}");
    }
    let request = RawRequest { method: "GET", url: URL, headers: &[], body: b"" };
    assert!(matches!(verified(&request, &keys()), Err(VerifyError::Refused(_))));
}

#[test]
fn ports_are_tried_with_and_without() {
    for (url, without, with) in [
        ("https://a.example/x?y=1", "https://a.example/x?y=1", "https://a.example:443/x?y=1"),
        ("http://a.example", "http://a.example", "http://a.example:80"),
        ("http://127.0.0.1:4566/x:y", "http://127.0.0.1/x:y", "http://127.0.0.1:4566/x:y"),
        ("https://[::1]/x", "https://[::1]/x", "https://[::1]:443/x"),
        ("https://[::1]:8443/x", "https://[::1]/x", "https://[::1]:8443/x"),
    ] {
        assert_eq!(spellings(url), [without, with], "{url}");
    }
}

#[test]
fn fields_are_read_from_forms_and_json() {
    let form = Fields::of(b"A=+1&B=&A=2");
    assert_eq!((form.get("A"), form.get("B"), form.filled("B"), form.get("C")), (Some(" 1"), Some(""), None, None));
    let json = Fields::of(br#" {"A":"1","N":2,"O":{"A":"x"},"L":[1]}"#);
    assert_eq!((json.get("A"), json.get("N"), json.get("O"), json.get("L")), (Some("1"), Some("2"), None, None));
    assert_eq!(Fields::of(b"{broken"), Fields::default());
}

proptest! {
    #[test]
    fn anything_at_all_is_refused_without_a_panic(url in "\\PC{0,60}", body in proptest::collection::vec(any::<u8>(), 0..200), signature in "[A-Za-z0-9+/=]{0,44}") {
        let headers = [("x-twilio-signature".to_owned(), signature)];
        let request = RawRequest { method: "POST", url: &url, headers: &headers, body: &body };
        prop_assert!(verified(&request, &keys()).is_err());
    }
}
