//! The SQL of videos: adding, finding, their state, and what hangs on them.

pub mod attached;
pub mod auto_tag;
pub mod extra;
pub mod list;
pub mod live;
pub mod ownership;
pub mod player;
pub mod reaction;
pub mod said;
pub mod score;
pub mod share;
pub mod stats;
pub mod watch;

use super::chapters::Chapter;
use super::listed::Standing;
use super::quota::Used;
use super::{NewVideo, Quality, Video, VideoId, VideoRef, VideoState, name_key};
use crate::account::{AccountId, UserId};
use crate::channel::ChannelId;
use crate::fold::fold;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::{Tx, sql};
use serde::{Deserialize, Serialize};

/// The columns of [`Video`].
const VIDEO: &str =
    "v.id, v.uuid, v.channel_id, v.account_id, v.url, v.is_local, v.is_live, v.name,
    v.description, v.support, v.category, v.licence, v.language, v.tags, v.privacy, v.state,
    v.wait_transcoding, v.was_published, v.blocked, v.listed, v.nsfw, v.nsfw_flags, v.nsfw_summary,
    v.min_age, v.hidden_in, v.comments_policy, v.quality, v.flashes, v.download_enabled, v.duration_s, v.aspect_ratio, v.views, v.downloads, v.likes,
    v.dislikes, v.comment_count, v.size_bytes, v.thumbnail, v.preview, v.thumbnail_from, v.hue,
    v.chapters_from, v.schedule_at, v.schedule_privacy, v.originally_published_at,
    v.input_file_updated_at, v.published_at, v.created_at, v.updated_at,
    a.user_id AS owner_user_id, ca.id AS channel_actor_id, ca.name AS channel_name,
    ca.host AS channel_host, c.display_name AS channel_display_name, aa.id AS account_actor_id,
    aa.name AS account_name, aa.host AS account_host, a.display_name AS account_display_name";

const WITH_OWNERS: &str = " FROM video v
    JOIN channel c ON c.id = v.channel_id JOIN actor ca ON ca.id = c.actor_id
    JOIN account a ON a.id = v.account_id JOIN actor aa ON aa.id = a.actor_id";

pub async fn find(on: impl Executor, by: VideoRef) -> Result<Option<Video>> {
    let query = Query::new("SELECT ").push(VIDEO).push(WITH_OWNERS);
    let query = match by {
        VideoRef::Number(id) => query.when(Some(id), " WHERE v.id = ?"),
        VideoRef::Uuid(uuid) => query.when(Some(uuid), " WHERE v.uuid = ?"),
    };
    query.optional(on).await
}

/// A video of another server by its address there.
pub async fn by_url(on: impl Executor, url: &str) -> Result<Option<Video>> {
    Query::new("SELECT ")
        .push(VIDEO)
        .push(WITH_OWNERS)
        .when(Some(url), " WHERE v.url = ?")
        .optional(on)
        .await
}

pub async fn add(on: impl Executor, new: &NewVideo, now: Millis) -> Result<VideoId> {
    let (id,) = sql!(
        "INSERT INTO video (uuid, channel_id, account_id, is_live, name, name_key, folded, description,
                            support, category, licence, language, tags, privacy, state,
                            wait_transcoding, nsfw, nsfw_flags, nsfw_summary, comments_policy,
                            download_enabled, duration_s, aspect_ratio, size_bytes,
                            quota_bytes, schedule_at,
                            schedule_privacy, originally_published_at, published_at, created_at,
                            updated_at, quality, min_age, hidden_in)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                 $19, $20, $21, $22, $23, $24, $24, $25, $26, $27, $28, $28, $28, $29, $30, $31)
         RETURNING id"
    )
    .bind(new.uuid)
    .bind(new.channel_id)
    .bind(new.account_id)
    .bind(new.is_live)
    .bind(&new.name)
    .bind(name_key(&new.name))
    .bind(folded(&new.name, &new.tags))
    .bind(new.description.clone())
    .bind(new.support.clone())
    .bind(new.category)
    .bind(new.licence)
    .bind(new.language.clone())
    .bind(serde_json::json!(new.tags))
    .bind(new.privacy)
    .bind(new.state)
    .bind(new.wait_transcoding)
    .bind(new.nsfw)
    .bind(new.nsfw_flags)
    .bind(new.nsfw_summary.clone())
    .bind(new.comments_policy)
    .bind(new.download_enabled)
    .bind(new.duration_s)
    .bind(new.aspect_ratio)
    .bind(new.size_bytes)
    .bind(new.schedule.map(|schedule| schedule.at))
    .bind(new.schedule.and_then(|schedule| schedule.privacy))
    .bind(new.originally_published_at)
    .bind(now)
    .bind(new.quality.map(Quality::name))
    .bind(new.min_age)
    .bind(new.hidden_in.as_ref().map(|list| serde_json::json!(list)))
    .one(on)
    .await?;
    Ok(id)
}

