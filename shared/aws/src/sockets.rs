//! Pushes to visitors' sockets through the socket API's management endpoint.

use app::PortError;
use app::ports::{Clock, Sockets, Wire};
use async_trait::async_trait;
use aws_sdk_apigatewaymanagement::Client;
use aws_sdk_apigatewaymanagement::config::Builder;
use aws_smithy_types::Blob;
use channels::{WireCall, WireReply};
use domain::GroupId;

use crate::dynamo::DynamoSockets;
use crate::error::failed;
use crate::{Aws, SystemClock};

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
    async fn call(&self, group: &GroupId, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        let WireCall::Push { frames } = call;
        let mut replies = vec![];
        for socket in self.sockets.open(group, SystemClock.now()).await? {
            let status = self.push(&socket, frames).await?;
            if status == GONE {
                self.sockets.closed(group, &socket).await?;
            }
            replies.push(WireReply { status, body: String::new() });
        }
        Ok(replies)
    }
}
