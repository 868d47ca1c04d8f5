use super::*;

/// The request in a Lambda event of the HTTP API.
fn lambda(event: &str) -> Request {
    let event: Value = serde_json::from_str(event).unwrap();
    let text = |path: &str| event.pointer(path).unwrap().as_str().unwrap().to_owned();
    let (domain, path, query) = (text("/requestContext/domainName"), text("/rawPath"), text("/rawQueryString"));
    let method = if text("/requestContext/http/method") == "GET" { "GET" } else { "POST" };
    let body = event["body"].as_str().unwrap_or_default().into();
    Request { method, url: format!("https://{domain}{path}?{query}"), body }
}

#[test]
fn the_whole_events_are_what_they_are_called() {
    let keys = keys(&json!({ "mode": "plain" }));
    let summary = |file: &str| {
        let request = lambda(file);
        match request.verify(&keys, NOW).unwrap() {
            Gate::Challenge(challenge) => challenge.body,
            Gate::Accept(verified) => {
                let parsed = WeChat.parse(&verified);
                assert!(parsed.rejects.is_empty());
                let [event] = parsed.events.as_slice() else { panic!("one event: {parsed:?}") };
                format!("{:?} {:?}", event.kind, event.grant)
            }
        }
    };
    insta::assert_debug_snapshot!([
        ("address-check", summary(include_str!("../../../../../events/wechat/address-check.json"))),
        ("text-safe", summary(include_str!("../../../../../events/wechat/text-safe.json"))),
        ("text-safe-json", summary(include_str!("../../../../../events/wechat/text-safe-json.json"))),
        ("follow-plain", summary(include_str!("../../../../../events/wechat/follow-plain.json"))),
        ("menu-click-compatible", summary(include_str!("../../../../../events/wechat/menu-click-compatible.json"))),
        ("enter-mini-program", summary(include_str!("../../../../../events/wechat/enter-mini-program.json"))),
    ]);
}
