//! A proxy in front of the emulator: it keeps which AWS operations were called, with which bodies, and lets mishaps
//! befall them.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::Full;
use hyper::Response;
use hyper::body::Bytes;
use reqwest::Client;
use serde_json::{Value, json};

use crate::server::{Answered, Asked, Server, reply, serve};

/// One call that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service and operation, such as `DynamoDB.PutItem`, or method and path where no header names them.
    pub operation: String,
    /// The request's body, where it is JSON; else null.
    pub body: Value,
    /// The status that the caller saw; 0 while it has seen none, or if its connection was cut.
    pub status: u16,
}

/// What befalls a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mishap {
    /// It is not made: an error with this status and code, as AWS words it.
    Refused(u16, &'static str),
    /// It is made, but answered with status 500.
    Lost,
    /// It is made, but the connection ends instead of an answer.
    Cut,
    /// It is made after this time.
    Late(Duration),
    /// It is not made, and answered with this.
    Answered(Value),
}

impl Mishap {
    /// What `DynamoDB` says when a table is asked for too much.
    pub const THROTTLED: Self = Self::Refused(400, "ProvisionedThroughputExceededException");
    /// What a service says when it cannot just now.
    pub const UNAVAILABLE: Self = Self::Refused(503, "ServiceUnavailable");

    /// Any of them, but for [`Self::Answered`].
    pub fn any(rng: &mut fastrand::Rng) -> Self {
        match rng.u32(0..5) {
            0 => Self::THROTTLED,
            1 => Self::UNAVAILABLE,
            2 => Self::Lost,
            3 => Self::Cut,
            _ => Self::Late(Duration::from_millis(rng.u64(50..400))),
        }
    }
}

/// Decides what befalls a call.
type Judge = Box<dyn FnMut(&Call) -> Option<Mishap> + Send>;

/// What the proxy's connections share.
#[derive(Default)]
struct Inner {
    endpoint: String,
    client: Client,
    calls: Mutex<Vec<Call>>,
    judge: Mutex<Option<Judge>>,
    mishaps: Mutex<Vec<(String, Mishap)>>,
}

/// A running proxy.
#[derive(Clone)]
pub struct Proxy {
    /// Its address, to be used as the endpoint.
    pub url: String,
    inner: Arc<Inner>,
    _server: Arc<Server>,
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Proxy {
    /// Starts a proxy before this endpoint; it lives as long as the test.
    #[expect(clippy::unused_async, reason = "it needs a runtime around it")]
    pub async fn before(endpoint: &str) -> Self {
        let inner = Arc::new(Inner { endpoint: endpoint.to_owned(), ..Inner::default() });
        let serving = Arc::clone(&inner);
        let server = serve(move |request| pass(request, Arc::clone(&serving)));
        Self { url: format!("http://{}", server.address), inner, _server: Arc::new(server) }
    }

    /// The calls since the last time this was asked.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.inner.calls.lock().unwrap())
    }

    /// From now on this decides what befalls calls.
    pub fn befall(&self, judge: impl FnMut(&Call) -> Option<Mishap> + Send + 'static) {
        *self.inner.judge.lock().unwrap() = Some(Box::new(judge));
    }

    /// From now on nothing befalls calls.
    pub fn calm(&self) {
        *self.inner.judge.lock().unwrap() = None;
    }

    /// What has befallen which operations.
    pub fn mishaps(&self) -> Vec<(String, Mishap)> {
        self.inner.mishaps.lock().unwrap().clone()
    }
}

async fn pass(request: Asked, inner: Arc<Inner>) -> Answered {
    let (head, body) = request.into_parts();
    let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    // `DynamoDB_20120810.GetItem` → `DynamoDB.GetItem`
    let operation = match target.and_then(|target| target.split_once('.')) {
        Some((service, operation)) => format!("{}.{operation}", service.split('_').next().unwrap()),
        None => format!("{} {}", head.method, head.uri.path()),
    };
    let mut call = Call { operation, body: serde_json::from_slice(&body).unwrap_or_default(), status: 0 };
    let mishap = inner.judge.lock().unwrap().as_mut().and_then(|judge| judge(&call));
    if let Some(mishap) = &mishap {
        inner.mishaps.lock().unwrap().push((call.operation.clone(), mishap.clone()));
    }
    let forward = async || {
        let url = format!("{}{}", inner.endpoint, head.uri);
        let request = inner.client.request(head.method.clone(), url).headers(head.headers.clone()).body(body.clone());
        forwarded(request).await
    };
    let answer = match mishap {
        None => forward().await,
        Some(Mishap::Late(time)) => {
            tokio::time::sleep(time).await;
            forward().await
        }
        Some(Mishap::Refused(status, code)) => {
            reply(status, json!({ "__type": code, "message": "a test's doing" }).to_string())
        }
        Some(Mishap::Answered(body)) => reply(200, body.to_string()),
        Some(Mishap::Lost) => forward().await.and_then(|_| reply(500, r#"{"__type":"InternalServerError"}"#)),
        Some(Mishap::Cut) => forward().await.and_then(|_| Err(io::ErrorKind::ConnectionAborted.into())),
    };
    call.status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
    inner.calls.lock().unwrap().push(call);
    answer
}

async fn forwarded(request: reqwest::RequestBuilder) -> Answered {
    let sent = request.send().await.map_err(io::Error::other)?;
    let mut response = Response::builder().status(sent.status());
    for (name, value) in sent.headers().iter().filter(|(name, _)| *name != "transfer-encoding") {
        response = response.header(name, value);
    }
    let body: Bytes = sent.bytes().await.map_err(io::Error::other)?;
    response.body(Full::new(body)).map_err(io::Error::other)
}
