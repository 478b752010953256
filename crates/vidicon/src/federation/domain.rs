//! The site's own address: noticed when it is wrong, and changed by a plan.

use super::store::{self, ActorRow};
use super::{deliver, follow, local, video_out};
use crate::account::ActorId;
use crate::app::App;
use crate::instance;
use crate::video::{self, VideoRef};
use anyhow::{Context as _, bail};
use base::clock::MINUTE;
use base::job::{JobError, NewJob, Running};
use fediverse::activity::{self, Kind};
use fediverse::address::Audience;
use fediverse::context::Context;
use serde::Deserialize;
use serde_json::{Value, json};
use std::fmt::Write;
use uuid::Uuid;

/// The kind of the job that tells everybody, once the site runs at its new address.
pub const JOB: &str = "federation_moved";
/// Facts that the program keeps about itself.
const ADDRESS: &str = "public_url";
pub const FORMER: &str = "former_urls";

/// The addresses that this site had before.
pub async fn former_urls(db: &base::Db) -> base::db::Result<Vec<String>> {
    let found = instance::fact(db, FORMER).await?;
    Ok(found
        .and_then(|value| serde_json::from_value(value).ok())
        .unwrap_or_default())
}

/// Compares the address with the one of the last start. Another one is taken silently while no other
/// server knows the old one; afterwards it would break every link between them, so the start ends.
pub async fn check(app: &App) -> anyhow::Result<()> {
    let now = &app.config.server.public_url;
    let known = instance::fact(&app.db, ADDRESS).await?;
    let known = known.as_ref().and_then(Value::as_str);
    match known {
        Some(known) if known != now && store::has_peers(&app.db).await? => bail!(
            "the site is known to other servers as {known}, but server.public_url is now {now}. If that is a \
             slip, set it back. If the site is to move, set it back, run \"vidicon domain move --to {now}\", and \
             then set it again"
        ),
        Some(known) if known == now => {}
        _ => instance::keep_fact(&app.db, &app.clock, ADDRESS, json!(now)).await?,
    }
    let is_local = ["http://localhost", "http://127.0.0.1", "http://[::1]"]
        .iter()
        .any(|start| now.starts_with(start));
    if is_local && !app.config.server.listen.ip().is_loopback() {
        tracing::warn!(
            url = now,
            "server.public_url is an address of this machine alone: set it before anything is uploaded"
        );
    } else if !is_local && now.starts_with("http://") && app.config.federation.enabled {
        tracing::warn!(
            url = now,
            "server.public_url is not https: other servers will not talk with this one"
        );
    }
    Ok(())
}

/// Do other servers know the site by its address?
pub async fn is_known(app: &App) -> crate::error::Result<bool> {
    Ok(store::has_peers(&app.db).await?)
}

/// `new.example` or `https://new.example`, as an address without a path.
fn read_address(to: &str) -> anyhow::Result<String> {
    let new = if to.contains("://") {
        to.to_owned()
    } else {
        format!("https://{to}")
    };
    let new = new.trim_end_matches('/').to_owned();
    let parsed: url::Url = new
        .parse()
        .with_context(|| format!("{new} is no address"))?;
    if !matches!(parsed.scheme(), "http" | "https")
        || parsed.path() != "/"
        || parsed.query().is_some()
    {
        bail!("{new} should be a host name, or https:// and a host name");
    }
    Ok(new)
}

/// Plans the move, and carries out what can be done before the restart.
pub async fn move_to(app: &App, to: &str, dry_run: bool) -> anyhow::Result<String> {
    let old = app.config.server.public_url.clone();
    let new = read_address(to)?;
    if new == old {
        bail!("the site is at {new} already");
    }
    let reach = store::reach(&app.db, &old).await?;
    let mut out = format!("From {old} to {new}:\n");
    writeln!(
        out,
        "  {} followers at other servers are told to follow the new address",
        reach.followers
    )?;
    writeln!(
        out,
        "  {} actors elsewhere are asked again to be followed",
        reach.followings
    )?;
    writeln!(
        out,
        "  {} videos are taken back under the old address and published under the new one",
        reach.videos
    )?;
    writeln!(
        out,
        "  {} comments keep their old address, which goes on answering",
        reach.comments
    )?;
    writeln!(
        out,
        "  {} addresses in the database are written anew",
        reach.addresses
    )?;
    if dry_run {
        writeln!(out, "Nothing was changed: this was a dry run.")?;
        return Ok(out);
    }
    let mut former = former_urls(&app.db).await?;
    former.retain(|known| *known != new && *known != old);
    former.push(old.clone());
    let mut tx = app.db.begin().await?;
    store::rewrite_addresses(&mut tx, &old, &new).await?;
    NewJob::new(JOB, json!({ "from": old, "to": new }))
        .max_attempts(20)
        .once(format!("{JOB}:{new}"))
        .enqueue(&mut tx, app.clock.now())
        .await?;
    tx.commit().await?;
    instance::keep_fact(&app.db, &app.clock, FORMER, json!(former)).await?;
    instance::keep_fact(&app.db, &app.clock, ADDRESS, json!(new)).await?;
    writeln!(
        out,
        "Now set server.public_url to {new} and start the site again."
    )?;
    writeln!(
        out,
        "Let {old} lead to this server for as long as you can: it redirects people, and tells other servers."
    )?;
    Ok(out)
}

