//! The few plain HTTP requests that the tool sends, all to this machine.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::Context as _;

const TIMEOUT: Duration = Duration::from_secs(40);

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status, such as 200.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends one request to a port of this machine. Header lines end without a line break.
///
/// # Errors
/// Nobody answers there, or not in HTTP.
pub fn request(port: u16, method: &str, path: &str, headers: &[&str], body: &[u8]) -> anyhow::Result<Answer> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let exchange = || -> std::io::Result<Vec<u8>> {
        let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        // HTTP/1.0: the answer ends where the connection ends.
        let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n", body.len());
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes())?;
        stream.write_all(body)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    let bytes = exchange().with_context(|| format!("no answer from http://{address}{path}"))?;
    parse(&bytes).with_context(|| format!("http://{address}{path} does not answer in HTTP"))
}

/// Asks for a page; `None` when nobody answers.
pub fn get(port: u16, path: &str) -> Option<Answer> {
    request(port, "GET", path, &[], b"").ok()
}

fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let (head, rest) = bytes.split_at_checked(end)?;
    let status = std::str::from_utf8(head).ok()?.split(' ').nth(1)?.parse().ok()?;
    Some(Answer { status, body: rest.get(4..)?.to_vec() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_status_and_body() {
        let answer = parse(b"HTTP/1.1 403 Forbidden\r\nA: b\r\n\r\nbo\r\n\r\ndy").unwrap();
        assert_eq!(answer, Answer { status: 403, body: b"bo\r\n\r\ndy".to_vec() });
        assert_eq!(parse(b"SSH-2.0"), None);
    }
}
