//! Playlists as text: the token put into each address, a rendition taken out.

/// Playlists are read whole when their text is changed; ten hours of video make 2 MB.
pub const LARGEST_BYTES: u64 = 16 * 1024 * 1024;

/// Puts the token into every address of a playlist, so that players which send no headers get on.
/// What the master names are playlists, whose own addresses need the token in turn.
pub fn with_token(text: &str, token: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    for line in text.lines() {
        if line.starts_with('#') {
            match line.split_once("URI=\"") {
                Some((before, rest)) if rest.contains('"') => {
                    let (uri, after) = rest.split_once('"').unwrap_or((rest, ""));
                    out.push_str(&format!("{before}URI=\"{}\"{after}", address(uri, token)));
                }
                _ => out.push_str(line),
            }
        } else if !line.is_empty() {
            out.push_str(&address(line, token));
        }
        out.push('\n');
    }
    out
}

/// The rendition's file that a playlist names; nothing for a master.
pub fn rendition_of(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("#EXT-X-MAP:URI=\"")?;
    rest.split_once('"').map(|(name, _)| name)
}

/// The playlist with the whole address of its file.
pub fn with_address(text: &str, name: &str, address: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 2);
    for line in text.lines() {
        match line.strip_prefix("#EXT-X-MAP:URI=\"") {
            Some(rest) => {
                let after = rest.strip_prefix(name).unwrap_or(rest);
                out.push_str(&format!("#EXT-X-MAP:URI=\"{address}{after}"));
            }
            None if line == name => out.push_str(address),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

fn address(uri: &str, token: &str) -> String {
    let again = if uri.ends_with(".m3u8") {
        "&reinjectVideoFileToken=true"
    } else {
        ""
    };
    format!("{uri}?videoFileToken={token}{again}")
}

/// A master playlist without the rendition of this playlist.
pub fn without(master: &str, playlist_filename: &str) -> String {
    let mut out = String::with_capacity(master.len());
    let mut lines = master.lines().peekable();
    while let Some(line) = lines.next() {
        let is_its_stream = line.starts_with("#EXT-X-STREAM-INF")
            && lines.peek().is_some_and(|next| *next == playlist_filename);
        if is_its_stream {
            lines.next();
            continue;
        }
        out.push_str(line);
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const MASTER: &str = "#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI=\"a-0.m3u8\",X=1\n\
        #EXT-X-STREAM-INF:BANDWIDTH=1\nb-720.m3u8\n#EXT-X-STREAM-INF:BANDWIDTH=2\nc-480.m3u8\n";

    #[test]
    fn every_address_gets_the_token() {
        let text = with_token(MASTER, "T");
        assert!(text.contains("URI=\"a-0.m3u8?videoFileToken=T&reinjectVideoFileToken=true\",X=1"));
        assert!(text.contains("\nb-720.m3u8?videoFileToken=T&reinjectVideoFileToken=true\n"));
        let media = with_token("#EXT-X-MAP:URI=\"x.mp4\"\n#EXTINF:2,\nx.mp4\n", "T");
        assert_eq!(
            media,
            "#EXT-X-MAP:URI=\"x.mp4?videoFileToken=T\"\n#EXTINF:2,\nx.mp4?videoFileToken=T\n"
        );
    }

    #[test]
    fn a_file_elsewhere_is_named_whole() {
        let text = "#EXT-X-MAP:URI=\"x.mp4\",BYTERANGE=\"9@0\"\n#EXTINF:2,\nx.mp4\n";
        assert_eq!(rendition_of(text), Some("x.mp4"));
        assert_eq!(rendition_of(MASTER), None);
        assert_eq!(
            with_address(text, "x.mp4", "https://s3.test/x.mp4?a=1&b=2"),
            "#EXT-X-MAP:URI=\"https://s3.test/x.mp4?a=1&b=2\",BYTERANGE=\"9@0\"\n#EXTINF:2,\n\
             https://s3.test/x.mp4?a=1&b=2\n"
        );
    }

    #[test]
    fn one_rendition_goes() {
        let text = without(MASTER, "b-720.m3u8");
        assert!(!text.contains("b-720") && !text.contains("BANDWIDTH=1"));
        assert!(text.contains("BANDWIDTH=2\nc-480.m3u8\n"));
    }
}
