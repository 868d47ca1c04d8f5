//! Every rule by which a mail is not answered.

use domain::Content;
use serde_json::json;

use super::{BOX, content, from_ann, mail, receipt, taken};

/// What becomes of a mail with these headers: the events' names, or why it was dropped.
fn became(headers: &str) -> Vec<String> {
    let parsed = from_ann(&mail(headers, "hello, where is my parcel? please tell me"));
    let names = parsed.events.iter().map(|event| match content(event) {
        Content::Event { name } => name.clone(),
        Content::Text { .. } => "answered".to_owned(),
        other => panic!("{other:?}"),
    });
    names.chain(parsed.dropped.iter().map(|(id, reason)| format!("{id}: {reason}"))).collect()
}

#[test]
fn what_a_machine_sends_is_kept_and_not_answered() {
    for (headers, name) in [
        ("Auto-Submitted: auto-replied\r\n", "auto_reply"),
        ("Auto-Submitted: auto-generated; owner=x\r\n", "auto_reply"),
        ("auto-submitted: AUTO-NOTIFIED\r\n", "auto_reply"),
        ("X-Auto-Response-Suppress: DR, OOF, AutoReply\r\n", "auto_reply"),
        ("X-Auto-Response-Suppress: All\r\n", "auto_reply"),
        ("X-Autoreply: yes\r\n", "auto_reply"),
        ("X-Autorespond: x\r\n", "auto_reply"),
        ("List-Id: <news.example.com>\r\n", "mailing_list"),
        ("List-Unsubscribe: <mailto:x@example.com>\r\n", "mailing_list"),
        ("Precedence: bulk\r\n", "bulk_mail"),
        ("Precedence: Junk\r\n", "bulk_mail"),
        ("Precedence: list\r\n", "bulk_mail"),
        ("From: noreply@example.com\r\n", "no_reply"),
        ("From: Shop <No-Reply@example.com>\r\n", "no_reply"),
        ("From: do-not-reply@example.com\r\n", "no_reply"),
        ("From: news-bounces@example.com\r\n", "no_reply"),
    ] {
        assert_eq!(became(headers), [name], "{headers}");
    }
    for headers in [
        "Auto-Submitted: no\r\n",
        "Precedence: first-class\r\n",
        "X-Auto-Response-Suppress: none\r\n",
        "From: reply@example.com\r\n",
    ] {
        assert_eq!(became(headers), ["answered"], "{headers}");
    }
}

#[test]
fn what_goes_in_circles_or_reports_is_dropped() {
    let hops = |count: usize| "Received: from a by b; Thu, 1 Jan 2026 10:00:00 +0000\r\n".repeat(count);
    for (headers, reason) in [
        ("X-Frontdesk-Loop: 0123456789\r\n".to_owned(), "our own mail came back"),
        (format!("X-Loop: {BOX}\r\n"), "our own mail came back"),
        (hops(25), "the mail goes in circles"),
        ("From: SALES@shop.example\r\n".to_owned(), "the mail says that it is from a mailbox of ours"),
        (format!("From: {}\r\n", BOX.replace('@', "+x@")), "the mail says that it is from a mailbox of ours"),
        ("From: MAILER-DAEMON@example.com\r\n".to_owned(), "a mail system's report"),
        ("From: postmaster@example.com\r\n".to_owned(), "a mail system's report"),
        (
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n".to_owned(),
            "a mail system's report",
        ),
    ] {
        assert_eq!(became(&headers), [format!("m1: {reason}")], "{headers}");
    }
    assert_eq!(became(&hops(24)), ["answered"]);
    assert_eq!(became("X-Loop: other@example.com\r\n"), ["answered"]);
}

#[test]
fn an_empty_envelope_is_a_machines() {
    for source in ["", "<>"] {
        let mut record = receipt(&[BOX]);
        record["ses"]["mail"]["source"] = json!(source);
        let parsed = taken(&record, mail("", "I am out of the office until Monday.").as_bytes()).unwrap();
        assert_eq!(content(&parsed.events[0]), &Content::Event { name: "auto_reply".to_owned() });
    }
}

#[test]
fn verdicts_decide_before_the_mail_is_read() {
    let with = |name: &str, status: &str, policy: Option<&str>| {
        let mut record = receipt(&[BOX]);
        record["ses"]["receipt"][name] = json!({ "status": status });
        if let Some(policy) = policy {
            record["ses"]["receipt"]["dmarcPolicy"] = json!(policy);
        }
        taken(&record, mail("", "hello, where is my parcel? please tell me").as_bytes()).unwrap()
    };
    let infected = with("virusVerdict", "FAIL", None);
    assert!(infected.events.is_empty() && infected.dropped == [("m1".to_owned(), "a virus was found")]);
    for (name, policy, event) in [
        ("spamVerdict", None, "spam"),
        ("dmarcVerdict", Some("reject"), "forged_mail"),
        ("dmarcVerdict", Some("QUARANTINE"), "forged_mail"),
    ] {
        let parsed = with(name, "FAIL", policy);
        assert_eq!(content(&parsed.events[0]), &Content::Event { name: event.to_owned() }, "{name}");
    }
    for (name, status, policy) in [
        ("spamVerdict", "GRAY", None),
        ("dmarcVerdict", "FAIL", Some("none")),
        ("virusVerdict", "PROCESSING_FAILED", None),
    ] {
        assert!(matches!(content(&with(name, status, policy).events[0]), Content::Text { .. }), "{name} {status}");
    }
}
