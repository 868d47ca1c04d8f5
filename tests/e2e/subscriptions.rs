//! An account's webhooks that the provider stopped, and that come again after the caretaker's round.

use reqwest::Client;
use serde_json::{Value, json};
use tests::Stack;
use uuid::Uuid;

/// The channels whose provider stops webhooks, and where it tells to whom they go.
const CHANNELS: &[(&str, &str)] = &[("messenger", "me"), ("instagram", "me"), ("whatsapp", "/waba_id")];

/// What the provider says of the apps that are subscribed, to the company that asks with its token.
async fn subscribed(stack: &Stack, channel: &str, node: &str) -> Vec<Value> {
    let of = |name: &str| stack.text(&format!("/channels/{channel}{name}"));
    let node = if node.starts_with('/') { of(node) } else { node };
    let address = format!("{}/{channel}/v26.0/{node}/subscribed_apps", stack.text("/sandbox_url"));
    let answer: Value =
        Client::new().get(address).bearer_auth(of("/access_token")).send().await.unwrap().json().await.unwrap();
    answer.get("data").and_then(Value::as_array).unwrap().clone()
}

async fn post(stack: &Stack, path: &str, body: &Value) -> (u16, Value) {
    let address = format!("{}{path}", stack.text("/sandbox_url"));
    let response = Client::new().post(address).json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

async fn says(stack: &Stack, channel: &str) -> (u16, Value) {
    let said = json!({ "channel": channel, "user": format!("e2e-{}", Uuid::new_v4()), "text": "do you ship abroad?" });
    post(stack, "/say", &said).await
}

/// The function's answer.
fn round(stack: &Stack) -> Value {
    let name = stack.text("/functions/Caretaker");
    let arguments = json!({ "FunctionName": name, "Payload": "{}" });
    let call = json!([{ "service": "lambda", "operation": "invoke", "arguments": arguments }]);
    let answer = stack.aws(&call).remove(0);
    assert!(answer.get("FunctionError").is_none(), "{answer}");
    serde_json::from_str(answer.get("Payload").and_then(Value::as_str).unwrap()).unwrap()
}

#[tokio::test]
async fn webhooks_that_a_provider_stopped_come_again_after_the_caretakers_round() {
    let Some(stack) = Stack::running() else { return };
    assert_eq!(round(&stack), json!({ "held": CHANNELS.len(), "renewed": 0 }));
    for (channel, node) in CHANNELS {
        let (status, due) = post(&stack, "/faults", &json!({ "provider": channel, "mode": "unsubscribed" })).await;
        assert_eq!(status, 200, "{due}");
        assert_eq!(subscribed(&stack, channel, node).await, Vec::<Value>::new(), "{channel}");
        let (status, refused) = says(&stack, channel).await;
        assert!(status == 400 && refused["error"].as_str().unwrap().contains("not subscribed"), "{refused}");
    }
    assert_eq!(round(&stack), json!({ "held": 0, "renewed": CHANNELS.len() }));
    for (channel, node) in CHANNELS {
        let apps = subscribed(&stack, channel, node).await;
        let id = apps[0].get("id").or_else(|| apps[0].pointer("/whatsapp_business_api_data/id"));
        assert_eq!(
            (apps.len(), id.and_then(Value::as_str).unwrap()),
            (1, stack.text(&format!("/channels/{channel}/app_id"))),
            "{apps:?}"
        );
        let (status, told) = says(&stack, channel).await;
        assert_eq!((status, &told["accepted"]), (200, &json!(true)), "{channel}: {told}");
    }
}
