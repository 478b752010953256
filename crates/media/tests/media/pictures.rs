//! Thumbnails, previews and storyboards are pictures of the right size.

use media::{PlanConfig, Source, Wanted, pictures, pictures_of_file, sprites, storyboard};
use tokio_util::sync::CancellationToken;

use crate::clips::{Desk, clip, ffmpeg, turn};
use crate::oracle;

fn wanted(desk: &Desk) -> Vec<Wanted> {
    let one = |max_width, max_height, name| Wanted {
        max_width,
        max_height,
        out: desk.path(name),
    };
    vec![one(280, 157, "thumbnail.jpg"), one(850, 480, "preview.jpg")]
}

fn size(desk: &Desk, name: &str) -> (u64, u64) {
    let stream = &oracle::stream(&desk.path(name))["streams"][0];
    assert_eq!(stream["codec_name"], "mjpeg");
    (
        stream["width"].as_u64().unwrap(),
        stream["height"].as_u64().unwrap(),
    )
}

#[tokio::test]
async fn every_source_has_its_pictures() {
    for (name, at, thumbnail, preview) in [
        ("usual.mp4", Some(2_000_000), (279, 157), (320, 180)),
        ("rotated.mp4", None, (88, 157), (180, 320)),
        ("anamorphic.mp4", None, (279, 157), (512, 288)),
        ("three.mp4", Some(90_000_000), (279, 157), (320, 180)),
        ("pq.mp4", None, (279, 157), (320, 180)),
        ("covered.mp3", None, (157, 157), (300, 300)),
        ("sound.m4a", None, (279, 157), (850, 478)),
    ] {
        let desk = Desk::with(name, PlanConfig::default()).await;
        let sizes = pictures(
            &desk.ffmpeg,
            &desk.source,
            &desk.probe,
            at,
            &wanted(&desk),
            &desk.cancel,
        )
        .await
        .unwrap();
        assert_eq!(sizes, [thumbnail, preview], "{name}");
        assert_eq!(
            size(&desk, "thumbnail.jpg"),
            (thumbnail.0.into(), thumbnail.1.into()),
            "{name}"
        );
        assert_eq!(
            size(&desk, "preview.jpg"),
            (preview.0.into(), preview.1.into()),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_picture_file_is_made_smaller() {
    let _turn = turn().await;
    let ffmpeg = ffmpeg().await;
    let (folder, cancel) = (tempfile::tempdir().unwrap(), CancellationToken::new());
    let small = [Wanted {
        max_width: 850,
        max_height: 480,
        out: folder.path().join("small.jpg"),
    }];
    assert_eq!(
        pictures_of_file(&ffmpeg, &clip("wide.jpg"), &small, &cancel)
            .await
            .unwrap(),
        [(850, 213)]
    );
    assert_eq!(
        pictures_of_file(&ffmpeg, &clip("cover.png"), &small, &cancel)
            .await
            .unwrap(),
        [(300, 300)]
    );
    let fake = folder.path().join("fake.jpg");
    std::fs::write(&fake, b"#EXTM3U").unwrap();
    assert!(
        pictures_of_file(&ffmpeg, &fake, &small, &cancel)
            .await
            .unwrap_err()
            .is_permanent()
    );
}

#[tokio::test]
async fn a_storyboard_shows_each_second() {
    let desk = Desk::new("usual.mp4").await;
    let files = desk.encode_all().await;
    let grid = sprites(desk.plan.duration_us(), (320, 180));
    assert_eq!((grid.count, grid.columns, grid.rows), (7, 3, 3));
    for (source, keyframes_only) in [
        (Source::file(&files[0].0), true),
        (desk.source.clone(), false),
    ] {
        let out = desk.path("storyboard.jpg");
        storyboard(
            &desk.ffmpeg,
            &source,
            &grid,
            keyframes_only,
            &out,
            media::Priority::Nice,
            &desk.cancel,
        )
        .await
        .unwrap();
        assert_eq!(size(&desk, "storyboard.jpg"), (576, 324));
    }
}
