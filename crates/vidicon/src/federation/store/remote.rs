//! What hangs on videos and actors of other servers: their pictures, captions, chapters, counts.

use crate::account::ActorId;
use crate::video::{VideoId, watching};
use base::clock::{DAY, Millis};
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::Deserialize;

/// Whose a file of another server is.
#[derive(Clone, Copy, Debug)]
pub enum Owner {
    Video(VideoId),
    Actor(ActorId),
}

impl Owner {
    fn columns(self) -> (Option<VideoId>, Option<ActorId>) {
        match self {
            Owner::Video(id) => (Some(id), None),
            Owner::Actor(id) => (None, Some(id)),
        }
    }
}

/// The name here of a file of another server. It stays the same while the address does.
pub async fn remote_file(
    tx: &mut Tx,
    owner: Owner,
    url: &str,
    new_name: &str,
    now: Millis,
) -> Result<String> {
    let (video, actor) = owner.columns();
    let known: Option<(String,)> = Query::new("SELECT filename FROM remote_file WHERE TRUE")
        .when(Some(url), " AND url = ?")
        .when(video, " AND video_id = ?")
        .when(actor, " AND actor_id = ?")
        .push(" ORDER BY filename LIMIT 1")
        .optional(&mut *tx)
        .await?;
    if let Some((name,)) = known {
        return Ok(name);
    }
    sql!(
        "INSERT INTO remote_file (filename, video_id, actor_id, url, created_at)
         VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(new_name)
    .bind(video)
    .bind(actor)
    .bind(url)
    .bind(now)
    .execute(tx)
    .await?;
    Ok(new_name.to_owned())
}

/// Forgets the files of an owner that are not among these.
pub async fn drop_remote_files(on: impl Executor, owner: Owner, but: &[String]) -> Result<u64> {
    let (video, actor) = owner.columns();
    Query::new("DELETE FROM remote_file WHERE TRUE")
        .when(video, " AND video_id = ?")
        .when(actor, " AND actor_id = ?")
        .within(" AND filename NOT IN ('', ", but.iter())
        .execute(on)
        .await
}

/// A caption of another server.
pub struct RemoteCaption<'a> {
    pub language: &'a str,
    pub filename: &'a str,
    pub automatically_generated: bool,
    pub url: &'a str,
}

