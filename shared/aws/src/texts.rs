//! Text messages over SNS.

use app::PortError;
use app::ports::Wire;
use async_trait::async_trait;
use aws_sdk_sns::Client;
use aws_sdk_sns::config::Builder;
use aws_sdk_sns::config::retry::RetryConfig;
use aws_sdk_sns::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sns::types::MessageAttributeValue;
use channels::{TextCall, WireCall, WireReply};
use domain::Identity;
use serde_json::json;

use crate::Aws;
use crate::error::failed;

const DOING: &str = "send a text message";

/// SNS's text messages. What it answers comes back as JSON: `message_id`, or `aws_error` with the `message`.
#[derive(Debug, Clone)]
pub struct SnsTexts {
    client: Client,
}

impl SnsTexts {
    /// This account's and region's.
    pub fn new(aws: &Aws) -> Self {
        // Whoever delivers tries again, and knows that a message may be out already.
        let config = Builder::from(&aws.config).retry_config(RetryConfig::disabled()).build();
        Self { client: Client::from_conf(config) }
    }

    async fn send(&self, call: &TextCall) -> Result<WireReply, PortError> {
        let attribute = |value: &str| {
            let attribute = MessageAttributeValue::builder().data_type("String").string_value(value).build();
            attribute.map_err(|error| PortError::permanent(DOING, error))
        };
        let publish = self
            .client
            .publish()
            .phone_number(&call.to)
            .message(&call.text)
            .message_attributes("AWS.MM.SMS.OriginationNumber", attribute(&call.from)?)
            .message_attributes("AWS.SNS.SMS.SMSType", attribute("Transactional")?);
        let error = match publish.send().await {
            Ok(sent) => return Ok(reply(200, &json!({ "message_id": sent.message_id() }))),
            Err(error) => error,
        };
        let status = error.raw_response().map(|response| response.status().as_u16());
        match (status, &error) {
            (Some(status), SdkError::ServiceError(_)) => {
                Ok(reply(status, &json!({ "aws_error": error.code().unwrap_or_default(), "message": error.message() })))
            }
            _ => Err(failed(DOING)(error)),
        }
    }
}

fn reply(status: u16, body: &serde_json::Value) -> WireReply {
    WireReply { status, retry_after: None, body: body.to_string() }
}

#[async_trait]
impl Wire for SnsTexts {
    async fn call(&self, _to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        match call {
            WireCall::Text(call) => Ok(vec![self.send(call).await?]),
            WireCall::Http(_) | WireCall::Push { .. } | WireCall::Mail(_) => {
                Err(PortError::permanent(DOING, "this is no text message"))
            }
        }
    }
}
