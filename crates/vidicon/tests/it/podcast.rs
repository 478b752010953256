//! Channels as podcasts: the sound as a file of the right length, its picture beside it.

use crate::app::TestApp;
use crate::clips;
use crate::transcode::made;
use crate::upload::{found, upload};
use base::clock::DAY;
use serde_json::{Value, json};
use vidicon::transcode::lifecycle;

async fn feed(app: &TestApp, more: &str) -> String {
    let (channel,): (i64,) = base::sql!("SELECT min(channel_id) FROM video")
        .one(&app.db)
        .await
        .unwrap();
    let path = format!("/feeds/podcast/videos.xml?videoChannelId={channel}{more}");
    app.get(&path).await.expect(200).text()
}

async fn run_jobs(app: &TestApp) {
    let _alone = clips::alone().await;
    app.run_jobs().await;
}

/// The value of an attribute behind this place.
fn attribute<'t>(text: &'t str, behind: &str, name: &str) -> &'t str {
    let rest = text
        .split_once(behind)
        .unwrap_or_else(|| panic!("no {behind} in {text}"))
        .1;
    let rest = rest.split_once(&format!(" {name}=\"")).unwrap().1;
    rest.split_once('"').unwrap().0
}

/// Streams and length as ffprobe reads them.
async fn probe(app: &TestApp, bytes: &[u8]) -> (Vec<String>, f64) {
    let shown = crate::extract::streams(app, bytes).await;
    let streams = shown["streams"].as_array().unwrap();
    let of = |stream: &Value| {
        assert!(stream["codec_type"] == "audio" || stream["disposition"]["attached_pic"] == 1);
        stream["codec_name"].as_str().unwrap().to_owned()
    };
    let length = shown["format"]["duration"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    (streams.iter().map(of).collect(), length)
}

#[tokio::test]
async fn an_episode_is_an_m4a_of_the_length_that_the_feed_says() {
    let app = TestApp::new().await;
    let (video, _) = made(&app, &clips::ENCODED).await;
    let first = feed(&app, "").await;
    assert!(!first.contains(".m4a"), "nobody had asked before: {first}");
    assert_eq!(attribute(&first, "<enclosure", "type"), "video/mp4");
    let path = format!("/download/videos/podcast/{}.m4a", video.uuid);
    let early = app.get(&path).await.expect(503);
    assert_eq!(early.header("retry-after"), "30");
    run_jobs(&app).await;

    let text = feed(&app, "").await;
    let url = attribute(&text, "<enclosure", "url");
    assert_eq!(url, format!("http://video.test{path}"));
    assert_eq!(attribute(&text, "<enclosure", "type"), "audio/x-m4a");
    assert!(text.contains("<podcast:medium>podcast</podcast:medium>"));
    let whole = app.get(&path).await.expect(200);
    assert_eq!(whole.header("content-type"), "audio/mp4");
    let length = whole.body.len().to_string();
    assert_eq!(whole.header("content-length"), length);
    assert_eq!(attribute(&text, "<enclosure", "length"), length);
    let (streams, seconds) = probe(&app, &whole.body).await;
    assert_eq!(streams[0], "aac", "{streams:?}");
    assert!(text.contains("<itunes:duration>7</itunes:duration>"));
    assert!((seconds - 7.0).abs() < 0.1, "{seconds}");
    let index = |kind: &[u8]| whole.body.windows(4).position(|part| part == kind);
    assert!(
        index(b"moov") < index(b"mdat"),
        "it plays while it is loaded"
    );

    let alternates: Vec<&str> = text.split("<podcast:alternateEnclosure").skip(1).collect();
    let kinds: Vec<&str> = alternates
        .iter()
        .map(|one| attribute(one, "", "type"))
        .collect();
    let with_pictures = ["video/mp4", "video/mp4", "application/x-mpegURL"];
    assert_eq!((kinds[0], &kinds[1..]), ("audio/x-m4a", &with_pictures[..]));

    let part = app
        .get(&path)
        .header("range", "bytes=100-199")
        .await
        .expect(206);
    assert_eq!(part.body, whole.body[100..200]);
    assert_eq!(
        part.header("content-range"),
        format!("bytes 100-199/{length}")
    );
    let tag = whole.header("etag");
    assert!(!tag.is_empty());
    app.get(&path)
        .header("if-none-match", tag)
        .await
        .expect(304);

    let pictures = feed(&app, "&enclosurePreference=video").await;
    assert_eq!(attribute(&pictures, "<enclosure", "type"), "video/mp4");
    assert!(pictures.contains(&path) && pictures.contains("<podcast:medium>video<"));
    let (channel, bad) = (
        "/feeds/podcast/videos.xml?videoChannelId=1",
        "&enclosurePreference=x",
    );
    app.get(&format!("{channel}{bad}")).await.expect(400);
}

#[tokio::test]
async fn a_new_episode_comes_with_its_sound_and_a_silent_one_without() {
    let app = TestApp::new().await;
    made(&app, &clips::ENCODED).await;
    feed(&app, "").await;
    run_jobs(&app).await;
    let root = app.root().await;
    let silent = found(&app, &upload(&app, &root, &clips::SILENT, &[]).await).await;
    let heard = found(&app, &upload(&app, &root, &clips::COPIED, &[]).await).await;
    run_jobs(&app).await;
    let text = feed(&app, "").await;
    assert_eq!(text.matches("<item>").count(), 3, "{text}");
    let episode = |uuid| format!("/download/videos/podcast/{uuid}.m4a");
    assert!(text.contains(&episode(heard.uuid)), "made with it, unasked");
    assert!(!text.contains(&episode(silent.uuid)));
    app.get(&episode(silent.uuid)).await;
    run_jobs(&app).await;
    app.get(&episode(silent.uuid)).await.expect(404);

    // One that is not there yet is left out; the address brings back what has gone.
    base::sql!("DELETE FROM extract WHERE video_id = $1")
        .bind(heard.id)
        .execute(&app.db)
        .await
        .unwrap();
    let text = feed(&app, "").await;
    assert_eq!(text.matches("<item>").count(), 2, "{text}");
    run_jobs(&app).await;
    assert_eq!(feed(&app, "").await.matches("<item>").count(), 3);
    for _ in 0..3 {
        app.clock.advance(5 * DAY);
        feed(&app, "").await;
        lifecycle::run(&app.app).await.unwrap();
    }
    app.get(&episode(heard.uuid)).await.expect(200);
    app.clock.advance(8 * DAY);
    lifecycle::run(&app.app).await.unwrap();
    run_jobs(&app).await;
    app.get(&episode(heard.uuid)).await.expect(503);
    run_jobs(&app).await;
    app.get(&episode(heard.uuid)).await.expect(200);

    let root = app.root().await;
    let api = format!("/api/v1/videos/{}", heard.uuid);
    let shut = json!({ "downloadEnabled": false });
    app.put(&api).token(&root).json(shut).await.expect(204);
    app.get(&episode(heard.uuid)).await.expect(403);
    assert!(!feed(&app, "").await.contains(&episode(heard.uuid)));
    app.get("/download/videos/podcast/none.m4a")
        .await
        .expect(400);
    app.get("/download/videos/podcast/none").await.expect(404);
}
