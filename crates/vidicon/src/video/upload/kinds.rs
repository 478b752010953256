//! Which kinds of files are taken as videos, by the media type that the client declares. What a
//! file really is, is looked at when all of it is there.

use crate::app::App;
use crate::error::{Error, Result};
use axum::http::StatusCode;

const ALWAYS: &[(&str, &str)] = &[
    ("video/webm", ".webm"),
    ("video/ogg", ".ogv"),
    ("video/mp4", ".mp4"),
];

const MORE: &[(&str, &str)] = &[
    ("video/x-matroska", ".mkv"),
    ("video/matroska", ".mkv"),
    ("video/quicktime", ".mov .qt .mqv"),
    ("video/x-m4v", ".m4v"),
    ("video/m4v", ".m4v"),
    ("video/x-flv", ".flv"),
    ("video/x-f4v", ".f4v"),
    ("video/x-ms-wmv", ".wmv"),
    ("video/x-msvideo", ".avi"),
    ("video/avi", ".avi"),
    ("video/3gpp", ".3gp .3gpp"),
    ("video/3gpp2", ".3g2 .3gpp2"),
    ("application/x-nut", ".nut"),
    ("video/mp2t", ".mts .ts"),
    ("video/vnd.dlna.mpeg-tts", ".mts"),
    ("video/m2ts", ".m2ts"),
    ("video/mpv", ".mpv"),
    ("video/mpeg2", ".m2v"),
    ("video/mpeg", ".mpg .mpeg .m1v .mpe .vob"),
    ("video/dvd", ".vob"),
    ("application/mxf", ".mxf"),
];

const SOUND: &[(&str, &str)] = &[
    ("audio/mpeg", ".mp3"),
    ("audio/mp3", ".mp3"),
    ("application/ogg", ".ogg"),
    ("audio/ogg", ".ogg"),
    ("audio/x-ms-wma", ".wma"),
    ("audio/wav", ".wav"),
    ("audio/x-wav", ".wav"),
    ("audio/x-flac", ".flac"),
    ("audio/flac", ".flac"),
    ("audio/vnd.dlna.adts", ".aac"),
    ("audio/aac", ".aac"),
    ("audio/m4a", ".m4a"),
    ("audio/x-m4a", ".m4a"),
    ("audio/mp4", ".m4a"),
    ("audio/vnd.dolby.dd-raw", ".ac3"),
    ("audio/ac3", ".ac3"),
];

/// The ending under which a file of this media type is kept; 415 when the type is not taken.
/// `application/octet-stream` says nothing, so there the file's own ending decides.
pub fn ending(app: &App, kind: &str, filename: &str) -> Result<String> {
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let own = own_ending(filename);
    let (more, sound) = allowed(app);
    if more && kind.eq_ignore_ascii_case("application/octet-stream") {
        return Ok(own.unwrap_or_else(|| ".mp4".to_owned()));
    }
    let lists = [(true, ALWAYS), (more, MORE), (sound, SOUND)];
    let endings = lists
        .into_iter()
        .filter(|(is_allowed, _)| *is_allowed)
        .flat_map(|(_, list)| list)
        .find_map(|(known, endings)| known.eq_ignore_ascii_case(kind).then_some(*endings));
    let endings = endings.ok_or_else(|| unsupported(kind))?;
    // The name's own ending if it fits the type, else the type's usual one.
    let fitting = own.filter(|own| endings.split(' ').any(|ending| ending == own));
    let usual = endings.split(' ').next().unwrap_or(".mp4");
    Ok(fitting.unwrap_or_else(|| usual.to_owned()))
}

/// All endings that are taken, for `config`.
pub fn endings(app: &App) -> Vec<&'static str> {
    let (more, sound) = allowed(app);
    let lists = [(true, ALWAYS), (more, MORE), (sound, SOUND)];
    let mut all: Vec<&str> = lists
        .into_iter()
        .filter(|(is_allowed, _)| *is_allowed)
        .flat_map(|(_, list)| list)
        .flat_map(|(_, endings)| endings.split(' '))
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What the administrator takes: other kinds of video, and sound.
fn allowed(app: &App) -> (bool, bool) {
    let settings = app.instance.settings();
    let transcoding = &settings.transcoding;
    (
        transcoding.enabled && transcoding.allow_additional_extensions,
        transcoding.enabled && transcoding.allow_audio_files,
    )
}

fn own_ending(filename: &str) -> Option<String> {
    let (_, ending) = filename.rsplit_once('.')?;
    let fits = (1..=5).contains(&ending.len()) && ending.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| format!(".{}", ending.to_lowercase()))
}

fn unsupported(kind: &str) -> Error {
    let kind: String = kind.chars().take(80).collect();
    Error::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        format!("A file of the type \"{kind}\" is not supported."),
    )
}

#[cfg(test)]
mod tests {
    use super::own_ending;

    #[test]
    fn only_plain_endings_count() {
        assert_eq!(own_ending("a.b.MKV").as_deref(), Some(".mkv"));
        for name in ["", "a", "a.", "a.b/c", "a.toolong"] {
            assert_eq!(own_ending(name), None, "{name}");
        }
    }
}
