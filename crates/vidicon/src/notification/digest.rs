//! One mail a day for those who want that.

use super::letter::{self, Line};
use super::{About, Kind, store};
use crate::account::UserId;
use crate::app::App;
use crate::error::Result;
use crate::mail;
use base::clock::DAY;

pub const JOB: &str = "notification_digest";

/// Lines of a mail; the newest are told.
const MOST: usize = 50;

/// Sends its mail to everybody for whom something has been waiting for a day.
pub async fn send(app: &App) -> Result<()> {
    let before = app.clock.now() - DAY;
    for (user,) in store::waiting_users(&app.db, before).await? {
        send_to(app, user).await?;
    }
    Ok(())
}

async fn send_to(app: &App, user: UserId) -> Result<()> {
    let now = app.clock.now();
    let waiting = store::waiting(&app.db, user).await?;
    let subjects: Vec<(Kind, &About)> = waiting
        .iter()
        .map(|it| (it.kind, &it.about))
        .take(MOST)
        .collect();
    let to = store::recipient(&app.db, user).await?;
    let lines: Vec<Line> = match &to {
        Some(to) => letter::lines(app, to.texts(), &subjects)
            .await?
            .into_iter()
            .flatten()
            .collect(),
        None => Vec::new(),
    };
    let mut tx = app.db.begin().await?;
    store::waited(&mut tx, user, now).await?;
    if let Some(to) = to.filter(|_| !lines.is_empty()) {
        mail::enqueue_post(app, &mut tx, &letter::digest(app, &to, &lines)).await?;
    }
    Ok(tx.commit().await?)
}
