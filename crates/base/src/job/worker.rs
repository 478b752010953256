//! Workers: claim, renew, run, end.

use super::{HEARTBEAT, Job, JobError, JobId, claim, finish, release_expired, renew};
use crate::clock::{Clock, Millis};
use crate::db::{Db, Result};
use crate::sql;
use futures::FutureExt;
use futures::future::BoxFuture;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How long an idle worker waits before it looks again for what another process may have added.
const POLL: Duration = Duration::from_secs(1);
/// A job that takes longer steps aside for the next one, where its lane has room for that.
pub const PATIENCE: Duration = Duration::from_secs(1);

/// Kinds of jobs that share a number of seats.
#[derive(Clone, Debug)]
pub struct Lane {
    pub name: &'static str,
    pub kinds: Vec<&'static str>,
    pub concurrency: usize,
    /// How many more may go on beside those in the seats once they have taken over a second: for
    /// jobs that do nothing but wait for somebody else.
    pub aside: usize,
}

/// Where a job sits: in one of its lane's seats, or aside.
struct Seat {
    place: Mutex<Place>,
    aside: Arc<Semaphore>,
}

struct Place {
    _permit: OwnedSemaphorePermit,
    is_aside: bool,
}

impl Seat {
    /// Frees the seat for the next job. Tells whether there was room aside.
    fn step_aside(&self) -> bool {
        let mut place = self.place.lock();
        if place.is_aside {
            return true;
        }
        let Ok(permit) = Arc::clone(&self.aside).try_acquire_owned() else {
            return false;
        };
        *place = Place {
            _permit: permit,
            is_aside: true,
        };
        true
    }
}

/// A job of this process that runs.
struct Held {
    stop: CancellationToken,
    seat: Option<Arc<Seat>>,
}

/// What the heartbeat has learned.
#[derive(Default)]
struct Heard {
    lost: AtomicBool,
    cancelled: AtomicBool,
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
    heartbeat: Duration,
    wake: Arc<Notify>,
    running: Arc<Mutex<HashMap<JobId, Held>>>,
}

impl Workers {
    /// `owner` names this process among all that share the database, the same after a restart.
    pub fn new(db: Db, clock: Clock, owner: impl Into<String>) -> Self {
        Workers {
            db,
            clock,
            owner: owner.into(),
            heartbeat: millis(HEARTBEAT),
            wake: Arc::new(Notify::new()),
            running: Arc::default(),
        }
    }

    /// Renews leases as often as this, for tests that cannot wait for [`HEARTBEAT`].
    #[must_use]
    pub fn heartbeat(mut self, every: Duration) -> Self {
        self.heartbeat = every;
        self
    }

    /// Tells idle workers that something was added, so that they need not wait for their next look.
    pub fn wake(&self) {
        self.wake.notify_waiters();
    }

    /// Stops a running job of this process at once; others see the request at their next renewal.
    pub async fn cancel(&self, id: JobId) -> Result<bool> {
        let found = super::cancel(&self.db, id, self.clock.now()).await?;
        if let Some(held) = self.running.lock().get(&id) {
            held.stop.cancel();
        }
        Ok(found)
    }

    /// Lets the next job of the lane begin while this one waits. Tells whether there was room; a
    /// job that runs in no lane holds up nobody.
    pub fn step_aside(&self, id: JobId) -> bool {
        let seat = self
            .running
            .lock()
            .get(&id)
            .and_then(|held| held.seat.clone());
        seat.is_none_or(|seat| seat.step_aside())
    }

    /// Works until `stop` fires; jobs under way are then stopped and taken up by the next start.
    pub async fn run(&self, lanes: Vec<Lane>, work: Work, stop: CancellationToken) {
        if let Err(error) = super::release_owned(&self.db, &self.owner, self.clock.now()).await {
            tracing::error!(%error, "could not take back the jobs of the process before");
        }
        let mut lanes_open = JoinSet::new();
        for lane in lanes {
            let (workers, work, stop) = (self.clone(), work.clone(), stop.clone());
            lanes_open.spawn(async move { workers.serve(&lane, &work, &stop).await });
        }
        let (keeper, stopping) = (self.clone(), stop.clone());
        lanes_open.spawn(async move { keeper.release_what_expires(&stopping).await });
        while lanes_open.join_next().await.is_some() {}
    }

