//! Customers' files: the media's id tells an address, which holds for five minutes and wants the token too. Source: Cloud
//! API, "Media".

use domain::{Delivery, Rejection};
use serde::Deserialize;
use serde_json::Value;

use super::ACCESS_TOKENS;
use crate::fetch::{gone, refused};
use crate::meta::{As, Place, classify};
use crate::{FetchWith, Fetched, Fetching, FileReply, HttpCall, KeySet, RenderError, Step};

/// How the Cloud API's files are got.
pub(super) struct Files;

#[derive(Deserialize)]
struct Answer {
    url: String,
}

impl Fetching for Files {
    fn scheme(&self) -> &'static str {
        "whatsapp-media"
    }

    fn call(&self, file: &str, with: &FetchWith<'_>) -> Result<HttpCall, RenderError> {
        let file: String = form_urlencoded::byte_serialize(file.as_bytes()).collect();
        number(with).call(&file, &[("phone_number_id", with.account)], None)
    }

    fn answer(&self, reply: &FileReply, with: &FetchWith<'_>) -> Result<Fetched, Delivery> {
        if !reply.is_json() {
            return reply.file();
        }
        let words = reply.in_words();
        if reply.is_good()
            && let Ok(Answer { url }) = serde_json::from_str(&words.body)
        {
            let token = with.keys.of(ACCESS_TOKENS, with.account);
            let token = token.ok_or_else(|| Delivery::rejected(Rejection::Misconfigured, "the token is not set"))?;
            let call = HttpCall::get(url).with_header("authorization", format!("Bearer {}", token.secret));
            return Ok(Fetched::Elsewhere(Step::Address(call)));
        }
        Err(match refused(classify(&words)) {
            // About the id: there is no such file any more.
            Delivery::Rejected { refusal: Rejection::Content | Rejection::Blocked, .. } => gone(),
            other @ (Delivery::Sent
            | Delivery::Absent
            | Delivery::Retry { .. }
            | Delivery::RefreshToken
            | Delivery::Rejected { .. }) => other,
        })
    }
}

/// The number, with its token.
fn number<'a>(with: &FetchWith<'a>) -> As<'a> {
    As { keys: with.keys, tokens: ACCESS_TOKENS, account: with.account, place: place(with.keys), now: with.now }
}

/// Where the token goes in calls of the Graph API.
pub(super) fn place(keys: &KeySet) -> Place {
    let proven = keys.setting("appsecret_proof") == Some(&Value::Bool(true));
    if proven { Place::BearerWithProof } else { Place::Bearer }
}

#[cfg(test)]
mod tests {
    use domain::UnixMillis;

    use super::*;

    #[test]
    fn an_address_is_asked_for_and_called_with_the_token() {
        let keys = KeySet::from_json(r#"{"access_tokens":[{"kid":"10","secret":"T"}]}"#).unwrap();
        let with = FetchWith { account: "10", keys: &keys, now: UnixMillis(0) };
        let call = Files.call("77", &with).unwrap();
        assert_eq!(call.target, "/v26.0/77?phone_number_id=10");
        let bearer = [("authorization", "Bearer T".to_owned())];
        assert_eq!(call.headers, bearer);
        let answer = |status, mime: &str, body: &str| {
            let body = body.as_bytes().to_vec();
            Files.answer(&FileReply { status, mime: mime.to_owned(), body, ..FileReply::default() }, &with)
        };
        let found =
            answer(200, "application/json", r#"{"url":"https://lookaside.example/1","mime_type":"image/jpeg"}"#);
        let Ok(Fetched::Elsewhere(Step::Address(call))) = found else { panic!("{found:?}") };
        assert_eq!((call.target.as_str(), &call.headers[..]), ("https://lookaside.example/1", &bearer[..]));
        assert_eq!(answer(200, "image/jpeg", "bytes"), Ok(Fetched::File));
        assert_eq!(answer(404, "text/plain", ""), Err(gone()));
        let error = |code: u32| {
            answer(400, "application/json", &format!(r#"{{"error":{{"message":"x","type":"x","code":{code}}}}}"#))
        };
        assert_eq!(error(100), Err(gone()));
        assert!(matches!(error(190), Err(Delivery::Rejected { .. } | Delivery::RefreshToken)));
        assert!(matches!(error(2), Err(Delivery::Retry { .. })));
        assert!(answer(200, "application/json", "{}").is_err(), "no address");
    }
}
