//! Mails as they come in.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{Content, EventKind};
use serde_json::json;

use super::{BOX, NOW, content, from_ann, keys, mail, receipt, taken, text};
use crate::email::thread::Line;
use crate::email::{Email, UNPROVEN};
use crate::{Channel as _, EVENT, KeySet, RawRequest, VerifyError};

#[test]
fn who_writes_to_whom_is_the_envelopes_word_and_the_domains() {
    let raw = mail("To: other@shop.example\r\n", "hello");
    let parsed = from_ann(&raw);
    let identity = &parsed.events[0].identity;
    assert_eq!((identity.account.as_str(), identity.user.as_str()), (BOX, "ann@example.com"));
    assert!(Email.handle(identity).is_some());
    for status in ["FAIL", "GRAY", "PROCESSING_FAILED", "DISABLED"] {
        let mut record = receipt(&[BOX]);
        record["ses"]["receipt"]["dmarcVerdict"]["status"] = json!(status);
        let unproven = taken(&record, raw.as_bytes()).unwrap();
        assert_eq!(unproven.events[0].identity.user, format!("{UNPROVEN}ann@example.com"), "{status}");
        assert_eq!(Email.handle(&unproven.events[0].identity), None, "never anybody's customer");
    }
    let both = taken(&receipt(&["SALES@shop.example", "support+x@shop.example", BOX]), raw.as_bytes()).unwrap();
    let accounts: Vec<&str> = both.events.iter().map(|event| event.identity.account.as_str()).collect();
    assert_eq!(accounts, ["sales@shop.example", BOX], "each mailbox once");
    let nobody = taken(&receipt(&["stranger@shop.example"]), raw.as_bytes()).unwrap();
    assert!(nobody.events.is_empty() && nobody.rejects[0].field == "receipt.recipients");
}

