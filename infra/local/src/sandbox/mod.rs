//! The sandbox: pages where a person tries the channels without any account, and behind them the providers' side of every
//! channel. Nothing leaves this machine.
//!
//! - Pages: the demo shop with the chat widget, on an origin of its own as a customer's site has, and `/channels/`, where
//!   every channel stands beside the others.
//! - `/<provider>/…`: the providers' APIs. The functions' calls go there.
//! - `POST /say`: a customer says something. The sandbox signs (and ciphers) the webhook as the provider does and calls the
//!   stack's, again and again as the provider would. [`say`] has the form.
//! - `POST /check`: the provider checks the webhook's address; [`check`] has the form.
//! - `GET /outbox?channel=&user=&after=`: every call that a provider received, in order; `DELETE /outbox` forgets them.
//! - `POST /faults {"provider","mode","count","seconds","user"}`: a provider misbehaves; [`faults`] has the modes.
//! - SMTP, at the port after the sandbox's own: any program hands mail over there, and it enters as SES would; [`mail`] has
//!   how. `GET /mail/<id>` shows a mail of either direction as it is.
//! - `GET /feed?after=&wait=`: calls and all that customers said and saw, for pages; it waits for something new.
//!
//! Everything is kept in memory, and not too much of it.

pub mod api;
pub mod check;
pub mod client;
pub mod control;
pub mod faults;
pub mod hooks;
pub mod identity;
pub mod ids;
pub mod log;
pub mod mail;
pub mod pages;
pub mod people;
pub mod play;
pub mod provider;
pub mod say;
pub mod shown;
pub mod sign;
pub mod smtp;
pub mod wire;

use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use anyhow::Context as _;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::console;
use crate::stack::Stack;

use self::play::Play;
use self::wire::{Call, Reply};

/// Answers as soon as the sandbox runs.
pub const HEALTH: &str = "/health";

/// Bytes of a request that are read.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// No answer comes, ever: the connection ends.
#[derive(Debug, thiserror::Error)]
#[error("no answer")]
struct Silent;

/// Serves until the process is ended.
///
/// # Errors
/// The port cannot be opened.
pub fn run(stack: &Stack) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot serve")?;
    runtime.block_on(serve(stack))
}

async fn serve(stack: &Stack) -> anyhow::Result<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, stack.sandbox_port()));
    let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
    console::progress(format_args!("serving on http://{address}"));
    let play = Rc::new(Play::new(stack));
    let mail = SocketAddr::from((Ipv4Addr::LOCALHOST, stack.smtp_port()));
    let mail = TcpListener::bind(mail).await.with_context(|| format!("cannot listen on {mail}"))?;
    let local = tokio::task::LocalSet::new();
    local.spawn_local(smtp::serve(Rc::clone(&play), mail));
    local
        .run_until(async {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let play = Rc::clone(&play);
                tokio::task::spawn_local(async move {
                    let service = service_fn(|request| answer(Rc::clone(&play), request));
                    let connection = hyper::server::conn::http1::Builder::new();
                    // A browser that goes away in the middle is no error of ours.
                    drop(connection.serve_connection(TokioIo::new(stream), service).await);
                });
            }
        })
        .await
}

async fn answer(play: Rc<Play>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Silent> {
    let Ok(call) = read(request).await else {
        return Ok(response(Reply::text(413, "the request is too large, or broken off")));
    };
    control::respond(&play, call).await.map(response).ok_or(Silent)
}

/// The request as data.
async fn read(request: Request<Incoming>) -> Result<Call, Box<dyn std::error::Error + Send + Sync>> {
    let (head, body) = request.into_parts();
    let headers = head.headers.iter();
    let headers =
        headers.map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Ok(Call {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: headers.collect(),
        body: Limited::new(body, MAX_BODY).collect().await?.to_bytes().to_vec(),
    })
}

fn response(reply: Reply) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(reply.kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
