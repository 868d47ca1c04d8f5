//! One seed's run: who is polled when, who dies, who hangs, and what must be true at the end.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use app::answers::KnowledgeBot;
use app::ports::{Clock as _, Sockets as _};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::{Author, Content, Policy, UnixMillis};
use fastrand::Rng;
use lambda_runtime::LambdaEvent;
use runtime::consumer::Consumer;
use serde_json::{Value, json};
use testkit::{Queue, Received, World};

use crate::visitors::Visitor;

/// Seconds for which a received message is hidden.
const VISIBILITY: i64 = 60;
/// Receives after which a message is given up.
const MAX_RECEIVES: u32 = 20;
/// Invocations of one function at a time.
const SIDE_BY_SIDE: usize = 2;
/// Steps after which a run is taken to hang.
const MOST_STEPS: u64 = 3_000_000;

/// What happened in a run.
#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) messages: u64,
    pub(crate) copies: u64,
    pub(crate) invocations: u64,
    pub(crate) faults: u64,
    pub(crate) deaths: u64,
    pub(crate) hangs: u64,
    pub(crate) violation: Option<String>,
}

impl Report {
    pub(crate) fn add(&mut self, other: &Self) {
        self.messages += other.messages;
        self.copies += other.copies;
        self.invocations += other.invocations;
        self.faults += other.faults;
        self.deaths += other.deaths;
        self.hangs += other.hangs;
    }
}

enum Job {
    Invocation { queue: Queue, receipts: Vec<String>, future: Pin<Box<dyn Future<Output = SqsBatchResponse>>> },
    Visitor(Pin<Box<dyn Future<Output = u64>>>),
}

struct Task {
    job: Job,
    /// Not polled before.
    wakes_at: UnixMillis,
}

pub(crate) struct Simulation {
    world: World,
    rng: Rng,
    /// Whether copies of records turn up out of order besides: then messages may overtake each other, no more.
    shuffled: bool,
    visitors: Vec<Visitor>,
    responder: Rc<responder::Deps>,
    outbound: Rc<outbound::Deps>,
    tasks: Vec<Task>,
    report: Report,
}

impl Simulation {
    pub(crate) fn new(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let policy = Policy { messages_per_minute: 1_000_000, ..Policy::default() };
        let world = World::new(KnowledgeBot::without_knowledge().with_policy(policy));
        let visitors: Vec<Visitor> =
            (0..rng.u32(2..8)).map(|number| Visitor::new(&world, number, rng.u32(5..40))).collect();
        let consumer = || Consumer {
            function: None,
            max_receives: MAX_RECEIVES,
            reserve: Duration::from_secs(1),
            dead_letters: Box::new(world.clone()),
            put_off: Box::new(world.clone()),
            clock: Box::new(world.clone()),
        };
        let responder = responder::Deps {
            channels: channels::channel,
            conversations: Box::new(world.clone()),
            outbound: Box::new(world.clone()),
            alarms: Box::new(world.clone()),
            erasure: Box::new(world.clone()),
            knowledge: Box::new(world.clone()),
            clock: Box::new(world.clone()),
            consumer: consumer(),
        };
        let outbound = outbound::Deps {
            channels: channels::channel,
            deliveries: Box::new(world.clone()),
            wire: Box::new(world.clone()),
            inbound: Box::new(world.clone()),
            lease_seconds: 60,
            clock: Box::new(world.clone()),
            consumer: consumer(),
        };
        let (report, shuffled) = (Report::default(), rng.bool());
        Self {
            rng,
            shuffled,
            visitors,
            responder: Rc::new(responder),
            outbound: Rc::new(outbound),
            tasks: vec![],
            report,
            world,
        }
    }

    pub(crate) async fn run(mut self) -> Report {
        for visitor in self.visitors.clone() {
            let ends = self.world.now().plus_seconds(1_000_000_000);
            self.world.opened(&visitor.group(), "socket", ends).await.unwrap();
            self.report.messages += u64::from(visitor.messages);
            let writing = visitor.write(self.world.clone(), self.rng.fork());
            self.tasks.push(Task { job: Job::Visitor(Box::pin(writing)), wakes_at: self.world.now() });
        }
        self.world.unleash(self.rng.u64(..), self.rng.u32(0..30));
        let mut steps = 0;
        while !self.is_over() {
            steps += 1;
            if steps > MOST_STEPS {
                self.report.violation = Some(format!("still not done after {MOST_STEPS} steps"));
                return self.report;
            }
            self.step();
        }
        let violation = self
            .visitors
            .iter()
            .find_map(|visitor| self.violation(visitor).map(|text| format!("visitor {}: {text}", visitor.number)));
        let dead = self.world.dead();
        self.report.violation =
            violation.or_else(|| dead.first().map(|(_, reason)| format!("a dead letter: {reason}")));
        self.report
    }

    fn is_over(&mut self) -> bool {
        let writing = self.tasks.iter().any(|task| matches!(task.job, Job::Visitor(_)));
        if !writing {
            // Nobody writes any more: what is under way is let be, so that the run ends.
            self.report.faults += self.world.calm();
        }
        !writing && self.tasks.is_empty() && self.world.is_idle()
    }

