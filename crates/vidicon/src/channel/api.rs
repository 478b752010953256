//! The REST routes below `/api/v1/video-channels`, and the channels and followers of accounts.

pub mod collaborator;
pub mod picture;

use super::activity::{self, Action, Target};
use super::store::Follower;
use super::view::{self, Day, Stats};
use super::{Change, Channel, ChannelFilter};
use crate::access::Me;
use crate::account::picture::{self as pictures, Picture, Shape};
use crate::account::{self, AccountId, ActorId, view as account_view};
use crate::app::App;
use crate::check::{Body, Check, Field, Query};
use crate::error::{Error, Result, no_content};
use crate::listing::{Paging, Sort};
use crate::wire::{self, Iso, Site};
use axum::extract::{Path, State};
use axum::response::Response;
use base::clock::DAY;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

const SORTS: &[&str] = &["id", "name", "updatedAt", "createdAt"];
const BY_DATE: &[&str] = &["createdAt"];
/// Channels of one account, unless the administrator says otherwise.
const USUAL_LIMIT: i64 = 20;
/// Days of views that `withStats` shows.
const STATS_DAYS: i64 = 30;

#[derive(Serialize)]
struct Listed<T> {
    total: i64,
    data: Vec<T>,
}

pub async fn list(State(app): State<App>, Query(input): Query) -> Result<Response> {
    let paging = Paging::read(&input)?;
    let sort = Sort::read(&input, SORTS, "-createdAt")?;
    let filter = ChannelFilter {
        search: search(&input)?,
        ..ChannelFilter::default()
    };
    let (total, channels) = super::list(&app, &filter, paging, sort).await?;
    let site = Site::of(&app);
    let data = channels
        .iter()
        .map(|channel| view::channel(site, channel))
        .collect();
    wire::json(&Listed { total, data })
}

/// A search text, which may be missing but not be empty.
fn search(input: &Map<String, Value>) -> Result<Option<String>> {
    let mut check = Check::query(input);
    let text = check.text("search", 1..=500).value();
    check.finish()?;
    Ok(text)
}

pub async fn of_account(
    State(app): State<App>,
    Path(name): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let account_id = account(&app, &name).await?;
    let mut check = Check::query(&input);
    let with_stats = check.lenient_bool("withStats").or(false);
    let with_collaborations = check.lenient_bool("includeCollaborations").or(false);
    check.finish()?;
    let paging = Paging::read(&input)?;
    let sort = Sort::read(&input, SORTS, "-createdAt")?;
    let filter = ChannelFilter {
        account_id: Some(account_id),
        search: search(&input)?,
        with_collaborations,
    };
    let (total, channels) = super::list(&app, &filter, paging, sort).await?;
    let site = Site::of(&app);
    let mut data = Vec::with_capacity(channels.len());
    for channel in &channels {
        let view = view::channel(site, channel);
        data.push(if with_stats {
            view.with_stats(stats(&app, channel).await?)
        } else {
            view
        });
    }
    wire::json(&Listed { total, data })
}

async fn stats(app: &App, channel: &Channel) -> Result<Stats> {
    let today = app.clock.now().div_euclid(DAY);
    let first = today - STATS_DAYS + 1;
    let (videos, views) = super::store::totals(&app.db, channel.id).await?;
    let seen = super::store::views_by_day(&app.db, channel.id, first * DAY).await?;
    let views_on = |day: i64| {
        seen.iter()
            .find(|(at, _)| *at == day)
            .map_or(0, |(_, views)| *views)
    };
    let days = (first..=today).map(|day| Day {
        date: Iso(day * DAY),
        views: views_on(day),
    });
    Ok(Stats {
        videos,
        views,
        days: days.collect(),
    })
}

/// The account of a name or handle.
pub async fn account(app: &App, handle: &str) -> Result<AccountId> {
    let (name, host) = super::split_handle(app, handle);
    let found = super::store::account(&app.db, &name, &host).await?;
    found
        .map(|(id,)| id)
        .ok_or_else(|| Error::not_found("Account not found"))
}

pub async fn show(State(app): State<App>, Path(handle): Path<String>) -> Result<Response> {
    let channel = super::find(&app, &handle).await?;
    wire::json(&view::channel(Site::of(&app), &channel))
}

pub async fn create(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let name = check.text("name", 1..=50);
    let name = check.required("name", name).unwrap_or_default();
    if !is_name(&name) {
        check.fail("name", "Should have a valid channel name");
    }
    let display_name = check.text("displayName", 1..=120);
    let display_name = check
        .required("displayName", display_name)
        .unwrap_or_default();
    let description = check.text("description", 3..=1000).value();
    let support = check.text("support", 3..=1000).value();
    let public_email = public_email(&mut check).value();
    check.finish()?;
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    let id = super::add(&mut tx, me.account_id, &name, &display_name, now).await?;
    if super::count_of(&mut tx, me.account_id).await? > limit(&app) {
        return Err(Error::bad_request(format!(
            "You cannot create more than {} channels",
            limit(&app)
        )));
    }
    let change = Change {
        display_name,
        description,
        support,
        public_email,
        bulk_support: false,
    };
    super::store::change(&mut tx, id, &name, &change, now).await?;
    tx.commit().await?;
    wire::json(&json!({ "videoChannel": { "id": id } }))
}

