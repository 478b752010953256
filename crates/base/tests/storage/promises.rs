//! What every place for blobs must do.

use base::fetch::{Fetch, FetchConfig, FetchRequest, FetchResponse};
use base::storage::{ByteRange, Class, Storage, StorageErrorKind};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use http::{Method, StatusCode};
use std::path::Path;
use std::time::Duration;

pub const MIB: usize = 1024 * 1024;

/// Bytes that differ everywhere, so that a part in the wrong place shows.
fn noise(size: usize) -> Bytes {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut data = Vec::with_capacity(size + 8);
    while data.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        data.extend_from_slice(&state.to_le_bytes());
    }
    data.truncate(size);
    data.into()
}

pub async fn keys(storage: &Storage, class: Class, prefix: &str) -> Vec<String> {
    let found = storage
        .list(class, prefix)
        .expect("a listing")
        .map_ok(|entry| entry.key);
    let mut keys: Vec<String> = found.try_collect().await.expect("listed");
    keys.sort_unstable();
    keys
}

async fn read(storage: &Storage, key: &str, range: ByteRange) -> Bytes {
    storage
        .read(Class::Original, key, range)
        .await
        .expect("a range")
        .bytes(u64::MAX)
        .await
        .expect("read")
}

pub async fn every_promise(storage: &Storage, scratch: &Path) {
    // Runs on one task each, so that the first that fails names itself in its message.
    put_and_get(storage).await;
    ranges(storage).await;
    long_blobs_in_parts(storage).await;
    files_are_taken(storage, scratch).await;
    aborted_writes_leave_nothing(storage).await;
    listing_and_deleting(storage).await;
    copies_and_renames(storage, scratch).await;
    bad_keys(storage).await;
}

async fn put_and_get(storage: &Storage) {
    let (class, key) = (Class::Thumbnail, "put/a.jpg");
    let missing = storage.get(class, key, 10).await.expect_err("nothing yet");
    assert_eq!(missing.kind(), StorageErrorKind::NotFound, "{missing:?}");
    assert_eq!(
        missing.to_string(),
        "cannot read thumbnail put/a.jpg: it does not exist"
    );
    assert!(
        storage
            .head(class, key)
            .await
            .expect_err("nothing yet")
            .is_not_found()
    );
    for text in ["one", "longer", ""] {
        storage
            .put(class, key, Bytes::from(text))
            .await
            .expect("put");
        assert_eq!(storage.get(class, key, 10).await.expect("got"), text);
        assert_eq!(
            storage.head(class, key).await.expect("head").size_bytes,
            text.len() as u64
        );
    }
    storage
        .put(class, key, Bytes::from("four"))
        .await
        .expect("put");
    let too_large = storage
        .get(class, key, 3)
        .await
        .expect_err("over the limit");
    assert_eq!(too_large.kind(), StorageErrorKind::Invalid);
    // The same key in another class is another blob.
    assert!(
        storage
            .head(Class::Avatar, key)
            .await
            .expect_err("nothing there")
            .is_not_found()
    );
    let before = storage.head(class, key).await.expect("head");
    storage
        .put(class, key, Bytes::from("FOUR"))
        .await
        .expect("put");
    let after = storage.head(class, key).await.expect("head");
    assert_ne!(before.etag, after.etag);
    assert!(after.modified_ms > 1_700_000_000_000);
    storage.delete(class, key).await.expect("deleted");
    storage.delete(class, key).await.expect("deleted again");
    assert!(
        storage
            .get(class, key, 10)
            .await
            .expect_err("gone")
            .is_not_found()
    );
}

