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
    /// Where scores are chances, which entries that may be meant share: the share of the best score from which on another
    /// is asked about with it.
    pub(super) tied: Option<f64>,
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
        let Some(&(place, best)) = ranked.first() else { return Verdict::Unknown };
        if let Some(tied) = self.tied.filter(|_| best < self.sure) {
            let near = ranked.iter().copied().take(CHOICES).take_while(|(_, score)| *score >= best * tied);
            let near: Vec<_> = near.collect();
            let together: f64 = near.iter().map(|(_, score)| score).sum();
            let ask = best >= self.unsure || together >= TOGETHER;
            return if ask { Verdict::Close(near) } else { Verdict::Unknown };
        }
        if best < self.unsure {
            return Verdict::Unknown;
        }
        // An entry's own question is never unclear.
        let bound = if best >= 1.0 { 1.0 } else { (best * self.close).max(self.unsure) };
        let bound = if best < self.sure { self.unsure } else { bound };
        let near: Vec<_> = ranked.iter().copied().take(CHOICES).take_while(|(_, score)| *score >= bound).collect();
        if best >= self.sure && near.len() < 2 { Verdict::Sure((place, best)) } else { Verdict::Close(near) }
    }
}

const CLOSE: f64 = 0.95;
const TIED: f64 = 0.5;
/// How likely one of several is meant that are too unlikely each.
const TOGETHER: f64 = 0.7;

impl From<recognise::Bounds> for Bounds {
    fn from(recognise::Bounds { sure, unsure, chances }: recognise::Bounds) -> Self {
        Self { sure, unsure, close: CLOSE, tied: chances.then_some(TIED) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_become_verdicts() {
        let bounds = Bounds { sure: 0.5, unsure: 0.3, close: 0.9, tied: None };
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

    #[test]
    fn entries_that_share_a_chance_are_asked_about_together() {
        let bounds = Bounds { sure: 0.6, unsure: 0.35, close: 0.95, tied: Some(0.5) };
        for (scores, expected) in [
            (&[0.61, 0.3][..], Verdict::Sure((0, 0.61))),
            (&[0.45, 0.44], Verdict::Close(vec![(0, 0.45), (1, 0.44)])),
            (&[0.3, 0.29, 0.28], Verdict::Close(vec![(0, 0.3), (1, 0.29), (2, 0.28)])),
            (&[0.4, 0.1], Verdict::Close(vec![(0, 0.4)])),
            (&[0.3, 0.14, 0.13], Verdict::Unknown),
            (&[0.2, 0.19, 0.18], Verdict::Unknown),
        ] {
            let ranked: Vec<_> = scores.iter().copied().enumerate().collect();
            assert_eq!(bounds.verdict(&ranked), expected, "{scores:?}");
        }
    }
}
