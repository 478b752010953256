//! How loud a sound is by EBU R128, and the gain that makes it as loud as others.

use tokio_util::sync::CancellationToken;

use crate::command;
use crate::error::Result;
use crate::plan::{AudioPlan, Plan};
use crate::process::{self, Program, Run};
use crate::source::Source;
use crate::tool::Ffmpeg;

/// Hundredths of LUFS. What is quieter has nothing in it that anybody meant.
const QUIETEST: i32 = -5000;
/// Hundredths of a decibel. Less is not heard.
const LEAST: i32 = 50;
const LOWEST: i32 = -3000;
const HIGHEST: i32 = 2500;

/// Has the plan's sound encoded with the gain that brings it to `target` hundredths of LUFS, where it is not near
/// that already.
pub(crate) async fn level(
    ffmpeg: &Ffmpeg,
    source: &Source,
    plan: &mut Plan,
    (target, kbits): (i32, u32),
    cancel: &CancellationToken,
) -> Result<()> {
    let index = match plan.audio {
        AudioPlan::None => return Ok(()),
        AudioPlan::Encoded { index, .. } | AudioPlan::Copied { index, .. } => index,
    };
    let gain = measure(ffmpeg, source, index, cancel)
        .await?
        .and_then(|heard| gain(heard, target));
    if let Some(gain) = gain {
        plan.encoding.gain_cdb = gain;
        plan.audio = AudioPlan::Encoded { index, kbits };
    }
    Ok(())
}

fn gain(heard: i32, target: i32) -> Option<i32> {
    let gain = (target - heard).clamp(LOWEST, HIGHEST);
    (heard > QUIETEST && gain.abs() >= LEAST).then_some(gain)
}

/// The loudness of the whole, in hundredths of LUFS.
async fn measure(
    ffmpeg: &Ffmpeg,
    source: &Source,
    index: u32,
    cancel: &CancellationToken,
) -> Result<Option<i32>> {
    let mut run = Run::new(
        Program::Ffmpeg,
        "Measuring the loudness",
        command::loudness(source, index),
    );
    run.is_encoder = true;
    let mut last = None;
    process::lines(ffmpeg, run, cancel, |line| {
        if let Some(value) = line.strip_prefix("lavfi.r128.I=") {
            last = value.trim().parse::<f64>().ok();
        }
        Ok(())
    })
    .await?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is between -7000 and 1000"
    )]
    Ok(last
        .filter(|loudness| loudness.is_finite())
        .map(|loudness| (loudness * 100.0).round() as i32))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_or_silent_stays() {
        assert_eq!(gain(-2600, -1600), Some(1000));
        assert_eq!(gain(-900, -1600), Some(-700));
        assert_eq!(gain(-1640, -1600), None);
        assert_eq!(gain(-7000, -1600), None);
        assert_eq!(gain(-4900, -1600), Some(2500));
    }
}
