//! The demo shop: its knowledge is sound, answers what people ask in other words, and stays silent on what it does not
//! know.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test fails by panicking")]

use std::fs;
use std::path::{Path, PathBuf};

use bot::knowledge::{Artifact, KnowledgeBase, Phrasings, Source, check, compile};
use bot::text::{Language, canonical};
use bot::{Answer, Bot, Input, Query, evaluate, leave_one_out};
use domain::Notice;

/// The least share of unseen phrasings, in each language, whose entry comes first.
const LEAST_RIGHT: f64 = 0.85;

fn shop() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra/scenarios/shop")
}

fn source(path: &Path) -> Source {
    let file = path.file_name().unwrap().to_string_lossy().into_owned();
    Source { file, text: fs::read_to_string(path).unwrap() }
}

fn knowledge() -> KnowledgeBase {
    let folder = fs::read_dir(shop().join("knowledge")).unwrap();
    let files = folder.map(|entry| entry.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "yaml"));
    let report = check(&files.map(|p| source(&p)).collect::<Vec<_>>());
    for problem in &report.problems {
        println!("{problem}");
    }
    assert!(report.problems.is_empty(), "the demo knowledge has problems");
    report.base.expect("the demo knowledge has errors")
}

fn artifact() -> Artifact {
    compile(knowledge()).unwrap()
}

fn ask<'a>(bot: &'a Bot, text: &str) -> Answer<'a> {
    bot.answer(&Query::new(Input::Text(text)))
}

#[test]
fn has_sixty_entries_in_both_languages() {
    let base = knowledge();
    assert!(base.entries.len() >= 60, "{} entries", base.entries.len());
    assert_eq!(base.languages, Language::ALL);
}

#[test]
fn offers_a_person_where_the_answer_speaks_of_one() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    let input = Input::Postback { payload: "entry:hours.human", title: "Reach a person" };
    let Answer::Entry { replies, .. } = bot.answer(&Query::new(input)) else {
        panic!("the entry is not there");
    };
    assert_eq!(replies.first().map(|reply| reply.payload), Some("handoff"));
}

/// What the texts promise: whoever asks for a person after hours is answered in the morning, and is in line until then.
#[test]
fn keeps_customers_in_line_over_the_night() {
    let base = knowledge();
    let accepted = &base.texts.handoff_accepted;
    let queued = &base.notices[Notice::Queued.name()];
    for (language, hours, promise) in
        [(Language::Zh, "9:00–22:00", "上线后第一时间回复"), (Language::En, "from 9:00 to 22:00", "answer first thing")]
    {
        for text in [accepted, queued].map(|text| text.get(language).unwrap()) {
            assert!(text.contains(hours) && text.contains(promise), "{text}");
        }
    }
    // The longest night is one of the holidays', from 18:00 to 10:00.
    let policy = base.conversation.unwrap();
    assert!(policy.queue_seconds > 16 * 60 * 60, "{} s", policy.queue_seconds);
}

#[test]
fn gets_a_person_by_its_own_words_and_the_usual_ones() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    let policy = artifact.base().conversation.as_ref().unwrap();
    for word in ["掌柜", "店员！", "Shopkeeper"] {
        assert!(policy.asks_for_person(word, false), "{word}");
    }
    assert!(policy.asks_for_person("0", true));
    // The notice of a queue's end names two of them.
    for word in ["人工", "转人工", "agent", "human"] {
        assert!(matches!(ask(&bot, word), Answer::Handoff { .. }), "{word}");
    }
}

#[test]
fn has_words_of_its_own_for_every_notice() {
    let base = knowledge();
    for notice in Notice::ALL {
        assert!(base.notices.contains_key(notice.name()), "{}", notice.name());
    }
}

/// Asks phrasings, prints the misses and the counts, and holds the least share of right ones.
fn measure(artifact: &Artifact, phrasings: &Phrasings, least: f64) {
    let evaluation = evaluate(&Bot::load(artifact), phrasings);
    for miss in &evaluation.misses {
        println!("{miss}");
    }
    for (language, tally) in &evaluation.tallies {
        println!("{language}: {} of {} right, {} of them answered", tally.right, tally.total, tally.answered);
    }
    for (language, tally) in &evaluation.tallies {
        assert!(tally.share() >= least, "{language}: {:.1} % right", tally.share() * 100.0);
    }
}

fn tuning(base: &KnowledgeBase) -> Phrasings {
    let file = Source { file: "tuning.yaml".to_owned(), text: include_str!("tuning.yaml").to_owned() };
    Phrasings::read(&file, base).unwrap()
}