pub async fn set_remote_captions(
    tx: &mut Tx,
    id: VideoId,
    captions: &[RemoteCaption<'_>],
    now: Millis,
) -> Result<()> {
    sql!("DELETE FROM caption WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    for caption in captions {
        sql!(
            "INSERT INTO caption (video_id, language, filename, automatically_generated, url, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING"
        )
        .bind(id)
        .bind(caption.language)
        .bind(caption.filename)
        .bind(caption.automatically_generated)
        .bind(caption.url)
        .bind(now)
        .execute(&mut *tx)
        .await?;
    }
    Ok(())
}

/// The captions of a video of another server whose files are not here.
pub async fn captions_to_fetch(on: impl Executor, id: VideoId) -> Result<Vec<String>> {
    let names: Vec<(String,)> = sql!(
        "SELECT c.filename FROM caption c JOIN remote_file r ON r.filename = c.filename
         WHERE c.video_id = $1 AND r.fetched_at IS NULL
         ORDER BY c.automatically_generated, c.id LIMIT 20"
    )
    .bind(id)
    .all(on)
    .await?;
    Ok(names.into_iter().map(|(name,)| name).collect())
}

pub async fn set_remote_chapters(
    tx: &mut Tx,
    id: VideoId,
    chapters: &[(i64, String)],
) -> Result<()> {
    sql!("DELETE FROM chapter WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    for (start_s, title) in chapters {
        sql!("INSERT INTO chapter (video_id, timecode_s, title) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(*start_s)
            .bind(title)
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

/// What its own server says of the likes of a video.
pub async fn set_remote_counts(
    on: impl Executor,
    id: VideoId,
    likes: Option<i64>,
    dislikes: Option<i64>,
) -> Result<u64> {
    sql!(
        "UPDATE video SET likes = coalesce($2, likes), dislikes = coalesce($3, dislikes)
         WHERE id = $1 AND NOT is_local"
    )
    .bind(id)
    .bind(likes)
    .bind(dislikes)
    .execute(on)
    .await
}

/// Counts a view that another server tells of, unless it tells of too many in an hour.
pub async fn count_remote_view(
    tx: &mut Tx,
    id: VideoId,
    host: &str,
    hour_at: Millis,
    most: i64,
) -> Result<bool> {
    let counted = sql!(
        "INSERT INTO remote_watching (video_id, host, hour_at, views) VALUES ($1, $2, $3, 1)
         ON CONFLICT (video_id, host) DO UPDATE SET
             views = CASE WHEN remote_watching.hour_at = excluded.hour_at
                          THEN remote_watching.views + 1 ELSE 1 END,
             hour_at = excluded.hour_at
         RETURNING views"
    );
    let is_taken = is_within(counted, &mut *tx, id, host, hour_at, most).await?;
    if is_taken {
        watching::add_view(tx, id, hour_at).await?;
    }
    Ok(is_taken)
}

/// Counts a file that somebody saved elsewhere; false when the server has told of too many in this hour.
pub async fn count_remote_download(
    tx: &mut Tx,
    id: VideoId,
    host: &str,
    hour_at: Millis,
    most: i64,
) -> Result<bool> {
    let counted = sql!(
        "INSERT INTO remote_watching (video_id, host, downloads_hour_at, downloads)
         VALUES ($1, $2, $3, 1)
         ON CONFLICT (video_id, host) DO UPDATE SET
             downloads = CASE WHEN remote_watching.downloads_hour_at = excluded.downloads_hour_at
                              THEN remote_watching.downloads + 1 ELSE 1 END,
             downloads_hour_at = excluded.downloads_hour_at
         RETURNING downloads"
    );
    let is_taken = is_within(counted, &mut *tx, id, host, hour_at, most).await?;
    if is_taken {
        watching::add_download(tx, id, hour_at).await?;
    }
    Ok(is_taken)
}

/// So many watch there until then.
pub async fn set_remote_viewers(
    on: impl Executor,
    id: VideoId,
    host: &str,
    viewers: i64,
    expires_at: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO remote_watching (video_id, host, viewers, expires_at) VALUES ($1, $2, $3, $4)
         ON CONFLICT (video_id, host) DO UPDATE SET viewers = excluded.viewers,
             expires_at = excluded.expires_at"
    )
    .bind(id)
    .bind(host)
    .bind(viewers)
    .bind(expires_at)
    .execute(on)
    .await
}

/// Videos that somebody here watches, with how many do.
#[derive(Clone, Debug, Deserialize)]
pub struct Watched {
    pub video_id: VideoId,
    pub viewers: i64,
}

pub async fn watched_now(on: impl Executor, since: Millis, count: i64) -> Result<Vec<Watched>> {
    sql!(
        "SELECT video_id, count(*) AS viewers FROM video_viewer WHERE last_at > $1
         GROUP BY video_id ORDER BY video_id LIMIT $2"
    )
    .bind(since)
    .bind(count)
    .all(on)
    .await
}

/// Videos of other servers that were not looked at for long, the oldest first.
pub async fn stale_videos(
    on: impl Executor,
    before: Millis,
    count: i64,
) -> Result<Vec<(VideoId, String)>> {
    sql!(
        "SELECT id, url FROM video WHERE NOT is_local AND url IS NOT NULL AND fetched_at < $1
         ORDER BY fetched_at, id LIMIT $2"
    )
    .bind(before)
    .bind(count)
    .all(on)
    .await
}

/// How many watch a video at other servers.
pub async fn remote_viewers(on: impl Executor, id: VideoId, now: Millis) -> Result<i64> {
    let (viewers,) = sql!(
        "SELECT CAST(coalesce(sum(viewers), 0) AS BIGINT) FROM remote_watching
         WHERE video_id = $1 AND expires_at > $2"
    )
    .bind(id)
    .bind(now)
    .one(on)
    .await?;
    Ok(viewers)
}

/// Counts a session that a server tells of; false when it has told of too many in this hour.
pub async fn count_remote_session(
    on: impl Executor,
    id: VideoId,
    host: &str,
    hour_at: Millis,
    most: i64,
) -> Result<bool> {
    let counted = sql!(
        "INSERT INTO remote_watching (video_id, host, sessions_hour_at, sessions)
         VALUES ($1, $2, $3, 1)
         ON CONFLICT (video_id, host) DO UPDATE SET
             sessions = CASE WHEN remote_watching.sessions_hour_at = excluded.sessions_hour_at
                             THEN remote_watching.sessions + 1 ELSE 1 END,
             sessions_hour_at = excluded.sessions_hour_at
         RETURNING sessions"
    );
    is_within(counted, on, id, host, hour_at, most).await
}

/// A sitting that is told of later than this was none.
const LONGEST_AGO: Millis = 7 * DAY;

/// A session at another server. It is over, so it counts as no viewer of now.
pub async fn add_session(
    on: impl Executor,
    id: VideoId,
    host: &str,
    session: &fediverse::view::WatchAction,
    now: Millis,
) -> Result<u64> {
    let country = session.country.clone();
    sql!(
        "INSERT INTO video_viewer (video_id, session, sections, watched_s, country, subdivision,
                                   started_at, last_at, counted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)"
    )
    .bind(id)
    .bind(format!("{}|{}", host.replace(['%', '_'], ""), session.uuid))
    .bind(serde_json::json!(session.sections))
    .bind(session.watch_seconds.clamp(0, 86_400))
    .bind(country)
    .bind(session.region.clone())
    .bind(session.start_ms.clamp(now - LONGEST_AGO, now))
    .bind(session.end_ms.clamp(now - LONGEST_AGO, now))
    .execute(on)
    .await
}

/// A sitting here before a video of another server.
#[derive(Clone, Debug, Deserialize)]
pub struct Sitting {
    pub id: i64,
    pub video_id: VideoId,
    pub sections: Vec<(i64, i64)>,
    pub watched_s: i64,
    pub country: Option<String>,
    pub subdivision: Option<String>,
    pub started_at: Millis,
    pub last_at: Millis,
}

/// Sittings that counted as views and ended between these times, of which nobody was told.
pub async fn untold_sittings(
    on: impl Executor,
    after: Millis,
    before: Millis,
    count: i64,
) -> Result<Vec<Sitting>> {
    sql!(
        "SELECT w.id, w.video_id, w.sections, w.watched_s, w.country, w.subdivision, w.started_at,
                w.last_at
         FROM video_viewer w JOIN video v ON v.id = w.video_id
         WHERE w.told_at IS NULL AND w.last_at > $1 AND w.last_at < $2
           AND w.counted_at IS NOT NULL AND NOT v.is_local
         ORDER BY w.last_at, w.id LIMIT $3"
    )
    .bind(after)
    .bind(before)
    .bind(count)
    .all(on)
    .await
}

pub async fn note_told(on: impl Executor, sitting: i64, now: Millis) -> Result<u64> {
    sql!("UPDATE video_viewer SET told_at = $2 WHERE id = $1")
        .bind(sitting)
        .bind(now)
        .execute(on)
        .await
}

/// What others were told of an account's rating of a video.
#[derive(Clone, Debug, Deserialize)]
pub struct FederatedRating {
    pub value: String,
    pub url: String,
}

pub async fn federated_rating(
    on: impl Executor,
    account: crate::account::AccountId,
    video: VideoId,
) -> Result<Option<FederatedRating>> {
    sql!("SELECT value, url FROM federated_rating WHERE account_id = $1 AND video_id = $2")
        .bind(account)
        .bind(video)
        .optional(on)
        .await
}

pub async fn note_federated_rating(
    tx: &mut Tx,
    account: crate::account::AccountId,
    video: VideoId,
    told: Option<&FederatedRating>,
    now: Millis,
) -> Result<()> {
    sql!("DELETE FROM federated_rating WHERE account_id = $1 AND video_id = $2")
        .bind(account)
        .bind(video)
        .execute(&mut *tx)
        .await?;
    let Some(told) = told else { return Ok(()) };
    sql!(
        "INSERT INTO federated_rating (account_id, video_id, value, url, created_at)
         VALUES ($1, $2, $3, $4, $5)"
    )
    .bind(account)
    .bind(video)
    .bind(&told.value)
    .bind(&told.url)
    .bind(now)
    .execute(tx)
    .await
    .map(drop)
}

/// Ratings of a video by their addresses: the like's own, or its author's and the video's number.
#[derive(Clone, Debug, Deserialize)]
pub struct RatingRow {
    pub url: Option<String>,
    pub name: String,
}

pub async fn ratings(
    on: impl Executor,
    video: VideoId,
    value: &str,
    start: i64,
    count: i64,
) -> Result<Vec<RatingRow>> {
    sql!(
        "SELECT r.url, x.name FROM rating r JOIN account a ON a.id = r.account_id
         JOIN actor x ON x.id = a.actor_id
         WHERE r.video_id = $1 AND r.value = $2 ORDER BY r.created_at, r.account_id
         LIMIT $3 OFFSET $4"
    )
    .bind(video)
    .bind(value)
    .bind(count)
    .bind(start)
    .all(on)
    .await
}

/// As if the video had been looked at then.
pub async fn note_fetched(on: impl Executor, id: VideoId, at: Millis) -> Result<u64> {
    sql!("UPDATE video SET fetched_at = $2 WHERE id = $1 AND NOT is_local")
        .bind(id)
        .bind(at)
        .execute(on)
        .await
}

/// A rating of somebody elsewhere of a video of ours.
#[derive(Clone, Debug, Deserialize)]
pub struct RatingToCheck {
    pub account_id: crate::account::AccountId,
    pub video_id: VideoId,
    pub url: String,
}

pub async fn ratings_to_check(
    on: impl Executor,
    before: Millis,
    count: i64,
) -> Result<Vec<RatingToCheck>> {
    sql!(
        "SELECT r.account_id, r.video_id, r.url FROM rating r JOIN video v ON v.id = r.video_id
         LEFT JOIN gone_check g ON g.url = r.url
         WHERE r.url IS NOT NULL AND v.is_local AND r.created_at < $1
           AND coalesce(g.checked_at, 0) < $1
         ORDER BY coalesce(g.checked_at, 0), r.created_at, r.account_id, r.video_id LIMIT $2"
    )
    .bind(before)
    .bind(count)
    .all(on)
    .await
}

pub async fn comments_to_check(
    on: impl Executor,
    before: Millis,
    count: i64,
) -> Result<Vec<(i64, String)>> {
    sql!(
        "SELECT c.id, c.url FROM comment c JOIN video v ON v.id = c.video_id
         LEFT JOIN gone_check g ON g.url = c.url
         WHERE c.url IS NOT NULL AND v.is_local AND c.deleted_at IS NULL AND c.created_at < $1
           AND coalesce(g.checked_at, 0) < $1
         ORDER BY coalesce(g.checked_at, 0), c.id LIMIT $2"
    )
    .bind(before)
    .bind(count)
    .all(on)
    .await
}

/// Announces of videos of ours by others, that nobody has looked for of late.
pub async fn shares_to_check(
    on: impl Executor,
    before: Millis,
    count: i64,
) -> Result<Vec<(VideoId, crate::account::ActorId, String)>> {
    sql!(
        "SELECT s.video_id, s.actor_id, s.url FROM share s JOIN video v ON v.id = s.video_id
         JOIN actor x ON x.id = s.actor_id LEFT JOIN gone_check g ON g.url = s.url
         WHERE s.url IS NOT NULL AND v.is_local AND x.host <> '' AND s.created_at < $1
           AND coalesce(g.checked_at, 0) < $1
         ORDER BY coalesce(g.checked_at, 0), s.id LIMIT $2"
    )
    .bind(before)
    .bind(count)
    .all(on)
    .await
}

/// Playlists of others that were not read for long.
pub async fn playlists_to_check(
    on: impl Executor,
    before: Millis,
    count: i64,
) -> Result<Vec<String>> {
    let found: Vec<(String,)> = sql!(
        "SELECT p.url FROM playlist p LEFT JOIN gone_check g ON g.url = p.url
         WHERE p.url IS NOT NULL AND NOT p.is_local AND p.updated_at < $1
           AND coalesce(g.checked_at, 0) < $1
         ORDER BY coalesce(g.checked_at, 0), p.id LIMIT $2"
    )
    .bind(before)
    .bind(count)
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(url,)| url).collect())
}

