//! Callbacks and the check of their address.

use domain::ChannelId;
use proptest::prelude::*;

use super::*;
use crate::tencent::{CipherKey, signature};

const NOW: UnixMillis = UnixMillis(1_767_225_601_000);
const KEY: &str = "kWxPEV2UEDyxWpmPdKC3F4dgPDmOvfKX1HGnEUDS1aR";

/// What the door makes of a whole Lambda event.
struct Request {
    method: String,
    url: String,
    body: String,
}

impl Request {
    fn of(name: &str) -> Self {
        let event: Value = serde_json::from_str(&fixture(name)).unwrap();
        let text = |path: &str| event.pointer(path).unwrap().as_str().unwrap().to_owned();
        let (path, query) = (text("/rawPath"), text("/rawQueryString"));
        Self {
            method: text("/requestContext/http/method"),
            url: format!("https://desk.example.com{path}?{query}"),
            body: event.get("body").map_or_else(String::new, |body| body.as_str().unwrap().to_owned()),
        }
    }

    /// A callback with this text, signed and ciphered as `WeCom` does it.
    fn with(text: &[u8], corp: &str) -> Self {
        let sealed = CipherKey::from_text(KEY).unwrap().seal(text, corp, *b"0123456789abcdef");
        let sent = signature(&["QDG6eK", "1767225600", "1", &sealed]);
        Self {
            method: "POST".to_owned(),
            url: format!("https://desk.example.com/webhooks/wecom?msg_signature={sent}&timestamp=1767225600&nonce=1"),
            body: format!("<xml><ToUserName>{corp}</ToUserName><Encrypt>{sealed}</Encrypt></xml>"),
        }
    }

    fn verified(&self, keys: &KeySet) -> Result<Gate<'_>, VerifyError> {
        let request = RawRequest { method: &self.method, url: &self.url, headers: &[], body: self.body.as_bytes() };
        // What is let through is a copy, so that it outlives the request.
        Ok(match Wecom.verify(&request, keys, NOW)? {
            Gate::Challenge(challenge) => Gate::Challenge(challenge),
            Gate::Accept(Verified { body, principal, at }) => {
                Gate::Accept(Verified { body: body.into_owned().into(), principal, at })
            }
        })
    }

    fn parsed(&self, keys: &KeySet) -> Parsed {
        let Ok(Gate::Accept(verified)) = self.verified(keys) else { panic!("refused: {:?}", self.verified(keys)) };
        Wecom.parse(&verified)
    }

    fn refused(&self, keys: &KeySet) -> VerifyError {
        self.verified(keys).unwrap_err()
    }
}

fn news(account: &str) -> Vec<u8> {
    format!("<xml><Event>kf_msg_or_event</Event><Token>T</Token><OpenKfId>{account}</OpenKfId></xml>").into_bytes()
}

