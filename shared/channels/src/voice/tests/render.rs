use super::*;
use crate::{HttpCall, RenderError, Rendering, WireCall};

fn render(outbound: &Outbound) -> Result<HttpCall, RenderError> {
    let keys = keys();
    let calls = Voice.render(outbound, &Rendering { keys: &keys, now: NOW, doubt: false })?;
    match <[WireCall; 1]>::try_from(calls) {
        Ok([WireCall::Http(call)]) => Ok(call),
        other => panic!("{other:?}"),
    }
}

fn document(call: &HttpCall) -> String {
    let field = form_urlencoded::parse(&call.body).find(|(name, _)| name == "Twiml");
    field.unwrap().1.into_owned()
}

#[test]
fn a_call_under_way_gets_another_document() {
    let call = render(&outbound(DIAL, "en", false, &[(Author::Agent, text("This is Anna."))])).unwrap();
    assert_eq!(call.target, format!("/2010-04-01/Accounts/{SID}/Calls/{CALL}.json"));
    let said = document(&call);
    assert!(said.contains(">This is Anna.</Say></Gather>"), "{said}");
    assert!(said.contains(&format!("{DOOR}?about=talk&amp;turn=11&amp;lang=en#rc=2")), "{said}");
    assert_eq!(call.headers.last().unwrap().0, "authorization");
}

#[test]
fn no_document_is_longer_than_a_call_takes() {
    for (author, word) in [(Author::Bot, "<&\"'> "), (Author::Agent, "&&&&&&&&&&"), (Author::Agent, "说。")] {
        let long: Vec<_> = (0..6).map(|_| (author, text(&word.repeat(900)))).collect();
        let said = document(&render(&outbound(QUEUE, "zh", false, &long)).unwrap());
        assert!(said.chars().count() <= 4000 && said.ends_with("</Gather></Response>"), "{}", said.chars().count());
    }
    let numbers = "您的订单号是 20261122001。".repeat(200);
    let said = document(&render(&outbound(QUEUE, "zh", false, &[(Author::Bot, text(&numbers))])).unwrap());
    assert!(said.contains("2 0 2 6 1 1 2 2 0 0 1。</Say>") && said.chars().count() < 1200, "{said}");
}

#[test]
fn nothing_is_said_to_nobody() {
    let mut gone = outbound(DIAL, "en", false, &[(Author::Agent, text("hello"))]);
    gone.reply = None;
    assert_eq!(render(&gone), Err(RenderError("the customer is not on the line".to_owned())));
    let unknown = outbound("+15550100000", "en", false, &[(Author::Agent, text("hello"))]);
    assert!(render(&unknown).unwrap_err().0.contains("settings.accounts"));
}
