//! The REST routes with which administrators manage runners and look at their jobs.

use super::store::{self, Filter};
use super::view::{self, RunnerView, TokenView};
use super::{RunnerId, RunnerJob, State, TokenId, give_up_others, tell};
use crate::app::App;
use crate::check::{Query, wrong_param};
use crate::error::{Error, Result, no_content};
use crate::listing::{Listed, Paging, Sort};
use axum::Json;
use axum::extract::{Path, State as Handles};
use axum::response::Response;
use serde_json::Value;
use uuid::Uuid;

/// `POST /runners/registration-tokens/generate`
pub async fn generate_token(Handles(app): Handles<App>) -> Result<Response> {
    super::make_token(&app).await?;
    Ok(no_content())
}

pub async fn tokens(
    Handles(app): Handles<App>,
    Query(query): Query,
) -> Result<Json<Listed<TokenView>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt"], "-createdAt")?;
    let total = store::count_tokens(&app.db).await?;
    let found = store::tokens(&app.db, paging, sort).await?;
    Ok(Listed::new(
        total,
        found.into_iter().map(TokenView::from).collect(),
    ))
}

/// Deletes a token with the runners that joined with it; their jobs wait for others.
pub async fn delete_token(Handles(app): Handles<App>, Path(id): Path<String>) -> Result<Response> {
    let id: TokenId = crate::check::id("id", &id)?;
    let mut tx = app.db.begin().await?;
    store::release_of_token(&mut tx, id, app.clock.now()).await?;
    if store::delete_token(&mut tx, id).await? == 0 {
        return Err(Error::not_found("Registration token not found"));
    }
    tx.commit().await?;
    Ok(no_content())
}

pub async fn runners(
    Handles(app): Handles<App>,
    Query(query): Query,
) -> Result<Json<Listed<RunnerView>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt"], "-createdAt")?;
    let total = store::count_runners(&app.db).await?;
    let found = store::runners(&app.db, paging, sort).await?;
    Ok(Listed::new(
        total,
        found.into_iter().map(RunnerView::from).collect(),
    ))
}

pub async fn delete_runner(Handles(app): Handles<App>, Path(id): Path<String>) -> Result<Response> {
    let id: RunnerId = crate::check::id("runnerId", &id)?;
    if !remove(&app, id).await? {
        return Err(Error::not_found("Runner not found"));
    }
    Ok(no_content())
}

/// Removes a runner; what it was doing waits for another one.
pub async fn remove(app: &App, id: RunnerId) -> Result<bool> {
    let mut tx = app.db.begin().await?;
    store::release(&mut tx, id, app.clock.now()).await?;
    let was_there = store::delete_runner(&mut tx, id).await? > 0;
    tx.commit().await?;
    Ok(was_there)
}

pub async fn jobs(Handles(app): Handles<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let columns = &["updatedAt", "createdAt", "priority", "state", "progress"];
    let sort = Sort::read(&query, columns, "-createdAt")?;
    let text = query.get("search").and_then(Value::as_str);
    let filter = Filter {
        search: text.filter(|text| !text.is_empty()).map(str::to_owned),
        states: states(query.get("stateOneOf")),
    };
    let total = store::count_jobs(&app.db, &filter).await?;
    let found = store::jobs(&app.db, &filter, paging, sort).await?;
    let shown = found.iter().map(|job| view::job(job, true)).collect();
    Ok(Listed::new(total, shown))
}

/// What is no number is passed over, as clients are used to.
fn states(given: Option<&Value>) -> Vec<i64> {
    match given {
        Some(Value::Array(list)) => list.iter().filter_map(crate::check::whole).collect(),
        Some(one) => crate::check::whole(one).into_iter().collect(),
        None => Vec::new(),
    }
}

async fn found(app: &App, uuid: &str) -> Result<RunnerJob> {
    let uuid = Uuid::try_parse(uuid).map_err(|_| wrong_param("jobUUID", uuid))?;
    let job = store::find(&app.db, uuid).await?;
    job.ok_or_else(|| Error::not_found("Unknown runner job"))
}

pub async fn cancel(Handles(app): Handles<App>, Path(uuid): Path<String>) -> Result<Response> {
    let job = found(&app, &uuid).await?;
    if !may_cancel(&job) {
        return Err(Error::bad_request(
            "Cannot cancel this job that is not in pending, processing or waiting state.",
        ));
    }
    cancel_job(&app, &job).await?;
    Ok(no_content())
}

fn may_cancel(job: &RunnerJob) -> bool {
    matches!(
        job.state,
        State::Pending | State::Processing | State::WaitingForParent
    )
}

async fn cancel_job(app: &App, job: &RunnerJob) -> Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let why = "Cancelled by an administrator.";
    store::set_state(&mut tx, job.uuid, State::Cancelled, Some(why), now).await?;
    give_up_others(&mut tx, job, State::ParentCancelled, now).await?;
    tell(&mut tx, job, Some(why), now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(())
}

/// Deletes a job, which is cancelled first when it has not ended.
pub async fn delete(Handles(app): Handles<App>, Path(uuid): Path<String>) -> Result<Response> {
    let job = found(&app, &uuid).await?;
    if may_cancel(&job) {
        cancel_job(&app, &job).await?;
    }
    store::delete(&app.db, job.uuid).await?;
    Ok(no_content())
}
