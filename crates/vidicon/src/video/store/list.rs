//! The SQL of lists of videos. The ids of a page are found first, by an index and nothing else;
//! only then are the rows read and joined.

pub mod count;
pub mod followed;

use super::super::VideoId;
use super::super::list::{Filters, ListQuery, Scope};
use crate::access::Viewer;
use crate::listing::{Paging, Sort};
use base::Db;
use base::clock::{MINUTE, Millis};
use base::db::{Dialect, Executor, Query, Result};
use base::sql;
use serde::Deserialize;

/// A video as a list shows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    pub id: i64,
    pub uuid: String,
    pub url: Option<String>,
    pub is_local: bool,
    pub is_live: bool,
    pub name: String,
    /// Its first characters, one more than are shown.
    pub description: Option<String>,
    pub category: Option<i64>,
    pub licence: Option<i64>,
    pub language: Option<String>,
    pub privacy: i64,
    pub state: i64,
    pub wait_transcoding: bool,
    pub blocked: bool,
    pub blocked_reason: Option<String>,
    pub nsfw: bool,
    pub nsfw_flags: i64,
    pub nsfw_summary: Option<String>,
    pub duration_s: i64,
    pub aspect_ratio: Option<f64>,
    pub views: i64,
    pub likes: i64,
    pub dislikes: i64,
    pub comment_count: i64,
    pub thumbnail: Option<String>,
    pub preview: Option<String>,
    pub hue: Option<i64>,
    pub schedule_at: Option<Millis>,
    pub schedule_privacy: Option<i64>,
    pub originally_published_at: Option<Millis>,
    pub published_at: Millis,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub channel_id: i64,
    pub channel_name: String,
    pub channel_host: String,
    pub channel_url: Option<String>,
    pub channel_display_name: String,
    pub channel_avatars: Option<String>,
    pub account_id: i64,
    pub account_name: String,
    pub account_host: String,
    pub account_url: Option<String>,
    pub account_display_name: String,
    pub account_avatars: Option<String>,
    pub viewers: i64,
    /// Where the one who asks stopped watching.
    pub watched_s: Option<i64>,
}

const ROW: &str = "SELECT v.id, v.uuid, v.url, v.is_local, v.is_live, v.name,
    substr(v.description, 1, 251) AS description, v.category, v.licence, v.language, v.privacy,
    v.state, v.wait_transcoding, v.blocked,
    CASE WHEN v.blocked THEN (SELECT reason FROM video_block b WHERE b.video_id = v.id) END
        AS blocked_reason,
    v.nsfw, v.nsfw_flags, v.nsfw_summary, v.duration_s, v.aspect_ratio, v.views, v.likes,
    v.dislikes, v.comment_count, v.thumbnail, v.preview, v.hue, v.schedule_at, v.schedule_privacy,
    v.originally_published_at, v.published_at, v.created_at, v.updated_at,
    c.id AS channel_id, ca.name AS channel_name, ca.host AS channel_host, ca.url AS channel_url,
    c.display_name AS channel_display_name,
    (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' ' || i.created_at, ' ')
     FROM actor_image i WHERE i.actor_id = ca.id AND i.kind = 'avatar') AS channel_avatars,
    a.id AS account_id, aa.name AS account_name, aa.host AS account_host, aa.url AS account_url,
    a.display_name AS account_display_name,
    (SELECT string_agg(i.filename || ' ' || i.width || ' ' || i.height || ' ' || i.created_at, ' ')
     FROM actor_image i WHERE i.actor_id = aa.id AND i.kind = 'avatar') AS account_avatars";

/// SQLite does not change the order of a `CROSS JOIN`, so that the rows come in that of the page.
const JOINS: &str = " CROSS JOIN video v CROSS JOIN channel c CROSS JOIN actor ca
    CROSS JOIN account a CROSS JOIN actor aa
    WHERE v.id = page.id AND c.id = v.channel_id AND ca.id = c.actor_id
      AND a.id = v.account_id AND aa.id = a.actor_id";

