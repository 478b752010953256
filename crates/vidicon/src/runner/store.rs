//! The SQL of runners.

use super::{NewRunnerJob, Runner, RunnerId, RunnerJob, State, TokenId};
use crate::listing::{Paging, Sort};
use crate::video::VideoId;
use base::clock::Millis;
use base::db::{Executor, Query, Result};
use base::sql;
use serde::Deserialize;
use uuid::Uuid;

pub async fn add_token(on: impl Executor, token: &str, now: Millis) -> Result<u64> {
    sql!("INSERT INTO runner_token (token, created_at, updated_at) VALUES ($1, $2, $2)")
        .bind(token)
        .bind(now)
        .execute(on)
        .await
}

#[derive(Clone, Debug, Deserialize)]
pub struct Token {
    pub id: TokenId,
    pub token: String,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub runners: i64,
}

pub async fn tokens(on: impl Executor, paging: Paging, sort: Sort) -> Result<Vec<Token>> {
    Query::new(
        "SELECT t.id, t.token, t.created_at, t.updated_at,
                (SELECT count(*) FROM runner r WHERE r.token_id = t.id) AS runners
         FROM runner_token t",
    )
    .push(by_age(sort))
    .page(paging.start, paging.count)
    .all(on)
    .await
}

fn by_age(sort: Sort) -> &'static str {
    if sort.descending {
        " ORDER BY created_at DESC, id DESC"
    } else {
        " ORDER BY created_at, id"
    }
}

pub async fn count_tokens(on: impl Executor) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM runner_token").one(on).await?;
    Ok(count)
}

pub async fn token_id(on: impl Executor, token: &str) -> Result<Option<TokenId>> {
    let found: Option<(TokenId,)> = sql!("SELECT id FROM runner_token WHERE token = $1")
        .bind(token)
        .optional(on)
        .await?;
    Ok(found.map(|(id,)| id))
}

pub async fn delete_token(on: impl Executor, id: TokenId) -> Result<u64> {
    sql!("DELETE FROM runner_token WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

pub struct NewRunner<'a> {
    pub token_id: TokenId,
    pub name: &'a str,
    pub description: Option<&'a str>,
    pub token: &'a str,
    pub version: Option<&'a str>,
    pub ip: &'a str,
}

pub async fn add_runner(on: impl Executor, new: &NewRunner<'_>, now: Millis) -> Result<RunnerId> {
    let (id,) = sql!(
        "INSERT INTO runner (token_id, name, description, token, version, ip, last_contact,
                             created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $7) RETURNING id"
    )
    .bind(new.token_id)
    .bind(new.name)
    .bind(new.description)
    .bind(new.token)
    .bind(new.version)
    .bind(new.ip)
    .bind(now)
    .one(on)
    .await?;
    Ok(id)
}

const RUNNER: &str =
    "SELECT id, name, description, version, ip, last_contact, encoders, trust, created_at, updated_at
     FROM runner";

pub async fn runner_by_token(on: impl Executor, token: &str) -> Result<Option<Runner>> {
    Query::new(RUNNER)
        .when(Some(token), " WHERE token = ?")
        .optional(on)
        .await
}

pub async fn runners(on: impl Executor, paging: Paging, sort: Sort) -> Result<Vec<Runner>> {
    Query::new(RUNNER)
        .push(by_age(sort))
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count_runners(on: impl Executor) -> Result<i64> {
    let (count,) = sql!("SELECT count(*) FROM runner").one(on).await?;
    Ok(count)
}

pub async fn delete_runner(on: impl Executor, id: RunnerId) -> Result<u64> {
    sql!("DELETE FROM runner WHERE id = $1")
        .bind(id)
        .execute(on)
        .await
}

/// Jobs of this runner wait for another one.
pub async fn release(on: impl Executor, id: RunnerId, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE runner_job SET state = 1, runner_id = NULL, job_token = NULL, progress = NULL,
                started_at = NULL, updated_at = $2
         WHERE runner_id = $1 AND state = 2"
    )
    .bind(id)
    .bind(now)
    .execute(on)
    .await
}

pub async fn release_of_token(on: impl Executor, id: TokenId, now: Millis) -> Result<u64> {
    sql!(
        "UPDATE runner_job SET state = 1, runner_id = NULL, job_token = NULL, progress = NULL,
                started_at = NULL, updated_at = $2
         WHERE state = 2 AND runner_id IN (SELECT id FROM runner WHERE token_id = $1)"
    )
    .bind(id)
    .bind(now)
    .execute(on)
    .await
}

