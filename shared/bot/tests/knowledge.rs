//! Knowledge folders: what is wrong with bad ones is told with file and line, good ones compile to stable bytes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bot::knowledge::{Artifact, ArtifactError, KnowledgeBase, Phrasings, Report, Source, check, compile};
use bot::text::Language;
use domain::{Notice, Personal, Policy};
use proptest::prelude::*;

const BASE: &str = "\
languages: [zh, en]
texts:
  unknown: {zh: 不知道, en: I do not know}
  handoff_offer_title: {zh: 转人工, en: Talk to a person}
  handoff_accepted: {zh: 好的, en: A person will come}
  greeting: {zh: 您好, en: Hello}
  unsupported: {zh: 看不懂, en: I cannot read this}
";

const ENTRY: &str = "\
entries:
  - id: delivery.time
    questions:
      zh: [多久能送到]
      en: [When will it arrive]
    answer: {zh: 三天, en: Three days}
    title: {zh: 送达时间, en: Delivery time}
";

fn source(file: &str, text: impl Into<String>) -> Source {
    Source { file: file.to_owned(), text: text.into() }
}

/// The report on a folder of `base.yaml` and one more file.
fn report(base: &str, entries: &str) -> Report {
    check(&[source("base.yaml", base), source("shop.yaml", entries)])
}

/// A report as the tool prints it.
fn told(report: &Report) -> String {
    let end = if report.base.is_some() { "sound" } else { "not sound" };
    let lines = report.problems.iter().map(ToString::to_string).chain([end.to_owned()]);
    lines.collect::<Vec<_>>().join("\n")
}

fn sound() -> KnowledgeBase {
    report(BASE, ENTRY).base.unwrap()
}

/// The report on a base with these rules for conversations.
fn led(rules: &str) -> Report {
    report(&format!("{BASE}conversation:\n{rules}\n"), ENTRY)
}

/// A base with all that can be said about conversations.
const LED: &str = "\
notices:
  queued: {zh: 稍等, en: Hold on}
  slow_down: {zh: 慢一点, en: Slow down}
conversation:
  handoff_words: [掌柜, Shopkeeper]
  handoff_keys: ['9']
  queue: 12h
  lease: 5m
  wrap_up: off
  reminder: off
  idle_close: 3d
  renew: off
  survey: 0s
  messages_per_minute: 12
  unknown_handoff: 2
  mask: [mobile, id_card, bank_card, email]
";

fn led_policy() -> Policy {
    Policy {
        handoff_words: vec!["掌柜".to_owned(), "Shopkeeper".to_owned()],
        handoff_keys: vec!["9".to_owned()],
        queue_seconds: 12 * 3600,
        lease_seconds: 300,
        wrap_up_seconds: None,
        reminder_seconds: None,
        idle_close_seconds: Some(3 * 86_400),
        renew_seconds: None,
        survey_seconds: Some(0),
        messages_per_minute: 12,
        unknown_handoff: Some(2),
        mask: Personal::ALL.to_vec(),
    }
}

#[test]
fn a_good_folder_has_no_problem() {
    let report = report(BASE, ENTRY);
    assert_eq!(told(&report), "sound");
    let base = report.base.unwrap();
    assert_eq!(base.languages, [Language::Zh, Language::En]);
    assert_eq!(base.entries[0].answer.get(Language::En), Some("Three days"));
}

#[test]
fn tells_what_is_wrong_with_entries() {
    let long = "long ".repeat(900);
    let entries = format!(
        "\
entries:
  - id: Bad Id
    questions: {{zh: [甲], en: [Alpha]}}
    answer: {{zh: 一, en: One}}
    title: {{zh: 一, en: One}}
  - questions: {{zh: [乙], en: [Beta]}}
  - id: no.languages
    questions:
      zh: [丙]
    answer: {{zh: 一}}
    title: {{en: A title that is far too long for any channel}}
  - id: empty
    questions:
      zh: []
      en:
    answer: {{zh: '', en: 12}}
    title:
  - id: unknown.fields
    question: {{zh: [丁], en: [Delta]}}
    answer: {{zh: 一, en: One, fr: Un}}
    title: {{zh: 一, en: One}}
    title: {{zh: 二, en: Two}}
  - id: shapes
    questions: 多久
    answer: [一, One]
    title: {{zh: {{a: b}}, en: yes}}
    replies: [nowhere, shapes]
  - id: long
    questions: {{zh: [戊], en: [Epsilon]}}
    answer: {{zh: 一, en: {long}}}
    title: {{zh: 一, en: One}}
  - just a text
"
    );
    insta::assert_snapshot!(told(&report(BASE, &entries)));
}

