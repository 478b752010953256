//! Follows across servers, both ways.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow, FollowRow};
use super::{deliver, local, outbox, rules};
use crate::app::App;
use crate::error::Result;
use crate::notice::Notice;
use fediverse::activity::{self, Activity, Kind};
use fediverse::address::{Audience, Id};
use fediverse::context::Context;
use serde_json::{Value, json};

/// An actor of ours follows another, here or elsewhere. Asking again sends the request again.
pub async fn follow(app: &App, follower: &ActorRow, target: &ActorRow) -> Result<()> {
    let now = app.clock.now();
    if target.is_local() {
        let mut tx = app.db.begin().await?;
        store::save_follow(&mut tx, follower.id, target.id, "accepted", None, now).await?;
        tx.commit().await?;
        return Ok(());
    }
    let known = store::follow_between(&app.db, follower.id, target.id).await?;
    if known
        .as_ref()
        .is_some_and(|known| known.state == "accepted")
    {
        return Ok(());
    }
    let mut tx = app.db.begin().await?;
    let id = store::save_follow(&mut tx, follower.id, target.id, "pending", None, now).await?;
    let follower_url = local::actor_url(app, follower);
    let url = format!("{follower_url}/follows/{id}");
    store::set_follow_url(&mut tx, id, &url).await?;
    tx.commit().await?;
    let target_url = local::actor_url(app, target);
    let document = follow_activity(&url, &follower_url, &target_url);
    send(app, follower, document, target).await
}

/// Sends a request again that was answered once: the one who asks has another address now.
pub async fn ask_again(app: &App, follower: &ActorRow, target: &ActorRow) -> Result<()> {
    let Some(known) = store::follow_between(&app.db, follower.id, target.id).await? else {
        return Ok(());
    };
    let follower_url = local::actor_url(app, follower);
    let url = format!("{follower_url}/follows/{}", known.id);
    store::set_follow_url(&app.db, known.id, &url).await?;
    let document = follow_activity(&url, &follower_url, &local::actor_url(app, target));
    send(app, follower, document, target).await
}

/// Ends a follow of an actor of ours.
pub async fn unfollow(app: &App, follower: &ActorRow, target: &ActorRow) -> Result<bool> {
    let Some(known) = store::follow_between(&app.db, follower.id, target.id).await? else {
        return Ok(false);
    };
    let mut tx = app.db.begin().await?;
    store::delete_follow(&mut tx, &known).await?;
    tx.commit().await?;
    if !target.is_local() {
        let follower_url = local::actor_url(app, follower);
        let target_url = local::actor_url(app, target);
        let url = known
            .url
            .unwrap_or_else(|| format!("{follower_url}/follows/{}", known.id));
        let inner = follow_activity(&url, &follower_url, &target_url);
        let audience = Audience::actor(&target_url);
        let undo = activity::write(
            &Kind::Undo,
            &format!("{url}/undo"),
            &follower_url,
            inner,
            &audience,
        );
        send(app, follower, Context::Plain.on(undo), target).await?;
    }
    Ok(true)
}

/// Tells another server that a follow has ended whose row is gone already.
pub async fn tell_unfollowed(app: &App, follower: &ActorRow, target: &ActorRow) -> Result<()> {
    let follower_url = local::actor_url(app, follower);
    let target_url = local::actor_url(app, target);
    let url = format!("{follower_url}/follows/{}", base::random::uuid());
    let inner = follow_activity(&url, &follower_url, &target_url);
    let audience = Audience::actor(&target_url);
    let undo = activity::write(
        &Kind::Undo,
        &format!("{url}/undo"),
        &follower_url,
        inner,
        &audience,
    );
    send(app, follower, Context::Plain.on(undo), target).await
}

fn follow_activity(url: &str, follower_url: &str, target_url: &str) -> Value {
    let audience = Audience::actor(target_url);
    Context::Plain.on(activity::write(
        &Kind::Follow,
        url,
        follower_url,
        json!(target_url),
        &audience,
    ))
}

async fn send(app: &App, sender: &ActorRow, document: Value, receiver: &ActorRow) -> Result<()> {
    let prepared = deliver::prepare(app, sender, document).await?;
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &prepared, receiver.inbox_url.clone()).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Somebody elsewhere wants to follow an actor of ours.
pub async fn receive(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    let target = own_target(app, activity.object.id()).await?;
    let known = store::follow_between(&app.db, author.id, target.id).await?;
    let state = match &known {
        // Asked again: answered as before.
        Some(known) => known.state.clone(),
        None => first_state(app, &target).to_owned(),
    };
    let url = activity.id.as_ref().map(Id::as_str);
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    store::save_follow(&mut tx, author.id, target.id, &state, url, now).await?;
    let is_news = state == "accepted" || (state == "pending" && target.kind == "server");
    if known.is_none() && is_news {
        crate::follow::tell_added(&mut tx, author.id, target.id, now).await?;
    }
    tx.commit().await?;
    answer(app, author, &target, url, &state).await?;
    if known.is_none() && state != "rejected" && target.kind == "server" {
        follow_back(app, author, &target).await?;
    }
    Ok(())
}

