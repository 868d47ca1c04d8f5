//! What channels share whose customers listen: the languages that are spoken, texts for the ear, and what is said by
//! every such channel itself.

mod speech;
pub(crate) mod words;

use domain::Locale;

pub(crate) use self::speech::{Heard, addresses, heard, shortened};

/// The languages that are spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Zh,
    En,
}

impl Language {
    /// By its code.
    pub(crate) fn of(code: &str) -> Option<Self> {
        match code {
            "zh" => Some(Self::Zh),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// As `<Say>` names it.
    pub(crate) const fn spoken(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en-US",
        }
    }

    /// As `<Gather>` names it, which does not know `zh-CN`.
    pub(crate) const fn heard(self) -> &'static str {
        match self {
            Self::Zh => "cmn-Hans-CN",
            Self::En => "en-US",
        }
    }

    pub(crate) fn locale(self) -> Option<Locale> {
        Locale::from_tag(self.code())
    }
}
