//! Tables of what is markup and what is not, and what may never be lost.

use domain::{Capabilities, Markup};
use proptest::prelude::*;

use super::*;

const FORMS: [Markup; 3] = [Markup::None, Markup::Html, Markup::Signs];

fn can(markup: Markup, max_text_chars: usize) -> Capabilities {
    Capabilities { markup, max_text_chars, ..Capabilities::PLAIN }
}

fn shown(text: &str, markup: Markup) -> String {
    Marked::read(text, markup).parts(&can(markup, 100_000)).concat()
}

/// What a reader of Telegram's HTML sees, each address behind its title; panics where the tags are not in order.
fn read_html(html: &str) -> String {
    let (mut seen, mut open, mut rest) = (String::new(), vec![], html);
    while let Some((text, tag)) = rest.split_once('<') {
        let (tag, after) = tag.split_once('>').expect("a tag ends");
        seen.push_str(text);
        if let Some(name) = tag.strip_prefix('/') {
            let begun: &str = open.pop().expect("a tag was opened");
            assert_eq!(begun.split(' ').next(), Some(name), "{html}");
            if let Some(url) = begun.strip_prefix("a href=\"") {
                seen.push_str(": ");
                seen.push_str(url.trim_end_matches('"'));
            }
        } else {
            open.push(tag);
        }
        rest = after;
    }
    assert!(open.is_empty() && !rest.contains('>'), "{html}");
    seen.push_str(rest);
    seen.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

#[test]
fn markup_is_shown_in_the_channels_form() {
    for (source, plain, html, signs) in [
        ("满**99元**包邮", "满99元包邮", "满<b>99元</b>包邮", "满*99元*包邮"),
        ("**注意：**请看", "注意：请看", "<b>注意：</b>请看", "*注意：*请看"),
        ("a *b* _c_ `d`", "a b c d", "a <i>b</i> <i>c</i> <code>d</code>", "a _b_ _c_ `d`"),
        ("**a *b* c**", "a b c", "<b>a <i>b</i> c</b>", "*a _b_ c*"),
        ("# Title\ntext", "Title\ntext", "<b>Title</b>\ntext", "*Title*\ntext"),
        ("## **Title**\r\ntext", "Title\r\ntext", "<b>Title</b>\r\ntext", "*Title*\r\ntext"),
        (
            "See [our *terms*](https://a.example/t?a=1&b=(2)).",
            "See our terms: https://a.example/t?a=1&b=(2).",
            "See <a href=\"https://a.example/t?a=1&amp;b=(2)\">our <i>terms</i></a>.",
            "See our _terms_: https://a.example/t?a=1&b=(2).",
        ),
        (
            "[https://a.example](https://a.example)",
            "https://a.example",
            "<a href=\"https://a.example\">https://a.example</a>",
            "https://a.example",
        ),
        (
            "**[shop](https://a.example)**",
            "shop: https://a.example",
            "<b><a href=\"https://a.example\">shop</a></b>",
            "shop: https://a.example",
        ),
        ("- a\n- **b**\n1. c\n2. d", "- a\n- b\n1. c\n2. d", "- a\n- <b>b</b>\n1. c\n2. d", "- a\n- *b*\n1. c\n2. d"),
        ("1 < 2 & \"3\"", "1 < 2 & \"3\"", "1 &lt; 2 &amp; \"3\"", "1 < 2 & \"3\""),
        ("`a_b*c*<d>`", "a_b*c*<d>", "<code>a_b*c*&lt;d&gt;</code>", "`a_b*c*<d>`"),
    ] {
        assert_eq!(FORMS.map(|form| shown(source, form)), [plain, html, signs], "{source}");
    }
}

#[test]
fn what_only_looks_like_markup_is_text() {
    for text in [
        "2 * 3 * 4",
        "2*3*4 = 24",
        "2**3**4",
        "x**2** + y**2**",
        "snake_case_name and __init__ and _private",
        "#1",
        "#话题# 和 #2",
        "##",
        "138****0000 或 139****0001",
        "张**、李**",
        "密码是***，不要告诉***",
        "请按*键，再按*键",
        "价格*\n*不含税",
        "** not bold **",
        "*",
        "**",
        "****",
        "``",
        "```\ncode\n```",
        "5' 6\" `",
        "[1] (see below)",
        "[x](mailto:a@b.example)",
        "[x](javascript:alert(1))",
        "[x](https://)",
        "[](https://a.example)",
        "[x](https://a.example",
        "[x](https://a .example)",
        "https://a.example/_a_/*b*/**c** ",
        "see https://a.example/*,https://b.example/*",
        "￥99.00－￥199.00（含税）；“引号”、《书名》……",
        "$5 - $10, 50% & <3 :-) ^_^ >_< T_T (*_*) (*^_^*) -_-|| -_- *^o^*",
        "** ** *。* **！**",
        "1) one 2) two\n  - three\n* four",
        "C:\\_dir_\\*.txt",
        "  leading and trailing  ",
        "\n\n",
        "",
    ] {
        assert_eq!(shown(text, Markup::None), text);
        assert_eq!(shown(text, Markup::Signs), text);
        assert_eq!(read_html(&shown(text, Markup::Html)), text);
        assert!(!shown(text, Markup::Html).contains('<'), "{text}");
    }
}

#[test]
fn a_part_is_marked_as_the_whole_was() {
    let marked = Marked::read("one **two three** [fourteen fifteen](https://a.example)", Markup::Html);
    let link = |text: &str| format!("<a href=\"https://a.example\">{text}</a>");
    let parts = ["one <b>two</b>".to_owned(), "<b>three</b>".to_owned(), link("fourteen"), link("fifteen")];
    assert_eq!(marked.parts(&can(Markup::Html, 10)), parts);
    let marked = Marked::read("one **two three** four", Markup::Signs);
    assert_eq!(marked.parts(&can(Markup::Signs, 10)), ["one *two*", "*three*", "four"]);
}

/// Texts of words and signs, as people and machines write them.
fn written() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => "[a-c1-3你好，。 ]{1,4}",
        4 => prop_oneof![Just("*"), Just("**"), Just("_"), Just("`"), Just("["), Just("]"), Just("("), Just(")")]
            .prop_map(str::to_owned),
        1 => prop_oneof![Just("](https://a.example/b_c)"), Just("https://a.example"), Just("\n# "), Just("\n"), Just("<&>")]
            .prop_map(str::to_owned),
        1 => "\\PC{0,3}",
    ];
    proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn letters(text: &str) -> String {
    text.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

proptest! {
    #[test]
    fn no_letter_is_lost(text in written()) {
        // Where title and address are the same, it is said once.
        prop_assume!(!text.contains("[https://a.example]("));
        for form in [Markup::None, Markup::Signs] {
            prop_assert_eq!(letters(&shown(&text, form)), letters(&text));
        }
        let html = shown(&text, Markup::Html);
        prop_assert_eq!(letters(&read_html(&html)), letters(&text), "{}", html);
    }

    #[test]
    fn text_without_signs_passes_unchanged(text in "[^*_`\\[#]{0,200}") {
        prop_assert_eq!(&shown(&text, Markup::None), &text);
        prop_assert_eq!(&shown(&text, Markup::Signs), &text);
        prop_assert_eq!(shown(&text, Markup::Html), html(&text));
    }

    #[test]
    fn parts_are_short_enough_and_lose_nothing(text in written(), most in 12_usize..60) {
        for form in FORMS {
            let parts = Marked::read(&text, form).parts(&can(form, most));
            let read = |part: &String| if form == Markup::Html { read_html(part) } else { part.clone() };
            let seen: Vec<String> = parts.iter().map(read).collect();
            // An address may be said again where its title is broken.
            if form != Markup::Html {
                prop_assert_eq!(letters(&seen.concat()), letters(&shown(&text, form)));
                let longest = seen.iter().map(|part| part.chars().count()).max().unwrap_or_default();
                prop_assert!(longest <= most, "{} of {}", longest, most);
            }
        }
    }
}
