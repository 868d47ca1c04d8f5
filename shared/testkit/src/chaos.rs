//! Faults at the ports, drawn from a seed: the same seed breaks the same calls.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll};

use fastrand::Rng;

/// What breaks, and how often.
#[derive(Debug)]
pub(crate) struct Chaos {
    rng: Rng,
    /// Calls of a thousand that fail before, and as many that fail after, they had their effect.
    per_mille: u32,
    /// What broke, by part and how.
    pub(crate) injected: BTreeMap<(&'static str, &'static str), u64>,
}

impl Chaos {
    pub(crate) fn new(seed: u64, per_mille: u32) -> Self {
        Self { rng: Rng::with_seed(seed), per_mille, injected: BTreeMap::new() }
    }

    /// Whether this part's call breaks in this way.
    pub(crate) fn strikes(&mut self, part: &'static str, how: &'static str) -> bool {
        let strikes = self.rng.u32(0..1000) < self.per_mille;
        if strikes {
            *self.injected.entry((part, how)).or_default() += 1;
        }
        strikes
    }
}

/// Lets others go on once: every port call begins and ends with it, so that a test can interleave and cut there.
pub(crate) struct Breath(bool);

impl Breath {
    pub(crate) fn new() -> Self {
        Self(false)
    }
}

impl Future for Breath {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
