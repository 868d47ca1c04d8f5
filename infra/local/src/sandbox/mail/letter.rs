//! What a mail program shows of a mail.

use mail_parser::{Address, HeaderValue, Message, MessageParser, MimeHeaders as _};
use serde_json::{Value, json};

/// Most signs of a mail's words that are shown; its source has the rest.
const MOST_SHOWN: usize = 20_000;

/// A mail for the page: `{"id", "message_id", "references", "from", "to", "subject", "date", "automatic", "text",
/// "files": [{"name", "type", "bytes"}]}`. `references` ends with the mail that it answers.
pub fn read(id: &str, raw: &[u8]) -> Value {
    // What has no header is no mail to the parser, and shown as one without anything.
    let read = MessageParser::default().parse(raw).or_else(|| MessageParser::default().parse("Subject: \r\n\r\n"));
    let Some(read) = read else { return Value::Null };
    let text = read.body_text(0).unwrap_or_default();
    let files: Vec<Value> = read.attachments().map(file).collect();
    json!({
        "id": id,
        "message_id": read.message_id().unwrap_or_default(),
        "references": references(&read),
        "from": first(read.from()),
        "to": first(read.to()),
        "subject": read.subject().unwrap_or_default(),
        "date": read.date().map(mail_parser::DateTime::to_rfc3339).unwrap_or_default(),
        "automatic": read.header_raw("Auto-Submitted").is_some_and(|value| value.trim() != "no"),
        "text": text.trim().chars().take(MOST_SHOWN).collect::<String>(),
        "files": files,
    })
}

/// The ids of the mails before this one, oldest first, without their brackets.
pub fn references(mail: &Message<'_>) -> Vec<String> {
    let ids =
        |value: &HeaderValue<'_>| value.as_text_list().unwrap_or_default().iter().map(ToString::to_string).collect();
    let mut all: Vec<String> = ids(mail.references());
    let answered: Vec<String> = ids(mail.in_reply_to());
    all.retain(|id| !answered.contains(id));
    all.extend(answered);
    all
}

fn first(addresses: Option<&Address<'_>>) -> Value {
    let first = addresses.and_then(|addresses| addresses.first());
    json!({
        "name": first.and_then(mail_parser::Addr::name).unwrap_or_default(),
        "address": first.and_then(mail_parser::Addr::address).unwrap_or_default(),
    })
}

fn file(part: &mail_parser::MessagePart<'_>) -> Value {
    let kind = part.content_type();
    let kind = kind.map(|kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")));
    json!({
        "name": part.attachment_name().unwrap_or_default(),
        "type": kind.unwrap_or_default(),
        "bytes": part.contents().len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_read_as_a_program_shows_it() {
        let raw = "From: =?utf-8?B?5bCP5piO?= <ming@example.com>\r\nTo: shop@example.com\r\nSubject: =?gbk?B?xOO6ww==?=\r\n\
                   Message-ID: <3@c>\r\nIn-Reply-To: <2@s>\r\nReferences: <1@c>\r\n <2@s>\r\nDate: Mon, 2 Nov 2026 08:00:00 +0800\r\n\
                   MIME-Version: 1.0\r\nAuto-Submitted: auto-replied\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                   --b\r\nContent-Type: text/plain; charset=gbk\r\nContent-Transfer-Encoding: base64\r\n\r\nxOO6ww==\r\n\
                   --b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment; filename=a.csv\r\n\r\na,b\r\n--b--\r\n";
        let shown = read("m", raw.as_bytes());
        assert_eq!(
            shown,
            json!({
                "id": "m", "message_id": "3@c", "references": ["1@c", "2@s"],
                "from": {"name": "小明", "address": "ming@example.com"}, "to": {"name": "", "address": "shop@example.com"},
                "subject": "你好", "date": "2026-11-02T08:00:00+08:00", "automatic": true, "text": "你好",
                "files": [{"name": "a.csv", "type": "text/csv", "bytes": 3}],
            })
        );
        let nothing = read("m", b"");
        assert_eq!(
            (&nothing["text"], &nothing["references"], &nothing["automatic"]),
            (&json!(""), &json!([]), &json!(false))
        );
    }
}
