use domain::Delivery;
use domain::Rejection::{Blocked, Content as Wrong, Misconfigured};

use super::*;
use crate::WireReply;

fn meant(status: u16, body: &str) -> Delivery {
    Weibo.classify(&WireReply { status, retry_after: None, body: body.to_owned() })
}

#[test]
fn every_code_of_the_open_platform_has_its_meaning() {
    let retry = Delivery::Retry { after: None };
    for code in [10001, 10002, 10003, 10009, 10010, 10011, 10022, 10023, 10024, 20014, 20016] {
        assert_eq!(meant(403, &format!(r#"{{"error_code":{code},"error":"secret words"}}"#)), retry, "{code}");
    }
    for (codes, kind) in [
        (&[10013, 20003, 20301, 20508, 20523][..], Blocked),
        (
            &[
                10007, 10008, 10012, 10016, 10017, 10018, 20008, 20012, 20013, 20017, 20018, 20019, 20020, 20021,
                20302, 20306, 21602,
            ],
            Wrong,
        ),
        (
            &[
                10004, 10005, 10006, 10014, 10020, 10021, 20015, 20022, 20031, 21301, 21314, 21315, 21316, 21317,
                21319, 21321, 21327, 21332, 99999,
            ],
            Misconfigured,
        ),
    ] {
        for code in codes {
            // The code is a number in some answers and a text in others.
            let text = meant(400, &format!(r#"{{"error_code":"{code}","error":"secret words"}}"#));
            assert_eq!(meant(400, &format!(r#"{{"error_code":{code},"error":"secret words"}}"#)), text, "{code}");
            let Delivery::Rejected { refusal, reason } = text else { panic!("refused: {code}") };
            assert_eq!(refusal, kind, "{code}");
            assert!(!reason.is_empty() && !reason.contains("secret"), "{code}");
        }
    }
}

#[test]
fn what_has_no_code_is_judged_by_its_status() {
    let retry = Delivery::Retry { after: None };
    let sent = r#"{"result":true,"sender_id":1,"receiver_id":2,"type":"text","data":"x"}"#;
    assert_eq!([meant(200, sent), meant(200, r#"{"error_code":20032}"#)], [Delivery::Sent, Delivery::Sent]);
    for (status, body) in [(0, ""), (200, "<html>"), (429, ""), (500, "{}"), (504, ""), (408, "{}")] {
        assert_eq!(meant(status, body), retry, "{status} {body}");
    }
    for (status, body) in [(200, r#"{"result":false}"#), (403, ""), (404, "{}")] {
        assert!(matches!(meant(status, body), Delivery::Rejected { .. }), "{status} {body}");
    }
}
