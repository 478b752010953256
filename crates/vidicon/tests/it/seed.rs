//! Invented videos stand in the database as real ones would.

use crate::app::TestApp;
use base::db::Query;
use vidicon::video::{self, VideoId};

async fn counts(app: &TestApp) -> Vec<(String, i64, bool, i64)> {
    Query::new("SELECT scope, listed, nsfw, videos FROM video_count WHERE videos <> 0 ORDER BY scope, listed, nsfw")
        .all(&app.db)
        .await
        .unwrap()
}

#[tokio::test]
async fn lists_and_scores_are_those_that_the_verbs_would_give() {
    let app = TestApp::new().await;
    vidicon::seed::fill_bare(&app.app, 130).await.unwrap();
    let before: Vec<(VideoId, f64)> = Query::new("SELECT id, hot FROM video ORDER BY id")
        .all(&app.db)
        .await
        .unwrap();
    let counted = counts(&app).await;
    assert_eq!(before.len(), 130);
    assert!(counted.len() > 10);
    for (id, _) in &before {
        let mut tx = app.db.begin().await.unwrap();
        video::relist(&mut tx, *id).await.unwrap();
        video::rescore(&mut tx, *id).await.unwrap();
        tx.commit().await.unwrap();
    }
    let after: Vec<(VideoId, f64)> = Query::new("SELECT id, hot FROM video ORDER BY id")
        .all(&app.db)
        .await
        .unwrap();
    assert_eq!(counts(&app).await, counted);
    assert_eq!(after, before);
}

#[tokio::test]
async fn comments_are_counted_and_hang_together() {
    let app = TestApp::new().await;
    vidicon::seed::fill_bare(&app.app, 130).await.unwrap();
    let wrong: Vec<(VideoId,)> = Query::new(
        "SELECT id FROM video WHERE comment_count <>
             (SELECT count(*) FROM comment WHERE comment.video_id = video.id)",
    )
    .all(&app.db)
    .await
    .unwrap();
    assert_eq!(wrong.len(), 0);
    let astray: Vec<(i64,)> = Query::new(
        "SELECT reply.id FROM comment reply JOIN comment thread ON thread.id = reply.thread_id
         WHERE thread.video_id <> reply.video_id OR thread.parent_id IS NOT NULL",
    )
    .all(&app.db)
    .await
    .unwrap();
    assert_eq!(astray.len(), 0);
    let (replies,): (i64,) = Query::new("SELECT count(*) FROM comment WHERE parent_id IS NOT NULL")
        .one(&app.db)
        .await
        .unwrap();
    assert!(replies > 0);
}

#[tokio::test]
async fn a_second_run_adds_to_the_first() {
    let app = TestApp::new().await;
    vidicon::seed::fill_bare(&app.app, 20).await.unwrap();
    vidicon::seed::fill_bare(&app.app, 20).await.unwrap();
    let (videos, people): (i64, i64) =
        Query::new("SELECT (SELECT count(*) FROM video), (SELECT count(*) FROM users)")
            .one(&app.db)
            .await
            .unwrap();
    assert_eq!((videos, people), (40, 11));
}

#[tokio::test]
async fn invented_videos_play_and_can_be_deleted_one_by_one() {
    let app = TestApp::new().await;
    vidicon::seed::fill(&app.app, 8).await.unwrap();
    let list = app
        .get("/api/v1/videos?count=20&nsfw=both")
        .await
        .expect(200)
        .json();
    assert_eq!(list["total"], 8);
    let uuids: Vec<String> = (list["data"].as_array().unwrap().iter())
        .map(|video| video["uuid"].as_str().unwrap().to_owned())
        .collect();
    for uuid in &uuids {
        let video = app
            .get(&format!("/api/v1/videos/{uuid}"))
            .await
            .expect(200)
            .json();
        assert!(video["duration"].as_i64().unwrap() >= 6, "{video}");
        let playlist = &video["streamingPlaylists"][0];
        let path = |url: &serde_json::Value| {
            let url = url.as_str().unwrap();
            url[url.find("/static").unwrap()..].to_owned()
        };
        let master = app
            .get(&path(&playlist["playlistUrl"]))
            .await
            .expect(200)
            .text();
        let first = master
            .lines()
            .find(|line| !line.starts_with('#'))
            .unwrap()
            .to_owned();
        let folder = path(&playlist["playlistUrl"]);
        let folder = folder.rsplit_once('/').unwrap().0;
        let rendition = app
            .get(&format!("{folder}/{first}"))
            .await
            .expect(200)
            .text();
        let file = path(&playlist["files"][0]["fileUrl"]);
        assert!(
            playlist["files"].as_array().unwrap().iter().any(|file| {
                rendition.contains(path(&file["fileUrl"]).rsplit_once('/').unwrap().1)
            }),
            "{rendition}"
        );
        app.get(&file).await.expect(200);
        app.get(video["thumbnailPath"].as_str().unwrap())
            .await
            .expect(200);
    }
}
