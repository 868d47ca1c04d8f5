//! Ctrl-C, and a polite kill, while a stack starts or runs in the foreground: everything of it is stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::console;
use crate::down;
use crate::run;
use crate::stack::Stack;

/// How much sooner a signal may reach the program that the main thread waits for than it reaches this one.
const SIGNAL_LAG: Duration = Duration::from_millis(100);

/// What a shell says of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Watches for the user's wish to end.
#[derive(Clone, Debug)]
pub struct Watch {
    ending: Arc<AtomicBool>,
    up: Arc<AtomicBool>,
}

impl Watch {
    /// Starts to watch. When the wish comes, the stack is stopped and the program ends.
    ///
    /// # Errors
    /// The system gives no signals.
    pub fn over(stack: &Stack) -> anyhow::Result<Self> {
        let watch = Self { ending: Arc::default(), up: Arc::default() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("cannot watch")?;
        let (theirs, stack) = (watch.clone(), stack.clone());
        thread::spawn(move || {
            runtime.block_on(wish());
            theirs.ending.store(true, Ordering::SeqCst);
            console::progress("\nstopping");
            let stopped = down::stop(&stack, false);
            if let Err(error) = &stopped {
                console::progress(format_args!("error: {error:#}"));
            }
            let asked_for = stopped.is_ok() && theirs.up.load(Ordering::SeqCst);
            std::process::exit(if asked_for { 0 } else { INTERRUPTED });
        });
        Ok(watch)
    }

    /// From now on, ending is what the user is expected to do.
    pub fn is_up(&self) {
        self.up.store(true, Ordering::SeqCst);
    }

    /// Does not return once the user wants to end: what fails then fails because of that.
    pub fn hold(&self) {
        let wish = || self.ending.load(Ordering::SeqCst).then_some(());
        if run::until(SIGNAL_LAG, wish).is_some() {
            loop {
                thread::park();
            }
        }
    }
}

async fn wish() {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
