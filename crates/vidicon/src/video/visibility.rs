//! Who may see a video and who may change it: the one place that is asked.

use super::{Privacy, Video, VideoRef, find, gate, share, store};
use crate::access::Viewer;
use crate::account::{Right, User};
use crate::app::App;
use crate::error::{Error, Result};
use axum::http::HeaderMap;

pub const PASSWORD_HEADER: &str = "x-peertube-video-password";

/// The password that a request brings for a video.
pub fn given_password(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(PASSWORD_HEADER)
        .and_then(|value| value.to_str().ok())
}

/// Finds the video of a path and makes sure that the viewer may see it.
pub async fn seen(app: &App, viewer: &Viewer, id: &str, headers: &HeaderMap) -> Result<Video> {
    let by = VideoRef::read(id)?;
    let video = find(app, by).await?;
    visible(app, viewer, &video, by, given_password(headers)).await?;
    Ok(video)
}

/// May the viewer see this video, asked for in this way and with this password?
pub async fn visible(
    app: &App,
    viewer: &Viewer,
    video: &Video,
    by: VideoRef,
    password: Option<&str>,
) -> Result<()> {
    match visible_to_all(app, viewer, video, by, password).await {
        Err(error) if error.status().is_client_error() => {
            if !share::opens(app, viewer, video).await? {
                return Err(error);
            }
        }
        answer => answer?,
    }
    gate::pass(app, viewer, video).await
}

/// As [`visible`], without what was shared with some only.
async fn visible_to_all(
    app: &App,
    viewer: &Viewer,
    video: &Video,
    by: VideoRef,
    password: Option<&str>,
) -> Result<()> {
    if needs_login(video, by) {
        let Some(user) = viewer.user() else {
            return Err(Error::not_authenticated());
        };
        if !allowed(app, user, video).await? {
            return Err(Error::forbidden(
                "Cannot fetch information of private/internal/blocked video",
            ));
        }
    }
    if video.privacy == Privacy::Password {
        return password_fits(app, viewer, video, password).await;
    }
    Ok(())
}

fn needs_login(video: &Video, by: VideoRef) -> bool {
    match video.privacy {
        Privacy::Private | Privacy::Internal => true,
        Privacy::Unlisted => matches!(by, VideoRef::Number(_)),
        Privacy::Public | Privacy::Password => video.blocked,
    }
}

async fn allowed(app: &App, user: &User, video: &Video) -> Result<bool> {
    if video.privacy == Privacy::Internal {
        return Ok(true);
    }
    let right = match video.privacy {
        Privacy::Public | Privacy::Password => Right::ManageVideoBlacklist,
        _ => Right::SeeAllVideos,
    };
    Ok(user.has(right) || is_owner(app, user, video).await?)
}

/// A password that is given is judged first, even its owner's.
async fn password_fits(
    app: &App,
    viewer: &Viewer,
    video: &Video,
    password: Option<&str>,
) -> Result<()> {
    if let Some(password) = password {
        if store::password_fits(&app.db, video.id, password).await? {
            return Ok(());
        }
        return Err(
            Error::forbidden("Incorrect video password. Access to the video is denied.")
                .code("incorrect_video_password"),
        );
    }
    if let Some(user) = viewer.user()
        && (user.has(Right::SeeAllVideos) || is_owner(app, user, video).await?)
    {
        return Ok(());
    }
    Err(
        Error::forbidden("Please provide a password to access this password protected video")
            .code("video_requires_password"),
    )
}

/// Is the video the user's own, or of a channel that they help with?
pub async fn is_owner(app: &App, user: &User, video: &Video) -> Result<bool> {
    if video.owner_user_id == Some(user.id) {
        return Ok(true);
    }
    Ok(video.is_local && crate::channel::is_editor(app, video.channel_id, user.account_id).await?)
}

/// May the user change the video, as its owner or by this right?
pub async fn manage(app: &App, user: &User, video: &Video, right: Right) -> Result<()> {
    if !video.is_local {
        return Err(Error::forbidden("Cannot manage a video of another server."));
    }
    if user.has(right) || is_owner(app, user, video).await? {
        return Ok(());
    }
    Err(Error::forbidden("Cannot manage a video of another user."))
}
