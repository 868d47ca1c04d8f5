//! The outbound queues, one per transport.

use app::PortError;
use app::envelope::write_outbound;
use app::ports::OutboundQueue;
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use domain::{Outbound, Transport};

use crate::Aws;
use crate::error::failed;

/// The transports' queues.
#[derive(Debug, Clone)]
pub struct SqsOutbound {
    client: Client,
    queues: Vec<(Transport, String)>,
}

impl SqsOutbound {
    /// The queue of each transport, by URL.
    pub fn new(aws: &Aws, queues: Vec<(Transport, String)>) -> Self {
        Self { client: Client::new(&aws.config), queues }
    }

    fn url(&self, transport: Transport) -> Result<&str, PortError> {
        let found = self.queues.iter().find(|(of, _)| *of == transport).map(|(_, url)| url.as_str());
        // The channel was turned off while messages of it were on their way: turned on again, they go out.
        found.ok_or_else(|| PortError::transient("send to the outbound queue", "the transport has no queue"))
    }
}

#[async_trait]
impl OutboundQueue for SqsOutbound {
    async fn send(&self, outbound: &Outbound) -> Result<(), PortError> {
        const DOING: &str = "send to the outbound queue";
        let queue = self.url(outbound.transport)?;
        self.client
            .send_message()
            .queue_url(queue)
            .message_body(write_outbound(outbound))
            .message_group_id(outbound.identity.group().as_str())
            .message_deduplication_id(outbound.id.as_str())
            .send()
            .await
            .map_err(failed(DOING))?;
        Ok(())
    }
}
