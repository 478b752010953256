//! The durable queue: one table, claimed by lease.
//!
//! A job is added in the transaction of what causes it. A worker claims it for [`LEASE`], renews
//! the lease while it works, and ends it with the number of its claim, so that a worker which lost
//! its lease can end nothing. A process that is killed leaves its jobs to the next one.

mod outlook;
mod worker;

pub use outlook::{highest_priority, set_outlook, set_priority};
pub use worker::{Lane, PATIENCE, Running, Work, Workers, run_due};

use crate::clock::{MINUTE, Millis, SECOND};
use crate::db::{Db, Dialect, Executor, Query, Result};
use crate::id::Id;
use crate::sql;
use serde::{Deserialize, Serialize};

pub type JobId = Id<Job>;

/// How long a claim holds without being renewed.
pub const LEASE: Millis = MINUTE;
/// How often a working job renews its lease.
pub const HEARTBEAT: Millis = 10 * SECOND;
/// The wait after the first try; it grows with the square of the tries.
const WAIT: Millis = 5 * SECOND;
/// The longest wait between two tries.
const LONGEST_WAIT: Millis = 60 * MINUTE;
/// So often a job may lose its process before it counts as what kills it: with the waits between,
/// a day in which the site is up nearly all the time.
const MOST_LOSSES: i64 = 30;
/// Losses in a row that are nobody's fault: a power cut, a restart, another job that took too much.
/// From then on each is followed by a longer wait.
const FREE_LOSSES: i64 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    Ready,
    Running,
    Done,
    Failed,
    Cancelled,
}

impl JobState {
    pub fn as_str(self) -> &'static str {
        match self {
            JobState::Ready => "ready",
            JobState::Running => "running",
            JobState::Done => "done",
            JobState::Failed => "failed",
            JobState::Cancelled => "cancelled",
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
pub struct Job {
    pub id: JobId,
    pub kind: String,
    #[serde(deserialize_with = "crate::db::json")]
    pub payload: serde_json::Value,
    pub state: JobState,
    pub priority: i64,
    pub run_at: Millis,
    /// Tries so far, this one included, since the last checkpoint.
    pub attempt: i64,
    pub max_attempts: i64,
    /// Counts the claims of this job; a fence against workers that lost their lease.
    pub claim: i64,
    /// 0 to 100.
    pub progress: i64,
    pub parent_id: Option<JobId>,
    /// Why it failed, in words for people.
    pub error: Option<String>,
    /// What keeps it from going on.
    pub waits_for: Option<String>,
    /// How long the rest of it takes.
    pub left_ms: Option<Millis>,
    pub created_at: Millis,
    pub started_at: Option<Millis>,
    pub finished_at: Option<Millis>,
}

impl Job {
    /// Reads the payload into the type that its kind says.
    pub fn payload<T: serde::de::DeserializeOwned>(&self) -> Result<T, JobError> {
        serde_json::from_value(self.payload.clone())
            .map_err(|error| JobError::Fail(format!("the job's data cannot be read: {error}")))
    }
}

/// Why a run of a job ended early.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// Worth another try after a while; failed when no tries are left.
    #[error("{0}")]
    Retry(String),
    /// No try will help.
    #[error("{0}")]
    Fail(String),
    /// Not yet: run again at this time, without counting a try.
    #[error("not before {0}")]
    Later(Millis),
    #[error("cancelled")]
    Cancelled,
    /// Another worker has the job now; nothing may be changed.
    #[error("the lease was lost")]
    LeaseLost,
}

impl From<crate::db::Error> for JobError {
    fn from(error: crate::db::Error) -> Self {
        JobError::Retry(error.to_string())
    }
}

/// A job to be added.
#[derive(Clone, Debug)]
pub struct NewJob {
    kind: &'static str,
    payload: serde_json::Value,
    priority: i64,
    run_at: Option<Millis>,
    max_attempts: i64,
    parent: Option<JobId>,
    dedup_key: Option<String>,
}

impl NewJob {
    pub fn new(kind: &'static str, payload: serde_json::Value) -> Self {
        NewJob {
            kind,
            payload,
            priority: 0,
            run_at: None,
            max_attempts: 5,
            parent: None,
            dedup_key: None,
        }
    }

