//! The compliance suite: every channel is asked the same.

use std::collections::BTreeSet;

use channels::{Registry, channel};
use conformance::FIXTURES;
use conformance::questions::{QUESTIONS, ask_all};
use domain::ChannelId;

#[test]
fn every_channel_can_be_asked() {
    for id in ChannelId::ALL {
        let registry: Registry = channel;
        assert!(registry(*id).capabilities().max_text_chars > 0);
        let named = FIXTURES.iter().any(|fixture| fixture.channel() == *id);
        assert!(named, "the channel `{id}` has no fixture: add one to tests/conformance/src/fixtures");
    }
}

#[test]
fn every_row_of_the_table_has_its_own_name() {
    let names: BTreeSet<&str> = FIXTURES.iter().map(|fixture| fixture.name()).collect();
    assert_eq!(names.len(), FIXTURES.len(), "{names:?}");
}

macro_rules! ask {
    ($($test:ident: $question:literal,)*) => {
        $(
            #[test]
            fn $test() {
                match ask_all($question) {
                    Ok(checks) => println!("{}: {checks} checks", $question),
                    Err(faults) => panic!("{faults}"),
                }
            }
        )*

        #[test]
        fn every_question_is_asked() {
            let asked = [$($question),*];
            assert_eq!(asked.to_vec(), QUESTIONS.iter().map(|question| question.name).collect::<Vec<_>>());
        }
    };
}

ask! {
    a_genuine_request_is_read_as_its_own_accounts: "genuine",
    an_unsigned_request_is_refused: "unsigned",
    a_request_changed_in_any_byte_is_refused: "tampered",
    a_stale_request_is_refused: "stale",
    another_account_is_not_taken: "wrong account",
    old_and_new_secret_hold_together: "rotated secret",
    without_a_secret_nothing_is_taken: "missing secret",
    the_address_check_is_answered_to_the_provider_only: "address check",
    a_bad_item_is_rejected_alone: "batch",
    a_redelivery_is_the_same_event: "redelivery",
    something_new_is_passed_over: "unknown type",
    hostile_input_is_no_event: "hostile input",
    calls_stay_within_capabilities: "within capabilities",
    every_channel_says_the_same: "same words",
    every_documented_answer_is_understood: "every answer",
}
