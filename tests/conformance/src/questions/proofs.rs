//! Who may come in.

use channels::VerifyError;

use super::{Asked, Checks};
use crate::fixture::{NOW, door, take};
use crate::{Fixture, Item, Request, Secret, Signed};

/// What a provider sends: a text, or on channels whose messages are fetched the news of some.
fn genuine(fixture: &dyn Fixture, secret: Secret, seconds: i64) -> Signed {
    let account = fixture.account();
    let body = fixture.notice(account).unwrap_or_else(|| fixture.body(account, &[Item::text(0, 1, "hello")]));
    fixture.sign(&body, secret, NOW.plus_seconds(seconds))
}

fn verdict(fixture: &dyn Fixture, request: &Request, secrets: &[Secret]) -> Result<usize, VerifyError> {
    let (_, parsed) = door(fixture, request, &fixture.keys(secrets), NOW)?;
    Ok(parsed.events.len() + parsed.pulls.len())
}

fn refused(fixture: &dyn Fixture, request: &Request) -> bool {
    verdict(fixture, request, &[Secret::New]).is_err()
}

pub(super) fn unsigned(fixture: &dyn Fixture) -> Result<Asked, String> {
    let mut checks = Checks::default();
    let signed = genuine(fixture, Secret::New, 0);
    if fixture.by_aws().is_some() {
        // Whoever is not AWS comes by an HTTP door.
        for method in ["GET", "POST", "PUT", "event", ""] {
            let request = Request { method, ..signed.request.clone() };
            checks.hold(refused(fixture, &request), || format!("taken as {method}"))?;
        }
        // The event is a header's, or the body itself.
        let body = if signed.request.headers.is_empty() { vec![] } else { signed.request.body.clone() };
        let alone = Request { headers: vec![], body, ..signed.request };
        checks.hold(refused(fixture, &alone), || "taken without the event".to_owned())?;
        return Ok(checks.held());
    }
    let bare = signed.bare();
    checks.hold(bare != signed.request, || "the fixture's proof is nowhere".to_owned())?;
    checks.hold(refused(fixture, &bare), || "taken without a proof".to_owned())?;
    let naked = Request { headers: vec![], url: bare.url.split('?').next().unwrap_or_default().to_owned(), ..bare };
    checks.hold(refused(fixture, &naked), || "taken without any header or parameter".to_owned())?;
    Ok(checks.held())
}

pub(super) fn tampered(fixture: &dyn Fixture) -> Result<Asked, String> {
    if let Some(reason) = fixture.by_aws() {
        return Ok(Asked::Beside(reason));
    }
    let mut checks = Checks::default();
    let signed = genuine(fixture, Secret::New, 0);
    checks.hold(!refused(fixture, &signed.request), || "the request itself is refused".to_owned())?;
    checks.hold(signed.covers_body() == fixture.unsigned_body().is_none(), || {
        "a fixture whose proof covers nothing of the body says why".to_owned()
    })?;
    // No change of a single one of these bits makes another case of the same letter.
    for (number, bits) in (0..signed.covered()).flat_map(|number| [1, 2, 16].map(|bits| (number, bits))) {
        checks.hold(refused(fixture, &signed.tampered(number, bits)), || {
            format!("taken with covered byte {number} of {} changed by {bits:#x}", signed.covered())
        })?;
    }
    Ok(checks.held())
}

pub(super) fn stale(fixture: &dyn Fixture) -> Result<Asked, String> {
    let clock = match fixture.clock() {
        Ok(clock) => clock,
        Err(reason) => return Ok(Asked::Beside(reason)),
    };
    let mut checks = Checks::default();
    let is_refused = |seconds| refused(fixture, &genuine(fixture, Secret::New, seconds).request);
    checks.hold(!is_refused(-clock.behind), || format!("refused after {} s", clock.behind))?;
    for late in [1, 2, 3600, 86_400 * 365] {
        checks.hold(is_refused(-clock.behind - late), || format!("taken after {} s", clock.behind + late))?;
    }
    if let Some(ahead) = clock.ahead {
        checks.hold(!is_refused(ahead), || format!("refused {ahead} s ahead"))?;
        checks.hold(is_refused(ahead + 1), || format!("taken {} s ahead", ahead + 1))?;
    }
    Ok(checks.held())
}

pub(super) fn wrong_account(fixture: &dyn Fixture) -> Result<Asked, String> {
    let mut checks = Checks::default();
    if fixture.by_aws().is_none() {
        let foreign = genuine(fixture, Secret::Foreign, 0);
        checks.hold(refused(fixture, &foreign.request), || "taken with another company's secret".to_owned())?;
    }
    let keys = fixture.keys(&[Secret::New]);
    let Ok(account) = fixture.foreign_account() else {
        // No request names an account: another company's secret is all there is to ask about.
        return Ok(checks.held());
    };
    let body = fixture.notice(account).unwrap_or_else(|| fixture.body(account, &[Item::text(0, 1, "hello")]));
    let signed = fixture.sign(&body, Secret::New, NOW);
    if let Ok((_, parsed)) = door(fixture, &signed.request, &keys, NOW) {
        checks.hold(parsed.events.is_empty() && parsed.pulls.is_empty(), || {
            format!(
                "an event for account {account} is taken, as one for {:?}",
                parsed.events.first().map(|e| &e.identity)
            )
        })?;
    } else {
        checks.hold(true, String::new)?;
    }
    Ok(checks.held())
}

