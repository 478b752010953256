//! The newest videos of what somebody follows, at a cost that depends on the page and not on how
//! much there is: a channel that published nothing since the oldest video of the page is left out.

use super::VideoId;
use super::list::{ListQuery, Scope};
use super::store::list::followed as store;
use crate::access::Viewer;
use crate::account::ActorId;
use crate::app::App;
use crate::error::Result;
use base::clock::{DAY, Millis};

/// Pages that end further down are found in the general way.
const FURTHEST: i64 = 500;
/// After this the whole past is looked into at once.
const LONGEST_SPAN: Millis = 1_000 * DAY;

/// The ids of the page; nothing when the list is not one of these.
pub async fn page(app: &App, viewer: &Viewer, query: &ListQuery) -> Result<Option<Vec<VideoId>>> {
    let Scope::Followed(follower) = query.scope else {
        return Ok(None);
    };
    let is_newest_first = query.sort.column == "publishedAt" && query.sort.descending;
    let needed = query.paging.start.saturating_add(query.paging.count);
    if !is_newest_first || query.filters.is_searching() || needed > FURTHEST {
        return Ok(None);
    }
    let found = newest(app, viewer, query, follower, needed).await?;
    let start = usize::try_from(query.paging.start).unwrap_or(usize::MAX);
    Ok(Some(found.into_iter().skip(start).collect()))
}

/// Looks into ever more channels, ever further back, until there is enough. All that is left out
/// is older than what was found.
async fn newest(
    app: &App,
    viewer: &Viewer,
    query: &ListQuery,
    follower: ActorId,
    needed: i64,
) -> Result<Vec<VideoId>> {
    let mut most = needed.max(1) * 2;
    let mut span = DAY;
    loop {
        let mut channels = store::active_channels(&app.db, follower, most + 1).await?;
        let Some((_, newest_at)) = channels.first().copied() else {
            return Ok(Vec::new());
        };
        let has_more = channels.len() > usize::try_from(most).unwrap_or(usize::MAX);
        // What the others have is older than this.
        let floor = if has_more {
            channels
                .pop()
                .map_or(Millis::MIN, |(_, at)| at.saturating_add(1))
        } else {
            Millis::MIN
        };
        let ids: Vec<_> = channels.iter().map(|(id, _)| *id).collect();
        loop {
            let since = if span > LONGEST_SPAN {
                floor
            } else {
                newest_at.saturating_sub(span).max(floor)
            };
            let found = store::newest(&app.db, query, viewer, &ids, since, needed).await?;
            let is_enough = i64::try_from(found.len()).unwrap_or(0) >= needed;
            if is_enough || (since == floor && !has_more) {
                return Ok(found);
            }
            if since == floor {
                break;
            }
            span *= 8;
        }
        most = most.saturating_mul(4);
    }
}

/// What is followed, as the database finds it best: of a twentieth of all videos or more a page is
/// full soon when all are looked through in their order.
pub async fn scope(app: &App, viewer: &Viewer, query: &ListQuery) -> Result<Scope> {
    let Scope::Followed(follower) = query.scope else {
        return Ok(query.scope);
    };
    let followed = store::count(&app.db, follower, None, viewer).await?;
    let most = if viewer.user().is_some() { 2 } else { 1 };
    let all = super::store::list::count::kept(&app.db, "all", most, None, viewer).await?;
    Ok(if followed.saturating_mul(20) >= all.max(1_000) {
        Scope::FollowedMany(follower)
    } else {
        query.scope
    })
}

/// How many there are, from kept counts; nothing when they must be counted.
pub async fn total(app: &App, viewer: &Viewer, query: &ListQuery) -> Result<Option<i64>> {
    let Scope::Followed(follower) = query.scope else {
        return Ok(None);
    };
    let filters = &query.filters;
    if filters.is_searching() || filters.is_local.is_some() || filters.includes(4) {
        return Ok(None);
    }
    Ok(Some(
        store::count(&app.db, follower, filters.nsfw, viewer).await?,
    ))
}
