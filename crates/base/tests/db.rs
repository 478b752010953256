//! The database layer and the queue, on SQLite and, when `TEST_POSTGRES_URL` is set, PostgreSQL.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use base::clock::SECOND;
use base::db::Dialect;
use base::db::Query;
use base::job::{self, JobError, Lane, NewJob, Running, Work, Workers};
use base::migrate::{Migration, migrate};
use base::{Clock, Db, Id, sql};
use serde::Deserialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const STEPS: &[Migration] = &[
    Migration {
        version: 1,
        name: "job",
        text: include_str!("../../../migrations/0001_job.sql"),
    },
    Migration {
        version: 2,
        name: "thing",
        text: "CREATE TABLE thing (id {id}, name TEXT NOT NULL UNIQUE, big BOOLEAN NOT NULL,
               tags {json} NOT NULL, note TEXT, raw {blob})",
    },
    Migration {
        version: 3,
        name: "outlook",
        text: include_str!("../../../migrations/0172_outlook.sql"),
    },
];

struct Bench {
    db: Db,
    clock: Clock,
    _folder: tempfile::TempDir,
}

async fn fresh() -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let url = match std::env::var("TEST_POSTGRES_URL") {
        Ok(server) => {
            let name = format!("base_{}", base::random::token());
            Db::open(&server)
                .await
                .unwrap()
                .batch(&format!("CREATE DATABASE {name}"))
                .await
                .unwrap();
            let (start, _) = server.rsplit_once('/').unwrap();
            format!("{start}/{name}")
        }
        Err(_) => format!("sqlite:{}", folder.path().join("test.db").display()),
    };
    let db = Db::open(&url).await.unwrap();
    let clock = Clock::manual(1_000_000);
    migrate(&db, &clock, STEPS, None).await.unwrap();
    Bench {
        db,
        clock,
        _folder: folder,
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Thing {
    id: Id<Thing>,
    name: String,
    big: bool,
    tags: Vec<String>,
    note: Option<String>,
    raw: Option<Vec<u8>>,
}

async fn add(db: &Db, name: &str, big: bool) -> base::db::Result<Id<Thing>> {
    let (id,) =
        sql!("INSERT INTO thing (name, big, tags, raw) VALUES ($1, $2, $3, $4) RETURNING id")
            .bind(name)
            .bind(big)
            .bind(serde_json::json!(["a", "b"]))
            .bind(vec![0_u8, 255])
            .one(db)
            .await?;
    Ok(id)
}

#[tokio::test]
async fn rows_come_back_as_they_went_in() {
    let Bench { db, _folder, .. } = fresh().await;
    let id = add(&db, "one", true).await.unwrap();
    let thing: Thing = sql!("SELECT * FROM thing WHERE id = $1")
        .bind(id)
        .one(&db)
        .await
        .unwrap();
    let wanted = Thing {
        id,
        name: "one".into(),
        big: true,
        tags: vec!["a".into(), "b".into()],
        note: None,
        raw: Some(vec![0, 255]),
    };
    assert_eq!(thing, wanted);
}

/// Reads that are made together see one state where the database is SQLite; what is written
/// meanwhile is seen after them, and a fault among them spoils nothing.
#[tokio::test]
async fn reads_made_together_see_one_state() {
    let Bench { db, _folder, .. } = fresh().await;
    let count = async || {
        let counted = sql!("SELECT count(*) FROM thing").one::<(i64,)>(&db);
        counted.await.unwrap().0
    };
    let (before, after) = db
        .together(async {
            let before = count().await;
            add(&db, "one", true).await.unwrap();
            let wrong = Query::new("SELECT nothing FROM nowhere").all::<(i64,)>(&db);
            assert!(wrong.await.is_err());
            (before, count().await)
        })
        .await;
    let seen = i64::from(db.dialect() == Dialect::Postgres);
    assert_eq!((before, after), (0, seen));
    assert_eq!(count().await, 1);
    assert_eq!(db.together(count()).await, 1);
    assert_eq!(db.together(async { 7 }).await, 7);
}

#[tokio::test]
async fn a_tuple_may_read_fewer_columns_and_values_may_be_used_twice() {
    let Bench { db, _folder, .. } = fresh().await;
    for name in ["one", "two", "three"] {
        add(&db, name, name == "two").await.unwrap();
    }
    let found: Vec<(String,)> = Query::new("SELECT name, id, big FROM thing WHERE TRUE")
        .when(Some("two"), " AND (name = ? OR note = ?)")
        .within(" AND name IN (", ["one", "two"])
        .push(" ORDER BY id")
        .page(0, 5)
        .all(&db)
        .await
        .unwrap();
    assert_eq!(found, [("two".to_owned(),)]);
    let none: Vec<(String,)> = Query::new("SELECT name FROM thing WHERE TRUE")
        .within(" AND name IN (", Vec::<String>::new())
        .all(&db)
        .await
        .unwrap();
    assert!(none.is_empty());
}

#[tokio::test]
async fn a_second_row_of_the_same_name_is_told_apart_from_other_errors() {
    let Bench { db, _folder, .. } = fresh().await;
    add(&db, "one", true).await.unwrap();
    assert!(add(&db, "one", true).await.unwrap_err().is_unique());
}

#[tokio::test]
async fn a_dropped_transaction_leaves_nothing() {
    let Bench { db, _folder, .. } = fresh().await;
    let mut tx = db.begin().await.unwrap();
    sql!("INSERT INTO thing (name, big, tags) VALUES ('lost', TRUE, '[]')")
        .execute(&mut tx)
        .await
        .unwrap();
    drop(tx);
    add(&db, "kept", true).await.unwrap();
    let names: Vec<(String,)> = sql!("SELECT name FROM thing ORDER BY id")
        .all(&db)
        .await
        .unwrap();
    assert_eq!(names, [("kept".to_owned(),)]);
}

#[tokio::test]
async fn a_migrated_database_is_left_alone_and_a_newer_one_refused() {
    let Bench { db, clock, _folder } = fresh().await;
    assert_eq!(migrate(&db, &clock, STEPS, None).await.unwrap(), 0);
    let older = migrate(&db, &clock, &STEPS[..1], None)
        .await
        .unwrap_err()
        .to_string();
    assert!(older.contains("newer Vidicon"), "{older}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn racing_workers_claim_each_job_once() {
    let Bench { db, clock, _folder } = fresh().await;
    for n in 0..25 {
        NewJob::new("count", serde_json::json!(n))
            .enqueue(&db, clock.now())
            .await
            .unwrap();
    }
    let mut workers = tokio::task::JoinSet::new();
    for n in 0..4 {
        let (db, now) = (db.clone(), clock.now());
        workers.spawn(async move {
            let mut claimed = Vec::new();
            while let Some(job) = job::claim(&db, &["count"], &format!("w{n}"), now)
                .await
                .unwrap()
            {
                claimed.push(job.payload.as_i64().unwrap());
                job::finish(&db, &job, &Ok(()), now).await.unwrap();
            }
            claimed
        });
    }
    let mut claimed: Vec<i64> = workers.join_all().await.concat();
    claimed.sort_unstable();
    assert_eq!(claimed, (0..25).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_lost_lease_ends_nothing_and_the_job_runs_again() {
    let Bench { db, clock, _folder } = fresh().await;
    NewJob::new("x", serde_json::json!({}))
        .enqueue(&db, clock.now())
        .await
        .unwrap();
    let first = job::claim(&db, &["x"], "a", clock.now())
        .await
        .unwrap()
        .unwrap();
    clock.advance(job::LEASE + SECOND);
    job::release_expired(&db, clock.now()).await.unwrap();
    let second = job::claim(&db, &["x"], "b", clock.now())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (second.id, second.attempt),
        (first.id, 1),
        "a loss is no try"
    );
    assert!(matches!(
        job::renew(&db, &first, clock.now()).await,
        Err(JobError::LeaseLost)
    ));
    assert!(matches!(
        job::fence(&db, &first).await,
        Err(JobError::LeaseLost)
    ));
    assert_eq!(
        job::finish(&db, &first, &Ok(()), clock.now())
            .await
            .unwrap(),
        0
    );
    assert_eq!(
        job::finish(&db, &second, &Ok(()), clock.now())
            .await
            .unwrap(),
        1
    );
}

#[tokio::test]
async fn a_job_that_loses_its_worker_waits_ever_longer_and_is_failed_at_last() {
    let Bench { db, clock, _folder } = fresh().await;
    let id = NewJob::new("x", serde_json::json!({}))
        .max_attempts(3)
        .enqueue(&db, clock.now())
        .await
        .unwrap()
        .unwrap();
    let (mut losses, mut waits) = (0, Vec::new());
    let job = loop {
        let job = job::find(&db, id).await.unwrap().unwrap();
        if job.state == job::JobState::Failed {
            break job;
        }
        waits.push(job.run_at - clock.now());
        clock.advance((job.run_at - clock.now()).max(0));
        let claimed = job::claim(&db, &["x"], "a", clock.now()).await.unwrap();
        assert_eq!(claimed.unwrap().attempt, 1);
        job::release_owned(&db, "a", clock.now()).await.unwrap();
        losses += 1;
        assert!(losses < 100);
    };
    assert!(job.error.unwrap().contains("stopped"));
    assert_eq!(losses, 30);
    assert_eq!(waits[..6], [0, 0, 0, 0, 5 * SECOND, 20 * SECOND]);
    assert!(
        waits.iter().sum::<i64>() > 6 * 60 * 60 * SECOND,
        "{waits:?}"
    );
}

#[tokio::test]
async fn retries_wait_and_then_fail_with_the_cause() {
    let Bench { db, clock, _folder } = fresh().await;
    let id = NewJob::new("x", serde_json::json!({}))
        .enqueue(&db, clock.now())
        .await
        .unwrap()
        .unwrap();
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let work: job::Work = Arc::new(move |_| {
        counted.fetch_add(1, Ordering::SeqCst);
        Box::pin(async { Err(JobError::Retry("the bucket is away".to_owned())) })
    });
    job::run_due(&db, &clock, &work).await.unwrap();
    let job = job::find(&db, id).await.unwrap().unwrap();
    assert_eq!(runs.load(Ordering::SeqCst), 5);
    assert_eq!(
        (job.state, job.error.as_deref()),
        (job::JobState::Failed, Some("the bucket is away"))
    );
}

#[tokio::test]
async fn one_key_is_queued_once_and_cancel_ends_a_waiting_job() {
    let Bench { db, clock, _folder } = fresh().await;
    let job = || NewJob::new("x", serde_json::json!({})).once("only");
    let id = job().enqueue(&db, clock.now()).await.unwrap().unwrap();
    assert!(job().enqueue(&db, clock.now()).await.unwrap().is_none());
    assert!(job::cancel(&db, id, clock.now()).await.unwrap());
    assert!(job().enqueue(&db, clock.now()).await.unwrap().is_some());
    job::pause(&db, clock.now()).await.unwrap();
    assert!(
        job::claim(&db, &["x"], "a", clock.now())
            .await
            .unwrap()
            .is_none()
    );
    job::resume(&db).await.unwrap();
    assert!(
        job::claim(&db, &["x"], "a", clock.now())
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn every_statement_can_be_prepared() {
    let Bench { db, _folder, .. } = fresh().await;
    for statement in base::db::statements() {
        let prepared = db.prepare(statement.sql).await;
        prepared.unwrap_or_else(|error| panic!("{}: {error}", statement.place));
    }
}

fn lane(concurrency: usize, aside: usize) -> Vec<Lane> {
    vec![Lane {
        name: "only",
        kinds: vec!["far", "near"],
        concurrency,
        aside,
    }]
}

/// The job has the next turn at the database while its heartbeat asks for one behind it.
#[tokio::test]
async fn a_heartbeat_never_keeps_its_own_job_from_the_database() {
    let Bench { db, clock, _folder } = fresh().await;
    NewJob::new("near", serde_json::json!({}))
        .enqueue(&db, clock.now())
        .await
        .unwrap();
    let workers = Workers::new(db.clone(), clock.clone(), "test");
    let workers = workers.heartbeat(Duration::from_millis(20));
    let (done, ended) = tokio::sync::mpsc::unbounded_channel();
    let (on, mut ended) = (db.clone(), ended);
    let work: Work = Arc::new(move |_: Running| {
        let (db, done) = (on.clone(), done.clone());
        Box::pin(async move {
            let ways_in = match db.dialect() {
                Dialect::Sqlite => 1,
                Dialect::Postgres => 12,
            };
            let mut taken = Vec::new();
            for _ in 0..ways_in {
                taken.push(db.begin().await?);
            }
            tokio::spawn(async move {
                // Until the heartbeat has asked.
                tokio::time::sleep(Duration::from_millis(100)).await;
                drop(taken.pop());
                std::future::pending::<()>().await;
                drop(taken);
            });
            db.begin().await?.commit().await?;
            done.send(()).unwrap();
            Ok(())
        })
    });
    let stop = CancellationToken::new();
    let (lanes, stopping) = (lane(1, 0), stop.clone());
    tokio::spawn(async move { workers.run(lanes, work, stopping).await });
    let ended = tokio::time::timeout(Duration::from_secs(5), ended.recv()).await;
    stop.cancel();
    assert!(
        ended.is_ok(),
        "the job and its heartbeat wait for each other"
    );
}

#[tokio::test]
async fn jobs_that_wait_for_others_step_aside_as_far_as_there_is_room() {
    let Bench { db, clock, _folder } = fresh().await;
    for kind in ["far", "far", "far", "near"] {
        NewJob::new(kind, serde_json::json!({}))
            .enqueue(&db, clock.now())
            .await
            .unwrap();
    }
    let workers = Workers::new(db.clone(), clock.clone(), "test");
    let (say, mut said) = tokio::sync::mpsc::unbounded_channel();
    let lane_of = workers.clone();
    let work: Work = Arc::new(move |running: Running| {
        let (workers, say) = (lane_of.clone(), say.clone());
        Box::pin(async move {
            if running.job.kind == "near" {
                say.send("near").unwrap();
            } else if workers.step_aside(running.job.id) && workers.step_aside(running.job.id) {
                say.send("aside").unwrap();
                running.stop.cancelled().await;
            } else {
                say.send("no room").unwrap();
            }
            Ok(())
        })
    });
    let stop = CancellationToken::new();
    let (lanes, stopping) = (lane(1, 2), stop.clone());
    let running = tokio::spawn(async move { workers.run(lanes, work, stopping).await });
    let mut heard = Vec::new();
    for _ in 0..4 {
        let next = tokio::time::timeout(Duration::from_secs(5), said.recv()).await;
        heard.push(next.unwrap().unwrap());
    }
    assert_eq!(heard, ["aside", "aside", "no room", "near"]);
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), running)
        .await
        .unwrap()
        .unwrap();
}
