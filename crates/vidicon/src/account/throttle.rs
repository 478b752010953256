//! Failed log-ins of one account, from wherever they come: whoever tries passwords from a thousand
//! addresses is slowed down too. Those of one address are counted in `limits`, and here as well
//! where several machines answer; so are other requests, now and then.

use super::store::trouble as store;
use crate::app::App;
use crate::error::{Error, Result};
use axum::http::StatusCode;
use base::clock::{MINUTE, Millis, SECOND};
use base::db::Dialect;
use std::net::IpAddr;

const WINDOW: Millis = 15 * MINUTE;
/// An account may fail so many times as often as one address.
const ADDRESSES: u32 = 4;

/// Refuses before a password is looked at when there were too many failures lately. Names that
/// nobody has are counted like others, so that nothing is told.
pub async fn check(app: &App, name: &str) -> Result<()> {
    let now = app.clock.now();
    let Some(trouble) = store::find(&app.db, &key(name), now).await? else {
        return Ok(());
    };
    let most = i64::from(app.config.limits.login.saturating_mul(ADDRESSES));
    if trouble.failures < most {
        return Ok(());
    }
    let wait_s = (trouble.ends_at - now + SECOND - 1) / SECOND;
    let detail = "Too many requests, please try again later.";
    let error = Error::new(StatusCode::TOO_MANY_REQUESTS, detail);
    Err(error.header("retry-after", wait_s.max(1).to_string()))
}

pub async fn note_failure(app: &App, name: &str) -> Result<()> {
    let now = app.clock.now();
    store::add(&app.db, &key(name), now, now + WINDOW).await?;
    Ok(())
}

/// A right password ends the trouble.
pub async fn forget(app: &App, name: &str) -> Result<()> {
    if store::find(&app.db, &key(name), app.clock.now())
        .await?
        .is_some()
    {
        store::delete(&app.db, &key(name)).await?;
    }
    Ok(())
}

/// The same for one address, where several machines share the database: each counts by itself too,
/// but whoever goes from one to the next would have as many tries at each. Tells until when.
pub async fn check_address(app: &App, address: IpAddr) -> Result<Option<Millis>> {
    if app.db.dialect() == Dialect::Sqlite {
        return Ok(None);
    }
    let trouble = store::find(&app.db, &address_key(address), app.clock.now()).await?;
    let most = i64::from(app.config.limits.login);
    let over = trouble.filter(|trouble| trouble.failures >= most);
    Ok(over.map(|trouble| trouble.ends_at))
}

pub async fn note_address(app: &App, address: IpAddr, window: Millis) -> Result<()> {
    if app.db.dialect() == Dialect::Postgres {
        let now = app.clock.now();
        store::add(&app.db, &address_key(address), now, now + window).await?;
    }
    Ok(())
}

/// Adds what one address has asked of this machine to what it has asked of all. Tells how much that
/// is, and until when it counts.
pub async fn add_requests(
    app: &App,
    what: &str,
    more: i64,
    ends_at: Millis,
) -> Result<(i64, Millis)> {
    let name = format!("asked {}", super::session::token_hash(what));
    let trouble = store::add_many(&app.db, &name, more, app.clock.now(), ends_at).await?;
    Ok((trouble.failures, trouble.ends_at))
}

/// No name has such a key: theirs are bare hashes.
fn address_key(address: IpAddr) -> String {
    format!(
        "address {}",
        super::session::token_hash(&address.to_string())
    )
}

pub async fn tidy(app: &App) -> Result<()> {
    store::delete_old(&app.db, app.clock.now()).await?;
    Ok(())
}

/// Names are kept as hashes: some are passwords typed into the wrong field.
fn key(name: &str) -> String {
    super::session::token_hash(&name.trim().to_lowercase())
}
