//! The REST routes by which videos and channels get another owner.

use super::super::ownership::{self, ACCEPTED, Change, ChangeId, Given, OPEN, REFUSED, Which};
use super::super::{VideoRef, VideoState, find, manage, short_uuid};
use crate::access::Me;
use crate::account::{Right, view};
use crate::app::App;
use crate::channel::{self, Channel, ChannelId};
use crate::check::{Body, Check, Query};
use crate::error::{Error, Result, no_content};
use crate::listing::{Paging, Sort};
use crate::wire::{self, Iso};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

fn username(body: &Map<String, Value>) -> Result<String> {
    let mut check = Check::body(body);
    let name = check.text("username", 1..=300);
    let name = check.required("username", name).unwrap_or_default();
    check.finish()?;
    Ok(name)
}

pub async fn give_video(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let name = username(&body)?;
    let video = find(&app, by).await?;
    manage(&app, &me, &video, Right::ChangeVideoOwnership).await?;
    let to = ownership::receiver(&app, &name).await?;
    ownership::offer(&app, Given::Video(video.id), video.account_id, to).await?;
    Ok(no_content())
}

/// Only its owner and administrators give a channel away.
fn own_channel(me: &Me, channel: &Channel) -> Result<()> {
    let is_own = channel.account_id == me.account_id || me.has(Right::ManageAnyVideoChannel);
    if channel.host.is_empty() && is_own {
        return Ok(());
    }
    Err(Error::forbidden(
        "Cannot change the ownership of this channel.",
    ))
}

pub async fn give_channel(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let name = username(&body)?;
    let channel = channel::find(&app, &handle).await?;
    own_channel(&me, &channel)?;
    let to = ownership::receiver(&app, &name).await?;
    ownership::offer(&app, Given::Channel(channel.id), channel.account_id, to).await?;
    Ok(no_content())
}

async fn answer(app: &App, input: &Map<String, Value>, which: Which) -> Result<Response> {
    let paging = Paging::read(input)?;
    let sort = Sort::read(input, &["createdAt"], "-createdAt")?;
    let mut check = Check::query(input);
    let state = check.number_of("state", &[OPEN, REFUSED, ACCEPTED]).value();
    check.finish()?;
    let state = state.filter(|_| matches!(which, Which::Of(_)));
    let (total, changes) = ownership::list(app, which, state, paging, !sort.descending).await?;
    let people: Vec<_> = changes
        .iter()
        .flat_map(|it| [it.initiator_account_id, it.next_account_id])
        .collect();
    let accounts = view::accounts_by_id(app, &people).await?;
    let channels: Vec<ChannelId> = changes.iter().filter_map(|it| it.channel_id).collect();
    let channels = if channels.is_empty() {
        Vec::new()
    } else {
        channel::by_ids(&app.db, &channels).await?
    };
    let data: Vec<Value> = changes
        .iter()
        .map(|change| {
            let channel = channels.iter().find(|it| Some(it.id) == change.channel_id);
            let initiator = accounts.get(&change.initiator_account_id);
            let next = accounts.get(&change.next_account_id);
            shown(app, change, channel, initiator, next)
        })
        .collect();
    wire::json(&json!({ "total": total, "data": data }))
}

fn shown(
    app: &App,
    change: &Change,
    channel: Option<&Channel>,
    initiator: Option<&Value>,
    next: Option<&Value>,
) -> Value {
    let (label, status) = match change.state {
        ACCEPTED => ("Accepted", "ACCEPTED"),
        REFUSED => ("Rejected", "REFUSED"),
        _ => ("Pending", "WAITING"),
    };
    let video = change.video_id.zip(change.video_uuid).map(|(id, uuid)| {
        let picture = change.video_thumbnail.as_deref();
        json!({
            "id": id, "uuid": uuid, "shortUUID": short_uuid::shorten(uuid),
            "name": change.video_name, "duration": change.video_duration_s,
            "url": app.url(&format!("/videos/watch/{uuid}")),
            "thumbnailPath": picture.map(|name| format!("/lazy-static/thumbnails/{name}")),
        })
    });
    let channel = channel.map(|it| {
        json!({
            "id": it.id, "name": it.name, "displayName": it.display_name, "host": app.host(),
            "url": app.url(&format!("/video-channels/{}", it.name)),
        })
    });
    json!({
        "id": change.id, "status": status, "state": { "id": change.state, "label": label },
        "initiatorAccount": initiator, "nextOwnerAccount": next, "video": video,
        "videoChannel": channel, "createdAt": Iso(change.created_at),
    })
}

