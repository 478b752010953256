//! Which files are the same.

use crate::video::VideoId;
use base::db::{Executor, Result};
use base::sql;
use uuid::Uuid;

pub async fn set_fingerprint(on: impl Executor, id: VideoId, fingerprint: &str) -> Result<u64> {
    sql!("UPDATE video_source SET fingerprint = $2 WHERE video_id = $1")
        .bind(id)
        .bind(fingerprint)
        .execute(on)
        .await
}

/// Others of the same account with the same file, the newest first.
pub async fn twins(on: impl Executor, id: VideoId) -> Result<Vec<(Uuid, String)>> {
    sql!(
        "SELECT o.uuid, o.name
         FROM video v JOIN video_source s ON s.video_id = v.id
         JOIN video_source t ON t.fingerprint = s.fingerprint AND t.video_id <> s.video_id
         JOIN video o ON o.id = t.video_id AND o.account_id = v.account_id
         WHERE v.id = $1
         ORDER BY o.id DESC LIMIT 10"
    )
    .bind(id)
    .all(on)
    .await
}
