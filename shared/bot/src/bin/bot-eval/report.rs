//! What is printed.

use std::io::{self, Write as _};

use serde_json::Value;

/// Prints figures: as JSON on one line, or a line each.
pub(crate) fn print(figures: &Value, json: bool) -> Result<(), String> {
    let mut text = String::new();
    if json {
        text = figures.to_string();
        text.push('\n');
    } else {
        lines("", figures, &mut text);
    }
    write(&text)
}

fn lines(path: &str, value: &Value, text: &mut String) {
    if let Value::Object(fields) = value {
        for (name, value) in fields {
            let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            lines(&path, value, text);
        }
    } else {
        text.extend([path, ": ", &value.to_string(), "\n"]);
    }
}

/// Writes to stdout.
pub(crate) fn write(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(|error| format!("cannot write: {error}"))
}

/// A figure to four places; nothing is never minus nothing, which an empty sum of numbers is.
pub(crate) fn rounded(figure: f64) -> f64 {
    (figure * 1e4).round() / 1e4 + 0.0
}
