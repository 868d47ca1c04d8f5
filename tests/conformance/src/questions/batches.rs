//! What is read of what came in.

use std::collections::BTreeSet;

use channels::{MAX_EVENT_BYTES, Parsed};
use domain::{Content, EventKind, InboundEvent};

use super::{Asked, Checks, text_of};
use crate::fixture::{POISON, take, take_all};
use crate::{Fixture, Item, Secret};

/// Longest reason of a reject, in characters: it is for an engineer's eye, and no place for what was sent.
const MAX_REASON_CHARS: usize = 300;

fn read(fixture: &dyn Fixture, items: &[Item]) -> Result<Parsed, String> {
    let parsed = take_all(fixture, items, &fixture.keys(&[Secret::New]));
    let parsed = parsed.map_err(|error| format!("a genuine request is refused: {error}"))?;
    sound(fixture, &parsed)?;
    Ok(parsed)
}

/// What must hold of whatever is read: it is this account's, it can be queued and read back, and says enough.
///
/// # Errors
/// It does not.
pub fn sound(fixture: &dyn Fixture, parsed: &Parsed) -> Result<(), String> {
    for event in &parsed.events {
        let identity = &event.identity;
        let known = fixture.accounts().contains(&identity.account.as_str());
        if identity.channel != fixture.channel() || !known || identity.user.is_empty() {
            return Err(format!("an event of {identity:?} instead of account {}", fixture.account()));
        }
        if event.id.as_str().len() != 64 {
            return Err(format!("no dedup id: {}", event.id));
        }
        let json = serde_json::to_string(event).map_err(|error| format!("an event that cannot be written: {error}"))?;
        if json.len() > MAX_EVENT_BYTES {
            return Err(format!("an event of {} bytes", json.len()));
        }
        let back: InboundEvent =
            serde_json::from_str(&json).map_err(|error| format!("an event that cannot be read back: {error}"))?;
        if back != *event {
            return Err("an event that is read back as another".to_owned());
        }
        if let EventKind::Message { content: Content::Location { latitude, longitude, .. } } = &event.kind
            && !(latitude.abs() <= 90.0 && longitude.abs() <= 180.0)
        {
            return Err(format!("a place at {latitude}, {longitude}"));
        }
    }
    for reject in &parsed.rejects {
        let chars = reject.reason.chars().count();
        if chars == 0 || chars > MAX_REASON_CHARS || reject.reason.contains(POISON) {
            return Err(format!("a reject whose reason is no reason: {:?}", reject.reason));
        }
    }
    Ok(())
}

pub(super) fn genuine(fixture: &dyn Fixture) -> Result<Asked, String> {
    let mut checks = Checks::default();
    let texts = ["hello", "你好，我的订单到哪了？", "😀 a+b&c=d \"q\" <b> ]]> \\ \u{200d}", "two\nlines", "０１２ %E4"];
    for (number, text) in texts.iter().enumerate() {
        let parsed = read(fixture, &[Item::text(number % 2, 1, text)])?;
        checks.hold(parsed.events.len() == 1 && parsed.rejects.is_empty(), || format!("{text:?} gives {parsed:?}"))?;
        let event = &parsed.events[0];
        checks.hold(event.identity.user == fixture.user(number % 2), || format!("it is {:?}'s", event.identity))?;
        checks.hold(text_of(&event.kind) == Some(*text), || format!("{text:?} comes in as {:?}", event.kind))?;
    }
    Ok(checks.held())
}

pub(super) fn batch(fixture: &dyn Fixture) -> Result<Asked, String> {
    let mut checks = Checks::default();
    let parsed = read(fixture, &[Item::text(0, 1, "first"), Item::Bad, Item::text(1, 2, "second")])?;
    let said: Vec<_> = parsed.events.iter().map(|event| (event.identity.user.clone(), text_of(&event.kind))).collect();
    let wanted = [(fixture.user(0), Some("first")), (fixture.user(1), Some("second"))];
    checks.hold(said == wanted, || format!("two of three events are good, these came: {said:?}"))?;
    checks.hold(parsed.rejects.len() == 1, || format!("one reject, not {:?}", parsed.rejects))?;
    if fixture.tells_the_sender().is_none() {
        let item = parsed.rejects[0].item.as_deref();
        checks.hold(item.is_some_and(|item| item.contains(POISON) && !item.contains("first")), || {
            format!("the reject holds its own item and nothing else: {item:?}")
        })?;
    }
    let groups: Vec<_> = parsed.events.iter().map(|event| event.identity.group()).collect();
    checks.hold(groups[0] != groups[1], || "two customers in one group".to_owned())?;
    if fixture.most_items() > 3 {
        let items: Vec<Item> = (0..fixture.most_items())
            .map(
                |number| {
                    if number == 1 { Item::Bad } else { Item::text(number % 2, u32::try_from(number).unwrap(), "m") }
                },
            )
            .collect();
        let parsed = read(fixture, &items)?;
        checks.hold(parsed.events.len() == items.len() - 1 && parsed.rejects.len() == 1, || {
            format!("{} events and {} rejects of {} items", parsed.events.len(), parsed.rejects.len(), items.len())
        })?;
    }
    several_accounts(fixture, &mut checks)?;
    Ok(checks.held())
}

