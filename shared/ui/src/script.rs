//! Scripts as they travel.

/// A script without the lines that are comments alone: `// …`, and `/** … */` over one line or several. They are for whoever
/// reads the source. No line of a text over several lines may begin like one.
pub(crate) fn without_comments(script: &str) -> String {
    let mut inside = false;
    let is_kept = |line: &&str| {
        let line = line.trim();
        if inside {
            inside = !line.ends_with("*/");
            return false;
        }
        if let Some(comment) = line.strip_prefix("/**") {
            // What follows a comment on its line is code.
            let end = comment.find("*/").map(|end| end + "*/".len());
            inside = end.is_none();
            return end.is_some_and(|end| end < comment.len());
        }
        !line.starts_with("//")
    };
    script.split_inclusive('\n').filter(is_kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_stays_and_comments_go() {
        let script = "// a\n/** b */\nlet c = 'https://d'; // e\n  /**\n   * f\n   * g */\n/** @type {X} */ (h)();\n\n/***/\ni /* j */\n";
        assert_eq!(without_comments(script), "let c = 'https://d'; // e\n/** @type {X} */ (h)();\n\ni /* j */\n");
        assert_eq!(without_comments("a\n/** never ended\nb"), "a\n");
        assert_eq!(without_comments("a"), "a");
    }
}
