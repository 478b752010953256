//! Federation: who follows this site, whom it follows, and which servers are hard to reach.

use super::{asked, body, servers, table};
use crate::app::App;
use crate::check::{Query, parse_date};
use crate::error::{Error, Result};
use crate::federation::{follow_api as api, peer_api};
use crate::page::card::PER_PAGE;
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Kind, Line, Table, filters, pages, paging, rest};
use crate::page::{Page, confirm, go, words};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

const HERE: &str = "/admin/follows";
const FOLLOWED: &str = "/admin/follows?of=followed";
const PEERS: &str = "/admin/follows?of=peers";

/// `GET /admin/follows`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    Ok(list(&app, &page, &query).await?.render())
}

async fn list<'p>(app: &App, page: &'p Page, query: &Map<String, Value>) -> Result<Table<'p>> {
    let (number, _) = paging(query);
    let (of, search) = (asked(query, "of"), asked(query, "search"));
    let mut wanted = Map::new();
    wanted.insert("start".into(), ((number - 1) * PER_PAGE).to_string().into());
    wanted.insert("count".into(), PER_PAGE.to_string().into());
    if !search.is_empty() && of != "peers" {
        wanted.insert("search".into(), search.into());
    }
    let (state, wanted) = (State(app.clone()), Query(wanted));
    let mut table = table(page, HERE, page.t("admin-follows"));
    table.lead = page.t("follows-lead").to_owned();
    table.filters = filters(
        page,
        &[
            (HERE, "follows-in", of.is_empty()),
            (FOLLOWED, "follows-out", of == "followed"),
            (PEERS, "follows-peers", of == "peers"),
        ],
    );
    let found = match of {
        "peers" => {
            table.empty = page.t("peers-none").to_owned();
            table.columns = vec![
                page.t("mute-server"),
                page.t("state"),
                page.t("peers-heard"),
            ];
            let found = peer_api::peers(state, wanted).await?.0;
            table.rows = found.data.iter().map(|it| peer(page, it)).collect();
            found
        }
        "followed" => {
            table.empty = page.t("follows-out-none").to_owned();
            table.asks = vec![ask(page)];
            let found = api::following(state, wanted).await?.0;
            table.rows = found.data.iter().map(|it| followed(page, it)).collect();
            found
        }
        _ => {
            table.empty = page.t("follows-in-none").to_owned();
            let found = api::followers(state, wanted).await?.0;
            table.rows = found.data.iter().map(|it| follower(page, it)).collect();
            found
        }
    };
    if of != "peers" {
        table.columns = vec![page.t("name"), page.t("state"), page.t("job-when")];
    }
    let kept = rest(&[("of", of), ("search", search)]);
    table.pages = pages(HERE, &kept, number, found.total);
    Ok(table)
}

fn ask(page: &Page) -> Ask {
    let who = Field::new("who", page.t("follows-who"), Kind::Line).hint(page.t("follows-who-hint"));
    Ask {
        url: FOLLOWED.to_owned(),
        act: "follow".to_owned(),
        fields: vec![who],
        button: page.t("follow"),
        ..Ask::default()
    }
}

fn text<'v>(item: &'v Value, path: &str) -> &'v str {
    item.pointer(path)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn ago(page: &Page, item: &Value, path: &str) -> String {
    let at = parse_date(text(item, path));
    at.map_or_else(|| "—".to_owned(), |at| page.ago(at))
}

/// One side of a follow: its address and its handle.
fn side(item: &Value, side: &str) -> (Cell, String) {
    let url = text(item, &format!("/{side}/url"));
    let host = text(item, &format!("/{side}/host"));
    let handle = format!("{}@{host}", text(item, &format!("/{side}/name")));
    // What another server calls its address is only a link when it is one.
    let cell = if url.starts_with("https://") || url.starts_with("http://") {
        Cell::link(host, url)
    } else {
        Cell::text(host)
    };
    (cell.note(format!("@{handle}")), handle)
}

fn state(page: &Page, item: &Value) -> Cell {
    match text(item, "/state") {
        "accepted" => Cell::state(page.t("follow-accepted"), "good"),
        "rejected" => Cell::state(page.t("follow-rejected"), "bad"),
        _ => Cell::state(page.t("follow-pending"), "warn"),
    }
}

