//! `cargo local knowledge test`: how well a folder's bot understands, and whether written dialogues go as written.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use app::answers::KnowledgeBot;
use app::people::Staffed;
use bot::encode::Encoder;
use bot::knowledge::{Artifact, Dialogue, Phrasings, Places, Problem};
use bot::rehearse::{Failure, Stage, rehearse};
use bot::{Bot, Confusion, Evaluation, OffTopic, confusions, evaluate, held_out, off_topic};
use channels::channel;
use domain::{ChannelId, Identity};
use serde_json::{Value, json};

use super::cli::Test;
use super::folder::{beside, compiled, source, sources};
use crate::console;

/// Held-out questions, dialogues and sentences off the topic, beside the folder.
const PHRASINGS: &str = "phrasings.yaml";
const DIALOGUES: &str = "tests";
const OFF_TOPIC: &str = "tests/off_topic.txt";

/// Where a dialogue is held that names no channel.
const USUAL_CHANNEL: ChannelId = ChannelId::Web;

/// How many pairs of entries are printed.
const MOST_PAIRS: usize = 10;

/// What was found.
struct Found {
    held_out: Evaluation,
    phrasings: Option<Evaluation>,
    off_topic: OffTopic,
    dialogues: Vec<(Dialogue, Vec<Failure>)>,
}

/// Tests a folder.
///
/// # Errors
/// It cannot be read or has errors, or a dialogue does not go as written.
pub fn run(test: &Test) -> anyhow::Result<()> {
    let plain = compiled(&test.dir)?;
    let encoder = test.encoder.as_deref().map(encoder).transpose()?.map(Arc::new);
    // As it would be published.
    let artifact = plain.train(encoder.as_deref());
    let places = Places::of(&sources(&test.dir)?);
    let found = found(test, &artifact, encoder.as_ref())?;
    if test.json {
        console::say(described(&found, &places));
    } else {
        tell(&found, &places);
    }
    let failed = found.dialogues.iter().filter(|(_, failures)| !failures.is_empty()).count();
    if failed > 0 {
        bail!("{failed} of {} dialogues do not go as written", found.dialogues.len());
    }
    Ok(())
}

fn found(test: &Test, artifact: &Artifact, encoder: Option<&Arc<Encoder>>) -> anyhow::Result<Found> {
    let base = artifact.base();
    let bot = Bot::load_with(artifact, encoder.cloned());
    let dialogues = dialogues(&test.dir, artifact, encoder.cloned())?;
    let phrasings = match &test.phrasings {
        Some(path) => Some(path.clone()),
        None => Some(beside(&test.dir, PHRASINGS)?).filter(|path| path.exists()),
    };
    let phrasings = phrasings.map(|path| {
        let read = Phrasings::read(&source(&path)?, base).map_err(|problems| told(&problems))?;
        anyhow::Ok(evaluate(&bot, &read))
    });
    let own = beside(&test.dir, OFF_TOPIC)?;
    let own = own.exists().then(|| source(&own)).transpose()?;
    console::progress("training on the questions, a fifth of them held out at a time");
    Ok(Found {
        held_out: held_out(base, encoder.map(Arc::as_ref)),
        phrasings: phrasings.transpose()?,
        off_topic: off_topic(&bot, base, own.as_ref().map(|source| source.text.as_str())),
        dialogues,
    })
}

fn encoder(folder: &Path) -> anyhow::Result<Encoder> {
    let path = folder.join("encoder.fduse");
    let bytes =
        fs::read(&path).with_context(|| format!("cannot read {}; `cargo local encoder` makes it", path.display()))?;
    Encoder::from_bytes(bytes).with_context(|| format!("cannot load {}", path.display()))
}

fn told(problems: &[Problem]) -> anyhow::Error {
    problems.iter().for_each(console::progress);
    anyhow::anyhow!("{} problems in what is to be tested; mend them first", problems.len())
}

/// Holds all dialogues beside a folder.
fn dialogues(
    dir: &Path,
    artifact: &Artifact,
    encoder: Option<Arc<Encoder>>,
) -> anyhow::Result<Vec<(Dialogue, Vec<Failure>)>> {
    let folder = beside(dir, DIALOGUES)?;
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let bot = KnowledgeBot::load_with(artifact, encoder);
    let mut held = Vec::new();
    for file in sources(&folder)? {
        for dialogue in Dialogue::read(&file, artifact.base()).map_err(|problems| told(&problems))? {
            let failures = hold(&dialogue, &bot);
            held.push((dialogue, failures));
        }
    }
    Ok(held)
}

