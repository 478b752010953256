//! A site whose files lie in a bucket, on a real S3 server: whole lives of videos, ways to the viewer,
//! outages, moving there. On another server when `TEST_S3_ENDPOINT` names one.

use crate::app::{Answer, TestApp};
use crate::clips;
use crate::s3_server::{S3Server, closed_endpoint};
use crate::transcode::{address, files, master};
use crate::upload::{found, upload};
use base::clock::DAY;
use base::fetch::{Fetch, FetchConfig, FetchRequest};
use base::storage::{Class, Delivery, Finding, Outcome, StorageConfig};
use futures::TryStreamExt;
use serde_json::json;
use vidicon::config::Config;
use vidicon::video::{Video, VideoState};

pub struct Server {
    pub endpoint: String,
    pub own: Option<S3Server>,
}

pub async fn server() -> Server {
    if let Ok(endpoint) = std::env::var("TEST_S3_ENDPOINT") {
        return Server {
            endpoint,
            own: None,
        };
    }
    let own = S3Server::start(&["vid"]).await;
    Server {
        endpoint: own.endpoint.clone(),
        own: Some(own),
    }
}

impl Server {
    /// One private bucket for everything, below a prefix of the test's own.
    pub fn storage(&self) -> StorageConfig {
        let mut storage = StorageConfig {
            durable: false,
            ..StorageConfig::default()
        };
        let bucket = &mut storage.bucket;
        bucket.name = "vid".into();
        bucket.endpoint.clone_from(&self.endpoint);
        bucket.access_key = "test".into();
        bucket.secret_key = base::storage::Secret::new("testtest");
        bucket.prefix = format!("{}/", base::random::token());
        bucket.retries = 0;
        bucket.timeout_s = 5;
        storage
    }

    pub async fn app(&self, change: impl FnOnce(&mut StorageConfig)) -> TestApp {
        let mut storage = self.storage();
        change(&mut storage);
        TestApp::with(|config: &mut Config| config.storage = storage).await
    }
}

pub async fn made(app: &TestApp, more: &[(&str, &str)]) -> Video {
    let root = app.root().await;
    let answer = upload(app, &root, &clips::COPIED, more).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let video = found(app, &answer).await;
    assert_eq!(video.state, VideoState::Published);
    video
}

pub async fn playlist(app: &TestApp, video: &Video, query: &str) -> Answer {
    let files = files(app, video).await;
    let path = address(video, &files[0].playlist_filename);
    app.get(&format!("{path}{query}")).await
}

/// The first address in a playlist.
pub fn named(playlist: &str) -> String {
    let (_, rest) = playlist.split_once("#EXT-X-MAP:URI=\"").unwrap();
    rest.split_once('"').unwrap().0.to_owned()
}

/// Four bytes of an address outside of the site.
pub async fn fetch_range(url: &str) -> (u16, Vec<u8>) {
    let fetch = Fetch::new(FetchConfig {
        allow_private: true,
        allow_http: true,
        ..FetchConfig::default()
    });
    let mut request = FetchRequest::get(url);
    request
        .headers
        .insert("range", "bytes=4-7".parse().unwrap());
    let answer = fetch.send(request).await.unwrap();
    (answer.status.as_u16(), answer.body.to_vec())
}

