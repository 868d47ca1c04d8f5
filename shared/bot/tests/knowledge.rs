//! Knowledge folders: what is wrong with bad ones is told with file and line, good ones compile to stable bytes.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bot::knowledge::{Artifact, ArtifactError, KnowledgeBase, Phrasings, Report, Source, check, compile};
use bot::text::Language;
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
    let incomplete = read(text.replace(",\"en\":\"Three days\"", ""));
    assert_eq!(
        incomplete.to_string(),
        "the knowledge artifact lacks the answer or title of `delivery.time` in `en`; check the knowledge and publish it again"
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
    fn any_texts_survive_the_artifact(question in "\\PC{1,40}", answer in "\\PC{1,40}") {
        let mut base = sound();
        base.entries[0].questions.insert(Language::Zh, vec![question]);
        base.entries[0].answer.0.insert(Language::En, answer);
        let artifact = compile(base).unwrap();
        let read = Artifact::from_bytes(artifact.bytes().to_vec()).unwrap();
        prop_assert_eq!(read, artifact);
    }
}
