//! Groups of users: they may give their members more room, and videos can be for a group alone.

use super::{User, UserId, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use base::Id;
use base::clock::Millis;
use base::db::Executor;
use serde::Deserialize;

pub type GroupId = Id<Group>;

#[derive(Clone, Debug, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    pub description: Option<String>,
    /// Bytes; -1 for no limit, nothing for whatever each user has.
    pub quota_bytes: Option<i64>,
    pub quota_daily_bytes: Option<i64>,
    pub members: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// What of a group can be said.
#[derive(Clone, Debug)]
pub struct Words {
    pub name: String,
    pub description: Option<String>,
    pub quota_bytes: Option<i64>,
    pub quota_daily_bytes: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Member {
    pub user_id: UserId,
    pub username: String,
    pub since: Millis,
}

/// How much room a user really has: the most that they or one of their groups are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes; -1 for no limit.
    pub total_bytes: i64,
    pub daily_bytes: i64,
}

pub async fn find(app: &App, id: GroupId) -> Result<Group> {
    let found = store::group::find(&app.db, id).await?;
    found.ok_or_else(|| Error::not_found("Group not found"))
}

pub async fn list(
    app: &App,
    search: Option<&str>,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<Group>)> {
    let total = store::group::count(&app.db, search).await?;
    let data = store::group::list(&app.db, search, paging, sort).await?;
    Ok((total, data))
}

pub async fn add(app: &App, words: &Words) -> Result<GroupId> {
    let added = store::group::add(&app.db, words, app.clock.now()).await;
    added.map_err(taken)
}

pub async fn change(app: &App, id: GroupId, words: &Words) -> Result<()> {
    let changed = store::group::save(&app.db, id, words, app.clock.now()).await;
    changed.map(drop).map_err(taken)
}

fn taken(error: base::db::Error) -> Error {
    if error.is_unique() {
        Error::conflict("There is a group with this name already.")
    } else {
        error.into()
    }
}

pub async fn remove(app: &App, id: GroupId) -> Result<()> {
    if store::group::delete(&app.db, id).await? == 0 {
        return Err(Error::not_found("Group not found"));
    }
    Ok(())
}

pub async fn members(app: &App, id: GroupId, paging: Paging) -> Result<(i64, Vec<Member>)> {
    let total = store::group::count_members(&app.db, id).await?;
    let data = store::group::members(&app.db, id, paging).await?;
    Ok((total, data))
}

/// Nothing happens when the user is in the group already.
pub async fn join(app: &App, id: GroupId, user: UserId) -> Result<()> {
    store::group::join(&app.db, id, user, app.clock.now()).await?;
    Ok(())
}

pub async fn leave(app: &App, id: GroupId, user: UserId) -> Result<()> {
    if store::group::leave(&app.db, id, user).await? == 0 {
        return Err(Error::not_found("This user is not in the group."));
    }
    Ok(())
}

/// The groups that a user is in, by name.
pub async fn of_user(on: impl Executor, user: UserId) -> Result<Vec<Group>> {
    Ok(store::group::of_user(on, user).await?)
}

/// Is the user in one of these groups?
pub async fn is_member(on: impl Executor, user: UserId, groups: &[GroupId]) -> Result<bool> {
    if groups.is_empty() {
        return Ok(false);
    }
    Ok(store::group::is_member(on, user, groups).await?)
}

pub async fn room(on: impl Executor, user: &User) -> Result<Room> {
    let groups = store::group::of_user(on, user.id).await?;
    let total = groups.iter().filter_map(|group| group.quota_bytes);
    let daily = groups.iter().filter_map(|group| group.quota_daily_bytes);
    Ok(Room {
        total_bytes: total.fold(user.quota_bytes, larger),
        daily_bytes: daily.fold(user.quota_daily_bytes, larger),
    })
}

/// The larger of two limits, of which -1 is the largest.
fn larger(a: i64, b: i64) -> i64 {
    if a < 0 || b < 0 { -1 } else { a.max(b) }
}
