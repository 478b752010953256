//! What becomes of videos that nobody watches: colder places for originals, smaller ladders until somebody watches.

use crate::app::TestApp;
use crate::bucket::{fetch_range, named, playlist, server};
use crate::clips;
use crate::transcode::{address, files, master};
use crate::upload::{found, upload};
use base::clock::DAY;
use base::storage::{ByteRange, Class, ClassConfig, StorageConfig};
use serde_json::json;
use vidicon::transcode::lifecycle::{What, carry_out};
use vidicon::video::Video;

fn with_archive(storage: &mut StorageConfig) {
    let archive = ClassConfig {
        prefix: Some("cold/".to_owned()),
        ..ClassConfig::default()
    };
    storage.class.insert(Class::Archive, archive);
}

async fn encoded(app: &TestApp) -> Video {
    let root = app.root().await;
    let answer = upload(app, &root, &clips::ENCODED, &[]).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    found(app, &answer).await
}

/// Runs what is due of these kinds, and turns no clock.
async fn run(app: &TestApp, kinds: &[&str]) {
    let work = vidicon::jobs::work(&app.app);
    while let Some(job) = base::job::claim(&app.db, kinds, "test", app.clock.now())
        .await
        .unwrap()
    {
        let running = base::job::Running {
            job: std::sync::Arc::new(job),
            stop: tokio_util::sync::CancellationToken::new(),
        };
        let outcome = work(running.clone()).await;
        base::job::finish(&app.db, &running.job, &outcome, app.clock.now())
            .await
            .unwrap();
    }
}

async fn rules(app: &TestApp, rules: serde_json::Value) {
    let root = app.root().await;
    let mut tree = app.get("/api/v1/config/custom").token(&root).await.json();
    tree["lifecycle"]
        .as_object_mut()
        .unwrap()
        .extend(rules.as_object().unwrap().clone());
    let put = app.put("/api/v1/config/custom").token(&root).json(tree);
    put.await.expect(200);
}

