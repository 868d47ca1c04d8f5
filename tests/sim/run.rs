//! One seed's run: who is polled when, who dies, who hangs, what breaks, when alarms go off.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};

use app::ports::{Clock as _, Sockets as _};
use domain::{GroupId, Policy, UnixMillis};
use fastrand::Rng;
use testkit::{Queue, Queued, Received};

use crate::accounts::{self, Holder};
use crate::facts::{Facts, Shared};
use crate::judge::Judge;
use crate::people::Person;
use crate::report::Report;
use crate::stage::{Flag, Invocation, Stage, VISIBILITY, Way, has_failed};
use crate::troubles::Fate;
use crate::visitors::Visitor;

/// Invocations of one function at a time.
const SIDE_BY_SIDE: usize = 2;
/// Steps for each message after which a run is taken to hang.
const MOST_STEPS: u64 = 30_000;
/// Alarms that go off after everybody has left; more are taken to be a ring without end.
const MOST_RINGS: u32 = 2_000;
/// What the receipts of copies begin with.
const COPY: &str = "copy ";

enum Job {
    Invocation(Invocation),
    Person { future: Pin<Box<dyn Future<Output = ()>>>, flag: Arc<Flag> },
}

struct Task {
    job: Job,
    /// Not polled before.
    wakes_at: UnixMillis,
}

impl Task {
    fn is_awake(&self) -> bool {
        match &self.job {
            Job::Invocation(invocation) => invocation.is_awake(),
            Job::Person { flag, .. } => flag.is_raised(),
        }
    }
}

pub(crate) struct Simulation {
    pub(crate) stage: Stage,
    pub(crate) rng: Rng,
    /// Whether nothing breaks at all: then waits are short, and judged so.
    pub(crate) calm: bool,
    /// Whether copies of records turn up out of order besides: then messages may overtake each other, no more.
    shuffled: bool,
    /// Whether invocations outlive the time for which their messages are hidden; else they die when it is up.
    overtaken: bool,
    /// Of a thousand calls to our own parts so many fail before they had their effect, and as many after.
    failing: u32,
    visitors: Vec<Visitor>,
    pub(crate) facts: Shared,
    tasks: Vec<Task>,
    /// When each alarm that is set will go off.
    pub(crate) rings: BTreeMap<(GroupId, u64), UnixMillis>,
    /// How often alarms were set, taken back or went off when that was looked at last.
    pub(crate) alarm_moves: u64,
    /// Until when a part is out of order.
    pub(crate) mended_at: Option<UnixMillis>,
    pub(crate) report: Report,
}

fn policy(rng: &mut Rng) -> Policy {
    let mut some = |least: u32, most: u32| rng.bool().then(|| rng.u32(least..most));
    Policy {
        wrap_up_seconds: some(1, 120),
        reminder_seconds: some(60, 400),
        idle_close_seconds: some(60, 900),
        renew_seconds: some(300, 3_000),
        survey_seconds: some(0, 300),
        queue_seconds: rng.u32(20..400),
        lease_seconds: rng.u32(30..600),
        messages_per_minute: 1_000_000,
        ..Policy::default()
    }
}

impl Simulation {
    /// `scale`: how many times as many messages as in the gate.
    pub(crate) fn new(seed: u64, scale: u32) -> Self {
        let mut rng = Rng::with_seed(seed);
        let way = rng.choice([Way::Web, Way::Web, Way::Keyed, Way::Bare]).unwrap();
        let stage = Stage::with_policy(way, policy(&mut rng));
        let visitors: Vec<Visitor> = (0..rng.u32(3..8))
            .map(|number| Visitor::new(&stage.world, number, scale * rng.u32(5..40), number % 2 == 1))
            .collect();
        let (calm, shuffled, overtaken) = (rng.u32(0..8) == 0, rng.bool(), rng.bool());
        Self {
            stage,
            rng,
            calm,
            shuffled: shuffled && !calm,
            overtaken: overtaken && !calm,
            failing: 0,
            visitors,
            facts: Rc::new(RefCell::new(Facts::default())),
            tasks: vec![],
            rings: BTreeMap::new(),
            alarm_moves: 0,
            mended_at: None,
            report: Report::default(),
        }
    }

    pub(crate) async fn run(mut self) -> Report {
        self.begin().await;
        let most = MOST_STEPS * (self.report.messages + 100);
        let mut steps = 0;
        while self.facts.borrow().writing > 0 || !self.is_idle() {
            if self.facts.borrow().writing == 0 {
                self.settle_down();
            }
            steps += 1;
            if steps > most {
                self.report.violation = Some(format!("still not done after {steps} steps"));
                return self.report;
            }
            self.step();
        }
        self.report.violation = self.ring_out();
        if self.report.violation.is_none() {
            accounts::end(&self.stage.world, &self.visitors).await;
            while !self.is_idle() {
                self.step();
            }
            self.report.violation = self.judge();
        }
        self.report.alarms = self.stage.world.rung();
        let facts = self.facts.borrow();
        self.report.copies += facts.copies;
        self.report.acted += facts.acted.len() as u64;
        self.report.forgotten += facts.forgotten.values().map(|times| times.len() as u64).sum::<u64>();
        for (kind, count) in self.stage.provider.troubles() {
            *self.report.faults.entry(format!("provider: {kind}")).or_default() += count;
        }
        self.report
    }

