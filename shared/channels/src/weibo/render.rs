//! `messages/reply.json`: one call per message.

use domain::Outbound;

use super::ACCESS_TOKENS;
use super::compose::shown;
use crate::{HttpCall, KeySet, RenderError, WireCall};

pub(super) fn render(outbound: &Outbound, keys: &KeySet) -> Result<Vec<WireCall>, RenderError> {
    let identity = &outbound.identity;
    let token = keys.of(ACCESS_TOKENS, &identity.account);
    let token = token.ok_or_else(|| RenderError(format!("no `{ACCESS_TOKENS}` for this account")))?;
    let call = |(kind, data): (&str, String)| {
        let fields = [
            ("access_token", token.secret.as_str()),
            ("type", kind),
            ("receiver_id", &identity.user),
            // The form's own encoding is the URL-encoding that the vendor asks for.
            ("data", &data),
            ("save_sender_box", "1"),
        ];
        WireCall::Http(HttpCall::form("/2/messages/reply.json".to_owned(), &fields))
    };
    Ok(shown(outbound)?.iter().map(|shown| call(shown.wire())).collect())
}
