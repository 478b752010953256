//! The SQL of the lists that moderators and owners of videos work through.

use super::super::CommentId;
use super::unmuted;
use crate::account::AccountId;
use crate::channel::ChannelId;
use crate::listing::Paging;
use crate::video::{VideoId, VideoState};
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use serde::Deserialize;

/// Which comments, and which page of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Under the videos of this account; else of the whole site.
    pub owner: Option<AccountId>,
    /// Under the videos of channels that the owner helps with, too.
    pub with_collaborations: bool,
    /// As patterns for LIKE.
    pub text: Option<String>,
    pub author: Option<String>,
    pub video: Option<String>,
    pub video_id: Option<VideoId>,
    pub channel_id: Option<ChannelId>,
    pub held: Option<bool>,
    pub is_local: Option<bool>,
    pub on_local_video: Option<bool>,
    /// Whose tags are meant, and any of which.
    pub tags_of: i64,
    pub tags: Option<Vec<String>>,
    /// Whose mutes hide comments.
    pub muters: Vec<i64>,
    pub paging: Paging,
    pub ascending: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Row {
    pub id: CommentId,
    pub url: Option<String>,
    pub text: String,
    pub held: bool,
    pub thread_id: Option<CommentId>,
    pub parent_id: Option<CommentId>,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub account_id: AccountId,
    pub video_id: VideoId,
    pub video_uuid: uuid::Uuid,
    pub video_name: String,
    pub video_state: VideoState,
}

const FROM: &str = " FROM comment c JOIN video v ON v.id = c.video_id
    JOIN account a ON a.id = c.account_id JOIN actor n ON n.id = a.actor_id
    WHERE c.deleted_at IS NULL";

pub async fn page(on: impl Executor, filter: &Filter) -> Result<Vec<Row>> {
    let query = Query::new(
        "SELECT c.id, c.url, c.text, c.held, c.thread_id, c.parent_id, c.created_at, c.updated_at,
                c.account_id, c.video_id, v.uuid AS video_uuid, v.name AS video_name, v.state AS video_state",
    );
    let order = if filter.ascending {
        " ORDER BY c.created_at, c.id"
    } else {
        " ORDER BY c.created_at DESC, c.id DESC"
    };
    matching(query.push(FROM), filter)
        .push(order)
        .page(filter.paging.start, filter.paging.count)
        .slow()
        .all(on)
        .await
}

/// How many there are, up to `most`.
pub async fn count(on: impl Executor, filter: &Filter, most: i64) -> Result<i64> {
    let query = Query::new("SELECT count(*) FROM (SELECT 1 AS one").push(FROM);
    let (count,) = matching(query, filter)
        .page(0, most)
        .push(") AS counted")
        .slow()
        .one(on)
        .await?;
    Ok(count)
}

fn matching(query: Query, filter: &Filter) -> Query {
    let query = match filter.owner {
        Some(owner) if filter.with_collaborations => query.when(
            Some(owner),
            " AND (v.account_id = ? OR EXISTS (SELECT 1 FROM channel_collaborator k
                   WHERE k.channel_id = v.channel_id AND k.account_id = ?
                     AND k.state = 'accepted'))",
        ),
        owner => query.when(owner, " AND v.account_id = ?"),
    };
    let query = query
        .when(filter.text.clone(), r" AND lower(c.text) LIKE ? ESCAPE '\'")
        .when(
            filter.author.clone(),
            r" AND (lower(n.name) LIKE ? ESCAPE '\' OR lower(a.display_name) LIKE ? ESCAPE '\'
                    OR lower(n.name || '@' || n.host) LIKE ? ESCAPE '\')",
        )
        .when(
            filter.video.clone(),
            r" AND lower(v.name) LIKE ? ESCAPE '\'",
        )
        .when(filter.video_id, " AND c.video_id = ?")
        .when(filter.channel_id, " AND v.channel_id = ?")
        .when(filter.held, " AND c.held = ?")
        .push_if(filter.is_local == Some(true), " AND n.host = ''")
        .push_if(filter.is_local == Some(false), " AND n.host <> ''")
        .when(filter.on_local_video, " AND v.is_local = ?");
    let query = match &filter.tags {
        Some(tags) => query
            .when(
                Some(filter.tags_of),
                " AND EXISTS (SELECT 1 FROM comment_tag t
                              WHERE t.comment_id = c.id AND t.account_id = ?",
            )
            .within(" AND t.tag IN (", tags.iter().cloned())
            .push(")"),
        None => query,
    };
    unmuted(query, &filter.muters)
}
