//! Text that people write: Markdown to safe HTML, to one plain line, and what is found in it.

use comrak::Options;
use std::collections::HashSet;
use std::sync::LazyLock;

/// What may stand in rendered Markdown. No pictures: they would call other servers.
const TAGS: [&str; 16] = [
    "p",
    "br",
    "a",
    "strong",
    "em",
    "del",
    "code",
    "pre",
    "ul",
    "ol",
    "li",
    "blockquote",
    "h1",
    "h2",
    "h3",
    "hr",
];

/// What every link in somebody's text says of itself.
const LINK_REL: &str = "nofollow noopener noreferrer ugc";

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .tags(HashSet::from(TAGS))
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some(LINK_REL));
    cleaner
});

/// What PeerTube's tags on a front page are called, and what they may say of themselves.
const BLOCKS: [&str; 10] = [
    "peertube-button",
    "peertube-video-embed",
    "peertube-playlist-embed",
    "peertube-video-miniature",
    "peertube-playlist-miniature",
    "peertube-channel-miniature",
    "peertube-videos-list",
    "peertube-container",
    "peertube-instance-banner",
    "peertube-instance-avatar",
];
const OF_BLOCKS: [&str; 21] = [
    "data-uuid",
    "data-name",
    "data-href",
    "data-label",
    "data-theme",
    "data-blank-target",
    "data-title",
    "data-description",
    "data-layout",
    "data-sort",
    "data-count",
    "data-max-rows",
    "data-only-local",
    "data-is-local",
    "data-is-live",
    "data-live",
    "data-channel-handle",
    "data-account-handle",
    "data-category-one-of",
    "data-language-one-of",
    "data-display-latest-video",
];

static HOME_CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut cleaner = ammonia::Builder::default();
    cleaner
        .tags(HashSet::from(TAGS))
        .add_tags(["img", "h4", "div", "span"])
        .add_tags(BLOCKS)
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener"))
        .attribute_filter(|element, name, value| {
            let is_own = value.starts_with('/') && !value.starts_with("//");
            (element != "img" || name != "src" || is_own).then(|| value.into())
        });
    for block in BLOCKS {
        cleaner.add_tag_attributes(block, OF_BLOCKS);
    }
    cleaner
});

/// The administrator's Markdown on the front page as HTML: with pictures of this site, and PeerTube's tags as they are.
pub fn home_to_html(text: &str) -> String {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.render.hardbreaks = true;
    options.render.r#unsafe = true;
    HOME_CLEANER
        .clean(&comrak::markdown_to_html(text, &options))
        .to_string()
}

/// As [`markdown_to_html`], of somebody's words about themselves: other sites that are linked to and link
/// back can see that both are the same person's (`rel="me"`).
pub fn profile_to_html(text: &str) -> String {
    // In the text itself the closing bracket is always escaped.
    let usual = format!(" rel=\"{LINK_REL}\">");
    markdown_to_html(text).replace(&usual, &format!(" rel=\"me {LINK_REL}\">"))
}

/// Markdown as HTML that can stand in a page. Bare addresses become links, line breaks stay.
pub fn markdown_to_html(text: &str) -> String {
    if is_plain(text) {
        return plain_to_html(text);
    }
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.render.hardbreaks = true;
    CLEANER
        .clean(&comrak::markdown_to_html(text, &options))
        .to_string()
}

/// Does the text mean nothing to Markdown but its lines? Most descriptions are so, and every watch
/// page shows one.
fn is_plain(text: &str) -> bool {
    let is_sign = |byte: u8| b"<>&*_`[]#~|\\@\r".contains(&byte) || (byte < b' ' && byte != b'\n');
    let has_sign = text.bytes().any(is_sign) || text.contains('\u{a0}');
    let has_link = || text.contains("://") || text.contains("www.");
    !has_sign && !has_link() && text.lines().all(is_plain_line)
}

/// Lists, rules, headings and code begin with signs; in the middle of a line they are words.
fn is_plain_line(line: &str) -> bool {
    let after = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_numbered = after.len() < line.len() && after.starts_with(['.', ')']);
    !is_numbered && !line.starts_with([' ', '-', '+', '='])
}

/// As Markdown would have it: paragraphs between empty lines, and each line on its own.
fn plain_to_html(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    let mut is_open = false;
    for line in text.lines() {
        let line = line.trim_end_matches(' ');
        match (line.is_empty(), is_open) {
            (true, true) => html.push_str("</p>\n"),
            (true, false) => {}
            (false, true) => html.push_str("<br>\n"),
            (false, false) => html.push_str("<p>"),
        }
        html.push_str(line);
        is_open = !line.is_empty();
    }
    if is_open {
        html.push_str("</p>\n");
    }
    html
}

/// HTML from elsewhere without anything that could do harm.
pub fn clean_html(html: &str) -> String {
    CLEANER.clean(html).to_string()
}

/// Markdown as one line of plain text, cut at `limit` characters.
pub fn markdown_to_line(text: &str, limit: usize) -> String {
    if is_plain(text) {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        return truncated(&line, limit);
    }
    let html = comrak::markdown_to_html(text, &Options::default());
    let bare = ammonia::Builder::empty().clean(&html).to_string();
    let line = unescape(&bare)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    truncated(&line, limit)
}

