//! A language model behind the API of chat completions that has become common (`POST <base>/chat/completions`, source: the
//! API reference of `OpenAI`). Most servers of open models have it.

use std::time::Duration;

use app::PortError;
use app::model::{Completion, Model, ModelKey, Prompt};
use async_trait::async_trait;
use reqwest::Client;
use reqwest::redirect::Policy;
use serde::Deserialize;
use serde_json::json;

use crate::settings::SettingsError;

/// Bytes of a reply that are read: many times what the tokens allow.
const REPLY_BYTES: usize = 64 * 1024;
const DOING: &str = "ask the language model";

/// A model at an address.
pub struct ChatModel {
    client: Client,
    url: String,
    model: String,
    key: Box<dyn ModelKey>,
}

#[derive(Deserialize)]
struct Reply {
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    /// Servers that leave it out have come to the end.
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    /// Empty or null where the model refuses.
    #[serde(default)]
    content: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    total_tokens: u32,
}

impl ChatModel {
    /// The model of this name under the API's base address, `https://…/v1`.
    ///
    /// # Errors
    /// The address is no address, or the TLS stack cannot be set up.
    pub fn new(base: &str, model: &str, key: Box<dyn ModelKey>) -> Result<Self, SettingsError> {
        let plain = base.starts_with("http://127.0.0.1:") || base.starts_with("http://localhost:");
        if !plain && !base.starts_with("https://") {
            return Err(SettingsError::of("MODEL_URL should begin with https://".to_owned()));
        }
        let client = Client::builder().redirect(Policy::none()).build();
        let client = client.map_err(|error| SettingsError::of(format!("calls cannot be made: {error}")))?;
        let url = format!("{}/chat/completions", base.trim_end_matches('/'));
        Ok(Self { client, url, model: model.to_owned(), key })
    }

    async fn ask(&self, prompt: &Prompt) -> Result<Vec<u8>, PortError> {
        let body = json!({
            "model": self.model,
            "temperature": 0,
            "max_tokens": prompt.most,
            "messages": [
                { "role": "system", "content": prompt.system },
                { "role": "user", "content": prompt.user },
            ],
        });
        let mut request = self.client.post(&self.url).header("content-type", "application/json").body(body.to_string());
        if let Some(key) = self.key.key().await? {
            request = request.bearer_auth(key);
        }
        let transient = |error: reqwest::Error| PortError::transient(DOING, error.without_url());
        let mut answer = request.send().await.map_err(transient)?;
        if !answer.status().is_success() {
            return Err(PortError::transient(DOING, format!("it answered {}", answer.status().as_u16())));
        }
        let mut bytes = vec![];
        while let Some(chunk) = answer.chunk().await.map_err(transient)? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > REPLY_BYTES {
                return Err(PortError::transient(DOING, "its reply is too long"));
            }
        }
        Ok(bytes)
    }
}

#[async_trait]
impl Model for ChatModel {
    async fn complete(&self, prompt: &Prompt, wait: Duration) -> Result<Completion, PortError> {
        let late = |_| PortError::transient(DOING, "it took too long");
        let bytes = tokio::time::timeout(wait, self.ask(prompt)).await.map_err(late)??;
        // What is wrong with it may hold what a customer wrote: it is not told.
        let reply: Reply =
            serde_json::from_slice(&bytes).map_err(|_| PortError::transient(DOING, "its reply has another form"))?;
        let choice = reply.choices.into_iter().next();
        let (content, reason) = choice.map(|choice| (choice.message.content, choice.finish_reason)).unwrap_or_default();
        let stopped = reason.filter(|reason| reason != "stop");
        Ok(Completion {
            text: content.unwrap_or_default(),
            tokens: reply.usage.map(|usage| usage.total_tokens),
            stopped,
        })
    }
}
