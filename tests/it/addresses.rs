//! Identities whose user ids are addresses: to whom their first message links them, and what that costs.

use std::sync::atomic::{AtomicU32, Ordering};

use app::PortError;
use app::answers::KnowledgeBot;
use app::envelope::write_inbound;
use app::ports::{Clock as _, HandleOwner, Handles};
use app::process::{Responder, process};
use async_trait::async_trait;
use domain::{ChannelId, Content, CustomerId, EventKind, Handle, Identity, InboundEvent, Proof, UnixMillis};
use testkit::World;
use tests::channel::{keyed, number};

use crate::support::responder_of;

/// The world's addresses, counting who asks for them.
struct Counted(World, AtomicU32);

#[async_trait]
impl Handles for Counted {
    async fn claim(&self, handle: &Handle, customer: &CustomerId, now: UnixMillis) -> Result<HandleOwner, PortError> {
        self.0.claim(handle, customer, now).await
    }

    async fn owner(&self, handle: &Handle) -> Result<Option<HandleOwner>, PortError> {
        self.1.fetch_add(1, Ordering::SeqCst);
        self.0.owner(handle).await
    }
}

fn identity(user: &str) -> Identity {
    Identity { channel: ChannelId::Web, account: "default".to_owned(), user: user.to_owned() }
}

fn phone(user: &str) -> Handle {
    Handle::phone(&number(&identity(user))).unwrap()
}

async fn happens(handles: &Counted, user: &str, id: &str, kind: EventKind) {
    let world = &handles.0;
    let deps = Responder { channels: keyed, handles, ..responder_of(world) };
    world.pass(1);
    let event = InboundEvent::new(identity(user), id, world.now(), None, kind);
    process(&deps, &write_inbound(&event)).await.unwrap();
}

async fn says(handles: &Counted, user: &str, id: &str) {
    happens(handles, user, id, EventKind::Message { content: Content::Text { text: "hello".to_owned() } }).await;
}

#[tokio::test]
async fn the_first_message_belongs_to_whom_the_address_does_and_no_other_asks() {
    let handles = Counted(World::new(KnowledgeBot::without_knowledge()), AtomicU32::new(0));
    let [ann, bob] = [b"ann", b"bob"].map(|name| CustomerId::derive(&[name]));
    for (user, customers) in [("owned", vec![&ann]), ("contested", vec![&ann, &bob])] {
        for customer in customers {
            handles.claim(&phone(user), customer, UnixMillis(0)).await.unwrap();
        }
    }
    let own = CustomerId::of(&identity("contested"));
    for (asked, (user, customer)) in (1..).zip([("owned", ann), ("free", phone("free").customer()), ("contested", own)])
    {
        for id in ["1", "2", "2", "3"] {
            says(&handles, user, id).await;
        }
        assert_eq!(handles.0.head(&identity(user).group()).unwrap().customer(), customer, "{user}");
        assert_eq!(handles.1.load(Ordering::SeqCst), asked, "one look for each of them");
    }
    let members = handles.0.customers_of(&identity("free").group());
    assert_eq!(members, [phone("free").customer()], "the member is committed with the turn");
}

#[tokio::test]
async fn who_was_forgotten_is_looked_up_when_they_write_again_and_not_before() {
    let handles = Counted(World::new(KnowledgeBot::without_knowledge()), AtomicU32::new(0));
    says(&handles, "someone", "1").await;
    happens(&handles, "someone", "2", EventKind::Forget).await;
    let link = EventKind::IdentityLinked {
        customer: CustomerId::derive(&[b"x"]),
        proof: Proof::SignedIdentity,
        address: None,
    };
    happens(&handles, "someone", "3", link).await;
    assert_eq!(handles.0.head(&identity("someone").group()).unwrap().link, None);
    assert_eq!(handles.1.load(Ordering::SeqCst), 1);
    for id in ["4", "5"] {
        says(&handles, "someone", id).await;
    }
    assert_eq!(handles.0.head(&identity("someone").group()).unwrap().customer(), phone("someone").customer());
    assert_eq!(handles.1.load(Ordering::SeqCst), 2);
}