/// A viewer counts for so long after a sign of life.
const VIEWER_LIFE: Millis = 2 * MINUTE;

/// Pages start later than this only by counting off many rows, which is not short.
const FAR: i64 = 5_000;

fn select(viewer: &Viewer, now: Millis) -> Query {
    let user_id = viewer.user().map(|user| user.id);
    let no_history = user_id.is_none();
    Query::new(ROW)
        .when(
            Some(now - VIEWER_LIFE),
            ", (SELECT count(*) FROM video_viewer w WHERE w.video_id = v.id AND w.last_at > ?)",
        )
        // Those who watch at other servers, as these tell it.
        .when(
            Some(now),
            " + coalesce((SELECT CAST(sum(rw.viewers) AS BIGINT) FROM remote_watching rw
                 WHERE rw.video_id = v.id AND rw.expires_at > ?), 0) AS viewers",
        )
        .when(
            user_id,
            ", (SELECT h.position_s FROM watch_history h
                WHERE h.video_id = v.id AND h.user_id = ?) AS watched_s",
        )
        .push_if(no_history, ", NULL AS watched_s")
}

pub async fn page(db: &Db, query: &ListQuery, viewer: &Viewer, now: Millis) -> Result<Vec<Row>> {
    let sort = query.sort;
    let is_postgres = db.dialect() == Dialect::Postgres;
    let end = walk(query.paging).filter(|_| is_postgres);
    let found = select(viewer, now)
        .push(" FROM (")
        .push_if(end.is_some(), "SELECT walk.id FROM (")
        .push("SELECT v.id");
    let found = matching(from(found, query), query, viewer);
    let found = order(found, sort, viewer).push(end.unwrap_or_default());
    let found = found.page(query.paging.start, query.paging.count);
    let found = found.push(") page").push(JOINS);
    let found = match db.dialect() {
        Dialect::Sqlite => found,
        Dialect::Postgres => order(found, sort, viewer),
    };
    paced(found, query).all(db).await
}

/// Around the ids of a page, where PostgreSQL would else plan the statement anew each time, which
/// takes longer than the list: it keeps a plan only when that costs no more than a new one, and of
/// a bound limit it believes that it lets through a tenth of the table. So the walk ends at one of
/// few fixed places behind the page.
fn walk(paging: Paging) -> Option<&'static str> {
    const ENDS: [(i64, &str); 6] = [
        (16, " LIMIT 16) walk"),
        (64, " LIMIT 64) walk"),
        (128, " LIMIT 128) walk"),
        (512, " LIMIT 512) walk"),
        (2_048, " LIMIT 2048) walk"),
        (8_192, " LIMIT 8192) walk"),
    ];
    let last = paging.start.saturating_add(paging.count);
    let mut ends = ENDS.into_iter();
    ends.find_map(|(end, text)| (last <= end).then_some(text))
}

/// The rows of these videos, in no certain order.
pub async fn rows(db: &Db, ids: &[VideoId], viewer: &Viewer, now: Millis) -> Result<Vec<Row>> {
    select(viewer, now)
        .push(" FROM video page")
        .push(JOINS)
        .within(" AND page.id IN (", ids.iter().copied())
        .all(db)
        .await
}

/// A list that may take long does not hold up other requests.
fn paced(query: Query, list: &ListQuery) -> Query {
    let filters = &list.filters;
    let is_quick = filters.is_of_indexes() && !filters.looks_behind();
    if is_quick && list.paging.start <= FAR {
        query
    } else {
        query.slow()
    }
}

/// Ids and names, in the order of the search's index.
pub async fn candidates(
    db: &Db,
    query: &ListQuery,
    viewer: &Viewer,
) -> Result<Vec<(VideoId, String)>> {
    let found = matching(
        from(Query::new("SELECT v.id, v.name"), query),
        query,
        viewer,
    );
    let order = query
        .filters
        .matching
        .as_ref()
        .map_or(" ORDER BY v.id DESC", |it| it.order);
    found
        .push(order)
        .page(query.paging.start, query.paging.count)
        .slow()
        .all(db)
        .await
}

