//! E-mail, through Amazon SES. Sources: Amazon SES Developer Guide (receiving e-mail: Lambda and S3 actions, event
//! publishing); RFC 5322, 2045–2047 and 2231 (form), 3834 (automatic answers), 3464 (delivery reports).
//!
//! A receipt rule of SES puts the mail into a bucket and calls the receiving function; what became of our own mail comes
//! from the configuration set, through SNS. Only AWS itself can do either, by the function's permissions.
//!
//! **Who writes.** The account is the mailbox of ours that the envelope names, never `To:`. The customer is the `From`
//! address, in lower case. Only where DMARC has passed is it proof of the address; any other is `unproven:<address>`: a
//! conversation of its own, answered but never linked to a customer, so that nobody writes as somebody else.
//!
//! **Threads.** Answers carry a signed plus-address in `Reply-To` and name the customer's mail. A mail belongs to a thread
//! by (1) that address, (2) the ids of SES that it names, newest first, (3) a signed tag in its subject, (4) the same
//! sender and subject. All four count only for the identity that the thread is with: for anybody else the mail begins a
//! thread of their own.
//!
//! Keys: `signing_keys` (they sign plus-addresses and tags; the newest signs, any is taken). Settings: `mailboxes`, our
//! addresses, each with the `name` that customers see; `subject_tag`, whether answers carry the tag too.
//!
//! ```json
//! {"signing_keys": [{"kid": "k1", "secret": "<32 random bytes, base 64>"}],
//!  "settings": {"mailboxes": {"support@shop.example": {"name": "Shop support"}}, "subject_tag": false}}
//! ```

mod attach;
mod classify;
mod event;
mod guard;
mod html;
mod mime;
mod news;
mod parse;
mod quote;
mod render;
mod settings;
mod signature;
mod thread;
mod verify;
mod words;

use domain::{Capabilities, Delivery, Handle, Identity, Markup, Message, Outbound, Transport, UnixMillis};
use serde_json::Value;

use crate::settings::any_key;
use crate::{
    Channel, Doors, Gate, KeySet, Need, Parsed, RawRequest, RenderError, Rendering, Threading, Verified, VerifyError,
    WireCall, WireReply,
};

/// The purpose of the keys that sign plus-addresses and tags.
pub const SIGNING_KEYS: &str = "signing_keys";
/// The setting with our addresses.
pub const MAILBOXES: &str = "mailboxes";
/// The setting that puts the signed tag into subjects.
pub const SUBJECT_TAG: &str = "subject_tag";
/// The header by which we know our own mail.
pub const LOOP_HEADER: &str = "X-Frontdesk-Loop";
/// What stands before an address that DMARC has not proved.
pub const UNPROVEN: &str = "unproven:";

const NEEDS: &[Need] = &[
    Need::keys(SIGNING_KEYS, "a key of your own making: 32 random bytes, base 64", any_key),
    Need::setting(MAILBOXES, "an object of the company's mailboxes, by address", mailboxes),
];

fn mailboxes(value: &Value) -> bool {
    value.as_object().is_some_and(|boxes| !boxes.is_empty() && boxes.keys().all(|address| address.contains('@')))
}

static CAPABILITIES: Capabilities = Capabilities {
    transport: Transport::Email,
    max_text_chars: 100_000,
    markup: Markup::None,
    threads: true,
    letters: true,
    // RFC 3834, section 3.3, leaves the number open.
    automatic_per_day: Some(5),
    ..Capabilities::PLAIN
};

/// The e-mail channel.
#[derive(Debug, Clone, Copy)]
pub struct Email;

impl Channel for Email {
    fn needs(&self) -> &'static [Need] {
        NEEDS
    }

    fn capabilities(&self) -> &'static Capabilities {
        &CAPABILITIES
    }

    fn doors(&self) -> Doors {
        Doors::Events
    }

    fn stored(&self, event: &RawRequest<'_>) -> Option<String> {
        event::object(event.body)
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        verify::verify(request, keys, now)
    }

    fn parse(&self, request: &Verified<'_>) -> Parsed {
        parse::parse(request)
    }

    fn render(&self, outbound: &Outbound, with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        render::render(outbound, with)
    }

    /// One mail, however much there is to say.
    fn calls(&self, messages: &[Message]) -> usize {
        usize::from(!messages.is_empty())
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        classify::classify(reply)
    }

    fn threading(&self) -> Option<&'static dyn Threading> {
        Some(&thread::Threads)
    }

    fn handle(&self, identity: &Identity) -> Option<Handle> {
        // An unproven one is no address.
        if identity.user.starts_with(UNPROVEN) { None } else { Handle::email(&identity.user).ok() }
    }
}

/// The address behind an identity's user id.
fn address(user: &str) -> &str {
    user.strip_prefix(UNPROVEN).unwrap_or(user)
}

#[cfg(test)]
mod tests;
