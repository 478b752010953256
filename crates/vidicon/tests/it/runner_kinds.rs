//! Runners' types of jobs beside those of the stream: whole files, a sound with a picture, storyboards, transcripts.

mod transcript;

use crate::app::TestApp;
use crate::clips;
use crate::runner::{PICTURE, about, accept, available, bring, join, seen};
use crate::transcode::{address, blob, files, master};
use crate::upload::{found, upload};
use base::clock::MINUTE;
use serde_json::{Value, json};
use std::path::Path;
use vidicon::video::{Video, VideoState};

async fn site(whole_files: bool) -> TestApp {
    TestApp::with(|config| {
        let on = json!({
            "remoteRunners": { "enabled": true }, "webVideos": { "enabled": whole_files },
        });
        config.site.insert("transcoding".into(), on);
    })
    .await
}

async fn waiting(app: &TestApp, root: &str, clip: &clips::Clip) -> Video {
    let answer = upload(app, root, clip, &[]).await;
    app.run_jobs().await;
    found(app, &answer).await
}

async fn again(app: &TestApp, video: &Video) -> Video {
    found(app, &json!({ "uuid": video.uuid })).await
}

/// A file of the input, as the runner fetches it.
async fn fetch(app: &TestApp, runner: &str, job: &Value, name: &str, to: &Path) {
    let url = job["payload"]["input"][name].as_str().unwrap();
    let path = url.strip_prefix("http://video.test").unwrap();
    let tokens = json!({ "runnerToken": runner, "jobToken": job["jobToken"] });
    let got = app.post(path).json(tokens.clone()).await.expect(200);
    assert!(!got.body.is_empty());
    std::fs::write(to, &got.body).unwrap();
    let wrong = json!({ "runnerToken": runner, "jobToken": "x" });
    app.post(path).json(wrong).await.expect(404);
}

async fn ffmpeg(words: &[&str], out: &Path) -> Vec<u8> {
    let done = tokio::process::Command::new("ffmpeg")
        .args(["-v", "error", "-nostdin", "-y"])
        .args(words)
        .arg(out)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}");
    std::fs::read(out).unwrap()
}

/// Does one job as PeerTube's runner does, by its type.
async fn work(app: &TestApp, runner: &str, offered: &Value) {
    let job = accept(app, runner, offered).await;
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    let (first, second, out) = (place("first"), place("second"), place("out.mp4"));
    let resolution = &job["payload"]["output"]["resolution"];
    let size = format!("scale=-2:{resolution}");
    let text = |path: &Path| path.to_str().unwrap().to_owned();
    let (one, two) = (text(&first), text(&second));
    let result = match job["type"].as_str().unwrap() {
        "vod-audio-merge-transcoding" => {
            fetch(app, runner, &job, "audioFileUrl", &first).await;
            fetch(app, runner, &job, "previewFileUrl", &second).await;
            let mut words = vec!["-loop", "1", "-r", "10", "-i", &two, "-i", &one, "-t", "1"];
            words.extend(["-vf", &size, "-c:a", "aac"]);
            words.extend(PICTURE);
            ffmpeg(&words, &out).await
        }
        "vod-web-video-transcoding" => {
            fetch(app, runner, &job, "videoFileUrl", &first).await;
            let mut words = vec!["-i", &one, "-vf", &size, "-c:a", "aac"];
            words.extend(PICTURE);
            ffmpeg(&words, &out).await
        }
        "vod-hls-transcoding" => {
            assert_eq!(resolution, 0, "only the sound: {job}");
            fetch(app, runner, &job, "videoFileUrl", &first).await;
            ffmpeg(&["-i", &one, "-vn", "-c:a", "aac"], &out).await
        }
        other => panic!("{other}"),
    };
    bring(app, runner, &job, &result, b"#EXTM3U")
        .await
        .expect(204);
    app.run_jobs().await;
    assert_eq!(seen(app, &app.root().await, &job).await["state"]["id"], 3);
}

/// Type and size of each job.
fn wanted(jobs: &[Value]) -> Vec<(&str, i64)> {
    jobs.iter()
        .map(|job| {
            let size = job["payload"]["output"]["resolution"].as_i64().unwrap();
            (job["type"].as_str().unwrap(), size)
        })
        .collect()
}

