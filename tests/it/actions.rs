//! Actions of the company's own system: from the turn over the queue to the system, and its answer back to the turn.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use app::action::{ActionError, Worked, Worker, work};
use app::answers::KnowledgeBot;
use app::envelope::{read_action, read_inbound, write_action, write_inbound};
use app::ports::{ActionReply, ActionTarget, Clock as _};
use app::process::{Processed, process};
use aws::{Aws, LambdaActions};
use channels::{HttpCall, WireReply};
use domain::{
    ActionCall, ActionId, ActionNews, ActionOrder, ActionResult, Change, ChannelId, Conversation, EventKind, Identity,
    InboundEvent, Locale,
};
use runtime::actions::HttpActions;
use runtime::wire::Route;
use serde_json::{Value, json};
use testkit::{Queue, World};
use tests::system::{System, answered, calls, number_of};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Frontdesk, event, responder_of, shop_bot};

fn identity() -> Identity {
    Identity { channel: ChannelId::Messenger, account: "page".to_owned(), user: "u1".to_owned() }
}

fn order(world: &World, name: &str) -> ActionOrder {
    let identity = identity();
    let conversation = Conversation::first(&identity, world.now()).id;
    let input = [("order".to_owned(), "12345".to_owned())].into();
    let call = ActionCall { id: ActionId::derive(&[b"call"]), name: name.to_owned(), input };
    ActionOrder { identity, conversation, at: world.now(), locale: Locale::from_tag("zh"), call }
}

struct Desk {
    world: World,
    system: System,
}

impl Desk {
    fn new() -> Self {
        let world = World::new(KnowledgeBot::without_knowledge());
        Self { system: System::new(&world), world }
    }

    async fn works_with(&self, https: &dyn ActionTarget, body: &str, last: bool) -> Result<Worked, ActionError> {
        let (world, system) = (&self.world, &self.system);
        let worker = Worker { settings: system, https, functions: system, inbound: world, clock: world };
        work(&worker, body, last).await
    }

    async fn works(&self, order: &ActionOrder) -> Result<Worked, ActionError> {
        self.works_with(&self.system, &write_action(order), false).await
    }

    /// How calls ended, as the conversation is told.
    fn told(&self) -> Vec<ActionNews> {
        let events = self.world.inbound().into_iter().map(|message| read_inbound(&message.body).unwrap());
        events
            .filter_map(|event| if let EventKind::ActionDone(news) = event.kind { Some(news) } else { None })
            .collect()
    }

    async fn responds(&self, event: &InboundEvent) -> Processed {
        let world = &self.world;
        let deps = responder_of(world);
        process(&deps, &write_inbound(event)).await.unwrap()
    }

    fn ends(&self) -> usize {
        let turns = self.world.turns(&identity().group());
        let changes = turns.iter().flat_map(|turn| &turn.changes);
        changes.filter(|change| matches!(change, Change::ActionEnded(_))).count()
    }
}

#[tokio::test]
async fn a_call_goes_out_after_the_commit_and_its_end_comes_back_once() {
    let desk = Desk::new();
    let (event, id) = calls(&desk.world, &identity(), 7, "find").await;
    for _ in 0..3 {
        assert_eq!(desk.responds(&event).await, Processed::Repeated, "its turn was committed before");
    }
    let sent: Vec<_> = (0..3).filter_map(|place| desk.world.sent_as(Queue::Actions, place)).collect();
    assert!(sent.iter().all(|message| message.dedup == id.as_str() && message.group == identity().group().as_str()));
    assert!(!sent.is_empty());
    let read = read_action(&sent[0].body).unwrap();
    assert_eq!(
        (read.identity.clone(), read.call.id.clone(), read.call.name.as_str()),
        (identity(), id.clone(), "find")
    );
    for _ in 0..3 {
        assert_eq!(desk.works(&read).await.unwrap(), Worked::Done);
    }
    let done = ActionResult::Done { values: [("number".to_owned(), number_of(id.as_str()))].into() };
    assert_eq!(desk.told()[0], ActionNews { id: id.clone(), result: done });
    assert_eq!(desk.system.done().len(), 1);
    for message in desk.world.inbound() {
        desk.responds(&read_inbound(&message.body).unwrap()).await;
    }
    assert_eq!(desk.ends(), 1);
}

#[tokio::test]
async fn a_system_is_told_what_the_documentation_says() {
    let desk = Desk::new();
    for (name, target) in
        [("find", "https://shop.example/find"), ("block", "arn:aws:lambda:eu-west-1:123456789012:function:block")]
    {
        let order = order(&desk.world, name);
        desk.works(&order).await.unwrap();
        let (to, body) = desk.system.calls().pop().unwrap();
        assert_eq!(to, target);
        let told = json!({
            "id": order.call.id,
            "name": name,
            "input": { "order": "12345" },
            "conversation": order.conversation,
            "channel": "messenger",
            "locale": "zh",
            "at": "2027-01-15T08:00:00Z",
        });
        assert_eq!(body, told);
    }
}

