//! Replies that a provider takes as the answer to its own request: the door that waits and the outbound function compete,
//! and the customer gets each reply once, whichever of them dies and however slow the bot is.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use app::accept::{Accepted, Door, accept};
use app::ports::Clock as _;
use app::wait::{self, Waiting};
use channels::RawRequest;
use domain::{ChannelId, DeliveryState, UnixMillis};
use fastrand::Rng;
use testkit::{Queue, World};
use tests::channel::{PROVIDER_TRIES, PROVIDER_WAITS, SENT_AT};

use super::visitor;
use crate::setting;
use crate::stage::{Flag, Invocation, Stage, Way};
use crate::visitors::Visitor;

/// A request at the door, under way. Dropped, the function has died.
struct Request {
    ends: UnixMillis,
    flag: Arc<Flag>,
    future: Pin<Box<dyn Future<Output = Option<String>>>>,
}

impl Request {
    fn new(world: &World, visitor: &Visitor, sent: UnixMillis) -> Self {
        let token = visitor.token.clone();
        let (world, ends) = (world.clone(), world.now().plus_millis(i64::from(PROVIDER_WAITS)));
        let future = Box::pin(async move { respond(&world, &token, sent).await });
        Self { ends, flag: Flag::raised(), future }
    }
}

/// What the webhook's function does with one request; the answer's body, empty if it only acknowledges. `None`: 5xx.
async fn respond(world: &World, token: &str, sent: UnixMillis) -> Option<String> {
    let body = Visitor::body(0, &format!("{SENT_AT}{}", sent.0));
    let headers = [("authorization".to_owned(), format!("Bearer {token}"))];
    let raw = RawRequest { method: "POST", url: "/v1/messages", headers: &headers, body: body.as_bytes() };
    let channels = Way::Waiting.registry();
    let door = Door { channels, secrets: world, inbound: world, pulls: None, threads: None, files: None, clock: world };
    let Ok(Accepted::Queued { wait: Some(patience), awaited, .. }) = accept(&door, ChannelId::Web, &raw).await else {
        return None;
    };
    let (conversations, deliveries) = (world, world);
    let waiting = Waiting { channels, secrets: world, conversations, deliveries, random: world, clock: world };
    let direct = wait::answer(&waiting, patience, ChannelId::Web, awaited.as_ref(), &raw).await;
    Some(direct.map_or_else(String::new, |direct| direct.answer.body))
}

/// How one message went.
#[derive(Debug, Default)]
struct Course {
    /// Answers that the provider got on a request that it still held open.
    answered: usize,
    /// Requests of the provider.
    tries: u32,
    /// Doors and senders that died.
    deaths: u64,
    /// Whether the last door died, or its answer came too late, after it had settled the delivery.
    unheard: bool,
}

