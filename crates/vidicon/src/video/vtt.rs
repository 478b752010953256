//! Subtitles: WebVTT as it is, SubRip turned into it.

/// WebVTT of a file that is WebVTT or SubRip; nothing when it is neither.
pub fn to_vtt(bytes: &[u8]) -> Option<String> {
    let text = decode(bytes);
    let text = text
        .trim_start_matches('\u{feff}')
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    if text.contains('\0') {
        return None;
    }
    let first = text.lines().next().unwrap_or_default();
    if first == "WEBVTT" || first.starts_with("WEBVTT ") || first.starts_with("WEBVTT\t") {
        return Some(text);
    }
    from_srt(&text)
}

/// When the last cue ends, in seconds; nothing when there is none.
pub fn end_s(vtt: &str) -> Option<f64> {
    let ends = vtt.lines().filter_map(|line| {
        let (_, to) = line.split_once("-->")?;
        let parts = to.split_whitespace().next()?.split(':');
        parts
            .map(|part| part.parse::<f64>().ok())
            .try_fold(0.0, |all, part| Some(all * 60.0 + part?))
    });
    ends.reduce(f64::max)
}

/// UTF-8, or else the letters of Windows' western code page, of which most others are made.
fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

fn from_srt(text: &str) -> Option<String> {
    let mut vtt = String::with_capacity(text.len() + 16);
    vtt.push_str("WEBVTT\n");
    let mut cues = 0;
    let mut is_in_cue = false;
    let mut lines = text.lines().map(str::trim_end).peekable();
    while let Some(line) = lines.next() {
        if let Some(times) = times(line) {
            vtt.push('\n');
            vtt.push_str(&times);
            vtt.push('\n');
            cues += 1;
            is_in_cue = true;
        } else if line.is_empty() {
            is_in_cue = false;
        } else if is_in_cue && !is_number_of_next(line, lines.peek().copied()) {
            vtt.push_str(&cue_text(line));
            vtt.push('\n');
        }
    }
    (cues > 0).then_some(vtt)
}

/// A cue's number right before its times, where the empty line between cues is missing.
fn is_number_of_next(line: &str, next: Option<&str>) -> bool {
    line.bytes().all(|byte| byte.is_ascii_digit()) && next.is_some_and(|next| times(next).is_some())
}

/// `00:00:01,500 --> 00:00:04,000` with a point instead of the comma.
fn times(line: &str) -> Option<String> {
    let (from, to) = line.split_once("-->")?;
    let to = to.split_whitespace().next()?;
    Some(format!("{} --> {}", time(from.trim())?, time(to)?))
}

fn time(text: &str) -> Option<String> {
    let all = millis(text)?;
    let (hours, minutes, seconds) = (all / 3_600_000, all / 60_000 % 60, all / 1_000 % 60);
    Some(format!(
        "{hours:02}:{minutes:02}:{seconds:02}.{:03}",
        all % 1_000
    ))
}

/// `01:02:03,4`, `02:03.400`.
fn millis(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once([',', '.']).unwrap_or((text, "0"));
    let parts: Vec<u64> = clock
        .split(':')
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts.as_slice() {
        [minutes, seconds] => (0, *minutes, *seconds),
        [hours, minutes, seconds] => (*hours, *minutes, *seconds),
        _ => return None,
    };
    if minutes > 59 || seconds > 59 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let whole = hours
        .checked_mul(3_600)?
        .checked_add(minutes * 60 + seconds)?;
    whole
        .checked_mul(1_000)?
        .checked_add(thousandths.parse().ok()?)
}

/// A line that is shown from a time on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cue {
    pub start_ms: u64,
    /// Without marks, on one line.
    pub text: String,
}

/// The first `most` cues of WebVTT that say something.
pub fn cues(vtt: &str, most: usize) -> Vec<Cue> {
    let mut cues: Vec<Cue> = Vec::new();
    let mut start_ms = None;
    for line in vtt.lines().map(str::trim) {
        let from = line
            .split_once("-->")
            .and_then(|(from, _)| millis(from.trim()));
        if from.is_some() {
            start_ms = from;
            if cues.len() == most {
                break;
            }
            cues.extend(from.map(|start_ms| Cue {
                start_ms,
                text: String::new(),
            }));
        } else if line.is_empty() {
            start_ms = None;
        } else if let (Some(_), Some(cue)) = (start_ms, cues.last_mut()) {
            let line = without_marks(line);
            if !cue.text.is_empty() && !line.is_empty() {
                cue.text.push(' ');
            }
            cue.text.push_str(&line);
        }
    }
    cues.retain(|cue| !cue.text.is_empty());
    cues
}

