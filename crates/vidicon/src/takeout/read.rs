//! Takes an archive in, part after part, each thing by the same verb as if its owner did it by hand. What
//! is there already is passed over, so that the job can be killed anywhere and begin anew.

mod social;
mod videos;

use super::store::{self, content};
use super::unzip::Unzip;
use super::{Import, ImportId, State};
use crate::access::{Me, Viewer};
use crate::account::picture::{self, Shape};
use crate::account::session::{SessionId, SignedIn};
use crate::account::{self, ActorId, User};
use crate::app::App;
use crate::channel::{self, ChannelId};
use crate::check::Body;
use crate::error::{Error, Result};
use crate::user::api::me as me_api;
use crate::user::job::Words;
use crate::video::VideoId;
use axum::extract::State as Handle;
use base::job::{JobError, Running};
use base::storage::Class;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

/// What one list of an archive may weigh when it is unpacked.
const LARGEST_LIST: u64 = 16 * 1024 * 1024;
const LARGEST_PICTURE: u64 = 8 * 1024 * 1024;
/// Reasons that a report keeps of each part.
const MOST_REASONS: usize = 20;
/// Videos of other sites that are asked for because an archive names them.
const MOST_QUESTIONS: usize = 500;

/// The lists of an archive: their files, and the key of each.
const PARTS: [(&str, &str); 13] = [
    ("account", ""),
    ("user-settings", ""),
    ("channels", "channels"),
    ("blocklist", ""),
    ("following", "following"),
    ("videos", "videos"),
    ("likes", "likes"),
    ("dislikes", "dislikes"),
    ("reactions", "reactions"),
    ("video-playlists", "videoPlaylists"),
    ("video-history", "watchedVideos"),
    ("watched-words-lists", "watchedWordLists"),
    ("automatic-tag-policies", "reviewComments"),
];

/// How much of a part came over.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Counted {
    pub done: usize,
    /// What was here already.
    pub known: usize,
    pub failed: usize,
    pub reasons: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Order {
    import_id: ImportId,
}

/// What became of one thing.
enum Outcome {
    Done,
    Known,
}

/// The job.
pub async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    let Order { import_id } = running.job.payload()?;
    let Some(import) = store::import(&app.db, import_id).await? else {
        return Ok(());
    };
    if !import.state.is_busy() {
        return Ok(());
    }
    store::set_import(&app.db, import.id, State::Processing, None, None).await?;
    let user = account::user(app, import.user_id).await?;
    let work = app.config.server.data_dir.join("work");
    let work = work.join(format!("takeout-{}", import.id));
    let taken = tokio::select! {
        taken = take_all(app, &import, &user, work.clone()) => taken,
        () = running.stop.cancelled() => Err(Error::internal("the server stops")),
    };
    let _ = std::fs::remove_dir_all(&work);
    match taken {
        // A stop of the server is taken up at the next start, and a fault of ours may pass.
        Err(error)
            if running.stop.is_cancelled()
                || (error.status().is_server_error()
                    && running.job.attempt < running.job.max_attempts) =>
        {
            Err(JobError::Retry(error.to_string()))
        }
        taken => end(app, &import, &user, taken).await,
    }
}

async fn end(
    app: &App,
    import: &Import,
    user: &User,
    taken: Result<BTreeMap<String, Counted>>,
) -> Result<(), JobError> {
    let failed = match taken {
        Ok(report) => {
            let words = Words::of_user(app, user);
            let lines = report
                .iter()
                .map(|(part, it)| super::line(words.texts, part, it));
            let lines = vec![lines.collect::<Vec<_>>().join("\n")];
            let (id, kept) = (import.id, Some(json!(report)));
            store::set_import(&app.db, id, State::Completed, kept, None).await?;
            store::import_progress(&app.db, id, 100).await?;
            super::tell(app, user, "mail-import-archive-done", lines).await?;
            None
        }
        Err(error) => Some(error.to_string()),
    };
    if let Some(why) = &failed {
        store::set_import(&app.db, import.id, State::Failed, None, Some(why)).await?;
        let said = vec![why.clone()];
        super::tell(app, user, "mail-import-archive-failed", said).await?;
    }
    let deleted = app.storage.delete(Class::Export, &import.key).await;
    deleted.map_err(Error::internal)?;
    failed.map_or(Ok(()), |why| Err(JobError::Fail(why)))
}

