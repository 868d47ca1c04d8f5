//! Links that a customer on the phone has as a text message: it goes out, and how that went is said on the line.

use super::draft::Draft;
use crate::{Author, Content, DeliveryStatus, Notice, UnixMillis};

/// Seconds for which a text message that the provider puts off is tried again: the customer waits on the line to hear of
/// it, and what is to be said to them next waits behind it.
const PATIENCE: u32 = 90;

/// The links go out as one message, and nothing is said until it is known how that went.
pub(super) fn wanted(draft: &mut Draft<'_>, links: &str) {
    draft.texts = true;
    let text = format!("{}\n{links}", draft.words(Notice::Links));
    draft.say(Author::System, Content::Text { text });
    draft.head.texting = Some(draft.head.seq);
}

/// Until when the turn's text message may go out; `None`: it is none.
pub(super) fn expiry(draft: &Draft<'_>) -> Option<UnixMillis> {
    draft.texts.then(|| draft.after(PATIENCE))
}

/// What became of it is said to who still waits on the line.
pub(super) fn ended(draft: &mut Draft<'_>, status: &DeliveryStatus) {
    draft.head.texting = None;
    if draft.is_off_line() {
        return;
    }
    draft.notify(match status {
        DeliveryStatus::Sent | DeliveryStatus::Delivered | DeliveryStatus::Read => Notice::Texted,
        DeliveryStatus::Failed { .. } => Notice::NotTexted,
        DeliveryStatus::MaybeSent => Notice::MaybeTexted,
    });
}
