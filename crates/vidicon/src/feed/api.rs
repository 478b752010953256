//! The routes of the feeds.

use super::podcast;
use super::render::{self, Format, PERSONAL, SHARED};
use super::store;
use super::videos::{self, Subject};
use crate::access::Viewer;
use crate::account;
use crate::account::UserId;
use crate::account::session::{SessionId, SignedIn};
use crate::app::App;
use crate::check::{Check, Query, wrong_param};
use crate::error::{Error, Result};
use crate::video::visibility;
use axum::extract::{OriginalUri, Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Map, Value};
use std::sync::Arc;

/// The format by the ending of the path or, without one, by `?format=`.
fn format(ending: Option<&str>, input: &Map<String, Value>, headers: &HeaderMap) -> Result<Format> {
    let asked = input.get("format").and_then(Value::as_str);
    let word = ending.or(asked).unwrap_or("rss");
    if let Some(asked) = asked {
        Format::parse(asked).ok_or_else(|| wrong_param("format", asked))?;
    }
    let format = Format::parse(word).ok_or_else(|| wrong_param("format", word))?;
    render::check_accept(headers, format)?;
    Ok(format)
}

/// The feed's own address, with its query.
fn own_path(uri: &axum::http::Uri) -> &str {
    uri.path_and_query()
        .map_or(uri.path(), |path| path.as_str())
}

pub async fn videos(
    State(app): State<App>,
    ending: Option<Path<String>>,
    OriginalUri(uri): OriginalUri,
    Query(input): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let format = format(
        ending.as_ref().map(|Path(ending)| ending.as_str()),
        &input,
        &headers,
    )?;
    let subject = Subject::read(&app, &input).await?;
    let mut feed = videos::head(&app, &subject, own_path(&uri)).await?;
    videos::videos(&app, &mut feed, &subject, &input, false).await?;
    render::answer(&feed, format, &headers, SHARED)
}

pub async fn comments(
    State(app): State<App>,
    ending: Option<Path<String>>,
    OriginalUri(uri): OriginalUri,
    Query(input): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let format = format(
        ending.as_ref().map(|Path(ending)| ending.as_str()),
        &input,
        &headers,
    )?;
    let subject = Subject::read(&app, &input).await?;
    let mut scope = videos::comment_scope(&input, &subject)?;
    let mut feed = videos::head(&app, &subject, own_path(&uri)).await?;
    if let Some(id) = videos::video_id(&input) {
        let video = visibility::seen(&app, &Viewer::default(), &id, &headers).await?;
        scope.video_id = Some(video.id.0);
        feed.title = super::clean(&video.name);
        feed.link = app.url(&video.watch_path());
    }
    feed.description = format!("Comments: {}", feed.title);
    videos::comments(&app, &mut feed, scope).await?;
    render::answer(&feed, format, &headers, SHARED)
}

/// What somebody follows, for a reader that cannot log in: the token of the address does.
pub async fn subscriptions(
    State(app): State<App>,
    ending: Option<Path<String>>,
    OriginalUri(uri): OriginalUri,
    Query(input): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let format = format(
        ending.as_ref().map(|Path(ending)| ending.as_str()),
        &input,
        &headers,
    )?;
    let mut check = Check::query(&input);
    let account_id = check.int("accountId", 1..=i64::MAX);
    let account_id = check.required("accountId", account_id).unwrap_or(0);
    let token = check.text("token", 1..=255);
    let token = check.required("token", token).unwrap_or_default();
    check.finish()?;
    let subscriber = store::subscriber(&app.db, account_id).await?;
    let subscriber = subscriber.ok_or_else(|| Error::not_found("Account not found"))?;
    if subscriber.feed_token != token {
        return Err(Error::forbidden("The token of this feed is not valid."));
    }
    let viewer = viewer(&app, UserId::new(subscriber.user_id)).await?;
    let mut feed = videos::head(&app, &Subject::Site, own_path(&uri)).await?;
    videos::followed(&app, &mut feed, &viewer, &input).await?;
    render::answer(&feed, format, &headers, PERSONAL)
}

/// The owner of the feed's token, as if logged in, but without a session.
async fn viewer(app: &App, user_id: UserId) -> Result<Viewer> {
    let user = Arc::new(account::user(app, user_id).await?);
    Ok(Viewer {
        signed_in: Some(SignedIn {
            user,
            session_id: SessionId::new(0),
        }),
        ..Viewer::default()
    })
}

pub async fn podcast(
    State(app): State<App>,
    OriginalUri(uri): OriginalUri,
    Query(input): Query,
    headers: HeaderMap,
) -> Result<Response> {
    render::check_accept(&headers, Format::Rss)?;
    let mut check = Check::query(&input);
    let channel_id = check.int("videoChannelId", 1..=i64::MAX);
    let playlist = check.text("playlistId", 1..=40).value();
    if playlist.is_none() {
        check.required("videoChannelId", channel_id);
    }
    check.finish()?;
    let prefers_sound = podcast::prefers_sound(&input)?;
    let mut feed = if let Some(id) = playlist {
        let mut feed = videos::head(&app, &Subject::Site, own_path(&uri)).await?;
        podcast::of_playlist(&app, &mut feed, &id).await?;
        feed
    } else {
        let subject = Subject::read(&app, &input).await?;
        let mut feed = videos::head(&app, &subject, own_path(&uri)).await?;
        if let Subject::Channel(channel) = &subject {
            podcast::head(&app, &mut feed, channel).await?;
        }
        videos::videos(&app, &mut feed, &subject, &input, true).await?;
        feed
    };
    feed.prefers_sound = prefers_sound;
    podcast::add_sounds(&app, &mut feed).await?;
    podcast::shelve(&app, &mut feed);
    render::podcast(&feed, &headers)
}
