//! Twilio: messages, files, what became of ours.

use domain::{Attachment, Content, DeliveryId, DeliveryStatus, EventKind, InboundEvent};

use super::super::twilio::ACKNOWLEDGEMENT;
use super::*;
use crate::twilio::signed_for_tests as signature;

const URL: &str = "https://api.example.com/webhooks/sms";

fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn post(url: &str, body: &[u8], token: &str) -> Result<Parsed, VerifyError> {
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("x-twilio-signature", &signature(token, url, body))];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    door(&RawRequest { method: "POST", url, headers: &headers, body }, &keys())
}

/// A message as Twilio has it, with other or further fields.
fn message(more: &[(&str, &str)]) -> Vec<(String, String)> {
    let usual = [
        ("MessageSid", "SM1"),
        ("AccountSid", SID),
        ("From", ANN),
        ("To", TWILIO),
        ("Body", "hello"),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
    ];
    let kept = usual.into_iter().filter(|(name, _)| more.iter().all(|(other, _)| other != name));
    kept.chain(more.iter().copied())
        .filter(|(_, value)| *value != "-")
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect()
}

fn comes(more: &[(&str, &str)]) -> Parsed {
    let fields = message(more);
    let fields: Vec<_> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    post(URL, form(&fields).as_bytes(), TOKEN).unwrap()
}

#[test]
fn words_come_as_they_were_written() {
    for said_ in ["hello", "我的订单到哪了? 😀 a+b&c=d", "two\nlines "] {
        let parsed = comes(&[("Body", said_)]);
        assert_eq!(said(&parsed), [(TWILIO, ANN, &text(said_))]);
        assert_eq!((parsed.events[0].at, parsed.rejects.len()), (NOW, 0));
    }
    assert_eq!(said(&comes(&[("Body", " ")])), [(TWILIO, ANN, &event("unsupported"))]);
    assert_eq!(said(&comes(&[("Body", "stop")])), [(TWILIO, ANN, &event("opt_out"))]);
    assert_eq!(said(&comes(&[("Body", "yes"), ("OptOutType", "START")])), [(TWILIO, ANN, &event("opt_in"))]);
    assert_eq!(ACKNOWLEDGEMENT, Sms.acknowledgement());
}

#[test]
fn files_come_before_the_words() {
    let parsed = comes(&[
        ("NumMedia", "3"),
        ("MediaUrl0", "https://api.twilio.com/x/0"),
        ("MediaContentType0", "image/jpeg"),
        ("MediaUrl1", "https://api.twilio.com/x/1"),
        ("MediaContentType1", "text/x.vcard"),
    ]);
    let file = |number: u8, name: &str, mime: &str| Attachment {
        upload: None,
        url: Some(format!("https://api.twilio.com/x/{number}")),
        name: name.into(),
        mime: mime.into(),
        size: 0,
    };
    let wanted = [
        Content::Image(file(0, "photo.jpeg", "image/jpeg")),
        Content::File(file(1, "file", "text/x.vcard")),
        text("hello"),
    ];
    assert_eq!(
        said(&parsed).into_iter().map(|(_, _, content)| content).collect::<Vec<_>>(),
        wanted.iter().collect::<Vec<_>>()
    );
    let ids: std::collections::BTreeSet<_> = parsed.events.iter().map(|event| event.id.as_str()).collect();
    assert_eq!(ids.len(), 3);
    let alone = comes(&[
        ("Body", ""),
        ("NumMedia", "1"),
        ("MediaUrl0", "https://api.twilio.com/x/0"),
        ("MediaContentType0", "audio/amr"),
    ]);
    assert_eq!(said(&alone), [(TWILIO, ANN, &Content::Audio(file(0, "voice.amr", "audio/amr")))]);
}

#[test]
fn what_cannot_be_a_customers_message_to_us_is_kept_with_the_reason() {
    for (more, field, reason) in [
        (&[("From", "22395")][..], "From", "is a short code: it belongs to a company, and cannot be written to"),
        (&[("From", "+22395")], "From", "is a short code: it belongs to a company, and cannot be written to"),
        (&[("From", "PARCELS")], "From", "is no phone number: a name cannot be written to"),
        (&[("From", "whatsapp:+14155550100")], "From", "is no phone number: a name cannot be written to"),
        (&[("From", "14155550100")], "From", "is not in E.164: `+`, the country's code, 7 to 15 digits in all"),
        (&[("From", "+04155550100")], "From", "is not in E.164: `+`, the country's code, 7 to 15 digits in all"),
        (&[("To", "+14155550111")], "To", "is not set up as a number of this Twilio account: settings.accounts"),
        // Another account's, and another provider's.
        (&[("To", "+14155550198")], "To", "is not set up as a number of this Twilio account: settings.accounts"),
        (&[("To", AWS)], "To", "is not set up as a number of this Twilio account: settings.accounts"),
        (&[("MessageSid", "-")], "MessageSid", "is missing"),
        (&[("Body", "-")], "Body", "is missing"),
        (&[("NumMedia", "many")], "NumMedia", "is no number"),
    ] {
        let parsed = comes(more);
        let [reject] = &parsed.rejects[..] else { panic!("{more:?}: {parsed:?}") };
        assert_eq!(
            (reject.field.as_str(), reject.reason.as_str(), parsed.events.len()),
            (field, reason, 0),
            "{more:?}"
        );
        assert!(reject.item.as_deref().is_some_and(|item| item.contains("AccountSid")));
    }
    let spoilt = [form(&[("AccountSid", SID), ("Body", "")]).as_bytes(), b"\xff"].concat();
    assert_eq!(post(URL, &spoilt, TOKEN).unwrap().rejects[0].reason, "not UTF-8");
}

