//! Upgrades: from every step of the schema to the newest, with a copy made before; and what an
//! older program says to a newer database.

use crate::app::START;
use base::{Clock, Db};
use vidicon::backup::upgrade::{Outcome, dump_before};
use vidicon::migrations::ALL;

fn versions() -> Vec<i64> {
    let mut versions: Vec<i64> = ALL
        .iter()
        // These tests are of SQLite.
        .filter(|step| !step.name.ends_with(".postgres"))
        .map(|step| step.version)
        .collect();
    versions.dedup();
    versions
}

/// A SQLite database that stopped at this version.
async fn stopped_at(folder: &std::path::Path, version: i64) -> Db {
    let path = folder.join("vidicon.db");
    let db = Db::open(&format!("sqlite:{}", path.display()))
        .await
        .unwrap();
    let steps: Vec<_> = ALL
        .iter()
        .filter(|step| step.version <= version)
        .copied()
        .collect();
    base::migrate::migrate(&db, &Clock::manual(START), &steps, None)
        .await
        .unwrap();
    db
}

#[tokio::test]
async fn every_earlier_schema_becomes_the_newest() {
    let versions = versions();
    let newest = *versions.last().unwrap();
    for version in &versions[..versions.len() - 1] {
        let folder = tempfile::tempdir().unwrap();
        drop(stopped_at(folder.path(), *version).await);
        let mut config = vidicon::config::Config::default();
        config.server.data_dir = folder.path().to_owned();
        config.server.public_url = "http://video.test".to_owned();
        config.complete().unwrap();
        let app = vidicon::App::open(config, Clock::manual(START))
            .await
            .unwrap();
        assert_eq!(
            base::migrate::newest(&app.db).await.unwrap(),
            newest,
            "from {version}"
        );
        let next = versions.iter().find(|it| *it > version).unwrap();
        let copy = folder.path().join(format!("backups/before-{next:04}.db"));
        assert!(copy.exists(), "no copy before step {next}");
        let before = Db::open(&format!("sqlite:{}", copy.display()))
            .await
            .unwrap();
        assert_eq!(base::migrate::newest(&before).await.unwrap(), *version);
    }
}

#[tokio::test]
async fn people_and_their_things_survive_the_last_steps() {
    let folder = tempfile::tempdir().unwrap();
    let db = stopped_at(folder.path(), 21).await;
    db.batch(
        "INSERT INTO actor (id, kind, name, created_at, updated_at) VALUES (7, 'account', 'ada', 1, 1);
         INSERT INTO users (id, username, email, role, quota_bytes, quota_daily_bytes, settings,
             notification_settings, feed_token, otp_secret, created_at, updated_at)
         VALUES (7, 'ada', 'ada@example.org', 2, -1, -1, '{}', '{}', 'f', 'PLAINOLD', 1, 1);
         INSERT INTO account (id, actor_id, user_id, display_name, created_at, updated_at)
         VALUES (7, 7, 7, 'Ada', 1, 1);",
    )
    .await
    .unwrap();
    drop(db);
    let mut config = vidicon::config::Config::default();
    config.server.data_dir = folder.path().to_owned();
    config.server.public_url = "http://video.test".to_owned();
    config.complete().unwrap();
    let app = vidicon::App::open(config, Clock::manual(START))
        .await
        .unwrap();
    let ada = vidicon::account::user_by_name(&app, "ada")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (ada.email.as_str(), ada.two_factor),
        ("ada@example.org", true)
    );
    // A secret from before there was a key gets sealed when an administrator asks.
    assert_eq!(app.vault.seal_again(&app.db, &app.clock).await.unwrap(), 1);
}

#[tokio::test]
async fn an_older_program_refuses_a_newer_database_in_plain_words() {
    let folder = tempfile::tempdir().unwrap();
    let db = stopped_at(folder.path(), i64::MAX).await;
    let old: Vec<_> = ALL
        .iter()
        .filter(|step| step.version < 50)
        .copied()
        .collect();
    let refused = base::migrate::migrate(&db, &Clock::manual(START), &old, None).await;
    let why = refused.unwrap_err().to_string();
    assert!(
        why.contains("newer Vidicon") && why.contains("backup"),
        "{why}"
    );
}

/// The database of a site of version 0.1.0 as it lay on the disk, with its key beside it.
fn site_of(version: &str, folder: &std::path::Path) {
    use std::io::Read;
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/schema");
    let packed = std::fs::read(fixtures.join(format!("{version}.db.gz"))).unwrap();
    let mut database = Vec::new();
    flate2::read::GzDecoder::new(packed.as_slice())
        .read_to_end(&mut database)
        .unwrap();
    std::fs::write(folder.join("vidicon.db"), database).unwrap();
    let key = fixtures.join(format!("{version}.secret.key"));
    std::fs::copy(key, folder.join("secret.key")).unwrap();
}

