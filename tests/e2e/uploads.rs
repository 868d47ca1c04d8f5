//! Files: a form for one key, type and size; a link for their visitor alone.

use reqwest::multipart::{Form, Part};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tests::{Stack, Visitor};
use uuid::Uuid;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and some bytes";

async fn grant(visitor: &Visitor) -> Value {
    let body = json!({ "name": "broken.png", "mime": "image/png", "size": PNG.len() });
    let granted = visitor.post_json("/v1/uploads", &body).await;
    assert_eq!(granted.status(), 201);
    granted.json().await.unwrap()
}

async fn post(grant: &Value, bytes: &[u8], change: Option<(&str, &str)>) -> StatusCode {
    let mut form = Form::new();
    for (name, value) in grant["fields"].as_object().unwrap() {
        let value = match change {
            Some((changed, other)) if changed == name => other.to_owned(),
            _ => value.as_str().unwrap().to_owned(),
        };
        form = form.text(name.clone(), value);
    }
    let form = form.part("file", Part::bytes(bytes.to_vec()).file_name("broken.png"));
    Client::new().post(grant["url"].as_str().unwrap()).multipart(form).send().await.unwrap().status()
}

#[tokio::test]
async fn a_file_is_posted_sent_and_read_back_by_its_visitor_alone() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({})).await;
    let grant = grant(&visitor).await;
    assert!(post(&grant, PNG, None).await.is_success());

    let upload = grant["upload"].as_str().unwrap();
    let content =
        json!({ "type": "image", "upload": upload, "name": "broken.png", "mime": "image/png", "size": PNG.len() });
    assert_eq!(visitor.post(Uuid::new_v4(), &content).await.status(), 202);
    let sent = visitor.messages(2).await.remove(0);
    assert_eq!(sent["content"]["upload"], upload);

    let link: Value = visitor.get(&format!("/v1/uploads/{upload}")).await.json().await.unwrap();
    let read = Client::new().get(link["url"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(read.headers()["content-type"], "image/png");
    assert_eq!(read.bytes().await.unwrap(), PNG);

    let other = Visitor::open(&stack, &json!({})).await;
    let link: Value = other.get(&format!("/v1/uploads/{upload}")).await.json().await.unwrap();
    assert!(!Client::new().get(link["url"].as_str().unwrap()).send().await.unwrap().status().is_success());
}

#[tokio::test]
async fn the_storage_takes_nothing_but_what_was_granted() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({})).await;
    let grant = grant(&visitor).await;
    let mut longer = PNG.to_vec();
    longer.push(b'x');
    assert!(post(&grant, &longer, None).await.is_client_error(), "more bytes than granted");
    assert!(post(&grant, PNG, Some(("content-type", "text/html"))).await.is_client_error(), "another type");
    assert!(post(&grant, PNG, Some(("key", "uploads/elsewhere"))).await.is_client_error(), "another key");
    assert!(post(&grant, PNG, None).await.is_success());
}
