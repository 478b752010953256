//! How reports look in the REST API.

use super::super::abuse::{Abuse, Message, Subject};
use crate::account::{AccountId, view as account_view};
use crate::app::App;
use crate::channel::{self, ChannelId, view as channel_view};
use crate::check::iso;
use crate::error::Result;
use crate::video::short_uuid;
use crate::video::view::Thumbnails;
use crate::wire::Site;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use uuid::Uuid;

/// Who reads: reporters see neither each other nor what moderators note.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum For {
    Moderators,
    Reporter,
}

pub async fn reports(app: &App, found: &[Abuse], reader: For) -> Result<Vec<Value>> {
    let mut ids: Vec<AccountId> = found
        .iter()
        .flat_map(|abuse| [abuse.reporter_account_id, abuse.flagged_account_id])
        .flatten()
        .collect();
    ids.sort_unstable();
    ids.dedup();
    let accounts = account_view::accounts_by_id(app, &ids).await?;
    let channels = channels(app, found).await?;
    let account = |id: Option<AccountId>| {
        id.and_then(|id| accounts.get(&id).cloned())
            .unwrap_or(Value::Null)
    };
    let one = |abuse: &Abuse| {
        let mut view = common(abuse);
        view.insert("flaggedAccount".into(), account(abuse.flagged_account_id));
        let (video, comment) = match abuse.subject {
            Subject::Video => (video(app, abuse, &channels), Value::Null),
            Subject::Comment => (Value::Null, comment(abuse)),
            Subject::Account => (Value::Null, Value::Null),
        };
        view.insert("video".into(), video);
        view.insert("comment".into(), comment);
        if reader == For::Moderators {
            let reporter = account(abuse.reporter_account_id);
            view.insert("reporterAccount".into(), reporter);
            let comment = abuse.moderation_comment.clone();
            view.insert("moderationComment".into(), comment.into());
            view.insert("countReportsForReporter".into(), abuse.by_reporter.into());
            let against = abuse.against_flagged;
            view.insert("countReportsForReportee".into(), against.into());
        }
        Value::Object(view)
    };
    Ok(found.iter().map(one).collect())
}

fn common(abuse: &Abuse) -> Map<String, Value> {
    let label = match abuse.state {
        2 => "Rejected",
        3 => "Accepted",
        _ => "Pending",
    };
    let view = json!({
        "id": abuse.id,
        "reason": abuse.reason,
        "predefinedReasons": abuse.reasons(),
        "state": { "id": abuse.state, "label": label },
        "countMessages": abuse.message_count,
        "createdAt": iso(abuse.created_at),
        "updatedAt": iso(abuse.updated_at),
    });
    match view {
        Value::Object(view) => view,
        _ => Map::new(),
    }
}

/// The channels of reported videos, whole, by id.
async fn channels(app: &App, found: &[Abuse]) -> Result<HashMap<i64, Value>> {
    let mut ids: Vec<ChannelId> = found
        .iter()
        .filter_map(|abuse| abuse.video_channel_id.map(ChannelId::new))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let site = Site::of(app);
    let rows = channel::by_ids(&app.db, &ids).await?;
    let pairs = rows.iter().map(|row| {
        let view = serde_json::to_value(channel_view::channel(site, row));
        (row.id.0, view.unwrap_or_default())
    });
    Ok(pairs.collect())
}

fn video(app: &App, abuse: &Abuse, channels: &HashMap<i64, Value>) -> Value {
    let kept = |name: &str| abuse.snapshot.get(name).cloned().unwrap_or_default();
    let uuid = abuse.video_uuid.or_else(|| uuid_in(&kept("uuid")));
    let name = abuse.video_name.clone();
    let channel = abuse.video_channel_id.and_then(|id| channels.get(&id));
    let thumbnail = abuse.video_thumbnail.as_deref();
    json!({
        "id": abuse.video_id.map_or_else(|| kept("id"), Value::from),
        "name": name.map_or_else(|| kept("name"), Value::from),
        "nsfw": abuse.video_nsfw.map_or_else(|| kept("nsfw"), Value::from),
        "uuid": uuid,
        "shortUUID": uuid.map(short_uuid::shorten),
        "deleted": abuse.video_id.is_none(),
        "blacklisted": abuse.video_blocked.unwrap_or(false),
        "startAt": abuse.start_s,
        "endAt": abuse.end_s,
        "thumbnailPath": thumbnail.map(|name| format!("/lazy-static/thumbnails/{name}")),
        "thumbnails": Thumbnails {
            site: Site::of(app),
            thumbnail,
            preview: abuse.video_preview.as_deref(),
        },
        "channel": channel.cloned().unwrap_or_else(|| kept("channel")),
        "countReports": abuse.reports_of_video.max(1),
        "nthReport": abuse.nth_of_video.max(1),
    })
}

fn comment(abuse: &Abuse) -> Value {
    let kept = |name: &str| abuse.snapshot.get(name).cloned().unwrap_or_default();
    let of_video = |name: &str| kept("video").get(name).cloned().unwrap_or_default();
    let deleted = abuse.comment_id.is_none() || abuse.comment_deleted_at.is_some();
    let text = match &abuse.comment_text {
        Some(text) if !deleted => text.clone().into(),
        _ => kept("text"),
    };
    let uuid = abuse
        .comment_video_uuid
        .or_else(|| uuid_in(&of_video("uuid")));
    let video_name = abuse.comment_video_name.clone();
    json!({
        "id": abuse.comment_id.map_or_else(|| kept("id"), Value::from),
        "threadId": abuse.comment_thread_id.map_or_else(|| kept("threadId"), Value::from),
        "text": text,
        "deleted": deleted,
        "video": {
            "id": abuse.comment_video_id.map_or_else(|| of_video("id"), Value::from),
            "name": video_name.map_or_else(|| of_video("name"), Value::from),
            "uuid": uuid,
            "shortUUID": uuid.map(short_uuid::shorten),
        },
    })
}

fn uuid_in(value: &Value) -> Option<Uuid> {
    Uuid::try_parse(value.as_str()?).ok()
}

pub async fn messages(app: &App, found: &[Message], authors: &[AccountId]) -> Result<Vec<Value>> {
    let mut authors = authors.to_vec();
    authors.sort_unstable();
    authors.dedup();
    let accounts = account_view::summaries_by_id(app, &authors).await?;
    let one = |message: &Message| {
        json!({
            "id": message.id,
            "account": message.account_id.and_then(|id| accounts.get(&id)),
            "byModerator": message.by_moderator,
            "message": message.message,
            "createdAt": iso(message.created_at),
        })
    };
    Ok(found.iter().map(one).collect())
}
