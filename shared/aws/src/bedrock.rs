//! A language model of Amazon Bedrock behind its own API, `Converse` (source: the API reference of Amazon Bedrock Runtime):
//! every model there has the same form in it, and the function's role lets it in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use app::PortError;
use app::model::{Completion, Model, Prompt, Unsaid};
use async_trait::async_trait;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, retry::RetryConfig};
use aws_sdk_bedrockruntime::config::Builder;
use aws_sdk_bedrockruntime::error::ProvideErrorMetadata;
use aws_sdk_bedrockruntime::operation::converse::ConverseOutput;
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
    /// It refuses to be told a temperature, as some models do.
    own_temperature: Arc<AtomicBool>,
}

impl BedrockModel {
    /// The model, or inference profile, of this id in a region; none: in the function's own.
    pub fn new(aws: &Aws, region: Option<String>, model: &str) -> Self {
        let region = region.map(Region::new).or_else(|| aws.config.region().cloned());
        let config = Builder::from(&aws.config).region(region).build();
        Self { client: Client::from_conf(config), model: model.to_owned(), own_temperature: Arc::default() }
    }
}

impl BedrockModel {
    /// One call of the API.
    async fn converse(
        &self,
        prompt: &Prompt,
        temperature: Option<f32>,
        wait: Duration,
    ) -> Result<ConverseOutput, Refused> {
        let question = Message::builder()
            .role(ConversationRole::User)
            .content(ContentBlock::Text(prompt.user.clone()))
            .build()
            .map_err(|error| Refused::Else(Unsaid::unspent(PortError::permanent(DOING, error))))?;
        let most = i32::try_from(prompt.most).unwrap_or(i32::MAX);
        let inference = InferenceConfiguration::builder().max_tokens(most).set_temperature(temperature).build();
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
            .await;
        answer.map_err(|error| {
            let told = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default();
            let status = error.raw_response().map_or(0, |response| response.status().as_u16());
            if status == 400 && temperature.is_some() && told.contains("temperature") {
                return Refused::Temperature;
            }
            Refused::Else(Unsaid::answered(status, failed(DOING)(error)))
        })
    }
}

/// Why a call came to nothing.
enum Refused {
    /// The model takes no temperature.
    Temperature,
    /// Anything else.
    Else(Unsaid),
}

#[async_trait]
impl Model for BedrockModel {
    async fn complete(&self, prompt: &Prompt, wait: Duration) -> Result<Completion, Unsaid> {
        let until = Instant::now() + wait;
        let answer = loop {
            // The least varied words, where the model takes the wish.
            let temperature = (!self.own_temperature.load(Ordering::Relaxed)).then_some(0.0);
            let left = until.saturating_duration_since(Instant::now());
            match self.converse(prompt, temperature, left).await {
                Ok(answer) => break answer,
                // It did not begin: it is asked again at once, and from then on so.
                Err(Refused::Temperature) => self.own_temperature.store(true, Ordering::Relaxed),
                Err(Refused::Else(unsaid)) => return Err(unsaid),
            }
        };
        let tokens = answer.usage().and_then(|usage| u32::try_from(usage.total_tokens()).ok());
        let ended = matches!(answer.stop_reason(), StopReason::EndTurn | StopReason::StopSequence);
        let stopped = (!ended).then(|| answer.stop_reason().as_str().to_owned());
        let said = answer.output().and_then(|output| output.as_message().ok());
        // Models that think aloud do so in blocks of another kind.
        let text = said.into_iter().flat_map(Message::content).filter_map(|block| block.as_text().ok());
        Ok(Completion { text: text.map(String::as_str).collect(), tokens, stopped })
    }
}
