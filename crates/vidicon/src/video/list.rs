//! Lists of videos: which filters there are, who may use them, and how a page is found.

use super::store::list as store;
use super::{VideoId, VideoRef, common, followed, listed};
use crate::access::Viewer;
use crate::account::{AccountId, ActorId, NsfwPolicy, Right, UserId};
use crate::app::App;
use crate::channel::ChannelId;
use crate::check::{Check, Field, whole};
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use base::clock::Millis;
use base::db::Value;
use serde::Deserialize;
use serde_json::Map;
use uuid::Uuid;

pub use store::{FileRow, PlaylistRow, Row};

/// By what lists of videos can be sorted.
pub const SORTS: &[&str] = &[
    "name",
    "duration",
    "createdAt",
    "publishedAt",
    "originallyPublishedAt",
    "views",
    "likes",
    "trending",
    "hot",
    "best",
    "localVideoFilesSize",
    "comments",
    "match",
];

/// Of a filtered list, so many more than the page shows are counted, then the counting stops.
const COUNT_AHEAD: i64 = 1_000;

/// Whose videos.
#[derive(Clone, Copy, Debug)]
pub enum Scope {
    All,
    Account(AccountId),
    Channel(ChannelId),
    /// An account's own, in every state.
    Mine(AccountId),
    /// Those of the channels that an actor follows.
    Followed(ActorId),
    /// The same, where that is a good part of all videos.
    FollowedMany(ActorId),
    /// Those that a user has watched.
    Watched(UserId),
}

/// How the words of a search are found: said by the search, since it differs by database.
#[derive(Clone, Debug)]
pub struct Matching {
    /// What stands in place of `FROM video v WHERE TRUE`; `?` is the value.
    pub from: &'static str,
    pub order: &'static str,
    pub value: Value,
    /// Further conditions, each with its value.
    pub and: Vec<(&'static str, Value)>,
}

#[derive(Clone, Debug, Default)]
pub struct Filters {
    pub matching: Option<Matching>,
    pub categories: Vec<i64>,
    pub licences: Vec<i64>,
    /// Are these categories and licences so common that the list is walked in its order?
    pub is_common: bool,
    pub privacies: Vec<i64>,
    pub states: Vec<i64>,
    pub languages: Vec<String>,
    pub tags_one: Vec<String>,
    pub tags_all: Vec<String>,
    /// Any of the tags that videos get by themselves.
    pub tags_auto: Vec<String>,
    pub uuids: Vec<Uuid>,
    /// Only sensitive videos, or none.
    pub nsfw: Option<bool>,
    pub nsfw_flags_included: Option<i64>,
    pub nsfw_flags_excluded: Option<i64>,
    pub is_live: Option<bool>,
    pub is_local: Option<bool>,
    pub has_hls: Option<bool>,
    pub has_web: Option<bool>,
    pub exclude_watched: bool,
    pub skip_count: bool,
    /// Bits: 1 states, 2 blocked, 4 muted owners, 8 files, 16 captions, 32 source, 64 tags.
    pub include: i64,
    pub search: Option<String>,
    /// Empty for this site.
    pub host: Option<String>,
    pub channel_id: Option<ChannelId>,
    /// Only of these channels of this site.
    pub channel_names: Vec<String>,
    /// Of one's own videos: those of channels that one edits too.
    pub edited_too: bool,
    pub duration_min: Option<i64>,
    pub duration_max: Option<i64>,
    pub published_after: Option<Millis>,
    pub published_before: Option<Millis>,
    pub originally_after: Option<Millis>,
    pub originally_before: Option<Millis>,
}

impl Filters {
    /// Reads the filters that all lists share; then asks whether the viewer may use them.
    pub fn read(
        app: &App,
        input: &Map<String, serde_json::Value>,
        viewer: &Viewer,
    ) -> Result<Self> {
        let mut check = Check::query(input);
        let filters = Self::look(&mut check, app, policy_filter(app, viewer));
        check.finish()?;
        filters.allowed(input, viewer)?;
        Ok(filters)
    }

