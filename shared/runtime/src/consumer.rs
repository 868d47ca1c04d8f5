//! A function that consumes an SQS FIFO queue: its settings, its batches, its counts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use app::ports::{Clock, DeadLetters, PutOff};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::LambdaEvent;

use crate::batch::{Failure, Limits, run};
use crate::settings::Settings;
use crate::{fault, metrics};

/// What every consumer's settings say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsumerSettings {
    /// The queue, by URL.
    pub queue: String,
    /// Its dead-letter queue, by URL.
    pub dead_letter_queue: String,
    /// Longest that one outgoing call may take.
    pub call: Duration,
    max_receives: u32,
    function: String,
}

impl ConsumerSettings {
    /// Reads them.
    pub fn read(read: &mut Settings) -> Self {
        Self {
            queue: read.text("QUEUE_URL"),
            dead_letter_queue: read.text("DLQ_URL"),
            call: Duration::from_millis(read.value("CALL_TIMEOUT_MS")),
            max_receives: read.value("MAX_RECEIVES"),
            function: read.text("AWS_LAMBDA_FUNCTION_NAME"),
        }
    }

    /// The consumer over these ports.
    pub fn consumer(
        self,
        dead_letters: impl DeadLetters + 'static,
        put_off: impl PutOff + 'static,
        clock: impl Clock + 'static,
    ) -> Consumer {
        Consumer {
            function: Some(self.function),
            max_receives: self.max_receives,
            reserve: self.call,
            dead_letters: Box::new(dead_letters),
            put_off: Box::new(put_off),
            clock: Box::new(clock),
        }
    }
}

/// Runs batches of one queue.
pub struct Consumer {
    /// The function's name, as metrics show it; `None`: no metrics.
    pub function: Option<String>,
    /// Receives after which any failing record is given up: the queue's `maxReceiveCount`.
    pub max_receives: u32,
    /// What is kept of the function's time to put records off and answer.
    pub reserve: Duration,
    /// Where records go that cannot be processed.
    pub dead_letters: Box<dyn DeadLetters>,
    /// How records are put off.
    pub put_off: Box<dyn PutOff>,
    /// The time.
    pub clock: Box<dyn Clock>,
}

impl Consumer {
    /// Runs one batch. `handle` does a record and names what it did: the name is counted.
    pub async fn run<F>(&self, event: LambdaEvent<SqsEvent>, handle: F) -> SqsBatchResponse
    where
        F: AsyncFn(&str) -> Result<&'static str, Failure>,
    {
        let limits = Limits {
            max_receives: self.max_receives,
            reserve: self.reserve,
            dead_letters: self.dead_letters.as_ref(),
            put_off: self.put_off.as_ref(),
        };
        let deadline = event.context.deadline();
        let left = || deadline.duration_since(now()).unwrap_or_default();
        let counts = RefCell::new(BTreeMap::new());
        let counted = async |body: &str| {
            let done = handle(body).await?;
            *counts.borrow_mut().entry(done).or_default() += 1;
            Ok(())
        };
        let (response, tally) = run(event.payload, limits, left, counted).await;
        if let Some(function) = &self.function {
            let mut counts: Vec<(&str, u64)> = counts.into_inner().into_iter().collect();
            counts.extend([("Failed", tally.failed), ("Dead", tally.dead)]);
            metrics::emit(function, &counts, self.clock.now());
        }
        fault::point("before_ack", &event.context.request_id).await;
        response
    }
}

/// The time by which Lambda states its deadlines.
fn now() -> SystemTime {
    #[expect(clippy::disallowed_methods, reason = "a deadline of this machine, not a time that decides anything")]
    SystemTime::now()
}
