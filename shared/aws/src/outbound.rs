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
    web: String,
    social: String,
    sms: String,
}

impl SqsOutbound {
    /// The queue of each transport, by URL.
    pub fn new(aws: &Aws, web: &str, social: &str, sms: &str) -> Self {
        let client = Client::new(&aws.config);
        Self { client, web: web.to_owned(), social: social.to_owned(), sms: sms.to_owned() }
    }

    fn url(&self, transport: Transport) -> &str {
        match transport {
            Transport::Web => &self.web,
            Transport::Social => &self.social,
            Transport::Sms => &self.sms,
        }
    }
}

#[async_trait]
impl OutboundQueue for SqsOutbound {
    async fn send(&self, outbound: &Outbound) -> Result<(), PortError> {
        self.client
            .send_message()
            .queue_url(self.url(outbound.transport))
            .message_body(write_outbound(outbound))
            .message_group_id(outbound.identity.group().as_str())
            .message_deduplication_id(outbound.id.as_str())
            .send()
            .await
            .map_err(failed("send to the outbound queue"))?;
        Ok(())
    }
}
