//! Verifying and joining on files built by hand: every fault has to be noticed.

use std::path::PathBuf;

use super::*;
use crate::boxes::tests::{boxed, h264, init_bytes, moof_at};

/// Two segments of three frames each, the second at the given time.
fn raw(second_at: u32) -> Vec<u8> {
    let mdat = boxed(b"mdat", &[7; 60]);
    let first = [moof_at(0, true), mdat.clone()].concat();
    [init_bytes(&h264()), first, moof_at(second_at, true), mdat].concat()
}

const EXPECTED: Expected = Expected {
    frames: 6,
    frame_ticks: 512,
    segments: 2,
    first_sequence: 11,
    first_tfdt: 30_000,
};

struct Bench {
    folder: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn finish(&self, bytes: &[u8], expected: Expected) -> Result<Track> {
        std::fs::write(self.path("raw"), bytes).unwrap();
        finish_chunk(
            &self.path("raw"),
            &self.path("init"),
            &self.path("out"),
            expected,
        )
    }

    fn times(&self, name: &str) -> Vec<u64> {
        let mut walker = Walker::open(&self.path(name)).unwrap();
        std::iter::from_fn(|| walker.next().unwrap())
            .map(|fragment| fragment.moof.tfdt)
            .collect()
    }
}

#[test]
fn a_good_part_gets_its_final_numbers() {
    let bench = Bench::new();
    let track = bench.finish(&raw(1536), EXPECTED).unwrap();
    assert_eq!(
        (track.codec.as_str(), track.segments.len(), track.ticks()),
        ("avc1.64001e", 2, 3072)
    );
    assert_eq!(
        std::fs::read(bench.path("init")).unwrap(),
        init_bytes(&h264())
    );
    let out = std::fs::read(bench.path("out")).unwrap();
    assert_eq!(track.len(), track.init_len + len_of(&out));
    let first = usize::try_from(track.segments[0].len).unwrap();
    assert_eq!(
        track.segments[0].sha256,
        hex::encode(Sha256::digest(&out[..first]))
    );
    assert_eq!(
        track.segments[1].sha256,
        hex::encode(Sha256::digest(&out[first..]))
    );

    let whole = bench.path("whole");
    let length = append(&whole, &bench.path("init"), &bench.path("out"), 0).unwrap();
    assert_eq!(length, track.len());
    assert_eq!(bench.times("whole"), [30_000, 31_536]);
    assert_eq!(finish_whole(&whole, 0, 0).unwrap().segments.len(), 2);
}

#[test]
fn every_fault_is_noticed() {
    let bench = Bench::new();
    let refused = |bytes: &[u8], expected: Expected, words: &str| {
        let error = bench.finish(bytes, expected).unwrap_err();
        assert!(matches!(error, MediaError::Broken { .. }), "{error}");
        assert!(error.to_string().contains(words), "{error}");
    };
    let good = raw(1536);
    refused(
        &good,
        Expected {
            frames: 7,
            ..EXPECTED
        },
        "6 frames instead of 7",
    );
    refused(
        &good,
        Expected {
            segments: 1,
            ..EXPECTED
        },
        "segments",
    );
    refused(
        &good,
        Expected {
            frame_ticks: 1001,
            ..EXPECTED
        },
        "another length",
    );
    refused(&raw(1537), EXPECTED, "gap");
    refused(&good[..init_bytes(&h264()).len()], EXPECTED, "0 frames");
    refused(
        &[&good[..], b"rest"].concat(),
        EXPECTED,
        "not those of the plan",
    );
    for end in 0..good.len() {
        assert!(
            bench.finish(&good[..end], EXPECTED).is_err(),
            "cut at {end}"
        );
    }
}

#[test]
fn appending_cuts_what_a_kill_left_behind() {
    let bench = Bench::new();
    let track = bench.finish(&raw(1536), EXPECTED).unwrap();
    let (whole, init, out) = (bench.path("whole"), bench.path("init"), bench.path("out"));
    let at = append(&whole, &init, &out, 0).unwrap();
    let once = std::fs::read(&whole).unwrap();
    std::fs::write(&whole, [&once[..], b"half of the next"].concat()).unwrap();
    let next = append(&whole, &init, &out, at).unwrap();
    assert_eq!(next, at + track.len() - track.init_len);
    assert_eq!(append(&whole, &init, &out, at).unwrap(), next);
    assert_eq!(std::fs::metadata(&whole).unwrap().len(), next);
    assert!(
        append(&whole, &init, &out, next + 1).is_err(),
        "it has fewer bytes than it should"
    );
    assert_eq!(
        append(&whole, &init, &out, 0).unwrap(),
        at,
        "a new beginning"
    );
}

#[test]
fn a_growing_file_is_followed_in_whole_fragments() {
    let bench = Bench::new();
    let bytes = raw(1536);
    let (from, to) = (bench.path("from"), bench.path("to"));
    let mut growth = Growth::new(&from, &to);
    growth.advance().unwrap();
    let mut seen = 0;
    for end in (0..=bytes.len()).step_by(5).chain([bytes.len()]) {
        std::fs::write(&from, &bytes[..end]).unwrap();
        growth.advance().unwrap();
        let now = growth
            .track
            .as_ref()
            .map_or(0, |track| track.segments.len());
        if now > seen {
            let track = growth.track.as_ref().unwrap();
            assert_eq!(
                std::fs::read(&to).unwrap(),
                &bytes[..usize::try_from(track.len()).unwrap()]
            );
        }
        seen = now;
    }
    assert_eq!(seen, 2);
    assert_eq!(growth.finish().unwrap().segments.len(), 2);
    assert_eq!(std::fs::read(&to).unwrap(), bytes);

    std::fs::write(&from, &bytes[..bytes.len() - 1]).unwrap();
    assert!(
        Growth::new(&from, &to).finish().is_err(),
        "its end is missing"
    );
}

#[test]
fn copied_files_are_moved_and_grouped() {
    let bench = Bench::new();
    std::fs::write(bench.path("copy"), raw(1536)).unwrap();
    let track = finish_whole(&bench.path("copy"), 2, 100_000).unwrap();
    assert_eq!((track.segments.len(), track.segments[0].ticks), (1, 3072));
    assert_eq!(bench.times("copy"), [1536, 3072]);
}
