//! What a customer sees in their app, whatever the provider.

use serde_json::{Value, json};

/// How an app draws choices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// Chips below the newest message; they go once one is taken.
    Quick,
    /// Buttons that belong to the message.
    #[default]
    Buttons,
    /// Lines of text to tap.
    Menu,
    /// A button that opens a list.
    List,
}

impl Look {
    /// Its name to the page.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Buttons => "button",
            Self::Menu => "menu",
            Self::List => "list",
        }
    }
}

/// Something to tap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What it says.
    pub title: String,
    /// What it does.
    pub act: Tap,
}

/// What tapping does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tap {
    /// Comes back to the company.
    Payload(String),
    /// Opens an address.
    Link(String),
}

/// A message of the company in the customer's app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// The customer's id.
    pub user: String,
    /// The provider's id of the message; receipts name it.
    pub id: String,
    /// A card's title.
    pub title: String,
    /// The text.
    pub text: String,
    /// A picture's address.
    pub image: String,
    /// What a link below it opens: a file, or a card's page.
    pub link: String,
    /// What can be tapped.
    pub choices: Vec<Choice>,
    /// How that is drawn.
    pub look: Look,
    /// What the app would not show, but the page does: what the message costs.
    pub note: String,
    /// Whether it is the app's own notice and not the company's message.
    pub notice: bool,
    /// A mail as it arrived; the page is given its address.
    pub raw: Option<Vec<u8>>,
    /// The same as a mail program shows it; null where it is no mail.
    pub letter: Value,
}

impl Shown {
    /// A text for a customer.
    pub fn text(user: &str, id: &str, text: &str) -> Self {
        Self { user: user.to_owned(), id: id.to_owned(), text: text.to_owned(), ..Self::default() }
    }

    /// The app's own notice.
    pub fn notice(user: &str, text: &str) -> Self {
        Self { notice: true, ..Self::text(user, "", text) }
    }

    /// The same with choices.
    #[must_use]
    pub fn with(self, look: Look, choices: Vec<Choice>) -> Self {
        Self { choices, look, ..self }
    }

    /// What the page is told.
    pub fn document(&self) -> Value {
        let choices = self.choices.iter().map(|choice| match &choice.act {
            Tap::Payload(payload) => json!({"title": choice.title, "payload": payload}),
            Tap::Link(url) => json!({"title": choice.title, "url": url}),
        });
        let mut document = json!({"message": self.id, "text": self.text, "notice": self.notice});
        if let Some(fields) = document.as_object_mut() {
            for (name, value) in
                [("title", &self.title), ("image", &self.image), ("link", &self.link), ("note", &self.note)]
            {
                if !value.is_empty() {
                    fields.insert(name.to_owned(), json!(value));
                }
            }
            if !self.letter.is_null() {
                fields.insert("letter".to_owned(), self.letter.clone());
            }
            if !self.choices.is_empty() {
                fields.insert("choices".to_owned(), choices.collect());
                fields.insert("look".to_owned(), json!(self.look.name()));
            }
        }
        document
    }
}

impl Choice {
    /// One that comes back to the company.
    pub fn payload(title: &str, payload: &str) -> Self {
        Self { title: title.to_owned(), act: Tap::Payload(payload.to_owned()) }
    }

    /// One that opens an address.
    pub fn link(title: &str, url: &str) -> Self {
        Self { title: title.to_owned(), act: Tap::Link(url.to_owned()) }
    }
}