#[test]
fn the_address_is_checked_with_a_deciphered_text() {
    for only in [keys(&[]), keys(&[(r#"{"kid":"2","secret":"aNewToken"},"#, "")])] {
        let Gate::Challenge(challenge) = Request::of("check-address.json").verified(&only).unwrap() else { panic!() };
        assert_eq!(challenge.body, "1616140317555161061");
    }
}

#[test]
fn news_is_a_pull_of_its_account() {
    let parsed = Request::of("news.json").parsed(&keys(&[]));
    let account = "wkTestOpenKfId01".to_owned();
    let pull = Pull { channel: ChannelId::Wecom, account, token: Some("ENCtestSyncToken01".to_owned()) };
    assert_eq!(parsed, Parsed { pulls: vec![pull], ..Parsed::default() });
}

#[test]
fn other_callbacks_are_none_of_ours_and_unreadable_ones_are_rejected() {
    for (text, rejects) in [
        (&b"<xml><Event>change_contact</Event></xml>"[..], 0),
        (b"<xml><Event>change_contact</Event><OpenKfId>wkUnknown</OpenKfId></xml>", 0),
        (b"<xml><Event>kf_msg_or_event</Event><Token>T</Token></xml>", 1),
        (b"<!DOCTYPE x><xml><Event>kf_msg_or_event</Event></xml>", 1),
        (b"no XML", 1),
        (b"\xff", 1),
    ] {
        let parsed = Request::with(text, "ww0123456789abcdef").parsed(&keys(&[]));
        assert_eq!((parsed.rejects.len(), parsed.pulls.len()), (rejects, 0), "{}", String::from_utf8_lossy(text));
    }
}

#[test]
fn strangers_are_refused() {
    let ours = "ww0123456789abcdef";
    let good = || Request::with(&news("wkOther"), ours);
    assert_eq!(good().parsed(&keys(&[])).pulls.len(), 1);
    for (request, why) in [
        (Request::with(&news("wkUnknown"), ours), VerifyError::Refused("for another account")),
        (
            Request::with(&news("wkOther"), "wwffffffffffffffff"),
            VerifyError::Refused("no key of ours opens it for this corporation"),
        ),
        (
            Request { url: good().url.replace("nonce=1", "nonce=2"), ..good() },
            VerifyError::Refused("the signature does not hold"),
        ),
        (Request { url: good().url.replace("&nonce=1", ""), ..good() }, VerifyError::Missing("`nonce`")),
        (
            Request { url: good().url.replace("msg_signature", "signature"), ..good() },
            VerifyError::Missing("`msg_signature`"),
        ),
        (
            Request { body: String::from_utf8(news("wkOther")).unwrap(), ..good() },
            VerifyError::Missing("a ciphered body"),
        ),
        (Request { body: String::new(), ..good() }, VerifyError::Missing("a ciphered body")),
        (Request { method: "GET".to_owned(), ..good() }, VerifyError::Missing("`echostr`")),
    ] {
        assert_eq!(request.refused(&keys(&[])), why);
    }
}

#[test]
fn without_a_key_everything_is_refused() {
    let request = Request::with(&news("wkOther"), "ww0123456789abcdef");
    assert_eq!(request.refused(&KeySet::default()), VerifyError::NoKey(CORP_ID));
    for (missing, why) in [(r#""tokens""#, TOKENS), (r#""aes_keys""#, AES_KEYS), (r#""accounts""#, ACCOUNTS)] {
        assert_eq!(request.refused(&keys(&[(missing, "\"x\"")])), VerifyError::NoKey(why));
    }
    for (secret, why) in
        [("QDG6eK", "the signature does not hold"), (KEY, "no key of ours opens it for this corporation")]
    {
        assert_eq!(request.refused(&keys(&[(secret, "rotated away")])), VerifyError::Refused(why));
    }
    let empty = keys(&[("QDG6eK", ""), ("aNewToken", "")]);
    assert_eq!(request.refused(&empty), VerifyError::Refused("the signature does not hold"));
}

#[test]
fn a_changed_byte_is_refused() {
    let good = Request::of("news.json");
    let keys = keys(&[]);
    let start = good.body.find("<Encrypt><![CDATA[").unwrap() + "<Encrypt><![CDATA[".len();
    let end = good.body.find("]]></Encrypt>").unwrap();
    for at in start..end {
        let mut body = good.body.clone().into_bytes();
        body[at] = if body[at] == b'A' { b'B' } else { b'A' };
        let body = String::from_utf8(body).unwrap();
        let changed = Request { body, method: good.method.clone(), url: good.url.clone() };
        assert!(matches!(changed.refused(&keys), VerifyError::Refused(_)), "{at}");
    }
}

proptest! {
    #[test]
    fn any_deciphered_text_is_read_without_a_panic(text in any::<Vec<u8>>()) {
        let parsed = Request::with(&text, "ww0123456789abcdef").parsed(&keys(&[]));
        prop_assert!(parsed.pulls.is_empty() && parsed.events.is_empty());
    }

    #[test]
    fn no_body_gets_in_unsigned(body in ".{0,200}", query in "[a-z_=&0-9]{0,60}") {
        let url = format!("https://desk.example.com/webhooks/wecom?{query}");
        for method in ["GET", "POST"] {
            let request = Request { method: method.to_owned(), url: url.clone(), body: body.clone() };
            prop_assert!(request.verified(&keys(&[])).is_err());
        }
    }
}
