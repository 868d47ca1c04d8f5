//! `cargo local redrive` on a door's dead letters: each event is handed to its function once more, and is deleted when the
//! function has taken it. A run that was broken off in between hands the same event over again, which changes nothing: what
//! was taken before has the same ids.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};

use crate::cloud::{Attempt, Call};
use crate::dead_letters::{Letter, Survey};
use crate::doors::Door;
use crate::queue::{self, BATCH, Depth};

/// Seconds that records are kept from others: until each of a batch has had its function's longest time, twice over.
const HOLD: u32 = 600;

/// Makes a list of calls.
type Ask<'a> = dyn FnMut(&[Call]) -> anyhow::Result<Attempt> + 'a;

/// What a run came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Events that were taken.
    pub taken: usize,
    /// Events that failed again, and stay.
    pub failed: usize,
    /// Events that are there now.
    pub left: usize,
}

/// Hands events over.
///
/// # Errors
/// AWS refuses a call; what was taken by then is gone from the queue, and the rest is where it was.
pub fn run(door: &Door, rate: u32, max: Option<usize>, ask: &mut Ask<'_>) -> anyhow::Result<Outcome> {
    // No more than were there at the start: while a cause is not mended, new ones keep coming.
    let limit = max.unwrap_or(usize::MAX).min(depth(door, ask)?.all.max(BATCH));
    let mut taken = 0;
    let mut held = BTreeMap::new();
    let ended = pass(door, rate, limit, &mut taken, &mut held, ask);
    let receipts: Vec<String> = held.values().cloned().collect();
    // If this is refused, they are there again once their hold is over.
    let released = ask(&queue::release(&door.dlq, &receipts));
    ended.with_context(|| format!("{taken} events were handed over"))?;
    released?;
    Ok(Outcome { taken, failed: held.len(), left: depth(door, ask)?.all })
}

fn pass(
    door: &Door,
    rate: u32,
    limit: usize,
    taken: &mut usize,
    held: &mut BTreeMap<String, String>,
    ask: &mut Ask<'_>,
) -> anyhow::Result<()> {
    while *taken + held.len() < limit {
        let letters = received(door, limit - *taken - held.len(), ask)?;
        let known = held.len();
        held.extend(letters.iter().map(|letter| (letter.id.clone(), letter.receipt.clone())));
        if held.len() == known {
            break;
        }
        let invoked = ask(&door.invokes(&letters, rate))?;
        let finished: Vec<&Letter> = letters
            .iter()
            .zip(&invoked.answers)
            .filter(|(_, answer)| Door::is_taken(answer))
            .map(|(one, _)| one)
            .collect();
        let deletes: Vec<Call> = finished.iter().map(|letter| queue::delete(&door.dlq, &letter.receipt)).collect();
        let gone = if deletes.is_empty() { None } else { Some(ask(&deletes)?) };
        for letter in finished.iter().take(gone.as_ref().map_or(0, |attempt| attempt.answers.len())) {
            held.remove(&letter.id);
            *taken += 1;
        }
        if let Some(refusal) = invoked.refusal.or(gone.and_then(|attempt| attempt.refusal)) {
            bail!("{}", door.mend(&refusal));
        }
    }
    Ok(())
}

/// Looks at up to `most` events and leaves them as they were.
///
/// # Errors
/// AWS refuses a call.
pub fn look(door: &Door, most: usize, ask: &mut Ask<'_>) -> anyhow::Result<(Survey, usize)> {
    let all = depth(door, ask)?.all;
    let mut survey = Survey::default();
    let looked = look_at_all(door, most.min(all), &mut survey, ask);
    let released = ask(&queue::release(&door.dlq, &survey.receipts()));
    looked?;
    released.context("the records are visible again in ten minutes only")?;
    Ok((survey, all))
}

fn look_at_all(door: &Door, most: usize, survey: &mut Survey, ask: &mut Ask<'_>) -> anyhow::Result<()> {
    while survey.count() < most {
        if survey.take(received(door, most - survey.count(), ask)?) == 0 {
            break;
        }
    }
    Ok(())
}

fn received(door: &Door, most: usize, ask: &mut Ask<'_>) -> anyhow::Result<Vec<Letter>> {
    let answer = one(door, door.receive(most, HOLD), ask)?;
    door.letters(&answer)
}

fn depth(door: &Door, ask: &mut Ask<'_>) -> anyhow::Result<Depth> {
    Depth::read(Some(&one(door, queue::depth(&door.dlq), ask)?))
}

