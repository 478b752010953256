//! Accounts and servers that somebody, or the whole site, does not want to see.

use super::{AccountId, Profile, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::Paging;
use base::Tx;
use base::clock::Millis;
use serde::Deserialize;
use std::collections::HashMap;

/// Who mutes: a person, or the site for everybody.
pub type By = Option<AccountId>;

#[derive(Clone, Debug, Deserialize)]
pub struct MutedAccount {
    pub account_id: AccountId,
    pub created_at: Millis,
    /// The shared list that it stands on, when nobody here muted it by hand.
    pub list_id: Option<i64>,
    pub list_name: Option<String>,
    pub list_url: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct MutedServer {
    pub host: String,
    pub created_at: Millis,
    pub list_id: Option<i64>,
    pub list_name: Option<String>,
    pub list_url: Option<String>,
}

/// Which mutes a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// In the name or the host.
    pub search: Option<String>,
    /// Only those of the shared list with this name.
    pub list_name: Option<String>,
}

/// Who mutes one account or server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    pub by_site: bool,
    pub by_user: bool,
    pub list_name: Option<String>,
}

/// Mutes an account; nothing happens when it is muted already. What the site mutes is logged.
pub async fn mute_account(app: &App, by: By, profile: &Profile) -> Result<()> {
    if by == Some(profile.account_id) {
        return Err(Error::conflict("You cannot block yourself."));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let is_new = store::mute::add_account(&mut tx, by, profile.account_id, now).await?;
    if by.is_none() && is_new {
        log(&mut tx, "block", "account", &handle(app, profile), now).await?;
    }
    Ok(tx.commit().await?)
}

pub async fn unmute_account(app: &App, by: By, profile: &Profile) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if store::mute::delete_account(&mut tx, by, profile.account_id).await? == 0 {
        return Err(Error::not_found("Account block entry not found."));
    }
    if by.is_none() {
        let target = handle(app, profile);
        log(&mut tx, "unblock", "account", &target, app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

pub async fn mute_server(app: &App, by: By, host: &str) -> Result<()> {
    if host == app.host() {
        return Err(Error::conflict("You cannot block your own server."));
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let is_new = store::mute::add_server(&mut tx, by, host, now).await?;
    if by.is_none() && is_new {
        log(&mut tx, "block", "server", host, now).await?;
    }
    Ok(tx.commit().await?)
}

pub async fn unmute_server(app: &App, by: By, host: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    if store::mute::delete_server(&mut tx, by, host).await? == 0 {
        return Err(Error::not_found("Server block entry not found."));
    }
    if by.is_none() {
        log(&mut tx, "unblock", "server", host, app.clock.now()).await?;
    }
    Ok(tx.commit().await?)
}

/// Two logs: the list that this site may publish, and the one that names nobody.
async fn log(
    tx: &mut Tx,
    act: &'static str,
    subject: &'static str,
    target: &str,
    now: Millis,
) -> Result<()> {
    store::mute::log(&mut *tx, act, target, now).await?;
    let act = if act == "block" { "muted" } else { "unmuted" };
    store::mute::log_act(&mut *tx, act, subject, now).await?;
    if act == "unmuted" {
        store::mute::overrule(tx, target).await?;
    }
    Ok(())
}

/// `name@host`, of this site too.
fn handle(app: &App, profile: &Profile) -> String {
    let host = if profile.host.is_empty() {
        app.host()
    } else {
        profile.host.clone()
    };
    format!("{}@{host}", profile.name)
}

pub async fn accounts(
    app: &App,
    by: By,
    filter: &Filter,
    paging: Paging,
    descending: bool,
) -> Result<(i64, Vec<MutedAccount>)> {
    let total = store::mute::count_accounts(&app.db, by, filter).await?;
    let data = store::mute::accounts(&app.db, by, filter, paging, descending).await?;
    Ok((total, data))
}

pub async fn servers(
    app: &App,
    by: By,
    filter: &Filter,
    paging: Paging,
    descending: bool,
) -> Result<(i64, Vec<MutedServer>)> {
    let total = store::mute::count_servers(&app.db, by, filter).await?;
    let data = store::mute::servers(&app.db, by, filter, paging, descending).await?;
    Ok((total, data))
}

/// Who mutes these accounts, by `(name, host)`; the host of this site is empty. Accounts that
/// nobody mutes may be missing.
pub async fn statuses(
    app: &App,
    by: By,
    accounts: &[(String, String)],
) -> Result<HashMap<(String, String), Status>> {
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let names = accounts.iter().map(|(name, _)| name.clone()).collect();
    let rows = store::mute::of_names(&app.db, by, names).await?;
    let mut found: HashMap<(String, String), Status> = HashMap::new();
    for row in rows {
        let status = found.entry((row.name, row.host)).or_default();
        status.note(row.by_user, row.list_name);
    }
    Ok(found)
}

/// As [`statuses`], of servers.
pub async fn server_statuses(
    app: &App,
    by: By,
    hosts: &[String],
) -> Result<HashMap<String, Status>> {
    let mut found: HashMap<String, Status> = HashMap::new();
    if hosts.is_empty() {
        return Ok(found);
    }
    for row in store::mute::of_hosts(&app.db, by, hosts).await? {
        let status = found.entry(row.host).or_default();
        status.note(row.by_user, row.list_name);
    }
    Ok(found)
}

impl Status {
    fn note(&mut self, by_user: bool, list_name: Option<String>) {
        if by_user {
            self.by_user = true;
        } else {
            self.by_site = true;
            self.list_name = list_name;
        }
    }
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
