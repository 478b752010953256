//! The REST routes of videos: lists, one video, its change and its end.

pub mod activity;
pub mod block;
pub mod bulk;
pub mod caption;
pub mod extra;
pub mod live;
pub mod overview;
pub mod ownership;
pub mod player;
pub mod quality;
pub mod reaction;
pub mod share;
pub mod stats;
pub mod watch;

use super::list::{self, Filters, ListQuery, Scope};
use super::view::{self, Extras, FilesOfPage, Uploaded};
use super::visibility::seen;
use super::{
    Privacy, Video, VideoId, VideoRef, VideoState, auto_tag, find, input, labels, manage, picture,
};
use crate::access::{Me, Viewer};
use crate::account::Right;
use crate::app::App;
use crate::channel::activity::{self as journal, Action, Target};
use crate::channel::{self, ChannelId};
use crate::check::form::{FileField, Form, wrong_file};
use crate::check::{Check, Query};
use crate::error::{Error, Result, no_content};
use crate::listing::{Paging, Sort};
use crate::wire::{self, Site};
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value, json};

pub async fn list(State(app): State<App>, viewer: Viewer, Query(input): Query) -> Result<Response> {
    answer_list(&app, &viewer, &input, Scope::All).await
}

pub async fn of_account(
    State(app): State<App>,
    viewer: Viewer,
    Path(name): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let account_id = channel::api::account(&app, &name).await?;
    answer_list(&app, &viewer, &input, Scope::Account(account_id)).await
}

pub async fn of_channel(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let channel = channel::find(&app, &handle).await?;
    answer_list(&app, &viewer, &input, Scope::Channel(channel.id)).await
}

/// Any list of videos with the common filters: what other slices answer their lists with.
pub async fn answer_list(
    app: &App,
    viewer: &Viewer,
    input: &Map<String, Value>,
    scope: Scope,
) -> Result<Response> {
    let query = ListQuery::read(app, input, viewer, scope)?;
    app.db.together(Box::pin(found(app, viewer, &query))).await
}

async fn found(app: &App, viewer: &Viewer, query: &ListQuery) -> Result<Response> {
    let page = list::page(app, viewer, query).await?;
    let extras = Extras::of_include(query.filters.include);
    let ids: Vec<VideoId> = page.rows.iter().map(|row| VideoId::new(row.id)).collect();
    let files = if query.filters.includes(8) {
        Some(files(app, &ids).await?)
    } else {
        None
    };
    let tags = if query.filters.includes(64) {
        Some(auto_tag::of(app, &ids).await?)
    } else {
        None
    };
    let more = view::More {
        files: files.as_ref(),
        tags: tags.as_ref(),
    };
    view::list_with(app, &page, extras, more)
}

pub async fn mine(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    Query(input): Query,
) -> Result<Response> {
    let paging = Paging::read(&input)?;
    let sort = Sort::read(&input, list::SORTS, "-publishedAt")?;
    let filters = Filters::read_own(&app, &input)?;
    if let Some(id) = filters.channel_id
        && channel::by_id(&app.db, id).await?.is_none()
    {
        return Err(Error::not_found("Video channel not found"));
    }
    let query = ListQuery {
        scope: Scope::Mine(me.account_id),
        filters,
        paging,
        sort,
    };
    let page = list::page(&app, &viewer, &query).await?;
    view::list(&app, &page, Extras::OWN)
}

/// The files and playlists of these videos.
pub async fn files(app: &App, ids: &[VideoId]) -> Result<FilesOfPage> {
    if ids.is_empty() {
        return Ok(FilesOfPage::default());
    }
    let mut files = super::store::list::files(&app.db, ids).await?;
    if !app.instance.settings().features.downloads.enabled {
        files
            .iter_mut()
            .for_each(|file| file.download_enabled = false);
    }
    Ok(FilesOfPage {
        files,
        playlists: super::store::list::playlists(&app.db, ids, app.clock.now()).await?,
    })
}

pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let reads = async {
        let video = seen(&app, &viewer, &id, &headers).await?;
        details(&app, &viewer, &video).await
    };
    app.db.together(Box::pin(reads)).await
}

/// One video with everything, as JSON.
pub async fn details(app: &App, viewer: &Viewer, video: &Video) -> Result<Response> {
    let gone = || Error::not_found("Video not found");
    let row = list::rows(app, viewer, &[video.id])
        .await?
        .pop()
        .ok_or_else(gone)?;
    let channel = channel::by_id(&app.db, video.channel_id)
        .await?
        .ok_or_else(gone)?;
    let files = files(app, &[video.id]).await?;
    let features = app.instance.settings().features;
    let uploaded = uploaded(app, viewer, video).await?;
    let mut details = view::details(Site::of(app), features, video, &row, &channel, &files);
    if video.is_live {
        let live = super::live::of(&app.db, video.id).await?;
        details.live_schedules = live.map(|live| live::schedules(&live));
    }
    if let Some(uploaded) = &uploaded {
        details.add_uploaded(Site::of(app), uploaded);
    }
    wire::json(&details)
}

/// The file as it came, for its maker only, until something playable has been made of it.
async fn uploaded(app: &App, viewer: &Viewer, video: &Video) -> Result<Option<Uploaded>> {
    let Some(user) = viewer.user() else {
        return Ok(None);
    };
    if video.state != VideoState::ToTranscode
        || manage(app, user, video, Right::UpdateAnyVideo)
            .await
            .is_err()
    {
        return Ok(None);
    }
    let source = super::store::extra::source(&app.db, video.id).await?;
    Ok(source.and_then(Uploaded::of))
}