    /// Higher runs first; 0 is usual.
    #[must_use]
    pub fn priority(mut self, priority: i64) -> Self {
        self.priority = priority;
        self
    }

    #[must_use]
    pub fn run_at(mut self, run_at: Millis) -> Self {
        self.run_at = Some(run_at);
        self
    }

    #[must_use]
    pub fn max_attempts(mut self, max_attempts: i64) -> Self {
        self.max_attempts = max_attempts;
        self
    }

    #[must_use]
    pub fn parent(mut self, parent: JobId) -> Self {
        self.parent = Some(parent);
        self
    }

    /// While a job with this key waits or runs, another is not added.
    #[must_use]
    pub fn once(mut self, dedup_key: impl Into<String>) -> Self {
        self.dedup_key = Some(dedup_key.into());
        self
    }

    /// Adds the job and tells its id, or nothing when its key is there already.
    pub async fn enqueue(self, on: impl Executor, now: Millis) -> Result<Option<JobId>> {
        let added: Option<(JobId,)> = sql!(
            "INSERT INTO job (kind, payload, priority, run_at, max_attempts, parent_id, dedup_key,
                              created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT DO NOTHING
             RETURNING id"
        )
        .bind(self.kind)
        .bind(self.payload)
        .bind(self.priority)
        .bind(self.run_at.unwrap_or(now))
        .bind(self.max_attempts)
        .bind(self.parent)
        .bind(self.dedup_key)
        .bind(now)
        .optional(on)
        .await?;
        Ok(added.map(|(id,)| id))
    }
}

const COLUMNS: &str = "id, kind, payload, state, priority, run_at, attempt, max_attempts, claim,
    progress, parent_id, error, waits_for, left_ms, created_at, started_at, finished_at";

/// Takes the next due job of these kinds. The lease starts now.
pub async fn claim(db: &Db, kinds: &[&str], owner: &str, now: Millis) -> Result<Option<Job>> {
    // Another worker may take the last job of a kind between the look and the claim.
    for _ in 0..=kinds.len() {
        let Some(kind) = next_kind(db, kinds, now).await? else {
            return Ok(None);
        };
        let claimed = claim_of(db, &kind, owner, now).await?;
        if claimed.is_some() {
            return Ok(claimed);
        }
    }
    Ok(None)
}

async fn claim_of(db: &Db, kind: &str, owner: &str, now: Millis) -> Result<Option<Job>> {
    // SQLite has one writer, so the statement is alone; PostgreSQL must pass over locked rows.
    let skip_locked = match db.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => " FOR UPDATE SKIP LOCKED",
    };
    Query::new(
        "UPDATE job SET state = 'running', attempt = attempt + 1, claim = claim + 1,
                waits_for = NULL, left_ms = NULL, lease_until = $1, lease_owner = $2, started_at = $3
         WHERE id = (SELECT id FROM job
                     WHERE state = 'ready' AND run_at <= $3
                       AND NOT EXISTS (SELECT 1 FROM job_pause)",
    )
    .bind(now + LEASE)
    .bind(owner)
    .bind(now)
    .when(Some(kind), " AND kind = ?")
    .push(" ORDER BY priority DESC, run_at, id LIMIT 1")
    .push(skip_locked)
    .push(") RETURNING ")
    .push(COLUMNS)
    .optional(db)
    .await
}

/// The kind of the next due job. It looks without the write lock, so that an idle worker costs next
/// to nothing, and at the first job of each kind alone, so that a long queue costs no more than a
/// short one.
async fn next_kind(db: &Db, kinds: &[&str], now: Millis) -> Result<Option<String>> {
    let mut query = Query::new(
        "SELECT kind FROM job WHERE NOT EXISTS (SELECT 1 FROM job_pause) AND id IN (NULL",
    );
    for kind in kinds {
        query = query
            .push(", (SELECT id FROM job WHERE state = 'ready'")
            .when(Some(*kind), " AND kind = ?")
            .when(Some(now), " AND run_at <= ?")
            .push(" ORDER BY priority DESC, run_at, id LIMIT 1)");
    }
    let found: Option<(String,)> = query
        .push(") ORDER BY priority DESC, run_at, id LIMIT 1")
        .optional(db)
        .await?;
    Ok(found.map(|(kind,)| kind))
}

/// Makes jobs ready again whose worker has not renewed its lease. A loss is no try: the process may
/// have been killed at any moment. Only a job that is lost again and again waits longer each time,
/// and fails in the end: whatever it does kills the process.
pub async fn release_expired(db: &Db, now: Millis) -> Result<u64> {
    release(db, now, now).await
}

async fn release(db: &Db, expired: Millis, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE job SET state = CASE WHEN losses + 1 >= $3 THEN 'failed' ELSE 'ready' END,
                error = CASE WHEN losses + 1 >= $3
                    THEN 'The server stopped each time while it was doing this.' ELSE error END,
                finished_at = CASE WHEN losses + 1 >= $3 THEN CAST($2 AS BIGINT) ELSE NULL END,
                run_at = CASE WHEN losses + 1 <= $4 THEN run_at
                    WHEN (losses + 1 - $4) * (losses + 1 - $4) * $5 > $6 THEN $2 + $6
                    ELSE $2 + (losses + 1 - $4) * (losses + 1 - $4) * $5 END,
                attempt = attempt - 1, losses = losses + 1,
                lease_until = NULL, lease_owner = NULL
         WHERE state = 'running' AND lease_until < $1"
    )
    .bind(expired)
    .bind(now)
    .bind(MOST_LOSSES)
    .bind(FREE_LOSSES)
    .bind(WAIT)
    .bind(LONGEST_WAIT)
    .execute(db)
    .await
}

