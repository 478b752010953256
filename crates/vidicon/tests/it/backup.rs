//! Backups: made, kept, tried out, restored on an empty machine; and what must not go unseen.

use crate::app::{START, TestApp};
use base::Clock;
use base::clock::HOUR;
use base::storage::Class;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vidicon::backup::{self, restore};
use vidicon::config::Config;

fn is_postgres(app: &TestApp) -> bool {
    app.db.dialect() == base::db::Dialect::Postgres
}

fn backups(app: &TestApp) -> Vec<PathBuf> {
    let folder = app.folder.path().join("backups");
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|it| it == "vidicon-backup"))
        .collect();
    found.sort();
    found
}

/// The settings of an empty machine.
fn empty_machine(folder: &Path, app: &TestApp) -> Config {
    let mut config = Config::default();
    config.server.data_dir = folder.to_owned();
    config.server.public_url = "http://video.test".to_owned();
    config.database.url = app.config.database.url.clone();
    config.complete().unwrap();
    config
}

fn plan(from: &Path, key: Option<PathBuf>, replace: bool) -> restore::Plan {
    restore::Plan {
        from: from.display().to_string(),
        key_file: key,
        replace,
    }
}

#[tokio::test]
async fn a_site_comes_back_on_an_empty_machine() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let file = app.folder.path().join("away.vidicon-backup");
    backup::make(&app, &file).await.unwrap();
    let bytes = std::fs::read(&file).unwrap();
    let readable = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    assert!(!readable(b"SQLite format") && !readable(b"ada@example.org"));
    app.user("late").await;

    let machine = tempfile::tempdir().unwrap();
    let config = empty_machine(machine.path(), &app);
    let clock = Clock::manual(START);
    let refused = restore::restore(&config, &clock, &plan(&file, None, false)).await;
    assert!(refused.unwrap_err().to_string().contains("--key-file"));
    let key = app.folder.path().join("backup.key");
    let how = plan(&file, Some(key), is_postgres(&app));
    let told = restore::restore(&config, &clock, &how).await.unwrap();
    assert!(told.contains("2 users"), "{told}");
    let again = vidicon::App::open(config.clone(), clock.clone())
        .await
        .unwrap();
    let known = vidicon::account::user_by_name(&again, "ada").await.unwrap();
    assert!(known.is_some());
    assert!(
        vidicon::account::user_by_name(&again, "late")
            .await
            .unwrap()
            .is_none()
    );
    assert_eq!(again.secret, app.secret, "signed addresses stay good");
    assert!(machine.path().join("backup.key").exists());
    let left = std::fs::read_dir(machine.path()).unwrap();
    let left = left.filter(|it| {
        it.as_ref()
            .unwrap()
            .file_name()
            .to_string_lossy()
            .starts_with(".tmp")
    });
    assert_eq!(left.count(), 0);
}

#[tokio::test]
async fn a_database_that_is_there_is_not_overwritten_unasked() {
    let app = TestApp::new().await;
    if is_postgres(&app) {
        return;
    }
    let file = app.folder.path().join("a.vidicon-backup");
    backup::make(&app, &file).await.unwrap();
    let config = app.config.clone();
    let clock = Clock::manual(START);
    let refused = restore::restore(&config, &clock, &plan(&file, None, false)).await;
    assert!(refused.unwrap_err().to_string().contains("--replace"));
    let told = restore::restore(&config, &clock, &plan(&file, None, true))
        .await
        .unwrap();
    assert!(told.contains("before-restore"), "{told}");
}

