//! Videos become playable: copied or encoded, through stops, and say why when they cannot.

use crate::app::TestApp;
use crate::clips;
use crate::upload::{found, send, upload};
use base::db::Query;
use base::job::{self, JobState, Running};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use vidicon::video::{Video, VideoState};

#[derive(Debug, Deserialize)]
pub struct File {
    pub id: i64,
    pub filename: String,
    pub playlist_filename: String,
    pub resolution: i64,
    pub size_bytes: i64,
    pub complete: bool,
    pub copied: bool,
    pub fps: i64,
    pub codecs: Option<String>,
}

/// The renditions, the largest first; the sound last.
pub async fn files(app: &TestApp, video: &Video) -> Vec<File> {
    Query::new(
        "SELECT id, filename, coalesce(playlist_filename, '') AS playlist_filename, resolution,
                size_bytes, complete, copied, fps,
                codecs
         FROM video_file WHERE TRUE",
    )
    .when(Some(video.id), " AND video_id = ?")
    .push(" ORDER BY resolution DESC, id")
    .all(&app.db)
    .await
    .unwrap()
}

pub async fn master(app: &TestApp, video: &Video) -> Option<String> {
    let found: Option<(String,)> =
        Query::new("SELECT master_filename FROM streaming_playlist WHERE TRUE")
            .when(Some(video.id), " AND video_id = ?")
            .optional(&app.db)
            .await
            .unwrap();
    found.map(|(name,)| name)
}

pub fn address(video: &Video, file: &str) -> String {
    format!("/static/streaming-playlists/hls/{}/{file}", video.uuid)
}

pub fn blob(app: &TestApp, video: &Video, file: &str) -> PathBuf {
    let folder = app.folder.path().join("storage/renditions");
    folder.join(video.uuid.to_string()).join(file)
}

async fn again(app: &TestApp, video: &Video) -> Video {
    found(app, &json!({ "uuid": video.uuid })).await
}

/// Uploads and runs all jobs.
pub async fn made(app: &TestApp, clip: &clips::Clip) -> (Video, Vec<File>) {
    let root = app.root().await;
    let answer = upload(app, &root, clip, &[]).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let video = found(app, &answer).await;
    let files = files(app, &video).await;
    (video, files)
}