#[tokio::test]
async fn what_nobody_can_do_fails_at_once_so_that_the_flow_goes_on() {
    for actions in [json!({}), json!({ "find": {} }), json!({ "find": "https://shop.example" })] {
        let desk = Desk::new();
        desk.system.set_up(&actions);
        assert_eq!(desk.works(&order(&desk.world, "find")).await.unwrap(), Worked::Failed, "{actions}");
        assert!(desk.system.calls().is_empty());
        let [news] = &desk.told()[..] else { panic!("{actions}") };
        assert_eq!(news.result, ActionResult::Failed);
    }
}

#[tokio::test]
async fn a_system_in_trouble_is_asked_again_for_two_minutes() {
    let desk = Desk::new();
    let order = order(&desk.world, "find");
    let busy = |after| ActionReply::Reply(WireReply { status: 429, retry_after: after, body: String::new() });
    for (reply, after) in [(busy(Some(7)), Some(7)), (busy(None), None), (answered(503, &json!({})), None)] {
        desk.system.answer([reply]);
        let error = desk.works(&order).await.unwrap_err();
        assert!(matches!(error, ActionError::Later { after: found, .. } if found == after), "{error:?}");
    }
    assert!(desk.told().is_empty());
    // One that wants more time than the customer has.
    desk.system.answer([busy(Some(600))]);
    assert_eq!(desk.works(&order).await.unwrap(), Worked::Failed);
    let desk = Desk::new();
    desk.world.pass(121);
    desk.system.answer([answered(500, &json!({}))]);
    assert_eq!(desk.works(&order).await.unwrap(), Worked::Failed, "the customer has waited long enough");
    // A record that comes late, after an outage of ours, is tried all the same.
    assert_eq!(desk.works(&order).await.unwrap(), Worked::Done);
    desk.system.answer([answered(500, &json!({}))]);
    let fresh = ActionOrder { at: desk.world.now(), ..order };
    let last = desk.works_with(&desk.system, &write_action(&fresh), true).await;
    assert_eq!(last.unwrap(), Worked::Failed, "it does not come again");
}

#[tokio::test]
async fn settings_that_cannot_be_read_are_waited_for_and_an_end_that_cannot_be_told_stays() {
    let desk = Desk::new();
    let order = order(&desk.world, "find");
    desk.world.break_part(Some("secrets"));
    assert!(matches!(desk.works(&order).await, Err(ActionError::Later { after: None, .. })));
    desk.world.break_part(Some("inbound"));
    for last in [false, true] {
        let failed = desk.works_with(&desk.system, &write_action(&order), last).await;
        assert!(matches!(failed, Err(ActionError::Port(_))), "{failed:?}: it becomes a dead letter, and comes back");
    }
    desk.world.break_part(None);
    assert_eq!(desk.works(&order).await.unwrap(), Worked::Done);
    assert!(matches!(desk.works_with(&desk.system, "{}", false).await, Err(ActionError::Envelope(_))));
}

/// A system over HTTP that gives each request the next answer, and keeps what it was sent. No bytes: it never answers.
struct Shop {
    base: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Shop {
    async fn giving(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&heard);
        tokio::spawn(async move {
            let mut silent = vec![];
            for answer in answers {
                let mut stream = listener.accept().await.unwrap().0;
                let asked = request(&mut stream).await;
                kept.lock().unwrap().push(asked);
                if answer.is_empty() {
                    silent.push(stream);
                } else {
                    drop(stream.write_all(&answer).await);
                }
            }
            // Whoever waits for an answer waits on.
            std::future::pending::<()>().await;
        });
        Self { base, heard }
    }

