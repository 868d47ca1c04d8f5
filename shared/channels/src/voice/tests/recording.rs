//! Recorded messages are fetched.

use domain::{Delivery, Rejection};

use super::*;
use crate::{FetchWith, Fetched, FileReply, RenderError};

#[test]
fn a_recording_is_asked_for_with_its_own_accounts_token() {
    let (keys, fetching) = (keys(), Voice.fetching().unwrap());
    let with = FetchWith { account: CLOSED, keys: &keys, now: NOW };
    assert_eq!(fetching.scheme(), "twilio-recording");
    for (account, token) in [(SID, TOKEN), ("AC2", "another")] {
        let call = fetching.call(&format!("{account}/RE1"), &with).unwrap();
        assert_eq!(call.target, format!("/2010-04-01/Accounts/{account}/Recordings/RE1.wav"));
        assert_eq!((call.method, call.body.len()), ("GET", 0));
        let basic = format!("Basic {}", STANDARD.encode(format!("{account}:{token}")));
        assert_eq!(call.headers, [("authorization", basic)]);
    }
    for wrong in ["AC3/RE1", "RE1", "", "/RE1", "AC2/", "AC2/../RE1", "AC2/RE1?x", "AC2/RE1/a"] {
        let RenderError(reason) = fetching.call(wrong, &with).unwrap_err();
        assert!(!reason.contains("another"), "{wrong}: {reason}");
    }
}

#[test]
fn a_recording_that_is_not_there_yet_is_asked_for_again() {
    let (keys, fetching) = (keys(), Voice.fetching().unwrap());
    let with = FetchWith { account: CLOSED, keys: &keys, now: NOW };
    let answer =
        |status, retry_after| fetching.answer(&FileReply { status, retry_after, ..FileReply::default() }, &with);
    assert_eq!(answer(200, None), Ok(Fetched::File));
    assert_eq!(answer(404, None), Err(Delivery::Retry { after: Some(15) }));
    assert_eq!(answer(404, Some(3)), Err(Delivery::Retry { after: Some(3) }));
    for status in [0, 429, 500, 503] {
        assert_eq!(answer(status, Some(4)), Err(Delivery::Retry { after: Some(4) }), "{status}");
    }
    for status in [401, 403] {
        let misconfigured =
            |refused: &Delivery| matches!(refused, Delivery::Rejected { refusal: Rejection::Misconfigured, .. });
        assert!(answer(status, None).is_err_and(|refused| misconfigured(&refused)), "{status}");
    }
    assert!(matches!(answer(410, None), Err(Delivery::Rejected { refusal: Rejection::Content, .. })));
}
