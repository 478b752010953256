//! The administrator's words on the front page, in which PeerTube's tags stand for videos, lists of them, playlists,
//! channels, buttons and the site's pictures. What is gone, or not for this viewer, is left out.

use crate::account;
use crate::app::App;
use crate::channel;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use crate::page::Page;
use crate::page::card::{Card, Person};
use crate::playlist;
use crate::text;
use crate::video::list::{self, Filters, ListQuery, SORTS, Scope};
use crate::video::{VideoRef, short_uuid};
use crate::visit::{cards, channel_person, saved};
use crate::wire::{AVATARS, BANNERS};
use askama::Template;
use std::collections::HashMap;

/// Further tags stand for nothing: each costs a query or two.
const MOST: usize = 30;
const MOST_VIDEOS: i64 = 24;
const USUAL_VIDEOS: i64 = 10;

/// A part of clean HTML: text, or where a tag of PeerTube's begins or ends, without its `peertube-`.
#[derive(Debug, PartialEq, Eq)]
enum Piece<'t> {
    Html(&'t str),
    Open(&'t str, HashMap<&'t str, String>),
    Close(&'t str),
}

/// What one tag stands for.
#[derive(Template, Default)]
#[template(path = "parts/block.html")]
struct Block<'p> {
    page: Option<&'p Page>,
    button: Option<Button>,
    /// The address of a player.
    player: Option<String>,
    picture: Option<String>,
    title: String,
    words: String,
    cards: Vec<Card>,
    people: Vec<Person>,
}

struct Button {
    url: String,
    label: String,
    is_main: bool,
    is_blank: bool,
}

pub async fn render(app: &App, page: &Page, words: &str) -> Result<String> {
    let clean = text::home_to_html(words);
    let mut html = String::with_capacity(clean.len());
    let mut left = MOST;
    // A block that is alone in its paragraph takes its place.
    let mut is_alone = false;
    for piece in pieces(&clean) {
        match piece {
            Piece::Html(part) if is_alone => match part.strip_prefix("</p>") {
                Some(rest) => html.push_str(rest),
                None => {
                    html.push_str("<p>");
                    html.push_str(part);
                }
            },
            Piece::Html(part) => html.push_str(part),
            Piece::Open("container", about) => html.push_str(&container(&about)),
            Piece::Close("container") => html.push_str("</div></div>"),
            // They have nothing in them.
            Piece::Close(_) => continue,
            Piece::Open(name, about) => {
                if left == 0 {
                    continue;
                }
                left -= 1;
                let block = match block(app, page, name, &about).await {
                    Err(error) if error.status().is_server_error() => return Err(error),
                    Err(_) => None,
                    Ok(block) => block,
                };
                if html.ends_with("<p>") {
                    html.truncate(html.len() - "<p>".len());
                    is_alone = true;
                }
                if let Some(block) = block {
                    html.push_str(&block.render().map_err(Error::internal)?);
                }
                continue;
            }
        }
        is_alone = false;
    }
    Ok(html)
}

fn container(about: &HashMap<&str, String>) -> String {
    let is_row = about.get("data-layout").is_some_and(|it| it == "row");
    let said = |name| about.get(name).filter(|text| !text.is_empty());
    let title = said("data-title").map(|it| format!("<h2>{}</h2>", text::escaped(it)));
    let words = said("data-description").map(|it| format!("<p>{}</p>", text::escaped(it)));
    format!(
        "<div class=\"stack stack-wide\">{}{}<div class=\"{}\">",
        title.unwrap_or_default(),
        words.unwrap_or_default(),
        if is_row { "row" } else { "stack stack-wide" }
    )
}

async fn block<'p>(
    app: &App,
    page: &'p Page,
    name: &str,
    about: &HashMap<&str, String>,
) -> Result<Option<Block<'p>>> {
    let said = |name: &str| about.get(name).map_or("", |text| text.trim());
    let mut block = Block {
        page: Some(page),
        ..Block::default()
    };
    match name {
        "button" => block.button = button(&said),
        "video-embed" => block.player = player("/videos/embed/", said("data-uuid")),
        "playlist-embed" => block.player = player("/video-playlists/embed/", said("data-uuid")),
        "video-miniature" => {
            let uuid = match VideoRef::parse(said("data-uuid")) {
                Some(VideoRef::Uuid(uuid)) => uuid,
                _ => return Ok(None),
            };
            let filters = Filters {
                uuids: vec![uuid],
                ..Filters::default()
            };
            block.cards = videos(app, page, Scope::All, filters, "-publishedAt", 1).await?;
        }
        "playlist-miniature" => {
            let list = playlist::seen(app, &page.viewer, said("data-uuid")).await?;
            block.cards = vec![saved::card_of(page, &list)];
        }
        "channel-miniature" => {
            let channel = channel::find(app, said("data-name")).await?;
            block.people = vec![channel_person(page, &channel)];
            if said("data-display-latest-video") != "false" {
                let scope = Scope::Channel(channel.id);
                let usual = Filters::default();
                block.cards = videos(app, page, scope, usual, "-publishedAt", 1).await?;
            }
        }
        "videos-list" => {
            block.title = said("data-title").to_owned();
            block.words = said("data-description").to_owned();
            block.cards = list_of(app, page, &said).await?;
        }
        "instance-banner" => block.picture = picture(app, "banner", BANNERS),
        "instance-avatar" => block.picture = picture(app, "avatar", AVATARS),
        _ => return Ok(None),
    }
    Ok(Some(block))
}

