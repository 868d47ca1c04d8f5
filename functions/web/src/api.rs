//! The visitor API's answers.

use app::accept::{Accepted, accept};
use app::visitor::{self, LINK_SECONDS, SessionRequest};
use channels::web::{MAX_BODY_BYTES, WireMessage, bearer};
use channels::{RawRequest, VerifyError};
use domain::{ChannelId, GroupId, UploadId, message_id};
use lambda_http::http::StatusCode;
use lambda_http::http::header::AUTHORIZATION;
use lambda_http::{Body, Request, RequestExt as _, Response};
use runtime::http::{Problem, json};
use serde_json::{Map, Value};

use crate::{HttpDoor, refusal};

type Answer = Result<Response<Body>, Problem>;

/// Longest wait of a reader, seconds: API Gateway answers 503 after 30.
const MAX_WAIT_SECONDS: i64 = 25;
const OPENAPI: &str = include_str!("../openapi.json");

pub(crate) async fn open_session(door: &HttpDoor, request: &Request) -> Answer {
    let body = object(request)?;
    let asked = SessionRequest {
        locale: optional_text(&body, "locale")?,
        identity: optional_text(&body, "identity")?,
        token: token(request).ok(),
    };
    let (inbound, random) = (door.parts.inbound.as_ref(), door.parts.random.as_ref());
    let opened = visitor::open_session(&door.guard(), inbound, random, door.session_days, &asked).await;
    let (session, token) = opened.map_err(refusal::visitor)?;
    let answer = serde_json::json!({
        "token": token,
        "visitor_id": session.visitor,
        "expires_at": session.expires_at.rfc3339(),
        "socket_url": door.socket_url,
    });
    Ok(json(StatusCode::CREATED, &answer))
}

pub(crate) async fn send_message(door: &HttpDoor, request: &Request) -> Answer {
    let headers: Vec<(String, String)> = request
        .headers()
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let url = format!("{}{}", door.public_base_url, request.raw_http_path());
    let raw =
        RawRequest { method: request.method().as_str(), url: &url, headers: &headers, body: request.body().as_ref() };
    if raw.body.len() > MAX_BODY_BYTES {
        return Err(too_large());
    }
    let accepted = accept(&door.door(), ChannelId::Web, &raw).await.map_err(|error| refusal::accept(&error))?;
    match accepted {
        Accepted::Queued { events, mut rejects, .. } => match (events.first(), rejects.pop()) {
            (Some(event), None) => {
                Ok(json(StatusCode::ACCEPTED, &serde_json::json!({ "id": message_id(&event.id, 0) })))
            }
            (_, Some(reject)) => Err(refusal::reject(reject)),
            (None, None) => Err(Problem::new(StatusCode::BAD_REQUEST, "there is no message in it")),
        },
        Accepted::Challenge(text) => Ok(Response::new(Body::Text(text))),
    }
}

pub(crate) async fn read_messages(door: &HttpDoor, request: &Request) -> Answer {
    let group = group(door, request).await?;
    let query = request.query_string_parameters();
    let number = |name: &str, max: i64| match query.first(name) {
        None => Ok(0),
        Some(text) => match text.parse::<i64>() {
            Ok(number) if (0..=max).contains(&number) => Ok(number),
            Ok(_) | Err(_) => {
                let detail = format!("must be a whole number from 0 to {max}");
                Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).at(name))
            }
        },
    };
    let after = number("after", i64::from(u32::MAX))?.unsigned_abs();
    let wait = number("wait", MAX_WAIT_SECONDS)?;
    let clock = door.parts.clock.as_ref();
    let read = visitor::read(door.parts.mailbox.as_ref(), clock, &group, after, wait).await;
    let messages = read.map_err(|error| refusal::port(&error))?;
    let last = messages.last().map_or(after, |message| message.seq);
    let messages: Vec<WireMessage<'_>> = messages.iter().map(WireMessage::from).collect();
    Ok(json(StatusCode::OK, &serde_json::json!({ "messages": messages, "last": last })))
}

pub(crate) async fn grant_upload(door: &HttpDoor, request: &Request) -> Answer {
    let group = group(door, request).await?;
    let body = object(request)?;
    let name = optional_text(&body, "name")?.unwrap_or_default();
    if name.is_empty() || name.chars().count() > 256 {
        return Err(unprocessable("name", "must have 1 to 256 characters"));
    }
    let mime = optional_text(&body, "mime")?.ok_or_else(|| unprocessable("mime", "is missing"))?;
    let size = body.get("size").and_then(Value::as_u64).unwrap_or_default();
    let (uploads, random) = (door.parts.uploads.as_ref(), door.parts.random.as_ref());
    let granted = visitor::grant_upload(uploads, random, door.parts.clock.now(), &group, mime, size).await;
    let granted = granted.map_err(refusal::visitor)?;
    let fields: Map<String, Value> =
        granted.form.fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect();
    let answer = serde_json::json!({
        "upload": granted.upload,
        "url": granted.form.url,
        "fields": fields,
        "expires_at": granted.ends.rfc3339(),
        "max_bytes": size,
    });
    Ok(json(StatusCode::CREATED, &answer))
}

pub(crate) async fn link_upload(door: &HttpDoor, request: &Request, upload: &str) -> Answer {
    let group = group(door, request).await?;
    let upload: UploadId =
        upload.parse().map_err(|_| Problem::new(StatusCode::NOT_FOUND, "there is no such upload"))?;
    let now = door.parts.clock.now();
    let url = door.parts.uploads.link(&group, &upload, now).await.map_err(|error| refusal::port(&error))?;
    let expires_at = now.plus_seconds(LINK_SECONDS).rfc3339();
    Ok(json(StatusCode::OK, &serde_json::json!({ "url": url, "expires_at": expires_at })))
}

/// The API's description, with this stack's address in it.
pub(crate) fn openapi(door: &HttpDoor) -> Response<Body> {
    let mut description: Value = serde_json::from_str(OPENAPI).unwrap_or_default();
    if let Some(description) = description.as_object_mut() {
        description.insert("servers".to_owned(), serde_json::json!([{ "url": door.public_base_url }]));
    }
    json(StatusCode::OK, &description)
}

pub(crate) fn health(door: &HttpDoor) -> Response<Body> {
    json(StatusCode::OK, &serde_json::json!({ "status": "ok", "build": door.build }))
}

async fn group(door: &HttpDoor, request: &Request) -> Result<GroupId, Problem> {
    let token = token(request).map_err(|error| refusal::verify(&error))?;
    door.guard().group(token).await.map_err(refusal::visitor)
}

/// The token of the `Authorization` header.
fn token(request: &Request) -> Result<&str, VerifyError> {
    bearer(request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()))
}

/// The body as a JSON object; an empty body counts as an empty object.
fn object(request: &Request) -> Result<Map<String, Value>, Problem> {
    let body: &[u8] = request.body().as_ref();
    if body.len() > MAX_BODY_BYTES {
        return Err(too_large());
    }
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::new(StatusCode::BAD_REQUEST, "must be a JSON object").at("body")),
        Err(error) => {
            let detail = format!("not JSON: line {}, column {}", error.line(), error.column());
            Err(Problem::new(StatusCode::BAD_REQUEST, detail).at("body"))
        }
    }
}

fn optional_text<'a>(body: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, Problem> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(unprocessable(name, "must be a text")),
    }
}

fn unprocessable(field: &str, detail: &str) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).at(field)
}

fn too_large() -> Problem {
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, format!("the body has more than {MAX_BODY_BYTES} bytes")).at("body")
}
