//! Renditions in AV1 beside those in H.264.

use crate::app::TestApp;
use crate::clips::{self, Clip};
use crate::runner::{accept, join};
use crate::transcode::{address, blob, made, master};
use crate::worker;
use base::db::Query;
use base::job::{self, JobError, Running};
use serde_json::json;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use vidicon::video::Video;

/// Two parts of one size.
const SMALL: Clip = Clip(
    "small.mp4",
    &[
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=128x72:r=10:d=7",
        "-c:v",
        "mpeg4",
    ],
);

/// Names and bytes of the renditions in AV1.
async fn av1(app: &TestApp, video: &Video) -> Vec<(String, i64)> {
    Query::new("SELECT filename, size_bytes FROM av1_file WHERE TRUE")
        .when(Some(video.id), " AND video_id = ?")
        .push(" ORDER BY resolution DESC")
        .all(&app.db)
        .await
        .unwrap()
}

async fn without_av1() -> bool {
    let ffmpeg = media::detect().await.unwrap();
    let has = ffmpeg.about().encoders.iter().any(|it| it == "libsvtav1");
    if !has {
        println!("ffmpeg has no libsvtav1 here: nothing is tested");
    }
    !has
}

#[tokio::test]
async fn av1_comes_beside_h264_and_goes_with_it() {
    if without_av1().await {
        return;
    }
    let app = TestApp::with(|config| {
        let wanted = json!({ "av1": { "enabled": true } });
        config.site.insert("transcoding".into(), wanted);
    })
    .await;
    let (video, files) = made(&app, &clips::ENCODED).await;
    let sizes: Vec<i64> = files.iter().map(|file| file.resolution).collect();
    assert_eq!(sizes, [270, 240, 0], "one file for each size");
    let found = av1(&app, &video).await;
    assert_eq!(found.len(), 2, "{found:?}");
    for (name, size) in &found {
        let path = blob(&app, &video, name);
        assert_eq!(clips::frames(&path).await, 175);
        assert_eq!(std::fs::metadata(path).unwrap().len(), *size as u64);
    }
    let master = master(&app, &video).await.unwrap();
    let text = app.get(&address(&video, &master)).await.text();
    assert_eq!(text.matches("CODECS=\"avc1.").count(), 2, "{text}");
    let line = "CODECS=\"av01.0.00M.08,mp4a.40.2\",RESOLUTION=";
    assert_eq!(text.matches(line).count(), 2, "{text}");
    let first_av1 = text.find("av01").unwrap();
    assert!(text.rfind("avc1").unwrap() < first_av1, "H.264 comes first");
    let name = found[1].0.replace("-fragmented.mp4", ".m3u8");
    let playlist = app.get(&address(&video, &name)).await.expect(200).text();
    assert!(playlist.ends_with("#EXT-X-ENDLIST\n"), "{playlist}");
    let api = format!("/api/v1/videos/{}", video.uuid);
    let streams = app.get(&api).await.json()["streamingPlaylists"][0].clone();
    assert_eq!(streams["files"].as_array().unwrap().len(), 3, "{streams}");
    let hashes = streams["segmentsSha256Url"].as_str().unwrap();
    let hashes = hashes.split_once("/static").unwrap().1;
    let hashes = app.get(&format!("/static{hashes}")).await.json();
    assert_eq!(
        hashes[&found[0].0].as_object().unwrap().len(),
        4,
        "{hashes}"
    );
    let left = vidicon::video::files::leftovers(&app).await.unwrap();
    assert!(left.is_empty(), "{left:?}");

    let root = app.root().await;
    let one = format!("{api}/hls/{}", files[1].id);
    app.delete(&one).token(&root).await.expect(204);
    app.run_jobs().await;
    let text = app.get(&address(&video, &master)).await.text();
    assert_eq!(
        text.matches("240\n").count() + text.matches("x240").count(),
        0,
        "{text}"
    );
    assert_eq!(av1(&app, &video).await, found[..1]);
    assert!(!blob(&app, &video, &found[1].0).exists());

    let body = json!({ "transcodingType": "hls" });
    app.post(&format!("{api}/transcoding"))
        .token(&root)
        .json(body)
        .await
        .expect(204);
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let anew = av1(&app, &video).await;
    assert_eq!(anew.len(), 2);
    assert!(!anew.contains(&found[0]));
    assert!(!blob(&app, &video, &found[0].0).exists());
}

