//! The REST routes of names that can be freed.

use crate::access::Me;
use crate::account::name::{self, Buried};
use crate::app::App;
use crate::check::{Query, iso};
use crate::error::{Result, no_content};
use crate::listing::{Listed, Paging};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let search = query.get("search").and_then(Value::as_str);
    let search = search.filter(|text| !text.is_empty());
    let (total, found) = name::list(&app, search, paging).await?;
    let one = |it: &Buried| {
        json!({
            "name": it.name, "type": it.kind, "deletedAt": iso(it.deleted_at),
            "freeFrom": iso(name::free_from(&app, it.deleted_at)),
        })
    };
    Ok(Listed::new(total, found.iter().map(one).collect()))
}

pub async fn release(State(app): State<App>, me: Me, Path(name): Path<String>) -> Result<Response> {
    name::release(&app, &name, &me.username).await?;
    Ok(no_content())
}