/// Takes back at once what an earlier process of this name was doing when it was killed.
pub async fn release_owned(db: &Db, owner: &str, now: Millis) -> Result<u64> {
    sql!("UPDATE job SET lease_until = 0 WHERE state = 'running' AND lease_owner = $1")
        .bind(owner)
        .execute(db)
        .await?;
    release(db, 1, now).await
}

#[derive(Deserialize)]
struct Renewed {
    cancel_requested: bool,
}

/// Holds the lease for longer and tells whether the job has been cancelled meanwhile.
pub async fn renew(db: &Db, job: &Job, now: Millis) -> Result<bool, JobError> {
    let renewed: Option<Renewed> = sql!(
        "UPDATE job SET lease_until = $3
         WHERE id = $1 AND claim = $2 AND state = 'running' RETURNING cancel_requested"
    )
    .bind(job.id)
    .bind(job.claim)
    .bind(now + LEASE)
    .optional(db)
    .await?;
    renewed
        .map(|renewed| renewed.cancel_requested)
        .ok_or(JobError::LeaseLost)
}

/// Proves inside a transaction that the job is still this worker's. A job whose effect must not
/// come twice calls it in the transaction of the effect.
pub async fn fence(on: impl Executor, job: &Job) -> Result<(), JobError> {
    let held = sql!(
        "UPDATE job SET lease_owner = lease_owner
         WHERE id = $1 AND claim = $2 AND state = 'running'"
    )
    .bind(job.id)
    .bind(job.claim)
    .execute(on)
    .await?;
    if held == 0 {
        Err(JobError::LeaseLost)
    } else {
        Ok(())
    }
}

/// Progress in percent.
pub async fn set_progress(on: impl Executor, job: &Job, percent: i64) -> Result<u64> {
    sql!("UPDATE job SET progress = $3 WHERE id = $1 AND claim = $2 AND state = 'running'")
        .bind(job.id)
        .bind(job.claim)
        .bind(percent.clamp(0, 100))
        .execute(on)
        .await
}

