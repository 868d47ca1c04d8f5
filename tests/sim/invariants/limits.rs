//! 25, first part: one visitor who writes without end.

use app::ports::Clock as _;
use domain::{Author, Change, Notice, Policy, UnixMillis};

use super::{Trial, answered_once, visitor, waits};
use crate::stage::{Stage, Way};

#[tokio::test]
async fn invariant_25_who_floods_is_slowed_down_alone() {
    let mut trial = Trial::new(25, "a hundred messages a second: the bot answers its quota, says so once, keeps all");
    let policy = Policy::default();
    let (quota, floods) = (policy.messages_per_minute as usize, 100);
    let stage = Stage::with_policy(Way::Web, policy);
    let (flooder, other) = (visitor(&stage, 1), visitor(&stage, 2));
    for message in 0..floods {
        flooder.send(&stage.world, message).await.unwrap();
        if message % 20 == 0 {
            other.send(&stage.world, message / 20).await.unwrap();
        }
        stage.drain_until(Some(UnixMillis(stage.world.now().0 + 10)));
    }
    stage.drain();
    let turns = stage.world.turns(&flooder.group());
    let said = |author| turns.iter().flat_map(|turn| &turn.messages).filter(move |message| message.author == author);
    assert_eq!(said(Author::Customer).count(), floods as usize, "all are kept");
    assert_eq!(said(Author::Bot).count(), quota, "and so many answered");
    let notices: Vec<&str> = said(Author::System).map(super::text).collect();
    let slow_down = bot::notices::default(Notice::SlowDown, bot::text::Language::Zh);
    assert_eq!(notices, [slow_down], "said once");
    let limited = turns.iter().flat_map(|turn| &turn.changes).filter(|change| **change == Change::Limited);
    assert_eq!(limited.count(), 1);
    answered_once(&stage, &other, 0..5);
    assert!(waits(&stage, &other).into_iter().all(|wait| wait < 2_000), "{:?}", waits(&stage, &other));
    trial.ran(u64::from(floods));
    trial.held();
    // A minute later the bot answers again.
    stage.world.pass(60);
    flooder.send(&stage.world, floods).await.unwrap();
    stage.drain();
    assert!(
        stage.world.turns(&flooder.group())[floods as usize].messages.iter().any(|said| said.author == Author::Bot)
    );
}
