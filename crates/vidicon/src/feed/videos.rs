//! From lists of videos and comments to feeds.

use super::oembed::handle;
use super::store::{self, CommentScope};
use super::{Caption, Feed, Item, Media, Person, SoundPart, VideoPart, clean};
use crate::access::Viewer;
use crate::account::picture::{self, Shape};
use crate::account::{self, AccountId, Profile};
use crate::app::App;
use crate::channel::{self, Channel, ChannelId};
use crate::check::{Check, whole};
use crate::error::{Error, Result};
use crate::listing::Paging;
use crate::text;
use crate::video::list::{self, FileRow, ListQuery, Row, Scope};
use crate::video::view::FilesOfPage;
use crate::video::{self, VideoId, labels, short_uuid};
use crate::wire::pictures;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Entries of a feed.
const COUNT: i64 = 20;
const LONGEST_SUMMARY: usize = 250;

/// Whose feed it is.
pub enum Subject {
    Site,
    Account(Box<Profile>),
    Channel(Box<Channel>),
}

impl Subject {
    /// Reads `accountId`, `accountName`, `videoChannelId` and `videoChannelName`.
    pub async fn read(app: &App, input: &Map<String, Value>) -> Result<Self> {
        let mut check = Check::query(input);
        let account_id = check.int("accountId", 1..=i64::MAX).value();
        let account_name = check.text("accountName", 1..=320).value();
        let channel_id = check.int("videoChannelId", 1..=i64::MAX).value();
        let channel_name = check.text("videoChannelName", 1..=320).value();
        check.finish()?;
        if let Some(id) = channel_id {
            let found = channel::by_id(&app.db, ChannelId::new(id)).await?;
            let found = found.ok_or_else(|| Error::not_found("Video channel not found"))?;
            return Ok(Subject::Channel(Box::new(found)));
        }
        if let Some(name) = channel_name {
            return Ok(Subject::Channel(Box::new(channel::find(app, &name).await?)));
        }
        if let Some(id) = account_id {
            let found = account::profiles_of(&app.db, &[AccountId::new(id)]).await?;
            let found = found.into_iter().next();
            let found = found.ok_or_else(|| Error::not_found("Account not found"))?;
            return Ok(Subject::Account(Box::new(found)));
        }
        if let Some(name) = account_name {
            return Ok(Subject::Account(Box::new(
                account::profile(app, &name).await?,
            )));
        }
        Ok(Subject::Site)
    }

    fn scope(&self) -> Scope {
        match self {
            Subject::Site => Scope::All,
            Subject::Account(profile) => Scope::Account(profile.account_id),
            Subject::Channel(channel) => Scope::Channel(channel.id),
        }
    }
}

/// The head of a feed: whose it is and where it stands.
pub async fn head(app: &App, subject: &Subject, self_path: &str) -> Result<Feed> {
    let site = app.instance.settings().instance.clone();
    let mut feed = Feed {
        title: site.name.clone(),
        link: app.config.server.public_url.clone(),
        description: clean(&site.short_description),
        self_url: app.url(self_path),
        site_url: app.config.server.public_url.clone(),
        language: Some(site.default_language.clone()),
        image: Some(app.url("/client/assets/icon-180.png")),
        ..Feed::default()
    };
    match subject {
        Subject::Site => {}
        Subject::Account(profile) => {
            let pictures = picture::of(&app.db, &[profile.actor_id], Shape::Avatar).await?;
            let widest = pictures
                .get(&profile.actor_id)
                .and_then(|found| found.first());
            let image = widest.map(|widest| avatar_url(app, &widest.filename));
            feed.take_over(Person {
                name: clean(&profile.display_name),
                url: app.url(&format!("/a/{}", handle(&profile.name, &profile.host))),
                image,
            });
            feed.describe(profile.description.as_deref());
        }
        Subject::Channel(channel) => {
            feed.take_over(channel_person(app, channel));
            feed.describe(channel.description.as_deref());
        }
    }
    feed.site_name = site.name;
    Ok(feed)
}

fn channel_person(app: &App, channel: &Channel) -> Person {
    Person {
        name: clean(&channel.display_name),
        url: app.url(&format!("/c/{}", handle(&channel.name, &channel.host))),
        image: first_avatar(app, channel.avatars.as_deref()),
    }
}

fn avatar_url(app: &App, filename: &str) -> String {
    app.url(&format!("/lazy-static/avatars/{filename}"))
}

/// The widest picture of a column that holds all sizes.
fn first_avatar(app: &App, column: Option<&str>) -> Option<String> {
    let widest = pictures(column).into_iter().next()?;
    Some(avatar_url(app, widest.name))
}

impl Feed {
    fn take_over(&mut self, person: Person) {
        self.title.clone_from(&person.name);
        self.link.clone_from(&person.url);
        if let Some(image) = &person.image {
            self.image = Some(image.clone());
        }
        self.author = Some(person);
    }

    pub(super) fn describe(&mut self, markdown: Option<&str>) {
        if let Some(markdown) = markdown {
            self.description = clean(&text::markdown_to_line(markdown, 1000));
        }
    }