fn follower(page: &Page, item: &Value) -> Line {
    let (cell, handle) = side(item, "follower");
    let here = || HERE.to_owned();
    let mut acts = Vec::new();
    if text(item, "/state") != "accepted" {
        acts.push(Act::new(here(), page.t("follow-accept")).say(format!("accept:{handle}")));
    }
    if text(item, "/state") != "rejected" {
        acts.push(Act::new(here(), page.t("follow-reject")).say(format!("reject:{handle}")));
    }
    let sure = page.tx("follow-remove-sure", "name", &handle);
    acts.push(Act::grave(here(), page.t("remove"), sure).say(format!("remove:{handle}")));
    Line {
        cells: vec![
            cell,
            state(page, item),
            Cell::text(ago(page, item, "/createdAt")),
        ],
        acts,
    }
}

fn followed(page: &Page, item: &Value) -> Line {
    let (cell, handle) = side(item, "following");
    let sure = page.tx("follow-end-sure", "name", &handle);
    Line {
        cells: vec![
            cell,
            state(page, item),
            Cell::text(ago(page, item, "/createdAt")),
        ],
        acts: vec![
            Act::grave(FOLLOWED.to_owned(), page.t("follow-end"), sure)
                .say(format!("end:{handle}")),
        ],
    }
}

fn peer(page: &Page, item: &Value) -> Line {
    let host = text(item, "/host");
    let software = format!("{} {}", text(item, "/software"), text(item, "/version"));
    let waiting = item.get("waiting").and_then(Value::as_i64).unwrap_or(0);
    let failing = !text(item, "/failingSince").is_empty();
    let mut acts = Vec::new();
    let state = if failing {
        acts.push(Act::new(PEERS.to_owned(), page.t("try-again")).say(format!("retry:{host}")));
        let why = text(item, "/lastError").to_owned();
        Cell::state(page.t("peers-failing"), "bad").more(Some(why).filter(|why| !why.is_empty()))
    } else {
        Cell::state(page.t("mood-good"), "good")
    };
    Line {
        cells: vec![
            Cell::link(host, servers::page_of(host)).note(software.trim()),
            state.note(page.tn("peers-waiting", waiting)),
            Cell::text(ago(page, item, "/lastReceivedAt")),
        ],
        acts,
    }
}

/// `POST /admin/follows`.
pub async fn act(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let state = State(app.clone());
    let Some((act, name)) = form.text("act").split_once(':') else {
        return follow(&app, &page, &form).await;
    };
    let path = Path(name.to_owned());
    let back = match act {
        "end" => FOLLOWED,
        "retry" => PEERS,
        _ => HERE,
    };
    if matches!(act, "end" | "remove") && !confirm::is_sure(&form) {
        let (key, button) = match act {
            "end" => ("follow-end-sure", "follow-end"),
            _ => ("follow-remove-sure", "remove"),
        };
        let question = page.tx(key, "name", name);
        let button = page.t(button);
        return Ok(confirm::ask(
            &page,
            &form,
            question,
            Vec::new(),
            button,
            back,
        ));
    }
    match act {
        "accept" => api::accept_follower(state, path).await?,
        "reject" => api::reject_follower(state, path).await?,
        "remove" => api::delete_follower(state, path).await?,
        "end" => api::delete_following(state, path).await?,
        "retry" => peer_api::retry_peer(state, path).await?,
        _ => return Err(Error::bad_request("There is no such act.")),
    };
    Ok(go(&app, back, Some((false, page.t("saved")))))
}

async fn follow(app: &App, page: &Page, form: &Form) -> Result<Response> {
    let who = form.text("who").trim_start_matches('@');
    let wanted = if who.contains('@') {
        body([("handles", json!([who]))])
    } else {
        let bare = who
            .trim_start_matches("https://")
            .trim_start_matches("http://");
        body([("hosts", json!([bare.trim_end_matches('/')]))])
    };
    let said = match api::add_following(State(app.clone()), wanted).await {
        Ok(answer) if answer.status().is_success() => {
            return Ok(go(app, FOLLOWED, Some((false, page.t("follow-asked")))));
        }
        // It refuses without an error where the site has no HTTPS.
        Ok(_) => page.t("follow-no-https").to_owned(),
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => words::fault(
            page,
            &error,
            &[("hosts", "follows-who"), ("handles", "follows-who")],
        ),
    };
    let mut query = Map::new();
    query.insert("of".to_owned(), "followed".into());
    let mut table = list(app, page, &query).await?;
    table.refuse(form, said);
    Ok(table.render())
}
