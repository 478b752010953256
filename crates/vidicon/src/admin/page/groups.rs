//! Groups of users: who is in them, and the room that they give.

use super::people::{bytes, gigabytes};
use super::{asked, body, table};
use crate::account::api::group as api;
use crate::account::group::{self, Group};
use crate::app::App;
use crate::check::{Body, Query, id as read_id};
use crate::error::{Error, Result};
use crate::listing::Sort;
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Kind, Line, Table, pages, paging, rest};
use crate::page::{Page, confirm, go, words};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, json};

const HERE: &str = "/admin/groups";
const LABELS: [(&str, &str); 5] = [
    ("name", "name"),
    ("description", "description"),
    ("videoQuota", "person-room"),
    ("videoQuotaDaily", "person-room-daily"),
    ("username", "group-member"),
];

/// `GET /admin/groups`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    Ok(list(&app, &page, &query).await?.render())
}

async fn list<'p>(
    app: &App,
    page: &'p Page,
    query: &Map<String, serde_json::Value>,
) -> Result<Table<'p>> {
    let (number, paging) = paging(query);
    let search = asked(query, "search");
    let wanted = Some(search).filter(|search| !search.is_empty());
    let sort = Sort {
        column: "name",
        descending: false,
    };
    let (total, found) = group::list(app, wanted, paging, sort).await?;
    let mut table = table(page, HERE, page.t("admin-groups"));
    table.lead = page.t("groups-lead").to_owned();
    table.empty = page.t("groups-none").to_owned();
    table.columns = vec![
        page.t("name"),
        page.t("group-members"),
        page.t("person-room"),
    ];
    table.search = Some((HERE, search.to_owned()));
    table.rows = found.iter().map(|it| line(page, it)).collect();
    table.pages = pages(HERE, &rest(&[("search", search)]), number, total);
    let name = Field::new("name", page.t("group-new"), Kind::Line).hint(page.t("group-new-hint"));
    table.asks = vec![Ask {
        url: HERE.to_owned(),
        act: "add".to_owned(),
        fields: vec![name],
        button: page.t("group-add"),
        ..Ask::default()
    }];
    Ok(table)
}

fn line(page: &Page, it: &Group) -> Line {
    let here = format!("{HERE}/{}", it.id);
    let sure = page.tx("group-delete-sure", "name", &it.name);
    let room = match it.quota_bytes {
        None => page.t("group-room-own").to_owned(),
        Some(bytes) if bytes < 0 => page.t("no-limit").to_owned(),
        Some(bytes) => page.texts.size(bytes),
    };
    let members = page.texts.number(u64::try_from(it.members).unwrap_or(0));
    Line {
        cells: vec![
            Cell::link(&it.name, &here).note(it.description.clone().unwrap_or_default()),
            Cell::text(members),
            Cell::text(room),
        ],
        acts: vec![Act::grave(here, page.t("remove"), sure).say("delete:".to_owned())],
    }
}

/// `POST /admin/groups`.
pub async fn add(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let wanted = body([("name", form.text("name").into())]);
    match api::create(State(app.clone()), wanted).await {
        Ok(made) => {
            let id = made.0.pointer("/userGroup/id").cloned().unwrap_or_default();
            Ok(go(&app, &format!("{HERE}/{id}"), None))
        }
        Err(error) => {
            let mut table = list(&app, &page, &Map::new()).await?;
            table.refuse(&form, refusal(&page, error)?);
            Ok(table.render())
        }
    }
}

fn refusal(page: &Page, error: Error) -> Result<String> {
    Ok(match error.status() {
        status if status.is_server_error() => return Err(error),
        StatusCode::CONFLICT => page.t("group-taken").to_owned(),
        StatusCode::NOT_FOUND => page.t("helper-unknown").to_owned(),
        _ => words::fault(page, &error, &LABELS),
    })
}

/// `GET /admin/groups/{id}`.
pub async fn look(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    Ok(one(&app, &page, &id, &query).await?.render())
}

