//! HTML as text: what a reader sees, without what was quoted. It is read token by token, so nothing nests too deep.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// A text and whether something quoted was left out of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) text: String,
    pub(super) cut: bool,
}

/// What a reader sees, without quotes and signatures that are marked as such.
pub(super) fn seen(html: &str) -> Seen {
    run(html, true)
}

/// All that a reader sees.
pub(super) fn all(html: &str) -> String {
    run(html, false).text
}

fn run(html: &str, cuts: bool) -> Seen {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Reader { state: RefCell::default(), cuts }, TokenizerOpts::default());
    // A script's end is the only thing that stops it.
    while !input.is_empty() {
        drop(tokenizer.feed(&input));
    }
    tokenizer.end();
    let state = tokenizer.sink.state.into_inner();
    Seen { text: tidy(&state.text), cut: state.cut }
}

struct Reader {
    state: RefCell<State>,
    cuts: bool,
}

#[derive(Default)]
struct State {
    text: String,
    /// Whether something quoted was left out.
    cut: bool,
    /// Whether the rest of the document is quoted.
    over: bool,
    /// The element that is left out, and how many of its kind are open within.
    skipped: Option<(String, usize)>,
    /// How many `pre` are open.
    pre: usize,
    /// The address of the open link, and where its words begin.
    link: Option<(String, usize)>,
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut state = self.state.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.say(&text),
            Token::TagToken(tag) => {
                if tag.kind == TagKind::StartTag {
                    state.opens(&tag, self.cuts);
                    return raw(&tag.name);
                }
                state.closes(&tag.name);
            }
            Token::DoctypeToken(_)
            | Token::CommentToken(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }
}

/// Elements whose content is no markup.
fn raw(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "xmp" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        _ => TokenSinkResult::Continue,
    }
}

/// What is left out of a document.
enum Left {
    /// Nothing.
    Nothing,
    /// The element: it is nothing that a reader sees.
    Unseen,
    /// The element: it is quoted.
    Quoted,
    /// Everything from here on: it is quoted.
    Rest,
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> &'a str {
    tag.attrs.iter().find(|one| &*one.name.local == name).map_or("", |one| &one.value)
}

/// What mail programs mark as quoted or as a signature.
fn left(tag: &Tag, cuts: bool) -> Left {
    let style: String = attribute(tag, "style").split_whitespace().collect::<String>().to_lowercase();
    if matches!(&*tag.name, "head" | "script" | "style" | "title" | "template" | "noscript" | "iframe" | "object")
        || style.contains("display:none")
        || style.contains("mso-hide:all")
    {
        return Left::Unseen;
    }
    if !cuts {
        return Left::Nothing;
    }
    let (id, classes) = (attribute(tag, "id"), attribute(tag, "class").to_lowercase());
    let of_class = |wanted: &[&str]| classes.split_whitespace().any(|class| wanted.contains(&class));
    // Outlook's marks stand before what they quote, beside it.
    let rest = ["divRplyFwdMsg", "appendonsend", "stopSpelling", "mail-editor-reference-message-container"];
    if rest.iter().any(|rest| id.ends_with(rest)) {
        return Left::Rest;
    }
    let quoted = &*tag.name == "includetail"
        || (&*tag.name == "blockquote" && attribute(tag, "type").eq_ignore_ascii_case("cite"))
        || ["isReplyContent", "OLK_SRC_BODY_SECTION", "Signature", "ms-outlook-mobile-signature", "AppleMailSignature"]
            .contains(&id)
        || of_class(&[
            "gmail_quote",
            "gmail_quote_container",
            "gmail_attr",
            "gmail_extra",
            "gmail_signature",
            "gmail_signature_prefix",
            "moz-cite-prefix",
            "moz-signature",
            "moz-forward-container",
            "yahoo_quoted",
            "protonmail_quote",
            "protonmail_signature_block",
            "qmbox",
            "foxmail_quote",
            "ntes-mailmaster-quote",
            "j-signature",
            "tutanota_quote",
            "zmail_extra",
        ]);
    if quoted { Left::Quoted } else { Left::Nothing }
}

