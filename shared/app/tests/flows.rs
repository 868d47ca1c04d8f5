//! The demo shop's flows, spoken through the core with the bot in memory.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and shows what it knows"
)]

mod talk;

use domain::{ActionResult, Owner};
use talk::{PHONE, TEXT, Talk, WEB};

const STATUS: &[(&str, &str)] = &[("status", "on its way"), ("carrier", "SF"), ("eta", "2026-11-25")];

#[test]
fn orders_are_looked_up() {
    let mut zh = Talk::on(WEB);
    zh.says(&["按订单号查进度", "A-9"]).refused("not_found").says(&["10293", "还没好吗"]).done(STATUS);
    assert!(zh.is_over());
    insta::assert_snapshot!(zh.told());
    let mut en = Talk::on(PHONE);
    en.says(&["look up my order status", "10293"]).done(STATUS);
    assert!(en.is_over());
    insta::assert_snapshot!(en.told());
}

#[test]
fn returns_are_registered_with_what_was_said_first_and_what_was_corrected() {
    let mut zh = Talk::on(WEB);
    zh.says(&["我要退 A-10293 这单", "不对，是 A-2", "坏了", "对"]).done(&[("number", "R-7")]);
    assert!(zh.is_over());
    insta::assert_snapshot!(zh.told());
    let mut en = Talk::on(TEXT);
    en.says(&["I want to return order A-10293", "no, the other order", "A-2", "2", "no", "reason", "1", "1"]);
    en.refused("too_late");
    assert!(en.is_over());
    insta::assert_snapshot!(en.told());
}

#[test]
fn a_question_in_between_is_answered_and_the_flow_goes_on() {
    for (can, first, question, cancel) in [
        (WEB, "帮我登记退货", "运费谁出", "算了"),
        (TEXT, "Register a return for me", "How long does a refund take?", "never mind"),
    ] {
        let mut talk = Talk::on(can);
        talk.says(&[first, question]);
        assert!(!talk.is_over());
        talk.says(&[cancel]);
        assert!(talk.is_over());
        insta::assert_snapshot!(talk.told());
    }
}

#[test]
fn visits_are_booked() {
    let mut zh = Talk::on(PHONE);
    zh.says(&["我想预约到店", "下周三", "2", "13800138000", "1"]).refused("full").says(&["三月五号", "上午", "是的"]);
    zh.done(&[("number", "V-3")]);
    assert!(zh.is_over());
    insta::assert_snapshot!(zh.told());
    let mut en = Talk::on(WEB);
    en.says(&["I'd like to make an appointment", "next Wednesday", "evening", "+44 20 7946 0958", "yes"]);
    en.ends(ActionResult::Failed);
    assert!(matches!(en.head.as_ref().unwrap().owner, Owner::Queued { .. }));
    insta::assert_snapshot!(en.told());
}

#[test]
fn lost_cards_are_reported_and_three_misses_bring_a_person_with_what_is_known() {
    let mut zh = Talk::on(TEXT);
    zh.says(&["礼品卡丢了要挂失", "尾号1234", "不记得", "呃", "嗯嗯嗯"]);
    assert!(matches!(zh.head.as_ref().unwrap().owner, Owner::Queued { .. }));
    assert!(zh.told().contains(r#"= a person: card_loss {"card_last4": "1234"}"#), "{}", zh.told());
    insta::assert_snapshot!(zh.told());
    let mut en = Talk::on(PHONE);
    en.says(&["I lost my gift card", "1234", "13800138000", "1"]).done(&[("number", "C-1")]);
    assert!(en.is_over());
    insta::assert_snapshot!(en.told());
}
