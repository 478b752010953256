//! The playlists of a video, while its renditions grow and when they are whole. They lie in the
//! storage like all else; viewers see a new version at once and whole.

use super::make::{Making, State};
use super::{Rendition, store};
use crate::video::files::key;
use base::job::JobError;
use base::storage::Class;
use media::Rate;
use media::hls::{
    PICTURE_TARGET_S, SOUND_TARGET_S, Sound, Track, Variant, master_playlist, media_playlist,
    segments_sha256,
};

/// Can the video be watched from its beginning with what there is?
pub fn is_playable(state: &State) -> bool {
    !offered(state).is_empty() && sound(state).is_none_or(|sound| !sound.track.is_empty())
}

/// The renditions that the master names: those that have begun to grow, and beside a whole one only what is whole,
/// too. Most players read it once, so all that can begin together does.
fn offered(state: &State) -> Vec<&Rendition> {
    let pictures = || state.files.iter().filter(|file| file.has_video);
    let whole: Vec<&Rendition> = pictures().filter(|file| file.complete).collect();
    let begun = pictures().filter(|file| !file.track.is_empty());
    let all_are_whole = pictures().all(|file| file.complete);
    match (all_are_whole, whole.is_empty()) {
        (true, _) => pictures().collect(),
        (false, false) => whole,
        (false, true) => begun.collect(),
    }
}

fn sound(state: &State) -> Option<&Rendition> {
    state.files.iter().find(|file| !file.has_video)
}

/// Writes each playlist as it is now, the master when there is something to be watched.
pub async fn playlists(making: &Making<'_>, state: &mut State) -> Result<(), JobError> {
    let shown_s = shown_s(state);
    for file in state.files.iter().filter(|file| !file.track.is_empty()) {
        let is_ahead = !file.has_video && !file.complete;
        let text = if is_ahead {
            let told = up_to(&file.track, shown_s);
            media_playlist(&file.filename, &told, target_s(file), false)
        } else {
            media_playlist(&file.filename, &file.track, target_s(file), file.complete)
        };
        put(making, file.playlist(), text).await?;
    }
    if is_playable(state) {
        master(making, state).await?;
    }
    Ok(())
}

/// How far the pictures go that viewers are told of; without an end where there is only sound.
fn shown_s(state: &State) -> f64 {
    let pictures = offered(state).into_iter();
    let shortest = pictures
        .map(|file| file.track.duration_s())
        .reduce(f64::min);
    let is_sound_alone = state.files.iter().all(|file| !file.has_video);
    shortest.unwrap_or(if is_sound_alone { f64::INFINITY } else { 0.0 })
}

/// The sound is made faster than the picture. Players that begin near the end of what grows would wait for the picture
/// there, so no more of the sound is told than what goes with it.
fn up_to(sound: &Track, shown_s: f64) -> Track {
    let mut told = Track {
        segments: Vec::new(),
        ..sound.clone()
    };
    for segment in &sound.segments {
        if !told.segments.is_empty() && told.duration_s() >= shown_s {
            break;
        }
        told.segments.push(segment.clone());
    }
    told
}

/// As [`playlists`], with the list of hashes: nothing changes any more.
pub async fn whole(making: &Making<'_>, state: &mut State) -> Result<(), JobError> {
    playlists(making, state).await?;
    let files: Vec<_> = state
        .files
        .iter()
        .map(|file| (file.filename.as_str(), &file.track))
        .collect();
    let hashes = segments_sha256(&files).to_string();
    put(making, &hashes_name(state), hashes).await
}

/// The longest segment in seconds. It may not change while a playlist grows.
fn target_s(file: &Rendition) -> u32 {
    match (file.copied, file.has_video) {
        (true, _) => file.track.target_s(),
        (false, true) => PICTURE_TARGET_S,
        (false, false) => SOUND_TARGET_S,
    }
}

async fn master(making: &Making<'_>, state: &State) -> Result<(), JobError> {
    let (app, video) = (making.app, making.video);
    let name = match store::master(&app.db, video.id).await? {
        Some(name) => name,
        None => format!("{}-master.m3u8", base::random::uuid()),
    };
    let rate: Rate = making.plan.rate;
    let side = |side: Option<i64>| side.and_then(|side| u32::try_from(side).ok()).unwrap_or(0);
    let variants: Vec<Variant<'_>> = offered(state)
        .into_iter()
        .map(|file| Variant {
            playlist_uri: file.playlist(),
            width: side(file.width),
            height: side(file.height),
            rate,
            track: &file.track,
        })
        .collect();
    let sound = sound(state).map(|file| Sound {
        playlist_uri: file.playlist(),
        track: &file.track,
        name: "Audio",
        language: None,
    });
    let text = master_playlist(&variants, sound.as_ref(), &[]);
    put(making, &name, text).await?;
    store::add_master(&app.db, video.id, &name, app.clock.now()).await?;
    Ok(())
}

/// Named after a rendition, so that a repeated step writes the same file.
pub fn hashes_name(state: &State) -> String {
    let first = state
        .files
        .first()
        .map_or("", |file| file.filename.as_str());
    let uuid = first.get(..36).unwrap_or_default();
    format!("{uuid}-segments-sha256.json")
}

async fn put(making: &Making<'_>, filename: &str, text: String) -> Result<(), JobError> {
    let key = key(making.video.uuid, filename);
    let stored = making
        .app
        .storage
        .put(Class::Playlist, &key, text.into_bytes().into())
        .await;
    stored.map_err(|error| JobError::Retry(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use media::hls::Segment;

    #[test]
    fn no_more_of_the_sound_is_told_than_goes_with_the_picture() {
        let segment = Segment {
            len: 10,
            ticks: 4000,
            sha256: String::new(),
        };
        let sound = Track {
            timescale: 1000,
            segments: vec![segment; 5],
            ..Track::default()
        };
        let told = |shown_s| up_to(&sound, shown_s).segments.len();
        assert_eq!([told(0.0), told(2.0), told(4.0)], [1, 1, 1]);
        assert_eq!([told(4.1), told(14.0), told(60.0)], [2, 4, 5]);
    }
}
