//! Which adapter serves which channel.

use domain::ChannelId;

use crate::Channel;
use crate::connect::Connect;
use crate::email::Email;
use crate::instagram::Instagram;
use crate::line::Line;
use crate::messenger::Messenger;
use crate::sms::Sms;
use crate::telegram::Telegram;
use crate::voice::Voice;
use crate::web::Web;
use crate::webhook::Webhook;
use crate::wechat::WeChat;
use crate::wecom::Wecom;
use crate::weibo::Weibo;
use crate::whatsapp::WhatsApp;

/// How a use case finds a channel's adapter: [`channel`], or a test's own.
pub type Registry = fn(ChannelId) -> &'static dyn Channel;

/// The channel's adapter.
pub fn channel(id: ChannelId) -> &'static dyn Channel {
    match id {
        ChannelId::Web => &Web,
        ChannelId::Telegram => &Telegram,
        ChannelId::WeChat => &WeChat,
        ChannelId::Weibo => &Weibo,
        ChannelId::Line => &Line,
        ChannelId::Webhook => &Webhook,
        ChannelId::Messenger => &Messenger,
        ChannelId::Instagram => &Instagram,
        ChannelId::WhatsApp => &WhatsApp,
        ChannelId::Wecom => &Wecom,
        ChannelId::Sms => &Sms,
        ChannelId::Voice => &Voice,
        ChannelId::Email => &Email,
        ChannelId::Connect => &Connect,
    }
}
