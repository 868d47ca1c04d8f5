//! Whose the conversation is, and being forgotten.

use super::*;

fn link(customer: &CustomerId, proof: Proof) -> EventKind {
    link_by(customer, proof, None)
}

fn link_by(customer: &CustomerId, proof: Proof, address: Option<CustomerId>) -> EventKind {
    EventKind::IdentityLinked { customer: customer.clone(), proof, address }
}

#[test]
fn a_clock_that_is_ahead_forgets_nothing_that_is_still_to_come() {
    let mut desk = Desk::new(Policy::default());
    desk.says(10, "hello");
    let forget = InboundEvent::new(identity(), "ahead", UnixMillis::from_seconds(9000), None, EventKind::Forget);
    let now = UnixMillis::from_seconds(20);
    let context =
        Context { now, bot: &Parrot, capabilities: &WEB, calls: &<[Message]>::len, policy: &desk.policy, proven: None };
    desk.head = Some(decide(desk.head.as_ref(), &forget, &context).unwrap().head);
    assert!(desk.at(30, says("hello again")).is_some());
}

#[test]
fn links_rest_on_proofs_and_what_people_separate_stays_separate() {
    let [x, y] = ["x", "y"].map(|name| CustomerId::derive(&[name.as_bytes()]));
    let own = CustomerId::of(&identity());
    let mut desk = Desk::new(Policy::default());
    let linked = desk.at(0, link(&x, Proof::SignedIdentity)).unwrap();
    let change = Change::Linked { customer: x.clone(), from: own.clone(), proof: Proof::SignedIdentity };
    assert_eq!((linked.turn.changes, linked.head.customer()), (vec![change], x.clone()));
    assert_eq!(desk.at(1, link(&x, Proof::SignedIdentity)), None, "known");
    let refused = desk.at(2, link(&y, Proof::VerifiedPhone)).unwrap().turn.changes;
    assert_eq!(refused, [Change::LinkRefused { customer: y.clone() }]);
    let separated = desk.at(3, EventKind::IdentitySeparated { agent: agent("a") }).unwrap();
    assert_eq!(separated.head.customer(), own);
    assert!(matches!(
        desk.at(4, link(&x, Proof::SignedIdentity)).unwrap().turn.changes[..],
        [Change::LinkRefused { .. }]
    ));
    let by_hand = desk.at(5, link(&y, Proof::Agent { agent: agent("a") })).unwrap();
    assert_eq!(by_hand.head.customer(), y);

    let mut home = Desk::new(Policy::default());
    let registered = home.at(0, link(&own, Proof::SignedIdentity)).unwrap();
    let change = Change::Linked { customer: own.clone(), from: own.clone(), proof: Proof::SignedIdentity };
    assert_eq!((registered.turn.changes, registered.head.customer()), (vec![change], own.clone()));
    assert_eq!(home.at(1, link(&own, Proof::SignedIdentity)), None, "once");
}

#[test]
fn an_address_moves_an_identity_from_whoever_is_known_by_it_alone_and_from_nobody_else() {
    let [account, other] = ["account", "other"].map(|name| CustomerId::derive(&[name.as_bytes()]));
    let email = Handle::email("ann@example.com").unwrap();
    let guest = email.customer();
    let phone = Handle::phone("+8613800138000").unwrap();
    let by = |handle: &Handle, customer: &CustomerId| link_by(customer, handle.proof(), Some(handle.customer()));
    let refused = |decision: Option<Decision>, customer: &CustomerId| {
        let changes = decision.unwrap().turn.changes;
        assert_eq!(changes, [Change::LinkRefused { customer: customer.clone() }]);
    };
    let known_by_email = || {
        let mut desk = Desk::new(Policy::default());
        assert_eq!(desk.at(0, by(&email, &guest)).unwrap().head.customer(), guest);
        desk
    };

    let mut desk = known_by_email();
    assert_eq!(desk.at(1, by(&email, &guest)), None, "known");
    refused(desk.at(2, link(&account, Proof::SignedIdentity)), &account);
    refused(desk.at(3, link(&account, Proof::VerifiedEmail)), &account);
    refused(desk.at(4, by(&phone, &account)), &account);
    let own = link_by(&account, Proof::SignedIdentity, Some(guest.clone()));
    refused(desk.at(5, own), &account);
    let moved = desk.at(6, by(&email, &account)).unwrap();
    let change = Change::Linked { customer: account.clone(), from: guest.clone(), proof: Proof::VerifiedEmail };
    assert_eq!((moved.turn.changes, moved.head.customer()), (vec![change], account.clone()));
    assert_eq!(desk.at(7, by(&email, &account)), None, "once");
    refused(desk.at(8, by(&email, &other)), &other);
    refused(desk.at(9, by(&email, &guest)), &guest);

    let mut desk = known_by_email();
    desk.at(1, EventKind::IdentitySeparated { agent: agent("a") });
    refused(desk.at(2, by(&email, &account)), &account);
    let own = CustomerId::of(&identity());
    refused(desk.at(3, link_by(&account, Proof::VerifiedEmail, Some(own))), &account);
}