async fn original(app: &TestApp, video: &Video) -> String {
    let key = vidicon::video::files::source_of(&app.app, video.id).await;
    key.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_idle_original_goes_to_the_archive_and_is_read_there() {
    let server = server().await;
    let app = server.app(with_archive).await;
    let video = encoded(&app).await;
    let key = original(&app, &video).await;
    let read = |class: Class| {
        let (app, key) = (&app, key.clone());
        async move {
            let whole = app.storage.read(class, &key, ByteRange::All).await;
            whole.unwrap().bytes(1 << 30).await.unwrap()
        }
    };
    let before = read(Class::Original).await;
    rules(&app, json!({ "archiveOriginalsDays": 30 })).await;
    assert_eq!(carry_out(&app.app, false).await.unwrap(), [], "too young");
    app.clock.advance(31 * DAY);
    let planned = carry_out(&app.app, true).await.unwrap();
    assert_eq!(planned.len(), 1);
    assert_eq!(planned[0].what, What::ArchiveOriginal);
    let in_archive = app.storage.head(Class::Archive, &key).await;
    assert!(in_archive.is_err(), "only told");
    assert_eq!(carry_out(&app.app, false).await.unwrap(), planned);
    assert_eq!(carry_out(&app.app, false).await.unwrap(), []);
    assert_eq!(read(Class::Archive).await, before);
    assert_eq!(read(Class::Original).await, before, "readers do not notice");
    // A month later the log-in of before has run out.
    let root = app.root().await;
    let costs = app.get("/api/v1/server/costs").token(&root).await.json();
    let stored = costs["stored"].as_array().unwrap();
    let of = |class: &str| stored.iter().find(|it| it["class"] == class).unwrap()["bytes"].clone();
    assert_eq!(of("archive"), before.len());
    assert_eq!(of("original"), 0);
    // Its owner loads it, the video is made anew of it, and goes with it.
    let query = format!("/api/v1/videos/{}/source", video.uuid);
    let source = app.get(&query).token(&root).await.expect(200).json();
    let url = source["fileDownloadUrl"].as_str().unwrap();
    let path = url.split_once("video.test").unwrap().1;
    let away = app.get(path).token(&root).await.expect(307);
    let (status, bytes) = fetch_range(away.header("location")).await;
    assert_eq!((status, &bytes[..]), (206, &before[4..8]));
    let again = json!({ "transcodingType": "hls" });
    let path = format!("/api/v1/videos/{}/transcoding", video.uuid);
    app.post(&path).token(&root).json(again).await.expect(204);
    {
        let _alone = clips::alone().await;
        app.run_jobs().await;
    }
    assert!(files(&app, &video).await.iter().all(|file| file.complete));
    let gone = vidicon::video::files::leftovers(&app.app).await.unwrap();
    assert!(
        gone.iter().all(|blob| blob.class != Class::Archive),
        "{gone:?}"
    );
    vidicon::video::delete(&app.app, &video).await.unwrap();
    app.run_jobs().await;
    assert!(app.storage.head(Class::Archive, &key).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_dropped_comes_back_when_somebody_watches() {
    let app = TestApp::new().await;
    let video = encoded(&app).await;
    let sizes = async || -> Vec<i64> {
        let all = files(&app, &video).await;
        let pictures = all.iter().filter(|file| file.resolution > 0);
        pictures.map(|file| file.resolution).collect()
    };
    let ladder = sizes().await;
    assert!(ladder.len() >= 2, "{ladder:?}");
    let smallest = *ladder.iter().min().unwrap();
    rules(&app, json!({ "dropRenditionsDays": 90, "keepHeight": 144 })).await;
    app.clock.advance(91 * DAY);
    let planned = carry_out(&app.app, true).await.unwrap();
    assert_eq!(planned.len(), 1);
    assert_eq!(planned[0].what, What::DropRenditions);
    assert!(planned[0].bytes > 1000, "{planned:?}");
    assert_eq!(sizes().await, ladder, "only told");
    assert_eq!(carry_out(&app.app, false).await.unwrap(), planned);
    assert_eq!(carry_out(&app.app, false).await.unwrap(), []);
    assert_eq!(sizes().await, [smallest]);
    let path = address(&video, &master(&app, &video).await.unwrap());
    let text = app.get(&path).await.expect(200).text();
    assert_eq!(text.matches("#EXT-X-STREAM-INF").count(), 1, "{text}");
    let kept = files(&app, &video).await;
    let kept = kept.iter().find(|file| file.resolution > 0).unwrap();
    let kept = address(&video, &kept.filename);
    let news = format!("{}/news", video.watch_path());
    let told = app.get(&news).await.expect(200).json();
    assert_eq!(
        (&told["done"], &told["player"]["restoring"]),
        (&json!(false), &json!(true))
    );
    assert!(told["player"]["hls"].is_string(), "what is left plays");
    let html = told["html"].as_str().unwrap();
    assert!(html.contains("Larger qualities are coming back."), "{html}");
    // Somebody watches, and goes on watching while it is made again.
    let views = format!("/api/v1/videos/{}/views", video.uuid);
    for at in 0..=video.duration_s.min(10) {
        let sign = json!({ "currentTime": at, "sessionId": "one" });
        app.post(&views).json(sign).await.expect(204);
    }
    {
        let _alone = clips::alone().await;
        run(&app, &["video_viewed"]).await;
        // Whoever comes before the first part is there is told so.
        let (mut words, mut percent) = (String::new(), json!(null));
        let look = async {
            while words.is_empty() {
                let told = app.get(&news).await.expect(200).json();
                if told["player"]["hls"].is_null() {
                    assert_eq!(told["player"]["restoring"], true);
                    words = told["html"].as_str().unwrap().to_owned();
                    percent = told["player"]["percent"].clone();
                }
                tokio::task::yield_now().await;
            }
        };
        let make = ["transcode"];
        tokio::join!(run(&app, &make), look);
        assert!(words.contains("It is being restored."), "{words}");
        assert_eq!(percent, 0);
        let told = app.get(&news).await.expect(200).json();
        assert_eq!((&told["done"], &told["html"]), (&json!(true), &json!("")));
    }
    assert_eq!(sizes().await, ladder);
    app.get(&kept)
        .header("range", "bytes=0-3")
        .await
        .expect(206);
    let text = playlist(&app, &video, "").await.expect(200).text();
    assert!(text.contains("#EXT-X-ENDLIST"));
    let again = address(&video, &named(&text));
    app.get(&again)
        .header("range", "bytes=0-3")
        .await
        .expect(206);
    {
        let _alone = clips::alone().await;
        app.run_jobs().await;
    }
    app.get(&kept)
        .header("range", "bytes=0-3")
        .await
        .expect(404);
    // Watched lately: nothing to drop.
    assert_eq!(carry_out(&app.app, false).await.unwrap(), []);
}
