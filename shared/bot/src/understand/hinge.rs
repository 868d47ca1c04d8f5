//! One class against the rest: a linear support vector machine with squared hinge loss, solved in its dual by coordinate
//! descent with shrinking (Hsieh et al., “A Dual Coordinate Descent Method for Large-scale Linear SVM”, ICML 2008,
//! algorithm 3).

use super::rows::{Parts, Rows};
use super::shuffle::Shuffle;

/// How far from optimal the dual may stay, and after how many passes it is left as it is.
const TOLERANCE: f32 = 0.03;
const MOST_PASSES: usize = 60;

/// A text that is trained on.
struct Example {
    row: usize,
    /// 1 when it is of the class, else −1.
    side: f32,
    /// The dual variable.
    dual: f32,
    /// The dual's second derivative.
    curve: f32,
}

/// The weights of a class: those of `members` that are `inside` against those that are not. `cost` is how much an error
/// counts against the weights' size.
pub(super) fn one_against_rest(
    rows: &Rows,
    members: &[usize],
    inside: impl Fn(usize) -> bool,
    parts: Parts,
    cost: f32,
) -> Vec<f32> {
    let mut weights = vec![0.0; rows.width()];
    let diagonal = 0.5 / cost;
    let example = |row: &usize| Example {
        row: *row,
        side: if inside(*row) { 1.0 } else { -1.0 },
        dual: 0.0,
        curve: rows.row(*row).squared(parts) + diagonal,
    };
    let mut examples: Vec<Example> = members.iter().map(example).collect();
    // The first so many are looked at; the others seem to stay at their bound.
    let mut active = examples.len();
    let mut highest_before = f32::INFINITY;
    let mut order = Shuffle::new(1);
    for _ in 0..MOST_PASSES {
        let (mut highest, mut lowest) = (f32::NEG_INFINITY, f32::INFINITY);
        order.shuffle(examples.get_mut(..active).unwrap_or_default());
        let mut at = 0;
        while at < active {
            let Some(example) = examples.get_mut(at) else { break };
            let row = rows.row(example.row);
            let gradient = example.side * row.dot(parts, rows.features, &weights) - 1.0 + diagonal * example.dual;
            let mut projected = gradient;
            if example.dual <= 0.0 {
                if gradient > highest_before {
                    active -= 1;
                    examples.swap(at, active);
                    continue;
                }
                projected = gradient.min(0.0);
            }
            highest = highest.max(projected);
            lowest = lowest.min(projected);
            if projected.abs() > 1e-9 {
                let dual = (example.dual - gradient / example.curve).max(0.0);
                row.add_to(parts, rows.features, &mut weights, (dual - example.dual) * example.side);
                example.dual = dual;
            }
            at += 1;
        }
        if highest - lowest <= TOLERANCE {
            if active == examples.len() {
                break;
            }
            // All are looked at once more before it is believed.
            active = examples.len();
            highest_before = f32::INFINITY;
        } else {
            highest_before = if highest > 0.0 { highest } else { f32::INFINITY };
        }
    }
    weights
}
