//! Logs: one JSON object a line, ids only.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

/// Starts logging at a level (`error`, `warn`, `info`, `debug`); an unknown level counts as `info`.
pub fn start(level: &str) {
    let level = level.parse::<LevelFilter>().unwrap_or(LevelFilter::INFO);
    // The SDK's own debug lines hold whole requests, texts included: never below its warnings.
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::WARN.into()).parse_lossy(
        ["web", "responder", "outbound", "caretaker", "app", "aws", "runtime"]
            .map(|name| format!("{name}={level}"))
            .join(","),
    );
    let started =
        tracing_subscriber::fmt().json().flatten_event(true).with_env_filter(filter).with_ansi(false).try_init();
    if started.is_err() {
        tracing::debug!("logging was started before");
    }
}
