//! Customers' files: `getFile` tells a path, under which the file lies for an hour at least (Bot API, "getFile").

use domain::{Delivery, Rejection};
use serde::Deserialize;

use super::{BOT_TOKENS, render};
use crate::fetch::{gone, refused};
use crate::{FetchWith, Fetched, Fetching, FileReply, HttpCall, RenderError, Step};

/// How Telegram's files are got.
pub(super) struct Files;

#[derive(Deserialize)]
struct Answer {
    result: File,
}

#[derive(Deserialize)]
struct File {
    file_path: Option<String>,
}

impl Fetching for Files {
    fn scheme(&self) -> &'static str {
        "telegram-file"
    }

    fn call(&self, file: &str, with: &FetchWith<'_>) -> Result<HttpCall, RenderError> {
        let file: String = form_urlencoded::byte_serialize(file.as_bytes()).collect();
        Ok(HttpCall::get(format!("/bot{}/getFile?file_id={file}", token(with)?)))
    }

    fn answer(&self, reply: &FileReply, with: &FetchWith<'_>) -> Result<Fetched, Delivery> {
        if !reply.is_json() {
            return reply.file();
        }
        let words = reply.in_words();
        if words.body.contains("file is too big") {
            return Err(Delivery::rejected(Rejection::Content, "Telegram gives bots no file above 20 MB"));
        }
        match render::classify(&words) {
            Delivery::Sent => {}
            // An id that Telegram does not know, or not any more.
            Delivery::Rejected { refusal: Rejection::Content | Rejection::Blocked, .. } => return Err(gone()),
            other
            @ (Delivery::Absent | Delivery::Retry { .. } | Delivery::RefreshToken | Delivery::Rejected { .. }) => {
                return Err(other);
            }
        }
        let path = serde_json::from_str::<Answer>(&words.body).ok().and_then(|answer| answer.result.file_path);
        let Some(path) = path.filter(|path| is_path(path)) else { return Err(refused(Delivery::Sent)) };
        let token = token(with).map_err(|RenderError(reason)| Delivery::rejected(Rejection::Misconfigured, &reason))?;
        Ok(Fetched::Elsewhere(Step::Api(HttpCall::get(format!("/file/bot{token}/{path}")))))
    }
}

fn token<'a>(with: &FetchWith<'a>) -> Result<&'a str, RenderError> {
    let token = with.keys.of(BOT_TOKENS, with.account);
    token.map(|key| key.secret.as_str()).ok_or_else(|| RenderError(format!("no `{BOT_TOKENS}` for this bot")))
}

/// A path below the bot's files, and none that leads out of them.
fn is_path(path: &str) -> bool {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'_' | b'-');
    path.bytes().all(good) && !path.split('/').any(|part| part.is_empty() || part == "..")
}

#[cfg(test)]
mod tests {
    use domain::UnixMillis;

    use super::*;
    use crate::KeySet;

    fn answer(status: u16, mime: &str, body: &str) -> Result<Fetched, Delivery> {
        let keys = KeySet::from_json(r#"{"bot_tokens":[{"kid":"1","secret":"1:a"}]}"#).unwrap();
        let with = FetchWith { account: "1", keys: &keys, now: UnixMillis(0) };
        assert_eq!(Files.call("a b", &with).unwrap().target, "/bot1:a/getFile?file_id=a+b");
        assert!(Files.call("a", &FetchWith { account: "2", ..with }).is_err());
        let body = body.as_bytes().to_vec();
        Files.answer(&FileReply { status, mime: mime.to_owned(), body, ..FileReply::default() }, &with)
    }

    #[test]
    fn a_path_is_asked_for_and_then_the_file() {
        const JSON: &str = "application/json";
        let found = answer(200, JSON, r#"{"ok":true,"result":{"file_id":"x","file_path":"voice/file_1.oga"}}"#);
        let call = HttpCall::get("/file/bot1:a/voice/file_1.oga".to_owned());
        assert_eq!(found, Ok(Fetched::Elsewhere(Step::Api(call))));
        assert_eq!(answer(200, "application/octet-stream", "bytes"), Ok(Fetched::File));
        for path in ["../x", "/x", "a//b", "a?b", "https://a.example/x"] {
            let body = format!(r#"{{"ok":true,"result":{{"file_path":"{path}"}}}}"#);
            assert_eq!(answer(200, JSON, &body), Err(Delivery::Retry { after: None }), "{path}");
        }
        let refusal = |code: u16, words: &str| {
            answer(code, JSON, &format!(r#"{{"ok":false,"error_code":{code},"description":"{words}"}}"#))
        };
        assert_eq!(refusal(400, "Bad Request: invalid file_id"), Err(gone()));
        assert_eq!(answer(404, "text/html", "none"), Err(gone()));
        for (code, words) in [(400, "Bad Request: file is too big"), (401, "Unauthorized")] {
            assert!(matches!(refusal(code, words), Err(Delivery::Rejected { .. })), "{words}");
        }
        for code in [429, 500] {
            assert!(matches!(refusal(code, "later"), Err(Delivery::Retry { .. })), "{code}");
        }
    }
}
