//! Flows under odd turns: slots that are corrected after a branch, masks, sensitive words, numbers after an offer, and
//! who is there.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "a test fails by panicking, and shows what it knows"
)]

mod talk;

use std::sync::LazyLock;

use app::answers::KnowledgeBot;
use bot::knowledge::Source;
use domain::{ActionResult, Change, Content, Decision, FlowState, Outcome};
use talk::{TEXT, Talk, WEB, knowing};

const BASE: &str = "\
languages: [en]
texts:
  unknown: {en: I do not know}
  handoff_offer_title: {en: Talk to a person}
  handoff_accepted: {en: A person will come}
  greeting: {en: Hello}
  unsupported: {en: I cannot read this}
sensitive:
  words: [casino]
  answer: refuse
  text: {en: Not about that}
conversation:
  mask: [bank_card, mobile]
";

const DESK: &str = r#"
entries:
  - id: opening
    questions: {en: ["When are you open?", "What are your opening hours?"]}
    answer: {en: "Every day from nine."}
    title: {en: "Opening hours"}
    replies: [address, handoff]
  - id: address
    questions: {en: ["Where is the shop?", "What is your address?"]}
    answer: {en: "By the bridge."}
    title: {en: "Address"}
flows:
  - id: claim
    title: {en: "File a claim"}
    start: {en: ["I want to file a claim", "File a claim for me"]}
    slots:
      - {id: order, title: {en: "order"}, type: pattern, pattern: '[A-Z]-\d{1,8}', prompt: {en: "Which order?"}, again: {en: "Which order, please?"}}
      - id: reason
        title: {en: "reason"}
        type: choice
        prompt: {en: "Why?"}
        again: {en: "Pick one."}
        options:
          - {value: damaged, title: {en: "Damaged"}}
          - {value: late, title: {en: "Late"}}
      - {id: part, title: {en: "part"}, type: text, prompt: {en: "Which part is broken?"}, again: {en: "Which part?"}}
      - {id: days, title: {en: "days"}, type: number, min: 1, max: 400, prompt: {en: "How many days late?"}, again: {en: "How many days?"}}
      - {id: phone, title: {en: "phone"}, type: phone, prompt: {en: "Your phone?"}, again: {en: "Your phone, please?"}}
      - {id: letter, title: {en: "letter"}, type: yes_no, prompt: {en: "Shall we write to you?"}, again: {en: "Yes or no?"}}
    steps:
      - {id: order, ask: order}
      - id: look_up
        action: order_status
        input: [order]
        keep: [item]
        wait: {en: "Looking."}
        refused:
          not_found: {say: {en: "No such order."}, forget: [order], go: order}
        failed: {say: {en: "It does not answer."}, go: on_duty}
      - {id: reason, ask: reason}
      - id: sort
        branch:
          - {slot: reason, is: damaged, go: part}
          - {go: days}
      - {id: part, ask: part, next: phone}
      - {id: days, ask: days, next: phone}
      - {id: phone, ask: phone}
      - id: check
        confirm: {en: "{item} of {order}: {reason} ({part}{days}), phone {phone}. Right?"}
      - id: file
        action: file_claim
        input: [order, reason, part, days, phone]
        wait: {en: "Filing."}
        failed: {say: {en: "It was not filed."}, go: on_duty}
      - {id: letter, ask: letter}
      - {id: done, say: {en: "Filed."}, next: end}
      - id: on_duty
        branch:
          - {people: there, go: person}
          - {go: later}
      - {id: person, handoff: {en: "A colleague has it now."}}
      - {id: later, handoff: {en: "Nobody is at work; we will write."}}
  - id: refund
    title: {en: "Refund to a card"}
    start: {en: ["Refund to my bank card", "Pay me back to my card"]}
    slots:
      - {id: card, title: {en: "card"}, type: pattern, pattern: '\d{16,19}', prompt: {en: "Card number?"}, again: {en: "The card's number?"}}
      - {id: other, title: {en: "other card"}, type: pattern, pattern: '\d{16,19}', prompt: {en: "Another one?"}, again: {en: "Another?"}}
    steps:
      - {id: card, ask: card}
      - {id: other, ask: other}
      - {id: check, confirm: {en: "To {card}, not {other}?"}}
      - {id: pay, action: refund, input: [card], keep: [to], wait: {en: "Paying."}, failed: {say: {en: "No."}, go: person}}
      - {id: person, handoff: {en: "A colleague will see to it."}}
"#;

static DESK_BOT: LazyLock<KnowledgeBot> = LazyLock::new(|| {
    let source = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    knowing(&[source("base.yaml", BASE), source("desk.yaml", DESK)])
});

