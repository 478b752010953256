//! Parts of pictures for our own workers (`vidicon worker`): where a part's source is read, where its
//! results go, and how far a worker is believed. Workers join and take jobs by the runner protocol.

use super::{MOST_FAILURES, Runner, RunnerJob, State, store};
use crate::app::App;
use crate::check::{Query, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::video::files::send::{Caching, Manner, content_type, stored};
use crate::video::files::source_of;
use axum::body::Body;
use axum::extract::{Path, State as Handles};
use axum::http::HeaderMap;
use axum::response::Response;
use base::Tx;
use base::clock::{MINUTE, Millis, SECOND};
use base::db::Executor;
use base::storage::{Class, StorageError};
use futures::StreamExt;
use media::{Plan, Rung};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::path::Path as FilePath;
use std::time::Duration;
use uuid::Uuid;

pub const KIND: &str = "vidicon-part";
/// A worker asks every few seconds; one that has not for so long is not there.
const PRESENT: Millis = 90 * SECOND;
/// Signed addresses of a bucket hold so long; a part that takes longer is given up before.
const SIGNED: Duration = Duration::from_secs(6 * 3600);
/// Where results wait in the storage.
const FOLDER: &str = "parts";
/// What a good result earns and a bad one costs.
const EARNED: i64 = 5;
const COST: i64 = 25;

/// Notes what a worker of ours can do.
pub(super) async fn note_worker(app: &App, runner: &Runner, encoders: &[String]) -> Result<()> {
    let plain = encoders.iter().filter(|name| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    });
    let mut listed = String::from(" ");
    for name in plain {
        listed.push_str(name);
        listed.push(' ');
    }
    store::set_encoders(&app.db, runner.id, &listed).await?;
    Ok(())
}

/// Is a worker here that has this encoder?
pub async fn has_worker(app: &App, encoder: &str) -> Result<bool> {
    let since = app.clock.now() - PRESENT;
    Ok(store::has_worker(&app.db, encoder, since).await?)
}

/// Where the worker that took this job reads and writes: at the bucket where there is one.
pub(super) async fn places(app: &App, job: &RunnerJob, lease: &str) -> Result<Value> {
    let video = job.video_id.ok_or_else(gone)?;
    let key = source_of(app, video).await?.ok_or_else(gone)?;
    let signed = app
        .storage
        .presign_get(Class::Original, &key, SIGNED, None)
        .await
        .map_err(Error::internal)?;
    let info = app.storage.head(Class::Original, &key).await;
    let size_bytes = info.map_err(Error::internal)?.size_bytes;
    let own = |rest: &str| app.url(&format!("/api/v1/runners/jobs/{}/{rest}", job.uuid));
    let source = signed.unwrap_or_else(|| own(&format!("source?lease={lease}")));
    let mut results = Map::new();
    for rung in plan(job)?.rungs {
        let name = rung.name();
        let signed = app
            .storage
            .presign_put(Class::Upload, &result_key(job.uuid, lease, &name), SIGNED)
            .await
            .map_err(Error::internal)?;
        let url = signed.unwrap_or_else(|| own(&format!("results/{name}?lease={lease}")));
        results.insert(name, url.into());
    }
    let name = hex::encode(Sha256::digest(key.as_bytes()));
    Ok(json!({
        "source": source, "sourceId": name.get(..24), "sourceBytes": size_bytes, "results": results,
    }))
}

fn gone() -> Error {
    Error::not_found("The original of this video is not there any more.")
}

fn plan(job: &RunnerJob) -> Result<Plan> {
    let plan = job.payload.get("plan").cloned().unwrap_or_default();
    serde_json::from_value(plan).map_err(Error::internal)
}

/// Each lease has files of its own, so that a late worker cannot write over another one's.
fn result_key(job: Uuid, lease: &str, rung: &str) -> String {
    let tail = lease.rsplit('-').next().unwrap_or_default();
    format!("{FOLDER}/{job}/{rung}-{tail}.mp4")
}

async fn leased(app: &App, uuid: &str, query: &Map<String, Value>) -> Result<RunnerJob> {
    let uuid = Uuid::try_parse(uuid).map_err(|_| wrong_param("jobUUID", uuid))?;
    let lease = query.get("lease").and_then(Value::as_str);
    let found = store::by_lease(&app.db, uuid, lease.unwrap_or_default()).await?;
    let found = found.filter(|job| job.kind == KIND);
    found.ok_or_else(|| Error::not_found("Unknown runner job"))
}

/// `GET /runners/jobs/{jobUUID}/source`: the original, whole or by ranges, for as long as the job is held.
pub async fn source(
    Handles(app): Handles<App>,
    Path(uuid): Path<String>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let job = leased(&app, &uuid, &query).await?;
    let video = job.video_id.ok_or_else(gone)?;
    let key = source_of(&app, video).await?.ok_or_else(gone)?;
    let manner = Manner {
        content_type: content_type(&key),
        caching: Caching::Private,
        attachment: None,
    };
    stored(&app, (Class::Original, &key), &headers, &manner).await
}

