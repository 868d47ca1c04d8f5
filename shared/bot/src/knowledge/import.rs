//! Questions and answers from a table, as entries of a knowledge file.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::variables::{Broken, broken, without_braces};
use super::{HANDOFF, KnowledgeBase, MAX_ANSWER_CHARS};
use crate::text::{Language, canonical, detect};

/// What became of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// The knowledge file; empty when there is no entry.
    pub yaml: String,
    /// The entries in it, by id, in order.
    pub ids: Vec<String>,
    /// The rows (from 1, the header included) that are not in it, and why.
    pub skipped: Vec<(usize, String)>,
    /// What the base demands and the table does not have, by entry.
    pub lacking: Vec<(String, Language)>,
}

/// The columns that a table can have, with the names that stand for them.
const COLUMNS: [(Column, &[&str]); 6] = [
    (Column::Question, &["question", "q", "问题", "问", "标准问", "标准问题"]),
    (Column::Answer, &["answer", "a", "reply", "答案", "回答", "答", "回复"]),
    (Column::Language, &["language", "lang", "locale", "语言", "语种"]),
    (Column::Title, &["title", "label", "标题", "名称"]),
    (Column::Id, &["id", "编号", "标识"]),
    (
        Column::Others,
        &[
            "phrasings",
            "phrasing",
            "similar",
            "similar questions",
            "variants",
            "相似问",
            "相似问题",
            "其他问法",
            "扩展问",
        ],
    ),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Question,
    Answer,
    Language,
    Title,
    Id,
    Others,
}

/// The longest title that is made from a question, in characters.
fn title_chars(language: Language) -> usize {
    match language {
        Language::Zh => 20,
        Language::En => 40,
    }
}

#[derive(Default)]
struct Made {
    questions: BTreeMap<Language, Vec<String>>,
    answer: BTreeMap<Language, String>,
    title: BTreeMap<Language, String>,
}

/// Makes entries of a table whose first row names its columns. `base` is what the folder holds already: nothing of it is
/// made again. Rows of the same id are one entry, a language each; an id that is not given follows from the question.
///
/// # Errors
/// The first row has no question or no answer column: what it has, and what it could have.
pub fn import(rows: &[Vec<String>], base: &KnowledgeBase) -> Result<Import, String> {
    let header = rows.first().map(Vec::as_slice).unwrap_or_default();
    let columns: Vec<Option<Column>> = header.iter().map(|name| column(name)).collect();
    for (wanted, names) in COLUMNS.iter().take(2) {
        if !columns.contains(&Some(*wanted)) {
            let names = names.join(", ");
            return Err(format!("the first row has none of the columns {names}; it has: {}", header.join(", ")));
        }
    }
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    // What starts a flow is asked as well.
    for entry in base.searched() {
        for question in entry.questions.values().flatten() {
            known.insert(canonical(question), entry.id.clone());
        }
    }
    let taken: BTreeSet<&str> = base.entries.iter().map(|entry| entry.id.as_str()).collect();
    let mut made: BTreeMap<String, Made> = BTreeMap::new();
    let mut import = Import::default();
    for (at, row) in rows.iter().enumerate().skip(1) {
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        match read(row, &columns, base, &taken, &known, &made) {
            Err(why) => import.skipped.push((at + 1, why)),
            Ok(Row { id, language, questions, answer, title }) => {
                known.extend(questions.iter().map(|question| (canonical(question), id.clone())));
                if !import.ids.contains(&id) {
                    import.ids.push(id.clone());
                }
                let entry = made.entry(id).or_default();
                entry.questions.insert(language, questions);
                entry.answer.insert(language, answer);
                entry.title.insert(language, title);
            }
        }
    }
    for id in &import.ids {
        let has = |language: &Language| made.get(id).is_some_and(|entry| entry.answer.contains_key(language));
        import.lacking.extend(base.languages.iter().filter(|l| !has(l)).map(|l| (id.clone(), *l)));
    }
    import.yaml = written(&import.ids, &made);
    Ok(import)
}

struct Row {
    id: String,
    language: Language,
    questions: Vec<String>,
    answer: String,
    title: String,
}

fn column(name: &str) -> Option<Column> {
    let name = name.trim().trim_start_matches('\u{feff}').to_lowercase();
    // `相似问2`, `phrasing 3`: more columns of the same kind.
    let plain = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches([' ', '_', '-']);
    COLUMNS
        .iter()
        .find(|(_, names)| names.contains(&name.as_str()) || names.contains(&plain))
        .map(|(column, _)| *column)
}

