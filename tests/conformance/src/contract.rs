//! Vendors' descriptions of their APIs. They are not part of this repository: `FRONTDESK_CONTRACTS` names their folder.

use std::env;
use std::path::PathBuf;

use serde_json::Value;

use crate::oracle::{Verdict, Without, root};

/// A vendor's file.
///
/// # Errors
/// It is not there.
pub fn file(name: &str) -> Result<PathBuf, Without> {
    #[expect(clippy::disallowed_methods, reason = "a test's own setting")]
    let told = env::var_os("FRONTDESK_CONTRACTS").map(PathBuf::from);
    let folder = told.unwrap_or_else(|| root().join("../shared/channels/contracts"));
    let file = folder.join(name);
    if file.is_file() { Ok(file) } else { Err(Without::Missing(format!("{name} is not there"))) }
}

/// The description of Telegram's Bot API: methods, their fields, which of them are required, and their types.
#[derive(Debug)]
pub struct TelegramApi {
    api: Value,
    checked: usize,
}

impl TelegramApi {
    /// Reads the vendor's file.
    ///
    /// # Errors
    /// It is not there, or is no such description.
    pub fn read() -> Result<Self, Without> {
        let text = std::fs::read(file("telegram-api.min.json")?).map_err(|error| error.to_string())?;
        let api: Value = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        if api["methods"]["sendMessage"]["fields"].is_array() {
            Ok(Self { api, checked: 0 })
        } else {
            Err(Without::Wrong("the file describes no `sendMessage`".to_owned()))
        }
    }

    /// Checks a call's body against its method.
    ///
    /// # Errors
    /// Where it differs.
    pub fn check(&mut self, method: &str, body: &Value) -> Result<(), String> {
        self.checked += 1;
        self.fields(method, &self.api["methods"][method]["fields"], body)
    }

    /// Its word, after all was well.
    pub fn verdict(&self) -> Verdict {
        let version = self.api["version"].as_str().unwrap_or_default();
        Verdict { by: format!("the vendor's description ({version})"), checks: self.checked }
    }

    fn fields(&self, path: &str, fields: &Value, value: &Value) -> Result<(), String> {
        let fields = fields.as_array().ok_or_else(|| format!("{path}: not described"))?;
        let object = value.as_object().ok_or_else(|| format!("{path}: is no object"))?;
        for field in fields {
            let name = field["name"].as_str().unwrap_or_default();
            match object.get(name) {
                None if field["required"] == true => return Err(format!("{path}: lacks `{name}`")),
                None => {}
                Some(value) => self.typed(&format!("{path}.{name}"), &field["types"], value)?,
            }
        }
        let known = |name: &String| fields.iter().any(|field| field["name"] == **name);
        object.keys().find(|name| !known(name)).map_or(Ok(()), |name| Err(format!("{path}: there is no `{name}`")))
    }

    fn typed(&self, path: &str, types: &Value, value: &Value) -> Result<(), String> {
        let types: Vec<&str> = types.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let mut faults = vec![];
        for name in &types {
            match self.one(path, name, value) {
                Ok(()) => return Ok(()),
                Err(fault) => faults.push(fault),
            }
        }
        Err(faults.join(", or "))
    }

    fn one(&self, path: &str, name: &str, value: &Value) -> Result<(), String> {
        let is = |good: bool| if good { Ok(()) } else { Err(format!("{path}: is no {name}")) };
        if let Some(inner) = name.strip_prefix("Array of ") {
            let list = value.as_array().ok_or_else(|| format!("{path}: is no list"))?;
            return list.iter().try_for_each(|item| self.one(path, inner, item));
        }
        match name {
            "String" => is(value.is_string()),
            "Integer" => is(value.is_i64()),
            "Float" => is(value.is_number()),
            "Boolean" => is(value.is_boolean()),
            // An address of the file, in place of its bytes.
            "InputFile" => Err(format!("{path}: is no upload")),
            _ => self.fields(path, &self.api["types"][name]["fields"], value),
        }
    }
}
