//! How comments look in the REST API.

use super::spam::Verdict;
use super::store::overview::Row;
use super::words::{List, Subscription};
use super::{Branch, Comment, CommentId, Shown};
use crate::account::{AccountId, view};
use crate::app::App;
use crate::check::iso;
use crate::error::Result;
use crate::video::short_uuid;
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Accounts as the API shows them, read once for all comments of an answer.
pub struct Authors(HashMap<AccountId, Value>);

impl Authors {
    pub async fn of<'a>(app: &App, comments: impl Iterator<Item = &'a Comment>) -> Result<Self> {
        let ids = comments.filter_map(|comment| comment.account_id).collect();
        Self::by_id(app, ids).await
    }

    async fn by_id(app: &App, mut ids: Vec<AccountId>) -> Result<Self> {
        ids.sort_unstable();
        ids.dedup();
        Ok(Authors(view::accounts_by_id(app, &ids).await?))
    }

    fn get(&self, id: Option<AccountId>) -> Value {
        id.and_then(|id| self.0.get(&id).cloned())
            .unwrap_or(Value::Null)
    }
}

/// The address of a comment, ours or another server's.
pub fn url(app: &App, url: Option<&str>, video: Uuid, id: CommentId) -> String {
    let own = || app.url(&format!("/videos/watch/{video}/comments/{id}"));
    url.map_or_else(own, str::to_owned)
}

pub fn comment(app: &App, shown: &Shown, authors: &Authors) -> Value {
    let Shown {
        comment,
        replies,
        replies_of_owner,
    } = shown;
    json!({
        "id": comment.id,
        "url": url(app, comment.url.as_deref(), comment.video_uuid, comment.id),
        "text": comment.text,
        "threadId": comment.thread(),
        "inReplyToCommentId": comment.parent_id,
        "videoId": comment.video_id,
        "createdAt": iso(comment.created_at),
        "updatedAt": iso(comment.updated_at),
        "deletedAt": comment.deleted_at.map(iso),
        "isDeleted": comment.is_deleted(),
        "heldForReview": comment.held,
        "totalReplies": replies,
        "totalRepliesFromVideoAuthor": replies_of_owner,
        "account": authors.get(comment.account_id),
    })
}

/// One comment that nobody has answered yet.
pub async fn fresh(app: &App, comment: Comment) -> Result<Value> {
    let authors = Authors::of(app, std::iter::once(&comment)).await?;
    let shown = Shown {
        comment,
        replies: 0,
        replies_of_owner: 0,
    };
    Ok(self::comment(app, &shown, &authors))
}

pub async fn threads(app: &App, list: &[Shown]) -> Result<Vec<Value>> {
    let authors = Authors::of(app, list.iter().map(|shown| &shown.comment)).await?;
    Ok(list
        .iter()
        .map(|shown| comment(app, shown, &authors))
        .collect())
}

pub async fn trees(app: &App, branches: &[Branch]) -> Result<Vec<Value>> {
    let mut all = Vec::new();
    branches
        .iter()
        .for_each(|branch| comments_of(branch, &mut all));
    let authors = Authors::of(app, all.into_iter()).await?;
    Ok(branches
        .iter()
        .map(|branch| tree(app, branch, &authors))
        .collect())
}

fn comments_of<'a>(branch: &'a Branch, all: &mut Vec<&'a Comment>) {
    all.push(&branch.shown.comment);
    branch
        .children
        .iter()
        .for_each(|child| comments_of(child, all));
}

fn tree(app: &App, branch: &Branch, authors: &Authors) -> Value {
    let children: Vec<Value> = branch
        .children
        .iter()
        .map(|child| tree(app, child, authors))
        .collect();
    json!({
        "comment": comment(app, &branch.shown, authors),
        "children": children,
        "totalChildren": branch.total_children,
    })
}

/// Comments as moderators and owners of videos list them, with the tags of their lists.
pub async fn overview(
    app: &App,
    rows: &[Row],
    tags: &HashMap<CommentId, Vec<String>>,
    verdicts: &HashMap<CommentId, Verdict>,
) -> Result<Vec<Value>> {
    let authors = Authors::by_id(app, rows.iter().map(|row| row.account_id).collect()).await?;
    let data = rows.iter().map(|row| {
        let verdict = verdicts.get(&row.id);
        json!({
            "id": row.id,
            "url": url(app, row.url.as_deref(), row.video_uuid, row.id),
            "text": row.text,
            "heldForReview": row.held,
            "threadId": row.thread_id.unwrap_or(row.id),
            "inReplyToCommentId": row.parent_id,
            "createdAt": iso(row.created_at),
            "updatedAt": iso(row.updated_at),
            "account": authors.get(Some(row.account_id)),
            "video": {
                "id": row.video_id,
                "uuid": row.video_uuid,
                "shortUUID": short_uuid::shorten(row.video_uuid),
                "name": row.video_name,
                "state": { "id": row.video_state.number(), "label": row.video_state.label() },
            },
            "spamScore": verdict.map(|it| it.percent),
            "spamReasons": verdict.map(|it| it.reasons.as_slice()).unwrap_or_default(),
            "automaticTags": tags.get(&row.id).map(Vec::as_slice).unwrap_or_default(),
        })
    });
    Ok(data.collect())
}

pub fn list(list: &List) -> Value {
    json!({
        "id": list.id,
        "listName": list.name,
        "words": list.words,
        "subscriptionUrl": list.subscription_url,
        "createdAt": iso(list.created_at),
        "updatedAt": iso(list.updated_at),
    })
}

pub fn subscription(subscription: &Subscription) -> Value {
    let label = match subscription.state {
        1 => "Pending",
        2 => "Processing",
        3 => "Synced",
        _ => "Failed",
    };
    json!({
        "id": subscription.id,
        "name": subscription.name,
        "url": subscription.url,
        "importedWordsCount": subscription.word_count,
        "lastSyncAt": subscription.last_sync_at.map(iso),
        "state": { "id": subscription.state, "label": label },
        "createdAt": iso(subscription.created_at),
        "updatedAt": iso(subscription.updated_at),
    })
}