#[test]
fn tells_what_clashes() {
    let first = ENTRY;
    let second = "\
entries:
  - id: delivery.time
    questions: {zh: [几时到货], en: [How long does it take]}
    answer: {zh: 三天, en: Three days}
    title: {zh: 时间, en: Time}
  - id: delivery.late
    questions:
      zh: [多久能送到？, 还没到, 还没到！]
      en: ['Will it arrive, and when?', My parcel is late]
    answer: {zh: 抱歉, en: Sorry}
    title: {zh: 晚了, en: Late}
    replies: [delivery.cost]
";
    let report = check(&[source("a.yaml", first), source("base.yaml", BASE), source("b.yaml", second)]);
    insta::assert_snapshot!(told(&report));
}

#[test]
fn tells_which_entries_cannot_be_told_apart() {
    let first = "\
entries:
  - id: returns.how
    questions:
      zh: [怎么申请退货, 退货流程是怎样的]
      en: [How do I send something back, What are the steps for a return]
    answer: {zh: 在订单里点退货, en: Tap Return in your order}
    title: {zh: 怎么退货, en: How to return}
    replies: [delivery.time, handoff, delivery.time]
  - id: delivery.time
    questions: {zh: [多久能送到], en: [When will it arrive]}
    answer: {zh: 三天, en: 一共三天就能送到}
    title: {zh: 时间, en: Time}
";
    let second = "\
entries:
  - id: returns.steps
    questions:
      zh: [怎麼申請退貨呀, 换货流程]
      en: [How do I send somthing back, How do I pay]
    answer: {zh: 不能退货, en: Tap “Return” in your order!}
    title: {zh: 退货步骤, en: how to return}
";
    let report = check(&[source("base.yaml", BASE), source("a.yaml", first), source("b.yaml", second)]);
    insta::assert_snapshot!(told(&report));
    assert!(report.base.is_some());
}

#[test]
fn tells_what_is_wrong_with_the_base() {
    let mut told_all = Vec::new();
    for (name, base) in [
        ("empty", ""),
        ("no texts", "languages: [zh]\n"),
        ("languages", "languages: [zh, fr, zh]\ntexts:\n  greeting: {zh: 您好}\n  farewell: {zh: 再见}\n"),
        ("lists", "languages: [en]\ntexts: hello\nphrases:\n  handoff: {en: human}\n  other: {}\n"),
    ] {
        told_all.push(format!("--- {name}\n{}", told(&report(base, ENTRY))));
    }
    told_all.push(format!("--- no base\n{}", told(&check(&[source("shop.yaml", ENTRY)]))));
    told_all.push(format!("--- nothing\n{}", told(&check(&[]))));
    told_all.push(format!("--- no entries\n{}", told(&check(&[source("base.yaml", BASE)]))));
    insta::assert_snapshot!(told_all.join("\n"));
}

#[test]
fn reads_how_conversations_are_led() {
    let report = report(&format!("{BASE}{LED}"), ENTRY);
    assert_eq!(told(&report), "sound");
    let base = report.base.unwrap();
    assert_eq!(base.conversation, Some(led_policy()));
    assert_eq!(base.notices.keys().collect::<Vec<_>>(), ["queued", "slow_down"]);
    assert_eq!(base.notices["slow_down"].get(Language::Zh), Some("慢一点"));
}

