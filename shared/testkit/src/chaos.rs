//! Faults at the ports, drawn from a seed: the same seed breaks the same calls.

use std::pin::Pin;
use std::task::{Context, Poll};

use fastrand::Rng;

/// What breaks, and how often.
#[derive(Debug)]
pub(crate) struct Chaos {
    rng: Rng,
    /// Calls of a thousand that fail before, and as many that fail after, they had their effect.
    per_mille: u32,
    pub(crate) injected: u64,
}

impl Chaos {
    pub(crate) fn new(seed: u64, per_mille: u32) -> Self {
        Self { rng: Rng::with_seed(seed), per_mille, injected: 0 }
    }

    /// Whether this call breaks.
    pub(crate) fn strikes(&mut self) -> bool {
        let strikes = self.rng.u32(0..1000) < self.per_mille;
        self.injected += u64::from(strikes);
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