/// Elements that end a line.
fn is_block(name: &str) -> bool {
    matches!(
        name,
        "p" | "div"
            | "br"
            | "tr"
            | "table"
            | "ul"
            | "ol"
            | "li"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "hr"
            | "blockquote"
            | "pre"
            | "section"
            | "article"
            | "header"
            | "footer"
            | "address"
            | "dl"
            | "dt"
            | "dd"
            | "form"
            | "center"
    )
}

/// Elements without an end.
fn is_void(name: &str) -> bool {
    matches!(
        name,
        "br" | "hr" | "img" | "input" | "meta" | "link" | "area" | "base" | "col" | "embed" | "source" | "wbr"
    )
}

impl State {
    fn opens(&mut self, tag: &Tag, cuts: bool) {
        let name = &*tag.name;
        if let Some((skipped, depth)) = &mut self.skipped {
            if *skipped == name && !is_void(name) {
                *depth += 1;
            }
            return;
        }
        match left(tag, cuts) {
            Left::Rest => (self.over, self.cut) = (true, true),
            Left::Quoted | Left::Unseen if is_void(name) => {}
            Left::Quoted => {
                self.cut = true;
                self.skipped = Some((name.to_owned(), 0));
            }
            Left::Unseen => self.skipped = Some((name.to_owned(), 0)),
            Left::Nothing => self.marks(tag),
        }
    }

    fn marks(&mut self, tag: &Tag) {
        match &*tag.name {
            "pre" => self.pre += 1,
            "a" => self.link = Some((attribute(tag, "href").trim().to_owned(), self.text.len())),
            "td" | "th" => self.put(" "),
            _ => {}
        }
        if is_block(&tag.name) {
            self.put("\n");
        }
        match &*tag.name {
            "li" => self.put("- "),
            "p" => self.put("\n"),
            _ => {}
        }
    }

    fn closes(&mut self, name: &str) {
        if let Some((skipped, depth)) = &mut self.skipped {
            if *skipped == name {
                match depth.checked_sub(1) {
                    Some(less) => *depth = less,
                    None => self.skipped = None,
                }
            }
            return;
        }
        match name {
            "pre" => self.pre = self.pre.saturating_sub(1),
            "a" => self.unlink(),
            _ => {}
        }
        if is_block(name) {
            self.put("\n");
        }
        if name == "p" {
            self.put("\n");
        }
    }

    /// Where a link leads is told, unless its words say it.
    fn unlink(&mut self) {
        let Some((url, at)) = self.link.take() else { return };
        let words = self.text.get(at..).unwrap_or_default().trim().to_owned();
        let leads = url.starts_with("https://") || url.starts_with("http://");
        let bare = |text: &str| {
            text.trim_start_matches("https://").trim_start_matches("http://").trim_end_matches('/').to_owned()
        };
        if leads && !words.is_empty() && bare(&url) != bare(&words) {
            self.put(" (");
            self.put(&url);
            self.put(")");
        }
    }

    fn say(&mut self, text: &str) {
        if self.skipped.is_some() || self.over {
            return;
        }
        if self.pre > 0 {
            self.text.push_str(text);
            return;
        }
        for letter in text.chars() {
            // Line breaks of the source are blanks; those that count are put by elements.
            let blank = letter.is_whitespace() && letter != '\u{a0}';
            if !blank {
                self.text.push(letter);
            } else if !self.text.ends_with([' ', '\n']) {
                self.text.push(' ');
            }
        }
    }

    fn put(&mut self, text: &str) {
        if self.skipped.is_none() && !self.over {
            self.text.push_str(text);
        }
    }
}

/// Without blanks at the ends of lines and without more than one empty line in a row.
fn tidy(text: &str) -> String {
    let mut tidied = String::new();
    let mut empty = 0;
    for line in text.replace('\u{a0}', " ").replace(['\u{200b}', '\u{feff}'], "").lines() {
        let line = line.trim();
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty <= 1 {
            tidied.push_str(line);
            tidied.push('\n');
        }
    }
    tidied.trim().to_owned()
}
