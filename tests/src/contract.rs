//! What every implementation of the table's ports must do, in memory and on DynamoDB alike: so the one in memory stays
//! honest.

use app::ports::{
    Alarms, Boundary, Claim, Commit, Conversations, Cursors, Customers, Deliveries, Erasure, FileStore, HandleOwner,
    Handles, Mailbox, Place, Settlement, StoredFile,
};
use domain::{
    AgentId, Alarm, Answer, Answers, Ask, Asked, Attachment, ChannelId, Content, Context, CustomerId, Decision,
    DeliveryStatus, EventKind, Fetch, Handle, Identity, InboundEvent, Locale, MessageId, Notice, Outbound, Outcome,
    Policy, Proof, UnixMillis, decide, upload_of,
};

/// Says every text back.
struct Echo;

impl Answers for Echo {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        let Asked::Content(content) = ask.asked else { unreachable!("nothing here calls an action") };
        let (contents, memory) = (vec![content.clone()], ask.memory.clone());
        Answer { contents, locale: None, outcome: Outcome::Greeted, memory, action: None, model: None, open: vec![] }
    }

    fn notice(&self, notice: Notice, _locale: Option<&Locale>) -> String {
        notice.name().to_owned()
    }
}

const NOW: UnixMillis = UnixMillis(1_800_000_000_000);

fn identity() -> Identity {
    let user = uuid::Uuid::new_v4().to_string();
    Identity { channel: ChannelId::Web, account: "contract".to_owned(), user }
}

fn turn(before: Option<&Decision>, identity: &Identity, text: &str) -> Decision {
    let kind = EventKind::Message { content: Content::Text { text: text.to_owned() } };
    decided(before, &InboundEvent::new(identity.clone(), text, NOW.plus_seconds(1), None, kind))
}

fn forget(before: &Decision, identity: &Identity) -> Decision {
    decided(Some(before), &InboundEvent::new(identity.clone(), "forget", NOW, None, EventKind::Forget))
}

fn decided(before: Option<&Decision>, event: &InboundEvent) -> Decision {
    let channel = channels::channel(ChannelId::Web);
    let policy = Policy::default();
    let capabilities = channel.capabilities();
    let calls = &|messages: &[_]| channel.calls(messages);
    let context = Context { now: NOW, bot: &Echo, capabilities, calls, policy: &policy, proven: None };
    decide(before.map(|decision| &decision.head), event, &context).expect("a turn")
}

fn delivery(decision: &Decision) -> Outbound {
    // How long the customer has waited is told when it goes out, and not kept.
    Outbound { asked_at: None, ..decision.turn.outbound(&decision.head.identity).remove(0) }
}

/// A turn is committed once, by the writer who read the newest head.
pub async fn commits(port: &dyn Conversations) {
    let identity = identity();
    let group = identity.group();
    assert_eq!(port.load(&group).await.unwrap(), None);
    let first = turn(None, &identity, "first");
    assert_eq!(port.commit(&group, &first.head, &first.turn).await.unwrap(), Commit::Done);
    assert_eq!(port.load(&group).await.unwrap().as_ref(), Some(&first.head));

    let again = port.commit(&group, &first.head, &first.turn).await.unwrap();
    assert_eq!(again, Commit::Repeated(Box::new(first.turn.clone())), "the turn as it stands");
    let second = turn(Some(&first), &identity, "second");
    assert_eq!(port.commit(&group, &second.head, &second.turn).await.unwrap(), Commit::Done);
    let late = turn(Some(&second), &identity, "first");
    assert_eq!(
        port.commit(&group, &late.head, &late.turn).await.unwrap(),
        Commit::Repeated(Box::new(first.turn.clone()))
    );

    for stale in [turn(None, &identity, "third"), turn(Some(&first), &identity, "third")] {
        assert_eq!(port.commit(&group, &stale.head, &stale.turn).await.unwrap(), Commit::Stale);
    }
    assert_eq!(port.load(&group).await.unwrap(), Some(second.head));
}

