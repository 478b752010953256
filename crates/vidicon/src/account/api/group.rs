//! The REST routes of groups of users.

use crate::access::Me;
use crate::account::group::{self, Group, GroupId, Words};
use crate::account::{self, UserId};
use crate::app::App;
use crate::check::{self, Body, Check, Field, Query, iso};
use crate::error::{Error, Result, created, no_content};
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt", "name"], "name")?;
    let search = query.get("search").and_then(Value::as_str);
    let search = search.filter(|text| !text.is_empty());
    let (total, found) = group::list(&app, search, paging, sort).await?;
    Ok(Listed::new(total, found.iter().map(view).collect()))
}

pub async fn show(State(app): State<App>, Path(id): Path<String>) -> Result<Json<Value>> {
    Ok(Json(view(&group::find(&app, check::id("id", &id)?).await?)))
}

/// The groups of the one who asks.
pub async fn mine(State(app): State<App>, me: Me) -> Result<Json<Listed<Value>>> {
    let found = group::of_user(&app.db, me.id).await?;
    let total = i64::try_from(found.len()).unwrap_or(0);
    Ok(Listed::new(total, found.iter().map(view).collect()))
}

pub async fn create(State(app): State<App>, Body(body): Body) -> Result<Json<Value>> {
    let words = read(&body, None)?;
    let id = group::add(&app, &words).await?;
    Ok(created("userGroup", json!({ "id": id })))
}

pub async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let found = group::find(&app, check::id("id", &id)?).await?;
    let words = read(&body, Some(&found))?;
    group::change(&app, found.id, &words).await?;
    Ok(no_content())
}

pub async fn delete(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    group::remove(&app, check::id("id", &id)?).await?;
    Ok(no_content())
}

pub async fn members(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query,
) -> Result<Json<Listed<Value>>> {
    let id: GroupId = check::id("id", &id)?;
    group::find(&app, id).await?;
    let paging = Paging::read(&query)?;
    let (total, found) = group::members(&app, id, paging).await?;
    let one = |it: &group::Member| {
        json!({
            "user": { "id": it.user_id, "username": it.username }, "createdAt": iso(it.since),
        })
    };
    Ok(Listed::new(total, found.iter().map(one).collect()))
}

pub async fn join(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let id: GroupId = check::id("id", &id)?;
    let mut check = Check::body(&body);
    let name = check.text("username", 1..=50);
    let name = check.required("username", name).unwrap_or_default();
    check.finish()?;
    group::find(&app, id).await?;
    let user = account::user_by_name(&app, &name).await?;
    let user = user.ok_or_else(|| Error::not_found("User not found"))?;
    group::join(&app, id, user.id).await?;
    Ok(no_content())
}

pub async fn leave(
    State(app): State<App>,
    Path((id, user)): Path<(String, String)>,
) -> Result<Response> {
    let id: GroupId = check::id("id", &id)?;
    let user: UserId = check::id("userId", &user)?;
    group::find(&app, id).await?;
    group::leave(&app, id, user).await?;
    Ok(no_content())
}

/// What is not sent stays as it was.
fn read(body: &Map<String, Value>, before: Option<&Group>) -> Result<Words> {
    let mut check = Check::body(body);
    let name = check.trimmed("name", 1..=100, "Should have a name of 1 to 100 characters");
    let name = match (name, before) {
        (Field::Absent, Some(before)) => Some(before.name.clone()),
        (name, _) => check.required("name", name),
    };
    let description = check.text("description", 0..=1000);
    let quota = check.int("videoQuota", -1..=i64::MAX);
    let daily = check.int("videoQuotaDaily", -1..=i64::MAX);
    check.finish()?;
    Ok(Words {
        name: name.unwrap_or_default(),
        description: description.update(before.and_then(|it| it.description.clone())),
        quota_bytes: quota.update(before.and_then(|it| it.quota_bytes)),
        quota_daily_bytes: daily.update(before.and_then(|it| it.quota_daily_bytes)),
    })
}

fn view(group: &Group) -> Value {
    json!({
        "id": group.id, "name": group.name, "description": group.description,
        "videoQuota": group.quota_bytes, "videoQuotaDaily": group.quota_daily_bytes,
        "membersCount": group.members, "createdAt": iso(group.created_at),
        "updatedAt": iso(group.updated_at),
    })
}
