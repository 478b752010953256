//! The routes of a video's statistics, for its owner and for moderators.

use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::check::{Check, Query, wrong_param};
use crate::error::{Error, Result};
use crate::video::stats::{self, Agents, Metric, Overall, Retention, Series, Span};
use crate::video::{self, Video, VideoRef, visibility};
use axum::Json;
use axum::extract::{Path, State};
use base::clock::{DAY, Millis};
use serde_json::{Map, Value};

const LONGEST: Millis = 3650 * DAY;

/// The video, if its figures are for this user.
async fn own(app: &App, me: &Me, id: &str) -> Result<Video> {
    let video = video::find(app, VideoRef::read(id)?).await?;
    visibility::manage(app, me, &video, Right::SeeAllVideos).await?;
    Ok(video)
}

/// `startDate` and `endDate`, as far as they are given.
fn dates(input: &Map<String, Value>) -> Result<(Option<Millis>, Option<Millis>)> {
    let mut check = Check::query(input);
    let (from, until) = (
        check.date("startDate").value(),
        check.date("endDate").value(),
    );
    if let (Some(from), Some(until)) = (from, until)
        && from > until
    {
        check.fail("endDate", "Should not be before startDate");
    }
    check.finish()?;
    Ok((from, until))
}

fn open_span(input: &Map<String, Value>) -> Result<Span> {
    let (from, until) = dates(input)?;
    Ok(Span {
        from: from.unwrap_or(0),
        until: until.unwrap_or(Millis::MAX / 2),
    })
}

pub async fn overall(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Query(input): Query,
) -> Result<Json<Overall>> {
    let span = open_span(&input)?;
    let video = own(&app, &me, &id).await?;
    Ok(Json(stats::overall(&app, &video, span).await?))
}

pub async fn agents(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Query(input): Query,
) -> Result<Json<Agents>> {
    let span = open_span(&input)?;
    let video = own(&app, &me, &id).await?;
    Ok(Json(stats::agents(&app, &video, span).await?))
}

pub async fn retention(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Json<Retention>> {
    let video = own(&app, &me, &id).await?;
    if video.is_live {
        return Err(Error::bad_request(
            "Cannot get retention stats of live video",
        ));
    }
    Ok(Json(stats::retention(&app, &video).await?))
}

pub async fn series(
    State(app): State<App>,
    me: Me,
    Path((id, metric)): Path<(String, String)>,
    Query(input): Query,
) -> Result<Json<Series>> {
    let metric = match metric.as_str() {
        "viewers" => Metric::Viewers,
        "aggregateWatchTime" => Metric::WatchTime,
        "downloads" => Metric::Downloads,
        other => return Err(wrong_param("metric", other)),
    };
    let given = dates(&input)?;
    if given.0.is_some() != given.1.is_some() {
        return Err(Error::bad_request(
            "Both start date and end date should be defined if one of them is specified",
        ));
    }
    let video = own(&app, &me, &id).await?;
    let span = match given {
        (Some(from), Some(until)) => Span { from, until },
        _ => stats::whole_life(&app, &video),
    };
    if span.until - span.from > LONGEST {
        return Err(Error::bad_request(
            "Start date and end date interval is too big",
        ));
    }
    Ok(Json(stats::series(&app, &video, span, metric).await?))
}