#[test]
fn an_identity_that_is_an_address_is_linked_by_its_first_message_and_never_after() {
    let handle = Handle::phone("+8613800138000").unwrap();
    let customer = handle.customer();
    let change =
        Change::Linked { customer: customer.clone(), from: CustomerId::of(&identity()), proof: Proof::VerifiedPhone };
    let mut desk = Desk::new(Policy::default());
    desk.proven = Some(Proven { customer: customer.clone(), proof: handle.proof() });
    assert_eq!(desk.at(0, EventKind::Forget).unwrap().head.link, None, "who wants to be forgotten is not made known");
    let back = desk.at(1, says("hello")).unwrap();
    assert_eq!((&back.turn.changes, back.head.customer()), (&vec![change.clone()], customer.clone()));
    assert_eq!((authors(&back), back.head.seq), (vec![Author::Customer, Author::Bot], 2), "and is answered");
    desk.proven = Some(Proven { customer: CustomerId::derive(&[b"other"]), proof: handle.proof() });
    assert_eq!(desk.at(2, says("hello")).unwrap().turn.changes, []);

    let mut desk = Desk::new(Policy::default());
    desk.proven = Some(Proven { customer: customer.clone(), proof: handle.proof() });
    assert_eq!(desk.at(0, says("hello")).unwrap().turn.changes, [change]);
    desk.at(1, EventKind::IdentitySeparated { agent: agent("a") });
    assert_eq!(desk.at(2, says("hello")).unwrap().turn.changes, [], "what a person separated stays so");
}

#[test]
fn who_was_forgotten_leaves_numbers_only_and_comes_back_by_writing() {
    let mut desk = Desk::new(Policy::default());
    desk.says(10, "!");
    let alarm = desk.head().alarm.unwrap();
    let forgotten = desk.at(20, EventKind::Forget).unwrap();
    assert_eq!(forgotten.turn.changes, [Change::Forgotten { seq: 2, customer: None }]);
    assert_eq!(forgotten.turn.alarm.unwrap().cancel, Some(alarm), "it holds the account's id");
    let left = serde_json::to_string(&forgotten.head).unwrap();
    assert!(!left.contains("vis_1") && forgotten.head.is_erased(), "{left}");
    for late in [says("from before"), EventKind::Forget] {
        assert_eq!(desk.at(20, late), None);
    }
    for late in [EventKind::Timer { alarm }, EventKind::IdentitySeparated { agent: agent("a") }] {
        assert_eq!(desk.at(900, late), None, "nothing but the person brings the person back");
    }
    let again = desk.at(950, EventKind::Forget).unwrap();
    assert_eq!(again.turn.changes, [Change::Forgotten { seq: 2, customer: None }], "what came in since goes too");
    assert!(again.head.is_erased());
    let back = desk.at(1000, says("hello again")).unwrap();
    assert_eq!((back.head.number, back.head.seq, back.head.version), (3, 4, 4));
    assert_eq!(back.head.identity, identity());
    assert_eq!(desk.at(20, says("from before")), None);
}
