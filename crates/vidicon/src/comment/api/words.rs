//! The REST routes of lists of watched words, and of those that are read from elsewhere.

use super::super::view;
use super::super::words::{self, ListId, NAME, SubscriptionId, WORD, WORDS};
use super::tags::own;
use crate::access::Me;
use crate::account::AccountId;
use crate::app::App;
use crate::check::{self, Body, Check, Query};
use crate::error::{Result, created, no_content};
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

type List = Result<Json<Listed<Value>>>;
type By = Option<AccountId>;

const SORTS: &[&str] = &["createdAt", "updatedAt", "listName"];
const SUBSCRIPTION_SORTS: &[&str] = &["createdAt", "updatedAt", "name", "lastSyncAt"];

pub async fn mine(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
    Query(query): Query,
) -> List {
    let (paging, sort) = page(&query)?;
    lists(&app, own(&app, &me, &name).await?, paging, sort).await
}

pub async fn of_site(State(app): State<App>, Query(query): Query) -> List {
    let (paging, sort) = page(&query)?;
    lists(&app, None, paging, sort).await
}

fn page(query: &Map<String, Value>) -> Result<(Paging, Sort)> {
    Ok((
        Paging::read(query)?,
        Sort::read(query, SORTS, "-createdAt")?,
    ))
}

async fn lists(app: &App, by: By, paging: Paging, sort: Sort) -> List {
    let (total, lists) = words::lists(app, by, sort, paging).await?;
    Ok(Listed::new(total, lists.iter().map(view::list).collect()))
}

pub async fn add_mine(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>> {
    add(&app, own(&app, &me, &name).await?, &body).await
}

pub async fn add_of_site(State(app): State<App>, Body(body): Body) -> Result<Json<Value>> {
    add(&app, None, &body).await
}

pub async fn add(app: &App, by: By, body: &Map<String, Value>) -> Result<Json<Value>> {
    let mut check = Check::body(body);
    let name = check.trimmed(
        "listName",
        NAME,
        "Should have a list name of 1 to 100 characters",
    );
    let name = check.required("listName", name).unwrap_or_default();
    let list = check.texts("words", WORDS, WORD);
    let list = check.required("words", list).unwrap_or_default();
    check.finish()?;
    let id = words::add(app, by, &name, &list).await?;
    Ok(created("watchedWordsList", json!({ "id": id })))
}

pub async fn change_mine(
    State(app): State<App>,
    me: Me,
    Path((name, id)): Path<(String, String)>,
    Body(body): Body,
) -> Result<Response> {
    change(&app, own(&app, &me, &name).await?, &id, &body).await
}

pub async fn change_of_site(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    change(&app, None, &id, &body).await
}

pub async fn change(app: &App, by: By, id: &str, body: &Map<String, Value>) -> Result<Response> {
    let id: ListId = check::id("listId", id)?;
    let found = words::find(app, by, id).await?;
    let mut check = Check::body(body);
    let name = check.trimmed(
        "listName",
        NAME,
        "Should have a list name of 1 to 100 characters",
    );
    let list = check.texts("words", WORDS, WORD);
    check.finish()?;
    words::change(app, by, &found, name.value(), list.value()).await?;
    Ok(no_content())
}

pub async fn delete_mine(
    State(app): State<App>,
    me: Me,
    Path((name, id)): Path<(String, String)>,
) -> Result<Response> {
    delete(&app, own(&app, &me, &name).await?, &id).await
}

pub async fn delete_of_site(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    delete(&app, None, &id).await
}

pub async fn delete(app: &App, by: By, id: &str) -> Result<Response> {
    let id: ListId = check::id("listId", id)?;
    let found = words::find(app, by, id).await?;
    words::delete(app, by, &found).await?;
    Ok(no_content())
}

pub async fn my_subscriptions(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
    Query(query): Query,
) -> List {
    subscriptions(&app, own(&app, &me, &name).await?, &query).await
}

pub async fn subscriptions_of_site(State(app): State<App>, Query(query): Query) -> List {
    subscriptions(&app, None, &query).await
}

async fn subscriptions(app: &App, by: By, query: &Map<String, Value>) -> List {
    let paging = Paging::read(query)?;
    let sort = Sort::read(query, SUBSCRIPTION_SORTS, "-createdAt")?;
    let mut check = Check::query(query);
    let search = check.text("search", 1..=1_000).value();
    check.finish()?;
    let (total, found) = words::subscriptions(app, by, search.as_deref(), sort, paging).await?;
    Ok(Listed::new(
        total,
        found.iter().map(view::subscription).collect(),
    ))
}

pub async fn subscribe(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>> {
    add_subscription(&app, own(&app, &me, &name).await?, &body).await
}

pub async fn subscribe_site(State(app): State<App>, Body(body): Body) -> Result<Json<Value>> {
    add_subscription(&app, None, &body).await
}

pub async fn add_subscription(app: &App, by: By, body: &Map<String, Value>) -> Result<Json<Value>> {
    let mut check = Check::body(body);
    let url = check.text("url", 3..=2_000);
    let url = check.required("url", url).unwrap_or_default();
    let is_web = |url: &url::Url| matches!(url.scheme(), "http" | "https");
    if !url::Url::parse(&url).is_ok_and(|url| is_web(&url) && url.has_host()) {
        check.fail("url", "Should have a valid URL");
    }
    check.finish()?;
    let made = words::subscribe(app, by, &url).await?;
    Ok(Json(view::subscription(&made)))
}

pub async fn unsubscribe(
    State(app): State<App>,
    me: Me,
    Path((name, id)): Path<(String, String)>,
) -> Result<Response> {
    remove_subscription(&app, own(&app, &me, &name).await?, &id).await
}

pub async fn unsubscribe_site(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    remove_subscription(&app, None, &id).await
}

pub async fn remove_subscription(app: &App, by: By, id: &str) -> Result<Response> {
    let id: SubscriptionId = check::id("id", id)?;
    words::unsubscribe(app, by, id).await?;
    Ok(no_content())
}
