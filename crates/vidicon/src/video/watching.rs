//! Watching: who watches now, what counts as a view, where somebody stopped, likes and dislikes.

pub use super::store::watch::{add_download, add_view, of_hour, rating};

use super::store::{list, watch as store};
use super::{Video, rescore};
use crate::account::{User, UserId};
use crate::app::App;
use crate::error::{Error, Result};
use base::clock::{DAY, HOUR, Millis};
use base::job::{JobError, NewJob};
use base::storage::Class;
use serde_json::{Value, json};

/// A view counts once in this time for one person.
const SITTING: Millis = HOUR;
/// So long must be watched for a view, in seconds; half of shorter videos.
const COUNTS_AFTER_S: i64 = 10;
const MOST_SECTIONS: usize = 100;
/// Players tell every few seconds where they are; more than this at once was not watched.
const LONGEST_STEP_S: i64 = 60;
/// Views of so long make the trending order.
const TRENDING: Millis = 7 * DAY;

/// Somebody has seen a video, or has rated it: its own server is told.
pub const VIEWED_JOB: &str = "video_viewed";
pub const RATED_JOB: &str = "video_rated";
/// Somebody has saved a file of a video.
pub const SAVED_JOB: &str = "video_saved";

/// A sign of life of somebody who watches.
#[derive(Clone, Debug)]
pub struct Sign {
    pub at_s: i64,
    pub has_jumped: bool,
    /// Tells one viewer from another; says nothing about who it is.
    pub session: String,
    /// Two letters, where a file tells countries from addresses.
    pub country: Option<String>,
}

pub async fn watch(app: &App, user: Option<&User>, video: &Video, sign: &Sign) -> Result<()> {
    let is_over = !video.is_live && sign.at_s > video.duration_s;
    if sign.at_s < 0 || is_over {
        return Err(Error::bad_request("Current time is invalid"));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let sitting = store::sitting(&mut tx, video.id, &sign.session, now - SITTING).await?;
    let mut sections = sitting
        .as_ref()
        .map(|it| it.sections.clone())
        .unwrap_or_default();
    let before_s = length_s(&sections);
    extend(&mut sections, sign);
    let watched_s = length_s(&sections);
    let (id, is_counted) = match &sitting {
        Some(sitting) => {
            store::go_on(&mut tx, sitting.id, &sections, watched_s, now).await?;
            (sitting.id, sitting.counted_at.is_some())
        }
        None => {
            let id = store::start_sitting(&mut tx, video.id, sign, &sections, now).await?;
            (id, false)
        }
    };
    if !is_counted && counts(video, watched_s) {
        let hour_at = now - now.rem_euclid(HOUR);
        store::count_view(&mut tx, id, video.id, hour_at, now).await?;
        rescore(&mut tx, video.id).await?;
        NewJob::new(VIEWED_JOB, json!({ "videoId": video.id }))
            .enqueue(&mut tx, now)
            .await?;
    }
    if let Some(user) = user.filter(|user| keeps_history(user)) {
        list::watched(&mut tx, user.id.0, video.id, sign.at_s, now).await?;
    }
    tx.commit().await?;
    count_given(app, video, watched_s - before_s).await
}

/// Counts a file of a video that somebody began to save.
pub async fn saved(app: &App, video: &Video) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::add_download(&mut tx, video.id, now - now.rem_euclid(HOUR)).await?;
    NewJob::new(SAVED_JOB, json!({ "videoId": video.id }))
        .enqueue(&mut tx, now)
        .await?;
    tx.commit().await?;
    app.traffic.download();
    Ok(())
}

fn length_s(sections: &[(i64, i64)]) -> i64 {
    sections.iter().map(|(from, to)| to - from).sum()
}

/// What viewers load from the bucket does not pass through here: so many bytes as that many seconds of the middle
/// quality have are taken to have left it.
async fn count_given(app: &App, video: &Video, seconds: i64) -> Result<()> {
    let in_bucket = app.storage.signing_url(Class::Rendition).is_some();
    if video.is_local && seconds > 0 && in_bucket {
        let bits_per_s = store::middle_bps(&app.db, video.id).await?;
        let seconds = seconds.min(LONGEST_STEP_S);
        app.traffic.give(bits_per_s.saturating_mul(seconds) / 8);
    }
    Ok(())
}

fn keeps_history(user: &User) -> bool {
    user.settings
        .get("videosHistoryEnabled")
        .and_then(Value::as_bool)
        .unwrap_or(true)
}

fn counts(video: &Video, watched_s: i64) -> bool {
    if video.is_live || video.duration_s >= COUNTS_AFTER_S {
        return watched_s >= COUNTS_AFTER_S;
    }
    watched_s * 2 > video.duration_s
}

fn extend(sections: &mut Vec<(i64, i64)>, sign: &Sign) {
    let at = sign.at_s;
    if let Some(last) = sections.last_mut()
        && !sign.has_jumped
        && at >= last.0
    {
        last.1 = at;
    } else if sections.len() < MOST_SECTIONS {
        sections.push((at, at));
    }
}

/// Brings the trending order up to date: what was watched in the last seven days.
pub async fn recount_trending(app: &App) -> Result<(), JobError> {
    let mut tx = app.db.begin().await?;
    store::recount_trending(&mut tx, app.clock.now() - TRENDING).await?;
    tx.commit().await?;
    Ok(())
}

/// `like`, `dislike`, or nothing.
pub async fn rate(app: &App, user: &User, video: &Video, value: Option<&str>) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::rate(&mut tx, video.id, user.account_id, value, now).await?;
    rescore(&mut tx, video.id).await?;
    NewJob::new(
        RATED_JOB,
        json!({ "videoId": video.id, "accountId": user.account_id }),
    )
    .enqueue(&mut tx, now)
    .await?;
    tx.commit().await?;
    Ok(())
}

/// Takes everything out of the list of what somebody has watched.
pub async fn forget_all(app: &App, user_id: UserId) -> Result<()> {
    store::forget_before(&app.db, user_id, Millis::MAX).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(at_s: i64, has_jumped: bool) -> Sign {
        Sign {
            at_s,
            has_jumped,
            session: String::new(),
            country: None,
        }
    }

    #[test]
    fn sections_grow_and_jumps_begin_new_ones() {
        let mut sections = Vec::new();
        for (at, jumped) in [
            (0, false),
            (5, false),
            (30, true),
            (33, false),
            (10, false),
            (12, false),
        ] {
            extend(&mut sections, &sign(at, jumped));
        }
        assert_eq!(sections, [(0, 5), (30, 33), (10, 12)]);
    }
}
