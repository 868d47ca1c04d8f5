//! `cargo local redrive`: sends the records of a dead-letter queue back to the queue that they came from; events that a
//! door did not take it hands over again ([`crate::hand_over`]).
//!
//! One after the other: sent first, deleted then, so that none is lost; a run that was broken off in between sends the
//! same record under the same deduplication id when it is run again.

use anyhow::{Context as _, bail};
use serde_json::Value;

use crate::cli;
use crate::cloud::{Attempt, Call, Target, queues};
use crate::console;
use crate::dead_letter_queue::{MOVE_HOLD, Pair};
use crate::dead_letters::{Ledger, Letter, Survey};
use crate::doors::{self, Door};
use crate::hand_over;
use crate::queue::{BATCH, Depth};
use crate::tools::Tools;

/// Seconds that records are kept from others while they are looked at: until the last of them has been seen.
const LOOK_HOLD: u32 = 300;
/// Most records that are looked at unless told otherwise; they are seen well within [`LOOK_HOLD`].
const LOOK: usize = 1000;
/// Most receives of one list of calls while looking.
const LOOKS: usize = 16;

/// Makes a list of calls.
type Ask<'a> = dyn FnMut(&[Call]) -> anyhow::Result<Attempt> + 'a;

/// What a run came to.
struct Outcome {
    ledger: Ledger,
    depth: Depth,
}

/// Moves a dead-letter queue's records back, or shows them.
///
/// # Errors
/// There is no such queue, or AWS refuses a call; what was moved by then stays moved, and the rest is where it was.
pub fn run(target: &Target, arguments: &cli::Redrive) -> anyhow::Result<()> {
    let tools = Tools::ready()?;
    let mut queues = queues(&target.outputs(&tools)?);
    let listed = target.attempt(&tools, &[doors::list(target.name())])?;
    match (listed.answers.first(), listed.refusal) {
        (Some(answer), _) => queues.extend(doors::read(answer, target.name())),
        (None, Some(refusal)) if doors::is_named(&arguments.queue) => {
            bail!("{refusal}; your AWS user needs sqs:ListQueues");
        }
        // The other queues are the template's outputs.
        (None, _) => {}
    }
    let max = arguments.max.map(|max| usize::try_from(max).unwrap_or(usize::MAX));
    let mut ask = |calls: &[Call]| target.attempt(&tools, calls);
    if let Some(door) = Door::find(&queues, target.name(), &arguments.queue) {
        return hand_over(&door, arguments, max, &target.flags(), &mut ask);
    }
    let pair = Pair::find(&queues, &arguments.queue)?;
    let again = format!("cargo local redrive {}{}", pair.name, target.flags());
    if arguments.dry_run {
        let (survey, depth) = look(&pair, max.unwrap_or(LOOK), &mut ask)?;
        survey.lines().iter().for_each(console::say);
        let behind = depth.all.saturating_sub(survey.count());
        if behind > 0 {
            console::say(format_args!(
                "{behind} more were not looked at: they stand behind these in their groups, are in the hands of another \
                 run, or --max stopped the look"
            ));
        }
        console::say(format_args!(
            "{} holds {} records; looked at {} records of {} groups, moved none",
            pair.name,
            depth.all,
            survey.count(),
            survey.groups()
        ));
        return Ok(());
    }
    let Outcome { ledger, depth } = redrive(&pair, arguments.rate, max, &mut ask)
        .with_context(|| format!("the redrive broke off; no record is lost, and `{again}` goes on"))?;
    if ledger.came_back() > 0 {
        console::progress(format_args!(
            "{} came back already: their cause is not mended; `{again} --dry-run` shows it",
            ledger.came_back()
        ));
    }
    if depth.in_hands > 0 {
        console::progress(format_args!(
            "{} are in the hands of another run, or of one that was broken off: `{again}` takes them in a minute",
            depth.in_hands
        ));
    }
    console::say(format_args!("moved {} records of {} groups, {} left", ledger.count(), ledger.groups(), depth.all));
    Ok(())
}

