//! Text without what it quotes: the marks that mail programs put there, in Chinese and English.
//!
//! Lines that begin with `>` go, wherever they stand: what is written between them is the answer. From a mark on (`… wrote:`,
//! `… 写道：`, a block of headers, a line such as `原始邮件`), everything goes, unless what follows the mark is such lines.

/// The text that was written, and whether anything was left out. A mail that is nothing but a quote is what it quotes.
pub(super) fn written(text: &str) -> (String, bool) {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let mut kept: Vec<&str> = vec![];
    let mut cut = false;
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at..).unwrap_or_default();
        if is_quoted(line) {
            cut = true;
            at += 1;
            continue;
        }
        if is_forward(line) {
            // What somebody passes on is what they want to say.
            kept.extend(rest);
            break;
        }
        if let Some(lines_of_mark) = mark(rest) {
            cut = true;
            let after = rest.get(lines_of_mark..).unwrap_or_default();
            if !after.iter().find(|line| !line.trim().is_empty()).is_some_and(|line| is_quoted(line)) {
                break;
            }
            at += lines_of_mark;
        } else {
            kept.push(line);
            at += 1;
        }
    }
    let kept = super::signature::without(&kept);
    let words = tidy(&kept);
    if words.is_empty() { (tidy(&lines), false) } else { (words, cut) }
}

/// Whether a line is quoted by a sign of its own.
fn is_quoted(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('>') || line.starts_with('＞') || line.starts_with("|>")
}

/// How many lines the mark takes that these lines begin with, if they begin with one.
fn mark(lines: &[&str]) -> Option<usize> {
    let first = lines.first()?.trim();
    if first.is_empty() {
        return None;
    }
    if is_separator(first) {
        return Some(1);
    }
    attribution(lines).or_else(|| headers(lines).then_some(1))
}

/// `------ 原始邮件 ------`, `-----Original Message-----` and the like.
fn is_separator(line: &str) -> bool {
    let known = [
        "原始邮件",
        "原邮件",
        "邮件原件",
        "原始郵件",
        "回复的原邮件",
        "回复的邮件",
        "original message",
        "original mail",
        "original e-mail",
        "original",
        "replied message",
        "reply message",
    ];
    between_strokes(line).is_some_and(|words| known.contains(&words.as_str()))
}

/// `---------- Forwarded message ---------` and the like.
fn is_forward(line: &str) -> bool {
    let known = [
        "forwarded message",
        "forwarded mail",
        "begin forwarded message",
        "转发的邮件",
        "转发的消息",
        "转发邮件",
        "转发邮件信息",
        "轉寄郵件",
    ];
    line.trim() == "Begin forwarded message:"
        || between_strokes(line.trim()).is_some_and(|words| known.contains(&words.as_str()))
}

/// What stands between strokes, in lower case.
fn between_strokes(line: &str) -> Option<String> {
    let is_stroke = |letter: char| matches!(letter, '-' | '—' | '=' | '_' | '*' | '－' | '─');
    let strokes = line.chars().filter(|letter| is_stroke(*letter)).count();
    let words = line.trim_matches(|letter: char| is_stroke(letter) || letter.is_whitespace()).to_lowercase();
    (strokes >= 4).then(|| words.trim_end_matches([':', '：']).to_owned())
}

/// `On … wrote:`, `… 于 … 写道：`, `在 … 写道：`, over up to four lines.
fn attribution(lines: &[&str]) -> Option<usize> {
    let mut joined = String::new();
    for (count, line) in lines.iter().take(4).enumerate() {
        let line = line.trim();
        if line.is_empty() || is_quoted(line) {
            return None;
        }
        // Chinese does without a blank where a line was broken.
        joined.push_str(if joined.is_empty() { "" } else { " " });
        joined.push_str(line);
        if joined.chars().count() > 400 {
            return None;
        }
        if is_attribution(&joined) {
            return Some(count + 1);
        }
        // Only what can begin one is read on.
        if count == 0 && !may_begin(line) {
            return None;
        }
    }
    None
}

