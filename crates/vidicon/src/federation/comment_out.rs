//! Our comments as others see them, and what is sent when they come and go.

use super::store::{self, ActorRow, CommentRow, FederatedComment};
use super::{deliver, document, local, video_out};
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::{self, Video, VideoRef};
use axum::extract::{Path, State};
use axum::response::Response;
use base::job::{JobError, Running};
use fediverse::activity::{self, Kind};
use fediverse::address::{Audience, Id};
use fediverse::context::Context;
use fediverse::note::{Mention, Note, Tombstone};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    comment_id: i64,
    #[serde(default)]
    by_its_server: bool,
}

/// The id of a comment, ours or another's.
fn url(app: &App, comment: &CommentRow) -> String {
    let own = || format!("{}/comments/{}", video_url(app, comment), comment.id);
    comment.url.clone().unwrap_or_else(own)
}

fn video_url(app: &App, comment: &CommentRow) -> String {
    video_out::url(app, comment.video_uuid)
}

/// The comment of ours that an address names.
pub async fn own(app: &App, id: &Id) -> Result<Option<CommentRow>> {
    let start = app.url("/videos/watch/");
    let Some((uuid, number)) = id
        .as_str()
        .strip_prefix(&start)
        .and_then(|rest| rest.split_once("/comments/"))
    else {
        return Ok(None);
    };
    let Ok(number) = number.parse() else {
        return Ok(None);
    };
    let found = store::comment(&app.db, number).await?;
    Ok(found.filter(|comment| comment.video_uuid.to_string() == uuid && comment.url.is_none()))
}

struct Written {
    note: Note,
    author: ActorRow,
    /// Who wrote what this answers: a comment's author, or the owner of the video.
    answered: Option<ActorRow>,
}

async fn note(app: &App, comment: &CommentRow) -> Result<Option<Written>> {
    let Some(actor_id) = comment.actor_id else {
        return Ok(None);
    };
    let Some(author) = store::actor(&app.db, actor_id)
        .await?
        .filter(ActorRow::is_local)
    else {
        return Ok(None);
    };
    let author_url = local::actor_url(app, &author);
    let (in_reply_to, answered_id) = match comment.parent_id {
        Some(id) => match store::comment(&app.db, id).await? {
            Some(parent) => (url(app, &parent), parent.actor_id),
            None => return Ok(None),
        },
        None => (video_id(app, comment), Some(comment.video_account_actor_id)),
    };
    let answered = match answered_id {
        Some(id) => store::actor(&app.db, id).await?,
        None => None,
    };
    let owner = store::actor(&app.db, comment.video_account_actor_id).await?;
    let mut audience = Audience::public(None, Some(&format!("{author_url}/followers")));
    for actor in answered.iter().chain(&owner) {
        let actor_url = local::actor_url(app, actor);
        if actor_url != author_url && !audience.cc.contains(&actor_url) {
            audience.cc.push(actor_url);
        }
    }
    let mention = |actor: &ActorRow| {
        let host = if actor.is_local() {
            app.host()
        } else {
            actor.host.clone()
        };
        Mention {
            href: local::actor_url(app, actor),
            name: Some(format!("@{}@{host}", actor.name)),
        }
    };
    let id = url(app, comment);
    let note = Note {
        id: local::own_id(&id)?,
        kind: "Note".to_owned(),
        author: local::own_id(&author_url)?,
        content: crate::text::markdown_to_html(&comment.text),
        source: Some(comment.text.clone()),
        media_type: Some("text/html".to_owned()),
        title: None,
        in_reply_to: Some(local::own_id(&in_reply_to)?),
        published_ms: Some(comment.created_at),
        updated_ms: Some(comment.updated_at),
        url: Some(id),
        audience,
        group: None,
        mentions: answered
            .iter()
            .filter(|actor| actor.id != author.id)
            .map(mention)
            .collect(),
        hashtags: Vec::new(),
        sensitive: false,
        reply_approval: None,
    };
    Ok(Some(Written {
        note,
        author,
        answered,
    }))
}

/// The id of the video that a comment stands under.
fn video_id(app: &App, comment: &CommentRow) -> String {
    match &comment.video_url {
        Some(url) if !comment.video_is_local => url.clone(),
        _ => video_url(app, comment),
    }
}

