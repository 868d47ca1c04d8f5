//! Whether an account's webhooks still come to the app. Meta unsubscribes an app from a page after an hour of failures and
//! leaves it so. Source: Graph API v26.0, `subscribed_apps` of pages, Instagram accounts and `WhatsApp` business accounts.

use domain::{Delivery, Rejection, UnixMillis};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{As, Place, app_id, classify};
use crate::{HttpCall, KeySet, RenderError, Subscribing, WireReply};

/// How a channel's webhooks are asked for.
#[derive(Debug)]
pub(crate) struct Subscription {
    /// The purpose of the accounts' tokens.
    pub(crate) tokens: &'static str,
    /// What is subscribed.
    pub(crate) node: Node,
    /// Where the token goes.
    pub(crate) place: Place,
    /// The fields that are wanted; none where all that the console says come.
    pub(crate) fields: &'static [&'static str],
}

/// What is subscribed to an app.
#[derive(Debug)]
pub(crate) enum Node {
    /// The account.
    Account,
    /// Whatever the token is for.
    Me,
    /// What a setting names.
    Setting(&'static str),
}

impl Subscription {
    fn call(
        &self,
        account: &str,
        keys: &KeySet,
        now: UnixMillis,
        query: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<HttpCall, RenderError> {
        let node = match self.node {
            Node::Account => account,
            Node::Me => "me",
            Node::Setting(name) => {
                keys.text(name).ok_or_else(|| RenderError(format!("the setting `{name}` is not set")))?
            }
        };
        let caller = As { keys, tokens: self.tokens, account, place: self.place, now };
        caller.app()?;
        caller.call(&format!("{node}/subscribed_apps"), query, body)
    }
}

impl Subscribing for Subscription {
    fn accounts(&self, keys: &KeySet) -> Vec<String> {
        keys.accounts(self.tokens)
    }

    fn check(&self, account: &str, keys: &KeySet, now: UnixMillis) -> Result<HttpCall, RenderError> {
        self.call(account, keys, now, &[], None)
    }

    fn holds(&self, reply: &WireReply, keys: &KeySet) -> Result<bool, Delivery> {
        let delivery = classify(reply);
        if delivery != Delivery::Sent {
            return Err(delivery);
        }
        let unreadable = || Delivery::rejected(Rejection::Content, "the list of apps cannot be read");
        let apps: Apps = serde_json::from_str(&reply.body).map_err(|_| unreadable())?;
        let ours = app_id(keys);
        let app = apps.data.iter().find(|app| ours.is_some() && app.id() == ours.as_deref());
        Ok(app.is_some_and(|app| self.fields.iter().all(|field| app.has(field))))
    }

    fn subscribe(&self, account: &str, keys: &KeySet, now: UnixMillis) -> Result<HttpCall, RenderError> {
        let fields = self.fields.join(",");
        let query = [("subscribed_fields", fields.as_str())];
        self.call(account, keys, now, if fields.is_empty() { &[] } else { &query }, Some(&json!({})))
    }
}

#[derive(Deserialize)]
struct Apps {
    data: Vec<App>,
}

#[derive(Deserialize)]
struct App {
    id: Option<String>,
    #[serde(default)]
    subscribed_fields: Vec<Field>,
    whatsapp_business_api_data: Option<Named>,
}

#[derive(Deserialize)]
struct Named {
    id: Option<String>,
}

/// A field by its name alone, or with its version.
#[derive(Deserialize)]
#[serde(from = "Value")]
struct Field(String);

impl From<Value> for Field {
    fn from(value: Value) -> Self {
        let name = value.get("name").unwrap_or(&value).as_str();
        Self(name.unwrap_or_default().to_owned())
    }
}

impl App {
    fn id(&self) -> Option<&str> {
        self.id.as_deref().or(self.whatsapp_business_api_data.as_ref().and_then(|data| data.id.as_deref()))
    }

    fn has(&self, field: &str) -> bool {
        self.subscribed_fields.iter().any(|Field(name)| name == field)
    }
}

#[cfg(test)]
mod tests {
    use domain::ChannelId;

    use super::*;
    use crate::channel;

