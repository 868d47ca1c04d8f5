//! The demo shop: its knowledge is sound, answers what people ask in other words, and stays silent on what it does not
//! know.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use bot::knowledge::{Artifact, KnowledgeBase, Phrasings, Source, check, compile};
use bot::text::{Language, canonical};
use bot::{Answer, Bot, Input, Query, evaluate, leave_one_out};
use domain::Notice;

/// The least share of unseen phrasings, in each language, whose entry comes first.
const LEAST_RIGHT: f64 = 0.85;

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/scenarios/shop")
}

fn source(path: &Path) -> Source {
    let file = path.file_name().unwrap().to_string_lossy().into_owned();
    Source { file, text: fs::read_to_string(path).unwrap() }
}

fn knowledge() -> KnowledgeBase {
    let folder = fs::read_dir(shop().join("knowledge")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "yaml"));
    let report = check(&files.map(|p| source(&p)).collect::<Vec<_>>());
    for problem in &report.problems {
        println!("{problem}");
    }
    assert!(report.problems.is_empty(), "the demo knowledge has problems");
    report.base.expect("the demo knowledge has errors")
}

fn artifact() -> Artifact {
    compile(knowledge()).unwrap()
}

fn ask<'a>(bot: &'a Bot, text: &str) -> Answer<'a> {
    bot.answer(&Query { input: Input::Text(text), locale: None, unknowns: 0 })
}

#[test]
fn has_sixty_entries_in_both_languages() {
    let base = knowledge();
    assert!(base.entries.len() >= 60, "{} entries", base.entries.len());
    assert_eq!(base.languages, Language::ALL);
}

#[test]
fn offers_a_person_where_the_answer_speaks_of_one() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    let input = Input::Postback { payload: "entry:hours.human", title: "Reach a person" };
    let Answer::Entry { replies, .. } = bot.answer(&Query { input, locale: None, unknowns: 0 }) else {
        panic!("the entry is not there");
    };
    assert_eq!(replies.first().map(|reply| reply.payload), Some("handoff"));
}

/// What the texts promise: whoever asks for a person after hours is answered in the morning, and is in line until then.
#[test]
fn keeps_customers_in_line_over_the_night() {
    let base = knowledge();
    let accepted = &base.texts.handoff_accepted;
    let queued = &base.notices[Notice::Queued.name()];
    for (language, hours, promise) in
        [(Language::Zh, "9:00–22:00", "上线后第一时间回复"), (Language::En, "from 9:00 to 22:00", "answer first thing")]
    {
        for text in [accepted, queued].map(|text| text.get(language).unwrap()) {
            assert!(text.contains(hours) && text.contains(promise), "{text}");
        }
    }
    // The longest night is one of the holidays', from 18:00 to 10:00.
    let policy = base.conversation.unwrap();
    assert!(policy.queue_seconds > 16 * 60 * 60, "{} s", policy.queue_seconds);
}

#[test]
fn gets_a_person_by_its_own_words_and_the_usual_ones() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    let policy = artifact.base().conversation.as_ref().unwrap();
    for word in ["掌柜", "店员！", "Shopkeeper"] {
        assert!(policy.asks_for_person(word, false), "{word}");
    }
    assert!(policy.asks_for_person("0", true));
    // The notice of a queue's end names two of them.
    for word in ["人工", "转人工", "agent", "human"] {
        assert!(matches!(ask(&bot, word), Answer::Handoff { .. }), "{word}");
    }
}

#[test]
fn has_words_of_its_own_for_every_notice() {
    let base = knowledge();
    for notice in Notice::ALL {
        assert!(base.notices.contains_key(notice.name()), "{}", notice.name());
    }
}

