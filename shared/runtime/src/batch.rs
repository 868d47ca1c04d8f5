//! SQS FIFO batches: groups side by side, each group in order and up to its first failure; a panic fails one record;
//! what cannot be processed goes to the dead-letter queue with its reason, so that its group goes on.

use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use app::Kind;
use app::ports::{DeadLetter, DeadLetters, PutOff};
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt as _;
use futures::future::join_all;
use tokio::time::timeout;

/// Receives after which a record is given up that fails by its own fault.
const OWN_FAULT_RECEIVES: u32 = 5;
/// Longest wait between two tries, seconds.
const LONGEST_WAIT: u32 = 300;

/// Why a record was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Ids and kinds only: it is logged and stored.
    pub reason: String,
    /// Whose fault it is, and so how long it is tried again.
    pub fault: Fault,
}

impl Failure {
    /// From a use case's error: its kind, and the seconds to wait if it knows them.
    pub fn of(error: &dyn Error, kind: Kind, after: Option<u32>) -> Self {
        let source = error.source().map(|source| format!(": {source}")).unwrap_or_default();
        let fault = match kind {
            Kind::Permanent => Fault::Hopeless,
            Kind::Transient => Fault::Outage { after },
        };
        Self { reason: format!("{error}{source}"), fault }
    }
}

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// No try can help: to the dead-letter queue at once.
    Hopeless,
    /// The record's own, as far as can be told (a panic): given up after a few receives.
    Own,
    /// A service's, or too little time: tried until the queue's receive limit, after so many seconds or ever longer waits.
    Outage {
        /// Seconds to wait, if the service said so.
        after: Option<u32>,
    },
}

impl Fault {
    /// Whether a record that was received so often is given up now. Behind others of its group it may have been received
    /// for their faults: then its own is not held against it yet.
    fn gives_up(self, receives: u32, max_receives: u32, is_first: bool) -> bool {
        match self {
            Self::Hopeless => true,
            Self::Own if is_first => receives >= OWN_FAULT_RECEIVES.min(max_receives),
            Self::Own | Self::Outage { .. } => receives >= max_receives,
        }
    }

    /// Seconds until the next try: told, or doubled with each receive.
    fn wait(self, receives: u32) -> u32 {
        match self {
            Self::Outage { after: Some(after) } => after.clamp(1, LONGEST_WAIT),
            Self::Hopeless | Self::Own | Self::Outage { after: None } => {
                1_u32.checked_shl(receives).unwrap_or(LONGEST_WAIT).clamp(1, LONGEST_WAIT)
            }
        }
    }
}

/// How a batch is run.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Receives after which any failing record is given up: the queue's `maxReceiveCount`.
    pub max_receives: u32,
    /// What is kept of the function's time to put records off and answer: no record runs into it, and none is begun
    /// with less than this for itself.
    pub reserve: Duration,
    /// Where given-up records go.
    pub dead_letters: &'a dyn DeadLetters,
    /// How records are put off.
    pub put_off: &'a dyn PutOff,
}

/// A record to handle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record<'a> {
    /// Its body.
    pub body: &'a str,
    /// Whether it is its last permitted receive: it does not come again.
    pub last: bool,
    /// How long it may take: then it is cut off and comes again.
    pub time: Duration,
}

/// What became of a batch.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Records done.
    pub done: u64,
    /// Records that will come again.
    pub failed: u64,
    /// Records put on the dead-letter queue.
    pub dead: u64,
}

/// Runs a batch. `left` says how much of the function's time is left.
pub async fn run<F, T>(event: SqsEvent, limits: Limits<'_>, left: T, handle: F) -> (SqsBatchResponse, Tally)
where
    F: AsyncFn(Record<'_>) -> Result<(), Failure>,
    T: Fn() -> Duration,
{
    let mut groups: Vec<(String, Vec<SqsMessage>)> = vec![];
    for record in event.records {
        let group = attribute(&record, "MessageGroupId").to_owned();
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, records)) => records.push(record),
            None => groups.push((group, vec![record])),
        }
    }
    let runs = groups.iter().map(|(group, records)| run_group(group, records, limits, &left, &handle));
    let mut response = SqsBatchResponse::default();
    let mut tally = Tally::default();
    for (failed, group_tally) in join_all(runs).await {
        response.batch_item_failures.extend(failed.iter().map(item_failure));
        tally.done += group_tally.done;
        tally.failed += group_tally.failed;
        tally.dead += group_tally.dead;
    }
    (response, tally)
}

