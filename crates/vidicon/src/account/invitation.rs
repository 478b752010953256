//! Invitations: codes that let people sign up though the door is closed, and who gave them.

use super::{Right, User, UserId, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::Paging;
use base::clock::Millis;
use base::{Id, Tx};
use serde::Deserialize;

pub type InvitationId = Id<Invitation>;

#[derive(Clone, Debug, Deserialize)]
pub struct Invitation {
    pub id: InvitationId,
    pub code: String,
    pub inviter_user_id: Option<UserId>,
    pub inviter_username: Option<String>,
    pub note: Option<String>,
    pub max_uses: i64,
    pub uses: i64,
    pub expires_at: Option<Millis>,
    pub created_at: Millis,
    /// Names of those who came with it, in order, with spaces.
    pub guests: Option<String>,
}

#[derive(Clone, Debug)]
pub struct NewInvitation {
    pub note: Option<String>,
    pub max_uses: i64,
    pub expires_at: Option<Millis>,
}

/// Makes a code. Moderators may always; others where the site lets them, and only so many.
pub async fn add(app: &App, me: &User, new: &NewInvitation) -> Result<Invitation> {
    let rules = app.instance.settings().signup.invitations;
    if !me.has(Right::ManageRegistrations) {
        if !rules.by_users {
            return Err(Error::forbidden("Only moderators invite people here."));
        }
        let used_up = store::invitation::uses_of(&app.db, me.id).await?;
        if used_up + new.max_uses > rules.max_per_user {
            return Err(Error::forbidden(format!(
                "You cannot invite more than {} people.",
                rules.max_per_user
            )));
        }
    }
    let code: String = base::random::token().chars().take(20).collect();
    let id = store::invitation::add(&app.db, me.id, &code, new, app.clock.now()).await?;
    let found = store::invitation::find(&app.db, id).await?;
    found.ok_or_else(|| Error::not_found("Invitation not found"))
}

/// The invitations of somebody, or of everybody.
pub async fn list(
    app: &App,
    inviter: Option<UserId>,
    paging: Paging,
) -> Result<(i64, Vec<Invitation>)> {
    let total = store::invitation::count(&app.db, inviter).await?;
    let data = store::invitation::list(&app.db, inviter, paging).await?;
    Ok((total, data))
}

/// Takes a code back; those who came with it stay.
pub async fn remove(app: &App, me: &User, id: InvitationId) -> Result<()> {
    let found = store::invitation::find(&app.db, id).await?;
    let is_theirs = |it: &Invitation| it.inviter_user_id == Some(me.id);
    let found = found.filter(|it| is_theirs(it) || me.has(Right::ManageRegistrations));
    if found.is_none() {
        return Err(Error::not_found("Invitation not found"));
    }
    store::invitation::delete(&app.db, id).await?;
    Ok(())
}

/// The invitation of a code, while it still lets somebody in.
pub async fn usable(app: &App, code: &str) -> Result<Option<Invitation>> {
    Ok(store::invitation::usable(&app.db, code, app.clock.now()).await?)
}

/// Spends one use of a code for a new user; 403 when it was used up meanwhile.
pub async fn spend(tx: &mut Tx, invitation: &Invitation, guest: UserId, now: Millis) -> Result<()> {
    if !store::invitation::spend(&mut *tx, invitation.id, now).await? {
        return Err(refused());
    }
    let inviter = invitation.inviter_username.as_deref().unwrap_or_default();
    store::invitation::note_guest(tx, invitation.id, guest, inviter, now).await?;
    Ok(())
}

pub fn refused() -> Error {
    Error::forbidden("This invitation is not valid, or not any more.")
}

/// Who invited a user.
pub async fn inviter_of(app: &App, user: UserId) -> Result<Option<String>> {
    Ok(store::invitation::inviter_of(&app.db, user).await?)
}
