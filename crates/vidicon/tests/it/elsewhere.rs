//! A machine goes on with what another one has begun, whose disk is out of reach.

use crate::app::TestApp;
use crate::clips;
use crate::transcode::{blob, claimed, files};
use crate::upload::{found, upload};
use base::db::Query;
use base::job;
use std::path::Path;
use vidicon::video::VideoState;
use vidicon::video::files::growing_path;

/// Stops as soon as the first part counts, has `happen` with the folder of what grows, and goes on.
async fn taken_over(happen: impl Fn(&Path)) {
    let app = TestApp::new().await;
    let root = app.root().await;
    let answer = upload(&app, &root, &clips::ENCODED, &[]).await;
    let video = found(&app, &answer).await;
    let _alone = clips::alone().await;
    let running = claimed(&app).await;
    let first_part = async {
        loop {
            tokio::task::yield_now().await;
            let done = Query::new("SELECT chunks_done FROM transcode");
            let done: Option<(i64,)> = done.optional(&app.db).await.unwrap();
            if done.is_some_and(|(done,)| done > 0) {
                break;
            }
        }
    };
    tokio::select! {
        done = vidicon::transcode::job::transcode(&app.app, &running) => panic!("{done:?}"),
        () = first_part => {}
    }
    let begun = files(&app, &video).await;
    let grown = growing_path(&app, video.uuid, &begun[0].filename).unwrap();
    assert!(grown.exists());
    happen(grown.parent().unwrap());
    std::fs::remove_dir_all(app.folder.path().join("work")).unwrap();

    let app = app.restarted().await;
    job::release_owned(&app.db, "test", app.clock.now())
        .await
        .unwrap();
    app.run_jobs().await;
    assert_eq!(found(&app, &answer).await.state, VideoState::Published);
    let whole = files(&app, &video).await;
    assert_eq!(whole.len(), begun.len());
    for (file, before) in whole.iter().zip(&begun) {
        assert!(file.complete);
        assert_eq!(file.filename, before.filename);
    }
    let frames = clips::frames(&blob(&app, &video, &whole[0].filename)).await;
    assert_eq!(frames, 175);
}

#[tokio::test]
async fn renditions_that_grew_on_another_disk_are_begun_again() {
    let lost = |folder: &Path| std::fs::remove_dir_all(folder).unwrap();
    Box::pin(taken_over(lost)).await;
}

#[tokio::test]
async fn files_of_the_same_names_that_another_machine_did_not_make_are_no_beginning() {
    let other = |folder: &Path| {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            // the sound is a link into the work folder
            if !path.is_file() {
                continue;
            }
            let mut bytes = std::fs::read(&path).unwrap();
            bytes.reverse();
            bytes.extend_from_slice(&[0; 4096]);
            std::fs::write(&path, bytes).unwrap();
        }
    };
    Box::pin(taken_over(other)).await;
}
