//! Makes an archive: part after part is read in pages and written at once, so that the largest account
//! takes no more memory than a small one.

mod social;
mod videos;

use super::store::{self, content};
use super::zip::{Open, Zip};
use super::{Export, ExportId, State};
use crate::account::picture::{self, Shape};
use crate::account::{self, ActorId, User};
use crate::app::App;
use crate::channel;
use crate::check::iso;
use crate::error::{Error, Result};
use crate::federation::{archive, video_out};
use crate::wire;
use base::job::{JobError, Running};
use base::storage::{ByteRange, Class};
use futures::StreamExt;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    export_id: ExportId,
}

/// The job. Killed anywhere, it begins anew.
pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let Order { export_id } = running.job.payload()?;
    let Some(export) = store::export(&app.db, export_id).await? else {
        return Ok(());
    };
    if !export.state.is_busy() {
        return Ok(());
    }
    store::set_export(&app.db, export.id, State::Processing, None, None).await?;
    let user = account::user(app, export.user_id).await?;
    let made = tokio::select! {
        made = make(app, &user, &export) => made,
        () = running.stop.cancelled() => Err(Error::internal("the server stops")),
    };
    match made {
        Ok(size) => {
            let size = i64::try_from(size).unwrap_or(i64::MAX);
            store::set_export(&app.db, export.id, State::Completed, Some(size), None).await?;
            let place = app.url("/my/settings/data");
            Ok(super::tell(app, &user, "mail-export-ready", vec![place]).await?)
        }
        Err(error) if may_try_again(running) => Err(JobError::Retry(error.to_string())),
        Err(error) => {
            let why = error.to_string();
            store::set_export(&app.db, export.id, State::Failed, None, Some(&why)).await?;
            app.storage.delete(Class::Export, &export.key).await.ok();
            super::tell(app, &user, "mail-export-failed", vec![why.clone()]).await?;
            Err(JobError::Fail(why))
        }
    }
}

/// A stop of the server does not count, and a fault of ours may pass.
fn may_try_again(running: &Running) -> bool {
    running.stop.is_cancelled() || running.job.attempt < running.job.max_attempts
}

async fn make(app: &App, user: &User, export: &Export) -> Result<u64> {
    let writer = app.storage.writer(Class::Export, &export.key, None).await;
    let zip = Zip::new(writer.map_err(Error::internal)?, app.clock.now());
    let mut archive = Archive {
        app,
        user,
        zip,
        files: Vec::new(),
    };
    let mut done = 0;
    let mut step = async |app: &App| {
        done += 6;
        store::export_progress(&app.db, export.id, done).await
    };
    archive.account().await?;
    archive.channels().await?;
    step(app).await?;
    archive.settings().await?;
    archive.blocklist().await?;
    step(app).await?;
    archive.ratings("like").await?;
    archive.ratings("dislike").await?;
    archive.reactions().await?;
    step(app).await?;
    archive.follows().await?;
    step(app).await?;
    archive.playlists().await?;
    archive.history().await?;
    archive.words().await?;
    step(app).await?;
    archive.comments().await?;
    step(app).await?;
    archive.videos(export.with_files).await?;
    archive.outbox().await?;
    step(app).await?;
    archive.files(export).await?;
    let size = archive.zip.finish().await?;
    store::export_progress(&app.db, export.id, 100).await?;
    Ok(size)
}

/// Where the bytes of a file of the archive come from.
enum From {
    Blob(Class, String),
    /// The one file that shows all of a video.
    Video(Uuid),
}

/// An archive in the making.
struct Archive<'a> {
    app: &'a App,
    user: &'a User,
    zip: Zip,
    /// What lies below `files/`, written last: name and source.
    files: Vec<(String, From)>,
}

/// A list of things in one file.
struct List {
    open: Open,
    is_first: bool,
}

