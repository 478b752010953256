//! Files that are made of a video for one who asks: made once, given again, gone when nobody asks any more.

use crate::app::{Answer, TestApp};
use crate::clips;
use crate::transcode::made;
use base::clock::DAY;
use serde_json::{Value, json};
use vidicon::transcode::lifecycle;
use vidicon::video::Video;

async fn ask(app: &TestApp, video: &Video, body: Value) -> Answer {
    let path = format!("/api/v1/videos/{}/extracts", video.uuid);
    app.post(&path).json(body).await
}

/// Asks, has it made, and gives what is told of it then.
async fn get(app: &TestApp, video: &Video, body: Value) -> Value {
    let asked = ask(app, video, body).await.expect(200).json();
    assert_eq!(
        (&asked["state"], &asked["downloadUrl"]),
        (&json!("waiting"), &Value::Null)
    );
    {
        let _alone = clips::alone().await;
        app.run_jobs().await;
    }
    let path = format!("/api/v1/videos/{}/extracts/{}", video.uuid, asked["id"]);
    let made = app.get(&path).await.expect(200).json();
    assert_eq!(made["state"], "done", "{made}");
    // So many are asked for in five seconds at the most.
    app.clock.advance(10_000);
    made
}

async fn load(app: &TestApp, made: &Value) -> Vec<u8> {
    let url = made["downloadUrl"].as_str().unwrap();
    let path = url.split_once("video.test").unwrap().1;
    let answer = app.get(path).await.expect(200);
    assert!(answer.header("content-disposition").contains("attachment"));
    let bytes = answer.body.clone();
    assert_eq!(made["size"], bytes.len());
    bytes
}

/// Streams and format as ffprobe reads them.
pub async fn streams(app: &TestApp, bytes: &[u8]) -> Value {
    let path = app.folder.path().join("loaded");
    std::fs::write(&path, bytes).unwrap();
    let shown = tokio::process::Command::new("ffprobe")
        .args([
            "-v",
            "error",
            "-show_streams",
            "-show_format",
            "-of",
            "json",
        ])
        .arg(path)
        .output()
        .await
        .unwrap();
    serde_json::from_slice(&shown.stdout).unwrap()
}

fn seconds(value: &Value) -> f64 {
    value.as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_passage_the_sound_and_the_whole_are_made_once_and_go_again() {
    let app = TestApp::new().await;
    let (video, _) = made(&app, &clips::ENCODED).await;

    let wanted = json!({ "type": "gif", "start": 1, "end": 3.5 });
    let made = get(&app, &video, wanted.clone()).await;
    let gif = load(&app, &made).await;
    assert!(gif.starts_with(b"GIF89a") && gif.len() < 5_000_000);
    assert!(
        gif.windows(11).any(|part| part == b"NETSCAPE2.0"),
        "it repeats"
    );
    let shown = streams(&app, &gif).await;
    assert!(
        (seconds(&shown["format"]["duration"]) - 2.5).abs() < 0.15,
        "{shown}"
    );
    let again = ask(&app, &video, wanted).await.expect(200).json();
    assert_eq!(again, made, "it is given again");

    let made = get(
        &app,
        &video,
        json!({ "type": "loop", "start": 0, "end": 2, "resolution": 240 }),
    );
    let shown = streams(&app, &load(&app, &made.await).await).await;
    assert_eq!(
        shown["streams"].as_array().unwrap().len(),
        1,
        "no sound: {shown}"
    );
    assert_eq!(shown["streams"][0]["height"], 240);
    assert_eq!(shown["streams"][0]["nb_frames"], "50");

    let made = get(&app, &video, json!({ "type": "podcast" })).await;
    let bytes = load(&app, &made).await;
    let (index, sound) = (place(&bytes, b"moov"), place(&bytes, b"mdat"));
    assert!(index < sound, "its index stands before the sound");
    let shown = streams(&app, &bytes).await;
    assert_eq!(shown["streams"][0]["codec_name"], "aac");
    assert_eq!(shown["format"]["tags"]["title"], video.name);
    assert!(
        (seconds(&shown["streams"][0]["duration"]) - 7.0).abs() < 0.1,
        "{shown}"
    );

    let made = get(&app, &video, json!({ "type": "mp4" })).await;
    let bytes = load(&app, &made).await;
    assert!(place(&bytes, b"moov") < place(&bytes, b"mdat"));
    let shown = streams(&app, &bytes).await;
    assert_eq!(shown["streams"].as_array().unwrap().len(), 2, "{shown}");
    assert_eq!(shown["streams"][0]["nb_frames"], "175");

    let left = vidicon::video::files::leftovers(&app.app).await.unwrap();
    assert!(left.is_empty(), "{left:?}");
    let path = made["downloadUrl"]
        .as_str()
        .unwrap()
        .split_once("video.test")
        .unwrap()
        .1;
    app.clock.advance(6 * DAY);
    app.get(path).await.expect(200);
    app.clock.advance(2 * DAY);
    lifecycle::run(&app.app).await.unwrap();
    app.run_jobs().await;
    app.get(path).await.expect(200);
    let blobs = app.folder.path().join("storage/renditions");
    let blobs = blobs.join(video.uuid.to_string());
    let count = |ending: &str| {
        let names = std::fs::read_dir(&blobs).unwrap().flatten();
        names
            .filter(|it| it.path().extension().is_some_and(|own| own == ending))
            .count()
    };
    assert_eq!(
        (count("gif"), count("m4a")),
        (0, 0),
        "nobody asked for them"
    );
}

fn place(bytes: &[u8], kind: &[u8]) -> usize {
    bytes.windows(4).position(|part| part == kind).unwrap()
}

#[tokio::test]
async fn what_cannot_be_made_is_refused() {
    let app = TestApp::new().await;
    let (video, _) = made(&app, &clips::COPIED).await;
    for wrong in [
        json!({}),
        json!({ "type": "webp" }),
        json!({ "type": "gif" }),
        json!({ "type": "gif", "start": 0.5, "end": 0.5 }),
        json!({ "type": "gif", "start": -1, "end": 1 }),
        json!({ "type": "gif", "start": "a", "end": 1 }),
        json!({ "type": "mp4", "resolution": "large" }),
    ] {
        ask(&app, &video, wrong.clone()).await.expect(400);
        app.clock.advance(10_000);
    }
    let path = format!("/api/v1/videos/{}/extracts/9", video.uuid);
    app.get(&path).await.expect(404);
    app.get("/download/videos/extracts/none.gif")
        .await
        .expect(404);
    let root = app.root().await;
    let shut = json!({ "downloadEnabled": false, "privacy": 3 });
    let api = format!("/api/v1/videos/{}", video.uuid);
    app.put(&api).token(&root).json(shut).await.expect(204);
    let closed = ask(&app, &video, json!({ "type": "podcast" })).await;
    assert!(
        [401, 403].contains(&closed.status.as_u16()),
        "{}",
        closed.status
    );
    let open = json!({ "privacy": 1 });
    app.put(&api).token(&root).json(open).await.expect(204);
    ask(&app, &video, json!({ "type": "podcast" }))
        .await
        .expect(403);
}
