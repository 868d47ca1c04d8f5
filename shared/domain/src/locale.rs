//! Which language to answer in.

use serde::{Deserialize, Serialize};

/// A language tag's primary language, lower case: `zh`, `en`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Locale(String);

impl Locale {
    /// From a BCP 47 tag (`zh-Hans-CN`, `en_US`): its primary language. `None` if there is none.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next()?.to_ascii_lowercase();
        let good = (2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase());
        good.then_some(Self(primary))
    }

    /// The primary language.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_primary_language_only() {
        for (tag, language) in [
            ("zh-Hans-CN", Some("zh")),
            ("en_US", Some("en")),
            ("EN", Some("en")),
            ("", None),
            ("1x", None),
            ("中文", None),
        ] {
            assert_eq!(Locale::from_tag(tag).as_ref().map(Locale::as_str), language, "{tag}");
        }
    }
}