/// Hands a door's events over, or shows them.
fn hand_over(
    door: &Door,
    arguments: &cli::Redrive,
    max: Option<usize>,
    flags: &str,
    ask: &mut Ask<'_>,
) -> anyhow::Result<()> {
    let (name, again) = (&door.name, format!("cargo local redrive {}{flags}", door.name));
    if arguments.dry_run {
        let (survey, all) = hand_over::look(door, max.unwrap_or(LOOK), ask)?;
        survey.lines().iter().for_each(console::say);
        console::say(format_args!("{name} holds {all} events; looked at {}, handed over none", survey.count()));
        return Ok(());
    }
    let outcome = hand_over::run(door, arguments.rate, max, ask)
        .with_context(|| format!("the redrive broke off; no event is lost, and `{again}` goes on"))?;
    if outcome.failed > 0 {
        console::progress(format_args!(
            "{} failed again: their cause is not mended; `cargo local logs {name}{flags}` shows it",
            outcome.failed
        ));
    }
    console::say(format_args!("handed over {} events, {} left", outcome.taken, outcome.left));
    Ok(())
}

fn redrive(pair: &Pair, rate: u32, max: Option<usize>, ask: &mut Ask<'_>) -> anyhow::Result<Outcome> {
    let max = max.unwrap_or(usize::MAX);
    let mut answers = whole(ask(&[pair.depth(), pair.receive(max, MOVE_HOLD)])?, pair)?;
    let mut received = answers.pop().unwrap_or_default();
    // No more than were there at the start: while a cause is not mended, new ones keep coming.
    let limit = max.min(Depth::read(answers.first())?.all.max(BATCH));
    let mut ledger = Ledger::default();
    while let Some(fresh) = ledger.take(Letter::read_all(&received)?) {
        let room = limit.saturating_sub(ledger.count() + fresh.len());
        let attempt = ask(&pair.moves(&fresh, rate, room))?;
        let (done, rest) = fresh.split_at_checked(attempt.answers.len() / 2).unwrap_or((&fresh, &[]));
        ledger.moved(done);
        if let Some(refusal) = attempt.refusal {
            let receipts: Vec<String> = rest.iter().map(|letter| letter.receipt.clone()).chain(ledger.held()).collect();
            // If this is refused too, they are there again once their hold is over.
            drop(ask(&pair.release(&receipts)));
            bail!("{} records were moved, then {}", ledger.count(), pair.mend(&refusal));
        }
        if !fresh.is_empty() {
            console::progress(format_args!("{} records moved", ledger.count()));
        }
        received = match attempt.answers.into_iter().nth(fresh.len() * 2) {
            Some(next) => next,
            None => break,
        };
    }
    let calls: Vec<Call> = pair.release(&ledger.held()).into_iter().chain([pair.depth()]).collect();
    let answers = whole(ask(&calls)?, pair)?;
    Ok(Outcome { ledger, depth: Depth::read(answers.last())? })
}

/// Looks at up to `most` records and leaves them as they were. What stands behind a full receive in its own group stays
/// unseen: SQS shows it only once those before it are gone.
fn look(pair: &Pair, most: usize, ask: &mut Ask<'_>) -> anyhow::Result<(Survey, Depth)> {
    let answers = whole(ask(&[pair.depth()])?, pair)?;
    let depth = Depth::read(answers.first())?;
    let mut survey = Survey::default();
    let seen = look_at_all(pair, most.min(depth.all), &mut survey, ask);
    let released = ask(&pair.release(&survey.receipts())).and_then(|attempt| whole(attempt, pair));
    seen?;
    released.context("the records are visible again in five minutes only")?;
    Ok((survey, depth))
}

fn look_at_all(pair: &Pair, most: usize, survey: &mut Survey, ask: &mut Ask<'_>) -> anyhow::Result<()> {
    // Ever more at a time: few calls for a long queue, and little waiting in vain at the end of a short one.
    let mut looks = 1;
    while survey.count() < most {
        let wanted = most - survey.count();
        let sizes = (0..looks).map(|look| wanted.saturating_sub(look * BATCH)).take_while(|size| *size > 0);
        let calls: Vec<Call> = sizes.map(|size| pair.receive(size, LOOK_HOLD)).collect();
        let attempt = ask(&calls)?;
        let mut new = 0;
        for answer in &attempt.answers {
            new = survey.take(Letter::read_all(answer)?);
        }
        whole(attempt, pair)?;
        // The last receive brought nothing new: what there is otherwise stands behind these.
        if new == 0 {
            break;
        }
        looks = (looks * 2).min(LOOKS);
    }
    Ok(())
}

