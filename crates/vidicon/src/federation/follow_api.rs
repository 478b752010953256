//! REST: which servers follow this one, which it follows, and how well they are reached.

use super::store::{self, ActorRow, FollowFilter, FollowRow, OtherSide};
use super::{follow, local};
use crate::app::App;
use crate::check::{Body, Check, Query, iso, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base::Tx;
use base::clock::Millis;
use base::job::{JobError, NewJob, Running};
use fediverse::webfinger::{Handle, read_host};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashSet;
use std::hash::Hash;

/// The kind of the job that asks another server to be followed.
pub const JOB: &str = "federation_follow";
const FOLLOWER_COLUMNS: &[&str] = &["createdAt", "state", "score"];
const FOLLOWING_COLUMNS: &[&str] = &["createdAt", "redundancyAllowed", "state"];
const TYPES: [&str; 5] = ["Person", "Application", "Group", "Service", "Organization"];
const MAX_AT_ONCE: usize = 100;

pub async fn followers(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    list(&app, &query, true).await
}

pub async fn following(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    list(&app, &query, false).await
}

async fn list(
    app: &App,
    query: &Map<String, Value>,
    followers: bool,
) -> Result<Json<Listed<Value>>> {
    let columns = if followers {
        FOLLOWER_COLUMNS
    } else {
        FOLLOWING_COLUMNS
    };
    let paging = Paging::read(query)?;
    let sort = Sort::read(query, columns, "-createdAt")?;
    let mut check = Check::query(query);
    let state = check.one_of("state", &["pending", "accepted", "rejected"]);
    let ap_type = check.one_of("actorType", &TYPES);
    let search = check.text("search", 1..=200);
    check.finish()?;
    let server = local::server_actor(app).await?;
    let filter = FollowFilter {
        actor: server.id,
        followers,
        state: state.value(),
        ap_type: ap_type.value(),
        search: search.value(),
        paging,
        sort,
    };
    let (total, rows) = store::list_follows(&app.db, &filter).await?;
    let ours = own_side(app, &server);
    let data = rows
        .iter()
        .map(|(follow, other)| view(follow, &ours, &other_side(app, other), followers));
    Ok(Listed::new(total, data.collect()))
}

/// The servers that follow this one, or that it follows, for a page that everybody may see: the
/// newest first.
pub async fn neighbours(app: &App, followers: bool, paging: Paging) -> Result<(i64, Vec<String>)> {
    let server = local::server_actor(app).await?;
    let filter = FollowFilter {
        actor: server.id,
        followers,
        state: Some("accepted".to_owned()),
        ap_type: None,
        search: None,
        paging,
        sort: Sort {
            column: "createdAt",
            descending: true,
        },
    };
    let (total, rows) = store::list_follows(&app.db, &filter).await?;
    let hosts = rows.into_iter().map(|(_, other)| other.other_host);
    Ok((total, hosts.filter(|host| !host.is_empty()).collect()))
}

fn view(follow: &FollowRow, ours: &Value, theirs: &Value, followers: bool) -> Value {
    let (follower, following) = if followers {
        (theirs, ours)
    } else {
        (ours, theirs)
    };
    json!({
        "id": follow.id, "follower": follower, "following": following, "score": follow.score,
        "state": follow.state, "createdAt": iso(follow.created_at), "updatedAt": iso(follow.updated_at),
    })
}

fn own_side(app: &App, server: &ActorRow) -> Value {
    json!({
        "id": server.id, "url": local::actor_url(app, server), "name": server.name, "host": app.host(),
        "hostRedundancyAllowed": false, "followingCount": server.following_count,
        "followersCount": server.follower_count, "avatars": [],
        "createdAt": iso(server.created_at), "updatedAt": iso(server.updated_at),
    })
}

fn other_side(app: &App, other: &OtherSide) -> Value {
    let host = if other.other_host.is_empty() {
        app.host()
    } else {
        other.other_host.clone()
    };
    let own = || local::own_url(app, &other.other_kind, &other.other_name);
    json!({
        "id": other.other_id, "url": other.other_url.clone().unwrap_or_else(own), "name": other.other_name,
        "host": host, "hostRedundancyAllowed": other.other_redundancy, "followingCount": other.other_following_count,
        "followersCount": other.other_follower_count, "avatars": [],
        "createdAt": iso(other.other_created_at), "updatedAt": iso(other.other_updated_at),
    })
}

fn repeats<T: Eq + Hash>(list: &[T]) -> bool {
    let mut seen = HashSet::new();
    !list.iter().all(|one| seen.insert(one))
}

/// Follows servers by host and channels or accounts by handle. Asking them is a job's work.
pub async fn add_following(State(app): State<App>, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    check.listed("hosts");
    check.listed("handles");
    let hosts = check.texts("hosts", 0..=MAX_AT_ONCE, 1..=300);
    let handles = check.texts("handles", 0..=MAX_AT_ONCE, 3..=500);
    let hosts: Vec<Option<String>> = hosts
        .or(Vec::new())
        .iter()
        .map(|host| read_host(host).ok())
        .collect();
    if hosts.contains(&None) || repeats(&hosts) {
        check.fail("hosts", "Should have an array of unique hosts");
    }
    let handles: Vec<Option<Handle>> = handles
        .or(Vec::new())
        .iter()
        .map(|text| Handle::parse(text).ok())
        .collect();
    if handles.contains(&None) || repeats(&handles) {
        check.fail("handles", "Should have an array of unique handles");
    }
    check.finish()?;
    if hosts.is_empty() && handles.is_empty() {
        let message = json!({ "error": "You must provide at least one handle or one host." });
        return Ok((StatusCode::BAD_REQUEST, Json(message)).into_response());
    }
    if app.config.server.public_url.starts_with("http://") && !super::rules(&app).http_allowed {
        let message = json!({ "error": "Cannot follow on a non HTTPS web server." });
        return Ok((StatusCode::INTERNAL_SERVER_ERROR, Json(message)).into_response());
    }
    let servers = hosts.into_iter().flatten().map(|host| Handle {
        name: super::SERVER_NAME.to_owned(),
        host,
    });
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    for handle in servers.chain(handles.into_iter().flatten()) {
        ask(&mut tx, &handle.to_string(), now).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

/// Asks an actor of another server to be followed by this one, soon.
pub async fn ask(tx: &mut Tx, handle: &str, now: Millis) -> base::db::Result<()> {
    NewJob::new(JOB, json!({ "handle": handle }))
        .once(format!("{JOB}:{handle}"))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

#[derive(Deserialize)]
struct Payload {
    handle: String,
}

pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { handle } = running.job.payload()?;
    let handle = Handle::parse(&handle).map_err(|error| JobError::Fail(error.to_string()))?;
    let server = local::server_actor(app).await?;
    let target = super::remote::actor_by_handle(app, &handle).await?;
    if target.id != server.id {
        follow::follow(app, &server, &target).await?;
    }
    Ok(())
}

/// Stops following a server (by host) or an actor (by handle).
pub async fn delete_following(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<Response> {
    let server = local::server_actor(&app).await?;
    let targets = if name.contains('@') {
        vec![known_actor(&app, &name).await?]
    } else {
        let host = read_host(&name).map_err(|_| wrong_param("hostOrHandle", &name))?;
        let mut targets = Vec::new();
        for row in store::follows_of_host(&app.db, server.id, &host).await? {
            targets.extend(store::actor(&app.db, row.actor_id).await?);
        }
        targets
    };
    let mut found = false;
    for target in &targets {
        found |= follow::unfollow(&app, &server, target).await?;
    }
    if found {
        Ok(no_content())
    } else {
        Err(not_followed(&name))
    }
}

fn not_followed(name: &str) -> Error {
    Error::not_found(format!("Follow {name} not found."))
}

async fn known_actor(app: &App, handle: &str) -> Result<ActorRow> {
    let parsed = Handle::parse(handle).map_err(|_| wrong_param("handle", handle))?;
    let found = store::actor_by_name(&app.db, &parsed.name, &parsed.host).await?;
    found.ok_or_else(|| not_followed(handle))
}

/// A follower of this server, with what it asked for.
async fn follower(app: &App, handle: &str) -> Result<(ActorRow, ActorRow, FollowRow)> {
    let server = local::server_actor(app).await?;
    let follower = known_actor(app, handle).await?;
    let row = store::follow_between(&app.db, follower.id, server.id).await?;
    let row = row.ok_or_else(|| Error::not_found(format!("Follower {handle} not found.")))?;
    Ok((server, follower, row))
}

pub async fn accept_follower(
    State(app): State<App>,
    Path(handle): Path<String>,
) -> Result<Response> {
    decide(&app, &handle, "accepted", &["pending", "rejected"]).await
}

pub async fn reject_follower(
    State(app): State<App>,
    Path(handle): Path<String>,
) -> Result<Response> {
    decide(&app, &handle, "rejected", &["pending", "accepted"]).await
}

async fn decide(app: &App, handle: &str, state: &str, from: &[&str]) -> Result<Response> {
    let (server, follower, row) = follower(app, handle).await?;
    if !from.contains(&row.state.as_str()) {
        return Err(Error::bad_request("Follow is not in a valid state."));
    }
    let mut tx = app.db.begin().await?;
    store::save_follow(
        &mut tx,
        follower.id,
        server.id,
        state,
        None,
        app.clock.now(),
    )
    .await?;
    tx.commit().await?;
    follow::answer(app, &follower, &server, row.url.as_deref(), state).await?;
    Ok(no_content())
}

pub async fn delete_follower(
    State(app): State<App>,
    Path(handle): Path<String>,
) -> Result<Response> {
    let (server, follower, row) = follower(&app, &handle).await?;
    let mut tx = app.db.begin().await?;
    store::delete_follow(&mut tx, &row).await?;
    tx.commit().await?;
    follow::answer(&app, &follower, &server, row.url.as_deref(), "rejected").await?;
    Ok(no_content())
}
