//! Who belongs to whom: what signing in links, and what it never does.

use app::ports::{Clock as _, Customers as _, InboundQueue};
use channels::web::session::identity;
use domain::{AgentId, Change, CustomerId, EventKind, Handle, Identity, InboundEvent, Proof};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::{Frontdesk, http_event, shop_bot};

/// Opens a session: who is signed in, and the token that the browser has.
async fn open(desk: &Frontdesk, sub: Option<&str>, token: Option<&Value>) -> (u16, Value) {
    open_as(desk, sub.map(|sub| json!({ "sub": sub })), token).await
}

/// The same with any claims.
async fn open_as(desk: &Frontdesk, claims: Option<Value>, token: Option<&Value>) -> (u16, Value) {
    let header = Header { kid: Some("i1".to_owned()), ..Header::default() };
    let key = EncodingKey::from_secret(b"a secret of thirty-two bytes ...");
    let jwt = claims.map(|mut claims| {
        (claims["aud"], claims["exp"], claims["name"]) =
            (json!("frontdesk"), json!(1_900_000_000), json!("Ann Example"));
        encode(&header, &claims, &key).unwrap()
    });
    let authorization = token.map(|token| format!("Bearer {}", token.as_str().unwrap()));
    let headers: Vec<_> = authorization.iter().map(|value| ("authorization", value.as_str())).collect();
    desk.http(&http_event("POST", "/v1/sessions", &headers, Some(&json!({ "identity": jwt }).to_string()))).await
}

fn who(session: &Value) -> Identity {
    identity(&serde_json::from_value(session["visitor_id"].clone()).unwrap())
}

fn customer(sub: &str) -> CustomerId {
    CustomerId::derive(&[b"customer", b"default", sub.as_bytes()])
}

async fn members(desk: &Frontdesk, sub: &str) -> Vec<Identity> {
    members_of(desk, &customer(sub)).await
}

async fn members_of(desk: &Frontdesk, customer: &CustomerId) -> Vec<Identity> {
    let members = desk.world.members(customer).await.unwrap();
    members.into_iter().map(|member| member.identity).collect()
}

fn email(address: &str) -> Value {
    json!({ "email": address, "email_verified": true })
}

fn with(sub: &str, mut claims: Value) -> Value {
    claims["sub"] = json!(sub);
    claims
}

/// A guest's session with what is said of them, in a browser of their own.
async fn guest(desk: &Frontdesk, claims: Value) -> Value {
    let (status, session) = open_as(desk, Some(claims), None).await;
    assert_eq!(status, 201, "{session}");
    desk.run_queues().await;
    session
}

fn sorted(mut identities: Vec<Identity>) -> Vec<Identity> {
    identities.sort_by_key(Identity::group);
    identities
}

#[tokio::test]
async fn signing_in_links_the_visitor_and_who_they_were_before() {
    let desk = Frontdesk::new(shop_bot());
    let anonymous = open(&desk, None, None).await.1;
    let named = open(&desk, Some("customer-7"), Some(&anonymous["token"])).await.1;
    desk.run_queues().await;
    assert_eq!(members(&desk, "customer-7").await, sorted(vec![who(&anonymous), who(&named)]));

    // On another device, and again there: nothing changes.
    let versions = || [&anonymous, &named].map(|session| desk.world.head(&who(session).group()).unwrap().version);
    let before = versions();
    for _ in 0..3 {
        open(&desk, Some("customer-7"), None).await;
        desk.world.pass(600);
    }
    desk.run_queues().await;
    desk.world.pass(48 * 60 * 60);
    open(&desk, Some("customer-7"), None).await;
    desk.run_queues().await;
    assert_eq!(versions(), before);
}

#[tokio::test]
async fn neither_a_name_nor_a_shared_browser_links() {
    let desk = Frontdesk::new(shop_bot());
    let anonymous = open(&desk, None, None).await.1;
    let first = open(&desk, Some("customer-7"), Some(&anonymous["token"])).await.1;
    desk.run_queues().await;
    // With the session of the one before, and with the one from before that.
    let second = open(&desk, Some("customer-8"), Some(&first["token"])).await.1;
    open(&desk, Some("customer-8"), Some(&anonymous["token"])).await;
    desk.run_queues().await;
    assert_eq!(members(&desk, "customer-8").await, [who(&second)]);
    assert_eq!(members(&desk, "customer-7").await.len(), 2);
    assert_eq!(desk.world.turns(&who(&first).group()).len(), 1, "nothing is even asked of who was signed in");
}

