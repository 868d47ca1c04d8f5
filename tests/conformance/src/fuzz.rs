//! The bodies of the fuzz targets of `shared/channels/fuzz`, and a bounded run of the same in the ordinary tests.
//!
//! Whatever the bytes are: nothing panics, a forgery is refused, what is read is sound and read twice alike, and what
//! is sent stays within what the channel takes.

mod mutate;

use domain::{Button, Content, QuickReply};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestError, TestRunner};
use serde_json::Value;

use crate::fixture::{NOW, door, take};
use crate::questions::{Checks, sound, within_capabilities};
use crate::{FIXTURES, Fixture, Item, Secret};

/// Bytes as a body that the provider has signed, on every channel. A Lambda event counts as its body.
pub fn request(data: &[u8]) {
    let body = body_of(data);
    for fixture in FIXTURES {
        signed(*fixture, &body).unwrap_or_else(|fault| panic!("{}: {fault}", fixture.name()));
    }
}

/// Bytes as changes of a genuine request, on every channel.
pub fn forgery(data: &[u8]) {
    for fixture in FIXTURES {
        forged(*fixture, data).unwrap_or_else(|fault| panic!("{}: {fault}", fixture.name()));
    }
}

/// Bytes as what is to be sent, on every channel.
pub fn reply(data: &[u8]) {
    let content = content(data);
    for fixture in FIXTURES {
        let within = within_capabilities(*fixture, &content, &mut Checks::default());
        within.unwrap_or_else(|fault| panic!("{}: {fault}", fixture.name()));
    }
}

fn body_of(data: &[u8]) -> Vec<u8> {
    let event: Option<Value> = serde_json::from_slice(data).ok();
    let body = event.as_ref().and_then(|event| event["requestContext"].is_object().then(|| event["body"].as_str()));
    body.flatten().map_or_else(|| data.to_owned(), |body| body.as_bytes().to_owned())
}

fn signed(fixture: &dyn Fixture, body: &[u8]) -> Result<(), String> {
    let keys = fixture.keys(&[Secret::New]);
    let once = take(fixture, body, Secret::New, &keys);
    if let Ok(parsed) = &once {
        sound(fixture, parsed)?;
    }
    if once == take(fixture, body, Secret::New, &keys) { Ok(()) } else { Err("read twice, it differs".to_owned()) }
}

fn forged(fixture: &dyn Fixture, data: &[u8]) -> Result<(), String> {
    if fixture.by_aws().is_some() {
        return Ok(());
    }
    let account = fixture.account();
    let body = fixture.notice(account).unwrap_or_else(|| fixture.body(account, &[Item::text(0, 1, "hello")]));
    let mut forged = fixture.sign(&body, Secret::New, NOW);
    let genuine = forged.request.clone();
    // Each three bytes are a place and a bit. None of these bits makes another case of the same letter.
    for change in data.chunks_exact(3).take(16) {
        let place = usize::from(u16::from_be_bytes([change[0], change[1]])) % forged.covered();
        forged.request = forged.tampered(place, 1 << (change[2] % 5));
    }
    if forged.request == genuine || door(fixture, &forged.request, &fixture.keys(&[Secret::New]), NOW).is_err() {
        return Ok(());
    }
    Err("a changed request is taken".to_owned())
}

fn content(data: &[u8]) -> Content {
    let (kind, rest) = data.split_first().map_or((0, data), |(kind, rest)| (*kind, rest));
    let text = String::from_utf8_lossy(rest).into_owned();
    let mut lines = text.lines().map(str::to_owned).filter(|line| !line.trim().is_empty());
    // Something to see is what makes a message.
    let first = lines.next().unwrap_or_else(|| "?".to_owned());
    let lines: Vec<String> = lines.take(20).collect();
    let buttons = || {
        let button = |(number, title): (usize, &String)| match number % 2 {
            0 => Button::Postback { title: title.clone(), payload: title.clone() },
            _ => Button::Link { title: title.clone(), url: "https://shop.example.com/a".to_owned() },
        };
        lines.iter().enumerate().map(button).collect()
    };
    match kind % 4 {
        0 if text.trim().is_empty() => Content::Text { text: first },
        0 => Content::Text { text },
        1 => Content::QuickReplies {
            text: first,
            replies: lines.iter().map(|line| QuickReply { title: line.clone(), payload: line.clone() }).collect(),
        },
        2 => Content::Buttons { text: first, buttons: buttons() },
        _ => Content::Card { title: first, text: lines.first().cloned(), image_url: None, buttons: buttons() },
    }
}

/// Runs all of it on one channel with random input, `PROPTEST_CASES` (256) of each kind; how many runs that were.
///
/// # Errors
/// The smallest input that was found to break something, and what it breaks.
pub fn smoke(fixture: &dyn Fixture) -> Result<usize, String> {
    let genuine: Vec<Vec<u8>> = [vec![Item::text(0, 1, "hello")], vec![Item::Bad], vec![Item::Unknown]]
        .iter()
        .map(|items| fixture.body(fixture.account(), items))
        .chain(mutate::seeds(fixture.channel()))
        .collect();
    let bytes = prop::collection::vec(any::<u8>(), 0..400);
    let mutated = (prop::sample::select(genuine), mutate::changes())
        .prop_map(|(body, changes)| changes.iter().fold(body, |body, change| mutate::apply(&body, change)));
    let said = (any::<u8>(), "(\\PC{0,60}\n?){0,120}").prop_map(|(kind, text)| [&[kind], text.as_bytes()].concat());
    let runs = [
        run(bytes.clone(), |data| signed(fixture, data))?,
        run(mutated, |data| signed(fixture, data))?,
        run(bytes, |data| forged(fixture, data))?,
        run(said, |data| within_capabilities(fixture, &content(data), &mut Checks::default()))?,
    ];
    Ok(runs.iter().sum())
}

fn run(inputs: impl Strategy<Value = Vec<u8>>, body: impl Fn(&[u8]) -> Result<(), String>) -> Result<usize, String> {
    // Proptest reads PROPTEST_CASES into its default.
    let config = Config { failure_persistence: None, ..Config::default() };
    let runs = std::cell::Cell::new(0);
    let outcome = TestRunner::new(config).run(&inputs, |data| {
        runs.set(runs.get() + 1);
        body(&data).map_err(TestCaseError::fail)
    });
    match outcome {
        Ok(()) => Ok(runs.get()),
        Err(TestError::Fail(why, data)) => Err(format!("{why} on {:?}", String::from_utf8_lossy(&data))),
        Err(TestError::Abort(why)) => Err(why.to_string()),
    }
}
