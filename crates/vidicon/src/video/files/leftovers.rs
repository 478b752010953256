//! Blobs that nothing names any more: what a crash between two steps can leave.

use super::store;
use crate::app::App;
use crate::error::{Error, Result};
use base::clock::DAY;
use base::storage::Class;
use futures::TryStreamExt;
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

/// What is younger may belong to something that is just being made.
const LEAST_AGE: i64 = DAY;
/// The classes whose keys begin with their video's UUID.
const OF_VIDEOS: [Class; 5] = [
    Class::Original,
    Class::Archive,
    Class::Rendition,
    Class::Playlist,
    Class::Storyboard,
];
/// So many videos are asked for at a time.
const AT_ONCE: usize = 200;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    pub class: Class,
    pub key: String,
    pub size_bytes: u64,
}

/// Finds them among the blobs of videos. One that a waiting job will delete is none of them.
pub async fn leftovers(app: &App) -> Result<Vec<Leftover>> {
    let before = app.clock.now() - LEAST_AGE;
    let mut found = Vec::new();
    for class in OF_VIDEOS {
        let mut by_video: BTreeMap<Uuid, Vec<Leftover>> = BTreeMap::new();
        let mut listed = app.storage.list(class, "").map_err(Error::internal)?;
        while let Some(entry) = listed.try_next().await.map_err(Error::internal)? {
            let uuid = entry.key.split('/').next().map(Uuid::try_parse);
            let Some(Ok(uuid)) = uuid else {
                continue;
            };
            if entry.modified_ms < before {
                by_video.entry(uuid).or_default().push(Leftover {
                    class,
                    key: entry.key,
                    size_bytes: entry.size_bytes,
                });
            }
            if by_video.len() >= AT_ONCE {
                found.extend(unnamed(app, std::mem::take(&mut by_video)).await?);
            }
        }
        found.extend(unnamed(app, by_video).await?);
    }
    Ok(found)
}

/// Those of the blobs that their videos do not name.
async fn unnamed(app: &App, by_video: BTreeMap<Uuid, Vec<Leftover>>) -> Result<Vec<Leftover>> {
    if by_video.is_empty() {
        return Ok(Vec::new());
    }
    let uuids: Vec<Uuid> = by_video.keys().copied().collect();
    let named: HashSet<String> = store::named(&app.db, &uuids).await?.into_iter().collect();
    let busy: HashSet<Uuid> = store::busy(&app.db, &uuids).await?.into_iter().collect();
    let mut found = Vec::new();
    for (uuid, blobs) in by_video {
        if busy.contains(&uuid) {
            continue;
        }
        found.extend(blobs.into_iter().filter(|blob| {
            let name = blob.key.rsplit('/').next().unwrap_or_default();
            !named.contains(&blob.key) && !named.contains(name)
        }));
    }
    Ok(found)
}