#[derive(Deserialize)]
struct Payload {
    from: String,
    to: String,
}

/// Tells everybody. It waits until the site runs at its new address.
pub async fn tell(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { from, to } = running.job.payload()?;
    if app.config.server.public_url != to {
        return Err(JobError::Later(app.clock.now() + MINUTE));
    }
    for id in store::known_actors(&app.db).await? {
        if let Some(actor) = store::actor(&app.db, id).await? {
            tell_move(app, &actor, &from).await?;
        }
    }
    for uuid in store::all_federated_videos(&app.db).await? {
        renew_video(app, uuid, &from).await?;
    }
    for (follower, target) in store::follows_elsewhere(&app.db).await? {
        let follower = store::actor(&app.db, follower).await?;
        let target = store::actor(&app.db, target).await?;
        if let (Some(follower), Some(target)) = (follower, target) {
            follow::ask_again(app, &follower, &target).await?;
        }
    }
    Ok(())
}

fn before(app: &App, url: &str, from: &str) -> String {
    let path = url
        .strip_prefix(app.config.server.public_url.as_str())
        .unwrap_or(url);
    format!("{from}{path}")
}

async fn tell_move(app: &App, actor: &ActorRow, from: &str) -> Result<(), JobError> {
    let new = local::actor_url(app, actor);
    let old = before(app, &new, from);
    let audience = Audience::public(None, Some(&format!("{old}/followers")));
    let id = format!("{old}/{}", local::stamp(app, "moves"));
    let mut said = activity::write(&Kind::Move, &id, &old, json!(old), &audience);
    if let Some(map) = said.as_object_mut() {
        map.insert("target".to_owned(), json!(new));
    }
    let inboxes = store::follower_inboxes(&app.db, &[actor.id]).await?;
    send_as_before(app, actor, Context::Plain.on(said), inboxes, from).await
}

/// The copies elsewhere bear the old id: they are taken back in the old name, and the video is told anew.
async fn renew_video(app: &App, uuid: Uuid, from: &str) -> Result<(), JobError> {
    let Some(told) = store::federated_video(&app.db, uuid).await? else {
        return Ok(());
    };
    let video = video::find(app, VideoRef::Uuid(uuid)).await.ok();
    if let Some(account) = store::actor(&app.db, told.account_actor_id).await? {
        let old = before(app, &video_out::url(app, uuid), from);
        let account_url = before(app, &local::actor_url(app, &account), from);
        let id = format!("{old}/{}", local::stamp(app, "deletes"));
        let said = activity::write(
            &Kind::Delete,
            &id,
            &account_url,
            json!(old),
            &Audience::default(),
        );
        let server = local::server_actor(app).await?;
        let own: [ActorId; 3] = [account.id, told.channel_actor_id, server.id];
        let inboxes =
            video_out::involved_inboxes(app, video.as_ref().map(|video| video.id), &own).await?;
        send_as_before(app, &account, Context::Plain.on(said), inboxes, from).await?;
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::forget_federated(&mut tx, uuid).await?;
    if let Some(video) = &video {
        super::job::tell_of_video(video.id)
            .enqueue(&mut tx, now)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn send_as_before(
    app: &App,
    actor: &ActorRow,
    said: Value,
    inboxes: Vec<String>,
    from: &str,
) -> Result<(), JobError> {
    let prepared = deliver::prepare_as(app, actor, said, from).await?;
    let mut tx = app.db.begin().await?;
    deliver::queue(&mut tx, app, &prepared, inboxes).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}