    async fn begin(&mut self) {
        let world = self.stage.world.clone();
        self.facts.borrow_mut().writing = self.visitors.len();
        let attended: Vec<Visitor> = self.visitors.iter().filter(|visitor| visitor.attended).cloned().collect();
        for visitor in self.visitors.clone() {
            accounts::begin(&world, &visitor).await;
            if Holder::of(&visitor) == Holder::Latecomer {
                let (rng, facts) = (self.rng.fork(), Rc::clone(&self.facts));
                self.join(Box::pin(accounts::come_late(world.clone(), rng, facts, visitor.clone())));
            }
            let ends = world.now().plus_seconds(1_000_000_000);
            world.opened(&visitor.group(), "socket", ends).await.unwrap();
            self.report.messages += u64::from(visitor.messages);
            let writing = visitor.write(world.clone(), self.rng.fork(), Rc::clone(&self.facts));
            self.join(Box::pin(writing));
        }
        let forgets = self.rng.bool();
        for name in 0..3 {
            let (rng, facts) = (self.rng.fork(), Rc::clone(&self.facts));
            let person = Person { world: world.clone(), rng, facts, visitors: attended.clone(), name };
            self.join(if name < 2 { Box::pin(person.attend()) } else { Box::pin(person.report(forgets)) });
        }
        if !self.calm {
            self.failing = self.rng.u32(0..40).saturating_sub(10);
            world.unleash(self.rng.u64(..), self.failing);
            self.stage.provider.unleash(self.rng.u64(..), self.rng.u32(0..120));
        }
    }

    fn join(&mut self, future: Pin<Box<dyn Future<Output = ()>>>) {
        let job = Job::Person { future, flag: Flag::raised() };
        self.tasks.push(Task { job, wakes_at: self.stage.world.now() });
    }

    fn is_idle(&self) -> bool {
        self.tasks.is_empty() && self.stage.world.is_idle()
    }

    /// Nobody writes any more: what is under way is let be, so that the run ends.
    fn settle_down(&mut self) {
        for ((part, how), count) in self.stage.world.calm() {
            *self.report.faults.entry(format!("{part}: {how}")).or_default() += count;
        }
        self.stage.world.break_part(None);
        self.stage.provider.calm();
    }

    fn step(&mut self) {
        self.stage.world.tick(self.rng.u64(0..20));
        if self.rng.u32(0..4) == 0 {
            self.begin_what_can_begin();
        }
        let now = self.stage.world.now();
        let is_ready = |task: &&Task| task.wakes_at <= now && task.is_awake();
        let ready = self.tasks.iter().filter(is_ready).count();
        if ready == 0 {
            if !self.begin_what_can_begin() {
                self.wait();
            }
            return;
        }
        let chosen = self.rng.usize(0..ready);
        let mut places = self.tasks.iter().enumerate().filter(|(_, task)| is_ready(task)).map(|(at, _)| at);
        let Some(at) = places.nth(chosen) else { return };
        let mut task = self.tasks.swap_remove(at);
        if !self.goes_on(&mut task) {
            self.tasks.push(task);
        }
    }

    /// Lets a task go on to its next await; whether it has come to its end, one way or another.
    fn goes_on(&mut self, task: &mut Task) -> bool {
        let invocation = match &mut task.job {
            Job::Invocation(invocation) => invocation,
            Job::Person { future, flag } => {
                flag.lower();
                let waker = Waker::from(Arc::clone(flag));
                return future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
            }
        };
        // No sender outlives its claim where a second call would be a second message.
        let sends = self.stage.way != Way::Web && invocation.queue == Queue::Outbound;
        let mortal = sends || !self.overtaken;
        if mortal && self.stage.world.now().0 - invocation.began.0 > (VISIBILITY - 5) * 1000 {
            self.report.fault("time-out");
            self.come_again(invocation.batch.iter());
            return true;
        }
        if let Some(response) = invocation.poll() {
            self.stage.acknowledge(invocation, &response);
            self.come_again(invocation.batch.iter().filter(|received| has_failed(&response, received)));
            return true;
        }
        match self.struck(mortal) {
            Fate::GoesOn => false,
            Fate::Hangs(until) => {
                task.wakes_at = until;
                false
            }
            Fate::Dies => {
                self.come_again(invocation.batch.iter());
                true
            }
        }
    }

