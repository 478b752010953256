//! Media files over HTTP: ranges, conditions, other sites' pages, and who may have them.

use crate::app::TestApp;
use crate::clips;
use crate::transcode::{File, address, files, master};
use crate::upload::{found, upload};
use axum::http::Method;
use base::db::Query;
use vidicon::video::{Privacy, Video, token};

pub async fn published(app: &TestApp, more: &[(&str, &str)]) -> (Video, Vec<File>) {
    let root = app.root().await;
    let answer = upload(app, &root, &clips::COPIED, more).await;
    let _alone = clips::alone().await;
    app.run_jobs().await;
    let video = found(app, &answer).await;
    let files = files(app, &video).await;
    (video, files)
}

#[tokio::test]
async fn ranges_and_conditions() {
    let app = TestApp::new().await;
    let (video, files) = published(&app, &[]).await;
    let path = address(&video, &files[0].filename);
    let size = files[0].size_bytes;
    let all = app.get(&path).await.expect(200);
    assert_eq!(all.body.len() as i64, size);
    assert_eq!(all.header("content-type"), "video/mp4");
    assert_eq!(
        all.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(all.header("accept-ranges"), "bytes");
    for (range, first, last) in [
        ("bytes=100-199".to_owned(), 100, 199),
        ("bytes=100-".to_owned(), 100, size - 1),
        ("bytes=-10".to_owned(), size - 10, size - 1),
        (format!("bytes=0-{}", size + 50), 0, size - 1),
    ] {
        let part = app.get(&path).header("range", &range).await.expect(206);
        assert_eq!(
            part.header("content-range"),
            format!("bytes {first}-{last}/{size}")
        );
        assert_eq!(
            part.header("content-length"),
            (last - first + 1).to_string()
        );
        assert_eq!(part.body, all.body[first as usize..=last as usize]);
    }
    let beyond = app
        .get(&path)
        .header("range", &format!("bytes={size}-"))
        .await
        .expect(416);
    assert_eq!(beyond.header("content-range"), format!("bytes */{size}"));
    for odd in ["bytes=9-1", "lines=0-1", "bytes=0-1,5-6"] {
        app.get(&path).header("range", odd).await.expect(200);
    }
    let tag = all.header("etag").to_owned();
    assert!(
        app.get(&path)
            .header("if-none-match", &tag)
            .await
            .expect(304)
            .body
            .is_empty()
    );
    app.get(&path)
        .header("if-modified-since", all.header("last-modified"))
        .await
        .expect(304);
    let same = app
        .get(&path)
        .header("range", "bytes=0-9")
        .header("if-range", &tag)
        .await;
    same.expect(206);
    let other = app
        .get(&path)
        .header("range", "bytes=0-9")
        .header("if-range", "\"x\"")
        .await;
    other.expect(200);
    let head = app.call(Method::HEAD, &path).await.expect(200);
    assert_eq!(
        (head.header("content-length"), head.body.len()),
        (size.to_string().as_str(), 0)
    );
    app.get(&address(&video, "nothing.mp4")).await.expect(404);
    app.get(&address(&video, "..%2f..%2fvidicon.db"))
        .await
        .expect(404);
}

#[tokio::test]
async fn pages_elsewhere_may_read() {
    let app = TestApp::new().await;
    let (video, files) = published(&app, &[]).await;
    let path = address(&video, &files[0].filename);
    let part = app
        .get(&path)
        .header("origin", "https://elsewhere.example")
        .header("range", "bytes=0-9")
        .await
        .expect(206);
    assert_eq!(part.header("access-control-allow-origin"), "*");
    assert_eq!(part.header("access-control-expose-headers"), "*");
    let asked = app
        .call(Method::OPTIONS, &path)
        .header("origin", "https://elsewhere.example")
        .header("access-control-request-method", "GET")
        .header("access-control-request-headers", "range")
        .await
        .expect(204);
    assert_eq!(asked.header("access-control-allow-headers"), "range");
}

#[tokio::test]
async fn closed_videos_have_closed_files() {
    let app = TestApp::new().await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let passwords = [("videoPasswords[]", "open sesame"), ("privacy", "5")];
    let (video, files) = published(&app, &passwords).await;
    let master = master(&app, &video).await.unwrap();
    let names = [
        files[0].filename.clone(),
        files[0].playlist_filename.clone(),
        master,
    ];
    let private = |name: &str| address(&video, name).replace("/hls/", "/hls/private/");
    let status = async |path: &str, token: Option<&str>, password: Option<&'static str>| {
        let mut call = app.get(path);
        if let Some(token) = token {
            call = call.token(token);
        }
        if let Some(password) = password {
            call = call.header("x-peertube-video-password", password);
        }
        call.await.status.as_u16()
    };
    // Nobody, another user, the owner; then nobody with the password.
    for (privacy, expected) in [
        (Privacy::Public, [200, 200, 200, 200]),
        (Privacy::Unlisted, [200, 200, 200, 200]),
        (Privacy::Private, [403, 403, 200, 401]),
        (Privacy::Internal, [403, 200, 200, 401]),
        (Privacy::Password, [403, 403, 200, 200]),
    ] {
        Query::new("UPDATE video SET privacy = $1")
            .bind(privacy)
            .execute(&app.db)
            .await
            .unwrap();
        for path in names
            .iter()
            .flat_map(|name| [address(&video, name), private(name)])
        {
            let seen = [
                status(&path, None, None).await,
                status(&path, Some(&ada), None).await,
                status(&path, Some(&root), None).await,
                status(&path, None, Some("open sesame")).await,
            ];
            assert_eq!(seen, expected, "{privacy:?} {path}");
        }
    }
    assert_eq!(status(&private(&names[0]), None, Some("wrong")).await, 403);
    let kept = app.get(&private(&names[0])).token(&root).await.expect(200);
    assert_eq!(kept.header("cache-control"), "private, no-cache");
    Query::new("UPDATE video SET privacy = 1, blocked = TRUE")
        .execute(&app.db)
        .await
        .unwrap();
    assert_eq!(status(&address(&video, &names[0]), None, None).await, 403);
    assert_eq!(
        status(&address(&video, &names[0]), Some(&ada), None).await,
        403
    );
    assert_eq!(
        status(&address(&video, &names[0]), Some(&root), None).await,
        200
    );
    app.get(&address(&video, &names[0]))
        .token("no-token")
        .await
        .expect(401);
}

