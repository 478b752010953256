//! The SQL that finds playlists by words.

use super::super::{PlaylistSearch, Words};
use super::{expression, tsquery};
use crate::app::App;
use crate::playlist::PlaylistId;
use base::clock::Millis;
use base::db::{Dialect, Query, Result};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct FoundPlaylist {
    pub id: PlaylistId,
    pub display_name: String,
    pub created_at: Millis,
}

/// Public playlists that hold something, the newest first.
pub async fn playlists(
    app: &App,
    words: Option<&Words>,
    wanted: &PlaylistSearch,
    limit: i64,
) -> Result<Vec<FoundPlaylist>> {
    let query = Query::new("SELECT p.id, p.display_name, p.created_at");
    let query = match (words, app.db.dialect()) {
        (None, _) => query.push(" FROM playlist p WHERE TRUE"),
        (Some(words), Dialect::Sqlite) => query.when(
            Some(expression(words)),
            " FROM playlist_search JOIN playlist p ON p.id = playlist_search.rowid
              WHERE playlist_search MATCH ?",
        ),
        (Some(words), Dialect::Postgres) => query.when(
            Some(tsquery(words)),
            " FROM playlist p WHERE p.search @@ to_tsquery('simple', ?)",
        ),
    };
    let query = query
        .push(" AND p.privacy = 1 AND p.kind = 1 AND p.element_count > 0")
        .when(
            wanted.host.clone(),
            " AND EXISTS (SELECT 1 FROM account ha JOIN actor hx ON hx.id = ha.actor_id
                          WHERE ha.id = p.account_id AND hx.host = ?)",
        );
    let query = if wanted.uuids.is_empty() {
        query
    } else {
        query.within(" AND p.uuid IN (", wanted.uuids.iter().copied())
    };
    query
        .push(" ORDER BY p.id DESC")
        .page(0, limit)
        .slow()
        .all(&app.db)
        .await
}