/// An archive that is being taken in.
struct Taking<'a> {
    app: &'a App,
    me: Me,
    viewer: Viewer,
    zip: Arc<Unzip>,
    work: PathBuf,
    report: BTreeMap<String, Counted>,
    /// The channels of the archive by their names there.
    channels: HashMap<String, ChannelId>,
    /// The videos of the archive by their addresses there.
    videos: HashMap<String, VideoId>,
    questions: usize,
}

async fn take_all(
    app: &App,
    import: &Import,
    user: &User,
    work: PathBuf,
) -> Result<BTreeMap<String, Counted>> {
    let _ = std::fs::remove_dir_all(&work);
    std::fs::create_dir_all(&work)?;
    let path = work.join("archive.zip");
    let fetched = app
        .storage
        .fetch_to(Class::Export, &import.key, &path)
        .await;
    fetched.map_err(Error::internal)?;
    let zip = tokio::task::spawn_blocking(move || Unzip::open(&path));
    let user = Arc::new(user.clone());
    let signed_in = SignedIn {
        user: Arc::clone(&user),
        session_id: SessionId::new(0),
    };
    let mut taking = Taking {
        app,
        me: Me(user),
        viewer: Viewer {
            signed_in: Some(signed_in),
            age: i64::MAX,
            ..Viewer::default()
        },
        zip: Arc::new(zip.await.map_err(Error::internal)??),
        work,
        report: BTreeMap::new(),
        channels: HashMap::new(),
        videos: HashMap::new(),
        questions: 0,
    };
    taking.check().await?;
    for (number, (part, key)) in PARTS.into_iter().enumerate() {
        taking.part(import.id, part, key).await?;
        let percent = i64::try_from((number + 1) * 100 / PARTS.len()).unwrap_or(0);
        store::import_progress(&app.db, import.id, percent.min(99)).await?;
    }
    Ok(taking.report)
}

