//! Personal data is covered in what is kept, and the bot is asked with the words as they came.

use super::*;
use crate::{ActionNews, ActionResult, Change, Personal};

#[test]
fn what_is_kept_is_covered_and_the_bot_hears_it_all() {
    let mut desk = Desk::new(Policy { mask: vec![Personal::Mobile], ..Policy::default() });
    let decision = desk.at(0, says("ask 13812345678 or li@qq.com")).unwrap();
    let texts: Vec<_> = decision.turn.messages.iter().map(|message| message.content.clone()).collect();
    let text = |text: &str| Content::Text { text: text.to_owned() };
    // The parrot repeats what it was asked.
    assert_eq!(texts, [text("ask 138****5678 or li@qq.com"), text("ask 13812345678 or li@qq.com")]);
}

#[test]
fn what_a_person_reads_is_covered_and_what_they_write_is_not() {
    let mut desk = Desk::new(Policy { mask: vec![Personal::Mobile], ..Policy::default() });
    desk.says(0, "!");
    let decision = desk.at(1, says("-13812345678")).unwrap();
    assert_eq!(decision.turn.messages[0].content, Content::Text { text: "-138****5678".into() });
}

#[test]
fn what_was_spoken_is_covered_too() {
    let mut desk = Desk::new(Policy { mask: vec![Personal::Email], ..Policy::default() });
    let first = desk.at(0, says("-")).unwrap();
    let mut news = MediaNews::of(first.turn.messages[0].id.clone());
    news.transcript = Some("-write to li@qq.com".into());
    let decision = desk.at(1, EventKind::MediaReady(news.clone())).unwrap();
    let kept = MediaNews { transcript: Some("-write to l*@qq.com".into()), ..news };
    assert_eq!(decision.turn.changes, [Change::Media(kept)]);
}

#[test]
fn what_an_action_is_given_and_tells_is_covered_in_the_turn_and_goes_out_whole() {
    let mut desk = Desk::new(Policy { mask: vec![Personal::Mobile], ..Policy::default() });
    let Decision { turn, head, .. } = desk.at(0, says("=find")).unwrap();
    let kept =
        turn.changes.iter().find_map(|change| if let Change::ActionCalled(call) = change { Some(call) } else { None });
    assert_eq!(kept.unwrap().input["phone"], "138****5678");
    let orders = turn.actions(&identity(), None, head.memory.flow.as_ref());
    assert_eq!(
        (orders[0].call.input["phone"].as_str(), orders[0].call.input["order"].as_str()),
        ("13812345678", "A-1")
    );
    assert!(turn.actions(&identity(), None, None).is_empty(), "nobody waits for it");
    let values = [("back".to_owned(), "call 13812345678".to_owned())].into();
    let id = orders[0].call.id.clone();
    let ended = desk.at(1, EventKind::ActionDone(ActionNews { id, result: ActionResult::Done { values } })).unwrap();
    let told = serde_json::to_string(&ended.turn.changes).unwrap();
    assert!(told.contains("call 138****5678"), "{told}");
}
