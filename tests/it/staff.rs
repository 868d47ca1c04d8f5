//! Whether a person is there: read where a flow's way hangs on it and nowhere else, known by what people do.

use std::sync::atomic::{AtomicUsize, Ordering};

use app::PortError;
use app::envelope::write_inbound;
use app::ports::{Clock as _, People};
use app::process::{Responder, process};
use async_trait::async_trait;
use domain::{
    ActionNews, ActionResult, AgentAction, AgentId, ChannelId, Content, EventKind, Identity, InboundEvent, UnixMillis,
};
use testkit::World;

use crate::support::{responder_of, shop_bot};

/// The table, and how often it was asked.
struct Counted {
    world: World,
    reads: AtomicUsize,
}

#[async_trait]
impl People for Counted {
    async fn seen(&self, at: UnixMillis) -> Result<(), PortError> {
        self.world.seen(at).await
    }

    async fn last_seen(&self) -> Result<Option<UnixMillis>, PortError> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.world.last_seen().await
    }
}

struct Desk {
    people: Counted,
    events: AtomicUsize,
}

impl Desk {
    fn new() -> Self {
        let people = Counted { world: World::new(shop_bot()), reads: AtomicUsize::new(0) };
        Self { people, events: AtomicUsize::new(0) }
    }

    async fn happens(&self, user: &str, kind: EventKind) {
        let world = &self.people.world;
        let deps = Responder { people: &self.people, ..responder_of(world) };
        let key = self.events.fetch_add(1, Ordering::Relaxed).to_string();
        let event = InboundEvent::new(visitor(user), &key, world.now(), None, kind);
        process(&deps, &write_inbound(&event)).await.unwrap();
    }

    /// Books a visit, and the company's system does not answer: how often it was asked who is there, and what was said.
    async fn books_in_vain(&self, user: &str) -> (usize, String) {
        let before = self.people.reads.load(Ordering::Relaxed);
        for text in ["I'd like to make an appointment", "next Wednesday", "evening", "+44 20 7946 0958", "yes"] {
            self.happens(user, EventKind::Message { content: Content::Text { text: text.to_owned() } }).await;
        }
        assert_eq!(self.people.reads.load(Ordering::Relaxed), before, "no way hung on it yet");
        let group = visitor(user).group();
        let id = self.people.world.head(&group).unwrap().memory.flow.unwrap().action.unwrap();
        self.happens(user, EventKind::ActionDone(ActionNews { id, result: ActionResult::Failed })).await;
        let reads = self.people.reads.load(Ordering::Relaxed) - before;
        let turns = self.people.world.turns(&group);
        let said = turns.iter().flat_map(|turn| &turn.messages).filter_map(|message| {
            if let Content::Text { text } = &message.content { Some(text.clone()) } else { None }
        });
        (reads, said.filter(|text| text.starts_with("I couldn't book it.")).collect())
    }
}

fn visitor(user: &str) -> Identity {
    Identity { channel: ChannelId::Web, account: "shop".to_owned(), user: format!("vis_{user}") }
}

#[tokio::test]
async fn who_is_there_is_known_by_what_people_do_and_read_where_a_way_hangs_on_it() {
    let desk = Desk::new();
    let (reads, said) = desk.books_in_vain("ann").await;
    assert!(reads == 1 && !said.contains("A colleague will book it"), "nobody was ever at work: {reads}, {said}");

    let conversation = desk.people.world.head(&visitor("ann").group()).unwrap().id;
    let agent = AgentId::derive(&[b"li"]);
    desk.happens("ann", EventKind::Agent { agent, conversation, action: AgentAction::Accept }).await;
    let (reads, said) = desk.books_in_vain("bob").await;
    assert!(reads == 1 && said.ends_with("A colleague will book it for you."), "{reads}, {said}");

    // The shop's lease is ten minutes.
    desk.people.world.pass(601);
    let (reads, said) = desk.books_in_vain("cy").await;
    assert!(reads == 1 && !said.contains("A colleague will book it"), "whoever it was has gone: {reads}, {said}");
}
