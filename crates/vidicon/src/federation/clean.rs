//! What other servers have dropped without a word goes here too, and what is old is looked at anew.

use super::remote::{self, RemoteError};
use super::store;
use super::{playlist_in, rules, video_in};
use crate::app::App;
use crate::video;
use base::clock::{DAY, Millis};
use base::job::JobError;
use fediverse::address::Id;

/// Comes round by itself.
pub const JOB: &str = "federation_clean";
const VIDEO_AGE: Millis = 7 * DAY;
const CHECK_AGE: Millis = 7 * DAY;
/// So many of each in one round.
const AT_ONCE: i64 = 50;
const VIDEOS_AT_ONCE: i64 = 200;
/// A thing is gone when it was not found so often, a week apart.
const GONE_AFTER: i64 = 3;

pub async fn run(app: &App) -> Result<(), JobError> {
    if !app.config.federation.enabled {
        return Ok(());
    }
    refresh_videos(app).await?;
    check_ratings(app).await?;
    check_comments(app).await?;
    check_shares(app).await?;
    check_playlists(app).await?;
    store::prune_checks(&app.db, app.clock.now() - 10 * CHECK_AGE).await?;
    Ok(())
}

/// One that cannot be had now has its turn again in a day; only one that is gone is removed.
async fn refresh_videos(app: &App) -> Result<(), JobError> {
    let now = app.clock.now();
    for (id, url) in store::stale_videos(&app.db, now - VIDEO_AGE, VIDEOS_AT_ONCE).await? {
        let fetched = match Id::parse(&url, rules(app)) {
            Ok(url) => video_in::fetch(app, &url).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = fetched {
            tracing::debug!(%error, url, "a video of another server could not be looked at anew");
            store::note_fetched(&app.db, id, now - VIDEO_AGE + DAY).await?;
        }
    }
    Ok(())
}

/// Whether a thing was not found so often that it is gone.
async fn is_gone(app: &App, url: &str) -> Result<bool, JobError> {
    let now = app.clock.now();
    let outcome = match Id::parse(url, rules(app)) {
        Ok(id) => remote::document(app, &id).await,
        Err(error) => Err(error.into()),
    };
    let failures = match outcome {
        Err(RemoteError::Gone(_)) => store::note_gone(&app.db, url, now).await?,
        _ => {
            store::note_there(&app.db, url, now).await?;
            0
        }
    };
    Ok(failures >= GONE_AFTER)
}

async fn check_ratings(app: &App) -> Result<(), JobError> {
    let before = app.clock.now() - CHECK_AGE;
    for rating in store::ratings_to_check(&app.db, before, AT_ONCE).await? {
        if is_gone(app, &rating.url).await? {
            let mut tx = app.db.begin().await?;
            store::set_rate(
                &mut tx,
                rating.video_id,
                rating.account_id,
                None,
                None,
                app.clock.now(),
            )
            .await?;
            video::rescore(&mut tx, rating.video_id).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

async fn check_comments(app: &App) -> Result<(), JobError> {
    let now = app.clock.now();
    for (id, url) in store::comments_to_check(&app.db, now - CHECK_AGE, AT_ONCE).await? {
        if is_gone(app, &url).await? {
            super::comment_in::forget(app, id).await?;
        }
    }
    Ok(())
}

async fn check_shares(app: &App) -> Result<(), JobError> {
    let before = app.clock.now() - CHECK_AGE;
    for (video, actor, url) in store::shares_to_check(&app.db, before, AT_ONCE).await? {
        if is_gone(app, &url).await? {
            store::delete_share(&app.db, video, actor).await?;
        }
    }
    Ok(())
}

/// Playlists are read anew. One that is gone goes at once, as it does when its server says so.
async fn check_playlists(app: &App) -> Result<(), JobError> {
    let now = app.clock.now();
    for url in store::playlists_to_check(&app.db, now - CHECK_AGE, AT_ONCE).await? {
        store::note_there(&app.db, &url, now).await?;
        if let Err(error) = playlist_in::renew(app, &url).await {
            tracing::debug!(%error, url, "a playlist of another server could not be looked at anew");
        }
    }
    Ok(())
}
