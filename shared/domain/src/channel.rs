//! Channels as data: which there are, and what each can do.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Button, Content};

/// A way in which customers reach the company. Every variant has an adapter in the `channels` crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelId {
    /// The company's web page and mobile app, over the visitor API.
    Web,
    /// Telegram, through a bot.
    Telegram,
    /// WeChat's Official Accounts and mini-programs.
    #[serde(rename = "wechat")]
    WeChat,
    /// Weibo's fans service.
    Weibo,
    /// LINE, through a Messaging API channel.
    Line,
    /// Any system that sends and takes signed JSON, as its settings describe it.
    Webhook,
    /// Messenger, through a Facebook page.
    Messenger,
    /// Direct messages of an Instagram professional account.
    Instagram,
    /// `WhatsApp`, through the Cloud API.
    #[serde(rename = "whatsapp")]
    WhatsApp,
    /// 微信客服: `WeChat` users, through the company's `WeCom`.
    Wecom,
    /// Text messages, through whichever provider each of the company's numbers is with.
    Sms,
    /// The phone.
    Voice,
    /// E-mail, through Amazon SES.
    Email,
    /// Amazon Connect's contact flows and Lex V2 bots.
    Connect,
}

impl ChannelId {
    /// Every channel.
    pub const ALL: &'static [Self] = &[
        Self::Web,
        Self::WeChat,
        Self::Wecom,
        Self::Weibo,
        Self::Messenger,
        Self::Instagram,
        Self::WhatsApp,
        Self::Telegram,
        Self::Line,
        Self::Voice,
        Self::Sms,
        Self::Webhook,
        Self::Email,
        Self::Connect,
    ];

    /// The channel of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|channel| channel.as_str() == name)
    }

    /// The channel's name in URLs, keys, hashes and metrics. Never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Telegram => "telegram",
            Self::WeChat => "wechat",
            Self::Weibo => "weibo",
            Self::Line => "line",
            Self::Webhook => "webhook",
            Self::Messenger => "messenger",
            Self::Instagram => "instagram",
            Self::WhatsApp => "whatsapp",
            Self::Wecom => "wecom",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Email => "email",
            Self::Connect => "connect",
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
    /// Text messages' providers.
    Sms,
    /// Calls that are under way.
    Voice,
    /// Amazon SES.
    Email,
}

impl Transport {
    /// Every transport.
    pub const ALL: &'static [Self] = &[Self::Web, Self::Social, Self::Sms, Self::Voice, Self::Email];

    /// The transport's name in queue names, settings and metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Social => "social",
            Self::Sms => "sms",
            Self::Voice => "voice",
            Self::Email => "email",
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
    /// Longest text of one message, in bytes of UTF-8, where the provider counts these.
    pub max_text_bytes: Option<usize>,
    /// How texts can be marked up.
    pub markup: Markup,
    /// How many quick replies one message can offer; 0: the channel has none.
    pub max_quick_replies: usize,
    /// How many buttons one message can carry; 0: the channel has none.
    pub max_buttons: usize,
    /// Longest title of a quick reply or button, in UTF-16 units, as the strictest providers count; what has longer ones is shown with numbered choices.
    pub max_choice_chars: usize,
    /// Whether a button can open an address; where it cannot, links are lines of the text above the other buttons.
    pub link_buttons: bool,
    /// Whether the channel shows cards.
    pub cards: bool,
    /// Whether the channel carries files.
    pub files: bool,
    /// Whether the customer's own messages are delivered back, with their place in the order, to all their devices.
    pub echoes: bool,
    /// Whether customers press keys (a phone's keypad) as well as write.
    pub keypad: bool,
    /// Whether customers are reached only while their line is open: what is said afterwards goes to nobody.
    pub live: bool,
    /// Whether customers on their line can have links as a text message.
    pub texts: bool,
    /// Whether sending the same delivery again has no second effect, because the provider takes our idempotency key.
    pub idempotent: bool,
    /// Seconds after the customer's last message in which the company may write; none: always.
    pub reply_window_seconds: Option<u32>,
    /// Seconds after it in which a person of the company may write, where the provider gives people longer; none: as long
    /// as everybody.
    pub human_window_seconds: Option<u32>,
    /// Whether every message to the customer is counted against what their own messages have granted.
    pub counted: bool,
    /// Whether a message that answers none directly goes on where the last answer would have gone, as mails of one thread do.
    pub threads: bool,
    /// Whether customers look in now and then, as into a mailbox: waits are days, and nobody is reminded.
    pub letters: bool,
    /// How many messages bot and notices may send a customer in 24 hours, where another machine may answer them; beyond
    /// that a person answers. None: as many as there are questions.
    pub automatic_per_day: Option<u32>,
}

/// How texts can be marked up on a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    /// Not at all: plain text.
    None,
    /// A little HTML: `<b>`, `<i>`, `<code>`, `<a href>`.
    Html,
    /// Signs around words: `*bold*`, `_italic_`, `` `code` ``.
    Signs,
}

impl Capabilities {
    /// A channel that carries plain text and nothing else; what a channel can do besides is said in its own value.
    pub const PLAIN: Self = Self {
        transport: Transport::Social,
        max_text_chars: 2000,
        max_text_bytes: None,
        markup: Markup::None,
        max_quick_replies: 0,
        max_buttons: 0,
        max_choice_chars: 20,
        link_buttons: true,
        cards: false,
        files: false,
        echoes: false,
        keypad: false,
        live: false,
        texts: false,
        idempotent: false,
        reply_window_seconds: None,
        human_window_seconds: None,
        counted: false,
        threads: false,
        letters: false,
        automatic_per_day: None,
    };

    /// Whether the channel shows the content's choices as such; where it does not, they are numbered lines of the text.
    pub fn shows_choices(&self, content: &Content) -> bool {
        let fits = |title: &str| title.encode_utf16().count() <= self.max_choice_chars;
        match content {
            Content::QuickReplies { replies, .. } => {
                replies.len() <= self.max_quick_replies && replies.iter().all(|reply| fits(&reply.title))
            }
            Content::Buttons { buttons, .. } | Content::Card { buttons, .. } => {
                let shown = buttons.iter().filter_map(|button| match button {
                    Button::Postback { title, .. } => Some(title),
                    Button::Link { title, .. } => self.link_buttons.then_some(title),
                });
                shown.clone().count() <= self.max_buttons && shown.into_iter().all(|title| fits(title))
            }
            Content::Text { .. }
            | Content::Image(_)
            | Content::Audio(_)
            | Content::Video(_)
            | Content::File(_)
            | Content::Location { .. }
            | Content::Postback { .. }
            | Content::Event { .. } => true,
        }
    }
}
