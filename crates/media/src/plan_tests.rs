//! The decisions about a source, from invented probes.

use super::*;
use crate::probe::AudioStream;

fn index(fps: i64, seconds: i64, key_every: i64) -> Packets {
    let shown_us: Vec<i64> = (0..fps * seconds)
        .map(|frame| frame * 1_000_000 / fps)
        .collect();
    let keyframes_us = shown_us
        .iter()
        .copied()
        .step_by(usize::try_from(fps * key_every).unwrap())
        .collect();
    Packets {
        shown_us,
        keyframes_us,
        end_us: seconds * 1_000_000,
        dropped: 0,
    }
}

fn probe() -> Probe {
    Probe {
        container: "mov,mp4".into(),
        bit_rate: Some(2_000_000),
        video: Some(VideoStream {
            codec: "h264".into(),
            pix_fmt: Some("yuv420p".into()),
            bit_depth: 8,
            coded_width: 1280,
            coded_height: 720,
            sample_aspect: (1, 1),
            display_width: 1280,
            display_height: 720,
            r_frame_rate: Rate::parse("30/1"),
            avg_frame_rate: Rate::parse("30/1"),
            bit_rate: Some(1_900_000),
            ..VideoStream::default()
        }),
        audio: vec![AudioStream {
            index: 1,
            codec: "aac".into(),
            profile: Some("LC".into()),
            sample_rate: 48_000,
            channels: 2,
            ..AudioStream::default()
        }],
        ..Probe::default()
    }
}

fn edited(edit: impl Fn(&mut VideoStream)) -> Probe {
    let mut probe = probe();
    edit(probe.video.as_mut().unwrap());
    probe
}

#[test]
fn chunks_grow_and_take_the_tail() {
    let cut = |frames| cut(frames, 60, |_| 0);
    assert_eq!(cut(3), [(0, 3)]);
    assert_eq!(cut(119), [(0, 119)]);
    assert_eq!(cut(120), [(0, 60), (60, 60)]);
    assert_eq!(cut(901), [(0, 60), (60, 120), (180, 240), (420, 481)]);
    let hour = cut(108_001);
    assert_eq!(
        &hour[..6],
        [
            (0, 60),
            (60, 120),
            (180, 240),
            (420, 480),
            (900, 900),
            (1800, 900)
        ]
    );
    assert_eq!(hour.iter().map(|(_, frames)| frames).sum::<u64>(), 108_001);
    assert!(
        hour.iter()
            .all(|(first, frames)| first % 60 == 0 && *frames >= 60)
    );
}

#[test]
fn the_grid_goes_through_the_first_frame() {
    let thirty = Rate::new(30, 1);
    assert_eq!(origin(0, 0, thirty), 0);
    // 21 ms of sound before the picture: the grid moves up to half a frame.
    assert_eq!(origin(5_271_000, 5_250_000, thirty), 474_390 - 3000);
    assert_eq!(origin(5_260_000, 5_250_000, thirty), 473_400);
    assert_eq!(origin(900_000, 0, thirty), 0);
    assert_eq!(origin(-33_333, -33_333, thirty), -3000);
}

#[test]
fn decoding_begins_at_a_keyframe_that_a_seek_surely_finds() {
    let begins = |container: &str| {
        let mut probe = edited(|video| video.rotation = 90);
        container.clone_into(&mut probe.container);
        let plan = build(&probe, &index(30, 40, 5), &PlanConfig::default());
        let begin = |chunk: &ChunkPlan| (chunk.first, chunk.seek_us, chunk.preroll_us);
        plan.chunks.iter().map(begin).collect::<Vec<_>>()
    };
    // With an index the part that would begin at 14 s begins at the keyframe of 10 or 20 s, if it may.
    assert_eq!(
        begins("mov,mp4,m4a,3gp,3g2,mj2"),
        [
            (0, None, 0),
            (60, None, 2_000_000),
            (180, Some(5_002_000), 1_000_000),
            (480, Some(15_002_000), 1_000_000),
            (900, Some(30_002_000), 0)
        ]
    );
    // Without one it is the keyframe before that.
    assert_eq!(
        begins("mpegts"),
        [
            (0, None, 0),
            (60, None, 2_000_000),
            (180, None, 6_000_000),
            (480, Some(10_002_000), 6_000_000),
            (900, Some(25_002_000), 5_000_000)
        ]
    );
}

#[test]
fn a_picture_that_is_still_shown_is_decoded() {
    let mut index = index(30, 40, 1);
    // Nothing new between 5 and 7 s: what is shown at 6 s came at 5 s.
    index
        .shown_us
        .retain(|us| !(5_000_001..7_000_000).contains(us));
    index
        .keyframes_us
        .retain(|us| !(5_000_001..7_000_000).contains(us));
    let probe = edited(|video| video.rotation = 90);
    let plan = build(&probe, &index, &PlanConfig::default());
    let part = plan.chunks.iter().find(|chunk| chunk.first == 180).unwrap();
    assert_eq!(
        (part.seek_us, part.preroll_us),
        (Some(5_002_000), 1_000_000)
    );
}

