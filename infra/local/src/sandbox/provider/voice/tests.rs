use super::*;
use crate::sandbox::ids::Ids;

const USER: &str = "+15550100001";

fn account() -> Value {
    json!({
        "account": "+15550199999",
        "account_sid": "AC1",
        "auth_token": "t",
        "public_url": "https://a.example/webhooks/voice",
        "webhook_url": "http://127.0.0.1:1/webhooks/voice",
        "accounts": {"closed": {"account": "+15550199998"}},
    })
}

/// A caller at the door.
struct Table(Voice, Ids);

impl Table {
    fn new() -> Self {
        Self(Voice::default(), Ids::from(1))
    }

    fn with<T>(&mut self, act: impl FnOnce(&mut Voice, &mut Moment<'_>) -> T) -> T {
        act(&mut self.0, &mut Moment { account: &account(), now: 1, ids: &mut self.1 })
    }

    fn says(&mut self, act: Act) -> Result<Value, String> {
        self.with(|voice, moment| voice.says(&said(act), moment))
    }

    fn hears(&mut self, document: &str) -> Result<Vec<String>, String> {
        let body = format!("<Response>{document}</Response>");
        let shown = self.with(|voice, moment| voice.heard(&said(Act::Text(String::new())), body.as_bytes(), moment))?;
        Ok(shown.into_iter().map(|shown| shown.text).collect())
    }

    fn follows(&mut self) -> Option<Value> {
        self.with(|voice, moment| voice.follows(USER, moment))
    }

    fn fetches(&mut self, resource: &str, password: &str) -> Taken {
        let authorization = format!("Basic {}", STANDARD.encode(format!("AC1:{password}")));
        let call = Request {
            method: "GET".to_owned(),
            path: format!("/2010-04-01/Accounts/{resource}"),
            headers: vec![("authorization".to_owned(), authorization)],
            ..Request::default()
        };
        self.with(|voice, moment| voice.take(&call, moment))
    }

    fn updates(&mut self, sid: &str, password: &str, document: &str) -> Taken {
        let authorization = format!("Basic {}", STANDARD.encode(format!("AC1:{password}")));
        let body = form_urlencoded::Serializer::new(String::new()).append_pair("Twiml", document).finish();
        let call = Request {
            method: "POST".to_owned(),
            path: format!("/2010-04-01/Accounts/AC1/Calls/{sid}.json"),
            headers: vec![("authorization".to_owned(), authorization)],
            body: body.into_bytes(),
            ..Request::default()
        };
        self.with(|voice, moment| voice.take(&call, moment))
    }
}

fn said(act: Act) -> Said {
    Said { user: USER.to_owned(), act, chinese: false, wishes: Value::Null }
}

fn event(name: &str, about: &str) -> Act {
    Act::Event { name: name.to_owned(), about: about.to_owned() }
}

const MENU: &str =
    r#"<Gather input="dtmf" action="https://a.example/webhooks/voice?about=language#rc=2"><Say>1 or 2</Say></Gather>"#;
const ASK: &str = r#"<Gather input="dtmf speech" language="en-US" action="https://a.example/webhooks/voice?turn=7&amp;lang=en"><Say>Hello</Say></Gather>"#;

#[test]
fn a_text_is_a_call_a_language_and_speech() {
    let mut table = Table::new();
    let begins = table.says(Act::Text("my order".to_owned())).unwrap();
    assert_eq!((&begins["query"], &begins["form"]["From"]), (&json!(""), &json!(USER)));
    assert_eq!(table.hears(MENU).unwrap(), ["1 or 2"]);
    let chosen = table.follows().unwrap();
    assert_eq!((&chosen["query"], &chosen["form"]["Digits"]), (&json!("about=language"), &json!("2")));
    assert_eq!(table.hears(ASK).unwrap(), ["Hello"]);
    let spoken = table.follows().unwrap();
    let form = &spoken["form"];
    assert_eq!((&spoken["query"], &form["SpeechResult"]), (&json!("turn=7&lang=en"), &json!("my order")));
    assert_eq!(form["CallSid"], begins["form"]["CallSid"]);
    assert_eq!(table.follows(), None, "the answer is not there yet");
    table.hears(ASK).unwrap();
    let pressed = table.says(Act::Text("2".to_owned())).unwrap();
    assert_eq!((&pressed["form"]["Digits"], &pressed["form"]["SpeechResult"]), (&json!("2"), &Value::Null));
}

#[test]
fn a_call_that_is_over_takes_nothing_and_its_end_is_told() {
    let mut table = Table::new();
    let sid = table.says(event("call", "")).unwrap()["form"]["CallSid"].as_str().unwrap().to_owned();
    table.hears(ASK).unwrap();
    assert_eq!(table.updates(&sid, "wrong", "<Response/>").reply.status, 401);
    let update = format!("<Response>{ASK}</Response>");
    let taken = table.updates(&sid, "t", &update);
    assert_eq!((taken.reply.status, taken.shown[0].text.as_str()), (200, "Hello"));
    assert_eq!(table.updates(&sid, "t", "<Response><Shout/></Response>").reply.status, 400);
    assert_eq!(table.updates("CA0", "t", &update).reply.status, 404);
    let end = table.says(event("hangup", "")).unwrap();
    assert_eq!(end["form"]["CallStatus"], "completed");
    let gone = table.updates(&sid, "t", &update);
    assert_eq!(gone.reply.status, 400);
    assert!(String::from_utf8_lossy(&gone.reply.body).contains("21220"));
    assert!(table.says(event("silence", "")).is_err());
    // An application error ends it too.
    table.says(event("call", "")).unwrap();
    table.with(|voice, _| voice.gives_up(USER));
    // A document without a verb that goes on ends the call as well.
    table.says(event("call", "")).unwrap();
    table.hears("<Say>bye</Say>").unwrap();
    assert_eq!(table.follows().unwrap()["form"]["CallStatus"], "completed");
}

#[test]
fn redirects_queues_and_messages_go_on() {
    let mut table = Table::new();
    table.says(event("call", "")).unwrap();
    table.hears("<Say>wait</Say><Redirect>https://a.example/webhooks/voice?try=1</Redirect>").unwrap();
    assert_eq!(table.follows().unwrap()["query"], "try=1");
    let queue = r#"<Enqueue waitUrl="https://a.example/webhooks/voice?about=queue" action="https://a.example/webhooks/voice?about=dequeued">q</Enqueue>"#;
    table.hears(queue).unwrap();
    let waits = table.follows().unwrap();
    assert_eq!((&waits["query"], &waits["form"]["QueuePosition"]), (&json!("about=queue"), &json!("2")));
    table.hears("<Say>second</Say>").unwrap();
    assert_eq!(table.follows(), None, "who waits stays in the queue");
    assert_eq!(table.says(event("unanswered", "")).unwrap()["form"]["QueueResult"], "leave");
    let record = r#"<Record action="https://a.example/webhooks/voice?about=recorded"/>"#;
    table.hears(record).unwrap();
    let left = table.says(event("voicemail", "9")).unwrap();
    assert_eq!(left["form"]["RecordingDuration"], "9");
    let id = left["form"]["RecordingSid"].as_str().unwrap();
    assert_eq!(table.fetches(&format!("AC1/Recordings/{id}.wav"), "wrong").reply.status, 401);
    assert_eq!(table.fetches(&format!("AC1/Recordings/{id}.wav"), "t").reply.status, 404, "not ready yet");
    let file = table.fetches(&format!("AC1/Recordings/{id}.wav"), "t").reply;
    assert_eq!((file.status, file.kind, &file.body[..4]), (200, "audio/wav", &b"RIFF"[..]));
    for elsewhere in ["AC1/Recordings/RE0.wav", &format!("AC2/Recordings/{id}.wav")] {
        assert_eq!(table.fetches(elsewhere, "t").reply.status, 404, "{elsewhere}");
    }
    assert!(table.hears(r#"<Gather action="https://elsewhere.example/x?a"/>"#).is_err());
}

#[test]
fn a_number_s_setup_is_for_whoever_has_the_token() {
    let mut table = Table::new();
    let mut gets = |path: &str, query: &str, password: &str| {
        let authorization = format!("Basic {}", STANDARD.encode(format!("AC1:{password}")));
        let call = Request {
            method: "GET".to_owned(),
            path: format!("/2010-04-01/Accounts/AC1/{path}"),
            query: query.to_owned(),
            headers: vec![("authorization".to_owned(), authorization)],
            ..Request::default()
        };
        table.with(|voice, moment| voice.take(&call, moment)).reply
    };
    assert_eq!(gets("IncomingPhoneNumbers.json", "", "wrong").status, 401);
    for (number, found) in [("%2B15550199999", 1), ("%2B15550199998", 1), ("%2B15550100000", 0)] {
        let reply = gets("IncomingPhoneNumbers.json", &format!("PhoneNumber={number}"), "t");
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        let numbers = body["incoming_phone_numbers"].as_array().unwrap();
        assert_eq!(numbers.len(), found, "{number}");
        for number in numbers {
            assert_eq!(number["voice_url"], "http://127.0.0.1:1/webhooks/voice");
        }
    }
}
