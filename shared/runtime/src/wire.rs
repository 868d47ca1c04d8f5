//! Calls to providers' HTTP APIs. No redirect is followed, and no answer is read beyond a size.

use std::collections::BTreeMap;
use std::time::Duration;

use app::PortError;
use app::ports::Wire;
use async_trait::async_trait;
use channels::{HttpCall, WireCall, WireReply, channel};
use domain::{ChannelId, Identity};
use reqwest::header::RETRY_AFTER;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Proxy};

use crate::settings::{Settings, SettingsError};

/// Bytes of an answer that are read: what became of a message is short.
const ANSWER_BYTES: usize = 16 * 1024;

/// Where providers' APIs are, and by which way.
#[derive(Debug, Clone, Default)]
pub struct Route {
    /// An address under which every provider's API is found instead of at the provider's, by the channel's name: a sandbox.
    pub elsewhere: Option<String>,
    /// A proxy with a fixed address, for providers that only take calls from listed ones.
    pub egress: Option<String>,
}

impl Route {
    /// As the settings say.
    pub fn read(settings: &Settings) -> Self {
        Self { elsewhere: settings.optional("PROVIDERS_URL"), egress: settings.optional("EGRESS_PROXY_URL") }
    }
}

/// The addresses of providers' APIs.
#[derive(Debug, Clone)]
pub(crate) struct Addresses {
    own: BTreeMap<&'static str, String>,
    /// Whether no provider is at its own address.
    elsewhere: bool,
}

impl Addresses {
    /// As the route says.
    pub(crate) fn new(route: &Route) -> Self {
        let elsewhere = route.elsewhere.as_deref();
        let address = |id: &ChannelId| match elsewhere {
            Some(base) => (id.as_str(), format!("{base}/{id}")),
            None => (id.as_str(), channel(*id).api().to_owned()),
        };
        Self { own: ChannelId::ALL.iter().map(address).collect(), elsewhere: elsewhere.is_some() }
    }

    /// The whole address of a call. A target that begins with `https://` names another host: the provider's, or, where a
    /// channel has no API of its own, the one that the company has set.
    pub(crate) fn of(&self, id: ChannelId, target: &str) -> String {
        let base = self.own.get(id.as_str()).map_or("", String::as_str);
        match target.strip_prefix("https://") {
            Some(_) if !self.elsewhere => target.to_owned(),
            Some(rest) => format!("{base}/{}", rest.split_once('/').map_or("", |(_, path)| path)),
            None => format!("{base}{target}"),
        }
    }
}

/// Providers' HTTP APIs, each at its own address or at the one that the stack was told.
#[derive(Debug, Clone)]
pub struct HttpWire {
    client: Client,
    /// The way to providers that only take calls from listed addresses, where there is one.
    egress: Option<Client>,
    addresses: Addresses,
    /// Bytes of an answer that are read.
    most: usize,
}

impl HttpWire {
    /// No call takes longer than `call`.
    ///
    /// # Errors
    /// The TLS stack cannot be set up, or the egress has no address.
    pub fn new(call: Duration, route: &Route) -> Result<Self, SettingsError> {
        let fault = |error: reqwest::Error| SettingsError::of(format!("calls cannot be made: {error}"));
        let client = || Client::builder().timeout(call).redirect(Policy::none());
        let egress = match &route.egress {
            Some(proxy) => Some(client().proxy(Proxy::all(proxy).map_err(fault)?).build().map_err(fault)?),
            None => None,
        };
        let client = client().build().map_err(fault)?;
        Ok(Self { client, egress, addresses: Addresses::new(route), most: ANSWER_BYTES })
    }

    /// The same, with answers of so many bytes.
    #[must_use]
    pub fn reading(self, most: usize) -> Self {
        Self { most, ..self }
    }

