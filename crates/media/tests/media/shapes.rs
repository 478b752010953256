//! What is understood of each awkward source, and what is refused.

use media::{AudioPlan, MediaError, Picture, PlanConfig, ProbeLimits, Rate, Source};
use tokio_util::sync::CancellationToken;

use crate::clips::{Desk, clip, ffmpeg, turn};
use crate::oracle;

async fn plan_of(name: &str) -> Desk {
    Desk::with(name, PlanConfig::default()).await
}

fn refused_because(desk: &Desk) -> &str {
    desk.plan.not_copied_because.as_deref().unwrap()
}

#[tokio::test]
async fn plain_video_is_understood() {
    let desk = plan_of("usual.mp4").await;
    let video = desk.probe.video.as_ref().unwrap();
    assert_eq!(
        (video.codec.as_str(), video.display(), video.rotation),
        ("h264", (320, 180), 0)
    );
    assert_eq!((desk.plan.rate, desk.plan.frames), (Rate::new(30, 1), 210));
    assert_eq!(desk.plan.copy.as_ref().unwrap().resolution, 180);
    assert_eq!(desk.probe.raw["streams"][0]["codec_name"], "h264");
    assert!(desk.probe.raw["format"].get("filename").is_none());
}

#[tokio::test]
async fn sizes_follow_rotation_and_pixel_shape() {
    let rotated = plan_of("rotated.mp4").await;
    assert_eq!(rotated.probe.video.as_ref().unwrap().display(), (180, 320));
    assert_eq!(
        (rotated.plan.rungs[0].width, rotated.plan.rungs[0].height),
        (180, 320)
    );
    assert!(refused_because(&rotated).contains("rotated"));
    drop(rotated);
    let anamorphic = plan_of("anamorphic.mp4").await;
    assert_eq!(
        (
            anamorphic.plan.rungs[0].width,
            anamorphic.plan.rungs[0].height
        ),
        (512, 288)
    );
    drop(anamorphic);
    let odd = plan_of("odd.mp4").await;
    assert_eq!(odd.probe.video.as_ref().unwrap().display(), (313, 175));
    assert_eq!(
        (odd.plan.rungs[0].width, odd.plan.rungs[0].height),
        (312, 174)
    );
}

#[tokio::test]
async fn rates_and_depths_are_understood() {
    for (name, rate, frames, reason) in [
        ("vfr.mp4", Rate::new(30, 1), 209, ""),
        ("slides.mp4", Rate::new(30, 1), 0, ""),
        ("fast.mp4", Rate::new(60, 1), 180, "frames per second"),
        ("tenbit.mkv", Rate::new(25, 1), 75, "not H.264"),
        ("fourtwotwo.mov", Rate::new(25, 1), 50, "not H.264"),
        ("interlaced.mp4", Rate::new(25, 1), 125, "interlaced"),
        ("longgop.mp4", Rate::new(30, 1), 750, "10 s apart"),
        ("late.mp4", Rate::new(30, 1), 150, "late"),
        ("cut.mp4", Rate::new(30, 1), 0, "cut between"),
    ] {
        let desk = plan_of(name).await;
        assert_eq!(desk.plan.rate, rate, "{name}");
        if frames > 0 {
            assert_eq!(desk.plan.frames, frames, "{name}");
        }
        if !reason.is_empty() {
            assert!(
                refused_because(&desk).contains(reason),
                "{name}: {}",
                refused_because(&desk)
            );
        }
    }
}

#[tokio::test]
async fn hdr_is_turned_into_ordinary_colours() {
    let desk = Desk::new("pq.mp4").await;
    assert!(desk.probe.video.as_ref().unwrap().is_hdr);
    assert!(matches!(
        &desk.plan.picture,
        Picture::Stream {
            tone_map: Some(_),
            ..
        }
    ));
    let files = desk.encode_all().await;
    oracle::check_picture(&files[0].0, &desk.plan);
    let stream = oracle::stream(&files[0].0);
    assert_eq!(stream["streams"][0]["color_transfer"], "bt709");
    assert_eq!(stream["streams"][0]["pix_fmt"], "yuv420p");
}

#[tokio::test]
async fn streams_may_be_missing() {
    let silent = plan_of("noaudio.mp4").await;
    assert_eq!(silent.plan.audio, AudioPlan::None);
    assert!(
        silent
            .work()
            .encode_audio(|_, _| {})
            .await
            .unwrap()
            .is_none()
    );
    drop(silent);
    let sound = plan_of("sound.m4a").await;
    assert_eq!(sound.plan.picture, Picture::Still { cover: None });
    assert_eq!(sound.plan.frames, 50);
    drop(sound);
    let covered = plan_of("covered.mp3").await;
    assert!(matches!(
        covered.plan.picture,
        Picture::Still { cover: Some(_) }
    ));
    assert_eq!(
        (covered.plan.rungs[0].width, covered.plan.rungs[0].height),
        (300, 300)
    );
}

async fn refusal(bytes: &[u8], name: &str) -> MediaError {
    let _turn = turn().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    let ffmpeg = ffmpeg().await;
    let (source, cancel) = (Source::file(&file), CancellationToken::new());
    let error = match media::probe(&ffmpeg, &source, &ProbeLimits::default(), &cancel).await {
        Ok(probe) => media::plan(&ffmpeg, &source, &probe, &PlanConfig::default(), &cancel)
            .await
            .unwrap_err(),
        Err(error) => error,
    };
    assert!(
        !error
            .to_string()
            .contains(&*folder.path().to_string_lossy()),
        "no path of ours in: {error}"
    );
    error
}

#[tokio::test]
async fn what_is_no_video_is_refused_in_words() {
    let playlist =
        b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n";
    let concat = b"ffconcat version 1.0\nfile /etc/passwd\n";
    let random: Vec<u8> = (0..50_000_u32)
        .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8)
        .collect();
    let usual = std::fs::read({
        let _turn = turn().await;
        clip("usual.mp4")
    })
    .unwrap();
    // Its index stands at the end, so a file that was cut off has none.
    let cut = &usual[..usual.len() / 2];
    let cases: [(&[u8], &str); 7] = [
        (playlist, "x.mp4"),
        (playlist, "x.m3u8"),
        (concat, "x.mp4"),
        (&random, "x.mp4"),
        (cut, "x.mp4"),
        (b"", "x.mp4"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "x.svg"),
    ];
    for (bytes, name) in cases {
        let error = refusal(bytes, name).await;
        assert!(error.is_permanent(), "{error}");
        assert!(
            error
                .to_string()
                .starts_with("This file is not a video or a sound that can be read: "),
            "{error}"
        );
    }
    assert!(
        refusal(cut, "x.mp4")
            .await
            .to_string()
            .contains("index is missing")
    );
}

#[tokio::test]
async fn a_wrong_extension_does_not_matter() {
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("holiday -y concat:x.mp3");
    let _turn = turn().await;
    std::fs::copy(clip("usual.mp4"), &wrong).unwrap();
    let ffmpeg = ffmpeg().await;
    let probe = media::probe(
        &ffmpeg,
        &Source::file(&wrong),
        &ProbeLimits::default(),
        &CancellationToken::new(),
    )
    .await;
    assert_eq!(probe.unwrap().video.unwrap().codec, "h264");
}
