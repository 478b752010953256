//! Installation into a folder: every file with its rights, a unit that systemd accepts, a second
//! run that keeps the settings, and a removal that leaves nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use vidicon::install::{Plan, install, uninstall};

fn plan(root: &Path) -> Plan {
    let binary = root.join("downloaded");
    if !binary.exists() {
        std::fs::write(&binary, "#!/bin/sh\n").unwrap();
    }
    Plan {
        root: root.join("machine"),
        public_url: "https://video.example.org".to_owned(),
        own_https: true,
        email: "admin@example.org".to_owned(),
        binary,
        start: false,
        security_updates: false,
    }
}

fn everything(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            found.extend(everything(&path));
        }
        found.push(path);
    }
    found
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn everything_is_written_and_all_of_it_goes_again() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path());
    std::fs::create_dir(&plan.root).unwrap();
    let told = install(&plan).unwrap();
    assert!(
        told.contains("/etc/systemd/system/vidicon.service") && told.contains("ufw"),
        "{told}"
    );
    let at = |path: &str| plan.root.join(path);
    assert_eq!(mode(&at("usr/local/bin/vidicon")), 0o755);
    assert_eq!(mode(&at("etc/vidicon/vidicon.toml")), 0o640);
    assert_eq!(mode(&at("var/lib/vidicon")), 0o750);
    let socket = std::fs::read_to_string(at("etc/systemd/system/vidicon.socket")).unwrap();
    // IPv4 and IPv6.
    assert!(
        socket.contains("ListenStream=443\nBindIPv6Only=both"),
        "{socket}"
    );
    assert!(
        !at("etc/systemd/system/vidicon-update.timer").exists(),
        "only if it is asked for"
    );

    let settings = at("etc/vidicon/vidicon.toml");
    let loaded = vidicon::config::Config::load(Some(&settings)).unwrap();
    assert!(loaded.unknown.is_empty(), "{:?}", loaded.unknown);
    assert_eq!(loaded.config.server.public_url, "https://video.example.org");
    assert_eq!(loaded.config.tls.mode, vidicon::config::TlsMode::Acme);
    assert_eq!(loaded.config.tls.email, "admin@example.org");

    std::fs::write(
        &settings,
        "[server]\npublic_url = \"https://mine.example\"\n",
    )
    .unwrap();
    std::fs::write(at("var/lib/vidicon/vidicon.db"), "data").unwrap();
    install(&plan).unwrap();
    assert!(
        std::fs::read_to_string(&settings)
            .unwrap()
            .contains("mine.example")
    );

    let told = uninstall(&plan.root, false).unwrap();
    assert!(told.contains("Kept /var/lib/vidicon"), "{told}");
    assert!(at("var/lib/vidicon/vidicon.db").exists());
    assert!(!at("usr/local/bin/vidicon").exists());
    assert!(
        uninstall(&plan.root, true).is_err(),
        "nothing is installed any more"
    );
    let plan = Plan {
        security_updates: true,
        ..plan.clone()
    };
    let told = install(&plan).unwrap();
    assert!(told.contains("[update]"), "{told}");
    let unit = std::fs::read_to_string(at("etc/systemd/system/vidicon-update.service")).unwrap();
    assert!(unit.contains("ExecStart=/usr/local/bin/vidicon update --security-only --restart"));
    assert!(at("etc/systemd/system/vidicon-update.timer").exists());
    uninstall(&plan.root, true).unwrap();
    let left: Vec<PathBuf> = everything(&plan.root);
    let left: Vec<&PathBuf> = left.iter().filter(|path| path.is_file()).collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(!at("var/lib/vidicon").exists());
}

#[test]
fn what_was_there_before_stays() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path());
    let other = plan.root.join("etc/sysctl.d/10-mine.conf");
    std::fs::create_dir_all(other.parent().unwrap()).unwrap();
    std::fs::write(&other, "x").unwrap();
    install(&plan).unwrap();
    uninstall(&plan.root, true).unwrap();
    assert!(other.exists());
    assert!(!plan.root.join("etc/sysctl.d/60-vidicon.conf").exists());
}

#[test]
fn bad_addresses_are_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    for bad in [
        "video.example.org",
        "https://video.example.org/path",
        "https://localhost",
        "https://192.0.2.1",
    ] {
        let plan = Plan {
            public_url: bad.to_owned(),
            ..plan(folder.path())
        };
        assert!(install(&plan).is_err(), "{bad}");
        assert!(!plan.root.join("etc").exists());
    }
    assert!(uninstall(folder.path(), true).is_err());
}

#[test]
fn systemd_accepts_the_unit_and_finds_it_hardened() {
    if Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("systemd-analyze is not here: the unit is not checked");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path());
    std::fs::create_dir(&plan.root).unwrap();
    install(&plan).unwrap();
    // What systemd would say of a socket that it cannot read.
    let sockets = Command::new("systemd-analyze")
        .args(["verify", "--man=no"])
        .arg(plan.root.join("etc/systemd/system/vidicon.socket"))
        .output()
        .unwrap();
    let why = String::from_utf8_lossy(&sockets.stderr).into_owned();
    assert!(!why.contains("vidicon.socket:"), "{why}");
    let unit = plan.root.join("etc/systemd/system/vidicon.service");
    let judged = Command::new("systemd-analyze")
        .args(["security", "--offline=yes", "--threshold=25", "--no-pager"])
        .arg(&unit)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    let why = String::from_utf8_lossy(&judged.stderr);
    assert!(said.contains("Overall exposure level"), "{said} {why}");
    assert!(judged.status.success(), "{said} {why}");
    let text = std::fs::read_to_string(&unit).unwrap();
    assert!(!text.contains('@') || text.contains("@system-service"));
    assert!(!text.contains("@BINARY@"));
}
