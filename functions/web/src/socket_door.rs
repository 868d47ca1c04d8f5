//! The socket door: lets visitors in by token and origin, and answers their pings. Answers are pushed by outbound-web.
//!
//! A socket's end is not waited for (`$disconnect` may never come): its row has a TTL, and a push that finds it gone
//! deletes it.

use std::time::Duration;

use app::ports::{Clock, Secrets, Sockets};
use app::visitor::{Guard, VisitorError, socket_opened};
use aws::{Aws, DynamoSockets, SsmSecrets, SystemClock};
use lambda_http::http::StatusCode;
use lambda_http::http::header::ORIGIN;
use lambda_http::request::RequestContext;
use lambda_http::{Body, Error, Request, RequestExt as _, Response};
use runtime::http::Problem;
use runtime::settings::Settings;

use crate::origin::Origins;
use crate::refusal;

/// Milliseconds that one AWS call of the door may take.
const CALL_MILLIS: u64 = 5000;

/// The socket door.
pub struct SocketDoor {
    secrets: Box<dyn Secrets>,
    sockets: Box<dyn Sockets>,
    clock: Box<dyn Clock>,
    origins: Origins,
}

impl SocketDoor {
    /// Reads the settings and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, Error> {
        let (table, secrets) = (read.text("TABLE"), read.text("SECRETS_PREFIX"));
        let (base, origins) = (read.text("PUBLIC_BASE_URL"), read.list("ALLOWED_ORIGINS"));
        read.finish(())?;
        let aws = Aws::from_environment(Duration::from_millis(CALL_MILLIS)).await;
        let secrets = Box::new(SsmSecrets::new(&aws, &secrets));
        let sockets = Box::new(DynamoSockets::new(&aws, &table));
        Ok(Self::new(secrets, sockets, Box::new(SystemClock), Origins::new(&base, origins)))
    }

    /// A door over the given parts.
    pub fn new(secrets: Box<dyn Secrets>, sockets: Box<dyn Sockets>, clock: Box<dyn Clock>, origins: Origins) -> Self {
        Self { secrets, sockets, clock, origins }
    }
}

/// Answers one socket event.
pub async fn handle(door: &SocketDoor, request: Request) -> Response<Body> {
    let Some(RequestContext::WebSocket(context)) = request.request_context_ref() else {
        return Problem::new(StatusCode::BAD_REQUEST, "not a socket event").into_response();
    };
    let connection = context.connection_id.as_deref().unwrap_or_default();
    match context.event_type.as_deref() {
        Some("CONNECT") => match connect(door, &request, connection).await {
            Ok(()) => Response::new(Body::Empty),
            Err(problem) => problem.into_response(),
        },
        Some("MESSAGE") => Response::new(Body::Text(r#"{"action":"pong"}"#.to_owned())),
        Some(_) | None => Response::new(Body::Empty),
    }
}

async fn connect(door: &SocketDoor, request: &Request, connection: &str) -> Result<(), Problem> {
    let origin = request.headers().get(ORIGIN).map(|origin| origin.to_str().unwrap_or("not a text"));
    if !door.origins.allow(origin) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "this site may not use the chat").at("origin"));
    }
    let query = request.query_string_parameters();
    let token = query.first("token").unwrap_or_default();
    let guard = Guard { secrets: door.secrets.as_ref(), clock: door.clock.as_ref() };
    socket_opened(&guard, door.sockets.as_ref(), token, connection).await.map_err(|error| match error {
        VisitorError::Verify(refused) => refusal::verify(&refused),
        other => refusal::visitor(other),
    })
}
