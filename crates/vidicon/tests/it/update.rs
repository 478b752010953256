//! Releases: what is signed, whole and newer is put in place; anything else changes nothing.

use crate::app::TestApp;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use vidicon::config::Update;
use vidicon::install::update::{Outcome, Plan, run};

const HERE: &str = "the program that is here";

struct Publisher {
    folder: tempfile::TempDir,
    key: Ed25519KeyPair,
}

impl Publisher {
    fn new() -> Self {
        Publisher {
            folder: tempfile::tempdir().unwrap(),
            key: Ed25519KeyPair::generate().unwrap(),
        }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A program that says that it is of this version, in a list that is signed.
    fn publish(&self, version: &str, says: &str) {
        let program = format!("#!/bin/sh\necho vidicon {says}\n");
        std::fs::write(self.at("program"), &program).unwrap();
        let file = json!({
            "name": "program", "size": program.len(),
            "sha256": hex::encode(Sha256::digest(program.as_bytes())),
        });
        self.sign(&json!({
            "version": version, "secure_from": "0.2.0", "files": { std::env::consts::ARCH: file },
        }));
    }

    fn sign(&self, list: &Value) {
        let list = list.to_string();
        let signature = self.key.sign(list.as_bytes());
        let signature = BASE64_STANDARD.encode(signature.as_ref());
        std::fs::write(self.at("release.json"), list).unwrap();
        std::fs::write(self.at("release.json.sig"), signature + "\n").unwrap();
    }

    fn list(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.at("release.json")).unwrap()).unwrap()
    }

    fn plan(&self, machine: &Path) -> Plan {
        let binary = machine.join("vidicon");
        std::fs::write(&binary, HERE).unwrap();
        Plan {
            from: self.folder.path().to_string_lossy().into_owned(),
            key: BASE64_STANDARD.encode(self.key.public_key()),
            binary,
            version: "0.1.9".to_owned(),
            security_only: false,
            check_only: false,
            allow_private: false,
        }
    }
}

/// Nothing has changed, and nothing lies about.
fn is_untouched(plan: &Plan) {
    assert_eq!(std::fs::read_to_string(&plan.binary).unwrap(), HERE);
    let folder = plan.binary.parent().unwrap();
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 1);
}

#[tokio::test]
async fn a_signed_release_takes_the_place_of_the_program() {
    let (publisher, machine) = (Publisher::new(), tempfile::tempdir().unwrap());
    publisher.publish("0.10.0", "0.10.0");
    let plan = publisher.plan(machine.path());
    let check = Plan {
        check_only: true,
        ..plan.clone()
    };
    assert_eq!(
        run(&check).await.unwrap(),
        Outcome::Urgent("0.10.0".to_owned())
    );
    is_untouched(&plan);

    assert_eq!(
        run(&plan).await.unwrap(),
        Outcome::Done("0.10.0".to_owned())
    );
    let new = std::fs::read_to_string(&plan.binary).unwrap();
    assert!(new.contains("vidicon 0.10.0"));
    let mode = std::fs::metadata(&plan.binary)
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o755);
    let before = std::fs::read_to_string(machine.path().join("vidicon.before")).unwrap();
    assert_eq!(before, HERE, "the way back");
    let again = Plan {
        version: "0.10.0".to_owned(),
        ..plan
    };
    assert_eq!(run(&again).await.unwrap(), Outcome::Newest);
}

#[tokio::test]
async fn only_what_mends_a_hole_is_taken_where_that_is_wanted() {
    let (publisher, machine) = (Publisher::new(), tempfile::tempdir().unwrap());
    publisher.publish("0.3.0", "0.3.0");
    let plan = Plan {
        security_only: true,
        ..publisher.plan(machine.path())
    };
    let safe = Plan {
        version: "0.2.0".to_owned(),
        ..plan.clone()
    };
    assert_eq!(
        run(&safe).await.unwrap(),
        Outcome::There("0.3.0".to_owned())
    );
    is_untouched(&plan);
    assert_eq!(run(&plan).await.unwrap(), Outcome::Done("0.3.0".to_owned()));
}

