//! Not wanting to hear of an account, by a button on its page; and what its page says of mutes.

use super::handle;
use crate::account::{self, Profile, Right, mute};
use crate::app::App;
use crate::error::Result;
use crate::page::form::Form;
use crate::page::{Page, go};
use axum::extract::{Path, State};
use axum::response::Response;

/// How it stands between the viewer and an account.
#[derive(Default)]
pub struct Hearing {
    /// Can the viewer mute it? Not themselves, nor without an account.
    pub can_mute: bool,
    pub is_muted: bool,
    /// Words for the mutes that hold.
    pub badges: Vec<&'static str>,
    /// The notes of moderators, for moderators.
    pub notes: Option<String>,
}

pub async fn hearing(app: &App, page: &Page, name: &str, host: &str) -> Result<Hearing> {
    let Some(user) = page.viewer.user() else {
        return Ok(Hearing::default());
    };
    let (by, who) = (Some(user.account_id), (name.to_owned(), host.to_owned()));
    let account = mute::statuses(app, by, std::slice::from_ref(&who)).await?;
    let account = account.get(&who).cloned().unwrap_or_default();
    let server = if host.is_empty() {
        mute::Status::default()
    } else {
        let found = mute::server_statuses(app, by, &[host.to_owned()]).await?;
        found.get(host).cloned().unwrap_or_default()
    };
    let badges = [
        (account.by_user, "muted-by-you"),
        (account.by_site, "muted-by-site"),
        (server.by_user, "muted-server-by-you"),
        (server.by_site, "muted-server-by-site"),
    ];
    Ok(Hearing {
        can_mute: !(host.is_empty() && name == user.username),
        is_muted: account.by_user,
        badges: badges
            .into_iter()
            .filter(|(holds, _)| *holds)
            .map(|(_, key)| page.t(key))
            .collect(),
        notes: user
            .has(Right::ManageAbuses)
            .then(|| format!("/admin/notes/{}", handle(name, host))),
    })
}

/// `POST /a/{handle}/mute`, with `stop` to end it.
pub async fn change(
    State(app): State<App>,
    page: Page,
    Path(name): Path<String>,
    form: Form,
) -> Result<Response> {
    let user = page.me()?.clone();
    let profile: Profile = account::profile(&app, &name).await?;
    let by = Some(user.account_id);
    let key = if form.has("stop") {
        mute::unmute_account(&app, by, &profile).await?;
        "mute-ended"
    } else {
        mute::mute_account(&app, by, &profile).await?;
        "muted"
    };
    let back = format!("/a/{}", handle(&profile.name, &profile.host));
    Ok(go(&app, &back, Some((false, page.t(key)))))
}
