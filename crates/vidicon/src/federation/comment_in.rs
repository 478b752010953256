//! Comments from other servers: replies whose chain ends at a video that is known here.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, CommentRow};
use super::{comment_out, deliver, group, local, rules, video_in, video_out};
use crate::account::AccountId;
use crate::app::App;
use crate::comment::{self, CommentId, NewComment};
use crate::video::{self, CommentsPolicy, Video, VideoId, VideoRef};
use fediverse::activity::Activity;
use fediverse::address::{Id, Visibility};
use fediverse::note::Note;
use fediverse::sanitize;
use serde_json::Value;

/// So many unknown comments above one are fetched, and no more.
const MAX_PARENTS: usize = 20;
const MAX_MENTIONS: usize = 20;
const MAX_CHARS: usize = 10_000;

/// What a comment answers: a video, or a comment under it.
struct Place {
    video_id: VideoId,
    parent: Option<CommentRow>,
}

fn refuse(why: &str) -> RemoteError {
    RemoteError::Refused(why.to_owned())
}

/// A comment that its author has just written.
pub async fn receive_create(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
) -> remote::Result<()> {
    let note = match activity.object.value() {
        Some(value) => Note::read(value, rules(app))?,
        None => return Err(refuse("it is about nothing")),
    };
    if Some(note.author.as_str()) != author.url.as_deref() {
        return Err(refuse("the comment is by somebody else"));
    }
    if let Some(saved) = thread(app, author, &note).await? {
        forward(app, author, &saved, &activity.raw).await?;
    }
    Ok(())
}

/// A comment that was found in a list of another server.
pub async fn fetch(app: &App, id: &Id) -> remote::Result<()> {
    let note = Note::read(&remote::document(app, id).await?, rules(app))?;
    let author = remote::actor(app, &note.author).await?;
    thread(app, &author, &note).await.map(drop)
}

/// Saves a comment with the unknown ones above it. Nothing if it was known.
async fn thread(app: &App, author: &ActorRow, note: &Note) -> remote::Result<Option<CommentRow>> {
    if store::comment_by_url(&app.db, note.id.as_str())
        .await?
        .is_some()
    {
        return Ok(None);
    }
    let mut above = Vec::new();
    let mut place = None;
    let mut next = note.in_reply_to.clone();
    while let Some(id) = next.take() {
        place = known_place(app, &id).await?;
        if place.is_some() || above.len() >= MAX_PARENTS {
            break;
        }
        let parent = Note::read(&remote::document(app, &id).await?, rules(app))?;
        next = parent.in_reply_to.clone();
        above.push(parent);
    }
    let mut place = place.ok_or_else(|| refuse("it answers nothing that is known here"))?;
    for parent in above.iter().rev() {
        let author = remote::actor(app, &parent.author).await?;
        let saved = save(app, &author, parent, place).await?;
        place = Place {
            video_id: saved.video_id,
            parent: Some(saved),
        };
    }
    save(app, author, note, place).await.map(Some)
}

async fn known_place(app: &App, id: &Id) -> remote::Result<Option<Place>> {
    if let Some(own) = video_in::own(app, id).await? {
        return Ok(Some(Place {
            video_id: own.id,
            parent: None,
        }));
    }
    if let Some(known) = store::video_by_url(&app.db, id.as_str()).await? {
        return Ok(Some(Place {
            video_id: known.id,
            parent: None,
        }));
    }
    let comment = match comment_out::own(app, id).await? {
        Some(own) => Some(own),
        None => store::comment_by_url(&app.db, id.as_str()).await?,
    };
    match comment {
        Some(comment) if comment.held => Err(refuse("it answers a comment that nobody sees yet")),
        Some(comment) => Ok(Some(Place {
            video_id: comment.video_id,
            parent: Some(comment),
        })),
        None if id.host() == app.host() => Err(refuse("it answers nothing that is known here")),
        None => Ok(None),
    }
}

async fn save(
    app: &App,
    author: &ActorRow,
    note: &Note,
    place: Place,
) -> remote::Result<CommentRow> {
    let video = video::find(app, VideoRef::Number(place.video_id)).await?;
    check(app, author, note, &video).await?;
    let account_id = store::account_of(&app.db, author.id)
        .await?
        .filter(|_| author.kind != "server")
        .ok_or_else(|| refuse("only people comment"))?;
    let text = text_of(note)?;
    let now = app.clock.now();
    let mentioned = mentioned(app, note).await?;
    let new = NewComment {
        video: &video,
        author: account_id,
        parent: place.parent.as_ref().map(CommentRow::place),
        text: &text,
        url: Some(note.id.as_str()),
        created_at: note.published_ms.unwrap_or(now).min(now),
        mentioned: &mentioned,
        trusted: author.id == video.account_actor_id,
    };
    let mut tx = app.db.begin().await?;
    comment::add(app, &mut tx, &new).await?;
    tx.commit().await?;
    let saved = store::comment_by_url(&app.db, note.id.as_str()).await?;
    saved.ok_or_else(|| refuse("the comment is gone again"))
}

/// People of this server whom the comment's tags name.
async fn mentioned(app: &App, note: &Note) -> remote::Result<Vec<AccountId>> {
    let mut accounts = Vec::new();
    for mention in note.mentions.iter().take(MAX_MENTIONS) {
        if let Some(actor) = local::actor_at(app, &mention.href).await? {
            accounts.extend(store::account_of(&app.db, actor.id).await?);
        }
    }
    Ok(accounts)
}

