//! Written dialogues: how they are read, and what is told when one goes otherwise.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use bot::Bot;
use bot::knowledge::{Dialogue, KnowledgeBase, Source, check, compile};
use bot::rehearse::{Stage, rehearse};
use domain::{
    Answer, Answers, Ask, Asked, Capabilities, ChannelId, Content, Identity, Locale, Notice, Outcome, Policy,
    QuickReply,
};

const BASE: &str = "\
languages: [en]
texts:
  unknown: {en: '?'}
  handoff_offer_title: {en: Person}
  handoff_accepted: {en: Coming}
  greeting: {en: Hello}
  unsupported: {en: '?!'}
";

const ENTRY: &str = "\
entries:
  - id: pay
    questions: {en: [How do I pay]}
    answer: {en: By card}
    title: {en: Paying}
";

const FLOW: &str = r#"
flows:
  - id: claim
    title: {en: "File a claim"}
    start: {en: ["File a claim"]}
    slots:
      - {id: order, title: {en: "order"}, type: pattern, pattern: '[A-Z]-\d{1,8}', prompt: {en: "Which order?"}, again: {en: "Which order, please?"}}
      - {id: day, title: {en: "day"}, type: date, prompt: {en: "When?"}, again: {en: "Which day?"}}
    steps:
      - {id: order, ask: order}
      - {id: day, ask: day}
      - id: file
        action: file_claim
        input: [order, day]
        keep: [number]
        wait: {en: "One moment."}
        refused:
          unknown: {say: {en: "No such order."}, forget: [order], go: order}
        failed: {say: {en: "It failed."}, go: person}
      - {id: check, confirm: {en: "Claim {number} is filed. Anything else?"}}
      - {id: person, handoff: {en: "A person will see to it."}}
  - id: visit
    title: {en: "Book a visit"}
    start: {en: ["Book a visit"]}
    slots:
      - {id: time, title: {en: "time"}, type: text, prompt: {en: "When?"}, again: {en: "When, please?"}}
    steps:
      - {id: time, ask: time}
      - {id: book, action: book, wait: {en: "Booking."}, failed: {say: {en: "No."}, go: end}}
"#;

/// Knows how to pay, and that it is asked for a person.
struct Till;

impl Answers for Till {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        let reply = |title: &str| QuickReply { title: title.to_owned(), payload: title.to_owned() };
        let Asked::Content(content) = ask.asked else { unreachable!("nothing here calls an action") };
        let memory = ask.memory.clone();
        let (Content::Text { text: word } | Content::Postback { payload: word, .. }) = content else {
            return Answer {
                contents: vec![],
                locale: None,
                outcome: Outcome::Unsupported,
                memory,
                action: None,
                model: None,
                open: vec![],
            };
        };
        let (text, outcome) = match word.as_str() {
            "pay" => ("By card", Outcome::Answered { entry: "pay".to_owned() }),
            "Person" => ("Coming", Outcome::Handoff),
            "claim" => ("", Outcome::Answered { entry: "flow:claim".to_owned() }),
            _ => ("?", Outcome::Unknown),
        };
        let replies = vec![reply("Person"), reply("More")];
        let content = Content::QuickReplies { text: text.to_owned(), replies };
        Answer {
            contents: vec![content],
            locale: Locale::from_tag("en"),
            outcome,
            memory,
            action: None,
            model: None,
            open: vec![],
        }
    }

    fn notice(&self, notice: Notice, _: Option<&Locale>) -> String {
        notice.name().to_owned()
    }
}

fn source(file: &str, text: &str) -> Source {
    Source { file: file.to_owned(), text: text.to_owned() }
}

fn base() -> KnowledgeBase {
    check(&[source("base.yaml", BASE), source("shop.yaml", ENTRY), source("claim.yaml", FLOW)]).base.unwrap()
}

/// Leads flows, and knows what the till knows.
struct Desk(Bot);

impl Answers for Desk {
    fn answer(&self, ask: &Ask<'_>) -> Answer {
        self.0.guide(ask, false, &|| Till.answer(ask))
    }

    fn notice(&self, notice: Notice, locale: Option<&Locale>) -> String {
        Till.notice(notice, locale)
    }
}