#[test]
fn each_account_is_its_own_tokens() {
    let body =
        form(&[("MessageSid", "SM1"), ("AccountSid", "AC2"), ("From", ANN), ("To", "+14155550198"), ("Body", "hi")]);
    assert_eq!(said(&post(URL, body.as_bytes(), "second").unwrap()), [("+14155550198", ANN, &text("hi"))]);
    assert!(post(URL, body.as_bytes(), TOKEN).is_err());
}

fn told(mark: &str, status: &str, code: &str) -> Parsed {
    let url = if mark.is_empty() { URL.to_owned() } else { format!("{URL}?{}", form(&[("mark", mark)])) };
    let fields = [
        ("MessageSid", "SM2"),
        ("AccountSid", SID),
        ("From", TWILIO),
        ("To", ANN),
        ("MessageStatus", status),
        ("SmsStatus", status),
        ("ErrorCode", code),
    ];
    post(&url, form(&fields).as_bytes(), TOKEN).unwrap()
}

#[test]
fn what_became_of_a_message_is_told_of_its_delivery() {
    let delivery = DeliveryId::derive(&[b"d"]);
    let whole = format!("{delivery}:7:{TWILIO}");
    let part = format!("{delivery}:7+:{TWILIO}");
    let failed = |reason: &str| DeliveryStatus::Failed { reason: reason.to_owned() };
    for (mark, status, code, wanted) in [
        (&whole, "delivered", "", Some(DeliveryStatus::Delivered)),
        (&whole, "read", "", Some(DeliveryStatus::Read)),
        (
            &whole,
            "undelivered",
            "30006",
            Some(failed("the customer's number is a landline, or its carrier takes no text messages")),
        ),
        (&part, "failed", "30007", Some(failed("the carrier has filtered the message out"))),
        (&whole, "canceled", "", Some(failed("the carrier did not deliver it"))),
        (&part, "delivered", "", None),
        (&whole, "accepted", "", None),
        (&whole, "queued", "", None),
        (&whole, "sending", "", None),
        (&whole, "sent", "", None),
        (&whole, "quantum", "", None),
    ] {
        let parsed = told(mark, status, code);
        let found = parsed.events.iter().map(|event| {
            let EventKind::Receipt { delivery: known, seq: 7, status } = &event.kind else { panic!("{event:?}") };
            assert_eq!(*known, delivery);
            status.clone()
        });
        assert_eq!(found.collect::<Vec<_>>(), wanted.into_iter().collect::<Vec<_>>(), "{status}");
        let to = |event: &InboundEvent| (event.identity.account.clone(), event.identity.user.clone());
        assert!(parsed.events.iter().map(to).all(|to| to == (TWILIO.to_owned(), ANN.to_owned())));
    }
    // Of a message that we did not mark nothing is known.
    for mark in ["", "x", &format!("{delivery}:7"), &format!("{delivery}:x:{TWILIO}")] {
        assert_eq!(told(mark, "delivered", ""), Parsed::default(), "{mark}");
    }
    let foreign = told(&format!("{delivery}:7:{AWS}"), "delivered", "");
    assert_eq!((foreign.events.len(), foreign.rejects.len()), (0, 1));
}

#[test]
fn whole_events_are_taken() {
    for (path, wanted) in
        [("sms/twilio-message.json", text("我的订单到哪了? 😀 a+b&c=d")), ("sms/twilio-stop.json", event("opt_out"))]
    {
        let lambda = crate::lambda::Event::read(path);
        let parsed = door(&lambda.request(), &keys()).unwrap();
        assert_eq!(said(&parsed), [(TWILIO, ANN, &wanted)], "{path}");
    }
    let lambda = crate::lambda::Event::read("sms/twilio-delivered.json");
    let parsed = door(&lambda.request(), &keys()).unwrap();
    assert!(matches!(&parsed.events[0].kind, EventKind::Receipt { seq: 7, status: DeliveryStatus::Delivered, .. }));
}