fn may_begin(line: &str) -> bool {
    let lower = line.to_lowercase();
    ["on ", "at ", "le ", "am ", "el ", "在"].iter().any(|begins| lower.starts_with(begins))
        || (line.contains('@') && (line.contains('于') || line.contains('<')))
        || line.contains('于') && has_date(line)
}

fn is_attribution(line: &str) -> bool {
    let lower = line.to_lowercase();
    let ends = lower.trim_end_matches([' ', '\u{a0}']);
    let Some(ends) = ends.strip_suffix([':', '：']) else { return false };
    let ends = ends.trim_end();
    // What names neither a date nor an address is a sentence.
    if !has_date(line) && !line.contains('@') {
        return false;
    }
    let chinese = ["写道", "寫道", "写到", "编写", "撰写", "的邮件", "來信"].iter().any(|verb| ends.ends_with(verb));
    let others = [" wrote", " writes", " schrieb", " a écrit", " escribió"].iter().any(|verb| ends.ends_with(verb));
    // `Am … schrieb Anna <…>:`
    let german = lower.starts_with("am ") && lower.contains(" schrieb ");
    chinese || others || german
}

/// Whether a line holds a date or a time of day.
fn has_date(line: &str) -> bool {
    let bytes = line.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let clock = line.match_indices([':', '：']).any(|(at, sign)| at > 0 && digit(at - 1) && digit(at + sign.len()));
    let year = (0..bytes.len()).any(|at| (0..4).all(|next| digit(at + next)));
    clock || year
}

/// Whether the lines begin with a block of headers: a sender, and below it at least two more of date, recipient, subject.
fn headers(lines: &[&str]) -> bool {
    if !lines.first().is_some_and(|line| field(line) == Some(Field::From)) {
        return false;
    }
    let next = lines.iter().skip(1).filter(|line| !line.trim().is_empty()).take(5).map_while(|line| field(line));
    let mut found: Vec<Field> = vec![];
    for field in next {
        if !found.contains(&field) {
            found.push(field);
        }
    }
    found.len() >= 2
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    From,
    Date,
    To,
    Subject,
    Other,
}

/// The header that a line shows, in whatever dress: `**发件人:** …`, `| 发件人 | … |`, `From: …`.
fn field(line: &str) -> Option<Field> {
    let line = line
        .trim()
        .trim_start_matches(|letter: char| matches!(letter, '*' | '|' | '-' | '_') || letter.is_whitespace());
    let (name, _) = line.split_once([':', '：', '|'])?;
    let name: String =
        name.chars().filter(|letter| !letter.is_whitespace() && !matches!(letter, '*' | '\u{3000}')).collect();
    Some(match name.to_lowercase().as_str() {
        "from" | "发件人" | "寄件者" | "寄件人" | "發件人" | "发信人" => Field::From,
        "sent" | "date" | "发送时间" | "发送日期" | "日期" | "时间" | "寄件日期" | "傳送時間" | "發送時間"
        | "寄送日期" => Field::Date,
        "to" | "收件人" | "收件者" | "收信人" => Field::To,
        "subject" | "主题" | "主旨" | "主題" | "标题" => Field::Subject,
        "cc" | "抄送" | "抄送人" | "副本" | "reply-to" | "回复" | "importance" | "重要性" | "attachments" | "附件" => {
            Field::Other
        }
        _ => return None,
    })
}

/// The lines as a text, without empty ones at its ends and without more than one in a row.
fn tidy(lines: &[&str]) -> String {
    let mut text = String::new();
    let mut empty = true;
    for line in lines {
        let is_empty = line.trim().is_empty();
        if !(is_empty && empty) {
            text.push_str(line);
            text.push('\n');
        }
        empty = is_empty;
    }
    text.trim().to_owned()
}
