//! Calls to providers in an account's name, with the access token where the channel needs one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use channels::{HttpCall, KeySet, Registry, RenderError, Tokens, WireCall, WireReply};
use domain::{ChannelId, Delivery, Identity, Rejection, UnixMillis};

use crate::PortError;
use crate::ports::{Clock, Wire};

/// Seconds before its end at which a token is not used any more.
const MARGIN_SECONDS: i64 = 60;

/// Access tokens of accounts, kept for as long as they hold.
#[derive(Debug, Default)]
pub struct TokenStore(Mutex<HashMap<(ChannelId, String), (String, UnixMillis)>>);

impl TokenStore {
    fn get(&self, of: &Identity, now: UnixMillis) -> Option<String> {
        let tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (token, ends) = tokens.get(&(of.channel, of.account.clone()))?;
        (*ends > now).then(|| token.clone())
    }

    fn put(&self, of: &Identity, token: String, ends: UnixMillis) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.insert((of.channel, of.account.clone()), (token, ends));
    }

    /// Drops a token that was refused, unless somebody has a new one already.
    pub(crate) fn drop(&self, of: &Identity, refused: &str) {
        let mut tokens = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (of.channel, of.account.clone());
        if tokens.get(&key).is_some_and(|(token, _)| token == refused) {
            tokens.remove(&key);
        }
    }
}

/// What calling needs.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// The channels.
    pub channels: Registry,
    /// The providers.
    pub wire: &'a dyn Wire,
    /// The access tokens that are known.
    pub tokens: &'a TokenStore,
    /// The time.
    pub clock: &'a dyn Clock,
}

/// What came of a call.
#[derive(Debug)]
pub enum Exchanged {
    /// It was made: what each addressee answered.
    Made(Vec<WireReply>),
    /// It was not made, because there is no access token to make it with.
    Tokenless(Delivery),
}

/// A call with its access token.
#[derive(Debug)]
pub(crate) enum Tokened {
    /// The call, and the token that it carries, if it needs one.
    Call(HttpCall, Option<String>),
    /// There is no token to make it with.
    Refused(Delivery),
}

impl Exchange<'_> {
    /// The call with the access token that it needs.
    pub(crate) async fn tokened(&self, to: &Identity, call: &HttpCall, keys: &KeySet) -> Tokened {
        let tokens = (self.channels)(to.channel).tokens().filter(|_| call.token.is_some());
        let Some(tokens) = tokens else { return Tokened::Call(call.clone(), None) };
        match self.token(to, tokens, keys).await {
            Ok(token) => Tokened::Call(call.clone().with_token(&token), Some(token)),
            Err(refused) => Tokened::Refused(refused),
        }
    }

    /// Makes a call. One that needs an access token gets it; one whose token is refused is made once more with a fresh one.
    ///
    /// # Errors
    /// Nobody knows whether the provider got it.
    pub async fn make(&self, to: &Identity, call: &WireCall, keys: &KeySet) -> Result<Exchanged, PortError> {
        let adapter = (self.channels)(to.channel);
        let (WireCall::Http(http), Some(tokens)) = (call, adapter.tokens()) else {
            return self.wire.call(to, call).await.map(Exchanged::Made);
        };
        if http.token.is_none() {
            return self.wire.call(to, call).await.map(Exchanged::Made);
        }
        let mut made = vec![];
        for _ in 0..2 {
            let token = match self.token(to, tokens, keys).await {
                Ok(token) => token,
                Err(refused) => return Ok(Exchanged::Tokenless(refused)),
            };
            made = self.wire.call(to, &with_token(http, &token)).await?;
            if !made.iter().any(|reply| adapter.classify(reply) == Delivery::RefreshToken) {
                break;
            }
            self.tokens.drop(to, &token);
        }
        Ok(Exchanged::Made(made))
    }

    /// The account's access token: the one that is known, or a new one.
    async fn token(&self, of: &Identity, tokens: &dyn Tokens, keys: &KeySet) -> Result<String, Delivery> {
        let now = self.clock.now();
        if let Some(known) = self.tokens.get(of, now) {
            return Ok(known);
        }
        let call = tokens.call(&of.account, keys);
        let call = call.map_err(|RenderError(reason)| Delivery::rejected(Rejection::Misconfigured, &reason))?;
        let replies = self.wire.call(of, &WireCall::Http(call)).await.map_err(|error| {
            // The message itself has surely not gone out.
            tracing::warn!(channel = %of.channel, error = %error.source, "{error}");
            Delivery::Retry { after: None }
        })?;
        let reply = replies.first().ok_or(Delivery::Retry { after: None })?;
        let token = tokens.token(reply).map_err(|refused| match refused {
            Delivery::RefreshToken => Delivery::rejected(Rejection::Misconfigured, "the account's secret is refused"),
            other @ (Delivery::Sent | Delivery::Absent | Delivery::Retry { .. } | Delivery::Rejected { .. }) => other,
        })?;
        let ends = now.plus_seconds(i64::from(token.seconds).saturating_sub(MARGIN_SECONDS));
        self.tokens.put(of, token.value.clone(), ends);
        Ok(token.value)
    }
}

fn with_token(call: &HttpCall, token: &str) -> WireCall {
    WireCall::Http(call.clone().with_token(token))
}
