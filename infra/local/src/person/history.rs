//! Everything that the table holds of one identity, and what of it is still about a person.

use anyhow::Context as _;
use app::table::keys::{self, DELIVERY, HEAD, REASON, STATE};
use app::table::stored::{read_delivery, read_head, read_turn};
use domain::{Change, Conversation, GroupId, Identity, Outbound, Turn, UnixMillis};

use super::records::{Records, Row};

/// A delivery as the table holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// Its sort key.
    pub sort: String,
    /// Its id.
    pub id: Option<String>,
    /// How it stands.
    pub state: Option<String>,
    /// Why it failed, if it did.
    pub reason: Option<String>,
    /// What it carries; nothing, once it was erased.
    pub outbound: Option<Outbound>,
}

/// All of one identity.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The current conversation.
    pub head: Option<Conversation>,
    /// The turns, in order.
    pub turns: Vec<Turn>,
    /// The deliveries, in order.
    pub deliveries: Vec<Delivery>,
    /// Sort keys of everything else: sockets.
    pub others: Vec<String>,
}

impl History {
    /// Reads an identity's partition.
    ///
    /// # Errors
    /// The table cannot be read, or an item of it.
    pub fn read(records: &Records, group: &GroupId) -> anyhow::Result<Self> {
        Self::of(&records.rows(group.as_str(), None)?).with_context(|| format!("the records of {group}"))
    }

    /// From a partition's items.
    ///
    /// # Errors
    /// One cannot be read.
    pub fn of(rows: &[Row]) -> anyhow::Result<Self> {
        let mut history = Self::default();
        for row in rows {
            let unread = || format!("item {}", row.sort());
            if row.sort() == HEAD {
                history.head = Some(read_head(row.stored()).with_context(unread)?);
            } else if let Some(event) = keys::turn_event(row.sort()) {
                history.turns.push(read_turn(&event, row.stored()).with_context(unread)?);
            } else if keys::is_delivery(row.sort()) {
                let own = |name| row.text(name).map(str::to_owned);
                let outbound = row.stored().body.map(|_| read_delivery(row.stored())).transpose();
                history.deliveries.push(Delivery {
                    sort: row.sort().to_owned(),
                    id: own(DELIVERY),
                    state: own(STATE),
                    reason: own(REASON),
                    outbound: outbound.with_context(unread)?,
                });
            } else {
                history.others.push(row.sort().to_owned());
            }
        }
        history.turns.sort_by_key(|turn| (turn.number, turn.at));
        Ok(history)
    }

    /// Whose it is, if anything still says so.
    pub fn identity(&self) -> Option<&Identity> {
        let head = self.head.as_ref().filter(|head| !head.is_erased()).map(|head| &head.identity);
        head.or_else(|| self.deliveries.iter().find_map(|delivery| Some(&delivery.outbound.as_ref()?.identity)))
    }

    /// When the person was last forgotten.
    pub fn forgotten_at(&self) -> Option<UnixMillis> {
        self.head.as_ref().and_then(|head| head.forgotten_at)
    }

    /// Whether the person was forgotten and has written again since.
    pub fn came_back(&self) -> bool {
        self.head.as_ref().is_some_and(|head| head.forgotten_at.is_some() && !head.is_erased())
    }

    /// Sort keys of the items that still say something about a person who is to be forgotten. What they have written
    /// since is theirs to keep.
    pub fn left(&self) -> Vec<String> {
        let since = self.forgotten_at().filter(|_| self.came_back());
        let is_new = |at: UnixMillis| since.is_some_and(|since| at > since);
        let mut left = Vec::new();
        if self.head.as_ref().is_some_and(|head| head.forgotten_at.is_none()) {
            left.push(HEAD.to_owned());
        }
        for turn in &self.turns {
            // The turn that forgot them says just that.
            let silent = turn.changes.iter().all(|change| matches!(change, Change::Forgotten { .. }));
            let bare = turn.messages.is_empty() && silent && turn.outbox.is_empty();
            if !bare && !is_new(turn.at) {
                left.push(keys::turn(&turn.id));
            }
        }
        for delivery in &self.deliveries {
            let messages = delivery.outbound.iter().flat_map(|outbound| &outbound.messages);
            let old = delivery.outbound.is_some() && !messages.map(|message| message.at).all(is_new);
            if old || (delivery.outbound.is_none() && delivery.reason.is_some()) {
                left.push(delivery.sort.clone());
            }
        }
        if since.is_none() {
            left.extend(self.others.iter().cloned());
        }
        left
    }
}

