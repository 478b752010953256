//! The REST route of the public log.

use super::super::abuse::REASONS;
use super::super::log;
use crate::app::App;
use crate::check::{Query, iso};
use crate::error::{Error, Result};
use crate::listing::{Listed, Paging};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    if !app.instance.settings().moderation.public_log.enabled {
        return Err(Error::forbidden(
            "This site does not publish what its moderators do.",
        ));
    }
    let (total, found) = log::list(&app, paging).await?;
    let one = |entry: &log::Entry| {
        let numbers = entry.reasons.split_ascii_whitespace();
        let reasons: Vec<&str> = numbers
            .filter_map(|number| REASONS.get(number.parse::<usize>().ok()?.checked_sub(1)?))
            .copied()
            .collect();
        json!({
            "id": entry.id, "act": entry.act, "subject": entry.subject, "reasons": reasons,
            "createdAt": iso(entry.at),
        })
    };
    Ok(Listed::new(total, found.iter().map(one).collect()))
}
