//! A whole Lambda event.

use super::*;
use crate::lambda::Event;

#[test]
fn a_whole_event_is_taken() {
    let event = Event::read("webhook/batch.json");
    let keys = keys(&parse::full("/messages"), &send());
    let parsed = match Webhook.verify(&event.request(), &keys, UnixMillis(1_800_000_000_000)).unwrap() {
        Gate::Accept(verified) => Webhook.parse(&verified),
        Gate::Challenge(_) => panic!("nobody is challenged"),
    };
    insta::assert_json_snapshot!(parsed.events);
    assert_eq!((parsed.rejects.len(), parsed.rejects[0].field.as_str()), (1, "/from/id"));
}