    /// The feed is as new as its newest entry.
    pub(super) fn fill(&mut self, items: Vec<Item>) {
        self.updated_at = items.iter().map(|item| item.updated_at).max().unwrap_or(0);
        self.items = items;
    }
}

/// Fills a feed with the videos of its subject that have something to play.
pub async fn videos(
    app: &App,
    feed: &mut Feed,
    subject: &Subject,
    input: &Map<String, Value>,
    local_only: bool,
) -> Result<()> {
    let viewer = Viewer::default();
    let mut query = query(app, input, &viewer, subject.scope())?;
    if local_only {
        query.filters.is_local = Some(true);
    }
    feed.fill(items(app, &viewer, &query).await?);
    Ok(())
}

/// Fills a feed with the videos of those whom somebody follows.
pub async fn followed(
    app: &App,
    feed: &mut Feed,
    viewer: &Viewer,
    input: &Map<String, Value>,
) -> Result<()> {
    let Some(user) = viewer.user() else {
        return Ok(());
    };
    let query = query(app, input, viewer, Scope::Followed(user.actor_id))?;
    feed.fill(items(app, viewer, &query).await?);
    Ok(())
}

/// The filters and the sort of the request; a feed has no pages.
pub(super) fn query(
    app: &App,
    input: &Map<String, Value>,
    viewer: &Viewer,
    scope: Scope,
) -> Result<ListQuery> {
    let mut input = input.clone();
    input.remove("start");
    input.remove("count");
    let mut query = ListQuery::read(app, &input, viewer, scope)?;
    query.paging = Paging {
        start: 0,
        count: COUNT,
    };
    query.filters.skip_count = true;
    Ok(query)
}

pub(super) async fn items(app: &App, viewer: &Viewer, query: &ListQuery) -> Result<Vec<Item>> {
    let page = list::page(app, viewer, query).await?;
    let numbers: Vec<i64> = page.rows.iter().map(|row| row.id).collect();
    let ids: Vec<VideoId> = numbers.iter().copied().map(VideoId::new).collect();
    let files = video::api::files(app, &ids).await?;
    let more = store::details(&app.db, &numbers).await?;
    let captions = store::captions(&app.db, &numbers).await?;
    let with = With {
        files,
        more,
        captions,
    };
    let items = page.rows.iter().map(|row| item(app, row, &with));
    Ok(items.filter(has_media).collect())
}

fn has_media(item: &Item) -> bool {
    item.video
        .as_ref()
        .is_some_and(|video| !video.media.is_empty())
}

/// What is known of the videos of a page beside their rows.
struct With {
    files: FilesOfPage,
    more: Vec<store::Details>,
    captions: Vec<(i64, String, String)>,
}

fn item(app: &App, row: &Row, with: &With) -> Item {
    let uuid = Uuid::try_parse(&row.uuid).unwrap_or_default();
    let short = short_uuid::shorten(uuid);
    let link = app.url(&format!("/w/{short}"));
    let more = with.more.iter().find(|more| more.id == row.id);
    let description = more
        .and_then(|more| more.description.as_deref())
        .unwrap_or_default();
    let summary = text::markdown_to_line(description, LONGEST_SUMMARY);
    Item {
        id: link.clone(),
        title: clean(&row.name),
        summary: clean(if summary.is_empty() {
            &row.name
        } else {
            &summary
        }),
        html: clean(&text::markdown_to_html(description)),
        author: Person {
            name: clean(&row.channel_display_name),
            url: app.url(&format!(
                "/c/{}",
                handle(&row.channel_name, &row.channel_host)
            )),
            image: first_avatar(app, row.channel_avatars.as_deref()),
        },
        published_at: row.published_at,
        updated_at: row.updated_at.max(row.published_at),
        video: Some(VideoPart {
            video_id: VideoId::new(row.id),
            uuid,
            sound: sound(row, with, more),
            embed_url: app.url(&format!("/videos/embed/{short}")),
            object_url: row
                .url
                .clone()
                .unwrap_or_else(|| app.url(&format!("/videos/watch/{uuid}"))),
            comments_allowed: more.is_some_and(|more| more.comments_policy != 2),
            category: row.category.map(|id| {
                labels::category(app.instance.labels(), Some(id))
                    .label
                    .to_owned()
            }),
            category_id: row.category,
            language: row.language.clone(),
            duration_s: row.duration_s,
            is_sensitive: row.nsfw,
            views: row.views,
            likes: row.likes,
            thumbnail: picture_url(app, "thumbnails", row.thumbnail.as_deref()),
            preview: picture_url(app, "previews", row.preview.as_deref()),
            media: media(
                app,
                row,
                with,
                more.is_some_and(|more| more.download_enabled),
            ),
            captions: captions(app, row.id, with),
        }),
        link,
    }
}

/// Only what may be downloaded goes out as a file.
fn sound(row: &Row, with: &With, more: Option<&store::Details>) -> SoundPart {
    let Some(more) = more.filter(|more| row.is_local && more.download_enabled) else {
        return SoundPart::Not;
    };
    let mut own = with
        .files
        .files
        .iter()
        .filter(|file| file.video_id == row.id);
    if more.sound_grows {
        SoundPart::Grows
    } else if own.any(|file| file.has_audio) {
        SoundPart::Whole
    } else {
        SoundPart::Not
    }
}

