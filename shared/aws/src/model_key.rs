//! The language model's key: one SSM `SecureString` parameter, cached for less than five minutes.

use app::PortError;
use app::model::ModelKey;
use app::ports::Clock as _;
use async_trait::async_trait;
use aws_sdk_ssm::Client;
use aws_sdk_ssm::operation::get_parameter::GetParameterError;
use domain::UnixMillis;
use tokio::sync::Mutex;

use crate::error::failed;
use crate::{Aws, SystemClock};

/// Seconds for which it is not read again.
const FRESH_SECONDS: i64 = 240;

/// The parameter.
#[derive(Debug)]
pub struct SsmModelKey {
    client: Client,
    name: String,
    read: Mutex<(UnixMillis, Option<String>)>,
}

impl SsmModelKey {
    /// The parameter of this name.
    pub fn new(aws: &Aws, name: &str) -> Self {
        Self { client: Client::new(&aws.config), name: name.to_owned(), read: Mutex::new((UnixMillis(0), None)) }
    }
}

#[async_trait]
impl ModelKey for SsmModelKey {
    async fn key(&self) -> Result<Option<String>, PortError> {
        let now = SystemClock.now();
        let mut cached = self.read.lock().await;
        if cached.0 <= now {
            let key = match self.client.get_parameter().name(&self.name).with_decryption(true).send().await {
                Ok(read) => read.parameter.and_then(|parameter| parameter.value).map(|key| key.trim().to_owned()),
                Err(error) if matches!(error.as_service_error(), Some(GetParameterError::ParameterNotFound(_))) => None,
                Err(error) => return Err(failed("read the language model's key")(error)),
            };
            *cached = (now.plus_seconds(FRESH_SECONDS), key);
        }
        Ok(cached.1.clone())
    }
}
