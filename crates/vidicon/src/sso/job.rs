//! Jobs about log-ins from elsewhere.

use crate::account::picture::{self, Shape};
use crate::account::{self, UserId};
use crate::app::App;
use base::fetch::FetchRequest;
use base::job::JobError;
use serde::Deserialize;

/// Fetches the picture that somebody has elsewhere.
pub const AVATAR_JOB: &str = "sso_avatar";
const LARGEST_PICTURE: u64 = 4 << 20;

#[derive(Debug, Deserialize)]
pub struct Avatar {
    user: UserId,
    url: String,
}

/// The job. A picture that cannot be had or read is left out: people can choose one here.
pub async fn fetch_avatar(app: &App, avatar: Avatar) -> Result<(), JobError> {
    let Ok(user) = account::user(app, avatar.user).await else {
        return Ok(());
    };
    let request = FetchRequest::get(avatar.url)
        .limit(LARGEST_PICTURE)
        .redirects(3);
    let answer = app.fetch.send(request).await;
    let answer = answer.and_then(base::fetch::FetchResponse::success);
    let answer = answer.map_err(|error| JobError::Retry(error.to_string()))?;
    picture::set(app, user.actor_id, Shape::Avatar, answer.body).await?;
    Ok(())
}