fn limit(app: &App) -> i64 {
    let changes = app.instance.changes();
    let set = changes
        .get("videoChannels")
        .and_then(|section| section.get("maxPerUser"));
    set.and_then(Value::as_i64).unwrap_or(USUAL_LIMIT)
}

fn public_email(check: &mut Check<'_>) -> Field<String> {
    let email = check.text_or("publicEmail", 3..=254, "Should have a valid email");
    if let Field::Is(text) = &email
        && !account::is_email(text)
    {
        check.fail("publicEmail", "Should have a valid email");
    }
    email
}

/// Lower case letters, digits and `_`; `.` and `-` only inside.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.chars().all(|c| plain(c) || c == '.' || c == '-')
        && name.starts_with(plain)
        && name.ends_with(plain)
}

pub async fn update(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let channel = super::find(&app, &handle).await?;
    super::manage(&app, &me, &channel).await?;
    let mut check = Check::body(&body);
    let display_name = check.text("displayName", 1..=120);
    let description = check.text("description", 3..=1000);
    let support = check.text("support", 3..=1000);
    let public_email = public_email(&mut check);
    let bulk_support = check.strict_bool("bulkVideosSupportUpdate").or(false);
    check.finish()?;
    let change = Change {
        display_name: display_name.or(channel.display_name.clone()),
        description: description.update(channel.description.clone()),
        support: support.update(channel.support.clone()),
        public_email: public_email.update(channel.public_email.clone()),
        bulk_support,
    };
    super::change(&app, &channel, &change).await?;
    let by = me.account_id;
    activity::note_after(&app, channel.id, by, Action::Update, Target::Channel).await?;
    Ok(no_content())
}

pub async fn followers(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    let channel = super::find(&app, &handle).await?;
    super::manage(&app, &me, &channel).await?;
    list_followers(&app, &[channel.actor_id], &input).await
}

pub async fn followers_of_account(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
    Query(input): Query,
) -> Result<Response> {
    if account(&app, &name).await? != me.account_id {
        return Err(Error::forbidden(
            "Only the owner of this account can see its followers.",
        ));
    }
    let mut actors = vec![me.actor_id];
    actors.extend(
        super::of_account(&app, me.account_id)
            .await?
            .iter()
            .map(|it| it.actor_id),
    );
    list_followers(&app, &actors, &input).await
}

async fn list_followers(
    app: &App,
    actors: &[crate::account::ActorId],
    input: &Map<String, Value>,
) -> Result<Response> {
    let paging = Paging::read(input)?;
    let sort = Sort::read(input, BY_DATE, "-createdAt")?;
    let search = search(input)?;
    let (total, followers) =
        super::store::followers(&app.db, actors, search.as_deref(), paging, !sort.descending)
            .await?;
    let sides = |it: &Follower| [it.follower_id, it.followed_id];
    let shown: Vec<_> = followers.iter().flat_map(sides).collect();
    let avatars = pictures::of(&app.db, &shown, Shape::Avatar).await?;
    let data = followers
        .iter()
        .map(|follower| follower_view(app, follower, &avatars))
        .collect();
    wire::json(&Listed { total, data })
}

fn follower_view(app: &App, row: &Follower, avatars: &HashMap<ActorId, Vec<Picture>>) -> Value {
    let pictures = |id: &ActorId| {
        let sizes = avatars.get(id).map_or(&[][..], Vec::as_slice);
        account_view::pictures(app, sizes, Shape::Avatar)
    };
    let host = |host: &str| {
        if host.is_empty() {
            app.host()
        } else {
            host.to_owned()
        }
    };
    json!({
        "id": row.id,
        "url": row.follower_url,
        "state": row.state,
        "score": row.score,
        "createdAt": Iso(row.created_at),
        "updatedAt": Iso(row.updated_at),
        "follower": {
            "id": row.follower_id, "name": row.follower_name, "host": host(&row.follower_host),
            "url": row.follower_url.clone()
                .unwrap_or_else(|| app.url(&format!("/accounts/{}", row.follower_name))),
            "displayName": row.follower_display_name,
            "followersCount": row.follower_followers, "followingCount": row.follower_following,
            "createdAt": Iso(row.follower_created_at), "updatedAt": Iso(row.follower_updated_at),
            "hostRedundancyAllowed": false, "avatars": pictures(&row.follower_id),
        },
        "following": {
            "id": row.followed_id, "name": row.followed_name, "host": host(&row.followed_host),
            "url": row.followed_url.clone()
                .unwrap_or_else(|| app.url(&format!("/video-channels/{}", row.followed_name))),
            "displayName": row.followed_display_name,
            "followersCount": row.followed_followers, "followingCount": row.followed_following,
            "createdAt": Iso(row.followed_created_at), "updatedAt": Iso(row.followed_updated_at),
            "hostRedundancyAllowed": false, "avatars": pictures(&row.followed_id),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::is_name;

    #[test]
    fn names_have_lower_case_and_dots_inside_only() {
        for good in ["a", "a_b", "a.b", "a-b-c", "0", "_x_"] {
            assert!(is_name(good), "{good}");
        }
        for bad in ["A", "-a", "a.", "a b", "é", ".", "a@b"] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