#[tokio::test]
async fn what_is_not_the_publishers_changes_nothing() {
    let (publisher, machine) = (Publisher::new(), tempfile::tempdir().unwrap());
    let plan = publisher.plan(machine.path());
    let refused = async |plan: &Plan, wanted: &str| {
        let told = format!("{:#}", run(plan).await.unwrap_err());
        assert!(told.contains(wanted), "{told}");
        is_untouched(plan);
    };
    publisher.publish("0.3.0", "0.3.0");
    let program = std::fs::read_to_string(publisher.at("program")).unwrap();
    std::fs::write(publisher.at("program"), program.replace("echo", "evil")).unwrap();
    refused(&plan, "not the program that was signed").await;

    publisher.publish("0.3.0", "0.3.0");
    let list = std::fs::read_to_string(publisher.at("release.json")).unwrap();
    std::fs::write(publisher.at("release.json"), list.replace("0.3.0", "0.4.0")).unwrap();
    refused(&plan, "not signed with update.key").await;

    publisher.publish("0.3.0", "0.3.0");
    let other = Publisher::new();
    let foreign = Plan {
        key: BASE64_STANDARD.encode(other.key.public_key()),
        ..plan.clone()
    };
    refused(&foreign, "not signed with update.key").await;
    let unset = Plan {
        key: String::new(),
        ..plan.clone()
    };
    refused(&unset, "update.key is not set").await;
    std::fs::remove_file(publisher.at("release.json.sig")).unwrap();
    refused(&plan, "is not signed").await;

    // An old release that was signed once brings its holes back.
    publisher.publish("0.1.8", "0.1.8");
    refused(&plan, "older").await;
    publisher.publish("0.3.0", "0.2.9");
    refused(&plan, "another version").await;
    publisher.publish("0.3.0", "0.3.0");
    let mut list = publisher.list();
    list["files"][std::env::consts::ARCH]["name"] = "../program".into();
    publisher.sign(&list);
    refused(&plan, "no name of a program").await;
    list["files"] = json!({ "pdp11": { "name": "program", "size": 1, "sha256": "" } });
    publisher.sign(&list);
    refused(&plan, "no program for").await;
    let unset = Plan {
        from: String::new(),
        ..plan
    };
    refused(&unset, "update.url is not set").await;
}

#[tokio::test]
async fn releases_come_over_the_network() {
    let (publisher, machine) = (Publisher::new(), tempfile::tempdir().unwrap());
    publisher.publish("0.3.0", "0.3.0");
    let folder = publisher.folder.path().to_owned();
    let files = axum::Router::new().fallback(async move |uri: axum::http::Uri| {
        let name = uri.path().trim_start_matches("/new/").to_owned();
        std::fs::read(folder.join(name)).map_err(|_| axum::http::StatusCode::NOT_FOUND)
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, files).await });
    let plan = Plan {
        from: format!("http://{address}/new"),
        ..publisher.plan(machine.path())
    };
    let told = format!("{:#}", run(&plan).await.unwrap_err());
    assert!(
        !told.is_empty(),
        "neither plain HTTP nor a private address without leave"
    );
    is_untouched(&plan);
    let plan = Plan {
        allow_private: true,
        ..plan
    };
    // One byte more than was announced is not taken either.
    let mut list = publisher.list();
    let size = list["files"][std::env::consts::ARCH]["size"]
        .as_u64()
        .unwrap();
    list["files"][std::env::consts::ARCH]["size"] = (size - 1).into();
    publisher.sign(&list);
    run(&plan).await.unwrap_err();
    is_untouched(&plan);
    publisher.publish("0.3.0", "0.3.0");
    assert_eq!(run(&plan).await.unwrap(), Outcome::Done("0.3.0".to_owned()));
}

#[tokio::test]
async fn administrators_are_told_once_of_a_newer_release() {
    let publisher = Publisher::new();
    let plan = publisher.plan(publisher.folder.path());
    let (url, key) = (plan.from.clone(), plan.key.clone());
    let app = TestApp::with(|config| config.update = Update { url, key }).await;
    let (root, ann) = (app.root().await, app.user("ann").await);
    let told = async |token: &str| {
        vidicon::admin::release::look(&app.app).await.unwrap();
        app.run_jobs().await;
        let path = "/api/v1/users/me/notifications?typeOneOf=18";
        let found = app.get(path).token(token).await.expect(200).json();
        let all = found["data"].as_array().unwrap().iter();
        all.map(|it| it["peertube"]["latestVersion"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    publisher.publish(env!("CARGO_PKG_VERSION"), "");
    assert_eq!(told(&root).await, Vec::<String>::new());
    publisher.publish("7.0.0", "7.0.0");
    assert_eq!(told(&root).await, ["7.0.0"]);
    assert_eq!(told(&root).await, ["7.0.0"]);
    assert_eq!(told(&ann).await, Vec::<String>::new());
    publisher.publish("7.0.1", "7.0.1");
    assert_eq!(told(&root).await, ["7.0.1", "7.0.0"]);
    // What somebody else has signed is not told of.
    let other = Publisher {
        folder: publisher.folder,
        key: Ed25519KeyPair::generate().unwrap(),
    };
    other.publish("8.0.0", "8.0.0");
    let refused = vidicon::admin::release::look(&app.app).await.unwrap_err();
    assert!(format!("{refused:?}").contains("not signed"), "{refused:?}");
}
