//! `cargo local knowledge unanswered`: what customers asked and the bot could not answer, alike questions together, so
//! that the next edit is seen.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use bot::knowledge::KnowledgeBase;
use bot::text::{Language, canonical, detect};
use bot::understand::clusters;
use bot::{Answer, Bot, Input, Query};
use domain::{GroupId, UnixMillis, Why};
use serde_json::{Value, json};

use super::cli::Unanswered;
use super::library::Library;
use super::questions::{self, Question};
use crate::cloud::Target;
use crate::person::records::Records;
use crate::{clock, console, encoder};

/// Wordings of a cluster that are shown at most.
const SHOWN: usize = 5;
/// Wordings of a cluster that YAML gives at most.
const PASTED: usize = 20;

/// Questions that ask much the same.
#[derive(Clone, Debug, PartialEq)]
struct Cluster {
    /// How often it was asked.
    count: usize,
    /// Of how many identities.
    customers: usize,
    /// The wordings with how often each came, the most frequent first.
    wordings: Vec<(String, usize)>,
    /// How often it showed in which way.
    why: BTreeMap<&'static str, usize>,
    /// When it last showed.
    last: UnixMillis,
    /// The entry of the live knowledge that comes nearest: its id and score.
    nearest: Option<(String, f64)>,
}

/// Lists the questions.
///
/// # Errors
/// There is no such stack, or its table or bucket cannot be read.
pub fn run(arguments: &Unanswered, target: &Target) -> anyhow::Result<()> {
    let library = Library::of(target)?;
    let live = library.live()?.map(|live| library.artifact(&live.version)).transpose()?;
    let records = Records::of(target)?;
    let now = clock::now().seconds();
    let most = usize::try_from(arguments.most).unwrap_or(usize::MAX);
    let (questions, more) = questions::read(&records, now.div_euclid(24 * 60 * 60), arguments.days, most)?;
    let encoder = encoder::load()?.map(Arc::new);
    let bot = live.as_ref().map(|live| Bot::load_with(live, encoder));
    let base = live.as_ref().map(bot::knowledge::Artifact::base);
    let asked = questions.len();
    // What is answered by now needs no edit; whoever was answered and wanted a person does.
    let (mended, open): (Vec<_>, Vec<_>) = questions
        .into_iter()
        .partition(|one| one.why != Why::Handoff && bot.as_ref().is_some_and(|bot| answers(bot, &one.text, now)));
    let found = clustered(&open, base, bot.as_ref());
    if more {
        console::progress(format_args!("only {most} of the latest days were read; --most reads more"));
    }
    if arguments.json {
        let clusters: Vec<Value> = found.iter().map(|cluster| described(cluster, base)).collect();
        let (days, mended) = (arguments.days, mended.len());
        console::say(
            json!({"v": 1, "days": days, "asked": asked, "answered_now": mended, "more": more, "clusters": clusters}),
        );
        return Ok(());
    }
    if arguments.yaml {
        found.iter().flat_map(pasted).for_each(console::say);
        return Ok(());
    }
    console::say(format_args!(
        "{asked} questions of {} days were not answered; of these the live version answers {} now",
        arguments.days,
        mended.len()
    ));
    found.iter().flat_map(|cluster| told(cluster, base)).for_each(console::say);
    Ok(())
}

/// Whether an entry answers, or several.
fn answers(bot: &Bot, text: &str, now: i64) -> bool {
    let query = Query { now, ..Query::new(Input::Text(text)) };
    matches!(bot.answer(&query), Answer::Entry { .. } | Answer::Several(_))
}

fn clustered(questions: &[Question], base: Option<&KnowledgeBase>, bot: Option<&Bot>) -> Vec<Cluster> {
    let texts: Vec<&str> = questions.iter().map(|question| question.text.as_str()).collect();
    let entries = base.into_iter().flat_map(|base| &base.entries);
    let known: Vec<&str> = entries.flat_map(|entry| entry.questions.values()).flatten().map(String::as_str).collect();
    let of = |places: Vec<usize>| {
        let members: Vec<&Question> = places.iter().filter_map(|at| questions.get(*at)).collect();
        cluster(&members, bot)
    };
    clusters(&texts, &known).into_iter().filter_map(of).collect()
}

