//! A customer's mail program: `POST /say` on this channel.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use mail_builder::MessageBuilder;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_parser::MessageParser;
use serde_json::{Value, json};

use super::{Mail, address, enter, header, letter};
use crate::sandbox::play::{Play, now};
use crate::sandbox::wire::{list, plain, text};

/// Most copies of a mail.
const MAX_COPIES: u64 = 20;

/// Who refuses, and why.
type Refusal = (u16, String);

/// A mail is written and sent: `text`, and `subject`, `to`, `files: [{"name", "mime", "data" in base 64}]`, `"automatic":
/// true` (an out-of-office), `verdicts` as [`super`] has them. It answers the mail that `answers` names by its id here; none,
/// if that is empty; the last one that the customer has, if nothing is said.
///
/// # Errors
/// What is wrong with the request, or the stack does not take the mail.
pub async fn say(play: &Play, asked: &Value) -> Result<Value, Refusal> {
    let user = plain(asked, "/user").ok_or_else(|| wrong("`user` is missing"))?;
    let user = address(&user);
    let answered = match asked.get("answers").and_then(Value::as_str) {
        None => play.last_mail(&user),
        Some("") => None,
        Some(id) => Some(play.mail(id).ok_or_else(|| wrong("`answers` names no mail that is kept"))?),
    };
    let to = text(&play.description(), "/channels/email/mailbox").to_owned();
    let mail = compose(&user, &to, asked, answered.as_deref(), &play.hex(20))?;
    let copies = asked.get("copies").and_then(Value::as_u64).unwrap_or(1).clamp(1, MAX_COPIES);
    let mut event = Value::Null;
    for _ in 0..copies {
        let id = enter(play, &mail).await.map_err(|error| (503, format!("{error:#}")))?;
        event = json!({"messageId": id});
    }
    Ok(json!({"user": user, "event": event, "accepted": true, "tries": [{"status": 202, "at": now()}], "shown": []}))
}

fn wrong(why: &str) -> Refusal {
    (400, why.to_owned())
}

/// The mail, in the thread of the one that it answers.
fn compose(user: &str, mailbox: &str, asked: &Value, answered: Option<&[u8]>, id: &str) -> Result<Mail, Refusal> {
    let words = match text(asked, "/text") {
        "" => text(asked, "/title"),
        words => words,
    };
    if words.is_empty() {
        return Err(wrong("`text` is missing: customers write mails, and take choices by their numbers"));
    }
    let of = |name: &str| answered.map(|raw| header(raw, name)).unwrap_or_default();
    let read = answered.and_then(|raw| MessageParser::default().parse(raw));
    let subject = match (text(asked, "/subject"), &read) {
        ("", Some(read)) => read.subject().unwrap_or_default().to_owned(),
        (subject, _) => subject.to_owned(),
    };
    let reply_to = of("Reply-To");
    let reply_to = reply_to.rsplit_once('<').map_or(reply_to.as_str(), |(_, rest)| rest.trim_end_matches('>'));
    let to = [text(asked, "/to"), reply_to, mailbox].into_iter().find(|to| !to.is_empty()).unwrap_or_default();
    if [to, user].iter().any(|address| !is_address(address)) {
        return Err(wrong("`to` and `user` must be addresses such as ann@example.com"));
    }
    let mut mail = MessageBuilder::new()
        .from(user)
        .to(to)
        .subject(subject)
        .date(Date::new(now() / 1000))
        .message_id(format!("{id}@sandbox.example"));
    if let Some((read, answers)) = read.as_ref().and_then(|read| Some((read, read.message_id()?))) {
        let before = letter::references(read).into_iter().map(Into::into);
        let references = before.chain([answers.to_owned().into()]).collect();
        mail = mail.in_reply_to(answers.to_owned()).references(MessageId { id: references });
    }
    if asked.get("automatic").and_then(Value::as_bool).unwrap_or_default() {
        mail = mail.header("Auto-Submitted", Raw::new("auto-replied"));
    }
    let verdicts = text(asked, "/verdicts");
    if !verdicts.is_empty() {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '=' | ' ');
        if !verdicts.chars().all(plain) {
            return Err(wrong("`verdicts` must look like `spam=FAIL dmarc=FAIL policy=reject`"));
        }
        mail = mail.header("X-Sandbox-Verdicts", Raw::new(verdicts));
    }
    mail = mail.text_body(words.replace("\r\n", "\n").replace('\n', "\r\n"));
    for file in list(asked, "/files") {
        let bytes = STANDARD.decode(text(file, "/data")).map_err(|_| wrong("`files[].data` is not base 64"))?;
        let (kind, name) = (text(file, "/mime"), text(file, "/name"));
        let signs = |letter: char| letter.is_ascii_alphanumeric() || "/.+-".contains(letter);
        let named = kind.matches('/').count() == 1 && kind.chars().all(signs);
        let kind = if named { kind } else { "application/octet-stream" };
        mail = mail.attachment(kind, name.replace(char::is_control, ""), bytes);
    }
    let raw = mail.write_to_vec().map_err(|error| (500, format!("the mail cannot be written: {error}")))?;
    Ok(Mail { from: user.to_owned(), to: vec![to.to_owned()], raw })
}

