//! Mirrors of videos, here and at other servers.

use crate::account::ActorId;
use crate::listing::Paging;
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Db, Tx, sql};
use serde::Deserialize;
use uuid::Uuid;

#[derive(Clone, Debug, Deserialize)]
pub struct MirrorRow {
    pub id: i64,
    pub video_id: VideoId,
    pub actor_id: Option<ActorId>,
    pub url: String,
    pub base_url: String,
    pub strategy: Option<String>,
    pub size_bytes: i64,
    pub complete: bool,
    pub expires_at: Option<Millis>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub video_uuid: Uuid,
    pub video_name: String,
    pub video_url: Option<String>,
}

const MIRROR: &str = "SELECT m.id, m.video_id, m.actor_id, m.url, m.base_url, m.strategy,
        m.size_bytes, m.complete, m.expires_at, m.created_at, m.updated_at,
        v.uuid AS video_uuid, v.name AS video_name, v.url AS video_url
    FROM mirror m JOIN video v ON v.id = m.video_id WHERE TRUE";

pub async fn mirror(on: impl Executor, id: i64) -> Result<Option<MirrorRow>> {
    Query::new(MIRROR)
        .when(Some(id), " AND m.id = ?")
        .optional(on)
        .await
}

/// The mirror of a video that lies here.
pub async fn own_mirror(on: impl Executor, video: VideoId) -> Result<Option<MirrorRow>> {
    Query::new(MIRROR)
        .when(Some(video), " AND m.video_id = ?")
        .push(" AND m.actor_id IS NULL")
        .optional(on)
        .await
}

/// What others keep of our videos, or what we keep of theirs, by the videos' names.
pub async fn mirrors(
    on: &Db,
    of_ours: bool,
    descending: bool,
    paging: Paging,
) -> Result<(i64, Vec<MirrorRow>)> {
    let which = if of_ours {
        " AND m.actor_id IS NOT NULL AND v.is_local"
    } else {
        " AND m.actor_id IS NULL"
    };
    let count =
        Query::new("SELECT count(*) FROM mirror m JOIN video v ON v.id = m.video_id WHERE TRUE");
    let (total,) = count.push(which).one(on).await?;
    let order = if descending {
        " ORDER BY v.name DESC, m.id DESC"
    } else {
        " ORDER BY v.name, m.id"
    };
    let rows = Query::new(MIRROR)
        .push(which)
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await?;
    Ok((total, rows))
}

/// A mirror that is to be kept.
pub struct NewMirror<'a> {
    pub video: VideoId,
    pub actor: Option<ActorId>,
    pub url: &'a str,
    pub base_url: &'a str,
    pub strategy: Option<&'a str>,
    pub complete: bool,
    pub expires_at: Option<Millis>,
}