    /// The same for one's own videos: nothing of them is hidden from their maker.
    pub fn read_own(app: &App, input: &Map<String, serde_json::Value>) -> Result<Self> {
        let mut check = Check::query(input);
        let filters = Self::look(&mut check, app, None);
        let names = check.texts("channelNameOneOf", 0..=100, 1..=50);
        let filters = Filters {
            channel_id: check
                .int("channelId", i64::MIN..=i64::MAX)
                .value()
                .map(ChannelId::new),
            channel_names: names.or(Vec::new()),
            edited_too: check.lenient_bool("includeCollaborations").or(false),
            ..filters
        };
        check.finish()?;
        Ok(filters)
    }

    fn look(check: &mut Check<'_>, app: &App, usual: Option<bool>) -> Self {
        if check.has("filter") {
            check.fail("filter", "\"filter\" query parameter is not supported anymore by PeerTube. Please use isLocal and include instead");
        }
        let nsfw = nsfw(check);
        let filters = Filters {
            categories: check.ints("categoryOneOf").or(Vec::new()),
            licences: check.ints("licenceOneOf").or(Vec::new()),
            privacies: check.ints("privacyOneOf").or(Vec::new()),
            states: check.ints("stateOneOf").or(Vec::new()),
            languages: check.texts("languageOneOf", 0..=500, 1..=20).or(Vec::new()),
            tags_one: check.texts("tagsOneOf", 0..=100, 0..=200).or(Vec::new()),
            tags_all: check.texts("tagsAllOf", 0..=20, 0..=200).or(Vec::new()),
            tags_auto: check.texts("autoTagOneOf", 0..=100, 0..=200).or(Vec::new()),
            nsfw: nsfw.unwrap_or(usual),
            nsfw_flags_included: check.int("nsfwFlagsIncluded", 0..=i64::MAX).value(),
            nsfw_flags_excluded: check.int("nsfwFlagsExcluded", 0..=i64::MAX).value(),
            is_live: check.lenient_bool("isLive").value(),
            is_local: check.lenient_bool("isLocal").value(),
            has_hls: check.lenient_bool("hasHLSFiles").value(),
            has_web: web_files(check),
            exclude_watched: check.lenient_bool("excludeAlreadyWatched").or(false),
            skip_count: check.lenient_bool("skipCount").or(false),
            include: check.int("include", 0..=i64::MAX).or(0),
            search: check
                .text("search", 0..=500)
                .value()
                .filter(|text| !text.trim().is_empty()),
            host: check
                .host("host", &app.host())
                .value()
                .map(|host| local_host(app, host)),
            ..Filters::default()
        };
        if let (Some(a), Some(b)) = (filters.nsfw_flags_included, filters.nsfw_flags_excluded)
            && a & b != 0
        {
            check.fail(
                "nsfwFlagsExcluded",
                "Flags cannot be included and excluded at the same time",
            );
        }
        filters
    }

    fn allowed(&self, input: &Map<String, serde_json::Value>, viewer: &Viewer) -> Result<()> {
        let is_given = |name: &str| {
            input
                .get(name)
                .is_some_and(|value| value.as_str() != Some(""))
        };
        let privileged = ["include", "privacyOneOf", "stateOneOf", "autoTagOneOf"];
        if privileged.into_iter().any(is_given) && !viewer.has(Right::SeeAllVideos) {
            return Err(Error::unauthorized(
                "You are not allowed to see all videos.",
            ));
        }
        if self.exclude_watched && viewer.user().is_none() {
            return Err(Error::bad_request(
                "Cannot use excludeAlreadyWatched parameter when auth token is not provided",
            ));
        }
        Ok(())
    }

    pub fn includes(&self, bit: i64) -> bool {
        self.include & bit != 0
    }

    /// Does it ask for more than what stands in lists?
    pub fn looks_behind(&self) -> bool {
        self.include & 3 != 0 || !self.privacies.is_empty() || !self.states.is_empty()
    }

    pub fn is_searching(&self) -> bool {
        !self.is_plain() || self.looks_behind()
    }

    /// Does it let everything through but sensitive videos?
    fn is_plain(&self) -> bool {
        self.is_of_indexes() && self.categories.is_empty() && self.licences.is_empty()
    }

