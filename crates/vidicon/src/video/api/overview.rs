//! The REST route of the discover page: newest videos of some categories, channels and tags.

use super::super::labels;
use super::super::list::{self, Filters, ListQuery, Row, Scope};
use super::super::store::extra as store;
use super::super::view::{self, Extras};
use crate::access::Viewer;
use crate::app::App;
use crate::channel::ChannelId;
use crate::check::{Check, Query};
use crate::error::{Error, Result};
use crate::wire::{self, Site};
use axum::extract::State;
use axum::response::Response;
use serde_json::{Value, json};

/// A category, channel or tag is shown if it has so many videos.
const AT_LEAST: i64 = 6;
const SHOWN: i64 = 12;

pub async fn show(State(app): State<App>, viewer: Viewer, Query(input): Query) -> Result<Response> {
    let mut check = Check::query(&input);
    let page = check.int("page", 1..=20).or(1);
    check.finish()?;
    let at = usize::try_from(page - 1).unwrap_or(0);
    let category = store::popular_categories(&app.db, AT_LEAST)
        .await?
        .get(at)
        .map(|it| it.0);
    let channel = store::popular_channels(&app.db, AT_LEAST)
        .await?
        .get(at)
        .map(|it| it.0);
    let tag = store::popular_tags(&app.db, AT_LEAST)
        .await?
        .into_iter()
        .nth(at)
        .map(|it| it.0);
    let mut answer = json!({ "categories": [], "channels": [], "tags": [] });
    if let Some(id) = category {
        let filters = Filters {
            categories: vec![id],
            ..Filters::default()
        };
        let rows = newest(&app, &viewer, Scope::All, filters).await?;
        let videos = items(&app, &rows)?;
        let shown = json!([{ "category": labels::category(app.instance.labels(), Some(id)), "videos": videos }]);
        wire::put(&mut answer, "categories", shown);
    }
    if let Some(id) = channel {
        let scope = Scope::Channel(ChannelId::new(id));
        let rows = newest(&app, &viewer, scope, Filters::default()).await?;
        let summary = rows
            .first()
            .map(|row| view::channel_summary(Site::of(&app), row));
        let shown = json!([{ "channel": summary, "videos": items(&app, &rows)? }]);
        wire::put(&mut answer, "channels", shown);
    }
    if let Some(tag) = tag {
        let filters = Filters {
            tags_one: vec![tag.clone()],
            ..Filters::default()
        };
        let rows = newest(&app, &viewer, Scope::All, filters).await?;
        let shown = json!([{ "tag": tag, "videos": items(&app, &rows)? }]);
        wire::put(&mut answer, "tags", shown);
    }
    wire::json(&answer)
}

async fn newest(app: &App, viewer: &Viewer, scope: Scope, filters: Filters) -> Result<Vec<Row>> {
    let query = ListQuery::newest(app, viewer, SHOWN);
    let nsfw = query.filters.nsfw;
    let filters = Filters {
        nsfw,
        skip_count: true,
        ..filters
    };
    Ok(list::page(
        app,
        viewer,
        &ListQuery {
            scope,
            filters,
            ..query
        },
    )
    .await?
    .rows)
}

fn items(app: &App, rows: &[Row]) -> Result<Value> {
    let site = Site::of(app);
    let items: Vec<_> = rows
        .iter()
        .map(|row| view::list_item(site, row, Extras::default()))
        .collect();
    serde_json::to_value(items).map_err(Error::internal)
}
