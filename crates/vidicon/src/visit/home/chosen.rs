//! The front page as the administrator has ordered it. What is gone, or not for this viewer, is left out.

use super::{Home, Kind, SHOWN, Section, people, rows};
use crate::app::App;
use crate::channel;
use crate::error::Result;
use crate::instance::home::Row;
use crate::listing::Paging;
use crate::page::Page;
use crate::playlist;
use crate::video::list::{self, Filters, ListQuery, Scope};
use crate::visit::{card_with_words, cards, eager, handle};
use axum::response::Response;

pub async fn show(app: &App, page: &Page, wanted: &[Row]) -> Result<Response> {
    let mut sections = Vec::new();
    for (place, row) in wanted.iter().enumerate() {
        let section = match section(app, page, row).await {
            Err(error) if error.status().is_server_error() => return Err(error),
            // A channel or a playlist that is not there any more.
            Err(_) => None,
            Ok(section) => section,
        };
        sections.extend(section.map(|section| Section {
            id: format!("row-{place}"),
            cards: eager(section.cards, if place < 2 { 4 } else { 0 }),
            ..section
        }));
    }
    Ok(page.render(&Home {
        page,
        welcome: None,
        feature: None,
        is_chosen: !sections.is_empty(),
        sections,
        people: Vec::new(),
    }))
}

async fn section(app: &App, page: &Page, row: &Row) -> Result<Option<Section>> {
    let section = match row {
        Row::New => of_kind(app, page, Kind::New).await?,
        Row::Trending => of_kind(app, page, Kind::Trending).await?,
        Row::Local => of_kind(app, page, Kind::Local).await?,
        Row::Feature => {
            let newest = rows(app, page, Kind::New).await?;
            Section {
                feature: newest.first().map(|row| card_with_words(page, row)),
                ..Section::default()
            }
        }
        Row::Channels => Section {
            title: page.t("channels").to_owned(),
            people: people(app, page).await?,
            ..Section::default()
        },
        Row::Channel(name) => of_channel(app, page, name).await?,
        Row::Tag(tag) => {
            let filters = Filters {
                tags_one: vec![tag.clone()],
                ..Filters::default()
            };
            let escaped: String = url::form_urlencoded::byte_serialize(tag.as_bytes()).collect();
            Section {
                title: format!("#{tag}"),
                more: format!("/tags/{}", escaped.replace('+', "%20")),
                cards: newest(app, page, Scope::All, filters).await?,
                ..Section::default()
            }
        }
        Row::Playlist(id) => of_playlist(app, page, id).await?,
        Row::Text(text) => Section {
            html: Some(super::markup::render(app, page, text).await?),
            ..Section::default()
        },
    };
    let has_some = !section.cards.is_empty()
        || !section.people.is_empty()
        || section.feature.is_some()
        || section.html.is_some();
    Ok(has_some.then_some(section))
}

async fn of_kind(app: &App, page: &Page, kind: Kind) -> Result<Section> {
    let (_, title, more) = kind.words();
    let mut found = rows(app, page, kind).await?;
    found.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    Ok(Section {
        title: page.t(title).to_owned(),
        more: more.to_owned(),
        cards: cards(page, &found),
        ..Section::default()
    })
}

async fn of_channel(app: &App, page: &Page, name: &str) -> Result<Section> {
    let channel = channel::find(app, name).await?;
    let scope = Scope::Channel(channel.id);
    Ok(Section {
        title: channel.display_name.clone(),
        more: format!("/c/{}", handle(&channel.name, &channel.host)),
        cards: newest(app, page, scope, Filters::default()).await?,
        ..Section::default()
    })
}

async fn newest(
    app: &App,
    page: &Page,
    scope: Scope,
    filters: Filters,
) -> Result<Vec<crate::page::card::Card>> {
    let usual = ListQuery::newest(app, &page.viewer, SHOWN);
    let query = ListQuery {
        scope,
        filters: Filters {
            tags_one: filters.tags_one,
            skip_count: true,
            ..usual.filters
        },
        paging: usual.paging,
        sort: usual.sort,
    };
    let found = list::page(app, &page.viewer, &query).await?;
    Ok(cards(page, &found.rows))
}

async fn of_playlist(app: &App, page: &Page, id: &str) -> Result<Section> {
    let playlist = playlist::seen(app, &page.viewer, id).await?;
    let paging = Paging {
        start: 0,
        count: SHOWN,
    };
    let elements = playlist::elements(app, &page.viewer, &playlist, paging).await?;
    let rows: Vec<list::Row> = elements.into_iter().filter_map(|(_, row)| row).collect();
    Ok(Section {
        title: playlist.display_name.clone(),
        more: playlist.watch_path(),
        cards: cards(page, &rows),
        ..Section::default()
    })
}
