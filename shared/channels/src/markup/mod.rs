//! The light Markdown of answers, in a channel's own form: `**bold**`, `*italic*`, `_italic_`, `` `code` ``,
//! `[title](https://…)` and `# headings`; lists stay as they are written.
//!
//! Anybody writes answers, and most mean their signs as they stand: `2*3*4`, `snake_case`, `#1`, `138****0000`. So these
//! are not the rules of `CommonMark`: what is not surely markup is text, and text passes unchanged.

mod read;

use std::borrow::Cow;
use std::ops::Range;

use domain::{Capabilities, Markup};

use self::read::{Inline, heading, inlines};
use crate::split::split;

/// A text and what is marked in it, for a channel's form of markup.
#[derive(Debug)]
pub(crate) struct Marked {
    markup: Markup,
    /// The words as they are read.
    text: String,
    /// What is marked, in the order of beginnings, the outer before the inner.
    spans: Vec<(Range<usize>, Mark)>,
}

#[derive(Debug, Clone, PartialEq)]
enum Mark {
    Bold,
    Italic,
    Code,
    Link(String),
}

impl Marked {
    /// No text yet.
    pub(crate) fn new(markup: Markup) -> Self {
        Self { markup, text: String::new(), spans: vec![] }
    }

    /// A text in light Markdown.
    pub(crate) fn read(source: &str, markup: Markup) -> Self {
        let mut marked = Self::new(markup);
        marked.push_markdown(source);
        marked
    }

    /// The words of a text in light Markdown, for places that take plain text only.
    pub(crate) fn plain(source: &str) -> String {
        Self::read(source, Markup::None).text
    }

    /// Whether there are no words.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds a text as it is.
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Adds a heading, its words as they are.
    pub(crate) fn push_heading(&mut self, title: &str) {
        self.marked(Mark::Bold, |marked| marked.push(title));
    }

    /// Adds a text in light Markdown.
    pub(crate) fn push_markdown(&mut self, source: &str) {
        for line in source.split_inclusive('\n') {
            let words = line.trim_end_matches(['\r', '\n']);
            match heading(words) {
                Some(title) => self.push_inlines(&[Inline::Bold(inlines(title))], false),
                None => self.push_inlines(&inlines(words), false),
            }
            self.push(line.get(words.len()..).unwrap_or_default());
        }
    }

    fn push_inlines(&mut self, inlines: &[Inline<'_>], bold: bool) {
        for inline in inlines {
            self.push_inline(inline, bold);
        }
    }

    fn push_inline(&mut self, inline: &Inline<'_>, bold: bool) {
        match inline {
            Inline::Text(text) => self.push(text),
            Inline::Code(code) => self.marked(Mark::Code, |marked| marked.push(code)),
            Inline::Bold(inner) if !bold && self.may_hold(inner) => {
                self.marked(Mark::Bold, |marked| marked.push_inlines(inner, true));
            }
            Inline::Italic(inner) if self.may_hold(inner) => {
                self.marked(Mark::Italic, |marked| marked.push_inlines(inner, bold));
            }
            Inline::Bold(inner) | Inline::Italic(inner) => self.push_inlines(inner, bold),
            Inline::Link { title, url } if self.markup == Markup::Html => {
                let mark = Mark::Link((*url).to_owned());
                self.marked(mark, |marked| marked.push_inlines(&inlines(title), bold));
            }
            Inline::Link { title, url } if title == url => self.push(url),
            Inline::Link { title, url } => {
                self.push_inlines(&inlines(title), bold);
                self.push(": ");
                self.push(url);
            }
        }
    }

    /// A sign right after an address would be taken for a part of it.
    fn may_hold(&self, inner: &[Inline<'_>]) -> bool {
        let address = |inline: &Inline<'_>| match inline {
            Inline::Link { .. } => true,
            Inline::Text(text) => text.contains("://"),
            Inline::Code(_) | Inline::Bold(_) | Inline::Italic(_) => false,
        };
        self.markup != Markup::Signs || !inner.iter().any(address)
    }

    fn marked(&mut self, mark: Mark, add: impl FnOnce(&mut Self)) {
        let (place, start) = (self.spans.len(), self.text.len());
        add(self);
        if self.text.len() > start {
            self.spans.insert(place, (start..self.text.len(), mark));
        }
    }

    /// The text in parts that the channel takes, in its form.
    pub(crate) fn parts(&self, can: &Capabilities) -> Vec<String> {
        let most = can.max_text_chars;
        let mut can = can.clone();
        loop {
            let parts: Vec<String> = split(&self.text, &can).into_iter().map(|part| self.rendered(part)).collect();
            // Telegram counts what is read; elsewhere signs are a part of the text.
            let longest = parts.iter().map(|part| part.chars().count()).max().unwrap_or_default();
            let over = longest.saturating_sub(most);
            if self.markup != Markup::Signs || over == 0 || can.max_text_chars <= over {
                return parts;
            }
            can.max_text_chars -= over;
        }
    }

    /// A part of the text, what is marked in it marked anew.
    fn rendered(&self, part: Range<usize>) -> String {
        let within = |(range, mark): &(Range<usize>, Mark)| {
            let clipped = range.start.max(part.start)..range.end.min(part.end);
            (!clipped.is_empty()).then(|| (clipped, mark.clone()))
        };
        let spans: Vec<_> = self.spans.iter().filter_map(within).collect();
        let edges = spans.iter().flat_map(|(range, _)| [range.start, range.end]);
        let mut edges: Vec<usize> = edges.chain([part.start, part.end]).collect();
        edges.sort_unstable();
        edges.dedup();
        let mut out = String::new();
        for (at, edge) in edges.iter().enumerate() {
            let ending = spans.iter().rev().filter(|(range, _)| range.end == *edge);
            let beginning = spans.iter().filter(|(range, _)| range.start == *edge);
            ending.for_each(|(_, mark)| out.push_str(&self.sign(mark, false)));
            beginning.for_each(|(_, mark)| out.push_str(&self.sign(mark, true)));
            let next = edges.get(at + 1).copied().unwrap_or(*edge);
            out.push_str(&self.escaped(self.text.get(*edge..next).unwrap_or_default()));
        }
        out
    }

    /// What stands where a mark begins, or ends.
    fn sign(&self, mark: &Mark, begins: bool) -> Cow<'static, str> {
        let sign = match (self.markup, mark, begins) {
            (Markup::None, ..) | (Markup::Signs, Mark::Link(_), _) => "",
            (Markup::Signs, Mark::Bold, _) => "*",
            (Markup::Signs, Mark::Italic, _) => "_",
            (Markup::Signs, Mark::Code, _) => "`",
            (Markup::Html, Mark::Bold, true) => "<b>",
            (Markup::Html, Mark::Bold, false) => "</b>",
            (Markup::Html, Mark::Italic, true) => "<i>",
            (Markup::Html, Mark::Italic, false) => "</i>",
            (Markup::Html, Mark::Code, true) => "<code>",
            (Markup::Html, Mark::Code, false) => "</code>",
            (Markup::Html, Mark::Link(url), true) => {
                return format!("<a href=\"{}\">", html(url).replace('"', "&quot;")).into();
            }
            (Markup::Html, Mark::Link(_), false) => "</a>",
        };
        sign.into()
    }

    fn escaped<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self.markup {
            Markup::Html => html(text).into(),
            Markup::None | Markup::Signs => text.into(),
        }
    }
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
