//! Search: videos and channels by words, with accents, case and slips of the finger forgiven.
//!
//! Words are looked up in an index of the database. Only when that finds little are words taken
//! in that look like those of the query. What is found is ranked here: docs/ranking.md.

pub mod api;
pub mod index;
pub mod job;
mod rank;
pub mod said;
pub mod said_api;
mod store;
mod vocabulary;

pub use rank::score;
pub use vocabulary::learn;

use crate::access::Viewer;
use crate::app::App;
use crate::channel::{self, Channel, ChannelId};
use crate::error::Result;
use crate::fold::fold;
use crate::listing::{Paging, Sort};
use crate::playlist::{self, Playlist, PlaylistId};
use crate::video::list::{self, Filters, ListQuery, Matching, Page, Scope};
use crate::video::{VideoId, name_key};
use base::clock::Millis;
use std::collections::HashSet;

/// More words of a query are not looked at.
const MOST_WORDS: usize = 8;
/// So many are found and ranked, besides those before and on the page.
const RANKED: i64 = 80;
/// So many videos that are called as the query are among them, be they ever so old.
const NAMESAKES: i64 = 20;
/// With fewer found than this, similar words are tried.
const FEW: i64 = 5;

fn is_little<T>(found: &[T]) -> bool {
    i64::try_from(found.len()).is_ok_and(|found| found < FEW)
}

/// Takes the words of the newest videos and channels into the vocabulary at once: for sites that
/// were filled past the usual ways.
pub async fn learn_newest(app: &App) -> Result<()> {
    let names = store::newest_names(&app.db).await?;
    let mut tx = app.db.begin().await?;
    learn(&mut tx, names.iter().map(String::as_str)).await?;
    tx.commit().await?;
    Ok(())
}

/// The words of a query; each may stand for others, too.
type Words = Vec<Vec<String>>;

fn words(text: &str) -> Words {
    fold(text)
        .split(' ')
        .filter(|word| !word.is_empty())
        .take(MOST_WORDS)
        .map(|word| vec![word.to_owned()])
        .collect()
}

/// Videos that match, the best first.
pub async fn videos(
    app: &App,
    viewer: &Viewer,
    text: &str,
    filters: Filters,
    paging: Paging,
) -> Result<Page> {
    let limit = paging
        .start
        .saturating_add(paging.count)
        .saturating_add(RANKED);
    let mut words = words(text);
    if words.is_empty() {
        return Ok(Page {
            total: Some(0),
            rows: Vec::new(),
        });
    }
    let mut search = Candidates {
        app,
        viewer,
        filters,
        found: Vec::new(),
    };
    search
        .add(store::videos_of_words(app, &words), limit)
        .await?;
    if search.count() < limit {
        search.add(store::videos(app, &words), limit).await?;
    } else {
        search.add(store::videos_of_name(text), NAMESAKES).await?;
    }
    if search.count() < FEW && vocabulary::widen(app, &mut words).await? {
        search.add(store::videos(app, &words), limit).await?;
    }
    // Those in whose captions it is said come after those that are called so.
    let is_room = search.count() < limit;
    let named = search.found.len();
    if let Some(said) = said::matching(app, text).filter(|_| is_room) {
        search.add(said, limit).await?;
    }
    let total = search.count();
    let said = search.found.split_off(named);
    let mut best = rank::best_first(text, search.found);
    best.extend(said.into_iter().map(|(id, _)| id));
    let ids: Vec<VideoId> = page(best, paging);
    Ok(Page {
        total: Some(total),
        rows: list::rows(app, viewer, &ids).await?,
    })
}

/// The videos that a search has found so far, with their names.
struct Candidates<'a> {
    app: &'a App,
    viewer: &'a Viewer,
    filters: Filters,
    found: Vec<(VideoId, String)>,
}

impl Candidates<'_> {
    /// Takes in the newest of those that match.
    async fn add(&mut self, matching: Matching, limit: i64) -> Result<()> {
        let query = ListQuery {
            scope: Scope::All,
            filters: Filters {
                matching: Some(matching),
                ..self.filters.clone()
            },
            paging: Paging {
                start: 0,
                count: limit,
            },
            sort: Sort {
                column: "match",
                descending: true,
            },
        };
        let more = list::candidates(self.app, self.viewer, &query).await?;
        let known: HashSet<VideoId> = self.found.iter().map(|(id, _)| *id).collect();
        self.found
            .extend(more.into_iter().filter(|(id, _)| !known.contains(id)));
        Ok(())
    }

    fn count(&self) -> i64 {
        i64::try_from(self.found.len()).unwrap_or(i64::MAX)
    }
}