const CARD: &str = "6222021234567894";
const OTHER: &str = "4111111111111111";

fn state(talk: &Talk) -> &FlowState {
    talk.head.as_ref().unwrap().memory.flow.as_ref().unwrap()
}

fn slot<'a>(talk: &'a Talk, name: &str) -> Option<&'a str> {
    state(talk).slots.get(name).map(String::as_str)
}

/// What was said last.
fn last(talk: &Talk) -> String {
    talk.told().trim_end().rsplit('\n').next().unwrap_or_default().to_owned()
}

/// A claim up to its confirmation.
fn claimed() -> Talk {
    let mut talk = Talk::of(&DESK_BOT, WEB);
    talk.says(&["I want to file a claim", "A-1"]).done(&[("item", "Lamp")]);
    talk.says(&["damaged", "the shade", "13812345678"]);
    talk
}

#[test]
fn a_corrected_slot_goes_through_its_branch_again() {
    let mut talk = claimed();
    assert_eq!(last(&talk), "< Lamp of A-1: Damaged (the shade{days}), phone +86138****5678. Right? [Yes | No]");
    talk.says(&["no, late"]);
    assert_eq!(last(&talk), "< How many days late?");
    assert_eq!((slot(&talk, "part"), slot(&talk, "reason"), slot(&talk, "item")), (None, Some("late"), Some("Lamp")));
    talk.says(&["12"]);
    assert_eq!(last(&talk), "< Lamp of A-1: Late ({part}12), phone +86138****5678. Right? [Yes | No]");
    talk.says(&["yes"]);
    let Change::ActionCalled(call) = &talk.last.as_ref().unwrap().turn.changes[0] else { panic!("no call") };
    assert!(!call.input.contains_key("part"), "{:?}", call.input);
    assert_eq!(call.input["days"], "12");
}

#[test]
fn a_correction_that_changes_nothing_asks_nothing_again() {
    let mut talk = claimed();
    talk.says(&["no, damaged"]);
    assert_eq!(slot(&talk, "part"), Some("the shade"));
    assert!(last(&talk).starts_with("< Lamp of A-1: Damaged (the shade"), "{}", talk.told());
}

