//! Which renditions the site wants, for the planner.

use crate::app::App;
use crate::instance::settings::enabled;
use media::{Encoding, LadderConfig, PlanConfig};

pub fn plan_config(app: &App) -> PlanConfig {
    let settings = app.instance.settings();
    let wanted = &settings.transcoding;
    let own = &app.config.transcoding;
    let mut resolutions = enabled(&wanted.resolutions);
    // The sound is a rendition of its own anyway.
    resolutions.retain(|resolution| *resolution > 0);
    PlanConfig {
        ladder: LadderConfig {
            resolutions,
            keep_original: wanted.always_transcode_original_resolution,
            max_fps: u32::try_from(wanted.fps.max).unwrap_or(60).max(1),
            ..LadderConfig::default()
        },
        encoding: Encoding {
            preset: own.preset.clone(),
            crf: own.crf,
            threads: u32::try_from(own.threads).unwrap_or(2),
            ..Encoding::default()
        },
        ..PlanConfig::default()
    }
}
