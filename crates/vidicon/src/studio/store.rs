//! The SQL of the studio.

use crate::video::VideoId;
use base::db::{Executor, Result};
use base::sql;

/// Videos that are to be edited and that nobody edits.
pub async fn stranded(on: impl Executor) -> Result<Vec<(VideoId,)>> {
    sql!(
        "SELECT v.id FROM video v
         WHERE v.state = 9 AND v.is_local
           AND NOT EXISTS (SELECT 1 FROM job j WHERE j.kind = 'studio'
                           AND j.dedup_key = 'studio:' || v.id
                           AND j.state IN ('ready', 'running'))
           AND NOT EXISTS (SELECT 1 FROM runner_job r WHERE r.video_id = v.id
                           AND r.state IN (1, 2, 5, 9))
         ORDER BY v.id LIMIT 1000"
    )
    .all(on)
    .await
}
