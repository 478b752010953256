//! Search and discovery: words, filters and an order, all in the address.

mod indexed;

use super::{card_with_words, channel_person};
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::federation::{remote_page, search_api};
use crate::listing::{Paging, Sort};
use crate::page::card::{Card, Choice, PER_PAGE, Pages, Person, SaidAt, clock, page_number};
use crate::page::{Page, go};
use crate::search::{self as finder, ChannelSearch, index};
use crate::video::list::{self, Filters, ListQuery, Row, Scope};
use crate::video::{VideoId, labels};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};
use url::form_urlencoded;

const SORTS: [(&str, &str, &str); 5] = [
    ("-match", "match", "order-match"),
    ("-publishedAt", "publishedAt", "order-new"),
    ("-views", "views", "order-views"),
    ("duration", "duration", "order-short"),
    ("-duration", "duration", "order-long"),
];
/// Filters that are kept from one address to the next.
const KEPT: [&str; 9] = [
    "durationMin",
    "durationMax",
    "isLocal",
    "isLive",
    "categoryOneOf",
    "licenceOneOf",
    "languageOneOf",
    "tagsOneOf",
    "searchTarget",
];
const CHANNELS: i64 = 4;

#[derive(Template)]
#[template(path = "search/results.html")]
struct Results<'p> {
    page: &'p Page,
    words: String,
    count: String,
    kept: Vec<(String, String)>,
    chips: Vec<Chip>,
    orders: Vec<Choice>,
    cards: Vec<Card>,
    people: Vec<Person>,
    pages: Option<Pages>,
}

struct Chip {
    url: String,
    label: String,
    now: bool,
    /// A press takes it away.
    off: bool,
}

/// `GET /search`.
pub async fn show(State(app): State<App>, mut page: Page, Query(input): Query) -> Result<Response> {
    page.nav = "discover";
    let words: String = text(&input, "search").trim().chars().take(500).collect();
    if let Some(place) = elsewhere(&app, &page, &words).await {
        return Ok(go(&app, &place, None));
    }
    let sort = sort(&input, !words.is_empty());
    let now = page_number(&input);
    if !words.is_empty() && index::is_asked(&app, &input) {
        return indexed::show(&app, &page, (words, kept(&input), sort.0), now).await;
    }
    let known = Filters::read(&app, &without_bad(&input), &page.viewer)?;
    let filters = Filters {
        search: None,
        duration_min: list::number(&input, "durationMin"),
        duration_max: list::number(&input, "durationMax"),
        ..known
    };
    let found = find(&app, &page, &words, filters, sort, now).await?;
    let people = if words.is_empty() || now > 1 {
        Vec::new()
    } else {
        people(&app, &page, &words).await?
    };
    let total = found.total.unwrap_or(0);
    let kept = kept(&input);
    let query = address(&words, &kept, Some(sort.0));
    let cards = cards(&app, &page, &words, &found.rows).await?;
    let results = Results {
        count: page.tn("search-count", total),
        chips: chips(&page, &words, &kept, sort.0),
        orders: orders(&page, sort.0, !words.is_empty()),
        pages: Pages::new("/search", &query, now, total > now * PER_PAGE),
        page: &page,
        words,
        kept,
        cards,
        people,
    };
    Ok(page.render(&results))
}

/// The videos found, with the places where the words are said in them.
async fn cards(app: &App, page: &Page, words: &str, rows: &[Row]) -> Result<Vec<Card>> {
    let ids: Vec<VideoId> = rows.iter().map(|row| VideoId::new(row.id)).collect();
    let mut places = finder::said::places(app, words, &ids).await?;
    let cards = rows.iter().zip(&ids).map(|(row, id)| {
        let card = card_with_words(page, row);
        let said = places.remove(id).unwrap_or_default();
        let said = said.into_iter().map(|place| SaidAt {
            url: format!("{}?start={}s", card.url, place.start_s),
            clock: clock(i64::try_from(place.start_s).unwrap_or(i64::MAX)),
            text: place.text,
        });
        Card {
            said: said.collect(),
            ..card
        }
    });
    Ok(cards.collect())
}

/// The page here of what an address or a handle names; what another server has is fetched first,
/// where this viewer's searches may ask others.
async fn elsewhere(app: &App, page: &Page, words: &str) -> Option<String> {
    let is_address = words.starts_with("https://") || words.starts_with("http://");
    let handle = words.trim_start_matches('@');
    let is_handle = handle.contains('@') && !handle.contains(char::is_whitespace);
    if !is_address && !is_handle {
        return None;
    }
    let known = super::remote::page_here(app, words).await.ok().flatten();
    if known.is_some() || !search_api::may_ask(app, &page.viewer) {
        return known.filter(|place| !place.starts_with("/search"));
    }
    remote_page::place(app, words).await.ok()
}

fn text<'i>(input: &'i Map<String, Value>, name: &str) -> &'i str {
    input.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// What nobody types but a program may send is left out rather than refused.
