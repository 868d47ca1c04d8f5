//! The SDK's configuration: read once at start, shared by every client.

use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, SdkConfig};

/// The account that this process works in.
#[derive(Debug, Clone)]
pub struct Aws {
    pub(crate) config: SdkConfig,
}

impl Aws {
    /// Reads region, credentials and endpoint from the environment. No call may take longer than `call`, all its
    /// attempts together.
    pub async fn from_environment(call: Duration) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(call).build();
        let config = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).load().await;
        Self { config }
    }

    /// With a configuration of the caller's making.
    pub fn with_config(config: SdkConfig) -> Self {
        Self { config }
    }
}
