//! Published knowledge: one artifact per version in S3, and a pointer to the current one.

use std::sync::Arc;

use app::PortError;
use app::answers::{Encoder, KnowledgeBot};
use app::ports::{Clock, Knowledge};
use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::get_object::GetObjectError;
use domain::UnixMillis;
use serde::Deserialize;
use tokio::sync::Mutex;

use crate::error::failed;
use crate::{Aws, SystemClock};

/// Seconds after which the pointer is read again: so long after it last did, a new version is found when a message comes.
const FRESH_SECONDS: i64 = 15;
const DOING: &str = "read the knowledge";

/// The pointer's key below the prefix; `cargo local knowledge publish` writes it.
const CURRENT: &str = "current.json";

#[derive(Deserialize)]
struct Pointer {
    version: String,
}

/// The knowledge bucket.
#[derive(Debug)]
pub struct S3Knowledge {
    client: Client,
    bucket: String,
    prefix: String,
    encoder: Option<Arc<Encoder>>,
    loaded: Mutex<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    bot: Arc<KnowledgeBot>,
    version: Option<String>,
    look_again: UnixMillis,
}

impl S3Knowledge {
    /// The bucket and the prefix (ending in `/`) that the knowledge lies under.
    pub fn new(aws: &Aws, bucket: &str, prefix: &str) -> Self {
        let loaded =
            Loaded { bot: Arc::new(KnowledgeBot::without_knowledge()), version: None, look_again: UnixMillis(0) };
        Self {
            client: Client::new(&aws.config),
            bucket: bucket.to_owned(),
            prefix: prefix.to_owned(),
            encoder: None,
            loaded: Mutex::new(loaded),
        }
    }

    /// With the sentence encoder, for knowledge that was published with it.
    #[must_use]
    pub fn with_encoder(self, encoder: Option<Arc<Encoder>>) -> Self {
        Self { encoder, ..self }
    }

    /// An object's bytes; `None` if it is not there.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PortError> {
        match self.client.get_object().bucket(&self.bucket).key(key).send().await {
            Ok(object) => {
                let bytes = object.body.collect().await.map_err(|error| PortError::transient(DOING, error))?;
                Ok(Some(bytes.to_vec()))
            }
            Err(error) if matches!(error.as_service_error(), Some(GetObjectError::NoSuchKey(_))) => Ok(None),
            Err(error) => Err(failed(DOING)(error)),
        }
    }

    async fn refresh(&self, loaded: &mut Loaded) -> Result<(), PortError> {
        let Some(pointer) = self.get(&format!("{}{CURRENT}", self.prefix)).await? else {
            return Ok(());
        };
        let pointer: Pointer = serde_json::from_slice(&pointer).map_err(|error| PortError::transient(DOING, error))?;
        if loaded.version.as_ref() == Some(&pointer.version) {
            return Ok(());
        }
        let bytes = self.get(&format!("{}{}.json", self.prefix, pointer.version)).await?;
        let bytes = bytes.ok_or_else(|| PortError::transient(DOING, "the current version is not there"))?;
        // What is wrong with the knowledge is no record's fault: they wait until it is mended.
        let bot = KnowledgeBot::read(bytes, self.encoder.clone());
        let bot = bot.map_err(|error| PortError::transient(DOING, error))?;
        let by = bot.understands_by();
        loaded.bot = Arc::new(bot);
        tracing::info!(knowledge.version = %pointer.version, knowledge.understood_by = by, "knowledge loaded");
        loaded.version = Some(pointer.version);
        Ok(())
    }
}

#[async_trait]
impl Knowledge for S3Knowledge {
    async fn bot(&self) -> Result<Arc<KnowledgeBot>, PortError> {
        let mut loaded = self.loaded.lock().await;
        let now = SystemClock.now();
        if loaded.look_again <= now {
            match self.refresh(&mut loaded).await {
                Ok(()) => loaded.look_again = now.plus_seconds(FRESH_SECONDS),
                // Old knowledge answers better than none; without any, the record waits for the next try.
                Err(error) if loaded.version.is_some() => {
                    loaded.look_again = now.plus_seconds(FRESH_SECONDS);
                    tracing::error!(error = %error.source, "{error}; the version before goes on");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Arc::clone(&loaded.bot))
    }
}
