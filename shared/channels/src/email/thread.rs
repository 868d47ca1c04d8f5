//! Which mails belong together: signed names of threads, and what an answer must say to stand in one.

use domain::{Identity, Outbound};
use serde::{Deserialize, Serialize};

use super::SIGNING_KEYS;
use crate::compare::same;
use crate::{KeySet, Thread, Threading, WireReply, hmac};

/// Bytes of what is kept of a thread, at most: it is part of a conversation's head.
const MAX_BYTES: usize = 420;
/// Bytes of a subject that are kept when there is little room, and in any case.
const MIN_SUBJECT: usize = 80;
const MAX_SUBJECT: usize = 240;
/// Longest message id that is repeated, in bytes. Longer ones exist, and thread by the subject.
const MAX_ID: usize = 200;
/// Longest part of an address before its `@`, in bytes (RFC 5321, section 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Hexadecimal digits of a thread's name, of the mark of an address (80 bits) and of a tag's (40 bits).
const NAME: usize = 10;
const MARK: usize = 20;
const TAG_MARK: usize = 10;

/// The thread of a mail, as it travels with the answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    /// The thread's name.
    #[serde(rename = "t")]
    pub(super) thread: String,
    /// What names it, if the mail shows anything signed.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub(super) named_by: Option<NamedBy>,
    /// The customer's message id, without its brackets.
    #[serde(rename = "i", default, skip_serializing_if = "String::is_empty")]
    pub(super) id: String,
    /// What their mail itself refers to, oldest first.
    #[serde(rename = "r", default, skip_serializing_if = "Vec::is_empty")]
    pub(super) references: Vec<String>,
    /// Its subject, without marks of answers.
    #[serde(rename = "s", default, skip_serializing_if = "String::is_empty")]
    pub(super) subject: String,
    /// Where answers are wanted, if not at the sender's address.
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub(super) reply_to: Option<String>,
}

/// What of ours names a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum NamedBy {
    /// A plus-address: nothing is surer.
    #[serde(rename = "a")]
    Address,
    /// A subject's tag: surer than the subject's words, less so than the mail that it names.
    #[serde(rename = "t")]
    Tag,
}

impl Line {
    /// Reads what a reply handle holds.
    pub(super) fn read(token: &str) -> Self {
        serde_json::from_str(token).unwrap_or_default()
    }

    /// The reply handle's text, within bounds: the oldest references go first, then the end of a long subject.
    pub(super) fn write(mut self) -> String {
        let fit = |text: &str, most: usize| text.get(..text.floor_char_boundary(most)).unwrap_or_default().to_owned();
        self.subject = fit(&self.subject, MAX_SUBJECT);
        self.references.retain(|id| id.len() <= MAX_ID);
        if self.id.len() > MAX_ID {
            self.id.clear();
        }
        loop {
            let text = serde_json::to_string(&self).unwrap_or_default();
            if text.len() <= MAX_BYTES {
                return text;
            }
            if !self.references.is_empty() {
                self.references.remove(0);
            } else if self.subject.len() > MIN_SUBJECT {
                self.subject = fit(&self.subject, (self.subject.len() - 1).max(MIN_SUBJECT));
            } else {
                // Neither can be very long any more.
                return text;
            }
        }
    }
}

/// The name of the thread that an event begins.
pub(super) fn name(event: &str) -> String {
    event.chars().take(NAME).collect()
}

fn mark(secret: &str, purpose: &str, thread: &str, identity: &Identity, digits: usize) -> String {
    let parts = [purpose, &identity.account, super::address(&identity.user), thread];
    // Lengths keep two lists of parts apart.
    let lengths = parts.map(|part| part.len().to_be_bytes());
    let [a, b, c, d] = parts.map(str::as_bytes);
    let [la, lb, lc, ld] = &lengths;
    let mark = hmac::sha256(secret.as_bytes(), &[la, a, lb, b, lc, c, ld, d]);
    hex::encode(mark).chars().take(digits).collect()
}

/// Whether any key has made this mark. Every key is tried, so that the time does not tell which.
fn holds(sent: &str, purpose: &str, thread: &str, identity: &Identity, keys: &KeySet, digits: usize) -> bool {
    let made = |secret: &str| mark(secret, purpose, thread, identity, digits);
    let keys = keys.get(SIGNING_KEYS).iter();
    keys.filter(|key| same(sent.as_bytes(), made(&key.secret).as_bytes())).count() > 0
}