/// The largest body that there is, over all accounts, with one item in its midst that cannot be read.
fn several_accounts(fixture: &dyn Fixture, checks: &mut Checks) -> Result<(), String> {
    let (accounts, most) = (fixture.accounts(), fixture.most_items());
    let poisoned = most / 2;
    let item = |number: usize| match number {
        number if number == poisoned => Item::Bad,
        number => Item::text(number % 7, u32::try_from(number).unwrap(), &format!("m{number}")),
    };
    let shares = (0..accounts.len()).map(|share| (share * most / accounts.len(), (share + 1) * most / accounts.len()));
    let shares: Vec<(usize, usize)> = shares.collect();
    let bodies = accounts.iter().zip(&shares).map(|(account, (from, to))| {
        let items: Vec<Item> = (*from..*to).map(item).collect();
        fixture.body(account, &items)
    });
    let Some(body) = fixture.joined(&bodies.collect::<Vec<_>>()) else { return Ok(()) };
    let parsed = take(fixture, &body, Secret::New, &fixture.keys(&[Secret::New])).map_err(|error| error.to_string())?;
    sound(fixture, &parsed)?;
    let wanted = accounts.iter().zip(&shares).flat_map(|(account, (from, to))| {
        let numbers = (*from..*to).filter(|number| *number != poisoned);
        numbers.map(|number| ((*account).to_owned(), fixture.user(number % 7), format!("m{number}")))
    });
    let found = parsed.events.iter().map(|event| {
        let said = text_of(&event.kind).unwrap_or_default().to_owned();
        (event.identity.account.clone(), event.identity.user.clone(), said)
    });
    checks.hold(found.eq(wanted), || format!("{} of {} items came in", parsed.events.len(), most - 1))?;
    let ids: BTreeSet<_> = parsed.events.iter().map(|event| &event.id).collect();
    checks.hold(ids.len() == most - 1, || format!("{} ids of {} events", ids.len(), most - 1))?;
    let quarantined: Vec<_> = parsed.rejects.iter().map(|reject| reject.item.as_deref()).collect();
    let alone = quarantined.len() == 1 && quarantined[0].is_some_and(|item| item.contains(POISON) && item.len() < 1000);
    checks.hold(alone, || format!("one reject, not {quarantined:?}"))
}

pub(super) fn redelivery(fixture: &dyn Fixture) -> Result<Asked, String> {
    let mut checks = Checks::default();
    let keys = fixture.keys(&[Secret::New, Secret::Old]);
    let body = |user, id, text: &str| fixture.body(fixture.account(), &[Item::text(user, id, text)]);
    let id = |body: &[u8], secret| {
        let parsed = take(fixture, body, secret, &keys).map_err(|error| error.to_string())?;
        parsed.events.first().map(|event| event.id.clone()).ok_or("no event".to_owned())
    };
    let first = body(0, 7, "same");
    let (once, again) = (id(&first, Secret::New)?, id(&fixture.again(&first), Secret::New)?);
    checks.hold(once == again, || "the same message again is another event".to_owned())?;
    let resigned = id(&fixture.again(&first), Secret::Old)?;
    checks.hold(once == resigned, || "the same message signed with another key is another event".to_owned())?;
    checks.hold(once != id(&body(0, 8, "same"), Secret::New)?, || "another message is the same event".to_owned())?;
    checks.hold(once != id(&body(1, 7, "same"), Secret::New)?, || "another customer's is the same event".to_owned())?;
    Ok(checks.held())
}

pub(super) fn unknown(fixture: &dyn Fixture) -> Result<Asked, String> {
    if let Some(reason) = fixture.tells_the_sender() {
        return Ok(Asked::Beside(reason));
    }
    let mut checks = Checks::default();
    let quiet = |parsed: &Parsed| {
        let only_told =
            |event: &InboundEvent| matches!(&event.kind, EventKind::Message { content: Content::Event { .. } });
        parsed.rejects.is_empty() && parsed.events.iter().all(only_told)
    };
    let parsed = read(fixture, &[Item::Unknown])?;
    checks.hold(quiet(&parsed), || format!("something new gives {parsed:?}"))?;
    let parsed = read(fixture, &[Item::Unknown, Item::text(0, 1, "hello"), Item::Unknown])?;
    let texts = parsed.events.iter().filter(|event| text_of(&event.kind) == Some("hello")).count();
    checks.hold(texts == 1 && parsed.rejects.is_empty(), || format!("beside something new: {parsed:?}"))?;
    Ok(checks.held())
}
