//! Files that lie in a folder or in the bucket already become videos, once, without being uploaded.

use crate::app::TestApp;
use crate::bucket::{fetch_range, named, playlist, server};
use crate::clips;
use base::storage::Outside;
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use vidicon::video::upload::adopt::source::{Found, Place};
use vidicon::video::upload::adopt::{Outcome, Wish, adopt};
use vidicon::video::{Video, VideoRef, VideoState};

async fn wish(app: &TestApp) -> Wish {
    app.root().await;
    let channel = vidicon::channel::find(&app.app, "root_channel").await;
    let channel = channel.unwrap();
    let owner = channel.owner_user_id.unwrap();
    Wish {
        user: Arc::new(vidicon::account::user(&app.app, owner).await.unwrap()),
        channel,
        privacy: 1,
    }
}

async fn lay_out(folder: &Path) {
    let clip = clips::bytes(&clips::COPIED).await;
    std::fs::create_dir_all(folder.join("2019")).unwrap();
    std::fs::write(folder.join("2019/My film [x1].mp4"), clip).unwrap();
    let about = json!({
        "fulltitle": "My film", "description": "Made on a rainy day.", "upload_date": "20190204",
        "tags": ["rain", "film"],
    });
    std::fs::write(
        folder.join("2019/My film [x1].info.json"),
        about.to_string(),
    )
    .unwrap();
    std::fs::write(folder.join("2019/broken.mp4"), b"this is no film").unwrap();
}

async fn all(app: &TestApp, place: &Place, wish: &Wish, dry_run: bool) -> Vec<Outcome> {
    let found: Vec<Found> = place.videos().await.unwrap();
    let mut outcomes = Vec::new();
    for file in &found {
        outcomes.push(adopt(&app.app, place, file, wish, dry_run).await);
    }
    outcomes
}

async fn video(app: &TestApp, outcome: &Outcome) -> Video {
    let Outcome::Made(uuid) = outcome else {
        panic!("{outcome:?}");
    };
    let uuid = uuid.parse().unwrap();
    vidicon::video::find(&app.app, VideoRef::Uuid(uuid))
        .await
        .unwrap()
}

fn check(outcomes: &[Outcome], first: &Outcome) {
    assert_eq!(outcomes.len(), 2, "{outcomes:?}");
    assert_eq!(&outcomes[0], first);
    assert!(
        matches!(&outcomes[1], Outcome::Refused(why) if why.contains("unreadable")),
        "{outcomes:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_of_a_folder_become_videos_once() {
    let app = TestApp::new().await;
    let wish = wish(&app).await;
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path()).await;
    let place = Place::Folder(folder.path().to_owned());
    let _alone = clips::alone().await;
    let planned = all(&app, &place, &wish, true).await;
    assert_eq!(planned[0], Outcome::Planned("My film".to_owned()));
    let listed = app.get("/api/v1/videos").await.json();
    assert_eq!(listed["total"], 0, "only told");
    let made = all(&app, &place, &wish, false).await;
    check(&made, &made[0]);
    app.run_jobs().await;
    let video = video(&app, &made[0]).await;
    assert_eq!(video.state, VideoState::Published);
    assert_eq!(video.name, "My film");
    let shown = app.get(&format!("/api/v1/videos/{}", video.uuid)).await;
    let shown = shown.expect(200).json();
    assert_eq!(shown["description"], "Made on a rainy day.");
    assert_eq!(shown["originallyPublishedAt"], "2019-02-04T00:00:00.000Z");
    assert_eq!(shown["tags"].as_array().unwrap().len(), 2);
    assert!(
        folder.path().join("2019/My film [x1].mp4").exists(),
        "what is imported stays"
    );
    let again = all(&app, &place, &wish, false).await;
    check(&again, &Outcome::Known(video.uuid.to_string()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn objects_of_a_bucket_become_videos_without_passing_through() {
    let server = server().await;
    let Some(own) = &server.own else {
        return;
    };
    let app = server.app(|_| {}).await;
    let wish = wish(&app).await;
    lay_out(&own.folder.path().join("vid/legacy")).await;
    let outside = Outside::open(&app.config.storage.bucket, "vid").unwrap();
    let place = Place::Bucket {
        outside,
        bucket: "vid".to_owned(),
        prefix: "legacy".to_owned(),
    };
    let _alone = clips::alone().await;
    app.storage.take_metered();
    let made = all(&app, &place, &wish, false).await;
    check(&made, &made[0]);
    let clip = clips::bytes(&clips::COPIED).await;
    let passed = app.storage.take_metered();
    assert!(
        passed.written_bytes < u64::try_from(clip.len()).unwrap() / 2,
        "pictures alone: {passed:?}"
    );
    app.run_jobs().await;
    let video = video(&app, &made[0]).await;
    assert_eq!(video.state, VideoState::Published);
    let text = playlist(&app, &video, "").await.expect(200).text();
    assert_eq!(fetch_range(&named(&text)).await.0, 206);
    let again = all(&app, &place, &wish, false).await;
    check(&again, &Outcome::Known(video.uuid.to_string()));
}
