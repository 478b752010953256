//! Machines elsewhere that encode for this site, and the command that adds one.

use super::{asked, table};
use crate::app::App;
use crate::check::{Body, Query, id as read_id};
use crate::error::{Error, Result};
use crate::page::table::{Act, Ask, Cell, Field, Kind, Line, pages, paging};
use crate::page::{Page, go};
use crate::runner::{self, Runner};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::Value;

const HERE: &str = "/admin/machines";

/// `GET /admin/machines`: with `name`, the command that makes the machine of this name join.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let (number, paging) = paging(&query);
    let (total, found) = runner::list(&app.db, paging).await?;
    let name = plain(asked(&query, "name"));
    let mut table = table(&page, HERE, page.t("admin-machines"));
    table.lead = page.t("machines-lead").to_owned();
    if !name.is_empty()
        && let Some(token) = runner::newest_token(&app.db).await?
    {
        let site = &app.config.server.public_url;
        let command = format!("vidicon worker --server {site} --token {token} --name {name}");
        table.lead = page.tx("machines-command", "command", command);
    }
    table.empty = page.t("machines-empty").to_owned();
    table.columns = vec![
        page.t("machine-name"),
        page.t("machine-encodes"),
        page.t("machine-trust"),
        page.t("machine-seen"),
    ];
    table.asks = vec![Ask {
        url: HERE.to_owned(),
        button: page.t("machine-make"),
        fields: vec![
            Field::new("name", page.t("machine-name"), Kind::Line)
                .hint(page.t("machine-hint"))
                .with(name)
                .needed(),
        ],
        ..Ask::default()
    }];
    table.rows = found.iter().map(|runner| line(&page, runner)).collect();
    table.pages = pages(HERE, "", number, total);
    Ok(table.render())
}

/// It stands in a command that somebody copies into a shell.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c))
        .take(100)
        .collect()
}

fn line(page: &Page, runner: &Runner) -> Line {
    let mood = match runner.trust {
        0 => "bad",
        1..50 => "warn",
        _ => "good",
    };
    let encodes = match &runner.encoders {
        Some(names) => names.split_whitespace().collect::<Vec<_>>().join(", "),
        None => page.t("machine-other").to_owned(),
    };
    let sure = page.tx("machine-remove-sure", "name", &runner.name);
    Line {
        cells: vec![
            Cell::text(&runner.name).note(runner.version.clone().unwrap_or_default()),
            Cell::text(encodes),
            Cell::state(format!("{} %", runner.trust), mood),
            Cell::text(page.ago(runner.last_contact)),
        ],
        acts: vec![Act::grave(
            format!("{HERE}/{}/delete", runner.id),
            page.t("machine-remove"),
            sure,
        )],
    }
}

/// `POST /admin/machines`: a token for the machine that is about to join.
pub async fn add(State(app): State<App>, Body(body): Body) -> Result<Response> {
    let name = plain(body.get("name").and_then(Value::as_str).unwrap_or_default());
    if name.is_empty() {
        return Ok(go(&app, HERE, None));
    }
    runner::make_token(&app).await?;
    Ok(go(&app, &format!("{HERE}?name={name}"), None))
}

/// `POST /admin/machines/{id}/delete`.
pub async fn remove(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
) -> Result<Response> {
    if !runner::admin::remove(&app, read_id("id", &id)?).await? {
        return Err(Error::not_found("Runner not found"));
    }
    Ok(go(&app, HERE, Some((false, page.t("machine-removed")))))
}
