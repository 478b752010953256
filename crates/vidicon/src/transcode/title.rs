//! What a title's own pictures need: settings chosen by trials, and the scores of what was made.

use super::make::{Making, media_error};
use super::store::title;
use crate::video::files::{FileId, ahead, growing_path};
use base::Tx;
use base::job::JobError;
use media::{MediaError, Picture, Plan, Score};

/// Trials on less than so much would cost more than they save.
const SHORTEST_US: i64 = 20_000_000;

/// Chooses what the parts from `from` on are encoded with, once for a title. Trials that fail leave the
/// site's settings as they are.
pub async fn tune(making: &Making<'_>, from: usize) -> Result<(), JobError> {
    let plan = making.current_plan();
    let is_on = making.app.instance.settings().transcoding.per_title.enabled;
    let is_picture = matches!(plan.picture, Picture::Stream { .. });
    if !is_on
        || !plan.encoding.stitchable
        || plan.is_tuned
        || !is_picture
        || plan.duration_us() < SHORTEST_US
    {
        return Ok(());
    }
    let choices = match making.work.choose(from).await {
        Err(MediaError::Canceled) => return Err(JobError::Cancelled),
        Err(error) => {
            tracing::warn!(video.id = %making.video.id, %error, "no settings were chosen for a title");
            Vec::new()
        }
        Ok(choices) => choices,
    };
    let metric = making.work.ffmpeg.about().metric;
    let mut tuned = Plan {
        is_tuned: true,
        ..plan.clone()
    };
    for choice in &choices {
        let rungs = tuned.rungs.iter_mut();
        for rung in rungs.filter(|rung| rung.resolution == choice.resolution) {
            rung.crf = Some(choice.crf);
        }
    }
    let mut tx = making.begin_step().await?;
    title::set_plan(&mut tx, making.video.id, &tuned).await?;
    for choice in &choices {
        title::set_expected(&mut tx, making.video.id, choice, metric).await?;
    }
    tx.commit().await?;
    making.tuned.get_or_init(|| tuned);
    Ok(())
}

/// Measures what was made, while it still lies in the growing folder. A measure that fails is no reason to
/// throw a rendition away.
pub async fn measure(making: &Making<'_>) -> Result<Vec<(FileId, Score)>, JobError> {
    let mut made = Vec::new();
    {
        let state = making.state.lock().await;
        let encoded = state
            .files
            .iter()
            .filter(|file| file.has_video && !file.copied && !file.complete);
        for file in encoded {
            let path = growing_path(making.app, making.video.uuid, &file.filename)?;
            let resolution = u32::try_from(file.resolution).unwrap_or(0);
            // What went ahead to the bucket is not read back for it.
            let is_here = path.exists() && ahead::find(&path).await?.is_none();
            if is_here {
                made.push((file.id, resolution, path));
            }
        }
    }
    let paths: Vec<_> = made
        .iter()
        .map(|(_, resolution, path)| (*resolution, path.clone()))
        .collect();
    let scores = match making.work.scores(&paths).await {
        Err(MediaError::Canceled) => return Err(media_error(MediaError::Canceled)),
        Err(error) => {
            tracing::warn!(video.id = %making.video.id, %error, "renditions were not measured");
            Vec::new()
        }
        Ok(scores) => scores,
    };
    let of = |score: Score| {
        let file = made
            .iter()
            .find(|(_, resolution, _)| *resolution == score.resolution)?;
        Some((file.0, score))
    };
    Ok(scores.into_iter().filter_map(of).collect())
}

/// Writes the scores down with what they are scores of.
pub async fn keep_scores(
    tx: &mut Tx,
    making: &Making<'_>,
    scores: &[(FileId, Score)],
) -> Result<(), JobError> {
    let metric = making.work.ffmpeg.about().metric;
    for (id, score) in scores {
        title::set_score(&mut *tx, *id, score.hundredths, metric).await?;
    }
    Ok(())
}
