//! The telephone's provider in virtual time: it signs its requests, takes documents for calls under way, and reads what a
//! document makes it do next.

use std::sync::{Arc, Mutex};

use app::PortError;
use app::ports::{Clock as _, Secrets, Wire};
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use channels::{KeySet, WireCall, WireReply};
use domain::{ChannelId, Identity, UnixMillis};
use hmac::{Hmac, Mac as _};
use serde_json::json;
use sha1::Sha1;
use testkit::World;

const DOOR: &str = "https://api.example.com/webhooks/voice";
const ACCOUNT: &str = "AC1";
const TOKEN: &str = "a token";
const NUMBER: &str = "+15550100001";
const CALLER: &str = "+15550199999";

/// Who calls.
pub(crate) fn caller() -> Identity {
    Identity { channel: ChannelId::Voice, account: NUMBER.to_owned(), user: CALLER.to_owned() }
}

/// The company's side of it.
pub(crate) struct PhoneKeys;

#[async_trait]
impl Secrets for PhoneKeys {
    async fn keys(&self, _channel: ChannelId) -> Result<Arc<KeySet>, PortError> {
        let keys = json!({
            "twilio_auth_tokens": [{ "kid": ACCOUNT, "secret": TOKEN }],
            "settings": { "accounts": { NUMBER: { "language": "zh", "sms_from": NUMBER } } },
        });
        Ok(Arc::new(KeySet::from_json(&keys.to_string()).unwrap()))
    }
}

/// The provider's API. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Phone {
    world: World,
    taken: Arc<Mutex<Vec<(UnixMillis, String)>>>,
    texts: Arc<Mutex<Vec<String>>>,
    /// It takes no text message, and wants to be left alone for so many seconds.
    busy: Arc<Mutex<Option<WireReply>>>,
}

impl Phone {
    pub(crate) fn new(world: &World) -> Self {
        Self { world: world.clone(), taken: Arc::default(), texts: Arc::default(), busy: Arc::default() }
    }

    /// Takes no text message from now on.
    pub(crate) fn put_texts_off(&self, retry_after: Option<u32>) {
        *self.busy.lock().unwrap() = Some(WireReply { status: 429, retry_after, ..WireReply::default() });
    }

    /// The text messages that went to the caller.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.texts.lock().unwrap().clone()
    }

    /// The documents that calls were given while they were under way, and when.
    pub(crate) fn taken(&self) -> Vec<(UnixMillis, String)> {
        self.taken.lock().unwrap().clone()
    }
}

#[async_trait]
impl Wire for Phone {
    async fn call(&self, _to: &Identity, call: &WireCall) -> Result<Vec<WireReply>, PortError> {
        let WireCall::Http(call) = call else { panic!("a telephone has no sockets") };
        let field = |wanted: &str| fields(&call.body).into_iter().find(|(name, _)| name == wanted).unwrap().1;
        if call.target == format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json") {
            self.world.sleep(100).await;
            let busy = self.busy.lock().unwrap().clone();
            if let Some(busy) = busy {
                return Ok(vec![busy]);
            }
            self.texts.lock().unwrap().push(field("Body"));
            // The answer is on its way: whoever dies meanwhile knows nothing of it.
            self.world.sleep(100).await;
            return Ok(vec![WireReply { status: 201, ..WireReply::default() }]);
        }
        assert_eq!(call.target, format!("/2010-04-01/Accounts/{ACCOUNT}/Calls/CA1.json"));
        self.world.sleep(100).await;
        let document = field("Twiml");
        self.taken.lock().unwrap().push((self.world.now(), document));
        Ok(vec![WireReply { status: 200, ..WireReply::default() }])
    }
}

fn fields(form: &[u8]) -> Vec<(String, String)> {
    let decoded = |text: &str| {
        let mut bytes = vec![];
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => b' ',
                b'%' => {
                    let hex = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
                }
                byte => byte,
            });
        }
        String::from_utf8(bytes).unwrap()
    };
    let pairs = std::str::from_utf8(form).unwrap().split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (decoded(name), decoded(value))).collect()
}

/// A request of the provider's.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    /// To the door's address with this query; with what the caller said, if it is not asked for again.
    pub(crate) fn new(query: &str, speech: Option<&str>) -> Self {
        let usual = [
            ("AccountSid", ACCOUNT),
            ("CallSid", "CA1"),
            ("CallStatus", "in-progress"),
            ("From", CALLER),
            ("To", NUMBER),
        ];
        // In the order of their names; no value needs escaping but for the plus.
        let mut fields: Vec<(&str, &str)> = usual.to_vec();
        fields.extend(speech.map(|speech| ("SpeechResult", speech)));
        fields.sort_unstable();
        let url = format!("{DOOR}?{query}");
        let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
        mac.update(url.as_bytes());
        for (name, value) in &fields {
            mac.update(format!("{name}{value}").as_bytes());
        }
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        let body: Vec<String> =
            fields.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B"))).collect();
        let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-twilio-signature", &signature)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Self { url, headers, body: body.join("&") }
    }
}

/// The query to which a document sends its call at once; `None`: somebody listens.
pub(crate) fn redirect(document: &str) -> Option<String> {
    let (_, rest) = document.split_once("<Redirect ")?;
    let (_, rest) = rest.split_once('>')?;
    let (address, _) = rest.split_once("</Redirect>")?;
    let (_, query) = address.split_once('?')?;
    Some(query.split('#').next().unwrap().replace("&amp;", "&"))
}
