//! `vidicon worker`: lends this computer's processors to a site elsewhere. It needs ffmpeg and the way to the
//! site, no database and no open port; it asks for parts of videos, encodes them and brings them back.

mod client;
mod part;

use anyhow::{Context, bail};
use base::fetch::{Fetch, FetchConfig};
use clap::Args;
use client::Client;
use std::path::PathBuf;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How often it asks for work while there is none.
const POLL: Duration = Duration::from_secs(3);
/// How long it waits after the site did not answer.
const PAUSE: Duration = Duration::from_secs(10);

#[derive(Args)]
pub struct Worker {
    /// The address of the site that it works for
    #[arg(long)]
    server: String,
    /// A registration token from the site's administration; needed the first time only
    #[arg(long, env = "VIDICON_WORKER_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// What the site calls this worker [default: the name of this computer]
    #[arg(long)]
    name: Option<String>,
    /// Where it keeps its login and works [default: vidicon-worker in the user's state folder]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Parts that it encodes at the same time
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// How much it yields to everything else on this computer: normal, nice or idle
    #[arg(long, default_value = "nice", value_parser = priority)]
    priority: media::Priority,
}

fn priority(word: &str) -> Result<media::Priority, String> {
    match word {
        "normal" => Ok(media::Priority::Normal),
        "nice" => Ok(media::Priority::Nice),
        "idle" => Ok(media::Priority::Idle),
        _ => Err("normal, nice or idle".to_owned()),
    }
}

/// What every slot of the worker has.
struct Bench {
    client: Client,
    ffmpeg: media::Ffmpeg,
    folder: PathBuf,
    priority: media::Priority,
    /// One copy of a source at a time.
    copying: tokio::sync::Mutex<()>,
}

/// Works until it is told to stop.
pub async fn run(worker: Worker, stop: CancellationToken) -> anyhow::Result<()> {
    if !(1..=64).contains(&worker.jobs) {
        bail!("--jobs: 1 to 64");
    }
    let ffmpeg = media::detect().await?;
    let folder = worker.folder.clone().map_or_else(usual_folder, Ok)?;
    std::fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    part::sweep(&folder)?;
    let client = join(&worker, &folder, &ffmpeg).await?;
    println!(
        "This worker serves {} with {}.",
        client.server(),
        ffmpeg.about().encoders.join(", ")
    );
    let bench = Bench {
        client,
        ffmpeg,
        folder,
        priority: worker.priority,
        copying: tokio::sync::Mutex::new(()),
    };
    let slots = (0..worker.jobs).map(|_| slot(&bench, &stop));
    futures::future::try_join_all(slots).await?;
    Ok(())
}

fn usual_folder() -> anyhow::Result<PathBuf> {
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from);
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/state"));
    let base = state.or(home).context("say with --folder where to work")?;
    Ok(base.join("vidicon-worker"))
}

/// The login of the time before, or a new one by the registration token.
async fn join(
    worker: &Worker,
    folder: &std::path::Path,
    ffmpeg: &media::Ffmpeg,
) -> anyhow::Result<Client> {
    // Whoever started it has named the server, so it may stand in the own network.
    let fetch = Fetch::new(FetchConfig {
        allow_private: true,
        allow_http: true,
        ..FetchConfig::default()
    });
    let server = worker.server.trim_end_matches('/').to_owned();
    let url = url::Url::parse(&server).with_context(|| format!("--server {server}"))?;
    let host = url.host_str().context("--server: an address has a host")?;
    let login = folder.join(format!(
        "{host}-{}.login",
        url.port_or_known_default().unwrap_or(0)
    ));
    let encoders = ffmpeg.about().encoders.clone();
    if let Ok(token) = std::fs::read_to_string(&login) {
        let client = Client::new(
            fetch.clone(),
            server.clone(),
            token.trim().to_owned(),
            encoders.clone(),
        );
        if client.is_known().await? {
            return Ok(client);
        }
    }
    let token = worker.token.as_deref();
    let token = token
        .context("this worker has not joined yet: give it a registration token with --token")?;
    let name = worker.name.clone().unwrap_or_else(computer);
    let runner = client::register(&fetch, &server, token, &name).await?;
    write_secret(&login, &runner)?;
    Ok(Client::new(fetch, server, runner, encoders))
}

fn computer() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let tail = hex::encode(base::random::bytes::<2>());
    format!("{}-{tail}", name.trim())
}

/// Nobody else on this computer may read it.
fn write_secret(path: &std::path::Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let mut file = options
        .open(path)
        .with_context(|| format!("write {}", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

/// Takes one part after the other.
async fn slot(bench: &Bench, stop: &CancellationToken) -> anyhow::Result<()> {
    while !stop.is_cancelled() {
        let rest = match next(bench, stop).await {
            Ok(true) => continue,
            Ok(false) => POLL,
            Err(error) if client::is_final(&error) => return Err(error),
            Err(error) => {
                tracing::warn!(error = format!("{error:#}"), "the site could not be asked");
                PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(rest) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// Does one part; false when there was none.
async fn next(bench: &Bench, stop: &CancellationToken) -> anyhow::Result<bool> {
    for uuid in bench.client.available().await? {
        let Some(job) = bench.client.accept(&uuid).await? else {
            continue;
        };
        part::make(bench, &job, stop).await?;
        return Ok(true);
    }
    Ok(false)
}
