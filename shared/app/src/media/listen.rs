//! Beginning to listen to a stored voice note.

use domain::{Attachment, Fetch};

use super::speech::{Begun, Order};
use super::{MediaError, Worker};

/// What came of it.
pub(super) enum Listened {
    /// Somebody listens; word comes later.
    Listening,
    /// What is said.
    Heard(String),
    /// Nobody can understand it.
    Cannot(String),
}

pub(super) async fn listen(deps: &Worker<'_>, fetch: &Fetch, file: &Attachment) -> Result<Listened, MediaError> {
    let recogniser = deps.recogniser;
    if let Err(reason) = recogniser.takes(&file.mime) {
        return Ok(Listened::Cannot(reason));
    }
    let (group, upload) = (fetch.identity.group(), fetch.upload());
    // Before it begins: word may come at once, and must find whose it is.
    deps.store.note(fetch).await?;
    let order = Order {
        group: &group,
        message: &fetch.message,
        upload: &upload,
        mime: &file.mime,
        locale: fetch.locale.as_ref(),
    };
    let listened = match recogniser.begin(&order).await? {
        Begun::Listening => return Ok(Listened::Listening),
        Begun::Heard(words) => Listened::Heard(words),
        Begun::Cannot(reason) => Listened::Cannot(reason),
    };
    deps.store.discard(&group, &fetch.message).await?;
    Ok(listened)
}
