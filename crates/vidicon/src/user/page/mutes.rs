//! Accounts and servers that one does not want to hear of.

use super::reports::handle;
use super::{body, tabs};
use crate::access::Me;
use crate::account::api::mute as api;
use crate::account::{mute, profiles_of};
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::page::form::Form;
use crate::page::table::{
    Act, Ask, Cell, Field, Frame, Kind, Line, Table, asked, filters, pages, paging,
};
use crate::page::{Page, go, words};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

const HERE: &str = "/my/mutes";
const SERVERS: &str = "/my/mutes?of=servers";

/// `GET /my/mutes`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    Ok(fill(&app, &page, &me, &query).await?.render())
}

async fn fill<'p>(
    app: &App,
    page: &'p Page,
    me: &Me,
    query: &Map<String, Value>,
) -> Result<Table<'p>> {
    let of_servers = asked(query, "of") == "servers";
    let (number, paging) = paging(query);
    let mut table = Table::new(page, Frame::Own, tabs(page, HERE), page.t("own-mutes"));
    table.lead = page.t("own-mutes-lead").to_owned();
    table.filters = filters(
        page,
        &[
            (HERE, "mutes-accounts", !of_servers),
            (SERVERS, "mutes-servers", of_servers),
        ],
    );
    table.columns = vec![page.t("name"), page.t("job-when")];
    table.asks = vec![ask(page, of_servers)];
    table.empty = page.t("own-mutes-none").to_owned();
    let (by, usual) = (Some(me.account_id), mute::Filter::default());
    let (total, rest) = if of_servers {
        let (total, found) = mute::servers(app, by, &usual, paging, true).await?;
        let lines = found.iter().map(|it| {
            let at = page.date(it.created_at);
            line(page, SERVERS, Cell::text(&it.host), at, &it.host)
        });
        table.rows = lines.collect();
        (total, "of=servers")
    } else {
        let (total, found) = mute::accounts(app, by, &usual, paging, true).await?;
        let ids: Vec<_> = found.iter().map(|it| it.account_id).collect();
        let profiles = profiles_of(&app.db, &ids).await?;
        let lines = found.iter().filter_map(|it| {
            let who = profiles
                .iter()
                .find(|who| who.account_id == it.account_id)?;
            let handle = handle(&profiles, Some(it.account_id));
            let cell = Cell::link(&who.display_name, format!("/a/{handle}"));
            let cell = cell.note(format!("@{handle}"));
            Some(line(page, HERE, cell, page.date(it.created_at), &handle))
        });
        table.rows = lines.collect();
        (total, "")
    };
    table.pages = pages(HERE, rest, number, total);
    Ok(table)
}

fn line(page: &Page, here: &str, cell: Cell, at: String, who: &str) -> Line {
    let open = Act::new(here.to_owned(), page.t("mute-end")).say(format!("open:{who}"));
    Line {
        cells: vec![cell, Cell::text(at)],
        acts: vec![open],
    }
}

fn ask(page: &Page, of_servers: bool) -> Ask {
    let (url, label, hint) = if of_servers {
        (SERVERS, page.t("mute-server"), page.t("mute-server-hint"))
    } else {
        (HERE, page.t("mute-account"), page.t("mute-account-hint"))
    };
    Ask {
        url: url.to_owned(),
        act: "mute".to_owned(),
        fields: vec![Field::new("who", label, Kind::Line).hint(hint).needed()],
        button: page.t("mute"),
        ..Ask::default()
    }
}

/// `POST /my/mutes`.
pub async fn act(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
    form: Form,
) -> Result<Response> {
    let of_servers = asked(&query, "of") == "servers";
    let here = if of_servers { SERVERS } else { HERE };
    let state = State(app.clone());
    if let Some(who) = form.text("act").strip_prefix("open:") {
        let path = Path(who.to_owned());
        if of_servers {
            api::unmute_my_server(state, me, path).await?;
        } else {
            api::unmute_my_account(state, me, path).await?;
        }
        return Ok(go(&app, here, Some((false, page.t("mute-ended")))));
    }
    let who = form.text("who").trim_start_matches('@');
    let done = if of_servers {
        api::mute_my_server(state, me.clone(), body([("host", who.into())])).await
    } else {
        api::mute_my_account(state, me.clone(), body([("accountName", who.into())])).await
    };
    match done {
        Ok(_) => Ok(go(&app, here, Some((false, page.t("muted"))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut table = fill(&app, &page, &me, &query).await?;
            table.refuse(&form, sentence(&page, &error));
            Ok(table.render())
        }
    }
}

fn sentence(page: &Page, error: &Error) -> String {
    match error.status() {
        StatusCode::NOT_FOUND => page.t("mute-unknown").to_owned(),
        StatusCode::CONFLICT => page.t("mute-yourself").to_owned(),
        _ => {
            let labels = [("host", "mute-server"), ("accountName", "mute-account")];
            words::fault(page, error, &labels)
        }
    }
}
