//! Whether a mail may be answered at all (RFC 3834, section 2; RFC 5321, section 4.5.5): not what a machine has sent, or
//! two machines answer each other for ever.

use mail_parser::{Message, MimeHeaders as _};

use super::event::{Policy, Receipt, Verdict};
use super::{LOOP_HEADER, mime};

/// `Received` headers from which on a mail goes in circles.
const MOST_HOPS: usize = 25;

/// What is to be done with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// It is a customer's.
    Answer,
    /// It stands in the history under this name, and nobody answers.
    Quiet(&'static str),
    /// It is not taken.
    Drop(&'static str),
}

/// Judges a mail from an address to mailboxes of ours.
pub(super) fn judge(mail: &Message<'_>, receipt: &Receipt, from: &str, ours: &[String]) -> Guard {
    if let Some(guard) = found(receipt) {
        return guard;
    }
    let header = |name: &str| mime::header(mail, name).map(|value| value.to_lowercase());
    let is_ours = |address: &str| ours.iter().any(|own| address.contains(own.as_str()));
    let hops = mail.headers().iter().filter(|header| header.name().eq_ignore_ascii_case("received")).count();
    if header(LOOP_HEADER).is_some() || header("X-Loop").is_some_and(|value| is_ours(&value)) {
        return Guard::Drop("our own mail came back");
    }
    if hops >= MOST_HOPS {
        return Guard::Drop("the mail goes in circles");
    }
    if super::settings::mailbox(from, ours).is_some() {
        return Guard::Drop("the mail says that it is from a mailbox of ours");
    }
    let local = from.split('@').next().unwrap_or_default();
    let report = mail.content_type().is_some_and(|kind| {
        kind.ctype().eq_ignore_ascii_case("multipart")
            && kind.subtype().is_some_and(|subtype| subtype.eq_ignore_ascii_case("report"))
    });
    if report || matches!(local, "mailer-daemon" | "postmaster") {
        return Guard::Drop("a mail system's report");
    }
    let submitted = header("Auto-Submitted");
    let first = submitted.as_deref().map(|value| value.split([';', ' ', '(']).next().unwrap_or_default());
    if first.is_some_and(|value| value != "no") || receipt.source.is_empty() {
        return Guard::Quiet("auto_reply");
    }
    let suppress = header("X-Auto-Response-Suppress").unwrap_or_default();
    let asked = ["all", "autoreply", "oof", "rn", "nrn", "dr"];
    let suppressed = suppress.split([',', ' ', ';']).any(|one| asked.contains(&one));
    if suppressed || header("X-Autoreply").is_some() || header("X-Autorespond").is_some() {
        return Guard::Quiet("auto_reply");
    }
    if mail.headers().iter().any(|header| header.name().to_lowercase().starts_with("list-")) {
        return Guard::Quiet("mailing_list");
    }
    let precedence = header("Precedence").unwrap_or_default();
    if matches!(precedence.as_str(), "bulk" | "list" | "junk") {
        return Guard::Quiet("bulk_mail");
    }
    let plain: String = local.chars().filter(char::is_ascii_alphanumeric).collect();
    if matches!(plain.as_str(), "noreply" | "donotreply") || local.ends_with("-bounces") || local.ends_with("-bounce") {
        return Guard::Quiet("no_reply");
    }
    Guard::Answer
}

/// What SES has found. Spam is kept where a person may look, and not among the dead letters: those are alarms, and spam
/// comes every day.
fn found(receipt: &Receipt) -> Option<Guard> {
    if receipt.virus == Verdict::Fail {
        return Some(Guard::Drop("a virus was found"));
    }
    if receipt.dmarc == Verdict::Fail && receipt.policy == Policy::Refuse {
        return Some(Guard::Quiet("forged_mail"));
    }
    (receipt.spam == Verdict::Fail).then_some(Guard::Quiet("spam"))
}
