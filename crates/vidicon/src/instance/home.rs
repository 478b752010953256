//! What stands on the front page, as the administrator has ordered it: a line of the settings for each row, a word and
//! what it is about. Without any, the page finds its own order.

/// More rows are not taken.
pub const MOST: usize = 12;
const LONGEST_TEXT: usize = 10_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// The newest video, large.
    Feature,
    New,
    Trending,
    Local,
    /// The channels that published something last.
    Channels,
    Channel(String),
    Tag(String),
    /// A UUID, long or short.
    Playlist(String),
    /// Markdown.
    Text(String),
}

impl Row {
    /// Nothing for a line that says none of it.
    pub fn parse(line: &str) -> Option<Self> {
        let (word, about) = line.split_once(':').unwrap_or((line, ""));
        let about = about.trim();
        let length = about.chars().count();
        let named = (1..=320).contains(&length) && !about.contains('\n');
        let row = match word.trim() {
            "feature" => Row::Feature,
            "new" => Row::New,
            "trending" => Row::Trending,
            "local" => Row::Local,
            "channels" => Row::Channels,
            "channel" if named => Row::Channel(about.trim_start_matches('@').to_owned()),
            "tag" if named && (2..=30).contains(&length) => Row::Tag(about.to_owned()),
            "playlist" if named => Row::Playlist(about.to_owned()),
            "text" if (1..=LONGEST_TEXT).contains(&length) => Row::Text(about.to_owned()),
            _ => return None,
        };
        let is_alone = !matches!(
            row,
            Row::Channel(_) | Row::Tag(_) | Row::Playlist(_) | Row::Text(_)
        );
        (!is_alone || about.is_empty()).then_some(row)
    }

    pub fn word(&self) -> &'static str {
        match self {
            Row::Feature => "feature",
            Row::New => "new",
            Row::Trending => "trending",
            Row::Local => "local",
            Row::Channels => "channels",
            Row::Channel(_) => "channel",
            Row::Tag(_) => "tag",
            Row::Playlist(_) => "playlist",
            Row::Text(_) => "text",
        }
    }

    /// What it is about; empty where the word says all.
    pub fn about(&self) -> &str {
        match self {
            Row::Channel(about) | Row::Tag(about) | Row::Playlist(about) | Row::Text(about) => {
                about
            }
            _ => "",
        }
    }

    /// As the settings keep it.
    pub fn line(&self) -> String {
        match self.about() {
            "" => self.word().to_owned(),
            about => format!("{}: {about}", self.word()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn rows_are_read_and_written() {
        for line in [
            "new",
            "channel: waves@far.example",
            "tag: sea",
            "text: Hello\n\nthere",
        ] {
            assert_eq!(Row::parse(line).unwrap().line(), line);
        }
        for bad in [
            "",
            "newest",
            "new: x",
            "channel:",
            "tag: x",
            "tag: a\nb",
            "text:",
        ] {
            assert_eq!(Row::parse(bad), None, "{bad}");
        }
    }
}
