//! Files that mean no good: manifests that name other files, claims that fill the memory, damage at every
//! place. Each ends soon, with a result or with a reason.

use std::path::Path;
use std::time::{Duration, Instant};

use media::{MediaError, PlanConfig, Priority, ProbeLimits, Source, Work};
use tokio_util::sync::CancellationToken;

use crate::clips::{clip, ffmpeg, turn};

/// How long the whole way of one small file may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// The way of an upload up to its first encoded part.
async fn whole_way(file: &Path, folder: &Path) -> Result<(), MediaError> {
    let ffmpeg = ffmpeg().await;
    let (source, cancel) = (Source::file(file), CancellationToken::new());
    let limits = ProbeLimits {
        time_limit_s: 60,
        ..ProbeLimits::default()
    };
    let probe = media::probe(&ffmpeg, &source, &limits, &cancel).await?;
    let config = PlanConfig {
        always_encode: true,
        limits,
        ..PlanConfig::default()
    };
    let plan = media::plan(&ffmpeg, &source, &probe, &config, &cancel).await?;
    let work = Work {
        ffmpeg: &ffmpeg,
        plan: &plan,
        source: &source,
        folder,
        attempt: 1,
        priority: Priority::Nice,
        cancel: &cancel,
    };
    work.encode_chunk(0, |_| {}).await.map(drop)
}

async fn outcome(bytes: &[u8], name: &str) -> Result<(), MediaError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join(name);
    std::fs::write(&file, bytes).unwrap();
    let started = Instant::now();
    let done = whole_way(&file, folder.path()).await;
    assert!(
        started.elapsed() < PATIENCE,
        "{name} took {:?}",
        started.elapsed()
    );
    if let Err(error) = &done {
        let told = error.to_string();
        assert!(told.len() > 10, "{told}");
        assert!(!told.contains(&*folder.path().to_string_lossy()), "{told}");
    }
    done
}

#[tokio::test]
async fn what_names_other_files_is_refused() {
    let _turn = turn().await;
    let dash = br#"<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">
        <Period><AdaptationSet><Representation id="1"><BaseURL>file:///etc/passwd</BaseURL>
        </Representation></AdaptationSet></Period></MPD>"#;
    let hls =
        b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nhttp://127.0.0.1:9/x.ts\n#EXT-X-ENDLIST\n";
    let sdp =
        b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 9 RTP/AVP 96\n";
    let avs = b"FFmpegSource2(\"/etc/passwd\")\n";
    let meta = b";FFMETADATA1\ntitle=x\n";
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>";
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU";
    let cases: [(&[u8], &str); 12] = [
        (dash, "x.mpd"),
        (dash, "x.mp4"),
        (hls, "x.ts"),
        (hls, "x.m3u8"),
        (sdp, "x.sdp"),
        (sdp, "x.mp4"),
        (avs, "x.avs"),
        (meta, "x.mkv"),
        (svg, "x.svg"),
        (png, "x%03d.png"),
        (png, "x.mp4"),
        (b"ffconcat version 1.0\nfile 'x.mp4'\n", "x.ffconcat"),
    ];
    for (bytes, name) in cases {
        let error = outcome(bytes, name).await.unwrap_err();
        assert!(error.is_permanent(), "{name}: {error}");
    }
}

#[tokio::test]
async fn a_picture_that_would_fill_the_memory_is_refused() {
    let _turn = turn().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.mov");
    let made = std::process::Command::new("ffmpeg")
        .args("-v error -nostdin -f lavfi -i color=s=9000x9000:r=1 -pix_fmt gray".split(' '))
        .args("-frames:v 1 -c:v png".split(' '))
        .arg(&file)
        .status()
        .unwrap();
    assert!(made.success());
    assert!(
        std::fs::metadata(&file).unwrap().len() < 2_000_000,
        "small on disk"
    );
    let error = whole_way(&file, folder.path()).await.unwrap_err();
    assert!(error.is_permanent(), "{error}");
}

/// Where the box of this type has its content, in the first track that has one.
fn inside(bytes: &[u8], kind: &[u8]) -> usize {
    bytes.windows(4).position(|word| word == kind).unwrap() + 4
}

fn put(bytes: &mut [u8], at: usize, numbers: &[u32]) {
    for (place, number) in numbers.iter().enumerate() {
        bytes[at + 4 * place..][..4].copy_from_slice(&number.to_be_bytes());
    }
}

/// An index that names so many samples of one byte, all in one chunk.
fn claims(bytes: &mut [u8], samples: u32) {
    let (sizes, chunks, places) = (
        inside(bytes, b"stsz"),
        inside(bytes, b"stsc"),
        inside(bytes, b"stco"),
    );
    put(bytes, sizes + 4, &[1, samples]);
    put(bytes, chunks + 4, &[1, 1, samples, 1]);
    put(bytes, places + 4, &[1]);
}

