//! The API's description against the code: the same routes, and answers that are what it says.

use serde_json::{Value, json};

use crate::support::{Frontdesk, event, http_event, root, shop_bot};

fn description() -> Value {
    let path = root().join("functions/web/openapi.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Checks a value against a named schema of the description.
fn check(description: &Value, schema: &str, value: &Value) {
    let mut root = description["components"]["schemas"][schema].clone();
    root["components"] = description["components"].clone();
    let validator = jsonschema::draft202012::new(&root).unwrap();
    let faults: Vec<String> =
        validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{schema}: {faults:?} in {value}");
}

#[test]
fn the_description_lists_exactly_the_routes_of_the_api() {
    let description = description();
    let mut described: Vec<String> = vec![];
    for (path, methods) in description["paths"].as_object().unwrap() {
        described.extend(methods.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let mut served: Vec<String> = web::ROUTES
        .iter()
        .filter(|(_, path, _)| path.starts_with("/v1/"))
        .map(|(method, path, _)| format!("{method} {path}"))
        .collect();
    described.sort();
    served.sort();
    assert_eq!(described, served);
}

#[tokio::test]
async fn answers_are_what_the_description_says() {
    let description = description();
    let desk = Frontdesk::new(shop_bot());
    let (_, session) = desk.http(&event("web/open-session.json")).await;
    check(&description, "Session", &session);
    let authorization = format!("Bearer {}", session["token"].as_str().unwrap());
    let header = [("authorization", authorization.as_str())];

    let contents = [
        json!({ "type": "text", "text": "你们几天能发货？" }),
        json!({ "type": "text", "text": "zxqv" }),
        json!({ "type": "location", "latitude": 31.2, "longitude": 121.5 }),
        json!({ "type": "file", "upload": "upl_00000000000000000000000000", "name": "a.pdf", "mime": "application/pdf", "size": 9 }),
        json!({ "type": "postback", "payload": "handoff", "title": "人工" }),
    ];
    for (index, content) in contents.iter().enumerate() {
        check(&description, "VisitorContent", content);
        let body = json!({ "client_id": format!("00000000-0000-4000-8000-00000000000{index}"), "content": content });
        check(&description, "NewMessage", &body);
        let (_, queued) = desk.http(&http_event("POST", "/v1/messages", &header, Some(&body.to_string()))).await;
        check(&description, "Queued", &queued);
    }
    desk.run_queues().await;
    let (_, messages) = desk.http(&http_event("GET", "/v1/messages?after=0", &header, None)).await;
    assert_eq!(messages["messages"].as_array().unwrap().len(), 10);
    check(&description, "Messages", &messages);

    let upload = r#"{"name":"a.png","mime":"image/png","size":5}"#;
    let (_, grant) = desk.http(&http_event("POST", "/v1/uploads", &header, Some(upload))).await;
    check(&description, "UploadGrant", &grant);
    let link = format!("/v1/uploads/{}", grant["upload"].as_str().unwrap());
    check(&description, "UploadLink", &desk.http(&http_event("GET", &link, &header, None)).await.1);
    check(&description, "Health", &desk.http(&http_event("GET", "/v1/health", &[], None)).await.1);
    check(&description, "Problem", &desk.http(&http_event("GET", "/v1/messages", &[], None)).await.1);
    let (_, served) = desk.http(&http_event("GET", "/v1/openapi.json", &[], None)).await;
    assert_eq!(served["paths"], description["paths"]);
}

#[test]
fn the_description_is_openapi_3_1_with_every_reference_in_place() {
    let description = description();
    assert_eq!(description["openapi"], "3.1.0");
    let mut open = vec![&description];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                    let pointer = reference.strip_prefix('#').unwrap();
                    assert!(description.pointer(pointer).is_some(), "{reference} leads nowhere");
                }
                open.extend(object.values());
            }
            Value::Array(array) => open.extend(array),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
