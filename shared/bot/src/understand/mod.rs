//! What a text means, learnt from phrasings whose meaning is known.

mod alike;
mod clusters;
mod cross;
mod dense;
mod entropy;
mod familiar;
mod features;
mod folds;
mod hinge;
mod means;
mod member;
mod mix;
mod model;
mod nearest;
mod num;
pub(crate) mod parallel;
mod rows;
mod shuffle;
mod space;
mod threshold;
mod train;
mod weights;
mod wire;

pub(crate) use alike::alike;
pub use clusters::clusters;
pub use cross::{Guess, cross_validate};
pub(crate) use mix::{Held, highest, probabilities};
pub(crate) use model::{HeldOut, Learnt, Weighed, in_proportion};
pub use model::{Model, Understanding};
pub(crate) use nearest::Vectors;
pub(crate) use num::{narrow, place, real};
pub(crate) use rows::product;
pub(crate) use space::Space;
pub use threshold::{Trial, threshold};
pub use wire::WireError;
pub(crate) use wire::{Reader, numbers};
