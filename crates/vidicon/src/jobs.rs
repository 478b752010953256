//! Every kind of job, one line each: which slice answers it.

use crate::admin::health::watch;
use crate::admin::release;
use crate::app::App;
use crate::backup;
use crate::certificate;
use crate::comment;
use crate::cost;
use crate::federation;
use crate::forum;
use crate::import;
use crate::instance;
use crate::notification::{self, digest, push, webhook};
use crate::sso;
use crate::takeout;
use crate::transcode::lifecycle;
use crate::{runner, studio};
use base::clock::{DAY, HOUR, MINUTE, Millis};
use base::db::Dialect;
use base::job::{JobError, Lane, NewJob, Running, Work};
use std::sync::Arc;

/// So many questions to other servers may wait for an answer beside those that are being asked.
const ASIDE: usize = 16;
/// The same of deliveries, for each seat.
const DELIVERIES_ASIDE: usize = 4;

/// Which kinds share how many seats. Every kind stands in exactly one lane.
pub fn lanes(app: &App) -> Vec<Lane> {
    let transcodes = if app.config.transcoding.enabled {
        app.config.transcoding.concurrency
    } else {
        0
    };
    // PostgreSQL is waited for; SQLite answers in place, and one write at a time.
    let receives = match app.db.dialect() {
        Dialect::Sqlite => 2,
        Dialect::Postgres => 8,
    };
    let imports = app.instance.settings().import.videos.concurrency;
    vec![
        Lane {
            name: "transcode",
            kinds: vec![
                "transcode",
                studio::STUDIO_JOB,
                crate::transcode::WEB_JOB,
                crate::transcode::AV1_JOB,
                "storyboard",
            ],
            concurrency: transcodes,
            aside: 0,
        },
        Lane {
            name: "extract",
            kinds: vec![crate::transcode::extract::EXTRACT_JOB],
            concurrency: 1,
            aside: 0,
        },
        Lane {
            name: "quick",
            kinds: QUICK.to_vec(),
            concurrency: 2,
            aside: 0,
        },
        Lane {
            name: "import",
            kinds: vec![import::JOB],
            concurrency: usize::try_from(imports).unwrap_or(1),
            aside: 0,
        },
        Lane {
            name: "takeout",
            kinds: vec![takeout::EXPORT_JOB, takeout::IMPORT_JOB],
            concurrency: 1,
            aside: 0,
        },
        Lane {
            name: "backup",
            kinds: vec![backup::JOB, lifecycle::LIFECYCLE_JOB],
            concurrency: 1,
            aside: 0,
        },
        Lane {
            name: "receive",
            kinds: federation::job::KINDS.iter().chain(FAR).copied().collect(),
            concurrency: receives,
            aside: ASIDE,
        },
        Lane {
            name: "deliver",
            kinds: vec![federation::job::DELIVER],
            concurrency: app.config.federation.deliveries,
            aside: DELIVERIES_ASIDE * app.config.federation.deliveries,
        },
    ]
}

/// Questions to other servers that are not federation's: each may wait for an answer from afar.
pub const FAR: &[&str] = &[
    comment::words::SYNC_JOB,
    crate::moderation::block_list::SYNC_JOB,
    webhook::JOB,
    push::JOB,
    import::sync::JOB,
    release::JOB,
];

/// Jobs that take seconds at the most.
pub const QUICK: &[&str] = &[
    "tidy",
    import::sync::ROUND_JOB,
    sso::AVATAR_JOB,
    watch::JOB,
    cost::MEASURE_JOB,
    forum::JOB,
    forum::PULL_JOB,
    certificate::JOB,
    comment::ADDED_JOB,
    comment::DELETED_JOB,
    comment::REMOVE_JOB,
    runner::RENDITION_ANSWER,
    runner::STUDIO_ANSWER,
    runner::STORYBOARD_ANSWER,
    runner::TRANSCRIPT_ANSWER,
    crate::video::TRANSCRIPT_JOB,
    crate::notice::JOB,
    notification::job::LETTER_JOB,
    digest::JOB,
    "video_published",
    "video_deleted",
    "drop_files",
    "mail",
    "account-mail",
    "delete-account",
    "video_updated",
    "video_blocked",
    "video_unblocked",
    "video_schedule",
    "video_trending",
    crate::video::said::INDEX_JOB,
    crate::follow::ADDED_JOB,
    crate::video::ownership::CHANGED_JOB,
    crate::playlist::UPDATED_JOB,
    crate::playlist::DELETED_JOB,
    crate::moderation::abuse::REPORTED_JOB,
    crate::moderation::abuse::JUDGED_JOB,
    crate::moderation::abuse::MESSAGE_JOB,
    crate::user::REGISTERED_JOB,
    crate::user::REQUESTED_JOB,
];

