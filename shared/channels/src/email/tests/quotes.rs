//! What was written, without what was quoted.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::email::{html, quote};

/// A mail as a program makes it, and what the customer wrote in it.
#[derive(Deserialize)]
struct Sample {
    name: String,
    reply: String,
    text: Option<String>,
    html: Option<String>,
}

fn reply(sample: &Sample) -> String {
    if let Some(text) = &sample.text {
        return quote::written(text).0;
    }
    quote::written(&html::seen(sample.html.as_deref().unwrap()).text).0
}

/// Mails of our own making over the programs that they name: `events/email/quotes.json`.
#[test]
fn the_reply_is_what_is_left_of_what_mail_programs_make() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../events/email/quotes.json");
    let samples: Vec<Sample> = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    assert!(samples.len() >= 60);
    let wrong: Vec<(&str, String)> = samples
        .iter()
        .map(|sample| (sample, reply(sample)))
        .filter(|(sample, found)| *found != sample.reply)
        .map(|(sample, found)| (sample.name.as_str(), found))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}
