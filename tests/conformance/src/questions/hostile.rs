//! What nobody sends who means well. Nothing here is timed: what does not end in time ends with its test.

use channels::Parsed;

use super::{Asked, Checks, sound};
use crate::fixture::{NOW, door, take};
use crate::{Fixture, Item, Place, Request, Secret};

const TEN_MEGABYTES: usize = 10 * 1024 * 1024;
const DEEP: usize = 100_000;
/// Most parts of one body that can be complained about; more is a list of complaints as long as the attack.
const MAX_REJECTS: usize = 2000;

/// Bodies that hold no message.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let entity = |n: u8| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
    let entities = (1..10).map(entity).collect::<Vec<_>>().concat();
    let bomb = format!("<?xml version=\"1.0\"?><!DOCTYPE xml [<!ENTITY l0 \"lol\">{entities}]><xml>&l9;</xml>");
    let outside = "<!DOCTYPE xml [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><xml><Content>&x;</Content></xml>";
    vec![
        ("nothing", vec![]),
        ("10 MB of nothing", vec![0; TEN_MEGABYTES]),
        ("10 MB of letters", vec![b'a'; TEN_MEGABYTES]),
        ("10 MB of blanks", vec![b' '; TEN_MEGABYTES]),
        ("10 MB of a text", [b"\"", vec![b'x'; TEN_MEGABYTES].as_slice(), b"\""].concat()),
        ("10 MB of digits", vec![b'9'; TEN_MEGABYTES]),
        ("deep lists", vec![b'['; DEEP]),
        ("deep lists, closed", [vec![b'['; DEEP], vec![b']'; DEEP]].concat()),
        ("deep objects", "{\"a\":".repeat(DEEP).into_bytes()),
        ("deep elements", "<a>".repeat(DEEP).into_bytes()),
        ("deep elements, closed", ["<a>".repeat(DEEP), "</a>".repeat(DEEP)].concat().into_bytes()),
        ("an entity bomb", bomb.into_bytes()),
        ("an entity from outside", outside.as_bytes().to_owned()),
        ("bad UTF-8", b"\xff\xfe\xfd{\"a\":\"\xc3\x28\"}".to_vec()),
        ("a lone surrogate", b"{\"a\":\"\\ud800\"}".to_vec()),
        ("a number beyond all", b"{\"a\":1e999999,\"update_id\":99999999999999999999999999}".to_vec()),
        ("null", b"null".to_vec()),
        ("an empty list", b"[]".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("an empty element", b"<xml></xml>".to_vec()),
        ("a form", b"a=1&b=2&payload=%7B%7D".to_vec()),
        ("a byte order mark", b"\xef\xbb\xbf{}".to_vec()),
    ]
}

/// A genuine body, spoilt in ways that its format knows.
fn spoilt(body: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let half = body[..body.len() / 2].to_owned();
    let text = String::from_utf8_lossy(body).into_owned();
    let mut all = vec![("half a body", half), ("bad UTF-8 within", spoil_text(body))];
    if let Some(rest) = text.strip_prefix('{') {
        let deep = format!("{{\"deep\":{}{},{rest}", "[".repeat(DEEP), "]".repeat(DEEP));
        all.push(("deep beside a message", deep.into_bytes()));
        all.push(("the same field 100,000 times", format!("{{{}{rest}", "\"x\":1,".repeat(DEEP)).into_bytes()));
    }
    if text.starts_with('<') {
        let bomb = "<!DOCTYPE xml [<!ENTITY a \"hello\"><!ENTITY b \"&a;&a;&a;&a;\">]>";
        let spoilt = format!("{bomb}{}", text.replace("hello", "&b;"));
        all.push(("entities in a message", spoilt.into_bytes()));
    }
    all
}

fn spoil_text(body: &[u8]) -> Vec<u8> {
    let mut spoilt = body.to_owned();
    if let Some(at) = body.windows(5).position(|part| part == b"hello") {
        spoilt[at] = 0xff;
    }
    spoilt
}

fn checked(fixture: &dyn Fixture, what: &str, body: &[u8], checks: &mut Checks) -> Result<Parsed, String> {
    let parsed = take(fixture, body, Secret::New, &fixture.keys(&[Secret::New])).unwrap_or_default();
    sound(fixture, &parsed).map_err(|fault| format!("{what}: {fault}"))?;
    checks.hold(parsed.rejects.len() <= MAX_REJECTS, || format!("{what}: {} rejects", parsed.rejects.len()))?;
    Ok(parsed)
}

