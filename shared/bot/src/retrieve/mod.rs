//! Finding the entry that a question is about: BM25 over words, Chinese character pairs and concepts, in memory.
//!
//! An entry is one document with three fields: its questions, its title and its answer (BM25F). To that comes the one
//! of its questions that is nearest to the customer's, so that a question typed as it was written finds its entry.

mod corpus;
mod index;

pub use self::corpus::Corpus;
pub use self::index::{Candidate, Index};
use crate::text::Language;

/// The least score at which the bot dares to answer, from 0 to 1.
///
/// Chosen on the demo shop's own questions, each asked while taken out of the index, and on the off-topic sentences of
/// `tests/off_topic.txt`: of the questions that the rest of the knowledge still answers rightly nearly nine in ten keep
/// their answer, of the off-topic sentences about one in ten gets one. The languages differ because a Chinese text has
/// more terms, many of them chance pairs.
pub fn threshold(language: Language) -> f64 {
    match language {
        Language::Zh => 0.095,
        Language::En => 0.11,
    }
}
