//! A visitor who speaks the visitor API as any client would.

use std::time::Duration;

use domain::VisitorId;
use reqwest::{Client, Response};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Stack, until};

/// How long an answer may take on a busy test machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A visitor with a session.
pub struct Visitor {
    stack: Stack,
    client: Client,
    /// The session's token.
    pub token: String,
    /// What opening the session answered.
    pub session: Value,
}

impl Visitor {
    /// Opens a session.
    pub async fn open(stack: &Stack, body: &Value) -> Self {
        let client = Client::new();
        let response = client.post(stack.api("/v1/sessions")).json(body).send().await.unwrap();
        assert_eq!(response.status(), 201);
        let session: Value = response.json().await.unwrap();
        Self { stack: stack.clone(), client, token: session["token"].as_str().unwrap().to_owned(), session }
    }

    /// Opens another session from the same browser: with this one's token.
    pub async fn again(&self, body: &Value) -> Self {
        let session = self.post_json("/v1/sessions", body).await;
        assert_eq!(session.status(), 201);
        let session: Value = session.json().await.unwrap();
        let token = session["token"].as_str().unwrap().to_owned();
        Self { stack: self.stack.clone(), client: self.client.clone(), token, session }
    }

    /// Who the session says that the visitor is.
    pub fn id(&self) -> VisitorId {
        serde_json::from_value(self.session["visitor_id"].clone()).unwrap()
    }

    /// Posts content under a client id.
    pub async fn post(&self, client_id: Uuid, content: &Value) -> Response {
        let body = json!({ "client_id": client_id, "content": content });
        let request = self.client.post(self.stack.api("/v1/messages")).bearer_auth(&self.token).json(&body);
        request.send().await.unwrap()
    }

    /// Sends a text and returns its id.
    pub async fn say(&self, text: &str) -> String {
        let response = self.post(Uuid::new_v4(), &json!({ "type": "text", "text": text })).await;
        assert_eq!(response.status(), 202);
        response.json::<Value>().await.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// Asks any address of the API with the session's token.
    pub async fn get(&self, path: &str) -> Response {
        self.client.get(self.stack.api(path)).bearer_auth(&self.token).send().await.unwrap()
    }

    /// Posts JSON to any address of the API with the session's token.
    pub async fn post_json(&self, path: &str, body: &Value) -> Response {
        self.client.post(self.stack.api(path)).bearer_auth(&self.token).json(body).send().await.unwrap()
    }

    /// Reads by long poll until there are so many messages in all.
    pub async fn messages(&self, count: usize) -> Vec<Value> {
        let mut messages: Vec<Value> = vec![];
        until(&format!("{count} messages"), PATIENCE, async || {
            let after = messages.last().map_or(0, |last| last["seq"].as_u64().unwrap());
            let page: Value = self.get(&format!("/v1/messages?after={after}&wait=5")).await.json().await.unwrap();
            messages.extend(page["messages"].as_array().unwrap().iter().cloned());
            (messages.len() >= count).then_some(())
        })
        .await;
        let seqs: Vec<u64> = messages.iter().map(|message| message["seq"].as_u64().unwrap()).collect();
        assert_eq!(seqs, (1..=seqs.len() as u64).collect::<Vec<_>>(), "seq is gapless");
        messages
    }

    /// Asks a question as the next of the conversation and returns the text of its answer.
    pub async fn ask(&self, question: &str) -> String {
        let id = self.say(question).await;
        let answer = until(question, PATIENCE, async || {
            let page: Value = self.get("/v1/messages?after=0&wait=2").await.json().await.unwrap();
            let messages = page["messages"].as_array().unwrap();
            let mine = messages.iter().position(|message| message["id"] == id.as_str())?;
            messages.get(mine + 1).map(|answer| answer["content"]["text"].as_str().unwrap().to_owned())
        });
        answer.await
    }
}