#[tokio::test]
async fn fitting_streams_are_copied() {
    let app = TestApp::new().await;
    let (video, files) = made(&app, &clips::COPIED).await;
    assert_eq!(video.state, VideoState::Published);
    assert!(
        files.iter().all(|file| file.complete && file.copied),
        "{files:?}"
    );
    assert_eq!(
        files.iter().map(|file| file.resolution).collect::<Vec<_>>(),
        [72, 0]
    );
    let master = app
        .get(&address(&video, &master(&app, &video).await.unwrap()))
        .await
        .expect(200);
    assert_eq!(
        master.header("content-type"),
        "application/vnd.apple.mpegurl"
    );
    let text = master.text();
    for part in [
        "RESOLUTION=128x72",
        "FRAME-RATE=25.000",
        "CODECS=\"avc1.",
        ",mp4a.40.2\"",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let picture = app
        .get(&address(&video, &files[0].playlist_filename))
        .await
        .expect(200);
    assert!(
        picture.text().ends_with("#EXT-X-ENDLIST\n"),
        "{}",
        picture.text()
    );
    assert_eq!(
        clips::frames(&blob(&app, &video, &files[0].filename)).await,
        25
    );
    let info = std::fs::metadata(blob(&app, &video, &files[0].filename)).unwrap();
    assert_eq!(info.len(), files[0].size_bytes as u64);
    for folder in ["work", "growing/renditions"] {
        let left = std::fs::read_dir(app.folder.path().join(folder)).map(Iterator::count);
        assert_eq!(left.unwrap_or(0), 0, "{folder} is empty");
    }
}

#[tokio::test]
async fn other_streams_are_encoded_in_all_sizes() {
    let app = TestApp::new().await;
    let (video, files) = made(&app, &clips::ENCODED).await;
    assert_eq!(video.state, VideoState::Published);
    let sizes: Vec<i64> = files.iter().map(|file| file.resolution).collect();
    assert_eq!(sizes, [270, 240, 0]);
    let text = app
        .get(&address(&video, &master(&app, &video).await.unwrap()))
        .await
        .text();
    assert_eq!(text.matches("#EXT-X-STREAM-INF").count(), 2);
    assert_eq!(text.matches("TYPE=AUDIO").count(), 1);
    for file in &files[..2] {
        assert_eq!(
            clips::frames(&blob(&app, &video, &file.filename)).await,
            175
        );
        let list = app
            .get(&address(&video, &file.playlist_filename))
            .await
            .text();
        assert_eq!(list.matches("#EXTINF").count(), 4, "{list}");
        assert_eq!(
            (
                file.fps,
                file.codecs.as_deref().unwrap().starts_with("avc1.")
            ),
            (25, true)
        );
        let range = list
            .lines()
            .filter_map(|line| line.strip_prefix("#EXT-X-BYTERANGE:"))
            .next_back();
        let (length, at) = range.unwrap().split_once('@').unwrap();
        let end = length.parse::<i64>().unwrap() + at.parse::<i64>().unwrap();
        assert_eq!(
            end, file.size_bytes,
            "the playlist ends where the file ends"
        );
    }
    let hashes: (String,) = Query::new("SELECT sha256_filename FROM streaming_playlist")
        .one(&app.db)
        .await
        .unwrap();
    let hashes = app
        .get(&address(&video, &hashes.0))
        .await
        .expect(200)
        .json();
    assert_eq!(hashes.as_object().unwrap().len(), 3);
    assert!(
        found_storyboard(&app).await["sprite_width"]
            .as_i64()
            .unwrap()
            > 0
    );
}

async fn found_storyboard(app: &TestApp) -> Value {
    let (text,): (String,) = Query::new("SELECT storyboard FROM video")
        .one(&app.db)
        .await
        .unwrap();
    let board: Value = serde_json::from_str(&text).unwrap();
    let path = format!(
        "/lazy-static/storyboards/{}",
        board["filename"].as_str().unwrap()
    );
    app.get(&path).await.expect(200);
    board
}

#[tokio::test]
async fn too_many_bits_are_copied_first_and_encoded_then() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let answer = upload(&app, &root, &clips::RICH, &[]).await;
    let video = found(&app, &answer).await;
    let _alone = clips::alone().await;
    let running = claimed(&app).await;
    let both = async {
        while !files(&app, &video)
            .await
            .iter()
            .any(|file| file.copied && file.complete)
        {
            tokio::task::yield_now().await;
        }
        files(&app, &video).await
    };
    let early = tokio::select! {
        done = vidicon::transcode::job::transcode(&app.app, &running) => panic!("{done:?}"),
        files = both => files,
    };
    assert_eq!(
        early.iter().map(|file| file.resolution).collect::<Vec<_>>(),
        [72, 72]
    );
    job::release_owned(&app.db, "test", app.clock.now())
        .await
        .unwrap();
    app.run_jobs().await;
    let late = files(&app, &video).await;
    assert!(
        late.len() == 1 && !late[0].copied && late[0].complete,
        "{late:?}"
    );
    let copied = early.iter().find(|file| file.copied).unwrap();
    assert!(
        !blob(&app, &video, &copied.filename).exists(),
        "it goes some hours later"
    );
    let text = app
        .get(&address(&video, &master(&app, &video).await.unwrap()))
        .await
        .text();
    assert_eq!(text.matches("#EXT-X-STREAM-INF").count(), 1);
}

#[tokio::test]
async fn without_sound_and_without_picture() {
    let app = TestApp::new().await;
    let (video, files) = made(&app, &clips::SILENT).await;
    assert_eq!(video.state, VideoState::Published);
    assert!(files.iter().all(|file| file.resolution > 0), "{files:?}");
    let (video, files) = made(&app, &clips::SOUND_ONLY).await;
    assert_eq!(video.state, VideoState::Published);
    assert_eq!(files.last().unwrap().resolution, 0);
    assert!(files.len() >= 2, "a sound gets a picture: {files:?}");
}

/// A job as a worker holds it.
pub async fn claimed(app: &TestApp) -> Running {
    let job = job::claim(&app.db, &["transcode"], "test", app.clock.now())
        .await
        .unwrap();
    Running {
        job: Arc::new(job.unwrap()),
        stop: CancellationToken::new(),
    }
}

async fn chunks_done(app: &TestApp) -> i64 {
    let (done,) = Query::new("SELECT chunks_done FROM transcode")
        .one(&app.db)
        .await
        .unwrap();
    done
}

/// The names of everything that grows, or is worked on.
fn unfinished(app: &TestApp) -> Vec<String> {
    ["growing/renditions", "work"]
        .iter()
        .filter_map(|folder| std::fs::read_dir(app.folder.path().join(folder)).ok())
        .flatten()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[tokio::test]
async fn a_video_deleted_while_it_is_made_leaves_no_files() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let answer = upload(&app, &root, &clips::ENCODED, &[]).await;
    let video = found(&app, &answer).await;
    let _alone = clips::alone().await;
    let running = claimed(&app).await;
    let first_part = async {
        while unfinished(&app).len() < 2 {
            tokio::task::yield_now().await;
        }
    };
    // The run is dropped as soon as its files grow: what a killed process leaves.
    tokio::select! {
        done = vidicon::transcode::job::transcode(&app.app, &running) => panic!("{done:?}"),
        () = first_part => {}
    }
    vidicon::transcode::job::tidy(&app.app).await.unwrap();
    assert_eq!(unfinished(&app).len(), 2, "they are in use");
    // A killed run may come back to its files after they were deleted with the video.
    let file = app.folder.path().join("growing/renditions");
    let late = file.join(video.uuid.to_string());
    let path = format!("/api/v1/videos/{}", video.uuid);
    app.delete(&path).token(&root).await.expect(204);
    assert_eq!(unfinished(&app).len(), 2);
    app.run_jobs().await;
    std::fs::create_dir_all(&late).unwrap();
    job::release_owned(&app.db, "test", app.clock.now())
        .await
        .unwrap();
    app.run_jobs().await;
    assert_eq!(unfinished(&app), Vec::<String>::new());
}