/// A comment of ours, for programs; deleted ones leave a mark.
pub async fn show(
    State(app): State<App>,
    Path((name, number)): Path<(String, i64)>,
) -> Result<Response> {
    let nothing = || Error::not_found("There is no such comment here.");
    let video = document::federated(&app, &name).await?;
    let comment = store::comment(&app.db, number).await?;
    let comment = comment
        .filter(|comment| comment.video_id == video.id && !comment.held && comment.url.is_none());
    let comment = comment.ok_or_else(nothing)?;
    if comment.deleted_at.is_some() {
        let gone = Tombstone {
            id: local::own_id(&url(&app, &comment))?,
            former_kind: Some("Note".to_owned()),
            deleted_ms: comment.deleted_at,
        };
        return Ok(document::answer(&Context::Comment.on(gone.to_json())));
    }
    let written = note(&app, &comment).await?.ok_or_else(nothing)?;
    Ok(document::answer(
        &Context::Comment.on(written.note.to_json()),
    ))
}

/// Everything that may be seen under a video, as ids.
pub async fn urls(app: &App, video: &Video, start: i64, count: i64) -> Result<Vec<String>> {
    let rows = store::open_comments(&app.db, video.id, start, count).await?;
    Ok(rows.iter().map(|comment| url(app, comment)).collect())
}

/// Tells others of a comment of ours that can be seen by all.
pub async fn tell_added(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { comment_id, .. } = running.job.payload()?;
    let Some(comment) = store::comment(&app.db, comment_id).await? else {
        return Ok(());
    };
    if !app.config.federation.enabled
        || comment.held
        || comment.url.is_some()
        || comment.deleted_at.is_some()
    {
        return Ok(());
    }
    let video = video::find(app, VideoRef::Number(comment.video_id)).await?;
    if video.is_local && !video_out::is_federated(&video) {
        return Ok(());
    }
    let Some(written) = note(app, &comment).await? else {
        return Ok(());
    };
    let Written {
        note,
        author,
        answered,
    } = written;
    let id = format!("{}/activity", note.id);
    let create = activity::write(
        &Kind::Create,
        &id,
        note.author.as_str(),
        note.to_json(),
        &note.audience,
    );
    let create = deliver::prepare(app, &author, Context::Comment.on(create)).await?;
    let mut inboxes = inboxes(app, &video, &author).await?;
    inboxes.extend(answered.and_then(|actor| actor.shared_inbox_url.or(actor.inbox_url)));
    let told = FederatedComment {
        account_actor_id: author.id,
        video_id: video.id,
        url: note.id.as_str().to_owned(),
    };
    let mut tx = app.db.begin().await?;
    if store::note_federated_comment(&mut tx, comment.id, &told, app.clock.now()).await? {
        deliver::queue(&mut tx, app, &create, inboxes).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Who hears of a comment: the author's followers, and those who know the video or its server.
async fn inboxes(app: &App, video: &Video, author: &ActorRow) -> Result<Vec<String>> {
    if video.is_local {
        let server = local::server_actor(app).await?;
        let own = [
            author.id,
            video.account_actor_id,
            video.channel_actor_id,
            server.id,
        ];
        return video_out::involved_inboxes(app, Some(video.id), &own).await;
    }
    let mut inboxes = store::follower_inboxes(&app.db, &[author.id]).await?;
    let owner = store::actor(&app.db, video.account_actor_id).await?;
    inboxes.extend(owner.and_then(|owner| owner.shared_inbox_url.or(owner.inbox_url)));
    Ok(inboxes)
}

/// A comment of ours is gone, or somebody else's was taken away from under a video of ours.
pub async fn tell_deleted(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload {
        comment_id,
        by_its_server,
    } = running.job.payload()?;
    if by_its_server {
        return Ok(());
    }
    let told = store::federated_comment(&app.db, comment_id).await?;
    let (url, actor_id, video_id) = match told {
        Some(told) => (told.url, told.account_actor_id, told.video_id),
        None => match store::comment(&app.db, comment_id).await? {
            Some(comment) if comment.video_is_local && comment.url.is_some() => {
                let owner = comment.video_account_actor_id;
                (comment.url.unwrap_or_default(), owner, comment.video_id)
            }
            _ => return Ok(()),
        },
    };
    let Ok(video) = video::find(app, VideoRef::Number(video_id)).await else {
        return Ok(());
    };
    let Some(actor) = store::actor(&app.db, actor_id).await? else {
        return Ok(());
    };
    let actor_url = local::actor_url(app, &actor);
    let audience = Audience::public(None, Some(&format!("{actor_url}/followers")));
    let id = app.url(&format!("/deletes/comments/{comment_id}"));
    let delete = activity::write(&Kind::Delete, &id, &actor_url, json!(url), &audience);
    let delete = deliver::prepare(app, &actor, Context::Plain.on(delete)).await?;
    let inboxes = inboxes(app, &video, &actor).await?;
    let mut tx = app.db.begin().await?;
    store::forget_federated_comment(&mut tx, comment_id).await?;
    deliver::queue(&mut tx, app, &delete, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}
