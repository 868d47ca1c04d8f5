//! The test channel's provider: it takes what it is sent, slowly, or not at all, or takes it and is not heard. It writes
//! down every call; that log is what tests judge.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use app::PortError;
use app::ports::{Clock as _, Wire};
use async_trait::async_trait;
use channels::{WireCall, WireReply};
use domain::{GroupId, Identity, UnixMillis};
use fastrand::Rng;
use testkit::World;

use crate::channel::Parcel;

/// Milliseconds after which a caller gives a call up.
const PATIENCE: u64 = 3_000;

/// What the provider does with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whim {
    /// Takes it.
    Take,
    /// Takes it and answers after so many milliseconds.
    Slow(u64),
    /// Takes it, answers 200, and the answer is lost.
    Lie,
    /// Never answers, and does not take it.
    Hang,
    /// Answers 429 and wants no call for so many seconds.
    Busy(u32),
    /// Answers 503 and does not take it.
    Fail,
    /// Answers 403: the customer has blocked the company.
    Blocked,
}

/// One call as the provider saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// When it came.
    pub at: UnixMillis,
    /// For whom.
    pub group: GroupId,
    /// What was to be sent.
    pub parcel: Parcel,
    /// What the provider did.
    pub whim: Whim,
    /// Whether the customer got it by this call: taken, and its key was new.
    pub shown: bool,
}

#[derive(Default)]
struct State {
    calls: Vec<Call>,
    keys: BTreeSet<String>,
    /// What happens to the next calls, before anything is drawn.
    plan: VecDeque<Whim>,
    /// What happens to the next calls for one customer, before that.
    plans: BTreeMap<GroupId, VecDeque<Whim>>,
    moods: Option<(Rng, u32)>,
    quiet_until: BTreeMap<GroupId, UnixMillis>,
    pestered: u64,
}

/// The provider. Clones are the same one.
#[derive(Clone)]
pub struct Provider {
    world: World,
    state: Arc<Mutex<State>>,
}

impl Provider {
    /// One that takes everything.
    pub fn new(world: &World) -> Self {
        Self { world: world.clone(), state: Arc::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("an unpoisoned provider")
    }

    /// Of the next calls each is treated so, in order.
    pub fn plan(&self, whims: &[Whim]) {
        self.state().plan.extend(whims);
    }

    /// Of the next calls for this customer each is treated so, in order.
    pub fn plan_for(&self, group: &GroupId, whims: &[Whim]) {
        self.state().plans.entry(group.clone()).or_default().extend(whims);
    }

    /// From now on so many of a thousand calls are not simply taken, as the seed draws it.
    pub fn unleash(&self, seed: u64, per_mille: u32) {
        self.state().moods = Some((Rng::with_seed(seed), per_mille));
    }

    /// From now on it takes everything.
    pub fn calm(&self) {
        let mut state = self.state();
        state.moods = None;
        state.plan.clear();
        state.plans.clear();
    }

    /// Every call so far, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.state().calls.clone()
    }

    /// The calls for one customer so far, in order.
    pub fn calls_for(&self, group: &GroupId) -> Vec<Call> {
        self.state().calls.iter().filter(|call| call.group == *group).cloned().collect()
    }

    /// What one customer was shown so far, in order.
    pub fn shown_to(&self, group: &GroupId) -> Vec<Parcel> {
        let state = self.state();
        let shown = state.calls.iter().filter(|call| call.shown && call.group == *group);
        shown.map(|call| call.parcel.clone()).collect()
    }

    /// How many calls were not simply taken, by what befell them.
    pub fn troubles(&self) -> BTreeMap<&'static str, u64> {
        let mut troubles = BTreeMap::new();
        for call in &self.state().calls {
            let name = match call.whim {
                Whim::Take => continue,
                Whim::Slow(_) => "slow",
                Whim::Lie => "lost answer",
                Whim::Hang => "hang",
                Whim::Busy(_) => "429",
                Whim::Fail => "503",
                Whim::Blocked => "403",
            };
            *troubles.entry(name).or_default() += 1;
        }
        troubles
    }

    /// How many calls came while the provider had asked for none.
    pub fn pestered(&self) -> u64 {
        self.state().pestered
    }

    fn whim(&self, group: &GroupId) -> Whim {
        let mut state = self.state();
        let now = self.world.now();
        if state.quiet_until.get(group).is_some_and(|until| now < *until) {
            state.pestered += 1;
        }
        let planned = state.plans.get_mut(group).and_then(VecDeque::pop_front);
        planned.or_else(|| state.plan.pop_front()).unwrap_or_else(|| state.moods.as_mut().map_or(Whim::Take, drawn))
    }

    /// Writes the call down.
    fn note(&self, group: &GroupId, parcel: Parcel, whim: Whim) {
        let at = self.world.now();
        let mut state = self.state();
        let taken = matches!(whim, Whim::Take | Whim::Slow(_) | Whim::Lie);
        let shown = taken && parcel.key.clone().is_none_or(|key| state.keys.insert(key));
        state.calls.push(Call { at, group: group.clone(), parcel, whim, shown });
    }

    /// It wants no call for this customer for so many seconds; whoever hears the answer knows.
    fn asks_for_time(&self, group: &GroupId, seconds: u32) -> Vec<WireReply> {
        let until = self.world.now().plus_seconds(i64::from(seconds));
        self.state().quiet_until.insert(group.clone(), until);
        reply(429, &format!("retry-after: {seconds}"))
    }
}

fn drawn((rng, per_mille): &mut (Rng, u32)) -> Whim {
    if rng.u32(0..1000) >= *per_mille {
        return Whim::Take;
    }
    match rng.u32(0..12) {
        0..4 => Whim::Slow(rng.u64(1..2_500)),
        4..6 => Whim::Lie,
        6 => Whim::Hang,
        7..9 => Whim::Busy(rng.u32(1..6)),
        9..11 => Whim::Fail,
        _ => Whim::Blocked,
    }
}

fn reply(status: u16, body: &str) -> Vec<WireReply> {
    vec![WireReply { status, body: body.to_owned(), ..WireReply::default() }]
}

#[async_trait]
impl Wire for Provider {
    async fn call(&self, to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        self.world.enter("wire").await?;
        let group = &to.group();
        let WireCall::Push { frames } = call else {
            return Err(PortError::permanent("call the provider", "the test channel only pushes"));
        };
        let parcel: Parcel = serde_json::from_str(frames.first().expect("a frame")).expect("a parcel");
        let whim = self.whim(group);
        self.note(group, parcel, whim);
        if let Whim::Slow(millis) = whim {
            self.world.sleep(millis).await;
        }
        if matches!(whim, Whim::Lie | Whim::Hang) {
            self.world.sleep(PATIENCE).await;
            return Err(PortError::transient("call the provider", "no answer in time"));
        }
        self.world.leave("wire").await?;
        Ok(match whim {
            Whim::Busy(seconds) => self.asks_for_time(group, seconds),
            Whim::Fail => reply(503, ""),
            Whim::Blocked => reply(403, "user blocked"),
            Whim::Take | Whim::Slow(_) | Whim::Lie | Whim::Hang => reply(200, ""),
        })
    }
}
