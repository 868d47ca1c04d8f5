//! Customers' files on both of Tencent's channels: `media/get`, for three days. Pictures, sounds and files are the answer
//! itself; everything else is JSON under status 200: the address of a film, or an error.

use domain::{Delivery, Rejection};
use serde::Deserialize;

use crate::fetch::{gone, refused};
use crate::{FetchWith, Fetched, Fetching, FileReply, HttpCall, RenderError, Step, TokenPlace, WireReply};

/// How a channel's files are got.
pub(crate) struct MediaGet {
    /// What references begin with.
    pub(crate) scheme: &'static str,
    /// What the channel's errors mean.
    pub(crate) classify: fn(&WireReply) -> Delivery,
}

#[derive(Default, Deserialize)]
struct Answer {
    #[serde(default)]
    errcode: i64,
    video_url: Option<String>,
}

/// A file that is not there, or not any more.
const INVALID_MEDIA_ID: i64 = 40007;

impl Fetching for MediaGet {
    fn scheme(&self) -> &'static str {
        self.scheme
    }

    fn call(&self, file: &str, _with: &FetchWith<'_>) -> Result<HttpCall, RenderError> {
        let file: String = form_urlencoded::byte_serialize(file.as_bytes()).collect();
        let call = HttpCall::get(format!("/cgi-bin/media/get?media_id={file}"));
        Ok(call.needing_token(TokenPlace::Query("access_token")))
    }

    fn answer(&self, reply: &FileReply, _with: &FetchWith<'_>) -> Result<Fetched, Delivery> {
        if reply.is_good() && !reply.is_json() {
            return Ok(Fetched::File);
        }
        let words = reply.in_words();
        let answer: Answer = serde_json::from_str(&words.body).unwrap_or_default();
        match (answer.video_url, answer.errcode) {
            (Some(url), _) if reply.is_good() => Ok(Fetched::Elsewhere(Step::Address(HttpCall::get(url)))),
            (_, INVALID_MEDIA_ID) => Err(gone()),
            _ => Err(match refused((self.classify)(&words)) {
                // The words are about messages that we send.
                Delivery::Rejected { refusal: refusal @ (Rejection::Content | Rejection::Blocked), .. } => {
                    Delivery::rejected(refusal, &format!("the provider refuses the file ({})", answer.errcode))
                }
                other @ (Delivery::Sent
                | Delivery::Absent
                | Delivery::Retry { .. }
                | Delivery::RefreshToken
                | Delivery::Rejected { .. }) => other,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{ChannelId, UnixMillis};

    use super::*;
    use crate::{KeySet, channel};

    #[test]
    fn bytes_are_the_file_and_json_is_not() {
        let keys = KeySet::default();
        let with = FetchWith { account: "1", keys: &keys, now: UnixMillis(0) };
        for (id, scheme) in [(ChannelId::WeChat, "wechat-media"), (ChannelId::Wecom, "wecom-media")] {
            let fetching = channel(id).fetching().unwrap();
            assert_eq!(fetching.scheme(), scheme);
            let call = fetching.call("a&b", &with).unwrap().with_token("T");
            assert_eq!(call.target, "/cgi-bin/media/get?media_id=a%26b&access_token=T");
            let answer = |status, mime: &str, body: &str| {
                let body = body.as_bytes().to_vec();
                fetching.answer(&FileReply { status, mime: mime.to_owned(), body, ..FileReply::default() }, &with)
            };
            assert_eq!(answer(200, "image/jpeg", "{bytes"), Ok(Fetched::File), "{id}");
            let film = answer(200, "text/plain", r#"{"video_url":"https://v.example/1"}"#);
            let call = HttpCall::get("https://v.example/1".to_owned());
            assert_eq!(film, Ok(Fetched::Elsewhere(Step::Address(call))), "{id}");
            let error = |code: i64| answer(200, "text/plain", &format!(r#"{{"errcode":{code},"errmsg":"x"}}"#));
            assert_eq!(error(40007), Err(gone()), "{id}");
            assert_eq!((error(42001), error(40014)), (Err(Delivery::RefreshToken), Err(Delivery::RefreshToken)));
            assert!(matches!(error(-1), Err(Delivery::Retry { .. })), "{id}");
            assert!(matches!(error(48004), Err(Delivery::Rejected { .. })), "{id}");
            assert!(matches!(error(0), Err(Delivery::Retry { .. })), "{id}: no file, and no error either");
            assert!(matches!(answer(502, "text/html", "<html>"), Err(Delivery::Retry { .. })), "{id}");
        }
    }
}
