//! Mail as SES receives it: the mail goes into the stack's bucket, and the receiving function gets the receipt.
//!
//! It comes over SMTP ([`super::smtp`]) from any client, or from `POST /say` on the channel `email`, where it is written
//! here. What SES would find (spam, viruses, DMARC) nobody finds here: everything passes, unless the mail's own header
//! `X-Sandbox-Verdicts` says otherwise, as in `spam=FAIL dmarc=FAIL policy=reject`.

use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::{Rfc2822, Rfc3339};

use super::client;
use super::play::{Play, now};
use super::provider::Hook;
use super::wire::text;

/// The channel.
pub const CHANNEL: &str = "email";
/// How long the emulator may take for a call.
const WAIT: Duration = Duration::from_mins(1);
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
    let shown = json!({"text": said, "mail": play.keep_mail(&id, &mail.raw)});
    play.tell("said", CHANNEL, &user, shown);
    let headers = vec![("authorization", ROOT.to_owned()), ("content-type", "application/octet-stream".to_owned())];
    let put = Hook { query: String::new(), headers, body: mail.raw.clone() };
    let answer = client::call("PUT", &format!("{endpoint}/{bucket}/{id}"), &put, WAIT).await?;
    if answer.status >= 300 {
        bail!("the bucket does not take the mail: {}", answer.status);
    }
    let event = receipt(&id, mail, &function);
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

/// The event of SES's Lambda action.
fn receipt(id: &str, mail: &Mail, function: &str) -> Value {
    let stamp = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    let verdicts = header(&mail.raw, "X-Sandbox-Verdicts");
    let wish = |name: &str| {
        let wished = verdicts.split_whitespace().find_map(|wish| wish.strip_prefix(&format!("{name}=")));
        wished.unwrap_or("PASS").to_owned()
    };
    let verdict = |name: &str| json!({"status": wish(name)});
    let headers: Vec<Value> = ["Return-Path", "From", "To", "Subject", "Date", "Message-ID"]
        .iter()
        .map(|name| json!({"name": name, "value": header(&mail.raw, name)}))
        .filter(|header| header["value"] != "")
        .collect();
    let mut receipt = json!({
        "timestamp": stamp,
        "processingTimeMillis": 100,
        "recipients": mail.to,
        "spamVerdict": verdict("spam"),
        "virusVerdict": verdict("virus"),
        "spfVerdict": verdict("spf"),
        "dkimVerdict": verdict("dkim"),
        "dmarcVerdict": verdict("dmarc"),
        "action": {"type": "Lambda", "functionArn": function, "invocationType": "Event"},
    });
    if wish("dmarc") == "FAIL"
        && let Some(receipt) = receipt.as_object_mut()
    {
        let policy = wish("policy");
        receipt.insert("dmarcPolicy".to_owned(), json!(if policy == "PASS" { "none" } else { policy.as_str() }));
    }
    json!({"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {
        "mail": {
            "timestamp": stamp,
            "source": mail.from,
            "messageId": id,
            "destination": mail.to,
            "headersTruncated": false,
            "headers": headers,
            "commonHeaders": {
                "returnPath": mail.from,
                "from": [header(&mail.raw, "From")],
                "date": header(&mail.raw, "Date"),
                "to": mail.to,
                "messageId": header(&mail.raw, "Message-ID"),
                "subject": header(&mail.raw, "Subject"),
            },
        },
        "receipt": receipt,
    }}]})
}