#[test]
fn leaves_as_usual_what_is_not_given() {
    assert_eq!(sound().conversation, None);
    let usual = Policy::default();
    for (rules, policy) in [
        ("  {}", usual.clone()),
        ("  handoff_words: [' 掌柜！']", Policy { handoff_words: vec!["掌柜！".to_owned()], ..usual.clone() }),
        ("  handoff_keys: ['９', '1']", Policy { handoff_keys: vec!["9".to_owned(), "1".to_owned()], ..usual.clone() }),
        ("  queue: 90s", Policy { queue_seconds: 90, ..usual.clone() }),
        ("  lease: 1h", Policy { lease_seconds: 3600, ..usual.clone() }),
        ("  wrap_up: 30s", Policy { wrap_up_seconds: Some(30), ..usual.clone() }),
        ("  reminder: 119m", Policy { reminder_seconds: Some(119 * 60), ..usual.clone() }),
        ("  reminder: 'off'", Policy { reminder_seconds: None, ..usual.clone() }),
        ("  idle_close: 31m", Policy { idle_close_seconds: Some(31 * 60), ..usual.clone() }),
        ("  idle_close: off", Policy { idle_close_seconds: None, ..usual.clone() }),
        ("  renew: 2d", Policy { renew_seconds: Some(2 * 86_400), ..usual.clone() }),
        ("  survey: 5m", Policy { survey_seconds: Some(300), ..usual.clone() }),
        ("  survey: off", usual.clone()),
        ("  messages_per_minute: 6", Policy { messages_per_minute: 6, ..usual.clone() }),
    ] {
        let report = led(rules);
        assert_eq!(told(&report), "sound", "{rules}");
        assert_eq!(report.base.unwrap().conversation, Some(policy), "{rules}");
    }
}

#[test]
fn holds_the_bounds_of_every_rule() {
    for (rule, least, most, too_little, too_much) in [
        ("queue", "1m", "24h", "59s", "86401s"),
        ("lease", "1m", "8h", "59s", "481m"),
        ("wrap_up", "10s", "1h", "9s", "61m"),
        ("reminder", "1m", "7d", "59s", "169h"),
        ("idle_close", "1m", "7d", "59s", "169h"),
        ("renew", "10m", "30d", "599s", "31d"),
        ("survey", "0s", "3d", "", "73h"),
        ("messages_per_minute", "1", "600", "0", "601"),
    ] {
        // The two are compared elsewhere.
        let other = match rule {
            "reminder" => "\n  idle_close: off",
            "idle_close" => "\n  reminder: off",
            _ => "",
        };
        for good in [least, most] {
            assert_eq!(told(&led(&format!("  {rule}: {good}{other}"))), "sound", "{rule}: {good}");
        }
        for bad in [too_little, too_much].into_iter().filter(|bad| !bad.is_empty()) {
            let report = led(&format!("  {rule}: {bad}{other}"));
            assert_eq!((report.base, report.problems.len()), (None, 1), "{rule}: {bad}");
            let message = &report.problems[0].message;
            assert!(message.contains(least) && message.contains(most), "{message}");
        }
    }
}

#[test]
fn tells_what_is_wrong_with_how_conversations_are_led() {
    let long = "word".repeat(11);
    let mut told_all = Vec::new();
    for (name, rules) in [
        ("empty", ""),
        ("a list", "  - queue: 10m"),
        ("unknown", "  queue_minutes: 10\n  queue: 10m\n  queue: 11m"),
        ("no unit", "  queue: 10\n  lease: ten minutes\n  wrap_up: 1h30m\n  reminder:\n  renew: [1d]\n  survey: true"),
        ("off", "  queue: off\n  lease: off\n  wrap_up: never"),
        ("little", "  queue: 30s\n  lease: 30s\n  wrap_up: 1s\n  reminder: 1s\n  idle_close: 0s\n  renew: 1m"),
        ("much", "  queue: 2d\n  lease: 9h\n  wrap_up: 2h\n  reminder: 8d\n  idle_close: 99999999999d\n  survey: 4d"),
        ("reminder last", "  reminder: 1h\n  idle_close: 60m"),
        ("reminder against the usual", "  reminder: 3h"),
        ("close against the usual", "  renew: off\n  idle_close: 20m"),
        ("reminder unreadable", "  idle_close: 20m\n  reminder: 10"),
        ("rates", "  messages_per_minute: 0"),
        ("rates as text", "  messages_per_minute: '30'"),
        ("rates as time", "  messages_per_minute: 30s"),
        ("no words", "  handoff_words: []\n  handoff_keys:"),
        ("words per language", "  handoff_words: {zh: [人工]}"),
        (
            "words",
            &format!("  handoff_words:\n    - '？！'\n    - {long}\n    - 0\n    - Agent\n    - agent!\n    - ''"),
        ),
        ("twice", "  handoff_words: [掌柜, 掌柜！]\n  handoff_keys: ['1', '１']"),
        ("keys", "  handoff_keys: [0, '#', '12', a]"),
        ("a question", "  handoff_words:\n    - 掌柜\n    - 多久能送到？\n    - when will it arrive"),
    ] {
        told_all.push(format!("--- {name}\n{}", told(&led(rules))));
    }
    insta::assert_snapshot!(told_all.join("\n"));
}

