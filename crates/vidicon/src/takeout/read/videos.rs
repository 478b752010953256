//! The videos of an archive: each is uploaded anew by its owner, so quotas and checks hold.

use super::{LARGEST_PICTURE, Outcome, Taking, content, inside, pick, text};
use crate::check::Body;
use crate::check::form::{Form, FormFile, TempFile, uploads_folder};
use crate::error::{Error, Result};
use crate::video::upload::{self, api as upload_api};
use crate::video::{self, Video, VideoRef, api::extra, caption, labels, quota};
use axum::extract::{Path, State as Handle};
use serde_json::{Map, Value};
use std::path::Path as FilePath;
use std::sync::Arc;

const FIELDS: [&str; 16] = [
    "name",
    "description",
    "support",
    "category",
    "licence",
    "language",
    "tags",
    "privacy",
    "commentsPolicy",
    "commentsEnabled",
    "downloadEnabled",
    "waitTranscoding",
    "nsfw",
    "nsfwFlags",
    "nsfwSummary",
    "originallyPublishedAt",
];

impl Taking<'_> {
    pub async fn video(&mut self, thing: &Value) -> Result<Outcome> {
        let name = text(thing, "name");
        let channel = thing.pointer("/channel/name").and_then(Value::as_str);
        let channel = channel.and_then(|name| self.channels.get(name)).copied();
        let channel = channel.ok_or_else(|| {
            Error::bad_request(format!("{name}: the archive does not have its channel."))
        })?;
        let seconds = thing.get("duration").and_then(crate::check::whole);
        let known = content::has_video(&self.app.db, channel, name, seconds.unwrap_or(0)).await?;
        if let Some(uuid) = known {
            let video = video::find(self.app, VideoRef::Uuid(uuid)).await?;
            self.videos.insert(text(thing, "url").to_owned(), video.id);
            return Ok(Outcome::Known);
        }
        let mut fields = pick(thing, &FIELDS);
        fields.insert("channelId".to_owned(), channel.0.into());
        if !fields.contains_key("originallyPublishedAt")
            && let Some(at) = thing.get("publishedAt")
        {
            fields.insert("originallyPublishedAt".to_owned(), at.clone());
        }
        if let Some(passwords) = thing.get("passwords") {
            fields.insert("videoPasswords".to_owned(), passwords.clone());
        }
        let video = self.upload(thing, fields).await?;
        self.videos.insert(text(thing, "url").to_owned(), video.id);
        self.captions(&video, thing).await?;
        self.chapters(&video, thing).await?;
        Ok(Outcome::Done)
    }

    async fn upload(&self, thing: &Value, fields: Map<String, Value>) -> Result<Video> {
        let name = text(thing, "name");
        let named = thing
            .pointer("/archiveFiles/videoFile")
            .and_then(Value::as_str);
        let entry = named.and_then(inside).filter(|entry| self.zip.has(entry));
        let entry = entry
            .ok_or_else(|| Error::bad_request(format!("{name}: the archive has no file of it.")))?;
        let size = self.zip.size_of(&entry).unwrap_or(0);
        let announced = i64::try_from(size).unwrap_or(i64::MAX);
        quota::room_left(self.app, &self.me, announced).await?;
        upload::check_room(self.app, size)?;
        let filename = thing
            .pointer("/source/inputFilename")
            .and_then(Value::as_str);
        let ending = entry.rsplit_once('.').map_or("mp4", |(_, ending)| ending);
        let kind = mime_guess::from_ext(ending).first_or_octet_stream();
        let mut files = vec![FormFile {
            field: "videofile".to_owned(),
            filename: fitting(filename, ending, name),
            kind: kind.essence_str().to_owned(),
            size_bytes: size,
            file: self.extract(&entry, size).await?,
        }];
        files.extend(self.pictures(thing).await?);
        let form = Form { fields, files };
        let answer = upload_api::take_whole(self.app, &self.me, form, "videofile").await?;
        let uuid = answer.pointer("/video/uuid").and_then(Value::as_str);
        let by = uuid.and_then(VideoRef::parse);
        let by = by.ok_or_else(|| Error::internal("an upload tells no UUID"))?;
        video::find(self.app, by).await
    }

    /// The archive's picture, as thumbnail and as preview.
    async fn pictures(&self, thing: &Value) -> Result<Vec<FormFile>> {
        let named = thing.pointer("/archiveFiles/thumbnail");
        let Some(bytes) = self.file(named, LARGEST_PICTURE).await? else {
            return Ok(Vec::new());
        };
        let mut files = Vec::new();
        for field in ["thumbnailfile", "previewfile"] {
            let path = uploads_folder(self.app).join(base::random::token());
            tokio::fs::write(&path, &bytes).await?;
            files.push(FormFile {
                field: field.to_owned(),
                filename: "thumbnail.jpg".to_owned(),
                kind: "image/jpeg".to_owned(),
                size_bytes: u64::try_from(bytes.len()).unwrap_or(0),
                file: TempFile::of(path),
            });
        }
        Ok(files)
    }

    async fn extract(&self, entry: &str, size: u64) -> Result<TempFile> {
        std::fs::create_dir_all(uploads_folder(self.app))?;
        let path = uploads_folder(self.app).join(base::random::token());
        let file = TempFile::of(path.clone());
        let (zip, entry) = (Arc::clone(&self.zip), entry.to_owned());
        let extracted = tokio::task::spawn_blocking(move || zip.extract(&entry, &path, size));
        extracted.await.map_err(Error::internal)??;
        Ok(file)
    }

    async fn captions(&mut self, video: &Video, thing: &Value) -> Result<()> {
        let files = thing.pointer("/archiveFiles/captions");
        let Some(files) = files.and_then(Value::as_object) else {
            return Ok(());
        };
        let of = |language: &str| {
            let all = thing.get("captions").and_then(Value::as_array);
            all.and_then(|all| all.iter().find(|it| text(it, "language") == language))
        };
        for (language, named) in files {
            if labels::language_label(language).is_none() {
                continue;
            }
            let is_made = of(language)
                .and_then(|it| it.get("automaticallyGenerated"))
                .and_then(Value::as_bool);
            let set = match self.file(Some(named), caption::LARGEST_FILE).await {
                Ok(None) => continue,
                Ok(Some(bytes)) => {
                    let is_made = is_made.unwrap_or(false);
                    caption::set(self.app, video, language, &bytes, is_made).await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = set {
                self.count("videos", Err(error))?;
            }
        }
        Ok(())
    }

    async fn chapters(&mut self, video: &Video, thing: &Value) -> Result<()> {
        let body = pick(thing, &["chapters"]);
        let has_some = body.get("chapters").and_then(Value::as_array);
        if has_some.is_none_or(Vec::is_empty) {
            return Ok(());
        }
        let (app, me) = (Handle(self.app.clone()), self.me.clone());
        let id = Path(video.uuid.to_string());
        match extra::set_chapters(app, me, id, Body(body)).await {
            Ok(_) => Ok(()),
            Err(error) => self.count("videos", Err(error)),
        }
    }
}

/// The name of the original, if it ends as the file in the archive does.
fn fitting(original: Option<&str>, ending: &str, name: &str) -> String {
    let fits = |name: &&str| {
        FilePath::new(name)
            .extension()
            .is_some_and(|own| own == ending)
    };
    original
        .filter(fits)
        .map_or_else(|| format!("{name}.{ending}"), str::to_owned)
}
