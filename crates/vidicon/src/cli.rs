//! The command line.

pub mod admin;
mod care;
mod import;
pub mod maintenance;
mod storage;
mod worker;

use crate::app::App;
use crate::config::{Config, Given};
use crate::serve;
use anyhow::Context;
use base::Clock;
use clap::{Args, Parser, Subcommand};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

#[derive(Parser)]
#[command(
    name = "vidicon",
    version,
    about = "A community's own video site in one program"
)]
pub struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Settings {
    /// The settings file [default: vidicon.toml in the data folder, if it is there]
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    /// The folder of everything that is kept on this machine
    #[arg(long, global = true)]
    data_dir: Option<PathBuf>,
    /// Address and port to listen on
    #[arg(long, global = true)]
    listen: Option<SocketAddr>,
    /// The address under which people reach the site
    #[arg(long, global = true)]
    public_url: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Start the site
    Serve,
    /// Encode for a site from this computer
    Worker(worker::Worker),
    /// Say whether the settings are right
    CheckConfig,
    /// Look at every part of the site and say in plain words what is wrong and what to do
    Doctor {
        /// As JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Make an encrypted backup of the database, the settings and the keys
    Backup {
        /// Write it to this file instead of the folder of backups
        #[arg(long)]
        to: Option<PathBuf>,
        /// Make none, but try the newest one out
        #[arg(long, conflicts_with = "to")]
        drill: bool,
        /// Make none, but name those that are kept in the folder, the newest first
        #[arg(long, conflicts_with_all = ["to", "drill"])]
        list: bool,
    },
    /// Put a backup back, on this machine or on an empty one
    Restore {
        /// A file, the name of a backup of the folder or the storage, or `latest`
        from: String,
        /// The key that the backup was made with (`backup.key` of its data folder)
        #[arg(long)]
        key_file: Option<PathBuf>,
        /// Put a database that is there already aside
        #[arg(long)]
        replace: bool,
    },
    /// Make this program a service of this machine: user, folders, systemd unit, network settings
    Install {
        /// The address under which people will reach the site, such as https://video.example.org
        url: String,
        /// A proxy (nginx, Caddy…) does HTTPS; listen on 127.0.0.1:9000 only
        #[arg(long)]
        behind_proxy: bool,
        /// Where the certificate authority may write to
        #[arg(long, default_value = "")]
        email: String,
        /// Write below this folder instead of /, and start nothing
        #[arg(long, default_value = "/")]
        root: PathBuf,
        /// Do not start the service
        #[arg(long)]
        no_start: bool,
        /// Look every night for a release that mends a hole, and take it (`[update]` of the settings)
        #[arg(long)]
        security_updates: bool,
    },
    /// Take the service off this machine again
    Uninstall {
        /// Remove the data too: database, files, keys
        #[arg(long)]
        purge: bool,
        /// The folder that `install` wrote below
        #[arg(long, default_value = "/")]
        root: PathBuf,
    },
    /// Put a newer program in the place of this one, if it is signed by whom the settings name
    Update(care::Update),
    /// Say whether the site on this machine answers; for containers
    #[command(hide = true)]
    Alive,
    /// Do without a browser what an administrator does
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Try out, move and clean up what is stored
    #[command(subcommand)]
    Storage(storage::Storage),
    /// Make pictures again and clean up
    #[command(subcommand)]
    Maintenance(maintenance::Maintenance),
    /// Make videos of files that lie in a folder or in the bucket already, without uploading them
    #[command(subcommand)]
    Import(import::Import),
    /// Find out how it stands with other servers
    #[command(subcommand)]
    Federation(Federation),
    /// The address of the site
    #[command(subcommand)]
    Domain(Domain),
    /// Fill the site with invented people, videos and comments, to try things out
    #[command(hide = true)]
    Seed {
        /// How many videos to add
        #[arg(long, default_value_t = 1000)]
        videos: u64,
        /// Rows alone: no video can be played (for a million of them)
        #[arg(long)]
        bare: bool,
    },
}

#[derive(Subcommand)]
enum Domain {
    /// Move the site to another address; the old one keeps answering
    Move {
        /// The new host name, or address
        #[arg(long)]
        to: String,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
}

#[derive(Subcommand)]
enum Federation {
    /// Ask another server what following it would ask, and say what came of it
    Check {
        /// Its address: https://videos.example
        server: String,
    },
}

/// Runs the command that was given.
pub async fn run(cli: Cli) -> anyhow::Result<()> {
    if let Command::Worker(worker) = cli.command {
        base::telemetry::start("info", crate::config::Log::default().format);
        return worker::run(worker, stop_at_signal(CancellationToken::new())).await;
    }
    let (config, unknown) = cli.settings.load()?;
    base::telemetry::start(&config.log.level, config.log.format);
    for key in &unknown {
        tracing::warn!(
            key,
            "the settings have a key that nothing reads; is it spelt right?"
        );
    }
    match cli.command {
        Command::Serve => serve_site(config).await,
        Command::CheckConfig if unknown.is_empty() => {
            println!("The settings are right.");
            Ok(())
        }
        Command::Admin(command) => administer(config, command).await,
        Command::Maintenance(command) => maintain(config, command).await,
        Command::Storage(command) => storage::run(config, command).await,
        Command::Import(command) => import::run(config, command).await,
        Command::Federation(Federation::Check { server }) => check_server(config, &server).await,
        Command::Doctor { json } => care::doctor(config, &unknown, json).await,
        Command::Backup { list: true, .. } => care::list_backups(&config),
        Command::Backup { to, drill, .. } => care::back_up(config, to, drill).await,
        Command::Restore {
            from,
            key_file,
            replace,
        } => {
            let plan = crate::backup::restore::Plan {
                from,
                key_file,
                replace,
            };
            care::restore(&config, &plan).await
        }
        Command::Install {
            url,
            behind_proxy,
            email,
            root,
            no_start,
            security_updates,
        } => care::install(crate::install::Plan {
            start: !no_start,
            root,
            public_url: url,
            own_https: !behind_proxy,
            email,
            security_updates,
            binary: std::env::current_exe()?,
        }),
        Command::Uninstall { purge, root } => {
            print!("{}", crate::install::uninstall(&root, purge)?);
            Ok(())
        }
        Command::Update(update) => care::update(&config, update).await,
        Command::Alive => care::alive(&config).await,
        Command::Domain(Domain::Move { to, dry_run }) => move_domain(config, &to, dry_run).await,
        Command::Seed { videos, bare } => seed(config, videos, bare).await,
        Command::Worker(_) => Ok(()),
        Command::CheckConfig => anyhow::bail!("nothing reads these keys: {}", unknown.join(", ")),
    }
}

async fn administer(config: Config, command: admin::Admin) -> anyhow::Result<()> {
    let app = App::open(config, Clock::System).await?;
    print!("{}", admin::run(&app, command).await?);
    Ok(())
}

async fn maintain(config: Config, command: maintenance::Maintenance) -> anyhow::Result<()> {
    let app = App::open(config, Clock::System).await?;
    print!("{}", maintenance::run(&app, command).await?);
    Ok(())
}

async fn check_server(config: Config, server: &str) -> anyhow::Result<()> {
    let app = App::open(config, Clock::System).await?;
    print!("{}", crate::federation::check::run(&app, server).await?);
    Ok(())
}

async fn move_domain(config: Config, to: &str, dry_run: bool) -> anyhow::Result<()> {
    let app = App::open(config, Clock::System).await?;
    let told = crate::federation::domain::move_to(&app, to, dry_run).await?;
    print!("{told}");
    Ok(())
}

impl Settings {
    fn load(&self) -> anyhow::Result<(Config, Vec<String>)> {
        let given = Given {
            file: self.config.clone(),
            data_dir: self.data_dir.clone(),
            listen: self.listen,
            public_url: self.public_url.clone(),
        };
        let loaded = given.load(None)?;
        Ok((loaded.config, loaded.unknown))
    }
}

async fn serve_site(config: Config) -> anyhow::Result<()> {
    let address = config.server.listen;
    let listener = serve::listen(address).await?;
    let app = App::open(config, Clock::System).await?;
    crate::federation::domain::check(&app).await?;
    let given = std::env::var("VIDICON_ROOT_PASSWORD")
        .ok()
        .filter(|given| !given.is_empty());
    if let Some(password) = crate::user::ensure_root(&app, given.as_deref()).await? {
        println!("The administrator is \"root\" with the password {password}");
        println!(
            "It is shown this once. Change it on the settings page, or with: vidicon admin reset-password root"
        );
    }
    tracing::info!(address = %address, url = app.config.server.public_url, "Vidicon is ready");
    println!("Vidicon is ready at {}", app.config.server.public_url);
    serve::tell_systemd("READY=1");
    let again = app.restart.clone();
    serve::serve(app, listener, stop_at_signal(again.clone())).await?;
    if again.is_cancelled() {
        return start_again();
    }
    Ok(())
}

/// Also stops for a start with other settings.
fn stop_at_signal(again: CancellationToken) -> CancellationToken {
    let stop = CancellationToken::new();
    let signal = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = wait_for_signal() => {}
            () = again.cancelled() => {}
        }
        signal.cancel();
    });
    stop
}

/// Becomes a new process of the same program with the same flags. systemd starts one itself, and has been told
/// that this one ends.
fn start_again() -> anyhow::Result<()> {
    if std::env::var_os("NOTIFY_SOCKET").is_some() {
        return Ok(());
    }
    let program = std::env::current_exe()?;
    // An upgrade may have put another file in the place of the one that runs.
    let program = program.to_string_lossy();
    let program = program.strip_suffix(" (deleted)").unwrap_or(&program);
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .exec();
    Err(error).context("start again with the new settings")
}

async fn seed(config: Config, videos: u64, bare: bool) -> anyhow::Result<()> {
    let app = App::open(config, Clock::System).await?;
    let given = std::env::var("VIDICON_ROOT_PASSWORD")
        .ok()
        .filter(|given| !given.is_empty());
    if let Some(password) = crate::user::ensure_root(&app, given.as_deref()).await? {
        println!("The administrator is \"root\" with the password {password}");
    }
    if bare {
        crate::seed::fill_bare(&app, videos).await?;
    } else {
        crate::seed::fill(&app, videos).await?;
    }
    println!("{videos} videos were added.");
    Ok(())
}

async fn wait_for_signal() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("listen for SIGTERM")?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(())
}
