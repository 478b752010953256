//! The REST routes of muted accounts and servers: a user's own, and the whole site's.

use crate::access::{Me, Viewer};
use crate::account::mute::{self, By, Filter, MutedServer};
use crate::account::{self, AccountId, Profile, view};
use crate::app::App;
use crate::check::{Body, Check, Query, iso};
use crate::error::{Result, no_content};
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

type List = Result<Json<Listed<Value>>>;

pub async fn my_accounts(State(app): State<App>, me: Me, Query(query): Query) -> List {
    list_accounts(&app, Some(me.account_id), &query).await
}

pub async fn site_accounts(State(app): State<App>, Query(query): Query) -> List {
    list_accounts(&app, None, &query).await
}

pub async fn my_servers(State(app): State<App>, me: Me, Query(query): Query) -> List {
    list_servers(&app, Some(me.account_id), &query).await
}

pub async fn site_servers(State(app): State<App>, Query(query): Query) -> List {
    list_servers(&app, None, &query).await
}

pub async fn mute_my_account(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let account = account_of(&app, &body).await?;
    mute::mute_account(&app, Some(me.account_id), &account).await?;
    Ok(no_content())
}

/// Those who mute for everybody cannot mute themselves either.
pub async fn mute_site_account(
    State(app): State<App>,
    me: Me,
    Body(body): Body,
) -> Result<Response> {
    let account = account_of(&app, &body).await?;
    if account.account_id == me.account_id {
        return Err(crate::error::Error::conflict("You cannot block yourself."));
    }
    mute::mute_account(&app, None, &account).await?;
    Ok(no_content())
}

pub async fn mute_my_server(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    mute::mute_server(&app, Some(me.account_id), &host_of(&app, &body)?).await?;
    Ok(no_content())
}

pub async fn mute_site_server(State(app): State<App>, Body(body): Body) -> Result<Response> {
    mute::mute_server(&app, None, &host_of(&app, &body)?).await?;
    Ok(no_content())
}

pub async fn unmute_my_account(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
) -> Result<Response> {
    let account = account::profile(&app, &handle).await?;
    mute::unmute_account(&app, Some(me.account_id), &account).await?;
    Ok(no_content())
}

pub async fn unmute_site_account(
    State(app): State<App>,
    Path(handle): Path<String>,
) -> Result<Response> {
    let account = account::profile(&app, &handle).await?;
    mute::unmute_account(&app, None, &account).await?;
    Ok(no_content())
}

pub async fn unmute_my_server(
    State(app): State<App>,
    me: Me,
    Path(host): Path<String>,
) -> Result<Response> {
    let host = host_in_path(&app, host)?;
    mute::unmute_server(&app, Some(me.account_id), &host).await?;
    Ok(no_content())
}

pub async fn unmute_site_server(
    State(app): State<App>,
    Path(host): Path<String>,
) -> Result<Response> {
    let host = host_in_path(&app, host)?;
    mute::unmute_server(&app, None, &host).await?;
    Ok(no_content())
}

/// Which of these accounts and hosts are muted, by the one who asks and by the site.
pub async fn status(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query,
) -> Result<Json<Value>> {
    let mut check = Check::query(&query);
    let handles = check.texts("accounts", 0..=500, 1..=400).or(Vec::new());
    if !handles.iter().all(|handle| is_handle(&app, handle)) {
        check.fail("accounts", "Should have a valid accounts array");
    }
    let hosts = check.texts("hosts", 0..=500, 1..=300).or(Vec::new());
    if !hosts.iter().all(|host| is_host(&app, host)) {
        check.fail("hosts", "Should have a valid hosts array");
    }
    check.finish()?;
    let by = viewer.user().map(|user| user.account_id);
    let split = |handle: &String| {
        let (name, host) = account::split_handle(&app, handle);
        (name.to_owned(), host.to_owned())
    };
    let names: Vec<(String, String)> = handles.iter().map(split).collect();
    let found = mute::statuses(&app, by, &names).await?;
    let mut accounts = Map::new();
    for (handle, name) in handles.into_iter().zip(names) {
        accounts.insert(handle, status_view(found.get(&name)));
    }
    let found = mute::server_statuses(&app, by, &hosts).await?;
    let mut servers = Map::new();
    for host in hosts {
        let view = status_view(found.get(&host));
        servers.insert(host, view);
    }
    Ok(Json(json!({ "accounts": accounts, "hosts": servers })))
}

