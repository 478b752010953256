//! Notes about an account that only moderators read.

use super::store;
use crate::account::{AccountId, User};
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::Paging;
use base::clock::Millis;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Note {
    pub id: i64,
    pub author_account_id: Option<AccountId>,
    pub note: String,
    pub created_at: Millis,
}

pub async fn write(app: &App, me: &User, about: AccountId, text: &str) -> Result<i64> {
    Ok(store::add_note(&app.db, about, me.account_id, text, app.clock.now()).await?)
}

pub async fn list(app: &App, about: AccountId, paging: Paging) -> Result<(i64, Vec<Note>)> {
    let total = store::count_notes(&app.db, about).await?;
    let data = store::notes(&app.db, about, paging.start, paging.count).await?;
    Ok((total, data))
}

pub async fn remove(app: &App, about: AccountId, id: i64) -> Result<()> {
    if store::delete_note(&app.db, about, id).await? == 0 {
        return Err(Error::not_found("Note not found"));
    }
    Ok(())
}