fn from(query: Query, list: &ListQuery) -> Query {
    if let Some(matching) = &list.filters.matching {
        let query = query.when(Some(matching.value.clone()), matching.from);
        let and = matching.and.iter().cloned();
        return and.fold(query, |query, (text, value)| query.when(Some(value), text));
    }
    match list.scope {
        Scope::Followed(actor_id) => query.when(
            Some(actor_id),
            " FROM (SELECT f.actor_id FROM follow f
                    WHERE f.follower_actor_id = ? AND f.state = 'accepted') followed
              JOIN channel fc ON fc.actor_id = followed.actor_id
              JOIN video v ON v.channel_id = fc.id WHERE TRUE",
        ),
        // The plus keeps the databases from looking into each channel: they walk by the order.
        Scope::FollowedMany(actor_id) => query.when(
            Some(actor_id),
            " FROM video v WHERE +v.channel_id IN (
                  SELECT fc.id FROM follow f JOIN channel fc ON fc.actor_id = f.actor_id
                  WHERE f.follower_actor_id = ? AND f.state = 'accepted')",
        ),
        Scope::Watched(user_id) => query.when(
            Some(user_id),
            " FROM watch_history wh JOIN video v ON v.id = wh.video_id WHERE wh.user_id = ?",
        ),
        _ => query.push(" FROM video v WHERE TRUE"),
    }
}

fn matching(query: Query, list: &ListQuery, viewer: &Viewer) -> Query {
    let filters = &list.filters;
    let query = match list.scope {
        Scope::Account(id) => query.when(Some(id), " AND v.account_id = ?"),
        Scope::Channel(id) => query.when(Some(id), " AND v.channel_id = ?"),
        Scope::Mine(id) => query
            .when(Some(id), " AND (v.account_id = ?")
            .when(
                Some(id).filter(|_| filters.edited_too),
                " OR v.channel_id IN (SELECT k.channel_id FROM channel_collaborator k
                                      WHERE k.account_id = ? AND k.state = 'accepted')",
            )
            .push(")"),
        Scope::All | Scope::Followed(_) | Scope::FollowedMany(_) | Scope::Watched(_) => query,
    };
    let query = if matches!(list.scope, Scope::Mine(_)) {
        let query = one_of(query, " AND v.privacy IN (", &filters.privacies);
        of_channels(query, &filters.channel_names)
    } else {
        listed(query, list, viewer)
    };
    let query = attributes(query, filters);
    let query = texts(query, filters);
    let watched = viewer
        .user()
        .filter(|_| filters.exclude_watched)
        .map(|user| user.id);
    query.when(
        watched,
        " AND NOT EXISTS (SELECT 1 FROM watch_history h WHERE h.video_id = v.id AND h.user_id = ?)",
    )
}

/// Only what stands in lists for this viewer, or more for one who may see more.
fn listed(query: Query, list: &ListQuery, viewer: &Viewer) -> Query {
    let filters = &list.filters;
    let query = if filters.looks_behind() {
        let usual = if viewer.user().is_some() {
            vec![1, 4]
        } else {
            vec![1]
        };
        let privacies = if filters.privacies.is_empty() {
            usual
        } else {
            filters.privacies.clone()
        };
        query
            .within(" AND v.privacy IN (", privacies)
            .push_if(
                !filters.includes(1) && filters.states.is_empty(),
                " AND (v.state = 1 OR (v.state = 2 AND NOT v.wait_transcoding AND NOT v.is_live))",
            )
            .push_if(!filters.includes(2), " AND NOT v.blocked")
    } else if viewer.user().is_some() {
        query.push(" AND v.listed > 0")
    } else {
        query.push(" AND v.listed > 0 AND v.listed <= 1")
    };
    if filters.includes(4) {
        query
    } else {
        unmuted(query, "v.account_id", viewer)
    }
}

