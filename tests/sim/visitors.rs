//! Visitors who write one message after the other, retry what was not acknowledged, and send copies of what was.

use app::accept::{Accepted, Door, accept};
use app::ports::Clock as _;
use channels::RawRequest;
use channels::web::session::{Session, identity, issue};
use domain::{ChannelId, Content, GroupId, VisitorId};
use fastrand::Rng;
use testkit::{World, session_keys};

/// The key that the world signs sessions with.
const SECRET: &[u8] = b"a secret of thirty-two bytes ...";

/// One visitor.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    id: VisitorId,
    token: String,
    /// Which of the simulation's visitors it is.
    pub(crate) number: u32,
    /// How many messages the visitor sends.
    pub(crate) messages: u32,
}

impl Visitor {
    pub(crate) fn new(world: &World, number: u32, messages: u32) -> Self {
        let id = VisitorId::derive(&[b"simulated", &number.to_be_bytes()]);
        let expires_at = world.now().plus_seconds(1_000_000_000);
        let session = Session { visitor: id.clone(), locale: None, expires_at, identified: false };
        let token = issue(&session, &session_keys(SECRET), world.now()).unwrap();
        Self { id, token, number, messages }
    }

    pub(crate) fn group(&self) -> GroupId {
        identity(&self.id).group()
    }

    fn text(&self, message: u32) -> String {
        format!("visitor {}, message {message}", self.number)
    }

    pub(crate) fn content(&self, message: u32) -> Content {
        Content::Text { text: self.text(message) }
    }

    /// Sends every message until it is acknowledged, and some again; how many copies there were.
    pub(crate) async fn write(self, world: World, mut rng: Rng) -> u64 {
        let mut copies = 0;
        for message in 0..self.messages {
            while !self.send(&world, message).await {
                copies += 1;
            }
            for _ in 0..rng.u32(0..8).saturating_sub(5) {
                copies += 1;
                self.send(&world, rng.u32(0..=message)).await;
            }
            // Bursts, and now and then a thought about as long as messages are hidden.
            let thought = if rng.u32(0..12) == 0 { rng.u64(50_000..70_000) } else { rng.u64(0..30) };
            world.pause(thought).await;
        }
        copies
    }

    async fn send(&self, world: &World, message: u32) -> bool {
        let client = format!("00000000-0000-4000-8000-{message:012}");
        let body = format!(r#"{{"client_id":"{client}","content":{{"type":"text","text":"{}"}}}}"#, self.text(message));
        let headers = [("authorization".to_owned(), format!("Bearer {}", self.token))];
        let request = RawRequest { method: "POST", url: "/v1/messages", headers: &headers, body: body.as_bytes() };
        let door = Door { secrets: world, inbound: world, clock: world };
        matches!(accept(&door, ChannelId::Web, &request).await, Ok(Accepted::Queued { events, .. }) if !events.is_empty())
    }
}
