//! Text as the search sees it: one spelling, a language, and tokens.
//!
//! Everything here is total: any string gives an answer, none panics.

mod english;
mod language;
mod lexicon;
mod normalise;
mod simplify;
mod terms;
mod tokens;

pub(crate) use english::{is_little_word, stem};
pub(crate) use language::is_said_in;
pub use language::{Language, detect};
pub(crate) use normalise::is_han;
pub use normalise::{canonical, normalise};
pub(crate) use simplify::simplify;
pub use terms::{Analyser, Term};
pub(crate) use tokens::tokenise;
