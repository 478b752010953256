//! Of a large picture viewers get the small renditions first.

use crate::app::TestApp;
use crate::clips::{self, Clip};
use crate::transcode::{File, address, blob, claimed, files, master};
use crate::upload::{found, upload};
use base::db::Query;
use base::job;
use media::{Plan, Source, Work};
use serde::Deserialize;
use std::path::Path;
use tokio_util::sync::CancellationToken;
use vidicon::video::files::growing_path;
use vidicon::video::{Video, VideoState};

/// Of a shape that no viewer's player takes, in two parts.
const LARGE: Clip = Clip(
    "large.mkv",
    &[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=1082x1082:r=5:d=4",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv444p",
    ],
);
const SMALL: [i64; 4] = [720, 480, 360, 240];

#[derive(Deserialize)]
struct Run {
    plan: Plan,
    chunks_done: i64,
}

async fn run(app: &TestApp) -> Option<Run> {
    let found = Query::new("SELECT plan, chunks_done FROM transcode");
    found.optional(&app.db).await.unwrap()
}

async fn master_text(app: &TestApp, video: &Video) -> String {
    let name = master(app, video).await.unwrap();
    app.get(&address(video, &name)).await.expect(200).text()
}

async fn rungs_of_the_player(app: &TestApp, video: &Video) -> usize {
    let news = app.get(&format!("{}/news", video.watch_path()));
    let news = news.await.expect(200).json();
    news["player"]["rungs"].as_array().unwrap().len()
}

/// The first part as it is when all renditions are made at once.
async fn at_once(app: &TestApp, plan: &Plan, folder: &Path) {
    let original: (String,) = Query::new("SELECT key FROM video_source")
        .one(&app.db)
        .await
        .unwrap();
    let source = Source::file(app.folder.path().join("storage/originals").join(original.0));
    let work = Work {
        ffmpeg: app.ffmpeg().await.unwrap(),
        plan,
        source: &source,
        folder,
        attempt: 1,
        priority: media::Priority::Normal,
        cancel: &CancellationToken::new(),
    };
    work.encode_chunk(0, |_| {}).await.unwrap();
}

fn first_part(folder: &Path, file: &File) -> Vec<u8> {
    let part = |ending: &str| {
        let name = format!("0/{}.{ending}", file.resolution);
        std::fs::read(folder.join(name)).unwrap()
    };
    [part("init"), part("m4s")].concat()
}

#[tokio::test]
async fn small_renditions_of_a_large_picture_are_watched_before_the_large_ones_begin() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let answer = upload(&app, &root, &LARGE, &[]).await;
    let video = found(&app, &answer).await;
    let _alone = clips::alone().await;
    let running = claimed(&app).await;
    let published = async {
        while found(&app, &answer).await.state != VideoState::Published {
            tokio::task::yield_now().await;
        }
    };
    // Dropped as soon as it can be watched: what a killed process leaves.
    tokio::select! {
        done = vidicon::transcode::job::transcode(&app.app, &running) => panic!("{done:?}"),
        () = published => {}
    }
    let Run { plan, chunks_done } = run(&app).await.unwrap();
    assert_eq!(chunks_done, 0, "the first part is not whole");
    let all = files(&app, &video).await;
    let sizes: Vec<i64> = all.iter().map(|file| file.resolution).collect();
    assert_eq!(sizes, [1082, 1080, 720, 480, 360, 240]);
    let text = master_text(&app, &video).await;
    for file in &all {
        let is_small = SMALL.contains(&file.resolution);
        assert_eq!(text.contains(&file.playlist_filename), is_small, "{text}");
    }
    assert_eq!(rungs_of_the_player(&app, &video).await, SMALL.len());
    let folder = tempfile::tempdir().unwrap();
    at_once(&app, &plan, folder.path()).await;
    let grown = |file: &File| growing_path(&app, video.uuid, &file.filename).unwrap();
    for file in all.iter().filter(|file| SMALL.contains(&file.resolution)) {
        let (made, at_once) = (
            std::fs::read(grown(file)).unwrap(),
            first_part(folder.path(), file),
        );
        assert!(made == at_once, "{} differs", file.resolution);
    }

    let app = app.restarted().await;
    job::release_owned(&app.db, "test", app.clock.now())
        .await
        .unwrap();
    app.run_jobs().await;
    let text = master_text(&app, &video).await;
    assert_eq!(text.matches("#EXT-X-STREAM-INF").count(), all.len());
    assert_eq!(rungs_of_the_player(&app, &video).await, all.len());
    for file in files(&app, &video).await {
        let stored = blob(&app, &video, &file.filename);
        assert!(file.complete);
        let frames = u64::try_from(clips::frames(&stored).await).unwrap();
        assert_eq!(frames, plan.frames, "{}", file.resolution);
        let begins = std::fs::read(&stored).unwrap();
        let at_once = first_part(folder.path(), &file);
        assert!(begins.starts_with(&at_once), "{} differs", file.resolution);
    }
}
