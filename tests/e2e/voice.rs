//! Whole calls through the sandbox's Twilio: greeting, question, answer, a person, the queue, a message after hours.

use std::time::{Duration, Instant};

use app::ports::{Conversations as _, InboundQueue as _};
use aws::dynamo::Retention;
use aws::{Aws, DynamoConversations, SqsInbound};
use domain::{
    AgentAction, AgentId, ChannelId, Content, Conversation, EventKind, Identity, InboundEvent, Owner, UnixMillis,
};
use reqwest::Client;
use serde_json::{Value, json};
use tests::processes::{Processes, died_in_the_middle};
use tests::{Stack, until};
use uuid::Uuid;

/// How long a step may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(2);

/// Somebody with a telephone.
struct Caller {
    client: Client,
    sandbox: String,
    number: String,
    language: &'static str,
    /// The name of the number that they call; empty: the first.
    called: &'static str,
}

impl Caller {
    fn of(stack: &Stack, language: &'static str, called: &'static str) -> Self {
        let digits = Uuid::new_v4().as_u128() % 10_000_000_000;
        let sandbox = stack.text("/sandbox_url").to_owned();
        Self { client: Client::new(), sandbox, number: format!("+1{digits:010}"), language, called }
    }

    /// Does something; the last thing that they hear of it.
    async fn does(&self, what: Value) -> String {
        let told = self.told(what).await;
        let heard =
            told.get("shown").and_then(|shown| shown.as_array()?.last()?.get("text")?.as_str().map(str::to_owned));
        heard.unwrap_or_default()
    }

    /// Does something; all that is told of it.
    async fn told(&self, what: Value) -> Value {
        let mut body =
            json!({ "channel": "voice", "user": self.number, "locale": self.language, "account": self.called });
        body.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        let response = self.client.post(format!("{}/say", self.sandbox)).json(&body).send().await.unwrap();
        let told: Value = response.json().await.unwrap();
        assert_eq!(told.get("accepted"), Some(&Value::Bool(true)), "{what}: {told}");
        let list = |name: &str| told.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
        let slow = |tried: &Value| tried.get("milliseconds").and_then(Value::as_u64).is_none_or(|time| time > 10_000);
        assert_eq!(list("tries").iter().find(|tried| slow(tried)), None, "{what}");
        told
    }

    /// A provider's trouble with the next call for them.
    async fn fault(&self, provider: &str, fault: Value) {
        let mut body = json!({ "provider": provider, "user": self.number });
        body.as_object_mut().unwrap().extend(fault.as_object().unwrap().clone());
        let response = self.client.post(format!("{}/faults", self.sandbox)).json(&body).send().await.unwrap();
        assert!(response.status().is_success(), "{body}");
    }

    /// The provider's calls that were for them.
    async fn calls(&self) -> Vec<Value> {
        self.list("outbox?channel=voice").await
    }

    /// The text messages on their phone.
    async fn texts(&self) -> Vec<String> {
        let feed = self.list("feed?channel=sms").await.into_iter();
        let feed = feed.filter(|entry| entry.get("kind").is_some_and(|kind| kind == "shown"));
        feed.map(|entry| entry.get("text").and_then(Value::as_str).unwrap().to_owned()).collect()
    }

    /// What the sandbox has of them.
    async fn list(&self, what: &str) -> Vec<Value> {
        let address = format!("{}/{what}&user={}", self.sandbox, self.number.replace('+', "%2B"));
        self.client.get(address).send().await.unwrap().json().await.unwrap()
    }

    async fn says(&self, text: &str) -> String {
        self.does(json!({ "text": text })).await
    }

    async fn event(&self, name: &str, about: &str) -> String {
        self.does(json!({ "event": name, "about": about })).await
    }

    /// Waits until they hear this.
    async fn hears(&self, words: &str) {
        until(&format!("{words:?} is heard"), PATIENCE, async || {
            let address = format!("{}/feed?channel=voice&user={}", self.sandbox, self.number.replace('+', "%2B"));
            let feed: Value = self.client.get(address).send().await.unwrap().json().await.unwrap();
            let heard = |entry: &Value| entry["kind"] == "shown" && entry["text"].as_str().unwrap().contains(words);
            feed.as_array().unwrap().iter().any(heard).then_some(())
        })
        .await;
    }