#[test]
fn finds_unseen_phrasings() {
    let artifact = artifact();
    let tuning = tuning(artifact.base());
    let mut phrasings = Phrasings::read(&source(&shop().join("phrasings.yaml")), artifact.base()).unwrap();
    // Two people hit on the same words now and then. What was seen before, word for word, proves nothing.
    let mut seen = 0;
    for (id, languages) in &mut phrasings.0 {
        let entry = artifact.base().entries.iter().find(|e| e.id == *id).unwrap();
        for (language, list) in languages {
            let tuned = tuning.0.get(id).and_then(|languages| languages.get(language)).into_iter().flatten();
            let known: Vec<_> = entry.questions[language].iter().chain(tuned).map(|q| canonical(q)).collect();
            let before = list.len();
            list.retain(|phrasing| !known.contains(&canonical(phrasing)));
            seen += before - list.len();
        }
    }
    println!("{seen} phrasings left out, since they stand word for word in the knowledge or in the tuning set");
    measure(&artifact, &phrasings, LEAST_RIGHT);
}

#[test]
fn finds_the_phrasings_that_it_was_tuned_on() {
    let artifact = artifact();
    measure(&artifact, &tuning(artifact.base()), 0.9);
}

#[test]
fn finds_its_own_questions() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    for entry in &artifact.base().entries {
        for (language, questions) in &entry.questions {
            for question in questions {
                let found = bot.rank(question, Some(language.code()));
                assert_eq!(found.first(), Some(&(entry.id.as_str(), 1.0)), "{question}");
            }
        }
    }
}

/// Each question is asked while it is not in the index. This holds the figure that the ranking was tuned on.
#[test]
fn finds_its_own_questions_when_they_are_left_out() {
    let evaluation = leave_one_out(&knowledge());
    for (language, tally) in &evaluation.tallies {
        println!("{language}: {} of {} right, {} of them answered", tally.right, tally.total, tally.answered);
        assert!(tally.share() >= 0.6, "{language}: {:.1} % right", tally.share() * 100.0);
    }
}

#[test]
fn does_not_answer_what_it_does_not_know() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    for language in Language::ALL {
        let lines = include_str!("off_topic.txt").lines().filter(|l| !l.starts_with('#'));
        let asked: Vec<_> = lines.filter(|l| bot::text::detect(l) == Some(language)).collect();
        let answered: Vec<_> = asked.iter().filter(|l| matches!(ask(&bot, l), Answer::Entry { .. })).collect();
        println!("{language}: {} of {} off-topic sentences answered: {answered:#?}", answered.len(), asked.len());
        assert!(answered.len() * 4 <= asked.len(), "{language}: too many off-topic sentences answered");
    }
}

#[test]
fn answers_a_first_customer() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    for (text, entry) in
        [("你们几天能发货？", "delivery.dispatch"), ("how do I return a broken item", "returns.damaged")]
    {
        let Answer::Entry { id, replies, .. } = ask(&bot, text) else { panic!("{text}: no entry") };
        assert_eq!(id, entry, "{text}");
        assert!(!replies.is_empty());
    }
    let Answer::Unknown { offer, .. } = ask(&bot, "今天股票涨了吗") else { panic!("should not know") };
    assert_eq!((offer.title, offer.payload), ("转人工客服", "handoff"));
}

/// How the bot acts on questions whose entry is known: it answers rightly or wrongly, asks with the right entry among the
/// choices or without it, or gives up.
#[derive(Debug, Default)]
struct Acts {
    right: u32,
    wrong: Vec<String>,
    asks_rightly: u32,
    asks_wrongly: u32,
    unknown: u32,
    split: Vec<String>,
    other: Vec<String>,
}

impl Acts {
    fn note(&mut self, bot: &Bot, query: &Query<'_>, expected: &str) {
        let Input::Text(text) = query.input else { return };
        match bot.answer(query) {
            Answer::Entry { id, .. } if id == expected => self.right += 1,
            Answer::Entry { id, .. } => self.wrong.push(format!("{text} -> {id}, not {expected}")),
            Answer::Choices { choices, .. } => {
                let among = choices.iter().any(|choice| choice.payload == format!("entry:{expected}"));
                *(if among { &mut self.asks_rightly } else { &mut self.asks_wrongly }) += 1;
            }
            Answer::Unknown { .. } => self.unknown += 1,
            Answer::Several(_) => self.split.push(text.to_owned()),
            other @ (Answer::Talk { .. }
            | Answer::Refused { .. }
            | Answer::Greeting { .. }
            | Answer::Handoff { .. }
            | Answer::Unsupported { .. }) => self.other.push(format!("{text}: {other:?}")),
        }
    }
}

