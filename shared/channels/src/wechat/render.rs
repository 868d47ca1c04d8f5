//! Customer-service messages: `custom/send`, one call per message.

use domain::{Author, Outbound};
use serde_json::{Map, Value, json};

use super::account::{Account, Kind};
use super::compose::{Plain, Shown, shown};
use crate::{HttpCall, KeySet, RenderError, TokenPlace, WireCall};

pub(super) fn render(outbound: &Outbound, keys: &KeySet) -> Result<Vec<WireCall>, RenderError> {
    let account = Account::expect(keys, &outbound.identity.account)?;
    let mut calls = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        for shown in shown(&message.content, account.kind)? {
            let mut body = body(shown, account.kind);
            if let Some(body) = body.as_object_mut() {
                body.insert("touser".to_owned(), json!(outbound.identity.user));
                if let Some(name) = &account.kf_account {
                    body.insert("customservice".to_owned(), json!({ "kf_account": name }));
                }
                if account.ai_label && message.author == Author::Bot {
                    body.insert("aimsgcontext".to_owned(), json!({ "is_ai_msg": 1 }));
                }
            }
            let call = HttpCall::json("/cgi-bin/message/custom/send".to_owned(), &body);
            calls.push(WireCall::Http(call.needing_token(TokenPlace::Query("access_token"))));
        }
    }
    Ok(calls)
}

fn body(shown: Shown, kind: Kind) -> Value {
    match shown {
        Shown::Plain(Plain::Text(text)) => json!({ "msgtype": "text", "text": { "content": text } }),
        Shown::Menu { head, items, tail } => {
            let list: Vec<Value> = items.iter().map(|(id, text)| json!({ "id": id, "content": text })).collect();
            let menu = json!({ "head_content": head, "list": list, "tail_content": tail });
            json!({ "msgtype": "msgmenu", "msgmenu": menu })
        }
        Shown::Plain(Plain::Article(article)) => {
            // A mini-program has the same card under other names.
            let (message, address) = match kind {
                Kind::Official => ("news", "picurl"),
                Kind::MiniProgram => ("link", "thumb_url"),
            };
            let mut card = Map::new();
            card.insert("title".to_owned(), json!(article.title));
            card.insert("description".to_owned(), json!(article.description));
            card.insert("url".to_owned(), json!(article.url));
            if let Some(picture) = article.picture {
                card.insert(address.to_owned(), json!(picture));
            }
            let card = match kind {
                Kind::Official => json!({ "articles": [card] }),
                Kind::MiniProgram => json!(card),
            };
            json!({ "msgtype": message, message: card })
        }
    }
}