    /// Does it ask for nothing but what the indexes of lists have in them?
    pub fn is_of_indexes(&self) -> bool {
        let plain = self.languages.is_empty()
            && self.tags_one.is_empty()
            && self.tags_all.is_empty()
            && self.tags_auto.is_empty()
            && self.uuids.is_empty()
            && self.matching.is_none();
        let open = self.nsfw_flags_included.is_none()
            && self.nsfw_flags_excluded.is_none()
            && self.is_live.is_none()
            && self.has_hls.is_none()
            && self.has_web.is_none()
            && !self.exclude_watched
            && self.search.is_none()
            && self.host.is_none()
            && self.channel_id.is_none()
            && self.channel_names.is_empty()
            && !self.edited_too;
        let any_time = self.duration_min.is_none()
            && self.duration_max.is_none()
            && self.published_after.is_none()
            && self.published_before.is_none()
            && self.originally_after.is_none()
            && self.originally_before.is_none();
        plain && open && any_time
    }
}

/// `true`, `false` or `both`; the outer is None when nothing is said.
fn nsfw(check: &mut Check<'_>) -> Option<Option<bool>> {
    match check
        .raw("nsfw")
        .map(|value| value.as_str().unwrap_or_default())
    {
        None => None,
        Some("true" | "1") => Some(Some(true)),
        Some("false" | "0") => Some(Some(false)),
        Some("both") => Some(None),
        Some(_) => {
            check.fail("nsfw", "Should have a valid nsfw value");
            None
        }
    }
}

fn web_files(check: &mut Check<'_>) -> Option<bool> {
    let old = check.lenient_bool("hasWebtorrentFiles").value();
    check.lenient_bool("hasWebVideoFiles").value().or(old)
}

/// What the viewer, or else the site, wants of sensitive videos.
pub fn nsfw_policy(app: &App, viewer: &Viewer) -> NsfwPolicy {
    let own = viewer
        .user()
        .and_then(|user| user.settings.get("nsfwPolicy"))
        .cloned();
    let own = own.filter(|policy| !policy.is_null());
    let of_site = || {
        let changes = app.instance.changes();
        changes.get("instance")?.get("defaultNSFWPolicy").cloned()
    };
    let policy = own
        .or_else(of_site)
        .and_then(|policy| NsfwPolicy::deserialize(policy).ok());
    policy.unwrap_or(NsfwPolicy::DoNotList)
}

fn policy_filter(app: &App, viewer: &Viewer) -> Option<bool> {
    (nsfw_policy(app, viewer) == NsfwPolicy::DoNotList).then_some(false)
}

/// The host as rows have it: empty for this site.
pub fn local_host(app: &App, host: String) -> String {
    if host.eq_ignore_ascii_case(&app.host()) {
        String::new()
    } else {
        host.to_lowercase()
    }
}

#[derive(Clone, Debug)]
pub struct ListQuery {
    pub scope: Scope,
    pub filters: Filters,
    pub paging: Paging,
    pub sort: Sort,
}

impl ListQuery {
    /// Reads `start`, `count`, `sort` and then the filters.
    pub fn read(
        app: &App,
        input: &Map<String, serde_json::Value>,
        viewer: &Viewer,
        scope: Scope,
    ) -> Result<Self> {
        let paging = Paging::read(input)?;
        let sort = Sort::read(input, SORTS, "-publishedAt")?;
        Ok(ListQuery {
            scope,
            filters: Filters::read(app, input, viewer)?,
            paging,
            sort,
        })
    }

    /// The newest videos, for pages that have no query of their own.
    pub fn newest(app: &App, viewer: &Viewer, count: i64) -> Self {
        ListQuery {
            scope: Scope::All,
            filters: Filters {
                nsfw: policy_filter(app, viewer),
                ..Filters::default()
            },
            paging: Paging { start: 0, count },
            sort: Sort {
                column: "publishedAt",
                descending: true,
            },
        }
    }

    /// Under which scope the total is kept; none when it is not, or by the kinds of videos.
    fn kept_scope(&self) -> Option<String> {
        if !self.filters.is_plain() || self.filters.looks_behind() || self.filters.includes(4) {
            return None;
        }
        match (self.scope, self.filters.is_local) {
            (Scope::All, None) => Some("all".to_owned()),
            (Scope::All, Some(true)) => Some("local".to_owned()),
            (Scope::Account(id), None) => Some(format!("account:{id}")),
            (Scope::Channel(id), None) => Some(format!("channel:{id}")),
            _ => None,
        }
    }

