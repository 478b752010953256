//! The rows of invented videos, many to a statement. This is the one place outside of the slices
//! that writes their tables: through their verbs a million videos would take hours.

use super::invent::{NewComment, Planned};
use crate::account::{AccountId, UserId};
use crate::channel::ChannelId;
use crate::video::{VideoId, folded, listed, name_key};
use base::clock::Millis;
use base::db::{Dialect, Query, Result, Value};
use base::{Db, Tx};
use std::collections::{BTreeMap, HashMap};

/// Somebody who uploads and comments.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
pub struct Person {
    pub user_id: UserId,
    pub account_id: AccountId,
    pub channel_id: ChannelId,
}

/// Everybody who has a channel here.
pub async fn people(db: &Db) -> Result<Vec<Person>> {
    base::sql!(
        "SELECT a.user_id, c.account_id, c.id AS channel_id FROM channel c
         JOIN actor ca ON ca.id = c.actor_id JOIN account a ON a.id = c.account_id
         WHERE ca.host = '' AND a.user_id IS NOT NULL ORDER BY c.id"
    )
    .all(db)
    .await
}

/// The newest video's id, 0 without any: where the numbers of a second run go on.
pub async fn newest_video(db: &Db) -> Result<i64> {
    let (id,) = base::sql!("SELECT coalesce(max(id), 0) FROM video")
        .one(db)
        .await?;
    Ok(id)
}

/// How many videos each list has got: scope and `nsfw` to the number of new ones.
pub type Counts = BTreeMap<(String, bool), i64>;

pub async fn add_videos(
    tx: &mut Tx,
    videos: &[Planned],
    counts: &mut Counts,
) -> Result<Vec<VideoId>> {
    let insert =
        "INSERT INTO video (uuid, channel_id, account_id, name, name_key, folded, description,
         category, licence, language, tags, privacy, state, was_published, listed, counted, nsfw,
         duration_s, aspect_ratio, views, likes, dislikes, comment_count, trending, hot,
         size_bytes, quota_bytes, thumbnail, preview, hue, published_at, created_at, updated_at) VALUES ";
    let rows = videos.iter().map(video_row).collect();
    let added: Vec<(VideoId, String)> = many(insert, rows, " RETURNING id, uuid")
        .all(&mut *tx)
        .await?;
    let ids: HashMap<String, VideoId> = added.into_iter().map(|(id, uuid)| (uuid, id)).collect();
    for video in videos {
        for (scope, _, nsfw) in listed::scopes(&count_key(video)) {
            *counts.entry((scope, nsfw)).or_default() += 1;
        }
    }
    Ok(videos
        .iter()
        .filter_map(|video| ids.get(&video.uuid.to_string()).copied())
        .collect())
}

fn count_key(video: &Planned) -> String {
    let kinds = [Some(video.category), video.licence];
    let (channel, account) = (video.person.channel_id, video.person.account_id.0);
    listed::count_key(kinds, 1, video.nsfw, channel, account, "")
}

fn video_row(video: &Planned) -> Vec<Value> {
    let (channel, account) = (video.person.channel_id, video.person.account_id);
    vec![
        video.uuid.into(),
        channel.into(),
        account.into(),
        (&video.text.name).into(),
        name_key(&video.text.name).into(),
        folded(&video.text.name, &video.text.tags).into(),
        (&video.text.description).into(),
        video.category.into(),
        video.licence.into(),
        video.language.map(str::to_owned).into(),
        serde_json::json!(video.text.tags).into(),
        1.into(),
        1.into(),
        true.into(),
        1.into(),
        count_key(video).into(),
        video.nsfw.into(),
        video.media.duration_s.into(),
        video.media.aspect_ratio.into(),
        video.counters.views.into(),
        video.counters.likes.into(),
        video.counters.dislikes.into(),
        video.counters.comment_count.into(),
        video.trending.into(),
        video.counters.hot().into(),
        video.media.size_bytes.into(),
        video.media.size_bytes.into(),
        video.media.thumbnail.clone().into(),
        video.media.preview.clone().into(),
        video.media.hue.into(),
        video.counters.published_at.into(),
        video.counters.published_at.into(),
        video.counters.published_at.into(),
    ]
}