/// One sender holds a delivery at a time; a settled one is done.
pub async fn claims(port: &dyn Deliveries) {
    let identity = identity();
    let outbound = delivery(&turn(None, &identity, "first"));
    let lease = NOW.plus_seconds(60);
    let ours = |tries, parts| Claim::Ours { tries, parts };
    assert_eq!(port.claim(&outbound, NOW, lease).await.unwrap(), ours(1, 0));
    assert_eq!(port.claim(&outbound, NOW, NOW.plus_seconds(99)).await.unwrap(), Claim::Held(lease));
    let mut now = lease.plus_seconds(1);
    let again = async |end: Settlement, claim: Claim| {
        assert_eq!(port.settle(&outbound, &end, now).await.unwrap(), ());
        assert_eq!(port.claim(&outbound, now, now.plus_seconds(60)).await.unwrap(), claim, "after {end:?}");
    };
    assert_eq!(port.claim(&outbound, now, now.plus_seconds(60)).await.unwrap(), ours(2, 0), "the lease ended");
    again(Settlement::Unknown { parts: 1 }, ours(3, 1)).await;
    again(Settlement::GivenBack { parts: 2, doubt: false }, ours(1, 2)).await;
    again(Settlement::GivenBack { parts: 2, doubt: true }, ours(2, 2)).await;
    again(Settlement::GivenBack { parts: 3, doubt: true }, ours(2, 3)).await;
    let foreign = delivery(&turn(None, &identity, "whose head went meanwhile"));
    assert_eq!(port.claim(&foreign, now, now).await.unwrap(), ours(1, 0), "nothing of another delivery counts");
    assert_eq!(port.claim(&outbound, now, now.plus_seconds(60)).await.unwrap(), ours(1, 0));
    again(Settlement::Sent, Claim::Done { news: None, answered: false }).await;
    now = now.plus_seconds(9999);

    for (text, end, news) in [
        ("of another life", Settlement::MaybeSent, DeliveryStatus::MaybeSent),
        (
            "of a third",
            Settlement::Failed { reason: "not there".to_owned() },
            DeliveryStatus::Failed { reason: "not there".to_owned() },
        ),
    ] {
        let other = delivery(&turn(None, &identity, text));
        assert_eq!(other.last_seq(), outbound.last_seq());
        assert_eq!(port.claim(&other, now, now).await.unwrap(), ours(1, 0), "only its own id makes it done");
        port.settle(&other, &end, now).await.unwrap();
        assert_eq!(port.claim(&other, now, now).await.unwrap(), Claim::Done { news: Some(news), answered: false });
    }
}

/// A customer's members are those whose heads say so, after every commit.
pub async fn links(conversations: &dyn Conversations, customers: &dyn Customers) {
    let (identity, other, home) = (identity(), identity(), identity());
    let customer = CustomerId::derive(&[identity.user.as_bytes()]);
    let link =
        |customer: &CustomerId, proof| EventKind::IdentityLinked { customer: customer.clone(), proof, address: None };
    let step = async |before: Option<&Decision>, identity: &Identity, kind: EventKind| {
        let event = InboundEvent::new(identity.clone(), &uuid::Uuid::new_v4().to_string(), NOW, None, kind);
        let next = decided(before, &event);
        let committed = conversations.commit(&identity.group(), &next.head, &next.turn).await.unwrap();
        assert_eq!(committed, Commit::Done);
        next
    };
    let members = async |customer: &CustomerId| {
        let mut members = customers.members(customer).await.unwrap();
        members.sort_by_key(|member| member.identity != identity);
        members
    };
    let first = step(None, &identity, link(&customer, Proof::SignedIdentity)).await;
    step(None, &other, link(&customer, Proof::VerifiedPhone)).await;
    let both = members(&customer).await;
    assert_eq!(both.iter().map(|member| &member.identity).collect::<Vec<_>>(), [&identity, &other]);
    assert_eq!((both[0].since, &both[1].proof), (NOW, &Proof::VerifiedPhone));

    let agent = AgentId::derive(&[b"agent"]);
    let by_hand = Proof::Agent { agent: agent.clone() };
    let elsewhere = CustomerId::of(&other);
    let second = step(Some(&first), &identity, link(&elsewhere, by_hand.clone())).await;
    assert_eq!((members(&customer).await.len(), members(&elsewhere).await.len()), (1, 1));
    step(Some(&second), &identity, EventKind::IdentitySeparated { agent }).await;
    assert_eq!(members(&elsewhere).await, []);
    let own = members(&CustomerId::of(&identity)).await;
    assert_eq!((own.len(), &own[0].proof), (1, &by_hand));

    let own = CustomerId::of(&home);
    step(None, &home, link(&own, Proof::SignedIdentity)).await;
    assert_eq!(members(&own).await[0].identity, home, "whom others are linked to is a member too");
}