fn cluster(members: &[&Question], bot: Option<&Bot>) -> Option<Cluster> {
    // One spelling of a wording stands for all.
    let mut wordings: BTreeMap<String, (String, usize)> = BTreeMap::new();
    let mut why: BTreeMap<&'static str, usize> = BTreeMap::new();
    for one in members {
        wordings.entry(canonical(&one.text)).or_insert_with(|| (one.text.clone(), 0)).1 += 1;
        *why.entry(reason(one.why)).or_default() += 1;
    }
    let mut wordings: Vec<(String, usize)> = wordings.into_values().collect();
    wordings.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let (first, _) = wordings.first()?;
    let nearest = bot.and_then(|bot| bot.rank(first, None).first().map(|(id, score)| ((*id).to_owned(), *score)));
    Some(Cluster {
        count: members.len(),
        customers: members.iter().map(|one| &one.group).collect::<BTreeSet<&GroupId>>().len(),
        why,
        last: members.iter().map(|one| one.at).max()?,
        nearest,
        wordings,
    })
}

fn reason(why: Why) -> &'static str {
    match why {
        Why::Unknown => "unknown",
        Why::Asked | Why::NotMeant => "not_meant",
        Why::Handoff => "handoff",
    }
}

fn title<'a>(id: &str, base: Option<&'a KnowledgeBase>) -> Option<&'a str> {
    let base = base?;
    let entry = base.entries.iter().find(|entry| entry.id == id)?;
    entry.title.get(*base.languages.first()?)
}

fn described(cluster: &Cluster, base: Option<&KnowledgeBase>) -> Value {
    let Cluster { count, customers, wordings, why, last, nearest } = cluster;
    let wordings: Vec<Value> = wordings.iter().map(|(text, count)| json!({"text": text, "count": count})).collect();
    let nearest = nearest.as_ref().map(|(id, score)| json!({"entry": id, "title": title(id, base), "score": score}));
    json!({
        "count": count,
        "customers": customers,
        "why": why,
        "last_at": last.rfc3339(),
        "wordings": wordings,
        "nearest": nearest,
    })
}

fn told(cluster: &Cluster, base: Option<&KnowledgeBase>) -> Vec<String> {
    let Cluster { count, customers, wordings, why, nearest, .. } = cluster;
    let reasons = why.iter().map(|(reason, count)| match *reason {
        "unknown" => format!("not known {count}"),
        "not_meant" => format!("no choice taken {count}"),
        _ => format!("a person wanted right after {count}"),
    });
    let reasons: Vec<String> = reasons.collect();
    let whom = if *customers == 1 { "customer" } else { "customers" };
    let mut lines = vec![format!("\n{count}× of {customers} {whom}: {}", reasons.join(", "))];
    let line = |(text, count): &(String, usize)| {
        let times = if *count > 1 { format!(" ({count}×)") } else { String::new() };
        format!("  “{}”{times}", text.replace('\n', " "))
    };
    lines.extend(wordings.iter().take(SHOWN).map(line));
    if wordings.len() > SHOWN {
        lines.push(format!("  and {} other wordings", wordings.len() - SHOWN));
    }
    lines.push(match nearest {
        Some((id, score)) => {
            let title = title(id, base).map(|title| format!(" “{title}”")).unwrap_or_default();
            format!("  nearest: {id}{title}, {score:.2}")
        }
        None => "  nothing in the knowledge comes near".to_owned(),
    });
    lines
}

