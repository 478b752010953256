//! Who watched a video, when and how far: figures, two plots, and the same numbers as tables.

use super::plot::{self, Bar, Curve};
use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::page::Page;
use crate::page::card::{Tab, clock};
use crate::video::stats::{self, Metric, Named, Overall, Span};
use crate::video::store::extra;
use crate::video::{Video, VideoRef, find, manage};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use base::clock::DAY;
use serde_json::Value;

#[derive(Template)]
#[template(path = "studio/figures.html")]
struct Figures<'p> {
    page: &'p Page,
    uuid: String,
    url: String,
    title: String,
    spans: Vec<Tab>,
    views: String,
    watched: String,
    average: String,
    viewers: String,
    peak: Option<String>,
    likes: String,
    downloads: String,
    stayed: Option<Stay>,
    days: Days,
    lists: Vec<Share>,
}

/// How many were still watching.
struct Stay {
    curve: Curve,
    words: String,
    marks: Vec<Mark>,
    rows: Vec<(String, String)>,
}

/// A place on the time axis.
struct Mark {
    x: String,
    clock: String,
    title: String,
    minor: bool,
    anchor: &'static str,
}

/// Viewers by day or month.
struct Days {
    bars: Vec<Bar>,
    top: String,
    words: String,
    first: String,
    last: String,
    rows: Vec<(String, i64)>,
    empty: bool,
}

/// What it was watched with, or from where.
struct Share {
    title: &'static str,
    rows: Vec<(String, i64, i64)>,
}

/// `GET /my/videos/{id}/figures`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    manage(&app, &me, &video, Right::SeeAllVideos).await?;
    let whole = query.get("span").and_then(Value::as_str) == Some("all");
    let life = stats::whole_life(&app, &video);
    let span = Span {
        from: if whole {
            life.from
        } else {
            life.from.max(life.until - 30 * DAY)
        },
        until: life.until,
    };
    let template = template(&app, &page, &video, span, whole).await?;
    Ok(page.render(&template))
}

async fn template<'p>(
    app: &App,
    page: &'p Page,
    video: &Video,
    span: Span,
    whole: bool,
) -> Result<Figures<'p>> {
    let overall = stats::overall(app, video, span).await?;
    let agents = stats::agents(app, video, span).await?;
    let here = format!("/my/videos/{}/figures", video.uuid);
    let tab = |url: String, label: &str, now: bool| Tab {
        url,
        label: label.to_owned(),
        now,
    };
    let number = |count: i64| page.texts.number(u64::try_from(count).unwrap_or(0));
    let length = |seconds: i64| page.texts.length(u64::try_from(seconds).unwrap_or(0));
    let lists = [
        share(page.t("figures-programs"), agents.clients),
        share(page.t("figures-devices"), agents.devices),
        share(page.t("figures-systems"), agents.operating_system),
        share(page.t("figures-countries"), countries(&overall)),
    ];
    Ok(Figures {
        page,
        uuid: video.uuid.to_string(),
        url: video.watch_path(),
        title: video.name.clone(),
        spans: vec![
            tab(here.clone(), page.t("figures-month"), !whole),
            tab(format!("{here}?span=all"), page.t("figures-all"), whole),
        ],
        views: number(video.views),
        watched: length(overall.total_watch_time),
        average: length(overall.average_watch_time),
        viewers: number(overall.total_viewers),
        peak: (overall.viewers_peak > 1).then(|| number(overall.viewers_peak)),
        likes: number(video.likes),
        downloads: number(overall.downloads),
        stayed: stay(app, page, video).await?,
        days: days(app, page, video, span).await?,
        lists: lists
            .into_iter()
            .filter(|list| !list.rows.is_empty())
            .collect(),
    })
}

fn countries(overall: &Overall) -> Vec<Named> {
    let named = overall.countries.iter().map(|country| Named {
        name: country.iso_code.clone(),
        viewers: country.viewers,
    });
    named.collect()
}

fn share(title: &'static str, named: Vec<Named>) -> Share {
    let all: i64 = named.iter().map(|it| it.viewers).sum();
    let row = |it: Named| (it.name, it.viewers, it.viewers * 100 / all.max(1));
    Share {
        title,
        rows: named.into_iter().take(8).map(row).collect(),
    }
}

async fn stay(app: &App, page: &Page, video: &Video) -> Result<Option<Stay>> {
    if video.is_live {
        return Ok(None);
    }
    let seconds = stats::retention(app, video).await?.data;
    let shares: Vec<f64> = seconds.iter().map(|it| it.retention_percent).collect();
    if shares.iter().all(|share| *share <= 0.0) {
        return Ok(None);
    }
    let percent = |share: f64| format!("{share:.0}%");
    let end = percent(shares.last().copied().unwrap_or(0.0));
    let half = percent(shares.get(shares.len() / 2).copied().unwrap_or(0.0));
    let every = (seconds.len() / 20).max(1);
    let rows = seconds.iter().step_by(every);
    Ok(Some(Stay {
        words: page.tyx("figures-stay-words", "half", half, "end", end),
        marks: marks(app, video).await?,
        rows: rows
            .map(|it| (clock(it.second), percent(it.retention_percent)))
            .collect(),
        curve: plot::curve(&shares, Some(100.0)),
    }))
}

/// Chapters on the axis, or quarters of the length.
async fn marks(app: &App, video: &Video) -> Result<Vec<Mark>> {
    let length = video.duration_s.max(1);
    let mut points = extra::chapters(&app.db, video.id).await?;
    points.retain(|(at, _)| *at < length);
    if points.is_empty() {
        let quarters = (0..=4).map(|quarter| (length * quarter / 4, String::new()));
        points = quarters.collect();
    }
    let mut last = -100;
    let mut marks = Vec::with_capacity(points.len());
    for (at, title) in points {
        let mills = at * 1000 / length;
        // Words that would lie over those before them step aside.
        let near = mills - last < if title.is_empty() { 60 } else { 150 };
        if near {
            continue;
        }
        last = mills;
        marks.push(Mark {
            x: format!("{}.{}%", mills / 10, mills % 10),
            clock: clock(at),
            title: title.chars().take(18).collect(),
            minor: marks.len() % 2 == 1,
            anchor: if mills > 900 { "end" } else { "start" },
        });
    }
    Ok(marks)
}

async fn days(app: &App, page: &Page, video: &Video, span: Span) -> Result<Days> {
    let series = stats::series(app, video, span, Metric::Viewers).await?;
    let hours = series.group_interval != "1 day" && series.group_interval != "1 month";
    let word = |date: &str| {
        let at = crate::check::parse_date(date).unwrap_or(0);
        if hours {
            date.get(11..16).unwrap_or_default().to_owned()
        } else {
            page.texts.date(at)
        }
    };
    let values: Vec<f64> = series
        .data
        .iter()
        .map(|point| f64::from(u32::try_from(point.value).unwrap_or(u32::MAX)))
        .collect();
    let (bars, top) = plot::bars(&values);
    let most = series.data.iter().max_by_key(|point| point.value);
    let (most, day) = most.map_or((0, String::new()), |it| (it.value, word(&it.date)));
    let edge = |point: Option<&stats::Point>| point.map(|it| word(&it.date)).unwrap_or_default();
    let rows = series.data.iter().filter(|point| point.value > 0);
    Ok(Days {
        bars,
        top: format!("{top:.0}"),
        words: page.tyx("figures-days-words", "most", most, "day", day),
        first: edge(series.data.first()),
        last: edge(series.data.last()),
        rows: rows.map(|it| (word(&it.date), it.value)).collect(),
        empty: most == 0,
    })
}