/// An address is the first account's that proves it, until a second does; then it is nobody's for good.
pub async fn handles(port: &dyn Handles) {
    let local = uuid::Uuid::new_v4();
    let [email, other] = ["example.com", "example.org"].map(|host| Handle::email(&format!("{local}@{host}")).unwrap());
    let [ann, bob] = [b"ann", b"bob"].map(|name| CustomerId::derive(&[name, local.as_bytes()]));
    let anns = HandleOwner::Customer(ann.clone());
    assert_eq!(port.owner(&email).await.unwrap(), None);
    // Twice at once, soon again, and when the claim is due to be renewed.
    let both = futures::join!(port.claim(&email, &ann, NOW), port.claim(&email, &ann, NOW));
    assert_eq!((both.0.unwrap(), both.1.unwrap()), (anns.clone(), anns.clone()));
    for days in [0, 2, 40] {
        let later = NOW.plus_seconds(days * 24 * 60 * 60);
        assert_eq!(port.claim(&email, &ann, later).await.unwrap(), anns);
        assert_eq!(port.owner(&email).await.unwrap(), Some(anns.clone()));
    }
    assert_eq!(port.claim(&other, &bob, NOW).await.unwrap(), HandleOwner::Customer(bob.clone()), "another address");
    for customer in [&bob, &ann, &bob] {
        assert_eq!(port.claim(&email, customer, NOW).await.unwrap(), HandleOwner::Contested);
        assert_eq!(port.owner(&email).await.unwrap(), Some(HandleOwner::Contested));
    }
    assert_eq!(port.owner(&other).await.unwrap(), Some(HandleOwner::Customer(bob.clone())));

    let raced = Handle::phone(&format!("+1{:012}", local.as_u128() % 1_000_000_000_000)).unwrap();
    let (one, two) = futures::join!(port.claim(&raced, &ann, NOW), port.claim(&raced, &bob, NOW));
    let owners = [one.unwrap(), two.unwrap()].into_iter().filter(|owner| *owner != HandleOwner::Contested).count();
    assert!(owners <= 1, "two owners at once");
    assert_eq!(port.owner(&raced).await.unwrap(), Some(HandleOwner::Contested));
}

/// What is left of a forgotten person is keys, and they still count.
pub async fn erases(
    conversations: &dyn Conversations,
    deliveries: &dyn Deliveries,
    mailbox: &dyn Mailbox,
    erasure: &dyn Erasure,
) {
    let identity = identity();
    let group = identity.group();
    let first = turn(None, &identity, "first");
    let second = turn(Some(&first), &identity, "second");
    for decision in [&first, &second] {
        assert_eq!(conversations.commit(&group, &decision.head, &decision.turn).await.unwrap(), Commit::Done);
    }
    let (sent, under_way) = (delivery(&first), delivery(&second));
    deliveries.claim(&sent, NOW, NOW).await.unwrap();
    deliveries.settle(&sent, &Settlement::Failed { reason: "blocked".to_owned() }, NOW).await.unwrap();
    let forgotten = forget(&second, &identity);
    assert_eq!(conversations.commit(&group, &forgotten.head, &forgotten.turn).await.unwrap(), Commit::Done);
    for _ in 0..2 {
        erasure.erase(&group, Boundary::of(&forgotten.turn).unwrap()).await.unwrap();
    }
    assert!(mailbox.after(&group, 0, 100).await.unwrap().is_empty());
    for late in [&sent, &under_way] {
        assert_eq!(
            deliveries.claim(late, NOW, NOW).await.unwrap(),
            Claim::Done { news: None, answered: false },
            "shut"
        );
    }
    let Commit::Repeated(bare) = conversations.commit(&group, &first.head, &first.turn).await.unwrap() else {
        panic!("an erased turn is still known")
    };
    assert!(bare.messages.is_empty() && bare.outbox.is_empty() && bare.changes.is_empty());
    let head = conversations.load(&group).await.unwrap().unwrap();
    assert!(head.is_erased() && head.seq == 4);

    let back = turn(Some(&forgotten), &identity, "back again");
    assert_eq!(conversations.commit(&group, &back.head, &back.turn).await.unwrap(), Commit::Done);
    let outbound = delivery(&back);
    assert!(matches!(deliveries.claim(&outbound, NOW, NOW).await.unwrap(), Claim::Ours { .. }));
    let theirs = [outbound];
    assert_eq!(mailbox.after(&group, 0, 1).await.unwrap(), theirs, "what was erased does not hide it");
    erasure.erase(&group, Boundary::of(&forgotten.turn).unwrap()).await.unwrap();
    assert_eq!(mailbox.after(&group, 0, 1).await.unwrap(), theirs, "what they wrote since is theirs");
    assert_eq!(conversations.turn(&group, &back.turn.id).await.unwrap(), Some(back.turn));
    assert_eq!(conversations.turn(&group, &forgotten.turn.id).await.unwrap(), Some(forgotten.turn));
    let never = identity.dedup("message", "never sent");
    assert_eq!(conversations.turn(&group, &never).await.unwrap(), None);
}

/// An alarm that is set twice is set once, and one that is gone can be taken back. `set`: the turns of the alarms that
/// an identity has.
pub async fn alarms(port: &dyn Alarms, set: impl AsyncFn(&Identity) -> Vec<u64>) {
    let identity = identity();
    let group = identity.group();
    // Far enough ahead that none goes off meanwhile, wherever this runs.
    let alarm = |turn| Alarm { at: UnixMillis(4_000_000_000_000), turn };
    for _ in 0..2 {
        port.set(&identity, alarm(1)).await.unwrap();
    }
    assert_eq!(set(&identity).await, [1]);
    port.set(&identity, alarm(2)).await.unwrap();
    for left in [vec![2], vec![2]] {
        port.cancel(&group, alarm(1)).await.unwrap();
        assert_eq!(set(&identity).await, left);
    }
    port.cancel(&group, alarm(2)).await.unwrap();
    assert_eq!(set(&identity).await, Vec::<u64>::new());
}

