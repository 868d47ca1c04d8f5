//! Calls to the company's own systems by HTTPS. Their addresses are settings, and are distrusted like those that customers
//! name: https only, only addresses of the open internet, no redirect, no proxy, and no more is read than is needed.

use std::sync::Arc;
use std::time::Duration;

use app::action::MAX_BYTES;
use app::ports::{ActionReply, ActionTarget};
use async_trait::async_trait;
use channels::{HttpCall, WireReply};
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, Url};

use crate::open::{Open, forbidden};
use crate::settings::SettingsError;
use crate::wire::Route;

/// Systems that are reached by HTTPS.
#[derive(Debug, Clone)]
pub struct HttpActions {
    open: Client,
    /// To the stack's own sandbox.
    near: Client,
    /// Its address, with a slash at the end.
    sandbox: Option<String>,
}

impl HttpActions {
    /// No answer takes longer than `call`.
    ///
    /// # Errors
    /// The TLS stack cannot be set up.
    pub fn new(call: Duration, route: &Route) -> Result<Self, SettingsError> {
        let fault = |error: reqwest::Error| SettingsError::of(format!("actions cannot be called: {error}"));
        let client = || Client::builder().timeout(call).redirect(Policy::none()).no_proxy();
        Ok(Self {
            open: client().dns_resolver(Arc::new(Open)).build().map_err(fault)?,
            near: client().build().map_err(fault)?,
            sandbox: route.elsewhere.as_ref().map(|base| format!("{base}/")),
        })
    }

    async fn answer(&self, call: &HttpCall) -> Result<ActionReply, reqwest::Error> {
        let Ok(url) = Url::parse(&call.target) else { return Ok(ActionReply::Forbidden("its address is none")) };
        let near = self.sandbox.as_deref().is_some_and(|sandbox| url.as_str().starts_with(sandbox));
        if !near && let Some(reason) = forbidden(&url) {
            return Ok(ActionReply::Forbidden(reason));
        }
        let client = if near { &self.near } else { &self.open };
        let mut request = client.post(url).body(call.body.clone());
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        read(request.send().await?).await
    }
}

async fn read(mut answer: Response) -> Result<ActionReply, reqwest::Error> {
    let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
    let status = answer.status().as_u16();
    let mut body = vec![];
    while let Some(chunk) = answer.chunk().await? {
        if body.len().saturating_add(chunk.len()) > MAX_BYTES {
            return Ok(ActionReply::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    Ok(ActionReply::Reply(WireReply { status, retry_after, body }))
}

#[async_trait]
impl ActionTarget for HttpActions {
    async fn call(&self, call: &HttpCall) -> ActionReply {
        self.answer(call).await.unwrap_or_else(|error| {
            // Its text would hold the address.
            tracing::warn!(error = %error.without_url(), "no answer to an action's call");
            ActionReply::Reply(WireReply::default())
        })
    }
}
