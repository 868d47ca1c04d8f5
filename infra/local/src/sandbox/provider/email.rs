//! Amazon SES, as far as mail goes out: `SendEmail` of API version 2 with a raw mail.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::{Hook, Moment, Patience, Provider, Said, Taken};
use crate::sandbox::mail;
use crate::sandbox::shown::Shown;
use crate::sandbox::wire::{Call, Reply, list, text};

/// Largest mail, in bytes, after base 64.
const MAX_BYTES: usize = 40 * 1024 * 1024;

/// SES.
#[derive(Debug, Default)]
pub struct Email;

impl Provider for Email {
    fn user(&self, name: &str) -> String {
        mail::address(name)
    }

    /// Mail comes in by [`mail`], not by a webhook.
    fn says(&mut self, _said: &Said, _moment: &mut Moment<'_>) -> Result<Value, String> {
        Err("mail is handed over by SMTP".to_owned())
    }

    fn hook(&self, _event: &Value, _attempt: u32, _moment: &mut Moment<'_>) -> Hook {
        Hook::default()
    }

    fn patience(&self) -> Patience {
        Patience { wait: Duration::from_secs(30), tries: 1, pause: Duration::from_secs(1), complaint: None }
    }

    fn addressee(&self, call: &Call) -> Option<String> {
        let to = list(&call.json(), "/Destination/ToAddresses").first()?.as_str()?.to_lowercase();
        Some(to)
    }

    fn take(&mut self, call: &Call, moment: &mut Moment<'_>) -> Taken {
        if (call.method.as_str(), call.path.as_str()) != ("POST", "/v2/email/outbound-emails") {
            return refused(404, "NotFoundException", "nobody plays this operation").into();
        }
        let asked = call.json();
        let raw = STANDARD.decode(text(&asked, "/Content/Raw/Data")).unwrap_or_default();
        let to = list(&asked, "/Destination/ToAddresses");
        let [to] = to else { return refused(400, "BadRequestException", "one recipient a mail").into() };
        let Some(to) = to.as_str() else { return refused(400, "BadRequestException", "no address").into() };
        if raw.is_empty() || raw.len() > MAX_BYTES {
            return refused(400, "BadRequestException", "no mail, or too large a one").into();
        }
        let from = text(&asked, "/FromEmailAddress");
        let known = list(moment.account, "/mailboxes").iter().any(|mailbox| mailbox.as_str() == Some(from));
        if !known {
            let why = "Email address is not verified. The following identities failed the check in region US-EAST-1";
            return refused(400, "MessageRejected", why).into();
        }
        let id = format!("0100{}-000000", moment.ids.hex(32));
        let raw = delivered(&raw, &id);
        let read = mail_parser::MessageParser::default().parse(&raw);
        let part = |read: &mail_parser::Message<'_>| read.body_text(0).map(std::borrow::Cow::into_owned);
        let words = read.as_ref().and_then(part).unwrap_or_default();
        let subject = read.as_ref().and_then(mail_parser::Message::subject).unwrap_or_default().to_owned();
        let shown = Shown { title: subject, ..Shown::text(&to.to_lowercase(), &id, words.trim()) };
        let shown = Shown { raw: Some(raw), ..shown };
        Taken::showing(Reply::json(200, &json!({"MessageId": id})), vec![shown])
    }

    fn failure(&self) -> Reply {
        refused(500, "InternalServiceErrorException", "try again")
    }

    fn busy(&self, seconds: u64) -> Reply {
        refused(429, "TooManyRequestsException", "Maximum sending rate exceeded.")
            .with("retry-after", seconds.to_string())
    }
}

/// The mail as its recipient has it: SES puts its own `Message-ID` and `Date` in place of what was there.
fn delivered(raw: &[u8], id: &str) -> Vec<u8> {
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(raw.len());
    let (head, body) = raw.split_at(end);
    let mut headers = String::new();
    let mut left_out = false;
    for line in String::from_utf8_lossy(head).split("\r\n") {
        let goes_on = line.starts_with([' ', '\t']);
        if !goes_on {
            let name = line.split(':').next().unwrap_or_default().to_lowercase();
            left_out = name == "message-id";
        }
        if !left_out {
            headers.push_str(line);
            headers.push_str("\r\n");
        }
    }
    let mut whole = format!("Message-ID: <{id}@email.amazonses.com>\r\n{}", headers.trim_end()).into_bytes();
    whole.extend_from_slice(body);
    whole
}

fn refused(status: u16, code: &'static str, why: &str) -> Reply {
    Reply::json(status, &json!({"message": why})).with("x-amzn-errortype", code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::ids::Ids;
    use crate::sandbox::mail::header;

    fn send(from: &str, to: &[&str], raw: &[u8]) -> Taken {
        let body = json!({
            "FromEmailAddress": from,
            "Destination": {"ToAddresses": to},
            "Content": {"Raw": {"Data": STANDARD.encode(raw)}},
        });
        let path = "/v2/email/outbound-emails".to_owned();
        let call = Call { method: "POST".to_owned(), path, body: body.to_string().into_bytes(), ..Call::default() };
        let account = json!({"mailboxes": ["support@shop.example"]});
        Email.take(&call, &mut Moment { account: &account, now: 0, ids: &mut Ids::from(1) })
    }

    #[test]
    fn the_recipient_sees_the_id_that_ses_gives() {
        let raw = b"From: support@shop.example\r\nMessage-ID: <ours@x>\r\nSubject: Re: a\r\n\r\nhello\r\n";
        let taken = send("support@shop.example", &["ann@example.com"], raw);
        let answer: Value = serde_json::from_slice(&taken.reply.body).unwrap();
        let id = answer["MessageId"].as_str().unwrap();
        let seen = taken.shown[0].raw.clone().unwrap();
        assert_eq!(header(&seen, "Message-ID"), format!("<{id}@email.amazonses.com>"));
        assert!(!String::from_utf8(seen.clone()).unwrap().contains("ours@x") && seen.ends_with(b"\r\n\r\nhello\r\n"));
        assert_eq!((taken.shown[0].user.as_str(), taken.shown[0].title.as_str()), ("ann@example.com", "Re: a"));
    }

    #[test]
    fn what_ses_refuses_is_refused_under_its_names() {
        for (from, to, raw, code) in [
            ("other@shop.example", &["a@b.example"][..], &b"x"[..], "MessageRejected"),
            ("support@shop.example", &["a@b.example", "c@d.example"], b"x", "BadRequestException"),
            ("support@shop.example", &["a@b.example"], b"", "BadRequestException"),
        ] {
            let reply = send(from, to, raw).reply;
            assert_eq!((reply.status, reply.headers[0].1.as_str()), (400, code));
        }
    }
}
