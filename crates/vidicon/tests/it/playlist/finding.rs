//! Finding playlists, and their pictures.

use super::{channel_id, elements, made, put_in};
use crate::app::TestApp;
use crate::video::add;
use serde_json::json;
use vidicon::video::Privacy;

#[tokio::test]
async fn playlists_are_found_by_words_and_addresses() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let channel = channel_id(&app, "owner").await;
    let video = add(&app, "owner", "One", |_| {}).await;
    let mut all = Vec::new();
    for (name, privacy) in [
        ("Été en Bretagne", "1"),
        ("Winter sports", "1"),
        ("Winter secrets", "2"),
    ] {
        let fields = [
            ("displayName", name),
            ("privacy", privacy),
            ("videoChannelId", &channel),
        ];
        let playlist = made(&app, &owner, &fields).await;
        put_in(
            &app,
            &owner,
            &playlist["id"],
            json!({ "videoId": video.id }),
        )
        .await
        .expect(200);
        all.push(playlist);
    }
    let empty = [
        ("displayName", "Winter empty"),
        ("privacy", "1"),
        ("videoChannelId", &channel),
    ];
    made(&app, &owner, &empty).await;
    app.run_jobs().await;
    let uuid = |place: usize| all[place]["uuid"].as_str().unwrap().to_owned();
    let short = all[1]["shortUUID"].as_str().unwrap();
    for (query, wanted) in [
        ("search=ete".to_owned(), vec!["Été en Bretagne"]),
        ("search=winter".to_owned(), vec!["Winter sports"]),
        ("search=wintre".to_owned(), vec!["Winter sports"]),
        ("search=nothing".to_owned(), vec![]),
        (
            format!("search=http://video.test/w/p/{short}"),
            vec!["Winter sports"],
        ),
        (
            format!("search=http://video.test/videos/watch/playlist/{}", uuid(0)),
            vec!["Été en Bretagne"],
        ),
        (format!("search=http://video.test/w/p/{}", uuid(2)), vec![]),
        (format!("uuids={}", uuid(1)), vec!["Winter sports"]),
        (
            "host=video.test&sort=displayName".to_owned(),
            vec!["Été en Bretagne", "Winter sports"],
        ),
        ("host=other.test".to_owned(), vec![]),
    ] {
        let path = format!("/api/v1/search/video-playlists?{query}");
        let list = app.get(&path).await.expect(200).json();
        let names: Vec<&str> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["displayName"].as_str().unwrap())
            .collect();
        assert_eq!(names, wanted, "{query}");
        assert_eq!(list["total"], wanted.len(), "{query}");
    }
    app.get("/api/v1/search/video-playlists?search=")
        .await
        .expect(400);
    app.get("/api/v1/search/video-playlists?sort=views")
        .await
        .expect(400);
    let frame = app.get(&format!(
        "/services/oembed?url=http://video.test/w/p/{short}"
    ));
    let frame = frame.await.expect(200).json();
    assert_eq!(frame["title"], "Winter sports");
}

#[tokio::test]
async fn a_playlist_has_a_picture() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let picture = png();
    let files = [("thumbnailfile", "p.png", "image/png", picture.as_slice())];
    let path = "/api/v1/video-playlists";
    let call = app.post(path).token(&owner);
    let made = call
        .multipart(&[("displayName", "With")], &files)
        .await
        .expect(200)
        .json();
    let one = format!("{path}/{}", made["videoPlaylist"]["id"]);
    let shown = app.get(&one).token(&owner).await.json();
    let thumbnail = shown["thumbnailPath"].as_str().unwrap().to_owned();
    let file = app.get(&thumbnail).await.expect(200);
    assert_eq!(file.header("content-type"), "image/jpeg");
    let wrong = [("thumbnailfile", "p.gif", "image/gif", picture.as_slice())];
    app.put(&one)
        .token(&owner)
        .multipart(&[], &wrong)
        .await
        .expect(400);
    let text = [(
        "thumbnailfile",
        "p.png",
        "image/png",
        b"no picture".as_slice(),
    )];
    app.put(&one)
        .token(&owner)
        .multipart(&[], &text)
        .await
        .expect(400);
    app.put(&one)
        .token(&owner)
        .multipart(&[], &files)
        .await
        .expect(204);
    let shown = app.get(&one).token(&owner).await.json();
    assert_ne!(shown["thumbnailPath"], thumbnail.as_str());
    app.run_jobs().await;
    app.get(&thumbnail).await.expect(404);
}

#[tokio::test]
async fn a_playlist_without_a_picture_takes_that_of_its_first_video() {
    let app = TestApp::new().await;
    app.user("owner").await;
    let other = app.user("other").await;
    let mut videos = Vec::new();
    for (name, privacy) in [
        ("first", Privacy::Public),
        ("second", Privacy::Public),
        ("hidden", Privacy::Private),
    ] {
        let video = add(&app, "owner", name, |new| new.privacy = privacy).await;
        let file = format!("{name}.jpg");
        let bytes = name.as_bytes().to_vec();
        let class = base::storage::Class::Thumbnail;
        app.storage.put(class, &file, bytes.into()).await.unwrap();
        let mut tx = app.db.begin().await.unwrap();
        vidicon::video::set_thumbnails(&mut tx, video.id, &file, &file, "video")
            .await
            .unwrap();
        tx.commit().await.unwrap();
        videos.push(video);
    }
    let id = made(&app, &other, &[("displayName", "Copied")]).await["id"].clone();
    let picture = async || {
        let one = format!("/api/v1/video-playlists/{id}");
        let shown = app.get(&one).token(&other).await.expect(200).json();
        match shown["thumbnailPath"].as_str() {
            Some(path) => Some(app.get(path).await.expect(200).text()),
            None => None,
        }
    };
    // Somebody else's private video shows nothing of itself.
    let hidden = put_in(&app, &other, &id, json!({ "videoId": videos[2].id }))
        .await
        .expect(200);
    assert_eq!(picture().await, None);
    let mut ids = Vec::new();
    for video in &videos[..2] {
        let added = put_in(&app, &other, &id, json!({ "videoId": video.id }))
            .await
            .expect(200);
        ids.push(added.json()["videoPlaylistElement"]["id"].clone());
    }
    assert_eq!(picture().await.as_deref(), Some("first"));
    let hidden = format!(
        "{}/{}",
        elements(&id),
        hidden.json()["videoPlaylistElement"]["id"]
    );
    app.delete(&hidden).token(&other).await.expect(204);
    let body = json!({ "startPosition": 2, "insertAfterPosition": 0 });
    let reorder = format!("{}/reorder", elements(&id));
    app.post(&reorder)
        .token(&other)
        .json(body)
        .await
        .expect(204);
    assert_eq!(picture().await.as_deref(), Some("second"));
    for element in ids {
        let one = format!("{}/{element}", elements(&id));
        app.delete(&one).token(&other).await.expect(204);
    }
    assert_eq!(picture().await, None);
}

fn png() -> Vec<u8> {
    let mut file = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_pixel(400, 300, image::Rgb([200, 40, 40]))
        .write_to(&mut file, image::ImageFormat::Png)
        .unwrap();
    file.into_inner()
}
