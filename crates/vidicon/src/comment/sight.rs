//! What somebody sees of the comments under a video.

use super::store;
use crate::access::Viewer;
use crate::account::{AccountId, Right};
use crate::app::App;
use crate::error::Result;
use crate::video::{Video, visibility};

#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Sees what they wrote themselves even while it is held.
    pub me: Option<AccountId>,
    /// Sees everything that is held: the owner of the video, a moderator.
    pub all_held: bool,
    /// Whose mutes hide comments: the site's (0), the video owner's and the viewer's. Empty when
    /// none of them mutes anybody.
    pub muters: Vec<i64>,
}

impl Sight {
    pub async fn of(app: &App, viewer: &Viewer, video: &Video) -> Result<Self> {
        let user = viewer.user();
        let all_held = match user {
            Some(user) => {
                user.has(Right::SeeAllComments) || visibility::is_owner(app, user, video).await?
            }
            None => false,
        };
        let me = user.map(|user| user.account_id);
        let mut muters = vec![0, video.account_id.0];
        muters.extend(me.map(|id| id.0));
        if !store::anybody_muted(&app.db, &muters).await? {
            muters.clear();
        }
        Ok(Sight {
            me,
            all_held,
            muters,
        })
    }

    pub fn has_mutes(&self) -> bool {
        !self.muters.is_empty()
    }

    /// May some comments be seen that are held back from most people?
    pub fn sees_some_held(&self) -> bool {
        self.all_held || self.me.is_some()
    }
}
