//! Calls that go to a provider's HTTP API, and calls that go over AWS, on one channel.

use app::PortError;
use app::ports::Wire;
use async_trait::async_trait;
use channels::{WireCall, WireReply};
use domain::Identity;

/// Each call by its own way.
pub(crate) struct Wires<H, T> {
    /// To providers' HTTP APIs.
    pub(crate) http: H,
    /// Text messages over AWS.
    pub(crate) texts: T,
}

#[async_trait]
impl<H: Wire, T: Wire> Wire for Wires<H, T> {
    async fn call(&self, to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        match call {
            WireCall::Text(_) => self.texts.call(to, call).await,
            WireCall::Http(_) | WireCall::Push { .. } | WireCall::Mail(_) => self.http.call(to, call).await,
        }
    }
}
