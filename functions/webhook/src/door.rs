//! One request of a provider.

use app::accept::{AcceptError, Accepted, accept};
use app::wait;
use channels::{RawRequest, VerifyError};
use lambda_http::http::header::{CONTENT_TYPE, HeaderValue};
use lambda_http::http::{Method, StatusCode};
use lambda_http::request::RequestContext;
use lambda_http::{Body, Request, RequestExt as _, Response};
use runtime::metrics;

use crate::WebhookDoor;

const PLAIN: &str = "text/plain; charset=utf-8";

/// Answers one request: 2xx only once everything that it holds is queued.
pub async fn handle(door: &WebhookDoor, request: Request) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::POST) {
        return answer(StatusCode::METHOD_NOT_ALLOWED, PLAIN, String::new());
    }
    let query = request.uri().query().map_or_else(String::new, |query| format!("?{query}"));
    let origin = door.public_base_url.clone().unwrap_or_else(|| called(&request));
    let url = format!("{origin}{}{query}", request.raw_http_path());
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let raw = RawRequest { method: request.method().as_str(), url: &url, headers: &headers, body: request.body() };
    match accept(&door.door(), door.channel, &raw).await {
        Ok(Accepted::Challenge(body)) => answer(StatusCode::OK, PLAIN, body),
        Ok(Accepted::Queued { events, rejects, wait: patience, awaited, acknowledgement }) => {
            let (count, refused) = (events.len(), rejects.len());
            tracing::info!(channel = %door.channel, events = count, rejects = refused, "accepted");
            if let (Some(patience), Some(waiting)) = (patience, door.waiting()) {
                let direct = wait::answer(&waiting, patience, door.channel, awaited.as_ref(), &raw).await;
                if let Some(direct) = direct {
                    metrics::emit_response_time(direct.time, door.clock.now());
                    return answer(StatusCode::OK, direct.answer.content_type, direct.answer.body);
                }
            }
            answer(StatusCode::OK, acknowledgement.content_type, acknowledgement.body.to_owned())
        }
        Err(AcceptError::Verify(VerifyError::NoKey(purpose))) => {
            let channel = door.channel;
            tracing::error!(%channel, purpose, "no key is set: run `cargo local secrets set {channel} --file`");
            answer(StatusCode::SERVICE_UNAVAILABLE, PLAIN, String::new())
        }
        Err(AcceptError::Verify(error)) => {
            tracing::warn!(channel = %door.channel, "{error}");
            answer(StatusCode::UNAUTHORIZED, PLAIN, String::new())
        }
        Err(AcceptError::Port(error)) => {
            tracing::error!(channel = %door.channel, error = %error.source, "{error}");
            answer(StatusCode::SERVICE_UNAVAILABLE, PLAIN, String::new())
        }
    }
}

/// The origin that was called, as API Gateway knows it; the `host` header is the caller's word.
fn called(request: &Request) -> String {
    let RequestContext::ApiGatewayV2(context) = request.request_context() else { return String::new() };
    context.domain_name.map_or_else(String::new, |domain| format!("https://{domain}"))
}

fn answer(status: StatusCode, content_type: &'static str, body: String) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
