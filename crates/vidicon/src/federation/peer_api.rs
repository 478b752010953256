//! REST: how well other servers are reached, what waits for them, and what they did not take.

use super::store::{self, PeerState, Sending};
use crate::app::App;
use crate::check::{Query, id as read_id, iso};
use crate::error::{Error, Result, no_content};
use crate::listing::{Listed, Paging};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

/// So many that wait are shown with their server; the others come after them.
const NEXT: i64 = 20;

/// Every server we know, those in trouble first: last success, last error in words, what waits.
pub async fn peers(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let (total, rows) = store::peers(&app.db, paging.start, paging.count).await?;
    Ok(Listed::new(total, rows.iter().map(view).collect()))
}

fn view(peer: &PeerState) -> Value {
    json!({
        "host": peer.host, "software": peer.software, "version": peer.version,
        "lastReceivedAt": peer.last_received_at.map(iso), "lastSuccessAt": peer.last_success_at.map(iso),
        "failingSince": peer.failing_since.map(iso), "failures": peer.failures,
        "lastError": peer.last_error, "lastErrorAt": peer.last_error_at.map(iso),
        "retryAt": peer.retry_at.map(iso), "waiting": peer.waiting, "undelivered": peer.missed,
    })
}

fn unknown() -> Error {
    Error::not_found("This server is not known here.")
}

/// One server, with what waits for it next.
pub async fn peer(State(app): State<App>, Path(host): Path<String>) -> Result<Json<Value>> {
    let (peer, next) = find(&app, &host).await?;
    let mut shown = view(&peer);
    if let Some(map) = shown.as_object_mut() {
        map.insert("next".to_owned(), next.iter().map(sending).collect());
    }
    Ok(Json(shown))
}

/// As [`peer`], for pages.
pub async fn find(app: &App, host: &str) -> Result<(PeerState, Vec<Sending>)> {
    let peer = store::peer(&app.db, host).await?.ok_or_else(unknown)?;
    let next = store::waiting(&app.db, host, 0, NEXT).await?;
    Ok((peer, next))
}

fn sending(row: &Sending) -> Value {
    json!({
        "id": row.id, "type": row.kind, "inboxUrl": row.inbox_url, "error": row.error,
        "createdAt": iso(row.created_at),
    })
}

/// What a server did not take: refused, or given up.
pub async fn undelivered(
    State(app): State<App>,
    Path(host): Path<String>,
    Query(query): Query,
) -> Result<Json<Listed<Value>>> {
    let (total, rows) = not_taken(&app, &host, Paging::read(&query)?).await?;
    Ok(Listed::new(total, rows.iter().map(sending).collect()))
}

/// As [`undelivered`], for pages.
pub async fn not_taken(app: &App, host: &str, paging: Paging) -> Result<(i64, Vec<Sending>)> {
    store::peer(&app.db, host).await?.ok_or_else(unknown)?;
    Ok(store::undelivered(&app.db, host, paging.start, paging.count).await?)
}

/// Tries a server again now, whatever its wait was.
pub async fn retry_peer(State(app): State<App>, Path(host): Path<String>) -> Result<Response> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if store::reset_peer(&mut tx, &host).await? == 0 {
        return Err(unknown());
    }
    super::deliver::retry(&mut tx, &host, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

/// Sends again all that a server did not take.
pub async fn replay(State(app): State<App>, Path(host): Path<String>) -> Result<Response> {
    send_again(&app, &host, None).await
}

/// Sends one activity again that a server did not take.
pub async fn replay_one(
    State(app): State<App>,
    Path((host, id)): Path<(String, String)>,
) -> Result<Response> {
    let id = read_id::<Sending>("id", &id)?;
    send_again(&app, &host, Some(id.0)).await
}

async fn send_again(app: &App, host: &str, one: Option<i64>) -> Result<Response> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if store::reset_peer(&mut tx, host).await? == 0 {
        return Err(unknown());
    }
    if store::queue_again(&mut tx, host, one, now).await? == 0 && one.is_some() {
        return Err(Error::not_found("There is no such delivery."));
    }
    super::deliver::retry(&mut tx, host, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}
