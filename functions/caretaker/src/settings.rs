//! What the caretaker is made of, from its settings.

use std::time::Duration;

use app::exchange::TokenStore;
use app::ports::{Clock, Secrets, Wire};
use app::subscribe::Caretaker;
use aws::{Aws, SsmSecrets, SystemClock};
use channels::Registry;
use domain::ChannelId;
use runtime::fault::watched;
use runtime::settings::{Settings, SettingsError};
use runtime::wire::{HttpWire, Route};

/// The caretaker's parts.
pub struct Deps {
    /// The channels.
    pub channels: Registry,
    /// Those that it looks after.
    pub subscribed: Vec<ChannelId>,
    /// The channels' secrets.
    pub secrets: Box<dyn Secrets>,
    /// The providers.
    pub wire: Box<dyn Wire>,
    /// Accounts' access tokens.
    pub tokens: TokenStore,
    /// The time.
    pub clock: Box<dyn Clock>,
    /// The function's name, as metrics show it; `None`: no metrics.
    pub function: Option<String>,
}

impl Deps {
    /// Reads the settings and makes the clients.
    ///
    /// # Errors
    /// Every setting that is missing or wrong.
    pub async fn from_settings(mut read: Settings) -> Result<Self, SettingsError> {
        let call = Duration::from_millis(read.value("CALL_TIMEOUT_MS"));
        let (secrets, route) = (read.text("SECRETS_PREFIX"), Route::read(&read));
        let function = read.text("AWS_LAMBDA_FUNCTION_NAME");
        let mut subscribed = vec![];
        for name in read.list("CHANNELS") {
            match ChannelId::from_name(&name).filter(|id| channels::channel(*id).subscribing().is_some()) {
                Some(channel) => subscribed.push(channel),
                None => drop(read.wrong(&format!("CHANNELS: `{name}` is no channel whose webhooks are asked for"))),
            }
        }
        read.finish(())?;
        let aws = Aws::from_environment(call).await;
        Ok(Self {
            channels: channels::channel,
            subscribed,
            secrets: Box::new(SsmSecrets::new(&aws, &secrets)),
            wire: Box::new(watched(HttpWire::new(call, &route)?)),
            tokens: TokenStore::default(),
            clock: Box::new(SystemClock),
            function: Some(function),
        })
    }

    /// The use case's view of the parts.
    pub(crate) fn caretaker(&self) -> Caretaker<'_> {
        Caretaker {
            channels: self.channels,
            secrets: self.secrets.as_ref(),
            wire: self.wire.as_ref(),
            tokens: &self.tokens,
            clock: self.clock.as_ref(),
        }
    }
}
