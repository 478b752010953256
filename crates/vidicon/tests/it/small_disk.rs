//! A machine whose disk is too small for what is made on it, beside a bucket.

use crate::app::TestApp;
use crate::bucket::{made, named, server, stored};
use crate::clips::{self, Clip};
use crate::transcode::{address, claimed, files};
use crate::upload::{found, upload};
use base::clock::MINUTE;
use base::storage::{ByteRange, Class};
use std::os::unix::fs::MetadataExt;
use vidicon::config::Config;
use vidicon::video::files::{ahead, growing_path, key};

/// Much for its length, in two parts.
const THICK: Clip = Clip(
    "thick.mp4",
    &[
        "-f",
        "lavfi",
        "-i",
        "color=gray:s=640x360:r=25:d=10,noise=alls=100:allf=t:all_seed=3",
        "-c:v",
        "mpeg4",
        "-q:v",
        "12",
    ],
);

/// Nothing is ever free here.
async fn full(server: &crate::bucket::Server) -> TestApp {
    let storage = server.storage();
    TestApp::with(|config: &mut Config| {
        config.storage = storage;
        config.transcoding.keep_free_mib = u64::MAX;
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn renditions_go_ahead_and_the_original_is_read_where_it_lies() {
    let server = server().await;
    let app = full(&server).await;
    let root = app.root().await;
    let answer = upload(&app, &root, &THICK, &[]).await;
    let video = found(&app, &answer).await;
    let _alone = clips::alone().await;
    let running = claimed(&app).await;
    // Dropped when the first part has gone ahead: what a killed process leaves.
    let has_gone = async {
        loop {
            tokio::task::yield_now().await;
            let files = files(&app, &video).await;
            let Some(largest) = files.first() else {
                continue;
            };
            let path = growing_path(&app, video.uuid, &largest.filename).unwrap();
            if ahead::find(&path).await.unwrap().is_some() {
                return (path, largest.filename.clone());
            }
        }
    };
    let (path, filename) = tokio::select! {
        done = vidicon::transcode::job::transcode(&app.app, &running) => panic!("{done:?}"),
        gone = has_gone => gone,
    };
    let copies = app.folder.path().join("work");
    let has_copy = std::fs::read_dir(copies)
        .unwrap()
        .flatten()
        .any(|folder| folder.path().join("source").exists());
    assert!(!has_copy, "the original was not brought here");
    let pieces = stored(&app).await;
    let is_piece = |name: &String| name.contains("-fragmented.mp4.");
    assert!(pieces.iter().any(is_piece), "{pieces:?}");
    let early = app
        .get(&address(&video, &filename))
        .header("range", "bytes=60000-400000")
        .await
        .expect(206);
    assert_eq!(early.header("cache-control"), "no-store");
    let here = std::fs::read(&path).unwrap();
    assert!(early.body[..] == here[60_000..=400_000]);

    let app = app.restarted().await;
    base::job::release_owned(&app.db, "test", app.clock.now())
        .await
        .unwrap();
    app.run_jobs().await;
    let whole = files(&app, &video).await;
    assert!(whole.iter().all(|file| file.complete));
    let out = tempfile::tempdir().unwrap();
    for file in whole.iter().filter(|file| file.resolution > 0) {
        let copy = out.path().join(&file.filename);
        let stored_as = key(video.uuid, &file.filename);
        let fetched = app.storage.fetch_to(Class::Rendition, &stored_as, &copy);
        fetched.await.unwrap();
        assert_eq!(clips::frames(&copy).await, 250);
    }
    let left = stored(&app).await;
    assert!(!left.iter().any(is_piece), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_went_ahead_takes_no_room_and_reads_the_same() {
    let server = server().await;
    let app = server.app(|_| {}).await;
    let video = made(&app, &[]).await;
    let file = files(&app, &video).await[0].filename.clone();
    let path = growing_path(&app, video.uuid, &file).unwrap();
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let bytes: Vec<u8> = (0..3_000_000_u32).map(|at| (at * 7 / 5) as u8).collect();
    let same = async |range: std::ops::Range<usize>| {
        let asked = format!("bytes={}-{}", range.start, range.end - 1);
        let got = app.get(&address(&video, &file)).header("range", &asked);
        got.await.expect(206).body[..] == bytes[range]
    };
    std::fs::write(&path, &bytes[..2_000_000]).unwrap();
    let send = async |length| ahead::send(&app, video.uuid, &file, length).await.unwrap();
    send(2_000_000).await;
    assert_eq!(std::fs::read(&path).unwrap(), bytes[..2_000_000]);
    // Whoever was reading here has a minute to come to an end.
    app.clock.advance(MINUTE);
    std::fs::write(&path, &bytes).unwrap();
    send(3_000_000).await;
    let told = std::fs::metadata(&path).unwrap();
    assert_eq!(told.len(), 3_000_000);
    assert!(told.blocks() * 512 < 1_200_000, "{}", told.blocks());
    assert_ne!(std::fs::read(&path).unwrap(), bytes);
    for range in [0..100, 65_000..66_000, 1_900_000..2_100_000, 10..2_999_990] {
        assert!(same(range.clone()).await, "{range:?}");
    }
    let whole = app.get(&address(&video, &file)).await.expect(200);
    assert!(whole.body[..] == bytes[..]);

    let known = ahead::find(&path).await.unwrap().unwrap();
    let stored_as = key(video.uuid, &file);
    ahead::join(&app, &stored_as, &path, &known, 3_000_000)
        .await
        .unwrap();
    let read = app
        .storage
        .read(Class::Rendition, &stored_as, ByteRange::All);
    let joined = read.await.unwrap().bytes(4_000_000).await.unwrap();
    assert!(joined[..] == bytes[..]);
    assert!(!path.exists() && ahead::find(&path).await.unwrap().is_none());
    let left = stored(&app).await;
    assert!(!left.iter().any(|name| name.contains(".mp4.")), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_be_copied_is_encoded_where_a_copy_has_no_room() {
    let server = server().await;
    let app = full(&server).await;
    let video = made(&app, &[]).await;
    let files = files(&app, &video).await;
    assert!(
        files.iter().all(|file| file.complete && !file.copied),
        "{files:?}"
    );
    let playlist = address(&video, &files[0].playlist_filename);
    assert!(named(&app.get(&playlist).await.expect(200).text()).starts_with("http"));
}