#[tokio::test]
async fn a_whole_file_serves_the_stream_too() {
    let app = site(true).await;
    let root = app.root().await;
    let video = waiting(&app, &root, &clips::ENCODED).await;
    let runner = join(&app, &root, "a runner").await;
    let jobs = available(&app, &runner).await;
    let web = "vod-web-video-transcoding";
    assert_eq!(
        wanted(&jobs),
        [(web, 270), (web, 240), ("vod-hls-transcoding", 0)]
    );
    let asked = json!({ "runnerToken": runner, "jobTypes": [web] });
    let of_type = app.post("/api/v1/runners/jobs/request").json(asked).await;
    let of_type = of_type.expect(200).json();
    assert_eq!(of_type["availableJobs"].as_array().unwrap().len(), 2);
    let _alone = clips::alone().await;
    for job in &jobs {
        work(&app, &runner, job).await;
    }
    app.run_jobs().await;
    let video = again(&app, &video).await;
    assert_eq!(video.state, VideoState::Published);
    let details = app.get(&format!("/api/v1/videos/{}", video.uuid)).await;
    let details = details.expect(200).json();
    let list = details["files"].as_array().unwrap();
    let sizes: Vec<&Value> = list.iter().map(|file| &file["resolution"]["id"]).collect();
    assert_eq!(sizes, [270, 240], "{details}");
    for file in list {
        let url = file["fileUrl"].as_str().unwrap();
        let path = url.strip_prefix("http://video.test").unwrap();
        let bytes = app.get(path).await.expect(200).body;
        assert_eq!(file["size"], bytes.len());
        assert_eq!(file["hasAudio"], true);
        let index = |kind: &[u8]| bytes.windows(4).position(|part| part == kind);
        assert!(index(b"moov") < index(b"mdat"));
    }
    let streams = details["streamingPlaylists"][0]["files"]
        .as_array()
        .unwrap();
    assert_eq!(streams.len(), 3);
    let rows = files(&app, &video).await;
    let stream = rows.iter().find(|file| !file.playlist_filename.is_empty());
    let frames = clips::frames(&blob(&app, &video, &stream.unwrap().filename)).await;
    assert_eq!(frames, 175);
    let list = app.get(&address(&video, &master(&app, &video).await.unwrap()));
    assert_eq!(list.await.text().matches("#EXT-X-STREAM-INF").count(), 2);
    let left = vidicon::video::files::leftovers(&app.app).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_runner_puts_a_sound_and_its_picture_together() {
    let app = site(false).await;
    let root = app.root().await;
    let video = waiting(&app, &root, &clips::SOUND_ONLY).await;
    assert_eq!(video.state, VideoState::ToTranscode);
    let runner = join(&app, &root, "a runner").await;
    let jobs = available(&app, &runner).await;
    let kinds: Vec<&str> = wanted(&jobs).iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds.last(), Some(&"vod-hls-transcoding"), "{jobs:?}");
    let merges = &kinds[..kinds.len() - 1];
    assert!(
        !merges.is_empty()
            && merges
                .iter()
                .all(|kind| *kind == "vod-audio-merge-transcoding")
    );

    // Nothing is heard for two minutes: another one has it.
    let late = accept(&app, &runner, &jobs[0]).await;
    assert_eq!(available(&app, &runner).await.len(), jobs.len() - 1);
    app.clock.advance(2 * MINUTE + 1000);
    assert_eq!(available(&app, &runner).await.len(), jobs.len());
    about(&app, &runner, &late, "update", json!({}))
        .await
        .expect(404);

    let _alone = clips::alone().await;
    for job in &jobs {
        work(&app, &runner, job).await;
    }
    app.run_jobs().await;
    let video = again(&app, &video).await;
    assert_eq!(video.state, VideoState::Published);
    let rows = files(&app, &video).await;
    assert!(rows.len() == jobs.len() && rows.iter().all(|file| file.complete));
    let list = app.get(&address(&video, &master(&app, &video).await.unwrap()));
    let list = list.await.expect(200).text();
    assert_eq!(
        list.matches("#EXT-X-STREAM-INF").count(),
        merges.len(),
        "{list}"
    );
    assert_eq!(list.matches("TYPE=AUDIO").count(), 1);
}

#[tokio::test]
async fn a_whole_file_that_is_not_whole_is_refused() {
    for wrong in ["silent", "small"] {
        let app = site(true).await;
        let root = app.root().await;
        let video = waiting(&app, &root, &clips::ENCODED).await;
        let runner = join(&app, &root, "a liar").await;
        let job = accept(&app, &runner, &available(&app, &runner).await[0]).await;
        let folder = tempfile::tempdir().unwrap();
        let source = clips::file(&clips::ENCODED).await;
        let mut words = vec!["-i", source.to_str().unwrap()];
        match wrong {
            "silent" => words.push("-an"),
            _ => words.extend(["-vf", "scale=-2:100", "-c:a", "aac"]),
        }
        words.extend(PICTURE);
        let result = ffmpeg(&words, &folder.path().join("out.mp4")).await;
        bring(&app, &runner, &job, &result, b"").await.expect(204);
        let _alone = clips::alone().await;
        app.run_jobs().await;
        let after = seen(&app, &root, &job).await;
        let why = after["error"].as_str().unwrap();
        let reason = if wrong == "silent" {
            "no sound"
        } else {
            "its size"
        };
        assert!(after["state"]["id"] == 4 && why.contains(reason), "{after}");
        assert!(
            available(&app, &runner).await.is_empty(),
            "the others end with it"
        );
        assert_eq!(
            again(&app, &video).await.state,
            VideoState::TranscodingFailed
        );
        let left = vidicon::video::files::leftovers(&app.app).await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    }
}

