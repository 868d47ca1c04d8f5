//! Recorded messages: Twilio's copy, as WAV, with the account's own credentials. Source: Twilio's Recordings resource,
//! "Fetch a recording's media file".

use domain::{Delivery, Rejection};

use crate::{FetchWith, Fetched, Fetching, FileReply, HttpCall, RenderError, twilio};

/// What a reference to a recording begins with.
pub(super) const SCHEME: &str = "twilio-recording";
/// Seconds until Twilio is asked again for what it still prepares. The media queue's tries are five minutes of it.
const PREPARING_SECONDS: u32 = 15;

/// How recordings are got. A reference names the Twilio account, too: `AC…/RE…`.
pub(super) struct Recordings;

impl Fetching for Recordings {
    fn scheme(&self) -> &'static str {
        SCHEME
    }

    fn call(&self, file: &str, with: &FetchWith<'_>) -> Result<HttpCall, RenderError> {
        let parts = file.split_once('/').filter(|(account, id)| is_id(account) && is_id(id));
        let (account, id) = parts.ok_or_else(|| RenderError("the reference names no recording".to_owned()))?;
        // WAV: its first bytes tell what it is, whatever rate it was recorded at.
        twilio::get(account, &format!("Recordings/{id}.wav"), with.keys)
    }

    fn answer(&self, reply: &FileReply, _with: &FetchWith<'_>) -> Result<Fetched, Delivery> {
        match reply.status {
            // The caller has only just hung up: it is not there yet. One that was deleted answers the same.
            404 => Err(Delivery::Retry { after: reply.retry_after.or(Some(PREPARING_SECONDS)) }),
            401 | 403 => Err(Delivery::rejected(
                Rejection::Misconfigured,
                "Twilio does not accept the account's auth token for its recordings",
            )),
            _ => reply.file(),
        }
    }
}

/// Whether it is made of what Twilio's ids are made of: nothing else gets into an address.
pub(super) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric())
}
