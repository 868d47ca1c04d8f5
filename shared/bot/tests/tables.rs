//! Tables of questions and answers become entries, and bases are compared.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bot::knowledge::{KnowledgeBase, Source, check, diff, import};
use bot::text::Language;
use proptest::prelude::*;

const BASE: &str = "\
languages: [zh, en]
texts:
  unknown: {zh: 不知道, en: I don't know}
  handoff_offer_title: {zh: 人工, en: Person}
  handoff_accepted: {zh: 好, en: Coming}
  greeting: {zh: 你好, en: Hello}
  unsupported: {zh: 看不懂, en: Cannot read it}
";

const ENTRY: &str = "\
entries:
  - id: pay
    questions: {zh: [怎么付款, 能刷卡吗], en: [How do I pay]}
    answer: {zh: 刷卡, en: By card}
    title: {zh: 付款, en: Paying}
";

fn source(file: &str, text: &str) -> Source {
    Source { file: file.to_owned(), text: text.to_owned() }
}

fn base(entries: &str) -> KnowledgeBase {
    check(&[source("base.yaml", BASE), source("shop.yaml", entries)]).base.unwrap()
}

fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
}

#[test]
fn a_table_becomes_entries() {
    let table = rows(&[
        &["\u{feff}问题", "答案", "语言", "标题", "ID", "相似问", "相似问2", "备注"],
        &["几点开门", "九点: \"准时\"", "中文", "开门", "hours", "什么时候开门\n几点营业", "开门时间", "x"],
        &["When do you open", "At nine", "en-GB", "", "hours", "", "", ""],
        &["有停车场吗？", "有 # 地下一层", "", "", "", "有停车场吗", "", ""],
        &["", "nothing", "", "", "", "", "", ""],
        &["没有答案", " ", "", "", "", "", "", ""],
        &["怎么付款！", "现金", "", "", "cash", "", "", ""],
        &["还能怎么付", "现金", "", "", "pay", "", "", ""],
        &["几点关门", "六点", "中文", "", "hours", "", "", ""],
        &["Où", "Là", "fr", "", "", "", "", ""],
        &["x", "y", "", "", "Bad Id", "", "", ""],
        &["", "", "", "", "", "", "", ""],
    ]);
    let base = base(ENTRY);
    let found = import(&table, &base).unwrap();
    let skipped: Vec<_> = found.skipped.iter().map(|(row, why)| format!("row {row}: {why}")).collect();
    let lacking: Vec<_> = found.lacking.iter().map(|(id, language)| format!("{id} lacks {language}")).collect();
    insta::assert_snapshot!([found.yaml.clone(), skipped.join("\n"), lacking.join("\n")].join("\n"));
    // With what lacks, it is knowledge.
    let problems =
        check(&[source("base.yaml", BASE), source("shop.yaml", ENTRY), source("new.yaml", &found.yaml)]).problems;
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems.iter().all(|problem| problem.message.contains("lacks the language `en`")));
    // A second time there is nothing to do.
    let only = rows(&[&["问题", "答案"], &["怎么付款", "x"]]);
    let again = import(&only, &base).unwrap();
    assert_eq!((again.ids.len(), again.yaml.as_str(), again.skipped.len()), (0, "", 1));
}