/// `before`: a contact that was noted later than this is not written down again.
pub async fn note_contact(
    on: impl Executor,
    id: RunnerId,
    (ip, version): (&str, Option<&str>),
    now: Millis,
    before: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE runner SET last_contact = $4, ip = $2, version = coalesce($3, version),
                updated_at = $4
         WHERE id = $1 AND last_contact < $5"
    )
    .bind(id)
    .bind(ip)
    .bind(version)
    .bind(now)
    .bind(before)
    .execute(on)
    .await
}

pub async fn add(on: impl Executor, new: &NewRunnerJob, now: Millis) -> Result<u64> {
    sql!(
        "INSERT INTO runner_job (uuid, kind, payload, private_payload, answered_by, video_id,
                                 priority, needs, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)"
    )
    .bind(new.uuid)
    .bind(new.kind)
    .bind(new.payload.clone())
    .bind(new.private_payload.clone())
    .bind(new.answered_by)
    .bind(new.video_id)
    .bind(new.priority)
    .bind(new.needs)
    .bind(now)
    .execute(on)
    .await
}

const JOB: &str = "SELECT j.uuid, j.kind, j.payload, j.private_payload, j.answered_by, j.video_id,
        j.state, j.progress, j.priority, j.failures, j.error, j.job_token, j.started_at,
        j.finished_at, j.created_at, j.updated_at, j.runner_id, r.name AS runner_name,
        r.description AS runner_description, p.uuid AS parent_uuid, p.kind AS parent_kind,
        p.state AS parent_state
    FROM runner_job j LEFT JOIN runner r ON r.id = j.runner_id
    LEFT JOIN runner_job p ON p.id = j.parent_id WHERE TRUE";

pub async fn find(on: impl Executor, uuid: Uuid) -> Result<Option<RunnerJob>> {
    Query::new(JOB)
        .when(Some(uuid), " AND j.uuid = ?")
        .optional(on)
        .await
}

/// The job of this runner with this token, in any state.
pub async fn find_held(
    on: impl Executor,
    uuid: Uuid,
    runner_token: &str,
    job_token: &str,
) -> Result<Option<RunnerJob>> {
    Query::new(JOB)
        .when(Some(uuid), " AND j.uuid = ?")
        .when(Some(runner_token), " AND r.token = ?")
        .when(Some(job_token), " AND j.job_token = ?")
        .optional(on)
        .await
}

pub async fn of_video(on: impl Executor, id: VideoId, kinds: &[&str]) -> Result<Vec<RunnerJob>> {
    Query::new(JOB)
        .when(Some(id), " AND j.video_id = ?")
        .within(" AND j.kind IN (", kinds.iter().copied())
        .push(" AND j.state <> 3 ORDER BY j.id LIMIT 1000")
        .all(on)
        .await
}

pub async fn forget(on: impl Executor, id: VideoId, kinds: &[&str]) -> Result<u64> {
    Query::new("DELETE FROM runner_job WHERE state <> 3")
        .when(Some(id), " AND video_id = ?")
        .within(" AND kind IN (", kinds.iter().copied())
        .execute(on)
        .await
}

/// What may be taken now, of these kinds (all but ours when empty), by who has these encoders.
pub async fn pending(
    on: impl Executor,
    kinds: &[String],
    encoders: &[String],
) -> Result<Vec<RunnerJob>> {
    let query = Query::new(JOB).push(" AND j.state = 1");
    let query = if kinds.is_empty() {
        query.when(Some(super::part::KIND), " AND j.kind <> ?")
    } else {
        query.within(" AND j.kind IN (", kinds)
    };
    let none = String::new();
    let able = encoders.iter().chain(std::iter::once(&none));
    let query = query.within(" AND coalesce(j.needs, '') IN (", able);
    query
        .push(" ORDER BY j.priority, j.id LIMIT 10")
        .all(on)
        .await
}

/// Takes a pending job; 0 when another was faster.
pub async fn accept(
    on: impl Executor,
    uuid: Uuid,
    runner: RunnerId,
    job_token: &str,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE runner_job SET state = 2, runner_id = $2, job_token = $3, started_at = $4,
                updated_at = $4, progress = NULL, error = NULL
         WHERE uuid = $1 AND state = 1"
    )
    .bind(uuid)
    .bind(runner)
    .bind(job_token)
    .bind(now)
    .execute(on)
    .await
}

