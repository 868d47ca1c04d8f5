//! Pushes to visitors' sockets through the socket API's management endpoint.

use app::PortError;
use app::ports::{Clock, Sockets, Wire};
use app::visitor::SOCKET_SECONDS;
use async_trait::async_trait;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::Builder;
use aws_smithy_types::Blob;
use channels::{WireCall, WireReply};
use domain::Identity;
use futures::future::join_all;

use crate::dynamo::DynamoSockets;
use crate::error::failed;
use crate::{Aws, SystemClock};

/// Sockets of one visitor that are pushed to: the newest. Whoever has more reads the rest.
const MOST_SOCKETS: usize = 20;
/// Seconds that a handshake may take.
const HANDSHAKE_SECONDS: i64 = 60;
/// HTTP status with which the socket API says that the visitor has left.
const GONE: u16 = 410;

/// Sockets of one socket API.
#[derive(Debug, Clone)]
pub struct SocketWire {
    client: Client,
    sockets: DynamoSockets,
}

impl SocketWire {
    /// The socket API whose management endpoint this is, with the table that notes open sockets.
    pub fn new(aws: &Aws, endpoint: &str, table: &str) -> Self {
        let config = Builder::from(&aws.config).endpoint_url(endpoint).build();
        Self { client: Client::from_conf(config), sockets: DynamoSockets::new(aws, table) }
    }
}

impl SocketWire {
    /// Pushes frames to one socket in order; the status of the first that does not go through, else 200.
    async fn push(&self, socket: &str, frames: &[String]) -> Result<u16, PortError> {
        for frame in frames {
            let post = self.client.post_to_connection().connection_id(socket).data(Blob::new(frame.as_bytes()));
            if let Err(error) = post.send().await {
                let status = error.raw_response().map(|response| response.status().as_u16());
                return status.ok_or_else(|| failed("push to a socket")(error));
            }
        }
        Ok(200)
    }
}

#[async_trait]
impl Wire for SocketWire {
    async fn call(&self, to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        let group = &to.group();
        let WireCall::Push { frames } = call else {
            return Err(PortError::permanent("push to sockets", "this is no push"));
        };
        let now = SystemClock.now();
        let mut sockets = self.sockets.open(group, now).await?;
        sockets.truncate(MOST_SOCKETS);
        let pushes = sockets.iter().map(async |(socket, ends)| {
            let status = self.push(socket, frames).await?;
            // While its handshake goes on, a socket is "gone" too; it will read what it missed once it is open.
            let age = SOCKET_SECONDS.saturating_sub(ends.saturating_sub(now.seconds()));
            if status == GONE && age > HANDSHAKE_SECONDS {
                self.sockets.closed(group, socket).await?;
            }
            Ok(WireReply { status, ..WireReply::default() })
        });
        join_all(pushes).await.into_iter().collect()
    }
}
