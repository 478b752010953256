//! The same page when another site, the search index, is asked. Its results lead to the pages of this site where
//! its visitors may ask other servers, else to where the videos are; no picture comes from there.

use super::{Chip, Results, address, chips, index, orders};
use crate::app::App;
use crate::error::Result;
use crate::federation::search_api;
use crate::page::Page;
use crate::page::card::{Card, PER_PAGE, Pages, Person, initial};
use axum::response::Response;
use serde_json::{Map, Value, json};
use url::form_urlencoded::byte_serialize;

/// Words, filters and order of the address.
type Asked = (String, Vec<(String, String)>, &'static str);

pub async fn show(
    app: &App,
    page: &Page,
    (words, kept, sort): Asked,
    now: i64,
) -> Result<Response> {
    let mut input = Map::new();
    for (name, value) in &kept {
        let known = input.entry(name.clone()).or_insert_with(|| json!([]));
        if let Value::Array(values) = known {
            values.push(value.as_str().into());
        }
    }
    for (name, value) in [
        ("search", json!(words)),
        ("sort", json!(sort)),
        ("start", json!((now - 1) * PER_PAGE)),
        ("count", json!(PER_PAGE)),
    ] {
        input.insert(name.to_owned(), value);
    }
    let found = index::find(app, "videos", &input).await?;
    let may_ask = search_api::may_ask(app, &page.viewer);
    let cards: Vec<Card> = listed(&found)
        .filter_map(|it| card(page, it, may_ask))
        .collect();
    let people = if now > 1 {
        Vec::new()
    } else {
        let asked = Map::from_iter([
            ("search".to_owned(), json!(words)),
            ("count".to_owned(), json!(super::CHANNELS)),
        ]);
        let found = index::find(app, "video-channels", &asked).await?;
        listed(&found)
            .filter_map(|it| person(it, may_ask))
            .collect()
    };
    let total = found.get("total").and_then(Value::as_i64).unwrap_or(0);
    let query = address(&words, &kept, Some(sort));
    let mut all = chips(page, &words, &kept, sort);
    if !app
        .instance
        .settings()
        .search
        .search_index
        .disable_local_search
    {
        all.push(here(page, &words, &kept, sort));
    }
    Ok(page.render(&Results {
        count: page.tn("search-count", total),
        chips: all,
        orders: orders(page, sort, true),
        pages: Pages::new("/search", &query, now, total > now * PER_PAGE),
        page,
        words,
        kept,
        cards,
        people,
    }))
}

/// The way to the same search on this site alone.
fn here(page: &Page, words: &str, kept: &[(String, String)], sort: &str) -> Chip {
    let rest = kept.iter().filter(|(name, _)| name != "searchTarget");
    let mut pairs: Vec<(String, String)> = rest.cloned().collect();
    pairs.push(("searchTarget".to_owned(), "local".to_owned()));
    Chip {
        url: format!("/search?{}", address(words, &pairs, Some(sort))),
        label: page.t("search-only-here").to_owned(),
        now: false,
        off: false,
    }
}

fn listed(found: &Value) -> impl Iterator<Item = &Value> {
    let data = found.get("data").and_then(Value::as_array);
    data.into_iter().flatten()
}

fn text<'v>(of: &'v Value, path: &str) -> &'v str {
    of.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

/// Where a result leads; nothing when its address is none of the web.
fn way(url: &str, may_ask: bool) -> Option<String> {
    let parsed = url::Url::parse(url).ok()?;
    if !matches!(parsed.scheme(), "http" | "https") {
        return None;
    }
    if !may_ask {
        return Some(parsed.into());
    }
    let escaped: String = byte_serialize(url.as_bytes()).collect();
    Some(format!("/search?search={escaped}"))
}

fn card(page: &Page, it: &Value, may_ask: bool) -> Option<Card> {
    let seconds = it
        .get("duration")
        .and_then(crate::check::whole)
        .unwrap_or(0);
    let seconds = seconds.clamp(0, 1_000_000);
    let words = crate::text::markdown_to_line(text(it, "/description"), super::super::FIRST_WORDS);
    let views = it.get("views").and_then(crate::check::whole).unwrap_or(0);
    Some(Card {
        url: way(text(it, "/url"), may_ask)?,
        title: text(it, "/name").chars().take(200).collect(),
        shape: crate::page::card::shape(it.get("aspectRatio").and_then(Value::as_f64)),
        clock: crate::page::card::clock(seconds),
        iso: crate::page::card::iso_length(seconds),
        by: text(it, "/channel/displayName").chars().take(120).collect(),
        by_url: way(text(it, "/channel/url"), may_ask).unwrap_or_default(),
        year: text(it, "/publishedAt").chars().take(4).collect(),
        views: page.tn("views-count", views),
        covered: it.get("nsfw").and_then(Value::as_bool).unwrap_or(false),
        words: (!words.is_empty()).then_some(words),
        ..Card::default()
    })
}

fn person(it: &Value, may_ask: bool) -> Option<Person> {
    let name: String = text(it, "/displayName").chars().take(120).collect();
    Some(Person {
        url: way(text(it, "/url"), may_ask)?,
        initial: initial(&name),
        name,
        avatar: None,
        note: text(it, "/host").chars().take(120).collect(),
        handle: format!("{}@{}", text(it, "/name"), text(it, "/host")),
        actor: text(it, "/url").to_owned(),
    })
}
