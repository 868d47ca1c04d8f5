//! Phrasings as if they were not known: each is guessed by a model that was trained without it.

use super::folds::Folds;
use super::model::Model;

/// What was guessed of a phrasing.
#[derive(Clone, Debug, PartialEq)]
pub struct Guess {
    /// The label that came first.
    pub label: String,
    /// How sure, from 0 to 1.
    pub confidence: f32,
    /// Whether that is sure enough for the guess to count.
    pub sure: bool,
}

/// Guesses the first `held` phrasings, each by a model that was trained on the other parts; what follows them is always
/// trained on. `vectors` are an encoder's, one after the other, or nothing.
pub fn cross_validate(phrasings: &[(&str, &str)], vectors: &[f32], held: usize, parts: usize) -> Vec<Guess> {
    let held = held.min(phrasings.len());
    let labels: Vec<&str> = phrasings.iter().take(held).map(|(_, label)| *label).collect();
    let mut sorted = labels.clone();
    sorted.sort_unstable();
    sorted.dedup();
    let classes: Vec<usize> = labels.iter().map(|label| sorted.binary_search(label).unwrap_or_default()).collect();
    let folds = Folds::new(&classes, parts.max(2));
    let dimensions = vectors.len() / phrasings.len().max(1);
    let vector = |at: usize| vectors.get(at * dimensions..(at + 1) * dimensions).unwrap_or_default();
    let mut guesses: Vec<Option<Guess>> = vec![None; held];
    for part in 0..parts.max(2) {
        let known: Vec<usize> = (0..phrasings.len()).filter(|at| *at >= held || folds.part(*at) != part).collect();
        let texts: Vec<(&str, &str)> = known.iter().filter_map(|at| phrasings.get(*at).copied()).collect();
        let vectors: Vec<f32> = known.iter().flat_map(|at| vector(*at)).copied().collect();
        let model = Model::train(&texts, &vectors);
        for at in (0..held).filter(|at| folds.part(*at) == part) {
            let Some((text, _)) = phrasings.get(at) else { continue };
            let found = model.understand(text, vector(at));
            let Some(label) = model.labels().get(found.best).cloned() else { continue };
            let sure = found.confidence >= model.threshold();
            guesses.get_mut(at).into_iter().for_each(|place| {
                *place = Some(Guess { label: label.clone(), confidence: found.confidence, sure });
            });
        }
    }
    let none = || Guess { label: String::new(), confidence: 0.0, sure: false };
    guesses.into_iter().map(|guess| guess.unwrap_or_else(none)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A phrasing whose label nobody else has cannot be guessed: it was not trained on.
    #[test]
    fn holds_out_what_it_guesses() {
        let mut phrasings = Vec::new();
        for text in ["send it back", "return it", "how to return", "return a lamp", "give it back", "return this"] {
            phrasings.push((text, "returns"));
        }
        for text in ["pay by card", "pay by phone", "how to pay", "can I pay cash", "pay later", "pay now"] {
            phrasings.push((text, "pay"));
        }
        phrasings.push(("zebra zebra", "alone"));
        let guesses = cross_validate(&phrasings, &[], phrasings.len(), 5);
        assert_eq!(guesses.len(), phrasings.len());
        let right = guesses.iter().zip(&phrasings).filter(|(guess, (_, label))| guess.label == *label).count();
        assert!(right >= 9, "{guesses:?}");
        assert_ne!(guesses.last().unwrap().label, "alone");
        // What stands after those that are held out is always known.
        phrasings.push(("zebra zebra", "alone"));
        let guesses = cross_validate(&phrasings, &[], phrasings.len() - 1, 5);
        assert_eq!(guesses.last().unwrap().label, "alone");
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(cross_validate(&[], &[], 3, 5), []);
    }
}