pub(super) fn rotated(fixture: &dyn Fixture) -> Result<Asked, String> {
    if let Some(reason) = fixture.by_aws() {
        return Ok(Asked::Beside(reason));
    }
    let mut checks = Checks::default();
    for (secret, secrets, taken) in [
        (Secret::Old, &[Secret::Old][..], true),
        (Secret::New, &[Secret::Old], false),
        (Secret::Old, &[Secret::New, Secret::Old], true),
        (Secret::New, &[Secret::New, Secret::Old], true),
        (Secret::New, &[Secret::New], true),
        (Secret::Old, &[Secret::New], false),
    ] {
        let is_taken = verdict(fixture, &genuine(fixture, secret, 0).request, secrets).is_ok_and(|events| events > 0);
        checks.hold(is_taken == taken, || format!("made with {secret:?}, keys {secrets:?}: taken is {is_taken}"))?;
    }
    Ok(checks.held())
}

pub(super) fn missing(fixture: &dyn Fixture) -> Result<Asked, String> {
    let mut checks = Checks::default();
    for secret in [Secret::Old, Secret::New, Secret::Foreign] {
        let found = verdict(fixture, &genuine(fixture, secret, 0).request, &[]);
        checks.hold(matches!(found, Err(VerifyError::NoKey(_))), || format!("without a secret: {found:?}"))?;
    }
    let request = genuine(fixture, Secret::New, 0).request;
    let found = fixture.adapter().verify(&request.raw(), &channels::KeySet::default(), NOW).is_err();
    checks.hold(found, || "taken although nothing at all is set".to_owned())?;
    let told = !fixture.adapter().check(&channels::KeySet::default()).is_empty();
    checks.hold(told, || "nobody is told that nothing at all is set: see Channel::needs".to_owned())?;
    Ok(checks.held())
}

/// The address check that the channel itself makes with these secrets, and the answer that it wants.
fn own_check(fixture: &dyn Fixture, secrets: &[Secret]) -> Option<(Request, String)> {
    let check = fixture.adapter().url_check(&fixture.keys(secrets), NOW, [7; 16])?;
    let url = format!("https://x.example/webhooks/{}?{}", fixture.channel(), check.query);
    Some((Request::get(&url), check.expects))
}

pub(super) fn address_check(fixture: &dyn Fixture) -> Result<Asked, String> {
    let (signed, wanted) = match fixture.address_check(Secret::New) {
        Ok(check) => check,
        Err(reason) => {
            let own = own_check(fixture, &[Secret::New]);
            return if own.is_none() {
                Ok(Asked::Beside(reason))
            } else {
                Err("checks what its provider does not".into())
            };
        }
    };
    let mut checks = Checks::default();
    let answer = |request: &Request| door(fixture, request, &fixture.keys(&[Secret::New]), NOW);
    let found = answer(&signed.request);
    checks.hold(found.as_ref().is_ok_and(|(text, _)| text.as_deref() == Some(&*wanted)), || {
        format!("answered with {found:?} instead of {wanted:?}")
    })?;
    checks.hold(answer(&signed.bare()).is_err(), || "answered without a proof".to_owned())?;
    for (number, bits) in (0..signed.covered()).flat_map(|number| [1, 2, 16].map(|bits| (number, bits))) {
        checks.hold(answer(&signed.tampered(number, bits)).is_err(), || {
            format!("answered with covered byte {number} changed by {bits:#x}")
        })?;
    }
    if let Ok((foreign, _)) = fixture.address_check(Secret::Foreign) {
        checks.hold(answer(&foreign.request).is_err(), || "answered to another company's secret".to_owned())?;
    }
    // The doctor makes the check by itself.
    let (request, expects) = own_check(fixture, &[Secret::New]).ok_or("has no address check of its own")?;
    let found = answer(&request);
    checks.hold(found.as_ref().is_ok_and(|(text, _)| text.as_ref() == Some(&expects)), || {
        format!("its own address check is answered with {found:?}")
    })?;
    checks.hold(own_check(fixture, &[]).is_none(), || "makes an address check without a secret".to_owned())?;
    let foreign = own_check(fixture, &[Secret::Foreign]).is_some_and(|(request, _)| answer(&request).is_ok());
    checks.hold(!foreign, || "its own address check passes with another company's secret".to_owned())?;
    // A message cannot come in as an address check, nor the other way round.
    let body = fixture.body(fixture.account(), &[Item::text(0, 1, "hello")]);
    let parsed = take(fixture, &body, Secret::New, &fixture.keys(&[Secret::New]));
    checks.hold(parsed.is_ok_and(|parsed| !parsed.events.is_empty()), || "a message is no message".to_owned())?;
    Ok(checks.held())
}
