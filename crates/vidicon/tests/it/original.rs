//! Originals that the site does not keep: they go when all is made, and the largest rendition stands in for them.

use crate::app::TestApp;
use crate::clips::{self, Clip};
use crate::transcode::{blob, files};
use crate::upload::{found, upload};
use serde_json::{Value, json};
use vidicon::video::files::source_of;
use vidicon::video::{Video, VideoState};

/// Three seconds whose streams are copied.
const THREE: Clip = Clip(
    "three.mp4",
    &[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=128x72:r=10:d=3",
        "-f",
        "lavfi",
        "-i",
        "sine=f=440:r=48000:d=3",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-crf",
        "45",
        "-g",
        "10",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
    ],
);

async fn site(more: Value) -> TestApp {
    TestApp::with(|config| {
        let mut wanted = json!({ "originalFile": { "keep": false } });
        let tree = wanted.as_object_mut().unwrap();
        tree.extend(more.as_object().unwrap().clone());
        config.site.insert("transcoding".into(), wanted);
        config
            .site
            .insert("videoStudio".into(), json!({ "enabled": true }));
    })
    .await
}

async fn made(app: &TestApp, clip: &Clip, fields: &[(&str, &str)]) -> Video {
    let root = app.root().await;
    let answer = upload(app, &root, clip, fields).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    found(app, &answer).await
}

fn originals(app: &TestApp, video: &Video) -> usize {
    let folder = app.folder.path().join("storage/originals");
    let folder = folder.join(video.uuid.to_string());
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

#[tokio::test]
async fn it_goes_when_all_is_made_and_the_video_can_be_made_anew_and_cut() {
    let app = site(json!({})).await;
    let root = app.root().await;
    let video = made(&app, &THREE, &[]).await;
    let before = files(&app, &video).await;
    assert!(before.iter().all(|file| file.complete), "{before:?}");
    assert_eq!(source_of(&app, video.id).await.unwrap(), None);
    assert_eq!(originals(&app, &video), 0);
    let api = format!("/api/v1/videos/{}", video.uuid);
    let source = format!("{api}/source");
    let source = app.get(&source).token(&root).await.expect(200).json();
    assert_eq!(source["fileDownloadUrl"], Value::Null);
    assert_eq!(source["inputFilename"], "three.mp4");

    let again = json!({ "transcodingType": "hls" });
    let path = format!("{api}/transcoding");
    app.post(&path).token(&root).json(again).await.expect(204);
    {
        let _alone = clips::alone().await;
        app.run_jobs().await;
    }
    let after = files(&app, &video).await;
    assert_eq!(
        after.iter().map(|it| it.resolution).collect::<Vec<_>>(),
        [72, 0]
    );
    assert_ne!(after[0].filename, before[0].filename);
    let path = blob(&app, &video, &after[0].filename);
    assert_eq!(clips::frames(&path).await, 30);
    assert_eq!(source_of(&app, video.id).await.unwrap(), None);
    assert_eq!(
        originals(&app, &video),
        0,
        "what stood in for it is gone too"
    );

    let tasks = json!({ "tasks": [{ "name": "remove-segments",
        "options": { "segments": [{ "start": 1, "end": 2 }] } }] });
    let path = format!("{api}/studio/edit");
    app.post(&path).token(&root).json(tasks).await.expect(204);
    {
        let _alone = clips::alone().await;
        app.run_jobs().await;
    }
    let video = found(&app, &json!({ "uuid": video.uuid })).await;
    assert_eq!((video.state, video.duration_s), (VideoState::Published, 2));
}

#[tokio::test]
async fn an_archive_stays_and_so_does_what_is_larger_than_all_that_was_made_of_it() {
    let app = site(json!({
        "alwaysTranscodeOriginalResolution": false, "resolutions": { "240p": true },
    }))
    .await;
    let larger = made(&app, &clips::ENCODED, &[]).await;
    assert_eq!(files(&app, &larger).await[0].resolution, 240);
    assert!(source_of(&app, larger.id).await.unwrap().is_some());
    let archive = made(&app, &clips::COPIED, &[("qualityPreset", "archive")]).await;
    assert!(source_of(&app, archive.id).await.unwrap().is_some());
    assert_eq!(originals(&app, &archive), 1);
}