impl Taking<'_> {
    /// Before anything is taken over, every list must be readable.
    async fn check(&self) -> Result<()> {
        let mut is_empty = true;
        for (part, key) in PARTS {
            if let Some(list) = self.list(part).await? {
                is_empty = false;
                let fits = match key {
                    "" => list.is_object(),
                    key => list.get(key).is_some_and(Value::is_array),
                };
                if !fits {
                    return Err(Error::bad_request(format!(
                        "peertube/{part}.json in the archive does not hold what it should."
                    )));
                }
            }
        }
        if is_empty {
            return Err(Error::bad_request("This is no archive of an account."));
        }
        Ok(())
    }

    /// One of the lists; nothing when the archive has none such.
    async fn list(&self, part: &str) -> Result<Option<Value>> {
        let name = format!("peertube/{part}.json");
        let Some(bytes) = self.bytes(&name, LARGEST_LIST).await? else {
            return Ok(None);
        };
        let read = serde_json::from_slice(&bytes);
        read.map(Some).map_err(|error| {
            Error::bad_request(format!("{name} in the archive is no JSON: {error}"))
        })
    }

    async fn bytes(&self, name: &str, most: u64) -> Result<Option<Vec<u8>>> {
        let (zip, name) = (Arc::clone(&self.zip), name.to_owned());
        let read = tokio::task::spawn_blocking(move || zip.read(&name, most));
        read.await.map_err(Error::internal)?
    }

    /// A picture that a list names, from below `files/`.
    async fn file(&self, named: Option<&Value>, most: u64) -> Result<Option<Vec<u8>>> {
        match named.and_then(Value::as_str).and_then(inside) {
            Some(name) => self.bytes(&name, most).await,
            None => Ok(None),
        }
    }

    async fn part(&mut self, id: ImportId, part: &str, key: &str) -> Result<()> {
        let Some(mut list) = self.list(part).await? else {
            return Ok(());
        };
        match part {
            "account" => self.account(&list).await,
            "user-settings" => self.settings(&list).await,
            "blocklist" => self.blocklist(&list).await,
            "automatic-tag-policies" => self.policies(&list).await,
            _ => {
                let things = list.get_mut(key).map(Value::take).unwrap_or_default();
                let Value::Array(things) = things else {
                    return Ok(());
                };
                let count = things.len().max(1);
                for (number, thing) in things.iter().enumerate() {
                    let outcome = self.one(part, thing).await;
                    self.count(part, outcome)?;
                    if part == "videos" {
                        // The sixth of thirteen parts, and the only long one.
                        let percent = 38 + i64::try_from(number * 8 / count).unwrap_or(0);
                        store::import_progress(&self.app.db, id, percent).await?;
                    }
                }
                Ok(())
            }
        }
    }

    async fn one(&mut self, part: &str, thing: &Value) -> Result<Outcome> {
        match part {
            "channels" => self.channel(thing).await,
            "following" => self.follow(thing).await,
            "videos" => self.video(thing).await,
            "likes" => self.rate(thing, "like").await,
            "dislikes" => self.rate(thing, "dislike").await,
            "reactions" => self.react(thing).await,
            "video-playlists" => self.playlist(thing).await,
            "video-history" => self.watched(thing).await,
            _ => self.words(thing).await,
        }
    }

    /// Notes what became of a thing. A fault of ours ends the run; it is tried again.
    fn count(&mut self, part: &str, outcome: Result<Outcome>) -> Result<()> {
        let counted = self.report.entry(part.to_owned()).or_default();
        match outcome {
            Ok(Outcome::Done) => counted.done += 1,
            Ok(Outcome::Known) => counted.known += 1,
            Err(error) if error.status().is_server_error() => return Err(error),
            Err(error) => {
                counted.failed += 1;
                if counted.reasons.len() < MOST_REASONS {
                    counted.reasons.push(error.to_string());
                }
            }
        }
        Ok(())
    }

    async fn account(&mut self, thing: &Value) -> Result<()> {
        let body = Body(pick(thing, &["displayName", "description"]));
        let (app, me) = (Handle(self.app.clone()), self.me.clone());
        let done = me_api::update(app, self.viewer.clone(), me, body).await;
        self.count("account", done.map(|_| Outcome::Done))?;
        let actor = self.me.actor_id;
        self.picture("account", thing, (actor, Shape::Avatar)).await
    }

    async fn picture(
        &mut self,
        part: &str,
        thing: &Value,
        (actor, shape): (ActorId, Shape),
    ) -> Result<()> {
        let named = thing.pointer(&format!("/archiveFiles/{}", shape.as_str()));
        let set = match self.file(named, LARGEST_PICTURE).await {
            Ok(None) => return Ok(()),
            Ok(Some(bytes)) => picture::set(self.app, actor, shape, bytes.into()).await,
            Err(error) => Err(error),
        };
        match set {
            Ok(_) => Ok(()),
            Err(error) => self.count(part, Err(error)),
        }
    }

    /// Each setting by itself, so that one that is unknown here does not hold the others up.
    async fn settings(&mut self, thing: &Value) -> Result<()> {
        const OWN: [&str; 14] = [
            "nsfwPolicy",
            "nsfwFlagsDisplayed",
            "nsfwFlagsHidden",
            "nsfwFlagsWarned",
            "nsfwFlagsBlurred",
            "autoPlayVideo",
            "autoPlayNextVideo",
            "autoPlayNextVideoPlaylist",
            "p2pEnabled",
            "videosHistoryEnabled",
            "videoLanguages",
            "language",
            "emailPublic",
            "timeZone",
        ];
        for name in OWN.into_iter().chain(["theme", "mailDigest"]) {
            let body = pick(thing, &[name]);
            if body.is_empty() {
                continue;
            }
            let (app, me) = (Handle(self.app.clone()), self.me.clone());
            let done = me_api::update(app, self.viewer.clone(), me, Body(body)).await;
            self.count("user-settings", done.map(|_| Outcome::Done))?;
        }
        let Some(Value::Object(given)) = thing.get("notificationSettings") else {
            return Ok(());
        };
        let mut notices = self.me.notification_settings.clone();
        for (name, value) in given {
            if notices.contains_key(name) {
                notices.insert(name.clone(), value.clone());
            }
        }
        let (app, me) = (Handle(self.app.clone()), self.me.clone());
        let done = me_api::set_notices(app, me, Body(notices)).await;
        self.count("user-settings", done.map(|_| Outcome::Done))
    }

    /// A channel of this name that is one's own keeps what it has, and gets what it lacks.
    async fn channel(&mut self, thing: &Value) -> Result<Outcome> {
        let name = text(thing, "name").to_owned();
        let found = match channel::find(self.app, &name).await {
            Ok(found) => Some(found),
            Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => None,
            Err(error) => return Err(error),
        };
        let is_own = |it: &channel::Channel| it.account_id == self.me.account_id;
        let outcome = match &found {
            Some(found) if is_own(found) => {
                let change = channel::Change {
                    display_name: found.display_name.clone(),
                    description: found
                        .description
                        .clone()
                        .or(some_text(thing, "description")),
                    support: found.support.clone().or(some_text(thing, "support")),
                    public_email: found.public_email.clone().or(mail(thing)),
                    bulk_support: false,
                };
                channel::change(self.app, found, &change).await?;
                Outcome::Known
            }
            _ => {
                let names = [
                    "name",
                    "displayName",
                    "description",
                    "support",
                    "publicEmail",
                ];
                let body = pick(thing, &names);
                let (app, me) = (Handle(self.app.clone()), self.me.clone());
                channel::api::create(app, me, Body(body)).await?;
                Outcome::Done
            }
        };
        let here = channel::find(self.app, &name).await?;
        self.channels.insert(name, here.id);
        for (shape, has) in [
            (Shape::Avatar, here.avatars.is_some()),
            (Shape::Banner, here.banners.is_some()),
        ] {
            if !has {
                let of = (here.actor_id, shape);
                self.picture("channels", thing, of).await?;
            }
        }
        Ok(outcome)
    }
}

