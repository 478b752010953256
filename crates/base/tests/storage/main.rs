//! One list of promises, kept by the folder and by real S3 servers alike. A second server is checked
//! when `TEST_S3_ENDPOINT` names one; `tests/peers/with-moto` starts one.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod promises;
#[allow(dead_code, reason = "the tests of the program use more of it")]
mod s3_server;

use base::storage::{Class, Storage, StorageConfig, StorageErrorKind};
use bytes::Bytes;
use futures::StreamExt;
use promises::{MIB, every_promise, keys, signed_addresses, signed_parts};
use s3_server::S3Server;
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

fn bucket_config(endpoint: &str, bucket: &str, prefix: &str) -> StorageConfig {
    let text = format!(
        "[bucket]\nname = '{bucket}'\nendpoint = '{endpoint}'\naccess_key = 'test'\nsecret_key = 'testtest'\n\
         prefix = '{prefix}'\npart_size_mib = 5\npublic_base_url = 'https://cdn.example/v/'\nretries = 1\n\
         [class.original]\nbucket = '{bucket}-originals'\nprefix = ''"
    );
    toml::from_str(&text).expect("valid")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_keeps_every_promise() {
    let (data, scratch) = (
        TempDir::new().expect("a folder"),
        TempDir::new().expect("a folder"),
    );
    let config = StorageConfig {
        durable: false,
        ..StorageConfig::default()
    };
    let storage = Storage::open(&config, data.path()).expect("opened");
    every_promise(&storage, scratch.path()).await;
    assert_eq!(
        storage
            .presign_get(Class::Original, "a", Duration::from_secs(9), None)
            .await
            .expect("fine"),
        None
    );
    assert_eq!(
        storage
            .create_parts(Class::Original, "a")
            .await
            .expect("fine"),
        None
    );
    assert_eq!(
        storage.public_url(Class::Original, "a").expect("fine"),
        None
    );
    // Deleting the last blob of a folder deletes the folder; broken writes are gone as well.
    let left: Vec<_> = walk(data.path())
        .into_iter()
        .filter(|path| path.contains("many/") || path.contains(".tmp-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_keeps_every_promise() {
    let (server, scratch) = (
        S3Server::start(&["vid", "vid-originals"]).await,
        TempDir::new().expect("a folder"),
    );
    let storage = Storage::open(
        &bucket_config(&server.endpoint, "vid", "s1/"),
        scratch.path(),
    )
    .expect("opened");
    let work = TempDir::new().expect("a folder");
    every_promise(&storage, work.path()).await;
    signed_addresses(&storage, true).await;
    signed_parts(&storage).await;
    server.wait_until_no_upload_is_open().await;
    assert_eq!(
        storage.local_path(Class::Original, "a").expect("fine"),
        None
    );
    let url = storage.public_url(Class::Avatar, "a/b.png").expect("fine");
    assert_eq!(
        url.as_deref(),
        Some("https://cdn.example/v/s1/avatars/a/b.png")
    );
    let files = walk(server.folder.path());
    assert!(
        files
            .iter()
            .any(|file| file.ends_with("/vid/s1/exports/copy/a.zip")),
        "{files:?}"
    );
    assert!(
        files
            .iter()
            .any(|file| file.ends_with("/vid-originals/long/a")),
        "{files:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_keeps_every_promise() {
    let Ok(endpoint) = std::env::var("TEST_S3_ENDPOINT") else {
        eprintln!(
            "skipped: TEST_S3_ENDPOINT names no second S3 server; run `tests/peers/with-moto cargo test`"
        );
        return;
    };
    let scratch = TempDir::new().expect("a folder");
    let prefix = format!("run-{}/", std::process::id());
    let mut config = bucket_config(&endpoint, "vid", &prefix);
    config.class.clear();
    let set = |name: &str| std::env::var(name).ok();
    let looks_at_signatures = set("TEST_S3_KEY").is_some();
    if let (Some(key), Some(secret)) = (set("TEST_S3_KEY"), set("TEST_S3_SECRET")) {
        (config.bucket.access_key, config.bucket.secret_key) =
            (key, base::storage::Secret::new(secret));
    }
    config.bucket.region = set("TEST_S3_REGION").unwrap_or(config.bucket.region);
    let storage = Storage::open(&config, scratch.path()).expect("opened");
    let work = TempDir::new().expect("a folder");
    every_promise(&storage, work.path()).await;
    // A server without keys takes any signature.
    signed_addresses(&storage, looks_at_signatures).await;
    signed_parts(&storage).await;
}

#[tokio::test]
async fn addresses_follow_the_style_and_the_public_server() {
    let mut config = bucket_config("https://s3.internal:3900", "vid", "s1/");
    let signed = async |config: &StorageConfig, class| {
        let storage = Storage::open(config, Path::new("/nowhere")).expect("opened");
        let url = storage
            .presign_get(class, "a.mp4", Duration::from_secs(60), None)
            .await;
        url.expect("signed").expect("a bucket")
    };
    let url = signed(&config, Class::Export).await;
    assert!(
        url.starts_with("https://s3.internal:3900/vid/s1/exports/a.mp4?"),
        "{url}"
    );
    assert!(url.contains("X-Amz-Expires=60&"), "{url}");
    config.bucket.public_endpoint = "https://s3.example".to_owned();
    let url = signed(&config, Class::Export).await;
    assert!(
        url.starts_with("https://s3.example/vid/s1/exports/a.mp4?"),
        "{url}"
    );
    config.bucket.path_style = false;
    let url = signed(&config, Class::Original).await;
    assert!(
        url.starts_with("https://vid-originals.s3.example/a.mp4?"),
        "{url}"
    );
    config.bucket.endpoint.clear();
    config.bucket.public_endpoint.clear();
    config.bucket.region = "eu-west-1".to_owned();
    let url = signed(&config, Class::Export).await;
    assert!(
        url.starts_with("https://vid.s3.eu-west-1.amazonaws.com/s1/exports/a.mp4?"),
        "{url}"
    );
}

/// Where a file cannot be moved it is copied, and still taken away.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_file_from_another_disk_is_taken() {
    use std::os::unix::fs::MetadataExt;
    let (here, there) = (
        TempDir::new().expect("a folder"),
        TempDir::new_in("/dev/shm"),
    );
    let device = |path: &Path| std::fs::metadata(path).expect("a folder").dev();
    let Some(there) = there
        .ok()
        .filter(|there| device(there.path()) != device(here.path()))
    else {
        eprintln!("skipped: there is no second file system at /dev/shm");
        return;
    };
    let file = there.path().join("a.bin");
    std::fs::write(&file, vec![7; 3 * MIB]).expect("written");
    let storage = Storage::in_folder(here.path());
    storage
        .put_file(Class::Original, "a.bin", &file)
        .await
        .expect("taken");
    assert!(!file.exists());
    assert_eq!(
        storage
            .head(Class::Original, "a.bin")
            .await
            .expect("there")
            .size_bytes,
        3 << 20
    );
    assert_eq!(keys(&storage, Class::Original, "").await, ["a.bin"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_fails_says_how() {
    let (server, scratch) = (
        S3Server::start(&["vid"]).await,
        TempDir::new().expect("a folder"),
    );
    let put = async |config: &StorageConfig| {
        let storage = Storage::open(config, scratch.path()).expect("opened");
        storage
            .put(Class::Avatar, "a", Bytes::from("x"))
            .await
            .expect_err("must fail")
    };
    let good = bucket_config(&server.endpoint, "vid", "");
    let mut config = good.clone();
    config.bucket.secret_key = base::storage::Secret::new("wrong");
    let error = put(&config).await;
    assert_eq!(error.kind(), StorageErrorKind::Denied, "{error:?}");
    assert!(!format!("{error:?}").contains("testtest"));

    let storage = Storage::open(&good, scratch.path()).expect("opened");
    for (answer, kind) in [
        // A wrong bucket must not look like a missing blob.
        ("404 NoSuchBucket", StorageErrorKind::Unavailable),
        ("404 NoSuchKey", StorageErrorKind::NotFound),
        ("403 AccessDenied", StorageErrorKind::Denied),
        ("507 InsufficientStorage", StorageErrorKind::Full),
        ("403 QuotaExceeded", StorageErrorKind::Full),
        ("400 InvalidRequest", StorageErrorKind::Invalid),
        ("503 SlowDown", StorageErrorKind::Unavailable),
    ] {
        server.fail_next(2, answer);
        let error = storage
            .get(Class::Avatar, "a", 9)
            .await
            .expect_err("must fail");
        assert_eq!(error.kind(), kind, "{answer}: {error:?}");
        server.fail_next(0, "");
    }

    let mut config = good.clone();
    config.bucket.endpoint = s3_server::closed_endpoint().await;
    assert_eq!(put(&config).await.kind(), StorageErrorKind::Unavailable);

    server.fail_next(1, "503 SlowDown");
    storage
        .put(Class::Avatar, "a", Bytes::from("x"))
        .await
        .expect("the second try");
    server.fail_next(2, "500 InternalError");
    let error = storage
        .get(Class::Avatar, "a", 9)
        .await
        .expect_err("`retries` is 1");
    assert!(error.is_retryable(), "{error:?}");
    assert_eq!(
        storage
            .get(Class::Avatar, "a", 9)
            .await
            .expect("well again"),
        "x"
    );
}

/// The same test binary again, killed in the middle of a write.
#[tokio::test]
async fn a_killed_write_is_invisible_and_swept_away() {
    if let Some(folder) = std::env::var_os("STORAGE_TEST_WRITE_FOREVER") {
        let storage = Storage::in_folder(Path::new(&folder));
        let mut writer = storage
            .writer(Class::Original, "v/clip.mp4", None)
            .await
            .expect("a writer");
        loop {
            writer
                .write(Bytes::from(vec![1; MIB]))
                .await
                .expect("written");
            tokio::task::yield_now().await;
        }
    }
    let folder = TempDir::new().expect("a folder");
    let storage = Storage::in_folder(folder.path());
    storage
        .put(Class::Original, "v/clip.mp4", Bytes::from("old"))
        .await
        .expect("put");
    let mut child = tokio::process::Command::new(std::env::current_exe().expect("this test"))
        .args(["--exact", "a_killed_write_is_invisible_and_swept_away"])
        .env("STORAGE_TEST_WRITE_FOREVER", folder.path())
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("started");
    let half_written = || {
        walk(folder.path())
            .into_iter()
            .find(|path| path.contains(".tmp-"))
    };
    while half_written()
        .is_none_or(|path| std::fs::metadata(path).is_ok_and(|found| found.len() == 0))
    {
        assert_eq!(
            child.try_wait().expect("a child"),
            None,
            "the writer ended by itself"
        );
        tokio::task::yield_now().await;
    }
    child.kill().await.expect("killed");
    assert!(half_written().is_some());
    assert_eq!(
        storage
            .get(Class::Original, "v/clip.mp4", 9)
            .await
            .expect("still there"),
        "old"
    );
    assert_eq!(keys(&storage, Class::Original, "").await, ["v/clip.mp4"]);
    assert_eq!(
        storage.sweep(0).await.expect("swept"),
        0,
        "it was touched after 1970"
    );
    assert_eq!(storage.sweep(i64::MAX).await.expect("swept"), 1);
    assert_eq!(half_written(), None);
    assert_eq!(
        storage
            .get(Class::Original, "v/clip.mp4", 9)
            .await
            .expect("still there"),
        "old"
    );
}

/// Folders come and go under writers and deleters that meet in them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writers_and_deleters_may_meet_in_one_folder() {
    let folder = TempDir::new().expect("a folder");
    let config = StorageConfig {
        durable: false,
        ..StorageConfig::default()
    };
    let storage = Storage::open(&config, folder.path()).expect("opened");
    futures::stream::iter(0..400)
        .for_each_concurrent(8, async |number| {
            let key = format!("same/{}/x", number % 4);
            storage
                .put(Class::Export, &key, Bytes::from("x"))
                .await
                .expect("put");
            storage.delete(Class::Export, &key).await.expect("deleted");
        })
        .await;
    assert!(keys(&storage, Class::Export, "").await.is_empty());
}

fn walk(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .flat_map(|entry| match entry.path() {
            path if path.is_dir() => walk(&path),
            path => vec![path.display().to_string()],
        })
        .collect()
}