    fn step(&mut self) {
        self.world.tick(self.rng.u64(0..20));
        for queue in [Queue::Inbound, Queue::Outbound] {
            self.invoke(queue);
        }
        if self.shuffled && self.rng.u32(0..200) == 0 {
            self.invoke_with_copies();
        }
        let now = self.world.now();
        let ready: Vec<usize> =
            (0..self.tasks.len()).filter(|at| self.tasks.get(*at).is_some_and(|task| task.wakes_at <= now)).collect();
        let Some(at) = self.rng.choice(ready) else {
            let wakes = self.tasks.iter().map(|task| task.wakes_at).chain(self.world.next_visible()).min();
            if let Some(wakes) = wakes {
                self.world.tick(u64::try_from(wakes.0 - now.0).unwrap_or(1) + 1);
            }
            return;
        };
        let mut task = self.tasks.swap_remove(at);
        let context = &mut Context::from_waker(Waker::noop());
        let done = match &mut task.job {
            Job::Visitor(future) => match future.as_mut().poll(context) {
                Poll::Ready(copies) => {
                    self.report.copies += copies;
                    true
                }
                Poll::Pending => false,
            },
            Job::Invocation { queue, receipts, future } => match future.as_mut().poll(context) {
                Poll::Ready(response) => {
                    let failed: Vec<String> =
                        response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect();
                    for receipt in receipts.iter().filter(|receipt| !failed.contains(receipt)) {
                        self.world.delete(*queue, receipt);
                    }
                    true
                }
                Poll::Pending => self.struck(&mut task.wakes_at),
            },
        };
        if !done {
            self.tasks.push(task);
        }
    }

    /// What may befall an invocation at an await while faults are on: it dies, or hangs until about when its messages
    /// are handed to another.
    fn struck(&mut self, wakes_at: &mut UnixMillis) -> bool {
        if !self.tasks.iter().any(|task| matches!(task.job, Job::Visitor(_))) {
            return false;
        }
        match self.rng.u32(0..1000) {
            0..4 => {
                self.report.deaths += 1;
                true
            }
            4..14 => {
                self.report.hangs += 1;
                *wakes_at = self.world.now().plus_seconds(self.rng.i64(VISIBILITY - 5..VISIBILITY + 20));
                false
            }
            _ => false,
        }
    }

    fn invoke(&mut self, queue: Queue) {
        let running =
            self.tasks.iter().filter(|task| matches!(&task.job, Job::Invocation { queue: of, .. } if *of == queue));
        if running.count() >= SIDE_BY_SIDE {
            return;
        }
        let batch = self.world.receive(queue, VISIBILITY, MAX_RECEIVES);
        if batch.is_empty() {
            return;
        }
        self.start(queue, batch);
    }

    /// An invocation with records that were sent at some time, in any order.
    fn invoke_with_copies(&mut self) {
        let mut sent = self.world.inbound();
        self.rng.shuffle(&mut sent);
        let copies = sent.into_iter().take(self.rng.usize(1..10));
        let batch: Vec<Received> =
            copies.map(|message| Received { message, receipt: "a copy".to_owned(), receives: 1 }).collect();
        if !batch.is_empty() {
            self.start(Queue::Inbound, batch);
        }
    }

    fn start(&mut self, queue: Queue, batch: Vec<Received>) {
        self.report.invocations += 1;
        let event = event(&batch);
        let (responder, outbound) = (Rc::clone(&self.responder), Rc::clone(&self.outbound));
        let future: Pin<Box<dyn Future<Output = SqsBatchResponse>>> = match queue {
            Queue::Inbound => Box::pin(async move { responder::handle(&responder, event).await.unwrap() }),
            Queue::Outbound => Box::pin(async move { outbound::handle(&outbound, event).await.unwrap() }),
        };
        let receipts = batch.into_iter().map(|received| received.receipt).collect();
        self.tasks.push(Task { job: Job::Invocation { queue, receipts, future }, wakes_at: self.world.now() });
    }

    /// What a visitor's mailbox, turns and head must say at the end.
    fn violation(&self, visitor: &Visitor) -> Option<String> {
        let group = visitor.group();
        let count = u64::from(visitor.messages);
        let delivered = self.world.delivered(&group);
        let seqs: Vec<u64> = delivered.iter().map(|message| message.seq).collect();
        if seqs != (1..=2 * count).collect::<Vec<_>>() {
            return Some(format!("{count} messages and their answers were delivered as {seqs:?}"));
        }
        let mut expected: Vec<Content> = (0..visitor.messages).map(|message| visitor.content(message)).collect();
        for pair in delivered.chunks(2) {
            let [question, answer] = pair else { return Some("half a turn".to_owned()) };
            let place = expected.iter().position(|content| *content == question.content);
            let asked = place.is_some_and(|place| place == 0 || self.shuffled);
            place.map(|place| expected.remove(place));
            if !asked || question.author != Author::Customer || answer.author != Author::Bot {
                return Some(format!("place {} holds {question:?} and {answer:?}", question.seq));
            }
        }
        let head = self.world.head(&group)?;
        let turns = self.world.turns(&group).len() as u64;
        if (head.seq, head.version, turns) != (2 * count, count, count) {
            return Some(format!("seq {}, version {}, {turns} turns after {count} messages", head.seq, head.version));
        }
        let pushed: Vec<Value> =
            self.world.pushed_to_group(&group).iter().map(|frame| serde_json::from_str(frame).unwrap()).collect();
        let missing = (1..=2 * count).find(|seq| !pushed.iter().any(|frame| frame["seq"] == *seq));
        missing.map(|seq| format!("message {seq} was not pushed"))
    }
}

fn event(batch: &[Received]) -> LambdaEvent<SqsEvent> {
    let records: Vec<Value> = batch
        .iter()
        .map(|received| {
            json!({
                "messageId": received.receipt,
                "receiptHandle": received.receipt,
                "body": received.message.body,
                "attributes": {
                    "ApproximateReceiveCount": received.receives.to_string(),
                    "MessageGroupId": received.message.group,
                    "MessageDeduplicationId": received.message.dedup,
                },
            })
        })
        .collect();
    let mut context = lambda_runtime::Context::default();
    context.deadline = u64::MAX / 2;
    LambdaEvent::new(serde_json::from_value(json!({ "Records": records })).unwrap(), context)
}
