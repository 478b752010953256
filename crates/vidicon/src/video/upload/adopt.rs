//! Videos that lie somewhere already, in a folder or in the bucket, become videos of a channel without being
//! uploaded: on the same disk a link is made, in the same bucket the bucket copies.

mod sidecar;
pub mod source;

use self::source::{Found, Place};
use super::direct::Direct;
use super::{Metadata, Prepared, Purpose, Received, Upload, UploadState, store};
use crate::account::User;
use crate::app::App;
use crate::channel::Channel;
use crate::check::form::uploads_folder;
use crate::error::{Error, Result};
use crate::video::{self, VideoRef};
use base::storage::Class;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

const LARGEST_PICTURE_BYTES: u64 = 8 * 1024 * 1024;

/// Whose the videos are to be, and who may see them.
#[derive(Clone, Debug)]
pub struct Wish {
    pub channel: Channel,
    pub user: Arc<User>,
    /// PeerTube's number.
    pub privacy: i64,
}

/// What came of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The UUID of the new video.
    Made(String),
    /// An earlier run has made it.
    Known(String),
    /// What would be made: its name.
    Planned(String),
    Refused(String),
}

/// Makes one file a video, or tells what would be made of it. Stopped at any moment it can be done again, and makes
/// no second video of the same file in the same channel.
pub async fn adopt(app: &App, place: &Place, file: &Found, wish: &Wish, dry_run: bool) -> Outcome {
    match attempt(app, place, file, wish, dry_run).await {
        Ok(outcome) => outcome,
        Err(error) => Outcome::Refused(error.to_string()),
    }
}

async fn attempt(
    app: &App,
    place: &Place,
    file: &Found,
    wish: &Wish,
    dry_run: bool,
) -> Result<Outcome> {
    let name = format!("{} {} {}", wish.channel.id, place.name(), file.key);
    let names = Names::of(&wish.user, &name);
    if let Ok(video) = video::find(app, VideoRef::Uuid(names.uuid)).await {
        return Ok(Outcome::Known(video.uuid.to_string()));
    }
    let about = sidecar::read(place, file).await?;
    let mut fields = about.fields;
    let title = fields.get("name").and_then(Value::as_str);
    let title = title.unwrap_or_default().to_owned();
    if dry_run {
        return Ok(Outcome::Planned(title));
    }
    fields.insert("channelId".to_owned(), wish.channel.id.0.into());
    fields.insert("privacy".to_owned(), wish.privacy.into());
    let mut upload = match store::find(&app.db, &names.upload).await? {
        Some(begun) => begun,
        None => begin(app, place, file, wish, &names, fields).await?,
    };
    bring_picture(app, place, about.picture.as_deref(), &mut upload).await?;
    match super::finished(app, &wish.user, upload).await? {
        Received::Done { .. } => Ok(Outcome::Made(names.uuid.to_string())),
        Received::More(_) => Err(Error::internal("a whole file is not finished")),
    }
}

/// What a file's upload and video are called: always the same for the same file and channel, so that a second run
/// finds what the first has begun or made.
struct Names {
    upload: String,
    uuid: Uuid,
}

impl Names {
    fn of(user: &User, name: &str) -> Self {
        let hash = Sha256::digest(name.as_bytes());
        let mut bytes = [0_u8; 16];
        for (byte, of_hash) in bytes.iter_mut().zip(hash.iter()) {
            *byte = *of_hash;
        }
        Names {
            upload: format!("{}-{}", user.id, hex::encode(bytes)),
            uuid: uuid::Builder::from_random_bytes(bytes).into_uuid(),
        }
    }
}

/// Brings the file to where uploads wait to be finished, or in the bucket to where originals lie.
async fn begin(
    app: &App,
    place: &Place,
    file: &Found,
    wish: &Wish,
    names: &Names,
    fields: Map<String, Value>,
) -> Result<Upload> {
    let ending = file.key.rsplit_once('.').map_or_else(
        || ".mp4".to_owned(),
        |(_, ending)| format!(".{}", ending.to_lowercase()),
    );
    let filename = file.key.rsplit('/').next().unwrap_or(&file.key).to_owned();
    let random = base::random::uuid;
    let prepared = Prepared {
        uuid: names.uuid,
        key: format!("{}/{}{ending}", names.uuid, random()),
        thumbnail: format!("{}.jpg", random()),
        preview: format!("{}.jpg", random()),
    };
    let mut upload = Upload {
        id: names.upload.clone(),
        user_id: wish.user.id,
        purpose: Purpose::Video,
        video_id: None,
        metadata: Metadata {
            fields,
            filename,
            ending: ending.clone(),
            ..Metadata::default()
        },
        size_bytes: i64::try_from(file.size_bytes).unwrap_or(i64::MAX),
        state: UploadState::Open,
        answer: Some(json!(prepared)),
        updated_at: app.clock.now(),
    };
    std::fs::create_dir_all(uploads_folder(app))?;
    match place {
        Place::Folder(root) => link(&root.join(&file.key), &upload.path(app))?,
        Place::Bucket { outside, .. } if app.storage.is_in_bucket(Class::Original) => {
            let copied = outside.copy_to(&file.key, &app.storage, Class::Original, &prepared.key);
            copied.await.map_err(Error::internal)?;
            upload.metadata.direct = Some(Direct {
                uuid: names.uuid,
                key: prepared.key,
                bucket_upload: String::new(),
                part_bytes: 0,
            });
        }
        Place::Bucket { .. } => {
            return Err(Error::bad_request(
                "Originals do not lie in a bucket here, so nothing can be copied inside of it.",
            ));
        }
    }
    store::add(&app.db, &upload, &upload.id).await?;
    Ok(upload)
}

/// A second name for the same bytes where the file system has such, else a copy: what is imported stays where it is.
fn link(from: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        std::fs::remove_file(to)?;
    }
    if std::fs::hard_link(from, to).is_err() {
        std::fs::copy(from, to)?;
    }
    Ok(())
}

/// A picture beside the video becomes its thumbnail.
async fn bring_picture(
    app: &App,
    place: &Place,
    picture: Option<&str>,
    upload: &mut Upload,
) -> Result<()> {
    let Some(key) = picture else {
        return Ok(());
    };
    let bytes = place.read(key, LARGEST_PICTURE_BYTES).await?;
    tokio::fs::write(upload.thumbnail_path(app), &bytes).await?;
    tokio::fs::write(upload.preview_path(app), &bytes).await?;
    upload.metadata.has_thumbnail = true;
    upload.metadata.has_preview = true;
    let metadata = json!(upload.metadata);
    store::set_metadata(&app.db, &upload.id, metadata, app.clock.now()).await?;
    Ok(())
}
