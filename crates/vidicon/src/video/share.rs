//! Videos that are shared: with users, with groups, and by links that end by themselves. What is
//! shared can be seen whatever its privacy says, unless it is blocked. docs/sharing.md says more.

pub mod page;

pub use super::store::share::{NewShare, Share};

use super::store::share as store;
use super::{Video, VideoId, VideoRef};
use crate::access::Viewer;
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::Paging;
use base::Id;
use base::clock::{HOUR, Millis};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use uuid::Uuid;

pub type ShareId = Id<Share>;

/// Grants that one browser keeps.
pub const MOST_GRANTS: usize = 5;
/// So long the opening of a link counts as one view.
const GRANT_LIFE: Millis = 12 * HOUR;
/// Shares of one video.
const MOST: i64 = 200;

/// What the opening of a link gives: it lets its holder see the video until then.
#[derive(Clone, Debug)]
pub struct Grant {
    pub text: String,
    pub video_id: VideoId,
    pub expires: Millis,
}

pub async fn list(app: &App, video: &Video) -> Result<Vec<Share>> {
    Ok(store::of_video(&app.db, video.id).await?)
}

pub async fn find(app: &App, video: &Video, id: ShareId) -> Result<Share> {
    let all = list(app, video).await?;
    all.into_iter()
        .find(|share| share.id == id)
        .ok_or_else(|| Error::not_found("Share not found"))
}

/// Adds a share; 409 when the user or group has one already.
pub async fn add(app: &App, video: &Video, new: &NewShare) -> Result<Share> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if store::count(&mut tx, video.id).await? >= MOST {
        return Err(Error::bad_request(format!(
            "A video can have at most {MOST} shares."
        )));
    }
    let id = store::add(&mut tx, video.id, new, now).await?;
    let id = id.ok_or_else(|| Error::conflict("The video is shared with them already."))?;
    tx.commit().await?;
    find(app, video, id).await
}

pub async fn change(app: &App, share: &Share) -> Result<()> {
    store::save(&app.db, share).await?;
    Ok(())
}

pub async fn remove(app: &App, share: &Share) -> Result<()> {
    store::remove(&app.db, share.id).await?;
    Ok(())
}

/// The link of a token and its video.
pub async fn link(app: &App, token: &str) -> Result<(Share, Video)> {
    let share = store::by_token(&app.db, token).await?;
    let share = share.ok_or_else(|| Error::not_found("There is no such link."))?;
    let video = super::find(app, VideoRef::Number(share.video_id)).await?;
    Ok((share, video))
}

/// Opens a link: counts one view and gives the grant. 410 when the link has ended.
pub async fn open(app: &App, share: &Share, uuid: Uuid) -> Result<Grant> {
    let now = app.clock.now();
    if !store::count_view(&app.db, share.id, now).await? {
        return Err(Error::gone("This link has ended."));
    }
    let expires = share
        .expires_at
        .unwrap_or(Millis::MAX)
        .min(now + GRANT_LIFE);
    Ok(Grant {
        text: sign(&app.secret, share.id, uuid, expires),
        video_id: share.video_id,
        expires,
    })
}

/// Does a share let this viewer see the video?
pub async fn opens(app: &App, viewer: &Viewer, video: &Video) -> Result<bool> {
    if !video.is_local || video.blocked {
        return Ok(false);
    }
    let now = app.clock.now();
    for grant in &viewer.grants {
        let Some(id) = granted(app, grant, video.uuid, now) else {
            continue;
        };
        if store::is_link(&app.db, id, video.id, now).await? {
            return Ok(true);
        }
    }
    match viewer.user() {
        Some(user) => {
            Ok(store::is_shared_with(&app.db, video.id, user.account_id, user.id, now).await?)
        }
        None => Ok(false),
    }
}

/// Does the browser hold a grant of this link already?
pub fn has_grant(app: &App, viewer: &Viewer, share: &Share, uuid: Uuid) -> bool {
    let now = app.clock.now();
    viewer
        .grants
        .iter()
        .any(|grant| granted(app, grant, uuid, now) == Some(share.id))
}

/// The share of a grant that is genuine, for this video, and not over.
fn granted(app: &App, grant: &str, uuid: Uuid, now: Millis) -> Option<ShareId> {
    let mut parts = grant.split('-');
    let id = ShareId::new(parts.next()?.parse().ok()?);
    let expires = Millis::from_str_radix(parts.next()?, 16).ok()?;
    let right = sign(&app.secret, id, uuid, expires);
    // Every byte is looked at, so that the time tells nothing.
    let is_right = right.len() == grant.len()
        && right
            .bytes()
            .zip(grant.bytes())
            .fold(0, |different, (a, b)| different | (a ^ b))
            == 0;
    (is_right && expires > now).then_some(id)
}

fn sign(secret: &[u8; 32], id: ShareId, uuid: Uuid, expires: Millis) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return String::new();
    };
    mac.update(b"video-share");
    mac.update(&id.0.to_be_bytes());
    mac.update(uuid.as_bytes());
    mac.update(&expires.to_be_bytes());
    let signature = hex::encode(mac.finalize().into_bytes());
    format!("{id}-{expires:x}-{signature}")
}

/// The videos that others share with a user, the newest share first, with how many there are.
pub async fn shared_with(
    app: &App,
    user: &crate::account::User,
    paging: Paging,
) -> Result<(i64, Vec<VideoId>)> {
    let now = app.clock.now();
    let (account, id) = (user.account_id, user.id);
    let total = store::count_shared_with(&app.db, account, id, now).await?;
    Ok((
        total,
        store::shared_with(&app.db, account, id, now, paging).await?,
    ))
}

/// The group of this number, if the user is of it.
pub async fn group_of(app: &App, user: &crate::account::User, group: i64) -> Result<bool> {
    let sees_all = user.has(crate::account::Right::ManageUsers);
    Ok(store::is_group(&app.db, group, user.id, sees_all).await?)
}
