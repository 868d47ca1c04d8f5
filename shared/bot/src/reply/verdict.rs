//! How sure the bot is: whether to answer, to ask what is meant, or to say that it does not know.

use crate::recognise::{self, search_bounds};
use crate::text::Language;

/// An entry's place in the base and its score.
pub(super) type Scored = (usize, f64);

/// The scores at which the bot acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    /// From here on it answers.
    pub(super) sure: f64,
    /// From here on it asks whether that is meant.
    pub(super) unsure: f64,
    /// The share of the best score from which on another entry may be meant just as well.
    pub(super) close: f64,
}

/// What the scores say.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    /// It is this entry.
    Sure(Scored),
    /// It may be any of these, the likeliest first.
    Close(Vec<Scored>),
    /// It is none.
    Unknown,
}

/// Entries that the customer is asked about at most.
const CHOICES: usize = 3;

impl Bounds {
    /// Those of the search by words in a language.
    pub(super) fn of(language: Language) -> Self {
        Self::from(search_bounds(language))
    }

    /// What a ranking says, the best first.
    pub(super) fn verdict(&self, ranked: &[Scored]) -> Verdict {
        let Some(&(place, best)) = ranked.first().filter(|(_, score)| *score >= self.unsure) else {
            return Verdict::Unknown;
        };
        // An entry's own question is never unclear.
        let bound = if best >= 1.0 { 1.0 } else { (best * self.close).max(self.unsure) };
        let bound = if best < self.sure { self.unsure } else { bound };
        let near: Vec<_> = ranked.iter().copied().take(CHOICES).take_while(|(_, score)| *score >= bound).collect();
        if best >= self.sure && near.len() < 2 { Verdict::Sure((place, best)) } else { Verdict::Close(near) }
    }
}

const CLOSE: f64 = 0.95;

impl From<recognise::Bounds> for Bounds {
    fn from(recognise::Bounds { sure, unsure }: recognise::Bounds) -> Self {
        Self { sure, unsure, close: CLOSE }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_become_verdicts() {
        let bounds = Bounds { sure: 0.5, unsure: 0.3, close: 0.9 };
        for (scores, expected) in [
            (&[][..], Verdict::Unknown),
            (&[0.29], Verdict::Unknown),
            (&[0.5], Verdict::Sure((0, 0.5))),
            (&[0.8, 0.71], Verdict::Sure((0, 0.8))),
            (&[0.8, 0.73, 0.1], Verdict::Close(vec![(0, 0.8), (1, 0.73)])),
            (&[0.8, 0.8, 0.8, 0.8], Verdict::Close(vec![(0, 0.8), (1, 0.8), (2, 0.8)])),
            (&[0.52, 0.48], Verdict::Close(vec![(0, 0.52), (1, 0.48)])),
            (&[0.4, 0.2], Verdict::Close(vec![(0, 0.4)])),
            (&[0.4, 0.31], Verdict::Close(vec![(0, 0.4), (1, 0.31)])),
            (&[1.0, 0.99], Verdict::Sure((0, 1.0))),
        ] {
            let ranked: Vec<_> = scores.iter().copied().enumerate().collect();
            assert_eq!(bounds.verdict(&ranked), expected, "{scores:?}");
        }
    }
}
