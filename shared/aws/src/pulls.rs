//! The queue of news whose messages must be fetched.

use app::PortError;
use app::envelope::write_pull;
use app::ports::PullQueue;
use app::pull::{group, news_id};
use async_trait::async_trait;
use aws_sdk_sqs::Client;
use channels::Pull;

use crate::Aws;
use crate::error::failed;

/// `pulls.fifo`.
#[derive(Debug, Clone)]
pub struct SqsPulls {
    client: Client,
    url: String,
}

impl SqsPulls {
    /// The queue at this URL.
    pub fn new(aws: &Aws, url: &str) -> Self {
        Self { client: Client::new(&aws.config), url: url.to_owned() }
    }
}

#[async_trait]
impl PullQueue for SqsPulls {
    async fn send(&self, pull: &Pull, after: Option<&str>) -> Result<(), PortError> {
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(write_pull(pull))
            .message_group_id(group(pull).as_str())
            .message_deduplication_id(news_id(pull, after).as_str())
            .send()
            .await
            .map_err(failed("send to the pull queue"))?;
        Ok(())
    }
}
