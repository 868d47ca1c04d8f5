//! The sandbox: a page where a person tries the channels without any account. It holds the web channel: a demo
//! shop with the chat widget, on an origin of its own, as a customer's site has.

use std::convert::Infallible;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};

use anyhow::Context as _;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::console;
use crate::stack::{self, Stack};

/// Answers as soon as the sandbox runs.
pub const HEALTH: &str = "/health";

/// Serves the pages until the process is ended.
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
    let local = tokio::task::LocalSet::new();
    local
        .run_until(async {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let stack = stack.clone();
                tokio::task::spawn_local(async move {
                    let service = service_fn(|request: Request<Incoming>| {
                        let response = respond(&stack, request.method(), request.uri().path());
                        async move { Ok::<_, Infallible>(response) }
                    });
                    let connection = hyper::server::conn::http1::Builder::new();
                    // A browser that goes away in the middle is no error of ours.
                    drop(connection.serve_connection(TokioIo::new(stream), service).await);
                });
            }
        })
        .await
}

fn respond(stack: &Stack, method: &Method, path: &str) -> Response<Full<Bytes>> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return answer(StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "only GET is served here".into());
    }
    match path {
        HEALTH => answer(StatusCode::OK, "text/plain; charset=utf-8", "ok".into()),
        "/stack.js" => answer(StatusCode::OK, "text/javascript; charset=utf-8", stack_script(stack).into()),
        page => match file(page).and_then(|path| Some((fs::read(&path).ok()?, kind(&path)))) {
            Some((bytes, kind)) => answer(StatusCode::OK, kind, bytes),
            None => answer(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", "there is no such page".into()),
        },
    }
}

/// What the pages must know of the stack, and no secret.
fn stack_script(stack: &Stack) -> String {
    let description = stack.read().ok().flatten().unwrap_or_default();
    let text = |pointer: &str| description.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let known = json!({
        "api_url": text("/api_url"),
        "socket_url": text("/socket_url"),
        "widget_url": text("/channels/web/widget_url"),
        "chat_url": text("/channels/web/chat_url"),
    });
    format!("window.FRONTDESK_STACK = {known};\n")
}

/// The file behind a path, if the path stays inside the sandbox's folder.
fn file(path: &str) -> Option<PathBuf> {
    let inside = Path::new(path.trim_start_matches('/'));
    if !inside.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let mut file = stack::root().join("shared/ui/sandbox").join(inside);
    if file.is_dir() {
        file.push("index.html");
    }
    file.is_file().then_some(file)
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("woff2") => "font/woff2",
        Some(_) | None => "application/octet-stream",
    }
}

fn answer(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out_of_the_folder() {
        for path in ["/../src/lib.rs", "/a/../../src/lib.rs", "//etc/passwd", "/./index.html"] {
            assert!(!matches!(file(path), Some(found) if !found.starts_with(stack::root().join("shared/ui/sandbox"))));
        }
        assert_eq!(file("/../src/lib.rs"), None);
    }

    #[test]
    fn only_reading_is_served() {
        let stack = Stack::at(stack::DEFAULT_PORT);
        assert_eq!(respond(&stack, &Method::POST, "/").status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(respond(&stack, &Method::GET, "/nothing.here").status(), StatusCode::NOT_FOUND);
        assert_eq!(respond(&stack, &Method::GET, HEALTH).status(), StatusCode::OK);
        assert!(stack_script(&stack).starts_with("window.FRONTDESK_STACK = {"));
    }
}
