//! The trained model: it learns, says the same each time, survives its bytes, and refuses what is strange.

#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use bot::understand::{Model, WireError};
use proptest::prelude::*;

/// Phrasings of three things that customers of a shop ask, in two languages.
const PHRASINGS: [(&str, &str); 24] = [
    ("where is my order", "order"),
    ("track my parcel", "order"),
    ("has my order been shipped yet", "order"),
    ("when does my package arrive", "order"),
    ("我的订单到哪了", "order"),
    ("查一下物流", "order"),
    ("快递怎么还没到", "order"),
    ("包裹什么时候送到", "order"),
    ("I want my money back", "refund"),
    ("how do I return a shirt", "refund"),
    ("refund this purchase please", "refund"),
    ("can I send it back", "refund"),
    ("怎么退货", "refund"),
    ("我要退款", "refund"),
    ("退货的钱什么时候到账", "refund"),
    ("不想要了可以退吗", "refund"),
    ("what are your opening hours", "hours"),
    ("when do you open", "hours"),
    ("are you open on sunday", "hours"),
    ("until what time can I come by", "hours"),
    ("你们几点开门", "hours"),
    ("营业时间是几点到几点", "hours"),
    ("周末营业吗", "hours"),
    ("今天关门了吗", "hours"),
];

fn best<'a>(model: &'a Model, text: &str) -> (&'a str, f32) {
    let found = model.understand(text, &[]);
    (model.labels()[found.best].as_str(), found.confidence)
}

#[test]
fn understands_other_words_for_the_same() {
    let model = Model::train(&PHRASINGS, &[]);
    assert_eq!(model.labels(), ["hours", "order", "refund"]);
    for (text, label) in [
        ("my parcel, where is it?", "order"),
        ("订单物流查一下", "order"),
        ("I'd like a refund", "refund"),
        ("請問怎麼退貨呢", "refund"),
        ("ＯＰＥＮ ｏｎ Ｓａｔｕｒｄａｙ？", "hours"),
        ("周日几点开门😀", "hours"),
        ("我的order到哪了", "order"),
    ] {
        assert_eq!(best(&model, text).0, label, "{text}");
    }
}

#[test]
fn is_less_sure_of_what_is_strange() {
    let model = Model::train(&PHRASINGS, &[]);
    let (_, known) = best(&model, "track my order please");
    for strange in ["bake sourdough bread", "量子纠缠", "", "?!", "zzz"] {
        let (_, unknown) = best(&model, strange);
        assert!(unknown < known * 0.7, "{strange}: {unknown} beside {known}");
    }
    let (_, strange) = best(&model, "bake sourdough bread");
    assert!(strange < model.threshold() || strange < 0.3, "{strange} {}", model.threshold());
}

#[test]
fn probabilities_sum_to_one() {
    let model = Model::train(&PHRASINGS, &[]);
    for text in ["track it", "退货", ""] {
        let found = model.understand(text, &[]);
        assert!((found.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        assert!(found.probabilities.iter().all(|p| *p <= found.probabilities[found.best]));
    }
}

#[test]
fn the_same_phrasings_give_the_same_bytes() {
    let bytes = Model::train(&PHRASINGS, &[]).to_bytes();
    assert_eq!(Model::train(&PHRASINGS, &[]).to_bytes(), bytes);
    assert!(bytes.len() < 40_000, "{} bytes", bytes.len());
}

#[test]
fn learns_from_vectors_too() {
    // Vectors that tell the classes apart, while the texts do not.
    let texts: Vec<String> = (0..30).map(|at| format!("text {at}")).collect();
    let labels = ["a", "b", "c"];
    let phrasings: Vec<(&str, &str)> = texts.iter().enumerate().map(|(at, t)| (t.as_str(), labels[at % 3])).collect();
    let vector = |class: usize| (0..8).map(move |d| if d == class { 1.0 } else { 0.0 });
    let vectors: Vec<f32> = (0..30).flat_map(|at| vector(at % 3)).collect();
    let model = Model::train(&phrasings, &vectors);
    let model = Model::from_bytes(&model.to_bytes()).unwrap();
    for (class, label) in labels.iter().enumerate() {
        let near: Vec<f32> = vector(class).collect();
        let found = model.understand("another text", &near);
        assert_eq!(model.labels()[found.best], *label);
        let far = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0];
        assert!(model.understand("another text", &far).confidence < found.confidence * 0.1);
    }
}

#[test]
fn few_phrasings_do_no_harm() {
    for phrasings in [&[][..], &[("only", "one")], &[("a", "x"), ("b", "y")], &[("", "x"), ("", "y")]] {
        let model = Model::train(phrasings, &[]);
        model.understand("anything", &[]);
        assert_eq!(Model::from_bytes(&model.to_bytes()).unwrap(), model);
    }
}

#[test]
fn refuses_what_is_no_model() {
    let model = Model::train(&PHRASINGS, &[]);
    let bytes = model.to_bytes();
    assert_eq!(Model::from_bytes(&bytes).unwrap(), model);
    assert_eq!(Model::from_bytes(b"{}"), Err(WireError::NoModel));
    assert_eq!(Model::from_bytes(&[&bytes[..], b"!"].concat()), Err(WireError::Damaged));
    let mut newer = bytes.clone();
    newer[5] = 9;
    assert_eq!(Model::from_bytes(&newer), Err(WireError::Format(9)));
    for end in 0..bytes.len() {
        assert!(Model::from_bytes(&bytes[..end]).is_err(), "{end}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_damaged_model_never_panics(at in 6_usize..4000, junk in any::<u8>()) {
        let mut bytes = Model::train(&PHRASINGS[..8], &[]).to_bytes();
        let at = at % bytes.len();
        bytes[at] = junk;
        if let Ok(model) = Model::from_bytes(&bytes) {
            model.understand("where is my order", &[]);
        }
    }
}

/// Requests in Chinese travel dialogues (`CrossWOZ`), ten phrasings a class: the share that is understood on the
/// development part. The set is no part of the project; without it beside the project, this says so.
#[test]
fn understands_travellers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/nlu/crosswoz_req");
    let read = |name: &str| -> Option<Vec<(String, String)>> {
        let text = fs::read_to_string(folder.join(name)).ok()?;
        Some(text.lines().filter_map(|l| l.split_once('\t')).map(|(t, l)| (t.to_owned(), l.to_owned())).collect())
    };
    let (Some(train), Some(dev)) = (read("train_10_s0.tsv"), read("dev.tsv")) else {
        println!("skipped: there is no data set at {}", folder.display());
        return;
    };
    let train: Vec<(&str, &str)> = train.iter().map(|(text, label)| (text.as_str(), label.as_str())).collect();
    let model = Model::train(&train, &[]);
    let right = dev.iter().filter(|(text, label)| best(&model, text).0 == label).count();
    println!("{right} of {} understood", dev.len());
    assert!(right * 100 >= dev.len() * 84);
}
