//! Videos that lie somewhere already, from the command line: `vidicon import …`.

use crate::app::App;
use crate::config::Config;
use crate::video::upload::adopt::source::Place;
use crate::video::upload::adopt::{Outcome, Wish, adopt};
use crate::{account, channel};
use anyhow::{Context, bail};
use base::Clock;
use base::storage::Outside;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::sync::Arc;

#[derive(Subcommand)]
pub enum Import {
    /// Files in a folder of this machine, also a mounted one. They stay there; on the same disk no byte is copied
    Folder {
        path: PathBuf,
        #[command(flatten)]
        how: How,
    },
    /// Objects of a bucket whose names begin like this. In the site's own bucket the bucket copies them
    Bucket {
        prefix: String,
        /// Another bucket on the same server with the same keys [default: the one that originals lie in]
        #[arg(long)]
        bucket: Option<String>,
        #[command(flatten)]
        how: How,
    },
}

#[derive(Args)]
pub struct How {
    /// The channel that the videos are to be in
    #[arg(long)]
    channel: String,
    /// Who may see them
    #[arg(long, value_enum, default_value_t = Seen::Private)]
    privacy: Seen,
    /// Only say what would be made
    #[arg(long)]
    dry_run: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Seen {
    Public,
    Unlisted,
    Private,
    Internal,
}

impl Seen {
    /// PeerTube's number.
    fn number(self) -> i64 {
        match self {
            Seen::Public => 1,
            Seen::Unlisted => 2,
            Seen::Private => 3,
            Seen::Internal => 4,
        }
    }
}

pub async fn run(config: Config, command: Import) -> anyhow::Result<()> {
    let app = App::open(config, Clock::System).await?;
    let (place, how) = match command {
        Import::Folder { path, how } => {
            let path = std::fs::canonicalize(&path)
                .with_context(|| format!("look into {}", path.display()))?;
            (Place::Folder(path), how)
        }
        Import::Bucket {
            prefix,
            bucket,
            how,
        } => (in_bucket(&app, prefix, bucket)?, how),
    };
    let channel = channel::find(&app, &how.channel).await;
    let channel = channel.with_context(|| format!("find the channel {}", how.channel))?;
    let Some(owner) = channel.owner_user_id else {
        bail!("{} is a channel of another server", how.channel);
    };
    let wish = Wish {
        user: Arc::new(account::user(&app, owner).await?),
        channel,
        privacy: how.privacy.number(),
    };
    import_all(&app, &place, &wish, how.dry_run).await
}

fn in_bucket(app: &App, prefix: String, bucket: Option<String>) -> anyhow::Result<Place> {
    let config = &app.config.storage;
    let own = config.class.get(&base::storage::Class::Original);
    let own = own.and_then(|own| own.bucket.clone());
    let bucket = bucket.or(own).unwrap_or_else(|| config.bucket.name.clone());
    if bucket.is_empty() {
        bail!("the settings name no bucket: write [storage.bucket] first");
    }
    Ok(Place::Bucket {
        outside: Outside::open(&config.bucket, &bucket)?,
        bucket,
        prefix,
    })
}

/// One line for each file; a file that cannot be taken stops no other.
async fn import_all(app: &App, place: &Place, wish: &Wish, dry_run: bool) -> anyhow::Result<()> {
    let found = place.videos().await?;
    let mut refused = 0;
    for file in &found {
        let outcome = adopt(app, place, file, wish, dry_run).await;
        let (word, what) = match outcome {
            Outcome::Made(uuid) => ("made    ", app.url(&format!("/w/{uuid}"))),
            Outcome::Known(uuid) => ("known   ", app.url(&format!("/w/{uuid}"))),
            Outcome::Planned(name) => ("would be", name),
            Outcome::Refused(why) => {
                refused += 1;
                ("REFUSED ", why)
            }
        };
        println!("{word} {}: {what}", file.key);
    }
    println!("{} files, {refused} refused.", found.len());
    if refused > 0 {
        bail!("{refused} of {} files were refused", found.len());
    }
    Ok(())
}