fn is_name(text: &str) -> bool {
    text.len() == NAME && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The thread that a plus-address names, if it was made for this sender.
pub(super) fn by_address(plus: &str, identity: &Identity, keys: &KeySet) -> Option<String> {
    let (thread, sent) = plus.split_once('.')?;
    (is_name(thread) && holds(sent, "address", thread, identity, keys, MARK)).then(|| thread.to_owned())
}

/// The thread that a subject's tag names, if it was made for this sender.
pub(super) fn by_tag(subject: &str, identity: &Identity, keys: &KeySet) -> Option<String> {
    let mut tags = subject.split("[#").skip(1).filter_map(|rest| rest.split_once(']')?.0.split_once('-'));
    let (thread, _) =
        tags.find(|(thread, sent)| is_name(thread) && holds(sent, "tag", thread, identity, keys, TAG_MARK))?;
    Some(thread.to_owned())
}

/// The address at which answers to a thread are taken; the plain one, where there is no room for the thread's name.
pub(super) fn reply_address(
    thread: &str,
    identity: &Identity,
    keys: &KeySet,
    now: domain::UnixMillis,
) -> Option<String> {
    let key = keys.signing(SIGNING_KEYS, now)?;
    let (local, host) = identity.account.rsplit_once('@')?;
    let local = format!("{local}+{thread}.{}", mark(&key.secret, "address", thread, identity, MARK));
    (is_name(thread) && local.len() <= MAX_LOCAL).then(|| format!("{local}@{host}"))
}

/// A thread's tag in a subject.
pub(super) fn tag(thread: &str, identity: &Identity, keys: &KeySet, now: domain::UnixMillis) -> Option<String> {
    let key = keys.signing(SIGNING_KEYS, now)?;
    is_name(thread).then(|| format!("[#{thread}-{}]", mark(&key.secret, "tag", thread, identity, TAG_MARK)))
}

/// What stands before subjects of answers and forwarded mail.
const PREFIXES: &[&str] =
    &["re", "fw", "fwd", "aw", "sv", "antw", "回复", "回覆", "答复", "答覆", "转发", "轉寄", "轉發", "自动回复"];

/// A subject without marks of answers, tags and needless blanks. Its case stays.
pub(super) fn plain_subject(subject: &str) -> String {
    let mut rest = subject.trim().to_owned();
    while let (Some(at), end) = (rest.find("[#"), rest.len()) {
        let close = rest.get(at..).and_then(|tag| tag.find(']')).map(|close| at + close + 1);
        let Some(close) = close.filter(|close| *close <= end) else { break };
        rest.replace_range(at..close, " ");
    }
    let mut rest = rest.trim();
    while let Some((mark, after)) = rest.split_once([':', '：']) {
        // `Re[2]:` and `Re(3):` count.
        let mark =
            mark.trim().trim_end_matches(|letter: char| letter.is_ascii_digit() || "[]()（）【】".contains(letter));
        if !PREFIXES.contains(&mark.to_lowercase().as_str()) {
            break;
        }
        rest = after.trim();
    }
    rest.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a subject says that the mail is an answer, or passes one on.
pub(super) fn is_answer(subject: &str) -> bool {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    plain_subject(subject).len() < words(subject).len()
}

/// The part of a message id before its `@`, which is SES's own id of the mail.
fn local(id: &str) -> &str {
    id.split('@').next().unwrap_or(id)
}

fn by_id(id: &str) -> String {
    format!("email#{id}")
}

fn by_subject(identity: &Identity, subject: &str) -> Option<String> {
    let subject = subject.to_lowercase();
    let hash = hmac::sha256(b"subject", &[subject.as_bytes()]);
    let hash: String = hex::encode(hash).chars().take(20).collect();
    (!subject.is_empty()).then(|| format!("email#{}#{hash}", identity.group()))
}

/// How mails are found again.
pub(super) struct Threads;

impl Threading for Threads {
    fn sent(&self, outbound: &Outbound, reply: &WireReply) -> Vec<(String, Thread)> {
        let Some(id) = super::classify::message_id(reply) else { return vec![] };
        let line = outbound.reply.as_ref().map(|reply| Line::read(&reply.token)).unwrap_or_default();
        let thread = Thread { group: outbound.identity.group(), name: line.thread, last: id.clone() };
        let subject = by_subject(&outbound.identity, &line.subject);
        [Some(by_id(local(&id))), subject].into_iter().flatten().map(|key| (key, thread.clone())).collect()
    }

    fn sought(&self, identity: &Identity, token: &str) -> Vec<String> {
        let line = Line::read(token);
        if line.named_by == Some(NamedBy::Address) {
            return vec![];
        }
        // The id that the mail answers stands last.
        let ids = line.references.iter().rev().take(5).map(|id| by_id(local(id)));
        // A mail that names others is no new one with an old subject.
        let subject = (line.references.is_empty() && line.named_by.is_none())
            .then(|| by_subject(identity, &line.subject))
            .flatten();
        ids.chain(subject).collect()
    }

    fn joined(&self, token: &str, thread: &Thread) -> String {
        let mut line = Line::read(token);
        if !thread.name.is_empty() {
            line.thread.clone_from(&thread.name);
        }
        if line.references.is_empty() {
            line.references.push(thread.last.clone());
        }
        line.write()
    }
}
