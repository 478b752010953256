//! Captions: WebVTT and SubRip, who may change them, what is refused.

use crate::app::TestApp;
use crate::video::add;

const SRT: &[u8] = b"1\n00:00:01,000 --> 00:00:02,500\nHallo\n";

fn file<'a>(kind: &'a str, bytes: &'a [u8]) -> [(&'a str, &'a str, &'a str, &'a [u8]); 1] {
    [("captionfile", "a.srt", kind, bytes)]
}

#[tokio::test]
async fn a_caption_is_added_replaced_and_removed() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let video = add(&app, "ada", "a talk", |_| {}).await;
    let list = format!("/api/v1/videos/{}/captions", video.uuid);
    let german = format!("{list}/de");
    app.put(&german)
        .token(&ada)
        .multipart(&[], &file("application/x-subrip", SRT))
        .await
        .expect(204);
    let first = app.get(&list).await.expect(200).json();
    assert_eq!(first["total"], 1);
    assert_eq!(first["data"][0]["language"]["id"], "de");
    let path = first["data"][0]["captionPath"].as_str().unwrap();
    let served = app.get(path).await.expect(200);
    assert_eq!(
        served.text(),
        "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nHallo\n"
    );
    let vtt = b"WEBVTT\n\n00:01.000 --> 00:02.000\nServus\n";
    app.put(&german)
        .token(&ada)
        .multipart(&[], &file("text/vtt", vtt))
        .await
        .expect(204);
    let second = app.get(&list).await.expect(200).json();
    assert_eq!(second["total"], 1);
    assert_ne!(second["data"][0]["captionPath"], path);
    app.get(path).await.expect(404);
    app.delete(&german).token(&ada).await.expect(204);
    app.delete(&german).token(&ada).await.expect(404);
    assert_eq!(app.get(&list).await.expect(200).json()["total"], 0);
}

#[tokio::test]
async fn a_wrong_caption_changes_nothing() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "a talk", |_| {}).await;
    let list = format!("/api/v1/videos/{}/captions", video.uuid);
    let german = format!("{list}/de");
    let good = file("text/vtt", b"WEBVTT\n");
    app.put(&german).multipart(&[], &good).await.expect(401);
    let stranger = app.put(&german).token(&bob).multipart(&[], &good).await;
    stranger.expect(403);
    for (path, files) in [
        (format!("{list}/klingon-x"), &good[..]),
        (german.clone(), &file("image/png", b"WEBVTT\n")[..]),
        (german.clone(), &file("text/vtt", b"not a caption")[..]),
        (german.clone(), &[][..]),
        ("/api/v1/videos/no-id/captions/de".to_owned(), &good[..]),
    ] {
        let fields = [("x", "y")];
        let answer = app.put(&path).token(&ada).multipart(&fields, files).await;
        answer.expect(400);
    }
    let nowhere = "/api/v1/videos/123456/captions/de";
    let answer = app.put(nowhere).token(&ada).multipart(&[], &good).await;
    answer.expect(404);
    assert_eq!(app.get(&list).await.expect(200).json()["total"], 0);
    app.get(&format!("/api/v1/videos/{}/views", video.uuid))
        .await
        .expect(405);
}

#[tokio::test]
async fn a_caption_as_large_as_a_film_is_refused() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let video = add(&app, "ada", "a talk", |_| {}).await;
    let list = format!("/api/v1/videos/{}/captions", video.uuid);
    let cue = b"00:01.000 --> 00:02.000\nServus\n\n";
    let mut long = b"WEBVTT\n\n".to_vec();
    while long.len() < 21 * 1024 * 1024 {
        long.extend_from_slice(cue);
    }
    let sent = app.put(&format!("{list}/de")).token(&ada);
    let answer = sent.multipart(&[], &file("text/vtt", &long)).await;
    let told = answer.expect(400).json()["invalid-params"]["captionfile"]["msg"].clone();
    assert_eq!(told, "This file is too large.");
    assert_eq!(app.get(&list).await.expect(200).json()["total"], 0);
}
