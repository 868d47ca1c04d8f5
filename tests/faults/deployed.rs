//! The deployed stack as a model: how its functions are configured, and tables and queues like its own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use aws_sdk_dynamodb::types::BillingMode;
use aws_sdk_sqs::types::QueueAttributeName;
use serde_json::{Value, json};
use tests::Stack;

use crate::pipeline::{Pipeline, Queue};

/// What a deployed queue and its function are given.
#[derive(Debug)]
pub(crate) struct Times {
    /// For which a record is hidden.
    pub(crate) visibility: Duration,
    /// For which an invocation may run.
    pub(crate) timeout: Duration,
    /// For which one outgoing call may take.
    pub(crate) call: Duration,
    /// Receives after which a record is given up.
    pub(crate) receives: u64,
}

/// How functions of the stack are configured.
pub(crate) fn configurations(stack: &Stack, functions: &[&str]) -> Vec<Value> {
    let calls: Vec<Value> = functions
        .iter()
        .map(|id| {
            let name = stack.text(&format!("/functions/{id}"));
            json!({ "service": "lambda", "operation": "get_function_configuration", "arguments": { "FunctionName": name } })
        })
        .collect();
    stack.aws(&json!(calls))
}

/// A queue's attributes.
pub(crate) async fn attributes(sqs: &aws_sdk_sqs::Client, url: &str) -> HashMap<QueueAttributeName, String> {
    let read = sqs.get_queue_attributes().queue_url(url).attribute_names(QueueAttributeName::All);
    read.send().await.unwrap().attributes.unwrap()
}

/// The binary that was built beside this test.
pub(crate) fn binary_of(name: &str) -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.ancestors().nth(2).unwrap().join(name)
}

/// A table with the keys of the deployed one.
pub(crate) async fn table_like(dynamo: &aws_sdk_dynamodb::Client, deployed: &str, name: &str) -> String {
    let described = dynamo.describe_table().table_name(deployed).send().await.unwrap().table.unwrap();
    let create = dynamo.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    let create = create.set_key_schema(described.key_schema).set_attribute_definitions(described.attribute_definitions);
    create.send().await.unwrap();
    name.to_owned()
}

/// A queue and its dead-letter queue with the attributes of the deployed ones.
pub(crate) async fn queue_like(
    sqs: &aws_sdk_sqs::Client,
    stack: &Stack,
    queue: &str,
    name: &str,
    max_receives: Option<u32>,
) -> Queue {
    let dead = create_like(sqs, stack, &format!("{queue}_dlq"), &format!("{name}-{queue}-dlq.fifo"), None).await;
    let arn = attributes(sqs, &dead).await[&QueueAttributeName::QueueArn].clone();
    let redrive = Some((arn.as_str(), max_receives));
    let url = create_like(sqs, stack, queue, &format!("{name}-{queue}.fifo"), redrive).await;
    Queue { url, dead }
}

async fn create_like(
    sqs: &aws_sdk_sqs::Client,
    stack: &Stack,
    queue: &str,
    name: &str,
    redrive: Option<(&str, Option<u32>)>,
) -> String {
    let deployed = attributes(sqs, stack.text(&format!("/queues/{queue}"))).await;
    let mut create = sqs.create_queue().queue_name(name);
    for kept in [
        QueueAttributeName::FifoQueue,
        QueueAttributeName::ContentBasedDeduplication,
        QueueAttributeName::DeduplicationScope,
        QueueAttributeName::FifoThroughputLimit,
        QueueAttributeName::VisibilityTimeout,
        QueueAttributeName::MessageRetentionPeriod,
    ] {
        if let Some(value) = deployed.get(&kept) {
            create = create.attributes(kept, value);
        }
    }
    if let Some((arn, receives)) = redrive {
        let policy: Value = serde_json::from_str(&deployed[&QueueAttributeName::RedrivePolicy]).unwrap();
        let receives = receives.map_or(policy["maxReceiveCount"].clone(), |receives| json!(receives));
        let policy = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": receives });
        create = create.attributes(QueueAttributeName::RedrivePolicy, policy.to_string());
    }
    create.send().await.unwrap().queue_url.unwrap()
}

impl Pipeline {
    /// What the deployed queues and functions are given.
    pub(crate) async fn times(&self) -> Vec<Times> {
        let pairs = [("inbound", "Responder"), ("outbound-web", "OutboundWeb")];
        let deployed = configurations(&self.stack, &pairs.map(|(_, function)| function));
        let mut times = vec![];
        for ((queue, _), function) in pairs.iter().zip(deployed) {
            let queue = attributes(&self.sqs, self.stack.text(&format!("/queues/{queue}"))).await;
            let policy: Value = serde_json::from_str(&queue[&QueueAttributeName::RedrivePolicy]).unwrap();
            let variable =
                |name: &str| -> u64 { function["Environment"]["Variables"][name].as_str().unwrap().parse().unwrap() };
            assert_eq!(policy["maxReceiveCount"].to_string().trim_matches('"'), variable("MAX_RECEIVES").to_string());
            times.push(Times {
                visibility: Duration::from_secs(queue[&QueueAttributeName::VisibilityTimeout].parse().unwrap()),
                timeout: Duration::from_secs(function["Timeout"].as_u64().unwrap()),
                call: Duration::from_millis(variable("CALL_TIMEOUT_MS")),
                receives: variable("MAX_RECEIVES"),
            });
        }
        times
    }

    /// Makes a CloudFormation stack of the test's inbound queues, as `cargo local redrive` looks for them; its name.
    pub(crate) fn as_a_stack(&self) -> String {
        let output = |url: &str| json!({ "Value": url });
        let template = json!({
            "Resources": { "Topic": { "Type": "AWS::SNS::Topic" } },
            "Outputs": {
                "InboundQueueUrl": output(&self.inbound_queue.url),
                "InboundDlqUrl": output(&self.inbound_queue.dead),
            },
        });
        let arguments = json!({ "StackName": self.table, "TemplateBody": template.to_string() });
        self.stack.aws(&json!([
            { "service": "cloudformation", "operation": "create_stack", "arguments": arguments },
        ]));
        self.table.clone()
    }
}
