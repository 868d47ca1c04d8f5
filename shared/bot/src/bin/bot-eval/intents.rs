//! `bot-eval intents`: trains on one file, measures on another.

use std::collections::HashSet;
use std::time::Instant;

use bot::understand::{Model, threshold};
use serde_json::{Map, Value, json};

use crate::arguments::Arguments;
use crate::encoder::Loaded;
use crate::files::{Labelled, in_scope, labelled, oos_label, with_names};
use crate::measure::{peak_memory, percentile};
use crate::report::{print, rounded};
use crate::scores::{Guess, accuracy, at, auroc, best_correlation};

/// Fewer lines than this show no threshold.
const LEAST_DEV: usize = 50;

/// Runs the command.
pub(crate) fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let arguments = Arguments::read(words, &["train", "dev", "test", "oos-label", "encoder"], &["json"])?;
    let oos = oos_label(&arguments);
    let train = in_scope(labelled(arguments.need("train")?)?, &arguments)?;
    let test = labelled(arguments.need("test")?)?;
    let dev = arguments.get("dev").map(labelled).transpose()?.unwrap_or_default();
    let dev = unseen(dev, &train);

    let encoder = Loaded::from(&arguments)?;
    let started = Instant::now();
    let train = with_names(train, encoder.get().is_some());
    let phrasings: Vec<(&str, &str)> = train.iter().map(|(text, label)| (text.as_str(), label.as_str())).collect();
    let texts: Vec<&str> = phrasings.iter().map(|(text, _)| *text).collect();
    let model = Model::train(&phrasings, &encoder.of_questions(&texts));
    let train_seconds = started.elapsed().as_secs_f64();
    let bytes = model.to_bytes();
    // What is measured is what would be published.
    let model = Model::from_bytes(&bytes).map_err(|error| error.to_string())?;

    let mut times = Vec::new();
    let mut ask = |lines: &[Labelled]| -> Vec<Guess> {
        lines
            .iter()
            .map(|(text, label)| {
                let started = Instant::now();
                let found = model.understand(text, &encoder.of_question(text));
                times.push(started.elapsed());
                let guessed = model.labels().get(found.best).cloned().unwrap_or_default();
                Guess { truth: (label != oos).then(|| label.clone()), label: guessed, confidence: found.confidence }
            })
            .collect()
    };
    let least = if dev.len() < LEAST_DEV {
        model.threshold()
    } else {
        threshold(&ask(&dev).iter().map(Guess::trial).collect::<Vec<_>>())
    };
    let guesses = ask(&test);
    let mut figures = Map::new();
    figures.insert("accuracy".to_owned(), json!(rounded(accuracy(&guesses))));
    figures.insert("oos".to_owned(), outside(&guesses, least));
    figures.insert("train_seconds".to_owned(), json!(rounded(train_seconds)));
    let predict = json!({"p50": rounded(percentile(&times, 0.5)), "p99": rounded(percentile(&times, 0.99))});
    figures.insert("predict_us".to_owned(), predict);
    figures.insert("artifact_bytes".to_owned(), json!(bytes.len()));
    figures.insert("peak_rss_mb".to_owned(), json!(peak_memory().map(rounded)));
    figures.insert("encoder_load_ms".to_owned(), json!(encoder.load_ms.map(rounded)));
    figures.insert("threshold".to_owned(), json!(rounded(f64::from(least))));
    figures.insert("classes".to_owned(), json!(model.labels().len()));
    print(&Value::Object(figures), arguments.has("json"))
}

/// The lines that are not in the train file too.
fn unseen(mut dev: Vec<Labelled>, train: &[Labelled]) -> Vec<Labelled> {
    let known: HashSet<String> = train.iter().map(|(text, _)| text.to_lowercase()).collect();
    dev.retain(|(text, _)| !known.contains(&text.to_lowercase()));
    dev
}

/// The figures on texts of no class; those that need such texts are `null` where there are none.
fn outside(guesses: &[Guess], threshold: f32) -> Value {
    let found = at(guesses, threshold);
    let there_are = guesses.iter().any(|guess| guess.truth.is_none());
    let if_any = |figure: f64| there_are.then(|| rounded(figure));
    json!({
        "recall": if_any(found.recall),
        "precision": if_any(found.precision),
        "inscope_accuracy": rounded(found.inscope_accuracy),
        "mcc": rounded(found.mcc),
        "mcc_best": rounded(best_correlation(guesses)),
        "auroc": if_any(auroc(guesses)),
    })
}
