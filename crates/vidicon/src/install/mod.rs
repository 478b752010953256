//! Makes the program a service of this machine, and takes it off again: user, folders, settings, a
//! hardened systemd unit, network settings. With a root folder other than `/` only files are
//! written, for images and for tests.

mod checks;
mod steps;
pub mod update;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What to install.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Below which everything goes; `/` for this machine.
    pub root: PathBuf,
    pub public_url: String,
    /// Get a certificate and do HTTPS; else listen for a proxy on this machine.
    pub own_https: bool,
    pub email: String,
    /// The program that is installed: this one.
    pub binary: PathBuf,
    /// Start it at the end.
    pub start: bool,
    /// Look for releases that mend a hole every night, and take them.
    pub security_updates: bool,
}

/// What an installation has made, so that its removal takes away that and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    pub files: Vec<PathBuf>,
    pub folders: Vec<PathBuf>,
    pub user: bool,
}

const RECORD: &str = "/etc/vidicon/installed.json";
const DATA: &str = "/var/lib/vidicon";

impl Plan {
    fn is_live(&self) -> bool {
        self.root == Path::new("/")
    }

    /// Where a path of the machine lies.
    fn at(&self, path: &str) -> PathBuf {
        below(&self.root, path)
    }

    fn listen(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], 9000))
    }
}

fn below(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// Installs and tells what was done. A second run brings things up to date and keeps the settings.
pub fn install(plan: &Plan) -> anyhow::Result<String> {
    if plan.is_live() && !rustix_is_root() {
        bail!("this needs the rights of root: sudo vidicon install …");
    }
    let worries = checks::look(plan)?;
    let mut record = known(&plan.root).unwrap_or_default();
    let outcome = steps::all(plan, &mut record);
    // What a failed run has made is written down too, so that `uninstall` can take it away.
    let kept = keep(plan, &mut record);
    outcome?;
    kept?;
    let mut told = String::new();
    writeln!(told, "Installed:")?;
    for file in &record.files {
        writeln!(told, "  {}", file.display())?;
    }
    for worry in worries {
        writeln!(told, "Look: {worry}")?;
    }
    told.push_str(&advice(plan));
    Ok(told)
}

/// The system tells root by the owner of one's own process.
fn rustix_is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

fn known(root: &Path) -> Option<Record> {
    let text = std::fs::read(below(root, RECORD)).ok()?;
    serde_json::from_slice(&text).ok()
}

fn keep(plan: &Plan, record: &mut Record) -> anyhow::Result<()> {
    let path = plan.at(RECORD);
    steps::note(&mut record.files, PathBuf::from(RECORD));
    std::fs::create_dir_all(path.parent().unwrap_or(&plan.root))?;
    std::fs::write(&path, serde_json::to_vec_pretty(record)?)
        .with_context(|| format!("write {}", path.display()))
}

fn advice(plan: &Plan) -> String {
    let mut text = String::new();
    if plan.own_https {
        text.push_str(
            "Open the ports 80 and 443 where there is a firewall:\n  ufw allow 80,443/tcp\n  or: \
             nft add rule inet filter input tcp dport { 80, 443 } accept\n",
        );
    } else {
        text.push_str(
            "A proxy has to pass requests on to 127.0.0.1:9000; samples for nginx and Caddy are in \
             packaging/.\n",
        );
    }
    if plan.security_updates {
        text.push_str(
            "Say in /etc/vidicon/vidicon.toml where releases lie and whose signature counts: [update] with \
             url and key\n",
        );
    }
    if !plan.start {
        text.push_str("Start it with: systemctl enable --now vidicon.socket vidicon.service\n");
    }
    text.push_str(
        "The first password of root is in the journal: journalctl -u vidicon | grep password\nSee \
         whether all is well: vidicon doctor --config /etc/vidicon/vidicon.toml\n",
    );
    text
}

/// Takes the installation off. The data stays unless `purge` is asked for.
pub fn uninstall(root: &Path, purge: bool) -> anyhow::Result<String> {
    let live = root == Path::new("/");
    if live && !rustix_is_root() {
        bail!("this needs the rights of root: sudo vidicon uninstall");
    }
    let record = known(root);
    let record = record.context("nothing was installed here by `vidicon install`")?;
    if live {
        steps::stop();
    }
    let mut told = String::new();
    for file in record.files.iter().rev() {
        let path = below(root, &file.to_string_lossy());
        match std::fs::remove_file(&path) {
            Ok(()) => writeln!(told, "Removed {}", file.display())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("remove {}", path.display())),
        }
    }
    let data = below(root, DATA);
    if purge && data.exists() {
        std::fs::remove_dir_all(&data).with_context(|| format!("remove {}", data.display()))?;
        writeln!(told, "Removed {DATA} with everything in it")?;
    } else if data.exists() {
        writeln!(
            told,
            "Kept {DATA}: `vidicon uninstall --purge` removes it too"
        )?;
    }
    for folder in record.folders.iter().rev() {
        // One that still holds something is somebody's.
        std::fs::remove_dir(below(root, &folder.to_string_lossy())).ok();
    }
    if live {
        steps::after_removal(record.user && purge);
    }
    Ok(told)
}