fn read(
    row: &[String],
    columns: &[Option<Column>],
    base: &KnowledgeBase,
    taken: &BTreeSet<&str>,
    known: &BTreeMap<String, String>,
    made: &BTreeMap<String, Made>,
) -> Result<Row, String> {
    let row: Vec<String> = row.iter().map(|cell| clean(cell)).collect();
    let cells = |wanted: Column| {
        let cells = row.iter().zip(columns).filter(move |(_, column)| **column == Some(wanted));
        cells.map(|(cell, _)| cell.as_str()).filter(|cell| !cell.is_empty())
    };
    let one = |wanted| cells(wanted).next();
    let mut questions: Vec<String> = Vec::new();
    let lines = cells(Column::Question).chain(cells(Column::Others)).flat_map(str::lines).map(str::trim);
    for line in lines.filter(|line| !line.is_empty()) {
        if !questions.iter().any(|question| canonical(question) == canonical(line)) {
            questions.push(line.to_owned());
        }
    }
    let first = one(Column::Question).and_then(|_| questions.first().cloned()).ok_or("the question is empty")?;
    if let Some(question) = questions.iter().find(|question| canonical(question).is_empty()) {
        return Err(format!("the question “{question}” has no letters"));
    }
    let answer = one(Column::Answer).ok_or("the answer is empty")?.to_owned();
    let language = match one(Column::Language) {
        Some(said) => {
            named(said).ok_or_else(|| format!("the language `{said}` is not supported; there are zh and en"))?
        }
        None => detect(&first).or_else(|| base.languages.first().copied()).unwrap_or(Language::En),
    };
    if !base.languages.contains(&language) {
        return Err(format!("the knowledge does not have the language `{language}`; add it to base.yaml first"));
    }
    let id = match one(Column::Id) {
        Some(id) => id.to_owned(),
        None => derived(&first),
    };
    if id == HANDOFF
        || id.len() > 64
        || id.chars().any(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c)))
    {
        return Err(format!(
            "the id `{id}` cannot be used; it has small letters, digits, `.`, `_` and `-`, 64 at most"
        ));
    }
    if taken.contains(id.as_str()) {
        return Err(format!("there is an entry `{id}` already; nothing is overwritten, so change that one by hand"));
    }
    if made.get(&id).is_some_and(|entry| entry.answer.contains_key(&language)) {
        return Err(format!("`{id}` stands in an earlier row in `{language}`"));
    }
    if let Some((question, other)) =
        questions.iter().find_map(|q| Some((q, known.get(&canonical(q))?)).filter(|(_, other)| **other != id))
    {
        return Err(format!("“{question}” is a question of `{other}` already"));
    }
    let title = match one(Column::Title) {
        Some(title) => title.to_owned(),
        // A question may hold braces, since it has no variables.
        None => Some(without_braces(&first)).filter(|title| !title.trim().is_empty()).unwrap_or_else(|| id.clone()),
    };
    for (what, text) in [("answer", &answer), ("title", &title)] {
        fits(what, text, base)?;
    }
    let mut title = title.chars().take(title_chars(language)).collect::<String>();
    // Half a variable is none.
    while let Some(Broken::Open) = broken(&title, &base.variables) {
        title.truncate(title.rfind("{{").unwrap_or_default());
    }
    let title = Some(title.trim()).filter(|title| !title.is_empty()).unwrap_or(&id).to_owned();
    Ok(Row { id, language, questions, answer, title })
}

/// Whether a text can stand in a knowledge file, where two braces begin a variable.
fn fits(what: &str, text: &str, base: &KnowledgeBase) -> Result<(), String> {
    let length = text.chars().count();
    if length > MAX_ANSWER_CHARS {
        return Err(format!(
            "the {what} has {length} characters, at most {MAX_ANSWER_CHARS} are allowed; shorten or part it"
        ));
    }
    match broken(text, &base.variables) {
        Some(Broken::Unknown(name)) => Err(format!(
            "the {what} names the variable `{name}`, which `variables` in base.yaml lacks; add it there, or write the \
             text without `{{{{`"
        )),
        Some(Broken::Open) => Err(format!(
            "the {what} opens `{{{{` and does not close it with `}}}}`; close it, or write the text without it"
        )),
        None => Ok(()),
    }
}

/// A cell's text: line ends as in files, and no signs that nobody sees.
fn clean(cell: &str) -> String {
    let ends = cell.replace("\r\n", "\n").replace('\r', "\n");
    let seen = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    ends.chars().filter(seen).collect::<String>().trim().to_owned()
}

/// A language by its code, its tag, or its name in either.
fn named(said: &str) -> Option<Language> {
    let name = said.to_lowercase();
    match name.as_str() {
        "中文" | "汉语" | "简体中文" | "chinese" | "cn" => Some(Language::Zh),
        "英文" | "英语" | "english" => Some(Language::En),
        tag => Language::from_locale(tag),
    }
}

/// An id that is the same whenever the same question is imported.
fn derived(question: &str) -> String {
    let digest = hex::encode(Sha256::digest(canonical(question).as_bytes()));
    let start: String = digest.chars().take(10).collect();
    format!("faq.{start}")
}

/// The entries as a knowledge file.
fn written(ids: &[String], made: &BTreeMap<String, Made>) -> String {
    if ids.is_empty() {
        return String::new();
    }
    // JSON's texts are YAML's.
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let mut lines = vec!["entries:".to_owned()];
    for id in ids {
        let Some(entry) = made.get(id) else { continue };
        lines.push(format!("  - id: {}", quoted(id)));
        lines.push("    title:".to_owned());
        lines.extend(entry.title.iter().map(|(language, text)| format!("      {language}: {}", quoted(text))));
        lines.push("    questions:".to_owned());
        for (language, questions) in &entry.questions {
            lines.push(format!("      {language}:"));
            lines.extend(questions.iter().map(|question| format!("        - {}", quoted(question))));
        }
        lines.push("    answer:".to_owned());
        lines.extend(entry.answer.iter().map(|(language, text)| format!("      {language}: {}", quoted(text))));
    }
    lines.push(String::new());
    lines.join("\n")
}
