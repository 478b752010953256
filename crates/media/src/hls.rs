//! Playlists for renditions that are one file each, addressed by byte ranges. Pure text.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::rate::Rate;

/// EXT-X-TARGETDURATION of an encoded picture; it may not change while the playlist grows.
pub const PICTURE_TARGET_S: u32 = 2;
/// The same of an encoded sound.
pub const SOUND_TARGET_S: u32 = 4;

/// One rendition's file, or the part of it that there is so far: an init segment, then segments without gaps.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// `avc1.64001e`
    pub codec: String,
    /// Ticks per second.
    pub timescale: u32,
    pub init_len: u64,
    pub init_sha256: String,
    pub segments: Vec<Segment>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// Bytes.
    pub len: u64,
    /// Duration.
    pub ticks: u64,
    pub sha256: String,
}

impl Track {
    /// Bytes of the file.
    pub fn len(&self) -> u64 {
        self.init_len + self.segments.iter().map(|segment| segment.len).sum::<u64>()
    }

    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    pub fn ticks(&self) -> u64 {
        self.segments.iter().map(|segment| segment.ticks).sum()
    }

    pub fn duration_s(&self) -> f64 {
        self.seconds(self.ticks())
    }

    /// Adds the segments of the next part. False, and nothing done, when it has another init segment.
    pub fn extend(&mut self, part: &Track) -> bool {
        if self.codec.is_empty() {
            *self = part.clone();
            return true;
        }
        let fits = self.init_sha256 == part.init_sha256;
        if fits {
            self.segments.extend(part.segments.iter().cloned());
        }
        fits
    }

    /// The longest segment in whole seconds: EXT-X-TARGETDURATION of a finished playlist.
    pub fn target_s(&self) -> u32 {
        let longest = self
            .segments
            .iter()
            .map(|segment| segment.ticks)
            .max()
            .unwrap_or(0);
        (self.seconds(longest).round() as u32).max(1)
    }

    /// Bits per second of the hungriest segment. Segments of less than half the target do not count: the rate
    /// of a single frame says nothing.
    pub fn peak_bandwidth(&self) -> u64 {
        let half = u64::from(self.target_s()) * u64::from(self.timescale) / 2;
        let peak_of = |least: u64| {
            let counted = self
                .segments
                .iter()
                .filter(|segment| segment.ticks >= least);
            counted
                .map(|segment| self.bandwidth(segment.len, segment.ticks))
                .max()
        };
        peak_of(half).or_else(|| peak_of(0)).unwrap_or(0)
    }

    pub fn average_bandwidth(&self) -> u64 {
        self.bandwidth(
            self.segments.iter().map(|segment| segment.len).sum(),
            self.ticks(),
        )
    }

    /// First byte of each segment, with the segment.
    pub fn placed(&self) -> impl Iterator<Item = (u64, &Segment)> {
        self.segments.iter().scan(self.init_len, |at, segment| {
            let here = *at;
            *at += segment.len;
            Some((here, segment))
        })
    }

    fn seconds(&self, ticks: u64) -> f64 {
        ticks as f64 / f64::from(self.timescale.max(1))
    }

    fn bandwidth(&self, bytes: u64, ticks: u64) -> u64 {
        let bits = u128::from(bytes) * 8 * u128::from(self.timescale);
        u64::try_from(bits.div_ceil(u128::from(ticks.max(1)))).unwrap_or(u64::MAX)
    }
}

/// The playlist of one rendition whose file is at `uri`. It stays an EVENT when it has ended, so that nothing
/// changes for a player that watched it grow.
pub fn media_playlist(uri: &str, track: &Track, target_s: u32, has_ended: bool) -> String {
    let uri = plain(uri);
    let mut text = format!(
        "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:0\n\
         #EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n\
         #EXT-X-MAP:URI=\"{uri}\",BYTERANGE=\"{}@0\"\n",
        target_s.max(1),
        track.init_len
    );
    for (offset, segment) in track.placed() {
        let seconds = track.seconds(segment.ticks);
        let _ = write!(
            text,
            "#EXTINF:{seconds:.6},\n#EXT-X-BYTERANGE:{}@{offset}\n{uri}\n",
            segment.len
        );
    }
    if has_ended {
        text.push_str("#EXT-X-ENDLIST\n");
    }
    text
}

/// One line of the quality menu.
#[derive(Debug, Clone)]
pub struct Variant<'a> {
    pub playlist_uri: &'a str,
    pub width: u32,
    pub height: u32,
    pub rate: Rate,
    pub track: &'a Track,
}

#[derive(Debug, Clone)]
pub struct Sound<'a> {
    pub playlist_uri: &'a str,
    pub track: &'a Track,
    pub name: &'a str,
    pub language: Option<&'a str>,
}

#[derive(Debug, Clone)]
pub struct Subtitles<'a> {
    pub playlist_uri: &'a str,
    pub name: &'a str,
    pub language: &'a str,
    pub is_default: bool,
}

