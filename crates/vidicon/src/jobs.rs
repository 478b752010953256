//! Every kind of job, one line each: which slice answers it.

use crate::app::App;
use base::job::{JobError, Lane, Running, Work};
use std::sync::Arc;

/// Which kinds share how many workers. Every kind stands in exactly one lane.
pub fn lanes(app: &App) -> Vec<Lane> {
    let transcodes = if app.config.transcoding.enabled {
        app.config.transcoding.concurrency
    } else {
        0
    };
    vec![
        Lane {
            name: "transcode",
            kinds: vec!["transcode"],
            concurrency: transcodes,
        },
        Lane {
            name: "quick",
            kinds: QUICK.to_vec(),
            concurrency: 2,
        },
    ]
}

/// Jobs that take seconds at the most.
pub const QUICK: &[&str] = &["tidy", "video_published", "video_deleted"];

async fn run(app: &App, running: &Running) -> Result<(), JobError> {
    match running.job.kind.as_str() {
        "tidy" => Ok(
            base::job::prune(&app.db, app.clock.now() - base::clock::DAY)
                .await
                .map(drop)?,
        ),
        "video_deleted" => crate::video::job::delete_blobs(app, running).await,
        "video_published" => Ok(()),
        unknown => Err(JobError::Fail(format!(
            "this version knows no job of the kind {unknown}"
        ))),
    }
}

/// The queue's way into the product.
pub fn work(app: &App) -> Work {
    let app = app.clone();
    Arc::new(move |running| {
        let app = app.clone();
        Box::pin(async move { run(&app, &running).await })
    })
}
