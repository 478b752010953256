//! Ratings, follows, playlists, history, words and mutes of an archive.

use super::{MOST_QUESTIONS, Outcome, Taking, content, pick, text};
use crate::account::api::mute;
use crate::check::form::{FormFile, TempFile};
use crate::check::{Body, parse_date};
use crate::comment::{self, tag};
use crate::error::{Error, Result};
use crate::federation::archive;
use crate::follow;
use crate::playlist::{self, Playlist, WATCH_LATER};
use crate::video::api::{reaction, watch};
use crate::video::{self, Video, VideoRef};
use axum::extract::{Path, State as Handle};
use axum::http::HeaderMap;
use serde_json::{Map, Value, json};

impl Taking<'_> {
    /// The video at an address: one of the archive, or one that this site knows or may ask for.
    async fn named(&mut self, thing: &Value) -> Result<Video> {
        let url = text(thing, "videoUrl");
        if let Some(id) = self.videos.get(url) {
            return video::find(self.app, VideoRef::Number(*id)).await;
        }
        let may_ask = self.questions < MOST_QUESTIONS && self.app.config.federation.enabled;
        let found = archive::find_video(self.app, url, may_ask).await?;
        if found.is_none() && may_ask {
            self.questions += 1;
        }
        found.ok_or_else(|| Error::not_found(format!("There is no video {url} to be had here.")))
    }

    pub async fn rate(&mut self, thing: &Value, rating: &str) -> Result<Outcome> {
        let video = self.named(thing).await?;
        let (app, me, viewer) = (self.app.clone(), self.me.clone(), self.viewer.clone());
        let body = Map::from_iter([("rating".to_owned(), rating.into())]);
        let (id, headers) = (Path(video.uuid.to_string()), HeaderMap::new());
        watch::rate(Handle(app), me, viewer, id, headers, Body(body)).await?;
        Ok(Outcome::Done)
    }

    /// An emoji that this site has not chosen cannot be had.
    pub async fn react(&mut self, thing: &Value) -> Result<Outcome> {
        let video = self.named(thing).await?;
        let (app, me, viewer) = (self.app.clone(), self.me.clone(), self.viewer.clone());
        let at = Path((video.uuid.to_string(), text(thing, "emoji").to_owned()));
        reaction::add(Handle(app), me, viewer, at, HeaderMap::new()).await?;
        Ok(Outcome::Done)
    }

    pub async fn follow(&mut self, thing: &Value) -> Result<Outcome> {
        let wanted = text(thing, "targetHandle");
        let handle = follow::Handle::parse(self.app, wanted)
            .ok_or_else(|| Error::bad_request(format!("{wanted} is no channel's name.")))?;
        let known =
            follow::known(self.app, self.me.actor_id, std::slice::from_ref(&handle)).await?;
        if !known.is_empty() {
            return Ok(Outcome::Known);
        }
        if handle.host.is_empty() {
            crate::channel::find(self.app, &handle.name).await?;
        }
        follow::subscribe(self.app, &self.me, &handle).await?;
        Ok(Outcome::Done)
    }

    pub async fn blocklist(&mut self, list: &Value) -> Result<()> {
        for thing in things(list, "instances") {
            let (app, me) = (Handle(self.app.clone()), self.me.clone());
            let done = mute::mute_my_server(app, me, Body(pick(thing, &["host"]))).await;
            self.count("blocklist", done.map(|_| Outcome::Done))?;
        }
        for thing in things(list, "actors") {
            let (app, me) = (Handle(self.app.clone()), self.me.clone());
            let handle = thing.get("handle").cloned().unwrap_or_default();
            let body = Map::from_iter([("accountName".to_owned(), handle)]);
            let done = mute::mute_my_account(app, me, Body(body)).await;
            self.count("blocklist", done.map(|_| Outcome::Done))?;
        }
        Ok(())
    }

    pub async fn playlist(&mut self, thing: &Value) -> Result<Outcome> {
        let name = text(thing, "displayName");
        let kind = thing.get("type").and_then(Value::as_i64);
        let kind = kind.unwrap_or(playlist::REGULAR);
        let account = self.me.account_id;
        let known = content::playlist_named(&self.app.db, account, name, kind).await?;
        let (list, outcome) = match known {
            Some(id) => {
                let found = playlist::by_ids(self.app, &[id]).await?.pop();
                (found, Outcome::Known)
            }
            None => (self.new_playlist(thing).await?, Outcome::Done),
        };
        let Some(list) = list else {
            return Err(Error::not_found("The playlist is gone."));
        };
        // One that was half brought over is completed; one that has something stays as it is.
        if matches!(outcome, Outcome::Done) || list.kind == WATCH_LATER || list.element_count == 0 {
            self.elements(&list, thing).await?;
        }
        Ok(outcome)
    }

    async fn new_playlist(&mut self, thing: &Value) -> Result<Option<Playlist>> {
        let mut fields = pick(thing, &["displayName", "description", "privacy"]);
        let channel = thing.pointer("/channel/name").and_then(Value::as_str);
        if let Some(id) = channel.and_then(|name| self.channels.get(name)) {
            fields.insert("videoChannelId".to_owned(), id.0.into());
        }
        let picture = self.playlist_picture(thing).await?;
        let made = playlist::api::make(self.app, &self.me, &fields, picture.as_ref()).await?;
        Ok(playlist::by_ids(self.app, &[made.0]).await?.pop())
    }

    async fn playlist_picture(&self, thing: &Value) -> Result<Option<FormFile>> {
        let named = thing.pointer("/archiveFiles/thumbnail");
        let Some(bytes) = self.file(named, super::LARGEST_PICTURE).await? else {
            return Ok(None);
        };
        let path = self.work.join(base::random::token());
        tokio::fs::write(&path, &bytes).await?;
        Ok(Some(FormFile {
            field: playlist::thumbnail::FIELD.to_owned(),
            filename: "thumbnail.jpg".to_owned(),
            kind: "image/jpeg".to_owned(),
            size_bytes: u64::try_from(bytes.len()).unwrap_or(0),
            file: TempFile::of(path),
        }))
    }

    async fn elements(&mut self, list: &Playlist, thing: &Value) -> Result<()> {
        let there = content::elements(&self.app.db, list.id, 0).await?;
        for element in things(thing, "elements") {
            let done = self.element(list, element, &there).await;
            if !matches!(done, Ok(Outcome::Done)) {
                self.count("video-playlists", done)?;
            }
        }
        Ok(())
    }

    async fn element(
        &mut self,
        list: &Playlist,
        element: &Value,
        there: &[content::Element],
    ) -> Result<Outcome> {
        let video = self.named(element).await?;
        if there.iter().any(|it| it.uuid == video.uuid) {
            return Ok(Outcome::Done);
        }
        let mut body = pick(element, &["startTimestamp", "stopTimestamp"]);
        body.insert("videoId".to_owned(), json!(video.uuid));
        let (app, me) = (Handle(self.app.clone()), self.me.clone());
        let id = Path(list.uuid.to_string());
        playlist::api::element::add(app, me, id, Body(body)).await?;
        Ok(Outcome::Done)
    }

    pub async fn watched(&mut self, thing: &Value) -> Result<Outcome> {
        let video = self.named(thing).await?;
        let at = thing.get("lastTimecode").and_then(crate::check::whole);
        let at = at
            .filter(|at| (0..=video.duration_s).contains(at))
            .unwrap_or(0);
        let now = self.app.clock.now();
        let date = |name| {
            parse_date(text(thing, name))
                .filter(|at| *at <= now)
                .unwrap_or(now)
        };
        let dates = (date("createdAt"), date("updatedAt"));
        let added = content::add_watched(&self.app.db, self.me.id, video.id, at, dates).await?;
        Ok(if added { Outcome::Done } else { Outcome::Known })
    }

    pub async fn words(&mut self, thing: &Value) -> Result<Outcome> {
        let account = Some(self.me.account_id);
        let names = tag::list_names(self.app, account).await?;
        if names.iter().any(|name| name == text(thing, "listName")) {
            return Ok(Outcome::Known);
        }
        let body = pick(thing, &["listName", "words"]);
        let added = comment::api::words::add(self.app, account, &body).await;
        added.map(|_| Outcome::Done)
    }

    pub async fn policies(&mut self, list: &Value) -> Result<()> {
        let account = self.me.account_id;
        let mut tags = tag::review(self.app, account).await?;
        let before = tags.len();
        for thing in things(list, "reviewComments") {
            let name = text(thing, "name").to_owned();
            if !name.is_empty() && !tags.contains(&name) {
                tags.push(name);
            }
        }
        if tags.len() == before {
            return Ok(());
        }
        let set = tag::set_review(self.app, account, &tags).await;
        self.count("automatic-tag-policies", set.map(|()| Outcome::Done))
    }
}

fn things<'v>(of: &'v Value, key: &str) -> impl Iterator<Item = &'v Value> {
    of.get(key).and_then(Value::as_array).into_iter().flatten()
}
