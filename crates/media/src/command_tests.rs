//! The argument lists word for word: most mistakes in them would only show as a wrong frame somewhere.

use super::*;
use crate::Encoding;
use crate::source::FORMATS;

fn plan() -> Plan {
    let rung = |resolution, width, height, max_kbits| Rung {
        resolution,
        width,
        height,
        max_kbits,
        crf: None,
    };
    Plan {
        rate: Rate::new(30000, 1001),
        origin_ticks: 126_000,
        picture: Picture::Stream {
            index: 0,
            is_interlaced: true,
            tone_map: None,
        },
        audio: AudioPlan::Encoded {
            index: 1,
            kbits: 128,
        },
        gop: 60,
        frames: 300,
        rungs: vec![rung(360, 640, 360, 800), rung(144, 256, 144, 200)],
        chunks: vec![ChunkPlan {
            first: 60,
            frames: 120,
            seek_us: Some(1_002_000),
            preroll_us: 0,
        }],
        copy: None,
        not_copied_because: None,
        is_tuned: false,
        top: None,
        encoding: Encoding::default(),
    }
}

fn words(args: &Args) -> String {
    let words: Vec<_> = args
        .iter()
        .map(|arg| arg.to_string_lossy().replace(FORMATS, "FORMATS"))
        .collect();
    words.join(" ")
}

const LIMITS: &str = "-protocol_whitelist file -format_whitelist FORMATS";
const START: &str = "-hide_banner -loglevel error -nostdin -y";
const PROGRESS: &str = "-progress pipe:1 -nostats -stats_period 1";

#[test]
fn a_chunk_decodes_once_for_all_rungs() {
    let plan = plan();
    let args = chunk(
        &plan,
        &plan.chunks[0],
        &Source::file("/in/x.mp4"),
        Path::new("/w/still.png"),
        Path::new("/w/1"),
    );
    let out = "-map_metadata -1 -map_chapters -1 -fps_mode passthrough -c:v libx264 -preset veryfast -crf 23";
    let fixed = "-profile:v high -threads 2 -g 60 -keyint_min 60 -sc_threshold 0 -flags +cgop \
                 -video_track_timescale 30000 -write_tmcd 0 \
                 -movflags +frag_keyframe+delay_moov+default_base_moof+skip_trailer -f mp4";
    let expected = format!(
        "{START} {PROGRESS} {LIMITS} -copyts -noaccurate_seek -ss 1.002000 -i file:/in/x.mp4 -filter_complex \
         [0:0]bwdif=mode=send_frame:parity=auto:deint=interlaced,settb=1/90000,setpts=PTS-(126000),\
         fps=fps=30000/1001:start_time=2.002000:round=near,tpad=stop_mode=clone:stop=-1,trim=end_frame=120,setpts=N,\
         split=2[s360][s144];[s360]scale=640:360:flags=bicubic,setsar=1,format=yuv420p[v360];\
         [s144]scale=256:144:flags=bicubic,setsar=1,format=yuv420p[v144] \
         -map [v360] {out} -maxrate 800k -bufsize 1600k {fixed} file:/w/1/360.mp4 \
         -map [v144] {out} -maxrate 200k -bufsize 400k {fixed} file:/w/1/144.mp4"
    );
    assert_eq!(words(&args), expected);
}

#[test]
fn a_tune_and_whole_pixels_reach_the_encoder() {
    let mut plan = plan();
    plan.encoding.tune = "stillimage".into();
    plan.encoding.nearest = true;
    let (source, folder) = (Source::file("/in/x.mp4"), Path::new("/w/1"));
    let args = words(&chunk(&plan, &plan.chunks[0], &source, folder, folder));
    assert!(
        args.contains("scale=256:144:flags=neighbor,setsar=1"),
        "{args}"
    );
    assert_eq!(
        args.matches(" -tune stillimage -profile:v high").count(),
        2,
        "{args}"
    );
}

#[test]
fn the_first_chunk_does_not_seek() {
    let mut plan = plan();
    plan.chunks[0].seek_us = None;
    let args = chunk(
        &plan,
        &plan.chunks[0],
        &Source::file("/x"),
        Path::new("/s"),
        Path::new("/w"),
    );
    assert!(!words(&args).contains("-ss"));
}

#[test]
fn hdr_is_made_small_and_then_mapped() {
    let mut plan = plan();
    let hdr = Hdr {
        transfer: "smpte2084".into(),
        primaries: "bt2020".into(),
        matrix: "bt2020nc,evil".into(),
    };
    plan.picture = Picture::Stream {
        index: 0,
        is_interlaced: false,
        tone_map: Some(hdr),
    };
    // Whichever renditions are made: they are of one picture.
    for plan in [plan.of(vec![plan.rungs[1].clone()]), plan] {
        let args = chunk(
            &plan,
            &plan.chunks[0],
            &Source::file("/x"),
            Path::new("/s"),
            Path::new("/w"),
        );
        assert!(words(&args).contains(
            ",scale=640:360:flags=bicubic,zscale=tin=smpte2084:pin=bt2020:min=bt2020ncevil:"
        ));
    }
}

