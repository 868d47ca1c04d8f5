//! The terms of a passage or question: words of alphabetic scripts, stemmed, and Chinese characters in pairs and singly.

use crate::text::{is_han, normalise, stem};

/// How much a Chinese character counts that stands in pairs too, when other terms count 1.
const SINGLE: f32 = 0.3;

/// Calls `each` with every term, and how much its kind counts.
pub(super) fn terms(text: &str, mut each: impl FnMut(&str, f32)) {
    let spelt = normalise(text);
    for run in spelt.split(|c: char| !c.is_alphanumeric()).filter(|run| !run.is_empty()) {
        let mut rest = run;
        while let Some(first) = rest.chars().next() {
            let chinese = is_han(first);
            let end = rest.find(|c| is_han(c) != chinese).unwrap_or(rest.len());
            let (part, after) = rest.split_at_checked(end).unwrap_or((rest, ""));
            rest = after;
            if chinese { pairs(part, &mut each) } else { each(stem(part), 1.0) }
        }
    }
}

fn pairs(run: &str, each: &mut impl FnMut(&str, f32)) {
    let bounds: Vec<usize> = run.char_indices().map(|(at, _)| at).chain([run.len()]).collect();
    let alone = if bounds.len() == 2 { 1.0 } else { SINGLE };
    for (length, counts) in [(1, alone), (2, 1.0)] {
        for (start, end) in bounds.iter().zip(bounds.iter().skip(length)) {
            run.get(*start..*end).into_iter().for_each(|term| each(term, counts));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_texts_apart() {
        for (text, expected) in [
            ("退貨運費", &["退", "货", "运", "费", "退货", "货运", "运费"][..]),
            ("TiKV 的 v5.4", &["tikv", "的", "v5", "4"]),
            ("Deliveries, delivered!", &["deliver", "deliver"]),
            ("用PayPal付款", &["用", "paypal", "付", "款", "付款"]),
            ("", &[]),
        ] {
            let mut found = Vec::new();
            terms(text, |term, _| found.push(term.to_owned()));
            assert_eq!(found, expected, "{text}");
        }
    }
}
