//! From which of the company's instances and bots an event comes.

use serde_json::Value;

use super::event::Event;
use super::{ACCOUNTS, SOURCES};
use crate::ear::Language;
use crate::settings::fault;
use crate::{Key, KeySet, SettingsFault};

/// Whether a key is the ARN of an instance or a bot alias, under a name.
pub(super) fn is_source(key: &Key) -> bool {
    let parts: Vec<&str> = key.secret.splitn(6, ':').collect();
    let named = !key.kid.trim().is_empty() && key.kid.len() <= 128;
    let [arn, partition, service, region, account, resource] = parts[..] else { return false };
    let parts: Vec<&str> = resource.split('/').collect();
    let resource = match (service, &parts[..]) {
        ("connect", ["instance", id]) => !id.is_empty(),
        ("lex", ["bot-alias", bot, alias]) => !bot.is_empty() && !alias.is_empty(),
        _ => false,
    };
    named && arn == "arn" && !partition.is_empty() && !region.is_empty() && !account.is_empty() && resource
}

/// What is wrong with what describes them.
pub(super) fn faults(keys: &KeySet) -> Vec<SettingsFault> {
    let accounts = keys.setting(ACCOUNTS).and_then(Value::as_object);
    let one = |(name, account): (&String, &Value)| {
        let path = format!("settings.{ACCOUNTS}.{name}");
        if keys.of(SOURCES, name).is_none() {
            return Some(fault(&path, &format!("no key of `{SOURCES}` has this name")));
        }
        let language = account.get("language")?;
        let known = language.as_str().is_some_and(|code| Language::of(code).is_some());
        (!known).then(|| fault(&format!("{path}.language"), "must be zh or en"))
    };
    accounts.into_iter().flatten().filter_map(one).collect()
}

/// The name of the instance or bot alias that an event comes from; `None`: it is not the company's.
pub(super) fn of<'a>(event: &Event, keys: &'a KeySet) -> Option<&'a str> {
    let is_it = |key: &&Key| match event {
        Event::Flow(flow) => key.secret == flow.details.contact_data.instance_arn && is_source(key),
        Event::Lex(lex) => {
            let alias = format!(":bot-alias/{}/{}", lex.bot.id, lex.bot.alias_id);
            key.secret.ends_with(&alias) && is_source(key)
        }
    };
    keys.get(SOURCES).iter().find(is_it).map(|key| key.kid.as_str())
}

/// The language of an account whose events name none.
pub(super) fn language(keys: &KeySet, account: &str) -> Option<Language> {
    let accounts = keys.setting(ACCOUNTS)?;
    Language::of(accounts.get(account)?.get("language")?.as_str()?)
}