fn without_bad(input: &Map<String, Value>) -> Map<String, Value> {
    let known = input.iter().filter(|(name, value)| {
        KEPT.contains(&name.trim_end_matches("[]")) && value.as_str() != Some("")
    });
    known
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn sort(input: &Map<String, Value>, has_words: bool) -> (&'static str, Sort) {
    let usual = if has_words { "-match" } else { "-publishedAt" };
    let wanted = text(input, "sort");
    let wanted = if wanted == "-match" && !has_words {
        usual
    } else {
        wanted
    };
    let pick = |name: &str| SORTS.iter().find(|(value, ..)| *value == name);
    let (value, column, _) = pick(wanted).or_else(|| pick(usual)).unwrap_or(&(
        "-publishedAt",
        "publishedAt",
        "order-new",
    ));
    let descending = value.starts_with('-');
    (value, Sort { column, descending })
}

async fn find(
    app: &App,
    page: &Page,
    words: &str,
    filters: Filters,
    (_, sort): (&str, Sort),
    now: i64,
) -> Result<list::Page> {
    let paging = Paging {
        start: (now - 1) * PER_PAGE,
        count: PER_PAGE,
    };
    if sort.column == "match" {
        return finder::videos(app, &page.viewer, words, filters, paging).await;
    }
    let matching = finder::matching(app, words);
    if matching.is_none() && !words.is_empty() {
        return Ok(list::Page {
            total: Some(0),
            rows: Vec::new(),
        });
    }
    let query = ListQuery {
        scope: Scope::All,
        filters: Filters {
            matching,
            ..filters
        },
        paging,
        sort,
    };
    list::page(app, &page.viewer, &query).await
}

async fn people(app: &App, page: &Page, words: &str) -> Result<Vec<Person>> {
    let wanted = ChannelSearch {
        text: Some(words.to_owned()),
        ..ChannelSearch::default()
    };
    let paging = Paging {
        start: 0,
        count: CHANNELS,
    };
    let best = Sort {
        column: "match",
        descending: true,
    };
    let (_, found) = finder::channels(app, &wanted, paging, best).await?;
    Ok(found.iter().map(|it| channel_person(page, it)).collect())
}

/// The filters of the address, each value by itself.
fn kept(input: &Map<String, Value>) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for (name, value) in input {
        let name = name.trim_end_matches("[]");
        if !KEPT.contains(&name) {
            continue;
        }
        let values = match value {
            Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
            value => value.as_str().into_iter().collect::<Vec<_>>(),
        };
        let values = values.into_iter().filter(|value| !value.is_empty());
        pairs.extend(values.map(|value| (name.to_owned(), value.to_owned())));
    }
    pairs
}

/// The query of an address with these words, filters and order.
fn address(words: &str, kept: &[(String, String)], sort: Option<&str>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    if !words.is_empty() {
        query.append_pair("search", words);
    }
    query.extend_pairs(kept);
    if let Some(sort) = sort {
        query.append_pair("sort", sort);
    }
    query.finish()
}

fn chips(page: &Page, words: &str, kept: &[(String, String)], sort: &str) -> Vec<Chip> {
    let url = |pairs: &[(String, String)]| format!("/search?{}", address(words, pairs, Some(sort)));
    let has = |name: &str, value: &str| kept.iter().any(|(n, v)| n == name && v == value);
    let without = |names: &[&str]| -> Vec<(String, String)> {
        let rest = kept
            .iter()
            .filter(|(name, _)| !names.contains(&name.as_str()));
        rest.cloned().collect()
    };
    let mut chips = Vec::new();
    let lengths = [
        ("filter-any-length", None, None),
        ("filter-short", None, Some("240")),
        ("filter-medium", Some("240"), Some("600")),
        ("filter-long", Some("600"), None),
    ];
    for (label, least, most) in lengths {
        let mut pairs = without(&["durationMin", "durationMax"]);
        let length = pairs.len();
        pairs.extend(least.map(|least| ("durationMin".to_owned(), least.to_owned())));
        pairs.extend(most.map(|most| ("durationMax".to_owned(), most.to_owned())));
        let is = |name: &str, value: Option<&str>| match value {
            Some(value) => has(name, value),
            None => !kept.iter().any(|(known, _)| known == name),
        };
        chips.push(Chip {
            url: url(&pairs),
            label: page.t(label).to_owned(),
            now: is("durationMin", least) && is("durationMax", most),
            off: pairs.len() > length,
        });
    }
    for (label, name) in [("filter-here", "isLocal"), ("filter-live", "isLive")] {
        let now = has(name, "true");
        let mut pairs = without(&[name]);
        if !now {
            pairs.push((name.to_owned(), "true".to_owned()));
        }
        chips.push(Chip {
            url: url(&pairs),
            label: page.t(label).to_owned(),
            now,
            off: true,
        });
    }
    chips.extend(chosen_chips(page, kept, url));
    chips
}

/// What was chosen elsewhere, a tag or a category, and can be taken away here.
fn chosen_chips(
    page: &Page,
    kept: &[(String, String)],
    url: impl Fn(&[(String, String)]) -> String,
) -> Vec<Chip> {
    let word = |key: String, usual: &str| page.texts.find(&key).unwrap_or(usual).to_owned();
    let named = kept.iter().filter_map(|pair| {
        let number = pair.1.parse().ok();
        let label = match pair.0.as_str() {
            "tagsOneOf" => pair.1.clone(),
            "categoryOneOf" => word(
                format!("category-{}", pair.1),
                labels::category(page.labels, number).label,
            ),
            "licenceOneOf" => word(
                format!("licence-{}", pair.1),
                labels::licence(page.labels, number).label,
            ),
            "languageOneOf" => page.language_name(&pair.1).unwrap_or(&pair.1).to_owned(),
            _ => return None,
        };
        Some((pair, label))
    });
    named
        .map(|(pair, label)| {
            let rest: Vec<_> = kept.iter().filter(|it| *it != pair).cloned().collect();
            Chip {
                url: url(&rest),
                label,
                now: true,
                off: true,
            }
        })
        .collect()
}

fn orders(page: &Page, chosen: &str, has_words: bool) -> Vec<Choice> {
    let shown = SORTS
        .iter()
        .filter(|(value, ..)| has_words || *value != "-match");
    shown
        .map(|(value, _, label)| Choice {
            value: (*value).to_owned(),
            label: page.t(label).to_owned(),
            note: "",
            chosen: *value == chosen,
        })
        .collect()
}
