//! A person takes over and gives back, on the deployed stack: agents' actions enter through the inbound queue, alarms
//! come from the scheduler.

use std::time::Duration;

use app::ports::{Alarms as _, Conversations as _, InboundQueue as _};
use aws::dynamo::Retention;
use aws::{AlarmSettings, Aws, DynamoConversations, SchedulerAlarms, SqsInbound};
use aws_sdk_sqs::types::{MessageSystemAttributeName, QueueAttributeName};
use domain::{
    AgentAction, AgentId, Alarm, Content, Conversation, EventKind, Identity, InboundEvent, Owner, UnixMillis, VisitorId,
};
use serde_json::{Value, json};
use tests::{Stack, Visitor, until};
use uuid::Uuid;

/// How long a step may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

struct Desk {
    conversations: DynamoConversations,
    inbound: SqsInbound,
    identity: Identity,
    agent: AgentId,
}

impl Desk {
    async fn of(stack: &Stack, visitor: &Visitor) -> Self {
        let aws = Aws::with_config(stack.sdk(None).await);
        let id: VisitorId = visitor.session.get("visitor_id").and_then(Value::as_str).unwrap().parse().unwrap();
        Self {
            conversations: DynamoConversations::new(&aws, stack.text("/table"), Retention::days(365)),
            inbound: SqsInbound::new(&aws, stack.text("/queues/inbound")),
            identity: channels::web::session::identity(&id),
            agent: AgentId::derive(&[b"e2e"]),
        }
    }

    async fn head(&self) -> Conversation {
        self.conversations.load(&self.identity.group()).await.unwrap().unwrap()
    }

    async fn until(&self, what: &str, patience: Duration, is: impl Fn(&Conversation) -> bool) -> Conversation {
        until(what, patience, async || Some(self.head().await).filter(|head| is(head))).await
    }

    async fn does(&self, action: AgentAction) {
        let kind = EventKind::Agent { agent: self.agent.clone(), conversation: self.head().await.id, action };
        let id = Uuid::new_v4().to_string();
        let event = InboundEvent::new(self.identity.clone(), &id, UnixMillis(1_800_000_000_000), None, kind);
        self.inbound.send(&[event]).await.unwrap();
    }
}

fn authors(messages: &[Value]) -> Vec<&str> {
    messages.iter().map(|message| message["author"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_person_takes_over_answers_and_closes_and_the_next_message_is_the_bots() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({ "locale": "en" })).await;
    visitor.say("shopkeeper").await;
    assert_eq!(authors(&visitor.messages(2).await), ["customer", "system"]);
    let desk = Desk::of(&stack, &visitor).await;
    let queued = desk.head().await;
    assert!(matches!(queued.owner, Owner::Queued { .. }) && queued.alarm.is_some(), "{queued:?}");

    desk.does(AgentAction::Accept).await;
    desk.until("accepted", PATIENCE, |head| matches!(head.owner, Owner::Human { .. })).await;
    visitor.say("how do I return a broken item").await;
    desk.does(AgentAction::Reply { content: Content::Text { text: "Good morning, which order is it?".into() } }).await;
    let messages = visitor.messages(4).await;
    assert_eq!(authors(&messages), ["customer", "system", "customer", "agent"], "the bot is silent");

    desk.does(AgentAction::Close).await;
    // No more time is needed for notes: closed at once.
    desk.does(AgentAction::Close).await;
    desk.until("closed", PATIENCE, |head| matches!(head.owner, Owner::Closed { .. })).await;
    let next = visitor.ask("how do I return a broken item").await;
    assert!(next.contains("photograph the item"), "{next}");
    assert_eq!(desk.head().await.number, 2);
}

#[tokio::test]
async fn the_schedulers_alarm_ends_what_is_due() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({ "locale": "en" })).await;
    visitor.say("shopkeeper").await;
    visitor.messages(2).await;
    let desk = Desk::of(&stack, &visitor).await;
    desk.does(AgentAction::Accept).await;
    desk.does(AgentAction::Close).await;
    let wrapping = desk.until("wrapping up", PATIENCE, |head| matches!(head.owner, Owner::WrapUp { .. })).await;
    assert!(wrapping.alarm.is_some_and(|alarm| Some(alarm.at) == wrapping.deadline.map(|deadline| deadline.at)));
    let closed = desk.until("closed", PATIENCE * 3, |head| matches!(head.owner, Owner::Closed { .. })).await;
    assert_eq!(closed.version, wrapping.version + 1, "one timer, one turn");
}

/// Set twice it goes off once, in its group; taken back it does not; what is not there can be taken back.
#[tokio::test]
async fn an_alarm_is_a_schedule_that_deletes_itself() {
    let Some(stack) = Stack::running() else { return };
    let config = stack.sdk(None).await;
    let (sqs, aws) = (aws_sdk_sqs::Client::new(&config), Aws::with_config(config));
    let name = format!("alarms-{}.fifo", Uuid::new_v4());
    let queue = sqs.create_queue().queue_name(name).attributes(QueueAttributeName::FifoQueue, "true");
    let queue = queue.attributes(QueueAttributeName::ContentBasedDeduplication, "true").send().await.unwrap();
    let url = queue.queue_url().unwrap();
    let attributes = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::QueueArn);
    let arn = attributes.send().await.unwrap().attributes.unwrap()[&QueueAttributeName::QueueArn].clone();
    let settings = AlarmSettings {
        group: format!("{}-conversations", stack.text("/stack")),
        role: "arn:aws:iam::000000000000:role/none".to_owned(),
        queue: arn,
    };
    let alarms = SchedulerAlarms::new(&aws, settings);
    let user = VisitorId::derive(&[Uuid::new_v4().as_bytes()]);
    let identity = channels::web::session::identity(&user);
    let past = |turn| Alarm { at: UnixMillis(1_700_000_000_000), turn };
    for turn in [1, 1, 2] {
        alarms.set(&identity, past(turn)).await.unwrap();
    }
    for _ in 0..2 {
        alarms.cancel(&identity.group(), past(2)).await.unwrap();
    }
    let rung = until("the alarm", PATIENCE, async || {
        let receive = sqs.receive_message().queue_url(url).wait_time_seconds(5);
        let receive = receive.message_system_attribute_names(MessageSystemAttributeName::MessageGroupId);
        receive.send().await.unwrap().messages.unwrap_or_default().into_iter().next()
    })
    .await;
    let event = app::envelope::read_inbound(rung.body().unwrap()).unwrap();
    assert_eq!(event, InboundEvent::timer(identity.clone(), past(1)));
    let group = &rung.attributes().unwrap()[&MessageSystemAttributeName::MessageGroupId];
    assert_eq!(group, identity.group().as_str());
    alarms.cancel(&identity.group(), past(1)).await.unwrap();
    let delete = sqs.delete_message().queue_url(url).receipt_handle(rung.receipt_handle().unwrap());
    delete.send().await.unwrap();
    let again = sqs.receive_message().queue_url(url).wait_time_seconds(8).send().await.unwrap();
    assert!(again.messages().is_empty(), "one alarm set twice, one taken back");
    sqs.delete_queue().queue_url(url).send().await.unwrap();
}