/// Whether neither the site nor the account `?` has muted anybody.
const NOTHING_MUTED: &str = "(SELECT NOT EXISTS (SELECT 1 FROM mute_account m
                                    WHERE coalesce(m.by_account_id, 0) IN (0, ?))
                    AND NOT EXISTS (SELECT 1 FROM mute_server s
                                    WHERE coalesce(s.by_account_id, 0) IN (0, ?)))";

/// Without the accounts that the site or the viewer has muted, and those of muted servers. Whether
/// anything is muted is asked once: where nothing is, no row is compared with anything.
fn unmuted(query: Query, account: &'static str, viewer: &Viewer) -> Query {
    let me = viewer.user().map_or(0, |user| user.account_id.0);
    query
        .push(" AND (")
        .when(Some(me), NOTHING_MUTED)
        .push(" OR (")
        .push(account)
        .when(
            Some(me),
            " NOT IN (SELECT m.account_id FROM mute_account m
                      WHERE coalesce(m.by_account_id, 0) IN (0, ?)) AND ",
        )
        .push(account)
        .when(
            Some(me),
            " NOT IN (SELECT ma.id FROM mute_server s CROSS JOIN actor mx CROSS JOIN account ma
                      WHERE mx.host = s.host AND ma.actor_id = mx.id AND mx.host <> ''
                        AND coalesce(s.by_account_id, 0) IN (0, ?))))",
        )
}

fn of_channels(query: Query, names: &[String]) -> Query {
    if names.is_empty() {
        return query;
    }
    query
        .within(
            " AND v.channel_id IN (SELECT c.id FROM channel c JOIN actor x ON x.id = c.actor_id
                                   WHERE x.host = '' AND x.name IN (",
            names.iter().cloned(),
        )
        .push(")")
}

/// The plus keeps the databases from using the index of the kind: they walk by the order.
fn kinds(query: Query, filters: &Filters) -> Query {
    let (categories, licences) = if filters.is_common {
        (" AND +v.category IN (", " AND +v.licence IN (")
    } else {
        (" AND v.category IN (", " AND v.licence IN (")
    };
    let query = one_of(query, categories, &filters.categories);
    one_of(query, licences, &filters.licences)
}

fn attributes(query: Query, filters: &Filters) -> Query {
    let with_hls = filters.has_hls;
    let with_web = filters.has_web;
    let query = kinds(query, filters);
    let query = one_of(query, " AND v.state IN (", &filters.states);
    query
        .push_if(filters.nsfw == Some(true), " AND v.nsfw")
        .push_if(filters.nsfw == Some(false), " AND NOT v.nsfw")
        .when(filters.nsfw_flags_included, " AND (v.nsfw_flags & ?) <> 0")
        .when(filters.nsfw_flags_excluded, " AND (v.nsfw_flags & ?) = 0")
        .push_if(filters.is_live == Some(true), " AND v.is_live")
        .push_if(filters.is_live == Some(false), " AND NOT v.is_live")
        .push_if(filters.is_local == Some(true), " AND v.is_local")
        .push_if(filters.is_local == Some(false), " AND NOT v.is_local")
        .push_if(
            with_hls == Some(true),
            " AND EXISTS (SELECT 1 FROM video_file f WHERE f.video_id = v.id AND f.kind = 'hls')",
        )
        .push_if(
            with_hls == Some(false),
            " AND NOT EXISTS (SELECT 1 FROM video_file f WHERE f.video_id = v.id AND f.kind = 'hls')",
        )
        .push_if(
            with_web == Some(true),
            " AND EXISTS (SELECT 1 FROM video_file f WHERE f.video_id = v.id AND f.kind = 'web')",
        )
        .push_if(
            with_web == Some(false),
            " AND NOT EXISTS (SELECT 1 FROM video_file f WHERE f.video_id = v.id AND f.kind = 'web')",
        )
        .when(filters.duration_min, " AND v.duration_s >= ?")
        .when(filters.duration_max, " AND v.duration_s <= ?")
        .when(filters.published_after, " AND v.published_at >= ?")
        .when(filters.published_before, " AND v.published_at <= ?")
        .when(filters.originally_after, " AND v.originally_published_at >= ?")
        .when(filters.originally_before, " AND v.originally_published_at <= ?")
        .when(
            filters.channel_id,
            " AND v.channel_id = ?",
        )
}

fn texts(query: Query, filters: &Filters) -> Query {
    let mut query = query;
    if !filters.languages.is_empty() {
        let known = filters.languages.iter().filter(|code| *code != "_unknown");
        query = query
            .within(" AND (v.language IN (", known.clone())
            .within(
                " OR EXISTS (SELECT 1 FROM caption k WHERE k.video_id = v.id AND k.language IN (",
                known,
            )
            .push(")")
            .push_if(
                filters.languages.iter().any(|code| code == "_unknown"),
                " OR v.language IS NULL",
            )
            .push(")");
    }
    if !filters.tags_one.is_empty() {
        query = query
            .within(
                " AND v.id IN (SELECT t.video_id FROM video_tag t WHERE t.tag IN (",
                filters.tags_one.iter().map(|tag| tag.to_lowercase()),
            )
            .push(")");
    }
    for tag in &filters.tags_all {
        query = query.when(
            Some(tag.to_lowercase()),
            " AND v.id IN (SELECT t.video_id FROM video_tag t WHERE t.tag = ?)",
        );
    }
    if !filters.tags_auto.is_empty() {
        query = query
            .within(
                " AND v.id IN (SELECT g.video_id FROM video_auto_tag g WHERE g.tag IN (",
                filters.tags_auto.iter().cloned(),
            )
            .push(")");
    }
    if !filters.uuids.is_empty() {
        query = query.within(" AND v.uuid IN (", filters.uuids.iter().copied());
    }
    let pattern = filters
        .search
        .as_deref()
        .map(|text| format!("%{}%", crate::fold::fold(text)));
    query.when(pattern, " AND v.folded LIKE ?").when(
        filters.host.clone(),
        " AND EXISTS (SELECT 1 FROM account ha JOIN actor hx ON hx.id = ha.actor_id
                      WHERE ha.id = v.account_id AND hx.host = ?)",
    )
}