#[test]
fn a_fitting_source_is_copied_and_its_own_size_not_encoded() {
    let plan = build(&probe(), &index(30, 30, 2), &PlanConfig::default());
    let copy = plan.copy.as_ref().unwrap();
    assert!(copy.resolution == 720 && !copy.is_over_cap);
    assert_eq!(
        plan.rungs
            .iter()
            .map(|rung| rung.resolution)
            .collect::<Vec<_>>(),
        [480, 360, 240, 144]
    );
    assert_eq!(
        plan.audio,
        AudioPlan::Copied {
            index: 1,
            from_ts: false
        }
    );
    assert_eq!((plan.frames, plan.gop), (900, 60));
    let json = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
}

#[test]
fn a_source_over_the_cap_plays_at_once_and_is_encoded_too() {
    let plan = build(
        &edited(|video| video.bit_rate = Some(9_000_000)),
        &index(30, 30, 2),
        &PlanConfig::default(),
    );
    assert!(plan.copy.as_ref().unwrap().is_over_cap);
    assert_eq!(plan.rungs.first().map(|rung| rung.resolution), Some(720));
}

#[test]
fn copying_may_be_all_there_is_to_do() {
    let mut config = PlanConfig::default();
    config.ladder.resolutions = vec![720];
    let plan = build(&probe(), &index(30, 30, 2), &config);
    assert!(plan.copy.is_some() && plan.rungs.is_empty() && plan.chunks.is_empty());
}

#[test]
fn other_sources_are_encoded_and_the_reason_is_kept() {
    let because = |probe: &Probe, index: &Packets| {
        let plan = build(probe, index, &PlanConfig::default());
        assert_eq!(plan.rungs.first().map(|rung| rung.resolution), Some(720));
        assert!(matches!(
            plan.audio,
            AudioPlan::Encoded {
                index: 1,
                kbits: 128
            }
        ));
        plan.not_copied_because.unwrap()
    };
    let usual = index(30, 30, 2);
    assert!(because(&edited(|v| v.codec = "hevc".into()), &usual).contains("not H.264"));
    assert!(because(&edited(|v| v.pix_fmt = Some("yuv422p10le".into())), &usual).contains("4:2:0"));
    assert!(because(&edited(|v| v.bit_rate = Some(19_000_000)), &usual).contains("bit rate"));
    assert!(because(&edited(|v| v.is_interlaced = true), &usual).contains("interlaced"));
    assert!(because(&probe(), &index(30, 30, 12)).contains("10 s apart"));
    assert!(
        because(
            &probe(),
            &Packets {
                dropped: 2,
                ..usual.clone()
            }
        )
        .contains("cut between")
    );
    let mut late = probe();
    late.audio[0].start_us = Some(1_700_000);
    assert!(because(&late, &usual).contains("sound starts late"));
    let mut opus = probe();
    opus.audio[0].codec = "opus".into();
    assert!(because(&opus, &usual).contains("not AAC"));
}

#[test]
fn large_renditions_let_the_small_ones_go_first() {
    let of_size = |width: u32, height: u32, pix_fmt: &str| {
        let probe = edited(|video| {
            (video.display_width, video.display_height) = (width, height);
            video.pix_fmt = Some(pix_fmt.into());
        });
        build(&probe, &index(30, 30, 2), &PlanConfig::default())
    };
    let sizes =
        |plan: &Plan| -> Vec<u32> { plan.rungs.iter().map(|rung| rung.resolution).collect() };
    let whole = of_size(3840, 2160, "yuv444p");
    let (small, large) = whole.in_two().unwrap();
    assert_eq!(sizes(&small), [720, 480, 360, 240, 144]);
    assert_eq!(sizes(&large), [2160, 1440, 1080]);
    // Both come out of the same picture, within the same memory.
    for half in [&small, &large] {
        assert_eq!(half.top(), Some((3840, 2160)));
        assert_eq!(half.memory_bytes(), whole.memory_bytes());
    }
    let portrait = of_size(1440, 2560, "yuv444p");
    assert_eq!(sizes(&portrait.in_two().unwrap().1), [1440, 1080]);

    assert_eq!(
        of_size(1920, 1080, "yuv444p").in_two(),
        None,
        "it is made soon"
    );
    let copied = of_size(3840, 2160, "yuv420p");
    assert!(copied.copy.is_some() && copied.in_two().is_none());
    let mut alone = whole;
    alone.rungs.truncate(1);
    assert_eq!(alone.in_two(), None, "there is nothing small");
}

#[test]
fn a_sound_gets_a_still_picture() {
    let sound = Probe {
        video: None,
        ..probe()
    };
    let plan = build(&sound, &index(40, 61, 1), &PlanConfig::default());
    assert_eq!(plan.picture, Picture::Still { cover: None });
    assert_eq!((plan.rate, plan.frames), (Rate::new(10, 1), 610));
    assert_eq!(plan.rungs.len(), 1);
    assert_eq!((plan.rungs[0].width, plan.rungs[0].height), (1280, 720));
}
