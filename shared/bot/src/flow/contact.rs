//! Telephone numbers and mail addresses in what people write and say.

use std::collections::BTreeSet;

use super::spoken::runs;

/// The telephone number, as in E.164: a mobile of mainland China, or one with its country's code. Written, else said digit by
/// digit. `None` also where there are two: the wrong one would be called.
pub(super) fn phone(text: &str) -> Option<String> {
    let said = || {
        // An article stands before the number, and is none of its letters.
        let digits = |code: &str| Some(code.rsplit(|c: char| c.is_ascii_alphabetic()).next()?.to_owned());
        runs(text)
            .into_iter()
            .filter(|run| run.spoken)
            .filter_map(|run| digits(&run.code))
            .flat_map(|run| written(&run))
            .collect::<BTreeSet<String>>()
    };
    let found = written(text);
    only(if found.is_empty() { said() } else { found })
}

fn only(found: BTreeSet<String>) -> Option<String> {
    if found.len() > 1 { None } else { found.into_iter().next() }
}

fn written(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut digits = String::new();
    let mut international = false;
    for c in text.chars().chain(['\n']) {
        match c {
            '0'..='9' => digits.push(c),
            '+' => {
                found.extend(whole(&digits, international));
                digits.clear();
                international = true;
            }
            ' ' | '-' | '(' | ')' | '.' if !digits.is_empty() => {}
            _ => {
                found.extend(whole(&digits, international));
                digits.clear();
                international = false;
            }
        }
    }
    found
}

fn whole(digits: &str, international: bool) -> Option<String> {
    let mobile = |number: &str| {
        number.len() == 11 && number.starts_with('1') && number.as_bytes().get(1).is_some_and(|second| *second >= b'3')
    };
    let bare = digits.strip_prefix("0086").or_else(|| digits.strip_prefix("86").filter(|rest| mobile(rest)));
    let bare = bare.unwrap_or(digits);
    if mobile(bare) && !(international && bare.len() == digits.len()) {
        return Some(format!("+86{bare}"));
    }
    let other = international && (8..=15).contains(&digits.len()) && !digits.starts_with('0');
    (other && !digits.starts_with("86")).then(|| format!("+{digits}"))
}

/// The mail address, in small letters: written, else with its signs said: "ann at example dot com". `None` also where there
/// are two.
pub(super) fn email(text: &str) -> Option<String> {
    let said = || {
        let mut plain = text.to_ascii_lowercase();
        for (words, sign) in SIGNS {
            plain = plain.replace(words, sign);
        }
        addresses(&plain)
    };
    let found = addresses(text);
    only(if found.is_empty() { said() } else { found })
}

/// What signs of an address are called.
const SIGNS: [(&str, &str); 14] = [
    (" underscore ", "_"),
    (" dash ", "-"),
    ("(at)", "@"),
    ("[at]", "@"),
    (" at ", "@"),
    ("艾特", "@"),
    (" @ ", "@"),
    ("(dot)", "."),
    ("[dot]", "."),
    (" dot ", "."),
    (" 点 ", "."),
    ("点", "."),
    (" @", "@"),
    ("@ ", "@"),
];

fn addresses(text: &str) -> BTreeSet<String> {
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '@' | '%');
    let found = text.split(|c: char| !part(c)).map(|word| word.trim_matches('.')).filter_map(|word| {
        let (name, host) = word.split_once('@')?;
        let labels = host.split('.').all(|label| {
            !label.is_empty() && !label.starts_with('-') && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        });
        let good = !name.is_empty() && labels && host.contains('.') && word.len() <= 64;
        good.then(|| word.to_ascii_lowercase())
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_telephone_numbers() {
        for (text, expected) in [
            ("13800138000", Some("+8613800138000")),
            ("我的电话138 0013 8000，谢谢", Some("+8613800138000")),
            ("+86 138-0013-8000", Some("+8613800138000")),
            ("0086 13800138000", Some("+8613800138000")),
            ("+44 20 7946 0958", Some("+442079460958")),
            ("+1 (202) 555-0143", Some("+12025550143")),
            ("138.0013.8000", Some("+8613800138000")),
            ("12345", None),
            ("13800138000 或者 13900139000", None),
            ("13800138000，再说一遍 138 0013 8000", Some("+8613800138000")),
            ("+86 13800138000 or +44 20 7946 0958", None),
            ("12800138000", None),
            ("+86 1234", None),
            ("", None),
            ("幺三八零零一三八零零零", Some("+8613800138000")),
            ("一三八 零零一三 八零零零", Some("+8613800138000")),
            ("电话是幺三八，零零一三，八〇〇〇，谢谢", Some("+8613800138000")),
            ("我只有一个号码幺三八零零一三八零零零", Some("+8613800138000")),
            ("one three eight double oh one three eight triple oh", Some("+8613800138000")),
            ("it's 138 double zero one three eight oh oh oh", Some("+8613800138000")),
            ("plus four four two oh, seven nine four six, oh nine five eight", Some("+442079460958")),
            ("一百三十八", None),
            ("one three eight double oh", None),
            ("一二三四五六七八九零一二三", None),
        ] {
            assert_eq!(phone(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn reads_mail_addresses() {
        for (text, expected) in [
            ("写到Ann.Lee+x@Example.com吧", Some("ann.lee+x@example.com")),
            ("it is a@b.example.", Some("a@b.example")),
            ("it's ann dot lee at example dot com", Some("ann.lee@example.com")),
            ("ann @ example.com", Some("ann@example.com")),
            ("ann(at)example(dot)com", Some("ann@example.com")),
            ("ann艾特example点com", Some("ann@example.com")),
            ("meet me at noon. Thanks", None),
            ("a@b.example or c@d.example", None),
            ("a@b.example, yes, A@b.example", Some("a@b.example")),
            ("a@b", None),
            ("@b.example", None),
            ("a@-b.example", None),
            ("a@b..example", None),
        ] {
            assert_eq!(email(text).as_deref(), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn are_total(text in "[0-9+ ()@.a-z-]{0,40}|\\PC{0,40}") {
            phone(&text);
            email(&text);
        }
    }
}
