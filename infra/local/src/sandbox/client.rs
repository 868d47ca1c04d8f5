//! Calls to the stack's webhooks and to the emulator, on this machine.

use std::time::Duration;

use anyhow::{Context as _, bail};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::provider::Hook;

/// Bytes of an answer that are read.
const MAX_ANSWER: usize = 256 * 1024;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Calls a webhook, with this method.
///
/// # Errors
/// The address is none, nobody answers in time, or not in HTTP.
pub async fn call(method: &str, address: &str, hook: &Hook, wait: Duration) -> anyhow::Result<Answer> {
    timeout(wait, exchange(method, address, hook))
        .await
        .unwrap_or_else(|_| bail!("no answer within {} s", wait.as_secs()))
}

async fn exchange(method: &str, address: &str, hook: &Hook) -> anyhow::Result<Answer> {
    let rest = address.strip_prefix("http://").context("no address of this machine")?;
    let (host, path) = rest.split_once('/').context("an address without a path")?;
    let stream = TcpStream::connect(host).await.with_context(|| format!("nobody listens at {host}"))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::task::spawn_local(connection);
    let joint = match (hook.query.is_empty(), path.contains('?')) {
        (true, _) => "",
        (false, true) => "&",
        (false, false) => "?",
    };
    let target = format!("/{path}{joint}{}", hook.query);
    let mut request = Request::builder().method(method).uri(target).header("host", host);
    for (name, value) in &hook.headers {
        request = request.header(*name, value);
    }
    let answer = sender.send_request(request.body(Full::new(Bytes::from(hook.body.clone())))?).await?;
    let status = answer.status().as_u16();
    let body = Limited::new(answer.into_body(), MAX_ANSWER).collect().await;
    let body = body.map_err(|error| anyhow::anyhow!("the answer breaks off: {error}"))?.to_bytes().to_vec();
    driver.abort();
    Ok(Answer { status, body })
}