async fn with_boards() -> (TestApp, String, Video, String) {
    let app = TestApp::with(|config| {
        let on = json!({ "remoteRunners": { "enabled": true } });
        config.site.insert("storyboards".into(), on);
    })
    .await;
    let root = app.root().await;
    let answer = upload(&app, &root, &clips::COPIED, &[]).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let video = found(&app, &answer).await;
    assert_eq!(video.state, VideoState::Published);
    let runner = join(&app, &root, "a runner").await;
    (app, root, video, runner)
}

async fn boards(app: &TestApp, video: &Video) -> Value {
    let path = format!("/api/v1/videos/{}/storyboards", video.uuid);
    app.get(&path).await.expect(200).json()["storyboards"].clone()
}

async fn bring_board(app: &TestApp, runner: &str, job: &Value, bytes: &[u8]) {
    let uuid = job["uuid"].as_str().unwrap();
    let path = format!("/api/v1/runners/jobs/{uuid}/success");
    let token = job["jobToken"].as_str().unwrap();
    let fields = [("runnerToken", runner), ("jobToken", token)];
    let name = "payload[storyboardFile]";
    let parts: [(&str, &str, &str, &[u8]); 1] = [(name, "board.jpg", "image/jpeg", bytes)];
    app.post(&path).multipart(&fields, &parts).await.expect(204);
    app.run_jobs().await;
}

/// A board of the size that the job asks for, all in one colour.
async fn painted(job: &Value, more: i64, ending: &str) -> Vec<u8> {
    let sprites = &job["payload"]["sprites"];
    let side = |name: &str| {
        sprites["size"][name].as_i64().unwrap() * sprites["count"][name].as_i64().unwrap()
    };
    let picture = format!("color=red:s={}x{}", side("width"), side("height") + more);
    let folder = tempfile::tempdir().unwrap();
    let words = ["-f", "lavfi", "-i", &picture, "-frames:v", "1"];
    ffmpeg(&words, &folder.path().join(ending)).await
}

#[tokio::test]
async fn a_runner_makes_the_storyboard() {
    let (app, root, video, runner) = with_boards().await;
    assert_eq!(boards(&app, &video).await, json!([]), "it is not made here");
    let offered = available(&app, &runner).await;
    assert_eq!(offered.len(), 1);
    assert_eq!(offered[0]["type"], "generate-video-storyboard");
    let job = accept(&app, &runner, &offered[0]).await;
    let folder = tempfile::tempdir().unwrap();
    fetch(
        &app,
        &runner,
        &job,
        "videoFileUrl",
        &folder.path().join("in"),
    )
    .await;
    assert_eq!(job["payload"]["sprites"]["duration"], 1);
    let _alone = clips::alone().await;
    bring_board(&app, &runner, &job, &painted(&job, 0, "a.jpg").await).await;
    assert_eq!(seen(&app, &root, &job).await["state"]["id"], 3);
    let shown = boards(&app, &video).await;
    let sprites = &job["payload"]["sprites"];
    assert_eq!(shown[0]["spriteWidth"], sprites["size"]["width"]);
    let path = shown[0]["storyboardPath"].as_str().unwrap();
    let bytes = app.get(path).await.expect(200).body;
    assert!(bytes.starts_with(&[0xff, 0xd8, 0xff]));
    assert!(
        !app.folder
            .path()
            .join("runner")
            .join(job["uuid"].as_str().unwrap())
            .exists()
    );
}

#[tokio::test]
async fn a_storyboard_that_is_wrong_is_made_here() {
    for wrong in ["no picture", "of another size"] {
        let (app, root, video, runner) = with_boards().await;
        let job = accept(&app, &runner, &available(&app, &runner).await[0]).await;
        let bytes = match wrong {
            "no picture" => b"<svg/>".to_vec(),
            _ => painted(&job, 40, "a.jpg").await,
        };
        let _alone = clips::alone().await;
        bring_board(&app, &runner, &job, &bytes).await;
        let after = seen(&app, &root, &job).await;
        assert_eq!(after["state"]["id"], 4, "{after}");
        let why = after["error"].as_str().unwrap();
        assert!(why.starts_with("What the runner brought is wrong"), "{why}");
        assert_eq!(boards(&app, &video).await.as_array().unwrap().len(), 1);
        assert!(available(&app, &runner).await.is_empty());
    }
}

/// Where the original is gone, the best that was made stands for it.
#[tokio::test]
async fn a_runner_reads_the_largest_quality_where_no_original_was_kept() {
    let (app, _, video, runner) = with_boards().await;
    let job = accept(&app, &runner, &available(&app, &runner).await[0]).await;
    base::sql!("DELETE FROM video_source WHERE video_id = $1")
        .bind(video.id)
        .execute(&app.db)
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (input, out) = (folder.path().join("in.mp4"), folder.path().join("out.mp4"));
    fetch(&app, &runner, &job, "videoFileUrl", &input).await;
    ffmpeg(
        &[
            "-i",
            input.to_str().unwrap(),
            "-map",
            "0:v",
            "-map",
            "0:a",
            "-c",
            "copy",
        ],
        &out,
    )
    .await;
    assert_eq!(clips::frames(&out).await, 25);
}
