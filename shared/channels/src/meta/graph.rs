//! Calls of the Graph API.

use domain::UnixMillis;
use serde_json::Value;

use super::verify::signature;
use super::{APP_SECRETS, app_id};
use crate::{HttpCall, KeySet, RenderError};

/// What is called where the setting `version` is not set.
const VERSION: &str = "v26.0";

/// Where a call's access token goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the query, with the proof that it is the app that calls.
    Query,
    /// In the header `authorization`.
    Bearer,
    /// In the header, with the proof in the query.
    BearerWithProof,
}

/// Whose token a call carries, and where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct As<'a> {
    /// The channel's keys.
    pub(crate) keys: &'a KeySet,
    /// The purpose of the accounts' tokens.
    pub(crate) tokens: &'static str,
    /// The account.
    pub(crate) account: &'a str,
    /// Where the token goes.
    pub(crate) place: Place,
    /// Now.
    pub(crate) now: UnixMillis,
}

impl As<'_> {
    /// A call of what the path names below the version: a POST where there is a body, else a GET.
    ///
    /// # Errors
    /// A key that is not set, or a version that is none.
    pub(crate) fn call(
        &self,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<HttpCall, RenderError> {
        let version = self.keys.text("version").unwrap_or(VERSION);
        if !is_version(version) {
            return Err(RenderError("the setting `version` is not like `v26.0`".to_owned()));
        }
        let token = self.keys.of(self.tokens, self.account).filter(|key| !key.secret.is_empty());
        let token = token.ok_or_else(|| RenderError(format!("no `{}` for this account", self.tokens)))?;
        let mut fields: Vec<(&str, &str)> = query.to_vec();
        if self.place == Place::Query {
            fields.push(("access_token", &token.secret));
        }
        let proof = if self.place == Place::Bearer { None } else { Some(self.proof(&token.secret)?) };
        fields.extend(proof.as_ref().map(|proof| ("appsecret_proof", proof.as_str())));
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let target = format!("/{version}/{path}{}{query}", if query.is_empty() { "" } else { "?" });
        let call = body.map_or_else(|| HttpCall::get(target.clone()), |body| HttpCall::json(target.clone(), body));
        Ok(match self.place {
            Place::Query => call,
            Place::Bearer | Place::BearerWithProof => {
                call.with_header("authorization", format!("Bearer {}", token.secret))
            }
        })
    }

    /// The app's id.
    ///
    /// # Errors
    /// It is not set.
    pub(crate) fn app(&self) -> Result<String, RenderError> {
        app_id(self.keys).ok_or_else(|| RenderError("the setting `app_id` is not set".to_owned()))
    }

    /// What shows that the token is used by the app whose it is.
    fn proof(&self, token: &str) -> Result<String, RenderError> {
        let secret = self.keys.signing(APP_SECRETS, self.now).filter(|key| !key.secret.is_empty());
        let secret = secret.ok_or_else(|| RenderError(format!("no `{APP_SECRETS}`")))?;
        Ok(signature(&secret.secret, token.as_bytes()))
    }
}

fn is_version(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix('v')
        .and_then(|rest| rest.split_once('.'))
        .is_some_and(|(major, minor)| digits(major) && digits(minor))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target(place: Place, settings: &Value, body: Option<&Value>) -> Result<HttpCall, RenderError> {
        let keys = json!({
            "app_secrets": [
                { "kid": "next", "from": 100, "secret": "next" },
                { "kid": "k", "secret": "0123456789abcdef0123456789abcdef" },
            ],
            "tokens": [{ "kid": "1", "secret": "EAA&T" }, { "kid": "2", "secret": "PAGETOKEN" }],
            "settings": settings,
        });
        let keys = KeySet::from_json(&keys.to_string()).unwrap();
        As { keys: &keys, tokens: "tokens", account: "2", place, now: UnixMillis(0) }.call(
            "me/x",
            &[("a", "b c")],
            body,
        )
    }

    #[test]
    fn the_token_and_the_proof_go_where_they_belong() {
        const PROOF: &str = "appsecret_proof=119928f7a8d4b1123a2945e797eddbb5af329d27467da2a0819bad143d097737";
        let query = target(Place::Query, &json!({}), Some(&json!({}))).unwrap();
        assert_eq!(query.target, format!("/v26.0/me/x?a=b+c&access_token=PAGETOKEN&{PROOF}"));
        assert_eq!((query.method, query.headers.len()), ("POST", 1));
        let bearer = target(Place::Bearer, &json!({ "version": "v27.1" }), None).unwrap();
        assert_eq!((bearer.method, bearer.target.as_str()), ("GET", "/v27.1/me/x?a=b+c"));
        assert_eq!(bearer.headers, [("authorization", "Bearer PAGETOKEN".to_owned())]);
        let both = target(Place::BearerWithProof, &json!({}), None).unwrap();
        assert_eq!(both.target, format!("/v26.0/me/x?a=b+c&{PROOF}"));
    }

    #[test]
    fn what_is_missing_is_named() {
        for version in ["26.0", "v26", "v.", "v26.0/../x", ""] {
            let error = target(Place::Bearer, &json!({ "version": version }), None).unwrap_err();
            assert!(error.0.contains("version"), "{version}");
        }
        let keys = KeySet::from_json(r#"{"tokens":[{"kid":"1","secret":"t"}]}"#).unwrap();
        let by = |account, place| As { keys: &keys, tokens: "tokens", account, place, now: UnixMillis(0) };
        assert!(by("2", Place::Bearer).call("x", &[], None).unwrap_err().0.contains("tokens"));
        assert!(by("1", Place::Query).call("x", &[], None).unwrap_err().0.contains(APP_SECRETS));
        assert!(by("1", Place::Bearer).call("x", &[], None).is_ok());
        assert!(by("1", Place::Bearer).app().is_err());
    }
}
