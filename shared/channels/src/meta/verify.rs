//! Meta signs the body's raw bytes with the app's secret, and checks the address with a token of ours.

use domain::UnixMillis;
use form_urlencoded::Serializer;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

use super::{APP_SECRETS, VERIFY_TOKENS, app_id};
use crate::compare::same;
use crate::{Challenge, Gate, Key, KeySet, Principal, RawRequest, UrlCheck, Verified, VerifyError};

const HEADER: &str = "x-hub-signature-256";

/// Lets in what the app has signed, for the accounts of which there are tokens under `tokens`.
pub(crate) fn verify<'a>(
    request: &RawRequest<'a>,
    keys: &KeySet,
    now: UnixMillis,
    tokens: &'static str,
) -> Result<Gate<'a>, VerifyError> {
    if request.method == "GET" {
        return challenge(request, keys).map(Gate::Challenge);
    }
    let secrets = held(keys, APP_SECRETS)?;
    let accounts = held(keys, tokens)?;
    let sent = request.header(HEADER).ok_or(VerifyError::Missing("the header x-hub-signature-256"))?;
    let sent = sent.strip_prefix("sha256=").ok_or(VerifyError::Refused("the signature is not of SHA-256"))?;
    // Every secret is tried, so that the time does not tell which one it was.
    let fits = |key: &&&Key| same(sent.as_bytes(), signature(&key.secret, request.body).as_bytes());
    if secrets.iter().filter(fits).count() == 0 {
        return Err(VerifyError::Refused("the signature is not the app's"));
    }
    let accounts = accounts.into_iter().map(|key| key.kid.clone()).collect();
    let principal = Principal { accounts, app: app_id(keys), ..Principal::default() };
    Ok(Gate::Accept(Verified { body: request.body.into(), principal, at: now }))
}

/// The keys of a purpose. An empty one would let everybody sign.
fn held<'k>(keys: &'k KeySet, purpose: &'static str) -> Result<Vec<&'k Key>, VerifyError> {
    let held: Vec<&Key> = keys.get(purpose).iter().filter(|key| !key.secret.is_empty()).collect();
    if held.is_empty() { Err(VerifyError::NoKey(purpose)) } else { Ok(held) }
}

fn challenge(request: &RawRequest<'_>, keys: &KeySet) -> Result<Challenge, VerifyError> {
    let tokens = held(keys, VERIFY_TOKENS)?;
    if request.query("hub.mode").as_deref() != Some("subscribe") {
        return Err(VerifyError::Missing("hub.mode=subscribe"));
    }
    let sent = request.query("hub.verify_token").ok_or(VerifyError::Missing("hub.verify_token"))?;
    if tokens.iter().filter(|key| same(sent.as_bytes(), key.secret.as_bytes())).count() == 0 {
        return Err(VerifyError::Refused("the verify token is not ours"));
    }
    let body = request.query("hub.challenge").ok_or(VerifyError::Missing("hub.challenge"))?;
    Ok(Challenge { body })
}

/// The check of a webhook's address, as Meta makes it.
pub(crate) fn url_check(keys: &KeySet, random: [u8; 16]) -> Option<UrlCheck> {
    let token = keys.get(VERIFY_TOKENS).first()?;
    let expects = u128::from_be_bytes(random).to_string();
    let pairs = [("hub.mode", "subscribe"), ("hub.verify_token", &token.secret), ("hub.challenge", &expects)];
    Some(UrlCheck { query: Serializer::new(String::new()).extend_pairs(pairs).finish(), expects })
}