async fn run_group<'r, F, T>(
    group: &str,
    records: &'r [SqsMessage],
    limits: Limits<'_>,
    left: &T,
    handle: &F,
) -> (&'r [SqsMessage], Tally)
where
    F: AsyncFn(Record<'_>) -> Result<(), Failure>,
    T: Fn() -> Duration,
{
    let mut tally = Tally::default();
    for (index, record) in records.iter().enumerate() {
        let rest = records.get(index..).unwrap_or_default();
        let stop = |tally: Tally| (rest, Tally { failed: rest.len() as u64, ..tally });
        let Some(time) = left().checked_sub(limits.reserve).filter(|time| *time >= limits.reserve) else {
            return stop(tally);
        };
        let receives = receives(record);
        let body = record.body.as_deref().unwrap_or_default();
        let item = Record { body, last: receives >= limits.max_receives, time };
        let outcome = match timeout(time, AssertUnwindSafe(handle(item)).catch_unwind()).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure { reason: "the function panicked".to_owned(), fault: Fault::Own }),
            Err(_) => Err(Failure { reason: "it took too long".to_owned(), fault: Fault::Outage { after: None } }),
        };
        let Err(failure) = outcome else {
            tally.done += 1;
            continue;
        };
        let message = record.message_id.as_deref().unwrap_or_default();
        tracing::warn!(message.id = message, group, receives, reason = failure.reason, "a record failed");
        if failure.fault.gives_up(receives, limits.max_receives, index == 0)
            && bury(group, record, &failure, limits).await
        {
            tally.dead += 1;
            continue;
        }
        let receipts: Vec<String> = rest.iter().filter_map(|record| record.receipt_handle.clone()).collect();
        if let Err(error) = limits.put_off.put_off(&receipts, failure.fault.wait(receives)).await {
            tracing::warn!(group, error = %error.source, "{error}: they come after the visibility timeout");
        }
        return stop(tally);
    }
    (&[], tally)
}

/// Puts a record on the dead-letter queue; if that fails, it is left for the queue to move.
async fn bury(group: &str, record: &SqsMessage, failure: &Failure, limits: Limits<'_>) -> bool {
    let letter = DeadLetter {
        body: record.body.as_deref().unwrap_or_default(),
        group,
        dedup: attribute(record, "MessageDeduplicationId"),
        reason: &failure.reason,
    };
    match limits.dead_letters.put(&letter).await {
        Ok(()) => true,
        Err(error) => {
            tracing::error!(group, error = %error.source, "{error}");
            false
        }
    }
}

fn attribute<'a>(record: &'a SqsMessage, name: &str) -> &'a str {
    record.attributes.get(name).map_or("", String::as_str)
}

fn receives(record: &SqsMessage) -> u32 {
    attribute(record, "ApproximateReceiveCount").parse().unwrap_or(1)
}