    fn keys() -> KeySet {
        let keys = json!({
            "app_secrets": [{ "kid": "k", "secret": "s" }],
            "page_tokens": [{ "kid": "2", "secret": "PT" }, { "kid": "1", "secret": "PT" }, { "kid": "2", "secret": "old" }],
            "access_tokens": [{ "kid": "7", "secret": "AT" }],
            "settings": { "app_id": "42", "waba_id": "99" },
        });
        KeySet::from_json(&keys.to_string()).unwrap()
    }

    fn subscribing(id: ChannelId) -> &'static dyn Subscribing {
        channel(id).subscribing().unwrap()
    }

    fn without_token(call: &HttpCall) -> (&str, &str) {
        (call.method, call.target.split(['?', '&']).find(|part| part.starts_with('/')).unwrap())
    }

    #[test]
    fn every_account_is_asked_about_at_its_own_place() {
        assert_eq!(subscribing(ChannelId::Messenger).accounts(&keys()), ["1", "2"]);
        for (id, account, node) in
            [(ChannelId::Messenger, "2", "2"), (ChannelId::Instagram, "7", "me"), (ChannelId::WhatsApp, "7", "99")]
        {
            let path = format!("/v26.0/{node}/subscribed_apps");
            let check = subscribing(id).check(account, &keys(), UnixMillis(0)).unwrap();
            assert_eq!(without_token(&check), ("GET", path.as_str()));
            let again = subscribing(id).subscribe(account, &keys(), UnixMillis(0)).unwrap();
            assert_eq!(without_token(&again), ("POST", path.as_str()));
            assert_eq!(again.target.contains("subscribed_fields=messages%2C"), id != ChannelId::WhatsApp, "{id}");
            assert_eq!(again.target.contains("message_echoes"), id == ChannelId::Messenger, "{id}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let keys = KeySet::from_json(r#"{"access_tokens":[{"kid":"7","secret":"AT"}],"settings":{"app_id":"42"}}"#);
        let error = subscribing(ChannelId::WhatsApp).check("7", &keys.unwrap(), UnixMillis(0)).unwrap_err();
        assert!(error.0.contains("waba_id"));
        let keys = KeySet::from_json(r#"{"access_tokens":[{"kid":"7","secret":"AT"}],"settings":{"waba_id":"9"}}"#);
        let error = subscribing(ChannelId::WhatsApp).check("7", &keys.unwrap(), UnixMillis(0)).unwrap_err();
        assert!(error.0.contains("app_id"));
    }

    #[test]
    fn it_holds_when_our_app_is_there_with_all_the_fields() {
        let all = "messages messaging_postbacks messaging_optins messaging_referrals message_deliveries message_reads message_echoes";
        let fields: Vec<&str> = all.split(' ').collect();
        let versioned: Vec<_> = fields.iter().map(|name| json!({ "name": name, "version": "v26.0" })).collect();
        let page =
            |id: &str, fields: Value| json!({ "data": [{ "id": "1" }, { "id": id, "subscribed_fields": fields }] });
        for (id, body, holds) in [
            (ChannelId::Messenger, page("42", json!(fields)), true),
            (ChannelId::Messenger, page("42", json!(versioned)), true),
            (ChannelId::Messenger, page("42", json!(&fields[1..])), false),
            (ChannelId::Messenger, page("43", json!(fields)), false),
            (ChannelId::Messenger, json!({ "data": [] }), false),
            (ChannelId::WhatsApp, json!({ "data": [{ "whatsapp_business_api_data": { "id": "42" } }] }), true),
            (ChannelId::WhatsApp, json!({ "data": [{ "whatsapp_business_api_data": { "id": "43" } }] }), false),
        ] {
            let reply = WireReply { status: 200, retry_after: None, body: body.to_string() };
            assert_eq!(subscribing(id).holds(&reply, &keys()), Ok(holds), "{id} {body}");
        }
        let reply = |status, body: &str| WireReply { status, retry_after: None, body: body.to_owned() };
        let ask = |reply| subscribing(ChannelId::Messenger).holds(&reply, &keys()).unwrap_err();
        assert_eq!(ask(reply(500, "")), Delivery::Retry { after: None });
        assert!(matches!(ask(reply(200, "{}")), Delivery::Rejected { .. }));
        assert!(matches!(ask(reply(400, r#"{"error":{"code":190}}"#)), Delivery::Rejected { .. }));
    }
}
