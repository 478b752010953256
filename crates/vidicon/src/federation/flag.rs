//! Reports across servers: what somebody here reports of another server is told there, and what
//! others report of ours comes to our moderators.

use super::remote::{self, RemoteError};
use super::store::{self, ActorRow};
use super::{comment_out, deliver, local, rules, video_in};
use crate::account::{self, AccountId};
use crate::app::App;
use crate::moderation::abuse::{self, About, AbuseId, REASONS, Words};
use crate::video::{self, VideoRef};
use base::job::{JobError, Running};
use fediverse::activity::{self, Activity, Flag, Kind};
use fediverse::address::{Audience, Id};
use fediverse::context::Context;
use serde::Deserialize;
use serde_json::json;

const LENGTH: std::ops::RangeInclusive<usize> = 2..=3_000;

fn refuse(why: &str) -> RemoteError {
    RemoteError::Refused(why.to_owned())
}

/// Somebody elsewhere reports things of ours.
pub async fn receive(app: &App, author: &ActorRow, activity: &Activity) -> remote::Result<()> {
    let flag = Flag::read(&activity.raw, rules(app))?;
    let reporter = reporter(app, author).await?;
    let numbers = |name: &String| {
        REASONS
            .iter()
            .position(|known| known == name)
            .and_then(|at| i64::try_from(at + 1).ok())
    };
    let predefined: Vec<i64> = flag.predefined.iter().filter_map(numbers).collect();
    let words = Words {
        reason: flag.reason.trim().to_owned(),
        predefined,
    };
    if !LENGTH.contains(&words.reason.chars().count()) {
        return Err(refuse("the report says nothing, or too much"));
    }
    let mut found = false;
    for object in &flag.objects {
        if let Some(about) = about(app, object, &flag).await? {
            let mut tx = app.db.begin().await?;
            abuse::report(&mut tx, reporter, &about, &words, app.clock.now()).await?;
            tx.commit().await?;
            found = true;
        }
    }
    app.workers.wake();
    if found {
        Ok(())
    } else {
        Err(refuse("nothing of this server"))
    }
}

/// Mastodon reports in the name of the server, so that nobody learns who has: then the server is
/// who reports.
async fn reporter(app: &App, author: &ActorRow) -> remote::Result<AccountId> {
    if let Some(known) = store::account_of(&app.db, author.id).await? {
        return Ok(known);
    }
    if author.kind != "server" {
        return Err(refuse("only people and servers report"));
    }
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    let made = store::save_account(&mut tx, author.id, &author.host, None, now).await?;
    tx.commit().await?;
    Ok(made)
}

async fn about(app: &App, object: &Id, flag: &Flag) -> remote::Result<Option<About>> {
    if let Some(own) = video_in::own(app, object).await? {
        let video = video::find(app, VideoRef::Number(own.id)).await?;
        let (start_s, end_s) = (flag.start_seconds, flag.end_seconds);
        return Ok(Some(About::Video {
            video: Box::new(video),
            start_s,
            end_s,
        }));
    }
    if let Some(own) = comment_out::own(app, object).await? {
        return Ok(abuse::comment(app, own.id).await.ok().map(About::Comment));
    }
    match local::actor_at(app, object.as_str()).await? {
        Some(actor) if actor.kind == "account" => {
            let profile = account::profile(app, &actor.name).await?;
            Ok(Some(About::Account(Box::new(profile))))
        }
        _ => Ok(None),
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    abuse_id: AbuseId,
}

/// What is reported, by its id at its server, and whose it is.
async fn target(app: &App, report: &abuse::Abuse) -> Result<Option<(String, ActorRow)>, JobError> {
    if let Some(id) = report.video_id {
        let Ok(video) = video::find(app, VideoRef::Number(video::VideoId::new(id))).await else {
            return Ok(None);
        };
        let owner = store::actor(&app.db, video.account_actor_id).await?;
        return Ok(video.url.filter(|_| !video.is_local).zip(owner));
    }
    if let Some(id) = report.comment_id {
        let Some(comment) = store::comment(&app.db, id).await? else {
            return Ok(None);
        };
        let author = match comment.actor_id {
            Some(id) => store::actor(&app.db, id).await?,
            None => None,
        };
        return Ok(comment.url.zip(author));
    }
    let Some(flagged) = report.flagged_account_id else {
        return Ok(None);
    };
    let actor = store::actor_of_account(&app.db, flagged).await?;
    Ok(actor
        .filter(|actor| !actor.is_local())
        .and_then(|actor| Some((actor.url.clone()?, actor))))
}

/// Tells the server of what was reported here, if it is not ours.
pub async fn tell(app: &App, running: &Running) -> Result<(), JobError> {
    let Payload { abuse_id } = running.job.payload()?;
    let Ok(report) = abuse::find(app, abuse_id).await else {
        return Ok(());
    };
    let reporter = match report.reporter_account_id {
        Some(id) => store::actor_of_account(&app.db, id).await?,
        None => None,
    };
    let reporter = reporter.filter(|reporter| reporter.is_local() && app.config.federation.enabled);
    let (Some(reporter), Some((object, owner))) = (reporter, target(app, &report).await?) else {
        return Ok(());
    };
    let reporter_url = local::actor_url(app, &reporter);
    let id = app.url(&format!("/admin/abuses/{}", report.id));
    let audience = Audience::actor(&local::actor_url(app, &owner));
    let mut said = activity::write(&Kind::Flag, &id, &reporter_url, json!(object), &audience);
    if let Some(map) = said.as_object_mut() {
        let tags = report
            .reasons()
            .into_iter()
            .map(|name| json!({ "type": "Hashtag", "name": name }));
        map.insert("content".to_owned(), json!(report.reason));
        map.insert("mediaType".to_owned(), json!("text/markdown"));
        map.insert("tag".to_owned(), tags.collect());
        for (name, seconds) in [("startAt", report.start_s), ("endAt", report.end_s)] {
            if let Some(seconds) = seconds {
                map.insert(name.to_owned(), json!(seconds));
            }
        }
    }
    let prepared = deliver::prepare(app, &reporter, Context::Flag.on(said)).await?;
    let mut tx = app.db.begin().await?;
    deliver::queue(
        &mut tx,
        app,
        &prepared,
        owner.shared_inbox_url.or(owner.inbox_url),
    )
    .await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}