/// A released schema is kept as a file, so that a step that somebody changes afterwards is found out.
#[tokio::test]
async fn a_site_of_an_earlier_version_goes_on_with_all_it_had() {
    if crate::app::on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    site_of("0.1.0", folder.path());
    let mut config = vidicon::config::Config::default();
    config.server.data_dir = folder.path().to_owned();
    config.server.public_url = "http://video.test".to_owned();
    config.complete().unwrap();
    let app = vidicon::App::open(config, Clock::manual(START))
        .await
        .unwrap();
    let newest = *versions().last().unwrap();
    assert_eq!(base::migrate::newest(&app.db).await.unwrap(), newest);
    // The schema is the one that a new site has.
    let fresh = tempfile::tempdir().unwrap();
    let fresh = stopped_at(fresh.path(), i64::MAX).await;
    let shape = async |db: &Db| -> Vec<(String, String)> {
        let query = "SELECT name, coalesce(sql, '') AS sql FROM sqlite_schema
                     WHERE name NOT LIKE 'sqlite_%' ORDER BY name";
        base::db::Query::new(query).all(db).await.unwrap()
    };
    assert_eq!(shape(&app.db).await, shape(&fresh).await);
    let (router, _) = vidicon::routes::site(&app);
    let site = crate::app::TestApp {
        app,
        router,
        folder,
    };
    let videos = site
        .get("/api/v1/videos?sort=name")
        .await
        .expect(200)
        .json();
    assert_eq!(videos["total"], 3);
    let first = &videos["data"][0];
    assert_eq!(first["name"], "Learning the bakery from above");
    assert_eq!(first["uuid"], "1a78f208-b81b-4137-951c-f79d6673264e");
    let found = site
        .get("/api/v1/search/videos?search=ceramics")
        .await
        .expect(200)
        .json();
    assert_eq!(found["total"], 1);
    let root = site.login("root", "a password of the tests").await;
    let me = site
        .get("/api/v1/users/me")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(me["username"], "root");
}

/// A database of its own on the test's PostgreSQL server.
async fn empty_postgres() -> String {
    let server = std::env::var("TEST_POSTGRES_URL").unwrap();
    let name = format!("before_{}", base::random::token());
    let db = Db::open(&server).await.unwrap();
    db.batch(&format!("CREATE DATABASE {name}")).await.unwrap();
    let (start, _) = server.rsplit_once('/').unwrap();
    format!("{start}/{name}")
}

#[tokio::test]
async fn a_postgres_database_is_dumped_before_its_schema_changes() {
    if !crate::app::on_postgres() {
        return;
    }
    let (folder, url) = (tempfile::tempdir().unwrap(), empty_postgres().await);
    let mut config = vidicon::config::Config::default();
    config.server.data_dir = folder.path().to_owned();
    config.server.public_url = "http://video.test".to_owned();
    config.database.url = url.clone();
    config.complete().unwrap();
    let clock = Clock::manual(START);
    let db = Db::open(&url).await.unwrap();
    // An empty one has nothing to lose.
    assert_eq!(
        dump_before(&config, &db, ALL).await.unwrap(),
        Outcome::Needless
    );
    let old: Vec<_> = ALL
        .iter()
        .filter(|step| step.version < 300)
        .copied()
        .collect();
    base::migrate::migrate(&db, &clock, &old, None)
        .await
        .unwrap();
    // Without a dump the start goes on, and says why there is none.
    let mut elsewhere = config.clone();
    elsewhere.database.url = url.replace("/before_", "/nowhere_");
    let Outcome::Missing(why) = dump_before(&elsewhere, &db, ALL).await.unwrap() else {
        panic!("dumped what is not there");
    };
    assert!(why.contains("pg_dump") && why.contains("nowhere_"), "{why}");
    let copy = folder.path().join("backups/before-0300.dump");
    assert!(!copy.exists() && !copy.with_extension("part").exists());

    drop(vidicon::App::open(config.clone(), clock).await.unwrap());
    assert!(copy.exists());
    assert_eq!(
        dump_before(&config, &db, ALL).await.unwrap(),
        Outcome::Needless
    );
    // It holds what was there before, and can be put into an empty database.
    let back = empty_postgres().await;
    let name = back.rsplit('/').next().unwrap();
    let server = url::Url::parse(&back).unwrap();
    let bin = std::fs::read_dir("/usr/lib/postgresql").unwrap();
    let bin = bin.map(|it| it.unwrap().path().join("bin/pg_restore"));
    let restored = std::process::Command::new(bin.filter(|it| it.exists()).max().unwrap())
        .args(["--no-owner", "--exit-on-error", "--dbname", name])
        .arg(&copy)
        .env("PGHOST", server.host_str().unwrap())
        .env("PGPORT", server.port().unwrap().to_string())
        .env("PGUSER", server.username())
        .env("PGPASSWORD", server.password().unwrap())
        .status()
        .unwrap();
    assert!(restored.success());
    let before = Db::open(&back).await.unwrap();
    let newest = old.iter().map(|step| step.version).max().unwrap();
    assert_eq!(base::migrate::newest(&before).await.unwrap(), newest);
}
