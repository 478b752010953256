//! Feeds for podcast programs: the sound of each video as a file, its picture beside it.

use super::oembed;
use super::podcast_category::shelf;
use super::store;
use super::videos::{items, query};
use super::{Feed, Item, Media, Person, SoundPart, VideoPart, clean};
use crate::access::Viewer;
use crate::account;
use crate::app::App;
use crate::channel::Channel;
use crate::check::Check;
use crate::error::Result;
use crate::transcode::extract::{self, Sound, State};
use crate::video::list::Scope;
use crate::video::{VideoId, short_uuid};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Entries of the feed of a playlist.
const LONGEST_LIST: i64 = 100;
/// What the directories of podcasts call an M4A.
const SOUND_TYPE: &str = "audio/x-m4a";

/// `enclosurePreference`: is the sound what programs load first?
pub fn prefers_sound(input: &Map<String, Value>) -> Result<bool> {
    let mut check = Check::query(input);
    let asked = check
        .one_of("enclosurePreference", &["audio", "video"])
        .value();
    check.finish()?;
    Ok(asked.as_deref() != Some("video"))
}

/// Makes a feed of a playlist: its public videos, in its order.
pub async fn of_playlist(app: &App, feed: &mut Feed, id: &str) -> Result<()> {
    let playlist = oembed::open_playlist(app, id).await?;
    feed.title = clean(&playlist.display_name);
    feed.link = app.url(&format!("/w/p/{}", short_uuid::shorten(playlist.uuid)));
    feed.guid = Some(podcast_guid(&feed.self_url).to_string());
    feed.describe(playlist.description.as_deref());
    let order: Vec<Uuid> = store::playlist_videos(&app.db, playlist.id)
        .await?
        .into_iter()
        .map(|(uuid,)| uuid)
        .collect();
    if order.is_empty() {
        return Ok(());
    }
    let viewer = Viewer::default();
    let mut query = query(app, &Map::new(), &viewer, Scope::All)?;
    query.paging.count = LONGEST_LIST;
    query.filters.uuids.clone_from(&order);
    let mut found = items(app, &viewer, &query).await?;
    let place = |item: &Item| {
        order
            .iter()
            .position(|uuid| item.link.ends_with(&short_uuid::shorten(*uuid)))
    };
    found.sort_by_key(place);
    feed.fill(found);
    Ok(())
}

/// What a podcast has beside a feed: an id for life and, if they want it, its owner.
pub async fn head(app: &App, feed: &mut Feed, channel: &Channel) -> Result<()> {
    feed.guid = Some(podcast_guid(&feed.self_url).to_string());
    if let Some(email) = &channel.public_email {
        feed.owner_mail = Some(email.clone());
        return Ok(());
    }
    let Some(owner) = channel.owner_user_id else {
        return Ok(());
    };
    let user = account::user(app, owner).await?;
    let shown = user.settings.get("emailPublic").and_then(Value::as_bool);
    if shown == Some(true) && user.email_verified == Some(true) {
        feed.owner_mail = Some(user.email);
    }
    Ok(())
}

/// What directories of podcasts ask of every feed, as most of its episodes have it: they take none without.
pub fn shelve(app: &App, feed: &mut Feed) {
    let site = &app.instance.settings().instance;
    let videos: Vec<&VideoPart> = feed
        .items
        .iter()
        .filter_map(|it| it.video.as_ref())
        .collect();
    let of_episodes = most_common(videos.iter().filter_map(|video| video.category_id));
    let category = of_episodes.or(site.categories.first().copied());
    let language = most_common(videos.iter().filter_map(|video| video.language.clone()));
    feed.is_explicit = videos.iter().any(|video| video.is_sensitive);
    feed.category = category.map(shelf).unwrap_or_default();
    if language.is_some() {
        feed.language = language;
    }
    if feed.author.is_none() {
        feed.author = Some(Person {
            name: clean(&site.name),
            url: app.config.server.public_url.clone(),
            image: None,
        });
    }
    if feed.description.is_empty() {
        feed.description.clone_from(&feed.title);
    }
}