/// What search looks at: the name and the tags.
pub fn folded(name: &str, tags: &[String]) -> String {
    let mut text = fold(name);
    for tag in tags {
        text.push(' ');
        text.push_str(&fold(tag));
    }
    text
}

/// Writes everything that a person can change.
pub async fn save(on: impl Executor, video: &Video, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE video SET channel_id = $2, account_id = $3, name = $4, name_key = $5, folded = $6,
                description = $7, support = $8, category = $9, licence = $10, language = $11,
                tags = $12, privacy = $13, wait_transcoding = $14, nsfw = $15, nsfw_flags = $16,
                nsfw_summary = $17, comments_policy = $18, download_enabled = $19,
                schedule_at = $20, schedule_privacy = $21, originally_published_at = $22,
                published_at = $23, updated_at = $24, quality = $25,
                min_age = $26, hidden_in = $27
         WHERE id = $1"
    )
    .bind(video.id)
    .bind(video.channel_id)
    .bind(video.account_id)
    .bind(&video.name)
    .bind(name_key(&video.name))
    .bind(folded(&video.name, &video.tags))
    .bind(video.description.clone())
    .bind(video.support.clone())
    .bind(video.category)
    .bind(video.licence)
    .bind(video.language.clone())
    .bind(serde_json::json!(video.tags))
    .bind(video.privacy)
    .bind(video.wait_transcoding)
    .bind(video.nsfw)
    .bind(video.nsfw_flags)
    .bind(video.nsfw_summary.clone())
    .bind(video.comments_policy)
    .bind(video.download_enabled)
    .bind(video.schedule_at)
    .bind(video.schedule_privacy)
    .bind(video.originally_published_at)
    .bind(video.published_at)
    .bind(now)
    .bind(video.quality.map(Quality::name))
    .bind(video.min_age)
    .bind(video.hidden_in.as_ref().map(|list| serde_json::json!(list)))
    .execute(on)
    .await
}

pub async fn set_tags(tx: &mut Tx, id: VideoId, tags: &[String]) -> Result<()> {
    sql!("DELETE FROM video_tag WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    for tag in tags {
        sql!("INSERT INTO video_tag (video_id, tag) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(id)
            .bind(tag.to_lowercase())
            .execute(&mut *tx)
            .await?;
    }
    Ok(())
}

pub async fn add_password(
    on: impl Executor,
    id: VideoId,
    password: &str,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO video_password (video_id, password, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING"
    )
    .bind(id)
    .bind(password)
    .bind(now)
    .execute(on)
    .await
}

pub async fn password_fits(on: impl Executor, id: VideoId, password: &str) -> Result<bool> {
    let found: Option<(i64,)> =
        sql!("SELECT id FROM video_password WHERE video_id = $1 AND password = $2")
            .bind(id)
            .bind(password)
            .optional(on)
            .await?;
    Ok(found.is_some())
}

/// Replaces the chapters; `from` says who made them.
pub async fn set_chapters(
    tx: &mut Tx,
    id: VideoId,
    chapters: &[Chapter],
    from: Option<&str>,
) -> Result<()> {
    sql!("DELETE FROM chapter WHERE video_id = $1")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    for (timecode_s, title) in chapters {
        sql!("INSERT INTO chapter (video_id, timecode_s, title) VALUES ($1, $2, $3)")
            .bind(id)
            .bind(*timecode_s)
            .bind(title)
            .execute(&mut *tx)
            .await?;
    }
    sql!("UPDATE video SET chapters_from = $2 WHERE id = $1")
        .bind(id)
        .bind(from)
        .execute(tx)
        .await
        .map(drop)
}

pub async fn set_published(on: impl Executor, id: VideoId, published_at: Millis) -> Result<u64> {
    sql!("UPDATE video SET state = 1, was_published = TRUE, published_at = $2 WHERE id = $1")
        .bind(id)
        .bind(published_at)
        .execute(on)
        .await
}

pub async fn note_channel_published(on: impl Executor, id: ChannelId, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE channel SET last_published_at = $2
         WHERE id = $1 AND (last_published_at IS NULL OR last_published_at < $2)"
    )
    .bind(id)
    .bind(now)
    .execute(on)
    .await
}

