//! Flows: conversations of several turns, as data. A flow asks for slots, branches, has actions done and says what came
//! of it. Pure: what is known stands in [`domain::FlowState`], the time is handed in.

mod advance;
mod again;
mod contact;
mod date;
mod hear;
mod hours;
mod model;
mod number;
mod run;
mod slot;
mod spoken;
mod state;
mod tell;
mod ways;
mod words;

pub use hours::{Opening, offset};
pub use model::{Arm, Branched, Call, Choice, Condition, Does, Flow, Kind, Slot, Step, VALUE_BYTES};
pub use run::Guide;
pub use slot::pattern;
pub(crate) use ways::{reached, ways};

/// The start of a payload, and of an entry's reply, that starts a flow; its id follows.
pub const FLOW_PAYLOAD: &str = "flow:";