#[tokio::test]
async fn av1_is_made_when_asked_for_and_goes_on_where_it_stopped() {
    if without_av1().await {
        return;
    }
    let app = TestApp::new().await;
    let (video, _) = made(&app, &SMALL).await;
    assert!(av1(&app, &video).await.is_empty());
    let root = app.root().await;
    let path = format!("/api/v1/videos/{}/transcoding", video.uuid);
    let body = json!({ "transcodingType": "av1" });
    app.post(&path).token(&root).json(body).await.expect(204);
    let _alone = clips::alone().await;
    let claimed = job::claim(&app.db, &["av1"], "test", app.clock.now()).await;
    let running = Running {
        job: Arc::new(claimed.unwrap().unwrap()),
        stop: CancellationToken::new(),
    };
    // One part is made in one go of the job; the next go finds it.
    let first = vidicon::transcode::av1(&app, &running).await;
    assert!(matches!(first, Err(JobError::Later(_))), "{first:?}");
    let work = app.folder.path().join(format!("work/av1-{}", video.id));
    let part = work.join("0/72.m4s");
    let made = std::fs::metadata(&part).unwrap().modified().unwrap();
    let second = vidicon::transcode::av1(&app, &running).await;
    assert!(matches!(second, Err(JobError::Later(_))), "{second:?}");
    assert_eq!(std::fs::metadata(&part).unwrap().modified().unwrap(), made);
    vidicon::transcode::av1(&app, &running).await.unwrap();
    assert_eq!(av1(&app, &video).await.len(), 1);
    assert!(!work.exists());
}

#[tokio::test]
async fn a_worker_makes_parts_in_av1() {
    if without_av1().await {
        return;
    }
    let app = TestApp::new().await;
    let (video, _) = made(&app, &SMALL).await;
    let root = app.root().await;
    let attic = join(&app, &root, "attic").await;
    assert!(
        worker::offered(&app, &attic, &["libsvtav1"])
            .await
            .is_empty()
    );
    let path = format!("/api/v1/videos/{}/transcoding", video.uuid);
    let body = json!({ "transcodingType": "av1" });
    app.post(&path).token(&root).json(body).await.expect(204);
    let _alone = clips::alone().await;
    let go = async || {
        let claimed = job::claim(&app.db, &["av1"], "test", app.clock.now()).await;
        let running = Running {
            job: Arc::new(claimed.unwrap().unwrap()),
            stop: CancellationToken::new(),
        };
        let outcome = vidicon::transcode::av1(&app, &running).await;
        let ended = job::finish(&app.db, &running.job, &outcome, app.clock.now());
        assert_eq!(ended.await.unwrap(), 1);
        outcome
    };
    for part in ["the first part is ours", "the second is offered"] {
        let outcome = go().await;
        assert!(
            matches!(outcome, Err(JobError::Later(_))),
            "{part}: {outcome:?}"
        );
    }
    assert!(worker::offered(&app, &attic, &["libx264"]).await.is_empty());
    let jobs = worker::offered(&app, &attic, &["libsvtav1"]).await;
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    let held = accept(&app, &attic, &jobs[0]).await;
    for (rung, file) in worker::encode(&held, &SMALL).await {
        let place = worker::local(&held["places"]["results"][&rung]);
        app.put(place).bytes("video/mp4", file).await.expect(204);
    }
    // What was brought wakes the job that waits for it.
    worker::success(&app, &attic, &held).await;
    let taken = go().await;
    assert!(matches!(taken, Err(JobError::Later(_))), "{taken:?}");
    go().await.unwrap();
    let found = av1(&app, &video).await;
    assert_eq!(found.len(), 1);
    assert_eq!(clips::frames(&blob(&app, &video, &found[0].0)).await, 70);
    let list = app.get("/api/v1/runners").token(&root).await.expect(200);
    assert_eq!(list.json()["data"][0]["trust"], 55, "its part was compared");
    let jobs = app.get("/api/v1/runners/jobs").token(&root).await.json();
    assert_eq!(jobs["data"][0]["state"]["id"], 3, "{jobs}");
}
