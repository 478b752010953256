//! What is measured of a title: how like its source each rendition is, how loud it is, whether it flashes.

use crate::app::TestApp;
use crate::clips::{self, Clip};
use crate::transcode::files;
use crate::upload::{found, upload};
use serde_json::{Value, json};
use std::path::PathBuf;
use vidicon::video::Video;

const FLAT: Clip = Clip(
    "flat.mkv",
    &[
        "-f",
        "lavfi",
        "-i",
        "color=0x305080:s=128x72:r=10:d=22,drawbox=x='mod(t*20,100)':y=20:w=20:h=30:color=white:t=fill",
        "-c:v",
        "ffv1",
    ],
);
const STROBE: Clip = Clip(
    "strobe.mkv",
    &[
        "-f",
        "lavfi",
        "-i",
        "color=s=128x72:r=30:d=2,geq=lum='if(lt(T,1),16,if(mod(floor(N/3),2),235,16))':cb=128:cr=128",
        "-c:v",
        "ffv1",
    ],
);
const QUIET: Clip = Clip("quiet.mp4", &sound("sine=f=440:r=48000:d=2,volume=-12dB"));
const LOUD: Clip = Clip("loud.mp4", &sound("sine=f=440:r=48000:d=2,volume=16dB"));

/// With a picture that is copied.
const fn sound(lavfi: &'static str) -> [&'static str; 20] {
    [
        "-f",
        "lavfi",
        "-i",
        "testsrc2=s=128x72:r=25:d=2",
        "-f",
        "lavfi",
        "-i",
        lavfi,
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-crf",
        "45",
        "-g",
        "12",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
    ]
}

async fn with(transcoding: Value) -> (TestApp, String) {
    let app = TestApp::with(|config| {
        config.site.insert("transcoding".into(), transcoding);
    })
    .await;
    let root = app.root().await;
    (app, root)
}

async fn made(app: &TestApp, root: &str, clip: &Clip) -> Video {
    let answer = upload(app, root, clip, &[]).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    found(app, &answer).await
}

async fn quality(app: &TestApp, root: &str, video: &Video) -> Value {
    let path = format!("/api/v1/videos/{}/quality", video.uuid);
    app.get(&path).token(root).await.expect(200).json()["data"].clone()
}

/// In LUFS.
async fn loudness(path: PathBuf) -> f64 {
    let done = tokio::process::Command::new("ffmpeg")
        .args(["-hide_banner", "-nostdin", "-i"])
        .arg(path)
        .args(["-af", "ebur128", "-f", "null", "-"])
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(done.stderr).unwrap();
    let whole = said.rsplit_once("I:").expect("no summary").1;
    whole.split_whitespace().next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn an_easy_title_gets_fewer_bytes_and_its_maker_sees_the_score() {
    let (chosen, root) = with(json!({ "perTitle": { "enabled": true } })).await;
    let video = made(&chosen, &root, &FLAT).await;
    let row = quality(&chosen, &root, &video).await[0].clone();
    assert!(row["crf"].as_i64().unwrap() > 23, "{row}");
    let (score, expected) = (
        row["score"].as_f64().unwrap(),
        row["expectedScore"].as_f64().unwrap(),
    );
    // VMAF is content from 93 on, SSIM later.
    let least = if row["metric"] == "vmaf" { 92.5 } else { 95.0 };
    assert!(score > least && (score - expected).abs() < 2.0, "{row}");
    let (size, expected) = (
        row["size"].as_f64().unwrap(),
        row["expectedSize"].as_f64().unwrap(),
    );
    assert!((0.5..2.0).contains(&(size / expected)), "{row}");
    let api = format!("/api/v1/videos/{}/quality", video.uuid);
    chosen.get(&api).await.expect(401);
    let other = chosen.user("ada").await;
    chosen.get(&api).token(&other).await.expect(403);

    let (fixed, root) = with(json!({})).await;
    let video = made(&fixed, &root, &FLAT).await;
    let plain = quality(&fixed, &root, &video).await[0].clone();
    assert_eq!(
        (&plain["crf"], &plain["expectedScore"]),
        (&Value::Null, &Value::Null)
    );
    assert!(plain["score"].as_f64().unwrap() > score - 0.01, "{plain}");
    assert!(plain["size"].as_f64().unwrap() > size, "{plain} {row}");
    let browser = crate::studio::Browser::new(&fixed, "root", crate::app::ROOT_PASSWORD).await;
    let page = browser
        .get(&format!("/my/videos/{}", video.uuid))
        .await
        .text();
    let said = format!(
        "{:.1} {}",
        plain["score"].as_f64().unwrap(),
        plain["metric"].as_str().unwrap().to_uppercase()
    );
    assert!(page.contains(&said), "no {said}");
}

#[tokio::test]
async fn quiet_and_loud_sounds_end_equally_loud() {
    let (app, root) = with(json!({ "loudness": { "enabled": true, "target": -18 } })).await;
    for clip in [&QUIET, &LOUD] {
        let source = loudness(clips::file(clip).await).await;
        assert!((source + 18.0).abs() > 5.0, "{source} already");
        let video = made(&app, &root, clip).await;
        let kept = files(&app, &video).await;
        assert!(kept[0].copied && !kept[1].copied, "{kept:?}");
        let name = format!("storage/renditions/{}/{}", video.uuid, kept[1].filename);
        let heard = loudness(app.folder.path().join(name)).await;
        assert!((heard + 18.0).abs() < 1.0, "{heard} LUFS of {source}");
    }
}

#[tokio::test]
async fn flashes_are_told_before_they_are_seen() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let video = made(&app, &root, &STROBE).await;
    let api = format!("/api/v1/videos/{}", video.uuid);
    let flashes = app.get(&api).await.json()["flashes"].clone();
    let start = flashes[0]["start"].as_f64().unwrap();
    assert!((0.9..1.3).contains(&start), "{flashes}");
    assert_eq!(flashes[1], Value::Null, "{flashes}");
    let warning = "flashes more than three times a second, at 0:01";
    for path in ["w", "videos/embed"] {
        let path = format!("/{path}/{}", video.uuid);
        let page = app.get(&path).await.expect(200).text();
        assert!(
            page.contains(warning) && page.contains("data-cover"),
            "{path}"
        );
        let page = app.get(&format!("{path}?show=1")).await.expect(200).text();
        assert!(!page.contains(warning), "{path}");
    }
    let calm = made(&app, &root, &clips::SILENT).await;
    let api = format!("/api/v1/videos/{}", calm.uuid);
    assert_eq!(app.get(&api).await.json()["flashes"], json!([]));
    let page = app.get(&format!("/w/{}", calm.uuid)).await.text();
    assert!(!page.contains("data-cover"));
}
