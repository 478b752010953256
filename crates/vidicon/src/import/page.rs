//! The page of imports: where an address is given, and how it goes on.

use super::api::{self, can_retry};
use super::sync::{self, SyncState};
use super::{Filter, Import, State as ImportState, sync_api};
use crate::access::Me;
use crate::app::App;
use crate::channel;
use crate::check::{Body, Query};
use crate::error::Result;
use crate::import;
use crate::listing::{Paging, Sort};
use crate::page::card::{PER_PAGE, Pages, page_number};
use crate::page::form::Form;
use crate::page::{Page, go, words};
use crate::video::list;
use crate::video::studio::fields::{self, Chosen, Options};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value};

#[derive(Template)]
#[template(path = "video/imports.html")]
struct Imports<'p> {
    page: &'p Page,
    is_on: bool,
    by_torrent: bool,
    error: Option<String>,
    url: String,
    options: Options,
    lines: Vec<Line>,
    is_waiting: bool,
    /// Channels in step; nothing where that is off.
    channels: Option<Vec<Kept>>,
    pages: Option<Pages>,
}

struct Line {
    id: String,
    title: String,
    link: Option<String>,
    address: String,
    mood: &'static str,
    sign: &'static str,
    state: &'static str,
    error: Option<String>,
    /// While it is being fetched: percent where that is known, and how much has come.
    percent: Option<i64>,
    received: Option<String>,
    ago: String,
    can_cancel: bool,
    can_retry: bool,
    can_remove: bool,
}

/// A channel of another site, and how it was looked at last.
struct Kept {
    id: String,
    address: String,
    channel: String,
    mood: &'static str,
    sign: &'static str,
    state: &'static str,
    ago: Option<String>,
}

const HERE: &str = "/my/imports";
const LABELS: [(&str, &str); 5] = [
    ("magnetUri", "import-address"),
    ("targetUrl", "import-address"),
    ("externalChannelUrl", "sync-address"),
    ("channelId", "channel"),
    ("videoChannelId", "channel"),
];

/// `GET /my/imports`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    let template = fill(&app, &page, &me, page_number(&query), "").await?;
    Ok(page.render(&template))
}

async fn fill<'p>(
    app: &App,
    page: &'p Page,
    me: &Me,
    number: i64,
    url: &str,
) -> Result<Imports<'p>> {
    let paging = Paging {
        start: (number - 1) * PER_PAGE,
        count: PER_PAGE + 1,
    };
    let (_, mut found) = import::list(app, me.id, &Filter::default(), paging, false).await?;
    let per_page = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let more = found.len() > per_page;
    found.truncate(per_page);
    let ids: Vec<_> = found.iter().filter_map(|it| it.video_id).collect();
    let rows = list::rows(app, &page.viewer, &ids).await?;
    let is_busy = |it: &Import| matches!(it.state, ImportState::Pending | ImportState::Processing);
    let usual = app.instance.settings().defaults.publish.privacy.to_string();
    let chosen = Chosen {
        privacy: &usual,
        ..Chosen::default()
    };
    Ok(Imports {
        is_on: import::check_on(app).is_ok() || import::check_torrents_on(app).is_ok(),
        by_torrent: import::check_torrents_on(app).is_ok(),
        error: None,
        url: url.to_owned(),
        options: Options::read(app, page, me, chosen).await?,
        lines: found.iter().map(|it| line(page, it, &rows)).collect(),
        is_waiting: found.iter().any(is_busy),
        channels: kept(app, page, me).await?,
        pages: Pages::new(HERE, "", number, more),
        page,
    })
}

/// The channels that this user keeps in step.
async fn kept(app: &App, page: &Page, me: &Me) -> Result<Option<Vec<Kept>>> {
    if sync::check_on(app).is_err() {
        return Ok(None);
    }
    let sort = Sort {
        column: "createdAt",
        descending: true,
    };
    let all = Paging {
        start: 0,
        count: 100,
    };
    let (_, found) = sync::list(app, me.account_id, true, sort, all).await?;
    let ids: Vec<_> = found.iter().map(|it| it.channel_id).collect();
    let channels = channel::by_ids(&app.db, &ids).await?;
    let shown = found.iter().map(|it| {
        let (mood, sign, state) = match it.state {
            SyncState::Waiting => ("quiet", "clock", page.t("import-waits")),
            SyncState::Processing => ("quiet", "clock", page.t("import-runs")),
            SyncState::Synced => ("good", "ok", page.t("sync-done")),
            SyncState::Failed => ("bad", "fault", page.t("import-failed")),
        };
        let into = channels.iter().find(|channel| channel.id == it.channel_id);
        Kept {
            id: it.id.to_string(),
            address: it.external_url.clone(),
            channel: into.map_or_else(String::new, |into| into.display_name.clone()),
            mood,
            sign,
            state,
            ago: it.last_sync_at.map(|at| page.ago(at)),
        }
    });
    Ok(Some(shown.collect()))
}

