//! The steps of an installation, each of which can be done twice.

use super::{DATA, Plan, Record};
use anyhow::{Context, bail};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const UNIT: &str = include_str!("../../../../packaging/vidicon.service");
const SOCKET: &str = include_str!("../../../../packaging/vidicon.socket");
const SYSCTL: &str = include_str!("../../../../packaging/sysctl.conf");
const UPDATE: &str = include_str!("../../../../packaging/vidicon-update.service");
const TIMER: &str = include_str!("../../../../packaging/vidicon-update.timer");
const USER: &str = include_str!("../../../../packaging/sysusers.conf");
const SETTINGS: &str = include_str!("../../../../packaging/vidicon.toml");

const UPDATE_SERVICE: &str = "vidicon-update.service";
const UPDATE_TIMER: &str = "vidicon-update.timer";
const BINARY: &str = "/usr/local/bin/vidicon";
const SETTINGS_FILE: &str = "/etc/vidicon/vidicon.toml";

pub fn all(plan: &Plan, record: &mut Record) -> anyhow::Result<()> {
    binary(plan, record)?;
    let unit = UNIT.replace("@BINARY@", BINARY);
    write(
        plan,
        record,
        "/etc/systemd/system/vidicon.service",
        &unit,
        0o644,
    )?;
    let socket = SOCKET.replace("@LISTEN@", &ports(plan));
    write(
        plan,
        record,
        "/etc/systemd/system/vidicon.socket",
        &socket,
        0o644,
    )?;
    write(plan, record, "/etc/sysctl.d/60-vidicon.conf", SYSCTL, 0o644)?;
    write(plan, record, "/etc/sysusers.d/vidicon.conf", USER, 0o644)?;
    if plan.security_updates {
        let unit = UPDATE.replace("@BINARY@", BINARY);
        write(plan, record, &unit_path(UPDATE_SERVICE), &unit, 0o644)?;
        write(plan, record, &unit_path(UPDATE_TIMER), TIMER, 0o644)?;
    }
    if !plan.at(SETTINGS_FILE).exists() {
        write(plan, record, SETTINGS_FILE, &settings(plan), 0o640)?;
    }
    folder(plan, record, DATA, 0o750)?;
    if plan.is_live() {
        user(record)?;
        run("chown", &["vidicon:vidicon", DATA])?;
        run("chown", &["root:vidicon", SETTINGS_FILE])?;
        // In a container the kernel's settings are not ours; the site runs without them.
        run(
            "sysctl",
            &["--quiet", "--load", "/etc/sysctl.d/60-vidicon.conf"],
        )
        .ok();
        run("systemctl", &["daemon-reload"])?;
        if plan.security_updates {
            run("systemctl", &["enable", "--now", UPDATE_TIMER])?;
        }
        if plan.start {
            run(
                "systemctl",
                &["enable", "--now", "vidicon.socket", "vidicon.service"],
            )?;
        }
    }
    Ok(())
}

fn unit_path(name: &str) -> String {
    format!("/etc/systemd/system/{name}")
}

fn ports(plan: &Plan) -> String {
    if plan.own_https {
        // A number alone: IPv4 and IPv6, whatever of them the machine has.
        "ListenStream=80\nListenStream=443\nBindIPv6Only=both".to_owned()
    } else {
        format!("ListenStream={}", plan.listen())
    }
}

fn settings(plan: &Plan) -> String {
    let mut text = SETTINGS
        .replace("@LISTEN@", &plan.listen().to_string())
        .replace("@URL@", &plan.public_url);
    if plan.own_https {
        text.push_str("\n[tls]\nmode = \"acme\"\n");
        if !plan.email.is_empty() {
            text.push_str(&format!("email = {:?}\n", plan.email));
        }
    } else {
        text.push_str("trusted_proxies = [\"127.0.0.1\", \"::1\"]\n");
    }
    text
}

/// The running program itself, put in place whole: a process that runs from it is not disturbed.
fn binary(plan: &Plan, record: &mut Record) -> anyhow::Result<()> {
    let target = plan.at(BINARY);
    if std::fs::canonicalize(&plan.binary).ok() == std::fs::canonicalize(&target).ok() {
        return Ok(());
    }
    parents(plan, record, BINARY)?;
    let beside = target.with_extension("new");
    std::fs::copy(&plan.binary, &beside).with_context(|| format!("write {}", beside.display()))?;
    std::fs::set_permissions(&beside, std::fs::Permissions::from_mode(0o755))?;
    std::fs::rename(&beside, &target)?;
    note(&mut record.files, PathBuf::from(BINARY));
    Ok(())
}

fn write(
    plan: &Plan,
    record: &mut Record,
    path: &str,
    text: &str,
    mode: u32,
) -> anyhow::Result<()> {
    parents(plan, record, path)?;
    let target = plan.at(path);
    std::fs::write(&target, text).with_context(|| format!("write {}", target.display()))?;
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(mode))?;
    note(&mut record.files, PathBuf::from(path));
    Ok(())
}

/// Makes the folders above a file and notes those that were not there.
fn parents(plan: &Plan, record: &mut Record, path: &str) -> anyhow::Result<()> {
    let above = Path::new(path).parent().unwrap_or(Path::new("/"));
    for folder in above.ancestors().collect::<Vec<_>>().into_iter().rev() {
        let target = plan.at(&folder.to_string_lossy());
        if !target.exists() {
            std::fs::create_dir(&target).with_context(|| format!("make {}", target.display()))?;
            note(&mut record.folders, folder.to_owned());
        }
    }
    Ok(())
}

fn folder(plan: &Plan, record: &mut Record, path: &str, mode: u32) -> anyhow::Result<()> {
    parents(plan, record, path)?;
    let target = plan.at(path);
    if !target.exists() {
        std::fs::create_dir(&target).with_context(|| format!("make {}", target.display()))?;
        note(&mut record.folders, PathBuf::from(path));
    }
    std::fs::set_permissions(&target, std::fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// Adds to the record what is not in it yet.
pub fn note(list: &mut Vec<PathBuf>, path: PathBuf) {
    if !list.contains(&path) {
        list.push(path);
    }
}

fn user(record: &mut Record) -> anyhow::Result<()> {
    if run("id", &["vidicon"]).is_ok() {
        return Ok(());
    }
    let how = [
        "--system",
        "--user-group",
        "--no-create-home",
        "--home-dir",
        DATA,
    ];
    let how = [&how[..], &["--shell", "/usr/sbin/nologin", "vidicon"]].concat();
    run("useradd", &how)?;
    record.user = true;
    Ok(())
}

/// Before files are removed.
pub fn stop() {
    run("systemctl", &["disable", "--now", UPDATE_TIMER]).ok();
    let units = ["vidicon.service", "vidicon.socket"];
    run("systemctl", &[&["disable", "--now"][..], &units].concat()).ok();
}

pub fn after_removal(remove_user: bool) {
    run("systemctl", &["daemon-reload"]).ok();
    if remove_user {
        run("userdel", &["vidicon"]).ok();
    }
}

fn run(program: &str, arguments: &[&str]) -> anyhow::Result<()> {
    let done = Command::new(program)
        .args(arguments)
        .output()
        .with_context(|| format!("start {program}"))?;
    if !done.status.success() {
        let said = String::from_utf8_lossy(&done.stderr);
        bail!("{program} {}: {}", arguments.join(" "), said.trim());
    }
    Ok(())
}
