//! The REST routes of notifications.

use super::{Filter, hub::Topic, list};
use crate::access::Me;
use crate::app::App;
use crate::check::{Body, Check, Query};
use crate::error::{Result, no_content};
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream;
use serde_json::Value;
use std::convert::Infallible;

pub async fn mine(
    State(app): State<App>,
    me: Me,
    Query(query): Query,
) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt", "read"], "-createdAt")?;
    let mut check = Check::query(&query);
    let filter = Filter {
        unread: check
            .lenient_bool("unread")
            .value()
            .filter(|unread| *unread),
        kinds: check.ints("typeOneOf").value(),
    };
    check.finish()?;
    let (total, data) = list(&app, me.id, &filter, sort, paging).await?;
    Ok(Listed::new(total, data))
}

pub async fn read(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    check.listed("ids");
    let ids = check.ints("ids");
    let ids = check.not_null("ids", ids).value();
    if ids.as_ref().is_some_and(Vec::is_empty) {
        check.fail("ids", "Should have an array of ids");
    }
    check.finish()?;
    if let Some(ids) = ids {
        super::read(&app, me.id, &ids).await?;
    }
    Ok(no_content())
}

pub async fn read_all(State(app): State<App>, me: Me) -> Result<Response> {
    super::read_all(&app, me.id).await?;
    Ok(no_content())
}

/// Each new notification as an event, as long as the connection lasts.
pub async fn live(State(app): State<App>, me: Me) -> Result<Response> {
    let receiver = app.live.listen(&app, Topic::User(me.id)).await?;
    let events = stream::unfold(receiver, async |mut receiver| {
        let told = receiver.recv().await?;
        let event = Event::default()
            .event(told.event)
            .data(told.data.to_string());
        Some((Ok::<_, Infallible>(event), receiver))
    });
    Ok(Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response())
}
