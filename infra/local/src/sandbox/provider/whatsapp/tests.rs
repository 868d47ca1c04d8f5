//! The Cloud API's rules.

use super::*;
use crate::sandbox::ids::Ids;
use crate::sandbox::shown::{Look, Shown};

const USER: &str = "8613800138000";

fn account() -> Value {
    json!({"account": "106540352242922", "waba_id": "1022", "app_secret": "s", "access_token": "t"})
}

fn says(whatsapp: &mut WhatsApp, act: Act, now: i64) -> Result<Value, String> {
    let said = Said { user: USER.to_owned(), act, chinese: false, wishes: Value::Null };
    whatsapp.says(&said, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) })
}

fn send(whatsapp: &mut WhatsApp, message: &Value, now: i64) -> (Value, Vec<Shown>) {
    let mut body = json!({"messaging_product": "whatsapp", "to": USER, "biz_opaque_callback_data": "d:1"});
    body.as_object_mut().unwrap().extend(message.as_object().unwrap().clone());
    let headers = vec![("authorization".to_owned(), "Bearer t".to_owned())];
    let (method, path) = ("POST".to_owned(), "/v26.0/106540352242922/messages".to_owned());
    let call = Call { method, path, headers, body: body.to_string().into_bytes(), ..Call::default() };
    let taken = whatsapp.take(&call, &mut Moment { account: &account(), now, ids: &mut Ids::from(now) });
    (serde_json::from_slice(&taken.reply.body).unwrap(), taken.shown)
}

#[test]
fn after_a_day_only_a_template_goes() {
    let mut whatsapp = WhatsApp::default();
    says(&mut whatsapp, Act::Text("hi".to_owned()), 0).unwrap();
    let text = json!({"type": "text", "text": {"body": "x"}});
    assert_eq!(send(&mut whatsapp, &text, WINDOW * 1000 - 1).1.len(), 1);
    assert_eq!(send(&mut whatsapp, &text, WINDOW * 1000).0["error"]["code"], 131_047);
    let template = json!({"type": "template", "template": {"name": "reply", "language": {"code": "en"}}});
    assert_eq!(send(&mut whatsapp, &template, WINDOW * 1000).1.len(), 1);
    says(&mut whatsapp, Act::Event { name: "block".to_owned(), about: String::new() }, 9).unwrap_err();
    assert_eq!(send(&mut whatsapp, &text, 10).0["error"]["code"], 131_026);
}

#[test]
fn receipts_give_the_mark_back() {
    let mut whatsapp = WhatsApp::default();
    let (answer, shown) = send(&mut whatsapp, &json!({"type": "text", "text": {"body": "x"}}), 0);
    assert_eq!(answer["messages"][0]["id"], shown[0].id.as_str());
    let read = Act::Receipt { status: "read".to_owned(), message: shown[0].id.clone() };
    let event = says(&mut whatsapp, read, 1000).unwrap();
    let status = &event["statuses"][0];
    assert_eq!((&status["biz_opaque_callback_data"], &status["timestamp"]), (&json!("d:1"), &json!("1")));
    let hook = whatsapp.hook(&event, 0, &mut Moment { account: &account(), now: 0, ids: &mut Ids::from(0) });
    let body: Value = serde_json::from_slice(&hook.body).unwrap();
    assert_eq!(body["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"], "106540352242922");
}

#[test]
fn what_became_of_a_message_is_told_and_so_is_what_a_colleague_writes() {
    let account = account();
    for (open, expected) in [(false, &["sent", "delivered"][..]), (true, &["sent", "delivered", "read"])] {
        let mut whatsapp = WhatsApp::default();
        let mut ids = Ids::from(0);
        let mut moment = Moment { account: &account, now: 5000, ids: &mut ids };
        let (act, wishes) = (Act::Text("hi".to_owned()), json!({ "open": open }));
        whatsapp.says(&Said { user: USER.to_owned(), act, chinese: false, wishes }, &mut moment).unwrap();
        let body = json!({
            "messaging_product": "whatsapp", "to": USER, "biz_opaque_callback_data": "d:1", "type": "text", "text": {"body": "x"},
        });
        let taken = whatsapp.send(&body, &mut moment).unwrap();
        let statuses = taken.news[0].event["statuses"].as_array().unwrap();
        let names: Vec<&str> = statuses.iter().map(|status| status["status"].as_str().unwrap()).collect();
        assert_eq!(names, expected);
        let marked = |status: &Value| status["biz_opaque_callback_data"] == "d:1" && status["id"] == *taken.shown[0].id;
        assert!(statuses.iter().all(marked), "{statuses:?}");
    }
    let mut whatsapp = WhatsApp::default();
    let inbox = Act::Event { name: "inbox".to_owned(), about: "Hello".to_owned() };
    let event = says(&mut whatsapp, inbox, 0).unwrap();
    let hook = whatsapp.hook(&event, 0, &mut Moment { account: &account, now: 0, ids: &mut Ids::from(0) });
    let body: Value = serde_json::from_slice(&hook.body).unwrap();
    let change = &body["entry"][0]["changes"][0];
    assert_eq!(
        (&change["field"], &change["value"]["message_echoes"][0]["to"]),
        (&json!("smb_message_echoes"), &json!(USER))
    );
}

#[test]
fn choices_have_limits() {
    let rows = |kind: &str, count: usize| {
        let ids = (0..count).map(|id| (id.to_string(), format!("choice {id}")));
        let action = match kind {
            "button" => {
                json!({"buttons": ids.map(|(id, title)| json!({"type": "reply", "reply": {"id": id, "title": title}})).collect::<Vec<_>>()})
            }
            _ => {
                json!({"button": "Choose", "sections": [{"rows": ids.map(|(id, title)| json!({"id": id, "title": title})).collect::<Vec<_>>()}]})
            }
        };
        json!({"type": "interactive", "interactive": {"type": kind, "body": {"text": "x"}, "action": action}})
    };
    for (kind, count, taken, look) in [
        ("button", 3, true, Look::Buttons),
        ("button", 4, false, Look::Buttons),
        ("list", 10, true, Look::List),
        ("list", 11, false, Look::List),
        ("list", 0, false, Look::List),
    ] {
        let (answer, shown) = send(&mut WhatsApp::default(), &rows(kind, count), 0);
        assert_eq!(shown.len(), usize::from(taken), "{kind} {count}: {answer}");
        assert!(shown.iter().all(|shown| shown.look == look && shown.choices.len() == count));
    }
    let mut whatsapp = WhatsApp::default();
    let choose = Act::Choose { title: "A".to_owned(), payload: "a".to_owned(), look: "list".to_owned() };
    let event = says(&mut whatsapp, choose, 0).unwrap();
    assert_eq!(event["messages"][0]["interactive"]["list_reply"], json!({"id": "a", "title": "A"}));
}