/// `POST /say` on this channel: a mail is written, in the thread of the last one that the customer has, and sent.
///
/// # Errors
/// What is wrong with the request, or the stack does not take the mail.
pub async fn say(play: &Play, asked: &Value) -> Result<Value, (u16, String)> {
    let wrong = |why: &str| (400, why.to_owned());
    let user = super::wire::plain(asked, "/user").ok_or_else(|| wrong("`user` is missing"))?;
    let user = address(&user);
    let words = text(asked, "/text");
    let words = if words.is_empty() { text(asked, "/title") } else { words };
    if words.is_empty() {
        return Err(wrong("`text` is missing: customers write mails, and take choices by their numbers"));
    }
    let description = play.description();
    let mailbox = text(&description, "/channels/email/mailbox").to_owned();
    let last = play.last_mail(&user);
    let subject = match text(asked, "/subject") {
        "" => last.as_ref().map_or_else(String::new, |last| header(last, "Subject")),
        subject => subject.to_owned(),
    };
    let (reply_to, id) =
        last.as_ref().map(|last| (header(last, "Reply-To"), header(last, "Message-ID"))).unwrap_or_default();
    let to = reply_to.rsplit_once('<').map_or(reply_to.as_str(), |(_, rest)| rest.trim_end_matches('>')).to_owned();
    let to = if to.is_empty() { mailbox } else { to };
    let date = OffsetDateTime::now_utc().format(&Rfc2822).unwrap_or_default();
    let answers = if id.is_empty() { String::new() } else { format!("In-Reply-To: {id}\r\nReferences: {id}\r\n") };
    let subject = if subject.is_ascii() { subject } else { encoded(&subject) };
    let raw = format!(
        "From: {user}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: <{}@sandbox.example>\r\n{answers}\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{}\r\n",
        play.hex(20),
        words.replace('\n', "\r\n"),
    );
    let mail = Mail { from: user.clone(), to: vec![to], raw: raw.into_bytes() };
    let copies = asked.get("copies").and_then(Value::as_u64).unwrap_or(1).clamp(1, 20);
    let mut event = Value::Null;
    for _ in 0..copies {
        let id = enter(play, &mail).await.map_err(|error| (503, format!("{error:#}")))?;
        event = json!({"messageId": id});
    }
    Ok(json!({"user": user, "event": event, "accepted": true, "tries": [{"status": 202, "at": now()}], "shown": []}))
}

/// The customer's address: the name itself where it is one.
pub fn address(name: &str) -> String {
    let name = name.to_lowercase();
    if name.contains('@') {
        name
    } else {
        format!("{}@customer.example", super::ids::digest(&name).get(..12).unwrap_or("x"))
    }
}

/// RFC 2047's form of a text.
fn encoded(text: &str) -> String {
    use base64::Engine as _;
    let letters: Vec<char> = text.chars().collect();
    let word = |part: &[char]| {
        let part: String = part.iter().collect();
        format!("=?utf-8?B?{}?=", base64::engine::general_purpose::STANDARD.encode(part))
    };
    letters.chunks(12).map(word).collect::<Vec<_>>().join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receipt_is_the_mails_and_its_verdicts_are_wished_for() {
        let raw = b"Subject: a\r\n b\r\nX-Sandbox-Verdicts: spam=FAIL dmarc=FAIL policy=reject\r\nFrom: x@y.example\r\n\r\nSubject: z";
        let mail = Mail { from: "x@y.example".to_owned(), to: vec!["s@shop.example".to_owned()], raw: raw.to_vec() };
        assert_eq!((header(raw, "subject"), header(raw, "To")), ("a b".to_owned(), String::new()));
        let event = receipt("m1", &mail, "f");
        let ses = &event["Records"][0]["ses"];
        assert_eq!((&ses["mail"]["messageId"], &ses["receipt"]["recipients"]), (&json!("m1"), &json!(mail.to)));
        assert_eq!(ses["receipt"]["spamVerdict"]["status"], "FAIL");
        assert_eq!(
            (&ses["receipt"]["dmarcPolicy"], &ses["receipt"]["virusVerdict"]["status"]),
            (&json!("reject"), &json!("PASS"))
        );
    }

    #[test]
    fn only_mailboxes_of_the_stack_are_matched() {
        let description = json!({"channels": {"email": {"mailboxes": ["Support@shop.example"]}}});
        let to = ["support@shop.example", "SUPPORT+x.y@shop.example", "other@shop.example", "support@else.example", ""];
        let to = to.map(str::to_owned);
        assert_eq!(matched(&description, &to), &to[..2]);
    }

    #[test]
    fn a_subject_in_chinese_is_encoded_in_whole_letters() {
        let subject = encoded("订单号一二三四五六七八九十一二三");
        assert!(
            subject.is_ascii() && subject.lines().count() == 2 && subject.lines().all(|line| line.len() < 76),
            "{subject}"
        );
    }
}
