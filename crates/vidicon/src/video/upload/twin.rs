//! The same file, uploaded before: its maker is told, and decides.

use super::store::twin as store;
use crate::app::App;
use crate::error::{Error, Result};
use crate::video::{Video, short_uuid};
use base::storage::{ByteRange, Class};
use serde::Serialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// So much is read at the beginning, in the middle and at the end of a file.
const SAMPLE: u64 = 256 * 1024;
const LIMIT: u64 = 4 * SAMPLE;

/// A video of the same account whose file is the same.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Twin {
    pub uuid: Uuid,
    #[serde(rename = "shortUUID")]
    pub short_uuid: String,
    pub name: String,
}

/// Files with the same fingerprint are the same but for somebody who wants to be told so.
pub async fn fingerprint(app: &App, key: &str, size_bytes: i64) -> Result<String> {
    let size = u64::try_from(size_bytes).unwrap_or(0);
    let middle = size / 2;
    let ranges = if size <= LIMIT {
        vec![ByteRange::All]
    } else {
        vec![
            ByteRange::Span(0, SAMPLE),
            ByteRange::Span(middle, middle + SAMPLE),
            ByteRange::Last(SAMPLE),
        ]
    };
    let mut digest = Sha256::new();
    for range in ranges {
        let read = app.storage.read(Class::Original, key, range).await;
        let blob = read.map_err(Error::internal)?;
        digest.update(blob.bytes(LIMIT).await.map_err(Error::internal)?);
    }
    Ok(format!("{size}-{}", hex::encode(digest.finalize())))
}

/// The video's twins, the newest first.
pub async fn twins(app: &App, video: &Video) -> Result<Vec<Twin>> {
    let found = store::twins(&app.db, video.id).await?;
    Ok(found.into_iter().map(twin).collect())
}

pub(super) fn twin((uuid, name): (Uuid, String)) -> Twin {
    Twin {
        uuid,
        short_uuid: short_uuid::shorten(uuid),
        name,
    }
}
