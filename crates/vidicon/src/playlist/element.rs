//! What stands in a playlist: adding, removing, ordering, and what of it somebody gets to see.

use super::store::element as store;
use super::{Move, Playlist, PlaylistId, tell_updated, thumbnail};
use crate::access::Viewer;
use crate::account::AccountId;
use crate::app::App;
use crate::error::{Error, Result};
use crate::listing::Paging;
use crate::video::VideoId;
use crate::video::list::{self, Row};
use base::Id;
use serde::Deserialize;
use std::collections::HashMap;

pub type ElementId = Id<Element>;

/// The part of a video that is played, in seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Span {
    pub start_s: Option<i64>,
    pub stop_s: Option<i64>,
}

#[derive(Clone, Copy, Debug)]
pub struct NewElement {
    pub video_id: VideoId,
    pub span: Span,
}

/// One place of a playlist, with what decides who sees its video.
#[derive(Clone, Debug, Deserialize)]
pub struct Element {
    pub id: ElementId,
    pub video_id: Option<VideoId>,
    /// Counted from 1.
    pub position: i64,
    pub start_s: Option<i64>,
    pub stop_s: Option<i64>,
    pub video_privacy: Option<i64>,
    pub video_blocked: Option<bool>,
    pub video_account_id: Option<AccountId>,
    pub owner_muted: bool,
}

/// What somebody sees in a place of a playlist. The numbers are PeerTube's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    Video = 0,
    Deleted = 1,
    Private = 2,
    Unavailable = 3,
}

impl Sight {
    pub fn number(self) -> i64 {
        i64::from(self as u8)
    }
}

const INTERNAL: i64 = 4;

impl Element {
    pub fn sight(&self, viewer: &Viewer) -> Sight {
        let (Some(_), Some(privacy)) = (self.video_id, self.video_privacy) else {
            return Sight::Deleted;
        };
        let me = viewer.user().map(|user| user.account_id);
        if me.is_some() && self.video_account_id == me {
            return Sight::Video;
        }
        let is_open = matches!(privacy, 1 | 2) || (privacy == INTERNAL && me.is_some());
        if !is_open {
            Sight::Private
        } else if self.owner_muted || (self.video_blocked == Some(true) && privacy != INTERNAL) {
            Sight::Unavailable
        } else {
            Sight::Video
        }
    }
}

/// A page of a playlist; of each video that the viewer may see its row.
pub async fn elements(
    app: &App,
    viewer: &Viewer,
    playlist: &Playlist,
    paging: Paging,
) -> Result<Vec<(Element, Option<Row>)>> {
    let me = viewer.user().map(|user| user.account_id);
    let elements = store::page(&app.db, playlist.id, me, paging).await?;
    let ids: Vec<VideoId> = elements
        .iter()
        .filter(|element| element.sight(viewer) == Sight::Video)
        .filter_map(|element| element.video_id)
        .collect();
    let rows = list::rows(app, viewer, &ids).await?;
    let rows: HashMap<i64, Row> = rows.into_iter().map(|row| (row.id, row)).collect();
    Ok(elements
        .into_iter()
        .map(|element| {
            let shown = element.sight(viewer) == Sight::Video;
            let id = element.video_id.filter(|_| shown);
            let row = id.and_then(|id| rows.get(&id.0)).cloned();
            (element, row)
        })
        .collect())
}

/// Adds a video at the end. The same one may stand in several places.
pub async fn add(app: &App, playlist: &Playlist, new: &NewElement) -> Result<ElementId> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let position = store::change_count(&mut tx, playlist.id, 1, now).await?;
    let position = position.ok_or_else(|| Error::not_found("Video playlist not found"))?;
    let id = store::add(&mut tx, playlist.id, new, position, now).await?;
    tell_updated(&mut tx, playlist.id, now).await?;
    tx.commit().await?;
    if playlist.thumbnail.is_none() {
        thumbnail::renew(app, playlist.id).await;
    }
    Ok(id)
}

/// The element of a playlist with this number; 404 for one of another playlist.
pub async fn position(app: &App, playlist: PlaylistId, id: ElementId) -> Result<i64> {
    let found = store::find(&app.db, playlist, id).await?;
    found
        .map(|(position,)| position)
        .ok_or_else(|| Error::not_found("Video playlist element not found"))
}

pub async fn span(app: &App, id: ElementId) -> Result<Span> {
    Ok(store::span(&app.db, id).await?.unwrap_or_default())
}

pub async fn set_span(app: &App, playlist: &Playlist, id: ElementId, span: Span) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::set_span(&mut tx, id, span).await?;
    store::change_count(&mut tx, playlist.id, 0, now).await?;
    tell_updated(&mut tx, playlist.id, now).await?;
    tx.commit().await?;
    Ok(())
}

pub async fn remove(app: &App, playlist: &Playlist, id: ElementId) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    store::change_count(&mut tx, playlist.id, -1, now).await?;
    let position = store::remove(&mut tx, playlist.id, id).await?;
    let position = position.ok_or_else(|| Error::not_found("Video playlist element not found"))?;
    tell_updated(&mut tx, playlist.id, now).await?;
    tx.commit().await?;
    if position == 1 {
        thumbnail::renew(app, playlist.id).await;
    }
    Ok(())
}

pub async fn reorder(app: &App, playlist: &Playlist, to: Move) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let count = store::change_count(&mut tx, playlist.id, 0, now).await?;
    to.check(count.unwrap_or(0))?;
    if to.is_nothing() {
        return Ok(());
    }
    store::reorder(&mut tx, playlist.id, to).await?;
    tell_updated(&mut tx, playlist.id, now).await?;
    tx.commit().await?;
    if to.start == 1 || to.after == 0 {
        thumbnail::renew(app, playlist.id).await;
    }
    Ok(())
}
