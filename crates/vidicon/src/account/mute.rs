//! Accounts and servers that somebody, or the whole site, does not want to see.

use super::{AccountId, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::Paging;
use base::clock::Millis;
use serde::Deserialize;

/// Who mutes: a person, or the site for everybody.
pub type By = Option<AccountId>;

#[derive(Clone, Debug, Deserialize)]
pub struct MutedAccount {
    pub account_id: AccountId,
    pub created_at: Millis,
}

#[derive(Clone, Debug, Deserialize)]
pub struct MutedServer {
    pub host: String,
    pub created_at: Millis,
}

/// Mutes an account; nothing happens when it is muted already.
pub async fn mute_account(app: &App, by: By, account_id: AccountId) -> Result<()> {
    if by == Some(account_id) {
        return Err(Error::conflict("You cannot block yourself."));
    }
    Ok(
        store::mute::add_account(&app.db, by, account_id, app.clock.now())
            .await
            .map(drop)?,
    )
}

pub async fn unmute_account(app: &App, by: By, account_id: AccountId) -> Result<()> {
    if store::mute::delete_account(&app.db, by, account_id).await? == 0 {
        return Err(Error::not_found("Account block entry not found."));
    }
    Ok(())
}

pub async fn mute_server(app: &App, by: By, host: &str) -> Result<()> {
    if host == app.host() {
        return Err(Error::conflict("You cannot block your own server."));
    }
    Ok(store::mute::add_server(&app.db, by, host, app.clock.now())
        .await
        .map(drop)?)
}

pub async fn unmute_server(app: &App, by: By, host: &str) -> Result<()> {
    if store::mute::delete_server(&app.db, by, host).await? == 0 {
        return Err(Error::not_found("Server block entry not found."));
    }
    Ok(())
}

pub async fn accounts(
    app: &App,
    by: By,
    search: Option<&str>,
    paging: Paging,
    descending: bool,
) -> Result<(i64, Vec<MutedAccount>)> {
    let search = search.map(super::like);
    let total = store::mute::count_accounts(&app.db, by, search.as_deref()).await?;
    let data = store::mute::accounts(&app.db, by, search.as_deref(), paging, descending).await?;
    Ok((total, data))
}

pub async fn servers(
    app: &App,
    by: By,
    search: Option<&str>,
    paging: Paging,
    descending: bool,
) -> Result<(i64, Vec<MutedServer>)> {
    let search = search.map(super::like);
    let total = store::mute::count_servers(&app.db, by, search.as_deref()).await?;
    let data = store::mute::servers(&app.db, by, search.as_deref(), paging, descending).await?;
    Ok((total, data))
}

/// Does this person, or the site, mute the account or its server?
pub async fn is_muted(app: &App, by: By, account_id: AccountId, host: &str) -> Result<bool> {
    Ok(store::mute::has_account(&app.db, by, account_id).await?
        || (!host.is_empty() && store::mute::has_server(&app.db, by, host).await?))
}

pub async fn is_account_muted(app: &App, by: By, account_id: AccountId) -> Result<bool> {
    Ok(store::mute::has_account(&app.db, by, account_id).await?)
}

pub async fn is_server_muted(app: &App, by: By, host: &str) -> Result<bool> {
    Ok(store::mute::has_server(&app.db, by, host).await?)
}
