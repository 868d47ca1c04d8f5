//! Flows: conversations of several turns, as data. A flow asks for slots, branches, has actions done and says what came
//! of it. Pure: what is known stands in [`domain::FlowState`], the time is handed in.

mod contact;
mod date;
mod hours;
mod model;
mod number;
mod run;
mod slot;
mod state;
mod words;

pub use hours::{Opening, offset};
pub use model::{Arm, Branched, Call, Choice, Condition, Does, Flow, Kind, Slot, Step, VALUE_BYTES};
pub use run::answer;
pub use slot::pattern;

/// The start of a payload, and of an entry's reply, that starts a flow; its id follows.
pub const FLOW_PAYLOAD: &str = "flow:";
