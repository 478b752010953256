//! The videos of an archive, with their files if they are asked for.

use super::{Archive, From};
use crate::check::iso;
use crate::error::{Error, Result};
use crate::takeout::store::content;
use crate::video::attached::{self, Attached};
use crate::video::files::download::{Whole, together, whole};
use crate::video::{self, Video, VideoId, VideoRef, caption};
use crate::wire;
use axum::http::StatusCode;
use base::storage::Class;
use serde_json::{Value, json};
use uuid::Uuid;

impl Archive<'_> {
    pub async fn videos(&mut self, with_files: bool) -> Result<()> {
        let mut list = self.list("peertube/videos.json", "videos").await?;
        let mut after = 0;
        loop {
            let rows = content::videos(&self.app.db, self.user.account_id, after).await?;
            for (id,) in &rows {
                if let Some(video) = self.found(*id).await? {
                    let thing = self.video(&video, with_files).await?;
                    self.add(&mut list, &thing).await?;
                }
            }
            after = rows.last().map_or(after, |(id,)| id.0);
            if Self::is_last(rows.len()) {
                return self.close(list).await;
            }
        }
    }

    /// A video unless it was deleted meanwhile.
    pub(super) async fn found(&self, id: VideoId) -> Result<Option<Video>> {
        match video::find(self.app, VideoRef::Number(id)).await {
            Err(error) if error.status() == StatusCode::NOT_FOUND => Ok(None),
            found => found.map(Some),
        }
    }

    async fn video(&mut self, it: &Video, with_files: bool) -> Result<Value> {
        let attached = attached::find(self.app, it).await?;
        let source = content::source(&self.app.db, it.id).await?;
        let (captions, caption_files) = self.captions(it).await?;
        let chapters = content::chapters(&self.app.db, it.id).await?;
        let picture = it.preview.clone().map(|key| {
            let name = format!("videos/thumbnails/{}.jpg", it.uuid);
            self.file(&name, From::Blob(Class::Thumbnail, key))
        });
        let file = match with_files {
            true => self.video_file(it).await?,
            false => None,
        };
        let page = |key: &Option<String>, folder: &str| {
            let path = key
                .as_ref()
                .map(|key| format!("/lazy-static/{folder}/{key}"));
            path.map(|path| self.app.url(&path))
        };
        let mut thing = json!({
            "uuid": it.uuid, "url": self.video_url(it.uuid, None),
            "createdAt": iso(it.created_at), "updatedAt": iso(it.updated_at),
            "publishedAt": iso(it.published_at),
            "originallyPublishedAt": it.originally_published_at.map(iso),
            "name": it.name, "description": it.description, "support": it.support,
            "category": it.category, "licence": it.licence, "language": it.language,
            "tags": it.tags, "privacy": it.privacy.number(),
            "passwords": content::passwords(&self.app.db, it.id).await?,
            "duration": it.duration_s, "aspectRatio": it.aspect_ratio,
            "isLive": it.is_live,
            "nsfw": it.nsfw, "nsfwFlags": it.nsfw_flags, "nsfwSummary": it.nsfw_summary,
            "commentsPolicy": i64::from(it.comments_policy),
            "commentsEnabled": i64::from(it.comments_policy) != 2,
            "downloadEnabled": it.download_enabled,
            "waitTranscoding": it.wait_transcoding, "state": i64::from(it.state),
            "thumbnailUrl": page(&it.thumbnail, "thumbnails"),
            "previewUrl": page(&it.preview, "previews"),
            "channel": { "name": it.channel_name },
            "captions": captions,
            "chapters": chapters.iter()
                .map(|(at, title)| json!({ "timecode": at, "title": title }))
                .collect::<Vec<_>>(),
            "files": files(self.app, it, &attached, "web"),
            "streamingPlaylists": playlists(self.app, it, &attached),
        });
        for (name, count) in [
            ("views", it.views),
            ("likes", it.likes),
            ("dislikes", it.dislikes),
        ] {
            wire::put(&mut thing, name, count);
        }
        let source = source.map_or(Value::Null, |source| {
            json!({
                "inputFilename": source.input_filename, "size": source.size_bytes,
                "resolution": source.resolution, "width": source.width,
                "height": source.height, "fps": source.fps,
                "createdAt": iso(source.created_at),
            })
        });
        wire::put(&mut thing, "source", source);
        let files = json!({
            "videoFile": file, "thumbnail": picture, "captions": caption_files,
        });
        wire::put(&mut thing, "archiveFiles", files);
        Ok(thing)
    }

    async fn captions(&mut self, it: &Video) -> Result<(Vec<Value>, Value)> {
        let mut things = Vec::new();
        let mut names = json!({});
        for caption in caption::list(self.app, it).await? {
            let path = format!("/lazy-static/video-captions/{}", caption.filename);
            things.push(json!({
                "language": caption.language, "filename": caption.filename,
                "fileUrl": self.app.url(&path), "updatedAt": iso(caption.updated_at),
                "automaticallyGenerated": caption.automatically_generated,
            }));
            let name = format!("videos/captions/{}-{}.vtt", it.uuid, caption.language);
            let from = From::Blob(Class::Caption, caption.filename);
            let file = self.file(&name, from);
            wire::put(&mut names, &caption.language, file);
        }
        Ok((things, names))
    }

    /// The name under which the video's file will lie, if it has one.
    async fn video_file(&mut self, it: &Video) -> Result<Option<String>> {
        let ending = match whole(self.app, it).await? {
            Some(Whole::Blob(_, key)) => {
                let ending = key.rsplit_once('.').map(|(_, ending)| ending.to_owned());
                ending.unwrap_or_else(|| "mp4".to_owned())
            }
            Some(Whole::Apart(..)) => "mp4".to_owned(),
            None => return Ok(None),
        };
        let name = format!("videos/video-files/{}.{ending}", it.uuid);
        Ok(Some(self.file(&name, From::Video(it.uuid))))
    }

    pub(super) async fn whole_video(&mut self, name: &str, uuid: Uuid) -> Result<()> {
        let video = match video::find(self.app, VideoRef::Uuid(uuid)).await {
            Err(error) if error.status() == StatusCode::NOT_FOUND => return Ok(()),
            found => found?,
        };
        match whole(self.app, &video).await? {
            None => Ok(()),
            Some(Whole::Blob(class, key)) => self.blob(name, class, &key).await,
            Some(Whole::Apart(picture, sound)) => {
                let mut made = together(self.app, &picture, &sound).await?;
                // It is at most as long as the parts that it is put together of.
                let hint = u64::try_from(video.size_bytes).unwrap_or(u64::MAX);
                let mut open = self.zip.plain(name, hint).await?;
                while let Some(piece) = made.next().await.map_err(Error::internal)? {
                    self.zip.write(&mut open, &piece).await?;
                }
                self.zip.end(open).await
            }
        }
    }
}

/// What the files of a kind are like.
fn files(app: &crate::App, it: &Video, attached: &Attached, kind: &str) -> Vec<Value> {
    let folder = if kind == "web" {
        "/static/web-videos/".to_owned()
    } else {
        format!("/static/streaming-playlists/hls/{}/", it.uuid)
    };
    let ready = attached.files.iter().filter(|file| file.complete);
    ready
        .filter(|file| file.kind == kind)
        .map(|file| {
            json!({
                "resolution": file.resolution, "width": file.width, "height": file.height,
                "fps": file.fps, "size": file.size_bytes,
                "fileUrl": app.url(&format!("{folder}{}", file.filename)),
            })
        })
        .collect()
}

fn playlists(app: &crate::App, it: &Video, attached: &Attached) -> Vec<Value> {
    let one = attached.master.iter().map(|master| {
        let path = format!(
            "/static/streaming-playlists/hls/{}/{}",
            it.uuid, master.filename
        );
        json!({ "playlistUrl": app.url(&path), "files": files(app, it, attached, "hls") })
    });
    one.collect()
}