/// Not found once more; tells how often by now.
pub async fn note_gone(on: impl Executor, url: &str, now: Millis) -> Result<i64> {
    let (failures,) = sql!(
        "INSERT INTO gone_check (url, failures, checked_at) VALUES ($1, 1, $2)
         ON CONFLICT (url) DO UPDATE SET failures = gone_check.failures + 1,
             checked_at = excluded.checked_at
         RETURNING failures"
    )
    .bind(url)
    .bind(now)
    .one(on)
    .await?;
    Ok(failures)
}

pub async fn note_there(on: impl Executor, url: &str, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO gone_check (url, failures, checked_at) VALUES ($1, 0, $2)
         ON CONFLICT (url) DO UPDATE SET failures = 0, checked_at = excluded.checked_at"
    )
    .bind(url)
    .bind(now)
    .execute(on)
    .await
}

pub async fn prune_checks(on: impl Executor, before: Millis) -> Result<u64> {
    sql!("DELETE FROM gone_check WHERE checked_at < $1")
        .bind(before)
        .execute(on)
        .await
}

/// Counts one thing more that a server tells of in an hour; false when that is more than `most`.
async fn is_within(
    counting: Query,
    on: impl Executor,
    id: VideoId,
    host: &str,
    hour_at: Millis,
    most: i64,
) -> Result<bool> {
    let counting = counting.bind(id).bind(host).bind(hour_at);
    let (counted,): (i64,) = counting.one(on).await?;
    Ok(counted <= most)
}
