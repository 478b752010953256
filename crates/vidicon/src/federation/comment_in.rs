//! Comments from other servers: replies whose chain ends at a video that is known here.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, CommentRow};
use super::{comment_out, forward, group, local, rules, video_in, video_out};
use crate::account::AccountId;
use crate::app::App;
use crate::comment::{self, CommentId, NewComment};
use crate::video::{self, CommentsPolicy, Video, VideoId, VideoRef};
use fediverse::activity::Activity;
use fediverse::address::{Id, Rules, Visibility};
use fediverse::note::{Note, Tombstone};
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

/// A comment above one that came.
enum Above {
    Said(Box<Note>),
    Gone(Box<Tombstone>),
}

impl Above {
    fn read(document: &Value, rules: Rules) -> fediverse::Result<Self> {
        match Tombstone::read(document, rules) {
            Ok(gone) if gone.former_kind.as_deref() == Some("Note") => {
                Ok(Above::Gone(Box::new(gone)))
            }
            _ => Note::read(document, rules).map(|note| Above::Said(Box::new(note))),
        }
    }

    fn in_reply_to(&self) -> Option<&Id> {
        match self {
            Above::Said(note) => note.in_reply_to.as_ref(),
            Above::Gone(gone) => gone.in_reply_to.as_ref(),
        }
    }
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
        pass_on(app, author, &saved, &activity.raw).await?;
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
        let parent = Above::read(&remote::document(app, &id).await?, rules(app))?;
        next = parent.in_reply_to().cloned();
        above.push(parent);
    }
    let mut place = place.ok_or_else(|| refuse("it answers nothing that is known here"))?;
    let video = video::find(app, VideoRef::Number(place.video_id)).await?;
    check(app, author, note, &video).await?;
    for parent in above.iter().rev() {
        let saved = match parent {
            Above::Said(parent) => {
                let author = remote::actor(app, &parent.author).await?;
                save(app, &author, parent, place).await?
            }
            Above::Gone(parent) => save_gone(app, parent, &video, place).await?,
        };
        place = Place {
            video_id: saved.video_id,
            parent: Some(saved),
        };
    }
    save(app, author, note, place).await.map(Some)
}

/// Keeps the place of a comment that is gone, for those that answer it.
async fn save_gone(
    app: &App,
    gone: &Tombstone,
    video: &Video,
    place: Place,
) -> remote::Result<CommentRow> {
    let now = app.clock.now();
    let parent = place.parent.as_ref().map(CommentRow::place);
    let at = gone.published_ms.unwrap_or(now).min(now);
    comment::add_gone(&app.db, video.id, parent, gone.id.as_str(), at, now).await?;
    let saved = store::comment_by_url(&app.db, gone.id.as_str()).await?;
    saved.ok_or_else(|| refuse("the comment is gone again"))
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
    if video.is_local && !app.config.federation.accept_comments {
        return Err(refuse("this server takes no comments of others"));
    }
    if video.is_local && !video_out::is_federated(app, video) {
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
            pass_on(app, author, &saved, raw).await?;
        }
        return Ok(());
    };
    if known.actor_id != Some(author.id) {
        return Err(refuse("the comment is by somebody else"));
    }
    let (id, text, now) = (CommentId::new(known.id), text_of(&note)?, app.clock.now());
    comment::change(&app.db, id, &text, now).await?;
    pass_on(app, author, &known, raw).await
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
    pass_on(app, author, known, raw).await
}

/// Somebody says that a comment is gone: its own server is asked.
pub async fn look_again(app: &App, id: &Id) -> remote::Result<()> {
    let known = store::comment_by_url(&app.db, id.as_str()).await?;
    let known = known.ok_or_else(|| refuse("nothing that is known here"))?;
    match remote::document(app, id).await {
        Ok(document) if Tombstone::read(&document, rules(app)).is_err() => {
            Err(refuse("the comment is there still"))
        }
        Ok(_) | Err(RemoteError::Gone(_)) => Ok(forget(app, known.id).await?),
        Err(other) => Err(other),
    }
}

/// A comment whose server does not know it any more.
pub async fn forget(app: &App, id: i64) -> crate::error::Result<()> {
    let mut tx = app.db.begin().await?;
    comment::erase(&mut tx, CommentId::new(id), true, app.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// What is said under a video of ours goes on to all who know the video, once everybody may see it.
async fn pass_on(
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
    forward::forward(app, author, &video, raw).await
}
