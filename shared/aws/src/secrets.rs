//! Channels' secrets and what actions are done by: one SSM `SecureString` parameter each, cached for less than five minutes.

use std::collections::HashMap;
use std::sync::Arc;

use app::PortError;
use app::action::settings::NAME;
use app::ports::{ActionSettings, Clock, Secrets};
use async_trait::async_trait;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use channels::KeySet;
use domain::{ChannelId, UnixMillis};
use tokio::sync::Mutex;

use crate::error::failed;
use crate::{Aws, SystemClock};

/// Seconds for which a secret is not read again. A rotated key signs after 300: by then it is known everywhere.
const FRESH_SECONDS: i64 = 240;
/// Seconds for which a missing secret is believed missing.
const MISSING_SECONDS: i64 = 5;

/// Parameters under a common prefix.
#[derive(Debug)]
pub struct SsmSecrets {
    client: Client,
    prefix: String,
    cache: Mutex<HashMap<&'static str, (UnixMillis, Arc<KeySet>)>>,
}

impl SsmSecrets {
    /// Parameters named `<prefix>/<channel>`, and `<prefix>/actions`.
    pub fn new(aws: &Aws, prefix: &str) -> Self {
        Self { client: Client::new(&aws.config), prefix: prefix.to_owned(), cache: Mutex::new(HashMap::new()) }
    }

    async fn read(&self, name: &'static str) -> Result<KeySet, PortError> {
        const DOING: &str = "read a secret";
        let name = format!("{}/{name}", self.prefix);
        let read = self.client.get_parameter().name(name).with_decryption(true).send().await;
        match read {
            Ok(read) => {
                let text = read.parameter.and_then(|parameter| parameter.value).unwrap_or_default();
                KeySet::from_json(&text).map_err(|error| PortError::permanent(DOING, error))
            }
            Err(error) if matches!(error.as_service_error(), Some(GetParameterError::ParameterNotFound(_))) => {
                Ok(KeySet::default())
            }
            Err(error) => Err(failed(DOING)(error)),
        }
    }

    async fn fresh(&self, name: &'static str) -> Result<Arc<KeySet>, PortError> {
        let now = SystemClock.now();
        let mut cache = self.cache.lock().await;
        if let Some((until, keys)) = cache.get(name)
            && *until > now
        {
            return Ok(Arc::clone(keys));
        }
        let keys = Arc::new(self.read(name).await?);
        let fresh = if *keys == KeySet::default() { MISSING_SECONDS } else { FRESH_SECONDS };
        cache.insert(name, (now.plus_seconds(fresh), Arc::clone(&keys)));
        Ok(keys)
    }
}

#[async_trait]
impl Secrets for SsmSecrets {
    async fn keys(&self, channel: ChannelId) -> Result<Arc<KeySet>, PortError> {
        self.fresh(channel.as_str()).await
    }
}

#[async_trait]
impl ActionSettings for SsmSecrets {
    async fn actions(&self) -> Result<Arc<KeySet>, PortError> {
        self.fresh(NAME).await
    }
}
