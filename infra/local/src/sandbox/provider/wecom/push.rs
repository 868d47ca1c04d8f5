//! Callbacks and the check of their address: always ciphered, for the corporation.

use serde_json::{Value, json};

use crate::sandbox::provider::tencent::xml::element;
use crate::sandbox::provider::tencent::{Stamp, envelope, sealed};
use crate::sandbox::provider::{Check, Hook, Moment};
use crate::sandbox::wire::text;

/// That an account has news, with a token that lets fetch it.
pub(super) fn news(token: &str, account: &Value) -> Value {
    json!({"token": token, "open_kfid": text(account, "/open_kfid")})
}

/// The callback.
pub(super) fn hook(event: &Value, moment: &mut Moment<'_>) -> Hook {
    let corp = text(moment.account, "/corp_id");
    let plain = format!(
        "<xml>{}<CreateTime>{}</CreateTime>{}{}{}{}</xml>",
        element("ToUserName", corp),
        moment.now / 1000,
        element("MsgType", "event"),
        element("Event", "kf_msg_or_event"),
        element("Token", text(event, "/token")),
        element("OpenKfId", text(event, "/open_kfid")),
    );
    let (query, sealed) = signed(&plain, moment);
    let headers = vec![("content-type", "text/xml".to_owned())];
    Hook { query, headers, body: envelope(corp, &sealed).into_bytes() }
}

/// The text that is to come back arrives ciphered.
pub(super) fn check(moment: &mut Moment<'_>) -> Check {
    let text = moment.ids.number().to_string();
    let (query, sealed) = signed(&text, moment);
    let sealed: String = form_urlencoded::byte_serialize(sealed.as_bytes()).collect();
    Check::asking(format!("{query}&echostr={sealed}"), text)
}

/// The query that signs a text, and the text ciphered.
fn signed(plain: &str, moment: &mut Moment<'_>) -> (String, String) {
    let account = moment.account;
    let sealed = sealed(text(account, "/encoding_aes_key"), plain, text(account, "/corp_id"), moment);
    let stamp = Stamp::now(moment);
    let signature = stamp.signature(text(account, "/token"), Some(&sealed));
    (format!("msg_signature={signature}&{}", stamp.query()), sealed)
}