fn button<'a>(said: &impl Fn(&str) -> &'a str) -> Option<Button> {
    let url = said("data-href");
    text::is_address(url).then(|| Button {
        url: url.to_owned(),
        label: said("data-label").to_owned(),
        is_main: said("data-theme") != "secondary",
        is_blank: said("data-blank-target") == "true",
    })
}

/// The player in a frame asks itself whether the viewer may see what it shows.
fn player(folder: &str, id: &str) -> Option<String> {
    match VideoRef::parse(id)? {
        VideoRef::Uuid(uuid) => Some(format!("{folder}{}", short_uuid::shorten(uuid))),
        VideoRef::Number(_) => None,
    }
}

fn picture(app: &App, kind: &str, folder: &str) -> Option<String> {
    let current = app.instance.current();
    let sizes = current.pictures.get(kind)?;
    let widest = sizes.iter().max_by_key(|picture| picture.width)?;
    Some(format!("{folder}{}", widest.filename))
}

async fn list_of<'a>(app: &App, page: &Page, said: &impl Fn(&str) -> &'a str) -> Result<Vec<Card>> {
    let scope = match (said("data-channel-handle"), said("data-account-handle")) {
        ("", "") => Scope::All,
        ("", account) => Scope::Account(account::profile(app, account).await?.account_id),
        (channel, _) => Scope::Channel(channel::find(app, channel).await?.id),
    };
    let is_true = |names: [&str; 2]| names.into_iter().any(|name| said(name) == "true");
    let many = |name| {
        said(name)
            .split(',')
            .map(str::trim)
            .filter(|it| !it.is_empty())
    };
    let filters = Filters {
        is_local: is_true(["data-only-local", "data-is-local"]).then_some(true),
        is_live: is_true(["data-live", "data-is-live"]).then_some(true),
        categories: many("data-category-one-of")
            .filter_map(|id| id.parse().ok())
            .collect(),
        languages: many("data-language-one-of").map(str::to_owned).collect(),
        ..Filters::default()
    };
    let count = said("data-count").parse().unwrap_or(USUAL_VIDEOS);
    videos(app, page, scope, filters, said("data-sort"), count).await
}

/// Videos as the viewer's lists have them, sorted as the API names it.
async fn videos(
    app: &App,
    page: &Page,
    scope: Scope,
    filters: Filters,
    sort: &str,
    count: i64,
) -> Result<Vec<Card>> {
    let usual = ListQuery::newest(app, &page.viewer, 1);
    let name = sort.trim_start_matches('-');
    let column = SORTS
        .iter()
        .find(|known| **known == name && name != "match");
    let query = ListQuery {
        scope,
        filters: Filters {
            nsfw: usual.filters.nsfw,
            skip_count: true,
            ..filters
        },
        paging: Paging {
            start: 0,
            count: count.clamp(1, MOST_VIDEOS),
        },
        sort: column.map_or(usual.sort, |column| Sort {
            column,
            descending: sort.starts_with('-'),
        }),
    };
    let found = list::page(app, &page.viewer, &query).await?;
    Ok(cards(page, &found.rows))
}

/// Takes clean HTML apart; its attributes stand between double quotes.
fn pieces(html: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = html;
    while let Some(at) = tag_at(rest) {
        let (before, tag) = rest.split_at(at);
        if !before.is_empty() {
            found.push(Piece::Html(before));
        }
        let Some(end) = end_of_tag(tag) else { break };
        let (inside, after) = tag.split_at(end);
        let inside = inside.trim_start_matches('<');
        match inside.strip_prefix("/peertube-") {
            Some(name) => found.push(Piece::Close(name.trim())),
            None => found.push(opened(inside)),
        }
        rest = after.strip_prefix('>').unwrap_or(after);
    }
    if !rest.is_empty() {
        found.push(Piece::Html(rest));
    }
    found
}

fn tag_at(html: &str) -> Option<usize> {
    let starts = ["<peertube-", "</peertube-"];
    starts.iter().filter_map(|start| html.find(start)).min()
}

fn end_of_tag(tag: &str) -> Option<usize> {
    let mut is_quoted = false;
    tag.find(|c| {
        is_quoted ^= c == '"';
        c == '>' && !is_quoted
    })
}

fn opened(inside: &str) -> Piece<'_> {
    let inside = inside.strip_prefix("peertube-").unwrap_or(inside);
    let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
    let mut about = HashMap::new();
    while let Some((key, value)) = rest.split_once("=\"") {
        let Some((value, after)) = value.split_once('"') else {
            break;
        };
        about.insert(key.trim(), text::unescape(value));
        rest = after;
    }
    Piece::Open(name, about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_with_what_they_say() {
        let html = "<p>a<peertube-button data-href=\"/x?a=1&amp;b=2\" data-label=\"5 > 4\"></peertube-button></p>";
        let about = HashMap::from([
            ("data-href", "/x?a=1&b=2".to_owned()),
            ("data-label", "5 > 4".to_owned()),
        ]);
        let expected = [
            Piece::Html("<p>a"),
            Piece::Open("button", about),
            Piece::Close("button"),
            Piece::Html("</p>"),
        ];
        assert_eq!(pieces(html), expected);
        assert_eq!(pieces("<p>plain</p>"), [Piece::Html("<p>plain</p>")]);
    }
}
