//! Channels as data: which there are, and what each can do.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A way in which customers reach the company. Every variant has an adapter in the `channels` crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelId {
    /// The company's web page and mobile app, over the visitor API.
    Web,
    /// Telegram, through a bot.
    Telegram,
}

impl ChannelId {
    /// Every channel.
    pub const ALL: &'static [Self] = &[Self::Web, Self::Telegram];

    /// The channel of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|channel| channel.as_str() == name)
    }

    /// The channel's name in URLs, keys, hashes and metrics. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Telegram => "telegram",
        }
    }
}

impl fmt::Display for ChannelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which queue and function carry a channel's replies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// The visitor's mailbox and sockets.
    Web,
    /// Social networks' and messengers' HTTP APIs.
    Social,
}

impl Transport {
    /// The transport's name in queue names, settings and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Social => "social",
        }
    }
}

/// What a channel can carry. The core reads these; it never asks for a channel's name.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent abilities, each a yes or no")]
pub struct Capabilities {
    /// How replies travel.
    pub transport: Transport,
    /// Longest text of one message, in characters (Unicode scalar values).
    pub max_text_chars: usize,
    /// How many quick replies one message can offer; 0: the channel has none.
    pub max_quick_replies: usize,
    /// How many buttons one message can carry; 0: the channel has none.
    pub max_buttons: usize,
    /// Whether the channel shows cards.
    pub cards: bool,
    /// Whether the channel carries files.
    pub files: bool,
    /// Whether the customer's own messages are delivered back, with their place in the order, to all their devices.
    pub echoes: bool,
    /// Whether customers press keys (a phone's keypad) as well as write.
    pub keypad: bool,
    /// Whether sending the same delivery again has no second effect, because the provider takes our idempotency key.
    pub idempotent: bool,
    /// Seconds after the customer's last message in which the company may write; none: always.
    pub reply_window_seconds: Option<u32>,
}