/// The wordings as an entry has its `questions`.
fn pasted(cluster: &Cluster) -> Vec<String> {
    let nearest = cluster.nearest.as_ref().map_or("no entry comes near".to_owned(), |(id, _)| format!("nearest: {id}"));
    let mut lines = vec![format!("# {}×, {nearest}", cluster.count), "questions:".to_owned()];
    let mut languages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (text, _) in cluster.wordings.iter().take(PASTED) {
        languages.entry(detect(text).unwrap_or(Language::En).code()).or_default().push(text);
    }
    for (language, texts) in languages {
        lines.push(format!("  {language}:"));
        // A JSON string is one in YAML, whatever is in it.
        lines.extend(texts.iter().map(|text| format!("    - {}", json!(text))));
    }
    lines
}

#[cfg(test)]
mod tests {
    use bot::knowledge::Source;

    use super::*;
    use crate::knowledge::compiled;
    use crate::stack;

    fn question(who: &str, text: &str, why: Why, at: i64) -> Question {
        Question { group: GroupId::derive(&[who.as_bytes()]), text: text.to_owned(), why, at: UnixMillis(at) }
    }

    fn asked() -> Vec<Question> {
        vec![
            question("a", "how do I return a lamp", Why::Handoff, 1),
            question("a", "Do you sell zebra saddles?", Why::Unknown, 2),
            question("b", "do you sell zebra saddles", Why::Unknown, 3),
            question("b", "zebra saddles", Why::NotMeant, 4),
            question("c", "斑马鞍有卖吗", Why::Unknown, 5),
        ]
    }

    #[test]
    fn alike_questions_come_together_with_what_is_nearest() {
        let artifact = compiled(&stack::root().join("infra/scenarios/shop/knowledge")).unwrap();
        let bot = Bot::load(&artifact);
        let found = clustered(&asked(), Some(artifact.base()), Some(&bot));
        let firsts: Vec<(usize, usize, &str)> =
            found.iter().map(|one| (one.count, one.customers, one.wordings[0].0.as_str())).collect();
        assert_eq!(firsts[0], (3, 2, "Do you sell zebra saddles?"));
        assert_eq!(firsts.len(), 3, "{firsts:?}");
        assert_eq!(found[0].wordings.len(), 2);
        assert_eq!(found[0].why, BTreeMap::from([("unknown", 2), ("not_meant", 1)]));
        assert_eq!(found[0].last, UnixMillis(4));
        let lamp = found.iter().find(|one| one.wordings[0].0.contains("lamp")).unwrap();
        let (nearest, _) = lamp.nearest.as_ref().unwrap();
        assert!(nearest.starts_with("returns."), "{nearest}");
        let lines = told(lamp, Some(artifact.base()));
        assert_eq!(lines[0], "\n1× of 1 customer: a person wanted right after 1");
        assert!(lines.last().unwrap().contains(nearest.as_str()), "{lines:?}");
        // By now some of it is answered.
        let own = artifact.base().entries[0].questions[&Language::En][0].as_str();
        assert!(answers(&bot, own, 0), "{own}");
        assert!(!answers(&bot, "qqqq wwww zzzz", 0));
    }

    #[test]
    fn what_is_pasted_is_an_entrys_questions() {
        let found = clustered(&asked()[1..], None, None);
        let entry = |lines: Vec<String>| {
            let lines: Vec<String> = lines.iter().map(|line| format!("    {line}\n")).collect();
            let rest = "    answer: {zh: 没有。, en: None.}\n    title: {zh: 鞍, en: Saddle}\n";
            format!("entries:\n  - id: saddles\n{}{rest}", lines.concat())
        };
        // It has no Chinese question, and says so where the entry is; nothing else is wrong with its form.
        let source = Source { file: "new.yaml".to_owned(), text: entry(pasted(&found[0])) };
        let report = bot::knowledge::check(&[source]);
        let about: Vec<String> = report.problems.iter().map(ToString::to_string).collect();
        assert!(about.iter().all(|problem| !problem.contains("YAML")), "{about:?}");
        assert_eq!(pasted(&found[0])[1..4], ["questions:", "  en:", "    - \"Do you sell zebra saddles?\""]);
        assert!(pasted(&found[1]).contains(&"  zh:".to_owned()));
    }
}
