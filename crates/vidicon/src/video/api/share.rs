//! The REST routes of shares.

use super::super::share::{self, NewShare, Share, ShareId};
use super::super::view::{self, Extras};
use super::super::{Video, VideoRef, find, list, manage};
use crate::access::{Me, Viewer};
use crate::account::{self, AccountId, Right};
use crate::app::App;
use crate::check::{Body, Check, Field, Query};
use crate::error::{Error, Result, no_content};
use crate::listing::Paging;
use crate::wire::{self, Iso};
use axum::extract::{Path, State};
use axum::response::Response;
use base::clock::Millis;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Views that a link may allow.
const MOST_VIEWS: i64 = 1_000_000;

async fn managed(app: &App, me: &Me, id: &str) -> Result<Video> {
    let video = find(app, VideoRef::read(id)?).await?;
    manage(app, me, &video, Right::UpdateAnyVideo).await?;
    Ok(video)
}

async fn views(app: &App, shares: &[Share]) -> Result<Vec<Value>> {
    let ids: Vec<AccountId> = shares.iter().filter_map(|it| it.account_id).collect();
    let accounts = account::view::summaries_by_id(app, &ids).await?;
    Ok(shares.iter().map(|it| shown(app, it, &accounts)).collect())
}

fn shown(app: &App, share: &Share, accounts: &HashMap<AccountId, Value>) -> Value {
    let group = share
        .group_id
        .map(|id| json!({ "id": id, "name": share.group_name }));
    let url = share
        .token
        .as_ref()
        .map(|token| app.url(&format!("/s/{token}")));
    json!({
        "id": share.id, "kind": share.kind,
        "account": share.account_id.and_then(|id| accounts.get(&id)), "group": group,
        "token": share.token, "url": url, "label": share.label, "viewLimit": share.view_limit,
        "views": share.views, "expiresAt": share.expires_at.map(Iso),
        "createdAt": Iso(share.created_at),
    })
}

pub async fn list_shares(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let video = managed(&app, &me, &id).await?;
    let data = views(&app, &share::list(&app, &video).await?).await?;
    wire::json(&json!({ "total": data.len(), "data": data }))
}

/// What of a share can be said at any time.
struct Terms {
    label: Field<String>,
    view_limit: Field<i64>,
    expires_at: Field<Millis>,
}

impl Terms {
    fn read(check: &mut Check<'_>, now: Millis) -> Self {
        let terms = Terms {
            label: check.text("label", 1..=120),
            view_limit: check.int("viewLimit", 1..=MOST_VIEWS),
            expires_at: check.date("expiresAt"),
        };
        if let Field::Is(at) = terms.expires_at
            && at <= now
        {
            check.fail("expiresAt", "Should be a date in the future");
        }
        terms
    }
}

pub async fn add(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let mut check = Check::body(&body);
    let kind = check.one_of("kind", &["user", "group", "link"]);
    let kind = check.required("kind", kind).unwrap_or_default();
    let terms = Terms::read(&mut check, app.clock.now());
    let username = check.text("username", 1..=300);
    let group = check.int("groupId", 1..=i64::MAX);
    match kind.as_str() {
        "user" => drop(check.required("username", username.clone())),
        "group" => drop(check.required("groupId", group.clone())),
        _ => {}
    }
    check.finish()?;
    let video = find(&app, by).await?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    let mut new = NewShare {
        label: terms.label.value(),
        expires_at: terms.expires_at.value(),
        ..NewShare::default()
    };
    match kind.as_str() {
        "user" => {
            new.kind = "user";
            new.account_id = Some(receiver(&app, &username.or(String::new()), &video).await?);
        }
        "group" => {
            let group = group.or(0);
            if !share::group_of(&app, &me, group).await? {
                return Err(Error::not_found("Group not found"));
            }
            new.kind = "group";
            new.group_id = Some(group);
        }
        _ => {
            new.kind = "link";
            new.view_limit = terms.view_limit.value();
            new.token = Some(base::random::token());
        }
    }
    let added = share::add(&app, &video, &new).await?;
    let view = views(&app, &[added]).await?.pop();
    wire::json(&json!({ "share": view }))
}

/// The account of a user of this site who does not own the video.
async fn receiver(app: &App, username: &str, video: &Video) -> Result<AccountId> {
    let profile = account::profile(app, username).await?;
    if !profile.host.is_empty() || profile.user_id.is_none() {
        return Err(Error::bad_request(
            "Videos can be shared with users of this site only.",
        ));
    }
    if profile.account_id == video.account_id {
        return Err(Error::bad_request("It is their own video."));
    }
    Ok(profile.account_id)
}

async fn one(app: &App, me: &Me, id: &str, share_id: &str) -> Result<Share> {
    let share_id: ShareId = crate::check::id("shareId", share_id)?;
    let video = managed(app, me, id).await?;
    share::find(app, &video, share_id).await
}

pub async fn update(
    State(app): State<App>,
    me: Me,
    Path((id, share_id)): Path<(String, String)>,
    Body(body): Body,
) -> Result<Response> {
    let mut check = Check::body(&body);
    let terms = Terms::read(&mut check, app.clock.now());
    check.finish()?;
    let mut share = one(&app, &me, &id, &share_id).await?;
    share.label = terms.label.update(share.label);
    share.expires_at = terms.expires_at.update(share.expires_at);
    if share.kind == "link" {
        share.view_limit = terms.view_limit.update(share.view_limit);
    }
    share::change(&app, &share).await?;
    Ok(no_content())
}

pub async fn remove(
    State(app): State<App>,
    me: Me,
    Path((id, share_id)): Path<(String, String)>,
) -> Result<Response> {
    let share = one(&app, &me, &id, &share_id).await?;
    share::remove(&app, &share).await?;
    Ok(no_content())
}

/// The videos that others share with the user.
pub async fn with_me(
    State(app): State<App>,
    me: Me,
    viewer: Viewer,
    Query(input): Query,
) -> Result<Response> {
    let paging = Paging::read(&input)?;
    let (total, ids) = share::shared_with(&app, &me, paging).await?;
    let page = list::Page {
        total: Some(total),
        rows: list::rows(&app, &viewer, &ids).await?,
    };
    view::list(&app, &page, Extras::default())
}

/// For programs: opens a link, and gives what to send with each request that follows.
pub async fn open(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let token = token(&body)?;
    let video = find(&app, by).await?;
    let (share, of) = share::link(&app, &token).await?;
    if of.id != video.id {
        return Err(Error::not_found("There is no such link."));
    }
    let grant = share::open(&app, &share, video.uuid).await?;
    wire::json(&json!({ "grant": grant.text, "expiresAt": Iso(grant.expires) }))
}

fn token(body: &Map<String, Value>) -> Result<String> {
    let mut check = Check::body(body);
    let token = check.text("token", 1..=100);
    let token = check.required("token", token).unwrap_or_default();
    check.finish()?;
    Ok(token)
}