pub async fn my_videos(State(app): State<App>, me: Me, Query(input): Query) -> Result<Response> {
    let which = Which::Mine {
        account: me.account_id,
        of_videos: true,
    };
    answer(&app, &input, which).await
}

pub async fn my_channels(State(app): State<App>, me: Me, Query(input): Query) -> Result<Response> {
    let which = Which::Mine {
        account: me.account_id,
        of_videos: false,
    };
    answer(&app, &input, which).await
}

pub async fn of_video(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    manage(&app, &me, &video, Right::ChangeVideoOwnership).await?;
    answer(&app, &input, Which::Of(Given::Video(video.id))).await
}

pub async fn of_channel(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let channel = channel::find(&app, &handle).await?;
    channel::manage(&app, &me, &channel).await?;
    answer(&app, &input, Which::Of(Given::Channel(channel.id))).await
}

/// The offer of a path, of a video or else of a channel.
async fn found(app: &App, id: &str, of_video: bool) -> Result<Change> {
    let id: ChangeId = crate::check::id("id", id)?;
    let change = ownership::by_id(app, id).await?;
    change
        .filter(|it| it.video_id.is_some() == of_video)
        .ok_or_else(|| {
            Error::not_found(if of_video {
                "Video ownership change not found"
            } else {
                "Channel ownership change not found"
            })
        })
}

/// The offer must be for this user, and open.
fn for_me(me: &Me, change: &Change) -> Result<()> {
    if change.next_account_id != me.account_id {
        return Err(Error::forbidden(
            "Cannot terminate an ownership change of another user",
        ));
    }
    match (change.state, change.video_id) {
        (OPEN, _) => Ok(()),
        (_, Some(_)) => Err(ownership::not_open()),
        (_, None) => Err(Error::bad_request("Ownership already accepted or refused")),
    }
}

pub async fn accept_video(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let mut check = Check::body(&body);
    let channel_id = check.int("channelId", i64::MIN..=i64::MAX);
    let channel_id = check.required("channelId", channel_id).unwrap_or(0);
    check.finish()?;
    let change = found(&app, &id, true).await?;
    for_me(&me, &change)?;
    let (to, account) = channel::for_video(&app, &me, ChannelId::new(channel_id)).await?;
    if account != me.account_id {
        return Err(Error::bad_request(
            "Unknown video \"video channel\" for this account.",
        ));
    }
    let video = ownership::video(&app, &change).await?;
    if video.is_live && video.state == VideoState::Published {
        return Err(Error::bad_request(
            "You can not change the ownership of a live that has started",
        ));
    }
    ownership::accept_video(&app, &me, &change, &video, to).await?;
    Ok(no_content())
}

pub async fn refuse_video(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let change = found(&app, &id, true).await?;
    for_me(&me, &change)?;
    ownership::refuse(&app, &change).await?;
    Ok(no_content())
}

pub async fn withdraw_video(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let change = found(&app, &id, true).await?;
    let video = ownership::video(&app, &change).await?;
    manage(&app, &me, &video, Right::ChangeVideoOwnership).await?;
    still_open(&change)?;
    ownership::withdraw(&app, &change).await?;
    Ok(no_content())
}

fn still_open(change: &Change) -> Result<()> {
    if change.state == OPEN {
        return Ok(());
    }
    Err(Error::bad_request("Ownership already accepted or refused"))
}

async fn channel_of(app: &App, change: &Change) -> Result<Channel> {
    let found = match change.channel_id {
        Some(id) => channel::by_id(&app.db, id).await?,
        None => None,
    };
    found.ok_or_else(|| Error::not_found("Video channel not found"))
}

pub async fn accept_channel(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let change = found(&app, &id, false).await?;
    for_me(&me, &change)?;
    let channel = channel_of(&app, &change).await?;
    ownership::accept_channel(&app, &me, &change, &channel).await?;
    Ok(no_content())
}

pub async fn refuse_channel(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let change = found(&app, &id, false).await?;
    for_me(&me, &change)?;
    ownership::refuse(&app, &change).await?;
    Ok(no_content())
}

pub async fn withdraw_channel(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let change = found(&app, &id, false).await?;
    let channel = channel_of(&app, &change).await?;
    own_channel(&me, &channel)?;
    still_open(&change)?;
    ownership::withdraw(&app, &change).await?;
    Ok(no_content())
}