fn picture_url(app: &App, folder: &str, name: Option<&str>) -> Option<String> {
    name.map(|name| app.url(&format!("/lazy-static/{folder}/{name}")))
}

fn captions(app: &App, video_id: i64, with: &With) -> Vec<Caption> {
    let own = with.captions.iter().filter(|(id, _, _)| *id == video_id);
    own.map(|(_, language, filename)| Caption {
        url: app.url(&format!("/lazy-static/video-captions/{filename}")),
        language: language.clone(),
    })
    .collect()
}

/// Whole files first, then picture and sound put together for a download, then the stream.
fn media(app: &App, row: &Row, with: &With, download_enabled: bool) -> Vec<Media> {
    let own: Vec<&FileRow> = with
        .files
        .files
        .iter()
        .filter(|file| file.video_id == row.id)
        .collect();
    let mut media: Vec<Media> = own
        .iter()
        .filter(|file| file.kind == "web" && file.has_audio)
        .map(|file| {
            let path = format!("/static/web-videos/{}", file.filename);
            playable(file, file.url.clone().unwrap_or_else(|| app.url(&path)), 0)
        })
        .collect();
    if media.is_empty() && row.is_local && download_enabled {
        media.extend(downloads(app, row, &own));
    }
    let playlist = with
        .files
        .playlists
        .iter()
        .find(|playlist| playlist.video_id == row.id);
    if let Some(playlist) = playlist {
        let path = format!(
            "/static/streaming-playlists/hls/{}/{}",
            row.uuid, playlist.master_filename
        );
        media.push(Media {
            url: playlist.url.clone().unwrap_or_else(|| app.url(&path)),
            kind: "application/x-mpegURL".to_owned(),
            label: "HLS".to_owned(),
            ..Media::default()
        });
    }
    media
}

fn downloads(app: &App, row: &Row, own: &[&FileRow]) -> Vec<Media> {
    let hls = || own.iter().filter(|file| file.kind == "hls");
    let sound = hls().find(|file| file.has_audio && !file.has_video);
    hls()
        .filter(|file| file.has_video)
        .map(|file| {
            let mut path = format!(
                "/download/videos/generate/{}?videoFileIds={}",
                row.uuid, file.id
            );
            let apart = sound.filter(|_| !file.has_audio);
            if let Some(sound) = apart {
                path.push_str(&format!("&videoFileIds={}", sound.id));
            }
            playable(
                file,
                app.url(&path),
                apart.map_or(0, |sound| sound.size_bytes),
            )
        })
        .collect()
}

fn playable(file: &FileRow, url: String, more_bytes: i64) -> Media {
    Media {
        url,
        kind: "video/mp4".to_owned(),
        height: file.height.unwrap_or(file.resolution),
        fps: file.fps,
        size_bytes: file.size_bytes + more_bytes,
        label: format!("{}p", file.resolution),
    }
}

/// Fills a feed with the newest comments.
pub async fn comments(app: &App, feed: &mut Feed, scope: CommentScope) -> Result<()> {
    let found = store::comments(&app.db, scope, COUNT).await?;
    let items = found.into_iter().map(|comment| {
        let video = short_uuid::shorten(comment.video_uuid);
        let thread = comment.thread_id.unwrap_or(comment.id);
        let author = clean(&comment.account_display_name);
        let link = app.url(&format!("/w/{video};threadId={thread}"));
        Item {
            id: app.url(&format!(
                "/w/{video};threadId={thread}#comment-{}",
                comment.id
            )),
            title: format!("{} - {author}", clean(&comment.video_name)),
            summary: clean(&text::markdown_to_line(&comment.text, LONGEST_SUMMARY)),
            html: clean(&text::markdown_to_html(&comment.text)),
            author: Person {
                name: author,
                url: app.url(&format!(
                    "/a/{}",
                    handle(&comment.account_name, &comment.account_host)
                )),
                image: None,
            },
            published_at: comment.created_at,
            updated_at: comment.updated_at.max(comment.created_at),
            video: None,
            link,
        }
    });
    feed.fill(items.collect());
    Ok(())
}

/// Whose comments are asked for: those below one video, or of what the subject has published.
pub fn comment_scope(input: &Map<String, Value>, subject: &Subject) -> Result<CommentScope> {
    let mut scope = CommentScope::default();
    match subject {
        Subject::Site => {}
        Subject::Account(profile) => scope.account_id = Some(profile.account_id.0),
        Subject::Channel(channel) => scope.channel_id = Some(channel.id.0),
    }
    if input.contains_key("videoId") && !matches!(subject, Subject::Site) {
        return Err(Error::bad_request(
            "videoId cannot be mixed with a channel filter",
        ));
    }
    Ok(scope)
}

/// The id of a video that the query names, as a number, a UUID or short.
pub fn video_id(input: &Map<String, Value>) -> Option<String> {
    let given = input.get("videoId")?;
    whole(given)
        .map(|number| number.to_string())
        .or_else(|| given.as_str().map(str::to_owned))
}