    fn desk(&self, stack: &Stack, aws: &Aws) -> Desk {
        let account = match self.called {
            "" => stack.text("/channels/voice/account"),
            name => stack.text(&format!("/channels/voice/accounts/{name}/account")),
        };
        let identity = Identity { channel: ChannelId::Voice, account: account.to_owned(), user: self.number.clone() };
        Desk {
            conversations: DynamoConversations::new(aws, stack.text("/table"), Retention::days(365)),
            inbound: SqsInbound::new(aws, stack.text("/queues/inbound")),
            identity,
        }
    }
}

/// The conversation as people of the company see it.
struct Desk {
    conversations: DynamoConversations,
    inbound: SqsInbound,
    identity: Identity,
}

impl Desk {
    async fn until(&self, what: &str, is: impl Fn(&Conversation) -> bool) -> Conversation {
        until(what, PATIENCE, async || {
            self.conversations.load(&self.identity.group()).await.unwrap().filter(|head| is(head))
        })
        .await
    }

    /// The turns as they are stored.
    fn turns(&self, stack: &Stack) -> Vec<String> {
        let arguments = json!({
            "TableName": stack.text("/table"),
            "KeyConditionExpression": "pk = :g and begins_with(sk, :t)",
            "ExpressionAttributeValues": { ":g": { "S": self.identity.group() }, ":t": { "S": "T#" } },
        });
        let call = json!([{ "service": "dynamodb", "operation": "query", "arguments": arguments }]);
        let page = stack.aws(&call).remove(0);
        page.get("Items").and_then(Value::as_array).unwrap().iter().map(Value::to_string).collect()
    }

    async fn does(&self, conversation: &Conversation, action: AgentAction) {
        let agent = AgentId::derive(&[b"e2e"]);
        let kind = EventKind::Agent { agent, conversation: conversation.id.clone(), action };
        let at = UnixMillis(1_800_000_000_000);
        let event = InboundEvent::new(self.identity.clone(), &Uuid::new_v4().to_string(), at, None, kind);
        self.inbound.send(&[event]).await.unwrap();
    }
}

fn waits(head: &Conversation) -> bool {
    matches!(head.owner, Owner::Queued { .. })
}

#[tokio::test]
async fn a_whole_call_with_a_person_who_writes() {
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    let caller = Caller::of(&stack, "en", "");
    let desk = caller.desk(&stack, &aws);
    assert!(caller.event("call", "").await.contains("press 2"), "the languages are offered");
    let answer = caller.says("how do I return a broken item").await;
    assert!(answer.contains("photograph the item") && answer.contains("press 1"), "{answer}");
    assert!(!answer.contains("http") && !answer.contains("**"), "{answer}");
    let chosen = caller.says("1").await;
    assert!(chosen.chars().count() > 10 && chosen != answer, "{chosen}");
    assert!(caller.event("mumble", "hm").await.contains("say it again"));
    // `0` is a person's key.
    let handed = caller.says("0").await;
    assert!(!handed.is_empty());
    let head = desk.until("the caller waits for a person", |head| waits(head) && head.line.is_some()).await;
    desk.does(&head, AgentAction::Accept).await;
    desk.does(&head, AgentAction::Reply { content: Content::Text { text: "This is Anna from the shop.".to_owned() } })
        .await;
    caller.hears("This is Anna from the shop.").await;
    assert_eq!(caller.says("hello Anna").await, "", "the bot is silent");
    caller.event("hangup", "").await;
    desk.until("the line is closed", |head| head.line.is_none()).await;
    let after = AgentAction::Reply { content: Content::Text { text: "are you there?".to_owned() } };
    let before = desk.until("the head", |_| true).await.version;
    desk.does(&head, after).await;
    let head = desk.until("the words were refused", |head| head.version > before).await;
    assert!(matches!(head.owner, Owner::Human { .. }), "{:?}", head.owner);
    let calls = caller.calls().await;
    assert_eq!(calls.len(), 1, "nothing is said to a call that is over: {calls:?}");
    assert_eq!(calls[0]["status"], 200);
}

