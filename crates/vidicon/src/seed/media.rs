//! What invented videos play: a few clips that ffmpeg draws, uploaded and made playable as any
//! other, whose files the invented videos then get copies of.

use super::rows::{self, FileOfVideo, Person};
use crate::account::{self, User};
use crate::app::App;
use crate::jobs;
use crate::video::upload::{self, Metadata, Purpose, Upload, UploadState, finish};
use crate::video::{VideoId, files};
use anyhow::Context;
use base::storage::{Class, StorageError};
use serde_json::{Map, json};
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// How a clip looks, how it sounds, and how many seconds it lasts.
const CLIPS: [(&str, &str, &str); 6] = [
    ("mandelbrot=size=640x360:rate=25", "sine=frequency=220", "9"),
    (
        "life=size=160x90:mold=10:rate=25:ratio=0.2:death_color=#223355:life_color=#ffdd99,scale=640:360:flags=neighbor",
        "sine=frequency=330",
        "12",
    ),
    (
        "gradients=size=640x360:rate=25:c0=#20304f:c1=#d98c5f:speed=0.03",
        "sine=frequency=147",
        "8",
    ),
    (
        "cellauto=size=640x360:rate=25:rule=110",
        "sine=frequency=440",
        "7",
    ),
    (
        "testsrc2=size=640x360:rate=25",
        "sine=frequency=262:beep_factor=4",
        "10",
    ),
    (
        "gradients=size=360x640:rate=25:c0=#1d3b2f:c1=#e6d5a8:type=radial",
        "sine=frequency=196",
        "6",
    ),
];
/// How often it is looked whether the clips are ready.
const PAUSE: Duration = Duration::from_millis(100);

/// A made clip that many videos share.
#[derive(Clone, Debug, Default)]
pub struct Media {
    pub duration_s: i64,
    pub aspect_ratio: Option<f64>,
    pub size_bytes: i64,
    pub thumbnail: Option<String>,
    pub preview: Option<String>,
    pub hue: Option<i64>,
    /// Whose files are copied: its UUID, its files and its playlists with their text.
    pub of: Option<Uuid>,
    pub files: Vec<FileOfVideo>,
    pub master: Option<String>,
    pub hashes: Option<String>,
    pub playlists: Vec<(String, String)>,
}

/// The clips as videos of these people; at most `most`.
pub async fn make(app: &App, people: &[Person], most: u64) -> anyhow::Result<Vec<Media>> {
    let folder = app.config.server.data_dir.join("seed");
    std::fs::create_dir_all(&folder)?;
    let mut ids = Vec::new();
    let most = usize::try_from(most).unwrap_or(CLIPS.len());
    for ((number, clip), person) in CLIPS
        .iter()
        .enumerate()
        .zip(people.iter().cycle())
        .take(most)
    {
        let path = folder.join(format!("clip-{number}.mp4"));
        draw(clip, &path).await?;
        let user = account::user(app, person.user_id).await?;
        ids.push(add(app, &user, person, &path, number).await?);
    }
    std::fs::remove_dir_all(&folder)?;
    until_ready(app, &ids).await?;
    let mut made = Vec::new();
    for id in ids {
        made.push(read(app, id).await?);
    }
    Ok(made)
}

async fn draw((picture, sound, seconds): &(&str, &str, &str), to: &Path) -> anyhow::Result<()> {
    let done = tokio::process::Command::new("ffmpeg")
        .args([
            "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound,
        ])
        .args([
            "-t", seconds, "-c:v", "libx264", "-preset", "veryfast", "-crf", "30",
        ])
        .args([
            "-pix_fmt", "yuv420p", "-g", "50", "-c:a", "aac", "-b:a", "64k",
        ])
        .arg(to)
        .stdin(std::process::Stdio::null())
        .status()
        .await?;
    anyhow::ensure!(done.success(), "ffmpeg could not draw a clip ({done})");
    Ok(())
}

async fn add(
    app: &App,
    user: &User,
    person: &Person,
    path: &Path,
    number: usize,
) -> anyhow::Result<VideoId> {
    let name = format!("Study {} of light and sound", number + 1);
    let mut fields = Map::new();
    for (field, value) in [
        ("name", json!(name)),
        ("channelId", json!(person.channel_id)),
        ("privacy", json!(1)),
        ("category", json!(2)),
        ("tags", json!(["study", "light"])),
    ] {
        fields.insert(field.to_owned(), value);
    }
    let begun = Upload {
        id: String::new(),
        user_id: user.id,
        purpose: Purpose::Video,
        video_id: None,
        metadata: Metadata {
            fields,
            filename: "study.mp4".to_owned(),
            ending: ".mp4".to_owned(),
            ..Metadata::default()
        },
        size_bytes: i64::try_from(std::fs::metadata(path)?.len())?,
        state: UploadState::Open,
        answer: None,
        updated_at: 0,
    };
    let (begun, _) = upload::begin(app, begun).await?;
    std::fs::copy(path, begun.path(app))?;
    let answer = finish::finish(app, user, begun).await?;
    let id = answer
        .pointer("/video/id")
        .and_then(serde_json::Value::as_i64);
    Ok(VideoId::new(id.context("the upload of a clip told no id")?))
}

