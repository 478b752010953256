//! From a source to joined renditions, part by part, with kills in between.

use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

use media::hls::Track;
use media::{ChunkPlan, MediaError, Plan, PlanConfig, Source, command};

use crate::clips::Desk;
use crate::oracle;

/// Hashes of the frames that reach the encoder.
fn frames_of(desk: &Desk, plan: &Plan, chunk: &ChunkPlan) -> Vec<String> {
    let args = command::chunk(
        plan,
        chunk,
        &desk.source,
        Path::new("unused"),
        Path::new("/unused"),
    );
    let end = args.iter().position(|arg| arg == "-map").unwrap();
    let label = format!("[v{}]", plan.rungs[0].name());
    let output = Command::new("ffmpeg")
        .args(&args[..end])
        .args([
            "-map",
            &label,
            "-fps_mode",
            "passthrough",
            "-f",
            "framemd5",
            "-",
        ])
        .output();
    let text = String::from_utf8(output.unwrap().stdout).unwrap();
    let frames = text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.contains('='));
    frames
        .filter_map(|line| line.rsplit_once(", ").map(|(_, hash)| hash.to_owned()))
        .collect()
}

/// Parts of two seconds see the very frames that one pass without any seeking sees.
async fn parts_equal_one_pass(name: &str) {
    let mut desk = Desk::new(name).await;
    desk.plan.rungs.truncate(1);
    let one = ChunkPlan {
        first: 0,
        frames: desk.plan.frames,
        seek_us: None,
        preroll_us: 0,
    };
    let expected = frames_of(&desk, &desk.plan, &one);
    assert_eq!(expected.len() as u64, desk.plan.frames, "{name}");
    assert!(desk.plan.chunks.len() > 1 && desk.plan.chunks.iter().any(|chunk| chunk.first > 0));
    let parts: Vec<_> = desk
        .plan
        .chunks
        .iter()
        .flat_map(|chunk| frames_of(&desk, &desk.plan, chunk))
        .collect();
    let wrong = parts.iter().zip(&expected).filter(|(a, b)| a != b).count();
    assert_eq!((parts.len(), wrong), (expected.len(), 0), "{name}");
}

#[tokio::test]
async fn parts_see_the_frames_of_one_pass() {
    for name in [
        "usual.mp4",
        "vfr.mp4",
        "slides.mp4",
        "stream.ts",
        "opengop.mkv",
        "opengop.mp4",
        "opengop.mov",
        "interlaced.mp4",
        "longgop.mp4",
        "cut.mp4",
    ] {
        parts_equal_one_pass(name).await;
    }
}

async fn check_renditions(name: &str) {
    let desk = Desk::new(name).await;
    for (file, track) in desk.encode_all().await {
        oracle::check_picture(&file, &desk.plan);
        assert_eq!(
            std::fs::metadata(&file).unwrap().len(),
            track.len(),
            "{name}"
        );
        assert!(track.codec.starts_with("avc1.42"), "{}", track.codec);
    }
}

#[tokio::test]
async fn joined_renditions_are_exact() {
    for name in [
        "usual.mp4",
        "stream.ts",
        "three.mp4",
        "odd.mp4",
        "tenbit.mkv",
    ] {
        check_renditions(name).await;
    }
}

#[tokio::test]
async fn the_rest_of_the_shapes_encode_too() {
    for name in [
        "rotated.mp4",
        "anamorphic.mp4",
        "fourtwotwo.mov",
        "fast.mp4",
        "noaudio.mp4",
        "late.mp4",
    ] {
        check_renditions(name).await;
    }
}

#[tokio::test]
async fn a_sound_plays_as_a_video() {
    for name in ["sound.m4a", "covered.mp3"] {
        let desk = Desk::with(name, PlanConfig::default()).await;
        let files = desk.encode_all().await;
        oracle::check_picture(&files[0].0, &desk.plan);
        let sound = desk.work().encode_audio(|_, _| {}).await.unwrap().unwrap();
        assert!(
            (4.9..5.2).contains(&sound.duration_s()),
            "{name}: {}",
            sound.duration_s()
        );
    }
}