#[tokio::test]
async fn a_token_opens_one_video_for_a_while() {
    let app = TestApp::new().await;
    let (video, files) = published(&app, &[("privacy", "3")]).await;
    let (pass, _) = token::make(&app.app, &video);
    let stranger = Video {
        uuid: base::random::uuid(),
        ..video.clone()
    };
    let (other, _) = token::make(&app.app, &stranger);
    let path = address(&video, &files[0].filename);
    let with = |token: &str| format!("{path}?videoFileToken={token}");
    app.get(&with(&pass)).await.expect(200);
    app.get(&with(&other)).await.expect(403);
    app.get(&with("ffffffffffff-00")).await.expect(403);
    let master = address(&video, &master(&app, &video).await.unwrap());
    let asked = format!("{master}?videoFileToken={pass}&reinjectVideoFileToken=true");
    let text = app.get(&asked).await.expect(200).text();
    let line = format!(
        "{}?videoFileToken={pass}&reinjectVideoFileToken=true",
        files[0].playlist_filename
    );
    assert!(text.contains(&line), "{text}");
    let list = app.get(&address(&video, &line)).await.expect(200).text();
    assert!(
        list.contains(&format!("{}?videoFileToken={pass}\n", files[0].filename)),
        "{list}"
    );
    app.clock.advance(8 * base::clock::HOUR);
    app.get(&with(&pass)).await.expect(403);
}