/// Works as the server would, until each clip can be watched and nothing is left to be made of it.
async fn until_ready(app: &App, ids: &[VideoId]) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let workers = tokio::spawn({
        let (app, stop) = (app.clone(), stop.clone());
        async move {
            let (lanes, work) = (jobs::lanes(&app), jobs::work(&app));
            app.workers.run(lanes, work, stop).await;
        }
    });
    while rows::unready(&app.db, ids).await? > 0 {
        tokio::time::sleep(PAUSE).await;
    }
    stop.cancel();
    workers.await.context("the workers ended badly")
}

async fn read(app: &App, id: VideoId) -> anyhow::Result<Media> {
    let row = rows::clip(&app.db, id).await?;
    let uuid: Uuid = row.uuid.parse()?;
    let of_video = rows::files(&app.db, id).await?;
    let named = [row.master_filename.clone(), row.sha256_filename.clone()];
    let named = named.into_iter().flatten();
    let mut playlists = Vec::new();
    for name in named.chain(
        of_video
            .iter()
            .filter_map(|file| file.playlist_filename.clone()),
    ) {
        let key = files::key(uuid, &name);
        let text = app.storage.get(Class::Playlist, &key, 1 << 20).await?;
        playlists.push((name, String::from_utf8_lossy(&text).into_owned()));
    }
    Ok(Media {
        duration_s: row.duration_s,
        aspect_ratio: row.aspect_ratio,
        size_bytes: row.size_bytes,
        thumbnail: row.thumbnail,
        preview: row.preview,
        hue: row.hue,
        of: Some(uuid),
        files: of_video,
        master: row.master_filename,
        hashes: row.sha256_filename,
        playlists,
    })
}

impl Media {
    /// The same for the video with this UUID, under names of its own. No file is copied yet.
    #[must_use]
    pub fn renamed(&self, to: Uuid) -> Self {
        let name = |old: &String| renamed(old, to);
        let files = self.files.iter().map(|file| FileOfVideo {
            filename: name(&file.filename),
            playlist_filename: file.playlist_filename.as_ref().map(name),
            ..file.clone()
        });
        let texts = self.playlists.iter();
        let texts = texts.map(|(old, text)| (name(old), self.rewritten(text, to)));
        Media {
            thumbnail: self.thumbnail.as_ref().map(name),
            preview: self.preview.as_ref().map(name),
            master: self.master.as_ref().map(name),
            hashes: self.hashes.as_ref().map(name),
            files: files.collect(),
            playlists: texts.collect(),
            ..self.clone()
        }
    }

    fn rewritten(&self, text: &str, to: Uuid) -> String {
        let files = self.files.iter();
        let names = files.flat_map(|file| [Some(&file.filename), file.playlist_filename.as_ref()]);
        let replaced = |text: String, old: &String| text.replace(old.as_str(), &renamed(old, to));
        names.flatten().fold(text.to_owned(), replaced)
    }

    /// Copies the files of this under the names of `new`, for the video `to`.
    pub async fn copy(&self, app: &App, new: &Media, to: Uuid) -> Result<(), StorageError> {
        let Some(of) = self.of else { return Ok(()) };
        let storage = &app.storage;
        for (old, new) in self.files.iter().zip(&new.files) {
            let (old, new) = (files::key(of, &old.filename), files::key(to, &new.filename));
            let class = Class::Rendition;
            storage.copy((class, &old), (class, &new)).await?;
        }
        for (name, text) in &new.playlists {
            let (key, text) = (files::key(to, name), text.clone().into_bytes());
            storage.put(Class::Playlist, &key, text.into()).await?;
        }
        let class = Class::Thumbnail;
        for (old, new) in [
            (&self.thumbnail, &new.thumbnail),
            (&self.preview, &new.preview),
        ] {
            if let (Some(old), Some(new)) = (old, new) {
                storage.copy((class, old), (class, new)).await?;
            }
        }
        Ok(())
    }
}

/// Names begin with a UUID, and what follows tells what it is. The new one is made of the old one
/// and the video's, so that it is always the same.
fn renamed(name: &str, to: Uuid) -> String {
    let (old, rest) = name.split_at_checked(36).unwrap_or((name, ""));
    let mixed = old.parse().unwrap_or(Uuid::nil()).as_u128() ^ to.as_u128();
    let uuid = uuid::Builder::from_random_bytes(mixed.to_be_bytes()).into_uuid();
    format!("{uuid}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_names_of_its_own_that_fit_together() {
        let file = |name: &str| format!("11111111-1111-4111-8111-111111111111-{name}");
        let media = Media {
            files: vec![FileOfVideo {
                filename: file("360-fragmented.mp4"),
                playlist_filename: Some(file("360.m3u8")),
                ..FileOfVideo::default()
            }],
            master: Some("22222222-2222-4222-8222-222222222222-master.m3u8".to_owned()),
            playlists: vec![(
                file("360.m3u8"),
                format!("URI=\"{}\"", file("360-fragmented.mp4")),
            )],
            ..Media::default()
        };
        let copy = media.renamed(Uuid::from_u128(7));
        assert_ne!(copy.files[0].filename, media.files[0].filename);
        assert!(copy.files[0].filename.ends_with("-360-fragmented.mp4"));
        assert_eq!(
            copy.playlists[0].1,
            format!("URI=\"{}\"", copy.files[0].filename)
        );
        assert_eq!(
            Some(&copy.playlists[0].0),
            copy.files[0].playlist_filename.as_ref()
        );
        assert_eq!(copy.master, media.renamed(Uuid::from_u128(7)).master);
        assert_ne!(copy.master, media.renamed(Uuid::from_u128(8)).master);
    }
}
