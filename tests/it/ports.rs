//! The ports in memory keep the contract of the real ones.

use app::answers::KnowledgeBot;
use domain::Identity;
use testkit::World;
use tests::contract;

#[tokio::test]
async fn the_ports_in_memory_keep_the_contract() {
    let world = World::new(KnowledgeBot::without_knowledge());
    contract::links(&world, &world).await;
    contract::handles(&world).await;
    contract::commits(&world).await;
    contract::claims(&world).await;
    contract::reads(&world).await;
    contract::pulls(&world).await;
    contract::files(&world, &world).await;
    contract::erases(&world, &world, &world, &world).await;
    let turns = async |identity: &Identity| world.alarms(&identity.group()).iter().map(|alarm| alarm.turn).collect();
    contract::alarms(&world, turns).await;
}
