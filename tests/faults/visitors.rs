//! Visitors, who speak the visitor API through the web function.

use app::ports::{Clock as _, Sockets as _};
use aws::SystemClock;
use domain::{DedupId, Identity, VisitorId, message_id};
use serde_json::{Value, json};
use tests::history::Event;
use tests::lambda::Outcome;
use tests::until;
use tests::verdict::Mail;
use uuid::Uuid;

use crate::pipeline::{Pipeline, patience};

/// Questions that the demo shop's bot can answer.
const QUESTIONS: [&str; 2] = ["你们几天能发货？", "how do I return a broken item"];

/// A visitor with a session and an open socket.
#[derive(Debug, Clone)]
pub(crate) struct Visitor {
    pub(crate) identity: Identity,
    token: String,
}

impl Visitor {
    pub(crate) fn group(&self) -> String {
        self.identity.group().as_str().to_owned()
    }

    /// The event that a message under this client id becomes.
    pub(crate) fn event(&self, client: Uuid) -> DedupId {
        self.identity.dedup("message", &client.to_string())
    }

    /// The message's id.
    pub(crate) fn message(&self, client: Uuid) -> String {
        message_id(&self.event(client), 0).as_str().to_owned()
    }
}

impl Pipeline {
    /// A visitor with a new session.
    pub(crate) async fn visitor(&self) -> Visitor {
        let (status, session) = self.http("POST", "/v1/sessions", None, Some(&json!({}))).await;
        assert_eq!(status, 201, "{session}");
        let id: VisitorId = serde_json::from_value(session["visitor_id"].clone()).unwrap();
        let identity = channels::web::session::identity(&id);
        let visitor = Visitor { identity, token: session["token"].as_str().unwrap().to_owned() };
        let socket = Uuid::new_v4().simple().to_string();
        self.open.opened(&visitor.identity.group(), &socket, SystemClock.now().plus_seconds(7200)).await.unwrap();
        self.sockets.opened(&socket, &visitor.group());
        self.known.lock().unwrap().push(visitor.clone());
        visitor
    }

    pub(crate) async fn visitors(&self, count: usize) -> Vec<Visitor> {
        futures::future::join_all((0..count).map(|_| self.visitor())).await
    }

    /// Posts a message once; the answer's status, 0 if there was none.
    pub(crate) async fn post(&self, visitor: &Visitor, client: Uuid) -> u16 {
        let (conversation, message) = (visitor.group(), visitor.message(client));
        self.history.note(Event::Posted { conversation: conversation.clone(), message: message.clone() });
        let question = QUESTIONS[usize::from(client.as_bytes()[0]) % QUESTIONS.len()];
        let body = json!({ "client_id": client.to_string(), "content": { "type": "text", "text": question } });
        let (status, answer) = self.http("POST", "/v1/messages", Some(&visitor.token), Some(&body)).await;
        if status == 202 {
            assert_eq!(answer["id"], message.as_str());
            self.history.note(Event::Acknowledged { conversation, message });
        } else {
            self.history.note(Event::Refused { conversation, message, status });
        }
        status
    }

    /// Posts a message until it is acknowledged, as a client does.
    pub(crate) async fn say(&self, visitor: &Visitor) -> Uuid {
        let client = Uuid::new_v4();
        until("an acknowledgement", patience(), async || (self.post(visitor, client).await == 202).then_some(())).await;
        client
    }

    /// Every visitor writes so many messages, one after the other.
    pub(crate) async fn chat(&self, visitors: &[Visitor], messages: usize) {
        let chats = visitors.iter().map(async |visitor| {
            for _ in 0..messages {
                self.say(visitor).await;
            }
        });
        futures::future::join_all(chats).await;
    }

    /// What a visitor finds.
    pub(crate) async fn mailbox(&self, visitor: &Visitor) -> Vec<Mail> {
        let mut mailbox: Vec<Mail> = vec![];
        loop {
            let after = mailbox.last().map_or(0, |mail| mail.seq);
            let path = format!("/v1/messages?after={after}");
            let (status, page) = self.http("GET", &path, Some(&visitor.token), None).await;
            assert_eq!(status, 200, "{page}");
            let page = page["messages"].as_array().unwrap();
            if page.is_empty() {
                return mailbox;
            }
            mailbox.extend(page.iter().map(|message| Mail {
                message: message["id"].as_str().unwrap().to_owned(),
                seq: message["seq"].as_u64().unwrap(),
                own: message["author"] == "customer",
            }));
        }
    }

    /// One HTTP request through the web function: status and body; status 0 when there was no answer.
    async fn http(&self, method: &str, target: &str, token: Option<&str>, body: Option<&Value>) -> (u16, Value) {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../events/web/open-session.json");
        let mut event: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        event["rawPath"] = json!(path);
        event["rawQueryString"] = json!(query);
        event["requestContext"]["http"]["method"] = json!(method);
        event["requestContext"]["http"]["path"] = json!(path);
        event["body"] = body.map_or(Value::Null, |body| json!(body.to_string()));
        if let Some(token) = token {
            event["headers"]["authorization"] = json!(format!("Bearer {token}"));
        }
        match self.web.invoke(&event, vec![format!("{method} {path}")]).await {
            Outcome::Answered(answer) => {
                let body = answer["body"].as_str().unwrap_or_default();
                let status = answer["statusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
                (status.unwrap_or_default(), serde_json::from_str(body).unwrap_or_default())
            }
            Outcome::Failed(_) | Outcome::Died | Outcome::TimedOut => (0, Value::Null),
        }
    }
}
