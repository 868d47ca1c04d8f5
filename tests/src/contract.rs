//! What every implementation of the table's ports must do, in memory and on DynamoDB alike: so the one in memory stays
//! honest.

use app::ports::{Claim, Commit, Conversations, Deliveries, Mailbox};
use domain::{
    Answer, Answers, Ask, ChannelId, Content, Context, Decision, Delivery, EventKind, Identity, InboundEvent, Outbound,
    Outcome, UnixMillis, decide,
};

/// Says every text back.
struct Echo;

impl Answers for Echo {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        Answer { contents: vec![ask.content.clone()], locale: None, outcome: Outcome::Greeted }
    }
}

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

fn identity() -> Identity {
    let user = uuid::Uuid::new_v4().to_string();
    Identity { channel: ChannelId::Web, account: "contract".to_owned(), user }
}

fn turn(before: Option<&Decision>, identity: &Identity, text: &str) -> Decision {
    let kind = EventKind::Message { content: Content::Text { text: text.to_owned() } };
    let event = InboundEvent::new(identity.clone(), text, NOW, None, kind);
    let capabilities = channels::channel(ChannelId::Web).capabilities();
    decide(before.map(|decision| &decision.head), &event, &Context { now: NOW, bot: &Echo, capabilities })
}

fn delivery(decision: &Decision) -> Outbound {
    decision.turn.outbound(&decision.head.identity).remove(0)
}

/// A turn is committed once, by the writer who read the newest head.
pub async fn commits(port: &dyn Conversations) {
    let identity = identity();
    let group = identity.group();
    assert_eq!(port.load(&group).await.unwrap(), None);
    let first = turn(None, &identity, "first");
    assert_eq!(port.commit(&first.head, &first.turn).await.unwrap(), Commit::Done);
    assert_eq!(port.load(&group).await.unwrap().as_ref(), Some(&first.head));

    let again = port.commit(&first.head, &first.turn).await.unwrap();
    assert_eq!(again, Commit::Repeated(Box::new(first.turn.clone())), "the turn as it stands");
    let second = turn(Some(&first), &identity, "second");
    assert_eq!(port.commit(&second.head, &second.turn).await.unwrap(), Commit::Done);
    let late = turn(Some(&second), &identity, "first");
    assert_eq!(port.commit(&late.head, &late.turn).await.unwrap(), Commit::Repeated(Box::new(first.turn.clone())));

    for stale in [turn(None, &identity, "third"), turn(Some(&first), &identity, "third")] {
        assert_eq!(port.commit(&stale.head, &stale.turn).await.unwrap(), Commit::Stale);
    }
    assert_eq!(port.load(&group).await.unwrap(), Some(second.head));
}

/// One sender holds a delivery at a time; a settled one is done.
pub async fn claims(port: &dyn Deliveries) {
    let identity = identity();
    let outbound = delivery(&turn(None, &identity, "first"));
    let lease = NOW.plus_seconds(60);
    assert_eq!(port.claim(&outbound, NOW, lease).await.unwrap(), Claim::Ours);
    assert_eq!(port.claim(&outbound, NOW, NOW.plus_seconds(99)).await.unwrap(), Claim::Held(lease));
    let after = lease.plus_seconds(1);
    assert_eq!(port.claim(&outbound, after, after.plus_seconds(60)).await.unwrap(), Claim::Ours, "the lease ended");
    port.settle(&outbound, &Delivery::Retry { after: None }, after).await.unwrap();
    assert_eq!(port.claim(&outbound, after, after.plus_seconds(60)).await.unwrap(), Claim::Ours, "given back");
    port.settle(&outbound, &Delivery::Sent, after).await.unwrap();
    let later = after.plus_seconds(9999);
    assert_eq!(port.claim(&outbound, later, later).await.unwrap(), Claim::Done);

    let other = delivery(&turn(None, &identity, "of another life"));
    assert_eq!(other.last_seq(), outbound.last_seq());
    assert_eq!(port.claim(&other, later, later).await.unwrap(), Claim::Ours, "only its own id makes it done");
    let refused = Delivery::Rejected { reason: "not there".to_owned() };
    port.settle(&other, &refused, later).await.unwrap();
    assert_eq!(port.claim(&other, later, later).await.unwrap(), Claim::Done, "what was refused is done too");
}

/// The mailbox holds what was claimed, in order, from a place on.
pub async fn reads<P: Deliveries + Mailbox>(port: &P) {
    mailbox(port, port).await;
}

/// The same where the two ports are two values.
pub async fn mailbox(deliveries: &dyn Deliveries, mailbox: &dyn Mailbox) {
    let identity = identity();
    let mut last: Option<Decision> = None;
    let mut sent = vec![];
    for text in ["one", "two", "three", "four", "five", "six"] {
        let next = turn(last.as_ref(), &identity, text);
        sent.push(delivery(&next));
        last = Some(next);
    }
    for outbound in &sent {
        assert_eq!(deliveries.claim(outbound, NOW, NOW.plus_seconds(60)).await.unwrap(), Claim::Ours);
    }
    let group = identity.group();
    assert_eq!(mailbox.after(&group, 0, 100).await.unwrap(), sent, "10 and 12 come after 8");
    assert_eq!(mailbox.after(&group, 0, 2).await.unwrap(), sent[..2]);
    assert_eq!(mailbox.after(&group, 5, 100).await.unwrap(), sent[2..], "in the middle of a delivery: all of it");
    assert!(mailbox.after(&group, 12, 100).await.unwrap().is_empty());
}
