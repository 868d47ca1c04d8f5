//! Actions of the company's own systems: their queue, and those that are Lambda functions.

use app::PortError;
use app::action::MAX_BYTES;
use app::envelope::write_action;
use app::ports::{ActionQueue, ActionReply, ActionTarget};
use async_trait::async_trait;
use aws_sdk_lambda::error::SdkError;
use aws_sdk_lambda::primitives::Blob;
use channels::{HttpCall, WireReply};
use domain::ActionOrder;

use crate::Aws;
use crate::error::failed;

/// `actions.fifo`.
#[derive(Debug, Clone)]
pub struct SqsActions {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl SqsActions {
    /// The queue at this URL.
    pub fn new(aws: &Aws, url: &str) -> Self {
        Self { client: aws_sdk_sqs::Client::new(&aws.config), url: url.to_owned() }
    }
}

#[async_trait]
impl ActionQueue for SqsActions {
    async fn send(&self, order: &ActionOrder) -> Result<(), PortError> {
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(write_action(order))
            .message_group_id(order.identity.group().as_str())
            .message_deduplication_id(order.call.id.as_str())
            .send()
            .await
            .map_err(failed("send to the actions queue"))?;
        Ok(())
    }
}

/// Lambda functions, by ARN: the call's body in, the answer's body out.
#[derive(Debug, Clone)]
pub struct LambdaActions {
    client: aws_sdk_lambda::Client,
}

impl LambdaActions {
    /// Those that the role may invoke.
    pub fn new(aws: &Aws) -> Self {
        Self { client: aws_sdk_lambda::Client::new(&aws.config) }
    }
}

#[async_trait]
impl ActionTarget for LambdaActions {
    async fn call(&self, call: &HttpCall) -> ActionReply {
        let answer = |status, body| ActionReply::Reply(WireReply { status, retry_after: None, body });
        let payload = Blob::new(call.body.clone());
        match self.client.invoke().function_name(&call.target).payload(payload).send().await {
            // It ran, and ended in an error of its own.
            Ok(output) if output.function_error().is_some() => answer(500, String::new()),
            Ok(output) => {
                let body = output.payload().map(AsRef::as_ref).unwrap_or_default();
                if body.len() > MAX_BYTES {
                    return ActionReply::TooLarge;
                }
                answer(200, String::from_utf8_lossy(body).into_owned())
            }
            Err(error) => {
                let service = matches!(error, SdkError::ServiceError(_));
                let status = error.raw_response().filter(|_| service).map_or(0, |raw| raw.status().as_u16());
                let error = failed("invoke an action's function")(error);
                tracing::warn!(error = %error.source, "{error}");
                answer(status, String::new())
            }
        }
    }
}