#[test]
fn what_was_looked_up_for_a_corrected_slot_is_looked_up_again() {
    let mut talk = claimed();
    talk.says(&["no, A-2"]);
    assert_eq!((last(&talk), slot(&talk, "item")), (r#"= order_status {"order": "A-2"}"#.to_owned(), None));
    talk.done(&[("item", "Vase")]);
    assert!(last(&talk).starts_with("< Vase of A-2: Damaged (the shade"), "{}", talk.told());
}

#[test]
fn a_slot_that_is_named_is_asked_for_and_then_goes_through_its_branch_again() {
    let mut talk = claimed();
    talk.says(&["no", "reason"]);
    assert_eq!(last(&talk), "< Why? [Damaged | Late]");
    talk.says(&["2"]).says(&["late"]);
    assert_eq!((last(&talk), slot(&talk, "part")), ("< How many days late?".to_owned(), None));
}

#[test]
fn what_is_asked_for_anew_is_not_forgotten_over_another_correction() {
    let mut talk = claimed();
    talk.says(&["no", "phone", "no, late"]);
    assert_eq!(last(&talk), "< Your phone?", "{}", talk.told());
    talk.says(&["13912345678", "3"]);
    assert_eq!(last(&talk), "< Lamp of A-1: Late ({part}3), phone +86139****5678. Right? [Yes | No]");
}

#[test]
fn a_correction_that_names_nothing_is_asked_about() {
    let mut talk = Talk::of(&DESK_BOT, WEB);
    talk.says(&["I want to file a claim", "A-1"]).done(&[("item", "Lamp")]);
    assert_eq!(last(&talk), "< Why? [Damaged | Late]");
    talk.says(&["no, the other one"]);
    assert_eq!((last(&talk), slot(&talk, "order")), ("< Which order?".to_owned(), None), "one thing is known");
    talk.says(&["no, the other one"]);
    assert_eq!(last(&talk), "< Which order, please?", "it was asked about already");

    let mut talk = claimed();
    talk.says(&["no, the other one"]);
    assert!(last(&talk).starts_with("< What shall I change?"), "{}", talk.told());
    assert_eq!(slot(&talk, "order"), Some("A-1"), "nothing is forgotten before it is named");
}

#[test]
fn what_was_confirmed_and_done_is_not_done_twice() {
    let mut talk = claimed();
    talk.says(&["yes"]).done(&[]);
    assert_eq!(last(&talk), "< Shall we write to you? [Yes | No]");
    talk.says(&["no, late", "no, A-2"]);
    assert_eq!(talk.told().matches("= file_claim").count(), 1, "{}", talk.told());
    assert_eq!((slot(&talk, "reason"), slot(&talk, "order")), (Some("damaged"), Some("A-1")));
}

#[test]
fn a_refusal_takes_back_what_was_passed() {
    let mut talk = Talk::of(&DESK_BOT, WEB);
    talk.says(&["I want to file a claim", "A-1"]).refused("not_found");
    assert!(state(&talk).passed.is_empty());
    talk.says(&["A-2"]).done(&[("item", "Vase")]);
    assert_eq!(state(&talk).passed, ["look_up"]);
}

#[test]
fn slots_are_covered_where_they_are_kept_and_shown_and_the_action_gets_them_whole() {
    let mut talk = Talk::of(&DESK_BOT, WEB);
    talk.says(&["Refund to my bank card", CARD]);
    assert_eq!(slot(&talk, "card"), Some(CARD), "it is still to be given to the action");
    talk.says(&[OTHER]);
    let covered = slot(&talk, "other").unwrap().to_owned();
    assert!(covered.contains("****") && !covered.contains(OTHER), "no action is given it: {covered}");
    assert!(!last(&talk).contains(CARD) && last(&talk).contains("****"), "{}", last(&talk));
    talk.says(&["yes"]);
    let Decision { turn, head, .. } = talk.last.clone().unwrap();
    let orders = turn.actions(&head.identity, None, head.memory.flow.as_ref());
    assert_eq!(orders[0].call.input["card"], CARD);
    let kept = serde_json::to_string(&turn).unwrap();
    assert!(!kept.contains(CARD), "{kept}");
    talk.done(&[("to", CARD)]);
    let Decision { turn, head, .. } = talk.last.clone().unwrap();
    assert!(head.memory.flow.is_none());
    let kept = serde_json::to_string(&(turn, head)).unwrap();
    assert!(!kept.contains(CARD), "{kept}");
}

#[test]
fn a_person_is_handed_covered_slots() {
    let mut talk = Talk::of(&DESK_BOT, WEB);
    talk.says(&["Refund to my bank card", CARD, "agent"]);
    let Decision { turn, head, .. } = talk.last.clone().unwrap();
    assert!(
        turn.changes
            .iter()
            .any(|change| matches!(change, Change::Collected { slots, .. } if slots["card"].contains("****")))
    );
    let kept = serde_json::to_string(&(turn, head)).unwrap();
    assert!(!kept.contains(CARD), "{kept}");
}

#[test]
fn sensitive_words_come_before_a_slot_that_takes_any_words() {
    let mut talk = Talk::of(&DESK_BOT, WEB);
    talk.says(&["I want to file a claim", "A-1"]).done(&[("item", "Lamp")]);
    talk.says(&["damaged", "the casino chips"]);
    assert!(talk.told().contains("< Not about that"), "{}", talk.told());
    assert_eq!((slot(&talk, "part"), last(&talk).as_str()), (None, "< Which part is broken?"));
}

#[test]
fn a_number_after_a_prompt_takes_no_earlier_choice() {
    let mut talk = Talk::of(&DESK_BOT, TEXT);
    talk.says(&["When are you open?"]);
    assert!(talk.head.as_ref().unwrap().offer.is_some());
    talk.says(&["I want to file a claim"]);
    assert!(talk.head.as_ref().unwrap().offer.is_none(), "the prompt has taken its place");
    talk.says(&["A-1"]).done(&[("item", "Lamp")]).says(&["2", "1"]);
    assert_eq!((slot(&talk, "reason"), slot(&talk, "days")), (Some("late"), Some("1")));
    assert!(!talk.told().contains("bridge"), "{}", talk.told());
}

#[test]
fn a_choice_can_be_taken_while_no_flow_is_under_way() {
    let mut talk = Talk::of(&DESK_BOT, TEXT);
    talk.says(&["When are you open?", "1"]);
    assert_eq!(talk.last.as_ref().unwrap().outcome, Some(Outcome::Answered { entry: "address".into() }));
}

#[test]
fn who_is_there_decides_what_is_promised() {
    for (people, said) in [(true, "A colleague has it now."), (false, "Nobody is at work; we will write.")] {
        let mut talk = Talk::of(&DESK_BOT, WEB);
        talk.people = people;
        talk.says(&["I want to file a claim", "A-1"]).ends(ActionResult::Failed);
        let messages = &talk.last.as_ref().unwrap().turn.messages;
        let told = |content: &Content| matches!(content, Content::Text { text } if text.ends_with(said));
        assert!(messages.iter().any(|message| told(&message.content)), "{}", talk.told());
    }
}
