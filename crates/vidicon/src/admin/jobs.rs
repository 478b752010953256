//! The queue as an administrator sees it, in the words of PeerTube's clients.

use crate::app::App;
use crate::check::{Body, Check, Place, Query, iso};
use crate::error::{Error, Result, no_content};
use crate::federation;
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use base::clock::Millis;
use base::job::{self, Job, JobFilter, JobId, JobState};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// Our kinds of jobs and the types that clients know them by. A kind that is not here has no
/// counterpart and goes by its own name.
const TYPES: [(&str, &str); 26] = [
    ("transcode", "video-transcoding"),
    ("transcode_chunk", "video-transcoding"),
    ("transcode_plan", "transcoding-job-builder"),
    ("web_videos", "video-transcoding"),
    ("av1", "video-transcoding"),
    ("runner_rendition", "video-transcoding"),
    ("runner_studio", "video-studio-edition"),
    ("storyboard", "generate-video-storyboard"),
    ("import_file", "video-file-import"),
    ("import", "video-import"),
    ("import_channel", "video-channel-import"),
    ("mail", "email"),
    ("account-mail", "email"),
    ("notify", "notify"),
    ("digest", "email"),
    ("video_published", "federate-video"),
    ("federate", "federate-video"),
    ("deliver", "activitypub-http-unicast"),
    ("broadcast", "activitypub-http-broadcast"),
    ("receive", "activitypub-http-fetcher"),
    ("follow", "activitypub-follow"),
    ("refresh", "activitypub-refresher"),
    ("views", "videos-views-stats"),
    ("export", "create-user-export"),
    ("import_archive", "import-user-archive"),
    ("studio", "video-studio-edition"),
];

/// Types of PeerTube's that may be asked for although nothing here is one of them.
const OTHER_TYPES: [&str; 12] = [
    "activitypub-http-broadcast-parallel",
    "activitypub-cleaner",
    "actor-keys",
    "after-video-channel-import",
    "manage-video-torrent",
    "move-to-object-storage",
    "move-to-file-system",
    "transcoding-job-builder",
    "video-live-ending",
    "video-redundancy",
    "video-transcription",
    "video-transcoding",
];

const STATES: [&str; 8] = [
    "active",
    "completed",
    "failed",
    "waiting",
    "delayed",
    "paused",
    "waiting-children",
    "prioritized",
];

/// Parts of a job's data that are nobody's business: texts of mails and what opens doors.
const SECRET: [&str; 5] = ["text", "code", "token", "password", "secret"];

fn type_of(kind: &str) -> &str {
    let known = TYPES.iter().find(|(ours, _)| *ours == kind);
    known.map_or(kind, |(_, theirs)| theirs)
}

/// A job as clients read it.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct JobView {
    id: i64,
    state: &'static str,
    #[serde(rename = "type")]
    kind: String,
    data: Value,
    parent: Option<ParentView>,
    progress: i64,
    priority: i64,
    error: Option<String>,
    /// Why it does not go on.
    wait_reason: Option<String>,
    /// How long the rest of it takes, by the speed measured so far.
    seconds_left: Option<i64>,
    can_cancel: bool,
    attempts: i64,
    created_at: String,
    finished_on: Option<String>,
    processed_on: Option<String>,
}

#[derive(Debug, Serialize, JsonSchema)]
pub struct ParentView {
    id: i64,
}

impl JobView {
    fn of(job: Job, now: Millis, is_paused: bool) -> Self {
        let wait_reason = waits_for(&job, now, is_paused).map(str::to_owned);
        let error = match job.state {
            JobState::Cancelled => Some("Cancelled by an administrator.".to_owned()),
            _ => job.error,
        };
        JobView {
            id: job.id.0,
            state: state_of(job.state, job.run_at, now),
            kind: type_of(&job.kind).to_owned(),
            data: without_secrets(job.payload),
            parent: job.parent_id.map(|id| ParentView { id: id.0 }),
            progress: job.progress,
            priority: job.priority,
            error,
            wait_reason,
            seconds_left: job.left_ms.map(|left| (left + 999) / 1000),
            can_cancel: matches!(job.state, JobState::Ready | JobState::Running),
            attempts: job.attempt,
            created_at: iso(job.created_at),
            finished_on: job.finished_at.map(iso),
            processed_on: job.started_at.map(iso),
        }
    }
}

/// Why a job does not go on, in one word.
pub fn waits_for(job: &Job, now: Millis, is_paused: bool) -> Option<&str> {
    match (job.state, job.waits_for.as_deref()) {
        (JobState::Ready, _) if is_paused => Some("paused"),
        (JobState::Ready | JobState::Running, Some(why)) => Some(why),
        (JobState::Ready, None) if job.error.is_some() => Some("retry"),
        (JobState::Ready, None) if job.run_at <= now => Some("turn"),
        (JobState::Ready, None) => Some("time"),
        _ => None,
    }
}

fn state_of(state: JobState, run_at: Millis, now: Millis) -> &'static str {
    match state {
        JobState::Running => "active",
        JobState::Done => "completed",
        JobState::Failed | JobState::Cancelled => "failed",
        JobState::Ready if run_at > now => "delayed",
        JobState::Ready => "waiting",
    }
}

fn without_secrets(mut data: Value) -> Value {
    if let Some(data) = data.as_object_mut() {
        for (name, value) in data {
            if SECRET
                .iter()
                .any(|secret| name.to_lowercase().ends_with(secret))
            {
                *value = "…".into();
            }
        }
    }
    data
}

pub async fn all(state: State<App>, query: Query) -> Result<Json<Listed<JobView>>> {
    list(state, query, None).await
}

