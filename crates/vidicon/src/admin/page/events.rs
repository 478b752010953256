//! What the program says about itself, and who has changed what.

use super::{asked, table};
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::instance::audit;
use crate::page::Page;
use crate::page::card::Tab;
use crate::page::table::{Cell, Line};
use axum::extract::State;
use axum::response::Response;
use base::clock::DAY;
use base::telemetry::{self, Entry, Level};

const HERE: &str = "/admin/log";
/// Lines on the page; programs get more over the API.
const MOST: usize = 300;

/// What is shown; the names stand in the address.
const VIEWS: [(&str, &str); 4] = [
    ("", "log-faults"),
    ("warn", "log-warnings"),
    ("info", "log-all"),
    ("changes", "log-changes"),
];

/// `GET /admin/log`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let view = asked(&query, "show");
    let mut table = table(&page, HERE, page.t("admin-log"));
    table.lead = page.t("log-lead").to_owned();
    table.filters = VIEWS
        .iter()
        .map(|(name, key)| Tab {
            url: if name.is_empty() {
                HERE.to_owned()
            } else {
                format!("{HERE}?show={name}")
            },
            label: page.t(key).to_owned(),
            now: *name == view,
        })
        .collect();
    let (from, until) = (page.now - 7 * DAY, page.now);
    if view == "changes" {
        table.empty = page.t("log-no-changes").to_owned();
        table.columns = vec![page.t("job-when"), page.t("log-who"), page.t("log-what")];
        let entries = audit::between(&app.db, from, until).await?;
        let lines = entries.iter().rev().take(MOST);
        table.rows = lines.map(|entry| change(&page, entry)).collect();
        return Ok(table.render());
    }
    let level = match view {
        "warn" => Level::WARN,
        "info" => Level::INFO,
        _ => Level::ERROR,
    };
    table.empty = page.t("log-no-faults").to_owned();
    table.columns = vec![page.t("job-when"), page.t("log-level"), page.t("log-what")];
    let found = telemetry::recent(from, until, level);
    let lines = found.iter().rev().take(MOST);
    table.rows = lines.map(|entry| line(&page, entry)).collect();
    Ok(table.render())
}

fn line(page: &Page, entry: &Entry) -> Line {
    let (word, mood) = if entry.level == Level::ERROR {
        (page.t("mood-bad"), "bad")
    } else if entry.level == Level::WARN {
        (page.t("mood-warn"), "warn")
    } else {
        (page.t("log-note"), "quiet")
    };
    let more = (!entry.fields.is_empty())
        .then(|| serde_json::Value::Object(entry.fields.clone()).to_string());
    Line {
        cells: vec![
            Cell::text(page.ago(entry.at)),
            Cell::state(word, mood),
            Cell::text(&entry.message).note(entry.target).more(more),
        ],
        acts: Vec::new(),
    }
}

fn change(page: &Page, entry: &audit::Entry) -> Line {
    let data = (!entry.data.is_null()).then(|| entry.data.to_string());
    Line {
        cells: vec![
            Cell::text(page.ago(entry.at)),
            Cell::text(&entry.username),
            Cell::text(format!("{} {}", entry.action, entry.domain)).more(data),
        ],
        acts: Vec::new(),
    }
}
