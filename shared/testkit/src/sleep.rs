//! Sleeping in the world's time: who sleeps is woken when the clock gets there.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use app::ports::Clock as _;
use domain::UnixMillis;

use crate::World;

/// Who sleeps, and until when.
#[derive(Debug, Default)]
pub(crate) struct Timers {
    count: u64,
    sleepers: BTreeMap<(UnixMillis, u64), Waker>,
}

impl Timers {
    /// When the next one wakes.
    pub(crate) fn next(&self) -> Option<UnixMillis> {
        self.sleepers.keys().next().map(|(until, _)| *until)
    }

    /// Those whose time has come.
    pub(crate) fn due(&mut self, now: UnixMillis) -> Vec<Waker> {
        let later = self.sleepers.split_off(&(UnixMillis(now.0.saturating_add(1)), 0));
        std::mem::replace(&mut self.sleepers, later).into_values().collect()
    }
}

/// Ready once the world's clock has reached an instant. It does not move the clock.
pub struct Sleep {
    world: World,
    until: UnixMillis,
    place: Option<u64>,
}

impl Sleep {
    pub(crate) fn new(world: World, until: UnixMillis) -> Self {
        Self { world, until, place: None }
    }
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.world.now() >= self.until {
            return Poll::Ready(());
        }
        let place = {
            let mut state = self.world.state();
            let timers = &mut state.timers;
            let place = self.place.unwrap_or_else(|| {
                timers.count += 1;
                timers.count
            });
            timers.sleepers.insert((self.until, place), context.waker().clone());
            place
        };
        self.place = Some(place);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let Some(place) = self.place {
            self.world.state().timers.sleepers.remove(&(self.until, place));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use app::answers::KnowledgeBot;

    use super::*;

    #[test]
    fn who_sleeps_wakes_when_the_clock_gets_there_and_not_before() {
        let world = World::new(KnowledgeBot::without_knowledge());
        let context = &mut Context::from_waker(Waker::noop());
        let mut sleep = pin!(world.sleep(1_500));
        assert!(sleep.as_mut().poll(context).is_pending());
        assert_eq!(world.next_timer(), Some(UnixMillis(world.now().0 + 1_500)));
        world.tick(1_499);
        assert!(sleep.as_mut().poll(context).is_pending());
        world.tick(1);
        assert_eq!(world.next_timer(), None, "it was woken");
        assert!(sleep.as_mut().poll(context).is_ready());
        let given_up = Box::pin(world.sleep(9));
        drop(given_up);
        assert_eq!(world.next_timer(), None);
    }
}