pub async fn add_tags(tx: &mut Tx, videos: &[Planned], ids: &[VideoId]) -> Result<()> {
    let rows = videos.iter().zip(ids).flat_map(|(video, id)| {
        video
            .text
            .tags
            .iter()
            .map(|tag| vec![tag.to_lowercase().into(), (*id).into()])
    });
    add(
        tx,
        "INSERT INTO video_tag (tag, video_id) VALUES ",
        rows.collect(),
    )
    .await
}

/// Threads first, then the replies to those that have some.
pub async fn add_comments(tx: &mut Tx, comments: &[NewComment]) -> Result<()> {
    for some in comments.chunks(200) {
        let insert = "INSERT INTO comment (video_id, account_id, text, reply_count, created_at,
                                           updated_at) VALUES ";
        let rows = some.iter().map(|comment| {
            let mut row = comment_row(comment);
            row.insert(3, comment.replies.into());
            row
        });
        let threads: Vec<(i64, VideoId, AccountId, i64, Millis)> = many(
            insert,
            rows.collect(),
            " RETURNING id, video_id, account_id, reply_count, created_at",
        )
        .all(&mut *tx)
        .await?;
        let mut replies = Vec::new();
        for (thread, video_id, account_id, count, at) in threads {
            for number in 1..=count {
                let at = at + number * base::clock::HOUR;
                let text = super::words::REPLY;
                let reply = NewComment {
                    video_id,
                    account_id,
                    text,
                    replies: 0,
                    at,
                };
                let mut row = comment_row(&reply);
                row.extend([thread.into(), thread.into()]);
                replies.push(row);
            }
        }
        let insert = "INSERT INTO comment (video_id, account_id, text, created_at, updated_at,
                                           thread_id, parent_id) VALUES ";
        add(tx, insert, replies).await?;
    }
    Ok(())
}

fn comment_row(comment: &NewComment) -> Vec<Value> {
    vec![
        comment.video_id.into(),
        comment.account_id.into(),
        comment.text.into(),
        comment.at.into(),
        comment.at.into(),
    ]
}

pub async fn add_counts(tx: &mut Tx, counts: &Counts) -> Result<()> {
    for ((scope, nsfw), videos) in counts {
        base::sql!(
            "INSERT INTO video_count (scope, listed, nsfw, videos) VALUES ($1, 1, $2, $3)
             ON CONFLICT (scope, listed, nsfw)
             DO UPDATE SET videos = video_count.videos + excluded.videos"
        )
        .bind(scope)
        .bind(*nsfw)
        .bind(*videos)
        .execute(&mut *tx)
        .await?;
    }
    base::sql!(
        "UPDATE channel SET last_published_at =
             (SELECT max(published_at) FROM video WHERE video.channel_id = channel.id)"
    )
    .execute(tx)
    .await
    .map(drop)
}

/// Has PostgreSQL look at the new rows, so that it plans by them; SQLite too.
pub async fn analyze(db: &Db) -> Result<()> {
    // PostgreSQL answers from an index alone only where it knows that all rows are old.
    db.batch(match db.dialect() {
        Dialect::Sqlite => "ANALYZE",
        Dialect::Postgres => "VACUUM ANALYZE",
    })
    .await
}

/// A clip that the invented videos get copies of.
#[derive(Debug, serde::Deserialize)]
pub struct Clip {
    pub uuid: String,
    pub duration_s: i64,
    pub aspect_ratio: Option<f64>,
    pub size_bytes: i64,
    pub thumbnail: Option<String>,
    pub preview: Option<String>,
    pub hue: Option<i64>,
    pub master_filename: Option<String>,
    pub sha256_filename: Option<String>,
}