pub async fn description(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let video = seen(&app, &viewer, &id, &headers).await?;
    wire::json(&json!({ "description": video.description }))
}

/// Fields, and with a multipart body pictures too.
pub async fn update(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response> {
    let pictures = [
        FileField::picture("thumbnailfile"),
        FileField::picture("previewfile"),
    ];
    let mut form = Form::read(&app, request, &pictures).await?;
    for file in &form.files {
        if !picture::TYPES.contains(&file.kind.as_str()) {
            return Err(wrong_file(
                &file.field,
                "This is no picture of a known type.",
            ));
        }
    }
    let video = change(&app, &me, &id, &form.fields).await?;
    // Both are made of the one that is larger in all clients.
    let preview = form.take("previewfile");
    if let Some(file) = preview.or_else(|| form.take("thumbnailfile")) {
        picture::set_by_hand(&app, &video, file.file.path()).await?;
    }
    Ok(no_content())
}

/// Checks what is to change of a video, then changes it.
pub async fn change(app: &App, me: &Me, id: &str, body: &Map<String, Value>) -> Result<Video> {
    let by = VideoRef::read(id)?;
    let fields = input::Fields::of_change(body, app.instance.labels())?;
    let before = find(app, by).await?;
    let privacy = fields.privacy.clone().or(before.privacy);
    let passwords = fields.passwords(privacy)?;
    let is_started = matches!(before.state, VideoState::Published | VideoState::LiveEnded);
    if before.is_live && is_started && privacy != before.privacy {
        return Err(Error::bad_request(
            "Cannot update privacy of a live that has already started",
        ));
    }
    manage(app, me, &before, Right::UpdateAnyVideo).await?;
    let mut after = before.clone();
    if let Some(channel_id) = fields.channel_id.clone().value() {
        let place = channel::for_video(app, me, ChannelId::new(channel_id)).await?;
        (after.channel_id, after.account_id) = place;
    }
    let replace_passwords = !fields.privacy.is_absent() && privacy == Privacy::Password;
    fields.change(&mut after);
    let (channel_id, name) = (after.channel_id, after.name.clone());
    super::change(
        app,
        me,
        &before,
        after,
        replace_passwords.then_some(passwords),
    )
    .await?;
    let target = Target::Video {
        id: before.id.0,
        name: &name,
    };
    journal::note_after(app, channel_id, me.account_id, Action::Update, target).await?;
    Ok(before)
}

/// Writes into the journal of a video's channel what somebody has done.
pub async fn note(app: &App, me: &Me, video: &Video, action: Action) -> Result<()> {
    let target = Target::Video {
        id: video.id.0,
        name: &video.name,
    };
    journal::note_after(app, video.channel_id, me.account_id, action, target).await
}

pub async fn delete(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    remove(&app, &me, &id).await?;
    Ok(no_content())
}

/// Checks whether a video may be deleted, then deletes it.
pub async fn remove(app: &App, me: &Me, id: &str) -> Result<()> {
    let video = find(app, VideoRef::read(id)?).await?;
    manage(app, me, &video, Right::RemoveAnyVideo).await?;
    super::delete(app, &video).await?;
    let target = Target::DeletedVideo { name: &video.name };
    let by = me.account_id;
    journal::note_after(app, video.channel_id, by, Action::Delete, target).await
}

/// Takes a channel away with all its videos.
pub async fn delete_channel(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
) -> Result<Response> {
    let channel = channel::find(&app, &handle).await?;
    channel::manage(&app, &me, &channel).await?;
    if channel.account_id != me.account_id && !me.has(Right::ManageAnyVideoChannel) {
        return Err(Error::forbidden(
            "Only the owner of a channel can delete it.",
        ));
    }
    if channel::count_of(&app.db, channel.account_id).await? <= 1 {
        return Err(Error::conflict(
            "Cannot remove the last channel of this user",
        ));
    }
    super::delete_channel(&app, &channel).await?;
    Ok(no_content())
}

fn labelled<'a>(pairs: impl IntoIterator<Item = (String, &'a str)>) -> Result<Response> {
    let object: Map<String, Value> = pairs
        .into_iter()
        .map(|(id, label)| (id, label.into()))
        .collect();
    wire::json(&object)
}

fn numbered(labels: labels::Numbered) -> Result<Response> {
    labelled(labels.all().map(|(id, label)| (id.to_string(), label)))
}

pub async fn categories(State(app): State<App>) -> Result<Response> {
    numbered(labels::categories(app.instance.labels()))
}

pub async fn licences(State(app): State<App>) -> Result<Response> {
    numbered(labels::licences(app.instance.labels()))
}

pub async fn languages(Query(input): Query) -> Result<Response> {
    let mut check = Check::query(&input);
    check.one_of("scope", &["subtitle"]);
    check.finish()?;
    labelled(
        labels::LANGUAGES
            .iter()
            .map(|(code, label)| ((*code).to_owned(), *label)),
    )
}

pub async fn privacies() -> Result<Response> {
    labelled(
        Privacy::ALL
            .iter()
            .map(|privacy| (privacy.number().to_string(), privacy.label())),
    )
}