/// One message, a bot that begins after so many milliseconds, and deaths drawn from the seed.
fn course(stage: &Stage, visitor: &Visitor, rng: &mut Rng, bot_after: u64) -> Course {
    let world = &stage.world;
    let began = world.now();
    let bot_at = UnixMillis(began.0 + i64::try_from(bot_after).unwrap());
    let mut course = Course { tries: 1, ..Course::default() };
    let mut request = Some(Request::new(world, visitor, began));
    let mut next_try: Option<UnixMillis> = None;
    let mut running: Vec<Invocation> = vec![];
    let mut forsaken: Vec<Request> = vec![];
    loop {
        let now = world.now();
        if request.is_none() && next_try.is_some_and(|at| at <= now) {
            (request, next_try) = (Some(Request::new(world, visitor, began)), None);
            course.tries += 1;
        }
        for queue in [Queue::Inbound, Queue::Outbound] {
            if queue == Queue::Outbound || now >= bot_at {
                running.extend(stage.invoke(queue));
            }
        }
        let mut worked = false;
        let (mut over, mut dropped) = (None, false);
        if let Some(open) = request.as_mut() {
            if rng.u32(0..60) == 0 {
                course.deaths += 1;
                over = Some(None);
            } else if now >= open.ends {
                // The provider has dropped it; the function does not know.
                over = Some(None);
                dropped = true;
            } else if open.flag.is_raised() {
                worked = true;
                open.flag.lower();
                let waker = Waker::from(Arc::clone(&open.flag));
                if let Poll::Ready(answer) = open.future.as_mut().poll(&mut Context::from_waker(&waker)) {
                    over = Some(answer);
                }
            }
        }
        if let Some(answer) = over {
            // What is not answered in time is asked again, on the same beat.
            let done = request.take().unwrap();
            let ends = done.ends;
            forsaken.extend(dropped.then_some(done));
            course.answered += usize::from(answer.as_deref().is_some_and(|body| !body.is_empty()));
            if answer.is_none() && course.tries < PROVIDER_TRIES {
                next_try = Some(ends);
            }
            course.unheard = answer.is_none();
        }
        forsaken.retain_mut(|request| {
            if !request.flag.is_raised() {
                return true;
            }
            worked = true;
            request.flag.lower();
            let waker = Waker::from(Arc::clone(&request.flag));
            if rng.u32(0..60) == 0 {
                course.deaths += 1;
                return false;
            }
            request.future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending()
        });
        running.retain_mut(|invocation| {
            if !invocation.is_awake() {
                return true;
            }
            worked = true;
            if rng.u32(0..200) == 0 {
                course.deaths += 1;
                return false;
            }
            let Some(response) = invocation.poll() else { return true };
            stage.acknowledge(invocation, &response);
            false
        });
        if worked {
            world.tick(rng.u64(0..8));
            continue;
        }
        let bot = (now < bot_at).then_some(bot_at);
        let ends = request.as_ref().map(|open| open.ends);
        let soonest = [bot, ends, next_try, world.next_timer(), world.next_visible()];
        let soonest = soonest.into_iter().flatten().filter(|at| *at > now).min();
        match soonest {
            Some(at) => stage.pass_to(Some(UnixMillis(at.0 + 1))),
            None if running.is_empty() && request.is_none() && forsaken.is_empty() && world.is_idle() => return course,
            None => world.tick(1),
        }
    }
}

#[tokio::test]
async fn a_reply_is_the_answer_to_the_request_or_a_call_and_never_both() {
    let (mut direct, mut called, mut deaths, mut unheard, mut late) = (0, 0, 0, 0, 0);
    let runs = setting("FRONTDESK_SEEDS").unwrap_or(100) * 20;
    for seed in 0..runs {
        let mut rng = Rng::with_seed(seed);
        let stage = Stage::new(Way::Waiting);
        let visitor = visitor(&stage, 1);
        // Often about the moments at which a request ends.
        let about = [0, 4_300, 4_500, 9_500, 14_500, 15_000, 20_000][rng.usize(0..7)];
        let bot_after = about + rng.u64(0..600);
        let course = course(&stage, &visitor, &mut rng, bot_after);
        let group = visitor.group();
        let calls = stage.provider.shown_to(&group).len();
        let states: Vec<DeliveryState> = stage.world.deliveries(&group).into_iter().map(|(_, state)| state).collect();
        let told = format!("seed {seed}: {course:?}, {calls} calls, {states:?}");
        if stage.world.sent(Queue::Inbound) == 0 {
            // Every try's door died before it had queued anything: nobody has acknowledged the message.
            assert!(course.deaths >= u64::from(PROVIDER_TRIES) && course.answered + calls == 0, "{told}");
            continue;
        }
        assert_eq!(states.len(), 1, "{told}");
        assert!(course.answered <= 1, "a provider that has its answer does not ask again: {told}");
        match states[0] {
            DeliveryState::Answered => {
                assert_eq!(calls, 0, "{told}");
                assert!(course.answered == 1 || course.unheard, "{told}");
                unheard += u64::from(course.answered == 0);
            }
            DeliveryState::Sent => assert_eq!((calls, course.answered), (1, 0), "{told}"),
            // A sender or a door died while it held the claim.
            DeliveryState::MaybeSent => assert!(calls <= 2 && course.answered == 0, "{told}"),
            DeliveryState::Claimed | DeliveryState::Failed => panic!("{told}"),
        }
        if course.deaths == 0 && bot_after < 14_000 {
            assert_eq!(course.answered, 1, "a call is for what the request cannot carry: {told}");
        }
        direct += course.answered;
        called += calls;
        deaths += course.deaths;
        late += u64::from(about >= 15_000);
    }
    assert!(direct > 0 && called > 0 && deaths > runs / 10 && late > 0, "{direct} {called} {deaths} {late}");
    println!(
        "answers in the request: {runs} messages, {direct} answered directly, {called} by calls, {deaths} deaths, {unheard} unheard"
    );
    assert!(unheard * 50 <= runs, "only who dies between settling and answering the last try is not heard: {unheard}");
}