/// `PUT /runners/jobs/{jobUUID}/results/{rendition}`: one rendition's file of a part.
pub async fn put_result(
    Handles(app): Handles<App>,
    Path((uuid, rung)): Path<(String, String)>,
    Query(query): Query,
    body: Body,
) -> Result<Response> {
    let job = leased(&app, &uuid, &query).await?;
    let plan = plan(&job)?;
    let wanted = plan.rungs.iter().find(|wanted| wanted.name() == rung);
    let most = most_bytes(
        &plan,
        wanted.ok_or_else(|| wrong_param("rendition", &rung))?,
    );
    let lease = job.job_token.clone().unwrap_or_default();
    let key = result_key(job.uuid, &lease, &rung);
    let writer = app.storage.writer(Class::Upload, &key, None).await;
    let mut writer = writer.map_err(Error::internal)?;
    let mut pieces = body.into_data_stream();
    let mut length = 0;
    while let Some(piece) = pieces.next().await {
        let piece = piece
            .map_err(|_| Error::bad_request("The request ended before its body was complete."))?;
        length += u64::try_from(piece.len()).unwrap_or(0);
        if length > most {
            return Err(Error::too_large("This is more than such a part can have."));
        }
        writer.write(piece).await.map_err(Error::internal)?;
    }
    writer.finish().await.map_err(Error::internal)?;
    Ok(no_content())
}

/// The most that a result may weigh: twice the highest bit rate, and some for what stands around it.
fn most_bytes(plan: &Plan, rung: &Rung) -> u64 {
    let seconds = u64::try_from(plan.duration_us() / 1_000_000).unwrap_or(0) + 4;
    seconds * u64::from(rung.max_kbits) * 250 + 1_000_000
}

/// Why the results of a worker cannot be had.
pub enum Missing {
    Storage(StorageError),
    /// An address of the bucket takes more than we would; what is too much is not brought here.
    TooLarge,
}

impl From<StorageError> for Missing {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

/// Brings the results of a job that is completing to a folder, as `<resolution>.mp4`.
pub async fn fetch_results(
    app: &App,
    job: &RunnerJob,
    to: &FilePath,
) -> std::result::Result<(), Missing> {
    let lease = job.job_token.clone().unwrap_or_default();
    let Ok(plan) = plan(job) else {
        return Ok(());
    };
    for rung in &plan.rungs {
        let name = rung.name();
        let to = to.join(format!("{name}.mp4"));
        let key = result_key(job.uuid, &lease, &name);
        let found = app.storage.head(Class::Upload, &key).await?;
        if found.size_bytes > most_bytes(&plan, rung) {
            return Err(Missing::TooLarge);
        }
        app.storage.fetch_to(Class::Upload, &key, &to).await?;
    }
    Ok(())
}

pub async fn drop_results(app: &App, job: Uuid) {
    let prefix = format!("{FOLDER}/{job}");
    if let Err(error) = app.storage.delete_prefix(Class::Upload, &prefix).await {
        tracing::warn!(%error, "the results of a worker could not be removed yet");
    }
}

/// A part is taken over: the worker that made it is believed a little more.
pub async fn accept(tx: &mut Tx, job: &RunnerJob, was_compared: bool, now: Millis) -> Result<()> {
    super::complete(tx, job.uuid, now).await?;
    if let Some(runner) = job.runner_id.filter(|_| was_compared) {
        store::change_trust(&mut *tx, runner, EARNED).await?;
    }
    Ok(())
}

/// A part is wrong: it is to be made anew, and its worker is believed less.
pub async fn refuse(tx: &mut Tx, job: &RunnerJob, why: &str, now: Millis) -> Result<()> {
    let failures = job.failures + 1;
    let state = if failures < MOST_FAILURES {
        State::Pending
    } else {
        State::Errored
    };
    store::refuse(&mut *tx, job.uuid, (state, failures), why, now).await?;
    if let Some(runner) = job.runner_id {
        store::change_trust(&mut *tx, runner, -COST).await?;
    }
    Ok(())
}

/// How far the worker is believed that did this job.
pub async fn trust(on: impl Executor, job: &RunnerJob) -> Result<i64> {
    match job.runner_id {
        Some(runner) => Ok(store::trust(on, runner).await?),
        None => Ok(0),
    }
}

/// Takes back a job that nobody has begun; false when somebody has.
pub async fn withdraw(app: &App, job: &RunnerJob) -> Result<bool> {
    Ok(store::withdraw(&app.db, job.uuid).await? > 0)
}

/// Removes results of jobs that are over: a worker may have been late.
pub(super) async fn tidy(app: &App) -> Result<()> {
    let before = app.clock.now() - 10 * MINUTE;
    let listed = app.storage.list(Class::Upload, FOLDER);
    let mut listed = listed.map_err(Error::internal)?;
    let mut over = std::collections::BTreeSet::new();
    while let Some(entry) = listed.next().await {
        let entry = entry.map_err(Error::internal)?;
        let name = entry.key.split('/').nth(1).unwrap_or_default();
        if let Ok(uuid) = Uuid::try_parse(name)
            && entry.modified_ms < before
        {
            over.insert(uuid);
        }
    }
    for uuid in over {
        let job = store::find(&app.db, uuid).await?;
        let is_needed = |job: RunnerJob| matches!(job.state, State::Processing | State::Completing);
        if !job.is_some_and(is_needed) {
            drop_results(app, uuid).await;
        }
    }
    Ok(())
}
