//! What lies in the storage, from the command line: `vidicon storage …`.

use crate::app::App;
use crate::config::Config;
use crate::transcode::lifecycle::{self, What};
use crate::video;
use anyhow::bail;
use base::Clock;
use base::storage::{self, Class, Outcome};
use clap::Subcommand;
use std::time::{Duration, Instant};

/// How often moving says how far it has come.
const TELL_EVERY: Duration = Duration::from_secs(10);

#[derive(Subcommand)]
pub enum Storage {
    /// Try out everything that the site needs of its bucket, and say how each failure is mended
    Check {
        /// Write the rule that lets browsers read the bucket, where it is missing
        #[arg(long)]
        write_cors: bool,
    },
    /// Move everything from where `[storage.from]` says to where `[storage]` says; the site may run
    Move,
    /// Carry out the rules for what nobody watches: archive originals, drop large renditions
    Lifecycle {
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Delete what no video has any more
    Prune {
        /// Only say what would be deleted
        #[arg(long)]
        dry_run: bool,
    },
}

pub async fn run(config: Config, command: Storage) -> anyhow::Result<()> {
    match command {
        Storage::Check { write_cors } => check(&config, write_cors).await,
        Storage::Move => move_all(&config).await,
        Storage::Lifecycle { dry_run } => lifecycle(config, dry_run).await,
        Storage::Prune { dry_run } => prune(config, dry_run).await,
    }
}

async fn check(config: &Config, write_cors: bool) -> anyhow::Result<()> {
    let storage = storage::Storage::open(&config.storage, &config.server.data_dir)?;
    let origin = &config.server.public_url;
    let findings = storage::check(&config.storage, &storage, origin, write_cors).await;
    if findings.is_empty() {
        println!("Everything lies in a folder; there is no bucket to try.");
        return Ok(());
    }
    let mut failed = 0;
    for finding in &findings {
        let (bucket, step) = (&finding.bucket, finding.step);
        match &finding.outcome {
            Outcome::Fine => println!("ok      {bucket}: {step}"),
            Outcome::Note(note) => println!("note    {bucket}: {step}: {note}"),
            Outcome::Failed { why, fix } => {
                failed += 1;
                println!("FAILED  {bucket}: {step}: {why}\n        {fix}");
            }
        }
    }
    if failed > 0 {
        bail!("{failed} of {} checks failed", findings.len());
    }
    Ok(())
}

async fn move_all(config: &Config) -> anyhow::Result<()> {
    let to = storage::Storage::open(&config.storage, &config.server.data_dir)?;
    let Some(from) = to.previous() else {
        bail!(
            "the settings do not say where things lie now: write that below [storage.from], with \
             the keys of [storage], restart the site, and run this again"
        );
    };
    for class in Class::ALL {
        let (mut last, mut seen) = (Instant::now(), 0_u64);
        let moved = storage::move_class(from, &to, class, |_| {
            seen += 1;
            if last.elapsed() >= TELL_EVERY {
                last = Instant::now();
                println!("{class}: {seen} so far");
            }
        });
        let moved = moved.await?;
        if seen > 0 {
            println!(
                "{class}: {} moved ({} bytes), {} were there already, {} were newer there",
                moved.blobs, moved.bytes, moved.already_there, moved.replaced
            );
        }
    }
    println!("All is moved. Take [storage.from] out of the settings and restart the site.");
    Ok(())
}

async fn lifecycle(config: Config, dry_run: bool) -> anyhow::Result<()> {
    let app = App::open(config, Clock::System).await?;
    let rules = app.instance.settings().lifecycle;
    if rules.archive_originals_days > 0 && !app.storage.has_archive() {
        println!(
            "Originals stay where they are: the settings file names no place for the class \
             archive. Write [storage.class.archive] with a bucket, a prefix or a storage_class."
        );
    }
    let steps = lifecycle::carry_out(&app, dry_run).await?;
    let mut bytes = 0;
    for step in &steps {
        bytes += step.bytes;
        let what = match step.what {
            What::ArchiveOriginal => "archive the original",
            What::DropRenditions => "drop large renditions",
        };
        println!("{what}: {} ({} bytes)", step.video, step.bytes);
    }
    let done = if dry_run {
        "would be put aside"
    } else {
        "put aside"
    };
    println!("{} steps, {bytes} bytes {done}.", steps.len());
    Ok(())
}

async fn prune(config: Config, dry_run: bool) -> anyhow::Result<()> {
    let app = App::open(config, Clock::System).await?;
    let found = video::files::leftovers(&app).await?;
    let mut bytes = 0;
    for leftover in &found {
        bytes += leftover.size_bytes;
        println!(
            "{} {} ({} bytes)",
            leftover.class, leftover.key, leftover.size_bytes
        );
        if !dry_run {
            app.storage.delete(leftover.class, &leftover.key).await?;
        }
    }
    let done = if dry_run {
        "would be deleted"
    } else {
        "deleted"
    };
    println!("{} files, {bytes} bytes {done}.", found.len());
    Ok(())
}
