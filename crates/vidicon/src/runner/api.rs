//! The REST routes that runners call. They say who they are in the body, by tokens.

use super::store::{self, NewRunner};
use super::{
    LANGUAGE_FILE, Runner, RunnerJob, State, TRANSCRIPTION, fail, part, result_folder, tell, view,
};
use crate::access::Client;
use crate::app::App;
use crate::check::form::{FileField, Form};
use crate::check::{Body, Check, Field, Place, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::video::labels;
use axum::Json;
use axum::extract::{Path, Request, State as Handles};
use axum::response::Response;
use base::clock::SECOND;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// A runner's contact is written down at most so often.
const CONTACT_EVERY: i64 = 30 * SECOND;
/// The files that a runner may bring, and how each is called while it waits to be put away.
const FILES: [(&str, &str); 4] = [
    ("payload[videoFile]", "video.mp4"),
    ("payload[resolutionPlaylistFile]", "playlist.m3u8"),
    ("payload[vttFile]", "captions.vtt"),
    ("payload[storyboardFile]", "storyboard.jpg"),
];
/// Which of them must be there, by type of job.
const REQUIRED: [(&str, &[&str]); 6] = [
    ("vod-web-video-transcoding", &["payload[videoFile]"]),
    (
        "vod-hls-transcoding",
        &["payload[videoFile]", "payload[resolutionPlaylistFile]"],
    ),
    ("vod-audio-merge-transcoding", &["payload[videoFile]"]),
    ("video-studio-transcoding", &["payload[videoFile]"]),
    ("video-transcription", &["payload[vttFile]"]),
    ("generate-video-storyboard", &["payload[storyboardFile]"]),
];

/// `POST /runners/register`
pub async fn register(
    Handles(app): Handles<App>,
    client: Client,
    Body(body): Body,
) -> Result<Json<Value>> {
    let mut check = Check::body(&body);
    let given = check.text("registrationToken", 1..=1000);
    let given = check.required("registrationToken", given);
    let name = check.text("name", 1..=100);
    let name = check.required("name", name);
    let description = check.text("description", 1..=1000).value();
    let version = check.text("version", 1..=100).value();
    check.finish()?;
    let token_id = store::token_id(&app.db, &given.unwrap_or_default()).await?;
    let token_id = token_id.ok_or_else(|| Error::not_found("Registration token is invalid"))?;
    let token = format!("ptrt-{}", base::random::uuid());
    let new = NewRunner {
        token_id,
        name: &name.unwrap_or_default(),
        description: description.as_deref(),
        token: &token,
        version: version.as_deref(),
        ip: &client.ip.to_string(),
    };
    let id = match store::add_runner(&app.db, &new, app.clock.now()).await {
        Err(error) if error.is_unique() => {
            return Err(Error::bad_request(
                "This runner name already exists on this instance",
            ));
        }
        added => added?,
    };
    Ok(Json(json!({ "id": id, "runnerToken": token })))
}

/// `POST /runners/unregister`
pub async fn unregister(Handles(app): Handles<App>, Body(body): Body) -> Result<Response> {
    let runner = runner(&app, &body, true).await?;
    super::admin::remove(&app, runner.id).await?;
    Ok(no_content())
}

/// The runner whose token the body holds.
async fn runner(app: &App, body: &Map<String, Value>, is_checked: bool) -> Result<Runner> {
    let mut check = Check::body(body);
    let token = check.text("runnerToken", 1..=1000);
    let token = check.required("runnerToken", token);
    if is_checked {
        check.finish()?;
    }
    let found = store::runner_by_token(&app.db, &token.unwrap_or_default()).await?;
    found.ok_or_else(|| Error::not_found("Unknown runner token").code("unknown_runner_token"))
}

async fn note_contact(app: &App, runner: &Runner, client: Client, body: &Map<String, Value>) {
    let now = app.clock.now();
    let version = body.get("version").and_then(Value::as_str);
    let version = version.filter(|version| version.len() <= 100);
    let is_new = version.is_some() && version != runner.version.as_deref();
    let before = if is_new { now + 1 } else { now - CONTACT_EVERY };
    let seen = (client.ip.to_string(), version);
    let noted = store::note_contact(&app.db, runner.id, (&seen.0, seen.1), now, before).await;
    if let Err(error) = noted {
        tracing::warn!(%error, "could not note that a runner was here");
    }
}

/// `POST /runners/jobs/request`: what may be taken; nothing is reserved by it.
pub async fn request(
    Handles(app): Handles<App>,
    client: Client,
    Body(body): Body,
) -> Result<Json<Value>> {
    let mut check = Check::body(&body);
    let kinds = check.texts("jobTypes", 0..=100, 1..=100).or(Vec::new());
    let encoders = check.texts("encoders", 0..=50, 1..=50).or(Vec::new());
    check.finish()?;
    let runner = runner(&app, &body, true).await?;
    note_contact(&app, &runner, client, &body).await;
    super::put_back_stalled(&app).await?;
    if kinds.iter().any(|kind| kind == part::KIND) {
        part::note_worker(&app, &runner, &encoders).await?;
    }
    let jobs = store::pending(&app.db, &kinds, &encoders).await?;
    let is_trusted = runner.trust > 0;
    let jobs: Vec<Value> = jobs
        .into_iter()
        .filter(|job| is_trusted || job.kind != part::KIND)
        .map(|job| json!({ "uuid": job.uuid, "type": job.kind, "payload": job.payload }))
        .collect();
    Ok(Json(json!({ "availableJobs": jobs })))
}

fn uuid_of(text: &str) -> Result<Uuid> {
    Uuid::try_parse(text).map_err(|_| wrong_param("jobUUID", text))
}

fn unknown_job() -> Error {
    Error::not_found("Unknown runner job")
}

/// `POST /runners/jobs/{jobUUID}/accept`
pub async fn accept(
    Handles(app): Handles<App>,
    client: Client,
    Path(uuid): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>> {
    let uuid = uuid_of(&uuid)?;
    let job = store::find(&app.db, uuid).await?.ok_or_else(unknown_job)?;
    if job.state != State::Pending {
        return Err(Error::bad_request("This job is not in pending state")
            .code("runner_job_not_in_pending_state"));
    }
    let runner = runner(&app, &body, true).await?;
    note_contact(&app, &runner, client, &body).await;
    let job_token = format!("ptrjt-{}", base::random::uuid());
    let now = app.clock.now();
    if store::accept(&app.db, uuid, runner.id, &job_token, now).await? == 0 {
        return Err(Error::conflict("This job is not in pending state anymore")
            .code("runner_job_not_in_pending_state"));
    }
    let job = store::find(&app.db, uuid).await?.ok_or_else(unknown_job)?;
    let mut shown = view::job(&job, false);
    if let Some(shown) = shown.as_object_mut() {
        if job.kind == part::KIND {
            let places = part::places(&app, &job, &job_token).await?;
            shown.insert("places".into(), places);
        }
        shown.insert("jobToken".into(), job_token.into());
    }
    Ok(Json(json!({ "job": shown })))
}

/// The job that the tokens in the body belong to, in one of these states.
pub(super) async fn held(
    app: &App,
    uuid: &str,
    body: &Map<String, Value>,
    states: &[State],
) -> Result<RunnerJob> {
    let mut params = Map::new();
    params.insert("jobUUID".into(), uuid.into());
    let mut place = Check::new(Place::Params, &params);
    let parsed = Uuid::try_parse(uuid).ok();
    if parsed.is_none() {
        place.fail("jobUUID", "Invalid value");
    }
    place.finish()?;
    let mut check = Check::body(body);
    let runner_token = check.text("runnerToken", 1..=1000);
    let runner_token = check.required("runnerToken", runner_token);
    let job_token = check.text("jobToken", 1..=1000);
    let job_token = check.required("jobToken", job_token);
    check.finish()?;
    let (runner_token, job_token) = (
        runner_token.unwrap_or_default(),
        job_token.unwrap_or_default(),
    );
    let job = match parsed {
        Some(uuid) => store::find_held(&app.db, uuid, &runner_token, &job_token).await?,
        None => None,
    };
    let job = job.ok_or_else(unknown_job)?;
    if states.contains(&job.state) {
        return Ok(job);
    }
    Err(Error::bad_request("Job is not in \"processing\" state")
        .code("runner_job_not_in_processing_state"))
}

/// `POST /runners/jobs/{jobUUID}/abort`: gives the job back, which is no failure.
pub async fn abort(
    Handles(app): Handles<App>,
    Path(uuid): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let job = held(&app, &uuid, &body, &[State::Processing]).await?;
    let mut check = Check::body(&body);
    let reason = check.text("reason", 1..=5000);
    check.required("reason", reason);
    check.finish()?;
    store::put_back(&app.db, job.uuid, job.failures, None, app.clock.now()).await?;
    Ok(no_content())
}

/// `POST /runners/jobs/{jobUUID}/error`
pub async fn error(
    Handles(app): Handles<App>,
    Path(uuid): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let job = held(&app, &uuid, &body, &[State::Processing]).await?;
    let mut check = Check::body(&body);
    let message = check.text("message", 1..=5000);
    let message = check.required("message", message);
    check.finish()?;
    fail(&app, &job, &message.unwrap_or_default()).await?;
    Ok(no_content())
}

/// Reads a body that may bring files, but only for a job that somebody has: nobody else may fill
/// the disk.
async fn form(app: &App, uuid: &str, request: Request) -> Result<Form> {
    let uuid = uuid_of(uuid)?;
    let is_held = store::find(&app.db, uuid)
        .await?
        .is_some_and(|job| job.job_token.is_some());
    let fields: Vec<FileField> = FILES
        .iter()
        .filter(|_| is_held)
        .map(|(name, _)| FileField {
            name,
            max_bytes: None,
        })
        .collect();
    let read = Form::read(app, request, &fields).await;
    if is_held { read } else { Err(unknown_job()) }
}

/// `POST /runners/jobs/{jobUUID}/update`
pub async fn update(
    Handles(app): Handles<App>,
    client: Client,
    Path(uuid): Path<String>,
    request: Request,
) -> Result<Response> {
    let form = form(&app, &uuid, request).await?;
    let states = [State::Processing, State::Completing, State::Completed];
    let job = held(&app, &uuid, &form.fields, &states).await?;
    let mut check = Check::body(&form.fields);
    let progress = check.int("progress", 0..=100);
    check.finish()?;
    if !form.files.is_empty() || has_payload(&form.fields) {
        return Err(Error::bad_request("Payload is invalid"));
    }
    if let Ok(runner) = runner(&app, &form.fields, true).await {
        note_contact(&app, &runner, client, &form.fields).await;
    }
    let progress = match progress {
        Field::Is(progress) => Some(progress),
        Field::Absent | Field::Null => None,
    };
    store::note_progress(&app.db, job.uuid, progress, app.clock.now()).await?;
    Ok(no_content())
}

fn has_payload(fields: &Map<String, Value>) -> bool {
    match fields.get("payload") {
        None | Some(Value::Null) => false,
        Some(Value::Object(payload)) => !payload.is_empty(),
        Some(_) => true,
    }
}

/// `POST /runners/jobs/{jobUUID}/success`: the files are kept, and put away by a job of ours.
pub async fn success(
    Handles(app): Handles<App>,
    Path(uuid): Path<String>,
    request: Request,
) -> Result<Response> {
    let mut form = form(&app, &uuid, request).await?;
    let job = held(&app, &uuid, &form.fields, &[State::Processing]).await?;
    let required = REQUIRED.iter().find(|(kind, _)| *kind == job.kind);
    let required = required.map_or(&[][..], |(_, files)| files);
    let is_there = |name: &&str| form.files.iter().any(|file| file.field == **name);
    if !required.iter().all(is_there) {
        return Err(Error::bad_request("Payload is invalid"));
    }
    if job.kind == part::KIND {
        return completing(&app, &job).await;
    }
    let language = heard(&form.fields).map(str::to_owned);
    if job.kind == TRANSCRIPTION && language.is_none() {
        return Err(Error::bad_request("Payload is invalid"));
    }
    let folder = result_folder(&app, job.uuid);
    match std::fs::remove_dir_all(&folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => std::fs::create_dir_all(&folder)?,
    }
    for (field, name) in FILES {
        if let Some(file) = form.take(field) {
            std::fs::rename(file.file.path(), folder.join(name))?;
        }
    }
    if let Some(language) = language {
        std::fs::write(folder.join(LANGUAGE_FILE), language)?;
    }
    completing(&app, &job).await
}

/// The language in what a runner says of its result.
fn heard(fields: &Map<String, Value>) -> Option<&str> {
    let language = fields.get("payload")?.get("inputLanguage")?.as_str()?;
    labels::language_label(language).map(|_| language)
}

/// All is here; who added the job takes it up.
async fn completing(app: &App, job: &RunnerJob) -> Result<Response> {
    let token = job.job_token.clone().unwrap_or_default();
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    if !store::begin_completing(&mut tx, job.uuid, &token, now).await? {
        return Err(unknown_job());
    }
    tell(&mut tx, job, None, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}