#[test]
fn an_end_word_counts_as_in_the_conversation() {
    let base = led("  handoff_words: [' 掌柜！', Shop Keeper]").base.unwrap();
    let policy = base.conversation.unwrap();
    for (message, asks) in
        [("掌柜", true), ("掌柜。", true), ("SHOP KEEPER", true), ("掌柜在吗", false), ("", false), ("人工", false)]
    {
        assert_eq!(policy.asks_for_person(message, true), asks, "{message}");
    }
}

#[test]
fn tells_what_is_wrong_with_notices() {
    let long = "长".repeat(4001);
    let fits = "长".repeat(4000);
    let mut told_all = Vec::new();
    for (name, notices) in [
        ("empty", "notices:\n"),
        ("a text", "notices: hello\n"),
        ("unknown", "notices:\n  queued: {zh: 稍等, en: Hold on}\n  que: {zh: 稍等, en: Hold on}\n"),
        ("languages", "notices:\n  queued: {zh: 稍等}\n  survey: {zh: 评分, en: Rate us, fr: Notez}\n"),
        ("texts", "notices:\n  queued: {zh: '', en: 5}\n  survey: 评分\n  queued: {zh: 稍等, en: Hold on}\n"),
        (
            "long",
            &format!("notices:\n  queued: {{zh: {fits}, en: Hold on}}\n  survey:\n    zh: {long}\n    en: Rate us\n"),
        ),
    ] {
        told_all.push(format!("--- {name}\n{}", told(&report(&format!("{BASE}{notices}"), ENTRY))));
    }
    insta::assert_snapshot!(told_all.join("\n"));
}

#[test]
fn every_notice_can_have_words_of_its_own() {
    let all: Vec<_> = Notice::ALL.iter().map(|n| format!("  {0}: {{zh: 说{0}, en: say {0}}}\n", n.name())).collect();
    let report = report(&format!("{BASE}notices:\n{}", all.concat()), ENTRY);
    assert_eq!(told(&report), "sound");
    let base = report.base.unwrap();
    for notice in Notice::ALL {
        assert_eq!(base.notices[notice.name()].get(Language::En), Some(format!("say {}", notice.name()).as_str()));
    }
}

#[test]
fn tells_where_yaml_breaks() {
    let mut told_all = Vec::new();
    for text in [
        "entries:\n  - id: a\n   questions: b\n",
        "entries:\n  - id: \"a\n",
        "entries:\n  - id: a\n    answer: {zh: 一, en: One\n",
        "entries:\n\t- id: a\n",
        "entries:\n  - id: a: b\n",
        "entries: []\n---\nentries: []\n",
        "entries: *nowhere\n",
        "",
        "- a\n",
    ] {
        told_all.push(format!("--- {text:?}\n{}", told(&report(BASE, text))));
    }
    insta::assert_snapshot!(told_all.join("\n"));
}

