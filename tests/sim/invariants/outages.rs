//! 18: a table that is not there for a while.

use app::ports::Clock as _;
use domain::UnixMillis;

use super::{Trial, answered_once, ask, visitor};
use crate::stage::{Stage, Way};

#[tokio::test]
async fn invariant_18_an_outage_of_the_table_loses_nothing() {
    let mut trial = Trial::new(18, "the table is throttled for thirty seconds, or gone for an hour: nothing is lost");
    for seconds in [30, 60 * 60] {
        for way in [Way::Web, Way::Bare] {
            let stage = Stage::new(way);
            let visitors: Vec<_> = (0..50).map(|number| visitor(&stage, number)).collect();
            let mends = stage.world.now().plus_seconds(seconds);
            for message in 0..20 {
                if message == 2 {
                    // Some are answered, some on their way.
                    stage.drain_until(Some(UnixMillis(stage.world.now().0 + 200)));
                    stage.world.break_part(Some("table"));
                }
                for visitor in &visitors {
                    ask(&stage, visitor, message).await;
                }
            }
            stage.drain_until(Some(mends));
            assert!(!stage.world.is_idle());
            stage.world.break_part(None);
            stage.drain();
            for visitor in &visitors {
                answered_once(&stage, visitor, 0..20);
                trial.ran(0);
            }
            assert!(stage.world.dead().is_empty(), "{:?}", stage.world.dead().first());
            trial.faults += 1;
        }
    }
    trial.held();
}
