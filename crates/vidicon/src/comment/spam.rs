//! A filter that learns from moderators which comments are spam, and holds the next ones back. All
//! that it knows is in the site's own database. docs/spam.md says more.

pub mod score;

pub use score::Verdict;

use super::store::spam as store;
use super::{Comment, CommentId, NewComment};
use crate::account::{self, AccountId};
use crate::app::App;
use crate::error::Result;
use base::Tx;
use base::clock::{DAY, Millis};
use score::{Said, marks};
use std::collections::{BTreeSet, HashMap};

/// So long somebody counts as new.
const NEW: Millis = 3 * DAY;
/// A comment that has stood so long, and that nobody has taken away, is taken for a good one.
const SETTLED: Millis = DAY;

/// What the filter has learnt from.
#[derive(Clone, Copy, Debug)]
pub struct State {
    pub spam: i64,
    pub good: i64,
    pub marks: i64,
}

/// How like spam a new comment is; nothing where the filter is off or knows too little.
pub async fn weigh(app: &App, tx: &mut Tx, new: &NewComment<'_>) -> Result<Option<Verdict>> {
    if !app.instance.settings().spam.enabled || new.trusted {
        return Ok(None);
    }
    let marks = marks_of(app, tx, (new.author, None), new.text, new.created_at).await?;
    let learnt = store::learnt(&mut *tx, &marks).await?;
    Ok(score::judge(&learnt, &marks))
}

/// Is the verdict bad enough for a moderator to look first?
pub fn holds(app: &App, verdict: &Verdict) -> bool {
    verdict.percent >= app.instance.settings().spam.hold_above
}

pub async fn keep(tx: &mut Tx, id: CommentId, verdict: &Verdict) -> Result<()> {
    Ok(store::keep(tx, id, verdict).await?)
}

/// A moderator has taken a comment away: the next ones like it are spam. So that the filter knows
/// as much of what is none, it looks at one more that nobody minds, by somebody else.
pub async fn learn_spam(app: &App, tx: &mut Tx, comment: &Comment) -> Result<()> {
    if !learn(app, tx, comment, true).await? {
        return Ok(());
    }
    let settled = app.clock.now() - SETTLED;
    if let Some(good) = store::settled(&mut *tx, settled, comment.account_id).await? {
        learn(app, tx, &good, false).await?;
    }
    Ok(())
}

/// A moderator has let a comment through that was held.
pub async fn learn_good(app: &App, tx: &mut Tx, comment: &Comment) -> Result<()> {
    learn(app, tx, comment, false).await.map(drop)
}

/// False where the comment teaches nothing new. One that was learnt as the other is unlearnt first.
async fn learn(app: &App, tx: &mut Tx, comment: &Comment, is_spam: bool) -> Result<bool> {
    let Some(author) = comment.account_id else {
        return Ok(false);
    };
    if !app.instance.settings().spam.enabled {
        return Ok(false);
    }
    let before = store::learnt_as(&mut *tx, comment.id).await?;
    if before == Some(is_spam) {
        return Ok(false);
    }
    let by = (author, Some(comment.id));
    let marks = marks_of(app, tx, by, &comment.text, comment.created_at).await?;
    if let Some(was_spam) = before {
        store::forget(tx, &marks, was_spam).await?;
    }
    store::learn(tx, &marks, is_spam, app.clock.now()).await?;
    store::note(&mut *tx, comment.id, is_spam).await?;
    Ok(true)
}

async fn marks_of(
    app: &App,
    tx: &mut Tx,
    (author, id): (AccountId, Option<CommentId>),
    text: &str,
    at: Millis,
) -> Result<BTreeSet<String>> {
    let authors = account::profiles_of(&mut *tx, &[author]).await?;
    let again = store::is_said_again(&mut *tx, author, id, text, at - NEW).await?;
    Ok(marks(&Said {
        text,
        own_host: &app.host(),
        by_newcomer: authors.iter().any(|author| author.created_at > at - NEW),
        again,
    }))
}

/// The verdicts on these comments.
pub async fn of(app: &App, ids: &[CommentId]) -> Result<HashMap<CommentId, Verdict>> {
    let found = store::verdicts(&app.db, ids).await?;
    Ok(found.into_iter().collect())
}

pub async fn state(app: &App) -> Result<State> {
    let (texts, marks) = store::size(&app.db).await?;
    Ok(State {
        spam: texts.spam.into(),
        good: texts.good.into(),
        marks,
    })
}

/// Forgets all that was learnt. Comments that are held stay so.
pub async fn reset(app: &App) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::reset(&mut tx).await?;
    Ok(tx.commit().await?)
}
