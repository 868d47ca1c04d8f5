//! Questions by somebody who had seen only the ids, titles and answers of the demo shop, and what the bot makes of them.
//! Nothing is tuned on them: whoever changes the bot because of one writes others.

use std::collections::BTreeMap;
use std::sync::Arc;

use bot::knowledge::{KnowledgeBase, Phrasings};
use bot::text::{Language, canonical};
use bot::{Answer, Bot, By, Input, Query};

use super::{encoder, plain, root, source, words};

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// An entry answers it.
    Ours,
    /// It is none of a shop's business.
    Elsewhere,
    /// It could be asked in a shop; no entry answers it.
    Near,
}

/// A message, and the entry that answers it, if one does.
struct Message {
    language: Language,
    kind: Kind,
    text: String,
    entry: Option<String>,
}

/// How a bot does on messages. The last five add up to `messages`.
#[derive(Debug, Default)]
struct Score {
    messages: usize,
    /// The right entry has the best score.
    first: usize,
    /// The right entry was told, or a person fetched for who wants one.
    answered: usize,
    /// Another entry was told.
    wrong: usize,
    /// It was asked which one is meant, and the right one is among them.
    asked: usize,
    /// It was asked which one is meant, and the right one is not among them.
    asked_in_vain: usize,
    /// Nothing of the knowledge was said.
    silent: usize,
}

type Scores = BTreeMap<(Language, Kind), Score>;

/// All messages but those that stand word for word where somebody trained or tuned on them.
fn messages(base: &KnowledgeBase) -> Vec<Message> {
    let read = |file: &str| Phrasings::read(&source(&root().join(file)), base).unwrap();
    let older = [read("infra/scenarios/shop/phrasings.yaml"), read("shared/bot/tests/tuning.yaml")];
    let mut known: Vec<String> = include_str!("../off_topic.txt").lines().map(canonical).collect();
    for phrases in older.iter().flat_map(|file| file.0.values()) {
        known.extend(phrases.values().flatten().map(|phrasing| canonical(phrasing)));
    }
    for entry in &base.entries {
        known.extend(entry.questions.values().flatten().map(|question| canonical(question)));
        known.extend(Language::ALL.iter().filter_map(|&language| entry.title.get(language)).map(canonical));
    }
    let mut messages = Vec::new();
    for (id, phrases) in read("shared/bot/tests/fresh/phrasings.yaml").0 {
        for (language, text) in phrases.into_iter().flat_map(|(l, list)| list.into_iter().map(move |text| (l, text))) {
            messages.push(Message { language, kind: Kind::Ours, text, entry: Some(id.clone()) });
        }
    }
    let mut part = (Language::Zh, Kind::Elsewhere);
    for line in include_str!("off_topic.txt").lines() {
        match line {
            "# zh, elsewhere" => part = (Language::Zh, Kind::Elsewhere),
            "# zh, near" => part = (Language::Zh, Kind::Near),
            "# en, elsewhere" => part = (Language::En, Kind::Elsewhere),
            "# en, near" => part = (Language::En, Kind::Near),
            _ => messages.push(Message { language: part.0, kind: part.1, text: line.to_owned(), entry: None }),
        }
    }
    let all = messages.len();
    messages.retain(|message| !known.contains(&canonical(&message.text)));
    println!(
        "{} of {all} left out, since they stand word for word where the bot was trained or tuned",
        all - messages.len()
    );
    messages
}

/// The entries that are told, and how sure the bot is of each. Whom a person is fetched for reached the entry on that.
fn told<'a>(answer: &'a Answer<'_>) -> Vec<(&'a str, f64)> {
    if let Answer::Entry { id, score, .. } = answer {
        vec![(*id, *score)]
    } else if let Answer::Several(answers) = answer {
        answers.iter().flat_map(told).collect()
    } else if let Answer::Handoff { .. } = answer {
        vec![("hours.human", 1.0)]
    } else {
        Vec::new()
    }
}

/// Puts every message to a bot as a customer does. Prints wrong answers, and the counts.
fn score(name: &str, bot: &Bot, base: &KnowledgeBase) -> Scores {
    let mut scores = Scores::new();
    for Message { language, kind, text, entry } in messages(base) {
        let guesses = bot.guess(&text, Some(language.code()));
        let best = guesses.list.first();
        let score = scores.entry((language, kind)).or_default();
        score.messages += 1;
        score.first += usize::from(best.is_some_and(|best| entry.as_deref() == Some(best.entry)));
        let answer = bot.answer(&Query { locale: Some(language.code()), ..Query::new(Input::Text(&text)) });
        if let Answer::Choices { choices, .. } = &answer {
            let right = entry.as_ref().map(|entry| format!("entry:{entry}"));
            let among = right.is_some_and(|right| choices.iter().any(|choice| choice.payload == right));
            *if among { &mut score.asked } else { &mut score.asked_in_vain } += 1;
            continue;
        }
        let told = told(&answer);
        if told.is_empty() {
            score.silent += 1;
        } else if told.iter().any(|(id, _)| entry.as_deref() == Some(*id)) {
            score.answered += 1;
        } else {
            score.wrong += 1;
            let expected = entry.as_deref().unwrap_or("none");
            println!("{name}, {language} {kind:?} “{text}”: {expected} expected, {told:.2?} told");
        }
    }
    for ((language, kind), score) in &scores {
        println!("{name}, {language} {kind:?}: {score:?}");
    }
    scores
}

/// What a bot does at least, or at most, in each language, in percent. Far below the figures of the README, so that this
/// fails when recognition breaks and not when it wavers.
struct Bounds {
    first: usize,
    answered: usize,
    wrong: usize,
    elsewhere: usize,
    near: usize,
}

fn hold(scores: &Scores, bounds: &Bounds) {
    for language in Language::ALL {
        let [ours, elsewhere, near] = [Kind::Ours, Kind::Elsewhere, Kind::Near].map(|kind| &scores[&(language, kind)]);
        assert!(
            ours.messages >= 200 && elsewhere.messages >= 25 && near.messages >= 25,
            "{language}: too few are left"
        );
        assert!(ours.first * 100 >= ours.messages * bounds.first, "{language}: {ours:?}");
        assert!(ours.answered * 100 >= ours.messages * bounds.answered, "{language}: {ours:?}");
        assert!(ours.wrong * 100 <= ours.messages * bounds.wrong, "{language}: {ours:?}");
        assert!(elsewhere.wrong * 100 <= elsewhere.messages * bounds.elsewhere, "{language}: {elsewhere:?}");
        assert!(near.wrong * 100 <= near.messages * bounds.near, "{language}: {near:?}");
    }
}

#[test]
fn fresh_questions_find_their_entries_without_the_encoder() {
    let base = plain();
    let search = score("search", &Bot::load(&base), base.base());
    hold(&search, &Bounds { first: 80, answered: 65, wrong: 10, elsewhere: 45, near: 40 });
    let model = score("words", &Bot::load(words()), base.base());
    hold(&model, &Bounds { first: 85, answered: 70, wrong: 7, elsewhere: 45, near: 40 });
}

#[test]
fn fresh_questions_find_their_entries_with_the_encoder() {
    let Some(encoder) = encoder() else { return };
    let artifact = plain().train(Some(&encoder));
    let bot = Bot::load_with(&artifact, Some(Arc::clone(&encoder)));
    assert_eq!(bot.understands_by(), By::Encoder);
    let model = score("encoder", &bot, artifact.base());
    hold(&model, &Bounds { first: 89, answered: 80, wrong: 4, elsewhere: 35, near: 45 });
}
