//! What somebody has done with the things of others: ratings, follows, comments, playlists, history, mutes.

use super::{Archive, From};
use crate::account::{self, mute};
use crate::check::iso;
use crate::comment::{tag, words};
use crate::error::Result;
use crate::federation::archive;
use crate::listing::{Paging, Sort};
use crate::playlist::{self, PlaylistFilter};
use crate::takeout::store::content::{self, Followed};
use base::storage::Class;
use serde_json::{Value, json};

/// Rows of lists that are read by place.
const AT_ONCE: i64 = 100;
const OLDEST: Sort = Sort {
    column: "createdAt",
    descending: false,
};
const CONTEXT: &str = "\"@context\":\"https://www.w3.org/ns/activitystreams\"";

impl Archive<'_> {
    pub async fn ratings(&mut self, value: &str) -> Result<()> {
        let (key, account) = (format!("{value}s"), self.user.account_id);
        let mut list = self.list(&format!("peertube/{key}.json"), &key).await?;
        let mut urls = Vec::new();
        let mut after = 0;
        loop {
            let rows = content::ratings(&self.app.db, account, value, after).await?;
            for row in &rows {
                let url = self.video_url(row.uuid, row.url.clone());
                let thing = json!({ "videoUrl": url, "createdAt": iso(row.created_at) });
                self.add(&mut list, &thing).await?;
                urls.push(url);
            }
            after = rows.last().map_or(after, |row| row.id);
            if Self::is_last(rows.len()) {
                break;
            }
        }
        self.close(list).await?;
        self.collection(&key, &urls).await
    }

    pub async fn reactions(&mut self) -> Result<()> {
        let mut list = self.list("peertube/reactions.json", "reactions").await?;
        let mut after = (0, String::new());
        loop {
            let account = self.user.account_id;
            let rows = content::reactions(&self.app.db, account, (after.0, &after.1)).await?;
            for row in &rows {
                let url = self.video_url(row.uuid, row.url.clone());
                let thing = json!({
                    "videoUrl": url, "emoji": row.emoji, "createdAt": iso(row.created_at),
                });
                self.add(&mut list, &thing).await?;
            }
            after = rows.last().map_or(after, |row| (row.id, row.emoji.clone()));
            if Self::is_last(rows.len()) {
                return self.close(list).await;
            }
        }
    }

    /// A list of addresses in the words of ActivityPub.
    async fn collection(&mut self, name: &str, urls: &[String]) -> Result<()> {
        let head = format!(
            "{{{CONTEXT},\"id\":\"{name}.json\",\"type\":\"OrderedCollection\",\"totalItems\":{},\
             \"orderedItems\":[",
            urls.len()
        );
        let mut list = self
            .list_in(&format!("activity-pub/{name}.json"), &head)
            .await?;
        for url in urls {
            self.add(&mut list, &json!(url)).await?;
        }
        self.close(list).await
    }

    /// Who follows whom, since when.
    fn follow(&self, row: &Followed) -> Value {
        json!({
            "handle": self.handle(&row.follower_name, &row.follower_host),
            "targetHandle": self.handle(&row.name, &row.host),
            "createdAt": iso(row.created_at),
        })
    }

    pub async fn follows(&mut self) -> Result<()> {
        let mut list = self.list("peertube/follower.json", "followers").await?;
        let mut after = 0;
        loop {
            let rows = content::followers(&self.app.db, self.user.account_id, after).await?;
            for row in &rows {
                let thing = self.follow(row);
                self.add(&mut list, &thing).await?;
            }
            after = rows.last().map_or(after, |row| row.id);
            if Self::is_last(rows.len()) {
                break;
            }
        }
        self.close(list).await?;
        let mut list = self.list("peertube/following.json", "following").await?;
        let mut urls = Vec::new();
        let mut after = 0;
        loop {
            let rows = content::following(&self.app.db, self.user.actor_id, after).await?;
            for row in &rows {
                let thing = self.follow(row);
                self.add(&mut list, &thing).await?;
                urls.push(self.actor_url(row));
            }
            after = rows.last().map_or(after, |row| row.id);
            if Self::is_last(rows.len()) {
                break;
            }
        }
        self.close(list).await?;
        self.collection("following", &urls).await
    }

    fn handle(&self, name: &str, host: &str) -> String {
        if host.is_empty() {
            return format!("{name}@{}", self.app.host());
        }
        format!("{name}@{host}")
    }

    fn actor_url(&self, row: &Followed) -> String {
        let folder = if row.kind == "channel" {
            "video-channels"
        } else {
            "accounts"
        };
        let own = || self.app.url(&format!("/{folder}/{}", row.name));
        row.url.clone().unwrap_or_else(own)
    }

    pub async fn comments(&mut self) -> Result<()> {
        let mut list = self.list("peertube/comments.json", "comments").await?;
        let mut after = 0;
        loop {
            let rows = content::comments(&self.app.db, self.user.account_id, after).await?;
            for row in &rows {
                let video = self.video_url(row.video_uuid, row.video_url.clone());
                let own = self.video_url(row.video_uuid, None);
                let at = |id: i64| format!("{own}/comments/{id}");
                let parent = row.parent_url.clone().or(row.parent_id.map(at));
                let thing = json!({
                    "url": row.url.clone().unwrap_or_else(|| at(row.id)),
                    "text": row.text, "createdAt": iso(row.created_at), "videoUrl": video,
                    "inReplyToCommentUrl": parent,
                });
                self.add(&mut list, &thing).await?;
            }
            after = rows.last().map_or(after, |row| row.id);
            if Self::is_last(rows.len()) {
                return self.close(list).await;
            }
        }
    }

    /// Every public video and every comment as it was said to other servers.
    pub async fn outbox(&mut self) -> Result<()> {
        let actor = self.app.url(&format!("/accounts/{}", self.user.username));
        let head = format!(
            "{{{CONTEXT},\"id\":\"outbox.json\",\"type\":\"OrderedCollection\",\
             \"attributedTo\":{},\"orderedItems\":[",
            json!(actor)
        );
        let mut list = self.list_in("activity-pub/outbox.json", &head).await?;
        let (account, mut after) = (self.user.account_id, 0);
        loop {
            let rows = content::videos(&self.app.db, account, after).await?;
            for (id,) in &rows {
                let Some(video) = self.found(*id).await? else {
                    continue;
                };
                if let Some(create) = archive::video(self.app, &video).await? {
                    self.add(&mut list, &create).await?;
                }
            }
            after = rows.last().map_or(after, |(id,)| id.0);
            if Self::is_last(rows.len()) {
                break;
            }
        }
        after = 0;
        loop {
            let rows = content::comments(&self.app.db, account, after).await?;
            for row in &rows {
                if let Some(create) = archive::comment(self.app, row.id).await? {
                    self.add(&mut list, &create).await?;
                }
            }
            after = rows.last().map_or(after, |row| row.id);
            if Self::is_last(rows.len()) {
                return self.close(list).await;
            }
        }
    }

    pub async fn playlists(&mut self) -> Result<()> {
        let mut list = self
            .list("peertube/video-playlists.json", "videoPlaylists")
            .await?;
        let filter = PlaylistFilter {
            account_id: Some(self.user.account_id),
            with_hidden: true,
            ..PlaylistFilter::default()
        };
        let mut start = 0;
        loop {
            let page = Paging {
                start,
                count: AT_ONCE,
            };
            let (_, found) = playlist::list(self.app, &filter, page, OLDEST).await?;
            for it in &found {
                let thing = self.playlist(it).await?;
                self.add(&mut list, &thing).await?;
            }
            start += AT_ONCE;
            if found.is_empty() {
                return self.close(list).await;
            }
        }
    }

    async fn playlist(&mut self, it: &playlist::Playlist) -> Result<Value> {
        let mut elements = Vec::new();
        loop {
            let start = i64::try_from(elements.len()).unwrap_or(i64::MAX);
            let rows = content::elements(&self.app.db, it.id, start).await?;
            let is_last = Self::is_last(rows.len());
            elements.extend(rows.into_iter().map(|row| {
                json!({
                    "videoUrl": self.video_url(row.uuid, row.url),
                    "startTimestamp": row.start_s, "stopTimestamp": row.stop_s,
                })
            }));
            if is_last {
                break;
            }
        }
        let by_hand = it.thumbnail_from.as_deref() == Some("hand");
        let picture = it.thumbnail.clone().filter(|_| by_hand);
        let picture = picture.map(|key| {
            let name = format!("video-playlists/thumbnails/{key}");
            self.file(&name, From::Blob(Class::Thumbnail, key))
        });
        Ok(json!({
            "displayName": it.display_name, "description": it.description,
            "privacy": it.privacy.number(),
            "url": self.app.url(&format!("/video-playlists/{}", it.uuid)),
            "uuid": it.uuid, "type": it.kind,
            "channel": { "name": it.channel_name },
            "createdAt": iso(it.created_at), "updatedAt": iso(it.updated_at),
            "thumbnailUrl": it.thumbnail.as_ref()
                .map(|key| self.app.url(&format!("/lazy-static/thumbnails/{key}"))),
            "elements": elements,
            "archiveFiles": { "thumbnail": picture },
        }))
    }

    pub async fn history(&mut self) -> Result<()> {
        let mut list = self
            .list("peertube/video-history.json", "watchedVideos")
            .await?;
        let mut after = 0;
        loop {
            let rows = content::history(&self.app.db, self.user.id, after).await?;
            for row in &rows {
                let thing = json!({
                    "videoUrl": self.video_url(row.uuid, row.url.clone()),
                    "lastTimecode": row.position_s,
                    "createdAt": iso(row.created_at), "updatedAt": iso(row.updated_at),
                });
                self.add(&mut list, &thing).await?;
            }
            after = rows.last().map_or(after, |row| row.id);
            if Self::is_last(rows.len()) {
                return self.close(list).await;
            }
        }
    }

    pub async fn words(&mut self) -> Result<()> {
        let account = self.user.account_id;
        let mut list = self
            .list("peertube/watched-words-lists.json", "watchedWordLists")
            .await?;
        let mut start = 0;
        loop {
            let page = Paging {
                start,
                count: AT_ONCE,
            };
            let (_, found) = words::lists(self.app, Some(account), OLDEST, page).await?;
            for it in found.iter().filter(|it| it.subscription_url.is_none()) {
                let thing = json!({
                    "listName": it.name, "words": it.words,
                    "createdAt": iso(it.created_at), "updatedAt": iso(it.updated_at),
                });
                self.add(&mut list, &thing).await?;
            }
            start += AT_ONCE;
            if found.is_empty() {
                break;
            }
        }
        self.close(list).await?;
        let tags = tag::review(self.app, account).await?;
        let tags: Vec<Value> = tags.iter().map(|tag| json!({ "name": tag })).collect();
        let thing = json!({ "reviewComments": tags });
        self.one("peertube/automatic-tag-policies.json", &thing)
            .await
    }

    pub async fn blocklist(&mut self) -> Result<()> {
        let (by, filter) = (Some(self.user.account_id), mute::Filter::default());
        let (mut servers, mut accounts) = (Vec::new(), Vec::new());
        let mut start = 0;
        loop {
            let page = Paging {
                start,
                count: AT_ONCE,
            };
            let (_, hosts) = mute::servers(self.app, by, &filter, page, false).await?;
            let (_, actors) = mute::accounts(self.app, by, &filter, page, false).await?;
            start += AT_ONCE;
            if hosts.is_empty() && actors.is_empty() {
                break;
            }
            servers.extend(hosts.iter().map(|it| json!({ "host": it.host })));
            let ids: Vec<_> = actors.iter().map(|it| it.account_id).collect();
            let actors = account::profiles_of(&self.app.db, &ids).await?;
            accounts.extend(
                actors
                    .iter()
                    .map(|it| json!({ "handle": self.handle(&it.name, &it.host) })),
            );
        }
        let thing = json!({ "instances": servers, "actors": accounts });
        self.one("peertube/blocklist.json", &thing).await
    }
}
