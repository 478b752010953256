//! `vidicon storage move`, killed at any moment: nothing is lost, nothing is called moved that is not the same.

use base::storage::{ByteRange, Class, Storage, StorageConfig, move_class};
use futures::TryStreamExt;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

/// Where blobs are to lie, with where they lie now.
fn places(folder: &Path) -> (Storage, Storage) {
    let from = StorageConfig {
        folder: "old".into(),
        durable: false,
        ..StorageConfig::default()
    };
    let config = StorageConfig {
        folder: "new".into(),
        durable: false,
        from: Some(Box::new(from)),
        ..StorageConfig::default()
    };
    let to = Storage::open(&config, folder).unwrap();
    (to.previous().unwrap().clone(), to)
}

fn content(number: u32) -> Vec<u8> {
    let mut state = u64::from(number) + 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    };
    (0..64 * 1024).map(|_| next()).collect()
}

async fn whole(storage: &Storage, key: &str) -> Vec<u8> {
    let blob = storage.read(Class::Original, key, ByteRange::All).await;
    blob.unwrap().bytes(1 << 30).await.unwrap().to_vec()
}

async fn count(storage: &Storage) -> usize {
    let listed = storage.list(Class::Original, "").unwrap();
    listed.try_collect::<Vec<_>>().await.unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_that_is_killed_again_and_again_ends_whole() {
    const BLOBS: u32 = 400;
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = places(folder.path());
    let mut wanted = BTreeMap::new();
    for number in 0..BLOBS {
        let (key, bytes) = (format!("v{number}/a.mp4"), content(number));
        from.put(Class::Original, &key, bytes.clone().into())
            .await
            .unwrap();
        wanted.insert(key, bytes);
    }
    let settings = folder.path().join("vidicon.toml");
    let text = "[storage]\nfolder = 'new'\ndurable = false\n[storage.from]\nfolder = 'old'\n";
    std::fs::write(&settings, text).unwrap();
    let start = || {
        Command::new(env!("CARGO_BIN_EXE_vidicon"))
            .args(["storage", "move", "--data-dir"])
            .arg(folder.path())
            .arg("--config")
            .arg(&settings)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut kills = 0;
    for share in [1, 3, 5, 7] {
        let mut child = start();
        let enough = usize::try_from(BLOBS).unwrap() * share / 8;
        while child.try_wait().unwrap().is_none() {
            if count(&to).await >= enough {
                // On Unix this is SIGKILL.
                child.kill().unwrap();
                kills += 1;
                break;
            }
            tokio::task::yield_now().await;
        }
        child.wait().unwrap();
    }
    assert!(kills >= 2, "it was killed {kills} times");
    assert!(start().wait().unwrap().success());
    assert_eq!(count(&from).await, 0);
    assert_eq!(count(&to).await, wanted.len());
    for (key, bytes) in &wanted {
        assert!(whole(&to, key).await == *bytes, "{key} is not the same");
    }
}

#[tokio::test]
async fn what_lies_there_already_is_compared() {
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = places(folder.path());
    let put = async |storage: &Storage, key: &str, bytes: &[u8]| {
        let bytes = bytes.to_vec().into();
        storage.put(Class::Original, key, bytes).await.unwrap();
    };
    let path =
        |place: &Storage, key: &str| place.local_path(Class::Original, key).unwrap().unwrap();
    let alone = |name: &str| Storage::in_folder(folder.path().join(name));
    let new = alone("new");
    for key in ["same", "older", "newer"] {
        put(&from, key, b"as it was").await;
    }
    put(&new, "same", b"as it was").await;
    put(&new, "older", b"as it WAS").await;
    put(&new, "newer", b"as it IS!").await;
    let set = |place: &Storage, key: &str, age_s: u64| {
        let file = std::fs::File::options()
            .write(true)
            .open(path(place, key))
            .unwrap();
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000 - age_s);
        file.set_modified(at).unwrap();
    };
    for (key, age_s) in [("same", 50), ("older", 200), ("newer", 50)] {
        set(&from, key, 100);
        set(&new, key, age_s);
    }
    let moved = move_class(&from, &to, Class::Original, |_| {})
        .await
        .unwrap();
    assert_eq!(
        (moved.blobs, moved.already_there, moved.replaced),
        (1, 1, 1),
        "{moved:?}"
    );
    assert_eq!(whole(&new, "same").await, b"as it was");
    assert_eq!(whole(&new, "older").await, b"as it was");
    assert_eq!(whole(&new, "newer").await, b"as it IS!");
    assert_eq!(count(&from).await, 0);
}

#[tokio::test]
async fn an_archive_elsewhere_is_read_through() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = StorageConfig {
        durable: false,
        ..StorageConfig::default()
    };
    let on_disk = base::storage::ClassConfig {
        on_disk: true,
        ..base::storage::ClassConfig::default()
    };
    config.class.insert(Class::Archive, on_disk);
    let storage = Storage::open(&config, folder.path()).unwrap();
    let bytes = content(1);
    let put = storage.put(Class::Original, "v/a.mp4", bytes.clone().into());
    put.await.unwrap();
    assert!(storage.archive("v/a.mp4").await.unwrap());
    assert!(!storage.archive("v/a.mp4").await.unwrap(), "it is there");
    assert_eq!(count(&storage).await, 0);
    assert!(whole(&storage, "v/a.mp4").await == bytes);
    let path = storage.local_path(Class::Original, "v/a.mp4").unwrap();
    assert!(path.unwrap().ends_with("archives/v/a.mp4"));
    assert!(storage.unarchive("v/a.mp4").await.unwrap());
    assert_eq!(count(&storage).await, 1);
    assert!(storage.archive("v/a.mp4").await.unwrap());
    storage.delete(Class::Original, "v/a.mp4").await.unwrap();
    let gone = storage.head(Class::Original, "v/a.mp4").await;
    assert!(gone.unwrap_err().is_not_found());
}
