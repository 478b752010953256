//! Tags that comments get by themselves: names of word lists, and `external-link`.

use super::store::{tags, words};
use super::{CommentId, NewComment};
use crate::account::AccountId;
use crate::app::App;
use crate::error::{Error, Result};
use crate::text;
use base::Tx;
use std::collections::HashMap;

/// The tag of a text with a link to another site.
pub const EXTERNAL_LINK: &str = "external-link";
/// Stands for the site where the tags of an account are asked for.
pub const SITE: i64 = 0;

/// What the lists of the video's owner and those of the site find.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub of_owner: Vec<String>,
    pub of_site: Vec<String>,
}

pub async fn of_comment(app: &App, tx: &mut Tx, new: &NewComment<'_>) -> Result<Found> {
    let mut found = Found {
        of_owner: Vec::new(),
        of_site: of_text(app, tx, None, new.text).await?,
    };
    if new.video.is_local {
        found.of_owner = of_text(app, tx, Some(new.video.account_id), new.text).await?;
    }
    Ok(found)
}

/// The tags that a text gets from the lists of an account, or of the site.
pub async fn of_text(
    app: &App,
    tx: &mut Tx,
    account: Option<AccountId>,
    text: &str,
) -> Result<Vec<String>> {
    let lists = words::all(&mut *tx, account).await?;
    let hit = lists
        .into_iter()
        .filter(|list| text::has_word(text, &list.words));
    let mut tags: Vec<String> = hit.map(|list| list.name).collect();
    if text::has_external_link(text, &app.host()) {
        tags.push(EXTERNAL_LINK.to_owned());
    }
    Ok(tags)
}

/// The tags of these comments, by the lists of an account or of the [`SITE`].
pub async fn of(
    app: &App,
    account: i64,
    ids: &[CommentId],
) -> Result<HashMap<CommentId, Vec<String>>> {
    let mut found: HashMap<CommentId, Vec<String>> = HashMap::new();
    for (id, tag) in tags::of(&app.db, account, ids).await? {
        found.entry(id).or_default().push(tag);
    }
    Ok(found)
}

/// The names of an account's lists, or of the site's.
pub async fn list_names(app: &App, account: Option<AccountId>) -> Result<Vec<String>> {
    let lists = words::all(&app.db, account).await?;
    Ok(lists.into_iter().map(|list| list.name).collect())
}

async fn check(app: &App, account: Option<AccountId>, tags: &[String]) -> Result<()> {
    let names = list_names(app, account).await?;
    let unknown = tags
        .iter()
        .find(|tag| *tag != EXTERNAL_LINK && !names.contains(tag));
    match unknown {
        Some(tag) => Err(Error::bad_request(format!(
            "{tag} is not an available automatic tag"
        ))),
        None => Ok(()),
    }
}

/// The tags for which an account holds comments back.
pub async fn review(app: &App, account: AccountId) -> Result<Vec<String>> {
    Ok(tags::review(&app.db, account).await?)
}

pub async fn set_review(app: &App, account: AccountId, tags: &[String]) -> Result<()> {
    check(app, Some(account), tags).await?;
    let mut tx = app.db.begin().await?;
    tags::set_review(&mut tx, account, tags).await?;
    Ok(tx.commit().await?)
}

/// The tags for which the site blocks new videos until somebody has looked at them.
pub async fn block(app: &App) -> Result<Vec<String>> {
    Ok(tags::block(&app.db).await?)
}

pub async fn set_block(app: &App, tags: &[String]) -> Result<()> {
    check(app, None, tags).await?;
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    tags::set_block(&mut tx, tags, now).await?;
    Ok(tx.commit().await?)
}