async fn ranges(storage: &Storage) {
    let (key, data) = ("ranges/clip.mp4", noise(700_000));
    storage
        .put(Class::Original, key, data.clone())
        .await
        .expect("put");
    for (range, expected) in [
        (ByteRange::All, 0..700_000),
        (ByteRange::Span(0, 1), 0..1),
        (ByteRange::Span(5, 600_000), 5..600_000),
        (ByteRange::Span(699_999, 900_000), 699_999..700_000),
        (ByteRange::From(300_001), 300_001..700_000),
        (ByteRange::Last(100), 699_900..700_000),
        (ByteRange::Last(900_000), 0..700_000),
    ] {
        let blob = storage
            .read(Class::Original, key, range.clone())
            .await
            .expect("a range");
        assert_eq!(blob.info.size_bytes, 700_000, "{range:?}");
        assert_eq!(
            blob.range,
            expected.start as u64..expected.end as u64,
            "{range:?}"
        );
        assert!(
            blob.info
                .etag
                .as_ref()
                .is_some_and(|etag| etag.starts_with('"')),
            "{:?}",
            blob.info
        );
        assert_eq!(
            blob.bytes(u64::MAX).await.expect("read"),
            data[expected],
            "{range:?}"
        );
    }
    for range in [
        ByteRange::From(700_000),
        ByteRange::Span(800_000, 900_000),
        ByteRange::Span(4, 4),
        ByteRange::Last(0),
    ] {
        let outside = storage.read(Class::Original, key, range.clone()).await;
        let outside = outside.map(|blob| blob.range).expect_err("outside");
        assert_eq!(
            outside.kind(),
            StorageErrorKind::Invalid,
            "{range:?}: {outside:?}"
        );
    }
}

async fn long_blobs_in_parts(storage: &Storage) {
    let data = noise(17 * MIB + 3);
    // Exactly full parts, a rest of three bytes, and pieces that do not fit the parts.
    for (key, size, piece) in [
        ("long/a", 17 * MIB + 3, 777_777),
        ("long/b", 10 * MIB, MIB),
        ("long/c", 10, 3),
    ] {
        let mut writer = storage
            .writer(Class::Original, key, None)
            .await
            .expect("a writer");
        for start in (0..size).step_by(piece) {
            writer
                .write(data.slice(start..(start + piece).min(size)))
                .await
                .expect("written");
            assert!(
                storage.head(Class::Original, key).await.is_err(),
                "{key} is visible before its end"
            );
        }
        assert_eq!(writer.finish().await.expect("finished"), size as u64);
        assert!(
            read(storage, key, ByteRange::All).await == data[..size],
            "{key} differs"
        );
        let near_joint = ByteRange::Span(5 * MIB as u64 - 2, 5 * MIB as u64 + 2);
        if size > 6 * MIB {
            assert_eq!(
                read(storage, key, near_joint).await,
                data[5 * MIB - 2..5 * MIB + 2]
            );
        }
    }
    let empty = storage
        .writer(Class::Original, "long/empty", None)
        .await
        .expect("a writer");
    assert_eq!(empty.finish().await.expect("finished"), 0);
    assert_eq!(
        storage
            .head(Class::Original, "long/empty")
            .await
            .expect("there")
            .size_bytes,
        0
    );
}

async fn files_are_taken(storage: &Storage, scratch: &Path) {
    let data = noise(12 * MIB + 1);
    let file = scratch.join("upload.bin");
    std::fs::write(&file, &data).expect("written");
    storage
        .put_file(Class::Original, "file/clip.mp4", &file)
        .await
        .expect("taken");
    assert!(!file.exists(), "the file was copied, not taken");
    storage
        .fetch_to(Class::Original, "file/clip.mp4", &file)
        .await
        .expect("fetched");
    assert!(std::fs::read(&file).expect("a file") == data);
    if let Some(path) = storage
        .local_path(Class::Original, "file/clip.mp4")
        .expect("a key")
    {
        assert!(std::fs::read(path).expect("a file") == data);
    }
    let missing = storage
        .put_file(Class::Original, "file/none", &scratch.join("none"))
        .await;
    assert!(missing.expect_err("no such file").is_not_found());
    let missing = storage
        .fetch_to(Class::Original, "file/none", &scratch.join("none"))
        .await;
    assert!(missing.expect_err("no such blob").is_not_found());
    assert_eq!(
        std::fs::read_dir(scratch).expect("a folder").count(),
        1,
        "only the fetched file is left"
    );
}

