use proptest::prelude::*;

use super::*;

/// Reproduced with line-bot-sdk 3.27 (Python) and @line/bot-sdk 11 (Node).
const VECTOR_SECRET: &str = "8c570fa6dd201bb328f1c1eac23a96d8";
const VECTOR: &str = r#"{"destination":"U00000000000000000000000000000000","events":[{"type":"message","message":{"type":"text","id":"444573844083572737","quoteToken":"q3Plxr4AgKd","text":"你好"},"webhookEventId":"01FZ74A0TDDPYRVKNK77XKC3ZR","deliveryContext":{"isRedelivery":false},"timestamp":1767225600000,"source":{"type":"user","userId":"U11111111111111111111111111111111"},"replyToken":"nHuyWiB7yP5Zw52FIkcQobQuGDXCTA","mode":"active"}]}"#;
const VECTOR_SIGNATURE: &str = "vo56yEfuw8QIEnPB08g3u+zYySSTp/Ab57lRVzIOW7c=";

fn secrets(list: &[(&str, &str)]) -> KeySet {
    let list: Vec<_> = list.iter().map(|(kid, secret)| format!(r#"{{"kid":"{kid}","secret":"{secret}"}}"#)).collect();
    keys_with(&format!(r#""channel_secrets":[{}]"#, list.join(",")), "")
}

#[test]
fn takes_what_line_signed_and_nothing_else() {
    let ours = secrets(&[(BOT, VECTOR_SECRET)]);
    let (account, parsed) = check(VECTOR.as_bytes(), Some(VECTOR_SIGNATURE), &ours).unwrap();
    assert_eq!((account.as_str(), parsed.events.len()), (BOT, 1));
    assert_eq!(check(VECTOR.as_bytes(), None, &ours).unwrap_err(), VerifyError::Missing("the signature's header"));
    let refused = |signature, keys: &KeySet| {
        matches!(check(VECTOR.as_bytes(), Some(signature), keys), Err(VerifyError::Refused(_)))
    };
    assert!(refused("", &ours));
    assert!(refused(VECTOR_SIGNATURE.trim_end_matches('='), &ours), "without its padding");
    assert!(refused(VECTOR_SIGNATURE, &secrets(&[(BOT, "another")])));
    assert!(refused(&signature("", VECTOR.as_bytes()), &secrets(&[(BOT, "")])), "an empty secret is none");
    let none = KeySet::from_json("{}").unwrap();
    assert_eq!(
        check(VECTOR.as_bytes(), Some(VECTOR_SIGNATURE), &none).unwrap_err(),
        VerifyError::NoKey("channel_secrets")
    );
}

#[test]
fn old_and_new_secret_hold_together() {
    let both = secrets(&[(BOT, "new"), (BOT, VECTOR_SECRET)]);
    assert!(check(VECTOR.as_bytes(), Some(VECTOR_SIGNATURE), &both).is_ok());
    assert!(check(VECTOR.as_bytes(), Some(&signature("new", VECTOR.as_bytes())), &both).is_ok());
}

#[test]
fn one_account_s_secret_does_not_speak_for_another() {
    let two = secrets(&[(OTHER_BOT, "theirs"), (BOT, VECTOR_SECRET)]);
    assert_eq!(check(VECTOR.as_bytes(), Some(VECTOR_SIGNATURE), &two).unwrap().0, BOT);
    let theirs = signature("theirs", VECTOR.as_bytes());
    assert!(matches!(check(VECTOR.as_bytes(), Some(&theirs), &two), Err(VerifyError::Refused(_))));
    let unknown = VECTOR.replace(BOT, "U33333333333333333333333333333333");
    let signed = signature(VECTOR_SECRET, unknown.as_bytes());
    assert!(matches!(check(unknown.as_bytes(), Some(&signed), &two), Err(VerifyError::Refused(_))));
    // Two accounts that share a secret are still two.
    let shared = secrets(&[(OTHER_BOT, VECTOR_SECRET), (BOT, VECTOR_SECRET)]);
    assert_eq!(check(VECTOR.as_bytes(), Some(VECTOR_SIGNATURE), &shared).unwrap().0, BOT);
}

#[test]
fn the_console_s_check_is_taken() {
    let body = format!(r#"{{"destination":"{BOT}","events":[]}}"#);
    assert_eq!(parsed(&body), Parsed::default());
}

proptest! {
    #[test]
    fn one_changed_byte_is_refused(at in 0_usize..VECTOR.len(), bit in 0_u8..8) {
        let ours = secrets(&[(BOT, VECTOR_SECRET)]);
        let mut body = VECTOR.as_bytes().to_vec();
        body[at] ^= 1 << bit;
        prop_assert!(matches!(check(&body, Some(VECTOR_SIGNATURE), &ours), Err(VerifyError::Refused(_))));
    }

    #[test]
    fn one_changed_letter_of_the_signature_is_refused(at in 0_usize..44, letter in "[A-Za-z0-9+/=]") {
        let mut changed = VECTOR_SIGNATURE.to_owned();
        changed.replace_range(at..=at, &letter);
        prop_assume!(changed != VECTOR_SIGNATURE);
        let ours = secrets(&[(BOT, VECTOR_SECRET)]);
        prop_assert!(matches!(check(VECTOR.as_bytes(), Some(&changed), &ours), Err(VerifyError::Refused(_))));
    }
}