/// Kinds that come round by themselves, and how often.
const REGULAR: &[(&str, Millis)] = &[
    ("tidy", HOUR),
    (certificate::JOB, 10 * MINUTE),
    (backup::JOB, HOUR),
    (watch::JOB, HOUR),
    (cost::MEASURE_JOB, DAY),
    (lifecycle::LIFECYCLE_JOB, DAY),
    (forum::PULL_JOB, 15 * MINUTE),
    ("video_trending", HOUR),
    (crate::video::said::INDEX_JOB, HOUR),
    (comment::words::SYNC_JOB, HOUR),
    (crate::moderation::block_list::SYNC_JOB, HOUR),
    (digest::JOB, HOUR),
    (import::sync::ROUND_JOB, 10 * MINUTE),
    (release::JOB, DAY),
];

/// Adds the regular jobs whose time has come. Of several machines each may ask: a job is added
/// once for each span of time, because its key holds the number of the span.
pub async fn add_regular(app: &App) -> base::db::Result<()> {
    let now = app.clock.now();
    for (kind, every) in REGULAR.iter().chain(&federation::job::REGULAR) {
        let span = now / every;
        let fact = format!("regular {kind}");
        if instance::fact(&app.db, &fact).await? == Some(span.into()) {
            continue;
        }
        NewJob::new(kind, serde_json::json!({}))
            .once(*kind)
            .enqueue(&app.db, now)
            .await?;
        instance::keep_fact(&app.db, &app.clock, &fact, span.into()).await?;
    }
    app.workers.wake();
    Ok(())
}

#[allow(clippy::too_many_lines, reason = "one arm for each kind")]
async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    match running.job.kind.as_str() {
        "tidy" => tidy(app).await,
        crate::video::said::INDEX_JOB => crate::video::said::index_missing(app).await,
        import::JOB => import::job::run(app, running).await,
        import::sync::JOB => import::sync::run(app, running).await,
        import::sync::ROUND_JOB => import::sync::round(app).await,
        takeout::EXPORT_JOB => takeout::run_export(app, running).await,
        takeout::IMPORT_JOB => takeout::run_import(app, running).await,
        forum::JOB => forum::run(app, running).await,
        forum::PULL_JOB => forum::pull(app).await,
        watch::JOB => watch::run(app).await,
        release::JOB => release::look(app).await,
        cost::MEASURE_JOB => cost::measure(app).await,
        lifecycle::LIFECYCLE_JOB => lifecycle::run(app).await,
        sso::AVATAR_JOB => sso::fetch_avatar(app, running.job.payload()?).await,
        backup::JOB => backup::run(app, running.job.payload()?).await,
        certificate::JOB => certificate::run(app, &running.job).await,
        federation::job::DELIVER => federation::job::run(app, running).await,
        crate::video::watching::VIEWED_JOB => {
            lifecycle::restore_watched(app, running).await?;
            federation::job::run(app, running).await
        }
        kind if federation::job::KINDS.contains(&kind) => federation::job::run(app, running).await,
        kind if kind.starts_with("video_") => of_video(app, running).await,
        comment::REMOVE_JOB => comment::job::remove(app, running).await,
        comment::words::SYNC_JOB => comment::job::sync_words(app).await,
        "transcode" => crate::transcode::job::transcode(app, running).await,
        "storyboard"
        | crate::transcode::WEB_JOB
        | crate::transcode::AV1_JOB
        | studio::STUDIO_JOB => {
            crate::transcode::room::pass(app, running).await?;
            encode(app, running).await
        }
        crate::transcode::extract::EXTRACT_JOB => {
            crate::transcode::extract::make(app, running).await
        }
        runner::STUDIO_ANSWER => studio::job::take(app, running).await,
        runner::STORYBOARD_ANSWER => crate::transcode::take_storyboard(app, running).await,
        crate::video::TRANSCRIPT_JOB => crate::transcode::transcript::begin(app, running).await,
        runner::TRANSCRIPT_ANSWER => crate::transcode::transcript::take(app, running).await,
        runner::RENDITION_ANSWER => crate::transcode::take_rendition(app, running).await,
        "drop_files" => crate::video::files::drop_files(app, running).await,
        "mail" => crate::mail::deliver_post(app, &running.job.payload()?).await,
        "account-mail" => crate::user::job::send(app, running.job.payload()?).await,
        "delete-account" => crate::user::job::remove_rest(app, running.job.payload()?).await,
        crate::moderation::block_list::SYNC_JOB => {
            crate::moderation::block_list::sync_all(app).await
        }
        _ => told(app, running).await,
    }
}