    /// Under which scopes the total is kept, where the list asks for categories or for licences and
    /// for nothing else.
    pub fn kept_kinds(&self) -> Option<Vec<String>> {
        let filters = &self.filters;
        let is_open = filters.is_of_indexes() && filters.is_local.is_none();
        if !is_open || filters.looks_behind() || !matches!(self.scope, Scope::All) {
            return None;
        }
        match (filters.categories.as_slice(), filters.licences.as_slice()) {
            ([], []) => None,
            (categories, []) => Some(listed::kind_scopes("category", categories)),
            ([], licences) => Some(listed::kind_scopes("licence", licences)),
            _ => None,
        }
    }
}

/// A page of a list. The total is missing when it was not asked for.
#[derive(Debug)]
pub struct Page {
    pub total: Option<i64>,
    pub rows: Vec<Row>,
}

pub async fn page(app: &App, viewer: &Viewer, query: &ListQuery) -> Result<Page> {
    let rows = if query.paging.count == 0 {
        Vec::new()
    } else if let Some(ids) = followed::page(app, viewer, query).await? {
        rows(app, viewer, &ids).await?
    } else {
        let mut query = ListQuery {
            scope: followed::scope(app, viewer, query).await?,
            ..query.clone()
        };
        query.filters.is_common = common::is_common(app, viewer, &query).await?;
        store::page(&app.db, &query, viewer, app.clock.now()).await?
    };
    if query.filters.skip_count {
        return Ok(Page { total: None, rows });
    }
    if let Some(total) = followed::total(app, viewer, query).await? {
        return Ok(Page {
            total: Some(total),
            rows,
        });
    }
    let total = match query.kept_scope() {
        Some(scope) => {
            let listed = if viewer.user().is_some() { 2 } else { 1 };
            store::count::kept(&app.db, &scope, listed, query.filters.nsfw, viewer).await?
        }
        None => match kept_of_kinds(app, viewer, query).await? {
            Some(total) => total,
            None => counted(app, viewer, query, rows.len()).await?,
        },
    };
    Ok(Page {
        total: Some(total),
        rows,
    })
}

/// The total of a list of some categories or licences, where nothing is muted.
async fn kept_of_kinds(app: &App, viewer: &Viewer, query: &ListQuery) -> Result<Option<i64>> {
    let Some(scopes) = query.kept_kinds() else {
        return Ok(None);
    };
    let nsfw = query.filters.nsfw;
    Ok(store::count::kept_of_kinds(&app.db, &scopes, nsfw, viewer).await?)
}

/// Exact up to [`COUNT_AHEAD`] after the page; a page that is not full is the last one.
async fn counted(app: &App, viewer: &Viewer, query: &ListQuery, shown: usize) -> Result<i64> {
    let shown = i64::try_from(shown).unwrap_or(0);
    let Paging { start, count } = query.paging;
    if shown > 0 && shown < count {
        return Ok(start + shown);
    }
    let limit = start.saturating_add(count).saturating_add(COUNT_AHEAD);
    Ok(store::count::matching_up_to(&app.db, query, viewer, limit).await?)
}

/// Ids and names of what matches a search, the newest first: to be ranked.
pub async fn candidates(
    app: &App,
    viewer: &Viewer,
    query: &ListQuery,
) -> Result<Vec<(VideoId, String)>> {
    Ok(store::candidates(&app.db, query, viewer).await?)
}

/// The rows of these videos in the order of the ids; what is gone is left out.
pub async fn rows(app: &App, viewer: &Viewer, ids: &[VideoId]) -> Result<Vec<Row>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = store::rows(&app.db, ids, viewer, app.clock.now()).await?;
    rows.sort_by_key(|row| ids.iter().position(|id| id.0 == row.id));
    Ok(rows)
}

/// Reads a list of UUIDs, short ones too.
pub fn read_uuids(check: &mut Check<'_>, name: &str) -> Vec<Uuid> {
    let Field::Is(texts) = check.texts(name, 0..=100, 1..=40) else {
        return Vec::new();
    };
    let mut uuids = Vec::with_capacity(texts.len());
    for text in &texts {
        match VideoRef::parse(text) {
            Some(VideoRef::Uuid(uuid)) => uuids.push(uuid),
            _ => check.fail(name, "Should have an array of UUIDs"),
        }
    }
    uuids
}

/// A whole number of a query, wherever it may be missing.
pub fn number(input: &Map<String, serde_json::Value>, name: &str) -> Option<i64> {
    input.get(name).and_then(whole)
}
