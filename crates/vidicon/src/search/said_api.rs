//! The REST routes of what is said in videos.

use super::api;
use super::said::{self, Place};
use crate::access::Viewer;
use crate::app::App;
use crate::check::{Check, Query};
use crate::error::Result;
use crate::listing::Paging;
use crate::video::list::Row;
use crate::video::visibility::seen;
use crate::video::{VideoId, labels, short_uuid};
use crate::wire::Site;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use schemars::JsonSchema;
use serde::Serialize;

/// Videos in whose captions something is said.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Found {
    /// At most 1,000.
    total: i64,
    data: Vec<Video>,
}

#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Video {
    id: i64,
    uuid: String,
    #[serde(rename = "shortUUID")]
    short_uuid: String,
    name: String,
    /// Seconds.
    duration: i64,
    url: String,
    /// The first three.
    places: Vec<Said>,
}

/// The places in one video.
#[derive(Debug, Serialize, JsonSchema)]
pub struct FoundInOne {
    total: i64,
    data: Vec<Said>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Said {
    /// Of the caption.
    language: Language,
    /// Seconds from the start of the video.
    start: u64,
    text: String,
    /// The page of the video, which starts there.
    url: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Language {
    id: String,
    label: String,
}

/// `GET /api/v1/search/captions`.
pub async fn videos(
    State(app): State<App>,
    viewer: Viewer,
    Query(input): Query,
) -> Result<Json<Found>> {
    let paging = Paging::read(&input)?;
    let mut check = Check::query(&input);
    let text = check.text("search", 1..=1_000);
    check.required("search", text);
    check.finish()?;
    let (text, filters) = api::read(&app, &input, &viewer)?;
    let text = text.unwrap_or_default();
    let (page, mut places) = said::videos(&app, &viewer, &text, filters, paging).await?;
    let site = Site::of(&app);
    let data = page.rows.iter().map(|row| {
        let places = places.remove(&VideoId::new(row.id)).unwrap_or_default();
        video(site, row, places)
    });
    Ok(Json(Found {
        data: data.collect(),
        total: page.total.unwrap_or(0),
    }))
}

/// `GET /api/v1/videos/{id}/captions/search`.
pub async fn of_video(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
    Query(input): Query,
) -> Result<Json<FoundInOne>> {
    let paging = Paging::read(&input)?;
    let mut check = Check::query(&input);
    let text = check.text("search", 1..=1_000);
    let text = check.required("search", text);
    check.finish()?;
    let video = seen(&app, &viewer, &id, &headers).await?;
    let text = text.unwrap_or_default();
    let (total, places) = said::places_in(&app, &text, video.id, paging).await?;
    let page = page_of(Site::of(&app), &short_uuid::shorten(video.uuid));
    Ok(Json(FoundInOne {
        total,
        data: places.into_iter().map(|it| place(&page, it)).collect(),
    }))
}

fn video(site: Site<'_>, row: &Row, places: Vec<Place>) -> Video {
    let uuid: uuid::Uuid = row.uuid.parse().unwrap_or_default();
    let page = page_of(site, &short_uuid::shorten(uuid));
    Video {
        id: row.id,
        uuid: row.uuid.clone(),
        short_uuid: short_uuid::shorten(uuid),
        name: row.name.clone(),
        duration: row.duration_s,
        places: places.into_iter().map(|it| place(&page, it)).collect(),
        url: page,
    }
}

fn page_of(site: Site<'_>, short: &str) -> String {
    format!("{}/w/{short}", site.url)
}

fn place(page: &str, place: Place) -> Said {
    Said {
        language: Language {
            label: labels::language(Some(&place.language)).label.to_owned(),
            id: place.language,
        },
        start: place.start_s,
        text: place.text,
        url: format!("{page}?start={}s", place.start_s),
    }
}