#[test]
fn a_still_picture_is_fitted_into_its_frame() {
    let mut plan = plan();
    plan.picture = Picture::Still { cover: None };
    plan.rungs.truncate(1);
    let args = words(&chunk(
        &plan,
        &plan.chunks[0],
        &Source::file("/x"),
        Path::new("/w/s.png"),
        Path::new("/w"),
    ));
    assert!(
        args.contains(
            "-f image2 -pattern_type none -loop 1 -framerate 30000/1001 -i file:/w/s.png"
        ),
        "{args}"
    );
    assert!(args.contains(
        "[0:v:0]settb=1001/30000,trim=end_frame=120,setpts=N,split=1[s360];[s360]scale=640:360:flags=bicubic\
         :force_original_aspect_ratio=decrease,pad=640:360:-1:-1,setsar=1,format=yuv420p[v360]"
    ));
}

#[test]
fn the_sound_is_encoded_whole_from_the_same_origin() {
    let args = audio(
        &plan(),
        &Source::file("/in/x.mp4"),
        Path::new("/w/audio.mp4"),
    )
    .unwrap();
    let expected = format!(
        "{START} {PROGRESS} {LIMITS} -copyts -i file:/in/x.mp4 -map 0:1 -vn -af \
         asetpts=PTS-(126000/90000)/TB,aresample=48000:async=1:min_hard_comp=0.1:first_pts=0,\
         atrim=start_sample=1024,asetpts=N/SR/TB -c:a aac -b:a 128k -ac 2 -map_metadata -1 -map_chapters -1 \
         -movflags +empty_moov+default_base_moof+skip_trailer -frag_duration 4000000 -f mp4 file:/w/audio.mp4"
    );
    assert_eq!(words(&args), expected);
    assert!(
        audio(
            &Plan {
                audio: AudioPlan::None,
                ..plan()
            },
            &Source::file("/x"),
            Path::new("/y")
        )
        .is_none()
    );
}

#[test]
fn copying_takes_both_streams_in_one_run() {
    let plan = Plan {
        audio: AudioPlan::Copied {
            index: 1,
            from_ts: true,
        },
        ..plan()
    };
    let args = copy(
        &plan,
        &Source::file("/in/x.ts"),
        Path::new("/w/v.mp4"),
        Path::new("/w/a.mp4"),
    );
    let expected = format!(
        "{START} {PROGRESS} {LIMITS} -copyts -start_at_zero -i file:/in/x.ts \
         -map 0:0 -c copy -map_metadata -1 -map_chapters -1 -write_tmcd 0 \
         -movflags +frag_keyframe+delay_moov+default_base_moof+skip_trailer -f mp4 file:/w/v.mp4 \
         -map 0:1 -c copy -map_metadata -1 -map_chapters -1 -bsf:a aac_adtstoasc \
         -movflags +delay_moov+default_base_moof+skip_trailer -frag_duration 4000000 -f mp4 file:/w/a.mp4"
    );
    assert_eq!(words(&args), expected);
}

#[test]
fn a_download_is_muxed_to_standard_output() {
    let (video, audio) = (
        Source::file("/720.mp4"),
        Source::Url("https://bucket/a.mp4".into()),
    );
    let expected = format!(
        "{START} {LIMITS} -i file:/720.mp4 -protocol_whitelist http,https,tls,tcp -format_whitelist FORMATS \
         -i https://bucket/a.mp4 -map 0:0 -map 1:0 -c copy -map_metadata -1 \
         -movflags +frag_keyframe+delay_moov+default_base_moof -f mp4 pipe:1"
    );
    assert_eq!(words(&download(Some(&video), Some(&audio))), expected);
}

#[test]
fn a_storyboard_is_one_picture() {
    let sprites = Sprites {
        width: 192,
        height: 108,
        columns: 4,
        rows: 3,
        count: 10,
        every_s: 2,
    };
    let args = words(&storyboard(
        &sprites,
        &Source::file("/240.mp4"),
        true,
        Path::new("/s.jpg"),
    ));
    assert!(
        args.starts_with(&format!(
            "{START} -skip_frame nokey {LIMITS} -i file:/240.mp4 -map 0:v:0"
        )),
        "{args}"
    );
    assert!(args.contains("fps=fps=1/2:start_time=0:round=near:eof_action=pass,scale=192:108"));
    assert!(args.contains("trim=end_frame=10,tile=4x3"));
}

#[test]
fn every_input_is_behind_both_whitelists() {
    let source = Source::file("/x");
    let shot = Shot {
        input: source.input(),
        seek_us: Some(1_500_000),
        stream: 3,
        best_of: 50,
        hdr: None,
    };
    let pictures = super::shot(
        &shot,
        &[
            ((280, 157), Path::new("/t.jpg")),
            ((850, 480), Path::new("/p.jpg")),
        ],
    );
    for args in [&pictures, &cover(&source, 2, Path::new("/y"))] {
        assert!(
            words(args).contains(&format!("{LIMITS} -i file:/x")),
            "{}",
            words(args)
        );
        assert!(
            words(args).contains("-max_pixels 67108864"),
            "{}",
            words(args)
        );
    }
    assert!(words(&pictures).contains("-ss 1.500000 -protocol"));
    assert!(words(&pictures).contains("[0:3]thumbnail=50,split=2[s0][s1];[s0]scale=280:157"));
    assert!(words(&pictures).ends_with("-update 1 file:/p.jpg"));
}