#[test]
fn what_the_check_would_refuse_is_left_out_and_told_with_its_row() {
    let variables = format!("{BASE}variables: {{shop: {{zh: 松灯, en: Lantern}}}}\n");
    let flow = "flows:\n  - id: track\n    title: {zh: 查单, en: Track}\n    start: {zh: [查订单], en: [track it]}\n    \
                steps:\n      - id: done\n        say: {zh: 好, en: Good}\n        next: end\n";
    let sources = [source("base.yaml", &variables), source("shop.yaml", ENTRY), source("flows.yaml", flow)];
    let report = check(&sources);
    let base = report.base.unwrap_or_else(|| panic!("{:?}", report.problems));
    let long = "x".repeat(4001);
    let table = rows(&[
        &["question", "answer", "title"],
        &["who are you", "We are {{ shop }}.", "About {{shop}}"],
        &["what is due", "Dear {{name}}, nothing.", ""],
        &["what is open", "It opens {{ here.", ""],
        &["what is it called", "So.", "Called {{other}}"],
        &["track it", "No.", ""],
        &["how long", &long, ""],
        &["what does {{name}} mean", "A name\r\nin braces.\u{0}\u{b}", ""],
        &["{{{{", "Braces.", ""],
        &["which shop", "This.", "This is the shop that you are in {{shop}}"],
    ]);
    let found = import(&table, &base).unwrap();
    let told: Vec<_> = found.skipped.iter().map(|(row, why)| format!("row {row}: {why}")).collect();
    insta::assert_snapshot!(format!("{}\n{}", found.yaml, told.join("\n")));
    // No language is told to be missing there.
    let english = |text: &str| text.replace("[zh, en]", "[en]").replace("zh: ", "xx: ");
    let report = check(&[source("base.yaml", &english(&variables)), source("new.yaml", &found.yaml)]);
    let about: Vec<_> = report.problems.iter().filter(|problem| problem.file == "new.yaml").collect();
    assert!(about.is_empty(), "{about:?}");
}

#[test]
fn a_table_without_its_columns_is_refused() {
    let told = import(&rows(&[&["问题", "说明"]]), &base(ENTRY)).unwrap_err();
    assert!(told.contains("answer") && told.contains("说明"), "{told}");
    assert!(import(&[], &base(ENTRY)).unwrap_err().contains("question"));
}

#[test]
fn tells_what_changed() {
    let before = base(&format!(
        "{ENTRY}  - id: gone\n    questions: {{zh: [甲], en: [Alpha]}}\n    answer: {{zh: 一, en: One}}\n    title: {{zh: 一, en: One}}\n"
    ));
    let mut after = base(&format!(
        "{ENTRY}  - id: new\n    questions: {{zh: [乙], en: [Beta]}}\n    answer: {{zh: 二, en: Two}}\n    title: {{zh: 二, en: Two}}\n"
    ));
    let pay = &mut after.entries[1];
    assert_eq!(pay.id, "pay");
    pay.answer.0.insert(Language::En, "By card or cash".to_owned());
    pay.questions.insert(Language::Zh, vec!["怎么付款".to_owned(), "收现金吗".to_owned()]);
    pay.replies.push("new".to_owned());
    after.texts.greeting.0.insert(Language::Zh, "您好".to_owned());
    let told: Vec<_> = diff(&before, &after)
        .iter()
        .map(|d| {
            let (entry, language) = (d.entry.as_deref().unwrap_or("base"), d.language.map_or("", Language::code));
            format!("{entry} {} {} {language} {:?} {:?}", d.kind.name(), d.field, d.from, d.to)
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(diff(&before, &before), []);
}

proptest! {
    #[test]
    fn any_texts_become_knowledge(
        question in "([a-z]{3}|\\{\\{|.){1,5}\\PC{0,20}", answer in "(\\PC|.|\\{\\{|\\}\\}|\r){0,20}[a-z\"'#:\n]{1,5}",
        title in "([a-z ]{0,20}(\\{\\{[a-z]{0,2}\\}\\}|\\{\\{|\\}|.)){0,3}",
    ) {
        let table = rows(&[&["question", "answer", "title", "lang"], &[&question, &answer, &title, "en"]]);
        let base = base(ENTRY);
        let found = import(&table, &base).unwrap();
        if found.ids.len() == 1 {
            let mut languages = BASE.to_owned();
            languages = languages.replace("[zh, en]", "[en]").replace("zh: ", "xx: ");
            let report = check(&[source("new.yaml", &found.yaml), source("base.yaml", &languages)]);
            prop_assert!(!report.problems.iter().any(|p| p.file == "new.yaml"), "{:?}", report.problems);
        }
    }
}
