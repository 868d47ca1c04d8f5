//! One request of a provider.

use app::accept::{AcceptError, Accepted, accept};
use channels::{RawRequest, VerifyError, channel};
use lambda_http::http::header::{CONTENT_TYPE, HeaderValue};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, RequestExt as _, Response};

use crate::WebhookDoor;

/// Answers one request: 2xx only once everything that it holds is queued.
pub async fn handle(door: &WebhookDoor, request: Request) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return answer(StatusCode::METHOD_NOT_ALLOWED, "text/plain; charset=utf-8", "");
    }
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    let url = format!("{}{}{query}", door.public_base_url, request.raw_http_path());
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let raw = RawRequest { method: request.method().as_str(), url: &url, headers: &headers, body: request.body() };
    let accepted = accept(&door.door(), door.channel, &raw).await;
    match accepted {
        Ok(Accepted::Challenge(body)) => answer(StatusCode::OK, "text/plain; charset=utf-8", &body),
        Ok(Accepted::Queued { events, rejects }) => {
            let (count, refused) = (events.len(), rejects.len());
            tracing::info!(channel = %door.channel, events = count, rejects = refused, "accepted");
            let acknowledgement = channel(door.channel).acknowledgement();
            answer(StatusCode::OK, acknowledgement.content_type, acknowledgement.body)
        }
        Err(AcceptError::Verify(VerifyError::NoKey(purpose))) => {
            let channel = door.channel;
            tracing::error!(%channel, purpose, "no key is set: run `cargo local secrets set {channel} --file`");
            answer(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", "")
        }
        Err(AcceptError::Verify(error)) => {
            tracing::warn!(channel = %door.channel, "{error}");
            answer(StatusCode::UNAUTHORIZED, "text/plain; charset=utf-8", "")
        }
        Err(AcceptError::Port(error)) => {
            tracing::error!(channel = %door.channel, error = %error.source, "{error}");
            answer(StatusCode::SERVICE_UNAVAILABLE, "text/plain; charset=utf-8", "")
        }
    }
}

fn answer(status: StatusCode, content_type: &'static str, body: &str) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