pub async fn save_mirror(on: impl Executor, mirror: &NewMirror<'_>, now: Millis) -> Result<i64> {
    let (id,) = sql!(
        "INSERT INTO mirror (video_id, actor_id, url, base_url, strategy, complete, expires_at,
                             created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
         ON CONFLICT (url) DO UPDATE SET base_url = excluded.base_url,
             expires_at = excluded.expires_at, updated_at = excluded.updated_at
         RETURNING id"
    )
    .bind(mirror.video)
    .bind(mirror.actor)
    .bind(mirror.url)
    .bind(mirror.base_url)
    .bind(mirror.strategy.map(str::to_owned))
    .bind(mirror.complete)
    .bind(mirror.expires_at)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

/// Whose mirror an address is, if it is known.
pub async fn mirror_by_url(on: impl Executor, url: &str) -> Result<Option<MirrorRow>> {
    Query::new(MIRROR)
        .when(Some(url), " AND m.url = ?")
        .optional(on)
        .await
}

pub async fn note_mirrored(
    on: impl Executor,
    id: i64,
    size_bytes: i64,
    now: Millis,
) -> Result<u64> {
    sql!("UPDATE mirror SET complete = TRUE, size_bytes = $2, updated_at = $3 WHERE id = $1")
        .bind(id)
        .bind(size_bytes)
        .bind(now)
        .execute(on)
        .await
}

pub async fn set_mirror_expiry(on: impl Executor, id: i64, expires_at: Millis) -> Result<u64> {
    sql!("UPDATE mirror SET expires_at = $2 WHERE id = $1")
        .bind(id)
        .bind(expires_at)
        .execute(on)
        .await
}

pub async fn delete_mirror(on: impl Executor, id: i64) -> Result<u64> {
    sql!("DELETE FROM mirror WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// Those of others whose time is over are forgotten; gives ours whose time ends before `until`.
pub async fn expired_mirrors(tx: &mut Tx, now: Millis, until: Millis) -> Result<Vec<MirrorRow>> {
    sql!("DELETE FROM mirror WHERE actor_id IS NOT NULL AND expires_at < $1")
        .bind(now)
        .execute(&mut *tx)
        .await?;
    Query::new(MIRROR)
        .when(Some(until), " AND m.actor_id IS NULL AND m.expires_at < ?")
        .push(" ORDER BY m.id LIMIT 20")
        .all(tx)
        .await
}

/// The mirrors here of videos of a host.
pub async fn own_mirrors_of_host(on: impl Executor, host: &str) -> Result<Vec<MirrorRow>> {
    Query::new(MIRROR)
        .push(" AND m.actor_id IS NULL")
        .when(
            Some(host),
            " AND v.channel_id IN (SELECT c.id FROM channel c JOIN actor x ON x.id = c.actor_id WHERE x.host = ?)",
        )
        .push(" ORDER BY m.id LIMIT 1000")
        .all(on)
        .await
}

/// Whether a server may be mirrored is the administrator's word. Tells whether the server is known.
pub async fn allow_mirroring(on: impl Executor, host: &str, allowed: bool) -> Result<bool> {
    let changed = sql!("UPDATE peer SET redundancy_allowed = $2 WHERE host = $1")
        .bind(host)
        .bind(allowed)
        .execute(on)
        .await?;
    Ok(changed > 0)
}

/// A file of a video of another server, with its name and size there.
#[derive(Clone, Debug, Deserialize)]
pub struct OriginFile {
    pub url: String,
    pub size_bytes: i64,
}

pub async fn origin_files(on: impl Executor, video: VideoId) -> Result<Vec<OriginFile>> {
    sql!(
        "SELECT url, size_bytes FROM video_file
         WHERE video_id = $1 AND kind = 'hls' AND url IS NOT NULL ORDER BY resolution, id LIMIT 100"
    )
    .bind(video)
    .all(on)
    .await
}

pub async fn origin_playlist(on: impl Executor, video: VideoId) -> Result<Option<String>> {
    let found: Option<(Option<String>,)> =
        sql!("SELECT url FROM streaming_playlist WHERE video_id = $1")
            .bind(video)
            .optional(on)
            .await?;
    Ok(found.and_then(|(url,)| url))
}

/// Bytes that a strategy has used.
pub async fn mirrored_bytes(on: impl Executor, strategy: &str) -> Result<i64> {
    let (bytes,) = sql!(
        "SELECT CAST(coalesce(sum(size_bytes), 0) AS BIGINT) FROM mirror
         WHERE actor_id IS NULL AND strategy = $1"
    )
    .bind(strategy)
    .one(on)
    .await?;
    Ok(bytes)
}

/// What a strategy would mirror next: public, finished, of a server that may be mirrored, not here yet.
pub async fn mirror_candidates(
    on: impl Executor,
    strategy: &str,
    min_views: i64,
) -> Result<Vec<VideoId>> {
    let order = match strategy {
        "most-views" => " ORDER BY v.views DESC, v.id LIMIT 5",
        "trending" => " ORDER BY v.trending DESC, v.views DESC, v.id LIMIT 5",
        _ => " ORDER BY v.published_at DESC, v.id LIMIT 5",
    };
    let found: Vec<(VideoId,)> = Query::new(
        "SELECT v.id FROM video v JOIN channel c ON c.id = v.channel_id
         JOIN actor x ON x.id = c.actor_id JOIN peer p ON p.host = x.host
         WHERE NOT v.is_local AND v.listed = 1 AND NOT v.is_live AND p.redundancy_allowed
           AND NOT EXISTS (SELECT 1 FROM mirror m WHERE m.video_id = v.id AND m.actor_id IS NULL)",
    )
    .when(Some(min_views), " AND v.views >= ?")
    .push(order)
    .slow()
    .all(on)
    .await?;
    Ok(found.into_iter().map(|(id,)| id).collect())
}