#[tokio::test]
async fn three_silences_are_a_persons_and_the_queue_tells_the_place() {
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    let caller = Caller::of(&stack, "zh", "queue");
    let desk = caller.desk(&stack, &aws);
    assert!(!caller.event("call", "").await.is_empty(), "a greeting");
    assert!(caller.event("silence", "").await.contains("再说一遍"));
    assert!(caller.event("mumble", "嗯").await.contains("再说一遍"));
    // The notice, and then the queue's own announcement.
    assert!(caller.event("silence", "").await.contains("第 2 位"));
    caller.hears("人工").await;
    desk.until("the caller is in the queue of the telephone", |head| waits(head) && head.line.is_none()).await;
    assert!(caller.event("wait", "1").await.contains("下一位"));
    caller.event("answered", "1").await;
    assert!(caller.event("over", "").await.contains("再见"));
    desk.until("nobody waits any more", |head| head.owner == Owner::Bot).await;
}

#[tokio::test]
async fn a_message_after_hours_is_for_a_person() {
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    let caller = Caller::of(&stack, "zh", "closed");
    let desk = caller.desk(&stack, &aws);
    let closed = caller.says("转人工").await;
    assert!(closed.contains("非工作时间") && closed.contains("留言"), "{closed}");
    assert!(caller.event("voicemail", "12").await.contains("谢谢您的留言"));
    let head = desk.until("a person is to call back", |head| waits(head) && head.line.is_none()).await;
    assert!(head.seq > 3, "{head:?}");
    // The emulator's words are always of this kind.
    until("what was said is written", PATIENCE, async || {
        desk.turns(&stack).iter().any(|turn| turn.contains("ministack mock transcript")).then_some(())
    })
    .await;
    let stored = |turn: &String| turn.contains(r#"\"mime\":\"audio/wav\""#) && turn.contains(r#"\"upload\":\"upl_"#);
    assert_eq!(desk.turns(&stack).iter().filter(|turn| stored(turn)).count(), 1, "{:?}", desk.turns(&stack));
    let head = desk.until("the head", |_| true).await;
    assert!(waits(&head), "whoever calls back reads it: {:?}", head.owner);
    let written = desk.turns(&stack).into_iter().filter(|turn| turn.contains("ministack mock transcript"));
    assert_eq!(written.count(), 1);
}

const SIZES: &str = "Where is the size chart";
const LINK: &str = "https://lanternpine.example/pictures/size-guide.png";

#[tokio::test]
async fn an_answers_link_comes_as_one_text_message() {
    let Some(stack) = Stack::running() else { return };
    for (language, question, offer, wish, sent) in [
        ("en", SIZES, "press star", "*", "I have texted you the link"),
        ("zh", "尺码表在哪里", "请按星号键", "好的，发短信给我", "链接已经用短信发给您了"),
    ] {
        let caller = Caller::of(&stack, language, "");
        caller.event("call", "").await;
        let answer = caller.says(question).await;
        assert!(answer.contains(offer) && !answer.contains("http"), "{answer}");
        // The request comes three times.
        caller.does(json!({ "text": wish, "copies": 3 })).await;
        caller.hears(sent).await;
        let texts = caller.texts().await;
        assert!(texts.len() == 1 && texts[0].ends_with(LINK), "{texts:?}");
        // The offer was taken: the key is no key any more, and the call goes on.
        caller.says("*").await;
        let next = caller.says(QUESTION).await;
        assert!(!next.is_empty() && !next.contains(offer), "{next}");
        assert_eq!(caller.list("outbox?channel=sms").await.len(), 1, "nothing else went out");
        caller.event("hangup", "").await;
    }
    // Nobody offers what cannot be sent: another number has none to text from.
    let caller = Caller::of(&stack, "en", "dial");
    let answer = caller.says(SIZES).await;
    assert!(answer.len() > 20 && !answer.contains("press star"), "{answer}");
    caller.event("hangup", "").await;
}

#[tokio::test]
async fn who_gets_no_text_message_hears_so_and_one_in_doubt_is_not_sent_again() {
    let Some(stack) = Stack::running() else { return };
    let stopped = Caller::of(&stack, "en", "");
    let stop = json!({ "channel": "sms", "user": stopped.number, "text": "stop" });
    stopped.client.post(format!("{}/say", stopped.sandbox)).json(&stop).send().await.unwrap();
    // Twilio is busy once, and then refuses for good: the customer has ended messages.
    stopped.fault("sms", json!({ "mode": "429", "seconds": 1 })).await;
    // It takes the message, and its answer is lost.
    let unsure = Caller::of(&stack, "en", "");
    unsure.fault("sms", json!({ "mode": "lost" })).await;
    for (caller, heard, count) in [(stopped, "no text message could be sent", 0), (unsure, "may be on its way", 1)] {
        caller.event("call", "").await;
        assert!(caller.says(SIZES).await.contains("press star"));
        caller.says("*").await;
        caller.hears(heard).await;
        assert_eq!(caller.texts().await.len(), count, "{heard}");
        assert_eq!(caller.list("outbox?channel=sms").await.len(), 2 - count, "{heard}");
        caller.event("hangup", "").await;
    }
}

/// The longest that a step of a call leaves a function without work.
const AT_WORK: Duration = Duration::from_secs(20);
/// How long the emulator takes at most to write down that a process has died in the middle of an invocation.
const WRITTEN_DOWN: Duration = Duration::from_secs(3);
/// In how many calls a process is to be met at work.
const CALLS: usize = 8;
const QUESTION: &str = "how do I return a broken item";
const ANSWER: &str = "photograph the item";

/// Whether, by the emulator's record, more invocations of the function have died in the middle than these.
async fn more_died(stack: &Stack, function: &str, before: usize) -> bool {
    let started = Instant::now();
    while started.elapsed() < WRITTEN_DOWN {
        if died_in_the_middle(stack, function) > before {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

/// Asks, and kills the function so long after it has begun to work on that. What is told of the question, and whether a
/// process died in the middle of an invocation; `None`: this machine does not tell which processes it runs.
async fn asks_and_kills(stack: &Stack, caller: &Caller, function: &str, moment: Duration) -> Option<(Value, bool)> {
    let before = died_in_the_middle(stack, function);
    let processes = Processes::of(stack, function)?;
    let kill = async {
        if !processes.begin(AT_WORK).await {
            return 0;
        }
        tokio::time::sleep(moment).await;
        processes.kill()
    };
    let (told, killed) = tokio::join!(caller.told(json!({ "text": QUESTION })), kill);
    Some((told, killed > 0 && more_died(stack, function, before).await))
}

/// The answer has come, or comes; the next turn is answered; the question has been taken once.
async fn goes_on(stack: &Stack, caller: &Caller, desk: &Desk, function: &str) {
    // Whatever was late is heard as soon as it is there, on the same line.
    caller.hears(ANSWER).await;
    let answered = caller.says("1").await;
    assert!(answered.chars().count() > 10, "{function}: the call goes on: {answered}");
    let asked = desk.turns(stack).into_iter().filter(|turn| turn.contains(QUESTION));
    assert_eq!(asked.count(), 1, "{function}: one question, one turn, one answer");
    caller.event("hangup", "").await;
}

#[tokio::test]
async fn the_call_goes_on_when_the_door_dies_in_the_middle_of_it() {
    const DOOR: &str = "webhook-voice";
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    // As the request comes; while it waits for its reply.
    for moment in [Duration::ZERO, Duration::from_millis(60)] {
        let mut met = false;
        for _ in 0..CALLS {
            let caller = Caller::of(&stack, "en", "");
            let desk = caller.desk(&stack, &aws);
            assert!(caller.event("call", "").await.contains("press 2"));
            let Some((told, died)) = asks_and_kills(&stack, &caller, DOOR, moment).await else { return };
            goes_on(&stack, &caller, &desk, DOOR).await;
            // It was this caller's request: it had to be made again.
            let failed = |tried: &Value| tried.get("status").and_then(Value::as_u64).is_none_or(|status| status >= 500);
            met = died && told["tries"].as_array().unwrap().iter().any(failed);
            if met {
                break;
            }
        }
        assert!(met, "no request of {CALLS} calls was being answered when the door was killed, {moment:?} into it");
    }
}

#[tokio::test]
async fn the_call_goes_on_when_the_responder_dies_in_the_middle_of_it() {
    const RESPONDER: &str = "responder";
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    let mut met = false;
    // A record that was taken by who died comes again after a minute.
    for call in 0..CALLS {
        let caller = Caller::of(&stack, "en", "");
        let desk = caller.desk(&stack, &aws);
        assert!(caller.event("call", "").await.contains("press 2"));
        let moment = Duration::from_millis(u64::try_from(call).unwrap() * 5 % 20);
        let Some((told, died)) = asks_and_kills(&stack, &caller, RESPONDER, moment).await else { return };
        goes_on(&stack, &caller, &desk, RESPONDER).await;
        // It was this caller's question: the request itself got no answer to it.
        met = died && !told["shown"].to_string().contains(ANSWER);
        if met {
            break;
        }
    }
    assert!(met, "no question of {CALLS} calls was being decided when the responder was killed");
}

#[tokio::test]
async fn the_call_goes_on_when_the_sender_dies_in_the_middle_of_it() {
    const SENDER: &str = "outbound-voice";
    const WORDS: &str = "This is Anna from the shop.";
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    let caller = Caller::of(&stack, "en", "");
    let desk = caller.desk(&stack, &aws);
    assert!(caller.event("call", "").await.contains("press 2"));
    assert!(!caller.says("0").await.is_empty());
    let head = desk.until("the caller waits for a person", |head| waits(head) && head.line.is_some()).await;
    let before = died_in_the_middle(&stack, SENDER);
    // Twilio never answers: whoever sends is held there.
    caller.fault("voice", json!({ "mode": "hang" })).await;
    desk.does(&head, AgentAction::Accept).await;
    desk.does(&head, AgentAction::Reply { content: Content::Text { text: WORDS.to_owned() } }).await;
    until("the sender waits for Twilio", PATIENCE, async || {
        caller.calls().await.iter().any(|call| call["fault"] == "hang").then_some(())
    })
    .await;
    let Some(processes) = Processes::of(&stack, SENDER) else { return };
    assert!(processes.kill() > 0, "a process of the sender runs");
    assert!(more_died(&stack, SENDER, before).await, "the sender died in the middle of an invocation");
    caller.hears(WORDS).await;
    let took = caller.calls().await.into_iter().filter(|call| call["status"] == 200);
    assert_eq!(took.count(), 1, "what was never taken is said once");
    assert_eq!(caller.says("hello Anna").await, "", "she goes on");
    desk.until("Anna is asked", |head| matches!(head.owner, Owner::Human { .. }) && head.waiting_since.is_some()).await;
    caller.event("hangup", "").await;
}

#[tokio::test]
async fn a_person_is_called_and_nothing_is_said_into_that_talk() {
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    let caller = Caller::of(&stack, "en", "dial");
    let desk = caller.desk(&stack, &aws);
    caller.says("agent").await;
    caller.event("answered", "").await;
    let head = desk.until("the line is with a person", |head| waits(head) && head.line.is_none()).await;
    desk.does(&head, AgentAction::Accept).await;
    desk.does(&head, AgentAction::Reply { content: Content::Text { text: "into the talk".to_owned() } }).await;
    desk.until("the person has it", |head| matches!(head.owner, Owner::Human { .. })).await;
    assert!(caller.event("over", "").await.contains("Goodbye"));
    let feed = format!("{}/feed?channel=voice&user={}", caller.sandbox, caller.number.replace('+', "%2B"));
    let feed = caller.client.get(feed).send().await.unwrap().text().await.unwrap();
    assert!(!feed.contains("into the talk"), "{feed}");
}
