//! An app's subscription to an account's webhooks, as the Graph API keeps it. Meta ends it when the webhook failed for an
//! hour; from then on nobody is told anything, and the account's owner sees no error.

use serde_json::{Value, json};

use super::Taken;
use super::graph::Refused;
use crate::sandbox::wire::{Call, Reply};

/// Why a webhook does not come.
pub const UNTOLD: &str = "the app is not subscribed to the account; Meta tells no webhook of it";

/// An app's subscription to an account.
#[derive(Debug)]
pub struct Subscription {
    /// What can be subscribed to; nothing: the console alone says what comes.
    known: &'static [&'static str],
    /// What is subscribed to; `None`: the app is not.
    fields: Option<Vec<String>>,
}

impl Subscription {
    /// One that a company has just made, of all the fields that there are.
    pub fn to(known: &'static [&'static str]) -> Self {
        Self { known, fields: Some(known.iter().map(|&field| field.to_owned()).collect()) }
    }

    /// Whether webhooks come.
    pub const fn holds(&self) -> bool {
        self.fields.is_some()
    }

    /// Ends it.
    pub fn end(&mut self) {
        self.fields = None;
    }

    /// Answers `subscribed_apps`. `app`: how the list shows the app.
    pub fn take(&mut self, call: &Call, app: Value) -> Taken {
        match call.method.as_str() {
            "GET" => {
                let shown = |fields: &Vec<String>| {
                    let mut app = app;
                    if let Some(app) = app.as_object_mut().filter(|_| !self.known.is_empty()) {
                        app.insert("subscribed_fields".to_owned(), json!(fields));
                    }
                    app
                };
                let apps: Vec<Value> = self.fields.as_ref().map(shown).into_iter().collect();
                Reply::json(200, &json!({"data": apps})).into()
            }
            "POST" => {
                let asked = call.query("subscribed_fields").unwrap_or_default();
                let asked: Vec<&str> = asked.split(',').filter(|field| !field.is_empty()).collect();
                if asked.is_empty() != self.known.is_empty() {
                    return Refused::wrong("(#100) The parameter subscribed_fields is required.").into();
                }
                if asked.iter().any(|field| !self.known.contains(field)) {
                    return Refused::wrong("(#100) Param subscribed_fields must be one of those allowed").into();
                }
                self.fields = Some(asked.into_iter().map(str::to_owned).collect());
                Reply::json(200, &json!({"success": true})).into()
            }
            _ => Refused::new(400, 100, "Unsupported request").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(subscription: &mut Subscription, method: &str, query: &str) -> (u16, Value) {
        let call = Call { method: method.to_owned(), query: query.to_owned(), ..Call::default() };
        let reply = subscription.take(&call, json!({"id": "42"})).reply;
        (reply.status, serde_json::from_slice(&reply.body).unwrap())
    }

    #[test]
    fn what_has_ended_begins_again_with_the_fields_that_are_asked_for() {
        let mut page = Subscription::to(&["messages", "message_reads"]);
        let all = json!({"data": [{"id": "42", "subscribed_fields": ["messages", "message_reads"]}]});
        assert_eq!(take(&mut page, "GET", ""), (200, all));
        page.end();
        assert_eq!((page.holds(), take(&mut page, "GET", "").1), (false, json!({"data": []})));
        for wrong in ["", "subscribed_fields=", "subscribed_fields=messages,birthdays"] {
            assert_eq!((take(&mut page, "POST", wrong).0, page.holds()), (400, false), "{wrong}");
        }
        assert_eq!(take(&mut page, "POST", "subscribed_fields=messages").0, 200);
        assert_eq!(take(&mut page, "GET", "").1["data"][0]["subscribed_fields"], json!(["messages"]));
        let mut business = Subscription::to(&[]);
        business.end();
        assert_eq!(take(&mut business, "POST", ""), (200, json!({"success": true})));
        assert_eq!((business.holds(), take(&mut business, "GET", "").1), (true, json!({"data": [{"id": "42"}]})));
    }
}