/// Asks phrasings, prints the misses and the counts, and holds the least share of right ones.
fn measure(artifact: &Artifact, phrasings: &Phrasings, least: f64) {
    let evaluation = evaluate(&Bot::load(artifact), phrasings);
    for miss in &evaluation.misses {
        println!("{miss}");
    }
    for (language, tally) in &evaluation.tallies {
        println!("{language}: {} of {} right, {} of them answered", tally.right, tally.total, tally.answered);
    }
    for (language, tally) in &evaluation.tallies {
        assert!(tally.share() >= least, "{language}: {:.1} % right", tally.share() * 100.0);
    }
}

fn tuning(base: &KnowledgeBase) -> Phrasings {
    let file = Source { file: "tuning.yaml".to_owned(), text: include_str!("tuning.yaml").to_owned() };
    Phrasings::read(&file, base).unwrap()
}

#[test]
fn finds_unseen_phrasings() {
    let artifact = artifact();
    let tuning = tuning(artifact.base());
    let mut phrasings = Phrasings::read(&source(&shop().join("phrasings.yaml")), artifact.base()).unwrap();
    // Two people hit on the same words now and then. What was seen before, word for word, proves nothing.
    let mut seen = 0;
    for (id, languages) in &mut phrasings.0 {
        let entry = artifact.base().entries.iter().find(|e| e.id == *id).unwrap();
        for (language, list) in languages {
            let tuned = tuning.0.get(id).and_then(|languages| languages.get(language)).into_iter().flatten();
            let known: Vec<_> = entry.questions[language].iter().chain(tuned).map(|q| canonical(q)).collect();
            let before = list.len();
            list.retain(|phrasing| !known.contains(&canonical(phrasing)));
            seen += before - list.len();
        }
    }
    println!("{seen} phrasings left out, since they stand word for word in the knowledge or in the tuning set");
    measure(&artifact, &phrasings, LEAST_RIGHT);
}

#[test]
fn finds_the_phrasings_that_it_was_tuned_on() {
    let artifact = artifact();
    measure(&artifact, &tuning(artifact.base()), 0.9);
}

#[test]
fn finds_its_own_questions() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    for entry in &artifact.base().entries {
        for (language, questions) in &entry.questions {
            for question in questions {
                let found = bot.rank(question, Some(language.code()));
                assert_eq!(found.first(), Some(&(entry.id.as_str(), 1.0)), "{question}");
            }
        }
    }
}

/// Each question is asked while it is not in the index. This holds the figure that the ranking was tuned on.
#[test]
fn finds_its_own_questions_when_they_are_left_out() {
    let evaluation = leave_one_out(&knowledge());
    for (language, tally) in &evaluation.tallies {
        println!("{language}: {} of {} right, {} of them answered", tally.right, tally.total, tally.answered);
        assert!(tally.share() >= 0.6, "{language}: {:.1} % right", tally.share() * 100.0);
    }
}

#[test]
fn does_not_answer_what_it_does_not_know() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    for language in Language::ALL {
        let lines = include_str!("off_topic.txt").lines().filter(|l| !l.starts_with('#'));
        let asked: Vec<_> = lines.filter(|l| bot::text::detect(l) == Some(language)).collect();
        let answered: Vec<_> = asked.iter().filter(|l| matches!(ask(&bot, l), Answer::Entry { .. })).collect();
        println!("{language}: {} of {} off-topic sentences answered: {answered:#?}", answered.len(), asked.len());
        assert!(answered.len() * 4 <= asked.len(), "{language}: too many off-topic sentences answered");
    }
}

#[test]
fn answers_a_first_customer() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    for (text, entry) in
        [("你们几天能发货？", "delivery.dispatch"), ("how do I return a broken item", "returns.damaged")]
    {
        let Answer::Entry { id, replies, .. } = ask(&bot, text) else { panic!("{text}: no entry") };
        assert_eq!(id, entry, "{text}");
        assert!(!replies.is_empty());
    }
    let Answer::Unknown { offer, .. } = ask(&bot, "今天股票涨了吗") else { panic!("should not know") };
    assert_eq!((offer.title, offer.payload), ("转人工客服", "handoff"));
}