/// `CHANNEL` stands for some channel's name, and in what is told `CHANNELS` for all of them.
fn told(text: &str) -> String {
    let names: Vec<&str> = ChannelId::ALL.iter().map(|channel| channel.as_str()).collect();
    let dialogues = match Dialogue::read(&source("tests.yaml", &text.replace("CHANNEL", names[0])), &base()) {
        Ok(dialogues) => dialogues,
        Err(problems) => {
            let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
            return told.replace(&names.join(", "), "CHANNELS");
        }
    };
    let identity = Identity { channel: ChannelId::ALL[0], account: "a".into(), user: "u".into() };
    let desk = Desk(Bot::load(&compile(base()).unwrap()));
    let policy = Policy { queue_seconds: 600, ..Policy::default() };
    let stage = Stage {
        identity: &identity,
        capabilities: &Capabilities { max_quick_replies: 9, ..Capabilities::PLAIN },
        calls: &<[_]>::len,
        bot: &desk,
        policy: &policy,
    };
    let held = dialogues.iter().flat_map(|dialogue| {
        let failures = rehearse(dialogue, stage).into_iter();
        failures
            .map(move |failure| format!("{}:{}: {} / {}", dialogue.file, failure.line, failure.expected, failure.got))
    });
    held.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_dialogue_that_goes_as_written_fails_nowhere() {
    let found = told(
        "dialogues:
  - name: Paying, then a person who does not come
    channel: CHANNEL
    locale: en-GB
    at: '2026-03-04T10:00:00+08:00'
    turns:
      - {customer: pay, entry: pay, outcome: answered, says: card, says_not: cash, offers: [Person, More], state: bot}
      - {customer: nonsense, outcome: unknown}
      - {takes: Person, outcome: handoff, says: Coming, state: queued}
      - {after: 9m, outcome: none, state: queued}
      - {after: 2m, says: queue_ended, state: bot}
",
    );
    assert_eq!(found, "");
}

#[test]
fn tells_what_went_otherwise() {
    insta::assert_snapshot!(told(
        "dialogues:
  - name: All wrong
    turns:
      - {customer: pay, outcome: unknown, says: cash, says_not: card}
      - customer: what
        entry: pay
        offers: [Person, Cashier]
        state: queued
      - {takes: Cashier, outcome: greeted}
      - {after: 1h, says: anything}
"
    ));
}

#[test]
fn a_whole_flow_is_held_with_what_its_actions_bring() {
    let found = told(
        "dialogues:
  - name: Refused, done, and left
    at: '2026-11-23T10:00:00Z'
    turns:
      - {customer: claim, flow: claim, slots: {order: ~, day: ~}, says: Which order}
      - {customer: A-1, slots: {order: A-1}}
      - {customer: tomorrow, slots: {order: A-1, day: '2026-11-24', number: ~}, calls: file_claim}
      - {action: {refused: unknown}, outcome: guided, says: No such order, slots: {order: ~, day: '2026-11-24'}}
      - {customer: A-2, calls: file_claim, slots: {order: A-2}}
      - {action: {done: {number: C-7}}, says: Claim C-7, flow: claim, slots: {number: C-7}}
      - {customer: cancel, flow: none}
  - name: Not done
    at: '2026-11-23T10:00:00Z'
    turns:
      - {customer: claim}
      - {customer: A-1}
      - {customer: tomorrow, calls: file_claim}
      - {action: failed, says: It failed, outcome: handoff, state: queued, flow: none, slots: {order: A-1}}
  - name: Done without a word
    at: '2026-11-23T10:00:00Z'
    turns:
      - {customer: claim}
      - {customer: A-1}
      - {customer: tomorrow}
      - {action: done, slots: {number: ~}, flow: claim}
",
    );
    assert_eq!(found, "");
}

#[test]
fn tells_what_went_otherwise_in_a_flow() {
    insta::assert_snapshot!(told(
        "dialogues:
  - name: All wrong
    at: '2026-11-23T10:00:00Z'
    turns:
      - {action: failed}
      - {customer: claim, flow: none, slots: {order: A-1}}
      - {customer: A-1, flow: visit}
      - {customer: A-1, slots: {order: A-2, day: '2026-11-24'}, calls: file_claim}
      - customer: tomorrow
        slots:
          order: ~
      - {action: failed, slots: {order: A-2}}
      - {customer: pay, slots: {order: A-1}}
"
    ));
}

#[test]
fn tells_what_is_wrong_with_a_turn_of_a_flow() {
    insta::assert_snapshot!(told(
        "dialogues:
  - name: Bad
    people: here
    turns:
      - {customer: x, flow: claims}
      - {customer: x, slots: {orders: A-1}}
      - {customer: x, flow: visit, slots: {order: A-1}}
      - {customer: x, slots: {order: 7}}
      - {customer: x, slots: [order]}
      - {customer: x, calls: fly}
      - {customer: x, flow: visit, calls: file_claim}
      - {action: broken}
      - {action: {done: 7}}
      - {action: {done: {number: 7}}}
      - {action: {refused: full, done: ~}}
      - {customer: x, action: done}
"
    ));
}

#[test]
fn tells_what_is_wrong_with_a_file() {
    insta::assert_snapshot!(told(
        "dialogues:
  - turns: [{customer: pay}]
  - name: Empty
  - name: Bad
    channel: pigeon
    locale: '1'
    at: noon
    turns:
      - {customer: pay, takes: More}
      - {entry: pay}
      - {customer: pay, entry: nobody, outcome: happy, state: asleep, say: x}
      - {after: soon}
"
    ));
}
