//! The REST routes of playlists: lists of them, one of them, its change and its end.

pub mod element;
pub mod programme;

use super::thumbnail::{self, FIELD};
use super::view;
use super::{
    About, Move, Playlist, PlaylistFilter, PlaylistId, PlaylistPrivacy, SORTS, WATCH_LATER,
};
use crate::access::{Me, Viewer};
use crate::account::{Right, User};
use crate::app::App;
use crate::channel::activity::{self, Action, Target};
use crate::channel::{self, ChannelId};
use crate::check::form::{FileField, Form, FormFile};
use crate::check::{Body, Check, Field, Query};
use crate::error::{Error, Result, no_content};
use crate::listing::{Paging, Sort};
use crate::video::short_uuid;
use crate::wire::{self, Site};
use axum::extract::{Path, Request, State};
use axum::response::Response;
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub async fn privacies() -> Result<Response> {
    let labels = PlaylistPrivacy::ALL
        .iter()
        .map(|it| (it.number().to_string(), Value::from(it.label())));
    wire::json(&labels.collect::<Map<_, _>>())
}

#[derive(Serialize)]
struct Listed<T> {
    total: i64,
    data: Vec<T>,
}

/// Answers a list with the filters that all lists of playlists share.
async fn answer(app: &App, input: &Map<String, Value>, filter: PlaylistFilter) -> Result<Response> {
    let paging = Paging::read(input)?;
    let sort = Sort::read(input, SORTS, "-createdAt")?;
    let mut check = Check::query(input);
    let kind = check.number_of("playlistType", &[1, 2]).value();
    let search = check.text("search", 1..=500).value();
    let channels = check
        .texts("channelNameOneOf", 0..=100, 1..=50)
        .or(Vec::new());
    let with_collaborations = check.lenient_bool("includeCollaborations").or(false);
    check.finish()?;
    let is_of_account = filter.account_id.is_some();
    let filter = PlaylistFilter {
        kind,
        search: search.filter(|_| is_of_account),
        channels: if is_of_account { channels } else { Vec::new() },
        with_collaborations: with_collaborations && is_of_account,
        ..filter
    };
    let (total, found) = super::list(app, &filter, paging, sort).await?;
    let site = Site::of(app);
    let data = found.iter().map(|it| view::playlist(site, it)).collect();
    wire::json(&Listed { total, data })
}

pub async fn list(State(app): State<App>, Query(input): Query) -> Result<Response> {
    answer(&app, &input, PlaylistFilter::default()).await
}

pub async fn of_account(
    State(app): State<App>,
    viewer: Viewer,
    Path(name): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let account_id = channel::api::account(&app, &name).await?;
    let is_own = viewer.user().map(|user| user.account_id) == Some(account_id);
    let filter = PlaylistFilter {
        account_id: Some(account_id),
        with_hidden: is_own,
        ..PlaylistFilter::default()
    };
    answer(&app, &input, filter).await
}

pub async fn of_channel(
    State(app): State<App>,
    viewer: Viewer,
    Path(handle): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let channel = channel::find(&app, &handle).await?;
    let with_hidden = match viewer.user() {
        Some(user) if user.account_id == channel.account_id => true,
        Some(user) => channel::is_editor(&app, channel.id, user.account_id).await?,
        None => false,
    };
    let filter = PlaylistFilter {
        channel_id: Some(channel.id),
        with_hidden,
        ..PlaylistFilter::default()
    };
    answer(&app, &input, filter).await
}

