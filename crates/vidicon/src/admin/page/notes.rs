//! Notes of moderators about an account, which nobody else reads.

use super::{body, table};
use crate::access::Me;
use crate::account::{self, AccountId, profiles_of};
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::moderation::api::note as api;
use crate::moderation::note;
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Kind, Line, Table, pages, paging};
use crate::page::{Page, confirm, go, words};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value};

/// `GET /admin/notes/{name}`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    Path(handle): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    Ok(list(&app, &page, &handle, &query).await?.render())
}

async fn list<'p>(
    app: &App,
    page: &'p Page,
    handle: &str,
    query: &Map<String, Value>,
) -> Result<Table<'p>> {
    let about = account::profile(app, handle).await?;
    let here = format!("/admin/notes/{handle}");
    let (number, paging) = paging(query);
    let (total, found) = note::list(app, about.account_id, paging).await?;
    let authors: Vec<AccountId> = found.iter().filter_map(|it| it.author_account_id).collect();
    let authors = profiles_of(&app.db, &authors).await?;
    let mut table = table(page, "/admin/reports", "");
    table.title = page.tx("notes-about", "name", &about.display_name);
    table.back = Some((
        "/admin/reports".to_owned(),
        page.t("admin-reports").to_owned(),
    ));
    table.lead = page.t("notes-lead").to_owned();
    table.empty = page.t("notes-none").to_owned();
    table.columns = vec![page.t("notes-note"), page.t("job-when")];
    let line = |it: &note::Note| {
        let by = authors
            .iter()
            .find(|who| Some(who.account_id) == it.author_account_id);
        let by = by.map(|who| format!("@{}", who.name)).unwrap_or_default();
        let sure = page.t("notes-delete-sure").to_owned();
        Line {
            cells: vec![
                Cell::text(&it.note).note(by),
                Cell::text(page.ago(it.created_at)),
            ],
            acts: vec![
                Act::grave(here.clone(), page.t("remove"), sure).say(format!("delete:{}", it.id)),
            ],
        }
    };
    table.rows = found.iter().map(line).collect();
    table.pages = pages(&here, "", number, total);
    table.asks = vec![Ask {
        url: here.clone(),
        act: "note".to_owned(),
        title: page.t("notes-new"),
        fields: vec![Field::new("note", page.t("notes-note"), Kind::Area).needed()],
        button: page.t("save"),
        error: None,
    }];
    Ok(table)
}

/// `POST /admin/notes/{name}`: writes one, or takes one away.
pub async fn act(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(handle): Path<String>,
    form: Form,
) -> Result<Response> {
    let here = format!("/admin/notes/{handle}");
    if let Some(id) = form.text("act").strip_prefix("delete:") {
        if let Some(asked) =
            confirm::unless_sure(&page, &form, ("notes-delete-sure", "remove"), &here)
        {
            return Ok(asked);
        }
        let path = Path((handle, id.to_owned()));
        api::remove(State(app.clone()), path).await?;
        return Ok(go(&app, &here, Some((false, page.t("notes-deleted")))));
    }
    let text = body([("note", form.text("note").into())]);
    let path = Path(handle.clone());
    match api::write(State(app.clone()), me, path, text).await {
        Ok(_) => Ok(go(&app, &here, Some((false, page.t("saved"))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut table = list(&app, &page, &handle, &Map::new()).await?;
            table.refuse(
                &form,
                words::fault(&page, &error, &[("note", "notes-note")]),
            );
            Ok(table.render())
        }
    }
}
