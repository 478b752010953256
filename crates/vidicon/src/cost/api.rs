//! What the site uses and costs, over the API.

use super::{Bill, ClassUse, Report, Table, Usage, heaviest, report};
use crate::app::App;
use crate::check::{Check, Query};
use crate::error::Result;
use crate::listing::Paging;
use axum::Json;
use axum::extract::State;
use schemars::JsonSchema;
use serde::Serialize;

/// Money is in the currency of the price table; the figures of the month are kept up to date each minute.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CostView {
    prices: Table,
    /// 0 is none.
    budget: f64,
    used_percent: Option<f64>,
    now: Bill,
    /// At the end of the month, if it goes on like this.
    forecast: Bill,
    /// The newest first.
    months: Vec<Usage>,
    stored: Vec<ClassUse>,
    savings: SavingsView,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is its own switch")]
struct SavingsView {
    lower_quality: bool,
    redirect_only: bool,
    ask_uploaders: bool,
    stop_uploads: bool,
}

impl From<Report> for CostView {
    fn from(report: Report) -> Self {
        CostView {
            prices: report.table,
            budget: report.budget,
            used_percent: report.used_percent,
            now: report.now,
            forecast: report.forecast,
            months: report.months,
            stored: report.classes,
            savings: SavingsView {
                lower_quality: report.savings.lower_quality,
                redirect_only: report.savings.redirect_only,
                ask_uploaders: report.savings.ask_uploaders,
                stop_uploads: report.savings.stop_uploads,
            },
        }
    }
}

/// `GET /server/costs`.
pub async fn show(State(app): State<App>) -> Result<Json<CostView>> {
    Ok(Json(report(&app).await?.into()))
}

/// What a video takes.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeavyView {
    id: i64,
    uuid: String,
    name: String,
    views: i64,
    rendition_bytes: i64,
    original_bytes: i64,
}

#[derive(Serialize, JsonSchema)]
pub struct HeavyList {
    data: Vec<HeavyView>,
}

/// `GET /server/costs/videos`: the heaviest first.
pub async fn videos(State(app): State<App>, Query(query): Query) -> Result<Json<HeavyList>> {
    let mut check = Check::query(&query);
    let start = check.int("start", 0..=1_000_000).or(0);
    let count = check.int("count", 1..=100).or(15);
    check.finish()?;
    let found = heaviest(&app, Paging { start, count }).await?;
    let data = found.into_iter().map(|video| HeavyView {
        id: video.id.0,
        uuid: video.uuid.to_string(),
        name: video.name,
        views: video.views,
        rendition_bytes: video.rendition_bytes,
        original_bytes: video.original_bytes,
    });
    Ok(Json(HeavyList {
        data: data.collect(),
    }))
}