pub async fn clip(db: &Db, id: VideoId) -> Result<Clip> {
    base::sql!(
        "SELECT v.uuid, v.duration_s, v.aspect_ratio, v.size_bytes, v.thumbnail, v.preview, v.hue,
                p.master_filename, p.sha256_filename
         FROM video v LEFT JOIN streaming_playlist p ON p.video_id = v.id WHERE v.id = $1"
    )
    .bind(id)
    .one(db)
    .await
}

/// A rendition, as its row tells of it.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub struct FileOfVideo {
    pub filename: String,
    pub playlist_filename: Option<String>,
    pub resolution: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub fps: i64,
    pub size_bytes: i64,
    pub has_audio: bool,
    pub has_video: bool,
    pub codecs: Option<String>,
    pub peak_bps: i64,
    pub average_bps: i64,
    pub copied: bool,
}

pub async fn files(db: &Db, id: VideoId) -> Result<Vec<FileOfVideo>> {
    base::sql!(
        "SELECT filename, playlist_filename, resolution, width, height, fps, size_bytes, has_audio,
                has_video, codecs, peak_bps, average_bps, copied
         FROM video_file WHERE video_id = $1 AND kind = 'hls' AND complete ORDER BY id"
    )
    .bind(id)
    .all(db)
    .await
}

/// How many of these still have work to be done for them.
pub async fn unready(db: &Db, ids: &[VideoId]) -> Result<i64> {
    let transcoding: (i64,) = base::sql!(
        "SELECT count(*) FROM job WHERE state IN ('ready', 'running') AND kind = 'transcode'"
    )
    .one(db)
    .await?;
    let unpublished: (i64,) = Query::new("SELECT count(*) FROM video WHERE state = 2")
        .within(" AND id IN (", ids.iter().copied())
        .one(db)
        .await?;
    Ok(transcoding.0 + unpublished.0)
}

/// The playlists and files of videos whose media they are.
pub async fn add_files(tx: &mut Tx, videos: &[Planned], ids: &[VideoId]) -> Result<()> {
    let (mut masters, mut files) = (Vec::new(), Vec::new());
    for (video, id) in videos.iter().zip(ids) {
        let at = video.counters.published_at;
        let Some(master) = &video.media.master else {
            continue;
        };
        let hashes = video.media.hashes.clone();
        masters.push(vec![
            (*id).into(),
            master.into(),
            hashes.into(),
            at.into(),
            at.into(),
        ]);
        files.extend(video.media.files.iter().map(|file| file_row(*id, file, at)));
    }
    let insert = "INSERT INTO streaming_playlist
        (video_id, master_filename, sha256_filename, created_at, updated_at) VALUES ";
    add(tx, insert, masters).await?;
    let insert = "INSERT INTO video_file
        (video_id, kind, filename, playlist_filename, resolution, width, height, fps, size_bytes,
         has_audio, has_video, codecs, peak_bps, average_bps, copied, complete, created_at) VALUES ";
    add(tx, insert, files).await
}

fn file_row(id: VideoId, file: &FileOfVideo, at: Millis) -> Vec<Value> {
    vec![
        id.into(),
        "hls".into(),
        (&file.filename).into(),
        file.playlist_filename.clone().into(),
        file.resolution.into(),
        file.width.into(),
        file.height.into(),
        file.fps.into(),
        file.size_bytes.into(),
        file.has_audio.into(),
        file.has_video.into(),
        file.codecs.clone().into(),
        file.peak_bps.into(),
        file.average_bps.into(),
        file.copied.into(),
        true.into(),
        at.into(),
    ]
}

pub async fn add(tx: &mut Tx, insert: &'static str, rows: Vec<Vec<Value>>) -> Result<()> {
    for some in rows.chunks(200) {
        many(insert, some.to_vec(), "").execute(&mut *tx).await?;
    }
    Ok(())
}

/// One statement that inserts all the rows.
fn many(insert: &'static str, rows: Vec<Vec<Value>>, rest: &'static str) -> Query {
    let mut query = Query::new(insert);
    for (number, row) in rows.into_iter().enumerate() {
        query = query.within(if number == 0 { "(" } else { ", (" }, row);
    }
    query.push(rest)
}