#[tokio::test]
async fn a_stop_costs_one_part_and_viewers_notice_nothing() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let answer = upload(&app, &root, &clips::ENCODED, &[]).await;
    let video = found(&app, &answer).await;
    let _alone = clips::alone().await;
    let running = claimed(&app).await;
    // The run is dropped as soon as its first part counts: what a killed process leaves.
    let first_part = async {
        loop {
            tokio::task::yield_now().await;
            let done: Option<(i64,)> = Query::new("SELECT chunks_done FROM transcode")
                .optional(&app.db)
                .await
                .unwrap();
            let is_out = again(&app, &video).await.state == VideoState::Published;
            if done.is_some_and(|(done,)| done > 0) && is_out {
                break;
            }
        }
    };
    tokio::select! {
        done = vidicon::transcode::job::transcode(&app.app, &running) => panic!("{done:?}"),
        () = first_part => {}
    }
    assert!(chunks_done(&app).await > 0);
    let watched = again(&app, &video).await;
    assert_eq!(
        watched.state,
        VideoState::Published,
        "it can be watched while it grows"
    );
    let growing = files(&app, &video).await;
    let list = app
        .get(&address(&video, &growing[0].playlist_filename))
        .await
        .expect(200)
        .text();
    assert!(
        list.contains("TYPE:EVENT") && !list.contains("ENDLIST"),
        "{list}"
    );
    let early = app
        .get(&address(&video, &growing[0].filename))
        .header("range", "bytes=0-99")
        .await;
    assert_eq!(early.expect(206).header("cache-control"), "no-store");

    let app = app.restarted().await;
    job::release_owned(&app.db, "test", app.clock.now())
        .await
        .unwrap();
    app.run_jobs().await;
    let whole = files(&app, &video).await;
    assert!(whole.iter().all(|file| file.complete));
    assert_eq!(whole[0].filename, growing[0].filename);
    let after = app
        .get(&address(&video, &whole[0].playlist_filename))
        .await
        .text();
    assert!(after.starts_with(&list), "what was told stays true");
    assert_eq!(
        clips::frames(&blob(&app, &video, &whole[0].filename)).await,
        175
    );
}

#[tokio::test]
async fn who_waits_is_published_at_the_end() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let answer = upload(&app, &root, &clips::COPIED, &[("waitTranscoding", "true")]).await;
    assert_eq!(found(&app, &answer).await.state, VideoState::ToTranscode);
    let _alone = clips::alone().await;
    app.run_jobs().await;
    assert_eq!(found(&app, &answer).await.state, VideoState::Published);
}

#[tokio::test]
async fn what_cannot_be_decoded_says_why() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let mut spoilt = clips::bytes(&clips::DEEP).await;
    // The index is whole, so it looks like a video; its pictures are noise.
    let pictures = spoilt.windows(4).position(|four| four == b"mdat").unwrap();
    for (at, byte) in spoilt.iter_mut().enumerate().skip(pictures + 4) {
        *byte = (at * 31 % 251) as u8;
    }
    let answer = send(&app, &root, "spoilt.mp4", &spoilt, &[])
        .await
        .expect(200)
        .json();
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let video = found(&app, &answer["video"]).await;
    assert_eq!(video.state, VideoState::TranscodingFailed);
    let failed = job::JobFilter {
        states: vec![JobState::Failed],
        count: 10,
        ..job::JobFilter::default()
    };
    let (_, jobs) = job::list(&app.db, &failed).await.unwrap();
    assert!(
        jobs[0].error.as_deref().is_some_and(|why| why.len() > 10),
        "{jobs:?}"
    );
    let (key,): (String,) = Query::new("SELECT key FROM video_source")
        .one(&app.db)
        .await
        .unwrap();
    assert!(
        app.folder
            .path()
            .join("storage/originals")
            .join(key)
            .exists(),
        "the original stays"
    );
}

