//! Settings from the environment: read once at start, all faults reported together.

use std::collections::HashMap;
use std::str::FromStr;

/// Settings that are missing or wrong, all of them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("settings: {}", .0.join("; "))]
pub struct SettingsError(Vec<String>);

/// Reads settings and collects what is wrong with them.
#[derive(Debug)]
pub struct Settings {
    variables: HashMap<String, String>,
    faults: Vec<String>,
}

impl SettingsError {
    /// One fault.
    pub fn of(fault: String) -> Self {
        Self(vec![fault])
    }
}

impl Settings {
    /// The process's environment.
    pub fn from_environment() -> Self {
        Self::from_variables(std::env::vars())
    }

    /// The given variables.
    pub fn from_variables(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self { variables: variables.into_iter().collect(), faults: vec![] }
    }

    /// A text that must not be empty.
    pub fn text(&mut self, name: &str) -> String {
        match self.variables.get(name) {
            Some(value) if !value.is_empty() => value.clone(),
            Some(_) => self.fault(format!("{name} is empty")),
            None => self.fault(format!("{name} is not set")),
        }
    }

    /// A text that need not be set.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.variables.get(name).filter(|value| !value.is_empty()).cloned()
    }

    /// A comma-separated list; empty if not set.
    pub fn list(&mut self, name: &str) -> Vec<String> {
        let value = self.variables.get(name).map_or("", String::as_str);
        value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// A number or other value that can be read from text.
    pub fn value<T: FromStr + Default>(&mut self, name: &str) -> T {
        let text = self.text(name);
        if text.is_empty() {
            return T::default();
        }
        text.parse().unwrap_or_else(|_| {
            self.faults.push(format!("{name} is not a {}", std::any::type_name::<T>()));
            T::default()
        })
    }

    /// Notes a fault that only the reader can see.
    pub fn wrong(&mut self, fault: &str) -> String {
        self.fault(fault.to_owned())
    }

    /// The settings read from here, if nothing was wrong.
    ///
    /// # Errors
    /// Every fault met.
    pub fn finish<T>(self, settings: T) -> Result<T, SettingsError> {
        if self.faults.is_empty() { Ok(settings) } else { Err(SettingsError(self.faults)) }
    }

    fn fault<T: Default>(&mut self, fault: String) -> T {
        self.faults.push(fault);
        T::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(list: &[(&str, &str)]) -> Settings {
        Settings::from_variables(list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn all_faults_are_reported_together() {
        let mut read = settings(&[("B", ""), ("C", "x")]);
        let (_a, _b, _c) = (read.text("A"), read.text("B"), read.value::<u32>("C"));
        let error = read.finish(()).unwrap_err().to_string();
        assert_eq!(error, "settings: A is not set; B is empty; C is not a u32");
    }

    #[test]
    fn reads_what_is_right() {
        let mut read = settings(&[("N", "5"), ("L", "https://a, https://b,")]);
        assert_eq!((read.value::<u32>("N"), read.list("L").len(), read.list("M").len()), (5, 2, 0));
        assert!(read.finish(()).is_ok());
    }
}
