//! A delivery as one mail: text and HTML, in the customer's thread.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Author, Capabilities, Markup, Message, Outbound};
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::message_id::MessageId;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;

use super::thread::{self, Line};
use super::{CAPABILITIES, LOOP_HEADER, settings, words};
use crate::fit::{Piece, fit};
use crate::{MailCall, RenderError, Rendering, WireCall};

/// What comes back with news of a mail: the delivery, its last seq, and the identity's user.
pub(super) const TAG_DELIVERY: &str = "delivery";
pub(super) const TAG_SEQ: &str = "seq";
pub(super) const TAG_USER: &str = "user";
/// Longest value of a tag (SES).
const MAX_TAG: usize = 256;

/// What the HTML part can carry: no more than the text, and marked up.
static HTML: Capabilities = Capabilities { max_text_chars: 100_000, markup: Markup::Html, ..Capabilities::PLAIN };

pub(super) fn render(outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
    let messages: Vec<&Message> =
        outbound.messages.iter().filter(|message| message.author != Author::Customer).collect();
    if messages.is_empty() {
        return Ok(vec![]);
    }
    let line = outbound.reply.as_ref().map(|reply| Line::read(&reply.token)).unwrap_or_default();
    let (identity, keys) = (&outbound.identity, with.keys);
    let to = line.reply_to.clone().unwrap_or_else(|| super::address(&identity.user).to_owned());
    if !to.is_ascii() || !identity.account.is_ascii() {
        return Err(RenderError("SES takes ASCII addresses only".to_owned()));
    }
    let name = settings::name(keys, &identity.account);
    let automatic = messages.iter().all(|message| message.author != Author::Agent);
    let mut mail = MessageBuilder::new()
        .header("From", Raw::new(mailbox(name, &identity.account)))
        .to(Address::new_address(None::<String>, to.clone()))
        .subject(subject(&line, outbound, with, name))
        // SES puts its own in place of these two.
        .date(Date::new(with.now.seconds()))
        .message_id(format!("{}@{}", outbound.id, identity.account.rsplit('@').next().unwrap_or_default()))
        .header(LOOP_HEADER, Raw::new(if line.thread.is_empty() { "1".to_owned() } else { line.thread.clone() }));
    if let Some(address) = thread::reply_address(&line.thread, identity, keys, with.now) {
        mail = mail.header("Reply-To", Raw::new(mailbox(name, &address)));
    }
    let mut references = line.references.clone();
    if !line.id.is_empty() {
        mail = mail.in_reply_to(line.id.clone());
        references.push(line.id.clone());
    }
    if !references.is_empty() {
        mail = mail.references(MessageId { id: references.into_iter().map(Into::into).collect() });
    }
    if automatic {
        mail = mail
            .header("Auto-Submitted", Raw::new("auto-replied"))
            .header("X-Auto-Response-Suppress", Raw::new("All"))
            .header("Precedence", Raw::new("bulk"));
    }
    let raw = mail.body(body(&messages, outbound)?).write_to_vec();
    let raw = raw.map_err(|error| RenderError(format!("the mail cannot be written: {error}")))?;
    let user = URL_SAFE_NO_PAD.encode(&identity.user);
    let mut tags = vec![];
    if user.len() <= MAX_TAG {
        tags.push((TAG_DELIVERY, outbound.id.to_string()));
        tags.push((TAG_SEQ, outbound.last_seq().to_string()));
        tags.push((TAG_USER, user));
    }
    Ok(vec![WireCall::Mail(MailCall { from: identity.account.clone(), to, raw, tags })])
}

/// A name and an address. The builder would put a name that is not ASCII into quotes, where it is not decoded.
fn mailbox(name: Option<&str>, address: &str) -> String {
    format!("{}<{address}>", words::phrase(name.unwrap_or_default()))
}

/// Without what is no sign.
fn visible(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

fn subject(line: &Line, outbound: &Outbound, with: &Rendering<'_>, name: Option<&str>) -> String {
    let about = match line.subject.as_str() {
        "" => visible(name.unwrap_or(&outbound.identity.account)),
        subject => format!("Re: {}", visible(subject)),
    };
    let tag = settings::tags(with.keys).then(|| thread::tag(&line.thread, &outbound.identity, with.keys, with.now));
    match tag.flatten() {
        Some(tag) => format!("{about} {tag}"),
        None => about,
    }
}

/// The words in both forms, under a boundary that the same delivery always has.
fn body(messages: &[&Message], outbound: &Outbound) -> Result<MimePart<'static>, RenderError> {
    // Lines of mail end with both signs (RFC 2045, section 6.8).
    let plain = said(messages, &CAPABILITIES)?.join("\n\n").replace("\r\n", "\n").replace('\n', "\r\n");
    let html = said(messages, &HTML)?;
    let html: Vec<String> = html.iter().map(|words| words.replace("\r\n", "\n").replace('\n', "<br>\r\n")).collect();
    let html = html.join("</p>\r\n<p>");
    let html = format!(
        "<!DOCTYPE html>\r\n<html><head><meta charset=\"utf-8\"></head><body>\r\n<p>{html}</p>\r\n</body></html>\r\n"
    );
    let kind = ContentType::new("multipart/alternative").attribute("boundary", format!("=_{}", outbound.id));
    Ok(MimePart::new(kind, vec![MimePart::new("text/plain", plain), MimePart::new("text/html", html)]))
}

fn said(messages: &[&Message], can: &Capabilities) -> Result<Vec<String>, RenderError> {
    let mut words = vec![];
    for message in messages {
        for piece in fit(&message.content, can)? {
            match piece {
                Piece::Text { text, .. } => words.push(text),
                // Neither form carries files.
                Piece::File { url, .. } => words.push(url),
            }
        }
    }
    Ok(words)
}
