//! The socket: what it pushes, and whom it refuses.

use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tests::{Stack, Visitor};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

const PATIENCE: Duration = Duration::from_mins(1);

async fn open(stack: &Stack, token: &str, origin: Option<&str>) -> Result<Socket, Error> {
    let mut request = format!("{}?token={token}", stack.text("/socket_url")).into_client_request().unwrap();
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    connect_async(request).await.map(|(socket, _)| socket)
}

async fn frame(socket: &mut Socket) -> Value {
    loop {
        let message = timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
        if let Message::Text(text) = message {
            return serde_json::from_str(&text).unwrap();
        }
    }
}

#[tokio::test]
async fn every_socket_of_a_visitor_gets_the_messages_that_are_read_too() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({})).await;
    let mut phone = open(&stack, &visitor.token, None).await.unwrap();
    let mut page = open(&stack, &visitor.token, Some(stack.text("/sandbox_url"))).await.unwrap();
    visitor.say("how long does a refund take").await;
    let read = visitor.messages(2).await;
    for socket in [&mut phone, &mut page] {
        assert_eq!([frame(socket).await, frame(socket).await].as_slice(), read.as_slice());
    }
    // One leaves without a word; the other still gets the next answer.
    drop(phone);
    visitor.say("which payment methods are there").await;
    assert_eq!(frame(&mut page).await["seq"], 3);
    assert_eq!(frame(&mut page).await["author"], "bot");
    page.send(Message::text(r#"{"action":"ping"}"#)).await.unwrap();
    assert_eq!(frame(&mut page).await, json!({ "action": "pong" }));
}

#[tokio::test]
async fn a_handshake_without_a_good_token_or_from_a_foreign_site_is_refused() {
    let Some(stack) = Stack::running() else { return };
    let visitor = Visitor::open(&stack, &json!({})).await;
    for (token, origin) in [("", None), ("nonsense", None), (visitor.token.as_str(), Some("http://evil.example"))] {
        match open(&stack, token, origin).await {
            Err(Error::Http(response)) => assert!([401, 403].contains(&response.status().as_u16())),
            // The emulator may close at once where AWS refuses the handshake.
            Ok(mut socket) => {
                let first = timeout(PATIENCE, socket.next()).await.unwrap();
                assert!(matches!(first, None | Some(Err(_) | Ok(Message::Close(_)))), "{first:?}");
            }
            Err(error) => panic!("{error}"),
        }
    }
}
