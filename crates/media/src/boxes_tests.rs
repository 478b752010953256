//! Boxes built by hand, then cut and spoilt in thousands of ways.

use super::*;

pub(crate) fn boxed(kind: &[u8], body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(8 + body.len()).unwrap();
    [&len.to_be_bytes(), kind, body].concat()
}

pub(crate) fn words(values: &[u32]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| value.to_be_bytes())
        .collect()
}

pub(crate) fn init_bytes(entry: &[u8]) -> Vec<u8> {
    let stsd = boxed(b"stsd", &[&words(&[0, 1]), entry].concat());
    let minf = boxed(b"minf", &boxed(b"stbl", &stsd));
    let mdhd = boxed(b"mdhd", &words(&[0, 0, 0, 15360, 0, 0]));
    let trak = boxed(b"trak", &boxed(b"mdia", &[mdhd, minf].concat()));
    let mvex = boxed(
        b"mvex",
        &boxed(b"trex", &words(&[0, 1, 1, 512, 0, 0x1_0000])),
    );
    [
        boxed(b"ftyp", b"iso5\0\0\0\0"),
        boxed(b"moov", &[trak, mvex].concat()),
    ]
    .concat()
}

pub(crate) fn h264() -> Vec<u8> {
    let avcc = boxed(b"avcC", &[1, 0x64, 0, 0x1e, 0xff, 0xe1, 0, 0]);
    boxed(b"avc1", &[vec![0; 78], avcc].concat())
}

fn aac(object: u8) -> Vec<u8> {
    let own = [5, 2, object << 3, 0x10];
    let decoder = [&[4, 0x80, 0x80, 0x80, 17, 0x40][..], &[0; 12], &own].concat();
    let stream = [
        &[3, u8::try_from(3 + decoder.len()).unwrap(), 0, 1, 0][..],
        &decoder,
    ]
    .concat();
    let esds = boxed(b"esds", &[&[0; 4][..], &stream].concat());
    boxed(b"mp4a", &[vec![0; 28], esds].concat())
}

/// Three frames: the first a keyframe, sizes given, durations by default.
fn moof_bytes(long: bool) -> Vec<u8> {
    moof_at(1024, long)
}

pub(crate) fn moof_at(time: u32, long: bool) -> Vec<u8> {
    let tfhd = boxed(b"tfhd", &words(&[0x2_0008, 1, 512]));
    let tfdt = if long {
        boxed(b"tfdt", &words(&[0x0100_0000, 0, time]))
    } else {
        boxed(b"tfdt", &words(&[0, time]))
    };
    let trun = boxed(b"trun", &words(&[0x205, 3, 100, 0x0200_0000, 10, 20, 30]));
    let traf = boxed(b"traf", &[tfhd, tfdt, trun].concat());
    boxed(b"moof", &[boxed(b"mfhd", &words(&[0, 7])), traf].concat())
}

#[test]
fn codecs_are_named() {
    let video = init(&init_bytes(&h264())).unwrap();
    assert_eq!(
        (video.codec.as_str(), video.timescale, video.is_video),
        ("avc1.64001e", 15360, true)
    );
    assert_eq!(init(&init_bytes(&aac(2))).unwrap().codec, "mp4a.40.2");
    assert_eq!(init(&init_bytes(&aac(5))).unwrap().codec, "mp4a.40.5");
    assert!(init(&init_bytes(&boxed(b"hvc1", &[0; 78]))).is_err());
}

#[test]
fn a_fragment_is_counted_and_renumbered() {
    let init = init(&init_bytes(&h264())).unwrap();
    for long in [false, true] {
        let mut bytes = moof_bytes(long);
        let read = moof(&bytes, &init).unwrap();
        assert_eq!(
            (read.tfdt, read.samples, read.ticks, read.sample_bytes),
            (1024, 3, 1536, 60)
        );
        assert_eq!(read.even_duration, Some(512));
        assert!(read.begins_with_sync);
        renumber(&mut bytes, &read, 99, 5_000_000).unwrap();
        assert_eq!(moof(&bytes, &init).unwrap().tfdt, 5_000_000);
        assert_eq!(&bytes[read.sequence_at..read.sequence_at + 4], words(&[99]));
        let late = renumber(&mut bytes, &read, 99, u64::from(u32::MAX) + 1);
        assert_eq!(late.is_ok(), long);
    }
}

#[test]
fn uneven_durations_are_noticed() {
    let init = init(&init_bytes(&h264())).unwrap();
    let trun = boxed(b"trun", &words(&[0x100, 2, 512, 513]));
    let tfdt = boxed(b"tfdt", &words(&[0, 0]));
    let traf = boxed(
        b"traf",
        &[boxed(b"tfhd", &words(&[0, 1])), tfdt, trun].concat(),
    );
    let bytes = boxed(b"moof", &[boxed(b"mfhd", &words(&[0, 7])), traf].concat());
    let read = moof(&bytes, &init).unwrap();
    assert_eq!((read.even_duration, read.ticks), (None, 1025));
    assert!(
        !read.begins_with_sync,
        "the track's default says it is none"
    );
}

#[test]
fn heads_are_checked() {
    assert!(head(&words(&[4, 0])).is_err());
    assert!(head(&[0; 16]).is_err());
    assert!(head(&[0, 0, 0]).is_err());
    let long = head(&[&words(&[1])[..], b"mdat", &words(&[1, 0])].concat()).unwrap();
    assert_eq!((long.len, long.head), (1 << 32, 16));
}

#[test]
fn spoilt_bytes_never_panic() {
    let good = init(&init_bytes(&h264())).unwrap();
    let samples = [
        init_bytes(&h264()),
        init_bytes(&aac(2)),
        moof_bytes(true),
        moof_bytes(false),
    ];
    let mut seed = 0x2545_f491_4f6c_dd1d_u64;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed
    };
    let mut refused = 0;
    for bytes in &samples {
        for cut in 0..bytes.len() {
            refused += usize::from(init(&bytes[..cut]).is_err())
                + usize::from(moof(&bytes[..cut], &good).is_err());
        }
        for _ in 0..5000 {
            let mut spoilt = bytes.clone();
            for _ in 0..=random() % 4 {
                let at = usize::try_from(random()).unwrap() % spoilt.len();
                spoilt[at] = u8::try_from(random() & 0xff).unwrap();
            }
            let _ = init(&spoilt);
            if let Ok(read) = moof(&spoilt, &good) {
                let _ = renumber(&mut spoilt, &read, 1, random());
            }
        }
    }
    assert_eq!(refused, 2 * samples.iter().map(Vec::len).sum::<usize>());
}

#[test]
fn av1_is_named_with_profile_level_tier_and_bits() {
    assert_eq!(av1_name((0x00, 0x0c)), "av01.0.00M.08");
    assert_eq!(av1_name((0x08, 0x0c)), "av01.0.08M.08");
    assert_eq!(av1_name((0x2d, 0xc0)), "av01.1.13H.10");
    assert_eq!(av1_name((0x4d, 0x60)), "av01.2.13M.12");
}