    fn client(&self) -> HttpActions {
        let route = Route { elsewhere: Some(self.base.clone()), egress: None };
        HttpActions::new(Duration::from_millis(500), &route).unwrap()
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

/// A request, whole.
async fn request(stream: &mut TcpStream) -> String {
    let mut whole = vec![];
    loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        whole.extend_from_slice(&part[..read]);
        let text = String::from_utf8_lossy(&whole).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
        if read == 0 || body.len() == length.parse::<usize>().unwrap() {
            return text;
        }
    }
}

fn http(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

const DONE: &[u8] = br#"{"result":"done","values":{"eta":"tomorrow"}}"#;

/// What becomes of one call after the other, each over the wire.
async fn over_the_wire(answers: Vec<Vec<u8>>) -> (Vec<Result<Worked, ActionError>>, Desk, Shop) {
    let (desk, count) = (Desk::new(), answers.len());
    let shop = Shop::giving(answers).await;
    desk.system.set_up(&json!({ "find": { "url": format!("{}/find?x=1", shop.base) } }));
    let (client, body) = (shop.client(), write_action(&order(&desk.world, "find")));
    let mut ends = vec![];
    for _ in 0..count {
        ends.push(desk.works_with(&client, &body, false).await);
    }
    (ends, desk, shop)
}

#[tokio::test]
async fn each_try_carries_the_same_id_and_a_signature_that_holds() {
    let answers = vec![http("500 Oops", "", b""), http("200 OK", "", DONE), http("200 OK", "", DONE)];
    let (ends, desk, shop) = over_the_wire(answers).await;
    assert!(matches!(ends[0], Err(ActionError::Later { after: None, .. })), "{ends:?}");
    assert!(matches!(ends[1..], [Ok(Worked::Done), Ok(Worked::Done)]), "{ends:?}");
    let requests = shop.heard();
    assert_eq!(requests.len(), 3);
    let (id, now) = (ActionId::derive(&[b"call"]), desk.world.now().seconds());
    let first = requests[0].split_once("\r\n\r\n").unwrap().1;
    for text in &requests {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("POST /find?x=1 HTTP/1.1\r\n"), "{head}");
        let header = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: ")));
            line.unwrap_or_else(|| panic!("no {name}: {head}")).to_owned()
        };
        assert_eq!((header("webhook-id"), header("webhook-timestamp")), (id.to_string(), now.to_string()));
        assert_eq!((header("content-type").as_str(), body), ("application/json", first));
        assert_eq!(header("webhook-signature"), signature(&header("webhook-id"), now, body));
        assert_eq!(serde_json::from_str::<Value>(body).unwrap()["id"], id.as_str());
    }
    let values = [("eta".to_owned(), "tomorrow".to_owned())].into();
    assert_eq!(desk.told()[0], ActionNews { id, result: ActionResult::Done { values } });
}

