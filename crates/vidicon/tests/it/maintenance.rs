//! `vidicon maintenance …`, each command on a site that has something to mend.

use crate::app::TestApp;
use crate::clips;
use crate::transcode::made;
use base::db::Query;
use base::storage::Class;
use vidicon::cli::maintenance::{Maintenance, Which, run};
use vidicon::video::{self, Video, VideoRef};

fn which(videos: &[&str], missing: bool) -> Which {
    Which {
        videos: videos.iter().map(|it| (*it).to_owned()).collect(),
        missing,
    }
}

async fn again(app: &TestApp, video: &Video) -> Video {
    video::find(app, VideoRef::Number(video.id)).await.unwrap()
}

#[tokio::test]
async fn pictures_and_storyboards_are_made_again() {
    let app = TestApp::new().await;
    let (before, _) = made(&app, &clips::COPIED).await;
    // Nothing is missing, so nothing is done.
    let told = run(&app, Maintenance::Thumbnails(which(&[], true)))
        .await
        .unwrap();
    assert_eq!(
        told,
        "The pictures of 0 videos were made again, 1 stay as they are.\n"
    );
    // One that is gone comes back, under a name that no cache knows.
    let lost = before.thumbnail.clone().unwrap();
    app.storage.delete(Class::Thumbnail, &lost).await.unwrap();
    run(&app, Maintenance::Thumbnails(which(&[], true)))
        .await
        .unwrap();
    let after = again(&app, &before).await;
    assert_ne!(after.thumbnail, before.thumbnail);
    let path = format!(
        "/lazy-static/thumbnails/{}",
        after.thumbnail.clone().unwrap()
    );
    let picture = app.get(&path).await.expect(200);
    assert_eq!(picture.header("content-type"), "image/jpeg");
    // What somebody chose stays, even when all are made again.
    let uuid = before.uuid.to_string();
    vidicon::video::picture::set_of_bytes(&app, &after, &clips::png(640, 360))
        .await
        .unwrap();
    let chosen = again(&app, &before).await;
    let told = run(&app, Maintenance::Thumbnails(which(&[&uuid], false)))
        .await
        .unwrap();
    assert!(told.contains("0 videos were made again, 1 stay"), "{told}");
    assert_eq!(again(&app, &before).await.thumbnail, chosen.thumbnail);

    let board = video::storyboard(&app, before.id).await.unwrap().unwrap();
    let told = run(&app, Maintenance::Storyboards(which(&[], true)))
        .await
        .unwrap();
    assert!(told.starts_with("0 storyboards"), "{told}");
    let key = format!("{uuid}/{}", board.filename);
    app.storage.delete(Class::Storyboard, &key).await.unwrap();
    let told = run(&app, Maintenance::Storyboards(which(&[], true)))
        .await
        .unwrap();
    assert!(told.starts_with("1 storyboards"), "{told}");
    {
        let _alone = clips::alone().await;
        app.run_jobs().await;
    }
    let new = video::storyboard(&app, before.id).await.unwrap().unwrap();
    assert_ne!(new.filename, board.filename);
    let key = format!("{uuid}/{}", new.filename);
    app.storage.head(Class::Storyboard, &key).await.unwrap();
    // What cannot be found is said.
    let wrong = run(&app, Maintenance::Storyboards(which(&["99999"], false))).await;
    assert!(format!("{:#}", wrong.unwrap_err()).contains("99999"));
}

#[tokio::test]
async fn what_nobody_needs_goes_at_once() {
    let app = TestApp::new().await;
    Query::new(
        "INSERT INTO login_attempt (state_hash, provider, browser_hash, nonce, verifier, next_path,
                                    for_program, expires_at)
         VALUES ('s', 'forum', 'b', 'n', 'v', '/', FALSE, 5)",
    )
    .execute(&app.db)
    .await
    .unwrap();
    run(&app, Maintenance::HouseKeeping).await.unwrap();
    let (left,): (i64,) = Query::new("SELECT count(*) FROM login_attempt")
        .one(&app.db)
        .await
        .unwrap();
    assert_eq!(left, 0);
}
