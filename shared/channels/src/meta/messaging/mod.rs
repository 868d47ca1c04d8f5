//! The form of messages that Messenger and Instagram share. Sources: Messenger Platform and Instagram messaging, webhooks
//! and Send API (v26.0).

mod content;
mod parse;
mod render;
#[cfg(test)]
mod tests;
mod update;

use domain::{Capabilities, ChannelId};

use crate::fit::FileKind;

pub(crate) use self::parse::parse;
pub(crate) use self::render::render;

/// In what the channels that share the form differ.
#[derive(Debug)]
pub(crate) struct Dialect {
    /// The channel.
    pub(crate) channel: ChannelId,
    /// What it can carry.
    pub(crate) capabilities: &'static Capabilities,
    /// The purpose of the accounts' tokens.
    pub(crate) tokens: &'static str,
    /// The kinds of file that it carries.
    pub(crate) files: &'static [FileKind],
    /// Whether a message carries a mark of ours, which its echo repeats.
    pub(crate) marks: bool,
    /// Whether a message says what kind of sending it is, even if it is the usual kind.
    pub(crate) typed: bool,
}

/// What webhooks of either are about.
const OBJECTS: &[&str] = &["page", "instagram"];