#[tokio::test]
async fn a_session_whose_links_are_not_queued_is_not_opened() {
    let desk = Frontdesk::new(shop_bot());
    desk.world.break_part(Some("inbound"));
    assert_eq!(open(&desk, Some("customer-7"), None).await.0, 503);
    assert_eq!(open(&desk, None, None).await.0, 201, "an anonymous one has none");
}

#[tokio::test]
async fn guests_are_known_by_their_address_and_become_the_account_that_has_it() {
    let desk = Frontdesk::new(shop_bot());
    let known = Handle::email("ann@example.com").unwrap().customer();
    let one = guest(&desk, email("ann@example.com")).await;
    let two = guest(&desk, email(" Ann@Example.COM")).await;
    assert_ne!(who(&one), who(&two));
    assert_eq!(members_of(&desk, &known).await, sorted(vec![who(&one), who(&two)]));
    for unproved in [
        json!({ "sub": null, "email": "ann@example.com", "email_verified": false, "phone_number": "+14155550100", "phone_number_verified": true }),
        email("bob@example.com"),
    ] {
        guest(&desk, unproved).await;
    }
    assert_eq!(members_of(&desk, &known).await.len(), 2, "neither an unproved address nor a name links");

    let account = guest(&desk, with("customer-7", email("ann@example.com"))).await;
    desk.run_queues().await;
    let all = sorted(vec![who(&one), who(&two), who(&account)]);
    assert_eq!(members(&desk, "customer-7").await, all);
    assert_eq!(members_of(&desk, &known).await, []);

    // Whoever proves it from now on is the account at once; and nothing is done twice.
    let three = guest(&desk, email("ann@example.com")).await;
    let all = sorted([all, vec![who(&three)]].concat());
    assert_eq!(members(&desk, "customer-7").await, all);
    let versions = || all.iter().map(|one| desk.world.head(&one.group()).unwrap().version).collect::<Vec<_>>();
    let before = versions();
    desk.world.pass(48 * 60 * 60);
    guest(&desk, with("customer-7", email("ann@example.com"))).await;
    desk.run_queues().await;
    assert_eq!(versions(), before);
}

#[tokio::test]
async fn who_was_a_guest_in_this_browser_and_signs_in_takes_the_guest_along() {
    let desk = Frontdesk::new(shop_bot());
    let before = open_as(&desk, Some(email("ann@example.com")), None).await.1;
    // Before anything was decided: the guest's link is still on its way.
    let account = open_as(&desk, Some(with("customer-7", email("ann@example.com"))), Some(&before["token"])).await.1;
    desk.run_queues().await;
    assert_eq!(members(&desk, "customer-7").await, sorted(vec![who(&before), who(&account)]));
    let changes: Vec<Change> =
        desk.world.turns(&who(&before).group()).into_iter().flat_map(|turn| turn.changes).collect();
    assert!(matches!(changes.last(), Some(Change::Linked { proof: Proof::VerifiedEmail, .. })), "{changes:?}");

    // An account without that address takes nobody along who is known by it.
    let before = guest(&desk, email("bob@example.com")).await;
    let other = open_as(&desk, Some(with("customer-8", email("eve@example.com"))), Some(&before["token"])).await.1;
    desk.run_queues().await;
    assert_eq!(members(&desk, "customer-8").await, [who(&other)]);
}