pub async fn stored(app: &TestApp) -> Vec<String> {
    let mut all = Vec::new();
    for class in Class::ALL {
        let listed = app.storage.list(class, "").unwrap();
        let entries: Vec<_> = listed.try_collect().await.unwrap();
        all.extend(
            entries
                .into_iter()
                .map(|entry| format!("{class} {}", entry.key)),
        );
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_private_bucket_is_enough() {
    let server = server().await;
    let app = server.app(|_| {}).await;
    let video = made(&app, &[]).await;
    let text = playlist(&app, &video, "").await.expect(200).text();
    let url = named(&text);
    assert!(url.starts_with(&server.endpoint), "{text}");
    assert!(url.contains("X-Amz-Signature="), "{text}");
    assert_eq!(fetch_range(&url).await, (206, b"ftyp".to_vec()));
    let file = &files(&app, &video).await[0];
    let away = app.get(&address(&video, &file.filename)).await.expect(307);
    assert!(away.header("location").starts_with(&server.endpoint));
    let text = app
        .get(&address(&video, &master(&app, &video).await.unwrap()))
        .await
        .expect(200)
        .text();
    assert!(
        !text.contains("://"),
        "playlists come from the site: {text}"
    );
    let page = app.get(&video.watch_path()).await.expect(200);
    let policy = page.header("content-security-policy");
    let allowed = format!("connect-src 'self' {}", server.endpoint);
    assert!(
        policy.contains(&allowed),
        "the page's player may load there: {policy}"
    );
    let picture = format!(
        "/lazy-static/thumbnails/{}",
        video.thumbnail.clone().unwrap()
    );
    for _ in 0..2 {
        app.get(&picture).await.expect(200);
    }
    assert!(
        !app.folder.path().join("storage").exists(),
        "nothing lies in the folder"
    );
    vidicon::video::delete(&app.app, &video).await.unwrap();
    app.run_jobs().await;
    assert_eq!(stored(&app).await, Vec::<String>::new());
    app.get(&picture).await.expect(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn private_videos_are_for_those_who_may() {
    let server = server().await;
    let base = |storage: &mut StorageConfig| {
        storage.bucket.public_base_url = "https://cdn.example/v".into();
    };
    let app = server.app(base).await;
    let video = made(&app, &[("privacy", "3")]).await;
    playlist(&app, &video, "").await.expect(403);
    let file = files(&app, &video).await[0].filename.clone();
    app.get(&address(&video, &file)).await.expect(403);
    let root = app.root().await;
    let token = app
        .post(&format!("/api/v1/videos/{}/token", video.uuid))
        .token(&root)
        .await
        .expect(200)
        .json();
    let token = token["files"]["token"].as_str().unwrap().to_owned();
    let query = format!("?videoFileToken={token}&reinjectVideoFileToken=true");
    let text = playlist(&app, &video, &query).await.expect(200).text();
    let url = named(&text);
    assert!(
        url.starts_with(&server.endpoint),
        "signed, not public: {text}"
    );
    assert_eq!(fetch_range(&url).await.0, 206);
    let path = address(&video, &master(&app, &video).await.unwrap());
    let text = app.get(&format!("{path}{query}")).await.expect(200).text();
    assert!(text.contains(&format!("videoFileToken={token}")), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_public_address_or_the_site_itself() {
    let server = server().await;
    let base = |storage: &mut StorageConfig| {
        storage.bucket.public_base_url = "https://cdn.example/v".into();
    };
    let app = server.app(base).await;
    let video = made(&app, &[]).await;
    let text = playlist(&app, &video, "").await.expect(200).text();
    assert!(named(&text).starts_with("https://cdn.example/v/"), "{text}");

    let proxy = |storage: &mut StorageConfig| storage.bucket.delivery = Delivery::Proxy;
    let app = server.app(proxy).await;
    let video = made(&app, &[]).await;
    let text = playlist(&app, &video, "").await.expect(200).text();
    let file = named(&text);
    assert!(!file.contains('/'), "{text}");
    let part = app
        .get(&address(&video, &file))
        .header("range", "bytes=4-7")
        .await
        .expect(206);
    assert_eq!(part.body, b"ftyp");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outage_loses_nothing() {
    let server = server().await;
    let Some(own) = &server.own else {
        return;
    };
    let app = server.app(|_| {}).await;
    let root = app.root().await;
    let answer = upload(&app, &root, &clips::ENCODED, &[]).await;
    own.fail_next(100_000, "503 SlowDown");
    let _alone = clips::alone().await;
    let work = vidicon::jobs::work(&app.app);
    let job = base::job::claim(&app.db, &["transcode"], "test", app.clock.now())
        .await
        .unwrap()
        .unwrap();
    let running = base::job::Running {
        job: std::sync::Arc::new(job),
        stop: tokio_util::sync::CancellationToken::new(),
    };
    let outcome = work(running.clone()).await;
    base::job::finish(&app.db, &running.job, &outcome, app.clock.now())
        .await
        .unwrap();
    app.get("/api/v1/videos").await.expect(200);
    app.get(&format!(
        "/api/v1/videos/{}",
        answer["uuid"].as_str().unwrap()
    ))
    .await
    .expect(200);
    let waiting = app.get("/api/v1/jobs").token(&root).await.json();
    let jobs = waiting["data"].as_array().unwrap();
    let job = jobs
        .iter()
        .find(|job| job["type"] == "video-transcoding")
        .unwrap();
    assert_eq!(job["state"], "delayed", "{job}");
    assert!(job["error"].as_str().unwrap().contains("bucket"), "{job}");
    own.fail_next(0, "");
    app.run_jobs().await;
    let video = found(&app, &answer).await;
    assert_eq!(video.state, VideoState::Published);
    assert!(files(&app, &video).await.iter().all(|file| file.complete));
}

fn failures(findings: &[Finding]) -> Vec<(&'static str, &str)> {
    let failed = findings
        .iter()
        .filter_map(|finding| match &finding.outcome {
            Outcome::Failed { fix, .. } => Some((finding.step, fix.as_str())),
            Outcome::Fine | Outcome::Note(_) => None,
        });
    failed.collect()
}

async fn check(config: &StorageConfig) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let storage = base::storage::Storage::open(config, folder.path()).unwrap();
    base::storage::check(config, &storage, "http://video.test", true).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_names_each_failure_with_its_remedy() {
    let server = server().await;
    let good = server.storage();
    let findings = check(&good).await;
    let failed = failures(&findings);
    // The server in the test knows no CORS rules; the other one does.
    if server.own.is_some() {
        assert_eq!(failed.len(), 1, "{findings:?}");
        assert_eq!(failed[0].0, "CORS");
        assert!(failed[0].1.contains("origin *"), "{findings:?}");
    } else {
        assert_eq!(failed, [], "{findings:?}");
    }
    assert!(findings.len() >= 8, "{findings:?}");

    let mut away = good.clone();
    away.bucket.endpoint = closed_endpoint().await;
    let findings = check(&away).await;
    assert!(
        failures(&findings)[0].1.contains("storage.bucket.endpoint"),
        "{findings:?}"
    );
    if server.own.is_some() {
        let mut wrong = good;
        wrong.bucket.secret_key = base::storage::Secret::new("something else");
        let findings = check(&wrong).await;
        assert!(
            failures(&findings)
                .iter()
                .any(|(_, fix)| fix.contains("secret_key")),
            "{findings:?}"
        );
    } else {
        // The server in the test makes buckets as they are asked for.
        let mut missing = good;
        missing.bucket.name = "nobody-made-this".into();
        let findings = check(&missing).await;
        assert!(
            failures(&findings)
                .iter()
                .any(|(_, fix)| fix.contains("storage.bucket.name")),
            "{findings:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn moving_to_a_bucket_while_the_site_runs() {
    let server = server().await;
    let app = TestApp::new().await;
    let video = made(&app, &[]).await;
    let blobs = stored(&app).await.len();
    // The same site after a restart with the new settings.
    let mut config = app.config.clone();
    config.storage = server.storage();
    config.storage.from = Some(Box::new(app.config.storage.clone()));
    let moving = vidicon::App::open(config, app.clock.clone()).await.unwrap();
    let (router, _) = vidicon::routes::site(&moving);
    let mut site = TestApp {
        app: moving.clone(),
        router,
        folder: app.folder,
    };
    playlist(&site, &video, "").await.expect(200);
    let from = moving.storage.previous().unwrap();
    let moved = base::storage::move_class(from, &moving.storage, Class::Original, |_| {})
        .await
        .unwrap();
    assert_eq!((moved.blobs, moved.already_there), (1, 0));
    // Stopped between copying and deleting: it is there twice.
    let thumbnail = video.thumbnail.clone().unwrap();
    let bytes = from
        .get(Class::Thumbnail, &thumbnail, 1 << 20)
        .await
        .unwrap();
    let mut alone = moving.config.storage.clone();
    alone.from = None;
    let folder = tempfile::tempdir().unwrap();
    let bucket = base::storage::Storage::open(&alone, folder.path()).unwrap();
    bucket
        .put(Class::Thumbnail, &thumbnail, bytes)
        .await
        .unwrap();
    let (mut blobs_moved, mut there) = (1, 0);
    for class in Class::ALL {
        let moved = base::storage::move_class(from, &moving.storage, class, |_| {})
            .await
            .unwrap();
        blobs_moved += moved.blobs;
        there += moved.already_there;
        let text = playlist(&site, &video, "").await.expect(200).text();
        assert!(text.contains("#EXT-X-ENDLIST"), "it plays after {class}");
        let picture = format!("/lazy-static/thumbnails/{thumbnail}");
        site.get(&picture).await.expect(200);
    }
    assert_eq!(
        (usize::try_from(blobs_moved).unwrap() + 1, there),
        (blobs, 1)
    );
    let left: Vec<_> = from
        .list(Class::Rendition, "")
        .unwrap()
        .try_collect()
        .await
        .unwrap();
    assert!(left.is_empty(), "{left:?}");
    let mut config = moving.config.clone();
    config.storage.from = None;
    site.app = vidicon::App::open(config, app.app.clock.clone())
        .await
        .unwrap();
    site.router = vidicon::routes::site(&site.app).0;
    let text = playlist(&site, &video, "").await.expect(200).text();
    assert_eq!(fetch_range(&named(&text)).await.0, 206);
}

#[tokio::test]
async fn what_no_video_has_is_found() {
    let app = TestApp::new().await;
    let video = made(&app, &[]).await;
    let stray = format!("{}/lost.mp4", base::random::uuid());
    let old = format!("{}/old.mp4", video.uuid);
    for key in [&stray, &old] {
        let put = app.storage.put(Class::Rendition, key, b"x".to_vec().into());
        put.await.unwrap();
    }
    let young = vidicon::video::files::leftovers(&app.app).await.unwrap();
    assert!(young.is_empty(), "{young:?}");
    app.clock.advance(1000 * DAY);
    let found = vidicon::video::files::leftovers(&app.app).await.unwrap();
    let mut keys: Vec<String> = found.into_iter().map(|blob| blob.key).collect();
    keys.sort();
    let mut wanted = vec![json!(stray), json!(old)];
    wanted.sort_by_key(ToString::to_string);
    assert_eq!(json!(keys), json!(wanted));
}

async fn put_part(url: &str, bytes: Vec<u8>) -> String {
    let fetch = Fetch::new(FetchConfig {
        allow_private: true,
        allow_http: true,
        ..FetchConfig::default()
    });
    let mut request = FetchRequest::get(url);
    request.method = axum::http::Method::PUT;
    request.body = bytes.into();
    let answer = fetch.send(request).await.unwrap();
    assert!(answer.status.is_success(), "{}", answer.status);
    answer.headers["etag"].to_str().unwrap().to_owned()
}

pub async fn begin_direct(app: &TestApp, token: &str, size: usize) -> Answer {
    let body = json!({
        "name": "straight", "channelId": crate::upload::channel(app, "root").await,
        "filename": "clip.mp4", "privacy": 1,
    });
    app.post("/api/v1/videos/upload-direct")
        .token(token)
        .header("x-upload-content-length", &size.to_string())
        .header("x-upload-content-type", "video/mp4")
        .json(body)
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_goes_straight_to_the_bucket() {
    let server = server().await;
    let app = server.app(|_| {}).await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let clip = clips::bytes(&clips::COPIED).await;
    let begun = begin_direct(&app, &root, clip.len())
        .await
        .expect(200)
        .json();
    assert_eq!(begun["partCount"], 1);
    let path = |what: &str| {
        let id = begun["uploadId"].as_str().unwrap();
        format!("/api/v1/videos/upload-direct/{id}{what}")
    };
    let more = app
        .post(&path("/parts"))
        .token(&root)
        .json(json!({ "first": 1 }))
        .await;
    let url = more.expect(200).json()["urls"][0]["url"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(url.starts_with(&server.endpoint));
    let etag = put_part(&url, clip.clone()).await;
    let complete = |token: &str, etags: serde_json::Value| {
        app.post(&path("/complete"))
            .token(token)
            .json(json!({ "etags": etags }))
    };
    complete(&root, json!([])).await.expect(400);
    complete(&ada, json!([etag])).await.expect(403);
    let _alone = clips::alone().await;
    let answer = complete(&root, json!([etag])).await.expect(200).json();
    let again = complete(&root, json!([etag])).await.expect(200).json();
    assert_eq!(answer, again);
    app.run_jobs().await;
    let video = found(&app, &answer["video"]).await;
    assert_eq!(video.state, VideoState::Published);
    let text = playlist(&app, &video, "").await.expect(200).text();
    assert_eq!(fetch_range(&named(&text)).await.0, 206);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_goes_straight_can_be_given_up_and_is_looked_at() {
    let server = server().await;
    let app = server.app(|_| {}).await;
    let root = app.root().await;
    let noise: Vec<u8> = (0..5000_u32).map(|at| (at * 31 % 251) as u8).collect();
    let begun = begin_direct(&app, &root, noise.len())
        .await
        .expect(200)
        .json();
    let id = begun["uploadId"].as_str().unwrap();
    let etag = put_part(begun["urls"][0]["url"].as_str().unwrap(), noise.clone()).await;
    let path = format!("/api/v1/videos/upload-direct/{id}");
    let whole = format!("{path}/complete");
    let _alone = clips::alone().await;
    app.post(&whole)
        .token(&root)
        .json(json!({ "etags": [etag] }))
        .await
        .expect(422);
    app.delete(&path).token(&root).await.expect(404);
    let begun = begin_direct(&app, &root, noise.len())
        .await
        .expect(200)
        .json();
    let id = begun["uploadId"].as_str().unwrap();
    put_part(begun["urls"][0]["url"].as_str().unwrap(), noise).await;
    let path = format!("/api/v1/videos/upload-direct/{id}");
    app.delete(&path).token(&root).await.expect(204);
    assert_eq!(stored(&app).await, Vec::<String>::new());
    // On disk there is no such way.
    let disk = TestApp::new().await;
    let root = disk.root().await;
    let answer = begin_direct(&disk, &root, 100).await.expect(400).json();
    assert_eq!(answer["code"], "direct_upload_unavailable");
}