/// The first `limit` characters; the last three are dots where something was cut.
pub fn truncated(text: &str, limit: usize) -> String {
    if text.chars().count() <= limit {
        return text.to_owned();
    }
    let kept: String = text.chars().take(limit.saturating_sub(3)).collect();
    format!("{}...", kept.trim_end())
}

/// Text for HTML and XML, between tags and in attributes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// What stands in an attribute of clean HTML.
pub fn unescape(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

/// The handles that a comment speaks to: `@ada` and `@ada@video.example`, without the first `@`,
/// lower case, each once.
pub fn mentions(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || ",;!?()".contains(c)) {
        let Some(handle) = word.strip_prefix('@') else {
            continue;
        };
        let handle = handle.trim_end_matches(['.', ':', '-']).to_lowercase();
        let fits = !handle.is_empty()
            && handle
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.:@".contains(c))
            && handle.matches('@').count() <= 1;
        if fits && !found.contains(&handle) {
            found.push(handle);
        }
    }
    found
}

/// Does one of the words stand in the text, in any case and not as part of a longer word?
pub fn has_word(text: &str, words: &[String]) -> bool {
    let text = text.to_lowercase();
    words
        .iter()
        .any(|word| stands_in(&text, &word.to_lowercase()))
}

fn stands_in(text: &str, word: &str) -> bool {
    !word.is_empty()
        && text.match_indices(word).any(|(at, _)| {
            let before = text.get(..at).and_then(|t| t.chars().next_back());
            let after = text.get(at + word.len()..).and_then(|t| t.chars().next());
            !before.is_some_and(char::is_alphabetic) && !after.is_some_and(char::is_alphabetic)
        })
}

/// Is this the address of a page on the web?
pub fn is_web_address(text: &str) -> bool {
    url::Url::parse(text)
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https") && url.host_str().is_some())
}

/// An address of the web, of mail or of this site: what a link of an administrator's may lead to.
pub fn is_address(text: &str) -> bool {
    let is_local = text.starts_with('/') && !text.starts_with("//") && !text.contains('\\');
    is_local || text.starts_with("mailto:") || is_web_address(text)
}

/// Does the text point to another site than `own_host`?
pub fn has_external_link(text: &str, own_host: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || "()<>[]\"'".contains(c))
        .any(|word| {
            let rest = word
                .strip_prefix("https://")
                .or_else(|| word.strip_prefix("http://"));
            rest.is_some_and(|rest| {
                let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
                !host.is_empty() && !host.eq_ignore_ascii_case(own_host)
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_opens_no_element() {
        let title = escaped("<a href=\"x\">&");
        assert_eq!(title, "&lt;a href=&quot;x&quot;&gt;&amp;");
    }

    #[test]
    fn markdown_keeps_links_and_loses_scripts() {
        let html =
            markdown_to_html("**hi** https://a.example <script>x</script> ![p](http://b/i.png)");
        assert!(
            html.contains("<strong>hi</strong>") && html.contains("href=\"https://a.example\"")
        );
        assert!(html.contains("nofollow") && !html.contains("<script") && !html.contains("<img"));
        assert!(!markdown_to_html("[x](javascript:alert(1))").contains("javascript"));
    }

    #[test]
    fn links_of_a_profile_are_ones_own() {
        let html =
            profile_to_html("https://a.example and rel=\"nofollow noopener noreferrer ugc\">");
        assert_eq!(html.matches("rel=\"me nofollow").count(), 1, "{html}");
        assert!(!markdown_to_html("https://a.example").contains("rel=\"me"));
    }

    #[test]
    fn plain_words_become_what_markdown_makes_of_them() {
        let mut options = Options::default();
        options.render.hardbreaks = true;
        for text in [
            "One line.",
            "Two\nlines, and (a) third!\nline",
            "A paragraph\n\n\nand another\n",
            "Ends with spaces   \nand goes on; or so",
            "\n\nBegins late",
            "It's \"said\": 0:00 is\n0:00 the start\n1:00 and so on",
            "Größe, élan and 日本 in 4 words - here",
            "",
        ] {
            assert!(is_plain(text), "{text:?}");
            let usual = comrak::markdown_to_html(text, &options);
            let usual = CLEANER.clean(&usual).to_string();
            assert_eq!(plain_to_html(text), usual, "{text:?}");
        }
        for text in [
            "- a list", "1. one", "a\n===", "    code", "http://x", "a *b*", "2) two", "a\tb",
            "a\rb",
        ] {
            assert!(!is_plain(text), "{text:?}");
        }
    }

    #[test]
    fn a_line_is_plain_and_short() {
        assert_eq!(markdown_to_line("# A *b*\n\nc & d", 100), "A b c & d");
        assert_eq!(markdown_to_line("abcdefghij", 8), "abcde...");
    }

    #[test]
    fn mentions_are_found_once() {
        assert_eq!(
            mentions("@Ada hello @bo@video.test, @ada. mail@x.org"),
            ["ada", "bo@video.test"]
        );
    }

    #[test]
    fn words_are_whole_words() {
        let words = vec!["art".to_owned(), "élan".to_owned()];
        assert!(has_word("More ART!", &words) && has_word("un Élan.", &words));
        assert!(!has_word("a party", &words));
    }

    #[test]
    fn only_links_to_elsewhere_are_external() {
        assert!(has_external_link("see https://a.example/x", "video.test"));
        assert!(!has_external_link(
            "see https://video.test/w/1",
            "video.test"
        ));
    }
}
