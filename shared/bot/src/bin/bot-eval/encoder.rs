//! The sentence encoder, if one is asked for.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::time::Instant;

use bot::encode::{Encoder, EncoderError};

use crate::arguments::Arguments;

/// The encoder's file in its folder.
const FILE: &str = "encoder.fduse";

/// The encoder of `--encoder DIR`, with the milliseconds that it took to load.
pub(crate) struct Loaded {
    encoder: Option<Encoder>,
    /// How long loading took; `None` without one.
    pub(crate) load_ms: Option<f64>,
}

impl Loaded {
    /// Loads the encoder that the arguments name, if they do.
    pub(crate) fn from(arguments: &Arguments) -> Result<Self, String> {
        let Some(folder) = arguments.get("encoder") else { return Ok(Self { encoder: None, load_ms: None }) };
        let path = Path::new(folder).join(FILE);
        let told = |error: EncoderError| {
            // The others say themselves how to mend them.
            let missing = matches!(error, EncoderError::Unreadable(_));
            let mend = if missing { "; `cargo local encoder` makes it in target/local/encoder" } else { "" };
            format!("cannot load {}: {error}{mend}", path.display())
        };
        let started = Instant::now();
        let encoder = open(&path).map_err(told)?;
        Ok(Self { encoder: Some(encoder), load_ms: Some(started.elapsed().as_secs_f64() * 1e3) })
    }

    /// The encoder, if there is one.
    pub(crate) fn get(&self) -> Option<&Encoder> {
        self.encoder.as_ref()
    }

    /// A text's vector, as it is written; empty without an encoder.
    pub(crate) fn vector(&self, text: &str) -> Vec<f32> {
        self.encoder.as_ref().map(|encoder| encoder.encode(text)).unwrap_or_default()
    }

    /// A question's vector; empty without an encoder.
    pub(crate) fn of_question(&self, question: &str) -> Vec<f32> {
        self.encoder.as_ref().map(|encoder| encoder.encode_question(question)).unwrap_or_default()
    }

    /// Many questions' vectors, one after the other; empty without an encoder.
    pub(crate) fn of_questions(&self, questions: &[&str]) -> Vec<f32> {
        self.encoder.as_ref().map(|encoder| encoder.encode_questions(questions)).unwrap_or_default()
    }
}

/// As the responder does.
fn open(path: &Path) -> Result<Encoder, EncoderError> {
    let file = File::open(path)?;
    Encoder::new(file.metadata()?.len(), move |buffer, at| file.read_exact_at(buffer, at))
}
