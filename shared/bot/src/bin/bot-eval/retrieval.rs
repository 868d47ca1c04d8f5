//! `bot-eval retrieval`: how often a question finds the passage that answers it.

use std::time::Instant;

use bot::search::Passages;
use serde_json::json;

use crate::arguments::Arguments;
use crate::encoder::Loaded;
use crate::files::objects;
use crate::measure::{peak_memory, percentile};
use crate::report::{print, rounded};
use crate::scores::share;

/// Runs the command.
pub(crate) fn run(words: impl Iterator<Item = String>) -> Result<(), String> {
    let arguments = Arguments::read(words, &["passages", "queries", "encoder"], &["json"])?;
    let passages = objects(arguments.need("passages")?, &["text", "a"], &["id"])?;
    let queries = objects(arguments.need("queries")?, &["q"], &["pid", "id"])?;
    let encoder = Loaded::from(&arguments)?;

    let started = Instant::now();
    let texts: Vec<&str> = passages.iter().map(|(text, _)| text.as_str()).collect();
    let index = Passages::new(&texts, encoder.get());
    let index_seconds = started.elapsed().as_secs_f64();

    let mut times = Vec::new();
    let mut ranks = Vec::new();
    for (question, wanted) in &queries {
        let started = Instant::now();
        let found = index.find(question, &encoder.vector(question));
        times.push(started.elapsed());
        let is_wanted = |passage: usize| passages.get(passage).is_some_and(|(_, id)| id == wanted);
        ranks.push(found.iter().position(|hit| is_wanted(hit.passage)));
    }
    let within = |most: usize| {
        let good = ranks.iter().flatten().filter(|rank| **rank < most).count();
        rounded(share(good, ranks.len()))
    };
    let reciprocal: f64 = ranks.iter().flatten().filter(|rank| **rank < 10).map(|rank| share(1, rank + 1)).sum();
    let all = share(ranks.len(), 1);
    let figures = json!({
        "r1": within(1),
        "r3": within(3),
        "r5": within(5),
        "mrr10": rounded(reciprocal / all.max(1.0)),
        "passages": passages.len(),
        "queries": queries.len(),
        "index_seconds": rounded(index_seconds),
        "query_us": {"p50": rounded(percentile(&times, 0.5)), "p99": rounded(percentile(&times, 0.99))},
        "encoder_load_ms": encoder.load_ms.map(rounded),
        "peak_rss_mb": peak_memory().map(rounded),
    });
    print(&figures, arguments.has("json"))
}
