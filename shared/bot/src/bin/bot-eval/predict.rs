//! `bot-eval predict`: trains on a file and answers lines.

use std::io;

use bot::understand::Model;
use serde_json::json;

use crate::arguments::Arguments;
use crate::encoder::Loaded;
use crate::files::{BYTE_ORDER_MARK, in_scope, labelled, with_names};
use crate::report::{rounded, write};

/// Runs the command.
pub(crate) fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let arguments = Arguments::read(words, &["train", "oos-label", "encoder"], &["json"])?;
    let train = in_scope(labelled(arguments.need("train")?)?, &arguments)?;
    let encoder = Loaded::from(&arguments)?;
    let train = with_names(train, encoder.get().is_some());
    let phrasings: Vec<(&str, &str)> = train.iter().map(|(text, label)| (text.as_str(), label.as_str())).collect();
    let texts: Vec<&str> = phrasings.iter().map(|(text, _)| *text).collect();
    let model = Model::train(&phrasings, &encoder.of_questions(&texts));
    for (at, line) in io::stdin().lines().enumerate() {
        let line = line.map_err(|error| format!("cannot read stdin: {error}"))?;
        let line = if at == 0 { line.trim_start_matches(BYTE_ORDER_MARK) } else { &line };
        let found = model.understand(line, &encoder.of_question(line));
        let label = model.labels().get(found.best).map(String::as_str).unwrap_or_default();
        let side = if found.confidence < model.threshold() { "out" } else { "in" };
        let answer = if arguments.has("json") {
            json!({"label": label, "confidence": rounded(f64::from(found.confidence)), "in_scope": side == "in"})
                .to_string()
        } else {
            format!("{label}\t{:.4}\t{side}", found.confidence)
        };
        write(&format!("{answer}\n"))?;
    }
    Ok(())
}
