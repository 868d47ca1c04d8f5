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
/// `tests/off_topic.txt`: it keeps nine in ten of the questions that the rest still answers rightly and turns away four
/// in five off-topic ones. The languages differ because Chinese texts have more terms, most of them chance pairs.
pub fn threshold(language: Language) -> f64 {
    match language {
        Language::Zh => 0.11,
        Language::En => 0.16,
    }
}
