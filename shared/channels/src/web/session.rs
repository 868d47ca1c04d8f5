//! Visitors' session tokens.

use domain::{ChannelId, Identity, Locale, UnixMillis, VisitorId};
use serde::{Deserialize, Serialize};

use super::token::{self, Claims};
use crate::{KeySet, Principal, VerifyError};

/// The account that visitors of this stack's site speak to.
pub const ACCOUNT: &str = "default";
/// The key list that session tokens are signed with.
pub const SESSION_KEYS: &str = "session_keys";

const ISSUER: &str = "frontdesk";
const AUDIENCE: &str = "frontdesk-visitor";

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

/// The visitor as the pipeline knows them.
pub fn identity(visitor: &VisitorId) -> Identity {
    Identity { channel: ChannelId::Web, account: ACCOUNT.to_owned(), user: visitor.as_str().to_owned() }
}

pub(crate) fn principal(session: Session) -> Principal {
    let (account, user) = (ACCOUNT.to_owned(), session.visitor.into());
    Principal { account, user, locale: session.locale, ..Principal::default() }
}
