//! What makers say of their pictures reaches the encoder, and the result shows it.

use crate::app::TestApp;
use crate::clips::{self, Clip};
use crate::transcode::{File, files};
use crate::upload::{found, upload};
use serde_json::{Value, json};
use std::path::PathBuf;
use vidicon::video::Video;

/// Black and white squares of eight pixels: hard edges alone.
const SQUARES: Clip = Clip(
    "squares.mkv",
    &[
        "-f",
        "lavfi",
        "-i",
        "color=s=480x270:r=10:d=0.5,geq=lum='if(mod(floor(X/8)+floor(Y/8),2),235,16)':cb=128:cr=128",
        "-c:v",
        "ffv1",
    ],
);

fn place(app: &TestApp, video: &Video, file: &File) -> PathBuf {
    let name = format!("storage/renditions/{}/{}", video.uuid, file.filename);
    app.folder.path().join(name)
}

/// Of the first frame's pixels, how many in a hundred are neither black nor white.
async fn greys(path: PathBuf) -> f64 {
    let decoded = tokio::process::Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output()
        .await
        .unwrap();
    let grey = |luma: &&u8| (60..190).contains(*luma);
    let greys = decoded.stdout.iter().filter(grey).count();
    100.0 * greys as f64 / decoded.stdout.len() as f64
}

/// Uploads, makes, and gives the smallest rendition and libx264's own account of its settings.
async fn made(app: &TestApp, root: &str, clip: &Clip, preset: &str) -> (Video, PathBuf, String) {
    let answer = upload(app, root, clip, &[("qualityPreset", preset)]).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let video = found(app, &answer).await;
    let encoded = files(app, &video).await;
    assert!(encoded.iter().all(|file| file.complete), "{preset}");
    let smallest = encoded.iter().filter(|file| file.resolution > 0);
    let smallest = smallest.min_by_key(|file| file.resolution).unwrap();
    let path = place(app, &video, smallest);
    let bytes = std::fs::read(&path).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let said = text.split("options: ").nth(1).unwrap_or_default();
    let said = said.split(|c: char| c.is_control()).next().unwrap();
    (video, path, said.to_owned())
}

#[tokio::test]
async fn each_preset_encodes_in_its_own_way() {
    let app = TestApp::new().await;
    let root = app.root().await;
    for (preset, settings) in [
        ("default", ["deblock=1:0:0", "crf=23.0", "vbv_maxrate=200"]),
        ("grain", ["deblock=1:-2:-2", "crf=23.0", "vbv_maxrate=400"]),
        ("screen", ["deblock=1:-3:-3", "crf=21.0", "vbv_maxrate=200"]),
        ("talk", ["deblock=1:0:0", "crf=24.0", "vbv_maxrate=140"]),
        (
            "animation",
            ["deblock=1:1:1", "crf=23.0", "vbv_maxrate=200"],
        ),
        (
            "archive",
            ["deblock=1:-1:-1", "crf=18.0", "vbv_maxrate=400"],
        ),
    ] {
        let (_, _, said) = made(&app, &root, &clips::SILENT, preset).await;
        for setting in settings {
            assert!(said.contains(setting), "{preset}: no {setting} in {said}");
        }
    }
}

#[tokio::test]
async fn pixel_art_keeps_its_edges() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let (video, hard, _) = made(&app, &root, &SQUARES, "pixel").await;
    let (_, soft, _) = made(&app, &root, &SQUARES, "default").await;
    let (hard, soft) = (greys(hard).await, greys(soft).await);
    assert!(
        soft > 8.0,
        "only {soft:.1} % of an ordinary rendition is grey"
    );
    assert!(
        hard < soft / 4.0,
        "{hard:.1} % is grey, and {soft:.1} % without"
    );

    let path = format!("/api/v1/videos/{}", video.uuid);
    let shown = app.get(&path).token(&root).await.expect(200).json();
    assert_eq!(shown["qualityPreset"], "pixel");
    let change = |to: Value| {
        let body = json!({ "qualityPreset": to });
        app.put(&path).token(&root).json(body)
    };
    change(json!("best")).await.expect(400);
    change(json!("grain")).await.expect(204);
    let shown = app.get(&path).token(&root).await.json();
    assert_eq!(shown["qualityPreset"], "grain");
    change(Value::Null).await.expect(204);
    let shown = app.get(&path).token(&root).await.json();
    assert_eq!(shown["qualityPreset"], Value::Null);
}

#[tokio::test]
async fn an_archive_offers_the_file_itself() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let (video, _, _) = made(&app, &root, &clips::DEEP, "archive").await;
    let api = format!("/api/v1/videos/{}", video.uuid);
    let source = app.get(&format!("{api}/source")).token(&root).await.json();
    let address = source["fileDownloadUrl"].as_str().unwrap();
    let address = &address[address.find("/download/").unwrap()..];
    let page = app.get(&format!("/w/{}", video.uuid)).await.expect(200);
    assert!(page.text().contains(address), "not on the page");
    let original = app.get(address).await.expect(200);
    assert_eq!(original.body, clips::bytes(&clips::DEEP).await);

    for change in [
        json!({ "downloadEnabled": false }),
        json!({ "downloadEnabled": true, "qualityPreset": "grain" }),
        json!({ "qualityPreset": "archive", "privacy": 3 }),
    ] {
        let said = change.to_string();
        app.put(&api).token(&root).json(change).await.expect(204);
        assert_eq!(app.get(address).await.status, 403, "{said}");
    }
    app.get(address).token(&root).await.expect(200);
}
