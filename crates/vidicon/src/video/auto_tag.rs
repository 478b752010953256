//! Tags that videos get by themselves from their titles and descriptions: names of the site's lists
//! of watched words, and `external-link`. They are for moderators; some of them hold a video back.

use super::store::auto_tag as store;
use super::{VideoId, block, quarantine};
use crate::account::User;
use crate::app::App;
use crate::error::Result;
use crate::text;
use base::Tx;
use base::clock::Millis;
use std::collections::HashMap;

/// The tag of a text with a link to another site.
pub const EXTERNAL_LINK: &str = "external-link";
const REASON: &str = "Auto-blacklisted because of its automatic tags. Moderator review required.";

/// What a title and a description say.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a> {
    pub name: &'a str,
    pub description: Option<&'a str>,
}

/// Gives a video its tags anew, and holds it back when one of them came that asks for it. Whoever
/// passes by the quarantine passes here too.
pub async fn renew(
    app: &App,
    tx: &mut Tx,
    id: VideoId,
    said: Said<'_>,
    user: &User,
    now: Millis,
) -> Result<()> {
    let found = find(app, tx, said).await?;
    let before = store::of(&mut *tx, &[id]).await?;
    let before: Vec<String> = before.into_iter().map(|(_, tag)| tag).collect();
    if found == before {
        return Ok(());
    }
    store::set(tx, id, &found).await?;
    if quarantine::passes(user) {
        return Ok(());
    }
    let blocking = store::blocking(&mut *tx).await?;
    let comes = |tag: &String| blocking.contains(tag) && !before.contains(tag);
    if found.iter().any(comes) && !store::is_blocked(&mut *tx, id).await? {
        block(tx, id, true, Some(REASON), None, true, now).await?;
    }
    Ok(())
}

async fn find(app: &App, tx: &mut Tx, said: Said<'_>) -> Result<Vec<String>> {
    let text = format!("{}\n{}", said.name, said.description.unwrap_or_default());
    let lists = store::lists_of_site(&mut *tx).await?;
    let hit = lists
        .into_iter()
        .filter(|list| text::has_word(&text, &list.words));
    let mut tags: Vec<String> = hit.map(|list| list.name).collect();
    if text::has_external_link(&text, &app.host()) {
        tags.push(EXTERNAL_LINK.to_owned());
    }
    tags.sort_unstable();
    tags.dedup();
    Ok(tags)
}

/// The tags of these videos.
pub async fn of(app: &App, ids: &[VideoId]) -> Result<HashMap<VideoId, Vec<String>>> {
    let mut found: HashMap<VideoId, Vec<String>> = HashMap::new();
    for (id, tag) in store::of(&app.db, ids).await? {
        found.entry(id).or_default().push(tag);
    }
    Ok(found)
}
