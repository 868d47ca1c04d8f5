//! Parts: nothing lost, nothing dearer, nothing too long.

use domain::{Button, Content};
use proptest::prelude::*;

use super::super::parts::{MOST, texts};
use super::super::segments::{Encoding, segments};
use super::super::settings::Provider;
use super::text;

fn by(provider: Provider, said: &str) -> Vec<String> {
    texts(&text(said), provider).unwrap()
}

#[test]
fn signs_that_only_look_finer_make_nothing_dearer() {
    for (fine, plain) in [
        ("It’s “ready” – come…", "It's \"ready\" - come..."),
        ("10\u{a0}€ — at\u{202f}noon\u{200b}!", "10 € - at noon!"),
        ("• one\n• two", "- one\n- two"),
    ] {
        assert_eq!(by(Provider::Twilio, fine), [plain]);
        assert_eq!(segments(plain).encoding, Encoding::Gsm7);
    }
    // Where it is dear anyway, nothing is changed; a letter is never replaced.
    for same in ["“好”…", "naïve façade – “ç”", "20 °C…"] {
        assert_eq!(by(Provider::Twilio, same), [same]);
    }
}

#[test]
fn long_answers_are_parted_where_a_reader_would() {
    let sentence = "很长的一句话，要分开发送。";
    let long = sentence.repeat(100);
    for (provider, most) in [(Provider::Twilio, 800), (Provider::Aws, 400)] {
        let parts = by(provider, &long);
        assert!(parts.len() > 1 && parts.concat() == long);
        assert!(parts.iter().all(|part| part.chars().count() <= most && part.ends_with('。')), "{parts:?}");
    }
    assert_eq!(by(Provider::Twilio, &"word ".repeat(319)).len(), 1);
    assert_eq!(by(Provider::Twilio, &"word ".repeat(321)).len(), 2);
}

#[test]
fn choices_are_numbered_and_markup_is_gone() {
    let yes = Button::Postback { title: "Yes".to_owned(), payload: "y".to_owned() };
    let shop = Button::Link { title: "Shop".to_owned(), url: "https://shop.example".to_owned() };
    let content = Content::Buttons { text: "**Sure?**".to_owned(), buttons: vec![yes, shop] };
    assert_eq!(texts(&content, Provider::Aws).unwrap(), ["Sure?\n\n1. Yes\nShop: https://shop.example"]);
}

proptest! {
    #[test]
    fn whatever_is_said_fits_and_is_all_there(said in "[a-zA-Z0-9 .,€{}好，。😀é\n]{0,2500}") {
        for (provider, octets) in [(Provider::Twilio, 2 * MOST), (Provider::Aws, MOST)] {
            let parts = by(provider, &said);
            for part in &parts {
                prop_assert!(part.chars().count() <= MOST);
                let units = part.encode_utf16().count();
                let dear = segments(part).encoding == Encoding::Ucs2;
                prop_assert!(!dear || units * 2 <= octets, "{} units", units);
                prop_assert!(provider == Provider::Twilio || part.len() <= MOST);
            }
            let dense = |text: &str| text.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>();
            prop_assert_eq!(dense(&parts.concat()), dense(&said));
        }
    }
}