/// Of those that are as common, the first.
fn most_common<T: PartialEq>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut counted: Vec<(T, usize)> = Vec::new();
    for value in values {
        match counted.iter_mut().find(|(known, _)| *known == value) {
            Some((_, times)) => *times += 1,
            None => counted.push((value, 1)),
        }
    }
    let most = counted.iter().map(|(_, times)| *times).max()?;
    let found = counted.into_iter().find(|(_, times)| *times == most);
    found.map(|(value, _)| value)
}

/// The podcast namespace's way to make an id of an address.
fn podcast_guid(url: &str) -> Uuid {
    use sha1::{Digest, Sha1};
    const NAMESPACE: Uuid = Uuid::from_u128(0xead4_c236_bf58_58c6_a2c6_a6b2_8d12_8cb6);
    let plain = url.split_once("://").map_or(url, |(_, rest)| rest);
    let mut digest = Sha1::new();
    digest.update(NAMESPACE.as_bytes());
    digest.update(plain.trim_end_matches('/').as_bytes());
    let mut bytes = [0; 16];
    for (place, byte) in bytes.iter_mut().zip(digest.finalize()) {
        *place = byte;
    }
    uuid::Builder::from_sha1_bytes(bytes).into_uuid()
}

/// Adds the sounds as files. An episode whose sound is still being made is left out, so that no program loads its
/// picture instead; but the first who ask find all with their pictures, not an empty feed.
pub async fn add_sounds(app: &App, feed: &mut Feed) -> Result<()> {
    let whole: Vec<VideoId> = feed
        .items
        .iter()
        .filter_map(|item| item.video.as_ref())
        .filter(|video| video.sound == SoundPart::Whole)
        .map(|video| video.video_id)
        .collect();
    let sounds = extract::sounds(app, &whole).await?;
    let is_ready = |item: &Item| !waits(item, &sounds);
    if feed.prefers_sound && feed.items.iter().any(is_ready) {
        feed.items.retain(is_ready);
    }
    for item in &mut feed.items {
        add_sound(app, item, &sounds, feed.prefers_sound);
    }
    Ok(())
}

fn sound_of<'s>(item: &Item, sounds: &'s [Sound]) -> Option<&'s Sound> {
    let video = item.video.as_ref()?;
    sounds.iter().find(|sound| sound.video_id == video.video_id)
}

fn waits(item: &Item, sounds: &[Sound]) -> bool {
    match item.video.as_ref().map(|video| video.sound) {
        None | Some(SoundPart::Not) => false,
        Some(SoundPart::Grows) => true,
        // Too many wait already where there is none.
        Some(SoundPart::Whole) => {
            sound_of(item, sounds).is_none_or(|sound| sound.state == State::Waiting)
        }
    }
}

fn add_sound(app: &App, item: &mut Item, sounds: &[Sound], goes_first: bool) {
    let sound = sound_of(item, sounds).filter(|sound| sound.state == State::Done);
    let (Some(sound), Some(video)) = (sound, item.video.as_mut()) else {
        return;
    };
    let media = Media {
        url: app.url(&format!("/download/videos/podcast/{}.m4a", video.uuid)),
        kind: SOUND_TYPE.to_owned(),
        size_bytes: sound.size_bytes,
        label: "Audio".to_owned(),
        ..Media::default()
    };
    let place = if goes_first { 0 } else { video.media.len() };
    video.media.insert(place, media);
}

#[cfg(test)]
mod tests {
    use super::{most_common, podcast_guid};

    #[test]
    fn the_first_of_the_most_common_counts() {
        assert_eq!(most_common([3, 1, 2, 1, 2].into_iter()), Some(1));
        assert_eq!(most_common([7].into_iter()), Some(7));
        assert_eq!(most_common(std::iter::empty::<i64>()), None);
    }

    #[test]
    fn the_id_of_a_podcast_is_the_namespaces_example() {
        let guid = podcast_guid("https://mp3s.nashownotes.com/pc20rss.xml");
        assert_eq!(guid.to_string(), "917393e3-1b1e-5cef-ace4-edaa54e1f810");
    }
}
