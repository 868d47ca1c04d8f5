use super::*;
use crate::lambda::Event;

#[test]
fn whole_events_are_what_they_are_called() {
    for (file, wanted) in
        [("call", named("enter")), ("speech", text("我要退货")), ("digits", text("2")), ("hang-up", named("left"))]
    {
        let event = Event::read(&format!("voice/{file}.json"));
        let keys = keys();
        let request = event.request();
        let Gate::Accept(verified) = Voice.verify(&request, &keys, NOW).unwrap() else { panic!("{file}") };
        let parsed = Voice.parse(&verified);
        assert_eq!(parsed.events.iter().map(content).collect::<Vec<_>>(), [&wanted], "{file}");
        let mut altered = request.body.to_owned();
        altered.push(b'1');
        assert!(Voice.verify(&RawRequest { body: &altered, ..request }, &keys, NOW).is_err(), "{file}");
    }
}
