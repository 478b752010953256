//! Workers: claim, renew, run, end.

use super::{HEARTBEAT, Job, JobError, JobId, claim, finish, release_expired, renew};
use crate::clock::{Clock, Millis};
use crate::db::{Db, Result};
use crate::sql;
use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long an idle worker waits before it looks again for what another process may have added.
const POLL: Duration = Duration::from_secs(1);

/// Kinds of jobs that share a number of workers.
#[derive(Clone, Debug)]
pub struct Lane {
    pub name: &'static str,
    pub kinds: Vec<&'static str>,
    pub concurrency: usize,
}

/// A job under way, as its code sees it.
#[derive(Clone)]
pub struct Running {
    pub job: Arc<Job>,
    /// Fires when the job is cancelled, its lease is lost or the process ends.
    pub stop: CancellationToken,
}

/// What runs a job: the product's list of kinds.
pub type Work = Arc<dyn Fn(Running) -> BoxFuture<'static, Result<(), JobError>> + Send + Sync>;

/// The workers of one process.
#[derive(Clone)]
pub struct Workers {
    db: Db,
    clock: Clock,
    owner: String,
    wake: Arc<Notify>,
    running: Arc<Mutex<HashMap<JobId, CancellationToken>>>,
}

impl Workers {
    /// `owner` names this process among all that share the database, the same after a restart.
    pub fn new(db: Db, clock: Clock, owner: impl Into<String>) -> Self {
        Workers {
            db,
            clock,
            owner: owner.into(),
            wake: Arc::new(Notify::new()),
            running: Arc::default(),
        }
    }

    /// Tells idle workers that something was added, so that they need not wait for their next look.
    pub fn wake(&self) {
        self.wake.notify_waiters();
    }

    /// Stops a running job of this process at once; others see the request at their next renewal.
    pub async fn cancel(&self, id: JobId) -> Result<bool> {
        let found = super::cancel(&self.db, id, self.clock.now()).await?;
        if let Some(stop) = self.running.lock().get(&id) {
            stop.cancel();
        }
        Ok(found)
    }

    /// Works until `stop` fires; jobs under way are then stopped and taken up by the next start.
    pub async fn run(&self, lanes: Vec<Lane>, work: Work, stop: CancellationToken) {
        if let Err(error) = super::release_owned(&self.db, &self.owner, self.clock.now()).await {
            tracing::error!(%error, "could not take back the jobs of the process before");
        }
        let mut workers = JoinSet::new();
        for lane in lanes {
            for _ in 0..lane.concurrency {
                let (workers_of, work, stop) = (self.clone(), work.clone(), stop.clone());
                let lane = lane.clone();
                workers.spawn(async move { workers_of.serve(&lane, &work, &stop).await });
            }
        }
        let (keeper, stopping) = (self.clone(), stop.clone());
        workers.spawn(async move { keeper.release_what_expires(&stopping).await });
        while workers.join_next().await.is_some() {}
    }