/// Whether it can stand in a command and a header: one `@`, nothing that ends either.
fn is_address(address: &str) -> bool {
    let parts: Vec<&str> = address.split('@').collect();
    let sound = |letter: char| !letter.is_whitespace() && !letter.is_control() && !"<>,;".contains(letter);
    parts.len() == 2 && parts.iter().all(|part| !part.is_empty()) && address.chars().all(sound)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERED: &[u8] =
        b"From: Shop <s@shop.example>\r\nReply-To: Shop <s+t.m@shop.example>\r\nSubject: Re: order\r\n\
        Message-ID: <2@ses>\r\nIn-Reply-To: <1@c>\r\nReferences: <1@c>\r\n\r\nhello";

    fn written(asked: &Value, answered: Option<&[u8]>) -> Result<(Mail, Value), Refusal> {
        let mail = compose("ann@example.com", "s@shop.example", asked, answered, "id")?;
        let shown = letter::read("m", &mail.raw);
        Ok((mail, shown))
    }

    #[test]
    fn an_answer_stands_in_its_thread() {
        let (mail, shown) = written(&json!({"text": "thanks\nbye"}), Some(ANSWERED)).unwrap();
        assert_eq!(
            (mail.from.as_str(), mail.to.as_slice()),
            ("ann@example.com", &["s+t.m@shop.example".to_owned()][..])
        );
        assert_eq!((&shown["references"], &shown["subject"]), (&json!(["1@c", "2@ses"]), &json!("Re: order")));
        assert_eq!((&shown["message_id"], &shown["text"]), (&json!("id@sandbox.example"), &json!("thanks\r\nbye")));
        assert_eq!(header(&mail.raw, "In-Reply-To"), "<2@ses>");
    }

    #[test]
    fn a_new_mail_says_all_that_it_was_told() {
        let asked = json!({
            "text": "见附件", "subject": "订单号一二三四五六七八九十一二三四五六七八九十", "to": "sales@shop.example",
            "automatic": true, "verdicts": "spam=FAIL dmarc=FAIL",
            "files": [{"name": "账单.csv", "mime": "text/csv", "data": "YSxi"}, {"name": "b", "mime": "x\r\ny", "data": ""}],
        });
        let (mail, shown) = written(&asked, None).unwrap();
        assert_eq!(mail.to, ["sales@shop.example"]);
        assert_eq!((&shown["subject"], &shown["text"]), (&asked["subject"], &asked["text"]));
        assert_eq!((&shown["automatic"], &shown["references"]), (&json!(true), &json!([])));
        assert_eq!(header(&mail.raw, "X-Sandbox-Verdicts"), "spam=FAIL dmarc=FAIL");
        assert_eq!(shown["files"][0], json!({"name": "账单.csv", "type": "text/csv", "bytes": 3}));
        assert_eq!(shown["files"][1]["type"], "application/octet-stream");
        assert!(mail.raw.is_ascii() && mail.raw.split(|byte| *byte == b'\n').all(|line| line.len() < 999));
    }

    #[test]
    fn what_is_no_mail_is_refused_with_the_reason() {
        for (asked, about) in [
            (json!({}), "`text`"),
            (json!({"text": "x", "to": "nobody"}), "`to`"),
            (json!({"text": "x", "to": "a@b>\r\nRCPT TO:<c@d"}), "`to`"),
            (json!({"text": "x", "files": [{"data": "?"}]}), "`files[].data`"),
            (json!({"text": "x", "verdicts": "a\r\nBcc: b"}), "`verdicts`"),
        ] {
            let (status, why) = written(&asked, None).unwrap_err();
            assert!(status == 400 && why.contains(about), "{asked}: {why}");
        }
    }
}