fn one_of(query: Query, before: &'static str, numbers: &[i64]) -> Query {
    if numbers.is_empty() {
        query
    } else {
        query.within(before, numbers.iter().copied())
    }
}

fn order(query: Query, sort: Sort, viewer: &Viewer) -> Query {
    if sort.column == "watched"
        && let Some(user) = viewer.user()
    {
        return query.when(
            Some(user.id),
            " ORDER BY (SELECT h.updated_at FROM watch_history h
                        WHERE h.video_id = v.id AND h.user_id = ?) DESC, v.id",
        );
    }
    if sort.column == "best"
        && let Some(user) = viewer.user()
    {
        return query.when(
            Some(user.id),
            " ORDER BY v.hot - CASE WHEN EXISTS (
                  SELECT 1 FROM watch_history h WHERE h.video_id = v.id AND h.user_id = ?)
              THEN 100.0 ELSE 0.0 END DESC, v.id",
        );
    }
    query.push(order_text(sort))
}

fn order_text(sort: Sort) -> &'static str {
    match (sort.column, sort.descending) {
        ("name", false) => " ORDER BY v.name_key, v.id",
        ("name", true) => " ORDER BY v.name_key DESC, v.id",
        ("duration", false) => " ORDER BY v.duration_s, v.id",
        ("duration", true) => " ORDER BY v.duration_s DESC, v.id",
        ("createdAt", false) => " ORDER BY v.created_at, v.id",
        ("createdAt", true) => " ORDER BY v.created_at DESC, v.id",
        ("originallyPublishedAt", false) => {
            " ORDER BY coalesce(v.originally_published_at, v.published_at), v.id"
        }
        ("originallyPublishedAt", true) => {
            " ORDER BY coalesce(v.originally_published_at, v.published_at) DESC, v.id"
        }
        ("views", false) => " ORDER BY v.views, v.id",
        ("views", true) => " ORDER BY v.views DESC, v.id",
        ("likes", false) => " ORDER BY v.likes, v.id",
        ("likes", true) => " ORDER BY v.likes DESC, v.id",
        ("comments", false) => " ORDER BY v.comment_count, v.id",
        ("comments", true) => " ORDER BY v.comment_count DESC, v.id",
        ("trending", false) => " ORDER BY v.trending, v.views, v.id",
        ("trending", true) => " ORDER BY v.trending DESC, v.views DESC, v.id",
        ("hot" | "best", false) => " ORDER BY v.hot, v.id",
        ("hot" | "best", true) => " ORDER BY v.hot DESC, v.id",
        ("localVideoFilesSize", false) => " ORDER BY v.size_bytes, v.id",
        ("localVideoFilesSize", true) => " ORDER BY v.size_bytes DESC, v.id",
        (_, false) => " ORDER BY v.published_at, v.id",
        (_, true) => " ORDER BY v.published_at DESC, v.id",
    }
}

