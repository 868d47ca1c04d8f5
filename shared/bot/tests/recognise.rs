//! The demo shop with models, trained as publishing trains them: they understand more than the search alone, say less to
//! what is none of the shop's business, and come back from their bytes. What needs the sentence encoder says so where
//! `cargo local encoder` has not put it below `target/local/encoder`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking; the figures are worth reading"
)]

mod fresh;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use bot::encode::Encoder;
use bot::knowledge::{Artifact, ArtifactError, KnowledgeBase, Phrasings, Source, check, compile};
use bot::text::{Language, canonical, detect};
use bot::{Answer, Bot, By, Input, Query};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn source(path: &Path) -> Source {
    Source { file: path.display().to_string(), text: fs::read_to_string(path).unwrap() }
}

fn encoder() -> Option<Arc<Encoder>> {
    static ENCODER: LazyLock<Option<Arc<Encoder>>> = LazyLock::new(|| {
        let bytes = fs::read(root().join("target/local/encoder/encoder.fduse")).ok()?;
        Some(Arc::new(Encoder::from_bytes(bytes).unwrap()))
    });
    let found = ENCODER.clone();
    if found.is_none() {
        println!("skipped: there is no sentence encoder; `cargo local encoder` makes it");
    }
    found
}

/// The shop without models.
fn plain() -> Artifact {
    let folder = fs::read_dir(root().join("infra/scenarios/shop/knowledge")).unwrap();
    let files = folder.map(|entry| source(&entry.unwrap().path()));
    compile(check(&files.collect::<Vec<_>>()).base.unwrap()).unwrap()
}

/// The shop as it is published without the encoder.
fn words() -> &'static Artifact {
    static TRAINED: LazyLock<Artifact> = LazyLock::new(|| plain().train(None));
    &TRAINED
}

/// How a bot does on messages.
#[derive(Debug, Default)]
struct Score {
    asked: usize,
    first: usize,
    answered: usize,
    wrong: usize,
}

/// Of each language, the phrasings that nobody tuned on, and what is none of the shop's business.
fn score(bot: &Bot, base: &KnowledgeBase) -> BTreeMap<(Language, &'static str), Score> {
    let read = |file: &str| Phrasings::read(&source(&root().join(file)), base).unwrap();
    let (unseen, tuning) = (read("infra/scenarios/shop/phrasings.yaml"), read("shared/bot/tests/tuning.yaml"));
    let mut messages: Vec<(Language, &str, String, Option<String>)> = Vec::new();
    for (id, languages) in &unseen.0 {
        let entry = base.entries.iter().find(|entry| entry.id == *id).unwrap();
        for (language, list) in languages {
            let tuned = tuning.0.get(id).and_then(|languages| languages.get(language)).into_iter().flatten();
            let own = entry.questions.get(language).into_iter().flatten();
            let known: Vec<_> = own.chain(tuned).map(|q| canonical(q)).collect();
            let fresh = list.iter().filter(|phrasing| !known.contains(&canonical(phrasing)));
            messages.extend(fresh.map(|phrasing| (*language, "unseen", phrasing.clone(), Some(id.clone()))));
        }
    }
    for line in include_str!("off_topic.txt").lines().filter(|line| !line.starts_with('#')) {
        messages.push((detect(line).unwrap(), "off topic", line.to_owned(), None));
    }
    let mut scores: BTreeMap<(Language, &str), Score> = BTreeMap::new();
    for (language, kind, text, expected) in messages {
        let guesses = bot.guess(&text, Some(language.code()));
        let score = scores.entry((language, kind)).or_default();
        let best = guesses.list.first();
        let right = best.is_some_and(|best| expected.as_deref() == Some(best.entry));
        let answers = best.is_some_and(|best| best.score >= guesses.bounds.sure);
        score.asked += 1;
        score.first += usize::from(right);
        score.answered += usize::from(right && answers);
        score.wrong += usize::from(!right && answers);
    }
    for ((language, kind), score) in &scores {
        println!("{language} {kind}: {score:?}");
    }
    scores
}

#[test]
fn the_model_of_words_does_better_than_the_search() {
    let base = plain();
    let search = score(&Bot::load(&base), base.base());
    let model = score(&Bot::load(words()), base.base());
    for language in Language::ALL {
        let (before, after) = (&search[&(language, "unseen")], &model[&(language, "unseen")]);
        assert!(after.first > before.first, "{language}: {after:?} after {before:?}");
        assert!(after.answered > before.answered, "{language}: {after:?} after {before:?}");
        assert!(after.wrong < before.wrong, "{language}: {after:?} after {before:?}");
        let off_topic = &model[&(language, "off topic")];
        assert!(off_topic.wrong * 6 <= off_topic.asked, "{language}: {off_topic:?}");
    }
}