/// A lasting step is done: earlier tries no longer count against the job.
pub async fn checkpoint(on: impl Executor, job: &Job) -> Result<u64> {
    sql!(
        "UPDATE job SET attempt = 1, losses = 0
         WHERE id = $1 AND claim = $2 AND state = 'running'"
    )
    .bind(job.id)
    .bind(job.claim)
    .execute(on)
    .await
}

/// Ends a run as its outcome says. Nothing happens when the lease was lost.
pub async fn finish(
    on: impl Executor,
    job: &Job,
    outcome: &Result<(), JobError>,
    now: Millis,
) -> Result<u64> {
    let (state, run_at, error, tries) = match outcome {
        Ok(()) => (JobState::Done, now, None, job.attempt),
        Err(JobError::LeaseLost) => return Ok(0),
        Err(JobError::Cancelled) => (JobState::Cancelled, now, None, job.attempt),
        Err(JobError::Later(at)) => (JobState::Ready, *at, None, job.attempt - 1),
        Err(JobError::Fail(cause)) => (JobState::Failed, now, Some(cause.as_str()), job.attempt),
        Err(JobError::Retry(cause)) if job.attempt >= job.max_attempts => {
            (JobState::Failed, now, Some(cause.as_str()), job.attempt)
        }
        Err(JobError::Retry(cause)) => (
            JobState::Ready,
            now + wait(job.attempt),
            Some(cause.as_str()),
            job.attempt,
        ),
    };
    let ended = (state != JobState::Ready).then_some(now);
    sql!(
        "UPDATE job SET state = $3, run_at = $4, error = $5, attempt = $6, finished_at = $7,
                progress = CASE WHEN $3 = 'done' THEN 100 ELSE progress END,
                lease_until = NULL, lease_owner = NULL
         WHERE id = $1 AND claim = $2 AND state = 'running'"
    )
    .bind(job.id)
    .bind(job.claim)
    .bind(state.as_str())
    .bind(run_at)
    .bind(error)
    .bind(tries)
    .bind(ended)
    .execute(on)
    .await
}

/// 5 s, 20 s, 45 s, … up to an hour.
fn wait(attempt: i64) -> Millis {
    (attempt * attempt * WAIT).clamp(SECOND, LONGEST_WAIT)
}

/// Cancels a waiting job at once and asks a running one to stop. Tells whether there was one.
pub async fn cancel(on: impl Executor, id: JobId, now: Millis) -> Result<bool> {
    let changed = sql!(
        "UPDATE job SET cancel_requested = TRUE,
                state = CASE WHEN state = 'ready' THEN 'cancelled' ELSE state END,
                finished_at = CASE WHEN state = 'ready' THEN $2 ELSE finished_at END
         WHERE id = $1 AND state IN ('ready', 'running')"
    )
    .bind(id)
    .bind(now)
    .execute(on)
    .await?;
    Ok(changed > 0)
}

/// What a job that waits for a time of its own was waiting for has come: it is due now.
pub async fn hasten(on: impl Executor, dedup_key: &str, now: Millis) -> Result<u64> {
    sql!("UPDATE job SET run_at = $2 WHERE dedup_key = $1 AND state = 'ready' AND run_at > $2")
        .bind(dedup_key)
        .bind(now)
        .execute(on)
        .await
}

/// Gives a failed or cancelled job its tries again.
pub async fn retry(on: impl Executor, id: JobId, now: Millis) -> Result<bool> {
    let changed = sql!(
        "UPDATE job SET state = 'ready', attempt = 0, run_at = $2, finished_at = NULL,
                error = NULL, cancel_requested = FALSE, progress = 0
         WHERE id = $1 AND state IN ('failed', 'cancelled')"
    )
    .bind(id)
    .bind(now)
    .execute(on)
    .await?;
    Ok(changed > 0)
}

pub async fn pause(db: &Db, now: Millis) -> Result<()> {
    sql!("INSERT INTO job_pause (id, since) VALUES (1, $1) ON CONFLICT DO NOTHING")
        .bind(now)
        .execute(db)
        .await
        .map(drop)
}

pub async fn resume(db: &Db) -> Result<()> {
    sql!("DELETE FROM job_pause").execute(db).await.map(drop)
}

