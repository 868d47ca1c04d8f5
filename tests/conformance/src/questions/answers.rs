//! What providers' answers mean.

use channels::WireReply;
use domain::Delivery;

use super::{Asked, Checks, PERSON};
use crate::{Fixture, Means};

pub(super) fn answers(fixture: &dyn Fixture) -> Result<Asked, String> {
    let mut checks = Checks::default();
    let adapter = fixture.adapter();
    let told = fixture.answers();
    checks
        .hold(told.iter().any(|told| told.means == Means::Sent), || "no answer means that it was taken".to_owned())?;
    for told in &told {
        let found = adapter.classify(&told.reply);
        checks.hold(told.means == found, || format!("{:?} means {:?}, not {found:?}", told.reply, told.means))?;
        if let Delivery::Rejected { reason, .. } = &found {
            let short = !reason.is_empty() && reason.chars().count() <= 160;
            checks.hold(short && !reason.contains(PERSON), || format!("the reason {reason:?}"))?;
        }
    }
    // Nobody was reached, or somebody in between answered: it is tried again.
    for (status, body) in [(0, ""), (500, "{}"), (502, "<html>bad gateway</html>"), (503, ""), (504, "\u{0}")] {
        let reply = WireReply { status, retry_after: None, body: body.to_owned() };
        let found = adapter.classify(&reply);
        checks.hold(matches!(found, Delivery::Retry { .. }), || format!("{status} means {found:?}"))?;
    }
    // Whatever comes: no panic, and nothing but what is documented counts as sent.
    for status in 0..=999_u16 {
        for body in ["", "null", "[]", "{", "{\"errcode\":\"x\"}", "{\"error\":[]}", "\u{fffd}", "ok"] {
            let found = adapter.classify(&WireReply { status, retry_after: Some(7), body: body.to_owned() });
            let documented = told.iter().any(|told| told.reply.status == status && told.means == Means::Sent);
            checks.hold(found != Delivery::Sent || documented || (200..300).contains(&status), || {
                format!("{status} with {body:?} counts as sent")
            })?;
        }
    }
    Ok(checks.held())
}