fn item_failure(record: &SqsMessage) -> BatchItemFailure {
    let mut failure = BatchItemFailure::default();
    failure.item_identifier = record.message_id.clone().unwrap_or_default();
    failure
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use app::PortError;
    use async_trait::async_trait;

    use super::*;

    #[derive(Default)]
    struct Shelf {
        dead: Mutex<Vec<(String, String)>>,
        put_off: Mutex<Vec<(usize, u32)>>,
        broken: bool,
    }

    #[async_trait]
    impl DeadLetters for Shelf {
        async fn put(&self, letter: &DeadLetter<'_>) -> Result<(), PortError> {
            if self.broken {
                return Err(PortError::transient("put", "broken"));
            }
            self.dead.lock().unwrap().push((letter.body.to_owned(), letter.reason.to_owned()));
            Ok(())
        }
    }

    #[async_trait]
    impl PutOff for Shelf {
        async fn put_off(&self, receipts: &[String], seconds: u32) -> Result<(), PortError> {
            self.put_off.lock().unwrap().push((receipts.len(), seconds));
            Ok(())
        }
    }

    /// Records as `id:group:body`, received so many times.
    fn event(receives: u32, records: &[&str]) -> SqsEvent {
        let records: Vec<_> = records
            .iter()
            .map(|record| {
                let mut parts = record.split(':');
                let mut next = || parts.next().unwrap();
                serde_json::json!({
                    "messageId": next(),
                    "receiptHandle": "r",
                    "attributes": { "MessageGroupId": next(), "ApproximateReceiveCount": receives.to_string() },
                    "body": next(),
                })
            })
            .collect();
        serde_json::from_value(serde_json::json!({ "Records": records })).unwrap()
    }

    async fn handle(record: Record<'_>) -> Result<(), Failure> {
        let failure = |fault| Err(Failure { reason: record.body.to_owned(), fault });
        match record.body {
            "bad" => failure(Fault::Outage { after: None }),
            "later" => failure(Fault::Outage { after: Some(3) }),
            "poison" => failure(Fault::Hopeless),
            "panic" => panic!("as asked"),
            "slow" => std::future::pending().await,
            "only at last" if !record.last => failure(Fault::Outage { after: None }),
            _ => Ok(()),
        }
    }

    async fn batch(shelf: &Shelf, receives: u32, records: &[&str]) -> (Vec<String>, Tally) {
        let limits =
            Limits { max_receives: 20, reserve: Duration::from_millis(100), dead_letters: shelf, put_off: shelf };
        let (response, tally) = run(event(receives, records), limits, || Duration::from_millis(400), handle).await;
        (response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect(), tally)
    }

    #[tokio::test]
    async fn a_group_stops_at_its_first_failure_and_others_go_on() {
        let shelf = Shelf::default();
        let records = ["1:a:ok", "2:b:ok", "3:a:bad", "4:b:ok", "5:a:ok"];
        let (failed, tally) = batch(&shelf, 1, &records).await;
        assert_eq!(failed, ["3", "5"]);
        assert_eq!(tally, Tally { done: 3, failed: 2, dead: 0 });
    }

    #[tokio::test]
    async fn a_panic_fails_its_record_only() {
        let (failed, tally) = batch(&Shelf::default(), 1, &["1:a:panic", "2:b:ok"]).await;
        assert_eq!((failed, tally.done), (vec!["1".to_owned()], 1));
    }

    #[tokio::test]
    async fn the_last_receive_and_the_hopeless_go_to_the_dead_letters_and_their_group_goes_on() {
        let shelf = Shelf::default();
        let (failed, tally) = batch(&shelf, 20, &["1:a:bad", "2:a:ok"]).await;
        assert_eq!((failed.len(), tally), (0, Tally { done: 1, failed: 0, dead: 1 }));
        let (failed, tally) = batch(&shelf, 5, &["1:a:panic", "2:a:ok", "3:b:bad"]).await;
        assert_eq!((failed, tally.dead), (vec!["3".to_owned()], 1), "an outage is waited out, a panic is not");
        let (failed, _) = batch(&shelf, 1, &["1:a:poison", "2:a:ok"]).await;
        assert!(failed.is_empty());
        assert_eq!(shelf.dead.lock().unwrap().len(), 3);
    }

    #[tokio::test]
    async fn a_panic_behind_others_is_not_held_against_a_record_until_it_stands_first() {
        for (receives, failed) in [(5, 1), (19, 1), (20, 0)] {
            let (response, tally) = batch(&Shelf::default(), receives, &["1:a:ok", "2:a:panic"]).await;
            assert_eq!((response.len(), tally.done), (failed, 1), "received {receives} times");
        }
    }

    #[tokio::test]
    async fn a_record_is_told_that_it_does_not_come_again() {
        for (receives, failed) in [(1, 1), (19, 1), (20, 0)] {
            let (response, _) = batch(&Shelf::default(), receives, &["1:a:only at last"]).await;
            assert_eq!(response.len(), failed, "received {receives} times");
        }
    }

    #[tokio::test]
    async fn a_record_that_cannot_be_buried_is_not_lost() {
        let shelf = Shelf { broken: true, ..Shelf::default() };
        let (failed, _) = batch(&shelf, 20, &["1:a:bad", "2:a:ok"]).await;
        assert_eq!(failed, ["1", "2"]);
    }

    #[tokio::test]
    async fn what_must_wait_is_put_off_with_its_followers() {
        let shelf = Shelf::default();
        let (failed, _) = batch(&shelf, 1, &["1:a:later", "2:a:ok", "3:b:ok"]).await;
        assert_eq!(failed, ["1", "2"]);
        assert_eq!(*shelf.put_off.lock().unwrap(), [(2, 3)]);
        batch(&shelf, 3, &["1:a:bad"]).await;
        batch(&shelf, 19, &["1:a:bad"]).await;
        assert_eq!(shelf.put_off.lock().unwrap()[1..], [(1, 8), (1, 300)], "ever longer, five minutes at most");
    }

    #[tokio::test]
    async fn a_slow_record_fails_alone_and_in_time() {
        let (failed, tally) = batch(&Shelf::default(), 1, &["1:a:slow", "2:b:ok", "3:b:ok"]).await;
        assert_eq!((failed, tally.done), (vec!["1".to_owned()], 2));
    }

    #[tokio::test]
    async fn without_time_left_the_rest_is_returned_unattempted() {
        let shelf = Shelf::default();
        let limits = Limits { max_receives: 5, reserve: Duration::from_secs(3), dead_letters: &shelf, put_off: &shelf };
        let (response, tally) = run(event(5, &["1:a:ok"]), limits, || Duration::from_secs(2), handle).await;
        assert_eq!((response.batch_item_failures.len(), tally.failed, tally.dead), (1, 1, 0));
    }
}
