//! Moves of single actors: those who follow one that has gone follow it to its new place, and
//! accounts and channels of ours may come from elsewhere and go there.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow};
use super::{deliver, follow, local, rules, search_api};
use crate::access::Me;
use crate::app::App;
use crate::check::{Body, Check};
use crate::error::{Error, Result, no_content};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use fediverse::activity::{self, Activity, Kind};
use fediverse::actor::Actor;
use fediverse::address::{Audience, Id};
use fediverse::context::Context;
use serde_json::{Value, json};

const MOST_ALIASES: usize = 10;

fn refuse(why: &str) -> RemoteError {
    RemoteError::Refused(why.to_owned())
}

/// The document of the new place, which must know the old one.
async fn new_place(app: &App, target: &Id, old: &str) -> remote::Result<Actor> {
    let document = Actor::read(&remote::document(app, target).await?, rules(app))?;
    if document.also_known_as.iter().any(|known| known == old) {
        Ok(document)
    } else {
        Err(refuse("the new place does not know the old one"))
    }
}

/// Somebody says that they have moved. It holds when the new place says so too.
pub async fn receive(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    let old = author.url.as_deref().unwrap_or_default();
    if activity.object.id().map(Id::as_str) != Some(old) {
        return Err(refuse("an actor moves itself and nobody else"));
    }
    let target = activity
        .target
        .as_ref()
        .ok_or_else(|| refuse("it moves nowhere"))?;
    let followers = store::local_followers(&app.db, author.id).await?;
    let place = match local::actor_at(app, target.as_str()).await? {
        Some(own) => {
            let known = store::moves(&app.db, own.id).await?.aliases();
            if !known.iter().any(|alias| alias == old) {
                return Err(refuse("the new place does not know the old one"));
            }
            own
        }
        None => remote::save(app, &new_place(app, target, old).await?).await?,
    };
    store::set_moved(&app.db, author.id, target.as_str()).await?;
    for follower in followers {
        let Some(follower) = store::actor(&app.db, follower).await? else {
            continue;
        };
        follow::follow(app, &follower, &place).await?;
        follow::unfollow(app, &follower, author).await?;
    }
    Ok(())
}

async fn own(app: &App, me: &Me, name: &str) -> Result<ActorRow> {
    let nothing = || Error::not_found("You have no account or channel of this name.");
    let id = store::actor_of_user(&app.db, me.account_id, name)
        .await?
        .ok_or_else(nothing)?;
    store::actor(&app.db, id).await?.ok_or_else(nothing)
}

/// `GET /api/v1/users/me/actors/{name}/aliases`
pub async fn aliases(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
) -> Result<Json<Value>> {
    let actor = own(&app, &me, &name).await?;
    let moves = store::moves(&app.db, actor.id).await?;
    Ok(Json(
        json!({ "aliases": moves.aliases(), "movedTo": moves.moved_to }),
    ))
}

/// `PUT …/aliases`: where an account or channel of mine is or was known too, by handles or addresses.
/// An actor elsewhere that is named here may send its followers to mine.
pub async fn set_aliases(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let actor = own(&app, &me, &name).await?;
    let mut check = Check::body(&body);
    let asked = check.texts("aliases", 0..=MOST_ALIASES, 3..=500);
    let asked = check.required("aliases", asked).unwrap_or_default();
    check.finish()?;
    let mut aliases = Vec::new();
    for text in asked {
        aliases.push(address(&app, &text).await?);
    }
    store::set_aliases(&app.db, actor.id, &aliases).await?;
    crate::account::tell_changed(&app.db, actor.id, app.clock.now()).await?;
    app.workers.wake();
    Ok(no_content())
}

/// The id of an actor elsewhere.
async fn address(app: &App, text: &str) -> Result<String> {
    let unknown =
        || Error::bad_request(format!("{text} is nobody that is known at another server."));
    let handle = search_api::find_actor(app, text)
        .await
        .ok_or_else(unknown)?;
    let (name, host) = handle.split_once('@').ok_or_else(unknown)?;
    let found = store::actor_by_name(&app.db, name, host)
        .await?
        .ok_or_else(unknown)?;
    found.url.ok_or_else(unknown)
}

/// `POST …/move`: sends the followers of an account or channel of mine to its new place.
pub async fn go(
    State(app): State<App>,
    me: Me,
    Path(name): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let actor = own(&app, &me, &name).await?;
    let mut check = Check::body(&body);
    let target = check.text("target", 3..=500);
    let target = check.required("target", target).unwrap_or_default();
    check.finish()?;
    let target = address(&app, &target).await?;
    let url = local::actor_url(&app, &actor);
    let id = Id::parse(&target, rules(&app)).map_err(RemoteError::from)?;
    new_place(&app, &id, &url).await.map_err(|error| {
        Error::bad_request(format!(
            "The new place must name {url} as its alias first: {error}"
        ))
    })?;
    store::set_moved(&app.db, actor.id, &target).await?;
    let audience = Audience::public(None, Some(&format!("{url}/followers")));
    let id = format!("{url}/{}", local::stamp(&app, "moves"));
    let mut said = activity::write(&Kind::Move, &id, &url, json!(url), &audience);
    if let Some(map) = said.as_object_mut() {
        map.insert("target".to_owned(), json!(target));
    }
    let prepared = deliver::prepare(&app, &actor, Context::Plain.on(said)).await?;
    let inboxes = store::follower_inboxes(&app.db, &[actor.id]).await?;
    let mut tx = app.db.begin().await?;
    crate::account::tell_changed(&mut tx, actor.id, app.clock.now()).await?;
    deliver::queue(&mut tx, &app, &prepared, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}
