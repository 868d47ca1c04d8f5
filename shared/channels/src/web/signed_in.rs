//! The proof of who a visitor is that the company's own site may give: a JWT with the claims of `OpenID` Connect Core
//! 1.0, section 5.1, as far as they say who somebody is.

use domain::{CustomerId, Handle, HandleError, UnixMillis, VisitorId};
use serde::Deserialize;
use serde_json::Value;

use super::session::ACCOUNT;
use super::token::{self, Claims};
use crate::{KeySet, VerifyError};

/// The key list that the company's site signs identities with: `HS256` secrets or `ES256` public keys.
pub const IDENTITY_KEYS: &str = "identity_keys";
/// What an identity token must name as its audience.
pub const IDENTITY_AUDIENCE: &str = "frontdesk";

/// Who somebody is, as the company's site says it: by an account, by addresses, or by both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// Their account; none: a guest.
    pub account: Option<Account>,
    /// The addresses that the company has verified to be theirs: the e-mail address, then the phone number.
    pub handles: Vec<Handle>,
}

/// An account at the company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The visitor: the same customer is the same visitor on every device.
    pub visitor: VisitorId,
    /// The customer.
    pub customer: CustomerId,
}

#[derive(Deserialize)]
struct IdentityClaims {
    #[serde(default)]
    sub: Option<String>,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
    // Any value, so that a fault in one is told by its name.
    #[serde(default)]
    email: Value,
    #[serde(default)]
    email_verified: Value,
    #[serde(default)]
    phone_number: Value,
    #[serde(default)]
    phone_number_verified: Value,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims for IdentityClaims {
    fn expires(&self) -> i64 {
        self.exp
    }
    fn valid_from(&self) -> Option<i64> {
        self.nbf
    }
    fn issuer_is(&self, _wanted: &str) -> bool {
        true
    }
    fn audience_is(&self, wanted: &str) -> bool {
        match &self.aud {
            Audience::One(one) => one == wanted,
            Audience::Many(many) => many.iter().any(|one| one == wanted),
        }
    }
}

/// Reads the token in which the company's site says who somebody is: `sub` (the customer's id there), `email` with
/// `email_verified`, `phone_number` with `phone_number_verified`, at least one of the three; `aud` = `frontdesk`, `exp`.
/// An address counts only if it is `true` that it was verified. Nothing else in it, a name least of all, says who
/// somebody is.
///
/// # Errors
/// Why it is refused; a claim at fault is named.
pub fn read(token: &str, keys: &KeySet, now: UnixMillis) -> Result<SignedIn, VerifyError> {
    let keys = match keys.get(IDENTITY_KEYS) {
        [] => return Err(VerifyError::NoKey(IDENTITY_KEYS)),
        keys => keys,
    };
    let claims: IdentityClaims = token::open(token, keys, "", IDENTITY_AUDIENCE, now)?;
    let account = claims.sub.as_deref().map(account).transpose()?;
    let email = verified(&claims.email, &claims.email_verified, Handle::email);
    let email = email.map_err(|()| VerifyError::Refused("`email` is verified and is no e-mail address"))?;
    let phone = verified(&claims.phone_number, &claims.phone_number_verified, Handle::phone);
    let phone = phone.map_err(|()| {
        VerifyError::Refused("`phone_number` is verified and is no phone number in E.164, such as +14155550100")
    })?;
    let handles: Vec<Handle> = email.into_iter().chain(phone).collect();
    if account.is_none() && handles.is_empty() {
        return Err(VerifyError::Refused("it needs `sub`, a verified `email` or a verified `phone_number`"));
    }
    Ok(SignedIn { account, handles })
}

fn account(sub: &str) -> Result<Account, VerifyError> {
    if sub.is_empty() || sub.len() > 256 {
        return Err(VerifyError::Refused("`sub` must have 1 to 256 bytes"));
    }
    let (account, sub) = (ACCOUNT.as_bytes(), sub.as_bytes());
    Ok(Account {
        visitor: VisitorId::derive(&[b"identity", account, sub]),
        customer: CustomerId::derive(&[b"customer", account, sub]),
    })
}

/// The address of a claim, if it is given and was verified.
fn verified(
    address: &Value,
    was_verified: &Value,
    read: fn(&str) -> Result<Handle, HandleError>,
) -> Result<Option<Handle>, ()> {
    if address.is_null() || *was_verified != Value::Bool(true) {
        return Ok(None);
    }
    address.as_str().and_then(|text| read(text).ok()).map(Some).ok_or(())
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use jsonwebtoken::{EncodingKey, Header, encode};
    use serde_json::json;

    use super::*;

    const SECRET: &[u8] = b"a secret of thirty-two bytes ...";

    fn said(mut claims: Value) -> Result<SignedIn, VerifyError> {
        claims["aud"] = json!("frontdesk");
        claims["exp"] = json!(1_900_000_000);
        let token = encode(&Header::default(), &claims, &EncodingKey::from_secret(SECRET)).unwrap();
        let keys = format!(r#"{{"identity_keys":[{{"kid":"i1","secret":"{}"}}]}}"#, STANDARD.encode(SECRET));
        read(&token, &KeySet::from_json(&keys).unwrap(), UnixMillis::from_seconds(1_800_000_000))
    }

    #[test]
    fn an_account_an_address_or_both_say_who_somebody_is() {
        let email = Handle::email("ann@example.com").unwrap();
        let phone = Handle::phone("+14155550100").unwrap();
        let both = json!({
            "sub": "7", "name": "Ann", "email": "Ann@Example.com ", "email_verified": true,
            "phone_number": "+1 (415) 555-0100", "phone_number_verified": true,
        });
        let known = said(both).unwrap();
        assert_eq!(known.handles, [email.clone(), phone.clone()]);
        assert_eq!(known.account, said(json!({ "sub": "7" })).unwrap().account);
        let guest = said(json!({ "phone_number": "+14155550100", "phone_number_verified": true })).unwrap();
        assert_eq!(guest, SignedIn { account: None, handles: vec![phone] });
        let guest = said(json!({ "sub": null, "email": "ann@example.com", "email_verified": true })).unwrap();
        assert_eq!(guest, SignedIn { account: None, handles: vec![email] });
    }

    #[test]
    fn only_what_is_verified_counts() {
        for was_verified in [json!(false), json!("true"), json!(1), Value::Null] {
            let claims = json!({ "sub": "7", "email": "nonsense", "email_verified": was_verified });
            assert_eq!(said(claims).unwrap().handles, [], "{was_verified}");
            let claims = json!({ "name": "Ann", "email": "ann@example.com", "email_verified": was_verified });
            assert!(said(claims).is_err(), "{was_verified}");
        }
        let crossed = json!({ "sub": "7", "email": "ann@example.com", "phone_number_verified": true });
        assert_eq!(said(crossed).unwrap().handles, []);
    }

    #[test]
    fn a_claim_at_fault_is_named_and_not_repeated() {
        for (claims, name) in [
            (json!({ "email": "zebra", "email_verified": true }), "`email`"),
            (json!({ "sub": "7", "email": 7, "email_verified": true }), "`email`"),
            (
                json!({ "sub": "7", "phone_number": "415 555 0100 zebra", "phone_number_verified": true }),
                "`phone_number`",
            ),
            (json!({ "sub": "" }), "`sub`"),
            (json!({ "name": "zebra" }), "`sub`, a verified `email`"),
        ] {
            let error = said(claims).unwrap_err().to_string();
            assert!(error.contains(name) && !error.contains("zebra"), "{error}");
        }
    }
}
