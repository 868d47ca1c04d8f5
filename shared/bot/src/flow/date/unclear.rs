//! Words of time that are not understood: with them, a day that was read is not the one that is meant.

use std::sync::LazyLock;

use regex_lite::Regex;

use super::READ;
use super::rules::NUMBER;

/// R stands for what was read, N for a number.
const WORDS: [&str; 18] = [
    // Spans, and days of them: 「下周」, 「月底」, 「三个月」, 「明年」.
    "[上下这本每隔那]+(?:一?个)?(?:周|星期|礼拜|月|年)",
    "[周月年][底初末中尾]",
    "(?:N|几|半) ?个?(?:天|周|星期|礼拜|月|年)",
    "[去今明后前]年",
    // What counts from a day, or to it, or leaves it out.
    "大R|年 ?R|每R|R ?[之以]?[前后]",
    "R ?的(?:下|后|前|上)一?[天周]",
    "(?:除了?|除开|不是|别|不要|非) ?R",
    "R ?都?(?:不行|不可以|不能|不要|没空|没时间|不方便|除外|以外)",
    // Another calendar, and days whose date changes.
    "农历|阴历|腊月|正月|初[一二三四五六七八九十]|春节|过年|除夕|元旦|国庆|中秋|端午|清明|元宵|圣诞|[年节][前后]|假期",
    "次日|隔天|第二天|改天|[前后]一天",
    // One of several.
    "(?:N|[0-9]) ?[-~到至或] ?R|R ?[到至] ?(?:N|[0-9])",
    r"\b(?:weeks?|months?|years?|weekends?|weekdays?|fortnights?|days|ago|eve|christmas|xmas|easter|halloween|thanksgiving)\b",
    r"\b(?:january|february|april|june|july|august|september|october|november|december)\b",
    r"\b(?:before|until|till|by|after|except|every|each|last|next|previous|or|not|not on|anything but|any day but|all but) (?:the )?R",
    r"R (?:week|next|last|after next|after that|after the)\b|R after$",
    r"R (?:won't|doesn't|isn't|can't|is not|does not|will not)\b",
    r"[0-9](?:st|nd|rd|th)\b",
    r"\b(?:day|morning|evening) (?:before|after)\b",
];

static UNCLEAR: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let whole = |words: &str| words.replace('R', READ).replace('N', NUMBER);
    WORDS.iter().filter_map(|words| Regex::new(&whole(words)).ok()).collect()
});

/// Whether a text still holds such words once those that are understood were taken out.
pub(super) fn is_unclear(rest: &str) -> bool {
    UNCLEAR.iter().any(|words| words.is_match(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_is_one() {
        assert_eq!(UNCLEAR.len(), WORDS.len());
    }
}