pub async fn show(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response> {
    let playlist = super::seen(&app, &viewer, &id).await?;
    wire::json(&view::playlist(Site::of(&app), &playlist))
}

/// What a form says of a playlist; each may be missing.
struct Fields {
    display_name: Option<String>,
    description: Field<String>,
    privacy: Option<PlaylistPrivacy>,
    channel_id: Field<ChannelId>,
}

impl Fields {
    fn read(input: &Map<String, Value>, is_new: bool) -> Result<Self> {
        let mut check = Check::body(input);
        let message = "Should have a valid display name";
        let display_name = check.text_or("displayName", 1..=120, message);
        let display_name = if is_new || display_name == Field::Null {
            check.required("displayName", display_name)
        } else {
            display_name.value()
        };
        let description = match check.raw("description").and_then(Value::as_str) {
            // Forms cannot say null.
            Some("") => Field::Null,
            _ => check.text("description", 3..=1000),
        };
        let privacy = check.number_of("privacy", &[1, 2, 3]);
        if privacy == Field::Null {
            check.fail("privacy", "Should have correct playlist privacy");
        }
        let channel_id = match check.raw("videoChannelId").and_then(Value::as_str) {
            Some("") => Field::Null,
            _ => check.int("videoChannelId", i64::MIN..=i64::MAX),
        };
        check.finish()?;
        Ok(Fields {
            display_name,
            description,
            privacy: privacy
                .value()
                .and_then(|number| PlaylistPrivacy::try_from(number).ok()),
            channel_id: match channel_id {
                Field::Is(id) => Field::Is(ChannelId::new(id)),
                Field::Null => Field::Null,
                Field::Absent => Field::Absent,
            },
        })
    }
}

/// Reads the form and, at once, whether its picture is of a kind that is taken.
async fn form(app: &App, request: Request) -> Result<(Map<String, Value>, Option<FormFile>)> {
    let mut form = Form::read(app, request, &[FileField::picture(FIELD)]).await?;
    let picture = form.take(FIELD);
    if let Some(picture) = &picture {
        thumbnail::check(picture)?;
    }
    Ok((form.fields, picture))
}

/// The channel must be there and be one that the user may put things into.
async fn check_channel(app: &App, me: &User, id: ChannelId) -> Result<()> {
    let channel = channel::by_id(&app.db, id).await?;
    let channel = channel.ok_or_else(|| Error::not_found("Video channel not found"))?;
    channel::manage(app, me, &channel).await
}

pub async fn create(State(app): State<App>, me: Me, request: Request) -> Result<Response> {
    let (input, picture) = form(&app, request).await?;
    let (id, uuid) = make(&app, &me, &input, picture.as_ref()).await?;
    wire::json(&json!({ "videoPlaylist": {
        "id": id, "uuid": uuid, "shortUUID": short_uuid::shorten(uuid),
    }}))
}

/// Checks what is wanted, and makes the playlist with its picture.
pub async fn make(
    app: &App,
    me: &User,
    input: &Map<String, Value>,
    picture: Option<&FormFile>,
) -> Result<(PlaylistId, Uuid)> {
    let fields = Fields::read(input, true)?;
    let channel_id = fields.channel_id.value();
    if let Some(id) = channel_id {
        check_channel(app, me, id).await?;
    }
    let privacy = fields.privacy.unwrap_or(PlaylistPrivacy::Private);
    if channel_id.is_none() && privacy != PlaylistPrivacy::Private {
        return Err(Error::bad_request(
            "Cannot set \"public\" or \"unlisted\" a playlist that is not assigned to a channel.",
        ));
    }
    let picture = match picture {
        Some(file) => Some(thumbnail::make(app, file).await?),
        None => None,
    };
    let about = About {
        display_name: fields.display_name.unwrap_or_default(),
        description: fields.description.value(),
        privacy,
        channel_id,
    };
    let (id, uuid) = super::create(app, me.account_id, &about).await?;
    if let Some(channel) = channel_id {
        let target = Target::Playlist {
            id: id.0,
            name: &about.display_name,
        };
        activity::note_after(app, channel, me.account_id, Action::Create, target).await?;
    }
    if let Some(name) = &picture {
        let playlist = super::find(app, crate::video::VideoRef::Uuid(uuid)).await?;
        thumbnail::set(app, &playlist, Some(name), Some("hand")).await?;
    }
    Ok((id, uuid))
}

pub async fn update(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response> {
    let by = super::reference(&id)?;
    let (input, picture) = form(&app, request).await?;
    let fields = Fields::read(&input, false)?;
    let playlist = super::find(&app, by).await?;
    super::manage(&app, &me, &playlist, Right::RemoveAnyVideoPlaylist).await?;
    let wanted_channel = fields.channel_id.clone().value();
    let about = About {
        display_name: fields
            .display_name
            .unwrap_or_else(|| playlist.display_name.clone()),
        description: fields.description.update(playlist.description.clone()),
        privacy: fields.privacy.unwrap_or(playlist.privacy),
        channel_id: fields.channel_id.update(playlist.channel_id),
    };
    if about.privacy == PlaylistPrivacy::Public && about.channel_id.is_none() {
        return Err(Error::bad_request(
            "Cannot set \"public\" a playlist that is not assigned to a channel.",
        ));
    }
    if playlist.kind == WATCH_LATER {
        return Err(Error::bad_request("Cannot update a watch later playlist."));
    }
    if let Some(id) = wanted_channel.filter(|id| Some(*id) != playlist.channel_id) {
        check_channel(&app, &me, id).await?;
    }
    let picture = match &picture {
        Some(file) => Some(thumbnail::make(&app, file).await?),
        None => None,
    };
    super::change(&app, &playlist, &about).await?;
    note(&app, &me, &playlist, Action::Update).await?;
    if let Some(name) = &picture {
        thumbnail::set(&app, &playlist, Some(name), Some("hand")).await?;
    }
    Ok(no_content())
}

pub async fn delete(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let playlist = super::find(&app, super::reference(&id)?).await?;
    if playlist.kind == WATCH_LATER {
        return Err(Error::bad_request("Cannot delete a watch later playlist."));
    }
    super::manage(&app, &me, &playlist, Right::RemoveAnyVideoPlaylist).await?;
    super::delete(&app, &playlist).await?;
    if let Some(channel) = playlist.channel_id {
        let name = &playlist.display_name;
        let target = Target::DeletedPlaylist { name };
        activity::note_after(&app, channel, me.account_id, Action::Delete, target).await?;
    }
    Ok(no_content())
}

/// Writes into the journal of the playlist's channel, if it stands in one.
async fn note(app: &App, me: &User, playlist: &Playlist, action: Action) -> Result<()> {
    let Some(channel) = playlist.channel_id else {
        return Ok(());
    };
    let target = Target::Playlist {
        id: playlist.id.0,
        name: &playlist.display_name,
    };
    activity::note_after(app, channel, me.account_id, action, target).await
}

/// Reads `startPosition`, `insertAfterPosition` and `reorderLength`.
fn read_move(body: &Map<String, Value>) -> Result<Move> {
    const MOST: i64 = 1 << 40;
    let mut check = Check::body(body);
    let start = check.int_or("startPosition", 1..=MOST, "Should have a start position");
    let start = check.required("startPosition", start);
    let message = "Should have an insert after position";
    let after = check.int_or("insertAfterPosition", 0..=MOST, message);
    let after = check.required("insertAfterPosition", after);
    let length = check.int_or("reorderLength", 1..=MOST, "Should have a valid length");
    check.finish()?;
    Ok(Move {
        start: start.unwrap_or(1),
        after: after.unwrap_or(0),
        length: length.or(1),
    })
}

pub async fn reorder_channel(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let channel = channel::find(&app, &handle).await?;
    channel::manage(&app, &me, &channel).await?;
    let to = read_move(&body)?;
    super::reorder_channel(&app, channel.id, to).await?;
    Ok(no_content())
}
