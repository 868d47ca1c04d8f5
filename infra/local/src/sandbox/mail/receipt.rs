//! What SES tells the receiving function of a mail.

use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Mail, header};

/// The event of SES's Lambda action.
pub(super) fn event(id: &str, mail: &Mail, function: &str) -> Value {
    let stamp = OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default();
    let verdicts = header(&mail.raw, "X-Sandbox-Verdicts");
    let wish = |name: &str| {
        let wished = verdicts.split_whitespace().find_map(|wish| wish.strip_prefix(&format!("{name}=")));
        wished.unwrap_or("PASS").to_owned()
    };
    let verdict = |name: &str| json!({"status": wish(name)});
    let headers: Vec<Value> = ["Return-Path", "From", "To", "Subject", "Date", "Message-ID"]
        .iter()
        .map(|name| json!({"name": name, "value": header(&mail.raw, name)}))
        .filter(|header| header["value"] != "")
        .collect();
    let mut receipt = json!({
        "timestamp": stamp,
        "processingTimeMillis": 100,
        "recipients": mail.to,
        "spamVerdict": verdict("spam"),
        "virusVerdict": verdict("virus"),
        "spfVerdict": verdict("spf"),
        "dkimVerdict": verdict("dkim"),
        "dmarcVerdict": verdict("dmarc"),
        "action": {"type": "Lambda", "functionArn": function, "invocationType": "Event"},
    });
    if wish("dmarc") == "FAIL"
        && let Some(receipt) = receipt.as_object_mut()
    {
        let policy = wish("policy");
        receipt.insert("dmarcPolicy".to_owned(), json!(if policy == "PASS" { "none" } else { policy.as_str() }));
    }
    json!({"Records": [{"eventSource": "aws:ses", "eventVersion": "1.0", "ses": {
        "mail": {
            "timestamp": stamp,
            "source": mail.from,
            "messageId": id,
            "destination": mail.to,
            "headersTruncated": false,
            "headers": headers,
            "commonHeaders": {
                "returnPath": mail.from,
                "from": [header(&mail.raw, "From")],
                "date": header(&mail.raw, "Date"),
                "to": mail.to,
                "messageId": header(&mail.raw, "Message-ID"),
                "subject": header(&mail.raw, "Subject"),
            },
        },
        "receipt": receipt,
    }}]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_receipt_is_the_mails_and_its_verdicts_are_wished_for() {
        let raw = b"Subject: a\r\n b\r\nX-Sandbox-Verdicts: spam=FAIL dmarc=FAIL policy=reject\r\nFrom: x@y.example\r\n\r\nSubject: z";
        let mail = Mail { from: "x@y.example".to_owned(), to: vec!["s@shop.example".to_owned()], raw: raw.to_vec() };
        let event = event("m1", &mail, "f");
        let ses = &event["Records"][0]["ses"];
        assert_eq!((&ses["mail"]["messageId"], &ses["receipt"]["recipients"]), (&json!("m1"), &json!(mail.to)));
        assert_eq!(ses["receipt"]["spamVerdict"]["status"], "FAIL");
        assert_eq!(
            (&ses["receipt"]["dmarcPolicy"], &ses["receipt"]["virusVerdict"]["status"]),
            (&json!("reject"), &json!("PASS"))
        );
    }
}
