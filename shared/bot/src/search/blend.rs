//! Two rankings as one.

use crate::understand::real;

/// The sum of how far each stands out from its mean, in standard deviations. A ranking in which none stands out says
/// nothing. `others` is how much the second counts when the first counts 1.
pub(super) fn sum(one: &[f32], other: &[f32], others: f32) -> Vec<f32> {
    standing_out(one).into_iter().zip(standing_out(other)).map(|(a, b)| a + others * b).collect()
}

fn standing_out(scores: &[f32]) -> Vec<f32> {
    let count = real(scores.len().max(1));
    let mean = scores.iter().sum::<f32>() / count;
    let variance = scores.iter().map(|score| (score - mean) * (score - mean)).sum::<f32>() / count;
    let spread = variance.sqrt();
    scores.iter().map(|score| if spread > 0.0 { (score - mean) / spread } else { 0.0 }).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_stands_out_more_wins() {
        let found = super::sum(&[0.1, 0.1, 0.1, 9.0], &[0.5, 0.6, 0.5, 0.5], 1.0);
        let flat = super::sum(&[1.0; 4], &[0.5, 0.6, 0.5, 0.5], 1.0);
        assert!(found[3] > found[0] && found[1] > found[0]);
        assert!(flat[1] > flat[0] && flat[3] <= flat[0]);
    }
}