fn unseen(base: &KnowledgeBase) -> Phrasings {
    Phrasings::read(&source(&shop().join("phrasings.yaml")), base).unwrap()
}

#[test]
fn acts_as_it_is_sure() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    for (name, phrasings) in [("unseen", unseen(artifact.base())), ("tuning", tuning(artifact.base()))] {
        for language in Language::ALL {
            let mut acts = Acts::default();
            for (id, languages) in &phrasings.0 {
                for text in &languages[&language] {
                    acts.note(&bot, &Query { locale: Some(language.code()), ..Query::new(Input::Text(text)) }, id);
                }
            }
            let (wrong, split) = (acts.wrong.len(), &acts.split);
            println!(
                "{name} {language}: {} right, {wrong} wrong, asks with it {}, without it {}, {} unknown; {acts:#?}",
                acts.right, acts.asks_rightly, acts.asks_wrongly, acts.unknown
            );
            let total = phrasings.0.values().map(|languages| languages[&language].len()).sum::<usize>();
            assert!(wrong * 20 <= total, "{name} {language}: {wrong} of {total} answered wrongly");
            assert!(acts.asks_rightly > 2 * acts.asks_wrongly, "{name} {language}: choices that do not help");
            // This one asks twice.
            let twice = "I asked for my account to be closed yesterday and now I regret it, is it too late? Do I lose my points?";
            assert!(split.iter().all(|text| text == twice), "{split:?}");
        }
    }
    for language in Language::ALL {
        let lines = include_str!("off_topic.txt").lines().filter(|l| !l.starts_with('#'));
        let asked: Vec<_> = lines.filter(|l| bot::text::detect(l) == Some(language)).collect();
        let which = asked.iter().filter(|l| matches!(ask(&bot, l), Answer::Choices { .. })).count();
        println!("{language}: {which} of {} off-topic sentences bring choices", asked.len());
        assert!(which * 10 <= asked.len(), "{language}: too many off-topic sentences bring choices");
    }
}

/// Pairs of phrasings of different matters, each as one message.
fn doubles(phrasings: &Phrasings, language: Language) -> Vec<(String, [String; 2])> {
    let lists = || phrasings.0.iter().filter_map(|(id, languages)| Some((id, languages[&language].first()?)));
    let (mark, joint) = if language == Language::Zh { ("？", "另外") } else { ("? ", " ") };
    let pairs = lists().zip(lists().skip(7));
    pairs.map(|((one, a), (other, b))| (format!("{a}{mark}{joint}{b}{mark}"), [one.clone(), other.clone()])).collect()
}

#[test]
fn answers_two_questions_in_their_order_and_never_splits_one() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    let phrasings = unseen(artifact.base());
    for language in Language::ALL {
        let asked = doubles(&phrasings, language);
        let (mut both, mut wrong) = (0, Vec::new());
        for (text, expected) in &asked {
            let Answer::Several(answers) = ask(&bot, text) else { continue };
            let ids: Vec<_> = answers.iter().map(|a| if let Answer::Entry { id, .. } = a { *id } else { "" }).collect();
            if ids == *expected { both += 1 } else { wrong.push(format!("{text}: {ids:?}, not {expected:?}")) }
        }
        println!("{language}: {both} of {} pairs answered, wrongly {wrong:#?}", asked.len());
        assert!(
            both * 2 > asked.len() && wrong.len() * 10 <= asked.len(),
            "{language}: {both} of {}, {wrong:?}",
            asked.len()
        );
    }
}

/// The id that a message finds after an entry was told, and what is said before its answer.
fn after<'a>(bot: &'a Bot, topic: &str, text: &str) -> (&'a str, bool) {
    let answer = bot.answer(&Query { topic: Some(topic), ..Query::new(Input::Text(text)) });
    if let Answer::Entry { id, opening, .. } = answer { (id, opening.is_some()) } else { ("", false) }
}