#[test]
fn reads_phrasings() {
    let base = sound();
    let good = "phrasings:\n  delivery.time:\n    zh: [几天到]\n    en: [how long]\n";
    let phrasings = Phrasings::read(&source("phrasings.yaml", good), &base).unwrap();
    assert_eq!(phrasings.0["delivery.time"][&Language::En], ["how long"]);
    let bad = "phrasings:\n  delivery.time: {zh: [几天到]}\n  nobody: {zh: [谁], en: [who]}\n  delivery.time: {zh: [几天到]}\n";
    let problems = Phrasings::read(&source("phrasings.yaml", bad), &base).unwrap_err();
    insta::assert_snapshot!(problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"));
}

#[test]
fn compiles_to_the_same_bytes_whatever_the_order_of_files() {
    let more =
        ENTRY.replace("delivery.time", "other").replace("多久能送到", "别的").replace("When will it arrive", "Else");
    let files = [source("base.yaml", BASE), source("a.yaml", ENTRY), source("b.yaml", more)];
    let mut turned = files.clone();
    turned.reverse();
    let one = compile(check(&files).base.unwrap()).unwrap();
    let other = compile(check(&turned).base.unwrap()).unwrap();
    assert_eq!(one.bytes(), other.bytes());
    assert_eq!(one.version(), other.version());
    assert_eq!(one.version().len(), 64);
}

#[test]
fn the_artifact_keeps_its_format() {
    let artifact = compile(sound()).unwrap();
    insta::assert_snapshot!(std::str::from_utf8(artifact.bytes()).unwrap());
}

#[test]
fn the_artifact_keeps_how_conversations_are_led() {
    let artifact = compile(report(&format!("{BASE}{LED}"), ENTRY).base.unwrap()).unwrap();
    let read = Artifact::from_bytes(artifact.bytes().to_vec()).unwrap();
    assert_eq!(read.base().conversation, Some(led_policy()));
    assert_eq!(read, artifact);
    insta::assert_snapshot!(std::str::from_utf8(artifact.bytes()).unwrap());
}

/// What releases published that did not know notices and rules.
const OLDER: &str = r#"{"v":1,"languages":["en"],"texts":{"unknown":{"en":"?"},"handoff_offer_title":{"en":"Person"},"handoff_accepted":{"en":"Coming"},"greeting":{"en":"Hello"},"unsupported":{"en":"?!"}},"entries":[{"id":"a","questions":{"en":["When"]},"answer":{"en":"Now"},"title":{"en":"Time"}}]}"#;

#[test]
fn older_artifacts_still_load() {
    let artifact = Artifact::from_bytes(OLDER.into()).unwrap();
    assert_eq!(artifact.base().conversation, None);
    assert!(artifact.base().notices.is_empty());
    // A base without the sections is published as it was before there were any.
    assert_eq!(std::str::from_utf8(compile(artifact.base().clone()).unwrap().bytes()), Ok(OLDER));
    // Rules that came later have their usual values.
    let some =
        OLDER.replace("\"entries\"", "\"conversation\":{\"queue_seconds\":90,\"renew_seconds\":null},\"entries\"");
    let artifact = Artifact::from_bytes(some.into_bytes()).unwrap();
    let policy = Policy { queue_seconds: 90, renew_seconds: None, ..Policy::default() };
    assert_eq!(artifact.base().conversation, Some(policy));
}

#[test]
fn refuses_what_is_no_artifact() {
    let bytes = compile(sound()).unwrap().bytes().to_vec();
    let text = String::from_utf8(bytes).unwrap();
    let read = |text: String| Artifact::from_bytes(text.into_bytes()).expect_err("should be refused");
    assert!(matches!(read(text.replace("{\"v\":1,", "{\"v\":2,")), ArtifactError::Format { found: 2 }));
    assert!(matches!(read("{}".into()), ArtifactError::Malformed(_)));
    assert!(matches!(read("null".into()), ArtifactError::Malformed(_)));
    assert!(matches!(read(text.replace("\"entries\"", "\"entry\"")), ArtifactError::Malformed(_)));
    let incomplete = read(text.replace("\"en\":\"Three days\"", "\"en_\":\"\""));
    assert!(matches!(incomplete, ArtifactError::Malformed(_)), "{incomplete}");
    let incomplete = read(text.replace(",\"en\":\"Delivery time\"", ""));
    assert_eq!(
        incomplete.to_string(),
        "the knowledge artifact lacks the title or another text of `delivery.time` in `en`; check the knowledge and publish it again"
    );
    let incomplete = read(text.replace("{\"zh\":\"三天\",\"en\":\"Three days\"}", "{}"));
    assert_eq!(
        incomplete.to_string(),
        "the knowledge artifact lacks the answer of `delivery.time`; check the knowledge and publish it again"
    );
    let incomplete = read(OLDER.replace("\"entries\"", "\"notices\":{\"queued\":{\"zh\":\"稍等\"}},\"entries\""));
    assert_eq!(
        incomplete.to_string(),
        "the knowledge artifact lacks the notice `queued` in `en`; check the knowledge and publish it again"
    );
}

proptest! {
    #[test]
    fn checking_never_panics(base in any::<String>(), entries in any::<String>()) {
        drop(report(&base, &entries));
    }

    #[test]
    fn checking_a_damaged_file_never_panics(at in 0..ENTRY.len(), junk in "[\\PC\n]{0,4}", cut in 0..8_usize) {
        let mut text = ENTRY.to_owned();
        let start = (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let end = (start + cut..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
        text.replace_range(start..end, &junk);
        let report = report(BASE, &text);
        prop_assert!(report.base.is_some() || !report.problems.is_empty());
    }

    #[test]
    fn checking_damaged_rules_never_panics(at in 0..LED.len(), junk in "[\\PC\n]{0,4}", cut in 0..8_usize) {
        let mut text = LED.to_owned();
        let start = (0..=at).rev().find(|i| text.is_char_boundary(*i)).unwrap_or(0);
        let end = (start + cut..=text.len()).find(|i| text.is_char_boundary(*i)).unwrap_or(text.len());
        text.replace_range(start..end, &junk);
        let report = report(&format!("{BASE}{text}"), ENTRY);
        prop_assert!(report.base.is_some() || !report.problems.is_empty());
    }

    #[test]
    fn any_texts_survive_the_artifact(question in "\\PC{1,40}", answer in "\\PC{1,40}") {
        let mut base = sound();
        base.entries[0].questions.insert(Language::Zh, vec![question]);
        base.entries[0].answer.0.insert(Language::En, answer);
        let artifact = compile(base).unwrap();
        let read = Artifact::from_bytes(artifact.bytes().to_vec()).unwrap();
        prop_assert_eq!(read, artifact);
    }
}

#[test]
fn tells_what_is_wrong_with_what_entries_say_besides() {
    let long = "长".repeat(201);
    let entry = |fields: &str| format!("{ENTRY}    {}\n", fields.replace('\n', "\n    "));
    let zone = format!("{BASE}time_zone: '+08:00'\nvariables: {{shop: {{zh: 松灯, en: Lantern}}}}\n");
    let mut told_all = Vec::new();
    for (name, base, entries) in [
        ("days", &*zone, entry("valid: {from: 2027-02-30, until: soon}\notherwise: {zh: '{{shop}}', en: Later}")),
        ("backwards", &zone, entry("valid: {from: 2027-02-02, until: 2027-02-01}\nshort: {zh: '{{shop}}', en: a}")),
        ("no zone", BASE, entry("valid: {from: 2027-02-02}")),
        ("always", &zone, entry("otherwise: {zh: '{{shop}}', en: Never}")),
        ("long", &zone, entry(&format!("short: {{zh: {long}, en: '{{{{shop}}}} {{{{ship}}}} {{{{'}}"))),
        ("files", &zone, entry("image: http://shop.example/a.png\nfile: https:// a")),
        ("unused", &zone, ENTRY.to_owned()),
    ] {
        told_all.push(format!("--- {name}\n{}", told(&report(base, &entries))));
    }
    insta::assert_snapshot!(told_all.join("\n"));
}

#[test]
fn tells_what_is_wrong_with_the_base_s_variables_words_and_masks() {
    let mut told_all = Vec::new();
    for (name, rules) in [
        ("zone", "time_zone: Asia/Shanghai"),
        ("variables", "variables: {Shop: {zh: 甲, en: A}, shop: {zh: '{{other}}', en: B}}"),
        ("no variables", "variables: [shop]"),
        ("sensitive", "sensitive: {words: [到, '！', 送到, 送 到], answer: shout, text: {zh: '{{x}}', en: No}}"),
        ("no words", "sensitive: {answer: refuse}"),
        ("mask", "conversation: {mask: [mobile, name, mobile], unknown_handoff: 0}"),
        ("lines", "notices: {queued: {zh: '{{y}}', en: Wait}}"),
    ] {
        told_all.push(format!("--- {name}\n{}", told(&report(&format!("{BASE}{rules}\n"), ENTRY))));
    }
    insta::assert_snapshot!(told_all.join("\n"));
}