#[tokio::test]
async fn the_sound_grows_and_is_the_same_again() {
    let desk = Desk::new("longgop.mp4").await;
    let grown = Mutex::new(Vec::new());
    let track = desk
        .work()
        .encode_audio(|track, share| grown.lock().unwrap().push((track.segments.len(), share)))
        .await;
    let track = track.unwrap().unwrap();
    let file = desk.work().audio_file();
    let bytes = std::fs::read(&file).unwrap();
    assert_eq!(bytes.len() as u64, track.len());
    assert_eq!(
        (track.codec.as_str(), track.timescale, track.target_s()),
        ("mp4a.40.2", 48_000, 4)
    );
    assert!(
        (24.9..25.2).contains(&track.duration_s()),
        "{}",
        track.duration_s()
    );
    assert_eq!(
        grown.lock().unwrap().last(),
        Some(&(track.segments.len(), 1.0))
    );
    assert!(
        oracle::packets(&file)
            .pts
            .windows(2)
            .all(|pair| pair[1] - pair[0] == 1024)
    );

    // Killed before its end was noted: the same bytes are written over what is there.
    std::fs::remove_file(desk.path("audio.json")).unwrap();
    std::fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
    assert_eq!(
        desk.work().encode_audio(|_, _| {}).await.unwrap().unwrap(),
        track
    );
    assert!(std::fs::read(&file).unwrap() == bytes);
}

#[tokio::test]
async fn a_fitting_source_is_cut_without_encoding() {
    for name in ["usual.mp4", "stream.ts"] {
        let desk = Desk::with(name, PlanConfig::default()).await;
        let work = desk.work();
        let copied = work.copy_streams(|_| {}).await.unwrap().unwrap();
        assert_eq!(
            work.copy_streams(|_| {}).await.unwrap().unwrap(),
            copied,
            "the second time it is only read"
        );
        let own = oracle::decoded_frames(&crate::clips::clip(name));
        assert_eq!(
            oracle::decoded_frames(&work.copied_video_file()),
            own,
            "{name}"
        );
        let sound = copied.audio.as_ref().unwrap();
        assert_eq!(sound.codec, "mp4a.40.2");
        assert!(
            copied
                .video
                .segments
                .iter()
                .rev()
                .skip(1)
                .all(|one| one.ticks >= 2 * u64::from(copied.video.timescale))
        );
        assert!(
            (copied.video.duration_s() - 7.0).abs() < 0.1,
            "{name}: {}",
            copied.video.duration_s()
        );
        assert!(
            (sound.duration_s() - 7.0).abs() < 0.2,
            "{name}: {}",
            sound.duration_s()
        );
    }
}

#[tokio::test]
async fn a_kill_costs_one_part_and_nothing_else() {
    let desk = Desk::new("usual.mp4").await;
    let work = desk.work();
    let first = work.encode_chunk(0, |_| {}).await.unwrap();
    let files: Vec<_> = desk
        .plan
        .rungs
        .iter()
        .map(|rung| desk.path(&format!("{}.mp4", rung.name())))
        .collect();
    let at = work.append(0, 144, &files[0], 0).await.unwrap();

    // Dropped at its first sign of life.
    {
        let begun = tokio::sync::Notify::new();
        let encode = work.encode_chunk(1, |_| begun.notify_one());
        tokio::select! { _ = encode => {}, () = begun.notified() => {} }
    }
    // A kill -9 leaves its folder and half of an append behind.
    std::fs::create_dir_all(desk.path("1.7.tmp")).unwrap();
    std::fs::write(desk.path("1.7.tmp/144.mp4"), b"half").unwrap();
    let mut left_over = std::fs::read(&files[0]).unwrap();
    left_over.extend_from_slice(b"half of the next part");
    std::fs::write(&files[0], left_over).unwrap();

    media::sweep(desk.folder.path()).unwrap();
    assert!(!desk.path("1.7.tmp").exists());
    assert_eq!(work.finished_chunk(0), Some(first.clone()));
    let missing = work.first_missing(0);
    assert!(missing == Some(1) || work.finished_chunk(1).is_some());
    let mut track = first.rungs[0].track.clone();
    let mut at = at;
    for index in 1..desk.plan.chunks.len() {
        let chunk = work.encode_chunk(index, |_| {}).await.unwrap();
        let again = work.append(index, 144, &files[0], at).await.unwrap();
        assert_eq!(
            work.append(index, 144, &files[0], at).await.unwrap(),
            again,
            "appending may be repeated"
        );
        assert!(track.extend(&chunk.rungs[0].track));
        at = again;
    }
    assert_eq!((work.first_missing(0), at), (None, track.len()));
    oracle::check_picture(&files[0], &desk.plan);
}

