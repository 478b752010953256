//! Accounts and servers that the place hears nothing of, for everybody.

use super::{asked, body, table};
use crate::access::Me;
use crate::account::api::mute as api;
use crate::account::mute;
use crate::account::profiles_of;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Kind, Line, filters, pages, paging};
use crate::page::{Page, go, words};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

const HERE: &str = "/admin/mutes";
const SERVERS: &str = "/admin/mutes?of=servers";

/// `GET /admin/mutes`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    list(&app, &page, &query, None).await
}

/// The list; with what was typed and why it was refused.
async fn list(
    app: &App,
    page: &Page,
    query: &Map<String, Value>,
    refused: Option<(&str, String)>,
) -> Result<Response> {
    let of_servers = asked(query, "of") == "servers";
    let (number, paging) = paging(query);
    let mut table = table(page, HERE, page.t("admin-mutes"));
    table.lead = page.t("mutes-lead").to_owned();
    table.filters = filters(
        page,
        &[
            (HERE, "mutes-accounts", !of_servers),
            (SERVERS, "mutes-servers", of_servers),
        ],
    );
    table.columns = vec![page.t("name"), page.t("job-when")];
    let (typed, error) = refused.map_or(("", None), |(typed, error)| (typed, Some(error)));
    table.asks = vec![ask(page, of_servers, typed, error)];
    let total = if of_servers {
        table.empty = page.t("mutes-no-servers").to_owned();
        let (total, found) =
            mute::servers(app, None, &mute::Filter::default(), paging, true).await?;
        let lines = found.iter().map(|it| {
            let at = page.date(it.created_at);
            let url = format!("{HERE}/servers/{}/open", it.host);
            line(page, Cell::text(&it.host), at, url)
        });
        table.rows = lines.collect();
        total
    } else {
        table.empty = page.t("mutes-no-accounts").to_owned();
        let (total, found) =
            mute::accounts(app, None, &mute::Filter::default(), paging, true).await?;
        let ids: Vec<_> = found.iter().map(|it| it.account_id).collect();
        let profiles = profiles_of(&app.db, &ids).await?;
        let lines = found.iter().filter_map(|it| {
            let who = profiles
                .iter()
                .find(|who| who.account_id == it.account_id)?;
            let handle = if who.host.is_empty() {
                who.name.clone()
            } else {
                format!("{}@{}", who.name, who.host)
            };
            let at = page.date(it.created_at);
            let url = format!("{HERE}/accounts/{handle}/open");
            let cell = Cell::link(&who.display_name, format!("/a/{handle}"));
            Some(line(page, cell.note(format!("@{handle}")), at, url))
        });
        table.rows = lines.collect();
        total
    };
    let rest = if of_servers { "of=servers" } else { "" };
    table.pages = pages(HERE, rest, number, total);
    Ok(table.render())
}

fn line(page: &Page, cell: Cell, at: String, url: String) -> Line {
    Line {
        cells: vec![cell, Cell::text(at)],
        acts: vec![Act::new(url, page.t("mute-end"))],
    }
}

fn ask(page: &Page, of_servers: bool, typed: &str, error: Option<String>) -> Ask {
    let (url, label, hint) = if of_servers {
        (SERVERS, page.t("mute-server"), page.t("mute-server-hint"))
    } else {
        (HERE, page.t("mute-account"), page.t("mute-account-hint"))
    };
    let field = Field::new("who", label, Kind::Line).hint(hint).with(typed);
    Ask {
        url: url.to_owned(),
        act: "mute".to_owned(),
        fields: vec![field],
        button: page.t("mute"),
        error,
        ..Ask::default()
    }
}

/// `POST /admin/mutes`.
pub async fn add(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
    form: Form,
) -> Result<Response> {
    let who = form.text("who").trim_start_matches('@');
    let state = State(app.clone());
    let of_servers = asked(&query, "of") == "servers";
    let done = if of_servers {
        api::mute_site_server(state, body([("host", who.into())])).await
    } else {
        api::mute_site_account(state, me, body([("accountName", who.into())])).await
    };
    match done {
        Ok(_) => {
            let place = if of_servers { SERVERS } else { HERE };
            Ok(go(&app, place, Some((false, page.t("muted")))))
        }
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let words = sentence(&page, &error);
            list(&app, &page, &query, Some((who, words))).await
        }
    }
}

fn sentence(page: &Page, error: &Error) -> String {
    if error.status() == StatusCode::NOT_FOUND {
        return page.t("mute-unknown").to_owned();
    }
    let labels = [("host", "mute-server"), ("accountName", "mute-account")];
    words::fault(page, error, &labels)
}

/// `POST /admin/mutes/accounts/{name}/open`.
pub async fn open_account(
    State(app): State<App>,
    page: Page,
    Path(name): Path<String>,
) -> Result<Response> {
    api::unmute_site_account(State(app.clone()), Path(name)).await?;
    Ok(go(&app, HERE, Some((false, page.t("mute-ended")))))
}

/// `POST /admin/mutes/servers/{host}/open`.
pub async fn open_server(
    State(app): State<App>,
    page: Page,
    Path(host): Path<String>,
) -> Result<Response> {
    api::unmute_site_server(State(app.clone()), Path(host)).await?;
    Ok(go(&app, SERVERS, Some((false, page.t("mute-ended")))))
}