/// Holds one as the responder would.
fn hold(dialogue: &Dialogue, bot: &KnowledgeBot) -> Vec<Failure> {
    let id = dialogue.channel.unwrap_or(USUAL_CHANNEL);
    let channel = channel(id);
    let capabilities = channel.capabilities();
    let letters = capabilities.letters.then(|| bot.policy().by_letter());
    let identity = Identity { channel: id, account: "rehearsal".to_owned(), user: "customer".to_owned() };
    let stage = Stage {
        identity: &identity,
        capabilities,
        calls: &|messages| channel.calls(messages),
        bot: &Staffed { bot, people: dialogue.people },
        policy: letters.as_ref().unwrap_or_else(|| bot.policy()),
    };
    rehearse(dialogue, stage)
}

fn tell(found: &Found, places: &Places) {
    tell_counts("questions, each held out once", &found.held_out);
    for confusion in confusions(&found.held_out).iter().take(MOST_PAIRS) {
        console::say(format_args!("  {}", pair(confusion)));
        for (language, question) in &confusion.questions {
            let place = places.find(&confusion.expected, *language, question).unwrap_or_default();
            console::say(format_args!("    {place}: “{question}”"));
        }
    }
    if let Some(phrasings) = &found.phrasings {
        tell_counts("phrasings kept apart", phrasings);
        for miss in &phrasings.misses {
            console::say(format_args!("  {miss}"));
        }
    }
    let OffTopic { total, answered } = &found.off_topic;
    console::say(format_args!("off the topic: {} of {total} sentences get an entry's answer", answered.len()));
    for (sentence, entry) in answered {
        console::say(format_args!("  “{sentence}”: {entry}"));
    }
    let held = found.dialogues.len();
    let good = found.dialogues.iter().filter(|(_, failures)| failures.is_empty()).count();
    console::say(format_args!("dialogues: {good} of {held} go as written"));
    for (dialogue, failures) in &found.dialogues {
        for Failure { line, expected, got } in failures {
            let Dialogue { file, name, .. } = dialogue;
            console::say(format_args!("  {file}:{line}: “{name}”: expected {expected}, got {got}"));
        }
    }
}

fn tell_counts(what: &str, evaluation: &Evaluation) {
    for (language, tally) in &evaluation.tallies {
        console::say(format_args!(
            "{what}, {language}: {} of {} find their entry ({:.1} %)",
            tally.right,
            tally.total,
            tally.share() * 100.0
        ));
    }
}

fn pair(confusion: &Confusion) -> String {
    let count = confusion.questions.len();
    match &confusion.found {
        Some(found) => format!("{} taken for {found}, {count} times:", confusion.expected),
        None => format!("{} not found, {count} times:", confusion.expected),
    }
}

fn described(found: &Found, places: &Places) -> Value {
    let counts = |evaluation: &Evaluation| {
        let counts = evaluation.tallies.iter().map(|(language, tally)| {
            let accuracy = json!({
                "total": tally.total, "right": tally.right, "accuracy": tally.share(),
            });
            (language.to_string(), accuracy)
        });
        Value::Object(counts.collect())
    };
    let confusions: Vec<Value> = confusions(&found.held_out)
        .iter()
        .map(|confusion| {
            let questions = confusion.questions.iter().map(|(language, question)| {
                let place = places.find(&confusion.expected, *language, question);
                json!({"language": language.code(), "text": question, "place": place})
            });
            let questions: Vec<Value> = questions.collect();
            json!({"expected": confusion.expected, "found": confusion.found, "questions": questions})
        })
        .collect();
    let misses = |evaluation: &Evaluation| {
        let misses = evaluation.misses.iter().map(|miss| {
            let found = miss.found.as_ref().map(|(id, _)| id);
            json!({"language": miss.language.code(), "text": miss.phrasing, "expected": miss.expected, "found": found})
        });
        misses.collect::<Vec<_>>()
    };
    let answered = found.off_topic.answered.iter().map(|(text, entry)| json!({"text": text, "entry": entry}));
    let dialogues = found.dialogues.iter().map(|(dialogue, failures)| {
        let failures = failures
            .iter()
            .map(|failure| json!({"line": failure.line, "expected": failure.expected, "got": failure.got}));
        let failures: Vec<Value> = failures.collect();
        json!({"file": dialogue.file, "line": dialogue.line, "name": dialogue.name, "failures": failures})
    });
    json!({
        "v": 1,
        "held_out": {"languages": counts(&found.held_out), "confusions": confusions},
        "phrasings": found.phrasings.as_ref().map(|own| json!({"languages": counts(own), "misses": misses(own)})),
        "off_topic": {"total": found.off_topic.total, "answered": answered.collect::<Vec<_>>()},
        "dialogues": dialogues.collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::folder::compiled;
    use crate::stack;

    #[test]
    fn the_demos_dialogues_go_as_written() {
        let shop = stack::root().join("infra/scenarios/shop/knowledge");
        let held = dialogues(&shop, &compiled(&shop).unwrap().train(None), None).unwrap();
        assert!(held.len() >= 8, "{}", held.len());
        for (dialogue, failures) in held {
            assert_eq!(failures, [], "{}", dialogue.name);
        }
    }
}
