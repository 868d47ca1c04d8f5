//! A small HTTP server for the parts that tests play: it lives as long as its guard.

use std::io;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// A request with its whole body.
pub(crate) type Asked = Request<Bytes>;
/// Its answer; an error ends the connection without one.
pub(crate) type Answered = io::Result<Response<Full<Bytes>>>;

/// Keeps a server running.
#[derive(Debug)]
pub(crate) struct Server {
    /// `127.0.0.1:port`.
    pub(crate) address: String,
    accepting: AbortHandle,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Serves on a free port of this machine.
pub(crate) fn serve<F, A>(answer: F) -> Server
where
    F: Fn(Asked) -> A + Clone + Send + 'static,
    A: Future<Output = Answered> + Send + 'static,
{
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let listener = TcpListener::from_std(listener).unwrap();
    let accepting = tokio::spawn(async move {
        // Its end takes the open connections along.
        let mut connections = tokio::task::JoinSet::new();
        while let Ok((stream, _)) = listener.accept().await {
            let answer = answer.clone();
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = answer.clone();
                async move {
                    let (head, body) = request.into_parts();
                    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
                    answer(Request::from_parts(head, body)).await
                }
            });
            let serving = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            connections.spawn(serving);
            while connections.try_join_next().is_some() {}
        }
    });
    Server { address, accepting: accepting.abort_handle() }
}

/// An answer with a status and a body.
pub(crate) fn reply(status: u16, body: impl Into<Bytes>) -> Answered {
    Response::builder().status(status).body(Full::new(body.into())).map_err(io::Error::other)
}
