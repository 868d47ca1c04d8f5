//! 10 to 12: a record that cannot be processed, however often it is tried.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use app::PortError;
use app::answers::KnowledgeBot;
use app::ports::{Commit, Conversations};
use async_trait::async_trait;
use domain::{Conversation, ConversationId, DedupId, GroupId, Policy, Turn};
use testkit::{Queue, Queued, World};

use super::{Trial, answered_once, ask, p99, text, visitor, waits};
use crate::stage::{MAX_RECEIVES, Stage, Way};
use crate::visitors::Visitor;

/// Receives after which a record is given up that fails by its own fault.
const OWN_FAULT_RECEIVES: u32 = 5;

/// What happens to the poisoned message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Its turn makes the function panic.
    Panics,
    /// Its turn is never written.
    Fails,
}

/// A table that cannot take one turn: the one with this text.
#[derive(Clone)]
pub(super) struct Poisoned {
    world: World,
    text: String,
    fault: Fault,
    healed: Arc<AtomicBool>,
    tries: Arc<AtomicU32>,
}

impl Poisoned {
    pub(super) fn new(text: &str, fault: Fault) -> Self {
        let policy = Policy { messages_per_minute: 1_000_000, ..Policy::default() };
        let world = World::new(KnowledgeBot::without_knowledge().with_policy(policy));
        Self { world, text: text.to_owned(), fault, healed: Arc::default(), tries: Arc::default() }
    }

    pub(super) fn stage(&self, way: Way) -> Stage {
        Stage::over(way, self.world.clone(), Box::new(self.clone()), MAX_RECEIVES)
    }

    /// From now on it takes it.
    pub(super) fn heal(&self) {
        self.healed.store(true, Ordering::SeqCst);
    }

    fn tries(&self) -> u32 {
        self.tries.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl Conversations for Poisoned {
    async fn load(&self, group: &GroupId) -> Result<Option<Conversation>, PortError> {
        self.world.load(group).await
    }

    async fn turn(&self, group: &GroupId, event: &DedupId) -> Result<Option<Turn>, PortError> {
        self.world.turn(group, event).await
    }

    async fn turns_of(&self, group: &GroupId, conversation: &ConversationId) -> Result<Vec<Turn>, PortError> {
        self.world.turns_of(group, conversation).await
    }

    async fn commit(&self, group: &GroupId, head: &Conversation, turn: &Turn) -> Result<Commit, PortError> {
        let poisoned = turn.messages.iter().any(|message| text(message) == self.text);
        if poisoned && !self.healed.load(Ordering::SeqCst) {
            self.tries.fetch_add(1, Ordering::SeqCst);
            match self.fault {
                Fault::Panics => panic!("as the test asks"),
                Fault::Fails => return Err(PortError::transient("commit a turn", "as the test asks")),
            }
        }
        self.world.commit(group, head, turn).await
    }
}

/// A thousand messages of fifty visitors.
async fn thousand(stage: &Stage) -> Vec<Visitor> {
    let visitors: Vec<_> = (0..50).map(|number| visitor(stage, number)).collect();
    for message in 0..20 {
        for visitor in &visitors {
            ask(stage, visitor, message).await;
        }
    }
    visitors
}

#[tokio::test]
async fn invariant_10_poison_blocks_its_own_conversation_only() {
    let mut trial = Trial::new(10, "poison blocks its own conversation only, and nobody else waits longer");
    let mut longest = vec![];
    for text in ["nobody says this", "visitor 7, message 3."] {
        let poison = Poisoned::new(text, Fault::Panics);
        let stage = poison.stage(Way::Web);
        let visitors = thousand(&stage).await;
        stage.drain();
        let others = visitors.iter().filter(|visitor| visitor.number != 7);
        longest.push(p99(others.clone().flat_map(|visitor| waits(&stage, visitor)).collect()));
        others.for_each(|visitor| answered_once(&stage, visitor, 0..20));
        let followers = (0..20).filter(|message| *message != 3 || poison.tries() == 0);
        answered_once(&stage, &visitors[7], followers);
        assert_eq!(poison.tries(), if text.starts_with("nobody") { 0 } else { OWN_FAULT_RECEIVES });
        trial.ran(u64::from(poison.tries()));
    }
    let [clean, poisoned] = longest[..] else { panic!("two runs") };
    assert!(clean > 0 && poisoned < 2 * clean, "p99 {clean} ms without, {poisoned} ms with poison");
    trial.held();
}

#[tokio::test]
async fn invariant_11_poison_reaches_the_dead_letters_in_as_many_tries_as_allowed() {
    let mut trial = Trial::new(11, "poison reaches the dead letters after its permitted receives, with the reason");
    for (fault, receives, reason) in
        [(Fault::Panics, OWN_FAULT_RECEIVES, "panicked"), (Fault::Fails, MAX_RECEIVES, "commit a turn")]
    {
        let poison = Poisoned::new("visitor 1, message 1.", fault);
        let stage = poison.stage(Way::Web);
        let visitor = visitor(&stage, 1);
        for message in 0..4 {
            ask(&stage, &visitor, message).await;
        }
        stage.drain();
        assert_eq!(poison.tries(), receives, "{fault:?}");
        let dead = stage.world.dead();
        let [(body, why)] = &dead[..] else { panic!("{} dead letters", dead.len()) };
        assert!(body.contains("message 1.") && why.contains(reason) && !why.contains("message 1"), "{why}");
        answered_once(&stage, &visitor, [0, 2, 3]);
        trial.ran(u64::from(receives));
    }
    // What nobody can ever read is not tried twice.
    let stage = Stage::new(Way::Web);
    let visitor = visitor(&stage, 1);
    let malformed = Queued { body: "{".to_owned(), group: visitor.group().into(), dedup: "malformed".to_owned() };
    stage.world.put(Queue::Inbound, malformed);
    ask(&stage, &visitor, 0).await;
    let failed = stage.complete(super::next(&stage, Queue::Inbound));
    assert!(failed.is_empty() && stage.world.dead()[0].1.starts_with("not an envelope"));
    stage.drain();
    answered_once(&stage, &visitor, [0]);
    trial.ran(1);
    trial.held();
}

#[tokio::test]
async fn invariant_12_redrive_restores_a_dead_letter() {
    let mut trial = Trial::new(12, "a dead letter that is put back once the cause is gone is answered once");
    for fault in [Fault::Panics, Fault::Fails] {
        let poison = Poisoned::new("visitor 1, message 0.", fault);
        let stage = poison.stage(Way::Keyed);
        let visitor = visitor(&stage, 1);
        let event = ask(&stage, &visitor, 0).await;
        stage.drain();
        assert_eq!((stage.world.dead().len(), stage.world.turns(&visitor.group()).len()), (1, 0));
        poison.heal();
        let letters = stage.world.take_dead();
        // The mover may die and begin anew: then a letter is put back twice.
        for round in 0..2 {
            for letter in letters.clone() {
                let dedup = format!("redrive-{round}-{}", letter.dedup);
                stage.world.put(Queue::Inbound, Queued { dedup, ..letter });
            }
            stage.drain();
            answered_once(&stage, &visitor, [0]);
        }
        assert_eq!(stage.world.turns(&visitor.group())[0].id, event, "the original id");
        assert!(stage.world.dead().is_empty());
        trial.ran(1);
    }
    trial.held();
}
