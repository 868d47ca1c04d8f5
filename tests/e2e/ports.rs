//! The ports on DynamoDB keep the contract that the ones in memory keep.

use aws::dynamo::Retention;
use aws::{
    Aws, DynamoConversations, DynamoCursors, DynamoCustomers, DynamoDeliveries, DynamoErasure, DynamoHandles,
    DynamoMailbox, S3Erasure, S3FileStore,
};
use tests::{Stack, contract};

#[tokio::test]
async fn the_ports_on_dynamodb_keep_the_contract() {
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    let (table, retention) = (stack.text("/table"), Retention::days(365));
    let conversations = DynamoConversations::new(&aws, table, retention);
    contract::commits(&conversations).await;
    contract::links(&conversations, &DynamoCustomers::new(&aws, table)).await;
    contract::handles(&DynamoHandles::new(&aws, table, retention)).await;
    let deliveries = DynamoDeliveries::new(&aws, table, retention);
    contract::claims(&deliveries).await;
    contract::pulls(&DynamoCursors::new(&aws, table)).await;
    let mailbox = DynamoMailbox::new(&aws, table);
    contract::mailbox(&deliveries, &mailbox).await;
    let erasure = DynamoErasure::new(&aws, table, retention);
    contract::erases(&conversations, &deliveries, &mailbox, &erasure).await;
}

#[tokio::test]
async fn the_ports_on_s3_keep_the_contract() {
    let Some(stack) = Stack::running() else { return };
    let aws = Aws::with_config(stack.sdk(None).await);
    let bucket = stack.text("/buckets/uploads");
    contract::files(&S3FileStore::new(&aws, bucket), &S3Erasure::new(&aws, bucket)).await;
}
