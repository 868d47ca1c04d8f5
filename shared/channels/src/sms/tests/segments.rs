//! Segments: known answers, and what holds of any text. The conformance suite asks Twilio's own calculator.

use proptest::prelude::*;

use super::super::segments::{Encoding, Segments, segments};

#[test]
fn known_texts_cost_what_they_cost() {
    use Encoding::{Gsm7, Ucs2};
    let pair = format!("{}{{{}", "a".repeat(152), "a".repeat(152));
    for (text, encoding, count) in [
        (String::new(), Gsm7, 1),
        ("a".repeat(160), Gsm7, 1),
        ("a".repeat(161), Gsm7, 2),
        ("a".repeat(306), Gsm7, 2),
        ("a".repeat(307), Gsm7, 3),
        ("€".repeat(80), Gsm7, 1),
        ("€".repeat(81), Gsm7, 2),
        // The pair cannot straddle: 306 septets, but a part is left one short.
        (pair, Gsm7, 3),
        ("line\r\nbreak".to_owned(), Gsm7, 1),
        ("好".repeat(70), Ucs2, 1),
        ("好".repeat(71), Ucs2, 2),
        ("好".repeat(134), Ucs2, 2),
        ("好".repeat(135), Ucs2, 3),
        ("😀".repeat(35), Ucs2, 1),
        ("😀".repeat(36), Ucs2, 2),
        ("😀".repeat(67), Ucs2, 3),
        // One letter outside the alphabet makes all of it dear.
        (format!("{}’", "a".repeat(70)), Ucs2, 2),
        ("ç".to_owned(), Ucs2, 1),
        ("Ç".to_owned(), Gsm7, 1),
    ] {
        assert_eq!(segments(&text), Segments { encoding, count }, "{}", text.chars().take(9).collect::<String>());
    }
}

proptest! {
    #[test]
    fn a_text_that_grows_never_costs_less(text in "[a-z €{好😀\u{301}]{0,400}") {
        let letters: Vec<char> = text.chars().collect();
        let costs: Vec<usize> =
            (0..=letters.len()).step_by(7).map(|most| segments(&letters[..most].iter().collect::<String>()).count).collect();
        prop_assert!(costs.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", costs);
    }
}
