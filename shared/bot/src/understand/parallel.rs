//! Work shared out over the machine's processors; the results come in order, whoever did what.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Calls `work` with every number below `count`.
pub(crate) fn map<R: Send>(count: usize, work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            done.push((at, work(at)));
        }
    };
    let workers = thread::available_parallelism().map_or(1, NonZero::get).min(count);
    let mut results = if workers <= 1 {
        take()
    } else {
        thread::scope(|scope| {
            let others: Vec<_> = (1..workers).map(|_| scope.spawn(take)).collect();
            let mut all = take();
            for other in others {
                all.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            all
        })
    };
    results.sort_unstable_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn keeps_the_order() {
        assert_eq!(super::map(1000, |at| at * 2), (0..1000).map(|at| at * 2).collect::<Vec<_>>());
        assert!(super::map(0, |at| at).is_empty());
    }
}
