//! The page of one's own data: an archive to take away, and one to bring along.

use super::read::Counted;
use super::{Export, State, api};
use crate::access::Me;
use crate::app::App;
use crate::check::Body;
use crate::check::form::{FileField, Form as Files, wrong_file};
use crate::error::{Error, Result};
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::{Page, confirm, go, words};
use crate::takeout;
use crate::user::page::tabs;
use crate::video::upload::{Metadata, Purpose, Upload, UploadState};
use askama::Template;
use axum::extract::{Path, Request, State as Handle};
use axum::response::Response;
use serde_json::Map;
use std::collections::BTreeMap;

#[derive(Template)]
#[template(path = "account/data.html")]
struct Data<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    user_id: String,
    makes: bool,
    takes: bool,
    exports: Vec<Line>,
    /// Nothing is being made or kept, so a new archive can be asked for.
    can_make: bool,
    import: Option<Brought>,
    is_waiting: bool,
}

struct Line {
    id: String,
    made: String,
    mood: &'static str,
    sign: &'static str,
    state: &'static str,
    size: Option<String>,
    until: String,
    link: Option<String>,
    /// While it is being made.
    percent: Option<i64>,
    error: Option<String>,
}

/// What came of the archive that was brought along last.
struct Brought {
    filename: String,
    ago: String,
    mood: &'static str,
    sign: &'static str,
    state: &'static str,
    percent: Option<i64>,
    error: Option<String>,
    parts: Vec<Part>,
}

struct Part {
    line: String,
    reasons: Vec<String>,
}

const HERE: &str = "/my/settings/data";
const LABELS: [(&str, &str); 1] = [("archive", "takeout-file")];

/// `GET /my/settings/data`.
pub async fn show(Handle(app): Handle<App>, page: Page, me: Me) -> Result<Response> {
    let template = fill(&app, &page, &me).await?;
    Ok(page.render(&template))
}

async fn fill<'p>(app: &App, page: &'p Page, me: &Me) -> Result<Data<'p>> {
    let exports = takeout::exports(app, me.id).await?;
    let import = takeout::latest_import(app, me.id).await?;
    let is_busy = exports.iter().any(|it| it.state.is_busy())
        || import.as_ref().is_some_and(|it| it.state.is_busy());
    Ok(Data {
        page,
        tabs: tabs(page, HERE),
        error: None,
        user_id: me.id.to_string(),
        makes: takeout::check_exports_on(app).is_ok(),
        takes: takeout::check_imports_on(app).is_ok(),
        can_make: exports.iter().all(|it| it.state == State::Failed),
        exports: exports.iter().map(|it| line(app, page, it)).collect(),
        import: import.map(|it| brought(page, &it)),
        is_waiting: is_busy,
    })
}

fn mood(page: &Page, state: State) -> (&'static str, &'static str, &'static str) {
    match state {
        State::Pending => ("quiet", "clock", page.t("takeout-waits")),
        State::Processing => ("quiet", "clock", page.t("takeout-runs")),
        State::Completed => ("good", "ok", page.t("takeout-done")),
        State::Failed => ("bad", "fault", page.t("takeout-failed")),
    }
}

fn line(app: &App, page: &Page, export: &Export) -> Line {
    let (mood, sign, state) = mood(page, export.state);
    Line {
        id: export.id.to_string(),
        made: page.date(export.created_at),
        mood,
        sign,
        state,
        size: export.size_bytes.map(|bytes| page.texts.size(bytes)),
        until: page.date(export.expires_at(app)),
        link: takeout::link(app, export),
        percent: export.state.is_busy().then_some(export.progress),
        error: export.error.clone(),
    }
}

fn brought(page: &Page, import: &takeout::Import) -> Brought {
    let (mood, sign, state) = mood(page, import.state);
    let report: BTreeMap<String, Counted> = import
        .report
        .clone()
        .and_then(|report| serde_json::from_value(report).ok())
        .unwrap_or_default();
    let parts = report.into_iter().map(|(part, counted)| Part {
        line: super::line(page.texts, &part, &counted),
        reasons: counted.reasons,
    });
    Brought {
        filename: import.filename.clone(),
        ago: page.ago(import.created_at),
        mood,
        sign,
        state,
        percent: import.state.is_busy().then_some(import.progress),
        error: import.error.clone(),
        parts: parts.collect(),
    }
}

/// `POST /my/settings/data`: asks for an archive.
pub async fn make(Handle(app): Handle<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let with_files = form.has("withVideoFiles");
    let body = Map::from_iter([("withVideoFiles".to_owned(), with_files.into())]);
    let id = Path(me.id.to_string());
    let asked = api::request(Handle(app.clone()), me.clone(), id, Body(body)).await;
    answered(&app, &page, &me, asked.map(drop), "takeout-asked").await
}

/// `POST /my/settings/data/{id}/delete`.
pub async fn remove(
    Handle(app): Handle<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    if let Some(asked) = confirm::unless_sure(
        &page,
        &form,
        ("takeout-delete-sure", "takeout-delete"),
        HERE,
    ) {
        return Ok(asked);
    }
    let both = Path((me.id.to_string(), id));
    let gone = api::remove(Handle(app.clone()), me.clone(), both).await;
    answered(&app, &page, &me, gone.map(drop), "takeout-deleted").await
}

/// `POST /my/settings/data/import`: the archive as a whole. With script it comes in pieces.
pub async fn bring(
    Handle(app): Handle<App>,
    page: Page,
    me: Me,
    request: Request,
) -> Result<Response> {
    let taken = take(&app, &me, request).await;
    answered(&app, &page, &me, taken, "takeout-brought").await
}

async fn take(app: &App, me: &Me, request: Request) -> Result<()> {
    takeout::check_imports_on(app)?;
    let field = FileField {
        name: "archive",
        max_bytes: None,
    };
    let mut form = Files::read(app, request, &[field]).await?;
    let file = form.take("archive");
    let file = file.ok_or_else(|| wrong_file("archive", "Should have a file"))?;
    let size_bytes = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
    api::check_import(app, me, me.id, &file.filename, size_bytes).await?;
    let upload = Upload {
        id: format!("{}-{}", me.id, base::random::token()),
        user_id: me.id,
        purpose: Purpose::Import,
        video_id: None,
        metadata: Metadata {
            filename: file.filename.clone(),
            ending: ".zip".to_owned(),
            ..Metadata::default()
        },
        size_bytes,
        state: UploadState::Open,
        answer: None,
        updated_at: app.clock.now(),
    };
    std::fs::rename(file.file.path(), upload.path(app))?;
    let arrived = takeout::arrived(app, &upload, me.id).await;
    let _ = std::fs::remove_file(upload.path(app));
    arrived.map(drop)
}

/// Back to the page, with what was done or why it was not.
async fn answered(
    app: &App,
    page: &Page,
    me: &Me,
    done: Result<()>,
    said: &'static str,
) -> Result<Response> {
    match done {
        Ok(()) => Ok(go(app, HERE, Some((false, page.t(said))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut template = fill(app, page, me).await?;
            template.error = Some(fault(page, &error));
            Ok(page.render_with(&template, error.status(), &[]))
        }
    }
}

fn fault(page: &Page, error: &Error) -> String {
    words::fault(page, error, &LABELS)
}