async fn check(app: &App, author: &ActorRow, note: &Note, video: &Video) -> remote::Result<()> {
    if author.is_local() || local::actor_at(app, note.author.as_str()).await?.is_some() {
        return Err(refuse("by somebody of this server"));
    }
    if note.audience.visibility() == Visibility::Restricted {
        return Err(refuse("the comment is not public"));
    }
    if video.comments_policy == CommentsPolicy::Disabled {
        return Err(refuse("the video takes no comments"));
    }
    if video.is_local && !video_out::is_federated(video) {
        return Err(refuse("it answers nothing that is known here"));
    }
    let owner = video.account_actor_id;
    if store::is_muted(&app.db, &author.host, Some(author.id)).await?
        || store::is_muted_by_owner(&app.db, owner, author.id, &author.host).await?
    {
        return Err(refuse("its author is muted"));
    }
    Ok(())
}

/// Comments are kept as text, whatever they came as.
fn text_of(note: &Note) -> remote::Result<String> {
    let text = if note.is_html() {
        sanitize::plain_text(&note.content)
    } else {
        note.content.trim().to_owned()
    };
    let text: String = text.chars().take(MAX_CHARS).collect();
    if text.is_empty() {
        Err(refuse("the comment is empty"))
    } else {
        Ok(text)
    }
}

/// New words of a comment. One that is not known yet is news: it may have been held back until now.
pub async fn receive_update(
    app: &App,
    author: &ActorRow,
    value: &Value,
    raw: &Value,
) -> remote::Result<()> {
    let note = Note::read(value, rules(app))?;
    if Some(note.author.as_str()) != author.url.as_deref() {
        return Err(refuse("the comment is by somebody else"));
    }
    let known = store::comment_by_url(&app.db, note.id.as_str()).await?;
    let Some(known) = known else {
        if let Some(saved) = thread(app, author, &note).await? {
            forward(app, author, &saved, raw).await?;
        }
        return Ok(());
    };
    if known.actor_id != Some(author.id) {
        return Err(refuse("the comment is by somebody else"));
    }
    let (id, text, now) = (CommentId::new(known.id), text_of(&note)?, app.clock.now());
    comment::change(&app.db, id, &text, now).await?;
    forward(app, author, &known, raw).await
}

/// The owner of a video elsewhere lets a comment of ours through, or does not want it.
pub async fn receive_judgement(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
    approved: bool,
) -> remote::Result<()> {
    let id = activity.object.id();
    let id = id.ok_or_else(|| refuse("it is about nothing"))?;
    let known = comment_out::own(app, id).await?;
    let known = known.ok_or_else(|| refuse("no comment of this server"))?;
    if known.video_is_local || known.video_account_actor_id != author.id {
        return Err(refuse("the video is somebody else's"));
    }
    let thread = known.thread_id.map(CommentId::new);
    let place = (known.video_id, thread);
    let url = activity.id.as_ref().map(Id::as_str).filter(|_| approved);
    let mut tx = app.db.begin().await?;
    let own = CommentId::new(known.id);
    let changed = comment::judged_elsewhere(&mut tx, own, place, approved).await?;
    store::set_approval(&mut tx, known.id, url).await?;
    tx.commit().await?;
    if changed && approved {
        comment_out::tell_let_through(app, known.id).await?;
    }
    Ok(())
}

/// By its author, or by the account that owns the video.
pub async fn receive_delete(
    app: &App,
    author: &ActorRow,
    known: &CommentRow,
    raw: &Value,
) -> remote::Result<()> {
    let owns_video = !known.video_is_local && known.video_account_actor_id == author.id;
    if known.actor_id != Some(author.id) && !owns_video {
        return Err(refuse("the comment is by somebody else"));
    }
    let mut tx = app.db.begin().await?;
    comment::erase(&mut tx, CommentId::new(known.id), true, app.clock.now()).await?;
    tx.commit().await?;
    forward(app, author, known, raw).await
}

/// A comment whose server does not know it any more.
pub async fn forget(app: &App, id: i64) -> crate::error::Result<()> {
    let mut tx = app.db.begin().await?;
    comment::erase(&mut tx, CommentId::new(id), true, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// What is said about a video of ours goes on to those who know the video, in the words of its
/// author, whose signature is in it.
async fn forward(
    app: &App,
    author: &ActorRow,
    comment: &CommentRow,
    raw: &Value,
) -> remote::Result<()> {
    if !comment.video_is_local || comment.held || !fediverse::ld_signature::is_signed(raw) {
        return Ok(());
    }
    let video = video::find(app, VideoRef::Number(comment.video_id)).await?;
    group::announce(app, &video, raw).await?;
    let server = local::server_actor(app).await?;
    let own = [video.account_actor_id, video.channel_actor_id, server.id];
    let mut inboxes = video_out::involved_inboxes(app, Some(video.id), &own).await?;
    inboxes.retain(|inbox| {
        Id::parse(inbox, rules(app)).is_ok_and(|inbox| inbox.host() != author.host)
    });
    let forwarded = deliver::as_it_is(&server, raw);
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &forwarded, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}
