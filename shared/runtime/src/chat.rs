//! A language model behind the API of chat completions that has become common (`POST <base>/chat/completions`, source: the
//! API reference of `OpenAI`). Most servers of open models have it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use app::PortError;
use app::model::{Completion, Model, ModelKey, Prompt, Unsaid};
use async_trait::async_trait;
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde::Deserialize;
use serde_json::{Value, json};

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
    /// It refuses to be told a temperature, as some models do.
    own_temperature: AtomicBool,
    /// It has `max_completion_tokens` in the place of `max_tokens`, as some models do.
    renamed_limit: AtomicBool,
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
        let (own_temperature, renamed_limit) = (AtomicBool::default(), AtomicBool::default());
        Ok(Self { client, url, model: model.to_owned(), key, own_temperature, renamed_limit })
    }

    async fn ask(&self, prompt: &Prompt) -> Result<Vec<u8>, Unsaid> {
        loop {
            let own_temperature = self.own_temperature.load(Ordering::Relaxed);
            let renamed_limit = self.renamed_limit.load(Ordering::Relaxed);
            let answer = self.request(self.body(prompt, own_temperature, renamed_limit)).await?;
            let status = answer.status().as_u16();
            if (200..300).contains(&status) {
                return Ok(whole(answer).await?);
            }
            // What it says may hold what a customer wrote: it is looked at, and not told.
            let told = if status == 400 { whole(answer).await.unwrap_or_default() } else { vec![] };
            let told = String::from_utf8_lossy(&told);
            // It did not begin: it is asked again at once, and from then on so. Each is left out once at most.
            if !renamed_limit && told.contains("max_completion_tokens") {
                self.renamed_limit.store(true, Ordering::Relaxed);
            } else if !own_temperature && told.contains("temperature") {
                self.own_temperature.store(true, Ordering::Relaxed);
            } else {
                return Err(Unsaid::answered(status, PortError::transient(DOING, format!("it answered {status}"))));
            }
        }
    }

    fn body(&self, prompt: &Prompt, own_temperature: bool, renamed_limit: bool) -> Value {
        let limit = if renamed_limit { "max_completion_tokens" } else { "max_tokens" };
        let messages = json!([
            { "role": "system", "content": prompt.system },
            { "role": "user", "content": prompt.user },
        ]);
        let mut body = vec![("model", json!(self.model)), ("messages", messages), (limit, json!(prompt.most))];
        // The least varied words.
        body.extend((!own_temperature).then(|| ("temperature", json!(0))));
        Value::Object(body.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    async fn request(&self, body: Value) -> Result<Response, Unsaid> {
        let mut request = self.client.post(&self.url).header("content-type", "application/json").body(body.to_string());
        if let Some(key) = self.key.key().await.map_err(Unsaid::unspent)? {
            request = request.bearer_auth(key);
        }
        request.send().await.map_err(|error| {
            let unspent = error.is_connect();
            Unsaid { error: transient(error), unspent }
        })
    }
}

fn transient(error: reqwest::Error) -> PortError {
    PortError::transient(DOING, error.without_url())
}

/// An answer's body.
async fn whole(mut answer: Response) -> Result<Vec<u8>, PortError> {
    let mut bytes = vec![];
    while let Some(chunk) = answer.chunk().await.map_err(transient)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > REPLY_BYTES {
            return Err(PortError::transient(DOING, "its reply is too long"));
        }
    }
    Ok(bytes)
}

#[async_trait]
impl Model for ChatModel {
    async fn complete(&self, prompt: &Prompt, wait: Duration) -> Result<Completion, Unsaid> {
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