#[test]
fn the_encoder_does_better_still() {
    let Some(encoder) = encoder() else { return };
    let artifact = plain().train(Some(&encoder));
    let read = Artifact::from_bytes(artifact.bytes().to_vec()).unwrap();
    assert_eq!(read, artifact);
    let without = score(&Bot::load(words()), artifact.base());
    let bot = Bot::load_with(&read, Some(Arc::clone(&encoder)));
    assert_eq!(bot.understands_by(), By::Encoder);
    let with = score(&bot, artifact.base());
    for language in Language::ALL {
        let (before, after) = (&without[&(language, "unseen")], &with[&(language, "unseen")]);
        assert!(after.first > before.first, "{language}: {after:?} after {before:?}");
        assert!(after.answered > before.answered, "{language}: {after:?} after {before:?}");
        assert!(after.wrong <= before.wrong, "{language}: {after:?} after {before:?}");
        let off_topic = &with[&(language, "off topic")];
        assert!(off_topic.wrong * 20 <= off_topic.asked, "{language}: {off_topic:?}");
    }
    // A responder without the weights, or with others, falls back on the model of words.
    let bare = Bot::load(&read);
    assert_eq!(bare.understands_by(), By::Words);
    for text in ["怎么退货", "where is my parcel", "bananas"] {
        assert_eq!(bare.guess(text, None), Bot::load(words()).guess(text, None), "{text}");
    }
    let mut other = fs::read(root().join("target/local/encoder/encoder.fduse")).unwrap();
    // The first byte of its fingerprint.
    other[8] ^= 1;
    let other = Arc::new(Encoder::from_bytes(other).unwrap());
    assert_eq!(Bot::load_with(&read, Some(other)).understands_by(), By::Words);
    assert_eq!(Bot::load_with(words(), Some(encoder)).understands_by(), By::Words);
}

#[test]
fn an_english_question_finds_what_only_chinese_phrasings_ask() {
    let Some(encoder) = encoder() else { return };
    let base = "\
languages: [zh, en]
texts:
  unknown: {zh: 不知道, en: I do not know}
  handoff_offer_title: {zh: 转人工, en: Talk to a person}
  handoff_accepted: {zh: 马上来人, en: A person will come}
  greeting: {zh: 您好, en: Hello}
  unsupported: {zh: 看不懂, en: I cannot read this}
";
    // The English side has one odd phrasing each, which shares no word with the questions.
    let entries = "\
entries:
  - id: returns
    questions: {zh: [怎么退货, 不想要了可以退吗, 买错了想退掉, 退货流程是什么, 收到货不满意能退吗], en: [RMA]}
    answer: {zh: 七天内可退, en: Within seven days}
    title: {zh: 退货, en: RMA}
  - id: shipping
    questions: {zh: [多久能送到, 几天能到货, 快递要几天, 什么时候到货, 包裹几天送达], en: [ETA]}
    answer: {zh: 三天送到, en: Three days}
    title: {zh: 送达, en: ETA}
  - id: hours
    questions: {zh: [几点开门, 营业时间是几点, 周末营业吗, 晚上几点关门, 今天开门吗], en: [Timetable]}
    answer: {zh: 九点到六点, en: Nine to six}
    title: {zh: 营业时间, en: Timetable}
";
    let source = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    let report = check(&[source("base.yaml", base), source("a.yaml", entries)]);
    let artifact = compile(report.base.unwrap()).unwrap().train(Some(&encoder));
    let bot = Bot::load_with(&artifact, Some(encoder));
    for (text, expected) in [
        ("can I send back something that I bought", "Within seven days"),
        ("how long until my parcel gets here", "Three days"),
        ("when does the store open", "Nine to six"),
        ("买错东西了能退回去吗", "七天内可退"),
    ] {
        let guesses = bot.guess(text, None);
        let asked = Query::new(Input::Text(text));
        let Answer::Entry { text: said, .. } = bot.answer(&asked) else { panic!("{text}: {guesses:?}") };
        assert_eq!(said, expected, "{text}: {guesses:?}");
    }
}

#[test]
fn its_own_questions_are_certain() {
    let bot = Bot::load(words());
    for entry in &words().base().entries {
        for (language, questions) in &entry.questions {
            for question in questions {
                let guesses = bot.guess(question, Some(language.code()));
                let best = guesses.list.first().unwrap();
                assert!(best.entry == entry.id && best.score >= 1.0, "{question}: {best:?}");
            }
        }
    }
}

#[test]
fn scores_are_chances_and_fall() {
    let bot = Bot::load(words());
    for text in ["退货运费谁出", "where is it", "", "?!", "😀", "zzz", &"长".repeat(3000)] {
        let guesses = bot.guess(text, None);
        assert!(guesses.list.iter().all(|guess| (0.0..=1.0).contains(&guess.score)), "{text}");
        assert!(guesses.list.is_sorted_by(|a, b| a.score >= b.score), "{text}");
        assert!(guesses.bounds.unsure < guesses.bounds.sure);
    }
}

