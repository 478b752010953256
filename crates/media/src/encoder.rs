//! What each encoder is told. Measured like the lists of [`crate::command`], so change them with care.

use crate::command::{Args, CLEAN, PICTURE_FRAGMENTS, add};
use crate::ladder::Rung;
use crate::plan::{Codec, Encoding, Plan};

/// One rendition of a part, but for its file.
pub(crate) fn picture_output(plan: &Plan, rung: &Rung) -> Args {
    let timescale = plan.rate.timescale();
    let mut args = Args::new();
    add(
        &mut args,
        &format!("-map [v{}] {CLEAN} -fps_mode passthrough", rung.name()),
    );
    args.extend(match plan.encoding.codec {
        Codec::H264 => x264(plan, rung),
        Codec::Av1 => svt_av1(plan, rung),
    });
    add(
        &mut args,
        &format!("-video_track_timescale {timescale} -write_tmcd 0"),
    );
    add(&mut args, &format!("-movflags {PICTURE_FRAGMENTS} -f mp4"));
    args
}

fn x264(plan: &Plan, rung: &Rung) -> Args {
    let Encoding {
        preset,
        crf,
        threads,
        tune,
        ..
    } = &plan.encoding;
    let gop = plan.gop;
    let crf = rung.crf.unwrap_or(*crf);
    let (rate, buffer, threads) = (rung.max_kbits, 2 * rung.max_kbits, threads.max(&1));
    let mut args = Args::new();
    add(
        &mut args,
        &format!("-c:v libx264 -preset {preset} -crf {crf} -maxrate {rate}k -bufsize {buffer}k"),
    );
    if !tune.is_empty() {
        add(&mut args, &format!("-tune {tune}"));
    }
    if plan.encoding.stitchable {
        add(&mut args, "-x264-params stitchable=1");
    }
    add(
        &mut args,
        &format!("-profile:v high -threads {threads} -g {gop} -keyint_min {gop} -sc_threshold 0"),
    );
    add(&mut args, "-flags +cgop");
    args
}

/// Every keyframe is one at which a player can begin, and none stands where the plan has none.
fn svt_av1(plan: &Plan, rung: &Rung) -> Args {
    let Encoding { preset, crf, .. } = &plan.encoding;
    let crf = rung.crf.unwrap_or(*crf);
    let (rate, threads) = (rung.max_kbits, plan.encoding.threads.max(1));
    let mut args = Args::new();
    add(
        &mut args,
        &format!(
            "-c:v libsvtav1 -preset {preset} -crf {crf} -maxrate {rate}k -bufsize {}k",
            2 * rate
        ),
    );
    add(
        &mut args,
        &format!(
            "-svtav1-params irefresh-type=2:scd=0:lp={threads} -g {}",
            plan.gop
        ),
    );
    args
}
