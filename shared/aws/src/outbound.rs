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
    email: Option<String>,
}

impl SqsOutbound {
    /// The queue of each transport, by URL.
    pub fn new(aws: &Aws, web: &str, social: &str) -> Self {
        Self { client: Client::new(&aws.config), web: web.to_owned(), social: social.to_owned(), email: None }
    }

    /// The same with the queue of mail, where the stack has one.
    #[must_use]
    pub fn with_email(self, email: Option<String>) -> Self {
        Self { email, ..self }
    }

    fn url(&self, transport: Transport) -> Option<&str> {
        match transport {
            Transport::Web => Some(&self.web),
            Transport::Social => Some(&self.social),
            Transport::Email => self.email.as_deref(),
        }
    }
}

#[async_trait]
impl OutboundQueue for SqsOutbound {
    async fn send(&self, outbound: &Outbound) -> Result<(), PortError> {
        const DOING: &str = "send to the outbound queue";
        let queue = self.url(outbound.transport).ok_or_else(|| {
            let none = format!("the stack has no queue for {}: is the channel turned on?", outbound.transport.as_str());
            PortError::transient(DOING, none)
        })?;
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
