//! English words: which carry no meaning of their own, and what stem the others share.

/// Words that say nothing about the subject, sorted. Question words stay out: "how long" and "how much" differ by them.
const LITTLE_WORDS: [&str; 87] = [
    "a", "about", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "being", "but", "by",
    "can", "could", "did", "do", "does", "doing", "done", "for", "from", "had", "has", "have", "he", "hello", "her",
    "hey", "hi", "him", "his", "i", "if", "in", "into", "is", "it", "its", "just", "let", "may", "me", "might", "mine",
    "my", "of", "ok", "okay", "on", "or", "our", "ours", "please", "really", "shall", "she", "should", "so", "some",
    "thank", "thanks", "that", "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "us",
    "was", "we", "were", "will", "with", "would", "yes", "you", "your", "yours",
];

/// Forms that no ending explains, and American spellings, with their base form; sorted by form.
const IRREGULAR: [(&str, &str); 50] = [
    ("arose", "arise"),
    ("authorize", "authorise"),
    ("began", "begin"),
    ("bought", "buy"),
    ("broke", "break"),
    ("broken", "break"),
    ("brought", "bring"),
    ("came", "come"),
    ("catalog", "catalogue"),
    ("center", "centre"),
    ("children", "child"),
    ("chose", "choose"),
    ("chosen", "choose"),
    ("color", "colour"),
    ("customize", "customise"),
    ("favorite", "favourite"),
    ("fell", "fall"),
    ("forgot", "forget"),
    ("forgotten", "forget"),
    ("found", "find"),
    ("gave", "give"),
    ("given", "give"),
    ("gone", "go"),
    ("got", "get"),
    ("gotten", "get"),
    ("gray", "grey"),
    ("held", "hold"),
    ("kept", "keep"),
    ("knew", "know"),
    ("left", "leave"),
    ("lost", "lose"),
    ("made", "make"),
    ("meant", "mean"),
    ("organization", "organisation"),
    ("paid", "pay"),
    ("personalize", "personalise"),
    ("said", "say"),
    ("sent", "send"),
    ("shown", "show"),
    ("sold", "sell"),
    ("spent", "spend"),
    ("stolen", "steal"),
    ("taken", "take"),
    ("told", "tell"),
    ("took", "take"),
    ("unauthorized", "unauthorised"),
    ("went", "go"),
    ("wore", "wear"),
    ("written", "write"),
    ("wrote", "write"),
];

/// A word of an English sentence's frame (article, pronoun, preposition, auxiliary, courtesy). Lower-case only.
pub(crate) fn is_little_word(word: &str) -> bool {
    LITTLE_WORDS.binary_search(&word).is_ok()
}

/// `not` in any dress: `don't`, `didnt`, `cannot`, `never`. Lower-case only.
pub(super) fn is_negation(word: &str) -> bool {
    const BARE: [&str; 13] = [
        "arent", "cannot", "cant", "couldnt", "didnt", "doesnt", "dont", "hasnt", "havent", "isnt", "never", "wasnt",
        "wont",
    ];
    word.ends_with("n't") || BARE.contains(&word)
}

/// What the forms of a word share: `deliveries`, `delivered`, `delivery` → `deliver`. Lower-case only; words that are
/// not plain ASCII letters (codes, numbers) stay as they are.
///
/// A light stemmer: a few endings, no dictionary. The stem needs no meaning, it must only be the same for the forms of
/// one word, so final `e`, `y` and doubled consonants go from every word.
pub(crate) fn stem(word: &str) -> &str {
    if word.len() < 3 || !word.bytes().all(|b| b.is_ascii_lowercase()) {
        return word;
    }
    without_tail(without_ending(base(without_plural(base(word)))))
}

/// The base form of an irregular one; American spelling becomes British.
fn base(word: &str) -> &str {
    let found = IRREGULAR.binary_search_by(|(form, _)| (*form).cmp(word));
    found.ok().and_then(|at| IRREGULAR.get(at)).map_or(word, |(_, base)| base)
}

/// `orders` → `order`, `boxes` → `box`, `deliveries` → `deliveri` (its tail goes later).
fn without_plural(word: &str) -> &str {
    if word.ends_with("ss") || word.ends_with("us") || word.ends_with("is") {
        return word;
    }
    for ending in ["sses", "xes", "ches", "shes", "zes", "ies"] {
        if word.len() > ending.len() + 1 && word.ends_with(ending) {
            return word.strip_suffix("es").unwrap_or(word);
        }
    }
    match word.strip_suffix('s') {
        Some(rest) if rest.len() >= 3 => rest,
        _ => word,
    }
}

/// Verb and noun endings, as long as a stem with a vowel stays.
fn without_ending(word: &str) -> &str {
    for (ending, least) in [
        ("ations", 4),
        ("ation", 4),
        ("ingly", 3),
        ("edly", 3),
        ("ment", 3),
        ("able", 4),
        ("ible", 4),
        ("ness", 4),
        ("ing", 2),
        ("ed", 2),
        ("ly", 3),
        ("al", 5),
    ] {
        if let Some(rest) = word.strip_suffix(ending)
            && rest.len() >= least
            && !(ending == "ed" && rest.ends_with('e'))
            && rest.bytes().any(|b| matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y'))
        {
            return rest;
        }
    }
    word
}

/// Final `e`, `y`, `i` and the second of two equal consonants.
fn without_tail(word: &str) -> &str {
    let tails: &[char] = if word.len() > 3 { &['e', 'y', 'i'] } else { &['e'] };
    let stem = word.strip_suffix(tails).unwrap_or(word);
    let mut back = stem.bytes().rev();
    match (back.next(), back.next()) {
        (Some(last), Some(before)) if last == before && stem.len() > 3 => stem.get(..stem.len() - 1).unwrap_or(stem),
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(LITTLE_WORDS.is_sorted());
        assert!(IRREGULAR.is_sorted());
    }

    #[test]
    fn forms_of_a_word_share_a_stem() {
        for forms in [
            &["order", "orders", "ordered", "ordering"][..],
            &["deliver", "delivers", "delivered", "delivery", "deliveries", "delivering"],
            &["ship", "ships", "shipped", "shipping", "shipment"],
            &["pay", "pays", "paid", "paying", "payment", "payments"],
            &["exchange", "exchanges", "exchanged", "exchanging"],
            &["cancel", "cancels", "cancelled", "canceled", "cancelling", "cancellation"],
            &["refund", "refunds", "refunded", "refundable"],
            &["box", "boxes"],
            &["address", "addresses"],
            &["use", "used", "using", "uses"],
            &["break", "broken", "broke", "breaking"],
            &["buy", "bought", "buying"],
            &["fill", "filled", "filling"],
            &["company", "companies"],
            &["colour", "color", "colors", "colours"],
        ] {
            let stems: Vec<_> = forms.iter().map(|w| stem(w)).collect();
            assert!(stems.windows(2).all(|w| w[0] == w[1]), "{forms:?} → {stems:?}");
        }
    }

    #[test]
    fn different_words_keep_different_stems() {
        for (one, other) in [("ship", "shop"), ("bus", "but"), ("post", "pose"), ("need", "new"), ("bring", "bed")] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
    }

    #[test]
    fn short_words_and_codes_stay() {
        for word in ["us", "is", "x", "sf1234567", "p2p", "need"] {
            assert_eq!(stem(word), word);
        }
    }
}