#[test]
fn the_same_base_gives_the_same_bytes() {
    let plain = plain();
    let again = plain.train(None);
    assert_eq!(again.bytes(), words().bytes());
    assert_eq!(again.version(), plain.version_trained(None));
    assert_ne!(again.version(), plain.version());
    assert!(again.bytes().len() < 4_000_000, "{} bytes", again.bytes().len());
    if let Some(encoder) = encoder() {
        assert_ne!(plain.version_trained(Some(&encoder)), plain.version_trained(None));
    }
}

#[test]
fn older_artifacts_answer_as_they_did() {
    let plain = plain();
    let read = Artifact::from_bytes(plain.bytes().to_vec()).unwrap();
    let bot = Bot::load_with(&read, encoder());
    assert_eq!((bot.understands_by(), read.version()), (By::Search, plain.version()));
}

#[test]
fn damaged_artifacts_are_refused() {
    let bytes = words().bytes();
    let no = |bytes: &[u8]| Artifact::from_bytes(bytes.to_vec()).unwrap_err();
    assert_eq!(Artifact::from_bytes(bytes.to_vec()).unwrap(), *words());
    for end in [4, 5, 13, 17, 18, 1000, bytes.len() - 1] {
        no(&bytes[..end]);
    }
    assert!(matches!(no(&[bytes, b"!"].concat()), ArtifactError::Models(_)));
    let mut flipped = bytes.to_vec();
    let middle = bytes.len() - 100_000;
    flipped[middle] ^= 1;
    assert!(matches!(no(&flipped), ArtifactError::Models(_)));
    let mut newer = bytes.to_vec();
    newer[4] = 9;
    assert!(matches!(no(&newer), ArtifactError::Format { found: 9 }));
    // The models of one base under another's document.
    let text = String::from_utf8_lossy(plain().bytes()).replace("\"account.delete\"", "\"account.remove\"");
    let mut mixed = bytes[..14].to_vec();
    mixed.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
    mixed.extend(text.as_bytes());
    mixed.extend(&bytes[18 + plain().bytes().len()..]);
    assert!(matches!(no(&mixed), ArtifactError::Models(_)));
}

/// A phrasing with one slip of the fingers in its longest English word: two letters swapped, one left out, or one doubled.
fn slip(phrasing: &str, at: usize) -> Option<String> {
    let word = phrasing.split(|c: char| !c.is_ascii_alphabetic()).max_by_key(|word| word.len())?;
    let middle = word.len() / 2;
    let (before, after) = (word.get(..middle)?, word.get(middle..)?);
    let (first, second) = (after.get(..1)?, after.get(1..2)?);
    let slipped = match at % 3 {
        0 => format!("{before}{second}{first}{}", after.get(2..)?),
        1 => format!("{before}{}", after.get(1..)?),
        _ => format!("{before}{first}{after}"),
    };
    (word.len() >= 5 && slipped != word).then(|| phrasing.replacen(word, &slipped, 1))
}

#[test]
fn slips_of_the_fingers_are_understood() {
    let base = plain();
    let tuning = Phrasings::read(&source(&root().join("shared/bot/tests/tuning.yaml")), base.base()).unwrap();
    let mut pairs: Vec<(&str, &str, String)> = Vec::new();
    for (id, phrasings) in &tuning.0 {
        for phrasing in phrasings.get(&Language::En).into_iter().flatten() {
            pairs.extend(slip(phrasing, pairs.len()).map(|slipped| (id.as_str(), phrasing.as_str(), slipped)));
        }
    }
    assert!(pairs.len() >= 150, "{}", pairs.len());
    let check = |name: &str, bot: &Bot, least: usize| {
        let told = |text: &str, id: &str| {
            let guesses = bot.guess(text, Some("en"));
            guesses.list.first().is_some_and(|best| best.entry == id && best.score >= guesses.bounds.sure)
        };
        let right = pairs.iter().filter(|(id, phrasing, _)| told(phrasing, id)).count();
        let slipped = pairs.iter().filter(|(id, _, slipped)| told(slipped, id)).count();
        println!("{name}: of {} answered rightly as they stand {right}, with a slip {slipped}", pairs.len());
        assert!(slipped * 100 >= right * least, "{name}: {slipped} after {right}");
    };
    check("search", &Bot::load(&base), 80);
    check("words", &Bot::load(words()), 80);
    if let Some(encoder) = encoder() {
        check("encoder", &Bot::load_with(&plain().train(Some(&encoder)), Some(encoder)), 80);
    }
}