pub async fn put_back(
    on: impl Executor,
    uuid: Uuid,
    failures: i64,
    error: Option<&str>,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE runner_job SET state = 1, runner_id = NULL, job_token = NULL, progress = NULL,
                started_at = NULL, failures = $2, error = $3, updated_at = $4
         WHERE uuid = $1 AND state = 2"
    )
    .bind(uuid)
    .bind(failures)
    .bind(error)
    .bind(now)
    .execute(on)
    .await
}

pub async fn count_failure(on: impl Executor, uuid: Uuid, failures: i64) -> Result<u64> {
    sql!("UPDATE runner_job SET failures = $2 WHERE uuid = $1")
        .bind(uuid)
        .bind(failures)
        .execute(on)
        .await
}

/// Heard of; the progress is kept when none was told.
pub async fn note_progress(
    on: impl Executor,
    uuid: Uuid,
    progress: Option<i64>,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE runner_job SET progress = coalesce($2, progress), updated_at = $3
         WHERE uuid = $1 AND state = 2"
    )
    .bind(uuid)
    .bind(progress)
    .bind(now)
    .execute(on)
    .await
}

/// The files have come; false when the job was taken away meanwhile.
pub async fn begin_completing(
    on: impl Executor,
    uuid: Uuid,
    job_token: &str,
    now: Millis,
) -> Result<bool> {
    let changed = sql!(
        "UPDATE runner_job SET state = 9, progress = 100, updated_at = $3
         WHERE uuid = $1 AND state = 2 AND job_token = $2"
    )
    .bind(uuid)
    .bind(job_token)
    .bind(now)
    .execute(on)
    .await?;
    Ok(changed > 0)
}

/// Ends a job in this state.
pub async fn set_state(
    on: impl Executor,
    uuid: Uuid,
    state: State,
    error: Option<&str>,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE runner_job SET state = $2, error = $3, job_token = NULL, finished_at = $4,
                updated_at = $4
         WHERE uuid = $1"
    )
    .bind(uuid)
    .bind(state.number())
    .bind(error)
    .bind(now)
    .execute(on)
    .await
}

/// Ends the other jobs of a video that have not ended.
pub async fn end_others(
    on: impl Executor,
    video_id: VideoId,
    kinds: &[&str],
    state: State,
    now: Millis,
) -> Result<u64> {
    Query::new("UPDATE runner_job SET job_token = NULL")
        .when(Some(state.number()), ", state = ?")
        .when(Some(now), ", finished_at = ?")
        .when(Some(now), ", updated_at = ?")
        .when(Some(video_id), " WHERE state IN (1, 2, 5) AND video_id = ?")
        .within(" AND kind IN (", kinds.iter().copied())
        .execute(on)
        .await
}

/// Jobs of which nothing was heard: since the first time given, or the second for our own kind.
pub async fn stalled(
    on: impl Executor,
    (before, part_before): (Millis, Millis),
) -> Result<Vec<RunnerJob>> {
    Query::new(JOB)
        .push(" AND j.state = 2")
        .when(Some(before), " AND (j.updated_at < ?")
        .when(Some(super::part::KIND), " OR j.kind = ?")
        .when(Some(part_before), " AND j.updated_at < ?)")
        .push(" ORDER BY j.id LIMIT 100")
        .all(on)
        .await
}

pub async fn delete(on: impl Executor, uuid: Uuid) -> Result<u64> {
    sql!("DELETE FROM runner_job WHERE uuid = $1")
        .bind(uuid)
        .execute(on)
        .await
}

/// Which jobs an administrator wants to see.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub search: Option<String>,
    pub states: Vec<i64>,
}

fn filtered(query: Query, filter: &Filter) -> Query {
    let search = filter.search.as_deref().map(|text| {
        let plain: String = text.chars().filter(|c| !"%_\\".contains(*c)).collect();
        format!("%{}%", plain.to_lowercase())
    });
    let query = query.when(
        search,
        " AND lower(j.uuid || ' ' || j.kind || ' ' || coalesce(r.name, '') || ' '
                    || coalesce(j.error, '')) LIKE ?",
    );
    if filter.states.is_empty() {
        query
    } else {
        query.within(" AND j.state IN (", filter.states.iter().copied())
    }
}

