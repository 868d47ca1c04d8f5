//! The bot: from a knowledge base and a message to an answer. Pure: no files, no network, no clock.
//!
//! - [`knowledge`]: the files that a support lead edits, checked and compiled to one artifact.
//! - [`text`]: what a text is for the search: one spelling, a language, terms.
//! - [`encode`]: sentences as vectors, if the encoder's weights are there.
//! - [`understand`]: a model, trained from phrasings, of what a text means.
//! - [`retrieve`]: which entry a question is about, and how sure that is.
//! - [`recognise`]: which entries a message may mean, by both of these, and how sure that is.
//! - [`search`]: which passage of a collection answers a question.
//! - [`reply`]: what to say; [`notices`]: what is said about the conversation itself.
//!
//! [`evaluate`] measures it on phrasings whose entry is known.

pub mod encode;
mod evaluate;
pub mod knowledge;
pub mod notices;
pub mod recognise;
pub mod reply;
pub mod retrieve;
pub mod search;
pub mod text;
pub mod understand;

pub use evaluate::{Evaluation, Miss, Tally, evaluate, leave_one_out};
pub use recognise::{Bounds, By, Guess, Guesses};
pub use reply::{Answer, Bot, Input, Query, QuickReply};