#[cfg(test)]
mod tests {
    use app::table::stored::{write_delivery, write_head, write_turn};
    use domain::{Author, ChannelId, Content, Message, OutboxEntry, Transport, delivery_id, message_id};
    use serde_json::json;

    use super::*;

    fn identity() -> Identity {
        Identity { channel: ChannelId::Web, account: "default".into(), user: "vis_1".into() }
    }

    fn turn(name: &str, seq: u64, at: i64) -> Turn {
        let id = identity().dedup("message", name);
        let content = Content::Text { text: "zebra".to_owned() };
        let message = Message { id: message_id(&id, 0), seq, author: Author::Customer, content, at: UnixMillis(at) };
        let entry = OutboxEntry {
            id: delivery_id(&id, 0),
            transport: Transport::Web,
            first: 0,
            count: 1,
            expires: None,
            reply: None,
        };
        Turn {
            conversation: Conversation::first(&identity(), UnixMillis(0)).id,
            at: UnixMillis(at),
            messages: vec![message],
            outbox: vec![entry],
            number: seq,
            changes: vec![],
            unanswered: vec![],
            alarm: None,
            id,
        }
    }

    fn bare(turn: &Turn) -> Turn {
        Turn { messages: vec![], outbox: vec![], ..turn.clone() }
    }

    fn item(sort: &str, body: &str) -> Row {
        Row::new(json!({"pk": {"S": "g"}, "sk": {"S": sort}, "v": {"N": "1"}, "body": {"S": body}}))
    }

    fn head(head: &Conversation) -> Row {
        item("HEAD", &write_head(head))
    }

    fn stored(turn: &Turn) -> Row {
        item(&keys::turn(&turn.id), &write_turn(turn))
    }

    fn delivery(turn: &Turn) -> Row {
        item(&keys::delivery(turn.number), &write_delivery(&turn.outbound(&identity())[0]))
    }

    #[test]
    fn each_item_of_a_person_who_is_still_known_is_left() {
        let one = turn("1", 1, 10);
        let rows =
            [head(&Conversation::first(&identity(), UnixMillis(1))), stored(&one), delivery(&one), item("S#x", "{}")];
        let history = History::of(&rows).unwrap();
        assert_eq!(history.identity(), Some(&identity()));
        let left = ["HEAD".to_owned(), keys::turn(&one.id), "D#000000000001".to_owned(), "S#x".to_owned()];
        assert_eq!(history.left(), left);
    }

    #[test]
    fn of_a_forgotten_person_keys_may_stay_and_nothing_else() {
        let erased = Conversation::first(&identity(), UnixMillis(1)).erased(UnixMillis(50));
        let (one, two) = (turn("1", 1, 10), turn("2", 2, 20));
        let empty = Row::new(json!({"sk": {"S": "D#000000000001"}, "state": {"S": "erased"}, "dlv": {"S": "dlv_1"}}));
        let forgotten = Turn { changes: vec![Change::Forgotten { seq: 2, customer: None }], ..bare(&turn("3", 3, 50)) };
        let clean = [head(&erased), stored(&bare(&one)), stored(&bare(&two)), stored(&forgotten), empty];
        let clean = History::of(&clean).unwrap();
        assert!(clean.left().is_empty() && clean.identity().is_none() && !clean.came_back(), "{:?}", clean.left());
        let because = Row::new(json!({"sk": {"S": "D#000000000002"}, "reason": {"S": "zebra"}}));
        let rows = [head(&erased), stored(&bare(&one)), stored(&two), delivery(&one), because, item("S#x", "{}")];
        assert_eq!(
            History::of(&rows).unwrap().left(),
            [&keys::turn(&two.id), "D#000000000001", "D#000000000002", "S#x"]
        );
    }

    #[test]
    fn what_a_person_wrote_since_is_theirs() {
        let mut back = Conversation::first(&identity(), UnixMillis(60));
        back.forgotten_at = Some(UnixMillis(50));
        let (old, new) = (turn("1", 1, 10), turn("2", 2, 60));
        let rows = [head(&back), stored(&old), stored(&new), delivery(&old), delivery(&new), item("S#x", "{}")];
        let history = History::of(&rows).unwrap();
        assert!(history.came_back());
        assert_eq!(history.left(), [&keys::turn(&old.id), "D#000000000001"]);
    }
}
