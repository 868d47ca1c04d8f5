//! Channels' secrets: one SSM `SecureString` parameter per channel, cached for less than five minutes.

use std::collections::HashMap;
use std::sync::Arc;

use app::PortError;
use app::ports::{Clock, Secrets};
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
    cache: Mutex<HashMap<ChannelId, (UnixMillis, Arc<KeySet>)>>,
}

impl SsmSecrets {
    /// Parameters named `<prefix>/<channel>`.
    pub fn new(aws: &Aws, prefix: &str) -> Self {
        Self { client: Client::new(&aws.config), prefix: prefix.to_owned(), cache: Mutex::new(HashMap::new()) }
    }

    async fn read(&self, channel: ChannelId) -> Result<KeySet, PortError> {
        const DOING: &str = "read a channel's secret";
        let name = format!("{}/{channel}", self.prefix);
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
}

#[async_trait]
impl Secrets for SsmSecrets {
    async fn keys(&self, channel: ChannelId) -> Result<Arc<KeySet>, PortError> {
        let now = SystemClock.now();
        let mut cache = self.cache.lock().await;
        if let Some((until, keys)) = cache.get(&channel)
            && *until > now
        {
            return Ok(Arc::clone(keys));
        }
        let keys = Arc::new(self.read(channel).await?);
        let fresh = if *keys == KeySet::default() { MISSING_SECONDS } else { FRESH_SECONDS };
        cache.insert(channel, (now.plus_seconds(fresh), Arc::clone(&keys)));
        Ok(keys)
    }
}
