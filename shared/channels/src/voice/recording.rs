//! Messages that callers have left. Source: Twilio's Recordings resource, "Fetch a Recording's media file": a GET with the
//! account's credentials, MP3 at `.mp3`. Twilio tells of a recording as soon as it ends, before it can be fetched.

use domain::{Delivery, Rejection};

use crate::twilio::{self, Failure};
use crate::{FetchWith, Fetched, Fetching, FileReply, HttpCall, RenderError};

/// What a reference to a recording begins with; the account and the recording follow.
pub(super) const SCHEME: &str = "twilio-recording";

/// Seconds until Twilio is asked again for what it still prepares.
const PREPARING_SECONDS: u32 = 5;

/// How recordings are got.
pub(super) struct Recordings;

impl Fetching for Recordings {
    fn scheme(&self) -> &'static str {
        SCHEME
    }

    fn call(&self, file: &str, with: &FetchWith<'_>) -> Result<HttpCall, RenderError> {
        let known = |id: &str| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let parts = file.split_once('/').filter(|(account, id)| known(account) && known(id));
        let (account, id) = parts.ok_or_else(|| RenderError("the reference names no recording".to_owned()))?;
        twilio::get(account, &format!("Recordings/{id}.mp3"), with.keys)
    }

    fn answer(&self, reply: &FileReply, _with: &FetchWith<'_>) -> Result<Fetched, Delivery> {
        if reply.status == 404 {
            return Err(Delivery::Retry { after: reply.retry_after.or(Some(PREPARING_SECONDS)) });
        }
        if reply.is_good() {
            return reply.file();
        }
        let words = reply.in_words();
        let meaning = Failure::of(&words).meaning(&words);
        let odd = Delivery::rejected(Rejection::Content, "what answers is not Twilio's API");
        Err(if meaning == Delivery::Sent { odd } else { meaning })
    }
}

#[cfg(test)]
mod tests {
    use domain::UnixMillis;

    use super::*;
    use crate::KeySet;

    const ACCOUNT: &str = "AC00000000000000000000000000000001";

    #[test]
    fn a_recording_is_asked_for_with_its_accounts_credentials_until_it_is_there() {
        let keys = format!(r#"{{"twilio_auth_tokens":[{{"kid":"{ACCOUNT}","secret":"t"}}]}}"#);
        let keys = KeySet::from_json(&keys).unwrap();
        let with = FetchWith { account: "+8610", keys: &keys, now: UnixMillis(0) };
        let call = Recordings.call(&format!("{ACCOUNT}/RE1"), &with).unwrap();
        assert_eq!(call.target, format!("/2010-04-01/Accounts/{ACCOUNT}/Recordings/RE1.mp3"));
        // "AC…1:t" in base 64.
        let basic = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTp0".to_owned();
        assert!(call.headers.contains(&("authorization", basic)), "{:?}", call.headers);
        for file in ["AC2/RE1", ACCOUNT, &format!("{ACCOUNT}/../x"), &format!("{ACCOUNT}/"), "/RE1", ""] {
            assert!(Recordings.call(file, &with).is_err(), "{file}");
        }
        let answer = |status| Recordings.answer(&FileReply { status, ..FileReply::default() }, &with);
        assert_eq!(answer(200), Ok(Fetched::File));
        assert_eq!(answer(404), Err(Delivery::Retry { after: Some(5) }), "it is still prepared");
        for status in [0, 429, 500] {
            assert!(matches!(answer(status), Err(Delivery::Retry { .. })), "{status}");
        }
        for status in [302, 400, 401, 403] {
            assert!(matches!(answer(status), Err(Delivery::Rejected { .. })), "{status}");
        }
    }
}
