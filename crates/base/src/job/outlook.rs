//! How a job will go on: what it waits for, how long the rest takes, and what comes first.

use super::{Job, JobId};
use crate::clock::Millis;
use crate::db::{Executor, Result};
use crate::sql;

/// Says what keeps a job from going on, in one word that the product knows, and how long the rest
/// takes. The next claim forgets both.
pub async fn set_outlook(
    on: impl Executor,
    job: &Job,
    left_ms: Option<Millis>,
    waits_for: Option<&str>,
) -> Result<u64> {
    sql!(
        "UPDATE job SET left_ms = $3, waits_for = $4
         WHERE id = $1 AND claim = $2 AND state = 'running'"
    )
    .bind(job.id)
    .bind(job.claim)
    .bind(left_ms)
    .bind(waits_for)
    .execute(on)
    .await
}

/// Changes what a job that has not ended comes before. Tells whether there was one.
pub async fn set_priority(on: impl Executor, id: JobId, priority: i64) -> Result<bool> {
    let changed =
        sql!("UPDATE job SET priority = $2 WHERE id = $1 AND state IN ('ready', 'running')")
            .bind(id)
            .bind(priority)
            .execute(on)
            .await?;
    Ok(changed > 0)
}

/// The highest priority of the jobs that wait.
pub async fn highest_priority(on: impl Executor) -> Result<i64> {
    let found: Option<(i64,)> =
        sql!("SELECT priority FROM job WHERE state = 'ready' ORDER BY priority DESC, id LIMIT 1")
            .optional(on)
            .await?;
    Ok(found.map_or(0, |(priority,)| priority))
}
