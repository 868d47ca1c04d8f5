//! Mail as SES receives it: the mail goes into the stack's bucket, and the receiving function gets the receipt.
//!
//! It comes over SMTP ([`super::smtp`]) from any client, or from `POST /say` on the channel `email`, where it is written
//! here ([`mod@write`]). What SES would find (spam, viruses, DMARC) nobody finds here: everything passes, unless the mail's own header
//! `X-Sandbox-Verdicts` says otherwise, as in `spam=FAIL dmarc=FAIL policy=reject`.

pub mod letter;
mod receipt;
pub mod write;

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::client;
use super::play::Play;
use super::provider::Hook;
use super::wire::text;

/// The channel.
pub const CHANNEL: &str = "email";
/// How long the emulator may take for a call.
const WAIT: Duration = Duration::from_mins(1);
/// Longest part of an address before its `@`, in bytes (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Root's name in the emulator; it checks no signature of root's.
const ROOT: &str =
    "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";

/// A mail and its envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Who sends it; empty: nobody, as reports have.
    pub from: String,
    /// To whom.
    pub to: Vec<String>,
    /// The mail.
    pub raw: Vec<u8>,
}

/// A header's value, unfolded; empty if it is not there.
pub fn header(raw: &[u8], name: &str) -> String {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(raw.len());
    let head = String::from_utf8_lossy(raw.get(..end).unwrap_or_default()).replace("\r\n ", " ").replace("\r\n\t", " ");
    let of = |line: &str| line.split_once(':').map(|(key, value)| (key.to_lowercase(), value.trim().to_owned()));
    head.lines().filter_map(of).find(|(key, _)| *key == name.to_lowercase()).map(|(_, value)| value).unwrap_or_default()
}

/// The recipients that the stack's rule matches.
pub fn matched(description: &Value, to: &[String]) -> Vec<String> {
    let mailboxes: Vec<String> = super::wire::list(description, "/channels/email/mailboxes")
        .iter()
        .filter_map(|mailbox| mailbox.as_str().map(str::to_lowercase))
        .collect();
    let is_ours = |address: &&String| {
        let address = address.to_lowercase();
        let (local, host) = address.rsplit_once('@').unwrap_or((&address, ""));
        let plain = format!("{}@{host}", local.split('+').next().unwrap_or_default());
        mailboxes.iter().any(|mailbox| *mailbox == address || *mailbox == plain)
    };
    to.iter().filter(is_ours).cloned().collect()
}

/// Takes a mail as SES does; its id.
///
/// # Errors
/// No stack is up, or it does not take the mail.
pub async fn enter(play: &Play, mail: &Mail) -> anyhow::Result<String> {
    let description = play.description();
    let bucket = text(&description, "/channels/email/mail_bucket").to_owned();
    let function = text(&description, "/channels/email/function").to_owned();
    let endpoint = text(&description, "/aws_endpoint").to_owned();
    if bucket.is_empty() {
        bail!("no stack is running that has the channel email");
    }
    let id = play.hex(40);
    let (said, user) = (header(&mail.raw, "Subject"), mail.from.to_lowercase());
    let kept = play.keep_mail(&id, &mail.raw);
    play.tell("said", CHANNEL, &user, json!({"text": said, "mail": kept, "letter": letter::read(&id, &mail.raw)}));
    let headers = vec![("authorization", ROOT.to_owned()), ("content-type", "application/octet-stream".to_owned())];
    let put = Hook { query: String::new(), headers, body: mail.raw.clone() };
    let answer = client::call("PUT", &format!("{endpoint}/{bucket}/{id}"), &put, WAIT).await?;
    if answer.status >= 300 {
        bail!("the bucket does not take the mail: {}", answer.status);
    }
    let event = receipt::event(&id, mail, &function);
    let headers = vec![
        ("authorization", ROOT.replace("/s3/", "/lambda/")),
        ("content-type", "application/json".to_owned()),
        ("x-amz-invocation-type", "Event".to_owned()),
    ];
    let invoke = Hook { query: String::new(), headers, body: event.to_string().into_bytes() };
    let address = format!("{endpoint}/2015-03-31/functions/{function}/invocations");
    let answer = client::call("POST", &address, &invoke, WAIT).await.context("the function is not called")?;
    play.tell("hook", CHANNEL, &user, json!({"status": answer.status, "body": "", "mail": id}));
    if answer.status >= 300 {
        bail!("the function is not called: {}", answer.status);
    }
    Ok(id)
}

/// The customer's address: the name itself where it is one, at a domain of examples where it can stand before an `@`, and
/// otherwise one that follows from it.
pub fn address(name: &str) -> String {
    let name = name.to_lowercase();
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if name.contains('@') {
        name
    } else if !name.is_empty() && name.len() <= MAX_LOCAL && name.chars().all(plain) {
        format!("{name}@customer.example")
    } else {
        format!("{}@customer.example", super::ids::digest(&name).get(..12).unwrap_or("x"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_mailboxes_of_the_stack_are_matched() {
        let description = json!({"channels": {"email": {"mailboxes": ["Support@shop.example"]}}});
        let to = ["support@shop.example", "SUPPORT+x.y@shop.example", "other@shop.example", "support@else.example", ""];
        let to = to.map(str::to_owned);
        assert_eq!(matched(&description, &to), &to[..2]);
    }

    #[test]
    fn a_name_is_an_address_where_it_can_be_one() {
        assert_eq!(address("Ann@Shop.Example"), "ann@shop.example");
        assert_eq!(address("page-1a2b"), "page-1a2b@customer.example");
        for name in ["小明", "a b", "", "a..b", &"x".repeat(65)] {
            let address = address(name);
            assert!(address.len() == 12 + 17 && address.ends_with("@customer.example"), "{address}");
        }
    }

    #[test]
    fn a_header_is_unfolded_and_the_body_is_none() {
        let raw = b"Subject: a\r\n b\r\n\r\nTo: z";
        assert_eq!((header(raw, "subject"), header(raw, "To")), ("a b".to_owned(), String::new()));
    }
}
