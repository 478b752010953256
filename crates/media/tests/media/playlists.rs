//! Playlists and downloads, read by ffmpeg.

use std::path::PathBuf;

use media::Source;
use media::hls::{self, Sound, Track, Variant};

use crate::clips::Desk;
use crate::oracle;

fn write(desk: &Desk, name: &str, bytes: impl AsRef<[u8]>) {
    std::fs::write(desk.path(name), bytes).unwrap();
}

fn write_playlists(desk: &Desk, files: &[(PathBuf, Track)], sound: &Track) {
    let names: Vec<_> = desk
        .plan
        .rungs
        .iter()
        .map(|rung| format!("{}.m3u8", rung.name()))
        .collect();
    let mut variants = Vec::new();
    for ((name, rung), (file, track)) in names.iter().zip(&desk.plan.rungs).zip(files) {
        let uri = file.file_name().unwrap().to_string_lossy();
        write(
            desk,
            name,
            hls::media_playlist(&uri, track, hls::PICTURE_TARGET_S, true),
        );
        let (width, height) = (rung.width, rung.height);
        variants.push(Variant {
            playlist_uri: name,
            width,
            height,
            rate: desk.plan.rate,
            track,
        });
    }
    write(
        desk,
        "audio.m3u8",
        hls::media_playlist("audio.mp4", sound, hls::SOUND_TARGET_S, true),
    );
    let sound = Sound {
        playlist_uri: "audio.m3u8",
        track: sound,
        name: "Sound",
        language: None,
    };
    write(
        desk,
        "master.m3u8",
        hls::master_playlist(&variants, Some(&sound), &[]),
    );
}

#[tokio::test]
async fn players_read_the_playlists() {
    let desk = Desk::new("usual.mp4").await;
    let files = desk.encode_all().await;
    let sound = desk.work().encode_audio(|_, _| {}).await.unwrap().unwrap();
    write_playlists(&desk, &files, &sound);
    let read = oracle::stream(&desk.path("master.m3u8"));
    let streams = read["streams"].as_array().unwrap();
    let kinds: Vec<_> = streams
        .iter()
        .map(|stream| stream["codec_name"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds.iter().filter(|kind| **kind == "h264").count(),
        2,
        "{kinds:?}"
    );
    assert!(kinds.contains(&"aac"));
    for rung in &desk.plan.rungs {
        let playlist = desk.path(&format!("{}.m3u8", rung.name()));
        assert_eq!(oracle::decoded_frames(&playlist) as u64, desk.plan.frames);
    }
}

#[tokio::test]
async fn a_download_has_picture_and_sound() {
    let desk = Desk::new("usual.mp4").await;
    let files = desk.encode_all().await;
    desk.work().encode_audio(|_, _| {}).await.unwrap();
    let (video, audio) = (
        Source::file(&files[0].0),
        Source::file(desk.work().audio_file()),
    );
    let mut download = media::download(&desk.ffmpeg, Some(&video), Some(&audio))
        .await
        .unwrap();
    let mut bytes = Vec::new();
    while let Some(more) = download.next().await.unwrap() {
        bytes.extend(more);
    }
    write(&desk, "download.mp4", bytes);
    assert_eq!(
        oracle::decoded_frames(&desk.path("download.mp4")) as u64,
        desk.plan.frames
    );
    assert_eq!(
        oracle::stream(&desk.path("download.mp4"))["streams"]
            .as_array()
            .unwrap()
            .len(),
        2
    );

    let gone = Source::file(desk.path("nowhere.mp4"));
    let mut broken = media::download(&desk.ffmpeg, Some(&gone), None)
        .await
        .unwrap();
    assert!(
        broken.next().await.is_err(),
        "a download that fails does not just end"
    );
}
