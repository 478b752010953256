//! The namespaces that clients join.

use super::packet;
use super::session::Session;
use crate::account::UserId;
use crate::account::session::{self, Origin};
use crate::app::App;
use crate::notification::hub::Topic;
use crate::runner;
use serde_json::Value;
use std::sync::Arc;

const NOTIFICATIONS: &str = "/user-notifications";
const LIVES: &str = "/live-videos";
const RUNNERS: &str = "/runners";

pub async fn join(app: &App, session: &Arc<Session>, (space, who): (&str, &str)) {
    match space {
        LIVES | "/" => session.send(packet::joined_space(space, &session.sid)),
        NOTIFICATIONS => match user(app, session).await {
            Some(user) => {
                listen(app, session, NOTIFICATIONS, "", Topic::User(user)).await;
                session.send(packet::joined_space(space, &session.sid));
            }
            None => session.send(packet::refused_space(space, "Invalid access token.")),
        },
        RUNNERS => {
            if is_runner(app, who).await {
                listen(app, session, RUNNERS, "", Topic::Runners).await;
                session.send(packet::joined_space(space, &session.sid));
            } else {
                session.send(packet::refused_space(space, "Invalid runner token."));
            }
        }
        _ => session.send(packet::refused_space(space, "Invalid namespace")),
    }
}

/// A runner says who it is when it joins.
async fn is_runner(app: &App, who: &str) -> bool {
    let who: Value = serde_json::from_str(who).unwrap_or_default();
    match who.get("runnerToken").and_then(Value::as_str) {
        Some(token) => runner::is_known(&app.db, token).await.unwrap_or(false),
        None => false,
    }
}

async fn user(app: &App, session: &Session) -> Option<UserId> {
    let from = Origin {
        device: None,
        ip: Some(session.ip.clone()),
    };
    let signed_in = session::signed_in(app, &session.token, &from).await;
    signed_in.ok().flatten().map(|it| it.user.id)
}

/// `subscribe` and `unsubscribe` of `/live-videos`.
pub async fn event(app: &App, session: &Arc<Session>, space: &str, list: &str) {
    let Ok(Value::Array(list)) = serde_json::from_str(list) else {
        return;
    };
    let name = list.first().and_then(Value::as_str).unwrap_or_default();
    let id = list
        .get(1)
        .and_then(|data| data.get("videoId"))
        .and_then(crate::check::whole);
    let Some(id) = id.filter(|_| space == LIVES) else {
        return;
    };
    match name {
        "subscribe" => listen(app, session, LIVES, &id.to_string(), Topic::Live(id)).await,
        "unsubscribe" => session.stop(space, &id.to_string()),
        _ => {}
    }
}

/// Sends all that is told about a topic from now on, until the client no longer wants it.
async fn listen(app: &App, session: &Arc<Session>, space: &'static str, name: &str, topic: Topic) {
    let mut told = match app.live.listen(app, topic).await {
        Ok(told) => told,
        Err(error) => return tracing::warn!(%error, "nobody can be told of what is new"),
    };
    session.start(space, name, || {
        let session = Arc::clone(session);
        let task = tokio::spawn(async move {
            while let Some(told) = told.recv().await {
                session.send(packet::event(space, told.event, &told.data));
            }
        });
        task.abort_handle()
    });
}
