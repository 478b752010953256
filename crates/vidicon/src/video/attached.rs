//! All that a player needs of a video beside its own row, read in few queries.

use super::chapters::Chapter;
use super::store::attached as store;
use super::{Storyboard, Video};
use crate::app::App;
use crate::error::Result;
use serde::Deserialize;

/// What hangs on a video.
#[derive(Debug)]
pub struct Attached {
    /// Complete ones and those in the making, the largest first.
    pub files: Vec<File>,
    pub chapters: Vec<Chapter>,
    pub captions: Vec<Caption>,
    pub storyboard: Option<Storyboard>,
    pub master: Option<Master>,
    /// Pictures of the channel as `wire::Images` reads them.
    pub channel_avatars: Option<String>,
    pub channel_followers: i64,
    /// Its larger renditions were dropped, and come back when it is watched.
    pub put_aside: bool,
}

#[derive(Clone, Debug, Deserialize)]
pub struct File {
    pub id: i64,
    pub kind: String,
    pub filename: String,
    pub resolution: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub fps: i64,
    pub size_bytes: i64,
    pub has_audio: bool,
    pub has_video: bool,
    pub complete: bool,
    /// Its first part is there.
    pub begun: bool,
    pub url: Option<String>,
}

/// The master playlist: a file of ours, or an address elsewhere.
#[derive(Clone, Debug)]
pub struct Master {
    pub filename: String,
    pub url: Option<String>,
    /// The sums of all parts.
    pub sha256_filename: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Caption {
    pub language: String,
    pub filename: String,
    pub url: Option<String>,
}

pub async fn find(app: &App, video: &Video) -> Result<Attached> {
    let row = store::row(&app.db, video.id).await?;
    let files = store::files(&app.db, video.id).await?;
    let mut attached = Attached {
        files,
        chapters: Vec::new(),
        captions: Vec::new(),
        storyboard: row
            .storyboard
            .and_then(|text| serde_json::from_str(&text).ok()),
        master: row.master_filename.map(|filename| Master {
            filename,
            url: row.master_url,
            sha256_filename: row.sha256_filename,
        }),
        channel_avatars: row.channel_avatars,
        channel_followers: row.channel_followers,
        put_aside: row.put_aside,
    };
    for part in store::parts(&app.db, video.id).await? {
        if part.kind == "chapter" {
            attached.chapters.push((part.at_s, part.name));
        } else {
            attached.captions.push(Caption {
                language: part.language,
                filename: part.name,
                url: part.url,
            });
        }
    }
    Ok(attached)
}

/// What somebody who is logged in has to do with a video: rating, place reached, whether they
/// follow its channel.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Own {
    pub rating: Option<String>,
    pub position_s: Option<i64>,
    pub follow: Option<String>,
}

pub async fn own(app: &App, user: &crate::account::User, video: &Video) -> Result<Own> {
    Ok(store::own(&app.db, user, video).await?)
}
