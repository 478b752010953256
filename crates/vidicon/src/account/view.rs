//! How accounts look in the REST API.

use super::picture::{self, Picture, Shape};
use super::{AccountId, ActorId, Profile};
use crate::app::App;
use crate::check::iso;
use crate::error::{Error, Result};
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// One account with everything that is public about it.
pub async fn account(app: &App, profile: &Profile) -> Result<Value> {
    let mut views = accounts(app, std::slice::from_ref(profile)).await?;
    Ok(views.pop().unwrap_or_default())
}

/// Many accounts, their avatars read in one query.
pub async fn accounts(app: &App, profiles: &[Profile]) -> Result<Vec<Value>> {
    let avatars = avatars_of(app, profiles).await?;
    Ok(profiles
        .iter()
        .map(|profile| full(app, profile, &avatars))
        .collect())
}

/// As [`accounts`], by account.
pub async fn accounts_by_id(app: &App, ids: &[AccountId]) -> Result<HashMap<AccountId, Value>> {
    let profiles = super::profiles_of(&app.db, ids).await?;
    let views = accounts(app, &profiles).await?;
    Ok(profiles
        .iter()
        .map(|profile| profile.account_id)
        .zip(views)
        .collect())
}

/// The short form that stands in videos and comments, by account.
pub async fn summaries_by_id(app: &App, ids: &[AccountId]) -> Result<HashMap<AccountId, Value>> {
    let profiles = super::profiles_of(&app.db, ids).await?;
    let avatars = avatars_of(app, &profiles).await?;
    let pairs = profiles.iter().map(|profile| {
        (
            profile.account_id,
            Value::Object(summary(app, profile, &avatars)),
        )
    });
    Ok(pairs.collect())
}

/// The actor of the site as an account: what is done for everybody is done by it.
pub async fn site(app: &App) -> Result<Value> {
    let actor = super::store::mute::site_actor(&app.db).await?;
    let actor = actor.ok_or_else(|| Error::internal("the site has no actor"))?;
    let current = app.instance.current();
    Ok(json!({
        "id": actor.id,
        "name": actor.name,
        "displayName": app.instance.name(),
        "url": app.url(&format!("/accounts/{}", actor.name)),
        "host": app.host(),
        "avatars": crate::instance::view::pictures(app, &current, "avatar"),
        "hostRedundancyAllowed": false,
        "followingCount": actor.following_count,
        "followersCount": actor.follower_count,
        "createdAt": iso(actor.created_at),
        "updatedAt": iso(actor.updated_at),
        "description": app.instance.settings().instance.short_description,
    }))
}

type Avatars = HashMap<ActorId, Vec<Picture>>;

async fn avatars_of(app: &App, profiles: &[Profile]) -> Result<Avatars> {
    let actors: Vec<ActorId> = profiles.iter().map(|profile| profile.actor_id).collect();
    picture::of(&app.db, &actors, Shape::Avatar).await
}

fn summary(app: &App, profile: &Profile, avatars: &Avatars) -> Map<String, Value> {
    let avatars = avatars
        .get(&profile.actor_id)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let url = profile.url.clone();
    let mut view = Map::new();
    view.insert("id".into(), json!(profile.account_id));
    view.insert("name".into(), json!(profile.name));
    view.insert("displayName".into(), json!(profile.display_name));
    view.insert(
        "url".into(),
        url.unwrap_or_else(|| app.url(&format!("/accounts/{}", profile.name)))
            .into(),
    );
    view.insert("host".into(), json!(host(app, &profile.host)));
    view.insert("avatars".into(), pictures(app, avatars, Shape::Avatar));
    view
}

fn full(app: &App, profile: &Profile, avatars: &Avatars) -> Value {
    let mut view = summary(app, profile, avatars);
    view.insert("hostRedundancyAllowed".into(), Value::Bool(false));
    view.insert("followingCount".into(), json!(profile.following_count));
    view.insert("followersCount".into(), json!(profile.follower_count));
    view.insert("createdAt".into(), json!(iso(profile.created_at)));
    view.insert("updatedAt".into(), json!(iso(profile.updated_at)));
    view.insert("description".into(), json!(profile.description));
    if profile.host.is_empty() {
        view.insert("userId".into(), json!(profile.user_id));
    }
    Value::Object(view)
}

/// All sizes of a picture as the API lists them.
pub fn pictures(app: &App, pictures: &[Picture], shape: Shape) -> Value {
    pictures
        .iter()
        .map(|picture| picture.view(app, shape))
        .collect()
}

/// The host as it stands in handles; an actor of this server has none stored.
pub fn host(app: &App, host: &str) -> String {
    if host.is_empty() {
        app.host()
    } else {
        host.to_owned()
    }
}
