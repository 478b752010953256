//! Looking after a site from the command line: `doctor`, `backup`, `restore`.

use crate::admin::health::{self, Mood};
use crate::app::App;
use crate::backup::{self, restore::Plan};
use crate::config::Config;
use crate::i18n;
use crate::install::update::{self, Outcome};
use anyhow::{Context, bail};
use base::{Clock, Db};
use clap::Args;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::PathBuf;

/// Prints what was found; fails when something is bad, so that scripts notice.
pub async fn doctor(config: Config, unknown: &[String], json: bool) -> anyhow::Result<()> {
    let texts = i18n::texts("en");
    // No step of the schema is taken: the site may be running with another version.
    let db = Db::open(&config.database_url()).await;
    let db = db.context("Database: it cannot be opened. Is the site set up (vidicon serve)?")?;
    let app = App::on(config, Clock::System, db).await;
    let app = app.context("Database: it holds no site yet. Start it once with vidicon serve")?;
    let findings = health::examine(&app).await;
    let bad = findings.iter().filter(|it| it.mood == Mood::Bad).count();
    if json {
        let views: Vec<_> = findings.iter().map(|it| it.view(texts)).collect();
        println!("{}", serde_json::to_string_pretty(&views)?);
    } else {
        for finding in &findings {
            let mark = match finding.mood {
                Mood::Good => "ok  ",
                Mood::Warn => "look",
                Mood::Bad => "BAD ",
            };
            println!(
                "{mark} {}: {}",
                finding.title(texts),
                finding.sentence(texts)
            );
            if let Some(fix) = finding.fix(texts) {
                println!("       {fix}");
            }
        }
        for key in unknown {
            println!("look Settings: nothing reads the key {key}. Is it spelt right?");
        }
    }
    if bad > 0 {
        bail!("{bad} of {} parts need you", findings.len());
    }
    Ok(())
}

pub async fn back_up(config: Config, to: Option<PathBuf>, drill: bool) -> anyhow::Result<()> {
    let has_passphrase = !config.backup.passphrase.is_empty();
    let key = config.server.data_dir.join("backup.key");
    let app = App::open(config, Clock::System).await?;
    if drill {
        let drill = backup::drill(&app).await?;
        println!(
            "{} can be restored: {} users, {} videos, opened in {} ms.",
            drill.name, drill.users, drill.videos, drill.took_ms
        );
        return Ok(());
    }
    let path = match to {
        Some(path) => {
            backup::make(&app, &path).await?;
            path
        }
        None => backup::folder(&app).join(backup::make_and_keep(&app).await?.name),
    };
    println!("The backup is {}.", path.display());
    if !has_passphrase {
        println!(
            "It can be opened with the key {} only. Keep a copy of the key elsewhere.",
            key.display()
        );
    }
    Ok(())
}

pub fn list_backups(config: &Config) -> anyhow::Result<()> {
    let mut names = backup::in_folder(&backup::folder_of(config)).join("\n");
    names.push('\n');
    // Whoever reads only the first names closes the pipe.
    std::io::stdout().write_all(names.as_bytes()).ok();
    Ok(())
}

pub async fn restore(config: &Config, plan: &Plan) -> anyhow::Result<()> {
    print!(
        "{}",
        backup::restore::restore(config, &Clock::System, plan).await?
    );
    println!("Start the site with: vidicon serve");
    Ok(())
}

pub fn install(plan: crate::install::Plan) -> anyhow::Result<()> {
    print!("{}", crate::install::install(&plan)?);
    Ok(())
}

#[derive(Args)]
pub struct Update {
    /// The folder of the release, or its address [default: the setting update.url]
    #[arg(long)]
    from: Option<String>,
    /// Only say whether there is a newer one
    #[arg(long)]
    check: bool,
    /// Take it only if the version that is here has a known hole
    #[arg(long)]
    security_only: bool,
    /// Restart the service with it
    #[arg(long)]
    restart: bool,
}

pub async fn update(config: &Config, asked: Update) -> anyhow::Result<()> {
    let plan = update::Plan {
        from: asked.from.unwrap_or_else(|| config.update.url.clone()),
        key: config.update.key.clone(),
        binary: std::env::current_exe()?,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        security_only: asked.security_only,
        check_only: asked.check,
        allow_private: config.server.allow_private_addresses,
    };
    let version = match update::run(&plan).await? {
        Outcome::Newest => {
            println!("{} is the newest version.", plan.version);
            return Ok(());
        }
        Outcome::There(version) => {
            println!(
                "Version {version} is there; {} has no known hole.",
                plan.version
            );
            return Ok(());
        }
        Outcome::Urgent(version) => {
            println!(
                "Version {version} mends a hole of {}: take it.",
                plan.version
            );
            return Ok(());
        }
        Outcome::Done(version) => version,
    };
    println!("Version {version} is in place of {}.", plan.version);
    if asked.restart {
        let done = std::process::Command::new("systemctl")
            .args(["try-restart", "vidicon.service"])
            .status()
            .context("start systemctl")?;
        anyhow::ensure!(
            done.success(),
            "the service could not be restarted: see journalctl -u vidicon"
        );
        return Ok(());
    }
    println!("It runs after: systemctl restart vidicon");
    Ok(())
}

/// Asks the site on this machine; fails when it does not answer well.
pub async fn alive(config: &Config) -> anyhow::Result<()> {
    let fetch = base::fetch::Fetch::new(base::fetch::FetchConfig {
        allow_private: true,
        allow_http: true,
        timeout_s: 8,
        ..Default::default()
    });
    let mut address = config.server.listen;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    let url = format!("http://{address}/health");
    fetch
        .send(base::fetch::FetchRequest::get(url))
        .await?
        .success()?;
    println!("ok");
    Ok(())
}