fn line(page: &Page, import: &Import, rows: &[list::Row]) -> Line {
    let row = import
        .video_id
        .and_then(|id| rows.iter().find(|row| row.id == id.0));
    let (mood, sign, state) = match import.state {
        ImportState::Pending => ("quiet", "clock", page.t("import-waits")),
        ImportState::Processing => ("quiet", "clock", page.t("import-runs")),
        ImportState::Success => ("good", "ok", page.t("import-done")),
        ImportState::Failed => ("bad", "fault", page.t("import-failed")),
        ImportState::Cancelled => ("quiet", "fault", page.t("import-cancelled")),
    };
    let is_busy = matches!(import.state, ImportState::Pending | ImportState::Processing);
    let is_fetching = import.state == ImportState::Processing;
    Line {
        id: import.id.to_string(),
        title: row.map_or_else(|| address(import).to_owned(), |row| row.name.clone()),
        link: row.map(|row| format!("/my/videos/{}", row.uuid)),
        address: address(import).to_owned(),
        mood,
        sign,
        state,
        error: import.error.clone(),
        percent: import.percent().filter(|_| is_fetching),
        received: is_fetching.then(|| page.texts.size(import.received_bytes)),
        ago: page.ago(import.updated_at),
        can_cancel: import.state == ImportState::Pending,
        can_retry: can_retry(import),
        can_remove: !is_busy,
    }
}

/// Where it comes from: an address, a magnet link or the name of a torrent.
fn address(import: &Import) -> &str {
    let torrent = import
        .magnet_uri
        .as_deref()
        .or(import.torrent_name.as_deref());
    torrent.unwrap_or(&import.target_url)
}

/// `POST /my/imports`.
pub async fn add(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let mut fields: Map<String, Value> = Map::new();
    for name in ["channelId", "privacy"] {
        fields.insert(name.to_owned(), form.text(name).into());
    }
    let address = form.text("targetUrl").trim();
    let kind = if address.starts_with("magnet:") {
        "magnetUri"
    } else {
        "targetUrl"
    };
    fields.insert(kind.to_owned(), address.into());
    match api::begin(&app, &me, &fields, None, None).await {
        Ok(_) => Ok(go(&app, HERE, Some((false, page.t("import-begun"))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut template = fill(&app, &page, &me, 1, form.text("targetUrl")).await?;
            let labels = [&LABELS[..], &fields::LABELS[..]].concat();
            template.error = Some(words::fault(&page, &error, &labels));
            Ok(page.render_with(&template, error.status(), &[]))
        }
    }
}

/// `POST /my/channel-syncs`.
pub async fn keep(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let fields = [
        ("externalChannelUrl", "externalChannelUrl"),
        ("videoChannelId", "channelId"),
    ];
    let body: Map<String, Value> = fields
        .into_iter()
        .map(|(name, typed)| (name.to_owned(), form.text(typed).into()))
        .collect();
    let done = sync_api::create(State(app.clone()), me, Body(body)).await;
    answered(&app, &page, done, page.t("sync-begun"))
}

/// `POST /my/channel-syncs/{id}`: looks now, or keeps it in step no more.
pub async fn act_on_channel(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let done = match form.text("act") {
        "sync" => sync_api::trigger(State(app.clone()), me, Path(id)).await,
        _ => sync_api::remove(State(app.clone()), me, Path(id)).await,
    };
    answered(&app, &page, done, page.t("import-changed"))
}

/// Back to the page, with what was done or why it was not.
fn answered(app: &App, page: &Page, done: Result<Response>, said: &str) -> Result<Response> {
    match done {
        Ok(_) => Ok(go(app, HERE, Some((false, said)))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let why = words::fault(page, &error, &LABELS);
            Ok(go(app, HERE, Some((true, &why))))
        }
    }
}

/// `POST /my/imports/{id}`: takes back, tries again or forgets one.
pub async fn act(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let done = match form.text("act") {
        "cancel" => api::cancel(State(app.clone()), me, Path(id)).await,
        "retry" => api::retry(State(app.clone()), me, Path(id)).await,
        _ => api::remove(State(app.clone()), me, Path(id)).await,
    };
    answered(&app, &page, done, page.t("import-changed"))
}
