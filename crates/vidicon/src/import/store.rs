//! The SQL of imports and of channels that are kept in step.

use super::sync::{Sync, SyncId, SyncState};
use super::{Filter, Import, ImportId, NewTorrent, State};
use crate::account::{AccountId, UserId};
use crate::channel::ChannelId;
use crate::listing::{Paging, Sort};
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;

const IMPORT: &str =
    "SELECT i.id, i.user_id, i.video_id, i.sync_id, i.target_url, i.given, i.state,
    i.error, i.created_at, i.updated_at, i.received_bytes, i.expected_bytes, t.magnet_uri,
    t.name AS torrent_name
    FROM video_import i LEFT JOIN import_torrent t ON t.import_id = i.id WHERE TRUE";

pub async fn add(
    on: impl Executor,
    (user_id, sync_id): (UserId, Option<SyncId>),
    video_id: VideoId,
    target_url: &str,
    given: &[String],
    now: Millis,
) -> Result<ImportId> {
    let (id,) = sql!(
        "INSERT INTO video_import (user_id, video_id, sync_id, target_url, given, created_at,
                                   updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $6) RETURNING id"
    )
    .bind(user_id)
    .bind(video_id)
    .bind(sync_id)
    .bind(target_url)
    .bind(serde_json::json!(given))
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

pub async fn add_torrent(on: impl Executor, id: ImportId, new: &NewTorrent<'_>) -> Result<u64> {
    sql!("INSERT INTO import_torrent (import_id, magnet_uri, name, file) VALUES ($1, $2, $3, $4)")
        .bind(id)
        .bind(new.magnet_uri.map(str::to_owned))
        .bind(new.name.map(str::to_owned))
        .bind(new.file.map(<[u8]>::to_vec))
        .execute(on)
        .await
}

/// The torrent's file, where one was given.
pub async fn torrent_file(on: impl Executor, id: ImportId) -> Result<Option<Vec<u8>>> {
    let found: Option<(Option<Vec<u8>>,)> =
        sql!("SELECT file FROM import_torrent WHERE import_id = $1")
            .bind(id)
            .optional(on)
            .await?;
    Ok(found.and_then(|(file,)| file))
}

pub async fn find(on: impl Executor, id: ImportId) -> Result<Option<Import>> {
    Query::new(IMPORT)
        .when(Some(id), " AND i.id = ?")
        .optional(on)
        .await
}

fn matching(query: Query, user: UserId, filter: &Filter) -> Query {
    let query = query
        .when(Some(user), " AND i.user_id = ?")
        .when(filter.sync_id, " AND i.sync_id = ?")
        .when(filter.target_url.clone(), " AND i.target_url = ?")
        .when(
            filter.search.clone(),
            r" AND (lower(i.target_url) LIKE ? ESCAPE '\' OR EXISTS (
                SELECT 1 FROM video v WHERE v.id = i.video_id AND lower(v.name) LIKE ? ESCAPE '\'))",
        );
    if filter.ids.is_empty() {
        query
    } else {
        query.within(" AND i.id IN (", filter.ids.iter().copied())
    }
}

pub async fn list(
    on: impl Executor,
    user: UserId,
    filter: &Filter,
    paging: Paging,
    oldest_first: bool,
) -> Result<Vec<Import>> {
    matching(Query::new(IMPORT), user, filter)
        .push(if oldest_first {
            " ORDER BY i.created_at, i.id"
        } else {
            " ORDER BY i.created_at DESC, i.id DESC"
        })
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count(on: impl Executor, user: UserId, filter: &Filter) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM video_import i WHERE TRUE");
    let (count,) = matching(query, user, filter).one(on).await?;
    Ok(count)
}

/// False when it is in none of the states that it may leave.
pub async fn set_state(
    on: impl Executor,
    id: ImportId,
    from: &[State],
    to: State,
    now: Millis,
) -> Result<bool> {
    let changed = Query::new("UPDATE video_import SET error = NULL")
        .when(Some(to.number()), ", state = ?")
        .when(Some(now), ", updated_at = ?")
        .when(Some(id), " WHERE id = ?")
        .within(" AND state IN (", from.iter().map(|state| state.number()))
        .execute(on)
        .await?;
    Ok(changed > 0)
}

pub async fn end(
    on: impl Executor,
    id: ImportId,
    failed: Option<&str>,
    now: Millis,
) -> Result<u64> {
    let state = if failed.is_some() {
        State::Failed
    } else {
        State::Success
    };
    sql!("UPDATE video_import SET state = $2, error = $3, updated_at = $4 WHERE id = $1")
        .bind(id)
        .bind(state.number())
        .bind(failed)
        .bind(now)
        .execute(on)
        .await
}

pub async fn note_received(
    on: impl Executor,
    id: ImportId,
    received: i64,
    expected: Option<i64>,
) -> Result<u64> {
    sql!("UPDATE video_import SET received_bytes = $2, expected_bytes = $3 WHERE id = $1")
        .bind(id)
        .bind(received)
        .bind(expected)
        .execute(on)
        .await
}