async fn aborted_writes_leave_nothing(storage: &Storage) {
    let mut writer = storage
        .writer(Class::Upload, "abort/a", None)
        .await
        .expect("a writer");
    writer.write(noise(12 * MIB)).await.expect("written");
    writer.abort().await.expect("aborted");
    assert!(keys(storage, Class::Upload, "abort").await.is_empty());
    assert!(
        storage
            .head(Class::Upload, "abort/a")
            .await
            .expect_err("nothing")
            .is_not_found()
    );
    // A blob that was there stays as it was.
    storage
        .put(Class::Upload, "abort/b", Bytes::from("old"))
        .await
        .expect("put");
    let mut writer = storage
        .writer(Class::Upload, "abort/b", None)
        .await
        .expect("a writer");
    writer.write(noise(6 * MIB)).await.expect("written");
    drop(writer);
    assert_eq!(
        storage
            .get(Class::Upload, "abort/b", 99)
            .await
            .expect("got"),
        "old"
    );
}

async fn listing_and_deleting(storage: &Storage) {
    assert!(keys(storage, Class::Caption, "none").await.is_empty());
    let names: Vec<String> = (0..1_100)
        .map(|number| format!("many/{}/{number:04}.vtt", number % 3))
        .collect();
    futures::stream::iter(&names)
        .for_each_concurrent(16, async |name| {
            storage
                .put(Class::Caption, name, Bytes::from_static(b"x"))
                .await
                .expect("put");
        })
        .await;
    storage
        .put(Class::Caption, "many2/stays.vtt", Bytes::from_static(b"x"))
        .await
        .expect("put");
    let mut expected = names.clone();
    expected.sort_unstable();
    assert_eq!(keys(storage, Class::Caption, "many").await, expected);
    assert_eq!(keys(storage, Class::Caption, "many/1").await.len(), 367);
    assert_eq!(keys(storage, Class::Caption, "").await.len(), 1_101);
    assert!(
        keys(storage, Class::Caption, "man").await.is_empty(),
        "a prefix is a whole folder"
    );
    storage
        .delete_prefix(Class::Caption, "many/1")
        .await
        .expect("deleted");
    assert_eq!(keys(storage, Class::Caption, "many").await.len(), 733);
    storage
        .delete_prefix(Class::Caption, "many")
        .await
        .expect("deleted");
    storage
        .delete_prefix(Class::Caption, "many")
        .await
        .expect("deleted again");
    assert_eq!(keys(storage, Class::Caption, "").await, ["many2/stays.vtt"]);
    let whole_class = storage.delete_prefix(Class::Caption, "").await;
    assert_eq!(
        whole_class.expect_err("too much").kind(),
        StorageErrorKind::Invalid
    );
}

async fn copies_and_renames(storage: &Storage, scratch: &Path) {
    let (from, to) = (
        (Class::Export, "copy/a.zip"),
        (Class::Torrent, "copy/b.torrent"),
    );
    storage
        .put(from.0, from.1, Bytes::from("data"))
        .await
        .expect("put");
    storage.copy(from, to).await.expect("copied");
    assert_eq!(
        storage.get(from.0, from.1, 9).await.expect("still there"),
        "data"
    );
    assert_eq!(storage.get(to.0, to.1, 9).await.expect("there too"), "data");
    storage
        .rename(to, (Class::Torrent, "copy/c.torrent"))
        .await
        .expect("renamed");
    assert_eq!(
        keys(storage, Class::Torrent, "copy").await,
        ["copy/c.torrent"]
    );
    storage.rename(from, from).await.expect("renamed to itself");
    assert_eq!(
        storage.get(from.0, from.1, 9).await.expect("still there"),
        "data"
    );
    assert!(
        storage
            .copy(to, from)
            .await
            .expect_err("gone")
            .is_not_found()
    );
    assert!(
        storage
            .rename(to, from)
            .await
            .expect_err("gone")
            .is_not_found()
    );
    // From one place to another.
    let other = Storage::in_folder(scratch.join("other"));
    other
        .put(from.0, "x.zip", Bytes::from("there"))
        .await
        .expect("put");
    assert_eq!(other.get(from.0, "x.zip", 9).await.expect("got"), "there");
    std::fs::remove_dir_all(scratch.join("other")).expect("removed");
}

