//! A received mail, or news of one of ours, as events.

use domain::{Content, EventKind, Identity, InboundEvent, Locale};
use mail_parser::{Message, MessageParser};
use serde_json::json;

use super::event::{self, Event, Receipt, Verdict};
use super::guard::{self, Guard};
use super::thread::{self, Line, NamedBy};
use super::verify::{Known, identity};
use super::{attach, html, mime, news, quote, settings};
use crate::{Parsed, Reject, Verified};

/// Longest text that is taken, in characters; the whole mail stays in its bucket.
const MAX_TEXT: usize = 30_000;
/// A first mail with fewer characters says what it is about in its subject.
const SHORT: usize = 40;
/// Seconds for which a mail can be answered: as long as anybody remembers it.
const ANSWERABLE_SECONDS: i64 = 365 * 24 * 60 * 60;

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    let setup = request.principal().setup.clone().unwrap_or_default();
    let Ok(known) = serde_json::from_value::<Known>(setup) else { return Parsed::default() };
    match &known.receipt {
        Some(receipt) => mail(request, &known, receipt),
        None => match event::read(&request.body) {
            Some(Event::News(told)) => {
                Parsed { events: news::events(&told, &known.ours, request.at), ..Parsed::default() }
            }
            Some(Event::Mail(_)) | None => Parsed::default(),
        },
    }
}

fn mail(request: &Verified<'_>, known: &Known, receipt: &Receipt) -> Parsed {
    let reject = |field: &str, reason: &str| {
        let item = Some(json!({ "messageId": receipt.id }).to_string());
        Parsed {
            rejects: vec![Reject { field: field.to_owned(), reason: reason.to_owned(), item }],
            ..Parsed::default()
        }
    };
    if receipt.virus == Verdict::Fail {
        return Parsed { dropped: vec![(receipt.id.clone(), "a virus was found")], ..Parsed::default() };
    }
    let mut mailboxes: Vec<String> = vec![];
    for (mailbox, _) in receipt.recipients.iter().filter_map(|one| settings::mailbox(one, &known.ours)) {
        if !mailboxes.contains(&mailbox) {
            mailboxes.push(mailbox);
        }
    }
    if mailboxes.is_empty() {
        return reject(
            "receipt.recipients",
            "none of them is among the setting `mailboxes`; add the one that is meant",
        );
    }
    let whole = [&b"\r\n\r\n"[..], b"\n\n"].iter().any(|end| request.body.windows(end.len()).any(|part| part == *end));
    let mail = MessageParser::default().parse(request.body.as_ref()).filter(|_| whole);
    let Some(mail) = mail else {
        return reject("", "the object is no mail, or ends within its headers");
    };
    let Some(from) = mime::from(&mail) else {
        return reject("From", "must be one address");
    };
    let mut parsed = Parsed::default();
    for mailbox in mailboxes {
        let identity = identity(&mailbox, &from, receipt);
        match guard::judge(&mail, receipt, &from, &known.ours) {
            Guard::Drop(reason) => parsed.dropped.push((receipt.id.clone(), reason)),
            Guard::Quiet(name) => {
                let content = Content::Event { name: name.to_owned() };
                parsed.events.push(new(request, &identity, &id(&mail, receipt), &mail, content));
            }
            Guard::Answer => {
                let named = known.threads.iter().find(|(of, ..)| *of == mailbox);
                let named = named.map(|(_, thread, by)| (thread.as_str(), *by));
                messages(request, receipt, &mail, &identity, named, &mut parsed);
            }
        }
    }
    parsed
}

/// What makes the same mail the same, however often it comes: its own id, or SES's.
fn id(mail: &Message<'_>, receipt: &Receipt) -> String {
    mail.message_id().map_or_else(|| format!("ses:{}", receipt.id), str::to_owned)
}

fn new(request: &Verified<'_>, identity: &Identity, id: &str, mail: &Message<'_>, content: Content) -> InboundEvent {
    let locale = mime::header(mail, "Content-Language").and_then(|tag| Locale::from_tag(&tag));
    InboundEvent::new(identity.clone(), id, request.at, locale, EventKind::Message { content })
}

/// The customer's words first, then the files as parts of the same message.
fn messages(
    request: &Verified<'_>,
    receipt: &Receipt,
    mail: &Message<'_>,
    identity: &Identity,
    named: Option<(&str, NamedBy)>,
    parsed: &mut Parsed,
) {
    let id = id(mail, receipt);
    let (files, kept) = attach::files(mail, &identity.group(), &id);
    parsed.files.extend(kept);
    let text = text(mail);
    let said = (!text.is_empty()).then_some(Content::Text { text });
    let nothing = (said.is_none() && files.is_empty()).then(|| Content::Event { name: "unsupported".to_owned() });
    for (index, content) in said.into_iter().chain(files).chain(nothing).enumerate() {
        let id = if index == 0 { id.clone() } else { format!("{id}#{index}") };
        let event = new(request, identity, &id, mail, content);
        let token = line(mail, receipt, &event, named).write();
        let event = event.answerable(&token, request.at.plus_seconds(ANSWERABLE_SECONDS));
        parsed.events.push(InboundEvent { part: index > 0, ..event });
    }
}

/// The thread of a mail, as far as the mail itself tells.
fn line(mail: &Message<'_>, receipt: &Receipt, event: &InboundEvent, named: Option<(&str, NamedBy)>) -> Line {
    let mut references = mime::ids(mail.references());
    for id in mime::ids(mail.in_reply_to()) {
        references.retain(|other| *other != id);
        references.push(id);
    }
    // What the sender's domain does not vouch for must not send our answers to others.
    let reply_to = mime::reply_to(mail).filter(|address| {
        receipt.dmarc == Verdict::Pass && *address != event.identity.user && *address != event.identity.account
    });
    Line {
        thread: named.map_or_else(|| thread::name(event.id.as_str()), |(thread, _)| thread.to_owned()),
        named_by: named.map(|(_, by)| by),
        id: mime::message_id(mail),
        references,
        subject: thread::plain_subject(&mime::subject(mail)),
        reply_to,
    }
}

/// What the customer wrote: without quotes and signature, with the subject where that says more than the rest.
fn text(mail: &Message<'_>) -> String {
    let words = words(mail);
    let subject = mime::subject(mail);
    let plain = thread::plain_subject(&subject);
    let first = !thread::is_answer(&subject) && mime::ids(mail.in_reply_to()).is_empty();
    let short = words.chars().count() < SHORT;
    let text = match (words.is_empty(), first && short && !words.contains(&plain)) {
        (true, _) => plain,
        (false, true) if !plain.is_empty() => format!("{plain}\n\n{words}"),
        (false, _) => words,
    };
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{} …", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

fn words(mail: &Message<'_>) -> String {
    let written = mime::written(mail);
    let plain = written.text.filter(|text| !text.trim().is_empty()).map(|text| quote::written(&text));
    let marked = written.html.map(|html| {
        let seen = html::seen(&html);
        if seen.text.is_empty() {
            quote::written(&html::all(&html))
        } else {
            let (words, cut) = quote::written(&seen.text);
            (words, cut || seen.cut)
        }
    });
    match (plain, marked) {
        // HTML says where quotes are; a text part only shows it.
        (Some((_, false)), Some((words, true))) if !words.is_empty() => words,
        (Some((words, _)), _) | (None, Some((words, _))) => words,
        (None, None) => String::new(),
    }
}