/// Without tags such as `<v Ada>` and `<00:01.000>`, with the signs that are written as names.
fn without_marks(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        rest = tag.split_once('>').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    for (name, sign) in [
        ("&nbsp;", " "),
        ("&lrm;", ""),
        ("&rlm;", ""),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ] {
        text = text.replace(name, sign);
    }
    text.trim().to_owned()
}

/// Keeps bold, italic and underline; `-->` would end the text.
fn cue_text(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(['<', '{']) {
        let (before, tag) = rest.split_at(start);
        text.push_str(before);
        let close = if tag.starts_with('<') { '>' } else { '}' };
        let Some(end) = tag.find(close) else {
            rest = tag;
            break;
        };
        let (inside, after) = tag.split_at(end + close.len_utf8());
        if matches!(inside, "<b>" | "</b>" | "<i>" | "</i>" | "<u>" | "</u>") {
            text.push_str(inside);
        }
        rest = after;
    }
    text.push_str(rest);
    text.replace("-->", "→")
}

/// A playlist of one segment, by which a player of HLS reads a caption file.
pub fn playlist(filename: &str, duration_s: i64) -> String {
    let duration = duration_s.max(1);
    format!(
        "#EXTM3U\n#EXT-X-TARGETDURATION:{duration}\n#EXT-X-VERSION:3\n#EXT-X-MEDIA-SEQUENCE:1\n\
         #EXT-X-PLAYLIST-TYPE:VOD\n#EXTINF:{duration}.0,\n{filename}\n#EXT-X-ENDLIST\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_cue_is_found() {
        let text = "WEBVTT\n\n00:01.500 --> 01:02:03.250 align:start\nhey\n\n00:02.000 --> 00:04.000\nho\n";
        assert_eq!(end_s(text), Some(3723.25));
        assert_eq!(end_s("WEBVTT\n"), None);
    }

    #[test]
    fn subrip_becomes_webvtt() {
        let srt = "\u{feff}1\r\n00:00:01,5 --> 00:00:04,000 X1:1\r\n<font color=\"red\">Hi</font> <i>you</i>\r\nthere\r\n\r\n\
                   2\r\n00:01:00,000 --> 01:00:02,250\r\n{\\an8}-->\r\n3\r\n02:00 --> 02:01\r\n5\r\n";
        let wanted = "WEBVTT\n\n00:00:01.500 --> 00:00:04.000\nHi <i>you</i>\nthere\n\n\
                      00:01:00.000 --> 01:00:02.250\n→\n\n00:02:00.000 --> 00:02:01.000\n5\n";
        assert_eq!(to_vtt(srt.as_bytes()).as_deref(), Some(wanted));
    }

    #[test]
    fn webvtt_stays_and_other_things_are_refused() {
        let vtt = "WEBVTT - title\n\n00:01.000 --> 00:02.000\nx\n";
        assert_eq!(to_vtt(vtt.as_bytes()).as_deref(), Some(vtt));
        assert_eq!(to_vtt(b"hello"), None);
        assert_eq!(to_vtt(b"\x00\x01\x02"), None);
        assert_eq!(to_vtt(b"1\n00:99:00,000 --> 00:00:01,000\nx"), None);
    }

    #[test]
    fn cues_are_read_without_marks() {
        let vtt = "WEBVTT\n\nNOTE 1 --> not a time\n\nSTYLE\n::cue {}\n\n7\n01:05.250 --> 01:07.000 align:start\n\
                   <v Ada>To the <i>moon</i>\n&amp; back &lt;3\n\n00:02:00.000 --> 00:02:01.000\n<c></c>\n\n\
                   01:00:00.000 --> 01:00:01.000\nend\n";
        let cue = |start_ms, text: &str| Cue {
            start_ms,
            text: text.to_owned(),
        };
        assert_eq!(
            cues(vtt, 9),
            [cue(65_250, "To the moon & back <3"), cue(3_600_000, "end")]
        );
        assert_eq!(cues(vtt, 1), [cue(65_250, "To the moon & back <3")]);
    }

    #[test]
    fn old_western_letters_are_read() {
        let srt = b"1\n00:00:01,000 --> 00:00:02,000\ncaf\xe9\n";
        assert!(to_vtt(srt).unwrap().contains("café"));
    }
}
