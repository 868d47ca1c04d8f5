//! Whose the conversation is, and being forgotten.

use super::*;

#[test]
fn a_clock_that_is_ahead_forgets_nothing_that_is_still_to_come() {
    let mut desk = Desk::new(Policy::default());
    desk.says(10, "hello");
    let forget = InboundEvent::new(identity(), "ahead", UnixMillis::from_seconds(9000), None, EventKind::Forget);
    let now = UnixMillis::from_seconds(20);
    let context = Context { now, bot: &Parrot, capabilities: &WEB, calls: &<[Message]>::len, policy: &desk.policy };
    desk.head = Some(decide(desk.head.as_ref(), &forget, &context).unwrap().head);
    assert!(desk.at(30, says("hello again")).is_some());
}

#[test]
fn links_rest_on_proofs_and_what_people_separate_stays_separate() {
    let [x, y] = ["x", "y"].map(|name| CustomerId::derive(&[name.as_bytes()]));
    let own = CustomerId::of(&identity());
    let link = |customer: &CustomerId, proof: Proof| EventKind::IdentityLinked { customer: customer.clone(), proof };
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
