//! Nobody comes in without a proof.

use proptest::prelude::*;

use super::*;
use crate::{Doors, EVENT, channel};

#[test]
fn it_comes_in_by_both_doors() {
    assert_eq!(channel(domain::ChannelId::Sms).doors(), Doors::Both);
}

proptest! {
    #[test]
    fn whatever_comes_is_refused(
        method in "POST|GET|EVENT", query in "(\\?(key|account|mark)=[a-z-]{0,9}(&(key|account)=[a-z0-9-]{0,14})?)?",
        body in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        let url = format!("https://api.example.com/webhooks/sms{query}");
        let request = RawRequest { method: &method, url: &url, headers: &[], body: &body };
        prop_assert!(door(&request, &keys()).is_err());
    }

    #[test]
    fn what_aws_hands_over_never_panics(message in "\\PC{0,80}") {
        let record = serde_json::json!({ "EventSource": "aws:sns", "Sns": { "TopicArn": TOPIC, "Message": message } }).to_string();
        let parsed = door(&RawRequest { method: EVENT, url: "aws:sns", headers: &[], body: record.as_bytes() }, &keys()).unwrap();
        prop_assert!(parsed.events.is_empty());
    }
}