    /// Claims one job after another as long as there is a seat. One looks for all the seats of a
    /// lane, so that an idle lane costs one question a second, however wide it is.
    async fn serve(&self, lane: &Lane, work: &Work, stop: &CancellationToken) {
        let seats = Arc::new(Semaphore::new(lane.concurrency));
        let aside = Arc::new(Semaphore::new(lane.aside));
        let mut jobs = JoinSet::new();
        loop {
            let free = stop.run_until_cancelled(Arc::clone(&seats).acquire_owned());
            let Some(Ok(permit)) = free.await else {
                break;
            };
            while jobs.try_join_next().is_some() {}
            let woken = self.wake.notified();
            match claim(&self.db, &lane.kinds, &self.owner, self.clock.now()).await {
                Ok(Some(job)) => {
                    let place = Place {
                        _permit: permit,
                        is_aside: false,
                    };
                    let seat = Arc::new(Seat {
                        place: Mutex::new(place),
                        aside: Arc::clone(&aside),
                    });
                    let (workers, work, stop) = (self.clone(), work.clone(), stop.clone());
                    jobs.spawn(async move { workers.run_one(job, Some(seat), &work, &stop).await });
                }
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
        while jobs.join_next().await.is_some() {}
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

    async fn run_one(
        &self,
        job: Job,
        seat: Option<Arc<Seat>>,
        work: &Work,
        stop: &CancellationToken,
    ) {
        let job = Arc::new(job);
        let stop_job = stop.child_token();
        let held = Held {
            stop: stop_job.clone(),
            seat: seat.clone(),
        };
        self.running.lock().insert(job.id, held);
        let outcome = self.run_held(&job, seat.as_deref(), work, &stop_job).await;
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
        drop(seat);
        // What it has added may be due now.
        self.wake();
    }

    /// Runs the job while a heartbeat holds its lease.
    async fn run_held(
        &self,
        job: &Arc<Job>,
        seat: Option<&Seat>,
        work: &Work,
        stop: &CancellationToken,
    ) -> Result<(), JobError> {
        let running = Running {
            job: Arc::clone(job),
            stop: stop.clone(),
        };
        let heard = Heard::default();
        let run = AssertUnwindSafe(work(running)).catch_unwind();
        // Both are polled at any time: were the heartbeat awaited by itself while the job has the
        // next turn at the database, it would wait for the job for ever, and everybody with it.
        let outcome = tokio::select! {
            outcome = run => outcome,
            never = self.hold(job, stop, &heard) => match never {},
            never = step_aside_in_time(seat) => match never {},
        };
        match outcome {
            _ if heard.lost.load(Ordering::Relaxed) => Err(JobError::LeaseLost),
            Ok(Err(_)) if heard.cancelled.load(Ordering::Relaxed) => Err(JobError::Cancelled),
            Ok(outcome) => outcome,
            Err(_) => Err(JobError::Fail("A fault in the program.".to_owned())),
        }
    }

    /// Renews the lease for as long as it is polled, and stops the job that has lost it.
    async fn hold(&self, job: &Job, stop: &CancellationToken, heard: &Heard) -> Infallible {
        let mut heartbeat = tokio::time::interval(self.heartbeat);
        heartbeat.tick().await;
        loop {
            heartbeat.tick().await;
            match renew(&self.db, job, self.clock.now()).await {
                Ok(false) => {}
                Ok(true) => {
                    heard.cancelled.store(true, Ordering::Relaxed);
                    stop.cancel();
                }
                Err(JobError::LeaseLost) => {
                    heard.lost.store(true, Ordering::Relaxed);
                    stop.cancel();
                }
                Err(error) => {
                    tracing::warn!(job.id = job.id.0, %error, "could not renew a lease");
                }
            }
        }
    }
}

async fn step_aside_in_time(seat: Option<&Seat>) -> Infallible {
    if let Some(seat) = seat {
        tokio::time::sleep(PATIENCE).await;
        seat.step_aside();
    }
    std::future::pending().await
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
            workers.run_one(job, None, work, &stop).await;
            ran += 1;
        } else {
            return Ok(ran);
        }
    }
}
