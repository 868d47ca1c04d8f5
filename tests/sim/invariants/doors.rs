//! 1 to 3: what comes in is acknowledged when it is queued, and answered once.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};

use fastrand::Rng;
use futures::future::join_all;
use serde_json::{Value, json};
use testkit::Queue;
use web::{HttpDoor, HttpParts, Origins};

use super::{Trial, answered_once, ask, visitor};
use crate::stage::{Flag, Stage, Way};
use crate::visitors::Visitor;

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

#[tokio::test]
async fn invariant_01_one_id_one_reply() {
    let mut trial = Trial::new(1, "one id, one reply: five copies at once, after ten minutes and after six days");
    for way in [Way::Web, Way::Keyed, Way::Bare] {
        let stage = Stage::new(way);
        let visitor = visitor(&stage, 1);
        let copies = join_all((0..5).map(|_| visitor.send(&stage.world, 0))).await;
        assert_eq!(copies.iter().flatten().count(), 5, "each is acknowledged");
        stage.drain();
        answered_once(&stage, &visitor, [0]);
        for later in [10 * MINUTE, 6 * DAY] {
            stage.world.pass(later);
            ask(&stage, &visitor, 0).await;
            assert!(!stage.world.is_idle(), "the queue has long forgotten its id");
            stage.drain();
            answered_once(&stage, &visitor, [0]);
        }
        assert_eq!(stage.world.turns(&visitor.group()).len(), 1, "one commit");
        trial.ran(7);
    }
    trial.held();
}

#[tokio::test]
async fn invariant_02_what_is_acknowledged_is_answered() {
    let mut trial = Trial::new(2, "every acknowledged message is answered, wherever the door dies");
    let mut rng = Rng::with_seed(2);
    let mut deaths = 0;
    for _ in 0..200 {
        let stage = Stage::new(Way::Web);
        let visitor = visitor(&stage, 1);
        let mut acknowledged = vec![];
        for message in 0..4 {
            if dies_after(rng.u32(1..8), visitor.send(&stage.world, message)) {
                deaths += 1;
                // A client retries; one of two has gone for good.
                if rng.bool() {
                    continue;
                }
                ask(&stage, &visitor, message).await;
            }
            acknowledged.push(message);
        }
        stage.drain();
        let answered: Vec<String> =
            super::spoken(&stage, &visitor).iter().map(|turn| super::text(&turn.messages[0]).to_owned()).collect();
        for message in &acknowledged {
            let text = format!("visitor 1, message {message}.");
            assert_eq!(answered.iter().filter(|said| **said == text).count(), 1, "{text}");
        }
        assert!(answered.len() <= 4 && stage.world.dead().is_empty());
        trial.ran(0);
    }
    assert!(deaths > 100, "{deaths} deaths");
    trial.faults = deaths;
    trial.held();
}

/// Whether a future is dropped before its end.
fn dies_after<T>(polls: u32, future: impl Future<Output = T>) -> bool {
    let waker = Waker::from(Arc::clone(&Flag::raised()));
    let mut future = pin!(future);
    (0..polls).all(|_| future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending())
}

fn door(stage: &Stage) -> HttpDoor {
    let world = &stage.world;
    let parts = HttpParts {
        secrets: Box::new(world.clone()),
        inbound: Box::new(world.clone()),
        mailbox: Box::new(world.clone()),
        handles: Box::new(world.clone()),
        customers: Box::new(world.clone()),
        uploads: Box::new(world.clone()),
        clock: Box::new(world.clone()),
        random: Box::new(world.clone()),
    };
    let origins = Origins::new("https://api.example.com", vec![]);
    HttpDoor::new(parts, origins, "https://api.example.com", "wss://socket.example.com/live", 30)
}

/// The status that a visitor gets for a message.
async fn status(door: &HttpDoor, visitor: &Visitor, message: u32) -> u16 {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/web/open-session.json");
    let mut event: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let path = "/v1/messages";
    event["rawPath"] = json!(path);
    event["requestContext"]["http"]["path"] = json!(path);
    event["headers"] = json!({ "authorization": format!("Bearer {}", visitor.token) });
    event["body"] = json!(Visitor::body(message, &format!("visitor 1, message {message}.")));
    let request = lambda_http::request::from_str(&event.to_string()).unwrap();
    web::handle_http(door, request).await.status().as_u16()
}

#[tokio::test]
async fn invariant_03_nothing_is_acknowledged_unless_queued() {
    let mut trial = Trial::new(3, "not acknowledged unless queued, and a retry leads to one reply");
    let stage = Stage::new(Way::Web);
    let (door, visitor) = (door(&stage), visitor(&stage, 1));
    for (message, (broken, mute)) in
        (0..).zip([(Some("inbound"), None), (Some("secrets"), None), (None, Some("inbound"))])
    {
        stage.world.break_part(broken);
        stage.world.mute_part(mute);
        let before = stage.world.sent(Queue::Inbound);
        let refused = status(&door, &visitor, message).await;
        assert!(refused >= 500, "{refused} with {broken:?} broken and {mute:?} mute");
        assert_eq!(stage.world.sent(Queue::Inbound) - before, usize::from(mute.is_some()));
        stage.world.break_part(None);
        stage.world.mute_part(None);
        assert_eq!(status(&door, &visitor, message).await, 202);
        stage.drain();
        answered_once(&stage, &visitor, 0..=message);
        trial.ran(1);
    }
    trial.held();
}