#[test]
fn goes_on_from_the_last_answer() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    for (topic, text, expected) in [
        ("returns.how", "那运费呢？", "returns.postage"),
        ("returns.how", "那邮费谁出", "returns.postage"),
        ("returns.how", "那换货呢", "returns.exchange"),
        ("returns.window", "And the postage?", "returns.postage"),
        ("returns.how", "what about exchanges", "returns.exchange"),
        ("delivery.time", "那运费呢？", "delivery.cost"),
        ("delivery.time", "and abroad?", "delivery.international"),
        ("returns.how", "运费多少钱", "delivery.cost"),
    ] {
        assert_eq!(after(&bot, topic, text).0, expected, "{topic}: {text}");
    }
    assert_eq!(after(&bot, "returns.how", "那股票呢"), ("", false));
}

#[test]
fn a_topic_changes_nothing_for_questions_that_stand_alone() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    let (mut asked, mut changed) = (0, Vec::new());
    for phrasings in [unseen(artifact.base()), tuning(artifact.base())] {
        for (language, text) in phrasings.0.values().flatten().flat_map(|(l, list)| list.iter().map(move |t| (l, t))) {
            for topic in ["returns.how", "delivery.cost", "refunds.time", "account.password"] {
                let query = Query { locale: Some(language.code()), ..Query::new(Input::Text(text)) };
                let id = |answer| if let Answer::Entry { id, .. } = answer { id } else { "" };
                let (alone, followed) =
                    (id(bot.answer(&query)), id(bot.answer(&Query { topic: Some(topic), ..query })));
                asked += 1;
                if alone != followed {
                    changed.push(format!("{topic}, {text}: {followed}, not {alone}"));
                }
            }
        }
    }
    println!("{} of {asked} changed: {changed:#?}", changed.len());
    assert_eq!(changed, [""; 0]);
}

#[test]
fn says_again_in_short_and_offers_a_person() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    let query = Query { topic: Some("delivery.dispatch"), ..Query::new(Input::Text("你们几天能发货？")) };
    let Answer::Entry { opening, text, replies, .. } = bot.answer(&query) else { panic!("no entry") };
    assert_eq!((opening, replies[0].payload), (Some("刚才说过："), "handoff"));
    assert!(text.starts_with("现货付款后 48 小时内发货，周末照发；"), "{text}");
    // Who taps the choice wants to read it.
    let tapped = Input::Postback { payload: "entry:delivery.dispatch", title: "发货时间" };
    let Answer::Entry { opening, .. } = bot.answer(&Query { input: tapped, ..query }) else { panic!("no entry") };
    assert_eq!(opening, None);
}

#[test]
fn a_promotion_is_told_in_its_days() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    // 2027-02-10 and 2027-02-21 at midnight in China.
    for (now, on) in [(1_802_188_799, false), (1_802_188_800, true), (1_803_139_199, true), (1_803_139_200, false)] {
        let Answer::Entry { text, .. } = bot.answer(&Query { now, ..Query::new(Input::Text("元宵节有活动吗")) })
        else {
            panic!("no entry")
        };
        assert_eq!(text.contains("九折"), on, "{now}: {text}");
    }
}

#[test]
fn shows_what_the_texts_and_lists_of_a_base_can_do() {
    let artifact = artifact();
    let bot = Bot::load(&artifact);
    let mut told = Vec::new();
    for text in [
        "你好",
        "hi",
        "谢谢",
        "Thanks!",
        "拜拜",
        "bye",
        "松松真棒",
        "that was helpful",
        "垃圾机器人",
        "you're useless",
        "你是机器人吗？",
        "Are you human?",
        "哪里可以赌.博",
        "where is a CASINO",
        "尺码怎么选",
        "which size should I take",
        "物流",
        "lost",
    ] {
        let said = match ask(&bot, text) {
            Answer::Talk { talk, text, offer, .. } => format!("{talk:?}: {text} {:?}", offer.map(|o| o.title)),
            Answer::Refused { text, .. } => format!("Refused: {text}"),
            Answer::Greeting { text, .. } => format!("Greeting: {text}"),
            Answer::Entry { id, media, .. } => format!("{id} {:?}", media.iter().map(|m| &*m.url).collect::<Vec<_>>()),
            Answer::Choices { text, choices, .. } => {
                format!("{text} {:?}", choices.iter().map(|choice| choice.title).collect::<Vec<_>>())
            }
            other @ (Answer::Several(_)
            | Answer::Unknown { .. }
            | Answer::Handoff { .. }
            | Answer::Unsupported { .. }) => {
                format!("{other:?}")
            }
        };
        told.push(format!("{text}\n  {said}"));
    }
    insta::assert_snapshot!(told.join("\n"));
    let insulted = Query { insults: 1, ..Query::new(Input::Text("you're useless")) };
    assert!(matches!(bot.answer(&insulted), Answer::Handoff { .. }));
}