/// A file's name in the archive, given as lists do: as seen from their folder. Nothing when it leads
/// out of the archive.
fn inside(path: &str) -> Option<String> {
    let mut parts = vec!["peertube"];
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// These fields of a thing, where they have a value.
fn pick(thing: &Value, names: &[&str]) -> Map<String, Value> {
    let found = names.iter().filter_map(|name| {
        let value = thing.get(name).filter(|value| !value.is_null())?;
        Some(((*name).to_owned(), value.clone()))
    });
    found.collect()
}

fn text<'v>(thing: &'v Value, name: &str) -> &'v str {
    thing.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn some_text(thing: &Value, name: &str) -> Option<String> {
    let found = thing.get(name).and_then(Value::as_str);
    found.filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The public address of a channel, if it is one.
fn mail(thing: &Value) -> Option<String> {
    some_text(thing, "publicEmail").filter(|text| account::is_email(text))
}

#[cfg(test)]
mod tests {
    use super::inside;

    #[test]
    fn names_stay_inside_the_archive() {
        let inside = |path| inside(path);
        assert_eq!(inside("../files/a.jpg").as_deref(), Some("files/a.jpg"));
        assert_eq!(inside("a/./b").as_deref(), Some("peertube/a/b"));
        assert_eq!(inside("../../etc/passwd"), None);
        assert_eq!(inside("../files/../../x"), None);
    }
}
