//! A language model of Amazon Bedrock behind its own API, `Converse` (source: the API reference of Amazon Bedrock Runtime):
//! every model there has the same form in it, and the function's role lets it in.

use std::time::Duration;

use app::PortError;
use app::model::{Completion, Model, Prompt};
use async_trait::async_trait;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, retry::RetryConfig};
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::types::{
    ContentBlock, ConversationRole, InferenceConfiguration, Message, StopReason, SystemContentBlock,
};
use aws_sdk_bedrockruntime::{Client, Config};

use crate::Aws;
use crate::error::failed;

const DOING: &str = "ask the language model";

/// A model of Amazon Bedrock.
#[derive(Debug, Clone)]
pub struct BedrockModel {
    client: Client,
    model: String,
}

impl BedrockModel {
    /// The model, or inference profile, of this id in a region; none: in the function's own.
    pub fn new(aws: &Aws, region: Option<String>, model: &str) -> Self {
        let region = region.map(Region::new).or_else(|| aws.config.region().cloned());
        let config = Builder::from(&aws.config).region(region).build();
        Self { client: Client::from_conf(config), model: model.to_owned() }
    }
}

#[async_trait]
impl Model for BedrockModel {
    async fn complete(&self, prompt: &Prompt, wait: Duration) -> Result<Completion, PortError> {
        let question = Message::builder()
            .role(ConversationRole::User)
            .content(ContentBlock::Text(prompt.user.clone()))
            .build()
            .map_err(|error| PortError::permanent(DOING, error))?;
        let most = i32::try_from(prompt.most).unwrap_or(i32::MAX);
        let inference = InferenceConfiguration::builder().max_tokens(most).temperature(0.0).build();
        // One attempt: a second would come too late, and each is paid for.
        let once = Config::builder()
            .retry_config(RetryConfig::disabled())
            .timeout_config(TimeoutConfig::builder().operation_timeout(wait).build());
        let answer = self
            .client
            .converse()
            .model_id(&self.model)
            .system(SystemContentBlock::Text(prompt.system.clone()))
            .messages(question)
            .inference_config(inference)
            .customize()
            .config_override(once)
            .send()
            .await
            .map_err(failed(DOING))?;
        let tokens = answer.usage().and_then(|usage| u32::try_from(usage.total_tokens()).ok());
        let ended = matches!(answer.stop_reason(), StopReason::EndTurn | StopReason::StopSequence);
        let stopped = (!ended).then(|| answer.stop_reason().as_str().to_owned());
        let said = answer.output().and_then(|output| output.as_message().ok());
        // Models that think aloud do so in blocks of another kind.
        let text = said.into_iter().flat_map(Message::content).filter_map(|block| block.as_text().ok());
        Ok(Completion { text: text.map(String::as_str).collect(), tokens, stopped })
    }
}
