//! The pages that visitors see. They show things of several slices beside each other, so they stand
//! below all of them and own nothing themselves.

pub mod about;
pub mod browse;
pub mod channel;
pub mod embed;
pub mod follow;
pub mod followers;
pub mod home;
pub mod library;
mod linked;
pub mod mute;
pub mod news;
mod player;
pub mod playlist;
pub mod remote;
pub mod saved;
pub mod search;
mod store;
pub mod talk;
pub mod watch;

use crate::channel::Channel;
use crate::page::Page;
use crate::page::card::{self, Card, Person};
use crate::video::list::Row;
use crate::video::short_uuid;
use crate::wire::{AVATARS, pictures};
use uuid::Uuid;

/// The larger of a video's two pictures fits into this many pixels, in the video's own shape.
const PICTURE: (f64, f64) = (850.0, 480.0);
/// How many characters of a description stand beside a large picture.
const FIRST_WORDS: usize = 220;

/// A video of a list as a card.
fn card_of(page: &Page, row: &Row) -> Card {
    let uuid = Uuid::try_parse(&row.uuid).unwrap_or_default();
    let (width, height) = size(row.aspect_ratio);
    let watched = row.watched_s.filter(|_| row.duration_s > 0);
    Card {
        url: format!("/w/{}", short_uuid::shorten(uuid)),
        title: row.name.clone(),
        shape: card::shape(row.aspect_ratio),
        hue: card::hue(row.hue),
        picture: picture(row.preview.as_deref(), row.thumbnail.as_deref()),
        width,
        height,
        eager: false,
        live: row.is_live,
        covered: row.nsfw && page.covers_sensitive,
        clock: card::clock(row.duration_s),
        iso: card::iso_length(row.duration_s),
        by: row.channel_display_name.clone(),
        by_url: format!("/c/{}", handle(&row.channel_name, &row.channel_host)),
        year: card::year(row.originally_published_at.unwrap_or(row.published_at)),
        views: page.tn("views-count", row.views),
        watched: watched.map(|at_s| (at_s * 100 / row.duration_s).clamp(0, 100)),
        note: row.nsfw.then(|| page.t("sensitive-badge").to_owned()),
        words: None,
        said: Vec::new(),
    }
}

/// As [`card_of`], with the first words of the description.
fn card_with_words(page: &Page, row: &Row) -> Card {
    let words = row.description.as_deref().unwrap_or_default();
    let words = crate::text::markdown_to_line(words, FIRST_WORDS);
    Card {
        words: (!words.is_empty()).then_some(words),
        ..card_of(page, row)
    }
}

fn cards(page: &Page, rows: &[Row]) -> Vec<Card> {
    rows.iter().map(|row| card_of(page, row)).collect()
}

/// The first pictures of a page are loaded at once.
fn eager(mut cards: Vec<Card>, count: usize) -> Vec<Card> {
    cards
        .iter_mut()
        .take(count)
        .for_each(|card| card.eager = true);
    cards
}

/// The address of a video's picture, the larger one when there is one.
fn picture(preview: Option<&str>, thumbnail: Option<&str>) -> Option<String> {
    let large = preview.map(|name| format!("/lazy-static/previews/{name}"));
    large.or_else(|| thumbnail.map(|name| format!("/lazy-static/thumbnails/{name}")))
}

/// The size of the larger picture of a video of this shape.
#[expect(
    clippy::cast_possible_truncation,
    clippy::as_conversions,
    reason = "within 850 × 480"
)]
fn size(aspect_ratio: Option<f64>) -> (i64, i64) {
    let usual = PICTURE.0 / PICTURE.1;
    let ratio = aspect_ratio
        .filter(|ratio| ratio.is_finite() && *ratio > 0.01)
        .unwrap_or(16.0 / 9.0);
    let (width, height) = if ratio > usual {
        (PICTURE.0, PICTURE.0 / ratio)
    } else {
        (PICTURE.1 * ratio, PICTURE.1)
    };
    (
        width.round().max(1.0) as i64,
        height.round().max(1.0) as i64,
    )
}

/// `name`, or `name@host` for somebody of another server.
fn handle(name: &str, host: &str) -> String {
    if host.is_empty() {
        name.to_owned()
    } else {
        format!("{name}@{host}")
    }
}

fn channel_person(page: &Page, channel: &Channel) -> Person {
    let handle = handle(&channel.name, &channel.host);
    Person {
        url: format!("/c/{handle}"),
        initial: card::initial(&channel.display_name),
        avatar: avatar(channel.avatars.as_deref()),
        note: page.tn("followers-count", channel.follower_count),
        actor: match &channel.url {
            Some(url) => url.clone(),
            None => format!("{}/video-channels/{}", page.site_url, channel.name),
        },
        name: channel.display_name.clone(),
        handle,
    }
}

/// The smallest picture that is sharp at 60 pixels, out of a column as `wire::Images` reads it.
fn avatar(column: Option<&str>) -> Option<String> {
    picture_of(column, AVATARS, 120)
}

fn picture_of(column: Option<&str>, folder: &str, sharp_at: i64) -> Option<String> {
    let pictures = pictures(column);
    let sharp = pictures.iter().rev().find(|one| one.width >= sharp_at);
    let best = sharp.or(pictures.first())?;
    Some(format!("{folder}{}", best.name))
}

/// JSON that may stand in a `script` element: nothing in it can end the element.
fn json_for_html(json: &str) -> String {
    let mut safe = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        match c {
            '<' => safe.push_str("\\u003c"),
            '>' => safe.push_str("\\u003e"),
            '&' => safe.push_str("\\u0026"),
            '\u{2028}' => safe.push_str("\\u2028"),
            '\u{2029}' => safe.push_str("\\u2029"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_the_shape() {
        assert_eq!(size(Some(16.0 / 9.0)), (850, 478));
        assert_eq!(size(Some(9.0 / 16.0)), (270, 480));
        assert_eq!(size(None), (850, 478));
        assert_eq!(size(Some(f64::NAN)), (850, 478));
    }

    #[test]
    fn the_avatar_is_sharp_and_small() {
        let column = Some("a.png 1500 1500 0 b.png 600 600 0 c.png 120 120 0 d.png 48 48 0");
        assert_eq!(
            avatar(column).as_deref(),
            Some("/lazy-static/avatars/c.png")
        );
        assert_eq!(
            avatar(Some("d.png 48 48 0")).as_deref(),
            Some("/lazy-static/avatars/d.png")
        );
        assert_eq!(avatar(None), None);
    }

    #[test]
    fn json_cannot_end_its_element() {
        let json = json_for_html(r#"{"a":"</script><!-- & "}"#);
        assert!(!json.contains('<') && !json.contains('>') && !json.contains('&'));
        let back: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(back["a"], "</script><!-- & ");
    }
}
