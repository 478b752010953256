//! The REST routes of a user's own log-ins.

use super::may_manage;
use crate::access::Viewer;
use crate::account::session::{self, Kept, Session, SessionId};
use crate::account::{self, User};
use crate::app::App;
use crate::check::{self, Query, iso};
use crate::error::{Error, Result, no_content};
use crate::listing::{Listed, Paging};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use serde_json::{Value, json};

pub async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(query): Query,
) -> Result<Json<Listed<Value>>> {
    let owner = owner(&app, &viewer, &id).await?;
    let paging = Paging::read(&query)?;
    let current = viewer.signed_in.map(|signed_in| signed_in.session_id);
    let (total, sessions) = session::list(&app, owner.id, paging).await?;
    Ok(Listed::new(
        total,
        sessions.iter().map(|kept| view(kept, current)).collect(),
    ))
}

/// PeerTube's document says GET and its server says POST, so both are here. A GET only works with
/// a token, since browsers send their cookie along with any link.
pub async fn revoke(
    State(app): State<App>,
    viewer: Viewer,
    method: Method,
    headers: HeaderMap,
    Path((id, session_id)): Path<(String, String)>,
) -> Result<Response> {
    if method == Method::GET && !headers.contains_key(header::AUTHORIZATION) {
        return Err(Error::forbidden(
            "A link cannot end a session; send a POST request.",
        ));
    }
    let owner = owner(&app, &viewer, &id).await?;
    let session_id: SessionId = check::id::<Session>("tokenSessionId", &session_id)?;
    if !session::end_of(&app, owner.id, session_id).await? {
        return Err(Error::not_found("Session not found"));
    }
    Ok(no_content())
}

async fn owner(app: &App, viewer: &Viewer, id: &str) -> Result<User> {
    let id = check::id("id", id)?;
    let owner = account::user(app, id).await?;
    let me = viewer.user().ok_or_else(Error::not_authenticated)?;
    may_manage(me, &owner)?;
    Ok(owner)
}

fn view(kept: &Kept, current: Option<SessionId>) -> Value {
    json!({
        "id": kept.id,
        "currentSession": current == Some(kept.id),
        "loginDevice": kept.login_device,
        "loginIP": kept.login_ip,
        "loginDate": iso(kept.created_at),
        "lastActivityDevice": kept.last_device,
        "lastActivityIP": kept.last_ip,
        "lastActivityDate": iso(kept.last_active_at),
        "createdAt": iso(kept.created_at),
    })
}