#[tokio::test]
async fn a_cancelled_part_leaves_nothing() {
    let desk = Desk::new("usual.mp4").await;
    let stop = desk.cancel.clone();
    let done = desk.work().encode_chunk(1, |_| stop.cancel()).await;
    if done.is_err() {
        assert!(matches!(done, Err(MediaError::Canceled)));
        assert_eq!(std::fs::read_dir(desk.folder.path()).unwrap().count(), 0);
    }
    assert!(matches!(
        desk.work().encode_chunk(0, |_| {}).await,
        Err(MediaError::Canceled)
    ));
}

#[tokio::test]
async fn a_rendition_refuses_the_part_of_another() {
    let desk = Desk::new("three.mp4").await;
    let work = desk.work();
    work.encode_chunk(0, |_| {}).await.unwrap();
    let file = desk.path("144.mp4");
    let length = work.append(0, 144, &file, 0).await.unwrap();
    let joined = work.append(0, 90, &file, length).await;
    assert!(
        matches!(joined, Err(MediaError::Broken { .. })),
        "{joined:?}"
    );
    assert_eq!(
        std::fs::metadata(&file).unwrap().len(),
        length,
        "and is left as it was"
    );
}

#[tokio::test]
async fn sound_that_starts_late_stays_late() {
    let desk = Desk::new("late.mp4").await;
    desk.work().encode_audio(|_, _| {}).await.unwrap().unwrap();
    let begins = oracle::silence_ends_s(&desk.work().audio_file());
    assert!((begins - 1.7).abs() < 0.03, "{begins}");
}

#[tokio::test]
async fn a_copy_keeps_picture_and_sound_together() {
    for name in ["usual.mp4", "stream.ts"] {
        let desk = Desk::with(name, PlanConfig::default()).await;
        let work = desk.work();
        let copied = work.copy_streams(|_| {}).await.unwrap().unwrap();
        let first = |file: &Path, track: &Track| {
            let first = oracle::packets(file)
                .pts
                .into_iter()
                .find(|pts| *pts >= 0)
                .unwrap();
            first as f64 / f64::from(track.timescale)
        };
        let video = first(&work.copied_video_file(), &copied.video);
        let audio = first(&work.copied_audio_file(), copied.audio.as_ref().unwrap());
        let probe = &desk.probe;
        let start = |us: Option<i64>| us.unwrap() as f64 / 1e6;
        let (own_video, own_audio) = (
            start(probe.video.as_ref().unwrap().start_us),
            start(probe.audio[0].start_us),
        );
        let drift = (video - audio) - (own_video - own_audio);
        assert!(drift.abs() < 0.003, "{name}: {drift}");
        let origin = desk.plan.origin_ticks as f64 / 90_000.0;
        assert!(
            (video - (own_video - origin)).abs() < 0.002,
            "{name}: on the time line of the encoded renditions"
        );
    }
}

#[tokio::test]
async fn a_truncated_file_gives_what_is_there() {
    let whole = std::fs::read({
        let _turn = crate::clips::turn().await;
        crate::clips::clip("faststart.mp4")
    })
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("cut.mp4");
    std::fs::write(&file, &whole[..whole.len() * 6 / 10]).unwrap();
    let desk = Desk::of(Source::file(&file), Desk::small()).await;
    assert!(
        (60..205).contains(&desk.plan.frames),
        "{}",
        desk.plan.frames
    );
    for (file, _) in desk.encode_all().await {
        oracle::check_picture(&file, &desk.plan);
    }
    let sound = desk.work().encode_audio(|_, _| {}).await.unwrap().unwrap();
    assert!(sound.duration_s() > 1.5);
}

#[tokio::test]
async fn steps_may_run_on_any_thread() {
    fn sendable(_: impl Send) {}
    let desk = Desk::new("three.mp4").await;
    let work = desk.work();
    sendable(work.encode_chunk(0, |_| {}));
    sendable(work.encode_audio(|_, _| {}));
    sendable(work.copy_streams(|_| {}));
    sendable(work.append(0, 144, Path::new("x"), 0));
    sendable(media::probe(
        &desk.ffmpeg,
        &desk.source,
        &media::ProbeLimits::default(),
        &desk.cancel,
    ));
    sendable(media::download(&desk.ffmpeg, None, None));
    sendable(media::pictures(
        &desk.ffmpeg,
        &desk.source,
        &desk.probe,
        None,
        &[],
        &desk.cancel,
    ));
    let config = PlanConfig::default();
    sendable(media::plan(
        &desk.ffmpeg,
        &desk.source,
        &desk.probe,
        &config,
        &desk.cancel,
    ));
}