async fn bad_keys(storage: &Storage) {
    for key in [
        "",
        "/a",
        "a/../../b",
        "..",
        "a//b",
        "ü",
        "a b",
        "a.tmp-1-2",
        "a\0",
    ] {
        let put = storage
            .put(Class::Original, key, Bytes::new())
            .await
            .expect_err("refused");
        assert_eq!(put.kind(), StorageErrorKind::Invalid, "{key:?}");
        assert!(storage.local_path(Class::Original, key).is_err(), "{key:?}");
        assert!(storage.public_url(Class::Original, key).is_err(), "{key:?}");
        assert!(
            storage.delete_prefix(Class::Original, key).await.is_err(),
            "{key:?}"
        );
        assert!(
            storage
                .rename((Class::Avatar, "a"), (Class::Avatar, key))
                .await
                .is_err(),
            "{key:?}"
        );
    }
}

async fn ask(method: Method, url: &str, body: Bytes) -> FetchResponse {
    let config = FetchConfig {
        allow_http: true,
        allow_private: true,
        ..FetchConfig::default()
    };
    let mut request = FetchRequest::get(url).limit(u64::MAX);
    (request.method, request.body) = (method, body);
    Fetch::new(config).send(request).await.expect("an answer")
}

pub async fn signed_addresses(storage: &Storage, checks_signatures: bool) {
    let (class, key, hour) = (Class::Original, "signed/a.mp4", Duration::from_secs(3600));
    let data = noise(100_000);
    let put = storage
        .presign_put(class, key, hour)
        .await
        .expect("signed")
        .expect("a bucket");
    assert_eq!(
        ask(Method::PUT, &put, data.clone()).await.status,
        StatusCode::OK
    );
    let get = storage
        .presign_get(class, key, hour, Some("Ferien \"1\".mp4"))
        .await
        .expect("signed")
        .expect("a bucket");
    let got = ask(Method::GET, &get, Bytes::new()).await;
    assert_eq!((got.status, got.body == data), (StatusCode::OK, true));
    if checks_signatures {
        // It holds for this method and this key only.
        assert_eq!(
            ask(Method::PUT, &get, Bytes::new()).await.status,
            StatusCode::FORBIDDEN
        );
        let other = get.replace("signed/a.mp4", "signed/b.mp4");
        assert_eq!(
            ask(Method::GET, &other, Bytes::new()).await.status,
            StatusCode::FORBIDDEN
        );
    }
}

pub async fn signed_parts(storage: &Storage) {
    let hour = Duration::from_secs(3600);
    let blob = (Class::Original, "signed/parts.mp4");
    let data = noise(6 * MIB);
    let upload = storage
        .create_parts(blob.0, blob.1)
        .await
        .expect("begun")
        .expect("a bucket");
    let mut etags = Vec::new();
    for (part, piece) in [(1, data.slice(..5 * MIB)), (2, data.slice(5 * MIB..))] {
        let url = storage
            .presign_part(blob, &upload, part, hour)
            .await
            .expect("signed")
            .expect("a bucket");
        let answer = ask(Method::PUT, &url, piece)
            .await
            .success()
            .expect("taken");
        etags.push(answer.headers["etag"].to_str().expect("text").to_owned());
    }
    storage
        .complete_parts(blob, upload, etags)
        .await
        .expect("joined");
    assert!(read(storage, blob.1, ByteRange::All).await == data);
    let upload = storage
        .create_parts(blob.0, "signed/never")
        .await
        .expect("begun")
        .expect("a bucket");
    storage
        .abort_parts(blob.0, "signed/never", upload)
        .await
        .expect("given up");
    assert!(
        storage
            .head(blob.0, "signed/never")
            .await
            .expect_err("nothing")
            .is_not_found()
    );
}