fn status_view(status: Option<&mute::Status>) -> Value {
    let status = status.cloned().unwrap_or_default();
    json!({
        "blockedByServer": status.by_site, "blockedByUser": status.by_user,
        "blockedByServerSubscription": status.list_name,
    })
}

async fn list_accounts(app: &App, by: By, query: &Map<String, Value>) -> List {
    let (paging, sort, filter) = read_list(query, by)?;
    let (total, muted) = mute::accounts(app, by, &filter, paging, sort.descending).await?;
    let mut ids: Vec<AccountId> = muted.iter().map(|entry| entry.account_id).collect();
    ids.extend(by);
    let views = view::accounts_by_id(app, &ids).await?;
    let of = |id: AccountId| views.get(&id).cloned().unwrap_or_default();
    let who = by_whom(app, by, &views).await?;
    let data = muted
        .iter()
        .map(|entry| {
            json!({
                "byAccount": who,
                "blockedAccount": of(entry.account_id),
                "blocklistSubscription": list_view(entry.list_id, &entry.list_name, &entry.list_url),
                "createdAt": iso(entry.created_at),
            })
        })
        .collect();
    Ok(Listed::new(total, data))
}

async fn list_servers(app: &App, by: By, query: &Map<String, Value>) -> List {
    let (paging, sort, filter) = read_list(query, by)?;
    let (total, muted) = mute::servers(app, by, &filter, paging, sort.descending).await?;
    let views = view::accounts_by_id(app, by.as_slice()).await?;
    let who = by_whom(app, by, &views).await?;
    let one = |entry: &MutedServer| {
        json!({
            "byAccount": who,
            "blockedServer": { "host": entry.host },
            "blocklistSubscription": list_view(entry.list_id, &entry.list_name, &entry.list_url),
            "createdAt": iso(entry.created_at),
        })
    };
    Ok(Listed::new(total, muted.iter().map(one).collect()))
}

/// One person, or for everybody the site itself.
async fn by_whom(app: &App, by: By, views: &HashMap<AccountId, Value>) -> Result<Value> {
    match by {
        Some(id) => Ok(views.get(&id).cloned().unwrap_or_default()),
        None => view::site(app).await,
    }
}

fn list_view(id: Option<i64>, name: &Option<String>, url: &Option<String>) -> Value {
    id.map_or(
        Value::Null,
        |id| json!({ "id": id, "name": name, "url": url }),
    )
}

fn read_list(query: &Map<String, Value>, by: By) -> Result<(Paging, Sort, Filter)> {
    let paging = Paging::read(query)?;
    let sort = Sort::read(query, &["createdAt"], "-createdAt")?;
    let text = |name: &str| {
        let text = query.get(name).and_then(Value::as_str);
        text.filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let filter = Filter {
        search: text("search"),
        // Nobody but the site follows shared lists.
        list_name: text("subscriptionName").filter(|_| by.is_none()),
    };
    Ok((paging, sort, filter))
}

async fn account_of(app: &App, body: &Map<String, Value>) -> Result<Profile> {
    let mut check = Check::body(body);
    let handle = check.text("accountName", 1..=400);
    let handle = check.required("accountName", handle);
    check.finish()?;
    account::profile(app, &handle.unwrap_or_default()).await
}

fn host_of(app: &App, body: &Map<String, Value>) -> Result<String> {
    let mut check = Check::body(body);
    let host = check.text("host", 1..=300);
    let host = check
        .required("host", host)
        .unwrap_or_default()
        .to_lowercase();
    if !is_host(app, &host) {
        check.fail("host", "Should have a valid host");
    }
    check.finish()?;
    Ok(host)
}

fn host_in_path(app: &App, host: String) -> Result<String> {
    if is_host(app, &host) {
        Ok(host)
    } else {
        Err(crate::check::wrong_param("host", &host))
    }
}

fn is_handle(app: &App, handle: &str) -> bool {
    match handle.split_once('@') {
        Some((name, host)) => !name.is_empty() && is_host(app, host),
        None => !handle.is_empty(),
    }
}

fn is_host(app: &App, host: &str) -> bool {
    crate::check::is_host(host, &app.host())
}
