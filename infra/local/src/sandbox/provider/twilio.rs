//! What several channels ask of Twilio's REST API: how a number is set up.

use serde_json::{Value, json};

use crate::sandbox::wire::{Call, Reply, text};

/// The answer to who asks how a number is set up; `None`: something else is asked. `hook` is `voice` or `sms`, `address` where that
/// kind's webhooks go.
pub(super) fn asked(call: &Call, account: &Value, hook: &str, address: &str) -> Option<Reply> {
    let sid = text(account, "/account_sid");
    let resource = call.path.strip_prefix("/2010-04-01/Accounts/")?.strip_prefix(sid)?.strip_prefix('/')?;
    if call.method != "GET" || resource != "IncomingPhoneNumbers.json" {
        return None;
    }
    let wanted = call.query("PhoneNumber").unwrap_or_default();
    let others = account.get("accounts").and_then(Value::as_object);
    let others = others.into_iter().flatten().map(|(_, other)| text(other, "/account"));
    let known = std::iter::once(text(account, "/account")).chain(others).any(|number| number == wanted);
    let number = json!({
        "account_sid": sid, "phone_number": wanted, "voice_application_sid": null, "sms_application_sid": null,
        "trunk_sid": null, "capabilities": {"voice": true, "sms": true, "mms": false, "fax": false}, format!("{hook}_url"): address, format!("{hook}_method"): "POST",
    });
    let numbers: Vec<Value> = known.then_some(number).into_iter().collect();
    Some(Reply::json(200, &json!({ "incoming_phone_numbers": numbers, "page": 0, "page_size": 50 })))
}
