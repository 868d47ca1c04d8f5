//! The rules that `template.yaml` keeps: queues, batches, roles, logs, alarms, files.

use std::collections::BTreeSet;

use app::table::keys;
use domain::{ChannelId, CustomerId};
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value, json};

use crate::support::root;

/// The template as JSON, CloudFormation's short tags in their long form.
fn template() -> Value {
    read("template.yaml")
}

/// The template of one channel's webhook, which the other nests.
fn webhook() -> Value {
    read("infra/webhook.yaml")
}

fn read(path: &str) -> Value {
    let text = std::fs::read_to_string(root().join(path)).unwrap();
    let documents = Yaml::load_from_str(&text).unwrap();
    as_json(&documents[0])
}

fn as_json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => Value::Array(items.iter().map(as_json).collect()),
        Yaml::Mapping(map) => {
            let pairs = map.iter().map(|(key, value)| (key.as_str().unwrap_or_default().to_owned(), as_json(value)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tag, inner) => {
            let name = match tag.suffix.as_str() {
                "Ref" => "Ref".to_owned(),
                "Condition" => "Condition".to_owned(),
                suffix => format!("Fn::{suffix}"),
            };
            json!({ name: as_json(inner) })
        }
        Yaml::Representation(..) | Yaml::Alias(_) | Yaml::BadValue => panic!("not a value of a template: {yaml:?}"),
    }
}

fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a str, &'a Value)> {
    let resources = template["Resources"].as_object().unwrap();
    let found = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
    found.map(|(id, resource)| (id.as_str(), &resource["Properties"])).collect()
}

/// A value that is given, or found in a mapping under a row that the parameter `Timeouts` names.
fn seconds(template: &Value, value: &Value, row: &str) -> i64 {
    let value = match value.get("Fn::FindInMap") {
        Some(path) if path[1].is_object() => {
            &template["Mappings"][path[0].as_str().unwrap()][row][path[2].as_str().unwrap()]
        }
        Some(path) => {
            &template["Mappings"][path[0].as_str().unwrap()][path[1].as_str().unwrap()][path[2].as_str().unwrap()]
        }
        None => value,
    };
    value.as_i64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_else(|| panic!("not a number: {value}"))
}

/// The logical id that `!GetAtt X.Arn` or `!Ref X` names.
fn target(value: &Value) -> String {
    let text = value.get("Fn::GetAtt").or_else(|| value.get("Ref")).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("names nothing: {value}")).split('.').next().unwrap().to_owned()
}

