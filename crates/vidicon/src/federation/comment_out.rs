//! Our comments as others see them, and what is sent when they come and go.

use super::store::{self, ActorRow, CommentRow, FederatedComment};
use super::{deliver, document, group, local, video_out};
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
use serde_json::{Value, json};

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
    /// Who wrote what this answers, up to the first comment; the owner of the video if it is that.
    answered: Vec<ActorRow>,
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
    let in_reply_to = match comment.parent_id {
        Some(id) => match store::comment(&app.db, id).await? {
            Some(parent) => url(app, &parent),
            None => return Ok(None),
        },
        None => video_id(app, comment),
    };
    let answered = answered(app, comment, author.id).await?;
    let owners = [
        comment.video_account_actor_id,
        comment.video_channel_actor_id,
    ];
    let owners = store::actors(&app.db, &owners).await?;
    let mut audience = Audience::public(None, Some(&format!("{author_url}/followers")));
    for actor in answered.iter().chain(&owners) {
        let actor_url = local::actor_url(app, actor);
        if actor_url != author_url && !audience.cc.contains(&actor_url) {
            audience.cc.push(actor_url);
        }
    }
    let channel = owners.last().map(|channel| local::actor_url(app, channel));
    let group = channel.and_then(|url| Id::parse(&url, super::rules(app)).ok());
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
        group,
        mentions: answered.iter().map(|actor| mention(app, actor)).collect(),
        hashtags: Vec::new(),
        sensitive: false,
        reply_approval: match &comment.approval_url {
            Some(url) => Id::parse(url, super::rules(app)).ok(),
            None => None,
        },
    };
    Ok(Some(Written {
        note,
        author,
        answered,
    }))
}

/// Whom a comment answers, but for its own author.
async fn answered(
    app: &App,
    comment: &CommentRow,
    author: crate::account::ActorId,
) -> Result<Vec<ActorRow>> {
    let mut ids = match comment.parent_id {
        Some(_) => store::authors_above(&app.db, comment.id).await?,
        None => vec![comment.video_account_actor_id],
    };
    ids.retain(|id| *id != author);
    Ok(store::actors(&app.db, &ids).await?)
}

fn mention(app: &App, actor: &ActorRow) -> Mention {
    let host = if actor.is_local() {
        app.host()
    } else {
        actor.host.clone()
    };
    Mention {
        href: local::actor_url(app, actor),
        name: Some(format!("@{}@{host}", actor.name)),
    }
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
        let parent = match comment.parent_id {
            Some(id) => store::comment(&app.db, id).await?,
            None => None,
        };
        let answered = parent.map_or_else(|| video_id(&app, &comment), |parent| url(&app, &parent));
        let gone = Tombstone {
            id: local::own_id(&url(&app, &comment))?,
            former_kind: Some("Note".to_owned()),
            in_reply_to: Some(local::own_id(&answered)?),
            published_ms: Some(comment.created_at),
            deleted_ms: comment.deleted_at,
        };
        return Ok(document::answer(&Context::Comment.on(gone.to_json())));
    }
    let written = note(&app, &comment).await?.ok_or_else(nothing)?;
    Ok(document::answer(
        &Context::Comment.on(written.note.to_json()),
    ))
}

fn create_of(note: &Note) -> Value {
    let id = format!("{}/activity", note.id);
    let create = activity::write(
        &Kind::Create,
        &id,
        note.author.as_str(),
        note.to_json(),
        &note.audience,
    );
    Context::Comment.on(create)
}

/// The Create of a comment of ours.
pub async fn create(app: &App, comment: &CommentRow) -> Result<Option<Value>> {
    if comment.url.is_some() {
        return Ok(None);
    }
    Ok(note(app, comment)
        .await?
        .map(|written| create_of(&written.note)))
}

/// What the owner of a video of ours says of a comment that everybody may see.
pub async fn approval(app: &App, video: &Video, comment: &CommentRow) -> Result<Value> {
    let owner_url = local::own_url(app, "account", &video.account_name);
    let author = match comment.actor_id {
        Some(id) => store::actor(&app.db, id).await?,
        None => None,
    };
    let audience = match author {
        Some(author) => Audience::actor(&local::actor_url(app, &author)),
        None => Audience::default(),
    };
    let in_reply_to = match comment.parent_id {
        Some(id) => store::comment(&app.db, id)
            .await?
            .map(|parent| url(app, &parent)),
        None => None,
    };
    let id = format!(
        "{}/comments/{}/approve-reply",
        video_url(app, comment),
        comment.id
    );
    let object = json!(url(app, comment));
    let mut approval = activity::write(&Kind::ApproveReply, &id, &owner_url, object, &audience);
    if let Some(map) = approval.as_object_mut() {
        let answered = in_reply_to.unwrap_or_else(|| video_url(app, comment));
        map.insert("inReplyTo".to_owned(), json!(answered));
    }
    Ok(Context::ApproveReply.on(approval))
}

/// Tells the author of a comment of another server that everybody may see it now.
async fn tell_approved(app: &App, comment: &CommentRow) -> Result<()> {
    let video = video::find(app, VideoRef::Number(comment.video_id)).await?;
    let owner = store::actor(&app.db, video.account_actor_id).await?;
    let author = match comment.actor_id {
        Some(id) => store::actor(&app.db, id).await?,
        None => None,
    };
    let (Some(owner), Some(author), true) = (owner, author, video_out::is_federated(app, &video))
    else {
        return Ok(());
    };
    let approval = approval(app, &video, comment).await?;
    let prepared = deliver::prepare(app, &owner, approval).await?;
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &prepared, author.inbox_url).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
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
    // What is held for the owner of a video elsewhere has to reach them.
    let waits_here = comment.held && comment.video_is_local;
    if !app.config.federation.enabled || waits_here || comment.deleted_at.is_some() {
        return Ok(());
    }
    if comment.url.is_some() {
        if comment.video_is_local {
            tell_approved(app, &comment).await?;
        }
        return Ok(());
    }
    let video = video::find(app, VideoRef::Number(comment.video_id)).await?;
    if video.is_local && !video_out::is_federated(app, &video) {
        return Ok(());
    }
    let Some(written) = note(app, &comment).await? else {
        return Ok(());
    };
    let said = create_of(&written.note);
    let Written {
        note,
        author,
        answered,
    } = written;
    group::announce(app, &video, &said).await?;
    let create = deliver::prepare(app, &author, said).await?;
    let mut inboxes = inboxes(app, &video, &author).await?;
    inboxes.extend(
        answered
            .into_iter()
            .filter_map(|actor| actor.shared_inbox_url.or(actor.inbox_url)),
    );
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

/// Tells everybody once more of a comment of ours, now that the owner of its video has let it through.
pub async fn tell_let_through(app: &App, id: i64) -> Result<()> {
    let Some(comment) = store::comment(&app.db, id).await? else {
        return Ok(());
    };
    let video = video::find(app, VideoRef::Number(comment.video_id)).await?;
    let Some(Written { note, author, .. }) = note(app, &comment).await? else {
        return Ok(());
    };
    let id = format!("{}/{}", note.id, local::stamp(app, "updates"));
    let (by, object) = (note.author.as_str(), note.to_json());
    let update = activity::write(&Kind::Update, &id, by, object, &note.audience);
    let update = deliver::prepare(app, &author, Context::Comment.on(update)).await?;
    let inboxes = inboxes(app, &video, &author).await?;
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &update, inboxes).await?;
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