/// An account's place moves step by step, by the puller who read the last one.
pub async fn pulls(port: &dyn Cursors) {
    let account = uuid::Uuid::new_v4().to_string();
    let load = async || port.load(ChannelId::Web, &account).await.unwrap();
    let advance = async |place: &Place| port.advance(ChannelId::Web, &account, place).await.unwrap();
    assert_eq!(load().await, None);
    let first = Place { version: 1, since: NOW, cursor: None };
    assert!(advance(&first).await);
    assert_eq!(load().await.as_ref(), Some(&first));
    let second = Place { version: 2, cursor: Some("c2".to_owned()), ..first.clone() };
    assert!(advance(&second).await);
    for late in [&first, &Place { cursor: Some("another's".to_owned()), ..second.clone() }] {
        assert!(!advance(late).await, "{late:?}");
    }
    assert!(!advance(&Place { version: 4, ..second.clone() }).await, "no step is left out");
    assert_eq!(load().await, Some(second));
    assert_eq!(port.load(ChannelId::Telegram, &account).await.unwrap(), None, "each channel has its own accounts");
}

/// A file is stored once, with notes beside it that come and go; one message's file goes with its notes, and alone.
pub async fn files(store: &dyn FileStore, erasure: &dyn Erasure) {
    let identity = identity();
    let group = identity.group();
    let message = |name: &str| MessageId::derive(&[identity.user.as_bytes(), name.as_bytes()]);
    let (first, other) = (message("first"), message("other"));
    let upload = upload_of(&first);
    assert!(store.look(&group, &upload).await.unwrap().is_none());
    for bytes in [&b"as it came"[..], &b"as it came again, in another form"[..]] {
        let file = StoredFile { mime: "text/plain".to_owned(), bytes: bytes.to_vec() };
        store.put(&group, &upload, file).await.unwrap();
        let found = store.look(&group, &upload).await.unwrap().unwrap();
        assert_eq!((found.size, &found.beginning[..]), (10, &b"as it came"[..]));
    }
    let long = StoredFile { mime: "text/plain".to_owned(), bytes: vec![b'x'; 100_000] };
    store.put(&group, &upload_of(&other), long).await.unwrap();
    let found = store.look(&group, &upload_of(&other)).await.unwrap().unwrap();
    assert!(found.size == 100_000 && found.beginning.len() >= 4096, "the beginning is enough");

    let file = Attachment { upload: None, url: None, name: "f".to_owned(), mime: String::new(), size: 0 };
    let fetch = |message: &MessageId| Fetch {
        identity: identity.clone(),
        message: message.clone(),
        at: NOW,
        locale: None,
        spoken: true,
        file: file.clone(),
    };
    assert_eq!(store.noted(&group, &first).await.unwrap(), None);
    for message in [&first, &first, &other] {
        store.note(&fetch(message)).await.unwrap();
        assert_eq!(store.noted(&group, message).await.unwrap(), Some(fetch(message)));
    }
    for _ in 0..2 {
        store.discard(&group, &first).await.unwrap();
        assert_eq!(store.noted(&group, &first).await.unwrap(), None);
    }
    assert!(store.look(&group, &upload).await.unwrap().is_some(), "the file stays");
    store.note(&fetch(&first)).await.unwrap();
    for _ in 0..2 {
        erasure.erase_file(&group, &first).await.unwrap();
        assert!(store.look(&group, &upload).await.unwrap().is_none());
        assert_eq!(store.noted(&group, &first).await.unwrap(), None);
    }
    assert!(store.look(&group, &upload_of(&other)).await.unwrap().is_some());
    assert_eq!(store.noted(&group, &other).await.unwrap(), Some(fetch(&other)));
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
        let claim = deliveries.claim(outbound, NOW, NOW.plus_seconds(60)).await.unwrap();
        assert!(matches!(claim, Claim::Ours { .. }));
    }
    let group = identity.group();
    assert_eq!(mailbox.after(&group, 0, 100).await.unwrap(), sent, "10 and 12 come after 8");
    assert_eq!(mailbox.after(&group, 0, 2).await.unwrap(), sent[..2]);
    assert_eq!(mailbox.after(&group, 5, 100).await.unwrap(), sent[2..], "in the middle of a delivery: all of it");
    assert!(mailbox.after(&group, 12, 100).await.unwrap().is_empty());
}
