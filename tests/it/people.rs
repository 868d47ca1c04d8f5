//! Who belongs to whom: what signing in links, and what it never does.

use app::ports::Customers as _;
use channels::web::session::identity;
use domain::{CustomerId, Identity};
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};

use crate::support::{Frontdesk, http_event, shop_bot};

/// Opens a session: who is signed in, and the token that the browser has.
async fn open(desk: &Frontdesk, sub: Option<&str>, token: Option<&Value>) -> (u16, Value) {
    let claims = |sub| json!({ "sub": sub, "aud": "frontdesk", "exp": 1_900_000_000, "name": "Ann Example" });
    let header = Header { kid: Some("i1".to_owned()), ..Header::default() };
    let key = EncodingKey::from_secret(b"a secret of thirty-two bytes ...");
    let jwt = sub.map(|sub| encode(&header, &claims(sub), &key).unwrap());
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
    let members = desk.world.members(&customer(sub)).await.unwrap();
    members.into_iter().map(|member| member.identity).collect()
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
