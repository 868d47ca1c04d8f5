//! The bot: from a knowledge base and a message to an answer. Pure: no files, no network, no clock.
//!
//! - [`knowledge`]: the files that a support lead edits, checked and compiled to one artifact.
//! - [`text`]: what a text is for the search: one spelling, a language, terms.
//! - [`encode`]: sentences as vectors, if the encoder's weights are there.
//! - [`understand`]: a model, trained from phrasings, of what a text means.
//! - [`retrieve`]: which entry a question is about, and how sure that is.
//! - [`recognise`]: which entries a message may mean, by both of these, and how sure that is.
//! - [`search`]: which passage of a collection answers a question.
//! - [`generate`]: an answer in a language model's words, and what of it may go out.
//! - [`flow`]: conversations of several turns, that ask for what is needed and have it done.
//! - [`reply`]: what to say; [`lines`]: its small sentences; [`notices`]: what is said about the conversation
//!   itself.
//!
//! [`evaluate`] and [`held_out`] measure it on phrasings whose entry is known; [`rehearse`] holds written dialogues
//! with it.

mod confusion;
pub mod encode;
mod evaluate;
pub mod flow;
pub mod generate;
pub mod knowledge;
pub mod lines;
pub mod notices;
pub mod recognise;
pub mod rehearse;
pub mod reply;
pub mod retrieve;
pub mod search;
pub mod text;
pub mod understand;

pub use confusion::{Confusion, OffTopic, confusions, held_out, off_topic};
pub use evaluate::{Evaluation, Miss, Tally, evaluate, leave_one_out};
pub use recognise::{Bounds, By, Guess, Guesses};
pub use reply::{Answer, Bot, Input, Letter, Query, QuickReply, Talk};
