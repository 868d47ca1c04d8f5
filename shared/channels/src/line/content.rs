//! Customers' files: the content of a message, from the host that LINE has for it. Source: Messaging API reference, "Get
//! content".

use domain::{Delivery, Rejection};

use super::ACCESS_TOKENS;
use crate::fetch::gone;
use crate::{FetchWith, Fetched, Fetching, FileReply, HttpCall, RenderError};

/// Seconds until LINE is asked again for what it still prepares.
const PREPARING_SECONDS: u32 = 2;

/// How LINE's files are got.
pub(super) struct Contents;

impl Fetching for Contents {
    fn scheme(&self) -> &'static str {
        "line-content"
    }

    fn call(&self, file: &str, with: &FetchWith<'_>) -> Result<HttpCall, RenderError> {
        let token = with.keys.of(ACCESS_TOKENS, with.account);
        let token = token.ok_or_else(|| RenderError(format!("no `{ACCESS_TOKENS}` for this account")))?;
        let file: String = form_urlencoded::byte_serialize(file.as_bytes()).collect();
        let call = HttpCall::get(format!("https://api-data.line.me/v2/bot/message/{file}/content"));
        Ok(call.with_header("authorization", format!("Bearer {}", token.secret)))
    }

    fn answer(&self, reply: &FileReply, _with: &FetchWith<'_>) -> Result<Fetched, Delivery> {
        match reply.status {
            202 => Err(Delivery::Retry { after: reply.retry_after.or(Some(PREPARING_SECONDS)) }),
            // LINE's answer about messages that it cannot give the content of.
            400 => Err(gone()),
            401 | 403 => Err(Delivery::rejected(Rejection::Misconfigured, "the access token is not valid")),
            _ => reply.file(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::UnixMillis;

    use super::*;
    use crate::KeySet;

    #[test]
    fn the_content_is_asked_for_until_it_is_there_or_gone() {
        let keys = KeySet::from_json(r#"{"access_tokens":[{"kid":"U1","secret":"T"}]}"#).unwrap();
        let with = FetchWith { account: "U1", keys: &keys, now: UnixMillis(0) };
        let call = Contents.call("12", &with).unwrap();
        assert_eq!(call.target, "https://api-data.line.me/v2/bot/message/12/content");
        assert_eq!(call.headers, [("authorization", "Bearer T".to_owned())]);
        assert!(Contents.call("12", &FetchWith { account: "U2", ..with }).is_err());
        let answer = |status| Contents.answer(&FileReply { status, ..FileReply::default() }, &with);
        assert_eq!(answer(200), Ok(Fetched::File));
        assert_eq!(answer(202), Err(Delivery::Retry { after: Some(2) }));
        for status in [400, 401, 404, 410] {
            assert!(matches!(answer(status), Err(Delivery::Rejected { .. })), "{status}");
        }
        for status in [0, 429, 500] {
            assert!(matches!(answer(status), Err(Delivery::Retry { .. })), "{status}");
        }
    }
}
