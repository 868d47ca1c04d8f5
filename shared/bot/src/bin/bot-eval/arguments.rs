//! The words after a command.

use std::collections::BTreeMap;

/// Options with a value, and switches without.
#[derive(Debug)]
pub(crate) struct Arguments {
    values: BTreeMap<String, String>,
    switches: Vec<String>,
}

impl Arguments {
    /// Reads them; `options` and `switches` are those that there are.
    pub(crate) fn read(
        words: impl Iterator<Item = String>,
        options: &[&str],
        switches: &[&str],
    ) -> Result<Self, String> {
        let mut words = words;
        let mut found = Self { values: BTreeMap::new(), switches: Vec::new() };
        while let Some(word) = words.next() {
            let name = word.strip_prefix("--").unwrap_or_default();
            if switches.contains(&name) {
                found.switches.push(name.to_owned());
            } else if options.contains(&name) {
                let value = words.next().ok_or_else(|| format!("`{word}` wants a value after it"))?;
                found.values.insert(name.to_owned(), value);
            } else {
                let known: Vec<String> = options.iter().chain(switches).map(|name| format!("`--{name}`")).collect();
                return Err(format!("`{word}` is not understood here; there are {}", known.join(", ")));
            }
        }
        Ok(found)
    }

    /// An option's value, if it was given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// The value of an option that must be there.
    pub(crate) fn need(&self, name: &str) -> Result<&str, String> {
        self.get(name).ok_or_else(|| format!("`--{name}` is missing"))
    }

    /// Whether a switch was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.switches.iter().any(|switch| switch == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Arguments, String> {
        Arguments::read(words.iter().map(|word| (*word).to_owned()), &["train", "dev"], &["json"])
    }

    #[test]
    fn reads_options_and_switches() {
        let found = read(&["--json", "--train", "a.tsv"]).unwrap();
        assert_eq!((found.need("train"), found.get("dev"), found.has("json")), (Ok("a.tsv"), None, true));
        assert!(found.need("dev").is_err());
    }

    #[test]
    fn says_what_it_does_not_understand() {
        assert_eq!(read(&["--train"]).unwrap_err(), "`--train` wants a value after it");
        assert!(read(&["--trian", "x"]).unwrap_err().contains("`--trian` is not understood here"));
        assert!(read(&["a.tsv"]).is_err());
    }
}