/// A file of a video, as lists and details show it.
#[derive(Clone, Debug, Deserialize)]
pub struct FileRow {
    pub id: i64,
    pub video_id: i64,
    pub kind: String,
    pub filename: String,
    pub playlist_filename: Option<String>,
    pub resolution: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub fps: i64,
    pub size_bytes: i64,
    pub has_audio: bool,
    pub has_video: bool,
    pub url: Option<String>,
    /// May it be saved, and so be passed on?
    pub download_enabled: bool,
    /// Of its torrent, once there is one.
    pub info_hash: Option<String>,
}

/// The files of these videos that are complete, the largest first.
pub async fn files(on: impl Executor, ids: &[VideoId]) -> Result<Vec<FileRow>> {
    Query::new(
        "SELECT id, video_id, kind, filename, playlist_filename, resolution, width, height, fps,
                size_bytes, has_audio, has_video, url,
                (SELECT v.download_enabled FROM video v WHERE v.id = video_id) AS download_enabled,
                (SELECT t.info_hash FROM torrent t WHERE t.file_id = video_file.id
                    AND t.size_bytes = video_file.size_bytes) AS info_hash
         FROM video_file WHERE complete",
    )
    .within(" AND video_id IN (", ids.iter().copied())
    .push(" ORDER BY video_id, resolution DESC, id")
    .all(on)
    .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct PlaylistRow {
    pub id: i64,
    pub video_id: i64,
    pub master_filename: String,
    pub sha256_filename: Option<String>,
    pub url: Option<String>,
    pub sha256_url: Option<String>,
    /// Where copies of it are to be had now, here and at other servers: addresses, with a space
    /// between them.
    pub mirrors: Option<String>,
}

pub async fn playlists(
    on: impl Executor,
    ids: &[VideoId],
    now: Millis,
) -> Result<Vec<PlaylistRow>> {
    Query::new(
        "SELECT p.id, p.video_id, p.master_filename, p.sha256_filename, p.url, p.sha256_url,
                (SELECT string_agg(m.base_url, ' ' ORDER BY m.id) FROM mirror m",
    )
    .when(
        Some(now),
        " WHERE m.video_id = p.video_id AND m.complete
                   AND (m.expires_at IS NULL OR m.expires_at > ?)) AS mirrors
         FROM streaming_playlist p",
    )
    .within(" WHERE p.video_id IN (", ids.iter().copied())
    .all(on)
    .await
}

/// Marks a video as watched up to here, for the list of what was watched.
pub async fn watched(
    on: impl Executor,
    user_id: i64,
    id: VideoId,
    at_s: i64,
    now: Millis,
) -> Result<u64> {
    sql!(
        "INSERT INTO watch_history (user_id, video_id, position_s, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $4)
         ON CONFLICT (user_id, video_id)
         DO UPDATE SET position_s = excluded.position_s, updated_at = excluded.updated_at"
    )
    .bind(user_id)
    .bind(id)
    .bind(at_s)
    .bind(now)
    .execute(on)
    .await
}