fn first_state(app: &App, target: &ActorRow) -> &'static str {
    let followers = &app.instance.settings().followers;
    match target.kind.as_str() {
        "server" if !followers.instance.enabled => "rejected",
        "server" if followers.instance.manual_approval => "pending",
        "server" => "accepted",
        _ if followers.channels.enabled => "accepted",
        _ => "rejected",
    }
}

async fn follow_back(app: &App, author: &ActorRow, server: &ActorRow) -> remote::Result<()> {
    if app
        .instance
        .settings()
        .followings
        .instance
        .auto_follow_back
        .enabled
    {
        follow(app, server, author).await?;
        if let Some(made) = store::follow_between(&app.db, server.id, author.id).await? {
            let mut tx = app.db.begin().await?;
            let told = Notice::AutoFollowed {
                follow_id: made.id.0,
            };
            told.enqueue(&mut tx, app.clock.now()).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Tells a follower what we decided; nothing while nothing is decided.
pub async fn answer(
    app: &App,
    follower: &ActorRow,
    target: &ActorRow,
    url: Option<&str>,
    state: &str,
) -> Result<()> {
    let (kind, folder) = match state {
        "accepted" => (Kind::Accept, "accepts"),
        "rejected" => (Kind::Reject, "rejects"),
        _ => return Ok(()),
    };
    let follower_url = local::actor_url(app, follower);
    let target_url = local::actor_url(app, target);
    let mut follow = json!({ "type": "Follow", "actor": follower_url, "object": target_url });
    if let (Some(map), Some(url)) = (follow.as_object_mut(), url) {
        map.insert("id".to_owned(), json!(url));
    }
    let id = app.url(&format!("/{folder}/follows/{}", base::random::uuid()));
    let document = activity::write(
        &kind,
        &id,
        &target_url,
        follow,
        &Audience::actor(&follower_url),
    );
    send(app, target, Context::Plain.on(document), follower).await
}

/// Somebody accepts our request. Only the one that was asked can.
pub async fn receive_accept(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
) -> remote::Result<()> {
    let (follower, known) = asked(app, author, activity).await?;
    let mut tx = app.db.begin().await?;
    store::save_follow(
        &mut tx,
        follower.id,
        author.id,
        "accepted",
        None,
        app.clock.now(),
    )
    .await?;
    if known.state != "accepted" {
        outbox::read_later(&mut tx, author.id, app.clock.now()).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    if known.state != "accepted" {
        tracing::info!(
            host = author.host,
            name = author.name,
            "a follow was accepted"
        );
    }
    Ok(())
}

pub async fn receive_reject(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
) -> remote::Result<()> {
    let (_, known) = asked(app, author, activity).await?;
    let mut tx = app.db.begin().await?;
    store::delete_follow(&mut tx, &known).await?;
    tx.commit().await?;
    Ok(())
}

/// Our request that an Accept or Reject is about: by the Follow within it, or by its id.
async fn asked(
    app: &App,
    author: &ActorRow,
    activity: &Activity,
) -> remote::Result<(ActorRow, FollowRow)> {
    let unknown = || RemoteError::Refused("it answers no request of ours".to_owned());
    let follower_url = match activity.inner(rules(app)) {
        Some(inner) => inner?.actor.as_str().to_owned(),
        None => {
            let id = activity
                .object
                .id()
                .map(|id| id.as_str().to_owned())
                .ok_or_else(unknown)?;
            id.rsplit_once("/follows/")
                .map(|(actor, _)| actor.to_owned())
                .ok_or_else(unknown)?
        }
    };
    let follower = local::actor_at(app, &follower_url)
        .await?
        .ok_or_else(unknown)?;
    let known = store::follow_between(&app.db, follower.id, author.id)
        .await?
        .ok_or_else(unknown)?;
    Ok((follower, known))
}

pub async fn receive_undo(app: &App, author: &ActorRow, follow: &Activity) -> remote::Result<()> {
    let target = own_target(app, follow.object.id()).await?;
    if let Some(known) = store::follow_between(&app.db, author.id, target.id).await? {
        // After a move both addresses are the same actor: the farewell to the old one leaves the
        // follow of the new one.
        let is_former = follow.object.id().is_some_and(|id| id.host() != app.host());
        let is_same = known.url.as_deref() == follow.id.as_ref().map(Id::as_str);
        if is_former && !is_same {
            return Ok(());
        }
        let mut tx = app.db.begin().await?;
        store::delete_follow(&mut tx, &known).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Some send only the id of what they undo.
pub async fn receive_undo_by_id(
    app: &App,
    author: &ActorRow,
    id: Option<&Id>,
) -> remote::Result<()> {
    let id = id.ok_or_else(|| RemoteError::Refused("it undoes nothing".to_owned()))?;
    if let Some(known) = store::follow_by_url(&app.db, author.id, id.as_str()).await? {
        let mut tx = app.db.begin().await?;
        store::delete_follow(&mut tx, &known).await?;
        tx.commit().await?;
    }
    Ok(())
}

async fn own_target(app: &App, id: Option<&Id>) -> remote::Result<ActorRow> {
    let nobody = || RemoteError::Refused("there is nobody of this name here".to_owned());
    let id = id.ok_or_else(nobody)?;
    local::actor_at(app, id.as_str()).await?.ok_or_else(nobody)
}
