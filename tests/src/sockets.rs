//! The socket API as tests play it: what outbound-web pushes to visitors, in order, and how the provider answers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::history::{Event, History};
use crate::server::{Answered, Asked, Server, reply, serve};

/// How the provider answers a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// With this status.
    Status(u16),
    /// Never.
    Hang,
}

/// Decides how a push to a socket is answered.
type Judge = Box<dyn FnMut(&str, &Value) -> Answer + Send>;

#[derive(Default)]
struct Inner {
    judge: Mutex<Option<Judge>>,
    /// Sockets, and whose they are.
    open: Mutex<BTreeMap<String, String>>,
    tries: Mutex<Vec<(String, Value)>>,
}

/// A running socket API.
pub struct SocketApi {
    /// Its management endpoint.
    pub url: String,
    inner: Arc<Inner>,
    _server: Server,
}

impl fmt::Debug for SocketApi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SocketApi").field("url", &self.url).finish_non_exhaustive()
    }
}

impl SocketApi {
    /// Starts it; every push goes through.
    pub fn start(history: History) -> Self {
        let inner = Arc::new(Inner::default());
        let serving = Arc::clone(&inner);
        let server = serve(move |request| push(request, Arc::clone(&serving), history.clone()));
        Self { url: format!("http://{}", server.address), inner, _server: server }
    }

    /// A socket was opened by the visitor of this conversation.
    pub fn opened(&self, socket: &str, conversation: &str) {
        self.inner.open.lock().unwrap().insert(socket.to_owned(), conversation.to_owned());
    }

    /// From now on this decides how pushes are answered.
    pub fn befall(&self, judge: impl FnMut(&str, &Value) -> Answer + Send + 'static) {
        *self.inner.judge.lock().unwrap() = Some(Box::new(judge));
    }

    /// From now on every push goes through.
    pub fn calm(&self) {
        *self.inner.judge.lock().unwrap() = None;
    }

    /// Every push that was tried: conversation and message.
    pub fn tries(&self) -> Vec<(String, Value)> {
        self.inner.tries.lock().unwrap().clone()
    }
}

async fn push(request: Asked, inner: Arc<Inner>, history: History) -> Answered {
    let socket = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
    let Some(conversation) = inner.open.lock().unwrap().get(&socket).cloned() else { return reply(410, "{}") };
    let message: Value = serde_json::from_slice(request.body()).unwrap();
    inner.tries.lock().unwrap().push((conversation.clone(), message.clone()));
    let answer = inner.judge.lock().unwrap().as_mut().map(|judge| judge(&conversation, &message));
    match answer.unwrap_or(Answer::Status(200)) {
        Answer::Hang => std::future::pending().await,
        Answer::Status(status) => {
            if status == 200 {
                let id = message["id"].as_str().unwrap().to_owned();
                let seq = message["seq"].as_u64().unwrap();
                history.note(Event::Pushed { conversation, message: id, seq });
            }
            reply(status, "{}")
        }
    }
}
