//! Twilio's webhooks: messages, and what became of ours.

use domain::{Attachment, ChannelId, Content, DeliveryId, DeliveryStatus, EventKind, Identity, InboundEvent};

use super::settings::Setup;
use super::{number, words};
use crate::twilio::{Fields, undelivered};
use crate::{Acknowledgement, Parsed, Reject, Verified};

/// `TwiML` that says nothing: what there is to say goes out as a call.
pub(super) const ACKNOWLEDGEMENT: Acknowledgement = Acknowledgement {
    content_type: "text/xml; charset=utf-8",
    body: "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>",
};

/// Media of one message at most, as Twilio documents it.
const MAX_MEDIA: usize = 10;

type Fault = (&'static str, &'static str);

pub(super) fn parse(request: &Verified<'_>, setup: &Setup) -> Parsed {
    let read = std::str::from_utf8(&request.body).map_err(|_| ("", "not UTF-8"));
    let read = read.and_then(|_| {
        let fields = Fields::of(&request.body);
        match fields.filled("MessageStatus") {
            Some(status) if fields.get("Body").is_none() => went(&fields, status, request, setup),
            _ => said(&fields, request, setup),
        }
    });
    match read {
        Ok(events) => Parsed { events, ..Parsed::default() },
        Err((field, reason)) => {
            Parsed { rejects: vec![Reject::of_body(field, reason, &request.body)], ..Parsed::default() }
        }
    }
}

/// Who writes with whom, if the one is a number of ours and the other a person's.
fn identity(setup: &Setup, ours: (&'static str, &str), theirs: (&'static str, &str)) -> Result<Identity, Fault> {
    if !setup.accounts.contains_key(ours.1) {
        return Err((ours.0, "is not set up as a number of this Twilio account: settings.accounts"));
    }
    let user = number::customer(theirs.1).map_err(|reason| (theirs.0, reason))?;
    Ok(Identity { channel: ChannelId::Sms, account: ours.1.to_owned(), user: user.to_owned() })
}

fn needed<'a>(fields: &'a Fields, name: &'static str) -> Result<&'a str, Fault> {
    fields.filled(name).ok_or((name, "is missing"))
}

/// A customer's message: its files, then its words. Of what is no received message nothing is taken.
fn said(fields: &Fields, request: &Verified<'_>, setup: &Setup) -> Result<Vec<InboundEvent>, Fault> {
    let sid = needed(fields, "MessageSid")?;
    if !matches!(fields.filled("SmsStatus"), None | Some("received" | "receiving")) {
        return Ok(vec![]);
    }
    let (to, from) = (needed(fields, "To")?, needed(fields, "From")?);
    let identity = identity(setup, ("To", to), ("From", from))?;
    let body = fields.get("Body").ok_or(("Body", "is missing"))?;
    let event = |id: &str, locale, content| {
        InboundEvent::new(identity.clone(), id, request.at, locale, EventKind::Message { content })
    };
    let count: usize = fields.filled("NumMedia").map_or(Ok(0), str::parse).map_err(|_| ("NumMedia", "is no number"))?;
    let file = |index: usize| Some((index, media(fields, index)?));
    let mut events: Vec<InboundEvent> = (0..count.min(MAX_MEDIA))
        .filter_map(file)
        .map(|(index, content)| event(&format!("{sid}:{index}"), None, content))
        .collect();
    let account = setup.accounts.get(to);
    let wish = account.and_then(|account| words::wish(body, account, fields.filled("OptOutType")));
    if let Some((wish, locale)) = wish {
        events.push(event(sid, locale, wish));
    } else if !body.trim().is_empty() {
        events.push(event(sid, None, Content::Text { text: body.to_owned() }));
    } else if events.is_empty() {
        events.push(event(sid, None, Content::Event { name: "unsupported".to_owned() }));
    }
    Ok(events)
}

/// A file of a multimedia message, at Twilio's address: it is fetched with the account's auth token.
fn media(fields: &Fields, index: usize) -> Option<Content> {
    let url = fields.filled(&format!("MediaUrl{index}"))?;
    let mime = fields.filled(&format!("MediaContentType{index}")).unwrap_or("application/octet-stream");
    let (kind, ending): (fn(Attachment) -> Content, _) = match mime.split('/').next() {
        Some("image") => (Content::Image, "photo"),
        Some("audio") => (Content::Audio, "voice"),
        Some("video") => (Content::Video, "video"),
        _ => (Content::File, "file"),
    };
    let subtype = mime.rsplit('/').next().filter(|_| mime.contains('/')).unwrap_or("bin");
    let plain = subtype.chars().all(|letter| letter.is_ascii_alphanumeric());
    let name = if plain { format!("{ending}.{subtype}") } else { ending.to_owned() };
    Some(kind(Attachment { upload: None, url: Some(url.to_owned()), name, mime: mime.to_owned(), size: 0 }))
}

/// What became of a message of ours. Statuses come in any order; marks only move forward.
fn went(fields: &Fields, status: &str, request: &Verified<'_>, setup: &Setup) -> Result<Vec<InboundEvent>, Fault> {
    let Some(mark) = setup.mark.as_deref().and_then(Mark::read) else { return Ok(vec![]) };
    let status = match status {
        "delivered" => DeliveryStatus::Delivered,
        "read" => DeliveryStatus::Read,
        "undelivered" | "failed" | "canceled" => {
            let code = fields.filled("ErrorCode").and_then(|code| code.parse().ok()).unwrap_or_default();
            DeliveryStatus::Failed { reason: undelivered(code).to_owned() }
        }
        // On its way.
        _ => return Ok(vec![]),
    };
    // A part has arrived: that tells something of the whole only if nothing follows it.
    if mark.more && !matches!(status, DeliveryStatus::Failed { .. }) {
        return Ok(vec![]);
    }
    let identity = identity(setup, ("From", &mark.account), ("To", needed(fields, "To")?))?;
    Ok(vec![InboundEvent::receipt(identity, mark.delivery, mark.seq, status, request.at)])
}

/// What we write into the address of the status callback: `<delivery>:<last seq>`, a `+` where more of the delivery follows
/// in other messages, and the account that it was sent for. Twilio signs the address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) delivery: DeliveryId,
    pub(super) seq: u64,
    pub(super) more: bool,
    pub(super) account: String,
}

impl Mark {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, ':');
        let delivery = parts.next()?.parse().ok()?;
        let place = parts.next()?;
        let (seq, more) = place.strip_suffix('+').map_or((place, false), |seq| (seq, true));
        Some(Self { delivery, seq: seq.parse().ok()?, more, account: parts.next()?.to_owned() })
    }

    /// The address of the status callback.
    pub(super) fn callback(&self, webhook: &str) -> String {
        let Self { delivery, seq, more, account } = self;
        let mark = format!("{delivery}:{seq}{}:{account}", if *more { "+" } else { "" });
        let join = if webhook.contains('?') { '&' } else { '?' };
        format!(
            "{webhook}{join}{}",
            form_urlencoded::Serializer::new(String::new()).append_pair("mark", &mark).finish()
        )
    }
}