    async fn serve(&self, lane: &Lane, work: &Work, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            let woken = self.wake.notified();
            match claim(&self.db, &lane.kinds, &self.owner, self.clock.now()).await {
                Ok(Some(job)) => self.run_one(job, work, stop).await,
                Ok(None) => {
                    tokio::select! {
                        () = woken => {}
                        () = tokio::time::sleep(POLL) => {}
                        () = stop.cancelled() => {}
                    }
                }
                Err(error) => {
                    tracing::error!(lane = lane.name, %error, "could not claim a job");
                    tokio::time::sleep(POLL).await;
                }
            }
        }
    }

    async fn release_what_expires(&self, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(error) = release_expired(&self.db, self.clock.now()).await {
                tracing::error!(%error, "could not release expired jobs");
            }
            tokio::select! {
                () = tokio::time::sleep(millis(HEARTBEAT)) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    async fn run_one(&self, job: Job, work: &Work, stop: &CancellationToken) {
        let job = Arc::new(job);
        let stop_job = stop.child_token();
        self.running.lock().insert(job.id, stop_job.clone());
        let outcome = self.run_held(&job, work, &stop_job).await;
        self.running.lock().remove(&job.id);
        // A stop of the process is not the job's fault: it waits for the next start.
        let outcome = match outcome {
            Err(_) if stop.is_cancelled() => Err(JobError::Later(self.clock.now())),
            other => other,
        };
        report(&job, &outcome);
        if let Err(error) = finish(&self.db, &job, &outcome, self.clock.now()).await {
            tracing::error!(job.id = job.id.0, job.kind, %error, "could not end a job");
        }
        // What it has added may be due now.
        self.wake();
    }

    /// Runs the job while a heartbeat holds its lease.
    async fn run_held(
        &self,
        job: &Arc<Job>,
        work: &Work,
        stop: &CancellationToken,
    ) -> Result<(), JobError> {
        let running = Running {
            job: Arc::clone(job),
            stop: stop.clone(),
        };
        let mut run = std::pin::pin!(AssertUnwindSafe(work(running)).catch_unwind());
        let mut heartbeat = tokio::time::interval(millis(HEARTBEAT));
        heartbeat.tick().await;
        let mut lost = false;
        let mut cancelled = false;
        loop {
            tokio::select! {
                outcome = &mut run => {
                    return match outcome {
                        _ if lost => Err(JobError::LeaseLost),
                        Ok(Err(_)) if cancelled => Err(JobError::Cancelled),
                        Ok(outcome) => outcome,
                        Err(_) => Err(JobError::Fail("A fault in the program.".to_owned())),
                    };
                }
                _ = heartbeat.tick() => match renew(&self.db, job, self.clock.now()).await {
                    Ok(false) => {}
                    Ok(true) => { cancelled = true; stop.cancel(); }
                    Err(JobError::LeaseLost) => { lost = true; stop.cancel(); }
                    Err(error) => tracing::warn!(job.id = job.id.0, %error, "could not renew a lease"),
                },
            }
        }
    }
}

fn report(job: &Job, outcome: &Result<(), JobError>) {
    let (id, kind) = (job.id.0, job.kind.as_str());
    match outcome {
        Ok(()) | Err(JobError::Later(_)) => {
            tracing::debug!(job.id = id, job.kind = kind, "job ended")
        }
        Err(JobError::Cancelled) => tracing::info!(job.id = id, job.kind = kind, "job cancelled"),
        Err(JobError::Retry(cause)) => {
            tracing::warn!(
                job.id = id,
                job.kind = kind,
                attempt = job.attempt,
                cause,
                "job failed, will be tried again"
            );
        }
        Err(error) => tracing::error!(job.id = id, job.kind = kind, %error, "job failed"),
    }
}

fn millis(duration: Millis) -> Duration {
    Duration::from_millis(u64::try_from(duration).unwrap_or(0))
}

/// Runs due jobs of any kind, one after another, until none is left, and tells how many ran. With
/// a manual clock it turns the clock to the next due job, so that tests never wait.
pub async fn run_due(db: &Db, clock: &Clock, work: &Work) -> Result<usize> {
    let workers = Workers::new(db.clone(), clock.clone(), "test");
    let stop = CancellationToken::new();
    let mut ran = 0;
    loop {
        let next: Option<(i64, String)> =
            sql!("SELECT run_at, kind FROM job WHERE state = 'ready' ORDER BY run_at, id LIMIT 1")
                .optional(db)
                .await?;
        let Some((run_at, kind)) = next else {
            return Ok(ran);
        };
        clock.advance((run_at - clock.now()).max(0));
        if let Some(job) = claim(db, &[kind.as_str()], "test", clock.now()).await? {
            workers.run_one(job, work, &stop).await;
            ran += 1;
        } else {
            return Ok(ran);
        }
    }
}