#[test]
fn only_an_event_of_ses_with_its_mail_is_taken() {
    let record = receipt(&[BOX]).to_string();
    let try_ = |method, body: &[u8], keys: &KeySet| {
        Email.verify(&RawRequest { method, url: "aws:ses", headers: &[], body }, keys, NOW).err()
    };
    assert!(matches!(try_("POST", record.as_bytes(), &keys()), Some(VerifyError::Refused(_))));
    assert!(
        matches!(try_(EVENT, record.as_bytes(), &keys()), Some(VerifyError::Missing(_))),
        "the mail was not fetched"
    );
    assert!(matches!(try_(EVENT, b"{}", &keys()), Some(VerifyError::Refused(_))));
    let unset = KeySet::from_json(r#"{"signing_keys":[{"kid":"k","secret":"s"}]}"#).unwrap();
    assert_eq!(try_(EVENT, record.as_bytes(), &unset), Some(VerifyError::NoKey("settings.mailboxes")));
    assert_eq!(try_(EVENT, record.as_bytes(), &KeySet::default()), Some(VerifyError::NoKey("signing_keys")));
}

#[test]
fn the_object_is_named_by_either_action() {
    let stored =
        |event: &str| Email.stored(&RawRequest { method: EVENT, url: "", headers: &[], body: event.as_bytes() });
    assert_eq!(stored(&receipt(&[BOX]).to_string()).as_deref(), Some("m1"));
    let mut told = receipt(&[BOX])["ses"].clone();
    told["notificationType"] = json!("Received");
    told["receipt"]["action"] = json!({ "type": "S3", "bucketName": "b", "objectKey": "mail/m1" });
    let record = json!({ "EventSource": "aws:sns", "Sns": { "Message": told.to_string() } });
    assert_eq!(stored(&record.to_string()).as_deref(), Some("mail/m1"));
    let news = json!({ "Sns": { "Message": r#"{"eventType":"Bounce","mail":{"messageId":"x"}}"# } });
    for nothing in [news.to_string().as_str(), "{}", "x"] {
        assert_eq!(stored(nothing), None);
    }
}

#[test]
fn a_mail_is_one_event_however_often_it_comes() {
    let id = |headers: &str, ses: &str| {
        let mut record = receipt(&[BOX]);
        record["ses"]["mail"]["messageId"] = json!(ses);
        taken(&record, mail(headers, "hello").as_bytes()).unwrap().events[0].id.clone()
    };
    assert_eq!(id("", "m1"), id("", "m2"), "sent again by the customer's mail server");
    assert_ne!(id("", "m1"), id("Message-ID: <c2@example.com>\r\n", "m1"));
    let none = |ses| {
        let mut record = receipt(&[BOX]);
        record["ses"]["mail"]["messageId"] = json!(ses);
        let raw = "From: ann@example.com\r\n\r\nhello";
        taken(&record, raw.as_bytes()).unwrap().events[0].id.clone()
    };
    assert!(none("m1") == none("m1") && none("m1") != none("m2"));
}

#[test]
fn charsets_are_read_as_they_are_meant() {
    let gb = encoding_rs::GB18030.encode("订单号 123，镕𠀀好").0.into_owned();
    let utf8 = "订单号 123，镕𠀀好".as_bytes().to_vec();
    for (charset, bytes) in [
        ("gb2312", &gb),
        ("GBK", &gb),
        ("gb18030", &gb),
        ("utf-8", &gb),
        ("us-ascii", &gb),
        ("us-ascii", &utf8),
        ("gb_2312-80", &gb),
        ("cp936", &gb),
        ("unknown-8bit", &utf8),
        ("utf-8", &utf8),
    ] {
        for encoding in ["8bit", "base64"] {
            let headers =
                format!("Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: {encoding}\r\n");
            let body = if encoding == "base64" { STANDARD.encode(bytes).into_bytes() } else { bytes.clone() };
            let raw = [mail(&headers, "").into_bytes(), body].concat();
            assert_eq!(text(&taken(&receipt(&[BOX]), &raw).unwrap()), "订单号 123，镕𠀀好", "{charset} {encoding}");
        }
    }
    let latin = [
        mail("Content-Type: text/plain; charset=iso-8859-1\r\n", "").into_bytes(),
        b"O\xf9 est ma commande ?".to_vec(),
    ]
    .concat();
    assert_eq!(text(&taken(&receipt(&[BOX]), &latin).unwrap()), "Où est ma commande ?");
}

#[test]
fn a_subject_may_be_split_within_a_letter() {
    let raw = mail("Subject: =?utf-8?B?6K6i5Y2V5Y+35A==?=\r\n =?utf-8?B?uK3lpZY=?=\r\n", "");
    assert_eq!(text(&from_ann(&raw)), "订单号中奖", "and it is what a mail without words says");
}

#[test]
fn the_subject_is_told_where_it_says_more_than_the_rest() {
    let long = "Please tell me how long the delivery to Munich takes, and what it costs.";
    for (headers, body, said) in [
        ("Subject: How long is delivery?\r\n", "Thanks!", "How long is delivery?\n\nThanks!"),
        ("Subject: Re: How long is delivery?\r\n", "Thanks!", "Thanks!"),
        ("Subject: How long is delivery?\r\nIn-Reply-To: <x@y>\r\n", "Thanks!", "Thanks!"),
        ("Subject: delivery\r\n", long, long),
        ("Subject: 订单\r\n", "", "订单"),
        ("Subject: 转发: 订单\r\n", "  \r\n", "订单"),
        ("Subject: hello\r\n", "hello there", "hello there"),
    ] {
        assert_eq!(text(&from_ann(&mail(headers, body))), said, "{headers}");
    }
    let parsed = from_ann(&mail("", ""));
    assert_eq!(content(&parsed.events[0]), &Content::Event { name: "unsupported".to_owned() });
    let endless = from_ann(&mail("", &"字".repeat(200_000)));
    assert_eq!(text(&endless).chars().count(), 30_002, "the rest stays in the bucket");
}

fn with_files(parts: &[(&str, &[u8])]) -> String {
    let mut body = "--b\r\nContent-Type: text/plain\r\n\r\nhere they are, please have a look at them\r\n".to_owned();
    for (headers, bytes) in parts {
        body += &format!("--b\r\n{headers}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n", STANDARD.encode(bytes));
    }
    mail("Content-Type: multipart/mixed; boundary=b\r\n", &format!("{body}--b--\r\n"))
}

#[test]
fn files_are_parts_of_the_message_under_the_type_that_they_are_of() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";
    let raw = with_files(&[
        (
            "Content-Type: application/octet-stream; name*0*=utf-8''%e5%8f%91; name*1*=%e7%a5%a8.png\r\nContent-Disposition: attachment",
            png,
        ),
        (
            "Content-Type: image/png\r\nContent-Disposition: attachment; filename=\"../../a.png\"",
            b"<html><script>alert(1)</script>",
        ),
        (
            "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=\"=?utf-8?B?5Y+R56WoLnBkZg==?=\"",
            b"%PDF-1.7 x",
        ),
        ("Content-Type: text/html\r\nContent-Disposition: attachment; filename=a.html", b"<p>x</p>"),
        (
            "Content-Type: application/x-msdownload\r\nContent-Disposition: attachment; filename=\"exe.\u{202e}fdp\"",
            b"MZ\x90\0 and so on",
        ),
        (
            "Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Disposition: attachment",
            b"\x78\x9f\x3e\x22xx",
        ),
        ("Content-Type: text/csv\r\nContent-Disposition: attachment", b"a,b"),
    ]);
    let parsed = from_ann(&raw);
    let named: Vec<(&str, &str, bool)> = parsed.events[1..]
        .iter()
        .map(|event| match content(event) {
            Content::Image(file) => (file.name.as_str(), file.mime.as_str(), true),
            Content::File(file) => (file.name.as_str(), file.mime.as_str(), false),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        named,
        [
            ("发票.png", "image/png", true),
            ("a.png", "application/octet-stream", false),
            ("发票.pdf", "application/pdf", false),
            ("a.html", "application/octet-stream", false),
            ("exe.fdp", "application/octet-stream", false),
            ("winmail.dat", "application/ms-tnef", false),
            ("file-7", "text/csv", false),
        ]
    );
    assert!(matches!(content(&parsed.events[0]), Content::Text { text } if text.starts_with("here they are")));
    let parts: Vec<bool> = parsed.events.iter().map(|event| event.part).collect();
    assert_eq!(parts, [false, true, true, true, true, true, true, true], "one message, one answer");
    let kept: Vec<(&str, &[u8])> =
        parsed.files.iter().map(|file| (file.mime.as_str(), file.bytes.as_slice())).collect();
    assert_eq!((kept.len(), kept[0]), (7, ("image/png", &png[..])));
    assert_eq!(from_ann(&raw).files, parsed.files, "the same mail gives its files the same ids");
    let ids: std::collections::BTreeSet<_> = parsed.events.iter().map(|event| &event.id).collect();
    assert_eq!(ids.len(), parsed.events.len());
}

#[test]
fn too_many_files_are_named_and_not_kept_and_ornaments_are_neither() {
    let file = ("Content-Type: text/csv\r\nContent-Disposition: attachment", &b"a,b"[..]);
    let parsed = from_ann(&with_files(&[file; 60]));
    assert_eq!((parsed.files.len(), parsed.events.len()), (20, 51));
    let EventKind::Message { content: Content::File(last) } = &parsed.events[50].kind else { panic!() };
    assert_eq!((&last.upload, last.size), (&None, 3));
    let pixel = ("Content-Type: image/gif\r\nContent-ID: <x>\r\nContent-Disposition: inline", &b"GIF89a......"[..]);
    assert_eq!(from_ann(&with_files(&[pixel])).events.len(), 1);
    let only = mail(
        "Content-Type: multipart/mixed; boundary=b\r\n",
        "--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment\r\n\r\na\r\n--b--\r\n",
    );
    let parsed = from_ann(&only);
    assert!(parsed.events.len() == 1 && !parsed.events[0].part, "what is all there is, is answered");
}

#[test]
fn what_cannot_be_a_mail_is_kept_for_somebody_to_see() {
    for raw in [
        "",
        "\r\n\r\nno headers",
        "From: \r\n\r\nx",
        "From: a@b, c@d\r\n\r\nx",
        "From: nobody\r\n\r\nx",
        "From: ann@example.com\r\nSubj",
    ] {
        let parsed = taken(&receipt(&[BOX]), raw.as_bytes()).unwrap();
        assert!(parsed.events.is_empty() && parsed.rejects.len() == 1, "{raw}");
        assert_eq!(
            parsed.rejects[0].item.as_deref(),
            Some(r#"{"messageId":"m1"}"#),
            "the object's name, and nothing of it"
        );
    }
}

#[test]
fn answers_go_where_they_are_wanted_if_the_domain_vouches() {
    let raw = mail("Reply-To: Ann at work <ann@work.example>\r\n", "hello");
    let wanted = |record: &serde_json::Value| {
        let parsed = taken(record, raw.as_bytes()).unwrap();
        Line::read(&parsed.events[0].reply.as_ref().unwrap().token).reply_to
    };
    assert_eq!(wanted(&receipt(&[BOX])).as_deref(), Some("ann@work.example"));
    let mut unproven = receipt(&[BOX]);
    unproven["ses"]["receipt"]["dmarcVerdict"]["status"] = json!("GRAY");
    assert_eq!(wanted(&unproven), None, "a forged mail sends our answers to nobody else");
}
