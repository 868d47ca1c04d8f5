//! Whole Lambda events.

use super::*;
use crate::lambda::Event;

#[test]
fn whole_events_are_taken() {
    let keys =
        keys_with(&format!(r#""channel_secrets":[{{"kid":"{BOT}","secret":"8c570fa6dd201bb328f1c1eac23a96d8"}}]"#), "");
    let read = |name: &str| {
        let event = Event::read(&format!("line/{name}.json"));
        match Line.verify(&event.request(), &keys, UnixMillis(1_800_000_000_000)).unwrap() {
            Gate::Accept(verified) => Line.parse(&verified),
            Gate::Challenge(_) => panic!("LINE has no challenge"),
        }
    };
    insta::assert_json_snapshot!([&read("text").events, &read("several").events]);
    let (first, again) = (read("text").events, read("redelivered").events);
    assert!(first[0].id == again[0].id && first[0].reply.is_some() && again[0].reply.is_none());
    assert_eq!(read("address-check"), Parsed::default());
}
