//! Where LINE sends the account's webhooks. Source: Messaging API reference, "Get webhook endpoint information".

use domain::{Delivery, Rejection, UnixMillis};
use serde::Deserialize;

use super::{ACCESS_TOKENS, classify};
use crate::{HttpCall, Key, KeySet, Probe, Probed, Probing, WireReply};

#[derive(Deserialize)]
struct Info {
    endpoint: String,
    active: bool,
}

/// The endpoint of an account.
#[derive(Debug)]
pub(super) struct Endpoint;

impl Probing for Endpoint {
    fn probes(&self, keys: &KeySet, _now: UnixMillis) -> Vec<Probe> {
        let probe = |key: &Key| {
            let call = HttpCall::get("/v2/bot/channel/webhook/endpoint".to_owned());
            let call = call.with_header("authorization", format!("Bearer {}", key.secret));
            Probe { account: key.kid.clone(), call: Ok(call) }
        };
        keys.get(ACCESS_TOKENS).iter().map(probe).collect()
    }

    fn probed(&self, _account: &str, reply: &WireReply, _keys: &KeySet) -> Result<Probed, Delivery> {
        // An account whose endpoint was never set has none.
        if reply.status == 404 {
            return Ok(Probed { webhook: Some(String::new()), trouble: None });
        }
        let classified = classify::classify(reply);
        if classified != Delivery::Sent {
            return Err(classified);
        }
        let info: Info = serde_json::from_str(&reply.body)
            .map_err(|_| Delivery::rejected(Rejection::Content, "the answer of LINE cannot be read"))?;
        let trouble = (!info.active).then(|| "\"Use webhook\" is off in LINE's console".to_owned());
        Ok(Probed { webhook: Some(info.endpoint), trouble })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_can_be_set_off_or_missing() {
        let probed = |status, body: &str| {
            Endpoint.probed("", &WireReply { status, retry_after: None, body: body.to_owned() }, &KeySet::default())
        };
        let url = "https://x.example/webhooks/line";
        let on = probed(200, &format!(r#"{{"endpoint":"{url}","active":true}}"#)).unwrap();
        assert_eq!((on.webhook.as_deref(), on.trouble), (Some(url), None));
        let off = probed(200, &format!(r#"{{"endpoint":"{url}","active":false}}"#)).unwrap();
        assert!(off.trouble.is_some());
        assert_eq!(probed(404, "{}").unwrap().webhook.as_deref(), Some(""));
        assert!(matches!(probed(401, "{}"), Err(Delivery::Rejected { refusal: Rejection::Misconfigured, .. })));
        assert!(matches!(probed(500, ""), Err(Delivery::Retry { .. })));
    }
}
