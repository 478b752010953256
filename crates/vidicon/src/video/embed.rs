//! Where a video may be shown inside pages of others.

use super::{Video, VideoId, store};
use crate::app::App;
use crate::error::Result;
use base::Tx;

/// Everywhere, or only on the domains that its owner names. The numbers are PeerTube's.
pub const EVERYWHERE: i64 = 1;
pub const ON_DOMAINS: i64 = 2;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedding {
    pub policy: i64,
    /// Host names, each with its port where it is not the usual one.
    pub domains: Vec<String>,
}

pub async fn of(app: &App, id: VideoId) -> Result<Embedding> {
    let found = store::player::embed(&app.db, id).await?;
    let (policy, domains) = found.unwrap_or((EVERYWHERE, Vec::new()));
    Ok(Embedding { policy, domains })
}

pub async fn set(app: &App, id: VideoId, embedding: &Embedding) -> Result<()> {
    let Embedding { policy, domains } = embedding;
    store::player::set_embed(&app.db, id, *policy, domains).await?;
    Ok(())
}

/// What the server of a copy says: everywhere, or nowhere but there and here.
pub async fn set_policy(tx: &mut Tx, id: VideoId, policy: i64) -> base::db::Result<()> {
    let known = store::player::embed(&mut *tx, id).await?;
    if known.map_or(EVERYWHERE, |(known, _)| known) != policy {
        store::player::set_embed(tx, id, policy, &[]).await?;
    }
    Ok(())
}

impl Embedding {
    /// May a page on this domain show it? This site may always.
    pub fn allows(&self, app: &App, domain: &str) -> bool {
        self.policy == EVERYWHERE
            || domain.eq_ignore_ascii_case(&app.host())
            || self
                .domains
                .iter()
                .any(|known| known.eq_ignore_ascii_case(domain))
    }
}

/// Who may frame the video's embed page, as `frame-ancestors` of its content security policy says
/// it. Browsers hold to it, whatever the page around claims to be.
pub async fn frame_ancestors(app: &App, video: &Video) -> Result<String> {
    let embedding = of(app, video.id).await?;
    if embedding.policy == EVERYWHERE {
        return Ok("*".to_owned());
    }
    let mut sources = vec!["'self'".to_owned()];
    for domain in &embedding.domains {
        sources.push(format!("https://{domain}"));
        sources.push(format!("http://{domain}"));
    }
    Ok(sources.join(" "))
}