#[tokio::test]
async fn a_guest_stays_the_visitor_of_the_browser_and_never_the_account_that_was_signed_in_there() {
    let desk = Frontdesk::new(shop_bot());
    let anonymous = open(&desk, None, None).await.1;
    let proved = open_as(&desk, Some(email("ann@example.com")), Some(&anonymous["token"])).await.1;
    assert_eq!(who(&proved), who(&anonymous));
    let renewed = open(&desk, None, Some(&proved["token"])).await;
    assert_eq!((renewed.0, who(&renewed.1)), (201, who(&anonymous)), "a guest's session is renewed without a proof");

    let account = open(&desk, Some("customer-7"), None).await.1;
    let guest = open_as(&desk, Some(email("bob@example.com")), Some(&account["token"])).await.1;
    assert_ne!(who(&guest), who(&account));
    desk.run_queues().await;
    assert_eq!(members(&desk, "customer-7").await, [who(&account)]);
}

#[tokio::test]
async fn an_address_of_two_accounts_links_nobody() {
    let desk = Frontdesk::new(shop_bot());
    let first = guest(&desk, with("customer-7", email("family@example.com"))).await;
    let early = guest(&desk, email("family@example.com")).await;
    let second = guest(&desk, with("customer-8", email("family@example.com"))).await;
    let late = guest(&desk, email("family@example.com")).await;
    guest(&desk, with("customer-7", email("family@example.com"))).await;
    assert_eq!(members(&desk, "customer-7").await, sorted(vec![who(&first), who(&early)]), "what was linked stays");
    assert_eq!(members(&desk, "customer-8").await, [who(&second)]);
    assert_eq!(desk.world.head(&who(&late).group()), None, "nothing is even asked of a guest of that address");

    // By two addresses of two accounts, and by one of one.
    guest(&desk, with("customer-9", json!({ "phone_number": "+14155550100", "phone_number_verified": true }))).await;
    guest(&desk, with("customer-10", email("ann@example.com"))).await;
    let torn = json!({ "email": "ann@example.com", "email_verified": true, "phone_number": "+1 415 555 0100", "phone_number_verified": true });
    let torn = guest(&desk, torn).await;
    assert_eq!(desk.world.head(&who(&torn).group()), None);
    let whole = json!({ "email": "new@example.com", "email_verified": true, "phone_number": "+1 415 555 0100", "phone_number_verified": true });
    let whole = guest(&desk, whole).await;
    assert!(members(&desk, "customer-9").await.contains(&who(&whole)));
}

#[tokio::test]
async fn what_a_person_separated_no_address_links_again() {
    let desk = Frontdesk::new(shop_bot());
    let one = guest(&desk, email("ann@example.com")).await;
    let kind = EventKind::IdentitySeparated { agent: AgentId::derive(&[b"agent"]) };
    let event = InboundEvent::new(who(&one), "1", desk.world.now(), None, kind);
    InboundQueue::send(&desk.world, &[event]).await.unwrap();
    desk.run_queues().await;
    guest(&desk, with("customer-7", email("ann@example.com"))).await;
    open_as(&desk, Some(email("ann@example.com")), Some(&one["token"])).await;
    open_as(&desk, Some(with("customer-7", email("ann@example.com"))), Some(&one["token"])).await;
    desk.run_queues().await;
    assert!(!members(&desk, "customer-7").await.contains(&who(&one)));
}

#[tokio::test]
async fn a_faulty_claim_is_named_and_a_session_whose_address_is_not_kept_is_not_opened() {
    let desk = Frontdesk::new(shop_bot());
    for (claims, name) in [
        (email("zebra"), "`email`"),
        (json!({ "sub": "7", "phone_number": "0049 30 zebra", "phone_number_verified": true }), "`phone_number`"),
        (json!({ "email": "ann@example.com" }), "`sub`"),
    ] {
        let (status, problem) = open_as(&desk, Some(claims), None).await;
        let detail = problem["detail"].as_str().unwrap();
        assert!(status == 422 && problem["field"] == "identity" && detail.contains(name), "{problem}");
        assert!(!detail.contains("zebra"), "{problem}");
    }
    desk.world.break_part(Some("table"));
    for claims in [email("ann@example.com"), with("customer-7", email("ann@example.com"))] {
        assert_eq!(open_as(&desk, Some(claims), None).await.0, 503);
    }
    assert_eq!(open(&desk, Some("customer-7"), None).await.0, 201, "an account alone needs no table");
}
