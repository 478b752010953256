//! The REST routes of collaborators: people who help with somebody else's channel.

use super::super::store::collaborator::{self as store, Collaborator};
use super::super::{Channel, find};
use super::account;
use crate::access::Me;
use crate::account::{Right, view};
use crate::app::App;
use crate::check::{Body, Check, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::notice::{Answer, Notice};
use crate::wire::{self, Iso};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

/// People who may help with one channel.
const MOST: usize = 20;

async fn views(app: &App, people: &[Collaborator]) -> Result<Vec<Value>> {
    let ids: Vec<_> = people.iter().map(|it| it.account_id).collect();
    let accounts = view::summaries_by_id(app, &ids).await?;
    Ok(people
        .iter()
        .map(|it| {
            let (state, label) = if it.state == "accepted" {
                (2, "Accepted")
            } else {
                (1, "Pending")
            };
            json!({
                "id": it.id, "account": accounts.get(&it.account_id),
                "state": { "id": state, "label": label },
                "createdAt": Iso(it.created_at), "updatedAt": Iso(it.updated_at),
            })
        })
        .collect())
}

fn owns(me: &Me, channel: &Channel) -> bool {
    channel.account_id == me.account_id || me.has(Right::ManageAnyVideoChannel)
}

pub async fn list(State(app): State<App>, me: Me, Path(handle): Path<String>) -> Result<Response> {
    let channel = find(&app, &handle).await?;
    let people = store::of_channel(&app.db, channel.id).await?;
    let helps = people
        .iter()
        .any(|it| it.account_id == me.account_id && it.state == "accepted");
    if !owns(&me, &channel) && !helps {
        return Err(Error::forbidden(
            "Only the owner and the editors of this channel see its editors.",
        ));
    }
    let data = views(&app, &people).await?;
    wire::json(&json!({ "total": data.len(), "data": data }))
}

pub async fn invite(
    State(app): State<App>,
    me: Me,
    Path(handle): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let mut check = Check::body(&body);
    let guest = check.text("accountHandle", 1..=300);
    let guest = check.required("accountHandle", guest).unwrap_or_default();
    check.finish()?;
    let channel = find(&app, &handle).await?;
    if !channel.host.is_empty() || !owns(&me, &channel) {
        return Err(Error::forbidden(
            "Only the owner of a channel can invite editors.",
        ));
    }
    let (_, host) = super::super::split_handle(&app, &guest);
    let account_id = account(&app, &guest).await?;
    if !host.is_empty() {
        return Err(Error::forbidden(
            "Only people of this site can edit a channel.",
        ));
    }
    if account_id == channel.account_id {
        return Err(Error::bad_request(
            "The owner of the channel edits it already.",
        ));
    }
    if store::of_channel(&app.db, channel.id).await?.len() >= MOST {
        return Err(Error::bad_request(format!(
            "A channel can have at most {MOST} editors."
        )));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let invited = store::invite(&mut tx, channel.id, account_id, now).await?;
    let invited =
        invited.ok_or_else(|| Error::conflict("This account has been invited already."))?;
    tell(&mut tx, &invited, Answer::Asked, now).await?;
    tx.commit().await?;
    app.workers.wake();
    let view = views(&app, &[invited]).await?.pop();
    wire::json(&json!({ "collaborator": view }))
}

async fn found(app: &App, handle: &str, id: &str) -> Result<(Channel, Collaborator)> {
    let number: i64 = id.parse().map_err(|_| wrong_param("collaboratorId", id))?;
    let channel = find(app, handle).await?;
    let collaborator = store::find(&app.db, channel.id, number).await?;
    let collaborator = collaborator.ok_or_else(|| Error::not_found("Collaborator not found"))?;
    Ok((channel, collaborator))
}

async fn tell(
    tx: &mut base::Tx,
    collaborator: &Collaborator,
    answer: Answer,
    now: base::clock::Millis,
) -> Result<()> {
    let notice = Notice::Collaboration {
        collaborator_id: collaborator.id,
        answer,
    };
    Ok(notice.enqueue(tx, now).await?)
}

async fn answer(app: &App, me: &Me, handle: &str, id: &str, answer: Answer) -> Result<Response> {
    let (_, collaborator) = found(app, handle, id).await?;
    let is_open = collaborator.state == "pending" && collaborator.account_id == me.account_id;
    let state = if answer == Answer::Accepted {
        "accepted"
    } else {
        "rejected"
    };
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !is_open || !store::answer(&mut tx, collaborator.id, state, now).await? {
        return Err(Error::bad_request("There is no open invitation for you."));
    }
    tell(&mut tx, &collaborator, answer, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

pub async fn accept(
    State(app): State<App>,
    me: Me,
    Path((handle, id)): Path<(String, String)>,
) -> Result<Response> {
    answer(&app, &me, &handle, &id, Answer::Accepted).await
}

pub async fn reject(
    State(app): State<App>,
    me: Me,
    Path((handle, id)): Path<(String, String)>,
) -> Result<Response> {
    answer(&app, &me, &handle, &id, Answer::Rejected).await
}

pub async fn remove(
    State(app): State<App>,
    me: Me,
    Path((handle, id)): Path<(String, String)>,
) -> Result<Response> {
    let (channel, collaborator) = found(&app, &handle, &id).await?;
    if !owns(&me, &channel) && collaborator.account_id != me.account_id {
        return Err(Error::forbidden(
            "Only the owner of the channel can remove an editor.",
        ));
    }
    store::remove(&app.db, collaborator.id).await?;
    Ok(no_content())
}
