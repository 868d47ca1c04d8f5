//! What the platform engineer and the support lead do to a running stack.

use std::time::Duration;

use aws_sdk_sqs::types::MessageSystemAttributeName;
use reqwest::Client;
use serde_json::{Value, json};
use tests::{Stack, Visitor, until};

#[tokio::test]
async fn a_deployed_function_sees_the_files_packed_beside_it() {
    let Some(stack) = Stack::running() else { return };
    let health: Value = Client::new().get(stack.api("/v1/health")).send().await.unwrap().json().await.unwrap();
    assert_eq!(health["build"]["profile"], "local", "build.json lies beside bootstrap");
    let loader = Client::new().get(stack.api("/widget.js")).send().await.unwrap();
    assert_eq!(loader.headers()["cache-control"], "public, max-age=300");
    let loader = loader.text().await.unwrap();
    let (_, rest) = loader.split_once("static/").expect("the loader names the packed widget");
    let name: String = rest.chars().take_while(|letter| !"'\"`".contains(*letter)).collect();
    let widget = Client::new().get(stack.api(&format!("/static/{name}"))).send().await.unwrap();
    assert_eq!(widget.status(), 200, "{name}");
    assert_eq!(widget.headers()["cache-control"], "public, max-age=31536000, immutable");
    let chat = Client::new().get(stack.api("/chat")).send().await.unwrap();
    let policy = chat.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self'") && policy.contains(stack.text("/sandbox_url")), "{policy}");
}

#[tokio::test]
async fn requests_without_credentials_are_refused_by_the_emulated_account() {
    let Some(stack) = Stack::running() else { return };
    let body = json!({ "TableName": stack.text("/table") }).to_string();
    let request = Client::new()
        .post(stack.text("/aws_endpoint"))
        .header("x-amz-target", "DynamoDB_20120810.Scan")
        .header("content-type", "application/x-amz-json-1.0")
        .body(body);
    assert!(request.send().await.unwrap().status().is_client_error(), "IAM is enforced");
}

#[tokio::test]
async fn poison_on_the_queue_ends_with_the_dead_letters_and_says_why() {
    let Some(stack) = Stack::running() else { return };
    let sqs = aws_sdk_sqs::Client::new(&stack.sdk(None).await);
    let mark = uuid::Uuid::new_v4().to_string();
    let send = sqs.send_message().queue_url(stack.text("/queues/inbound")).message_body(&mark).message_group_id(&mark);
    send.message_deduplication_id(&mark).send().await.unwrap();
    until("the dead letter", Duration::from_mins(1), async || {
        let received = sqs
            .receive_message()
            .queue_url(stack.text("/queues/inbound_dlq"))
            .message_system_attribute_names(MessageSystemAttributeName::MessageGroupId)
            .message_attribute_names("reason")
            .max_number_of_messages(10)
            .wait_time_seconds(2)
            .send()
            .await
            .unwrap();
        let letter = received.messages().iter().find(|message| message.body() == Some(&mark))?;
        let reason = letter.message_attributes().unwrap()["reason"].string_value().unwrap();
        assert!(reason.starts_with("not an envelope") && !reason.contains(&mark), "{reason}");
        let group = &letter.attributes().unwrap()[&MessageSystemAttributeName::MessageGroupId];
        assert_eq!(group, &mark);
        let receipt = letter.receipt_handle().unwrap();
        sqs.delete_message().queue_url(stack.text("/queues/inbound_dlq")).receipt_handle(receipt).send().await.unwrap();
        Some(())
    })
    .await;
}

#[tokio::test]
async fn a_rotated_secret_keeps_the_sessions_that_were_open() {
    let Some(stack) = Stack::running() else { return };
    let before = Visitor::open(&stack, &json!({})).await;
    stack.local(&["secrets", "rotate", "web"]);
    assert_eq!(before.get("/v1/messages?after=0").await.status(), 200);
    let after = Visitor::open(&stack, &json!({})).await;
    assert_eq!(after.get("/v1/messages?after=0").await.status(), 200);
}

#[tokio::test]
async fn published_knowledge_answers_within_a_minute_and_logs_hold_no_text() {
    let Some(stack) = Stack::running() else { return };
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let shop = format!("{root}/infra/scenarios/shop/knowledge");
    let folder = std::env::temp_dir().join(format!("knowledge-{}", uuid::Uuid::new_v4()));
    std::fs::create_dir(&folder).unwrap();
    for entry in std::fs::read_dir(&shop).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
    let secret = "moonlit-pangolin";
    let entry = format!(
        "entries:\n  - id: test.pangolin\n    questions: {{zh: [穿山甲月光], en: [pangolin moonlight]}}\n    \
         answer: {{zh: 穿山甲说 {secret}。, en: The pangolin says {secret}.}}\n    title: {{zh: 穿山甲, en: Pangolin}}\n"
    );
    std::fs::write(folder.join("pangolin.yaml"), entry).unwrap();
    let visitor = Visitor::open(&stack, &json!({ "locale": "en" })).await;
    assert!(!visitor.ask("pangolin moonlight").await.contains(secret));
    stack.local(&["knowledge", "publish", folder.to_str().unwrap()]);
    let asked = "pangolin moonlight zebra-canary-4711";
    until("the new knowledge", Duration::from_mins(1), async || {
        let visitor = Visitor::open(&stack, &json!({ "locale": "en" })).await;
        let answer = visitor.ask("pangolin moonlight").await;
        visitor.ask(asked).await;
        answer.contains(secret).then_some(())
    })
    .await;
    stack.local(&["knowledge", "publish", &shop]);
    std::fs::remove_dir_all(&folder).unwrap();
    let logs = stack.local(&["logs"]);
    let logs = String::from_utf8_lossy(&logs.stdout);
    assert!(logs.contains("turn committed"), "{}", logs.chars().take(2000).collect::<String>());
    assert!(!logs.contains("zebra-canary-4711") && !logs.contains(secret), "a text is in the logs");
}