impl Archive<'_> {
    /// Writes a file that holds one thing.
    async fn one(&mut self, name: &str, thing: &Value) -> Result<()> {
        let mut open = self.zip.text(name).await?;
        self.zip
            .write(&mut open, thing.to_string().as_bytes())
            .await?;
        self.zip.end(open).await
    }

    /// Begins a file that holds a list under this key.
    async fn list(&mut self, name: &str, key: &str) -> Result<List> {
        self.list_in(name, &format!("{{\"{key}\":[")).await
    }

    async fn list_in(&mut self, name: &str, head: &str) -> Result<List> {
        let mut open = self.zip.text(name).await?;
        self.zip.write(&mut open, head.as_bytes()).await?;
        Ok(List {
            open,
            is_first: true,
        })
    }

    async fn add(&mut self, list: &mut List, thing: &Value) -> Result<()> {
        let comma = if list.is_first { "" } else { "," };
        list.is_first = false;
        let text = format!("{comma}{thing}");
        self.zip.write(&mut list.open, text.as_bytes()).await
    }

    async fn close(&mut self, mut list: List) -> Result<()> {
        self.zip.write(&mut list.open, b"]}").await?;
        self.zip.end(list.open).await
    }

    /// Notes a file for later; gives its name as seen from the lists.
    fn file(&mut self, name: &str, from: From) -> String {
        self.files.push((format!("files/{name}"), from));
        format!("../files/{name}")
    }

    /// The address of a video, here or elsewhere.
    fn video_url(&self, uuid: Uuid, url: Option<String>) -> String {
        url.unwrap_or_else(|| video_out::url(self.app, uuid))
    }

    async fn picture(
        &mut self,
        actor: ActorId,
        shape: Shape,
        folder: &str,
    ) -> Result<Option<String>> {
        let mut found = picture::of(&self.app.db, &[actor], shape).await?;
        let sizes = found.remove(&actor).unwrap_or_default();
        let Some(largest) = sizes.into_iter().max_by_key(|size| size.width) else {
            return Ok(None);
        };
        let name = format!("{folder}/{}s/{}", shape.as_str(), largest.filename);
        Ok(Some(
            self.file(&name, From::Blob(Class::Avatar, largest.filename)),
        ))
    }

    async fn account(&mut self) -> Result<()> {
        let user = self.user;
        let profile = account::profile(self.app, &user.username).await?;
        let avatar = self
            .picture(user.actor_id, Shape::Avatar, "account")
            .await?;
        let thing = json!({
            "url": self.app.url(&format!("/accounts/{}", user.username)),
            "name": user.username,
            "displayName": user.display_name,
            "description": user.description,
            "createdAt": iso(profile.created_at),
            "updatedAt": iso(profile.updated_at),
            "archiveFiles": { "avatar": avatar },
        });
        self.one("peertube/account.json", &thing).await?;
        let actor = archive::actor(self.app, &user.username).await?;
        self.one("activity-pub/actor.json", &actor).await
    }

    async fn channels(&mut self) -> Result<()> {
        let channels = channel::of_account(self.app, self.user.account_id).await?;
        let mut things = Vec::with_capacity(channels.len());
        for it in channels {
            let avatar = self.picture(it.actor_id, Shape::Avatar, "channels").await?;
            let banner = self.picture(it.actor_id, Shape::Banner, "channels").await?;
            things.push(json!({
                "url": self.app.url(&format!("/video-channels/{}", it.name)),
                "name": it.name,
                "displayName": it.display_name,
                "description": it.description,
                "support": it.support,
                "publicEmail": it.public_email,
                "createdAt": iso(it.created_at),
                "updatedAt": iso(it.updated_at),
                "archiveFiles": { "avatar": avatar, "banner": banner },
            }));
        }
        self.one("peertube/channels.json", &json!({ "channels": things }))
            .await
    }

    async fn settings(&mut self) -> Result<()> {
        let user = self.user;
        let mut thing = json!({ "email": user.email, "nsfwPolicy": null });
        if let Some(object) = thing.as_object_mut() {
            object.extend(user.settings.clone());
        }
        let notices = json!(user.notification_settings);
        wire::put(&mut thing, "notificationSettings", notices);
        self.one("peertube/user-settings.json", &thing).await
    }

    /// Writes what lies below `files/`. A blob that went away meanwhile is left out.
    async fn files(&mut self, export: &Export) -> Result<()> {
        let files = std::mem::take(&mut self.files);
        let count = files.len();
        for (number, (name, from)) in files.into_iter().enumerate() {
            match from {
                From::Blob(class, key) => self.blob(&name, class, &key).await?,
                From::Video(uuid) => self.whole_video(&name, uuid).await?,
            }
            if number % 16 == 0 {
                let percent = 42 + i64::try_from(number * 57 / count.max(1)).unwrap_or(0);
                store::export_progress(&self.app.db, export.id, percent).await?;
            }
        }
        Ok(())
    }

    async fn blob(&mut self, name: &str, class: Class, key: &str) -> Result<()> {
        let blob = match self.app.storage.read(class, key, ByteRange::All).await {
            Err(error) if error.is_not_found() => return Ok(()),
            read => read.map_err(Error::internal)?,
        };
        let mut open = self.zip.plain(name, blob.info.size_bytes).await?;
        let mut bytes = blob.into_stream();
        while let Some(piece) = bytes.next().await {
            let piece = piece.map_err(Error::internal)?;
            self.zip.write(&mut open, &piece).await?;
        }
        self.zip.end(open).await
    }

    /// The names of some rows that follow on these; nothing after the last page.
    fn is_last(rows: usize) -> bool {
        rows < content::PAGE
    }
}