#[tokio::test]
async fn a_deleted_video_ends_its_job() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let answer = upload(&app, &root, &clips::COPIED, &[]).await;
    let video = found(&app, &answer).await;
    vidicon::video::delete(&app.app, &video).await.unwrap();
    app.run_jobs().await;
    let folder = app.folder.path().join("storage");
    for class in ["originals", "renditions", "playlists", "thumbnails"] {
        let left = std::fs::read_dir(folder.join(class)).map(Iterator::count);
        assert_eq!(left.unwrap_or(0), 0, "{class}");
    }
}

#[tokio::test]
async fn a_video_is_made_anew_when_an_administrator_asks() {
    let app = TestApp::new().await;
    let (video, before) = made(&app, &clips::COPIED).await;
    let path = format!("/api/v1/videos/{}/transcoding", video.uuid);
    let (root, ada) = (app.root().await, app.user("ada").await);
    let body = json!({ "transcodingType": "hls" });
    app.post(&path)
        .token(&ada)
        .json(body.clone())
        .await
        .expect(403);
    app.post(&path)
        .token(&root)
        .json(json!({}))
        .await
        .expect(400);
    app.post(&path)
        .token(&root)
        .json(body.clone())
        .await
        .expect(204);
    let twice = app.post(&path).token(&root).json(body).await.expect(409);
    assert_eq!(twice.json()["code"], "video_already_being_transcoded");
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let after = files(&app, &video).await;
    assert_ne!(after[0].filename, before[0].filename);
    assert!(
        !blob(&app, &video, &before[0].filename).exists(),
        "the old files go"
    );
    assert_eq!(again(&app, &video).await.state, VideoState::Published);
}

#[tokio::test]
async fn single_renditions_can_go_but_not_the_last() {
    let app = TestApp::new().await;
    let (video, files) = made(&app, &clips::ENCODED).await;
    let root = app.root().await;
    let path = |id: i64| format!("/api/v1/videos/{}/hls/{id}", video.uuid);
    app.delete(&path(999_999)).token(&root).await.expect(404);
    app.delete(&path(files[2].id))
        .token(&root)
        .await
        .expect(400);
    app.delete(&path(files[1].id))
        .token(&root)
        .await
        .expect(204);
    app.delete(&path(files[0].id))
        .token(&root)
        .await
        .expect(400);
    app.delete(&format!("/api/v1/videos/{}/hls", video.uuid))
        .token(&root)
        .await
        .expect(400);
    app.run_jobs().await;
    assert!(!blob(&app, &video, &files[1].filename).exists());
    let text = app
        .get(&address(&video, &master(&app, &video).await.unwrap()))
        .await
        .text();
    assert!(
        !text.contains(&files[1].playlist_filename) && text.contains(&files[0].playlist_filename)
    );
}

#[tokio::test]
async fn whole_files_beside_the_playlists() {
    let app = TestApp::with(|config| {
        let on = json!({ "webVideos": { "enabled": true } });
        config.site.insert("transcoding".into(), on);
    })
    .await;
    let (video, _) = made(&app, &clips::COPIED).await;
    let path = format!("/api/v1/videos/{}", video.uuid);
    let shown = app.get(&path).await.expect(200).json();
    let whole = &shown["files"];
    assert_eq!(whole.as_array().unwrap().len(), 1, "{whole}");
    assert_eq!(
        (&whole[0]["resolution"]["id"], &whole[0]["hasAudio"]),
        (&json!(72), &json!(true))
    );
    let url = whole[0]["fileUrl"].as_str().unwrap();
    let address = url.strip_prefix("http://video.test").unwrap();
    let file = app.get(address).await.expect(200);
    assert_eq!(json!(file.body.len()), whole[0]["size"]);
    let out = app.folder.path().join("whole.mp4");
    std::fs::write(&out, &file.body).unwrap();
    assert_eq!(clips::frames(&out).await, 25);
    let index = file
        .body
        .windows(4)
        .position(|four| four == b"moov")
        .unwrap();
    let data = file
        .body
        .windows(4)
        .position(|four| four == b"mdat")
        .unwrap();
    assert!(index < data, "it plays before all of it is there");

    // Either kind may go, not both.
    let root = app.root().await;
    app.delete(&format!("{path}/web-videos"))
        .token(&root)
        .await
        .expect(204);
    app.delete(&format!("{path}/hls"))
        .token(&root)
        .await
        .expect(400);
    let body = json!({ "transcodingType": "web-video" });
    app.post(&format!("{path}/transcoding"))
        .token(&root)
        .json(body)
        .await
        .expect(204);
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let shown = app.get(&path).await.json();
    assert_eq!(shown["files"].as_array().unwrap().len(), 1);
    app.delete(&format!("{path}/hls"))
        .token(&root)
        .await
        .expect(204);
    let shown = app.get(&path).await.json();
    assert_eq!(shown["streamingPlaylists"], json!([]));
}
