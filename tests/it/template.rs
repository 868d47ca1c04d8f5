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

/// The template of one channel's door for events of AWS, which the other nests.
fn receive() -> Value {
    read("infra/receive.yaml")
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
        assert!(function.get("ProvisionedConcurrencyConfig").is_none(), "{id}");
    }
    for folder in std::fs::read_dir(root().join("functions")).unwrap() {
        let name = folder.unwrap().file_name().into_string().unwrap();
        let uri = format!("target/lambda/{name}/");
        let nested = [webhook(), receive()]
            .iter()
            .any(|nested| of_type(nested, "AWS::Lambda::Function")[0].1["Code"] == format!("../{uri}").as_str());
        let here = functions.iter().any(|(_, function)| function["CodeUri"] == uri.as_str());
        assert!(here || nested, "{name} is not deployed");
    }
}

/// The parameters of a nested template that must be given.
fn needed(nested: &Value) -> BTreeSet<&String> {
    let parameters = nested["Parameters"].as_object().unwrap().iter();
    parameters.filter(|(_, parameter)| parameter.get("Default").is_none()).map(|(name, _)| name).collect()
}

/// Every channel but the web's own has its doors, off unless somebody turns them on, and told all that they must know.
#[test]
fn every_channel_has_its_doors() {
    let (template, webhook, receive) = (template(), webhook(), receive());
    let stacks = of_type(&template, "AWS::CloudFormation::Stack");
    let mut doors = 0;
    for channel in ChannelId::ALL.iter().filter(|channel| **channel != ChannelId::Web) {
        let adapter = channels::channel(*channel);
        let wanted = [
            ("Webhook", "infra/webhook.yaml", &webhook, adapter.doors().webhook()),
            ("Receive", "infra/receive.yaml", &receive, adapter.doors().events()),
        ];
        for (kind, file, nested, has) in wanted {
            let of_channel = |stack: &&(&str, &Value)| {
                stack.1["Parameters"]["Channel"] == channel.as_str() && stack.1["TemplateURL"] == file
            };
            let stack = stacks.iter().find(of_channel);
            assert_eq!(stack.is_some(), has, "{channel}: {kind}");
            let Some((id, stack)) = stack else { continue };
            doors += 1;
            let name = id.strip_suffix(kind).unwrap();
            assert_eq!(template["Parameters"][name]["Default"], "false", "{id}");
            assert_eq!(template["Resources"][id]["Condition"], format!("Has{name}").as_str());
            assert_eq!(template["Conditions"][format!("Has{name}")]["Fn::Equals"], json!([{ "Ref": name }, "true"]));
            let given: BTreeSet<&String> = stack["Parameters"].as_object().unwrap().keys().collect();
            let needed = needed(nested);
            assert!(given.is_superset(&needed), "{id} lacks {:?}", needed.difference(&given));
            let answers = adapter.answering().is_some();
            assert_eq!(
                given.contains(&"Table".to_owned()),
                answers,
                "{id}: only a door that answers may see the table"
            );
            let pulls = adapter.pulling().is_some();
            let condition = &template["Conditions"]["HasPulls"];
            assert!(
                !pulls || condition.to_string().contains(&format!(r#"{{"Ref":"{name}"}}"#)),
                "{id}: HasPulls leaves it out"
            );
            for name in ["PullsQueueUrl", "PullsQueueArn"] {
                let has = given.contains(&name.to_owned());
                assert_eq!(has, pulls && kind == "Webhook", "{id}: only a door that announces may see the queue");
            }
        }
    }
    let doored = stacks.iter().filter(|(_, stack)| {
        let template = stack["TemplateURL"].as_str().unwrap_or_default();
        ["infra/webhook.yaml", "infra/receive.yaml"].contains(&template)
    });
    assert_eq!(doored.count(), doors);
    for nested in [&webhook, &receive] {
        let [(_, group)] = of_type(nested, "AWS::Logs::LogGroup")[..] else { panic!("one log group") };
        assert_eq!(group["RetentionInDays"]["Ref"], "LogRetentionDays");
    }
}

/// Whoever may call a door for events is named by service and account, and by its own name where that is known; nobody is
/// unless somebody says so.
#[test]
fn a_door_for_events_is_called_by_whom_the_company_names() {
    let receive = receive();
    let permissions = of_type(&receive, "AWS::Lambda::Permission");
    let callers: Vec<(&str, &Value, bool, &Value)> = permissions
        .iter()
        .map(|(id, one)| {
            let own = one["SourceAccount"] == json!({ "Ref": "AWS::AccountId" });
            (*id, &one["Principal"], own, &one["SourceArn"])
        })
        .collect();
    let (caller, arn) = (json!({ "Ref": "Caller" }), |name: &str| json!({ "Ref": name }));
    let (flow, bot, topic) = (arn("ConnectInstanceArn"), arn("LexBotAliasArn"), arn("TopicArn"));
    let wanted = [
        ("CallerPermission", &caller, true, &Value::Null),
        ("FlowPermission", &json!("connect.amazonaws.com"), true, &flow),
        ("BotPermission", &json!("lexv2.amazonaws.com"), true, &bot),
        ("TopicPermission", &json!("sns.amazonaws.com"), false, &topic),
    ];
    for one in &wanted {
        assert!(callers.contains(one), "{one:?}: {callers:?}");
    }
    assert_eq!(callers.len(), wanted.len());
    for (id, _, _, arn) in wanted {
        let condition = receive["Resources"][id]["Condition"].as_str().unwrap();
        let parameter = arn["Ref"].as_str().unwrap_or("Caller");
        let said = json!([{ "Fn::Equals": [{ "Ref": parameter }, ""] }]);
        assert_eq!(receive["Conditions"][condition]["Fn::Not"], said, "{id}");
        assert_eq!(receive["Parameters"][parameter]["Default"], "", "{id}");
    }
    let (template, door) = (template(), template()["Resources"]["ConnectReceive"]["Properties"]["Parameters"].clone());
    for name in ["ConnectInstanceArn", "LexBotAliasArn"] {
        assert_eq!((&template["Parameters"][name]["Default"], &door[name]["Ref"]), (&json!(""), &json!(name)));
    }
}

/// An event that could not be taken is kept for as long as a queue keeps anything, somebody is told, and the function may
/// put it there.
#[test]
fn what_a_door_for_events_cannot_take_is_kept() {
    let receive = receive();
    let [(_, function)] = of_type(&receive, "AWS::Lambda::Function")[..] else { panic!("one function") };
    let [(_, queue)] = of_type(&receive, "AWS::SQS::Queue")[..] else { panic!("one queue") };
    let name = queue["QueueName"]["Fn::Sub"].as_str().unwrap();
    let target = function["DeadLetterConfig"]["TargetArn"]["Fn::Sub"].as_str().unwrap();
    assert!(
        target.ends_with(&format!(":{name}")) && queue.get("FifoQueue").is_none(),
        "{target}: Lambda takes no FIFO"
    );
    assert_eq!(queue["MessageRetentionPeriod"], 1_209_600, "14 days");
    let roles = of_type(&receive, "AWS::IAM::Role");
    let statements = roles[0].1["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
    let sends = statements.iter().find(|statement| statement["Action"] == "sqs:SendMessage").unwrap();
    assert!(sends["Resource"].to_string().contains(name), "{sends}");
    let alarms = of_type(&receive, "AWS::CloudWatch::Alarm");
    let told: BTreeSet<&str> = alarms.iter().map(|(_, alarm)| alarm["MetricName"].as_str().unwrap()).collect();
    assert_eq!(told, ["ApproximateNumberOfMessagesVisible", "DeadLetterErrors", "Errors"].into());
    assert!(alarms.iter().all(|(_, alarm)| alarm["AlarmActions"] == json!([{ "Ref": "AlarmTopic" }])));
}

/// Names in a list of `!If [Has…, value, nothing]`, by what each condition asks for.
fn chosen<'a>(list: &'a Value, value: impl Fn(&'a Value) -> &'a str) -> Vec<(&'a str, &'a str)> {
    let one = |one: &'a Value| {
        let [condition, then, otherwise] = &one["Fn::If"].as_array().unwrap()[..] else { panic!("{one}") };
        assert_eq!(otherwise["Ref"], "AWS::NoValue", "{one}");
        (condition.as_str().unwrap(), value(then))
    };
    list.as_array().unwrap().iter().map(one).collect()
}

/// Once a day, for exactly the channels whose webhooks are asked for and that are turned on; what it cannot mend is told.
#[test]
fn the_caretaker_looks_after_every_channel_that_needs_it() {
    let template = template();
    let resource = |id: &str| &template["Resources"][id];
    let caretaker = &resource("Caretaker")["Properties"];
    let schedule = json!({ "Daily": { "Type": "Schedule", "Properties": { "Schedule": "rate(1 day)" } } });
    assert_eq!(caretaker["Events"], schedule);
    let stacks = of_type(&template, "AWS::CloudFormation::Stack");
    let on = |channel: ChannelId| {
        let (id, _) = stacks.iter().find(|(_, stack)| stack["Parameters"]["Channel"] == channel.as_str()).unwrap();
        (id.strip_suffix("Webhook").unwrap(), channel.as_str())
    };
    let needed: Vec<(&str, &str)> =
        ChannelId::ALL.iter().filter(|id| channels::channel(**id).subscribing().is_some()).map(|id| on(*id)).collect();
    assert!(!needed.is_empty());
    let has: Vec<(String, &str)> = needed.iter().map(|(name, channel)| (format!("Has{name}"), *channel)).collect();
    let has: Vec<(&str, &str)> = has.iter().map(|(condition, channel)| (condition.as_str(), *channel)).collect();
    let told = &caretaker["Environment"]["Variables"]["CHANNELS"]["Fn::Join"][1];
    assert_eq!(chosen(told, |name| name.as_str().unwrap()), has);
    let statements = &resource("CaretakerRole")["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
    assert_eq!((statements.as_array().unwrap().len(), &statements[1]["Action"]), (2, &json!("ssm:GetParameter")));
    let secrets =
        chosen(&statements[1]["Resource"], |arn| arn["Fn::Sub"].as_str().unwrap().rsplit('/').next().unwrap());
    assert_eq!(secrets, has, "it reads the secrets of those channels and no others");
    let any: Vec<Value> = needed.iter().map(|(name, _)| json!({ "Fn::Equals": [{ "Ref": name }, "true"] })).collect();
    assert_eq!(template["Conditions"]["HasSubscriptions"]["Fn::Or"], json!(any));
    for id in ["Caretaker", "CaretakerRole", "CaretakerLogs", "CaretakerAlarm"] {
        assert_eq!(resource(id)["Condition"], "HasSubscriptions", "{id}");
    }
    let alarm = &resource("CaretakerAlarm")["Properties"];
    assert_eq!((&alarm["MetricName"], &alarm["Threshold"]), (&json!("AsyncEventsDropped"), &json!(0)));
    assert_eq!(target(&alarm["Dimensions"][0]["Value"]), "Caretaker");
    assert_eq!(target(&alarm["AlarmActions"][0]), "AlarmTopic");
}

/// `!If [HasNat, value, nothing]`.
fn with_nat<'a>(id: &str, value: &'a Value) -> &'a Value {
    let choice = &value["Fn::If"];
    assert_eq!((&choice[0], &choice[2]), (&json!("HasNat"), &json!({ "Ref": "AWS::NoValue" })), "{id}: {value}");
    &choice[1]
}

/// A NAT gateway costs every hour: it is off, and only what calls providers that list their callers goes through it.
#[test]
fn only_callers_of_listed_providers_stand_behind_the_nat_and_only_when_it_is_asked_for() {
    let (template, egress) = (template(), read("infra/egress.yaml"));
    assert_eq!(template["Parameters"]["Egress"]["Default"], "none");
    assert_eq!(template["Conditions"]["HasNat"]["Fn::Equals"], json!([{ "Ref": "Egress" }, "nat"]));
    let network = &template["Resources"]["EgressNetwork"];
    assert_eq!(
        (&network["Condition"], &network["Properties"]["TemplateURL"]),
        (&json!("HasNat"), &json!("infra/egress.yaml"))
    );
    assert_eq!(template["Outputs"]["EgressAddress"]["Condition"], "HasNat");
    let roles = of_type(&template, "AWS::IAM::Role");
    let (mut behind, mut trusted) = (vec![], BTreeSet::new());
    for (id, function) in of_type(&template, "AWS::Serverless::Function") {
        let listed = function["Environment"]["Variables"].get("EGRESS_PROXY_URL").is_some();
        assert_eq!(function.get("VpcConfig").is_some(), listed, "{id}");
        if !listed {
            continue;
        }
        behind.push(id);
        let place = with_nat(id, &function["VpcConfig"]);
        let subnets = place["SubnetIds"].as_array().unwrap();
        assert!(subnets.len() > 1 && subnets.iter().all(|subnet| target(subnet) == "EgressNetwork"), "{id}");
        // Lambda needs the role's leave to put it there; the code needs none.
        let role = target(&function["Role"]);
        let (_, properties) = roles.iter().find(|(name, _)| *name == role).unwrap();
        let managed = with_nat(id, &properties["ManagedPolicyArns"]);
        assert!(
            managed.as_array().unwrap().len() == 1 && managed.to_string().contains("/AWSLambdaENIManagementAccess")
        );
        let statements = properties["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
        let denied = with_nat(id, statements.last().unwrap());
        assert_eq!((&denied["Effect"], &denied["Resource"]), (&json!("Deny"), &json!("*")), "{id}");
        let name = function["FunctionName"]["Fn::Sub"].as_str().unwrap();
        let own = denied["Condition"]["ArnEquals"]["lambda:SourceFunctionArn"]["Fn::Sub"].as_str().unwrap();
        assert!(own.ends_with(&format!(":function:{name}")), "{id}: {own}");
        trusted.insert(role);
    }
    assert_eq!(behind, ["Media", "OutboundSocial", "Puller"]);
    for (id, role) in &roles {
        assert!(
            role.get("ManagedPolicyArns").is_none() || trusted.contains(*id),
            "{id}: its policy says all it may do"
        );
    }
    // What costs stands there and nowhere else, once.
    for kind in ["AWS::EC2::NatGateway", "AWS::EC2::EIP"] {
        assert_eq!(of_type(&egress, kind).len(), 1, "{kind}");
    }
    let [(_, endpoint)] = of_type(&egress, "AWS::EC2::VPCEndpoint")[..] else { panic!("one endpoint") };
    assert_eq!(endpoint["VpcEndpointType"], "Gateway", "others cost by the hour");
}

#[test]
fn no_statement_allows_all_and_every_arn_names_its_partition() {
    let templates = [template(), webhook(), receive()];
    let mut statements = 0;
    for (id, role) in templates.iter().flat_map(|template| of_type(template, "AWS::IAM::Role")) {
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
                assert!(jobs || statement["Effect"] == "Deny" || statement["Resource"] != json!("*"), "{id}");
            }
        }
    }
    assert!(statements > 10);
    for file in ["template.yaml", "infra/webhook.yaml", "infra/receive.yaml", "infra/egress.yaml"] {
        let text = std::fs::read_to_string(root().join(file)).unwrap();
        for (number, line) in text.lines().enumerate() {
            assert!(!line.contains("arn:aws"), "{file}, line {}: use ${{AWS::Partition}}", number + 1);
        }
    }
}

