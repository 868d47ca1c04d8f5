//! Text messages over SNS: what the SDK sends, and what becomes of SNS's answers.

use std::time::Duration;

use app::ports::Wire as _;
use aws::{Aws, SnsTexts};
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::Credentials;
use channels::{TextCall, WireCall, WireReply, channel};
use domain::{ChannelId, Delivery, Identity, Rejection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Answers so many requests alike; their bodies.
async fn sns(listener: &TcpListener, status: &str, body: &str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut read = vec![];
    loop {
        let mut part = [0; 4096];
        let count = stream.read(&mut part).await.unwrap();
        read.extend_from_slice(&part[..count]);
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, rest)) = text.split_once("\r\n\r\n") else { continue };
        let length =
            head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        if rest.len() < length.unwrap().parse().unwrap() {
            continue;
        }
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: text/xml\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
        return rest.to_owned();
    }
}

async fn called(status: &str, body: &str) -> (String, WireReply) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "the tests"));
    let texts = SnsTexts::new(&Aws::with_config(config.load().await));
    let to = Identity { channel: ChannelId::Sms, account: "+12125550101".into(), user: "+14155550100".into() };
    let call = TextCall { from: to.account.clone(), to: to.user.clone(), text: "你好 a+b&c".into() };
    let call = WireCall::Text(call);
    let (sent, replies) = tokio::join!(sns(&listener, status, body), texts.call(&to, &call));
    let [reply] = replies.unwrap().try_into().unwrap();
    // It is not tried again behind our back: a message may be out already.
    assert!(
        tokio::time::timeout(Duration::from_millis(300), listener.accept()).await.is_err(),
        "{status}: tried again"
    );
    (sent, reply)
}

#[tokio::test]
async fn a_message_is_published_as_boto3_publishes_it() {
    let answer = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult><MessageId>m1</MessageId>\
        </PublishResult></PublishResponse>";
    let (sent, reply) = called("200 OK", answer).await;
    let mut fields: Vec<&str> = sent.split('&').collect();
    // The attributes have no order.
    let second = fields.contains(&"MessageAttributes.entry.2.Name=AWS.MM.SMS.OriginationNumber");
    let swapped: Vec<String> = fields
        .iter()
        .map(|field| match field.strip_prefix("MessageAttributes.entry.") {
            Some(rest) if second => {
                let (number, rest) = rest.split_once('.').unwrap();
                format!("MessageAttributes.entry.{}.{rest}", if number == "1" { 2 } else { 1 })
            }
            _ => (*field).to_owned(),
        })
        .collect();
    fields = swapped.iter().map(String::as_str).collect();
    fields.sort_unstable();
    // Recorded of boto3 1.44.5; a blank is %20 here and + there.
    let mut wanted = [
        "Action=Publish",
        "Version=2010-03-31",
        "PhoneNumber=%2B14155550100",
        "Message=%E4%BD%A0%E5%A5%BD%20a%2Bb%26c",
        "MessageAttributes.entry.1.Name=AWS.MM.SMS.OriginationNumber",
        "MessageAttributes.entry.1.Value.DataType=String",
        "MessageAttributes.entry.1.Value.StringValue=%2B12125550101",
        "MessageAttributes.entry.2.Name=AWS.SNS.SMS.SMSType",
        "MessageAttributes.entry.2.Value.DataType=String",
        "MessageAttributes.entry.2.Value.StringValue=Transactional",
    ];
    wanted.sort_unstable();
    assert_eq!(fields, wanted);
    assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"message_id":"m1"}"#));
    assert_eq!(channel(ChannelId::Sms).classify(&reply), Delivery::Sent);
}

#[tokio::test]
async fn what_sns_refuses_is_read_by_the_channel() {
    let refusal = |code: &str, why: &str| {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{why}</Message></Error></ErrorResponse>"
        )
    };
    for (status, code, why, refused) in [
        (
            "400 Bad Request",
            "InvalidParameter",
            "Invalid parameter: PhoneNumber Reason: it is opted out",
            Some(Rejection::Blocked),
        ),
        ("403 Forbidden", "AuthorizationError", "not authorized", Some(Rejection::Misconfigured)),
        ("400 Bad Request", "Throttled", "Rate exceeded", None),
        ("500 Internal Server Error", "InternalError", "?", None),
    ] {
        let (_, reply) = called(status, &refusal(code, why)).await;
        let found = match channel(ChannelId::Sms).classify(&reply) {
            Delivery::Rejected { refusal, .. } => Some(refusal),
            Delivery::Retry { .. } => None,
            other @ (Delivery::Sent | Delivery::Absent | Delivery::RefreshToken) => panic!("{other:?}"),
        };
        assert_eq!(found, refused, "{code}: {reply:?}");
    }
}
