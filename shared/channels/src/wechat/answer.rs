//! Passive answers: the reply to a push is the message to the customer.

use domain::{Author, Outbound};
use serde_json::{Value, json};

use super::CAPABILITIES;
use super::account::{Account, Kind};
use super::compose::{Plain, plain};
use super::verify::{Opened, open};
use crate::tencent::{Fields, Format, cdata, envelope};
use crate::{Answer, AnswerWith, Answering, KeySet, RenderError, Waits};

/// WeChat drops a push that is not answered within 5 seconds and sends it again, three times in all.
const WAITS: Waits = Waits { patience_millis: 5_000, tries: 3, lets_go: true };

/// Passive answers.
pub(super) struct Passive;

impl Answering for Passive {
    fn waits(&self, keys: &KeySet) -> Option<Waits> {
        (keys.text("reply") == Some("passive")).then_some(WAITS)
    }

    fn answer(&self, outbound: &Outbound, with: &AnswerWith<'_>) -> Result<Option<Answer>, RenderError> {
        let identity = &outbound.identity;
        let opened = open(with.request, with.keys, with.now)
            .map_err(|error| RenderError(format!("the request to answer: {error}")))?;
        let account = Account::expect(with.keys, &opened.account)?;
        let fields = Fields::of(&opened.body).map_err(RenderError)?;
        let theirs = opened.account == identity.account && fields.get("FromUserName") == Some(&identity.user);
        if !theirs || account.kind == Kind::MiniProgram {
            return Ok(None);
        }
        let Some(said) = whole(outbound)? else { return Ok(None) };
        let now = with.now.seconds();
        let text = match opened.format {
            Format::Xml => xml(&said, &identity.user, &identity.account, now),
            Format::Json => json(&said, &identity.user, &identity.account, now),
        };
        let Opened { format, seal, .. } = opened;
        let body = match seal {
            Some(seal) => envelope(format, &seal.key, &seal.token, &text, &seal.app_id, now, &seal.nonce, with.random),
            None => text,
        };
        Ok(Some(Answer { content_type: format.media_type(), body }))
    }
}

/// The delivery as the one message that an answer holds; several texts become one, if there is room.
fn whole(outbound: &Outbound) -> Result<Option<Plain>, RenderError> {
    let mut all = vec![];
    for message in outbound.messages.iter().filter(|message| message.author != Author::Customer) {
        all.extend(plain(&message.content)?);
    }
    if all.len() < 2 {
        return Ok(all.pop());
    }
    let texts = all.iter().map(|one| match one {
        Plain::Text(text) => Some(text.as_str()),
        Plain::Article(_) => None,
    });
    let Some(texts) = texts.collect::<Option<Vec<&str>>>() else { return Ok(None) };
    let text = texts.join("\n\n");
    let fits = CAPABILITIES.max_text_bytes.is_none_or(|most| text.len() <= most);
    Ok(fits.then_some(Plain::Text(text)))
}

fn xml(said: &Plain, user: &str, account: &str, now: i64) -> String {
    let said = match said {
        Plain::Text(text) => format!("<MsgType><![CDATA[text]]></MsgType><Content>{}</Content>", cdata(text)),
        Plain::Article(article) => format!(
            "<MsgType><![CDATA[news]]></MsgType><ArticleCount>1</ArticleCount><Articles><item><Title>{}</Title>\
             <Description>{}</Description><PicUrl>{}</PicUrl><Url>{}</Url></item></Articles>",
            cdata(&article.title),
            cdata(&article.description),
            cdata(article.picture.as_deref().unwrap_or_default()),
            cdata(&article.url)
        ),
    };
    format!(
        "<xml><ToUserName>{}</ToUserName><FromUserName>{}</FromUserName><CreateTime>{now}</CreateTime>{said}</xml>",
        cdata(user),
        cdata(account)
    )
}

fn json(said: &Plain, user: &str, account: &str, now: i64) -> String {
    let mut body = match said {
        Plain::Text(text) => json!({ "MsgType": "text", "Content": text }),
        Plain::Article(article) => {
            let picture = article.picture.as_deref().unwrap_or_default();
            let article = json!({
                "Title": article.title,
                "Description": article.description,
                "PicUrl": picture,
                "Url": article.url,
            });
            json!({ "MsgType": "news", "ArticleCount": 1, "Articles": [article] })
        }
    };
    if let Value::Object(body) = &mut body {
        body.insert("ToUserName".to_owned(), json!(user));
        body.insert("FromUserName".to_owned(), json!(account));
        body.insert("CreateTime".to_owned(), json!(now));
    }
    body.to_string()
}
