//! Getting the files that customers send, as data: the calls that bring the bytes, and what the answers mean.

use domain::{Delivery, Rejection, UnixMillis};

use crate::{HttpCall, KeySet, RenderError, WireReply};

/// How the provider's own ids of files become bytes. Plain https addresses need none of it.
pub trait Fetching: Sync {
    /// What such a reference begins with, before the colon.
    fn scheme(&self) -> &'static str;

    /// The first call for a file.
    ///
    /// # Errors
    /// A key that is not set.
    fn call(&self, file: &str, with: &FetchWith<'_>) -> Result<HttpCall, RenderError>;

    /// What an answer of the provider's API holds.
    ///
    /// # Errors
    /// What the provider's refusal means; never `Sent`.
    fn answer(&self, reply: &FileReply, with: &FetchWith<'_>) -> Result<Fetched, Delivery>;
}

/// What fetching may know besides the file.
#[derive(Debug, Clone, Copy)]
pub struct FetchWith<'a> {
    /// The company's account that the file was sent to.
    pub account: &'a str,
    /// The channel's secrets and settings.
    pub keys: &'a KeySet,
    /// Now.
    pub now: UnixMillis,
}

/// What an answer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The file.
    File,
    /// Where it is.
    Elsewhere(Step),
}

/// A call on the way to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Of the provider's API. A target that begins with `https://` names another host of the provider's.
    Api(HttpCall),
    /// Of an address that somebody else has named, whole in the target: it may lead anywhere, and is to be distrusted.
    Address(HttpCall),
}

/// An answer that may be a file.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct FileReply {
    /// HTTP status; 0 when the call certainly did not reach the provider.
    pub status: u16,
    /// Seconds of a `Retry-After` header.
    pub retry_after: Option<u32>,
    /// The media type that the answer states, without parameters; empty if it states none.
    pub mime: String,
    /// The whole body.
    pub body: Vec<u8>,
}

impl std::fmt::Debug for FileReply {
    /// Without what is in the file.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileReply")
            .field("status", &self.status)
            .field("mime", &self.mime)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl FileReply {
    /// Whether it says that all went well.
    pub fn is_good(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The same as an answer in words.
    pub fn in_words(&self) -> WireReply {
        let body = String::from_utf8_lossy(&self.body).into_owned();
        WireReply { status: self.status, retry_after: self.retry_after, body }
    }

    /// Whether it is JSON, by what it states or by how it begins.
    pub fn is_json(&self) -> bool {
        let stated = matches!(self.mime.as_str(), "application/json" | "text/json" | "text/plain");
        stated && self.body.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
    }

    /// What it means where only the status tells.
    ///
    /// # Errors
    /// What the refusal means; never `Sent`.
    pub fn file(&self) -> Result<Fetched, Delivery> {
        match self.status {
            200..300 => Ok(Fetched::File),
            0 | 408 | 425 | 429 | 500.. => Err(Delivery::Retry { after: self.retry_after }),
            401 | 403 | 404 | 410 => Err(gone()),
            1..200 | 300..=499 => {
                Err(Delivery::rejected(Rejection::Content, &format!("its address answers {}", self.status)))
            }
        }
    }
}

/// A file that the provider does not have any more.
pub(crate) fn gone() -> Delivery {
    Delivery::rejected(Rejection::Content, "the provider does not have the file any more")
}

/// The provider's refusal, where its answer is none of a file's.
pub(crate) fn refused(meaning: Delivery) -> Delivery {
    // What is no error is no file either: somebody else's answer.
    if meaning == Delivery::Sent { Delivery::Retry { after: None } } else { meaning }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_tells_what_a_plain_address_means() {
        let reply = |status| FileReply { status, retry_after: Some(9), ..FileReply::default() }.file();
        assert_eq!(reply(200), Ok(Fetched::File));
        for status in [0, 408, 429, 500, 503, 599] {
            assert_eq!(reply(status), Err(Delivery::Retry { after: Some(9) }), "{status}");
        }
        for status in [301, 400, 401, 403, 404, 410, 418] {
            assert!(matches!(reply(status), Err(Delivery::Rejected { .. })), "{status}");
        }
    }

    #[test]
    fn json_is_told_from_a_file() {
        let reply = |mime: &str, body: &[u8]| FileReply {
            status: 200,
            mime: mime.to_owned(),
            body: body.to_vec(),
            ..FileReply::default()
        };
        assert!(reply("text/plain", b" {\"errcode\":1}").is_json() && reply("application/json", b"{}").is_json());
        assert!(!reply("image/jpeg", b"{}").is_json() && !reply("text/plain", b"a letter").is_json());
        assert!(!format!("{:?}", reply("text/plain", b"my phone number")).contains("phone"));
    }
}
