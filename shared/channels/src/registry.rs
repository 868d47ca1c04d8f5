//! Which adapter serves which channel.

use domain::ChannelId;

use crate::Channel;
use crate::web::Web;

/// The channel's adapter.
pub fn channel(id: ChannelId) -> &'static dyn Channel {
    match id {
        ChannelId::Web => &Web,
    }
}