    /// Alarms go off, parts break or mend, queues hand out what they have; whether anything was begun.
    fn begin_what_can_begin(&mut self) -> bool {
        let before = self.report.invocations;
        self.ring();
        self.outage();
        for queue in [Queue::Inbound, Queue::Outbound] {
            self.invoke(queue);
        }
        if self.shuffled && self.rng.u32(0..250) == 0 {
            self.invoke_with_copies();
        }
        self.report.invocations > before
    }

    /// Nothing can go on: time passes until something can.
    fn wait(&mut self) {
        let world = &self.stage.world;
        let hung = self.tasks.iter().filter(|task| task.is_awake()).map(|task| task.wakes_at);
        let rings = self.rings.values().copied();
        let wakes = hung.chain(rings).chain(world.next_timer()).chain(world.next_visible()).chain(self.mended_at);
        // What could begin by now waits for an invocation to end.
        let now = world.now();
        let millis = wakes.filter(|wakes| *wakes > now).min().map_or(1, |wakes| wakes.0 - now.0);
        world.tick(u64::try_from(millis).unwrap_or(1));
    }

    /// Copies that were not done come again as the queue's own messages would.
    fn come_again<'r>(&self, records: impl Iterator<Item = &'r Received>) {
        for copy in records.filter(|received| received.receipt.starts_with(COPY)) {
            let dedup = format!("{}-{}", copy.message.dedup, copy.receipt);
            self.stage.world.put(Queue::Inbound, Queued { dedup, ..copy.message.clone() });
        }
    }

    fn invoke(&mut self, queue: Queue) {
        let of_queue = |task: &&Task| matches!(&task.job, Job::Invocation(invocation) if invocation.queue == queue);
        if self.tasks.iter().filter(of_queue).count() >= SIDE_BY_SIDE {
            return;
        }
        if let Some(invocation) = self.stage.invoke(queue) {
            self.start(invocation);
        }
    }

    /// An invocation with records that were sent at some time, in any order.
    fn invoke_with_copies(&mut self) {
        let world = &self.stage.world;
        let sent = world.sent(Queue::Inbound);
        if sent == 0 {
            return;
        }
        let copies: Vec<Received> = (0..self.rng.usize(1..10))
            .filter_map(|_| world.sent_as(Queue::Inbound, self.rng.usize(0..sent)))
            .zip(self.report.copies..)
            .map(|(message, number)| Received { message, receipt: format!("{COPY}{number}"), receives: 1 })
            .collect();
        self.report.copies += copies.len() as u64;
        let invocation = self.stage.start(Queue::Inbound, copies);
        self.start(invocation);
    }

    fn start(&mut self, invocation: Invocation) {
        self.report.invocations += 1;
        self.tasks.push(Task { job: Job::Invocation(invocation), wakes_at: self.stage.world.now() });
    }

    /// Everybody has left: what is due comes to pass, alarm by alarm.
    fn ring_out(&mut self) -> Option<String> {
        for _ in 0..MOST_RINGS {
            if self.calm
                && let Some(visitor) = self.visitors.iter().find(|visitor| self.alarms(visitor) > 1)
            {
                return Some(format!("visitor {}: more than one alarm is set", visitor.number));
            }
            self.stage.world.next_alarm()?;
            // Those that were just set get their time before any more passes.
            self.ring();
            if self.is_idle()
                && let Some(next) = self.rings.values().min().copied()
            {
                self.stage.pass_to(Some(next));
                self.ring();
            }
            while !self.is_idle() {
                self.step();
            }
        }
        Some(format!("alarms still go off after {MOST_RINGS} of them"))
    }

    /// How many alarms of a visitor's are still to come; those whose time has come are about to go off.
    fn alarms(&self, visitor: &Visitor) -> usize {
        let now = self.stage.world.now();
        self.stage.world.alarms(&visitor.group()).iter().filter(|alarm| alarm.at > now).count()
    }

    fn judge(&self) -> Option<String> {
        let judge = Judge {
            stage: &self.stage,
            facts: &self.facts.borrow(),
            visitors: &self.visitors,
            calm: self.calm,
            shuffled: self.shuffled,
            overtaken: self.overtaken,
        };
        let violation = self
            .visitors
            .iter()
            .find_map(|visitor| judge.violation(visitor).map(|text| format!("visitor {}: {text}", visitor.number)));
        let dead = self.stage.world.dead();
        let way = self.stage.way;
        violation
            .or_else(|| dead.first().map(|(_, reason)| format!("a dead letter: {reason}")))
            .or_else(|| {
                // What the provider asked for is lost with the answer of a table that should have kept it.
                let pestered = self.stage.provider.pestered();
                let heard = self.failing == 0 && pestered > 0;
                heard.then(|| format!("{pestered} calls while the provider had asked for none"))
            })
            .map(|text| {
                let Self { calm, shuffled, overtaken, .. } = self;
                format!("{way:?}, calm {calm}, shuffled {shuffled}, overtaken {overtaken}: {text}")
            })
    }
}
