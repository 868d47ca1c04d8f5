//! A proxy in front of the emulator that keeps what passes: which AWS operations were called, with which bodies.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;

/// One call that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The service and operation, such as `DynamoDB.PutItem`, or method and path where no header names them.
    pub operation: String,
    /// The request's body, where it is JSON; else null.
    pub body: Value,
}

/// A running proxy.
#[derive(Debug, Clone)]
pub struct Proxy {
    /// Its address, to be used as the endpoint.
    pub url: String,
    calls: Arc<Mutex<Vec<Call>>>,
}

impl Proxy {
    /// Starts a proxy before this endpoint; it lives as long as the test.
    pub async fn before(endpoint: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::new(Mutex::new(vec![]));
        let (kept, endpoint) = (Arc::clone(&calls), endpoint.to_owned());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, endpoint) = (Arc::clone(&kept), endpoint.clone());
                let service = service_fn(move |request| pass(request, endpoint.clone(), Arc::clone(&kept)));
                tokio::spawn(
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service),
                );
            }
        });
        Self { url, calls }
    }

    /// The calls since the last time this was asked.
    pub fn take(&self) -> Vec<Call> {
        std::mem::take(&mut self.calls.lock().unwrap())
    }
}

async fn pass(
    request: Request<Incoming>,
    endpoint: String,
    kept: Arc<Mutex<Vec<Call>>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let target = head.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
    // `DynamoDB_20120810.GetItem` → `DynamoDB.GetItem`
    let operation = match target.and_then(|target| target.split_once('.')) {
        Some((service, operation)) => format!("{}.{operation}", service.split('_').next().unwrap()),
        None => format!("{} {}", head.method, head.uri.path()),
    };
    let call = Call { operation, body: serde_json::from_slice(&body).unwrap_or_default() };
    kept.lock().unwrap().push(call);
    let url = format!("{endpoint}{}", head.uri);
    let sent = reqwest::Client::new().request(head.method, url).headers(head.headers).body(body).send().await.unwrap();
    let mut response = Response::builder().status(sent.status());
    for (name, value) in sent.headers().iter().filter(|(name, _)| *name != "transfer-encoding") {
        response = response.header(name, value);
    }
    Ok(response.body(Full::new(sent.bytes().await.unwrap())).unwrap())
}