fn nested(kind: &[u8; 4], levels: usize) -> Vec<u8> {
    let head = b"\0\0\0\x14ftypisom\0\0\x02\0isom";
    let boxes = (0..levels).flat_map(|level| {
        let length = u32::try_from(8 * (levels - level)).unwrap().to_be_bytes();
        [length, *kind].concat()
    });
    head.iter().copied().chain(boxes).collect()
}

#[tokio::test]
async fn an_index_that_claims_too_much_ends_soon_and_in_bounds() {
    let _turn = turn().await;
    let usual = std::fs::read(clip("usual.mp4")).unwrap();
    let changed = |change: &dyn Fn(&mut [u8])| {
        let mut bytes = usual.clone();
        change(&mut bytes);
        bytes
    };
    let times = |bytes: &mut [u8], count: u32, each: u32| {
        let at = inside(bytes, b"stts");
        put(bytes, at + 4, &[1, count, each]);
    };
    let refused: [(&str, Vec<u8>); 4] = [
        // Eighty million samples in some hundred kilobytes would take three gigabytes and twenty seconds.
        ("samples.mp4", changed(&|bytes| claims(bytes, 80_000_000))),
        ("all.mp4", changed(&|bytes| claims(bytes, u32::MAX / 2))),
        ("deep.mp4", nested(b"moov", 20_000)),
        ("tracks.mp4", nested(b"trak", 20_000)),
    ];
    for (name, bytes) in refused {
        let started = Instant::now();
        let done = outcome(&bytes, name).await;
        assert!(
            done.as_ref().is_err_and(MediaError::is_permanent),
            "{name}: {done:?}"
        );
        let took = started.elapsed();
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
    }
    // These may end either way, but they end.
    let odd: [(&str, Vec<u8>); 5] = [
        (
            "years.mp4",
            changed(&|bytes| times(bytes, 210, u32::MAX / 2)),
        ),
        ("many.mp4", changed(&|bytes| times(bytes, u32::MAX, 1))),
        ("still.mp4", changed(&|bytes| times(bytes, 210, 0))),
        (
            "slow.mp4",
            changed(&|bytes| {
                let at = inside(bytes, b"mdhd");
                put(bytes, at + 12, &[1]);
            }),
        ),
        (
            "large.mp4",
            changed(&|bytes| {
                let at = inside(bytes, b"tkhd");
                put(bytes, at + 76, &[u32::MAX, u32::MAX]);
            }),
        ),
    ];
    for (name, bytes) in odd {
        let _ = outcome(&bytes, name).await;
    }
}

#[tokio::test]
async fn a_small_picture_that_unpacks_to_a_large_one_is_refused() {
    let _turn = turn().await;
    let folder = tempfile::tempdir().unwrap();
    let bomb = folder.path().join("bomb.png");
    let made = std::process::Command::new("ffmpeg")
        .args("-v error -nostdin -f lavfi -i color=s=12000x12000".split(' '))
        .args("-pix_fmt gray -frames:v 1".split(' '))
        .arg(&bomb)
        .status()
        .unwrap();
    assert!(made.success());
    assert!(std::fs::metadata(&bomb).unwrap().len() < 2_000_000);
    let wanted = [media::Wanted {
        max_width: 280,
        max_height: 157,
        out: folder.path().join("out.jpg"),
    }];
    let cancel = CancellationToken::new();
    let told = media::pictures_of_file(&ffmpeg().await, &bomb, &wanted, &cancel).await;
    let told = told.unwrap_err().to_string();
    assert!(told.contains("12000x12000"), "{told}");
    assert!(!wanted[0].out.exists());
}

#[tokio::test]
async fn damage_ends_soon_with_a_reason() {
    let _turn = turn().await;
    let mut seed = 7_u32;
    let mut random = move |limit: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed as usize % limit
    };
    let mut ended_well = 0;
    for name in ["three.mp4", "cut.mp4"] {
        let whole = std::fs::read(clip(name)).unwrap();
        for round in 0..6 {
            let mut spoilt = whole.clone();
            for _ in 0..1 << round {
                let at = random(spoilt.len());
                spoilt[at] = random(256) as u8;
            }
            if round == 5 {
                spoilt.truncate(random(whole.len()));
            }
            if outcome(&spoilt, name).await.is_ok() {
                ended_well += 1;
            }
        }
    }
    assert!(ended_well > 0, "a changed byte need not spoil a video");
}
