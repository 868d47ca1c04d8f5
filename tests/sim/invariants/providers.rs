//! 16 and 17: providers that want to be left alone, and customers who cannot be reached.

use app::ports::Clock as _;
use domain::{Change, DeliveryState, DeliveryStatus, UnixMillis};
use tests::Whim;

use super::{Trial, answered_once, ask, visitor};
use crate::stage::{Stage, Way};
use crate::visitors::Visitor;

/// Two customers write, and the first gets these whims; how many milliseconds each of the second's answers took.
async fn beside(stage: &Stage, whims: &[Whim]) -> (Visitor, Vec<i64>) {
    let (one, two) = (visitor(stage, 1), visitor(stage, 2));
    stage.provider.plan_for(&one.group(), whims);
    let mut asked = vec![];
    for message in 0..5 {
        asked.push(stage.world.now());
        ask(stage, &one, message).await;
        ask(stage, &two, message).await;
        let round_ends = UnixMillis(stage.world.now().0 + 500);
        stage.drain_until(Some(round_ends));
        stage.pass_to(Some(round_ends));
    }
    stage.drain();
    for visitor in [&one, &two] {
        answered_once(stage, visitor, 0..5);
    }
    let shown = stage.provider.calls_for(&two.group());
    let times = shown.iter().zip(asked).map(|(call, asked)| call.at.0 - asked.0).collect();
    (one, times)
}

#[tokio::test]
async fn invariant_16_a_provider_that_asks_for_time_gets_it() {
    let mut trial = Trial::new(16, "429 and 5xx: no call before the time asked for, order kept, others unaffected");
    for way in [Way::Keyed, Way::Bare] {
        let (_, undisturbed) = beside(&Stage::new(way), &[]).await;
        for whims in [vec![Whim::Busy(3)], vec![Whim::Busy(3); 3], vec![Whim::Fail; 3], vec![Whim::Fail, Whim::Busy(4)]]
        {
            let stage = Stage::new(way);
            let (one, times) = beside(&stage, &whims).await;
            assert_eq!(stage.provider.pestered(), 0, "no call before the provider wants one");
            let calls = stage.provider.calls_for(&one.group());
            assert_eq!(calls.len(), 5 + whims.len());
            for pair in calls.windows(2) {
                if let Whim::Busy(seconds) = pair[0].whim {
                    let waited = pair[1].at.0 - pair[0].at.0;
                    let asked = i64::from(seconds) * 1000;
                    assert!((asked..asked + 1_500).contains(&waited), "{waited} ms after being asked for {asked}");
                }
            }
            let [taken, usual] = [&times, &undisturbed].map(|times| times.iter().sum::<i64>());
            assert!(usual > 0 && taken * 5 <= usual * 6, "{times:?} ms instead of {undisturbed:?} beside {whims:?}");
            trial.ran(whims.len() as u64);
        }
    }
    trial.held();
}

/// What the conversation was told of a delivery.
fn told(stage: &Stage, visitor: &Visitor) -> Vec<DeliveryStatus> {
    let changes = stage.world.turns(&visitor.group()).into_iter().flat_map(|turn| turn.changes);
    changes
        .filter_map(|change| if let Change::Delivery { status, .. } = change { Some(status) } else { None })
        .collect()
}

#[tokio::test]
async fn invariant_17_a_permanent_error_is_not_tried_again() {
    let mut trial = Trial::new(17, "a permanent error: one attempt, recorded and told, nothing dead");
    for way in [Way::Keyed, Way::Bare] {
        let stage = Stage::new(way);
        let visitor = visitor(&stage, 1);
        stage.provider.plan(&[Whim::Blocked]);
        ask(&stage, &visitor, 0).await;
        ask(&stage, &visitor, 1).await;
        stage.drain();
        let calls = stage.provider.calls_for(&visitor.group());
        assert_eq!(calls.iter().map(|call| call.parcel.seq).collect::<Vec<_>>(), [2, 4], "one attempt each");
        let states: Vec<DeliveryState> =
            stage.world.deliveries(&visitor.group()).into_iter().map(|(_, state)| state).collect();
        assert_eq!(states, [DeliveryState::Failed, DeliveryState::Sent]);
        assert_eq!(stage.world.head(&visitor.group()).unwrap().marks.failed, 2);
        let reason = "the provider answered 403".to_owned();
        assert_eq!(told(&stage, &visitor), [DeliveryStatus::Failed { reason }]);
        assert!(stage.world.dead().is_empty() && stage.world.is_idle());
        trial.ran(1);
    }
    trial.held();
}

#[tokio::test]
async fn when_the_reply_window_is_over_nothing_is_sent_and_the_conversation_knows() {
    let stage = Stage::new(Way::Hurried);
    let visitor = visitor(&stage, 1);
    stage.provider.plan(&[Whim::Busy(5); 30]);
    ask(&stage, &visitor, 0).await;
    let window_ends = stage.world.now().plus_seconds(60);
    stage.drain();
    let calls = stage.provider.calls();
    assert!(calls.len() >= 10 && calls.iter().all(|call| call.at <= window_ends.plus_seconds(1)), "{calls:?}");
    assert!(matches!(stage.world.deliveries(&visitor.group())[..], [(_, DeliveryState::Failed)]));
    let reason = "the channel's reply window is over".to_owned();
    assert_eq!(told(&stage, &visitor), [DeliveryStatus::Failed { reason }]);
    assert!(stage.world.dead().is_empty());
}

#[tokio::test]
async fn a_delivery_goes_on_with_the_message_that_was_not_taken() {
    for (way, whim) in [(Way::Keyed, Whim::Busy(1)), (Way::Bare, Whim::Fail), (Way::Bare, Whim::Lie)] {
        let stage = Stage::new(way);
        let visitor = visitor(&stage, 1);
        visitor.say(&stage.world, 0, "人工").await.unwrap();
        stage.drain();
        // Nobody came, and the customer writes before the alarm goes off: two messages go out at once.
        stage.world.pass(15 * 60);
        ask(&stage, &visitor, 1).await;
        stage.provider.plan(&[Whim::Take, whim]);
        stage.drain();
        let calls: Vec<u64> = stage.provider.calls().iter().map(|call| call.parcel.seq).collect();
        assert_eq!(calls, [2, 4, 5, 5], "{whim:?}");
    }
}

#[tokio::test]
async fn what_is_refused_after_an_answer_was_lost_may_have_been_sent() {
    for way in [Way::Keyed, Way::Bare] {
        let stage = Stage::new(way);
        let visitor = visitor(&stage, 1);
        stage.provider.plan(&[Whim::Lie, Whim::Blocked]);
        ask(&stage, &visitor, 0).await;
        stage.drain();
        assert_eq!(stage.provider.shown_to(&visitor.group()).len(), 1);
        assert!(matches!(stage.world.deliveries(&visitor.group())[..], [(_, DeliveryState::MaybeSent)]));
        assert_eq!(told(&stage, &visitor), [DeliveryStatus::MaybeSent]);
    }
}
