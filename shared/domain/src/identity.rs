//! Who is writing, as a channel knows them.

use serde::{Deserialize, Serialize};

use crate::{ChannelId, DedupId, GroupId};

/// One person's account on one channel towards one of the company's accounts there.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    /// The channel.
    pub channel: ChannelId,
    /// The company's account on that channel: page, number, bot, site.
    pub account: String,
    /// The customer's id there: open id, phone number, visitor id.
    pub user: String,
}

impl Identity {
    /// The group in whose order everything of this identity happens. It never changes.
    pub fn group(&self) -> GroupId {
        GroupId::derive(&[self.channel.as_str().as_bytes(), self.account.as_bytes(), self.user.as_bytes()])
    }

    /// The id of an event of this identity. Providers' ids collide between accounts, senders and kinds, so all count.
    pub fn dedup(&self, kind: &str, provider_id: &str) -> DedupId {
        DedupId::derive(&[
            self.channel.as_str().as_bytes(),
            self.account.as_bytes(),
            self.user.as_bytes(),
            kind.as_bytes(),
            provider_id.as_bytes(),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(account: &str, user: &str) -> Identity {
        Identity { channel: ChannelId::Web, account: account.into(), user: user.into() }
    }

    #[test]
    fn the_same_provider_id_of_two_visitors_is_two_events() {
        assert_ne!(identity("a", "x").dedup("message", "1"), identity("a", "y").dedup("message", "1"));
        assert_ne!(identity("a", "x").dedup("sent", "1"), identity("a", "x").dedup("read", "1"));
        assert_ne!(identity("ab", "c").group(), identity("a", "bc").group());
    }

    #[test]
    fn group_and_dedup_ids_never_change() {
        // Stored keys depend on these values: a change here would lose order and dedupe of what is in flight.
        let one = identity("default", "vis_0");
        assert_eq!(one.group().as_str(), "grp_9xhgt3zdyxsqny3zbxs7pr3w84");
        assert_eq!(
            one.dedup("message", "c1").as_str(),
            "ee6328e40c076945339ccbf3d4397faf6f50eaca4136948d7b77a5f7aa41dfdd"
        );
    }
}
