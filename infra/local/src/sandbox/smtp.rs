//! SMTP (RFC 5321) on this machine: as much as mail programs need to hand a mail over. What is taken enters as SES would
//! take it. No TLS, no sign-in: it listens on loopback only.

use std::rc::Rc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::mail::{Mail, enter, matched};
use super::play::Play;

/// Largest mail, in bytes: what SES puts into a bucket.
const MAX_BYTES: usize = 40 * 1024 * 1024;
/// Longest line of a command, in bytes.
const MAX_LINE: u64 = 4096;

/// Takes connections until the process ends.
pub async fn serve(play: Rc<Play>, listener: TcpListener) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let play = Rc::clone(&play);
        // A program that goes away in the middle is no error of ours.
        tokio::task::spawn_local(async move { drop(talk(&play, stream).await) });
    }
}

/// What a command is answered with, and what follows from it.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Say(String),
    Data,
    Quit,
}

/// What is known of the mail that is being handed over.
#[derive(Debug, Default, PartialEq, Eq)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

async fn talk(play: &Play, stream: TcpStream) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 sandbox.example ESMTP Frontdesk sandbox\r\n").await?;
    let mut envelope = Envelope::default();
    loop {
        let mut line = vec![];
        if (&mut stream).take(MAX_LINE).read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let ours = |address: &str| !matched(&play.description(), &[address.to_owned()]).is_empty();
        match next(&line, &mut envelope, ours) {
            Next::Say(answer) => stream.write_all(format!("{answer}\r\n").as_bytes()).await?,
            Next::Quit => return stream.write_all(b"221 bye\r\n").await,
            Next::Data => {
                stream.write_all(b"354 go on, and end with a dot\r\n").await?;
                let Some(raw) = data(&mut stream).await? else {
                    stream.write_all(b"552 the mail is too large\r\n").await?;
                    return Ok(());
                };
                let Envelope { from, to } = std::mem::take(&mut envelope);
                let answer = match enter(play, &Mail { from: from.unwrap_or_default(), to, raw }).await {
                    Ok(id) => format!("250 taken as {id}\r\n"),
                    Err(error) => format!("451 {error:#}\r\n"),
                };
                stream.write_all(answer.as_bytes()).await?;
            }
        }
    }
}

/// The answer to a command.
fn next(line: &str, envelope: &mut Envelope, ours: impl Fn(&str) -> bool) -> Next {
    let say = |answer: &str| Next::Say(answer.to_owned());
    let upper = line.to_uppercase();
    match upper.split([' ', ':']).next().unwrap_or_default() {
        "EHLO" => Next::Say(format!("250-sandbox.example\r\n250-SIZE {MAX_BYTES}\r\n250-8BITMIME\r\n250 SMTPUTF8")),
        "HELO" => say("250 sandbox.example"),
        "MAIL" if upper.starts_with("MAIL FROM:") => {
            *envelope = Envelope { from: path(line), to: vec![] };
            say(if envelope.from.is_some() { "250 ok" } else { "501 an address in angle brackets is missing" })
        }
        "RCPT" if envelope.from.is_none() => say("503 MAIL FROM first"),
        "RCPT" if upper.starts_with("RCPT TO:") => match path(line) {
            Some(address) if ours(&address) => {
                envelope.to.push(address);
                say("250 ok")
            }
            Some(_) => say("550 no such mailbox in this stack: see channels.email.mailboxes in stack.json"),
            None => say("501 an address in angle brackets is missing"),
        },
        "DATA" if envelope.to.is_empty() => say("503 RCPT TO first"),
        "DATA" => Next::Data,
        "RSET" => {
            *envelope = Envelope::default();
            say("250 ok")
        }
        "NOOP" => say("250 ok"),
        "QUIT" => Next::Quit,
        "VRFY" => say("252 send it and see"),
        _ => say("502 not known here"),
    }
}

/// The address in a command, without its angle brackets; empty for `<>`.
fn path(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    Some(rest.split_once('>')?.0.trim().to_owned())
}

/// The mail up to the lone dot, dots doubled for its sake undone; `None`: it is too large.
async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<Option<Vec<u8>>> {
    let mut raw = vec![];
    loop {
        let mut line = vec![];
        if stream.read_until(b'\n', &mut line).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        if line == b".\r\n" || line == b".\n" {
            return Ok(Some(raw));
        }
        raw.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        if raw.len() > MAX_BYTES {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_come_in_order_and_only_mailboxes_of_the_stack_take_mail() {
        let mut envelope = Envelope::default();
        let mut said = |line: &str| match next(line, &mut envelope, |address| address.ends_with("@shop.example")) {
            Next::Say(answer) => answer.chars().take(3).collect(),
            Next::Data => "354".to_owned(),
            Next::Quit => "221".to_owned(),
        };
        for (line, code) in [
            ("EHLO x", "250"),
            ("RCPT TO:<a@shop.example>", "503"),
            ("DATA", "503"),
            ("MAIL FROM:ann@example.com", "501"),
            ("mail from:<ann@example.com> SIZE=10", "250"),
            ("RCPT TO:<a@else.example>", "550"),
            ("RCPT TO:<a@shop.example>", "250"),
            ("DATA", "354"),
            ("MAIL FROM:<>", "250"),
            ("DATA", "503"),
            ("STARTTLS", "502"),
            ("QUIT", "221"),
        ] {
            assert_eq!(said(line), code, "{line}");
        }
        assert_eq!(envelope.from.as_deref(), Some(""), "reports come from nobody");
    }
}