pub(super) fn hostile(fixture: &dyn Fixture) -> Result<Asked, String> {
    let mut checks = Checks::default();
    let fetched = fixture.notice(fixture.account()).is_some();
    for (what, body) in bodies() {
        let parsed = checked(fixture, what, &body, &mut checks)?;
        checks.hold(parsed.events.is_empty(), || format!("{what} gives {} events", parsed.events.len()))?;
        if fetched {
            let request = fixture.sign(&body, Secret::New, NOW).request;
            let said = door(fixture, &request, &fixture.keys(&[Secret::New]), NOW).map(|(_, parsed)| parsed);
            checks.hold(said.is_ok_and(|said| said.pulls.is_empty()), || format!("{what} is taken as news"))?;
        }
    }
    let genuine = fixture.body(fixture.account(), &[Item::text(0, 1, "hello")]);
    for (what, body) in spoilt(&genuine) {
        let parsed = checked(fixture, what, &body, &mut checks)?;
        let kept = parsed.rejects.iter().any(|reject| reject.item.is_some());
        let read = !parsed.events.is_empty() || kept;
        // What is acknowledged and neither read nor kept is lost; a page that is no page is asked for again.
        let elsewhere = fixture.tells_the_sender().is_some() || fixture.notice(fixture.account()).is_some();
        checks.hold(read || elsewhere || is_refused(fixture, &body), || format!("{what} is taken and lost"))?;
        // What is only odd may be read; but then as what it says.
        let read = parsed.events.iter().all(|event| super::text_of(&event.kind) == Some("hello"));
        let odd = matches!(what, "deep beside a message" | "the same field 100,000 times");
        if (fetched || fixture.any_charset().is_some()) && what == "bad UTF-8 within" {
            // Answers to our own calls are text by then, with a sign where a letter could not be read; so is mail.
            let mended = parsed.events.iter().all(|event| super::text_of(&event.kind) == Some("\u{fffd}ello"));
            checks.hold(mended, || format!("{what} gives {:?}", parsed.events))?;
            continue;
        }
        checks
            .hold(if odd { read } else { parsed.events.is_empty() }, || format!("{what} gives {:?}", parsed.events))?;
    }
    // A text that is as documented except for its size, which no queue would take.
    let large = fixture.body(fixture.account(), &[Item::text(0, 1, &"好".repeat(TEN_MEGABYTES / 3))]);
    let parsed = checked(fixture, "a text of 10 MB", &large, &mut checks)?;
    let short = |event: &domain::InboundEvent| {
        fixture.any_charset().is_some() && super::text_of(&event.kind).is_some_and(|text| text.len() < 200_000)
    };
    checks.hold(parsed.events.iter().all(short), || "a text of 10 MB is an event".to_owned())?;
    envelopes(fixture, &mut checks)?;
    Ok(checks.held())
}

fn is_refused(fixture: &dyn Fixture, body: &[u8]) -> bool {
    take(fixture, body, Secret::New, &fixture.keys(&[Secret::New])).is_err()
}

/// Addresses and headers that nobody makes by accident.
fn envelopes(fixture: &dyn Fixture, checks: &mut Checks) -> Result<(), String> {
    let body = fixture.body(fixture.account(), &[Item::text(0, 1, "hello")]);
    let signed = fixture.sign(&body, Secret::New, NOW);
    let keys = fixture.keys(&[Secret::New]);
    let base = signed.request.url.split('?').next().unwrap_or_default();
    for value in [String::new(), "é\u{0}\n".to_owned(), "=".repeat(64 * 1024), "sha256=".to_owned(), "v1,".repeat(999)]
    {
        let headers = signed.covers.iter().filter_map(|place| match place {
            Place::Header(name) => Some(((*name).to_owned(), value.clone())),
            Place::Query(_) | Place::Body(_) => None,
        });
        let url = format!("{base}?signature={value}&msg_signature=%00&timestamp=%zz&nonce=%e4&echostr=%00&hub.mode=é");
        for request in [
            Request { headers: headers.collect(), url: base.to_owned(), ..signed.request.clone() },
            Request { headers: vec![], url: url.clone(), ..signed.request.clone() },
            Request { method: "GET", headers: vec![], url, body: vec![] },
            Request { method: "", headers: vec![], url: String::new(), body: vec![] },
        ] {
            let found = door(fixture, &request, &keys, NOW);
            // Where AWS is the proof and nothing else is, what is left may be the genuine request.
            let genuine = fixture.by_aws().is_some() && request == signed.request;
            checks
                .hold(found.is_err() || genuine, || format!("a proof of {} bytes like that is taken", value.len()))?;
        }
    }
    Ok(())
}
