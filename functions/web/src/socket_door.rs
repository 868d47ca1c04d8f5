//! The socket door: lets visitors in by token and origin, and answers their pings. Answers are pushed by outbound-web.
//!
//! A socket's end is not waited for (`$disconnect` may never come): its row has a TTL, and a push that finds it gone
//! deletes it.

use std::time::Duration;

use app::ports::{Clock, Secrets, Sockets};
use app::visitor::{Guard, socket_opened};
use aws::{Aws, DynamoSockets, SsmSecrets, SystemClock};
use aws_lambda_events::apigw::{ApiGatewayProxyResponse, ApiGatewayWebsocketProxyRequest};
use aws_lambda_events::encodings::Body;
use lambda_http::Error;
use lambda_http::http::StatusCode;
use lambda_http::http::header::ORIGIN;
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
pub async fn handle(door: &SocketDoor, request: ApiGatewayWebsocketProxyRequest) -> ApiGatewayProxyResponse {
    let context = &request.request_context;
    match context.event_type.as_deref() {
        Some("CONNECT") => match connect(door, &request).await {
            Ok(()) => answer(200, None),
            Err(problem) => answer(i64::from(problem.status), serde_json::to_string(&problem).ok()),
        },
        Some("MESSAGE") => answer(200, Some(r#"{"action":"pong"}"#.to_owned())),
        Some(_) | None => answer(200, None),
    }
}

async fn connect(door: &SocketDoor, request: &ApiGatewayWebsocketProxyRequest) -> Result<(), Problem> {
    let origin = request.headers.get(ORIGIN).map(|origin| origin.to_str().unwrap_or("not a text"));
    if !door.origins.allow(origin) {
        return Err(Problem::new(StatusCode::FORBIDDEN, "this site may not use the chat").at("origin"));
    }
    let token = request.query_string_parameters.first("token").unwrap_or_default();
    let connection = request.request_context.connection_id.as_deref().unwrap_or_default();
    let guard = Guard { secrets: door.secrets.as_ref(), clock: door.clock.as_ref() };
    socket_opened(&guard, door.sockets.as_ref(), token, connection).await.map_err(refusal::visitor)
}

fn answer(status: i64, body: Option<String>) -> ApiGatewayProxyResponse {
    let mut response = ApiGatewayProxyResponse::default();
    response.status_code = status;
    response.body = body.map(Body::Text);
    response
}
