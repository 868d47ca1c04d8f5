//! What a callback says: that an account has news, and with what they can be fetched.

use domain::ChannelId;

use crate::tencent::Fields;
use crate::{Parsed, Pull, Reject, Verified};

/// The account of which a callback speaks; `None` if it speaks of something else.
pub(super) fn account(body: &[u8]) -> Option<String> {
    let fields = Fields::read(std::str::from_utf8(body).ok()?).ok()?;
    has_news(&fields).then(|| fields.get("OpenKfId").map(str::to_owned))?
}

fn has_news(fields: &Fields) -> bool {
    fields.get("Event") == Some("kf_msg_or_event")
}

pub(super) fn parse(request: &Verified<'_>) -> Parsed {
    let reject = |field: &str, reason: String| Parsed {
        rejects: vec![Reject::of_body(field, reason, &request.body)],
        ..Parsed::default()
    };
    let Ok(text) = std::str::from_utf8(&request.body) else { return reject("", "not UTF-8".to_owned()) };
    let fields = match Fields::read(text) {
        Ok(fields) => fields,
        Err(error) => return reject("", error.to_string()),
    };
    if !has_news(&fields) {
        return Parsed::default();
    }
    let account = request.principal().account.clone();
    if account.is_empty() {
        return reject("OpenKfId", "missing: news of which account?".to_owned());
    }
    let token = fields.get("Token").map(str::to_owned);
    Parsed { pulls: vec![Pull { channel: ChannelId::Wecom, account, token }], ..Parsed::default() }
}