pub async fn in_state(
    state: State<App>,
    Path(wanted): Path<String>,
    query: Query,
) -> Result<Json<Listed<JobView>>> {
    list(state, query, Some(&wanted)).await
}

async fn list(
    State(app): State<App>,
    Query(query): Query,
    wanted: Option<&str>,
) -> Result<Json<Listed<JobView>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt"], "-createdAt")?;
    let now = app.clock.now();
    let mut filter = filter(wanted, now)?;
    filter.kinds = kinds(&app, &query)?;
    filter.oldest_first = !sort.descending;
    (filter.start, filter.count) = (paging.start, paging.count);
    let (total, found) = job::list(&app.db, &filter).await?;
    let is_paused = job::is_paused(&app.db).await?;
    let view = |job| JobView::of(job, now, is_paused);
    let shown = found.into_iter().map(view).collect();
    Ok(Listed::new(total, shown))
}

/// Which of our states the word in the path means.
fn filter(wanted: Option<&str>, now: Millis) -> Result<JobFilter> {
    use JobState::{Cancelled, Done, Failed, Ready, Running};
    let states = match wanted {
        None => vec![Ready, Running, Done, Failed, Cancelled],
        Some("active") => vec![Running],
        Some("completed") => vec![Done],
        Some("failed") => vec![Failed, Cancelled],
        Some("waiting" | "delayed") => vec![Ready],
        // Nothing here waits in these ways: children are jobs like others.
        Some("paused" | "waiting-children" | "prioritized") => Vec::new(),
        Some(other) => {
            let params = Map::from_iter([("state".to_owned(), Value::from(other))]);
            let mut check = Check::new(Place::Params, &params);
            check.fail("state", &format!("Should be one of: {}", STATES.join(", ")));
            check.finish()?;
            Vec::new()
        }
    };
    let mut filter = JobFilter {
        states,
        ..JobFilter::default()
    };
    match wanted {
        Some("waiting") => filter.run_until = Some(now),
        Some("delayed") => filter.run_after = Some(now),
        _ => {}
    }
    Ok(filter)
}

/// The kinds of a type that was asked for.
fn kinds(app: &App, query: &Map<String, Value>) -> Result<Vec<String>> {
    let mut check = Check::query(query);
    let wanted = query.get("jobType").and_then(Value::as_str);
    let ours = |wanted: &str| -> Vec<String> {
        let named = TYPES
            .iter()
            .filter(|(kind, name)| *name == wanted || *kind == wanted)
            .map(|(kind, _)| (*kind).to_owned());
        let mut kinds: Vec<String> = named.collect();
        if kinds.is_empty() {
            kinds.push(wanted.to_owned());
        }
        kinds
    };
    let known = |wanted: &str| {
        TYPES
            .iter()
            .any(|(kind, name)| *name == wanted || *kind == wanted)
            || OTHER_TYPES.contains(&wanted)
            || crate::jobs::lanes(app)
                .iter()
                .any(|lane| lane.kinds.contains(&wanted))
    };
    match wanted {
        None => {}
        Some(wanted) if known(wanted) => return Ok(ours(wanted)),
        Some(_) => check.fail("jobType", "Should be a known type of job"),
    }
    check.finish()?;
    Ok(Vec::new())
}

pub async fn pause(State(app): State<App>) -> Result<Response> {
    job::pause(&app.db, app.clock.now()).await?;
    Ok(no_content())
}

pub async fn resume(State(app): State<App>) -> Result<Response> {
    job::resume(&app.db).await?;
    app.workers.wake();
    Ok(no_content())
}

pub async fn cancel(
    State(app): State<App>,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Response> {
    let job = find(&app, &kind, &id).await?;
    if !app.workers.cancel(job.id).await? {
        return Err(ended());
    }
    Ok(no_content())
}

/// `POST /jobs/{type}/{id}/retry`: gives a failed or cancelled job its tries again.
pub async fn retry(
    State(app): State<App>,
    Path((kind, id)): Path<(String, String)>,
) -> Result<Response> {
    let job = find(&app, &kind, &id).await?;
    if !matches!(job.state, JobState::Failed | JobState::Cancelled) {
        return Err(Error::bad_request("The job has not failed."));
    }
    job::retry(&app.db, job.id, app.clock.now()).await?;
    app.workers.wake();
    Ok(no_content())
}

/// `PUT /jobs/{type}/{id}/priority`: higher comes first.
pub async fn set_priority(
    State(app): State<App>,
    Path((kind, id)): Path<(String, String)>,
    Body(body): Body,
) -> Result<Response> {
    let job = find(&app, &kind, &id).await?;
    let mut check = Check::body(&body);
    let priority = check.int("priority", -1000..=1000);
    let priority = check.required("priority", priority);
    check.finish()?;
    if !job::set_priority(&app.db, job.id, priority.unwrap_or(0)).await? {
        return Err(ended());
    }
    Ok(no_content())
}

fn ended() -> Error {
    Error::bad_request("The job has ended already.")
}

async fn find(app: &App, kind: &str, id: &str) -> Result<Job> {
    let number = id.parse().map(JobId::new);
    let number = number.map_err(|_| crate::check::wrong_param("jobId", id))?;
    let job = job::find(&app.db, number).await?;
    job.filter(|job| type_of(&job.kind) == kind || job.kind == kind)
        .ok_or_else(|| Error::not_found("There is no such job."))
}

/// How many activities of other servers wait to be worked off.
pub async fn federation_waiting(app: &App) -> Result<i64> {
    let filter = JobFilter {
        states: vec![JobState::Ready],
        kinds: vec![federation::receive::JOB.to_owned()],
        ..JobFilter::default()
    };
    Ok(job::list(&app.db, &filter).await?.0)
}
