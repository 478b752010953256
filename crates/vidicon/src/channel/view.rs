//! How channels, and the accounts that own them, look in the REST API.

use super::Channel as Row;
use crate::wire::{AVATARS, BANNERS, Images, Iso, Site};
use serde::Serialize;
use std::borrow::Cow;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Account<'a> {
    id: i64,
    name: &'a str,
    display_name: &'a str,
    url: Cow<'a, str>,
    host: &'a str,
    avatars: Images<'a>,
    host_redundancy_allowed: bool,
    following_count: i64,
    followers_count: i64,
    created_at: Iso,
    updated_at: Iso,
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel<'a> {
    id: i64,
    name: &'a str,
    display_name: &'a str,
    url: Cow<'a, str>,
    host: &'a str,
    avatars: Images<'a>,
    banners: Images<'a>,
    host_redundancy_allowed: bool,
    following_count: i64,
    followers_count: i64,
    created_at: Iso,
    updated_at: Iso,
    description: Option<&'a str>,
    support: Option<&'a str>,
    public_email: Option<&'a str>,
    is_local: bool,
    owner_account: Account<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    videos_count: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_views: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    views_per_day: Option<Vec<Day>>,
}

/// Views of one day.
#[derive(Clone, Debug, Serialize)]
pub struct Day {
    pub date: Iso,
    pub views: i64,
}

/// What `withStats` adds.
#[derive(Clone, Debug)]
pub struct Stats {
    pub videos: i64,
    pub views: i64,
    pub days: Vec<Day>,
}

pub fn account<'a>(site: Site<'a>, row: &'a Row) -> Account<'a> {
    Account {
        id: row.account_id.0,
        name: &row.account_name,
        display_name: &row.account_display_name,
        url: url(
            site,
            row.account_url.as_deref(),
            "accounts",
            &row.account_name,
        ),
        host: site.host_of(&row.account_host),
        avatars: Images {
            site,
            folder: AVATARS,
            column: row.account_avatars.as_deref(),
        },
        host_redundancy_allowed: false,
        following_count: row.account_following_count,
        followers_count: row.account_follower_count,
        created_at: Iso(row.account_created_at),
        updated_at: Iso(row.account_updated_at),
        description: row.account_description.as_deref(),
        user_id: row.owner_user_id.map(|id| id.0),
    }
}

pub fn channel<'a>(site: Site<'a>, row: &'a Row) -> Channel<'a> {
    Channel {
        id: row.id.0,
        name: &row.name,
        display_name: &row.display_name,
        url: url(site, row.url.as_deref(), "video-channels", &row.name),
        host: site.host_of(&row.host),
        avatars: Images {
            site,
            folder: AVATARS,
            column: row.avatars.as_deref(),
        },
        banners: Images {
            site,
            folder: BANNERS,
            column: row.banners.as_deref(),
        },
        host_redundancy_allowed: false,
        following_count: row.following_count,
        followers_count: row.follower_count,
        created_at: Iso(row.created_at),
        updated_at: Iso(row.updated_at),
        description: row.description.as_deref(),
        support: row.support.as_deref(),
        public_email: row.public_email.as_deref(),
        is_local: row.host.is_empty(),
        owner_account: account(site, row),
        videos_count: None,
        total_views: None,
        views_per_day: None,
    }
}

impl Channel<'_> {
    #[must_use]
    pub fn with_stats(mut self, stats: Stats) -> Self {
        self.videos_count = Some(stats.videos);
        self.total_views = Some(stats.views);
        self.views_per_day = Some(stats.days);
        self
    }
}

fn url<'a>(site: Site<'a>, other: Option<&'a str>, kind: &str, name: &str) -> Cow<'a, str> {
    other.map_or_else(
        || format!("{}/{kind}/{name}", site.url).into(),
        Cow::Borrowed,
    )
}