pub async fn jobs(
    on: impl Executor,
    filter: &Filter,
    paging: Paging,
    sort: Sort,
) -> Result<Vec<RunnerJob>> {
    let order = match (sort.column, sort.descending) {
        ("updatedAt", true) => " ORDER BY j.updated_at DESC, j.id DESC",
        ("updatedAt", false) => " ORDER BY j.updated_at, j.id",
        ("priority", true) => " ORDER BY j.priority DESC, j.id DESC",
        ("priority", false) => " ORDER BY j.priority, j.id",
        ("state", true) => " ORDER BY j.state DESC, j.id DESC",
        ("state", false) => " ORDER BY j.state, j.id",
        ("progress", true) => " ORDER BY coalesce(j.progress, -1) DESC, j.id DESC",
        ("progress", false) => " ORDER BY coalesce(j.progress, -1), j.id",
        (_, true) => " ORDER BY j.created_at DESC, j.id DESC",
        (_, false) => " ORDER BY j.created_at, j.id",
    };
    filtered(Query::new(JOB), filter)
        .push(order)
        .page(paging.start, paging.count)
        .all(on)
        .await
}

pub async fn count_jobs(on: impl Executor, filter: &Filter) -> Result<i64> {
    let query = Query::new(
        "SELECT count(*) FROM runner_job j LEFT JOIN runner r ON r.id = j.runner_id WHERE TRUE",
    );
    let (count,) = filtered(query, filter).one(on).await?;
    Ok(count)
}

/// Forgets jobs that ended before.
pub async fn prune(on: impl Executor, before: Millis) -> Result<u64> {
    sql!("DELETE FROM runner_job WHERE state IN (3, 4, 6, 7, 8) AND finished_at < $1")
        .bind(before)
        .execute(on)
        .await
}

pub async fn set_encoders(on: impl Executor, id: RunnerId, encoders: &str) -> Result<u64> {
    sql!("UPDATE runner SET encoders = $2 WHERE id = $1 AND (encoders IS NULL OR encoders <> $2)")
        .bind(id)
        .bind(encoders)
        .execute(on)
        .await
}

/// Trust stays between 0 and 100.
pub async fn change_trust(on: impl Executor, id: RunnerId, by: i64) -> Result<u64> {
    sql!(
        "UPDATE runner SET trust = CASE WHEN trust + $2 < 0 THEN 0 WHEN trust + $2 > 100 THEN 100
                                        ELSE trust + $2 END
         WHERE id = $1"
    )
    .bind(id)
    .bind(by)
    .execute(on)
    .await
}

pub async fn trust(on: impl Executor, id: RunnerId) -> Result<i64> {
    let found: Option<(i64,)> = sql!("SELECT trust FROM runner WHERE id = $1")
        .bind(id)
        .optional(on)
        .await?;
    Ok(found.map_or(0, |(trust,)| trust))
}

/// Is there a worker with this encoder that was here since, and that is trusted?
pub async fn has_worker(on: impl Executor, encoder: &str, since: Millis) -> Result<bool> {
    let found: Option<(RunnerId,)> = sql!(
        "SELECT id FROM runner
         WHERE last_contact >= $1 AND trust > 0 AND encoders LIKE '% ' || $2 || ' %'
         ORDER BY id LIMIT 1"
    )
    .bind(since)
    .bind(encoder)
    .optional(on)
    .await?;
    Ok(found.is_some())
}

/// The job that was handed out with this token and is still being done.
pub async fn by_lease(on: impl Executor, uuid: Uuid, lease: &str) -> Result<Option<RunnerJob>> {
    Query::new(JOB)
        .when(Some(uuid), " AND j.uuid = ? AND j.state = 2")
        .when(Some(lease), " AND j.job_token = ?")
        .optional(on)
        .await
}

/// Takes a job back that nobody has taken; 0 when somebody has.
pub async fn withdraw(on: impl Executor, uuid: Uuid) -> Result<u64> {
    sql!("DELETE FROM runner_job WHERE uuid = $1 AND state = 1")
        .bind(uuid)
        .execute(on)
        .await
}

/// A part that was brought is wrong: another one may have a try.
pub async fn refuse(
    on: impl Executor,
    uuid: Uuid,
    (state, failures): (State, i64),
    error: &str,
    now: Millis,
) -> Result<u64> {
    sql!(
        "UPDATE runner_job SET state = $2, failures = $3, error = $4, runner_id = NULL,
                job_token = NULL, progress = NULL, started_at = NULL, updated_at = $5,
                finished_at = $6
         WHERE uuid = $1 AND state = 9"
    )
    .bind(uuid)
    .bind(state.number())
    .bind(failures)
    .bind(error)
    .bind(now)
    .bind((state.number() != 1).then_some(now))
    .execute(on)
    .await
}

pub async fn newest_pending(on: impl Executor) -> Result<Millis> {
    let (newest,): (Option<Millis>,) =
        sql!("SELECT max(updated_at) FROM runner_job WHERE state = 1")
            .one(on)
            .await?;
    Ok(newest.unwrap_or(0))
}
