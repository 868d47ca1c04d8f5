//! What is markup in a line, and what only looks like it.

/// A piece of a line.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Inline<'a> {
    Text(&'a str),
    Bold(Vec<Inline<'a>>),
    Italic(Vec<Inline<'a>>),
    Code(&'a str),
    Link { title: &'a str, url: &'a str },
}

/// Punctuation that no marked words begin with.
const CLOSING: &str = ",.;:!?)]}%，。、；：！？…）】」』》〉”’";
/// Punctuation that no marked words end with.
const OPENING: &str = "([{（【「『《〈“‘";

/// The words of a line that is a heading.
pub(super) fn heading(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    let level = line.len() - title.len();
    let words = title.trim();
    ((1..=6).contains(&level) && title.starts_with([' ', '\t']) && !words.is_empty()).then_some(words)
}

/// The pieces of a line, in order.
pub(super) fn inlines(line: &str) -> Vec<Inline<'_>> {
    let mut pieces = vec![];
    let (mut start, mut at) = (0, 0);
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        if let Some((piece, length)) = piece(rest, before) {
            pieces.extend(line.get(start..at).filter(|text| !text.is_empty()).map(Inline::Text));
            pieces.push(piece);
            at += length;
            start = at;
        } else {
            at += plain(rest);
        }
    }
    pieces.extend(line.get(start..).filter(|text| !text.is_empty()).map(Inline::Text));
    pieces
}

/// How many bytes of text there are at least: what begins here and is no markup is none further on either.
fn plain(rest: &str) -> usize {
    let first = rest.chars().next().unwrap_or_default();
    match first {
        '*' | '_' | '`' => run(rest, first),
        'h' if rest.starts_with("https://") || rest.starts_with("http://") => {
            let ends = |letter: char| !letter.is_ascii_graphic() || "`<>\"".contains(letter);
            rest.find(ends).unwrap_or(rest.len())
        }
        _ => first.len_utf8(),
    }
}

/// The marked piece that begins here, and its length in bytes.
fn piece(rest: &str, before: Option<char>) -> Option<(Inline<'_>, usize)> {
    match rest.chars().next()? {
        '`' if run(rest, '`') == 1 => {
            let inner = rest.get(1..)?.split_once('`')?.0;
            let alone = rest.get(inner.len() + 1..).is_some_and(|end| run(end, '`') == 1);
            (alone && !inner.trim().is_empty()).then(|| (Inline::Code(inner), inner.len() + 2))
        }
        '*' if run(rest, '*') == 2 && !before.is_some_and(|letter| letter.is_ascii_alphanumeric()) => {
            let inner = between(rest, "**", |after| !after.is_ascii_alphanumeric())?;
            Some((Inline::Bold(inlines(inner)), inner.len() + 4))
        }
        sign @ ('*' | '_') if run(rest, sign) == 1 && before.is_none_or(beside) => {
            let one = if sign == '*' { "*" } else { "_" };
            let inner = between(rest, one, beside)?;
            // Faces are made of single signs: ^_^, (*_*).
            let words =
                |letter: char| letter.is_alphanumeric() || "*_`[\"“".contains(letter) || OPENING.contains(letter);
            let good = inner.starts_with(words) && !inner.contains(sign);
            good.then(|| (Inline::Italic(inlines(inner)), inner.len() + 2))
        }
        '[' => link(rest),
        _ => None,
    }
}

/// What a single sign may stand beside, outside: a star in a sum, a number or a path is no markup.
fn beside(letter: char) -> bool {
    letter.is_whitespace() || "*_\"".contains(letter) || OPENING.contains(letter) || CLOSING.contains(letter)
}

/// What stands between a sign at the beginning and its like, where both hug words and may stand before what follows.
fn between<'a>(rest: &'a str, sign: &str, may_follow: impl Fn(char) -> bool) -> Option<&'a str> {
    let letter = sign.chars().next()?;
    let body = rest.get(sign.len()..)?;
    if body.starts_with(|first: char| first.is_whitespace() || CLOSING.contains(first)) {
        return None;
    }
    let mut at = 0;
    while let Some(found) = body.get(at..)?.find(letter) {
        let place = at + found;
        let length = run(body.get(place..)?, letter);
        let inner = body.get(..place)?;
        let hugs = !inner.ends_with(|last: char| last.is_whitespace() || OPENING.contains(last));
        let after = body.get(place + length..)?.chars().next();
        if length == sign.len() && hugs && after.is_none_or(&may_follow) {
            return Some(inner).filter(|inner| inner.contains(char::is_alphanumeric));
        }
        at = place + length;
    }
    None
}

/// `[title](https://…)`; the address may hold pairs of parentheses.
fn link(rest: &str) -> Option<(Inline<'_>, usize)> {
    let (title, after) = rest.strip_prefix('[')?.split_once(']')?;
    let target = after.strip_prefix('(')?;
    let mut open = 0_usize;
    let end = target.find(|letter: char| match letter {
        '(' => {
            open += 1;
            false
        }
        ')' if open > 0 => {
            open -= 1;
            false
        }
        letter => letter == ')' || letter.is_whitespace(),
    })?;
    let url = target.get(..end)?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let good = target.get(end..)?.starts_with(')') && !host.is_empty() && !title.trim().is_empty();
    (good && !title.contains('[')).then(|| (Inline::Link { title, url }, title.len() + url.len() + 4))
}

/// How often a sign stands at the beginning.
fn run(text: &str, sign: char) -> usize {
    text.len() - text.trim_start_matches(sign).len()
}
