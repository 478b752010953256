//! The front page: the newest work large, then what is new, what is watched a lot, what was made here; or what the
//! administrator has put there.

mod chosen;
mod markup;

use super::{card_with_words, cards, channel_person, eager};
use crate::app::App;
use crate::channel;
use crate::check::Query;
use crate::error::Result;
use crate::instance::home::Row;
use crate::listing::{Paging, Sort};
use crate::page::Page;
use crate::page::card::{Card, Person};
use crate::video::list::{self, Filters, ListQuery, Scope};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

/// Works in one section, and how many there must be for a second section to say anything new.
const SHOWN: i64 = 12;
const ENOUGH: usize = 8;
const CHANNELS: i64 = 12;

#[derive(Template)]
#[template(path = "home.html")]
struct Home<'p> {
    page: &'p Page,
    /// What the site says of itself on its front page.
    welcome: Option<String>,
    feature: Option<Card>,
    /// The administrator says what stands here.
    is_chosen: bool,
    sections: Vec<Section>,
    people: Vec<Person>,
}

/// Videos beside each other; in an order of the administrator's one of the others.
#[derive(Default)]
struct Section {
    id: String,
    title: String,
    /// Where the rest is; empty for nowhere.
    more: String,
    cards: Vec<Card>,
    feature: Option<Card>,
    people: Vec<Person>,
    html: Option<String>,
}

/// A list that the front page can begin with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    New,
    Trending,
    Local,
}

impl Kind {
    /// The administrator's choice, as PeerTube names it.
    fn first(route: &str) -> Self {
        if route.contains("trending") || route.contains("most-liked") || route.contains("hot") {
            Kind::Trending
        } else if route.contains("local") {
            Kind::Local
        } else {
            Kind::New
        }
    }

    fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Kind::New => ("new", "home-new", "/videos/recently-added"),
            Kind::Trending => ("trending", "home-trending", "/videos/trending"),
            Kind::Local => ("local", "home-local", "/videos/local"),
        }
    }

    fn query(self, app: &App, page: &Page) -> ListQuery {
        let query = ListQuery::newest(app, &page.viewer, SHOWN + 1);
        ListQuery {
            scope: Scope::All,
            filters: Filters {
                is_local: (self == Kind::Local).then_some(true),
                skip_count: true,
                ..query.filters
            },
            paging: query.paging,
            sort: Sort {
                column: if self == Kind::Trending {
                    "trending"
                } else {
                    "publishedAt"
                },
                descending: true,
            },
        }
    }
}

/// `GET /`, and `/home`.
pub async fn show(State(app): State<App>, mut page: Page, query: Query) -> Result<Response> {
    page.nav = "home";
    let current = app.instance.current();
    let alone = &current.settings.instance.customizations.channel;
    let alone = alone.trim_start_matches('@');
    // One that is not there any more does not take the front page with it.
    if !alone.is_empty() && channel::find(&app, alone).await.is_ok() {
        let channel = Path(alone.to_owned());
        return super::channel::show(State(app.clone()), page, channel, query).await;
    }
    let lines = &current.settings.instance.customizations.home;
    let wanted: Vec<Row> = lines.iter().filter_map(|line| Row::parse(line)).collect();
    if !wanted.is_empty() {
        return chosen::show(&app, &page, &wanted).await;
    }
    let first = Kind::first(&current.settings.instance.default_client_route);
    let mut lists = Vec::new();
    let newest = rows(&app, &page, Kind::New).await?;
    let is_large = newest.len() >= ENOUGH;
    let has_others = newest.iter().any(|row| !row.is_local);
    if is_large {
        lists.push((Kind::Trending, rows(&app, &page, Kind::Trending).await?));
        if has_others {
            lists.push((Kind::Local, rows(&app, &page, Kind::Local).await?));
        }
    }
    let at = lists.iter().position(|(kind, _)| *kind == first);
    let mut ordered = vec![(Kind::New, newest)];
    if let Some(at) = at {
        let chosen = lists.remove(at);
        ordered.insert(0, chosen);
    }
    ordered.append(&mut lists);
    let feature = take_feature(&page, &mut ordered);
    let sections = ordered.into_iter().filter(|(_, rows)| !rows.is_empty());
    let sections = sections.enumerate().map(|(place, (kind, rows))| {
        let (id, title, more) = kind.words();
        let shown = rows.get(..rows.len().min(12)).unwrap_or_default();
        Section {
            id: id.to_owned(),
            title: page.t(title).to_owned(),
            more: more.to_owned(),
            cards: eager(cards(&page, shown), if place == 0 { 4 } else { 0 }),
            ..Section::default()
        }
    });
    let sections = sections.collect();
    let welcome = if current.has_homepage {
        crate::instance::homepage(&app).await?
    } else {
        None
    };
    let welcome = match welcome {
        Some(text) => Some(markup::render(&app, &page, &text).await?),
        None => None,
    };
    let home = Home {
        page: &page,
        welcome,
        feature,
        is_chosen: false,
        sections,
        people: people(&app, &page).await?,
    };
    Ok(page.render(&home))
}

/// The newest work stands large and is not repeated in the list of new ones.
fn take_feature(page: &Page, lists: &mut [(Kind, Vec<list::Row>)]) -> Option<Card> {
    let (_, rows) = lists.iter_mut().find(|(kind, _)| *kind == Kind::New)?;
    if rows.is_empty() {
        return None;
    }
    let feature = rows.remove(0);
    Some(card_with_words(page, &feature))
}

async fn rows(app: &App, page: &Page, kind: Kind) -> Result<Vec<list::Row>> {
    let query = kind.query(app, page);
    Ok(list::page(app, &page.viewer, &query).await?.rows)
}

async fn people(app: &App, page: &Page) -> Result<Vec<Person>> {
    let paging = Paging {
        start: 0,
        count: CHANNELS,
    };
    let channels = channel::lately_active(app, paging).await?;
    Ok(channels.iter().map(|it| channel_person(page, it)).collect())
}