/// As the specification lays it down, without our own code.
fn signature(id: &str, at: i64, body: &str) -> String {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use hmac::{Hmac, Mac as _};
    let key = STANDARD.decode(tests::system::SECRET.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = <Hmac<sha2::Sha256> as hmac::Mac>::new_from_slice(&key).unwrap();
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

#[tokio::test]
async fn a_system_that_is_slow_or_busy_is_asked_later() {
    let began = Instant::now();
    let half = [b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n".as_slice(), DONE].concat();
    let answers = vec![vec![], http("429 Busy", "retry-after: 9\r\n", b""), http("409 Conflict", "", b""), half];
    let (ends, desk, shop) = over_the_wire(answers).await;
    assert!(matches!(ends[0], Err(ActionError::Later { after: None, .. })), "no answer in time: {ends:?}");
    assert!(began.elapsed() >= Duration::from_millis(500), "it was waited for");
    assert!(matches!(ends[1], Err(ActionError::Later { after: Some(9), .. })), "{ends:?}");
    assert!(
        matches!(ends[2..], [Err(ActionError::Later { after: None, .. }), Err(ActionError::Later { after: None, .. })]),
        "{ends:?}"
    );
    assert_eq!((shop.heard().len(), desk.told().len()), (4, 0));
}

#[tokio::test]
async fn an_answer_that_was_not_agreed_fails_at_once() {
    let large = vec![b'x'; 64 * 1024 + 1];
    let endless = [
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(),
        [b"1000\r\n".as_slice(), &[b'x'; 4096], b"\r\n"].concat().repeat(32),
    ];
    for answer in [
        http("302 Found", "location: http://127.0.0.1:1/elsewhere\r\n", b""),
        http("307 Temporary Redirect", "location: /elsewhere\r\n", DONE),
        http("200 OK", "", &large),
        endless.concat(),
        http("200 OK", "", b"{\"result\":"),
        http("200 OK", "", b"{\"result\":\"done\",\"values\":{\"a\":[]}}"),
        http("400 Bad Request", "", DONE),
        http("401 Unauthorized", "", b""),
        http("404 Not Found", "", b""),
    ] {
        let head = String::from_utf8_lossy(&answer[..30]).into_owned();
        let (ends, desk, shop) = over_the_wire(vec![answer]).await;
        assert!(matches!(ends[..], [Ok(Worked::Failed)]), "{head}: {ends:?}");
        assert_eq!((desk.told()[0].result.clone(), shop.heard().len()), (ActionResult::Failed, 1), "{head}");
    }
    let refused = http("200 OK", "", br#"{"result":"refused","reason":"too_late"}"#);
    let (ends, desk, _shop) = over_the_wire(vec![refused]).await;
    assert!(matches!(ends[..], [Ok(Worked::Refused)]), "{ends:?}");
    assert_eq!(desk.told()[0].result, ActionResult::Refused { reason: "too_late".to_owned() });
}

#[tokio::test]
async fn no_private_address_is_called() {
    let shop = Shop::giving(vec![http("200 OK", "", DONE)]).await;
    let client = shop.client();
    let port = shop.base.rsplit(':').next().unwrap();
    for target in [
        format!("https://127.0.0.1:{port}/find"),
        format!("http://localhost:{port}/find"),
        format!("{}.example/find", shop.base),
        format!("{}1/find", shop.base),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "https://[::1]/x".to_owned(),
        "http://shop.example/x".to_owned(),
        "https://user:pass@shop.example/x".to_owned(),
        "file:///etc/passwd".to_owned(),
        "nothing".to_owned(),
    ] {
        let reply = client.call(&HttpCall::json(target.clone(), &json!({}))).await;
        assert!(matches!(reply, ActionReply::Forbidden(_)), "{target}: {reply:?}");
    }
    // A name is looked up, and leads nowhere.
    let reply = client.call(&HttpCall::json(format!("https://localhost:{port}/find"), &json!({}))).await;
    assert_eq!(reply, ActionReply::Reply(WireReply::default()));
    assert!(shop.heard().is_empty());
    let near = client.call(&HttpCall::json(format!("{}/find", shop.base), &json!({}))).await;
    assert!(matches!(near, ActionReply::Reply(reply) if reply.status == 200), "the stack's own sandbox is called");
}

#[tokio::test]
async fn a_function_gets_the_same_and_its_own_errors_are_tried_again() {
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:block";
    let denied = http("403 Forbidden", "x-amzn-errortype: AccessDeniedException\r\n", b"{}");
    let large = http("200 OK", "", &vec![b'x'; 64 * 1024 + 1]);
    let failed = http("200 OK", "x-amz-function-error: Unhandled\r\n", DONE);
    for (answer, wanted) in [
        (http("200 OK", "", DONE), ActionReply::Reply(WireReply { status: 200, retry_after: None, body: text(DONE) })),
        (failed, answered(500, &Value::Null)),
        (denied, answered(403, &Value::Null)),
        (large, ActionReply::TooLarge),
    ] {
        let shop = Shop::giving(vec![answer]).await;
        let config = aws_config::defaults(aws_config::BehaviorVersion::latest())
            .endpoint_url(&shop.base)
            .region(aws_config::Region::new("eu-west-1"))
            .credentials_provider(aws_credential_types::Credentials::new("a", "b", None, None, "the tests"))
            .load()
            .await;
        let target = LambdaActions::new(&Aws::with_config(config));
        let reply = target.call(&HttpCall::json(arn.to_owned(), &json!({ "id": "act_1" }))).await;
        match (&reply, &wanted) {
            // What comes with a failure is not looked at.
            (ActionReply::Reply(found), ActionReply::Reply(wanted)) if wanted.status != 200 => {
                assert_eq!((found.status, found.body.as_str()), (wanted.status, ""));
            }
            _ => assert_eq!(reply, wanted),
        }
        let [asked] = &shop.heard()[..] else { panic!("{:?}", shop.heard()) };
        let line = asked.lines().next().unwrap();
        assert!(line.starts_with("POST /2015-03-31/functions/arn") && line.contains("/invocations "), "{line}");
        assert!(asked.ends_with("\r\n\r\n{\"id\":\"act_1\"}") && !asked.contains("webhook-signature"), "{asked}");
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_end_of_an_action_waits_for_a_reader_that_knows_what_that_is() {
    let desk = Frontdesk::new(shop_bot());
    let whole = event("queues/inbound-v5.json");
    let records = whole["Records"].as_array().unwrap();
    let mut ends = vec![];
    for record in &records[1..] {
        let body = record["body"].as_str().unwrap();
        assert!(body.starts_with(r#"{"v":5,"#));
        let read = read_inbound(body).unwrap();
        let again: Value = serde_json::from_str(&write_inbound(&read)).unwrap();
        assert_eq!(again, serde_json::from_str::<Value>(body).unwrap());
        let EventKind::ActionDone(news) = read.kind else { panic!("{body}") };
        ends.push(news);
    }
    let order = event("queues/actions-v1.json")["Records"][0]["body"].as_str().unwrap().to_owned();
    assert_eq!(read_action(&order).unwrap().call.id, ends[0].id);
    assert_eq!(ends.iter().filter(|news| matches!(news.result, ActionResult::Failed)).count(), 1);
    let group = records[0]["attributes"]["MessageGroupId"].as_str().unwrap().parse().unwrap();
    desk.respond(serde_json::from_value(whole).unwrap()).await;
    let changes: Vec<Change> = desk.world.turns(&group).into_iter().flat_map(|turn| turn.changes).collect();
    let wanted: Vec<Change> = ends.into_iter().map(Change::ActionEnded).collect();
    assert_eq!(changes, wanted);
}
