//! What several channels ask of Twilio's REST API: how a number is set up, and what was recorded.

use serde_json::{Value, json};

use crate::sandbox::wire::{Call, Reply, text};

/// Milliseconds of a frame of an MP3 at 32 kbit/s and 44.1 kHz, and its bytes.
const FRAME: (u64, usize) = (26, 104);

/// A GET that both kinds of number answer; `None`: it is none of these. `hook` is `voice` or `sms`, `address` where that
/// kind's webhooks go.
pub(super) fn asked(call: &Call, account: &Value, hook: &str, address: &str) -> Option<Reply> {
    let sid = text(account, "/account_sid");
    let resource = call.path.strip_prefix("/2010-04-01/Accounts/")?.strip_prefix(sid)?.strip_prefix('/')?;
    if call.method != "GET" {
        return None;
    }
    if resource == "IncomingPhoneNumbers.json" {
        let wanted = call.query("PhoneNumber").unwrap_or_default();
        let others = account.get("accounts").and_then(Value::as_object);
        let others = others.into_iter().flatten().map(|(_, other)| text(other, "/account"));
        let known = std::iter::once(text(account, "/account")).chain(others).any(|number| number == wanted);
        let number = json!({
            "account_sid": sid, "phone_number": wanted, "voice_application_sid": null, "sms_application_sid": null,
            "trunk_sid": null, format!("{hook}_url"): address, format!("{hook}_method"): "POST",
        });
        let numbers: Vec<Value> = known.then_some(number).into_iter().collect();
        return Some(Reply::json(200, &json!({ "incoming_phone_numbers": numbers, "page": 0, "page_size": 50 })));
    }
    let recording = resource.strip_prefix("Recordings/")?.strip_suffix(".mp3")?;
    let known = recording.strip_prefix("RE").is_some_and(|id| id.len() == 32);
    known.then(|| Reply { kind: "audio/mpeg", body: silence(1000), ..Reply::text(200, "") })
}

/// So many milliseconds of silence as MP3: frames without anything in them.
fn silence(millis: u64) -> Vec<u8> {
    let frames = usize::try_from(millis / FRAME.0).unwrap_or_default();
    let mut frame = vec![0xff, 0xfb, 0x10, 0xc4];
    frame.resize(FRAME.1, 0);
    frame.repeat(frames)
}
