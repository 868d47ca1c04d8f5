//! Written dialogues: how they are read, and what is told when one goes otherwise.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use bot::knowledge::{Dialogue, KnowledgeBase, Source, check};
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
            };
        };
        let (text, outcome) = match word.as_str() {
            "pay" => ("By card", Outcome::Answered { entry: "pay".to_owned() }),
            "Person" => ("Coming", Outcome::Handoff),
            _ => ("?", Outcome::Unknown),
        };
        let replies = vec![reply("Person"), reply("More")];
        let content = Content::QuickReplies { text: text.to_owned(), replies };
        Answer { contents: vec![content], locale: Locale::from_tag("en"), outcome, memory, action: None, model: None }
    }

    fn notice(&self, notice: Notice, _: Option<&Locale>) -> String {
        notice.name().to_owned()
    }
}

fn source(file: &str, text: &str) -> Source {
    Source { file: file.to_owned(), text: text.to_owned() }
}

fn base() -> KnowledgeBase {
    check(&[source("base.yaml", BASE), source("shop.yaml", ENTRY)]).base.unwrap()
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
    let policy = Policy { queue_seconds: 600, ..Policy::default() };
    let stage = Stage {
        identity: &identity,
        capabilities: &Capabilities { max_quick_replies: 9, ..Capabilities::PLAIN },
        calls: &<[_]>::len,
        bot: &Till,
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
