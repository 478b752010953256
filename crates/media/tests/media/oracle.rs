//! What ffmpeg itself makes of our files.

use std::path::Path;
use std::process::Command;

use media::Plan;
use serde_json::Value;

fn run(program: &str, args: &[&str], file: &Path) -> String {
    let output = Command::new(program).args(args).arg(file).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "",
        "ffmpeg complains about nothing"
    );
    String::from_utf8(output.stdout).unwrap()
}

pub struct Seen {
    pub pts: Vec<i64>,
    pub keys: Vec<i64>,
}

/// The packets of a file's first stream, pts sorted, in ticks of the track.
pub fn packets(file: &Path) -> Seen {
    let entries = [
        "-v",
        "error",
        "-select_streams",
        "0",
        "-show_entries",
        "packet=pts,flags",
        "-of",
        "json",
    ];
    let json: Value = serde_json::from_str(&run("ffprobe", &entries, file)).unwrap();
    let pts = |packet: &Value| packet["pts"].as_i64().unwrap();
    let all = json["packets"].as_array().unwrap();
    let mut seen = Seen {
        pts: all.iter().map(pts).collect(),
        keys: all
            .iter()
            .filter(|packet| packet["flags"].as_str().unwrap().contains('K'))
            .map(pts)
            .collect(),
    };
    seen.pts.sort_unstable();
    seen
}

/// Frames that a decoder gives out.
pub fn decoded_frames(file: &Path) -> usize {
    let entries = [
        "-v",
        "error",
        "-count_frames",
        "-select_streams",
        "v:0",
        "-show_streams",
        "-of",
        "json",
    ];
    let json: Value = serde_json::from_str(&run("ffprobe", &entries, file)).unwrap();
    json["streams"][0]["nb_read_frames"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

pub fn stream(file: &Path) -> Value {
    let json = run(
        "ffprobe",
        &[
            "-v",
            "error",
            "-show_streams",
            "-show_format",
            "-of",
            "json",
        ],
        file,
    );
    serde_json::from_str(&json).unwrap()
}

/// Everything that has to hold of a joined rendition: exact frames on the grid, a keyframe every two seconds.
pub fn check_picture(file: &Path, plan: &Plan) {
    let ticks = i64::from(plan.rate.frame_ticks());
    let frames = i64::try_from(plan.frames).unwrap();
    let seen = packets(file);
    assert_eq!(
        seen.pts,
        (0..frames).map(|frame| frame * ticks).collect::<Vec<_>>()
    );
    let gop = i64::from(plan.gop);
    assert_eq!(
        seen.keys,
        (0..frames)
            .step_by(gop as usize)
            .map(|frame| frame * ticks)
            .collect::<Vec<_>>()
    );
    assert_eq!(decoded_frames(file), usize::try_from(frames).unwrap());
}

/// When the sound begins to be heard.
pub fn silence_ends_s(file: &Path) -> f64 {
    let output = Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-i"])
        .arg(file)
        .args(["-af", "silencedetect=n=-40dB:d=0.5", "-f", "null", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    let (_, after) = text.split_once("silence_end: ").unwrap();
    after.split_whitespace().next().unwrap().parse().unwrap()
}
