//! The door's check: a session token of ours in `Authorization: Bearer` (RFC 6750).

use domain::UnixMillis;

use super::session;
use crate::{KeySet, RawRequest, Verified, VerifyError};

pub(super) fn verify<'a>(
    request: &RawRequest<'a>,
    keys: &KeySet,
    now: UnixMillis,
) -> Result<Verified<'a>, VerifyError> {
    let session = session::open(bearer(request.header("authorization"))?, keys, now)?;
    Ok(Verified { body: request.body.into(), principal: session::principal(session), at: now })
}

/// The token of an `Authorization: Bearer` header's value; the scheme's case does not count.
///
/// # Errors
/// There is no header, or none of this scheme.
pub fn bearer(header: Option<&str>) -> Result<&str, VerifyError> {
    match header.and_then(|value| value.split_once(' ')) {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => Ok(token.trim()),
        _ => Err(VerifyError::Missing("send `Authorization: Bearer <token>`")),
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use domain::{Locale, VisitorId};
    use proptest::prelude::*;

    use super::*;
    use crate::web::session::{Session, issue};
    use crate::{Channel, Gate, web::Web};

    const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

    fn keys(list: &[(&str, &str)]) -> KeySet {
        let list: Vec<_> = list
            .iter()
            .map(|(kid, secret)| format!(r#"{{"kid":"{kid}","secret":"{}"}}"#, STANDARD.encode(secret)))
            .collect();
        KeySet::from_json(&format!(r#"{{"session_keys":[{}]}}"#, list.join(","))).unwrap()
    }

    fn token(keys: &KeySet, expires_at: UnixMillis) -> String {
        let visitor = VisitorId::derive(&[b"someone"]);
        issue(&Session { visitor, locale: Locale::from_tag("zh"), expires_at, identified: false }, keys, NOW).unwrap()
    }

    fn check(authorization: &str, keys: &KeySet, now: UnixMillis) -> Result<String, VerifyError> {
        let headers = [("authorization".to_owned(), authorization.to_owned())];
        let request = RawRequest { method: "POST", url: "https://x/v1/messages", headers: &headers, body: b"{}" };
        match Web.verify(&request, keys, now)? {
            Gate::Accept(verified) => Ok(verified.principal().user.clone()),
            Gate::Challenge(_) => panic!("the web has no challenge"),
        }
    }

    #[test]
    fn takes_its_own_token_and_no_other() {
        let ours = keys(&[("k1", "one")]);
        let good = format!("Bearer {}", token(&ours, NOW.plus_seconds(10)));
        assert!(check(&good, &ours, NOW).unwrap().starts_with("vis_"));
        assert!(check(&good.replace("Bearer", "bearer"), &ours, NOW).is_ok());
        assert_eq!(
            check(&good, &keys(&[("k1", "two")]), NOW),
            Err(VerifyError::Refused("the token's signature is not ours"))
        );
        assert_eq!(
            check(&good, &keys(&[("k2", "one")]), NOW),
            Err(VerifyError::Refused("the token's signature is not ours"))
        );
        assert_eq!(check(&good, &KeySet::default(), NOW), Err(VerifyError::NoKey("session_keys")));
        assert!(matches!(check("Basic abc", &ours, NOW), Err(VerifyError::Missing(_))));
        assert!(matches!(check("Bearer ", &ours, NOW), Err(VerifyError::Missing(_))));
    }

    #[test]
    fn expires_after_a_minute_of_grace() {
        let ours = keys(&[("k1", "one")]);
        let token = format!("Bearer {}", token(&ours, NOW));
        assert!(check(&token, &ours, NOW.plus_seconds(60)).is_ok());
        assert_eq!(check(&token, &ours, NOW.plus_seconds(61)), Err(VerifyError::Expired));
    }

    #[test]
    fn old_and_new_key_hold_together_until_the_old_one_goes() {
        let token = format!("Bearer {}", token(&keys(&[("k1", "one")]), NOW.plus_seconds(10)));
        assert!(check(&token, &keys(&[("k2", "two"), ("k1", "one")]), NOW).is_ok());
        assert!(check(&token, &keys(&[("k2", "two")]), NOW).is_err());
    }

    #[test]
    fn the_token_does_not_choose_its_algorithm() {
        let ours = keys(&[("k1", "one")]);
        let good = token(&ours, NOW.plus_seconds(10));
        let payload = good.split('.').nth(1).unwrap();
        let none = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(r#"{"alg":"none","kid":"k1"}"#);
        assert!(check(&format!("Bearer {none}.{payload}."), &ours, NOW).is_err());
    }

    proptest! {
        #[test]
        fn one_changed_character_is_refused(position in 0_usize..400, letter in "[A-Za-z0-9_-]") {
            let ours = keys(&[("k1", "one")]);
            let good = token(&ours, NOW.plus_seconds(10));
            let position = position % good.len();
            let mut bad = good.clone();
            bad.replace_range(position..=position, &letter);
            // The last letter of base 64 may carry bits that no byte holds; such a change is no change.
            prop_assume!(bad != good && position + 1 != good.len());
            let refused = check(&format!("Bearer {bad}"), &ours, NOW).is_err();
            prop_assert!(refused);
        }
    }
}
