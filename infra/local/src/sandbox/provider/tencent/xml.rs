//! The little of Tencent's XML that pushes and answers need.

/// An element with its text as CDATA.
pub fn element(name: &str, text: &str) -> String {
    format!("<{name}><![CDATA[{}]]></{name}>", text.replace("]]>", "]]]]><![CDATA[>"))
}

/// The text of the first element of this name, plain or CDATA; `None` if there is none. For the flat answers of a channel:
/// no XML parser.
pub fn field(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    // A CDATA section may hold what looks like the end.
    let (mut text, mut rest) = (String::new(), rest);
    while let Some(inside) = rest.strip_prefix("<![CDATA[") {
        let (part, after) = inside.split_once("]]>")?;
        text.push_str(part);
        rest = after;
    }
    let (plain, _) = rest.split_once(&format!("</{name}>"))?;
    text.push_str(&plain.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&"));
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_back() {
        for text in ["你好", "a]]>b", "</Content><Content>", ""] {
            assert_eq!(field(&format!("<xml>{}</xml>", element("Content", text)), "Content").as_deref(), Some(text));
        }
        assert_eq!(field("<xml><A>1 &lt; 2</A></xml>", "A").as_deref(), Some("1 < 2"));
        assert_eq!(field("<xml><A>1</A></xml>", "B"), None);
    }
}
