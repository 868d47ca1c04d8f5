//! The visitor API over whole events: sessions, tokens, messages, reading, uploads, origins, sockets.

use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::{Value, json};
use testkit::session_keys;

use crate::support::{Frontdesk, SHOP, event, http_event, shop_bot};

const CLIENT: &str = "0b8f3f2e-53a6-4b63-9d3c-6a4a3f6f9b11";

async fn token(desk: &Frontdesk) -> String {
    let (status, session) = desk.http(&event("web/open-session.json")).await;
    assert_eq!(status, 201, "{session}");
    session["token"].as_str().unwrap().to_owned()
}

fn send(token: &str, client: &str, content: &Value) -> Value {
    let authorization = format!("Bearer {token}");
    let body = json!({ "client_id": client, "content": content }).to_string();
    http_event("POST", "/v1/messages", &[("authorization", &authorization)], Some(&body))
}

fn read(token: &str, query: &str) -> Value {
    http_event("GET", &format!("/v1/messages{query}"), &[("authorization", &format!("Bearer {token}"))], None)
}

fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

#[tokio::test]
async fn a_question_is_answered_in_either_language() {
    let desk = Frontdesk::new(shop_bot());
    for (question, words) in [("你们几天能发货？", "发货"), ("how do I return a broken item", "photo")] {
        let token = token(&desk).await;
        let (status, queued) = desk.http(&send(&token, CLIENT, &text(question))).await;
        assert_eq!(status, 202);
        desk.run_queues().await;
        let (_, read) = desk.http(&read(&token, "?after=0&wait=0")).await;
        let messages = read["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 2, "{read}");
        assert_eq!((&messages[0]["id"], &messages[0]["seq"]), (&queued["id"], &json!(1)));
        assert_eq!((&messages[1]["author"], &messages[1]["seq"]), (&json!("bot"), &json!(2)));
        let answer = messages[1]["content"]["text"].as_str().unwrap();
        assert!(answer.contains(words), "{question}: {answer}");
        assert_eq!(read["last"], 2);
    }
}

#[tokio::test]
async fn the_same_client_id_has_one_effect_even_when_every_record_comes_twice() {
    let desk = Frontdesk::new(shop_bot());
    let token = token(&desk).await;
    let (_, first) = desk.http(&send(&token, CLIENT, &text("hello"))).await;
    for _ in 0..4 {
        let (status, again) = desk.http(&send(&token, CLIENT, &text("hello"))).await;
        assert_eq!((status, &again), (202, &first));
    }
    desk.run_queues().await;
    desk.run_queues().await;
    let (_, read) = desk.http(&read(&token, "?after=0")).await;
    assert_eq!(read["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn tokens_that_do_not_hold_are_refused_everywhere() {
    let desk = Frontdesk::new(shop_bot());
    let good = token(&desk).await;
    let tampered = good.replacen('.', ".e", 1);
    for bad in ["", "x", &tampered] {
        for request in [read(bad, ""), send(bad, CLIENT, &text("hi"))] {
            let (status, problem) = desk.http(&request).await;
            assert_eq!((status, &problem["title"]), (401, &json!("Unauthorized")), "{problem}");
        }
    }
    desk.world.pass(31 * 24 * 60 * 60);
    let (status, problem) = desk.http(&read(&good, "")).await;
    assert_eq!(status, 401);
    assert!(problem["detail"].as_str().unwrap().contains("expired"));
    desk.world.pass(-31 * 24 * 60 * 60);
    desk.world.set_keys(session_keys(b"another stack's secret .........."));
    assert_eq!(desk.http(&read(&good, "")).await.0, 401);
    desk.world.set_keys(channels::KeySet::default());
    assert_eq!(desk.http(&read(&good, "")).await.0, 503, "without a key nothing is let in");
}

#[tokio::test]
async fn no_token_reaches_another_visitors_messages() {
    let desk = Frontdesk::new(shop_bot());
    let (mine, theirs) = (token(&desk).await, token(&desk).await);
    desk.http(&send(&mine, CLIENT, &text("hello"))).await;
    desk.run_queues().await;
    assert_eq!(desk.http(&read(&theirs, "?after=0")).await.1["messages"], json!([]));
    // The same client_id of another visitor is another message.
    desk.http(&send(&theirs, CLIENT, &text("hello"))).await;
    desk.run_queues().await;
    assert_eq!(desk.http(&read(&theirs, "?after=0")).await.1["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_session_is_renewed_for_the_same_visitor_and_identified_ones_meet() {
    let desk = Frontdesk::new(shop_bot());
    let (_, first) = desk.http(&event("web/open-session.json")).await;
    let authorization = format!("Bearer {}", first["token"].as_str().unwrap());
    let renew = http_event("POST", "/v1/sessions", &[("authorization", &authorization)], Some("{}"));
    assert_eq!(desk.http(&renew).await.1["visitor_id"], first["visitor_id"]);

    let identity = |sub: &str, aud: &str, exp: i64| {
        let claims = json!({ "sub": sub, "aud": aud, "exp": exp });
        let header = Header { kid: Some("i1".to_owned()), ..Header::default() };
        let jwt = encode(&header, &claims, &EncodingKey::from_secret(b"a secret of thirty-two bytes ...")).unwrap();
        http_event("POST", "/v1/sessions", &[], Some(&json!({ "identity": jwt, "locale": "zh-CN" }).to_string()))
    };
    let soon = 1_800_000_100;
    let (status, one) = desk.http(&identity("customer-7", "frontdesk", soon)).await;
    assert_eq!(status, 201, "{one}");
    let (_, two) = desk.http(&identity("customer-7", "frontdesk", soon + 1)).await;
    assert_eq!(one["visitor_id"], two["visitor_id"]);
    assert_ne!(desk.http(&identity("customer-8", "frontdesk", soon)).await.1["visitor_id"], one["visitor_id"]);
    let authorization = format!("Bearer {}", two["token"].as_str().unwrap());
    let renew = |body| http_event("POST", "/v1/sessions", &[("authorization", authorization.as_str())], Some(body));
    let (status, problem) = desk.http(&renew("{}")).await;
    assert_eq!((status, &problem["field"]), (422, &json!("identity")), "who is signed in proves it anew");
    for bad in [
        identity("customer-7", "elsewhere", soon),
        identity("customer-7", "frontdesk", 1_799_999_000),
        identity("", "frontdesk", soon),
    ] {
        let (status, problem) = desk.http(&bad).await;
        assert_eq!((status, &problem["field"]), (422, &json!("identity")));
    }
}

#[tokio::test]
async fn a_fault_is_a_problem_that_names_its_field() {
    let desk = Frontdesk::new(shop_bot());
    let token = token(&desk).await;
    let authorization = format!("Bearer {token}");
    let post = |target: &str, body: &str| http_event("POST", target, &[("authorization", &authorization)], Some(body));
    let long = json!({ "client_id": CLIENT, "content": text(&"长".repeat(4001)) }).to_string();
    let huge = json!({ "client_id": CLIENT, "content": text(&"x".repeat(70_000)) }).to_string();
    let kind = json!({ "client_id": CLIENT, "content": { "type": "sticker" } }).to_string();
    for (request, status, field) in [
        (post("/v1/messages", &long), 422, json!("content.text")),
        (post("/v1/messages", &kind), 422, json!("content.type")),
        (post("/v1/messages", &huge), 413, json!("body")),
        (post("/v1/messages", "{"), 400, json!("body")),
        (post("/v1/sessions", "[1]"), 400, json!("body")),
        (post("/v1/sessions", r#"{"locale":5}"#), 422, json!("locale")),
        (post("/v1/sessions", r#"{"locale":"中文"}"#), 422, json!("locale")),
        (post("/v1/uploads", r#"{"name":"a.svg","mime":"image/svg+xml","size":5}"#), 422, json!("mime")),
        (post("/v1/uploads", r#"{"name":"a.png","mime":"image/png","size":10485761}"#), 422, json!("size")),
        (post("/v1/uploads", r#"{"mime":"image/png","size":5}"#), 422, json!("name")),
        (read(&token, "?after=-1"), 422, json!("after")),
        (read(&token, "?after=0&wait=26"), 422, json!("wait")),
        (post("/v1/nothing", "{}"), 404, Value::Null),
        (http_event("DELETE", "/v1/messages", &[], None), 405, Value::Null),
    ] {
        let (got, problem) = desk.http(&request).await;
        assert_eq!((got, &problem["field"]), (status, &field), "{problem}");
        assert_eq!(problem["status"], status);
    }
    assert!(desk.world.inbound().is_empty());
}

#[tokio::test]
async fn a_message_is_not_acknowledged_unless_it_is_queued() {
    let desk = Frontdesk::new(shop_bot());
    let token = token(&desk).await;
    desk.world.break_part(Some("inbound"));
    let (status, problem) = desk.http(&send(&token, CLIENT, &text("hello"))).await;
    assert_eq!(status, 503);
    assert!(!problem.to_string().contains("broken by the test"), "internals stay inside");
    desk.world.break_part(None);
    assert_eq!(desk.http(&send(&token, CLIENT, &text("hello"))).await.0, 202);
}

#[tokio::test]
async fn a_reader_waits_and_gives_up_with_an_empty_list() {
    let desk = Frontdesk::new(shop_bot());
    let token = token(&desk).await;
    let (status, empty) = desk.http(&read(&token, "?after=7&wait=25")).await;
    assert_eq!((status, empty), (200, json!({ "messages": [], "last": 7 })));
}

#[tokio::test]
async fn foreign_origins_are_refused() {
    let desk = Frontdesk::new(shop_bot());
    let open = |origin: &str| http_event("POST", "/v1/sessions", &[("origin", origin)], Some("{}"));
    assert_eq!(desk.http(&open(SHOP)).await.0, 201);
    assert_eq!(desk.http(&open("https://api.example.com")).await.0, 201);
    for foreign in ["https://evil.example", "null"] {
        let (status, problem) = desk.http(&open(foreign)).await;
        assert_eq!((status, &problem["field"]), (403, &json!("origin")));
    }
}

#[tokio::test]
async fn a_preflight_that_reaches_the_function_is_answered_with_success() {
    let desk = Frontdesk::new(shop_bot());
    for target in ["/v1/messages", "/v1/uploads/upl_1", "/anything"] {
        let preflight =
            http_event("OPTIONS", target, &[("origin", SHOP), ("access-control-request-method", "POST")], None);
        let response = desk.http_response(&preflight).await;
        assert_eq!(response.status().as_u16(), 204);
        assert!(
            !response.headers().keys().any(|name| name.as_str().starts_with("access-control")),
            "API Gateway's part"
        );
    }
}

#[tokio::test]
async fn uploads_lie_in_the_visitors_own_folder() {
    let desk = Frontdesk::new(shop_bot());
    let (mine, theirs) = (token(&desk).await, token(&desk).await);
    let authorization = format!("Bearer {mine}");
    let body = r#"{"name":"a.png","mime":"image/png","size":5}"#;
    let (status, grant) =
        desk.http(&http_event("POST", "/v1/uploads", &[("authorization", &authorization)], Some(body))).await;
    assert_eq!(status, 201, "{grant}");
    let upload = grant["upload"].as_str().unwrap();
    let key = grant["fields"]["key"].as_str().unwrap();
    assert!(key.ends_with(upload));
    let link = |token: &str| {
        let authorization = format!("Bearer {token}");
        http_event("GET", &format!("/v1/uploads/{upload}"), &[("authorization", &authorization)], None)
    };
    assert!(desk.http(&link(&mine)).await.1["url"].as_str().unwrap().ends_with(key));
    assert!(!desk.http(&link(&theirs)).await.1["url"].as_str().unwrap().ends_with(key));
    let content = json!({ "type": "image", "upload": upload, "name": "a.png", "mime": "image/png", "size": 5 });
    assert_eq!(desk.http(&send(&mine, CLIENT, &content)).await.0, 202);
}

#[tokio::test]
async fn a_socket_opens_with_a_token_and_gets_what_is_read_too() {
    let desk = Frontdesk::new(shop_bot());
    let token = token(&desk).await;
    let mut connect = event("web/socket-connect.json");
    let refused = desk.socket(&connect).await.status_code;
    assert_eq!(refused, 401, "the token in the file is of another stack");
    connect["queryStringParameters"]["token"] = json!(token);
    connect["multiValueQueryStringParameters"]["token"] = json!([token]);
    assert_eq!(desk.socket(&connect).await.status_code, 200);
    connect["headers"]["origin"] = json!("https://evil.example");
    connect["multiValueHeaders"]["origin"] = json!(["https://evil.example"]);
    assert_eq!(desk.socket(&connect).await.status_code, 403);
    let pong = desk.socket(&event("web/socket-ping.json")).await;
    assert_eq!(pong.body.unwrap().as_ref() as &[u8], br#"{"action":"pong"}"#);

    desk.http(&send(&token, CLIENT, &text("hello"))).await;
    desk.run_queues().await;
    let pushed: Vec<Value> =
        desk.world.pushed().iter().map(|(_, frame)| serde_json::from_str(frame).unwrap()).collect();
    let (_, read) = desk.http(&read(&token, "?after=0")).await;
    assert_eq!(json!(pushed), read["messages"]);
}