fn rows(template: &Value) -> Vec<String> {
    template["Mappings"]["Timeouts"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn every_queue_has_a_dead_letter_queue_and_alarms_and_is_a_fast_fifo() {
    let template = template();
    let queues = of_type(&template, "AWS::SQS::Queue");
    let dead: BTreeSet<String> = queues
        .iter()
        .filter_map(|(_, queue)| queue.get("RedrivePolicy"))
        .map(|policy| target(&policy["deadLetterTargetArn"]))
        .collect();
    let alarms = of_type(&template, "AWS::CloudWatch::Alarm");
    let has_alarm = |queue: &str, metric: &str| {
        alarms.iter().any(|(_, alarm)| {
            alarm["MetricName"] == metric
                && target(&alarm["Dimensions"][0]["Value"]) == queue
                && target(&alarm["AlarmActions"][0]) == "AlarmTopic"
        })
    };
    assert!(queues.len() >= 4);
    for (id, queue) in &queues {
        assert_eq!(queue["FifoQueue"], json!(true), "{id}");
        assert_eq!(queue["ContentBasedDeduplication"], json!(true), "{id}");
        assert_eq!(queue["DeduplicationScope"], "messageGroup", "{id}");
        assert_eq!(queue["FifoThroughputLimit"], "perMessageGroupId", "{id}");
        assert_eq!(queue["MessageRetentionPeriod"], 1_209_600, "{id}: 14 days");
        if dead.contains(*id) {
            assert!(has_alarm(id, "ApproximateNumberOfMessagesVisible"), "{id} has no alarm on its depth");
        } else {
            let receives = seconds(&template, &queue["RedrivePolicy"]["maxReceiveCount"], "");
            assert!(receives >= 5, "{id}: {receives}");
            assert!(has_alarm(id, "ApproximateAgeOfOldestMessage"), "{id} has no alarm on its oldest message");
        }
    }
    let told = of_type(&template, "AWS::SNS::Subscription");
    let told = told.iter().map(|(_, told)| (&told["Protocol"], &told["Endpoint"]["Ref"], target(&told["TopicArn"])));
    assert_eq!(told.collect::<Vec<_>>(), [(&json!("email"), &json!("AlarmEmail"), "AlarmTopic".to_owned())]);
}

#[test]
fn timeouts_fit_each_other() {
    let template = template();
    let queues = of_type(&template, "AWS::SQS::Queue");
    let (mut sources, mut leases) = (0, 0);
    for (id, function) in of_type(&template, "AWS::Serverless::Function") {
        let Some(events) = function["Events"].as_object() else { continue };
        for event in events.values().filter(|event| event["Type"] == "SQS") {
            sources += 1;
            let event = &event["Properties"];
            assert_eq!(event["FunctionResponseTypes"], json!(["ReportBatchItemFailures"]), "{id}");
            assert!(event.get("ScalingConfig").is_none(), "{id}: MaximumConcurrency keeps idle pollers up");
            let (_, queue) = queues.iter().find(|(queue, _)| *queue == target(&event["Queue"])).unwrap();
            let variables = &function["Environment"]["Variables"];
            for row in rows(&template) {
                let timeout = seconds(&template, &function["Timeout"], &row);
                let visibility = seconds(&template, &queue["VisibilityTimeout"], &row);
                assert!(visibility >= 6 * timeout, "{id} ({row}): visibility {visibility} < 6 x {timeout}");
                let call = seconds(&template, &variables["CALL_TIMEOUT_MS"], &row);
                if variables.get("LEASE_SECONDS").is_some() {
                    let lease = seconds(&template, &variables["LEASE_SECONDS"], &row);
                    assert!(lease > timeout && lease < visibility, "{id} ({row}): {timeout} < {lease} < {visibility}");
                    leases += 1;
                }
                let batch = event["BatchSize"].as_i64().unwrap();
                assert!(batch * call <= timeout * 1000, "{id} ({row}): {batch} x {call} ms > {timeout} s");
            }
            let receives = seconds(&template, &queue["RedrivePolicy"]["maxReceiveCount"], "");
            assert_eq!(seconds(&template, &variables["MAX_RECEIVES"], ""), receives, "{id}");
        }
    }
    assert!(sources >= 2 && leases >= 2);
}

#[test]
fn every_function_has_a_binary_a_role_of_its_own_and_a_log_group_that_ends() {
    let template = template();
    let roles = of_type(&template, "AWS::IAM::Role");
    let groups = of_type(&template, "AWS::Logs::LogGroup");
    let functions = of_type(&template, "AWS::Serverless::Function");
    let mut used = BTreeSet::new();
    for (id, function) in &functions {
        let binary = function["CodeUri"].as_str().unwrap().trim_end_matches('/').rsplit('/').next().unwrap();
        assert!(root().join("functions").join(binary).join("src/main.rs").exists(), "{id}: no function {binary}");
        let role = target(&function["Role"]);
        assert!(roles.iter().any(|(name, _)| *name == role), "{id}");
        assert!(used.insert(role), "{id} shares its role");
        let group = target(&function["LoggingConfig"]["LogGroup"]);
        let (_, group) = groups.iter().find(|(name, _)| *name == group).unwrap();
        assert_eq!(group["RetentionInDays"]["Ref"], "LogRetentionDays", "{id}");
        assert!(function.get("Policies").is_none(), "{id}: its role says all that it may do");
        assert!(function.get("VpcConfig").is_none() && function.get("ProvisionedConcurrencyConfig").is_none(), "{id}");
    }
    for folder in std::fs::read_dir(root().join("functions")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let uri = format!("target/lambda/{name}/");
        let nested = of_type(&webhook(), "AWS::Lambda::Function")[0].1["Code"] == format!("../{uri}").as_str();
        let here = functions.iter().any(|(_, function)| function["CodeUri"] == uri.as_str());
        assert!(here || nested, "{name} is not deployed");
    }
}

/// Every channel but the web's own has its webhook, off unless somebody turns it on, and is told all that it must know.
#[test]
fn every_channel_has_its_webhook() {
    let (template, webhook) = (template(), webhook());
    let needed: BTreeSet<&String> = webhook["Parameters"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, parameter)| parameter.get("Default").is_none())
        .map(|(name, _)| name)
        .collect();
    let stacks = of_type(&template, "AWS::CloudFormation::Stack");
    for channel in ChannelId::ALL.iter().filter(|channel| **channel != ChannelId::Web) {
        let of_channel = |stack: &&(&str, &Value)| stack.1["Parameters"]["Channel"] == channel.as_str();
        let (id, stack) = stacks.iter().find(of_channel).unwrap_or_else(|| panic!("{channel} has no webhook"));
        let name = id.strip_suffix("Webhook").unwrap();
        assert_eq!(template["Parameters"][name]["Default"], "false", "{id}");
        assert_eq!(template["Resources"][id]["Condition"], format!("Has{name}").as_str());
        assert_eq!(template["Conditions"][format!("Has{name}")]["Fn::Equals"], json!([{ "Ref": name }, "true"]));
        let given: BTreeSet<&String> = stack["Parameters"].as_object().unwrap().keys().collect();
        assert!(given.is_superset(&needed), "{id} lacks {:?}", needed.difference(&given));
        let answers = channels::channel(*channel).answering().is_some();
        let pulls = channels::channel(*channel).pulling().is_some();
        let condition = &template["Conditions"]["HasPulls"];
        assert!(
            !pulls || condition.to_string().contains(&format!(r#"{{"Ref":"{name}"}}"#)),
            "{id}: HasPulls leaves it out"
        );
        for name in ["PullsQueueUrl", "PullsQueueArn"] {
            assert_eq!(given.contains(&name.to_owned()), pulls, "{id}: only a door that announces may see the queue");
        }
        assert_eq!(given.contains(&"Table".to_owned()), answers, "{id}: only a door that answers may see the table");
    }
    assert_eq!(stacks.len() + 1, ChannelId::ALL.len());
    let [(_, group)] = of_type(&webhook, "AWS::Logs::LogGroup")[..] else { panic!("one log group") };
    assert_eq!(group["RetentionInDays"]["Ref"], "LogRetentionDays");
}

#[test]
fn no_statement_allows_all_and_every_arn_names_its_partition() {
    let (template, webhook) = (template(), webhook());
    let mut statements = 0;
    let roles = of_type(&template, "AWS::IAM::Role");
    for (id, role) in roles.into_iter().chain(of_type(&webhook, "AWS::IAM::Role")) {
        for policy in role["Policies"].as_array().unwrap() {
            let given = policy["PolicyDocument"]["Statement"].as_array().unwrap();
            // `!If [condition, statement, statement or nothing]`
            let either = |given: &Value| match given.get("Fn::If") {
                Some(choice) => choice.as_array().unwrap()[1..].to_vec(),
                None => vec![given.clone()],
            };
            let given: Vec<Value> = given.iter().flat_map(either).filter(|given| given.get("Ref").is_none()).collect();
            for statement in &given {
                statements += 1;
                let given = &statement["Action"];
                let actions = given.as_array().cloned().unwrap_or_else(|| vec![given.clone()]);
                for action in actions {
                    let name = action.as_str().unwrap_or_else(|| panic!("{id}: {action}"));
                    assert!(!name.contains('*'), "{id}: {name}");
                }
                // What a job is about does not exist before it; where it may write does.
                let jobs = statement["Action"] == "transcribe:StartTranscriptionJob"
                    && statement["Condition"]["StringEqualsIfExists"]["transcribe:OutputBucketName"]["Ref"]
                        == "UploadsBucket";
                assert!(jobs || statement["Resource"] != json!("*"), "{id}");
            }
        }
    }
    assert!(statements > 10);
    for file in ["template.yaml", "infra/webhook.yaml"] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        for (number, line) in text.lines().enumerate() {
            assert!(!line.contains("arn:aws"), "{file}, line {}: use ${{AWS::Partition}}", number + 1);
        }
    }
}

#[test]
fn the_visitors_door_writes_addresses_and_nothing_else_of_the_table() {
    let template = template();
    let (_, role) = of_type(&template, "AWS::IAM::Role").into_iter().find(|(id, _)| *id == "WebApiRole").unwrap();
    let statements = role["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let writes = |statement: &&Value| {
        let given = statement["Action"].to_string();
        ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "GetItem"].iter().any(|action| given.contains(action))
    };
    let prefixes = [keys::HANDLE, CustomerId::PREFIX].map(|prefix| format!("{prefix}*"));
    let given: Vec<_> = statements.iter().filter(writes).map(|one| (&one["Action"], &one["Condition"])).collect();
    assert_eq!(
        given,
        [(
            &json!(["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]),
            &json!({ "ForAllValues:StringLike": { "dynamodb:LeadingKeys": prefixes } }),
        )]
    );
}

#[test]
fn the_table_is_on_demand_recoverable_encrypted_and_forgets() {
    let template = template();
    let tables = of_type(&template, "AWS::DynamoDB::Table");
    assert_eq!(tables.len(), 1);
    let table = tables[0].1;
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"], json!(true));
    assert_eq!(table["TimeToLiveSpecification"], json!({ "AttributeName": keys::TTL, "Enabled": true }));
    let keys: Vec<&Value> = table["KeySchema"].as_array().unwrap().iter().map(|key| &key["AttributeName"]).collect();
    assert_eq!(keys, [keys::PK, keys::SK]);
}

#[test]
fn texts_and_files_go_by_their_own_parameters() {
    let template = template();
    for (kind, least) in [("RetentionDays", 29), ("FileRetentionDays", 1)] {
        assert_eq!(template["Parameters"][kind]["MinValue"], json!(least), "{kind}");
    }
    let (_, uploads) =
        of_type(&template, "AWS::S3::Bucket").into_iter().find(|(id, _)| *id == "UploadsBucket").unwrap();
    let rule = &uploads["LifecycleConfiguration"]["Rules"][0];
    assert_eq!((&rule["Status"], &rule["ExpirationInDays"]["Ref"]), (&json!("Enabled"), &json!("FileRetentionDays")));
    for (id, function) in of_type(&template, "AWS::Serverless::Function") {
        let days = function["Environment"]["Variables"].get("RETENTION_DAYS");
        assert!(days.is_none_or(|days| days["Ref"] == "RetentionDays"), "{id}");
    }
}

#[test]
fn buckets_are_private_and_encrypted() {
    for (id, bucket) in of_type(&template(), "AWS::S3::Bucket") {
        for block in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
            assert_eq!(bucket["PublicAccessBlockConfiguration"][block], json!(true), "{id}: {block}");
        }
        assert!(bucket.get("BucketEncryption").is_some(), "{id}");
    }
}

#[test]
fn every_address_is_an_output() {
    let template = template();
    for output in ["ApiUrl", "SocketUrl", "WidgetUrl", "ChatUrl", "InboundQueueUrl", "OutboundWebQueueUrl", "TableName"]
    {
        assert!(template["Outputs"].get(output).is_some(), "no output {output}: {:?}", template["Outputs"]);
    }
}

#[test]
fn nothing_that_costs_while_idle_is_declared() {
    let template = template();
    for (id, resource) in template["Resources"].as_object().unwrap() {
        let kind = resource["Type"].as_str().unwrap();
        for dear in [
            "AWS::EC2",
            "AWS::RDS",
            "AWS::OpenSearch",
            "AWS::ElastiCache",
            "AWS::ECS",
            "AWS::KMS::Key",
            "AWS::SecretsManager",
        ] {
            assert!(!kind.starts_with(dear), "{id} is a {kind}");
        }
    }
}
