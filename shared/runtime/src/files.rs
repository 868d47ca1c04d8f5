//! Customers' files from providers and from addresses that somebody has named. Such an address may lead anywhere, so:
//! https only; whatever name it has, only addresses of the open internet are connected to; redirects are followed by hand
//! and looked at in the same way; and no more is read than is kept.

use std::sync::Arc;
use std::time::Duration;

use app::PortError;
use app::media::MAX_BYTES;
use app::ports::{FileSource, Got};
use async_trait::async_trait;
use channels::{FileReply, HttpCall, Step, channel};
use domain::{ChannelId, Identity};
use reqwest::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, Proxy, Response, Url};

use crate::open::{Open, forbidden};
use crate::settings::SettingsError;
use crate::wire::{Addresses, Route};

/// Redirects that are followed at most.
const MAX_REDIRECTS: usize = 3;

/// Files, by HTTPS.
#[derive(Debug, Clone)]
pub struct HttpFiles {
    /// To providers.
    client: Client,
    /// To providers that only take calls from listed addresses, where there is a way.
    egress: Option<Client>,
    /// To addresses that somebody has named.
    open: Client,
    addresses: Addresses,
    /// The stack's own sandbox, with a slash at the end: what lies below it may be fetched.
    sandbox: Option<String>,
    most: usize,
}

impl HttpFiles {
    /// No answer takes longer than `call`, however much it is.
    ///
    /// # Errors
    /// The TLS stack cannot be set up, or the egress has no address.
    pub fn new(call: Duration, route: &Route) -> Result<Self, SettingsError> {
        let fault = |error: reqwest::Error| SettingsError::of(format!("files cannot be fetched: {error}"));
        let client = || Client::builder().timeout(call).redirect(Policy::none());
        let egress = match &route.egress {
            Some(proxy) => Some(client().proxy(Proxy::all(proxy).map_err(fault)?).build().map_err(fault)?),
            None => None,
        };
        Ok(Self {
            client: client().build().map_err(fault)?,
            egress,
            // A proxy would connect where we do not look.
            open: client().no_proxy().dns_resolver(Arc::new(Open)).build().map_err(fault)?,
            addresses: Addresses::new(route),
            sandbox: route.elsewhere.as_ref().map(|base| format!("{base}/")),
            most: MAX_BYTES,
        })
    }

    async fn api(&self, id: ChannelId, call: &HttpCall) -> Result<Got, PortError> {
        let client = self.egress.as_ref().filter(|_| channel(id).lists_callers()).unwrap_or(&self.client);
        let Ok(url) = Url::parse(&self.addresses.of(id, &call.target)) else { return Ok(Got::Forbidden(NO_ADDRESS)) };
        match sent(client, url, call, true).await {
            Some(answer) => Ok(self.read(answer).await),
            None => Ok(unreached()),
        }
    }

    async fn address(&self, call: &HttpCall) -> Result<Got, PortError> {
        let Ok(mut url) = Url::parse(&call.target) else { return Ok(Got::Forbidden(NO_ADDRESS)) };
        let first = url.origin();
        for _ in 0..=MAX_REDIRECTS {
            let ours = self.sandbox.as_deref().is_some_and(|sandbox| url.as_str().starts_with(sandbox));
            if url.scheme() == "http" && !ours {
                // Most that is named without TLS is there with it, too.
                let secured = url.set_scheme("https").is_ok() && url.port().is_none();
                if !secured {
                    return Ok(Got::Forbidden(NOT_HTTPS));
                }
            }
            if !ours && let Some(reason) = forbidden(&url) {
                return Ok(Got::Forbidden(reason));
            }
            let client = if ours { &self.client } else { &self.open };
            // A token is for the host that it was given for, not for where that sends us.
            let trusted = url.origin() == first;
            let Some(answer) = sent(client, url.clone(), call, trusted).await else { return Ok(unreached()) };
            if !answer.status().is_redirection() {
                return Ok(self.read(answer).await);
            }
            let next = answer.headers().get(LOCATION).and_then(|place| url.join(place.to_str().ok()?).ok());
            let Some(next) = next else { return Ok(Got::Forbidden(NO_ADDRESS)) };
            url = next;
        }
        Ok(Got::Forbidden("it sends from address to address"))
    }

    /// The whole answer, unless it is too much.
    async fn read(&self, mut answer: Response) -> Got {
        let headers = answer.headers();
        let retry_after = number(headers, &RETRY_AFTER);
        let mime = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mime = mime.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let stated: Option<usize> = number(headers, &CONTENT_LENGTH);
        if stated.is_some_and(|bytes| bytes > self.most) {
            return Got::TooLarge;
        }
        let status = answer.status().as_u16();
        let mut body = vec![];
        loop {
            match answer.chunk().await {
                Ok(Some(chunk)) if body.len().saturating_add(chunk.len()) > self.most => return Got::TooLarge,
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => return Got::Reply(FileReply { status, retry_after, mime, body }),
                // Half a file is none.
                Err(_) => return unreached(),
            }
        }
    }
}

const NO_ADDRESS: &str = "its address is none";
const NOT_HTTPS: &str = "its address is not https";

/// Asking for a file can be done again: whatever befalls it, it is as if it had not been done.
fn unreached() -> Got {
    Got::Reply(FileReply::default())
}

fn number<T: std::str::FromStr>(headers: &HeaderMap, name: &HeaderName) -> Option<T> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

async fn sent(client: &Client, url: Url, call: &HttpCall, trusted: bool) -> Option<Response> {
    let mut request = client.get(url);
    for (name, value) in call.headers.iter().filter(|(name, _)| trusted || *name != AUTHORIZATION.as_str()) {
        request = request.header(*name, value);
    }
    match request.send().await {
        Ok(answer) => Some(answer),
        Err(error) => {
            // Its text would hold the address, and with it a token.
            tracing::warn!(error = %error.without_url(), "no answer to a call for a file");
            None
        }
    }
}

#[async_trait]
impl FileSource for HttpFiles {
    async fn get(&self, of: &Identity, step: &Step) -> Result<Got, PortError> {
        match step {
            Step::Api(call) => self.api(of.channel, call).await,
            Step::Address(call) => self.address(call).await,
        }
    }
}

#[cfg(test)]
mod tests;
