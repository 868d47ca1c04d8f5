//! Visitors who write one message after the other, retry what was not acknowledged, and send copies of what was.

use app::ports::Clock as _;
use channels::web::session::{Session, identity, issue};
use domain::{Content, GroupId, Identity, InboundEvent, VisitorId};
use fastrand::Rng;
use testkit::{World, session_keys};

use crate::facts::{Shared, Written};
use crate::stage;

/// The key that the world signs sessions with.
pub(crate) const SECRET: &[u8] = b"a secret of thirty-two bytes ...";

/// One visitor.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    id: VisitorId,
    pub(crate) token: String,
    /// Which of the simulation's visitors it is.
    pub(crate) number: u32,
    /// How many messages the visitor sends.
    pub(crate) messages: u32,
    /// Whether people of the company have to do with this one.
    pub(crate) attended: bool,
}

impl Visitor {
    pub(crate) fn new(world: &World, number: u32, messages: u32, attended: bool) -> Self {
        let id = VisitorId::derive(&[b"simulated", &number.to_be_bytes()]);
        let expires_at = world.now().plus_seconds(1_000_000_000);
        let session = Session { visitor: id.clone(), locale: None, expires_at, identified: false };
        let token = issue(&session, &session_keys(SECRET), world.now()).unwrap();
        Self { id, token, number, messages, attended }
    }

    pub(crate) fn identity(&self) -> Identity {
        identity(&self.id)
    }

    pub(crate) fn group(&self) -> GroupId {
        self.identity().group()
    }

    fn text(&self, message: u32) -> String {
        format!("visitor {}, message {message}.", self.number)
    }

    pub(crate) fn content(&self, message: u32) -> Content {
        Content::Text { text: self.text(message) }
    }

    /// The body of a request that sends this text.
    pub(crate) fn body(message: u32, text: &str) -> String {
        let client = format!("00000000-0000-4000-8000-{message:012}");
        format!(r#"{{"client_id":"{client}","content":{{"type":"text","text":"{text}"}}}}"#)
    }

    /// Sends a message once; its event, if that was acknowledged.
    pub(crate) async fn send(&self, world: &World, message: u32) -> Option<InboundEvent> {
        self.say(world, message, &self.text(message)).await
    }

    /// The same with a text of its own.
    pub(crate) async fn say(&self, world: &World, message: u32, text: &str) -> Option<InboundEvent> {
        stage::post(world, &self.token, &Self::body(message, text)).await.ok()?.pop()
    }

    /// Sends every message until it is acknowledged, and some again.
    pub(crate) async fn write(self, world: World, mut rng: Rng, facts: Shared) {
        for message in 0..self.messages {
            // Whom people of the company answer asks for them now and then.
            let asks = self.attended && rng.u32(0..6) == 0;
            let text = if asks { "人工".to_owned() } else { self.text(message) };
            let since = world.now();
            let event = loop {
                match self.say(&world, message, &text).await {
                    Some(event) => break event,
                    None => facts.borrow_mut().copies += 1,
                }
            };
            facts.borrow_mut().written.push(Written {
                visitor: self.number,
                event: event.id,
                since,
                until: event.at,
                text,
            });
            // Who may have been forgotten since would be writing them anew.
            let copies = if self.attended { 0 } else { rng.u32(0..8).saturating_sub(5) };
            for _ in 0..copies {
                facts.borrow_mut().copies += 1;
                self.send(&world, rng.u32(0..=message)).await;
            }
            world.sleep(self.thought(&mut rng)).await;
        }
        facts.borrow_mut().writing -= 1;
    }

    /// Bursts, and now and then a thought about as long as messages are hidden, or as people wait.
    fn thought(&self, rng: &mut Rng) -> u64 {
        match rng.u32(0..48) {
            0..3 => rng.u64(50_000..70_000),
            3 if self.attended => rng.u64(0..900_000),
            4..16 if self.attended => rng.u64(0..20_000),
            _ => rng.u64(0..30),
        }
    }
}
