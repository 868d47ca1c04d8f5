//! A company's own system that carries actions out, in memory; and conversations that call one.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use app::PortError;
use app::ports::{ActionReply, ActionSettings, ActionTarget, Clock as _, Commit, Conversations as _};
use async_trait::async_trait;
use channels::{HttpCall, KeySet, WireReply};
use domain::{
    Action, ActionId, Answer, Answers, Ask, Capabilities, Content, Context, EventKind, FlowState, Identity,
    InboundEvent, Locale, Memory, Notice, Outcome, Policy, decide,
};
use serde_json::{Value, json};
use testkit::World;

/// The secret that calls are signed with.
pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

#[derive(Default)]
struct Book {
    keys: Arc<KeySet>,
    /// What was done, by the call's id.
    done: BTreeSet<String>,
    calls: Vec<(String, Value)>,
    next: VecDeque<ActionReply>,
}

/// The system. It does a call once, however often it comes. Clones are the same one.
#[derive(Clone)]
pub struct System {
    world: World,
    book: Arc<Mutex<Book>>,
}

impl System {
    /// One that does the action `find` over HTTPS, and `block` as a function.
    pub fn new(world: &World) -> Self {
        let system = Self { world: world.clone(), book: Arc::default() };
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:block";
        system.set_up(&json!({ "find": { "url": "https://shop.example/find" }, "block": { "function": arn } }));
        system
    }

    /// Who does what from now on.
    pub fn set_up(&self, actions: &Value) {
        let keys = json!({ "send_secrets": [{ "kid": "1", "secret": SECRET }], "settings": { "actions": actions } });
        self.book().keys = Arc::new(KeySet::from_json(&keys.to_string()).unwrap());
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().expect("an unpoisoned system")
    }

    /// What comes of the next calls instead; they are not done.
    pub fn answer(&self, next: impl IntoIterator<Item = ActionReply>) {
        self.book().next.extend(next);
    }

    /// The calls so far: target and body.
    pub fn calls(&self) -> Vec<(String, Value)> {
        self.book().calls.clone()
    }

    /// The ids of the calls that were done.
    pub fn done(&self) -> BTreeSet<String> {
        self.book().done.clone()
    }
}

/// What the system says of a call that it did: the same each time.
pub fn number_of(id: &str) -> String {
    format!("N-{id}")
}

/// An answer with this status and body.
pub fn answered(status: u16, body: &Value) -> ActionReply {
    ActionReply::Reply(WireReply { status, retry_after: None, body: body.to_string() })
}

#[async_trait]
impl ActionSettings for System {
    async fn actions(&self) -> Result<Arc<KeySet>, PortError> {
        self.world.enter("secrets").await?;
        Ok(Arc::clone(&self.book().keys))
    }
}

#[async_trait]
impl ActionTarget for System {
    async fn call(&self, call: &HttpCall) -> ActionReply {
        let unreached = ActionReply::Reply(WireReply::default());
        if self.world.enter("provider").await.is_err() {
            return unreached;
        }
        let reply = {
            let mut book = self.book();
            let body: Value = serde_json::from_slice(&call.body).unwrap();
            let id = body["id"].as_str().unwrap().to_owned();
            book.calls.push((call.target.clone(), body));
            if let Some(reply) = book.next.pop_front() {
                reply
            } else {
                let values = json!({ "number": number_of(&id) });
                book.done.insert(id);
                answered(200, &json!({ "result": "done", "values": values }))
            }
        };
        if self.world.leave("provider").await.is_err() { unreached } else { reply }
    }
}

/// A bot whose flow calls an action whenever somebody writes.
struct Caller(Action);

impl Answers for Caller {
    fn answer(&self, _ask: &Ask<'_>) -> Answer {
        let (flow, step, slots) = ("find".to_owned(), "find".to_owned(), BTreeMap::new());
        let memory = Memory {
            flow: Some(FlowState { flow, step, slots, misses: 0, action: None, passed: vec![] }),
            ..Memory::default()
        };
        let outcome = Outcome::Guided { flow: "find".to_owned() };
        Answer {
            contents: vec![],
            locale: Locale::from_tag("en"),
            outcome,
            memory,
            action: Some(self.0.clone()),
            model: None,
            open: vec![],
        }
    }

    fn notice(&self, notice: Notice, _locale: Option<&Locale>) -> String {
        format!("{notice:?}")
    }
}

/// Somebody writes, and the turn calls an action: committed, and not sent by a responder yet. The event, which is not on a
/// queue, and the call's id.
pub async fn calls(world: &World, identity: &Identity, number: usize, name: &str) -> (InboundEvent, ActionId) {
    let kind = EventKind::Message { content: Content::Text { text: "where is my order".to_owned() } };
    let event = InboundEvent::new(identity.clone(), &format!("calls {number}"), world.now(), None, kind);
    let input = BTreeMap::from([("order".to_owned(), number.to_string())]);
    let bot = Caller(Action { name: name.to_owned(), input });
    let (group, policy) = (identity.group(), Policy { messages_per_minute: 1_000_000, ..Policy::default() });
    loop {
        let Ok(head) = world.load(&group).await else { continue };
        let context = Context {
            now: world.now(),
            bot: &bot,
            capabilities: &Capabilities::PLAIN,
            calls: &|messages| messages.len(),
            policy: &policy,
            proven: None,
        };
        let decision = decide(head.as_ref(), &event, &context).expect("a turn");
        let id = decision.turn.actions(identity, None, decision.head.memory.flow.as_ref()).remove(0).call.id;
        match world.commit(&group, &decision.head, &decision.turn).await {
            Ok(Commit::Done | Commit::Repeated(_)) => return (event, id),
            Ok(Commit::Stale) | Err(_) => {}
        }
    }
}