fn whole(attempt: Attempt, pair: &Pair) -> anyhow::Result<Vec<Value>> {
    match attempt.refusal {
        Some(refusal) => bail!("{}", pair.mend(&refusal)),
        None => Ok(attempt.answers),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cloud::Refusal;

    /// A dead-letter queue and its source as far as a run can tell; a record is (id, group, dedup id, in flight).
    #[derive(Default)]
    struct Queues {
        dead: Vec<(String, String, String, bool)>,
        /// Group, deduplication id and body, each id once.
        sent: Vec<(String, String, String)>,
        /// Groups whose records die again at once.
        hopeless: Vec<&'static str>,
        /// The operation, and which of them, that is refused.
        refuse: Option<(&'static str, usize)>,
        calls: Vec<Call>,
    }

    impl Queues {
        fn with(groups: &[&str]) -> Self {
            let dead = groups.iter().enumerate();
            let dead =
                dead.map(|(index, group)| (format!("m{index}"), (*group).to_owned(), format!("d{index}"), false));
            Self { dead: dead.collect(), ..Self::default() }
        }

        fn ask(&mut self, calls: &[Call]) -> Attempt {
            let mut answers = Vec::new();
            for call in calls {
                self.calls.push(call.clone());
                let made = self.calls.iter().filter(|made| made.operation() == call.operation()).count();
                if self.refuse == Some((call.operation(), made)) {
                    let refusal = Refusal { code: "AccessDenied".to_owned(), message: "no".to_owned() };
                    return Attempt { answers, refusal: Some(refusal) };
                }
                answers.push(self.answer(call));
            }
            Attempt { answers, refusal: None }
        }

        fn answer(&mut self, call: &Call) -> Value {
            let arguments = call.arguments();
            let text = |name: &str| arguments[name].as_str().unwrap().to_owned();
            match call.operation() {
                "get_queue_attributes" => {
                    let flying = self.dead.iter().filter(|record| record.3).count();
                    json!({"Attributes": {
                        "ApproximateNumberOfMessages": (self.dead.len() - flying).to_string(),
                        "ApproximateNumberOfMessagesNotVisible": flying.to_string(),
                    }})
                }
                "receive_message" => {
                    let most = arguments["MaxNumberOfMessages"].as_u64().unwrap();
                    assert!((1..=10).contains(&most));
                    let locked: Vec<String> =
                        self.dead.iter().filter(|record| record.3).map(|record| record.1.clone()).collect();
                    let free = self.dead.iter_mut().filter(|record| !locked.contains(&record.1));
                    let messages = free.take(usize::try_from(most).unwrap()).map(|(id, group, dedup, flying)| {
                        *flying = true;
                        json!({"MessageId": id, "ReceiptHandle": id, "Body": format!("body of {id}"),
                            "Attributes": {"MessageGroupId": group, "MessageDeduplicationId": dedup}})
                    });
                    json!({"Messages": messages.collect::<Vec<_>>()})
                }
                "send_message" => {
                    let (group, dedup) = (text("MessageGroupId"), text("MessageDeduplicationId"));
                    if self.sent.iter().any(|sent| sent.1 == dedup) {
                        return json!({});
                    }
                    if self.hopeless.contains(&group.as_str()) {
                        let id = format!("back{}", self.sent.len());
                        self.dead.push((id, group.clone(), dedup.clone(), false));
                    }
                    self.sent.push((group, dedup, text("MessageBody")));
                    json!({})
                }
                "delete_message" => {
                    self.dead.retain(|record| record.0 != text("ReceiptHandle"));
                    json!({})
                }
                "change_message_visibility_batch" => {
                    for entry in arguments["Entries"].as_array().unwrap() {
                        assert_eq!(entry["VisibilityTimeout"], 0);
                        self.dead
                            .iter_mut()
                            .filter(|one| entry["ReceiptHandle"] == one.0)
                            .for_each(|one| one.3 = false);
                    }
                    json!({})
                }
                other => panic!("{other}"),
            }
        }

        fn bodies(&self, group: &str) -> Vec<&str> {
            self.sent.iter().filter(|sent| sent.0 == group).map(|sent| sent.2.as_str()).collect()
        }

        fn moved(&mut self, max: Option<usize>) -> anyhow::Result<(usize, usize, usize, Depth)> {
            let outcome = redrive(&pair(), 20, max, &mut |calls| Ok(self.ask(calls)))?;
            let ledger = outcome.ledger;
            Ok((ledger.count(), ledger.groups(), ledger.came_back(), outcome.depth))
        }
    }

    fn pair() -> Pair {
        let [name, dlq, source] = ["inbound", "http://q/dlq", "http://q/source"].map(str::to_owned);
        Pair { name, dlq, source }
    }

    const EMPTY: Depth = Depth { all: 0, in_hands: 0 };

    #[test]
    fn all_of_it_goes_back_in_order() {
        let groups: Vec<&str> = ["a", "b", "a"].into_iter().cycle().take(25).collect();
        let mut queues = Queues::with(&groups);
        assert_eq!(queues.moved(None).unwrap(), (25, 2, 0, EMPTY));
        let wanted: Vec<String> =
            (0..25).filter(|index| index % 3 == 1).map(|index| format!("body of m{index}")).collect();
        assert_eq!(queues.bodies("b"), wanted);
        assert_eq!(Queues::default().moved(None).unwrap(), (0, 0, 0, EMPTY));
    }

    #[test]
    fn no_more_than_asked_for() {
        let mut queues = Queues::with(&["a"; 25]);
        assert_eq!(queues.moved(Some(12)).unwrap(), (12, 1, 0, Depth { all: 13, in_hands: 0 }));
        assert_eq!(queues.moved(Some(3)).unwrap().3, Depth { all: 10, in_hands: 0 });
        assert_eq!(queues.bodies("a").len(), 15);
    }

    #[test]
    fn what_dies_again_is_moved_once_a_run() {
        let mut queues = Queues::with(&["bad", "good", "bad", "good"]);
        queues.hopeless = vec!["bad"];
        assert_eq!(queues.moved(None).unwrap(), (4, 2, 2, Depth { all: 2, in_hands: 0 }));
        assert_eq!(queues.moved(None).unwrap(), (2, 1, 2, Depth { all: 2, in_hands: 0 }));
        assert_eq!(queues.bodies("good").len(), 2);
    }

    #[test]
    fn a_run_that_broke_off_loses_and_doubles_nothing() {
        for refuse in [("send_message", 3), ("delete_message", 3)] {
            let mut queues = Queues { refuse: Some(refuse), ..Queues::with(&["a"; 5]) };
            let error = queues.moved(None).unwrap_err().to_string();
            assert!(error.starts_with("2 records were moved, then no; your AWS user needs"), "{error}");
            assert_eq!(queues.dead.len(), 3);
            assert!(queues.dead.iter().all(|record| !record.3), "the next run need not wait");
            assert_eq!(queues.moved(None).unwrap(), (3, 1, 0, EMPTY));
            let wanted: Vec<String> = (0..5).map(|index| format!("body of m{index}")).collect();
            assert_eq!(queues.bodies("a"), wanted);
        }
    }

    #[test]
    fn a_look_moves_nothing_and_hides_nothing() {
        let groups: Vec<&str> = ["a", "b", "c"].into_iter().cycle().take(9).collect();
        let mut queues = Queues::with(&groups);
        let (survey, depth) = look(&pair(), LOOK, &mut |calls| Ok(queues.ask(calls))).unwrap();
        assert_eq!((survey.count(), survey.groups(), depth), (9, 3, Depth { all: 9, in_hands: 0 }));
        assert!(queues.dead.len() == 9 && queues.dead.iter().all(|record| !record.3) && queues.sent.is_empty());
        let (survey, _) = look(&pair(), 4, &mut |calls| Ok(queues.ask(calls))).unwrap();
        assert_eq!(survey.count(), 4);
        let mut refusing = Queues { refuse: Some(("receive_message", 2)), ..Queues::with(&["a"; 20]) };
        assert!(look(&pair(), LOOK, &mut |calls| Ok(refusing.ask(calls))).is_err());
        assert!(refusing.dead.iter().all(|record| !record.3), "not even when it fails");
    }
}