#[tokio::test]
async fn a_damaged_backup_or_a_wrong_key_changes_nothing() {
    let app = TestApp::new().await;
    let file = app.folder.path().join("a.vidicon-backup");
    backup::make(&app, &file).await.unwrap();
    let whole = std::fs::read(&file).unwrap();
    let key = app.folder.path().join("backup.key");
    let machine = tempfile::tempdir().unwrap();
    let config = empty_machine(machine.path(), &app);
    let clock = Clock::manual(START);
    let mut flipped = whole.clone();
    let middle = flipped.len() / 2;
    flipped[middle] ^= 1;
    let wrong_key = machine.path().join("other.key");
    std::fs::write(&wrong_key, "00".repeat(32)).unwrap();
    let cases = [
        (whole[..whole.len() - 7].to_vec(), key.clone()),
        (flipped, key),
        (whole, wrong_key),
    ];
    for (bytes, key) in cases {
        std::fs::write(&file, bytes).unwrap();
        let how = plan(&file, Some(key), false);
        assert!(restore::restore(&config, &clock, &how).await.is_err());
        assert!(!machine.path().join("vidicon.db").exists());
        assert!(!machine.path().join("backup.key").exists());
    }
}

#[tokio::test]
async fn backups_come_round_are_tried_out_and_the_oldest_go() {
    let app = TestApp::with(|config| {
        config.backup.keep = 2;
        config.backup.to_storage = true;
    })
    .await;
    for _ in 0..4 {
        vidicon::jobs::add_regular(&app).await.unwrap();
        app.run_jobs().await;
        vidicon::jobs::add_regular(&app).await.unwrap();
        app.run_jobs().await;
        app.clock.advance(24 * HOUR);
    }
    assert_eq!(backups(&app).len(), 2);
    let stored = app.folder.path().join("storage/exports/backups");
    assert_eq!(std::fs::read_dir(stored).unwrap().count(), 2);
    let state = backup::last(&app).await.unwrap();
    assert_eq!(state.failure, None);
    let drill = state.drill.unwrap();
    assert_eq!((drill.users, drill.at), (1, START));
    let newest = backups(&app).pop().unwrap();
    assert!(newest.ends_with(state.made.unwrap().name));

    let machine = tempfile::tempdir().unwrap();
    let mut config = empty_machine(machine.path(), &app);
    config.storage.folder = app.folder.path().join("storage");
    let how = restore::Plan {
        from: "latest".to_owned(),
        key_file: Some(app.folder.path().join("backup.key")),
        replace: is_postgres(&app),
    };
    let told = restore::restore(&config, &Clock::manual(START), &how)
        .await
        .unwrap();
    assert!(told.contains("1 users"), "{told}");
}

#[tokio::test]
async fn a_failing_backup_is_said_on_the_health_page() {
    let app = TestApp::with(|config| config.backup.folder = "taken/backups".into()).await;
    std::fs::write(app.folder.path().join("taken"), "a file").unwrap();
    let root = app.root().await;
    app.post("/api/v1/server/health/back-up")
        .token(&root)
        .await
        .expect(204);
    app.run_jobs().await;
    let state = backup::last(&app).await.unwrap();
    assert!(state.failure.is_some() && state.made.is_none());
}

#[tokio::test]
async fn a_passphrase_opens_what_it_closed() {
    let app = TestApp::with(|config| config.backup.passphrase = "open sesame".to_owned()).await;
    let file = app.folder.path().join("a.vidicon-backup");
    backup::make(&app, &file).await.unwrap();
    assert!(!app.folder.path().join("backup.key").exists());
    let machine = tempfile::tempdir().unwrap();
    let mut config = empty_machine(machine.path(), &app);
    let clock = Clock::manual(START);
    config.backup.passphrase = "open barley".to_owned();
    let how = plan(&file, None, is_postgres(&app));
    assert!(restore::restore(&config, &clock, &how).await.is_err());
    config.backup.passphrase = "open sesame".to_owned();
    restore::restore(&config, &clock, &how).await.unwrap();
}

fn pieces(app: &TestApp) -> BTreeSet<PathBuf> {
    let folder = app.folder.path().join("backups/pieces");
    let folders = std::fs::read_dir(folder).unwrap();
    let folders = folders.filter_map(|it| std::fs::read_dir(it.unwrap().path()).ok());
    folders.flatten().map(|it| it.unwrap().path()).collect()
}