pub async fn set_state(on: impl Executor, id: VideoId, state: VideoState) -> Result<u64> {
    sql!("UPDATE video SET state = $2 WHERE id = $1")
        .bind(id)
        .bind(state)
        .execute(on)
        .await
}

pub async fn standing(on: impl Executor, id: VideoId) -> Result<Option<Standing>> {
    sql!(
        "SELECT v.privacy, v.state, v.wait_transcoding, v.is_live, v.is_local, v.blocked, v.nsfw,
                v.category, v.licence, v.channel_id, v.account_id, aa.host, v.published_at, v.counted
         FROM video v JOIN account a ON a.id = v.account_id JOIN actor aa ON aa.id = a.actor_id
         WHERE v.id = $1"
    )
    .bind(id)
    .optional(on)
    .await
}

pub async fn set_listed(
    on: impl Executor,
    id: VideoId,
    listed: i64,
    counted: Option<&str>,
) -> Result<u64> {
    sql!("UPDATE video SET listed = $2, counted = $3 WHERE id = $1")
        .bind(id)
        .bind(listed)
        .bind(counted)
        .execute(on)
        .await
}

pub async fn change_count(
    on: impl Executor,
    scope: &str,
    listed: i64,
    nsfw: bool,
    change: i64,
) -> Result<u64> {
    sql!(
        "INSERT INTO video_count (scope, listed, nsfw, videos) VALUES ($1, $2, $3, $4)
         ON CONFLICT (scope, listed, nsfw)
         DO UPDATE SET videos = video_count.videos + excluded.videos"
    )
    .bind(scope)
    .bind(listed)
    .bind(nsfw)
    .bind(change)
    .execute(on)
    .await
}

/// What the `hot` order is made of.
#[derive(Deserialize)]
pub struct Counters {
    pub views: i64,
    pub likes: i64,
    pub dislikes: i64,
    pub comment_count: i64,
    pub published_at: Millis,
}

impl Counters {
    /// Likes weigh most, then comments, then views; a video loses about 1.8 points a day to new ones.
    pub fn hot(&self) -> f64 {
        let log = |count: i64| real(count.max(1)).log10();
        150.0 * log(self.likes - 1) - 150.0 * log(self.dislikes - 1)
            + 16.0 * log(self.views + 1)
            + 100.0 * log(self.comment_count)
            + (real(self.published_at) / 1000.0 - 1_446_156_582.0) / 47_000.0
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a score needs no more than 52 bits"
)]
#[expect(clippy::as_conversions, reason = "there is no From for it")]
fn real(number: i64) -> f64 {
    number as f64
}

pub async fn counters(on: impl Executor, id: VideoId) -> Result<Option<Counters>> {
    sql!("SELECT views, likes, dislikes, comment_count, published_at FROM video WHERE id = $1")
        .bind(id)
        .optional(on)
        .await
}

