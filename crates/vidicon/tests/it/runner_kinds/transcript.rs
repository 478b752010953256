//! Runners listen to videos and write their captions.

use crate::app::{Answer, TestApp};
use crate::clips;
use crate::runner::{accept, available, join, seen};
use crate::upload::{found, upload};
use serde_json::{Value, json};
use vidicon::video::Video;

async fn site() -> TestApp {
    TestApp::with(|config| {
        let on = json!({ "enabled": true, "remoteRunners": { "enabled": true } });
        config.site.insert("videoTranscription".into(), on);
    })
    .await
}

async fn made(app: &TestApp, clip: &clips::Clip, fields: &[(&str, &str)]) -> Video {
    let root = app.root().await;
    let answer = upload(app, &root, clip, fields).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    found(app, &answer).await
}

async fn bring(app: &TestApp, runner: &str, job: &Value, language: &str, vtt: &[u8]) -> Answer {
    let uuid = job["uuid"].as_str().unwrap();
    let path = format!("/api/v1/runners/jobs/{uuid}/success");
    let token = job["jobToken"].as_str().unwrap();
    let fields = [
        ("runnerToken", runner),
        ("jobToken", token),
        ("payload[inputLanguage]", language),
    ];
    let name = "payload[vttFile]";
    let parts: [(&str, &str, &str, &[u8]); 1] = [(name, "said.vtt", "text/vtt", vtt)];
    let answer = app.post(&path).multipart(&fields, &parts).await;
    app.run_jobs().await;
    answer
}

async fn captions(app: &TestApp, video: &Video) -> Vec<Value> {
    let path = format!("/api/v1/videos/{}/captions", video.uuid);
    let list = app.get(&path).await.expect(200).json();
    list["data"].as_array().unwrap().clone()
}

const SAID: &[u8] = b"WEBVTT\n\n00:00.000 --> 00:01.000\nGood evening.\n";

#[tokio::test]
async fn what_a_runner_hears_becomes_a_caption() {
    let app = site().await;
    let root = app.root().await;
    let video = made(&app, &clips::COPIED, &[]).await;
    made(&app, &clips::SILENT, &[]).await;
    made(
        &app,
        &clips::SOUND_ONLY,
        &[("generateTranscription", "false")],
    )
    .await;
    let runner = join(&app, &root, "a listener").await;
    let offered = available(&app, &runner).await;
    assert_eq!(offered.len(), 1, "one has a sound and may be written down");
    assert_eq!(offered[0]["type"], "video-transcription");
    let job = accept(&app, &runner, &offered[0]).await;
    let url = job["payload"]["input"]["videoFileUrl"].as_str().unwrap();
    let path = url.strip_prefix("http://video.test").unwrap();
    let tokens = json!({ "runnerToken": runner, "jobToken": job["jobToken"] });
    let input = app.post(path).json(tokens).await.expect(200);
    assert_eq!(input.body, clips::bytes(&clips::COPIED).await);
    let generate = format!("/api/v1/videos/{}/captions/generate", video.uuid);
    let twice = app.post(&generate).token(&root).json(json!({})).await;
    let twice = twice.expect(409).json();
    assert_eq!(twice["code"], "video_already_being_transcribed");

    bring(&app, &runner, &job, "klingon", SAID)
        .await
        .expect(400);
    bring(&app, &runner, &job, "en", SAID).await.expect(204);
    assert_eq!(seen(&app, &root, &job).await["state"]["id"], 3);
    let shown = captions(&app, &video).await;
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0]["language"]["id"], "en");
    assert_eq!(shown[0]["automaticallyGenerated"], true);
    let details = app.get(&format!("/api/v1/videos/{}", video.uuid)).await;
    assert_eq!(details.json()["language"]["id"], "en", "nobody had said it");
    let file = shown[0]["captionPath"].as_str().unwrap();
    assert!(
        app.get(file)
            .await
            .expect(200)
            .text()
            .contains("Good evening.")
    );
    let told = app.get("/api/v1/users/me/notifications?typeOneOf=22");
    let told = told.token(&root).await.expect(200).json();
    assert_eq!(
        told["data"][0]["videoCaption"]["language"]["id"], "en",
        "{told}"
    );
    let again = app.post(&generate).token(&root).json(json!({})).await;
    let again = again.expect(400).json();
    assert_eq!(again["code"], "video_already_has_captions");
}

#[tokio::test]
async fn transcripts_are_ordered_and_wrong_ones_refused() {
    let off = TestApp::new().await;
    let root = off.root().await;
    let video = made(&off, &clips::COPIED, &[]).await;
    let path = format!("/api/v1/videos/{}/captions/generate", video.uuid);
    off.post(&path)
        .token(&root)
        .json(json!({}))
        .await
        .expect(400);

    let app = site().await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let no = [("generateTranscription", "false")];
    let silent = made(&app, &clips::SILENT, &no).await;
    let video = made(&app, &clips::COPIED, &no).await;
    let runner = join(&app, &root, "a listener").await;
    assert!(available(&app, &runner).await.is_empty());
    let path = |video: &Video| format!("/api/v1/videos/{}/captions/generate", video.uuid);
    let call = |video: &Video, token: &str| app.post(&path(video)).token(token).json(json!({}));
    app.post(&path(&video)).json(json!({})).await.expect(401);
    call(&video, &ada).await.expect(403);
    call(&silent, &root).await.expect(400);
    let missing = "/api/v1/videos/999/captions/generate";
    app.post(missing)
        .token(&root)
        .json(json!({}))
        .await
        .expect(404);
    let late = b"WEBVTT\n\n00:00.000 --> 09:00.000\nlate\n";
    for (wrong, why) in [(&b"\x00no"[..], "no WebVTT"), (&late[..], "longer")] {
        call(&video, &root).await.expect(204);
        let job = accept(&app, &runner, &available(&app, &runner).await[0]).await;
        bring(&app, &runner, &job, "en", wrong).await.expect(204);
        let after = seen(&app, &root, &job).await;
        assert_eq!(after["state"]["id"], 4);
        assert!(after["error"].as_str().unwrap().contains(why), "{after}");
        assert!(captions(&app, &video).await.is_empty());
    }
    // Somebody who may can have it begun anew; who had it before has lost it.
    call(&video, &root).await.expect(204);
    let lost = accept(&app, &runner, &available(&app, &runner).await[0]).await;
    let anew = json!({ "forceTranscription": true });
    app.post(&path(&video))
        .token(&root)
        .json(anew)
        .await
        .expect(204);
    bring(&app, &runner, &lost, "en", SAID).await.expect(404);
    let job = accept(&app, &runner, &available(&app, &runner).await[0]).await;
    // Nobody says anything.
    bring(&app, &runner, &job, "en", b"WEBVTT\n")
        .await
        .expect(204);
    assert_eq!(seen(&app, &root, &job).await["state"]["id"], 3);
    assert!(captions(&app, &video).await.is_empty());
}
