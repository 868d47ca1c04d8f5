//! Amazon SES, through which mail goes out.

use app::PortError;
use app::ports::Wire;
use async_trait::async_trait;
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::Builder;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::error::SdkError;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use channels::{MailCall, WireCall, WireReply};
use domain::Identity;
use serde_json::json;

use crate::Aws;
use crate::error::failed;

const DOING: &str = "send a mail";

/// SES, in the account's region.
#[derive(Debug, Clone)]
pub struct SesWire {
    client: Client,
    configuration_set: Option<String>,
    /// What stands behind the `@` of the message ids that SES gives.
    domain: String,
}

impl SesWire {
    /// With the configuration set that tells what becomes of mail, if there is one.
    pub fn new(aws: &Aws, configuration_set: Option<String>) -> Self {
        // SES takes no idempotency key: a call that may have gone through is not made again here.
        let config = Builder::from(&aws.config).retry_config(RetryConfig::disabled()).build();
        let region = aws.config.region().map_or("us-east-1", |region| region.as_ref());
        // "Header fields" of the Amazon SES Developer Guide.
        let domain = if region == "us-east-1" { "email".to_owned() } else { region.to_owned() };
        Self { client: Client::from_conf(config), configuration_set, domain: format!("{domain}.amazonses.com") }
    }

    async fn send(&self, mail: &MailCall) -> Result<WireReply, PortError> {
        let unmade = |error| PortError::permanent(DOING, error);
        let raw = RawMessage::builder().data(mail.raw.clone().into()).build().map_err(unmade)?;
        let mut call = self
            .client
            .send_email()
            .from_email_address(&mail.from)
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().raw(raw).build())
            .set_configuration_set_name(self.configuration_set.clone());
        for (name, value) in mail.tags.iter().filter(|_| self.configuration_set.is_some()) {
            call = call.email_tags(MessageTag::builder().name(*name).value(value).build().map_err(unmade)?);
        }
        match call.send().await {
            Ok(taken) => {
                let body = json!({ "MessageId": taken.message_id, "Domain": self.domain }).to_string();
                Ok(WireReply { status: 200, retry_after: None, body })
            }
            Err(SdkError::ServiceError(refused)) => {
                let headers = refused.raw().headers();
                let retry_after = headers.get("retry-after").and_then(|seconds| seconds.parse().ok());
                let meta = refused.err().meta();
                let body = json!({ "code": meta.code(), "message": meta.message() }).to_string();
                Ok(WireReply { status: refused.raw().status().as_u16(), retry_after, body })
            }
            Err(SdkError::ConstructionFailure(_)) => Ok(WireReply::default()),
            Err(error) => Err(failed(DOING)(error)),
        }
    }
}

#[async_trait]
impl Wire for SesWire {
    async fn call(&self, _to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        match call {
            WireCall::Mail(mail) => Ok(vec![self.send(mail).await?]),
            WireCall::Http(_) | WireCall::Push { .. } | WireCall::Text(_) => {
                Err(PortError::permanent(DOING, "this is for others"))
            }
        }
    }
}