/// Only functions that the team has named may be invoked, and only by the worker that carries actions out.
#[test]
fn nothing_may_invoke_a_function_that_the_team_has_not_named() {
    let template = template();
    let named = json!({ "Fn::Split": [",", { "Ref": "ActionFunctions" }] });
    let wanted = json!({ "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": named });
    let mut allowed = vec![];
    for (id, role) in of_type(&template, "AWS::IAM::Role") {
        let statements = role["Policies"][0]["PolicyDocument"]["Statement"].as_array().unwrap();
        let invoke = |statement: &&Value| statement.to_string().contains("lambda:Invoke");
        allowed.extend(statements.iter().filter(invoke).map(|statement| (id, statement)));
    }
    let when = json!({ "Fn::If": ["HasActionFunctions", wanted, { "Ref": "AWS::NoValue" }] });
    assert_eq!(allowed, [("ActionRole", &when)]);
    assert_eq!(template["Parameters"]["ActionFunctions"]["Default"], "");
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

/// `cargo local knowledge rollback` asks the deployed stack, whose responder may be of another release than the tool.
#[test]
fn the_template_tells_which_knowledge_its_responder_reads() {
    let formats: Vec<String> = bot::knowledge::FORMATS.iter().map(u32::to_string).collect();
    assert_eq!(template()["Outputs"]["KnowledgeFormats"]["Value"], json!(formats.join(",")));
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