fn one(door: &Door, call: Call, ask: &mut Ask<'_>) -> anyhow::Result<serde_json::Value> {
    let attempt = ask(&[call])?;
    if let Some(refusal) = attempt.refusal {
        bail!("{}", door.mend(&refusal));
    }
    attempt.answers.into_iter().next().context("an AWS call gave no answer")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::cloud::Refusal;

    /// A queue of events and their function, as far as a run can tell; a record is (id, in flight).
    #[derive(Default)]
    struct World {
        dead: Vec<(usize, bool)>,
        /// What the function was handed, each time.
        handed: Vec<usize>,
        hopeless: Vec<usize>,
        /// The operation, and which of them, that is refused.
        refuse: Option<(&'static str, usize)>,
        made: Vec<&'static str>,
    }

    impl World {
        fn with(count: usize) -> Self {
            Self { dead: (0..count).map(|id| (id, false)).collect(), ..Self::default() }
        }

        fn ask(&mut self, calls: &[Call]) -> Attempt {
            let mut answers = vec![];
            for call in calls {
                self.made.push(call.operation());
                let count = self.made.iter().filter(|made| **made == call.operation()).count();
                if self.refuse == Some((call.operation(), count)) {
                    let refusal = Refusal { code: "AccessDenied".to_owned(), message: "no".to_owned() };
                    return Attempt { answers, refusal: Some(refusal) };
                }
                answers.push(self.answer(call));
            }
            Attempt { answers, refusal: None }
        }

        fn answer(&mut self, call: &Call) -> Value {
            let id = |name: &str| call.arguments()[name].as_str().unwrap().parse::<usize>().unwrap();
            match call.operation() {
                "get_queue_attributes" => {
                    json!({"Attributes": {"ApproximateNumberOfMessages": self.dead.len().to_string()}})
                }
                "receive_message" => {
                    let most = usize::try_from(call.arguments()["MaxNumberOfMessages"].as_u64().unwrap()).unwrap();
                    assert!((1..=10).contains(&most));
                    let free = self.dead.iter_mut().filter(|record| !record.1).take(most);
                    let messages = free.map(|(id, flying)| {
                        *flying = true;
                        let id = id.to_string();
                        let why = json!({"ErrorMessage": {"StringValue": "it is not there"}});
                        json!({"MessageId": id, "ReceiptHandle": id, "Body": id, "MessageAttributes": why})
                    });
                    json!({"Messages": messages.collect::<Vec<_>>()})
                }
                "invoke" => {
                    let id = id("Payload");
                    assert_eq!(call.arguments()["FunctionName"], "desk-receive-email");
                    self.handed.push(id);
                    let mut answer = json!({"StatusCode": 200});
                    if self.hopeless.contains(&id) {
                        answer["FunctionError"] = json!("Unhandled");
                    }
                    answer
                }
                "delete_message" => {
                    self.dead.retain(|record| record.0 != id("ReceiptHandle"));
                    json!({})
                }
                "change_message_visibility_batch" => {
                    for entry in call.arguments()["Entries"].as_array().unwrap() {
                        let id = entry["ReceiptHandle"].as_str().unwrap().parse::<usize>().unwrap();
                        self.dead.iter_mut().filter(|record| record.0 == id).for_each(|record| record.1 = false);
                    }
                    json!({})
                }
                other => panic!("{other}"),
            }
        }

        fn run(&mut self, max: Option<usize>) -> anyhow::Result<(usize, usize, usize)> {
            let outcome = run(&door(), 20, max, &mut |calls| Ok(self.ask(calls)))?;
            Ok((outcome.taken, outcome.failed, outcome.left))
        }
    }

    fn door() -> Door {
        let [name, function, dlq] = ["receive-email", "desk-receive-email", "http://q/dlq"].map(str::to_owned);
        Door { name, function, dlq }
    }

    #[test]
    fn what_is_taken_goes_and_what_fails_stays_and_is_there_at_once() {
        let mut world = World { hopeless: vec![3, 17], ..World::with(25) };
        assert_eq!(world.run(None).unwrap(), (23, 2, 2));
        assert_eq!(world.dead, [(3, false), (17, false)]);
        assert_eq!(world.handed, (0..25).collect::<Vec<_>>(), "each once");
        world.hopeless.clear();
        assert_eq!(world.run(None).unwrap(), (2, 0, 0));
        assert_eq!(World::default().run(None).unwrap(), (0, 0, 0));
    }

    #[test]
    fn no_more_than_asked_for() {
        let mut world = World::with(25);
        assert_eq!(world.run(Some(12)).unwrap(), (12, 0, 13));
        assert_eq!(world.handed.len(), 12);
    }

    #[test]
    fn a_run_that_broke_off_loses_nothing() {
        for (refuse, left) in [(("invoke", 3), 3), (("delete_message", 3), 3), (("receive_message", 1), 5)] {
            let mut world = World { refuse: Some(refuse), ..World::with(5) };
            let error = format!("{:#}", world.run(None).unwrap_err());
            assert!(error.contains("lambda:InvokeFunction on desk-receive-email"), "{error}");
            assert_eq!(world.dead.len(), left, "{refuse:?}");
            assert!(world.dead.iter().all(|record| !record.1), "{refuse:?}: the next run need not wait");
            world.run(None).unwrap();
            assert_eq!(world.dead, []);
            assert!((0..5).all(|id| world.handed.contains(&id)));
        }
    }

    #[test]
    fn a_look_hands_nothing_over_and_shows_no_event() {
        let mut world = World::with(12);
        let (survey, all) = look(&door(), 1000, &mut |calls| Ok(world.ask(calls))).unwrap();
        assert_eq!((survey.count(), all), (12, 12));
        assert!(survey.lines()[0].contains("reason: it is not there"), "{:?}", survey.lines());
        assert!(world.handed.is_empty() && world.dead.iter().all(|record| !record.1));
    }
}
