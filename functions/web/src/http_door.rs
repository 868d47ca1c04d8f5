//! The HTTP door: what it is made of, and one request through it.

use std::path::Path;
use std::time::Duration;

use app::accept::Door;
use app::ports::{Clock, Customers, Handles, InboundQueue, Mailbox, Random, Secrets, Uploads};
use app::visitor::Guard;
use app::visitor::sign_in::Reception;
use aws::dynamo::Retention;
use aws::{
    Aws, DynamoCustomers, DynamoHandles, DynamoMailbox, S3Uploads, SqsInbound, SsmSecrets, SystemClock, SystemRandom,
};
use lambda_http::http::header::{ALLOW, ORIGIN};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Error, Request, RequestExt as _, Response};
use runtime::fault::watched;
use runtime::http::Problem;
use runtime::settings::Settings;

use crate::api;
use crate::assets::Assets;
use crate::origin::Origins;
use crate::pages::{self, PagePolicy};
use crate::routes::{Found, Route, find};

/// Milliseconds that one AWS call of the door may take.
const CALL_MILLIS: u64 = 5000;

/// What the door reaches outside through.
pub struct HttpParts {
    /// The channels' secrets.
    pub secrets: Box<dyn Secrets>,
    /// Where events go.
    pub inbound: Box<dyn InboundQueue>,
    /// What visitors read.
    pub mailbox: Box<dyn Mailbox>,
    /// Whose addresses are.
    pub handles: Box<dyn Handles>,
    /// Who belongs to a customer.
    pub customers: Box<dyn Customers>,
    /// Visitors' files.
    pub uploads: Box<dyn Uploads>,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// Randomness.
    pub random: Box<dyn Random>,
}

/// The HTTP door.
pub struct HttpDoor {
    pub(crate) parts: HttpParts,
    pub(crate) origins: Origins,
    pub(crate) policy: PagePolicy,
    pub(crate) public_base_url: String,
    pub(crate) socket_url: String,
    pub(crate) session_days: i64,
    pub(crate) assets: Assets,
    pub(crate) build: serde_json::Value,
}

impl HttpDoor {
    /// Reads the settings and the files packed beside `bootstrap`, and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong; packed files that cannot be read.
    pub async fn from_settings(mut read: Settings) -> Result<Self, Error> {
        let root = read.text("LAMBDA_TASK_ROOT");
        let (table, queue, secrets) = (read.text("TABLE"), read.text("INBOUND_QUEUE_URL"), read.text("SECRETS_PREFIX"));
        let (bucket, uploads_url) = (read.text("UPLOADS_BUCKET"), read.text("UPLOADS_URL"));
        let (base, socket, days) = (read.text("PUBLIC_BASE_URL"), read.text("SOCKET_URL"), read.value("SESSION_DAYS"));
        let (origins, retention) = (read.list("ALLOWED_ORIGINS"), Retention::days(read.value("RETENTION_DAYS")));
        read.finish(())?;
        let aws = Aws::from_environment(Duration::from_millis(CALL_MILLIS)).await;
        let parts = HttpParts {
            secrets: Box::new(SsmSecrets::new(&aws, &secrets)),
            inbound: Box::new(watched(SqsInbound::new(&aws, &queue))),
            mailbox: Box::new(DynamoMailbox::new(&aws, &table)),
            handles: Box::new(DynamoHandles::new(&aws, &table, retention)),
            customers: Box::new(DynamoCustomers::new(&aws, &table)),
            uploads: Box::new(S3Uploads::new(&aws, &bucket, &uploads_url)),
            clock: Box::new(SystemClock),
            random: Box::new(SystemRandom),
        };
        let root = Path::new(&root);
        let build = serde_json::from_slice(&std::fs::read(root.join("build.json"))?)?;
        Ok(Self {
            policy: PagePolicy::new(&origins, &socket, &uploads_url),
            assets: Assets::load(&root.join("static"))?,
            build,
            ..Self::new(parts, Origins::new(&base, origins), &base, &socket, days)
        })
    }

    /// A door over the given parts, without files.
    pub fn new(parts: HttpParts, origins: Origins, public_base_url: &str, socket_url: &str, session_days: i64) -> Self {
        Self {
            parts,
            policy: PagePolicy::new(origins.allowed(), socket_url, ""),
            origins,
            public_base_url: public_base_url.to_owned(),
            socket_url: socket_url.to_owned(),
            session_days,
            assets: Assets::default(),
            build: serde_json::Value::Null,
        }
    }

    pub(crate) fn door(&self) -> Door<'_> {
        Door {
            channels: channels::channel,
            secrets: self.parts.secrets.as_ref(),
            inbound: self.parts.inbound.as_ref(),
            pulls: None,
            threads: None,
            files: None,
            clock: self.parts.clock.as_ref(),
        }
    }

    pub(crate) fn reception(&self) -> Reception<'_> {
        Reception {
            guard: self.guard(),
            inbound: self.parts.inbound.as_ref(),
            random: self.parts.random.as_ref(),
            handles: self.parts.handles.as_ref(),
            customers: self.parts.customers.as_ref(),
            days: self.session_days,
        }
    }

    pub(crate) fn guard(&self) -> Guard<'_> {
        Guard { secrets: self.parts.secrets.as_ref(), clock: self.parts.clock.as_ref() }
    }
}

/// Answers one request.
pub async fn handle(door: &HttpDoor, request: Request) -> Response<Body> {
    if request.method() == Method::OPTIONS {
        // API Gateway answers preflights by itself or, where its catch-all route takes them, adds its headers to this.
        return no_content();
    }
    let path = request.raw_http_path().to_owned();
    let (route, segment) = match find(request.method(), &path) {
        Found::Route(route, segment) => (route, segment),
        Found::Nothing => return Problem::new(StatusCode::NOT_FOUND, "there is nothing here").into_response(),
        Found::OtherMethods(methods) => {
            let methods = methods.iter().map(|method| method.as_str()).collect::<Vec<_>>().join(", ");
            let mut response = Problem::new(StatusCode::METHOD_NOT_ALLOWED, format!("use {methods}")).into_response();
            if let Ok(methods) = methods.parse() {
                response.headers_mut().insert(ALLOW, methods);
            }
            return response;
        }
    };
    let origin = request.headers().get(ORIGIN).map(|origin| origin.to_str().unwrap_or("not a text"));
    if path.starts_with("/v1/") && !door.origins.allow(origin) {
        let detail = "this site may not use the chat; add its origin to the stack's AllowedOrigins";
        return Problem::new(StatusCode::FORBIDDEN, detail).at("origin").into_response();
    }
    let answer = match route {
        Route::OpenSession => api::open_session(door, &request).await,
        Route::SendMessage => api::send_message(door, &request).await,
        Route::ReadMessages => api::read_messages(door, &request).await,
        Route::GrantUpload => api::grant_upload(door, &request).await,
        Route::LinkUpload => api::link_upload(door, &request, segment).await,
        Route::OpenApi => Ok(api::openapi(door)),
        Route::Health => Ok(api::health(door)),
        Route::ChatPage => Ok(pages::chat(&door.assets, &door.policy, &request)),
        Route::WidgetScript => Ok(pages::widget(&door.assets, &request)),
        Route::Static => Ok(pages::packed(&door.assets, segment, &request)),
    };
    answer.unwrap_or_else(Problem::into_response)
}

fn no_content() -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}
