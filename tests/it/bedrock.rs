//! A language model of Amazon Bedrock: the real responder and client, and a server that plays `Converse`.

use std::time::Duration;

use bot::generate::Prompt;
use domain::ModelUse;
use hmac::{Hmac, Mac as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::model::{ACCESS, Api, Request, Server, Shop, own, reply};

const QUESTION: &str = "how many days until my parcel is delivered?";
const WORDS: &str = "Your parcel usually arrives 2–4 days after dispatch.";

async fn shop(server: Server) -> Shop {
    Shop::at(Api::Converse, server, 20_000, 1_000_000).await
}

#[tokio::test]
async fn its_own_api_is_asked_with_the_function_s_signature() {
    let mut shop = shop(Server::Says(reply("delivery.time", WORDS))).await;
    let used = ModelUse { sources: vec!["delivery.time".to_owned()], tokens: 300 };
    assert_eq!(shop.ask(QUESTION).await, (WORDS.to_owned(), Some(used)));
    assert_eq!((shop.calls(), shop.spent()), (1, 300));
    let request = shop.requests()[0].clone();
    // The API reference's path and body.
    assert!(request.head.starts_with("POST /model/eu.maker.a-model-v1%3A0/converse HTTP/1.1\r\n"), "{}", request.head);
    let body = request.json();
    assert_eq!(body["inferenceConfig"], json!({ "maxTokens": 600, "temperature": 0.0 }));
    assert!(body["system"][0]["text"].as_str().unwrap().starts_with("You write answers"));
    assert_eq!((body["messages"][0]["role"].as_str(), body["messages"].as_array().unwrap().len()), (Some("user"), 1));
    let document: Value = serde_json::from_str(body["messages"][0]["content"][0]["text"].as_str().unwrap()).unwrap();
    assert_eq!(document["question"], QUESTION);
    assert_eq!(request.header("authorization"), signed(&request, "eu-central-1"), "for the model's region, not ours");
}

/// The `Authorization` that AWS expects (Signature Version 4), reckoned from the request as it came.
fn signed(request: &Request, region: &str) -> String {
    let given = request.header("authorization");
    let names = given.split_once("SignedHeaders=").unwrap().1.split(',').next().unwrap();
    assert!(["host", "x-amz-date"].iter().all(|name| names.split(';').any(|signed| signed == *name)), "{names}");
    let path = request.head.split(' ').nth(1).unwrap().replace('%', "%25");
    let headers: Vec<String> = names.split(';').map(|name| format!("{name}:{}", request.header(name))).collect();
    let headers = headers.join("\n");
    let canonical = format!("POST\n{path}\n\n{headers}\n\n{names}\n{}", hex::encode(Sha256::digest(&request.body)));
    let time = request.header("x-amz-date");
    let day = time.split('T').next().unwrap();
    let scope = format!("{day}/{region}/bedrock/aws4_request");
    let to_sign = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{}", hex::encode(Sha256::digest(canonical)));
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let key = [day, region, "bedrock", "aws4_request"]
        .iter()
        .fold(format!("AWS4{}", ACCESS.1).into_bytes(), |key, part| mac(&key, part));
    let signature = hex::encode(mac(&key, &to_sign));
    format!("AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", ACCESS.0)
}

#[tokio::test]
async fn whatever_bedrock_does_the_customer_is_answered_and_it_is_asked_once() {
    let own = own(QUESTION).await;
    // The last: whether it costs. What is refused does not, what nobody knows does.
    for (server, tokens, costs) in [
        (Server::Fails(429, "ThrottlingException"), None, false),
        (Server::Fails(503, "ServiceUnavailableException"), None, true),
        (Server::Fails(500, "InternalServerException"), None, true),
        (Server::Fails(403, "AccessDeniedException"), None, false),
        (Server::Fails(404, "ResourceNotFoundException"), None, false),
        (Server::Fails(400, "ValidationException"), None, false),
        (Server::Fails(424, "ModelErrorException"), None, true),
        (Server::Hangs, None, true),
        (Server::Stops(reply("delivery.time", WORDS), "guardrail_intervened"), Some(300), true),
        (Server::Stops(reply("delivery.time", WORDS), "content_filtered"), Some(300), true),
        (Server::Stops(reply("delivery.time", WORDS), "max_tokens"), Some(300), true),
        (Server::Stops(reply("delivery.time", WORDS), "a reason of tomorrow"), Some(300), true),
        (Server::Says("{\"decline\": true}".to_owned()), Some(300), true),
        (Server::Says(reply("delivery.time", "Parcels arrive within 1 hour, guaranteed.")), Some(300), true),
    ] {
        let mut shop = shop(server).await;
        let used = tokens.map(|tokens| ModelUse { sources: vec![], tokens });
        assert_eq!(shop.ask(QUESTION).await, (own.clone(), used));
        assert_eq!(shop.calls(), 1, "no second attempt");
        let spent = shop.spent();
        assert!(if costs { spent >= 300 } else { spent == 0 }, "{spent}: what is not known stays spent");
    }
}

#[tokio::test]
async fn a_model_that_takes_no_temperature_is_told_none() {
    const TOLD: &str =
        r#"{"message":"The model returned the following errors: `temperature` is deprecated for this model."}"#;
    let mut shop = shop(Server::Refuses(&[("temperature", TOLD)], reply("delivery.time", WORDS))).await;
    assert_eq!(shop.ask(QUESTION).await.0, WORDS);
    assert_eq!((shop.calls(), shop.spent()), (2, 300), "a refusal costs nothing");
    assert_eq!(shop.requests()[1].json()["inferenceConfig"], json!({ "maxTokens": 600 }));
    shop.ask(QUESTION).await;
    assert_eq!(shop.calls(), 3, "it is known from then on");
}

#[tokio::test]
async fn why_it_failed_is_told_without_a_text() {
    let prompt = Prompt { system: "a task".to_owned(), user: "a customer's words".to_owned(), most: 10 };
    for (server, wanted) in [
        (Server::Fails(429, "ThrottlingException"), "ThrottlingException (status 429) "),
        (Server::Fails(403, "AccessDeniedException"), "AccessDeniedException (status 403) no"),
        (Server::Hangs, "no answer in time"),
    ] {
        let shop = shop(server).await;
        let error = shop.model.complete(&prompt, Duration::from_millis(300)).await.unwrap_err();
        assert_eq!(
            (error.error.to_string().as_str(), error.error.source.to_string().as_str()),
            ("ask the language model failed", wanted)
        );
    }
}
