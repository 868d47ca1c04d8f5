//! Signatures at the end of a mail.

/// Lines of a signature, at most.
const MOST_LINES: usize = 10;

/// The lines without the signature below them.
pub(super) fn without<'a>(lines: &[&'a str]) -> Vec<&'a str> {
    let mut end = lines.len();
    // What a phone or a program adds stands last, and may stand below a signature.
    loop {
        let kept = lines.get(..end).unwrap_or_default();
        let last = kept.iter().rposition(|line| !line.trim().is_empty()).map_or(0, |last| last + 1);
        end = last;
        let kept = lines.get(..end).unwrap_or_default();
        match kept.last() {
            Some(line) if is_program(line) => end -= 1,
            Some(line) if is_rule(line) && end > 1 => end -= 1,
            _ => break,
        }
    }
    let kept = lines.get(..end).unwrap_or_default();
    let delimiter = kept.iter().rposition(|line| matches!(line.trim_end(), "--" | "—"));
    let ruled =
        kept.iter().rposition(|line| is_rule(line)).filter(|at| is_contact(kept.get(at + 1..).unwrap_or_default()));
    let begins = [delimiter, ruled].into_iter().flatten().filter(|at| kept.len() - at <= MOST_LINES + 1).min();
    let kept = kept.get(..begins.unwrap_or(kept.len())).unwrap_or_default();
    kept.to_vec()
}

/// `Sent from my iPhone`, `发自我的iPhone` and the like.
fn is_program(line: &str) -> bool {
    let line = line.trim().trim_matches(['*', '_', '[', ']']).to_lowercase();
    let begins = [
        "sent from ",
        "get outlook for ",
        "sent via ",
        "sent with ",
        "发自我的",
        "發自我的",
        "从我的",
        "從我的",
        "发自 ",
        "来自我的",
        "发送自 ",
        "发送自",
        "从 windows",
        "获取 outlook",
        "获取适用于",
        "下载 outlook",
        "download outlook",
        "来自 ",
        "由 ",
    ];
    let programs = [
        "iphone",
        "ipad",
        "ios",
        "android",
        "outlook",
        "samsung",
        "huawei",
        "华为",
        "小米",
        "oppo",
        "vivo",
        "荣耀",
        "邮箱",
        "邮箱大师",
        "windows",
        "mail",
        "foxmail",
        "手机",
        "网易",
        "phone",
        "proton",
        "yahoo",
        "blackberry",
        "thunderbird",
    ];
    line.chars().count() <= 60
        && begins.iter().any(|begins| line.starts_with(begins))
        && programs.iter().any(|program| line.contains(program))
}

/// A line of strokes.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.chars().count() >= 3 && line.chars().all(|letter| matches!(letter, '-' | '_' | '=' | '—' | '─' | '*'))
}

/// Whether lines are short, few, and tell how somebody is reached.
fn is_contact(lines: &[&str]) -> bool {
    let told: Vec<&str> = lines.iter().copied().filter(|line| !line.trim().is_empty()).collect();
    let tells = |line: &&str| {
        let lower = line.to_lowercase();
        [
            "@", "tel", "phone", "mobile", "手机", "电话", "手機", "電話", "邮箱", "email", "e-mail", "www.", "http",
            "qq:", "微信", "地址",
        ]
        .iter()
        .any(|word| lower.contains(word))
    };
    let short = |line: &&str| line.chars().count() <= 60 && !line.trim_end().ends_with(['?', '？']);
    (1..=MOST_LINES).contains(&told.len()) && told.iter().all(short) && told.iter().any(tells)
}