/// How the words of a text are found in a list with another order than the best first.
pub fn matching(app: &App, text: &str) -> Option<Matching> {
    let words = words(text);
    (!words.is_empty()).then(|| store::videos(app, &words))
}

fn page<T: Clone>(found: Vec<T>, paging: Paging) -> Vec<T> {
    let start = usize::try_from(paging.start).unwrap_or(usize::MAX);
    let count = usize::try_from(paging.count).unwrap_or(0);
    found.into_iter().skip(start).take(count).collect()
}

/// Which channels to find.
#[derive(Clone, Debug, Default)]
pub struct ChannelSearch {
    pub text: Option<String>,
    /// Empty for this site.
    pub host: Option<String>,
    /// Name and host each.
    pub handles: Vec<(String, String)>,
}

pub async fn channels(
    app: &App,
    wanted: &ChannelSearch,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<Channel>)> {
    let mut words = wanted.text.as_deref().map(words);
    if words.as_ref().is_some_and(Vec::is_empty) {
        return Ok((0, Vec::new()));
    }
    let limit = paging
        .start
        .saturating_add(paging.count)
        .saturating_add(RANKED);
    let mut found = store::channels(app, words.as_ref(), wanted, limit).await?;
    if let Some(words) = words.as_mut()
        && is_little(&found)
        && vocabulary::widen(app, words).await?
    {
        let more = store::channels(app, Some(words), wanted, limit).await?;
        found.extend(
            more.into_iter()
                .filter(|it| !found.iter().any(|known| known.id == it.id))
                .collect::<Vec<_>>(),
        );
    }
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let found = found
        .into_iter()
        .map(|it| (it.id, it.display_name, it.created_at));
    let ids: Vec<ChannelId> = page(in_order(found, wanted.text.as_deref(), sort), paging);
    let mut channels = channel::by_ids(&app.db, &ids).await?;
    channels.sort_by_key(|channel| ids.iter().position(|id| *id == channel.id));
    Ok((total, channels))
}

/// Which playlists to find.
#[derive(Clone, Debug, Default)]
pub struct PlaylistSearch {
    pub text: Option<String>,
    /// Empty for this site.
    pub host: Option<String>,
    pub uuids: Vec<uuid::Uuid>,
}

pub async fn playlists(
    app: &App,
    wanted: &PlaylistSearch,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<Playlist>)> {
    let mut words = wanted.text.as_deref().map(words);
    if words.as_ref().is_some_and(Vec::is_empty) {
        return Ok((0, Vec::new()));
    }
    let limit = paging
        .start
        .saturating_add(paging.count)
        .saturating_add(RANKED);
    let mut found = store::playlist::playlists(app, words.as_ref(), wanted, limit).await?;
    if let Some(words) = words.as_mut()
        && is_little(&found)
        && vocabulary::widen(app, words).await?
    {
        let more = store::playlist::playlists(app, Some(words), wanted, limit).await?;
        found.extend(
            more.into_iter()
                .filter(|it| !found.iter().any(|known| known.id == it.id))
                .collect::<Vec<_>>(),
        );
    }
    let total = i64::try_from(found.len()).unwrap_or(i64::MAX);
    let found = found
        .into_iter()
        .map(|it| (it.id, it.display_name, it.created_at));
    let ids: Vec<PlaylistId> = page(in_order(found, wanted.text.as_deref(), sort), paging);
    let mut playlists = playlist::by_ids(app, &ids).await?;
    playlists.sort_by_key(|it| ids.iter().position(|id| *id == it.id));
    Ok((total, playlists))
}

/// Puts what was found (id, name, when it was made) into the order that is asked for.
fn in_order<I: Copy + Ord>(
    found: impl Iterator<Item = (I, String, Millis)>,
    text: Option<&str>,
    sort: Sort,
) -> Vec<I> {
    let mut found: Vec<(I, String, Millis)> = found.collect();
    match (sort.column, text) {
        ("match", Some(text)) => {
            let pairs = found.into_iter().map(|(id, name, _)| (id, name)).collect();
            let best = rank::best_first(text, pairs);
            return if sort.descending {
                best
            } else {
                best.into_iter().rev().collect()
            };
        }
        ("displayName", _) => found.sort_by_cached_key(|(id, name, _)| (name_key(name), *id)),
        _ => found.sort_by_key(|(id, _, at)| (*at, *id)),
    }
    if sort.descending {
        found.reverse();
    }
    found.into_iter().map(|(id, _, _)| id).collect()
}