#[tokio::test]
async fn a_backup_adds_what_has_changed_and_each_can_be_restored() {
    let app = TestApp::with(|config| {
        config.backup.keep = 2;
        config.backup.keep_monthly = 0;
    })
    .await;
    let noise: String = (0..200_000_u32)
        .map(|n| format!("{:08x}", n.wrapping_mul(n ^ 2_654_435_761)))
        .collect();
    vidicon::instance::keep_fact(&app.db, &app.clock, "noise", noise.into())
        .await
        .unwrap();
    let first = backup::make_and_keep(&app).await.unwrap();
    app.user("ada").await;
    app.clock.advance(HOUR);
    let second = backup::make_and_keep(&app).await.unwrap();
    assert!(
        second.size_bytes < first.size_bytes / 2,
        "{first:?} {second:?}"
    );
    let with_two = pieces(&app);
    let key = app.folder.path().join("backup.key");
    let clock = Clock::manual(START);
    for (made, users) in [(&first, "1 users"), (&second, "2 users")] {
        let machine = tempfile::tempdir().unwrap();
        let config = empty_machine(machine.path(), &app);
        let file = app.folder.path().join("backups").join(&made.name);
        let how = plan(&file, Some(key.clone()), is_postgres(&app));
        let told = restore::restore(&config, &clock, &how).await.unwrap();
        assert!(told.contains(users), "{told}");
    }

    // By its name in the folder; and what only the first needed goes with it.
    app.clock.advance(HOUR);
    backup::make_and_keep(&app).await.unwrap();
    assert!(!with_two.is_subset(&pieces(&app)));
    let machine = tempfile::tempdir().unwrap();
    let mut config = empty_machine(machine.path(), &app);
    config.backup.folder = app.folder.path().join("backups");
    let mut how = plan(Path::new(&first.name), Some(key), is_postgres(&app));
    let gone = restore::restore(&config, &clock, &how).await.unwrap_err();
    assert!(format!("{gone:#}").contains(&first.name), "{gone:#}");
    how.from = second.name;
    let told = restore::restore(&config, &clock, &how).await.unwrap();
    assert!(told.contains("2 users"), "{told}");
    assert_eq!(backup::drill(&app).await.unwrap().users, 2);
    // A piece that is missing is noticed before anybody needs it.
    std::fs::remove_dir_all(app.folder.path().join("backups/pieces")).unwrap();
    assert!(backup::drill(&app).await.is_err());
}

#[tokio::test]
async fn files_on_the_disk_are_kept_too_where_that_is_wanted() {
    let app = TestApp::with(|config| config.backup.media = true).await;
    let film: Vec<u8> = (0..5_000_000_u32)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes())
        .take(5_000_000)
        .collect();
    let put = async |class, key: &str, data: &[u8]| {
        let data = bytes::Bytes::copy_from_slice(data);
        app.storage.put(class, key, data).await.unwrap();
    };
    put(Class::Rendition, "a/film.mp4", &film).await;
    put(Class::Thumbnail, "a.jpg", b"a picture").await;
    put(Class::Export, "on-its-way.tar", &film).await;
    let first = backup::make_and_keep(&app).await.unwrap();
    app.clock.advance(HOUR);
    let second = backup::make_and_keep(&app).await.unwrap();
    assert!(first.size_bytes > 5_000_000 && first.size_bytes < 9_000_000);
    assert!(
        second.size_bytes < 1_000_000,
        "the film is kept once: {second:?}"
    );

    let machine = tempfile::tempdir().unwrap();
    let config = empty_machine(machine.path(), &app);
    let file = app.folder.path().join("backups").join(&second.name);
    let key = app.folder.path().join("backup.key");
    let how = plan(&file, Some(key), is_postgres(&app));
    let told = restore::restore(&config, &Clock::manual(START), &how)
        .await
        .unwrap();
    assert!(told.contains("Of 2 files of the site 2 are back"), "{told}");
    let storage = machine.path().join("storage");
    assert!(std::fs::read(storage.join("renditions/a/film.mp4")).unwrap() == film);
    assert!(storage.join("thumbnails/a.jpg").exists());
    assert!(!storage.join("exports").exists());
}
