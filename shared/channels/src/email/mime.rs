//! A mail's parts, decoded.

use encoding_rs::GB18030;
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{Address, Encoding, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders as _, PartType};

use super::words;

/// A mail's headers.
pub(super) struct Headers<'a>(Option<Message<'a>>);

impl<'a> Headers<'a> {
    /// Of a mail in its RFC 5322 form; bytes that are no mail have none.
    pub(super) fn read(raw: &'a [u8]) -> Self {
        Self(MessageParser::default().parse_headers(raw))
    }

    /// The address that the mail says it is from, in lower case; `None`: none, or several.
    pub(super) fn from(&self) -> Option<String> {
        from(self.0.as_ref()?)
    }

    /// Its subject, decoded.
    pub(super) fn subject(&self) -> String {
        self.0.as_ref().map(subject).unwrap_or_default()
    }
}

/// A mail's subject, decoded.
pub(super) fn subject(mail: &Message<'_>) -> String {
    let header = mail.headers().iter().find(|header| header.name().eq_ignore_ascii_case("subject"));
    let raw =
        header.and_then(|header| mail.raw_message.get(header.offset_start() as usize..header.offset_end() as usize));
    words::decode(raw.unwrap_or_default())
}

/// The address of `From`, in lower case.
pub(super) fn from(mail: &Message<'_>) -> Option<String> {
    let address = only(mail.from()?)?;
    domain::Handle::email(&address).ok().map(|_| address)
}

/// The address of `Reply-To`, in lower case.
pub(super) fn reply_to(mail: &Message<'_>) -> Option<String> {
    let address = only(mail.reply_to()?)?;
    domain::Handle::email(&address).ok().map(|_| address)
}

/// The address, if it is one.
fn only(addresses: &Address<'_>) -> Option<String> {
    let mut all = addresses.iter().filter_map(|one| one.address.as_deref());
    let first = all.next()?.trim().to_lowercase();
    all.next().is_none().then_some(first)
}

/// A header's value as text, the last where there are several; `None`: it is not there.
pub(super) fn header(mail: &Message<'_>, name: &str) -> Option<String> {
    mail.header_raw(name).map(|value| value.trim().to_owned())
}

/// Message ids of a header, without brackets, in order.
pub(super) fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    let list = value.as_text_list().unwrap_or_default();
    list.iter().map(|id| id.trim().to_owned()).filter(|id| is_id(id)).collect()
}

/// The mail's own id, without brackets; empty if it has none that can be repeated.
pub(super) fn message_id(mail: &Message<'_>) -> String {
    mail.message_id().filter(|id| is_id(id)).unwrap_or_default().to_owned()
}

/// Whether it can stand in a header of ours: visible ASCII without brackets.
fn is_id(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>'))
}

/// What is written in a mail's text part, and in its HTML; each if it is there.
pub(super) struct Written {
    pub(super) text: Option<String>,
    pub(super) html: Option<String>,
}

/// The written parts, in order, decoded as well as can be.
pub(super) fn written(mail: &Message<'_>) -> Written {
    let (mut text, mut html) = (None, None);
    for id in &mail.text_body {
        let Some(part) = mail.part(*id) else { continue };
        match &part.body {
            PartType::Text(decoded) => push(&mut text, &mended(mail, part, decoded)),
            // What only has HTML is listed here too.
            PartType::Html(_)
            | PartType::Binary(_)
            | PartType::InlineBinary(_)
            | PartType::Message(_)
            | PartType::Multipart(_) => {}
        }
    }
    for id in &mail.html_body {
        let Some(part) = mail.part(*id) else { continue };
        if let PartType::Html(decoded) = &part.body {
            push(&mut html, &mended(mail, part, decoded));
        }
    }
    Written { text, html }
}

fn push(to: &mut Option<String>, text: &str) {
    let to = to.get_or_insert_default();
    if !to.is_empty() {
        to.push('\n');
    }
    to.push_str(text);
}

/// The text, or what it is in UTF-8 or GB 18030 where its own charset cannot be meant: mail that says `us-ascii`, `utf-8`
/// or nothing and holds Chinese in either is usual.
fn mended(mail: &Message<'_>, part: &MessagePart<'_>, decoded: &str) -> String {
    let charset = part.content_type().and_then(|kind| kind.attribute("charset")).unwrap_or_default().to_lowercase();
    let vague = matches!(charset.as_str(), "" | "us-ascii" | "ascii" | "unknown-8bit" | "x-unknown" | "default");
    if !vague && !decoded.contains('\u{fffd}') || decoded.is_ascii() {
        return decoded.to_owned();
    }
    let raw = mail.raw_message.get(part.raw_body_offset() as usize..part.raw_end_offset() as usize).unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    let Some(bytes) = bytes else { return decoded.to_owned() };
    if let Ok(text) = std::str::from_utf8(&bytes) {
        return text.to_owned();
    }
    GB18030.decode_without_bom_handling_and_without_replacement(&bytes).map_or_else(|| decoded.to_owned(), Into::into)
}
