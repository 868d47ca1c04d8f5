//! What WeChat makes of the answer to a push.

use serde_json::Value;

use crate::sandbox::provider::tencent::cipher::open;
use crate::sandbox::provider::tencent::xml::field;
use crate::sandbox::shown::Shown;
use crate::sandbox::sign::sorted_sha1;
use crate::sandbox::wire::text;

/// What the customer sees of it.
///
/// # Errors
/// It is none that WeChat understands.
pub(super) fn read(body: &str, user: &str, account: &Value) -> Result<Vec<Shown>, String> {
    let body = body.trim();
    if body.is_empty() || body == "success" {
        return Ok(vec![]);
    }
    let opened = match field(body, "Encrypt") {
        Some(sealed) => opened(body, &sealed, account)?,
        None => body.to_owned(),
    };
    let read = |name: &str| field(&opened, name).unwrap_or_default();
    if read("ToUserName") != user {
        return Err("the answer is for somebody else".to_owned());
    }
    let mut shown = Shown::text(user, "", &read("Content"));
    match read("MsgType").as_str() {
        "text" if !shown.text.is_empty() => {}
        "news" => {
            shown.title = read("Title");
            shown.text = read("Description");
            shown.image = read("PicUrl");
            shown.link = read("Url");
        }
        _ => return Err("the answer is none that WeChat knows".to_owned()),
    }
    Ok(vec![shown])
}

/// The text of a ciphered answer whose signature is right.
fn opened(body: &str, sealed: &str, account: &Value) -> Result<String, String> {
    let read = |name: &str| field(body, name).unwrap_or_default();
    let signature = sorted_sha1(&[text(account, "/token"), &read("TimeStamp"), &read("Nonce"), sealed]);
    if signature != read("MsgSignature") {
        return Err("the answer's signature is wrong".to_owned());
    }
    let (key, app) = (text(account, "/encoding_aes_key"), text(account, "/app_id"));
    open(key, sealed, app).ok_or_else(|| "the answer cannot be deciphered".to_owned())
}