#[tokio::test]
async fn downloads_have_names() {
    let app = TestApp::new().await;
    let (video, files) = published(&app, &[("name", "a/b \"ü\"")]).await;
    let path = format!(
        "/download/streaming-playlists/hls/videos/{}-72-fragmented.mp4",
        video.uuid
    );
    let whole = app.get(&path).await.expect(200);
    assert_eq!(whole.body.len() as i64, files[0].size_bytes);
    let name = whole.header("content-disposition");
    assert!(
        name.starts_with("attachment; filename=\"a_b ___-72p-hls.mp4\""),
        "{name}"
    );
    app.get(&path.replace("-72-", "-73-")).await.expect(404);
    let by_file = format!(
        "/download/streaming-playlists/hls/videos/{}",
        files[0].filename
    );
    let same = app.get(&by_file).await.expect(200);
    assert_eq!(same.header("content-disposition"), name);
    let ids = format!("videoFileIds={}&videoFileIds={}", files[0].id, files[1].id);
    let path = format!("/download/videos/generate/{}.mp4?{ids}", video.uuid);
    let both = {
        let _alone = clips::alone().await;
        app.get(&path).await.expect(200)
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("both.mp4");
    std::fs::write(&file, &both.body).unwrap();
    assert_eq!(clips::frames(&file).await, 25);
    vidicon::cost::flush(&app).await.unwrap();
    let stats = app.get("/api/v1/server/stats").await.expect(200).json();
    assert_eq!(stats["totalLocalVideoDownloads"], 3);
    let path = format!("/download/videos/generate/{}", video.uuid);
    app.get(&path).await.expect(400);
    app.get(&format!("{path}?videoFileIds=999999"))
        .await
        .expect(404);
    let twice = format!("{path}?videoFileIds={0}&videoFileIds={0}", files[0].id);
    app.get(&twice).await.expect(400);
    let (key,): (String,) = Query::new("SELECT key FROM video_source")
        .one(&app.db)
        .await
        .unwrap();
    let original = format!("/download/original-video-files/{}", key.replace('/', "_"));
    app.get(&original).await.expect(403);
    let root = app.root().await;
    let sent = app.get(&original).token(&root).await.expect(200);
    assert!(sent.body == clips::bytes(&clips::COPIED).await);
    assert!(sent.header("content-disposition").contains("copied.mp4"));
}

#[tokio::test]
async fn what_the_prober_says_is_told() {
    let app = TestApp::new().await;
    let (video, files) = published(&app, &[]).await;
    let path = |id: &str| format!("/api/v1/videos/{}/metadata/{id}", video.uuid);
    let known = app
        .get(&path(&files[0].id.to_string()))
        .await
        .expect(200)
        .json();
    assert_eq!(known["streams"][0]["codec_type"], "video");
    app.get(&path("999999")).await.expect(404);
    app.get(&path("x")).await.expect(400);
}

#[tokio::test]
async fn downloads_are_held_back_and_playing_is_not() {
    let app = TestApp::with(|config| config.limits.download_address_mbit = 1).await;
    let (video, files) = published(&app, &[]).await;
    let file = files.iter().max_by_key(|file| file.size_bytes).unwrap();
    let path = format!("/download/streaming-playlists/hls/videos/{}", file.filename);
    let started = tokio::time::Instant::now();
    let mut bytes = 0;
    while bytes < 200_000 {
        bytes += app.get(&path).await.expect(200).body.len();
    }
    // The last piece may go at once when its place has come.
    let least = (bytes as f64 - 2.0 * 65_536.0) * 8.0 / 1e6;
    let took = started.elapsed().as_secs_f64();
    assert!(took >= least * 0.95, "{bytes} bytes in {took} s");
    let started = tokio::time::Instant::now();
    app.get(&address(&video, &file.filename)).await.expect(200);
    assert!(started.elapsed().as_secs_f64() < 0.5);
}