    async fn send(&self, id: ChannelId, call: &HttpCall) -> Result<WireReply, PortError> {
        const DOING: &str = "call the provider";
        let method = Method::from_bytes(call.method.as_bytes()).unwrap_or(Method::POST);
        let client = self.egress.as_ref().filter(|_| channel(id).lists_callers()).unwrap_or(&self.client);
        let mut request = client.request(method, self.addresses.of(id, &call.target)).body(call.body.clone());
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            // Its text would hold the address, and with it a token.
            Err(error) if error.is_connect() || error.is_builder() => return Ok(WireReply::default()),
            Err(error) => return Err(PortError::transient(DOING, without_address(error))),
        };
        let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        let status = answer.status().as_u16();
        let mut body = vec![];
        while body.len() < self.most {
            match answer.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(error) => return Err(PortError::transient(DOING, without_address(error))),
            }
        }
        body.truncate(self.most);
        Ok(WireReply { status, retry_after, body: String::from_utf8_lossy(&body).into_owned() })
    }
}

fn without_address(error: reqwest::Error) -> reqwest::Error {
    error.without_url()
}

#[async_trait]
impl Wire for HttpWire {
    async fn call(&self, to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        match call {
            WireCall::Http(call) => Ok(vec![self.send(to.channel, call).await?]),
            WireCall::Push { .. } | WireCall::Text(_) | WireCall::Mail(_) => {
                Err(PortError::permanent("call the provider", "this is no call of an HTTP API"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
    use tokio::net::TcpListener;

    use super::*;

    #[test]
    fn an_address_that_the_company_has_set_is_elsewhere_too() {
        let wire = |elsewhere| HttpWire::new(Duration::from_secs(1), &Route { elsewhere, egress: None }).unwrap();
        let (own, sandbox) = (wire(None), wire(Some("http://127.0.0.1:1".to_owned())));
        // A channel without an API of its own takes whole addresses.
        let set = ChannelId::ALL.iter().copied().find(|id| *id != ChannelId::ALL[0] && channel(*id).api().is_empty());
        let Some(set) = set else { return };
        let target = "https://shop.example/a/b?c";
        assert_eq!(own.addresses.of(set, target), target);
        assert_eq!(sandbox.addresses.of(set, target), format!("http://127.0.0.1:1/{set}/a/b?c"));
        let other = ChannelId::ALL.iter().copied().find(|id| !channel(*id).api().is_empty()).unwrap();
        assert_eq!(own.addresses.of(other, "/x"), format!("{}/x", channel(other).api()));
        assert_eq!(sandbox.addresses.of(other, "/x"), format!("http://127.0.0.1:1/{other}/x"));
    }

    /// Answers one request; its first line.
    async fn first_line(listener: &TcpListener) -> String {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await.unwrap();
        line.trim_end().to_owned()
    }

    #[tokio::test]
    async fn only_providers_that_list_their_callers_are_called_through_the_egress() {
        let (provider, proxy) =
            (TcpListener::bind("127.0.0.1:0").await.unwrap(), TcpListener::bind("127.0.0.1:0").await.unwrap());
        let at = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let route = Route { elsewhere: Some(at(&provider)), egress: Some(at(&proxy)) };
        let wire = HttpWire::new(Duration::from_secs(5), &route).unwrap();
        let mut ways = [0, 0];
        for id in ChannelId::ALL.iter().copied().filter(|id| !channel(*id).api().is_empty()) {
            let to = Identity { channel: id, account: "a".to_owned(), user: "u".to_owned() };
            let call = WireCall::Http(HttpCall::get("/x".to_owned()));
            let listed = channel(id).lists_callers();
            let (replies, line) =
                tokio::join!(wire.call(&to, &call), first_line(if listed { &proxy } else { &provider }));
            assert_eq!(replies.unwrap()[0].status, 200, "{id}");
            let target = if listed { format!("{}/{id}/x", at(&provider)) } else { format!("/{id}/x") };
            assert_eq!(line, format!("GET {target} HTTP/1.1"), "{id}");
            ways[usize::from(listed)] += 1;
        }
        assert!(ways[0] > 0 && ways[1] > 0, "{ways:?}");
    }
}
