//! Visitors' session tokens, and the proof of who they are that the company's own site may give.

use domain::{ChannelId, CustomerId, Identity, Locale, UnixMillis, VisitorId};
use serde::{Deserialize, Serialize};

use super::token::{self, Claims};
use crate::{KeySet, Principal, VerifyError};

/// The account that visitors of this stack's site speak to.
pub const ACCOUNT: &str = "default";
/// The key list that session tokens are signed with.
pub const SESSION_KEYS: &str = "session_keys";
/// The key list that the company's site signs identities with: `HS256` secrets or `ES256` public keys.
pub const IDENTITY_KEYS: &str = "identity_keys";

const ISSUER: &str = "frontdesk";
const AUDIENCE: &str = "frontdesk-visitor";
/// What an identity token must name as its audience.
pub const IDENTITY_AUDIENCE: &str = "frontdesk";

/// A visitor's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The visitor.
    pub visitor: VisitorId,
    /// The language of their page.
    pub locale: Option<Locale>,
    /// When the token ends.
    pub expires_at: UnixMillis,
    /// Whether the company's site has said who the visitor is: such a session is renewed only with a fresh proof.
    pub identified: bool,
}

#[derive(Serialize, Deserialize)]
struct SessionClaims {
    iss: String,
    aud: String,
    sub: VisitorId,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    locale: Option<Locale>,
    #[serde(default)]
    identified: bool,
}

/// Who is signed in on the company's site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The visitor: the same customer is the same visitor on every device.
    pub visitor: VisitorId,
    /// The customer.
    pub customer: CustomerId,
}

/// What the company's site states about a signed-in customer.
#[derive(Deserialize)]
struct IdentityClaims {
    sub: String,
    aud: Audience,
    exp: i64,
    #[serde(default)]
    nbf: Option<i64>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Claims for SessionClaims {
    fn expires(&self) -> i64 {
        self.exp
    }
    fn valid_from(&self) -> Option<i64> {
        None
    }
    fn issuer_is(&self, wanted: &str) -> bool {
        self.iss == wanted
    }
    fn audience_is(&self, wanted: &str) -> bool {
        self.aud == wanted
    }
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

/// Signs a session with the key whose turn it is.
///
/// # Errors
/// [`VerifyError::NoKey`] when no session key is set or it is not base 64.
pub fn issue(session: &Session, keys: &KeySet, now: UnixMillis) -> Result<String, VerifyError> {
    let claims = SessionClaims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        sub: session.visitor.clone(),
        exp: session.expires_at.seconds(),
        locale: session.locale.clone(),
        identified: session.identified,
    };
    keys.signing(SESSION_KEYS, now).and_then(|key| token::sign(&claims, key)).ok_or(VerifyError::NoKey(SESSION_KEYS))
}

/// Reads a session token.
///
/// # Errors
/// Why it is refused.
pub fn open(token: &str, keys: &KeySet, now: UnixMillis) -> Result<Session, VerifyError> {
    let keys = match keys.get(SESSION_KEYS) {
        [] => return Err(VerifyError::NoKey(SESSION_KEYS)),
        keys => keys,
    };
    let claims: SessionClaims = token::open(token, keys, ISSUER, AUDIENCE, now)?;
    Ok(Session {
        visitor: claims.sub,
        locale: claims.locale,
        expires_at: UnixMillis::from_seconds(claims.exp),
        identified: claims.identified,
    })
}

/// Reads the token in which the company's site says who is signed in: claims `sub` (the customer's id there), `aud` =
/// `frontdesk`, `exp`. Nothing else in it, a name least of all, says who somebody is.
///
/// # Errors
/// Why it is refused.
pub fn signed_in(token: &str, keys: &KeySet, now: UnixMillis) -> Result<SignedIn, VerifyError> {
    let keys = match keys.get(IDENTITY_KEYS) {
        [] => return Err(VerifyError::NoKey(IDENTITY_KEYS)),
        keys => keys,
    };
    let claims: IdentityClaims = token::open(token, keys, "", IDENTITY_AUDIENCE, now)?;
    if claims.sub.is_empty() || claims.sub.len() > 256 {
        return Err(VerifyError::Refused("`sub` must have 1 to 256 bytes"));
    }
    let (account, sub) = (ACCOUNT.as_bytes(), claims.sub.as_bytes());
    Ok(SignedIn {
        visitor: VisitorId::derive(&[b"identity", account, sub]),
        customer: CustomerId::derive(&[b"customer", account, sub]),
    })
}

/// The visitor as the pipeline knows them.
pub fn identity(visitor: &VisitorId) -> Identity {
    Identity { channel: ChannelId::Web, account: ACCOUNT.to_owned(), user: visitor.as_str().to_owned() }
}

pub(crate) fn principal(session: Session) -> Principal {
    let (account, user) = (ACCOUNT.to_owned(), session.visitor.into());
    Principal { account, user, locale: session.locale, ..Principal::default() }
}
