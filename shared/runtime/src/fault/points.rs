//! The points themselves, in test builds: a process that finds `FRONTDESK_FAULTS=127.0.0.1:port` in its environment
//! says there which point it has reached, and goes on when it is told or the connection ends.

use std::io;
use std::process;
use std::sync::OnceLock;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Stands in every binary that has fault points, so that none of them is shipped.
pub const MARKER: &str = "frontdesk-fault-points";

/// The answer after which the point panics, as a record's own fault would.
const PANIC: &str = "panic";
/// Bytes of an answer that are read.
const ANSWER_BYTES: u64 = 16;

static LISTENER: OnceLock<Option<Listener>> = OnceLock::new();

/// Who is told.
#[derive(Debug)]
struct Listener {
    address: String,
    function: String,
}

/// Tells the listener, if there is one, that this point is reached by the event, delivery or invocation with this id,
/// and waits for its answer.
///
/// # Panics
/// When the listener says so.
pub async fn point(name: &'static str, about: &str) {
    if let Some(listener) = LISTENER.get_or_init(from_environment) {
        reach(listener, name, about).await;
    }
}

#[expect(clippy::disallowed_methods, reason = "no setting of the function: it exists in test builds only")]
fn from_environment() -> Option<Listener> {
    let address = std::env::var("FRONTDESK_FAULTS").ok()?;
    tracing::warn!(address, "{MARKER} are on");
    Some(Listener { address, function: std::env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default() })
}

#[expect(clippy::panic, reason = "the panic that a test asked for")]
async fn reach(listener: &Listener, name: &str, about: &str) {
    match tell(listener, name, about).await {
        Ok(answer) if answer.trim_end() == PANIC => panic!("a panic that was asked for at {name}"),
        Ok(_) | Err(_) => {}
    }
}

/// One line there, one line back.
async fn tell(listener: &Listener, name: &str, about: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(&listener.address).await?;
    let line = format!("{} {} {name} {about}\n", process::id(), listener.function);
    stream.write_all(line.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(ANSWER_BYTES).read_to_string(&mut answer).await?;
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncBufReadExt as _;
    use tokio::net::TcpListener;

    use super::*;

    /// Answers one line and gives it back.
    async fn heard(answer: &'static str) -> (Listener, tokio::task::JoinHandle<String>) {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap().to_string();
        let hearing = tokio::spawn(async move {
            let mut stream = tokio::io::BufReader::new(socket.accept().await.unwrap().0);
            let mut line = String::new();
            stream.read_line(&mut line).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            line
        });
        (Listener { address, function: "responder".to_owned() }, hearing)
    }

    #[tokio::test]
    async fn says_who_has_reached_what_and_goes_on_when_told() {
        let (listener, hearing) = heard("go\n").await;
        reach(&listener, "before_commit", "e1").await;
        assert_eq!(hearing.await.unwrap(), format!("{} responder before_commit e1\n", process::id()));
    }

    #[tokio::test]
    #[should_panic(expected = "asked for at before_commit")]
    async fn panics_when_told() {
        let (listener, _hearing) = heard("panic\n").await;
        reach(&listener, "before_commit", "e1").await;
    }

    #[tokio::test]
    async fn goes_on_when_nobody_listens() {
        let (listener, hearing) = heard("").await;
        reach(&listener, "before_send", "e1").await;
        assert!(hearing.await.unwrap().contains("before_send"));
        // The socket is closed by now.
        reach(&listener, "after_send", "e1").await;
        point("after_send", "e1").await;
    }
}
