//! Calls: to whom, from which number, by whom.

use domain::{Author, ChannelId, ConversationId, DeliveryId, Identity, Message, MessageId, Outbound, Transport};

use super::*;
use crate::{HttpCall, Rendering, TextCall, WireCall};

fn outbound(account: &str, user: &str, said: &[&str]) -> Outbound {
    let message = |(seq, said): (u64, &&str)| Message {
        id: MessageId::derive(&[said.as_bytes()]),
        seq,
        author: Author::Bot,
        content: text(said),
        at: NOW,
    };
    Outbound {
        id: DeliveryId::derive(&[b"d"]),
        identity: Identity { channel: ChannelId::Sms, account: account.to_owned(), user: user.to_owned() },
        conversation: ConversationId::derive(&[b"c"]),
        transport: Transport::Sms,
        messages: (6..).zip(said).map(message).collect(),
        asked_at: None,
        expires: None,
        reply: None,
    }
}

fn calls(account: &str, user: &str, said: &[&str]) -> Result<Vec<WireCall>, String> {
    let keys = keys();
    let with = Rendering { keys: &keys, now: NOW, doubt: false };
    Sms.render(&outbound(account, user, said), &with).map_err(|error| error.0)
}

fn http(call: &WireCall) -> (&HttpCall, Vec<(String, String)>) {
    let WireCall::Http(call) = call else { panic!("{call:?}") };
    (call, form_urlencoded::parse(&call.body).into_owned().collect())
}

#[test]
fn twilio_is_called_from_the_number_that_was_written_to() {
    let sent = calls(TWILIO, ANN, &["Here’s your parcel", "第二条"]).unwrap();
    assert_eq!(sent.len(), 2);
    let delivery = DeliveryId::derive(&[b"d"]);
    for (call, body, more) in [(&sent[0], "Here's your parcel", "%2B"), (&sent[1], "第二条", "")] {
        let (call, fields) = http(call);
        assert_eq!(call.target, format!("/2010-04-01/Accounts/{SID}/Messages.json"));
        let mark = format!("https://api.example.com/webhooks/sms?mark={delivery}%3A7{more}%3A%2B14155550199");
        let wanted = [("To", ANN), ("From", TWILIO), ("Body", body), ("StatusCallback", &mark)];
        assert_eq!(fields, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let credentials = call.headers.iter().find(|(name, _)| *name == "authorization").unwrap();
        // `AC…:token` in base 64.
        assert_eq!(
            credentials.1,
            "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMToxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMg=="
        );
    }
    let service = calls("+14155550198", ANN, &["hi"]).unwrap();
    let (call, fields) = http(&service[0]);
    assert!(call.target.starts_with("/2010-04-01/Accounts/AC2/"));
    assert_eq!(fields[1], ("MessagingServiceSid".to_owned(), "MG1".to_owned()));
}

#[test]
fn aws_is_called_with_both_numbers() {
    let wanted = TextCall { from: AWS.to_owned(), to: ANN.to_owned(), text: "hello".to_owned() };
    let found = calls(AWS, ANN, &["hello"]).unwrap();
    assert_eq!(found, [WireCall::Text(wanted)]);
    assert_eq!(format!("{found:?}"), "[Text(TextCall { bytes: 5, .. })]", "neither number nor text is logged");
}

#[test]
fn what_cannot_be_sent_says_why() {
    for (account, user, reason) in [
        (
            "shop-ali",
            "+8613800138000",
            "mainland SMS goes out as an approved template only: answer by phone or on another channel",
        ),
        (
            "shop-qq",
            "+8613800138000",
            "mainland SMS goes out as an approved template only: answer by phone or on another channel",
        ),
        (TWILIO, "22395", "the customer's number is a short code: it belongs to a company, and cannot be written to"),
        (AWS, "4155550100", "the customer's number is not in E.164: `+`, the country's code, 7 to 15 digits in all"),
        ("broken", ANN, "no settings.accounts.broken"),
        ("+1999", ANN, "no settings.accounts.+1999"),
    ] {
        assert_eq!(calls(account, user, &["hi"]), Err(reason.to_owned()));
    }
}
