//! What the server does and has done: jobs with their progress, why they failed, another try.

use super::{asked, table};
use crate::admin::jobs::waits_for;
use crate::app::App;
use crate::check::{Query, id as read_id};
use crate::error::{Error, Result};
use crate::page::card::Tab;
use crate::page::table::{Act, Cell, Line, pages, paging};
use crate::page::{Page, go};
use axum::extract::{Path, State};
use axum::response::Response;
use base::job::{self, Job, JobFilter, JobState};

const HERE: &str = "/admin/jobs";

/// Which jobs a list shows; `name` stands in the address.
const STATES: [(&str, &str, &[JobState]); 4] = [
    ("", "jobs-open", &[JobState::Running, JobState::Ready]),
    ("failed", "job-failed", &[JobState::Failed]),
    ("done", "job-done", &[JobState::Done]),
    ("cancelled", "job-cancelled", &[JobState::Cancelled]),
];

/// `GET /admin/jobs`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let (number, paging) = paging(&query);
    let wanted = asked(&query, "state");
    let chosen = STATES.iter().find(|(name, _, _)| *name == wanted);
    let states = chosen.map_or(&[JobState::Running, JobState::Ready][..], |it| it.2);
    let mut filter = JobFilter {
        states: states.to_vec(),
        start: paging.start,
        count: paging.count,
        ..JobFilter::default()
    };
    // Regular work that is not due yet is not what anybody waits for.
    if wanted.is_empty() {
        filter.run_until = Some(app.clock.now());
    }
    let (total, found) = job::list(&app.db, &filter).await?;
    let mut table = table(&page, HERE, page.t("admin-jobs"));
    table.lead = lead(&app, &page).await?;
    table.empty = page.t("jobs-empty").to_owned();
    table.columns = vec![
        page.t("job-kind"),
        page.t("job-state"),
        page.t("job-tries"),
        page.t("job-when"),
    ];
    table.filters = STATES
        .iter()
        .map(|(name, key, _)| Tab {
            url: if name.is_empty() {
                HERE.to_owned()
            } else {
                format!("{HERE}?state={name}")
            },
            label: page.t(key).to_owned(),
            now: *name == wanted,
        })
        .collect();
    let is_paused = job::is_paused(&app.db).await?;
    let why = |job| waits_for(job, app.clock.now(), is_paused);
    table.rows = found.iter().map(|job| line(&page, job, why(job))).collect();
    let rest = if wanted.is_empty() {
        String::new()
    } else {
        format!("state={wanted}")
    };
    table.pages = pages(HERE, &rest, number, total);
    Ok(table.render())
}

async fn lead(app: &App, page: &Page) -> Result<String> {
    let mut counts = [0_i64; 3];
    let kinds = [JobState::Ready, JobState::Running, JobState::Failed];
    for (place, state) in counts.iter_mut().zip(kinds) {
        let filter = JobFilter {
            states: vec![state],
            run_until: (state == JobState::Ready).then(|| app.clock.now()),
            count: 1,
            ..JobFilter::default()
        };
        *place = job::list(&app.db, &filter).await?.0;
    }
    let [waiting, running, failed] = counts;
    let first = page.tyx("check-jobs-text", "waiting", waiting, "running", running);
    Ok(format!(
        "{first} {}",
        page.tx("jobs-failed", "count", failed)
    ))
}

/// What keeps a job from going on, or how long it still takes, or why it failed.
fn more(page: &Page, job: &Job, why: Option<&str>) -> Option<String> {
    let known = why.and_then(|why| page.texts.find(&format!("job-waits-{why}")));
    let left = job.left_ms.filter(|_| job.state == JobState::Running);
    let left = left.map(|left| {
        let seconds = u64::try_from(left / 1000).unwrap_or(0);
        page.tx("job-left", "time", page.texts.length(seconds))
    });
    let words = [known.map(str::to_owned), left, job.error.clone()];
    let words: Vec<String> = words.into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn line(page: &Page, job: &Job, why: Option<&str>) -> Line {
    let name = page
        .texts
        .find(&format!("job-{}", job.kind.replace('_', "-")));
    let about = job
        .payload
        .get("videoId")
        .and_then(serde_json::Value::as_i64);
    let what = match about {
        Some(id) => Cell::link(name.unwrap_or(&job.kind), format!("/admin/videos/{id}")),
        None => Cell::text(name.unwrap_or(&job.kind)),
    };
    let (word, mood) = match job.state {
        JobState::Ready => (page.t("job-waiting"), "quiet"),
        JobState::Running => (page.t("job-running"), "good"),
        JobState::Done => (page.t("job-done"), "good"),
        JobState::Failed => (page.t("job-failed"), "bad"),
        JobState::Cancelled => (page.t("job-cancelled"), "quiet"),
    };
    let mut state = Cell::state(word, mood).more(more(page, job, why));
    state.progress = (job.state == JobState::Running).then_some(job.progress);
    let when = job.finished_at.or(job.started_at).unwrap_or(job.created_at);
    let first = (job.state == JobState::Ready).then(|| {
        let url = format!("{HERE}/{}/first", job.id);
        Act::new(url, page.t("job-first"))
    });
    let act = match job.state {
        JobState::Failed | JobState::Cancelled => {
            let url = format!("{HERE}/{}/retry", job.id);
            Some(Act::new(url, page.t("job-retry")))
        }
        JobState::Ready | JobState::Running => {
            let sure = page.t("job-cancel-sure").to_owned();
            let url = format!("{HERE}/{}/cancel", job.id);
            Some(Act::grave(url, page.t("job-cancel"), sure))
        }
        JobState::Done => None,
    };
    Line {
        cells: vec![
            what.note(format!("{} {}", job.kind, job.id)),
            state,
            Cell::text(job.attempt.to_string()),
            Cell::text(page.ago(when)),
        ],
        acts: first.into_iter().chain(act).collect(),
    }
}

/// `POST /admin/jobs/{id}/retry`.
pub async fn retry(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result<Response> {
    if !job::retry(&app.db, read_id("id", &id)?, app.clock.now()).await? {
        return Err(Error::bad_request(page.t("job-ended")));
    }
    app.workers.wake();
    Ok(go(&app, HERE, Some((false, page.t("job-retried")))))
}

/// `POST /admin/jobs/{id}/first`: before all others that wait.
pub async fn first(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result<Response> {
    let priority = job::highest_priority(&app.db).await?.saturating_add(1);
    if !job::set_priority(&app.db, read_id("id", &id)?, priority).await? {
        return Err(Error::bad_request(page.t("job-ended")));
    }
    app.workers.wake();
    Ok(go(&app, HERE, Some((false, page.t("job-comes-first")))))
}

/// `POST /admin/jobs/{id}/cancel`.
pub async fn cancel(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
) -> Result<Response> {
    let done = app.workers.cancel(read_id("id", &id)?).await?;
    let said = if done {
        (false, page.t("job-stopped"))
    } else {
        (true, page.t("job-ended"))
    };
    Ok(go(&app, HERE, Some(said)))
}
