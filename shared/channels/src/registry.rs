//! Which adapter serves which channel.

use domain::ChannelId;

use crate::Channel;
use crate::telegram::Telegram;
use crate::web::Web;
use crate::wecom::Wecom;

/// How a use case finds a channel's adapter: [`channel`], or a test's own.
pub type Registry = fn(ChannelId) -> &'static dyn Channel;

/// The channel's adapter.
pub fn channel(id: ChannelId) -> &'static dyn Channel {
    match id {
        ChannelId::Web => &Web,
        ChannelId::Telegram => &Telegram,
        ChannelId::Wecom => &Wecom,
    }
}