pub async fn is_paused(db: &Db) -> Result<bool> {
    let found: Option<(i64,)> = sql!("SELECT id FROM job_pause LIMIT 1")
        .optional(db)
        .await?;
    Ok(found.is_some())
}

/// How many jobs of a kind are in a state.
#[derive(Clone, Debug, Deserialize)]
pub struct Count {
    pub kind: String,
    pub state: JobState,
    pub jobs: i64,
}

pub async fn counts(db: &Db) -> Result<Vec<Count>> {
    sql!("SELECT kind, state, count(*) AS jobs FROM job GROUP BY kind, state ORDER BY kind, state")
        .slow()
        .all(db)
        .await
}

/// Since when the job that waits longest could have run.
pub async fn oldest_due(db: &Db, now: Millis) -> Result<Option<Millis>> {
    let found: Option<(i64,)> = sql!(
        "SELECT run_at FROM job WHERE state = 'ready' AND run_at <= $1 AND attempt = 0
         ORDER BY run_at, id LIMIT 1"
    )
    .bind(now)
    .optional(db)
    .await?;
    Ok(found.map(|(at,)| at))
}

/// When the newest job was added, by the clock of who added it.
pub async fn newest(db: &Db) -> Result<Option<Millis>> {
    let found: Option<(i64,)> = sql!("SELECT created_at FROM job ORDER BY id DESC LIMIT 1")
        .optional(db)
        .await?;
    Ok(found.map(|(at,)| at))
}

/// Gives every failed or cancelled job its tries again and tells how many there were.
pub async fn retry_failed(db: &Db, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE job SET state = 'ready', attempt = 0, run_at = $1, finished_at = NULL,
                error = NULL, cancel_requested = FALSE, progress = 0
         WHERE state = 'failed' AND NOT EXISTS (
             SELECT 1 FROM job other WHERE other.dedup_key = job.dedup_key
               AND other.state IN ('ready', 'running'))"
    )
    .bind(now)
    .execute(db)
    .await
}

/// Which jobs to list.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    pub states: Vec<JobState>,
    /// Empty: of any kind.
    pub kinds: Vec<String>,
    /// Only those due after, or at most at, this time.
    pub run_after: Option<Millis>,
    pub run_until: Option<Millis>,
    pub oldest_first: bool,
    pub start: i64,
    pub count: i64,
}

/// Jobs with the number of all that match.
pub async fn list(db: &Db, filter: &JobFilter) -> Result<(i64, Vec<Job>)> {
    let matching = |query: Query| {
        let query = query.push(" FROM job WHERE TRUE");
        let query = if filter.kinds.is_empty() {
            query
        } else {
            query.within(" AND kind IN (", &filter.kinds)
        };
        query
            .when(filter.run_after, " AND run_at > ?")
            .when(filter.run_until, " AND run_at <= ?")
            .within(
                " AND state IN (",
                filter.states.iter().map(|state| state.as_str()),
            )
    };
    let (total,) = matching(Query::new("SELECT count(*)")).one(db).await?;
    let order = if filter.oldest_first {
        " ORDER BY created_at, id"
    } else {
        " ORDER BY created_at DESC, id DESC"
    };
    let select = matching(Query::new("SELECT ").push(COLUMNS));
    let page = select
        .push(order)
        .page(filter.start, filter.count)
        .all(db)
        .await?;
    Ok((total, page))
}

pub async fn find(on: impl Executor, id: JobId) -> Result<Option<Job>> {
    Query::new("SELECT ")
        .push(COLUMNS)
        .push(" FROM job WHERE TRUE")
        .when(Some(id), " AND id = ?")
        .optional(on)
        .await
}

/// Forgets jobs that ended well or were cancelled before `before`; failed ones stay to be seen.
pub async fn prune(db: &Db, before: Millis) -> Result<u64> {
    sql!("DELETE FROM job WHERE state IN ('done', 'cancelled') AND finished_at < $1")
        .bind(before)
        .execute(db)
        .await
}
