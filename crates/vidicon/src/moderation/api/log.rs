//! The REST route of the public log.

use super::super::log;
use crate::app::App;
use crate::check::{Query, iso};
use crate::error::Result;
use crate::listing::{Listed, Paging};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    log::check_public(&app)?;
    let (total, found) = log::list(&app, paging).await?;
    let one = |entry: &log::Entry| {
        json!({
            "id": entry.id, "act": entry.act, "subject": entry.subject, "reasons": entry.reasons(),
            "createdAt": iso(entry.at),
        })
    };
    Ok(Listed::new(total, found.iter().map(one).collect()))
}
