//! SQS FIFO batches: groups side by side, each group in order and up to its first failure; a panic fails one record;
//! what cannot be processed goes to the dead-letter queue with its reason, so that its group goes on.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, SystemTime};

use app::ports::{DeadLetter, DeadLetters, PutOff};
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::FutureExt as _;
use futures::future::join_all;

/// The time by which Lambda states its deadlines.
pub fn now() -> SystemTime {
    #[expect(clippy::disallowed_methods, reason = "a deadline of this machine, not a time that decides anything")]
    SystemTime::now()
}

/// Why a record was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Ids and kinds only: it is logged and stored.
    pub reason: String,
    /// No try can help: to the dead-letter queue at once.
    pub hopeless: bool,
    /// Seconds to wait before the next try; `None`: the queue's visibility timeout.
    pub after: Option<u32>,
}

/// How a batch is run.
#[derive(Clone, Copy)]
pub struct Limits<'a> {
    /// Receives after which a failing record is given up: the queue's `maxReceiveCount`.
    pub max_receives: u32,
    /// A record is begun only if this much of the function's time is left.
    pub reserve: Duration,
    /// Where given-up records go.
    pub dead_letters: &'a dyn DeadLetters,
    /// How records are put off; `None`: they come again after the visibility timeout.
    pub put_off: Option<&'a dyn PutOff>,
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
    F: AsyncFn(&str) -> Result<(), Failure>,
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
    F: AsyncFn(&str) -> Result<(), Failure>,
    T: Fn() -> Duration,
{
    let mut tally = Tally::default();
    for (index, record) in records.iter().enumerate() {
        let rest = records.get(index..).unwrap_or_default();
        let stop = |tally: Tally| (rest, Tally { failed: rest.len() as u64, ..tally });
        if left() < limits.reserve {
            return stop(tally);
        }
        let body = record.body.as_deref().unwrap_or_default();
        let outcome = AssertUnwindSafe(handle(body)).catch_unwind().await.unwrap_or_else(|_| {
            Err(Failure { reason: "the function panicked".to_owned(), hopeless: false, after: None })
        });
        let Err(failure) = outcome else {
            tally.done += 1;
            continue;
        };
        let message = record.message_id.as_deref().unwrap_or_default();
        let receives = receives(record);
        tracing::warn!(message.id = message, group, receives, reason = failure.reason, "a record failed");
        let give_up = failure.hopeless || receives >= limits.max_receives;
        if give_up && bury(group, record, &failure, limits).await {
            tally.dead += 1;
            continue;
        }
        if let (Some(put_off), Some(seconds)) = (limits.put_off, failure.after) {
            let receipts: Vec<String> = rest.iter().filter_map(|record| record.receipt_handle.clone()).collect();
            if let Err(error) = put_off.put_off(&receipts, seconds).await {
                tracing::warn!(group, error = %error.source, "{error}: they come after the visibility timeout");
            }
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

    async fn handle(body: &str) -> Result<(), Failure> {
        let failure = |hopeless, after| Failure { reason: body.to_owned(), hopeless, after };
        match body {
            "bad" => Err(failure(false, None)),
            "later" => Err(failure(false, Some(3))),
            "poison" => Err(failure(true, None)),
            "panic" => panic!("as asked"),
            _ => Ok(()),
        }
    }

    async fn batch(shelf: &Shelf, receives: u32, records: &[&str]) -> (Vec<String>, Tally) {
        let limits = Limits { max_receives: 5, reserve: Duration::ZERO, dead_letters: shelf, put_off: Some(shelf) };
        let (response, tally) = run(event(receives, records), limits, || Duration::from_secs(9), handle).await;
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
        let (failed, tally) = batch(&shelf, 5, &["1:a:bad", "2:a:ok"]).await;
        assert_eq!((failed.len(), tally), (0, Tally { done: 1, failed: 0, dead: 1 }));
        let (failed, _) = batch(&shelf, 1, &["1:a:poison", "2:a:ok"]).await;
        assert!(failed.is_empty());
        assert_eq!(shelf.dead.lock().unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_record_that_cannot_be_buried_is_not_lost() {
        let shelf = Shelf { broken: true, ..Shelf::default() };
        let (failed, _) = batch(&shelf, 5, &["1:a:bad", "2:a:ok"]).await;
        assert_eq!(failed, ["1", "2"]);
    }

    #[tokio::test]
    async fn what_must_wait_is_put_off_with_its_followers() {
        let shelf = Shelf::default();
        let (failed, _) = batch(&shelf, 1, &["1:a:later", "2:a:ok", "3:b:ok"]).await;
        assert_eq!(failed, ["1", "2"]);
        assert_eq!(*shelf.put_off.lock().unwrap(), [(2, 3)]);
    }

    #[tokio::test]
    async fn without_time_left_the_rest_is_returned_unattempted() {
        let shelf = Shelf::default();
        let limits = Limits { max_receives: 5, reserve: Duration::from_secs(3), dead_letters: &shelf, put_off: None };
        let (response, tally) = run(event(5, &["1:a:ok"]), limits, || Duration::from_secs(2), handle).await;
        assert_eq!((response.batch_item_failures.len(), tally.failed, tally.dead), (1, 1, 0));
    }
}
