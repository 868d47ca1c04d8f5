//! Where in an account's JSON its messages stand.

use serde_json::Value;

use super::section::{Pointer, Section};
use crate::SettingsFault;
use crate::settings::fault;

/// How an account's requests are read: the setting `receive`. Its fields are JSON pointers (RFC 6901), or constants as
/// `{"always": "zh"}`:
///
/// - `items`: where the messages are, if a request holds several; what follows is then sought in each of them;
/// - `only`: pointers with the values that must stand there; what differs is no message and is let go;
/// - `user`, `id`: who wrote it, and the message's own id, which stays the same when it is sent again; both must be there;
/// - `text`; `payload` and `title`, of a choice taken; `file` with `url` (https), `name`, `mime`, `size`; one of the three
///   must be mapped, and what holds none of them is let go;
/// - `locale`: the language.
#[derive(Debug, PartialEq)]
pub struct Mapping {
    pub(super) items: Option<Pointer>,
    pub(super) only: Vec<(Pointer, Value)>,
    pub(super) user: Source,
    pub(super) id: Source,
    pub(super) text: Option<Source>,
    pub(super) payload: Option<Source>,
    pub(super) title: Option<Source>,
    pub(super) locale: Option<Source>,
    pub(super) file: Option<FileMapping>,
}

/// Where a message's file stands.
#[derive(Debug, PartialEq)]
pub(super) struct FileMapping {
    pub(super) url: Source,
    pub(super) name: Option<Source>,
    pub(super) mime: Option<Source>,
    pub(super) size: Option<Source>,
}

/// Where a value comes from.
#[derive(Debug, PartialEq)]
pub(super) enum Source {
    /// The message.
    At(Pointer),
    /// The settings.
    Always(Value),
}

impl Source {
    /// The value; `None` for nothing and for `null`.
    pub(super) fn find<'a>(&'a self, item: &'a Value) -> Option<&'a Value> {
        match self {
            Self::At(pointer) => pointer.find(item),
            Self::Always(value) => Some(value),
        }
    }

    /// What a fault of the value is told by.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::At(pointer) => pointer.as_str(),
            Self::Always(_) => "always",
        }
    }

    fn read(section: &Section<'_>, name: &str) -> Result<Option<Self>, SettingsFault> {
        match section.field(name) {
            Some((path, constant @ Value::Object(_))) => {
                let constant = Section::read(&path, constant, &["always"])?;
                let (_, value) = constant.needed("always", constant.field("always"))?;
                let plain = value.is_string() || value.is_u64() || value.is_i64();
                plain
                    .then(|| Some(Self::Always(value.clone())))
                    .ok_or_else(|| constant.fault("always", "must be a text or a whole number"))
            }
            Some(_) => Ok(section.pointer(name)?.map(Self::At)),
            None => Ok(None),
        }
    }
}

impl Mapping {
    /// Reads the setting.
    ///
    /// # Errors
    /// The first field that is wrong.
    pub fn read(path: &str, setting: &Value) -> Result<Self, SettingsFault> {
        let known = ["items", "only", "user", "id", "text", "payload", "title", "locale", "file"];
        let section = Section::read(path, setting, &known)?;
        let optional = |name| Source::read(&section, name);
        let needed = |name| section.needed(name, Source::read(&section, name)?);
        let mapping = Self {
            items: section.pointer("items")?,
            only: section.field("only").map_or(Ok(vec![]), |(path, only)| read_only(&path, only))?,
            user: needed("user")?,
            id: needed("id")?,
            text: optional("text")?,
            payload: optional("payload")?,
            title: optional("title")?,
            locale: optional("locale")?,
            file: section.field("file").map(|(path, file)| FileMapping::read(&path, file)).transpose()?,
        };
        if mapping.text.is_none() && mapping.payload.is_none() && mapping.file.is_none() {
            return Err(fault(path, "maps none of text, payload, file"));
        }
        Ok(mapping)
    }
}

impl FileMapping {
    fn read(path: &str, setting: &Value) -> Result<Self, SettingsFault> {
        let section = Section::read(path, setting, &["url", "name", "mime", "size"])?;
        let optional = |name| Source::read(&section, name);
        Ok(Self {
            url: section.needed("url", optional("url")?)?,
            name: optional("name")?,
            mime: optional("mime")?,
            size: optional("size")?,
        })
    }
}

fn read_only(path: &str, setting: &Value) -> Result<Vec<(Pointer, Value)>, SettingsFault> {
    let object = setting.as_object().ok_or_else(|| fault(path, "must be an object of JSON pointers and values"))?;
    let read = |(pointer, value): (&String, &Value)| {
        let wrong = || fault(&format!("{path}.{pointer}"), "is not a JSON pointer, such as \"/type\"");
        Ok((Pointer::read(pointer).ok_or_else(wrong)?, value.clone()))
    };
    object.iter().map(read).collect()
}