/// HMAC-SHA256 in lower-case hexadecimal digits.
pub(super) fn signature(secret: &str, text: &[u8]) -> String {
    // A key of any length is taken.
    Hmac::<Sha256>::new_from_slice(secret.as_bytes())
        .map(|mac| hex::encode(mac.chain_update(text).finalize().into_bytes()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    /// As Meta sends it: what is not ASCII is escaped.
    const BODY: &str = r#"{"object":"page","entry":[{"id":"102938475610293","time":1767225600123,"messaging":[{"sender":{"id":"7392015648120394"},"recipient":{"id":"102938475610293"},"timestamp":1767225600001,"message":{"mid":"m_test-mid-0001","text":"\u4f60\u597d\uff0c\u6211\u7684\u8ba2\u5355"}}]}]}"#;
    const SIGNATURE: &str = "sha256=f6b1ab7602f4209487a2c8e89fb48c2c42b99fe6ec90a2e9b443ee34c53120e7";

    fn keys(secrets: &[&str]) -> KeySet {
        let secrets: Vec<_> =
            secrets.iter().map(|secret| serde_json::json!({ "kid": "k", "secret": secret })).collect();
        let text = serde_json::json!({
            "app_secrets": secrets,
            "verify_tokens": [{ "kid": "new", "secret": "second" }, { "kid": "old", "secret": "first" }],
            "tokens": [{ "kid": "102938475610293", "secret": "EAAT" }],
            "settings": { "app_id": 42 },
        });
        KeySet::from_json(&text.to_string()).unwrap()
    }

    fn check(keys: &KeySet, method: &str, url: &str, header: Option<&str>, body: &str) -> Result<String, VerifyError> {
        let headers: Vec<_> = header.map(|value| (HEADER.to_owned(), value.to_owned())).into_iter().collect();
        let request = RawRequest { method, url, headers: &headers, body: body.as_bytes() };
        verify(&request, keys, UnixMillis(7), "tokens").map(|gate| match gate {
            Gate::Challenge(challenge) => challenge.body,
            Gate::Accept(verified) => {
                assert_eq!((verified.at, verified.body.as_ref()), (UnixMillis(7), body.as_bytes()));
                format!("{:?} {:?}", verified.principal.accounts, verified.principal.app)
            }
        })
    }

    #[test]
    fn the_raw_bytes_are_signed_with_any_of_the_secrets() {
        let post = |secrets: &[&str], header, body| check(&keys(secrets), "POST", "https://a.example", header, body);
        let accounts = Ok(r#"["102938475610293"] Some("42")"#.to_owned());
        assert_eq!(post(&[SECRET], Some(SIGNATURE), BODY), accounts);
        assert_eq!(post(&["new", SECRET], Some(SIGNATURE), BODY), accounts);
        assert_eq!(post(&[SECRET, "new"], Some(SIGNATURE), BODY), accounts);
        let serialised_again = BODY.replace(r"\u4f60\u597d\uff0c\u6211\u7684\u8ba2\u5355", "你好，我的订单");
        let refused = Err(VerifyError::Refused("the signature is not the app's"));
        assert_eq!(post(&[SECRET], Some(SIGNATURE), &serialised_again), refused);
        assert_eq!(post(&["new"], Some(SIGNATURE), BODY), refused);
        let upper_case = SIGNATURE.to_uppercase().replace("SHA", "sha");
        assert_eq!(post(&[SECRET], Some(upper_case.as_str()), BODY), refused);
        assert_eq!(post(&[SECRET], Some("sha256="), BODY), refused);
        let sha1 = Some("sha1=d09887e77f6e5eaca79fadbc12f95a81842bee5b");
        assert_eq!(post(&[SECRET], sha1, BODY), Err(VerifyError::Refused("the signature is not of SHA-256")));
        assert!(matches!(post(&[SECRET], None, BODY), Err(VerifyError::Missing(_))));
        assert_eq!(post(&[], Some(SIGNATURE), BODY), Err(VerifyError::NoKey(APP_SECRETS)));
        let by_nobody = format!("sha256={}", signature("", BODY.as_bytes()));
        assert_eq!(post(&[""], Some(&by_nobody), BODY), Err(VerifyError::NoKey(APP_SECRETS)));
    }

    #[test]
    fn without_an_account_nothing_can_be_for_us() {
        let keys = KeySet::from_json(r#"{"app_secrets":[{"kid":"k","secret":"s"}]}"#).unwrap();
        let header = format!("sha256={}", signature("s", b"{}"));
        assert_eq!(check(&keys, "POST", "", Some(&header), "{}"), Err(VerifyError::NoKey("tokens")));
    }

    #[test]
    fn the_address_is_checked_with_any_of_the_tokens() {
        let get = |query: &str| check(&keys(&[SECRET]), "GET", &format!("https://a.example/x?{query}"), None, "");
        for token in ["first", "second"] {
            let query = format!("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={token}");
            assert_eq!(get(&query), Ok("1158201444".to_owned()));
        }
        let refused = Err(VerifyError::Refused("the verify token is not ours"));
        assert_eq!(get("hub.mode=subscribe&hub.challenge=1&hub.verify_token=third"), refused);
        assert_eq!(get("hub.mode=subscribe&hub.challenge=1&hub.verify_token="), refused);
        for query in [
            "",
            "hub.mode=subscribe&hub.challenge=1",
            "hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=first",
            "hub.mode=subscribe&hub.verify_token=first",
        ] {
            assert!(matches!(get(query), Err(VerifyError::Missing(_))), "{query}");
        }
        let none = check(&KeySet::default(), "GET", "https://a.example?hub.mode=subscribe", None, "");
        assert_eq!(none, Err(VerifyError::NoKey(VERIFY_TOKENS)));
    }

    #[test]
    fn proofs_are_as_the_vendors_sdk_makes_them() {
        for (token, proof) in [
            ("EAATESTTOKEN", "99cbac345910084e738e780a0d5a02f2421ea86e53d6f64eff41e367a76944c6"),
            ("PAGETOKEN", "119928f7a8d4b1123a2945e797eddbb5af329d27467da2a0819bad143d097737"),
        ] {
            assert_eq!(signature(SECRET, token.as_bytes()), proof);
        }
    }
}