/// The playlist of playlists. Variants are listed as given; players start with the first.
pub fn master_playlist(
    variants: &[Variant<'_>],
    sound: Option<&Sound<'_>>,
    subtitles: &[Subtitles<'_>],
) -> String {
    let mut text = String::from("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n");
    if let Some(sound) = sound.filter(|_| !variants.is_empty()) {
        let language = sound
            .language
            .map(|code| format!(",LANGUAGE=\"{}\"", plain(code)))
            .unwrap_or_default();
        let (name, uri) = (plain(sound.name), plain(sound.playlist_uri));
        let _ = writeln!(
            text,
            "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aud\",NAME=\"{name}\"{language},DEFAULT=YES,AUTOSELECT=YES,URI=\"{uri}\""
        );
    }
    for one in subtitles {
        let (name, code, uri) = (
            plain(one.name),
            plain(one.language),
            plain(one.playlist_uri),
        );
        let default = if one.is_default { "YES" } else { "NO" };
        let _ = writeln!(
            text,
            "#EXT-X-MEDIA:TYPE=SUBTITLES,GROUP-ID=\"sub\",NAME=\"{name}\",LANGUAGE=\"{code}\",DEFAULT={default},\
             AUTOSELECT=YES,FORCED=NO,URI=\"{uri}\""
        );
    }
    let heard = sound.map(|sound| Heard::of(sound.track));
    for variant in variants {
        stream(&mut text, variant, heard.as_ref(), !subtitles.is_empty());
    }
    if let Some(sound) = sound.filter(|_| variants.is_empty()) {
        let (track, uri) = (sound.track, plain(sound.playlist_uri));
        let (peak, average) = (track.peak_bandwidth(), track.average_bandwidth());
        let _ = writeln!(
            text,
            "#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS=\"{}\"\n{uri}",
            track.codec
        );
    }
    text
}

/// What a sound adds to the picture's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub codec: String,
    pub peak_bps: u64,
    pub average_bps: u64,
}

impl Heard {
    fn of(track: &Track) -> Self {
        Heard {
            codec: track.codec.clone(),
            peak_bps: track.peak_bandwidth(),
            average_bps: track.average_bandwidth(),
        }
    }
}

/// A finished master with more variants behind those that it has, so that players which look no further go on as
/// before.
pub fn with_variants(master: &str, variants: &[Variant<'_>], heard: Option<&Heard>) -> String {
    let mut text = master.to_owned();
    let has_subtitles = master.contains("TYPE=SUBTITLES");
    for variant in variants {
        stream(&mut text, variant, heard, has_subtitles);
    }
    text
}

fn stream(text: &mut String, variant: &Variant<'_>, sound: Option<&Heard>, has_subtitles: bool) {
    let mut peak = variant.track.peak_bandwidth();
    let mut average = variant.track.average_bandwidth();
    let mut codecs = variant.track.codec.clone();
    let mut groups = String::new();
    if let Some(sound) = sound {
        peak += sound.peak_bps;
        average += sound.average_bps;
        let _ = write!(codecs, ",{}", sound.codec);
        groups.push_str(",AUDIO=\"aud\"");
    }
    if has_subtitles {
        groups.push_str(",SUBTITLES=\"sub\"");
    }
    let _ = writeln!(
        text,
        "#EXT-X-STREAM-INF:BANDWIDTH={peak},AVERAGE-BANDWIDTH={average},CODECS=\"{codecs}\",\
         RESOLUTION={}x{},FRAME-RATE={:.3}{groups}\n{}",
        variant.width,
        variant.height,
        variant.rate.as_f64(),
        plain(variant.playlist_uri)
    );
}

/// The hashes of `segments-sha256.json`: file name, then `first-last` byte, then the hash.
pub fn segments_sha256(files: &[(&str, &Track)]) -> serde_json::Value {
    let of_file = |track: &Track| -> serde_json::Map<String, serde_json::Value> {
        let range =
            |at: u64, segment: &Segment| format!("{at}-{}", at + segment.len.saturating_sub(1));
        track
            .placed()
            .map(|(at, segment)| (range(at, segment), segment.sha256.clone().into()))
            .collect()
    };
    files
        .iter()
        .map(|(name, track)| ((*name).to_owned(), of_file(track).into()))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

/// What would end a quoted text or a line is left out.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control() && *c != '"')
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(codec: &str, timescale: u32, segments: &[(u64, u64)]) -> Track {
        let segment = |(len, ticks): &(u64, u64)| Segment {
            len: *len,
            ticks: *ticks,
            sha256: format!("h{len}"),
        };
        Track {
            codec: codec.into(),
            timescale,
            init_len: 800,
            init_sha256: "i".into(),
            segments: segments.iter().map(segment).collect(),
        }
    }

    #[test]
    fn a_growing_playlist_only_gets_longer() {
        let mut track = track("avc1.64001e", 15360, &[(1000, 30720), (2000, 30720)]);
        let before = media_playlist("360.mp4", &track, PICTURE_TARGET_S, false);
        track.segments.push(Segment {
            len: 10,
            ticks: 512,
            sha256: String::new(),
        });
        let after = media_playlist("360.mp4", &track, PICTURE_TARGET_S, true);
        assert!(after.starts_with(&before));
        let expected = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n#EXT-X-MEDIA-SEQUENCE:0\n\
            #EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-INDEPENDENT-SEGMENTS\n#EXT-X-START:TIME-OFFSET=0,PRECISE=YES\n\
            #EXT-X-MAP:URI=\"360.mp4\",BYTERANGE=\"800@0\"\n\
            #EXTINF:2.000000,\n#EXT-X-BYTERANGE:1000@800\n360.mp4\n\
            #EXTINF:2.000000,\n#EXT-X-BYTERANGE:2000@1800\n360.mp4\n";
        assert_eq!(before, expected);
        assert!(
            after.ends_with(
                "#EXTINF:0.033333,\n#EXT-X-BYTERANGE:10@3800\n360.mp4\n#EXT-X-ENDLIST\n"
            )
        );
    }

    #[test]
    fn the_master_sums_picture_and_sound() {
        let video = track(
            "avc1.64001e",
            15360,
            &[(1000, 30720), (3000, 30720), (900, 512)],
        );
        let audio = track("mp4a.40.2", 48000, &[(4000, 192_000)]);
        assert_eq!(
            (video.peak_bandwidth(), video.target_s(), video.len()),
            (12_000, 2, 5700)
        );
        let variant = Variant {
            playlist_uri: "360.m3u8",
            width: 640,
            height: 360,
            rate: Rate::new(30000, 1001),
            track: &video,
        };
        let sound = Sound {
            playlist_uri: "a.m3u8",
            track: &audio,
            name: "Eng\"\nlish",
            language: Some("en"),
        };
        let text = master_playlist(std::slice::from_ref(&variant), Some(&sound), &[]);
        let expected = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n\
            #EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"aud\",NAME=\"English\",LANGUAGE=\"en\",DEFAULT=YES,AUTOSELECT=YES,URI=\"a.m3u8\"\n\
            #EXT-X-STREAM-INF:BANDWIDTH=20000,AVERAGE-BANDWIDTH=17720,CODECS=\"avc1.64001e,mp4a.40.2\",\
            RESOLUTION=640x360,FRAME-RATE=29.970,AUDIO=\"aud\"\n360.m3u8\n";
        assert_eq!(text, expected);
        let better = track("av01.0.04M.08", 15360, &[(700, 30720), (800, 30720)]);
        let beside = Variant {
            playlist_uri: "360-av1.m3u8",
            track: &better,
            ..variant.clone()
        };
        let both = with_variants(&text, &[beside], Some(&Heard::of(&audio)));
        let line = "#EXT-X-STREAM-INF:BANDWIDTH=11200,AVERAGE-BANDWIDTH=11000,CODECS=\"av01.0.04M.08,mp4a.40.2\",\
            RESOLUTION=640x360,FRAME-RATE=29.970,AUDIO=\"aud\"\n360-av1.m3u8\n";
        assert_eq!(both, format!("{text}{line}"));
        let silent = master_playlist(&[variant], None, &[]);
        assert!(silent.contains("CODECS=\"avc1.64001e\",RESOLUTION") && !silent.contains("aud"));
        let heard = master_playlist(&[], Some(&sound), &[]);
        assert!(
            heard.contains("BANDWIDTH=8000,AVERAGE-BANDWIDTH=8000,CODECS=\"mp4a.40.2\"\na.m3u8")
        );
    }

    #[test]
    fn subtitles_are_a_group() {
        let video = track("avc1.64001e", 15360, &[(1000, 30720)]);
        let variant = Variant {
            playlist_uri: "v",
            width: 2,
            height: 2,
            rate: Rate::new(30, 1),
            track: &video,
        };
        let german = Subtitles {
            playlist_uri: "de.m3u8",
            name: "Deutsch",
            language: "de",
            is_default: false,
        };
        let text = master_playlist(&[variant], None, &[german]);
        assert!(text.contains(
            "TYPE=SUBTITLES,GROUP-ID=\"sub\",NAME=\"Deutsch\",LANGUAGE=\"de\",DEFAULT=NO"
        ));
        assert!(text.contains("FRAME-RATE=30.000,SUBTITLES=\"sub\"\n"));
    }

    #[test]
    fn hashes_are_listed_by_byte_range() {
        let video = track("avc1.64001e", 15360, &[(1000, 30720), (5, 30720)]);
        let expected = serde_json::json!({"x.mp4": {"800-1799": "h1000", "1800-1804": "h5"}});
        assert_eq!(segments_sha256(&[("x.mp4", &video)]), expected);
    }

    #[test]
    fn parts_join_only_behind_the_same_init() {
        let mut whole = Track::default();
        let part = track("avc1.64001e", 15360, &[(1000, 30720)]);
        assert!(whole.extend(&part) && whole.extend(&part));
        assert_eq!(whole.segments.len(), 2);
        assert!(!whole.extend(&Track {
            init_sha256: "other".into(),
            ..part
        }));
        assert_eq!(whole.segments.len(), 2);
    }
}