pub async fn delete(on: impl Executor, id: ImportId) -> Result<u64> {
    sql!("DELETE FROM video_import WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn note_url(on: impl Executor, channel: ChannelId, url: &str) -> Result<u64> {
    sql!("INSERT INTO imported_url (channel_id, url) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(channel)
        .bind(url)
        .execute(on)
        .await
}

/// Those of the addresses that were brought into the channel before.
pub async fn known_urls(
    on: impl Executor,
    channel: ChannelId,
    urls: &[String],
) -> Result<Vec<String>> {
    let rows: Vec<(String,)> = Query::new("SELECT url FROM imported_url WHERE TRUE")
        .when(Some(channel), " AND channel_id = ?")
        .within(" AND url IN (", urls.iter().cloned())
        .all(on)
        .await?;
    Ok(rows.into_iter().map(|(url,)| url).collect())
}

const SYNC: &str =
    "SELECT s.id, s.channel_id, s.external_url, s.state, s.last_sync_at, s.created_at
    FROM channel_sync s JOIN channel c ON c.id = s.channel_id WHERE TRUE";

/// Nothing when the channel is kept in step with this address already.
pub async fn add_sync(
    on: impl Executor,
    channel: ChannelId,
    url: &str,
    now: Millis,
) -> Result<Option<SyncId>> {
    let added: Option<(SyncId,)> = sql!(
        "INSERT INTO channel_sync (channel_id, external_url, created_at) VALUES ($1, $2, $3)
         ON CONFLICT DO NOTHING RETURNING id"
    )
    .bind(channel)
    .bind(url)
    .bind(now)
    .optional(on)
    .await?;
    Ok(added.map(|(id,)| id))
}

pub async fn sync(on: impl Executor, id: SyncId) -> Result<Option<Sync>> {
    Query::new(SYNC)
        .when(Some(id), " AND s.id = ?")
        .optional(on)
        .await
}

fn of_account(query: Query, account: AccountId, with_collaborations: bool) -> Query {
    if with_collaborations {
        return query.when(
            Some(account),
            " AND (c.account_id = ? OR EXISTS (
                SELECT 1 FROM channel_collaborator k WHERE k.channel_id = c.id
                  AND k.account_id = ? AND k.state = 'accepted'))",
        );
    }
    query.when(Some(account), " AND c.account_id = ?")
}

pub async fn syncs(
    on: impl Executor,
    account: AccountId,
    with_collaborations: bool,
    sort: Sort,
    paging: Paging,
) -> Result<Vec<Sync>> {
    let order = match (sort.column, sort.descending) {
        ("externalChannelUrl", false) => " ORDER BY s.external_url, s.id",
        ("externalChannelUrl", true) => " ORDER BY s.external_url DESC, s.id DESC",
        ("videoChannel", false) => " ORDER BY c.display_name, s.id",
        ("videoChannel", true) => " ORDER BY c.display_name DESC, s.id DESC",
        ("lastSyncAt", false) => " ORDER BY coalesce(s.last_sync_at, 0), s.id",
        ("lastSyncAt", true) => " ORDER BY coalesce(s.last_sync_at, 0) DESC, s.id DESC",
        ("state", false) => " ORDER BY s.state, s.id",
        ("state", true) => " ORDER BY s.state DESC, s.id DESC",
        (_, false) => " ORDER BY s.created_at, s.id",
        (_, true) => " ORDER BY s.created_at DESC, s.id DESC",
    };
    of_account(Query::new(SYNC), account, with_collaborations)
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn sync_count(
    on: impl Executor,
    account: AccountId,
    with_collaborations: bool,
) -> Result<i64> {
    let query = Query::new(
        "SELECT count(*) FROM channel_sync s JOIN channel c ON c.id = s.channel_id WHERE TRUE",
    );
    let query = of_account(query, account, with_collaborations);
    let (count,) = query.one(on).await?;
    Ok(count)
}

pub async fn set_sync_state(
    on: impl Executor,
    id: SyncId,
    state: SyncState,
    synced_at: Option<Millis>,
) -> Result<u64> {
    sql!(
        "UPDATE channel_sync SET state = $2, last_sync_at = coalesce($3, last_sync_at)
         WHERE id = $1"
    )
    .bind(id)
    .bind(state.number())
    .bind(synced_at)
    .execute(on)
    .await
}

/// Channels that have not been looked at since then.
pub async fn due_syncs(on: impl Executor, before: Millis) -> Result<Vec<Sync>> {
    Query::new(SYNC)
        .when(Some(before), " AND coalesce(s.last_sync_at, 0) < ?")
        .push(" ORDER BY coalesce(s.last_sync_at, 0), s.id LIMIT 1000")
        .all(on)
        .await
}

pub async fn delete_sync(on: impl Executor, id: SyncId) -> Result<u64> {
    sql!("DELETE FROM channel_sync WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub async fn syncs_by_ids(on: impl Executor, ids: &[SyncId]) -> Result<Vec<Sync>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    Query::new(SYNC)
        .within(" AND s.id IN (", ids.iter().copied())
        .all(on)
        .await
}
