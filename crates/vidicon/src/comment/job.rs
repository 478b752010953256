//! The jobs of comments.

use super::store;
use super::{Scope, spam, words};
use crate::account::AccountId;
use crate::app::App;
use base::job::{JobError, Running};
use serde::Deserialize;

/// So many go in one transaction.
const AT_ONCE: i64 = 100;

#[derive(Deserialize)]
struct Removal {
    author: AccountId,
    scope: Scope,
    #[serde(default, rename = "asSpam")]
    as_spam: bool,
}

/// Takes away all comments of somebody. It can be killed anywhere and run again.
pub async fn remove(app: &App, running: &Running) -> Result<(), JobError> {
    let Removal {
        author,
        scope,
        as_spam,
    } = running.job.payload()?;
    loop {
        let some = store::some_of(&app.db, author, scope, AT_ONCE).await?;
        if some.is_empty() {
            return Ok(());
        }
        let mut tx = app.db.begin().await?;
        for (id,) in some {
            if as_spam && let Some(comment) = store::find(&mut tx, id).await? {
                spam::learn_spam(app, &mut tx, &comment).await?;
            }
            super::erase(&mut tx, id, false, app.clock.now()).await?;
        }
        tx.commit().await?;
        app.workers.wake();
    }
}

/// Reads lists of words again that come from elsewhere.
pub async fn sync_words(app: &App) -> Result<(), JobError> {
    Ok(words::sync(app).await?)
}
