//! Which renditions the site wants, for the planner.

use crate::app::App;
use crate::instance::settings::enabled;
use crate::video::Quality;
use media::{Encoding, LadderConfig, PlanConfig};

pub fn plan_config(app: &App, quality: Option<Quality>) -> PlanConfig {
    let settings = app.instance.settings();
    let wanted = &settings.transcoding;
    let own = &app.config.transcoding;
    let quality = quality.unwrap_or(own.quality);
    let mut resolutions = enabled(&wanted.resolutions);
    // The sound is a rendition of its own anyway.
    resolutions.retain(|resolution| *resolution > 0);
    let mut max_kbits = LadderConfig::default().max_kbits;
    for kbits in max_kbits.values_mut() {
        *kbits = *kbits * quality.rate_percent() / 100;
    }
    PlanConfig {
        ladder: LadderConfig {
            max_kbits,
            resolutions,
            keep_original: wanted.always_transcode_original_resolution,
            max_fps: u32::try_from(wanted.fps.max).unwrap_or(60).max(1),
            ..LadderConfig::default()
        },
        loudness: (wanted.loudness.enabled && quality != Quality::Archive)
            .then(|| i32::try_from(wanted.loudness.target * 100).unwrap_or(-1600)),
        encoding: Encoding {
            preset: own.preset.clone(),
            crf: quality.crf(own.crf),
            tune: quality.tune().to_owned(),
            nearest: quality.is_nearest(),
            stitchable: wanted.per_title.enabled,
            threads: u32::try_from(own.threads).unwrap_or(2),
            ..Encoding::default()
        },
        ..PlanConfig::default()
    }
}