pub async fn set_hot(on: impl Executor, id: VideoId, hot: f64) -> Result<u64> {
    sql!("UPDATE video SET hot = $2 WHERE id = $1")
        .bind(id)
        .bind(hot)
        .execute(on)
        .await
}

/// What a video takes in all, and what counts against its owner's quota: its largest file, or the
/// one that was sent as long as no other is ready.
pub async fn weigh(on: impl Executor, id: VideoId) -> Result<u64> {
    sql!(
        "UPDATE video SET size_bytes =
             coalesce((SELECT sum(size_bytes) FROM video_file WHERE video_id = $1), 0)
             + coalesce((SELECT sum(size_bytes) FROM av1_file WHERE video_id = $1), 0)
             + coalesce((SELECT size_bytes FROM video_source
                         WHERE video_id = $1 AND key IS NOT NULL), 0),
             quota_bytes =
             coalesce((SELECT max(size_bytes) FROM video_file WHERE video_id = $1 AND complete),
                      (SELECT size_bytes FROM video_source WHERE video_id = $1), 0)
         WHERE id = $1"
    )
    .bind(id)
    .execute(on)
    .await
}

pub async fn used(on: impl Executor, account_id: AccountId, since: Millis) -> Result<Used> {
    sql!(
        "SELECT CAST(coalesce(sum(quota_bytes), 0) AS BIGINT) AS total_bytes,
                CAST(coalesce(sum(CASE WHEN created_at > $2 THEN quota_bytes ELSE 0 END), 0) AS BIGINT)
                    AS daily_bytes
         FROM video WHERE account_id = $1 AND is_local"
    )
    .bind(account_id)
    .bind(since)
    .one(on)
    .await
}

/// Waits until no other transaction adds to what this user has, and keeps others waiting.
pub async fn wait_for_user(on: impl Executor, id: UserId) -> Result<u64> {
    sql!("UPDATE users SET quota_bytes = quota_bytes WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// Videos that an account added since then.
pub async fn added_since(on: impl Executor, account_id: AccountId, since: Millis) -> Result<i64> {
    let (count,) =
        sql!("SELECT count(*) FROM video WHERE account_id = $1 AND created_at > $2 AND is_local")
            .bind(account_id)
            .bind(since)
            .one(on)
            .await?;
    Ok(count)
}

/// A blob of a video: the storage's class by name, and its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OldBlob {
    pub class: String,
    pub key: String,
}

/// Every blob whose name only the database knows.
pub async fn blobs(on: &mut Tx, id: VideoId) -> Result<Vec<OldBlob>> {
    sql!(
        "SELECT 'original' AS class, key FROM video_source WHERE video_id = $1 AND key IS NOT NULL
         UNION ALL SELECT 'caption', filename FROM caption WHERE video_id = $1 AND url IS NULL
         UNION ALL SELECT 'thumbnail', thumbnail FROM video WHERE id = $1 AND thumbnail IS NOT NULL
         UNION ALL SELECT 'thumbnail', preview FROM video WHERE id = $1 AND preview IS NOT NULL"
    )
    .bind(id)
    .all(on)
    .await
}

pub async fn delete(on: impl Executor, id: VideoId) -> Result<u64> {
    sql!("DELETE FROM video WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn ids_of_channel(on: impl Executor, id: ChannelId, count: i64) -> Result<Vec<VideoId>> {
    let ids: Vec<(VideoId,)> =
        sql!("SELECT id FROM video WHERE channel_id = $1 ORDER BY published_at DESC, id LIMIT $2")
            .bind(id)
            .bind(count)
            .all(on)
            .await?;
    Ok(ids.into_iter().map(|(id,)| id).collect())
}

pub async fn set_thumbnails(
    on: impl Executor,
    id: VideoId,
    thumbnail: &str,
    preview: &str,
    from: &str,
) -> Result<u64> {
    sql!("UPDATE video SET thumbnail = $2, preview = $3, thumbnail_from = $4 WHERE id = $1")
        .bind(id)
        .bind(thumbnail)
        .bind(preview)
        .bind(from)
        .execute(on)
        .await
}
