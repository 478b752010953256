//! The REST routes of watching: views, history, ratings.

use super::super::list::{self, Filters, ListQuery, Scope};
use super::super::stats::{self, Agent};
use super::super::store::watch as store;
use super::super::view::{self, Extras};
use super::super::visibility::seen;
use super::super::watching::{self, Sign};
use super::super::{VideoId, VideoRef, find};
use crate::access::{Client, Me, Viewer};
use crate::app::App;
use crate::channel;
use crate::check::{Body, Check, Query, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::listing::{Paging, Sort};
use crate::wire::{self, Site};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub async fn view(
    State(app): State<App>,
    viewer: Viewer,
    client: Client,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let mut check = Check::body(&body);
    let at_s = check.int("currentTime", i64::MIN..=i64::MAX);
    let at_s = check.required("currentTime", at_s).unwrap_or(0);
    let event = check.text("viewEvent", 0..=100).value();
    let session = check.text("sessionId", 0..=200).value();
    let agent = Agent {
        client: check.text("client", 1..=200).value(),
        device: check.text("device", 1..=200).value(),
        system: check.text("operatingSystem", 1..=200).value(),
    };
    check.finish()?;
    let video = find(&app, by).await?;
    let session = session.unwrap_or_else(|| {
        let mut hash = Sha256::new();
        hash.update(app.secret);
        hash.update(client.ip.to_string());
        hex::encode(hash.finalize())
    });
    let sign = Sign {
        at_s,
        has_jumped: event.as_deref() == Some("seek"),
        session,
        country: country(&app, &client),
    };
    watching::watch(&app, viewer.user(), &video, &sign).await?;
    stats::note_agent(&app.db, video.id, &sign.session, &agent).await?;
    Ok(no_content())
}

fn country(app: &App, client: &Client) -> Option<String> {
    let found = app.countries.as_ref()?.of(client.ip)?;
    Some(found.as_str().to_owned())
}

pub async fn rate(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Body(body): Body,
) -> Result<Response> {
    VideoRef::read(&id)?;
    let mut check = Check::body(&body);
    let rating = check.one_of("rating", &["like", "dislike", "none"]);
    let rating = check.required("rating", rating).unwrap_or_default();
    check.finish()?;
    let video = seen(&app, &viewer, &id, &headers).await?;
    let value = Some(rating.as_str()).filter(|value| *value != "none");
    watching::rate(&app, &me, &video, value).await?;
    Ok(no_content())
}

pub async fn my_rating(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    let rating = store::rating(&app.db, video.id, me.account_id).await?;
    let rating = rating.as_deref().unwrap_or("none");
    // PeerTube's description calls it `id`, PeerTube itself `videoId`.
    wire::json(&json!({ "id": video.id, "videoId": video.id, "rating": rating }))
}

const BY_DATE: &[&str] = &["createdAt"];

pub async fn ratings(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    Path(name): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    if channel::api::account(&app, &name).await? != me.account_id {
        return Err(Error::forbidden("Cannot list ratings of another account"));
    }
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, BY_DATE, "-createdAt")?;
    let mut check = Check::query(&query);
    let value = check.one_of("rating", &["like", "dislike"]).value();
    check.finish()?;
    let oldest_first = !sort.descending;
    let Paging { start, count } = paging;
    let (total, rated) = store::ratings_of(
        &app.db,
        me.account_id,
        value.as_deref(),
        oldest_first,
        start,
        count,
    )
    .await?;
    let ids: Vec<VideoId> = rated.iter().map(|(id, _)| *id).collect();
    let rows = list::rows(&app, &viewer, &ids).await?;
    let site = Site::of(&app);
    let mut data: Vec<Value> = Vec::with_capacity(rows.len());
    for row in &rows {
        let value = rated
            .iter()
            .find(|(id, _)| id.0 == row.id)
            .map(|(_, value)| value);
        let item = serde_json::to_value(view::list_item(site, row, Extras::default()));
        data.push(json!({ "video": item.map_err(Error::internal)?, "rating": value }));
    }
    wire::json(&json!({ "total": total, "data": data }))
}

pub async fn history(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    Query(query): Query,
) -> Result<Response> {
    let paging = Paging::read(&query)?;
    let mut check = Check::query(&query);
    let search = check
        .text("search", 0..=500)
        .value()
        .filter(|text| !text.trim().is_empty());
    check.finish()?;
    let query = ListQuery {
        scope: Scope::Watched(me.id),
        filters: Filters {
            search,
            ..Filters::default()
        },
        paging,
        sort: Sort {
            column: "watched",
            descending: true,
        },
    };
    let page = list::page(&app, &viewer, &query).await?;
    view::list(&app, &page, Extras::default())
}

pub async fn forget(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let number: i64 = id.parse().map_err(|_| wrong_param("videoId", &id))?;
    store::forget(&app.db, me.id, VideoId::new(number)).await?;
    Ok(no_content())
}

pub async fn forget_all(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let before = check.date("beforeDate").value();
    check.finish()?;
    store::forget_before(&app.db, me.id, before.unwrap_or(i64::MAX)).await?;
    Ok(no_content())
}
