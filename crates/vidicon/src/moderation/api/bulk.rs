//! The REST routes that do the same to many things at once: all of them, or none.

use super::super::abuse::{self, AbuseId};
use super::read_judgement;
use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::check::{Body, Check, Field};
use crate::error::{Error, Result, no_content};
use crate::video::{self, VideoId, VideoRef};
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

/// Things that one request may name.
const MOST: usize = 100;

fn read_ids(body: &Map<String, Value>) -> Result<Vec<i64>> {
    let mut check = Check::body(body);
    let ids = match check.ints("ids") {
        Field::Is(ids) if (1..=MOST).contains(&ids.len()) => Some(ids),
        _ => None,
    };
    if ids.is_none() {
        check.fail("ids", "Should have between 1 and 100 ids");
    }
    check.finish()?;
    let mut ids = ids.unwrap_or_default();
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}

/// Judges many reports in the same words.
pub async fn judge(State(app): State<App>, Body(body): Body) -> Result<Response> {
    let ids = read_ids(&body)?;
    let (state, comment) = read_judgement(&body)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(abuse::find(&app, AbuseId::new(id)).await?);
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    for abuse in &found {
        abuse::judge(&mut tx, abuse, state, comment.as_deref(), now).await?;
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

/// Blocks, unblocks or deletes many videos.
pub async fn videos(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let ids = read_ids(&body)?;
    let mut check = Check::body(&body);
    let act = check.one_of("action", &["block", "unblock", "delete"]);
    let act = check.required("action", act).unwrap_or_default();
    let reason = check.text("reason", 2..=300).value();
    let note = check.text("internalNote", 2..=3000).value();
    let unfederate = check.lenient_bool("unfederate").or(false);
    check.finish()?;
    if act == "delete" && !me.has(Right::RemoveAnyVideo) {
        return Err(Error::forbidden("You cannot delete videos of others."));
    }
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push(video::find(&app, VideoRef::Number(VideoId::new(id))).await?);
    }
    if unfederate && found.iter().any(|video| !video.is_local) {
        return Err(Error::conflict("You cannot unfederate a remote video."));
    }
    if act == "delete" {
        for video in &found {
            video::delete(&app, video).await?;
        }
        app.workers.wake();
        return Ok(no_content());
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    for video in &found {
        if act == "block" {
            let (reason, note) = (reason.as_deref(), note.as_deref());
            video::block(&mut tx, video.id, false, reason, note, unfederate, now).await?;
        } else {
            video::unblock(&mut tx, video.id, now).await?;
        }
    }
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}
