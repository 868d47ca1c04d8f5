//! How a number is set up at Twilio. Source: `IncomingPhoneNumber` resource: `voice_url`, `voice_method`, `sms_url` and
//! `sms_method` say where its webhooks go; an application or a trunk, where one is set, takes their place.

use domain::{Delivery, Rejection};
use serde::Deserialize;

use super::{Failure, get};
use crate::{KeySet, Probe, Probed, WireReply};

/// Which of a number's webhooks is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    /// Of calls.
    Voice,
    /// Of text messages.
    Sms,
}

#[derive(Deserialize)]
struct Found {
    incoming_phone_numbers: Vec<Number>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Number {
    voice_url: Option<String>,
    voice_method: Option<String>,
    voice_application_sid: Option<String>,
    trunk_sid: Option<String>,
    sms_url: Option<String>,
    sms_method: Option<String>,
    sms_application_sid: Option<String>,
    capabilities: Option<Can>,
}

/// What a number can do; nothing said: nobody knows.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Can {
    sms: Option<bool>,
}

/// Whether the number that an answer is about can send text messages; `None`: it does not say so.
pub(crate) fn texts(reply: &WireReply) -> Option<bool> {
    let found: Found = serde_json::from_str(&reply.body).ok()?;
    found.incoming_phone_numbers.into_iter().next()?.capabilities?.sms
}

/// Asks how a number of an account is set up.
pub(crate) fn probe(number: &str, account: Option<&str>, keys: &KeySet) -> Probe {
    let shown: String = form_urlencoded::byte_serialize(number.as_bytes()).collect();
    let call = get(account.unwrap_or_default(), &format!("IncomingPhoneNumbers.json?PhoneNumber={shown}"), keys);
    Probe { account: number.to_owned(), call }
}

/// What the answer tells.
///
/// # Errors
/// What Twilio's refusal means; never `Sent`.
pub(crate) fn probed(hook: Hook, reply: &WireReply) -> Result<Probed, Delivery> {
    let meaning = Failure::of(reply).meaning(reply);
    if meaning != Delivery::Sent {
        return Err(meaning);
    }
    let found: Found = serde_json::from_str(&reply.body)
        .map_err(|_| Delivery::rejected(Rejection::Content, "the answer of Twilio cannot be read"))?;
    let Some(number) = found.incoming_phone_numbers.into_iter().next() else {
        let trouble = Some("the Twilio account has no such number".to_owned());
        return Ok(Probed { webhook: None, trouble });
    };
    let set = |field: Option<String>| field.filter(|text| !text.is_empty());
    let (url, method, elsewhere) = match hook {
        Hook::Voice => (number.voice_url, number.voice_method, set(number.trunk_sid).or(number.voice_application_sid)),
        Hook::Sms => (number.sms_url, number.sms_method, number.sms_application_sid),
    };
    if set(elsewhere).is_some() {
        let trouble =
            "an application or trunk answers for the number at Twilio: its own address is not asked".to_owned();
        return Ok(Probed { webhook: None, trouble: Some(trouble) });
    }
    let by_post = method.is_none_or(|method| method.eq_ignore_ascii_case("post"));
    let trouble = (!by_post).then(|| "Twilio calls the number's address by GET: set it to HTTP POST".to_owned());
    // Behind `#` stand Twilio's own wishes (`#rc=2`), which never reach us.
    let url = url.unwrap_or_default();
    Ok(Probed { webhook: Some(url.split('#').next().unwrap_or_default().to_owned()), trouble })
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://x.example/webhooks/voice";

    fn answer(fields: &str) -> Probed {
        let body = format!(r#"{{"incoming_phone_numbers":[{{"phone_number":"+8610",{fields}}}]}}"#);
        probed(Hook::Voice, &WireReply { status: 200, retry_after: None, body }).unwrap()
    }

    #[test]
    fn a_number_calls_us_somebody_else_or_nobody() {
        let set = answer(&format!(r#""voice_url":"{URL}#rc=2&rp=5xx","voice_method":"POST","trunk_sid":null"#));
        assert_eq!((set.webhook.as_deref(), set.trouble), (Some(URL), None));
        let other = answer(r#""voice_url":"https://demo.twilio.com/welcome/voice/","voice_method":"POST""#);
        assert_eq!(other.webhook.as_deref(), Some("https://demo.twilio.com/welcome/voice/"));
        assert_eq!(answer(r#""voice_url":"""#).webhook.as_deref(), Some(""));
        assert!(answer(&format!(r#""voice_url":"{URL}","voice_method":"GET""#)).trouble.is_some());
        for place in ["voice_application_sid", "trunk_sid"] {
            let elsewhere = answer(&format!(r#""voice_url":"{URL}","{place}":"AP1""#));
            assert!(elsewhere.webhook.is_none() && elsewhere.trouble.is_some(), "{place}");
        }
        let texts = r#"{"incoming_phone_numbers":[{"sms_url":"https://x.example/webhooks/sms","voice_application_sid":"AP1"}]}"#;
        let texts = probed(Hook::Sms, &WireReply { status: 200, retry_after: None, body: texts.to_owned() }).unwrap();
        assert_eq!((texts.webhook.as_deref(), texts.trouble), (Some("https://x.example/webhooks/sms"), None));
    }

    #[test]
    fn an_account_without_the_number_and_a_wrong_token_are_told() {
        let reply = |status, body: &str| WireReply { status, retry_after: None, body: body.to_owned() };
        let none = probed(Hook::Sms, &reply(200, r#"{"incoming_phone_numbers":[]}"#)).unwrap();
        assert!(none.webhook.is_none() && none.trouble.is_some());
        let refused = |reply| probed(Hook::Voice, &reply).unwrap_err();
        assert!(matches!(
            refused(reply(401, r#"{"code":20003}"#)),
            Delivery::Rejected { refusal: Rejection::Misconfigured, .. }
        ));
        assert!(matches!(refused(reply(503, "")), Delivery::Retry { .. }));
        assert!(matches!(refused(reply(200, "<html>")), Delivery::Rejected { .. }));
    }

    #[test]
    fn a_number_is_asked_for_with_its_accounts_credentials() {
        let keys = KeySet::from_json(r#"{"twilio_auth_tokens":[{"kid":"AC1","secret":"t"}]}"#).unwrap();
        let call = probe("+8610", Some("AC1"), &keys).call.unwrap();
        assert_eq!(
            (call.method, call.target.as_str()),
            ("GET", "/2010-04-01/Accounts/AC1/IncomingPhoneNumbers.json?PhoneNumber=%2B8610")
        );
        assert!(probe("+8610", Some("AC2"), &keys).call.is_err() && probe("+8610", None, &keys).call.is_err());
    }
}
