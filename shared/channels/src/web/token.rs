//! JSON Web Tokens with the algorithm fixed by the key, never by the token, and time as a value (RFC 7519, RFC 8725).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::UnixMillis;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::{Key, VerifyError};

/// Clock difference that is forgiven, seconds.
const LEEWAY: i64 = 60;
/// Longest token that is looked at, bytes.
const MAX_TOKEN: usize = 4096;

/// The instants and addressees that every token here must state.
pub(crate) trait Claims: DeserializeOwned {
    /// Expiry, seconds since the epoch.
    fn expires(&self) -> i64;
    /// Not valid before, seconds since the epoch.
    fn valid_from(&self) -> Option<i64>;
    /// Who issued it, if it must be said.
    fn issuer_is(&self, wanted: &str) -> bool;
    /// Whether it is meant for this reader.
    fn audience_is(&self, wanted: &str) -> bool;
}

/// Signs claims with HS256 under the key's `kid`.
pub(crate) fn sign<C: Serialize>(claims: &C, key: &Key) -> Option<String> {
    let secret = STANDARD.decode(&key.secret).ok()?;
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(key.kid.clone());
    encode(&header, claims, &EncodingKey::from_secret(&secret)).ok()
}

/// Checks a token against the keys and returns its claims.
pub(crate) fn open<C: Claims>(
    token: &str,
    keys: &[Key],
    issuer: &str,
    audience: &str,
    now: UnixMillis,
) -> Result<C, VerifyError> {
    if token.len() > MAX_TOKEN {
        return Err(VerifyError::Refused("the token is too long"));
    }
    let kid = decode_header(token).map_err(|_| VerifyError::Refused("not a token"))?.kid;
    let mut candidates = keys.iter().filter(|key| kid.as_ref().is_none_or(|kid| *kid == key.kid));
    let claims: C = candidates
        .find_map(|key| checked(token, key))
        .ok_or(VerifyError::Refused("the token's signature is not ours"))?;
    if !claims.issuer_is(issuer) || !claims.audience_is(audience) {
        return Err(VerifyError::Refused("the token is meant for another service"));
    }
    let seconds = now.seconds();
    if claims.expires() < seconds.saturating_sub(LEEWAY) {
        return Err(VerifyError::Expired);
    }
    if claims.valid_from().is_some_and(|from| from > seconds.saturating_add(LEEWAY)) {
        return Err(VerifyError::Refused("the token is not valid yet"));
    }
    Ok(claims)
}

fn checked<C: DeserializeOwned>(token: &str, key: &Key) -> Option<C> {
    let (algorithm, decoding) = match key.alg.as_deref() {
        None | Some("HS256") => (Algorithm::HS256, DecodingKey::from_secret(&STANDARD.decode(&key.secret).ok()?)),
        Some("ES256") => (Algorithm::ES256, DecodingKey::from_ec_pem(key.secret.as_bytes()).ok()?),
        Some(_) => return None,
    };
    let mut validation = Validation::new(algorithm);
    // Expiry and audience are checked by the caller, against the time it was handed.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    decode::<C>(token, &decoding, &validation).ok().map(|data| data.claims)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Plain {
        exp: i64,
    }

    impl Claims for Plain {
        fn expires(&self) -> i64 {
            self.exp
        }
        fn valid_from(&self) -> Option<i64> {
            None
        }
        fn issuer_is(&self, _wanted: &str) -> bool {
            true
        }
        fn audience_is(&self, _wanted: &str) -> bool {
            true
        }
    }

    // The key pair of RFC 7515, appendix A.3, in PEM, and a token that another implementation signed with it.
    const PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEf83OJ3D2xF1Bg8vub9tLe1gHMzV7\n6e8Tus9uPHvRVEXH8UTNG72bfocs3+257rn0s2ldbqkLJK2KRiMohYjlrQ==\n-----END PUBLIC KEY-----\n";
    const TOKEN: &str = "eyJhbGciOiAiRVMyNTYiLCAia2lkIjogImUxIiwgInR5cCI6ICJKV1QifQ.eyJleHAiOiAxOTAwMDAwMDAwfQ.xPCDjqoCUCPApYchmX-ACy2oYRbX5aa5lIS7yQV5TTG_hgqnQZLRBiikQVFn1sI-pFdfYrEUdzHCwSXKZB7R4Q";

    fn check(token: &str, alg: &str, secret: &str) -> Result<Plain, VerifyError> {
        let key = Key { kid: "e1".into(), alg: Some(alg.into()), from: None, secret: secret.into() };
        open(token, &[key], "", "", UnixMillis::from_seconds(1_800_000_000))
    }

    #[test]
    fn a_token_signed_with_the_companys_private_key_is_taken() {
        assert_eq!(check(TOKEN, "ES256", PUBLIC), Ok(Plain { exp: 1_900_000_000 }));
    }

    #[test]
    fn another_key_algorithm_or_a_broken_key_refuses() {
        let refused = Err(VerifyError::Refused("the token's signature is not ours"));
        let broken: String = PUBLIC.replace("MFkw", "MFkx");
        let truncated: String = PUBLIC.chars().take(80).collect();
        for (alg, secret) in [
            ("HS256", PUBLIC),
            ("ES384", PUBLIC),
            ("none", PUBLIC),
            ("ES256", &broken),
            ("ES256", &truncated),
            ("ES256", ""),
        ] {
            assert_eq!(check(TOKEN, alg, secret), refused, "{alg} {secret}");
        }
        let forged = sign(
            &Plain { exp: 1_900_000_000 },
            &Key { kid: "e1".into(), alg: None, from: None, secret: STANDARD.encode(PUBLIC) },
        );
        assert_eq!(check(&forged.unwrap(), "ES256", PUBLIC), refused, "the public key is no HMAC secret");
    }
}
