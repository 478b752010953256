//! Lists of what other sites mute, which this site follows.

use super::{asked, body, table};
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::listing::Sort;
use crate::moderation::api::block_list as api;
use crate::moderation::block_list::{self, Subscription};
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Kind, Line, Table, pages, paging, rest};
use crate::page::{Page, confirm, go, words};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value};

const HERE: &str = "/admin/lists";

/// `GET /admin/lists`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    Ok(list(&app, &page, &query).await?.render())
}

async fn list<'p>(app: &App, page: &'p Page, query: &Map<String, Value>) -> Result<Table<'p>> {
    let (number, paging) = paging(query);
    let search = asked(query, "search");
    let wanted = Some(search).filter(|search| !search.is_empty());
    let sort = Sort {
        column: "createdAt",
        descending: true,
    };
    let (total, found) = block_list::list(app, wanted, paging, sort).await?;
    let mut table = table(page, HERE, page.t("admin-lists"));
    table.lead = if app.instance.settings().blocklist.public_log.enabled {
        page.tx(
            "lists-lead-own",
            "url",
            app.url("/api/v1/server/blocklist/public-log"),
        )
    } else {
        page.t("lists-lead").to_owned()
    };
    table.empty = page.t("lists-none").to_owned();
    table.columns = vec![page.t("name"), page.t("lists-mutes"), page.t("lists-read")];
    table.rows = found.iter().map(|it| line(page, it)).collect();
    table.pages = pages(HERE, &rest(&[("search", search)]), number, total);
    let url = Field::new("url", page.t("lists-url"), Kind::Url).hint(page.t("lists-url-hint"));
    table.asks = vec![Ask {
        url: HERE.to_owned(),
        act: "follow".to_owned(),
        fields: vec![url],
        button: page.t("follow"),
        ..Ask::default()
    }];
    Ok(table)
}

fn line(page: &Page, it: &Subscription) -> Line {
    let sure = page.tx("lists-end-sure", "name", &it.name);
    let read = match (it.last_sync_at, &it.error) {
        (_, Some(error)) => Cell::state(page.t("mood-warn"), "warn").more(Some(error.clone())),
        (Some(at), None) => Cell::text(page.ago(at)),
        (None, None) => Cell::state(page.t("lists-soon"), "quiet"),
    };
    Line {
        cells: vec![
            Cell::text(&it.name).note(&it.url),
            Cell::text(page.tyx(
                "lists-count",
                "accounts",
                it.accounts,
                "servers",
                it.servers,
            )),
            read,
        ],
        acts: vec![
            Act::grave(HERE.to_owned(), page.t("lists-end"), sure).say(format!("end:{}", it.id)),
        ],
    }
}

/// `POST /admin/lists`: follows one, or one no more.
pub async fn act(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    if let Some(id) = form.text("act").strip_prefix("end:") {
        if let Some(asked) =
            confirm::unless_sure(&page, &form, ("lists-end-ask", "lists-end"), HERE)
        {
            return Ok(asked);
        }
        api::unsubscribe(State(app.clone()), Path(id.to_owned())).await?;
        return Ok(go(&app, HERE, Some((false, page.t("lists-ended")))));
    }
    let wanted = body([("url", form.text("url").into())]);
    match api::subscribe(State(app.clone()), wanted).await {
        Ok(_) => Ok(go(&app, HERE, Some((false, page.t("lists-followed"))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut table = list(&app, &page, &Map::new()).await?;
            table.refuse(&form, refusal(&page, &error));
            Ok(table.render())
        }
    }
}

fn refusal(page: &Page, error: &Error) -> String {
    if error.status() == StatusCode::CONFLICT {
        page.t("words-twice").to_owned()
    } else {
        words::fault(page, error, &[("url", "lists-url")])
    }
}