/// Work of encoders that waits while others need the machine.
async fn encode(app: &App, running: &Running) -> Result<(), JobError> {
    match running.job.kind.as_str() {
        "storyboard" => crate::transcode::storyboard(app, running).await,
        crate::transcode::WEB_JOB => crate::transcode::web_videos(app, running).await,
        crate::transcode::AV1_JOB => crate::transcode::av1(app, running).await,
        _ => studio::job::edit(app, running).await,
    }
}

/// What becomes of a video, and who hears of it.
async fn of_video(app: &App, running: &Running) -> Result<(), JobError> {
    match running.job.kind.as_str() {
        "video_schedule" => return crate::video::job::carry_out_schedule(app, running).await,
        "video_trending" => return crate::video::watching::recount_trending(app).await,
        "video_deleted" => {
            notification::job::video_deleted(app, running).await?;
            crate::video::job::delete_blobs(app, running).await?;
            forum::after(app, running).await?;
        }
        "video_published" => {
            notification::job::video_published(app, running).await?;
            crate::search::job::learn_video(app, running).await?;
            forum::after(app, running).await?;
        }
        "video_updated" => {
            notification::job::video_updated(app, running).await?;
            crate::search::job::learn_video(app, running).await?;
            forum::after(app, running).await?;
        }
        "video_blocked" => {
            notification::job::video_blocked(app, running).await?;
            crate::moderation::log::video(app, &running.job).await?;
        }
        "video_unblocked" => {
            notification::job::video_unblocked(app, running).await?;
            crate::moderation::log::video(app, &running.job).await?;
        }
        _ => return told(app, running).await,
    }
    federation::job::video(app, running).await
}

/// What else happened that somebody is told of, here or elsewhere.
async fn told(app: &App, running: &Running) -> Result<(), JobError> {
    match running.job.kind.as_str() {
        comment::ADDED_JOB => {
            notification::job::comment_added(app, running).await?;
            federation::job::comment_added(app, running).await
        }
        comment::DELETED_JOB => {
            notification::job::comment_deleted(app, running).await?;
            federation::job::comment_deleted(app, running).await
        }
        crate::notice::JOB => notification::job::notify(app, running).await,
        notification::job::LETTER_JOB => notification::job::write_letter(app, running).await,
        digest::JOB => notification::job::send_digests(app).await,
        push::JOB => push::send(app, running).await,
        webhook::JOB => notification::job::call_webhook(app, running).await,
        crate::playlist::UPDATED_JOB => {
            crate::search::job::learn_playlist(app, running).await?;
            federation::job::playlist(app, running).await
        }
        crate::playlist::DELETED_JOB => federation::job::playlist(app, running).await,
        crate::follow::ADDED_JOB => notification::job::follow_added(app, running).await,
        crate::moderation::abuse::REPORTED_JOB => {
            notification::job::abuse(app, running).await?;
            federation::job::report(app, running).await
        }
        crate::moderation::abuse::JUDGED_JOB | crate::moderation::abuse::MESSAGE_JOB => {
            notification::job::abuse(app, running).await
        }
        crate::user::REGISTERED_JOB | crate::user::REQUESTED_JOB => {
            notification::job::joining(app, running).await
        }
        crate::video::ownership::CHANGED_JOB => {
            notification::job::ownership_changed(app, running).await
        }
        unknown => Err(JobError::Fail(format!(
            "this version knows no job of the kind {unknown}"
        ))),
    }
}

/// Removes what nobody needs any more.
pub async fn tidy(app: &App) -> Result<(), JobError> {
    base::job::prune(&app.db, app.clock.now() - base::clock::DAY).await?;
    crate::account::session::tidy(app).await?;
    crate::account::throttle::tidy(app).await?;
    crate::idempotency::tidy(app).await?;
    crate::account::code::tidy(&app.db, app.clock.now()).await?;
    federation::job::tidy(app).await?;
    notification::job::tidy(app).await?;
    instance::audit::prune(&app.db, app.clock.now() - 365 * base::clock::DAY).await?;
    sso::tidy(app).await?;
    crate::video::upload::tidy(app).await?;
    crate::transcode::job::tidy(app).await?;
    runner::tidy(app).await?;
    studio::job::tidy(app).await?;
    takeout::tidy(app).await?;
    Ok(())
}

/// The queue's way into the product.
pub fn work(app: &App) -> Work {
    let app = app.clone();
    Arc::new(move |running| {
        let app = app.clone();
        Box::pin(async move {
            let (job, now) = (&running.job, app.clock.now());
            let trace = app.traces.job(&job.kind, job.attempt, now);
            let outcome = run(&app, &running).await;
            app.traces.worked(trace, &outcome);
            outcome
        })
    })
}
