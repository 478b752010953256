//! One other server: how it is reached, what waits for it, and what it did not take.

use super::table;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::federation::{PeerState, Sending, peer_api};
use crate::page::form::Form;
use crate::page::table::{Act, Cell, Line, pages, paging};
use crate::page::{Page, go};
use axum::extract::{Path, State};
use axum::response::Response;

const HERE: &str = "/admin/follows";

/// The page of a server.
pub fn page_of(host: &str) -> String {
    format!("{HERE}/servers/{host}")
}

/// `GET /admin/follows/servers/{host}`.
pub async fn look(
    State(app): State<App>,
    page: Page,
    Path(host): Path<String>,
    Query(query): Query,
) -> Result<Response> {
    let (number, paging) = paging(&query);
    let (peer, next) = peer_api::find(&app, &host).await?;
    let (total, missed) = peer_api::not_taken(&app, &host, paging).await?;
    let here = page_of(&host);
    // A title is a text of the page's own; the name of the server stands in its first line.
    let mut table = table(&page, HERE, page.t("server"));
    table.columns = vec![page.t("job-kind"), page.t("state"), page.t("job-when")];
    table.rows = vec![Line {
        cells: vec![
            Cell::text(&peer.host),
            reached(&page, &peer),
            Cell::text(""),
        ],
        acts: acts(&page, &peer),
    }];
    if number == 1 {
        table
            .rows
            .extend(next.iter().map(|it| sent(&page, &here, it)));
    }
    table
        .rows
        .extend(missed.iter().map(|it| sent(&page, &here, it)));
    table.lead = page.tyx("server-lead", "waiting", peer.waiting, "missed", total);
    table.pages = pages(&here, "", number, total);
    Ok(table.render())
}

/// How a server is reached: its state with when it last took something, and the last trouble.
fn reached(page: &Page, peer: &PeerState) -> Cell {
    let (word, mood) = match (peer.failing_since, peer.last_success_at) {
        (Some(_), _) => (page.t("server-failing"), "bad"),
        (None, Some(_)) => (page.t("server-well"), "good"),
        (None, None) => (page.t("server-untried"), "quiet"),
    };
    let note = match (peer.failing_since, peer.last_success_at) {
        (Some(_), _) => page.tn("server-failures", peer.failures),
        (None, Some(at)) => page.ago(at),
        (None, None) => String::new(),
    };
    Cell::state(word, mood)
        .note(note)
        .more(peer.last_error.clone())
}

fn acts(page: &Page, peer: &PeerState) -> Vec<Act> {
    let here = page_of(&peer.host);
    let mut acts = Vec::new();
    if peer.waiting > 0 {
        acts.push(Act::new(here.clone(), page.t("server-retry")).say("retry".to_owned()));
    }
    if peer.missed > 0 {
        acts.push(Act::new(here, page.t("server-again-all")).say("replay".to_owned()));
    }
    acts
}

fn sent(page: &Page, here: &str, it: &Sending) -> Line {
    let (word, mood) = match it.error {
        Some(_) => (page.t("server-missed"), "bad"),
        None => (page.t("job-waiting"), "quiet"),
    };
    let again = it.error.as_ref().map(|_| {
        let url = format!("{here}/again/{}", it.id);
        Act::new(url, page.t("server-again"))
    });
    Line {
        cells: vec![
            Cell::text(&it.kind).note(&it.inbox_url),
            Cell::state(word, mood).more(it.error.clone()),
            Cell::text(page.ago(it.created_at)),
        ],
        acts: again.into_iter().collect(),
    }
}

/// `POST /admin/follows/servers/{host}`: tries it now, or sends again all that it did not take.
pub async fn act(
    State(app): State<App>,
    page: Page,
    Path(host): Path<String>,
    form: Form,
) -> Result<Response> {
    let here = page_of(&host);
    let (state, path) = (State(app.clone()), Path(host));
    match form.text("act") {
        "retry" => peer_api::retry_peer(state, path).await?,
        "replay" => peer_api::replay(state, path).await?,
        _ => return Err(Error::bad_request("There is no such act.")),
    };
    Ok(go(&app, &here, Some((false, page.t("server-tried")))))
}

/// `POST /admin/follows/servers/{host}/again/{id}`: sends one activity again.
pub async fn again(
    State(app): State<App>,
    page: Page,
    Path((host, id)): Path<(String, String)>,
) -> Result<Response> {
    let here = page_of(&host);
    peer_api::replay_one(State(app.clone()), Path((host, id))).await?;
    Ok(go(&app, &here, Some((false, page.t("server-tried")))))
}
