//! The ports on DynamoDB keep the contract that the ones in memory keep.

use aws::dynamo::Retention;
use aws::{Aws, DynamoConversations, DynamoDeliveries, DynamoMailbox};
use tests::{Stack, contract};

#[tokio::test]
async fn the_ports_on_dynamodb_keep_the_contract() {
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    let (table, retention) = (stack.text("/table"), Retention::days(365));
    contract::commits(&DynamoConversations::new(&aws, table, retention)).await;
    let deliveries = DynamoDeliveries::new(&aws, table, retention);
    contract::claims(&deliveries).await;
    contract::mailbox(&deliveries, &DynamoMailbox::new(&aws, table)).await;
}
