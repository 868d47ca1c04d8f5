//! The queue of files that are to be fetched.

use app::PortError;
use app::envelope::write_fetch;
use app::ports::MediaQueue;
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use domain::Fetch;

use crate::Aws;
use crate::error::failed;

/// `media.fifo`.
#[derive(Debug, Clone)]
pub struct SqsMedia {
    client: Client,
    url: String,
}

impl SqsMedia {
    /// The queue at this URL.
    pub fn new(aws: &Aws, url: &str) -> Self {
        Self { client: Client::new(&aws.config), url: url.to_owned() }
    }
}

#[async_trait]
impl MediaQueue for SqsMedia {
    async fn send(&self, fetch: &Fetch) -> Result<(), PortError> {
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(write_fetch(fetch))
            .message_group_id(fetch.identity.group().as_str())
            .message_deduplication_id(fetch.message.as_str())
            .send()
            .await
            .map_err(failed("send to the media queue"))?;
        Ok(())
    }
}
