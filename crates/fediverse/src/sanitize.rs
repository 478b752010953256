//! Text of strangers: HTML that is safe to show, and plain text.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

/// Longer texts are cut before they are parsed; comments and descriptions stay far below.
const MAX_BYTES: usize = 60_000;

static SAFE: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from([
            "a",
            "p",
            "br",
            "span",
            "strong",
            "b",
            "em",
            "i",
            "u",
            "s",
            "del",
            "blockquote",
            "code",
            "pre",
            "ul",
            "ol",
            "li",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
        ]))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"]))]))
        .allowed_classes(HashMap::from([(
            "a",
            HashSet::from(["mention", "hashtag", "u-url"]),
        )]))
        .url_schemes(HashSet::from(["https", "http", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("nofollow noopener noreferrer ugc"));
    builder
});

static NOTHING: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder.clean_content_tags(HashSet::from(["script", "style"]));
    builder
});

/// HTML with a short list of tags; links open without telling where from, and count for no search engine.
pub fn html(text: &str) -> String {
    SAFE.clean(cut(text)).to_string()
}

/// The words alone: paragraphs and line breaks become new lines.
pub fn plain_text(text: &str) -> String {
    let mut spaced = cut(text).to_owned();
    for tag in [
        "<br>",
        "<br/>",
        "<br />",
        "</p>",
        "</li>",
        "</blockquote>",
        "</h1>",
        "</h2>",
        "</h3>",
    ] {
        let line = if tag == "</p>" { "\n\n" } else { "\n" };
        spaced = spaced.replace(tag, &format!("{tag}{line}"));
    }
    decode_entities(&NOTHING.clean(&spaced).to_string())
        .trim()
        .to_owned()
}

/// A display name: one line of plain text without characters that turn the line around.
pub fn name(text: &str) -> String {
    let misleading = |character: char| {
        character.is_control()
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let text: String = plain_text(text)
        .chars()
        .map(|character| {
            if misleading(character) {
                ' '
            } else {
                character
            }
        })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Plain text as HTML: escaped, with its paragraphs.
pub fn paragraphs(text: &str) -> String {
    let escaped = text
        .trim()
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let paragraphs = escaped
        .split("\n\n")
        .map(str::trim)
        .filter(|paragraph| !paragraph.is_empty());
    paragraphs
        .map(|paragraph| format!("<p>{}</p>", paragraph.replace('\n', "<br>")))
        .collect()
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MAX_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

/// The cleaner writes only these; `&amp;` goes last so that nothing is decoded twice.
fn decode_entities(text: &str) -> String {
    let text = text
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'");
    text.replace("&nbsp;", " ").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_of_mastodon_keeps_its_looks() {
        let text = "<p><span class=\"h-card\"><a href=\"https://tubes.example/accounts/otto\" class=\"u-url mention\">@<span>otto</span></a></span> lovely &amp; calm<br>sea</p>";
        let clean = html(text);
        assert!(
            clean.contains("class=\"u-url mention\"")
                && clean.contains("rel=\"nofollow noopener noreferrer ugc\"")
        );
        assert_eq!(plain_text(text), "@otto lovely & calm\nsea");
    }

    #[test]
    fn nothing_that_runs_comes_through() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "<a href=\"javascript:alert(1)\">x</a>",
            "<a href=\"data:text/html,<script>\">x</a>",
            "<svg onload=alert(1)>",
            "<iframe src=https://x.example></iframe>",
            "<p style=\"background:url(https://x.example)\" onclick=alert(1)>x</p>",
            "<math><mi//xlink:href=\"data:x,<script>alert(4)</script>\">",
            "<a href=\"/local\">x</a>",
            "<style>*{}</style>",
            "<p class=\"admin-button\">x</p>",
            "<form action=x><input></form>",
        ] {
            let clean = html(text).to_lowercase();
            for bad in [
                "<script",
                "onerror",
                "onload",
                "onclick",
                "javascript:",
                "data:",
                "<iframe",
                "<svg",
                "<img",
                "style",
                "<form",
                "href=\"/",
                "admin",
            ] {
                assert!(!clean.contains(bad), "{text} gave {clean}");
            }
        }
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!(
            name("<b>Ronja</b>\n\u{202e} of  the sea"),
            "Ronja of the sea"
        );
        assert_eq!(name("a &lt;b&gt; c"), "a <b> c");
    }

    #[test]
    fn text_becomes_paragraphs() {
        assert_eq!(
            paragraphs("a <b>\nc\n\nd"),
            "<p>a &lt;b&gt;<br>c</p><p>d</p>"
        );
        assert_eq!(plain_text(&paragraphs("a & b\n\nd")), "a & b\n\nd");
    }

    #[test]
    fn huge_and_nested_texts_are_cut() {
        assert!(html(&"<b>".repeat(3_000_000)).len() < 1_000_000);
        assert!(plain_text(&"ä".repeat(5_000_000)).len() <= MAX_BYTES);
    }
}