async fn one<'p>(
    app: &App,
    page: &'p Page,
    id: &str,
    query: &Map<String, serde_json::Value>,
) -> Result<Table<'p>> {
    let it = group::find(app, read_id("id", id)?).await?;
    let here = format!("{HERE}/{}", it.id);
    let (number, paging) = paging(query);
    let (total, found) = group::members(app, it.id, paging).await?;
    let mut table = table(page, HERE, "");
    table.title.clone_from(&it.name);
    table.back = Some((HERE.to_owned(), page.t("admin-groups").to_owned()));
    table.empty = page.t("group-empty").to_owned();
    table.columns = vec![page.t("group-members"), page.t("person-since")];
    let member = |member: &group::Member| Line {
        cells: vec![
            Cell::link(
                &member.username,
                format!("/admin/people/{}", member.user_id),
            ),
            Cell::text(page.date(member.since)),
        ],
        acts: vec![
            Act::new(here.clone(), page.t("group-leave")).say(format!("leave:{}", member.user_id)),
        ],
    };
    table.rows = found.iter().map(member).collect();
    table.pages = pages(&here, "", number, total);
    let who = Field::new("username", page.t("group-member"), Kind::Line)
        .hint(page.t("group-member-hint"));
    table.asks = vec![
        Ask {
            url: here.clone(),
            act: "join".to_owned(),
            fields: vec![who],
            button: page.t("group-join"),
            ..Ask::default()
        },
        words_form(page, &it, here),
    ];
    Ok(table)
}

fn words_form(page: &Page, it: &Group, here: String) -> Ask {
    let room = |bytes: Option<i64>| bytes.map(gigabytes).unwrap_or_default();
    let fields = vec![
        Field::new("name", page.t("name"), Kind::Line)
            .with(&it.name)
            .needed(),
        Field::new("description", page.t("description"), Kind::Area)
            .with(it.description.clone().unwrap_or_default()),
        Field::new("room", page.t("person-room"), Kind::Line)
            .with(room(it.quota_bytes))
            .hint(page.t("group-room-hint")),
        Field::new("room_daily", page.t("person-room-daily"), Kind::Line)
            .with(room(it.quota_daily_bytes))
            .hint(page.t("group-room-hint")),
    ];
    Ask {
        url: here,
        act: "words".to_owned(),
        title: page.t("group-about"),
        fields,
        button: page.t("save"),
        error: None,
    }
}

/// `POST /admin/groups/{id}`: its words, its members, its end.
pub async fn act(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let here = format!("{HERE}/{id}");
    let (state, path) = (State(app.clone()), Path(id.clone()));
    let (act, value) = form
        .text("act")
        .split_once(':')
        .unwrap_or((form.text("act"), ""));
    let done = match act {
        "delete" if !confirm::is_sure(&form) => {
            let group = group::find(&app, read_id("id", &id)?).await?;
            let question = page.tx("group-delete-sure", "name", &group.name);
            let button = page.t("remove");
            return Ok(confirm::ask(
                &page,
                &form,
                question,
                Vec::new(),
                button,
                HERE,
            ));
        }
        "delete" => {
            api::delete(state, path).await?;
            return Ok(go(&app, HERE, Some((false, page.t("group-deleted")))));
        }
        "leave" => {
            let path = Path((id.clone(), value.to_owned()));
            api::leave(state, path).await.map(|_| "group-left")
        }
        "join" => {
            let name = form.text("username").trim_start_matches('@').to_lowercase();
            let who = body([("username", name.into())]);
            api::join(state, path, who).await.map(|_| "group-joined")
        }
        _ => match changes(&form) {
            Ok(changes) => api::update(state, path, changes).await.map(|_| "saved"),
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(said) => Ok(go(&app, &here, Some((false, page.t(said))))),
        Err(error) => {
            let mut table = one(&app, &page, &id, &Map::new()).await?;
            table.refuse(&form, refusal(&page, error)?);
            Ok(table.render())
        }
    }
}

/// Nothing typed leaves each member the room they have.
fn changes(form: &Form) -> Result<Body> {
    let room = |name: &str| match form.text(name) {
        "" => Ok(None),
        typed => bytes(typed).map(Some),
    };
    Ok(body([
        ("name", form.text("name").into()),
        ("description", json!(form.some("description"))),
        ("videoQuota", json!(room("room")?)),
        ("videoQuotaDaily", json!(room("room_daily")?)),
    ]))
}
