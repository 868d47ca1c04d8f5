use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::*;

/// A server that gives each request the next answer, and tells what it was asked: first lines and tokens.
struct Server {
    base: String,
    asked: tokio::task::JoinHandle<Vec<String>>,
}

impl Server {
    async fn giving(answers: Vec<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = tokio::spawn(async move {
            let mut asked = vec![];
            for answer in answers {
                let mut stream = BufReader::new(listener.accept().await.unwrap().0);
                let (mut line, mut token) = (String::new(), String::new());
                stream.read_line(&mut line).await.unwrap();
                loop {
                    let mut header = String::new();
                    stream.read_line(&mut header).await.unwrap();
                    if header.starts_with("authorization") {
                        token = header.trim_end().to_owned();
                    }
                    if header.trim().is_empty() {
                        break;
                    }
                }
                asked.push(format!("{} {token}", line.trim_end()));
                // Whoever has read enough goes away in the middle.
                drop(stream.write_all(&answer).await);
            }
            asked
        });
        Self { base, asked }
    }

    fn files(&self) -> HttpFiles {
        let route = Route { elsewhere: Some(self.base.clone()), egress: None };
        HttpFiles { most: 1000, ..HttpFiles::new(Duration::from_secs(5), &route).unwrap() }
    }
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: Image/PNG; x=y\r\ncontent-length: {}\r\n", body.len());
    [head.as_bytes(), b"connection: close\r\n\r\n", body].concat()
}

fn redirect(to: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").into_bytes()
}

fn channel_with_api() -> Identity {
    let id = ChannelId::ALL.iter().copied().find(|id| !channel(*id).api().is_empty()).unwrap();
    Identity { channel: id, account: "a".to_owned(), user: "u".to_owned() }
}

async fn get(files: &HttpFiles, step: Step) -> Got {
    files.get(&channel_with_api(), &step).await.unwrap()
}

fn address(target: &str) -> Step {
    let call = HttpCall::get(target.to_owned());
    Step::Address(call.with_header("authorization", "Bearer T".to_owned()))
}

#[tokio::test]
async fn a_providers_file_comes_whole_with_its_type() {
    let server = Server::giving(vec![ok(b"bytes"), ok(b"more")]).await;
    let files = server.files();
    let Got::Reply(reply) = get(&files, Step::Api(HttpCall::get("/file".to_owned()))).await else { panic!() };
    assert_eq!((reply.status, reply.mime.as_str(), &reply.body[..]), (200, "image/png", &b"bytes"[..]));
    let other = Step::Api(HttpCall::get("https://data.provider.example/content/1".to_owned()));
    assert!(matches!(get(&files, other).await, Got::Reply(_)));
    let id = channel_with_api().channel;
    let asked = server.asked.await.unwrap();
    assert_eq!(asked, [format!("GET /{id}/file HTTP/1.1 "), format!("GET /{id}/content/1 HTTP/1.1 ")]);
}

#[tokio::test]
async fn what_is_too_large_is_cut_off_whether_it_says_so_or_not() {
    let chunk = [b"100\r\n".as_slice(), &[b'x'; 256], b"\r\n"].concat();
    let endless = [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec(), chunk.repeat(64)].concat();
    let broken = [b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n".as_slice(), b"half"].concat();
    let server = Server::giving(vec![ok(&[0; 1001]), endless, ok(&[0; 1000]), broken]).await;
    let files = server.files();
    let step = || Step::Api(HttpCall::get("/x".to_owned()));
    assert_eq!(get(&files, step()).await, Got::TooLarge);
    assert_eq!(get(&files, step()).await, Got::TooLarge);
    assert!(matches!(get(&files, step()).await, Got::Reply(reply) if reply.body.len() == 1000));
    assert_eq!(get(&files, step()).await, unreached(), "half a file is none");
}

#[tokio::test]
async fn nothing_is_fetched_from_somebodys_own_network() {
    let server = Server::giving(vec![]).await;
    let files = server.files();
    let port = server.base.rsplit(':').next().unwrap();
    for target in [
        format!("http://127.0.0.1:{port}0/x"),
        format!("https://127.0.0.1:{port}/x"),
        "https://169.254.169.254/latest/meta-data/".to_owned(),
        "http://169.254.170.2/v2/credentials".to_owned(),
        "https://[::1]/x".to_owned(),
        "file:///etc/passwd".to_owned(),
        "no address".to_owned(),
        format!("{}.example/x", server.base),
    ] {
        assert!(matches!(get(&files, address(&target)).await, Got::Forbidden(_)), "{target}");
    }
    // A name is looked up, and found to lead home.
    assert_eq!(get(&files, address(&format!("https://localhost:{port}/x"))).await, unreached());
}

#[tokio::test]
async fn redirects_are_looked_at_and_counted_and_tokens_stay_at_home() {
    let other = Server::giving(vec![]).await;
    let server = Server::giving(vec![
        redirect("/sandbox/next"),
        ok(b"bytes"),
        redirect(&format!("{}/x", other.base)),
        redirect("https://169.254.169.254/x"),
        redirect("/a"),
        redirect("/b"),
        redirect("/c"),
        redirect("/d"),
    ])
    .await;
    let files = server.files();
    let own = || address(&format!("{}/sandbox/file", server.base));
    let Got::Reply(reply) = get(&files, own()).await else { panic!() };
    assert_eq!(reply.body, b"bytes");
    for _ in 0..2 {
        assert!(matches!(get(&files, own()).await, Got::Forbidden(_)));
    }
    assert_eq!(get(&files, own()).await, Got::Forbidden("it sends from address to address"));
    let asked = server.asked.await.unwrap();
    assert_eq!(asked.len(), 8, "three redirects, and no more");
    assert!(asked.iter().all(|line| line.ends_with("authorization: Bearer T")), "{asked:?}");
}

#[tokio::test]
async fn a_token_is_not_shown_to_where_its_host_sends_us() {
    let server = Server::giving(vec![ok(b"1"), ok(b"2")]).await;
    let url = || Url::parse(&server.base).unwrap();
    let client = Client::new();
    let call = HttpCall::get(String::new()).with_header("authorization", "Bearer T".to_owned());
    let call = call.with_header("x-other", "1".to_owned());
    for trusted in [true, false] {
        sent(&client, url(), &call, trusted).await.unwrap();
    }
    let asked = server.asked.await.unwrap();
    assert_eq!(asked, ["GET / HTTP/1.1 authorization: Bearer T", "GET / HTTP/1.1 "]);
}
