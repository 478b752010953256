//! The site's settings: public, whole, changed, locked.

mod home;

use crate::app::TestApp;
use serde_json::{Value, json};

async fn custom(app: &TestApp, root: &str) -> Value {
    app.get("/api/v1/config/custom")
        .token(root)
        .await
        .expect(200)
        .json()
}

#[tokio::test]
async fn apps_find_what_they_read_in_the_config() {
    let app = TestApp::new().await;
    let config = app.get("/api/v1/config").await.expect(200).json();
    assert_eq!(config["serverVersion"], "8.2.1");
    assert_eq!(config["vidiconVersion"], env!("CARGO_PKG_VERSION"));
    assert_eq!(config["signup"]["allowed"], false);
    assert_eq!(config["instance"]["name"], "Vidicon");
    assert_eq!(config["transcoding"]["hls"]["enabled"], true);
    assert_eq!(
        config["transcoding"]["enabledResolutions"],
        json!([240, 360, 480, 720, 1080])
    );
    let extensions = config["video"]["file"]["extensions"].as_array().unwrap();
    assert!(extensions.contains(&".mp4".into()) && extensions.contains(&".mkv".into()));
    for path in [
        "/client/videos/resumableUpload",
        "/defaults/publish/privacy",
        "/webadmin/configuration/edition/allowed",
        "/search/remoteUri/users",
        "/plugin/registered",
        "/theme/default",
        "/email/enabled",
        "/contactForm/enabled",
        "/live/rtmp/port",
        "/videoStudio/enabled",
        "/import/videos/http/enabled",
        "/export/users/enabled",
        "/autoBlacklist/videos/ofUsers/enabled",
        "/avatar/file/size/max",
        "/video/image/extensions",
        "/videoCaption/file/size/max",
        "/user/videoQuota",
        "/videoChannels/maxPerUser",
        "/trending/videos/algorithms/default",
        "/tracker/enabled",
        "/broadcastMessage/enabled",
        "/homepage/enabled",
        "/openTelemetry/metrics/enabled",
        "/views/videos/watchingInterval/users",
        "/storyboards/enabled",
    ] {
        assert!(config.pointer(path).is_some(), "no {path}");
    }
}

#[tokio::test]
async fn an_administrator_changes_and_resets_the_settings() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let mut settings = custom(&app, &root).await;
    settings["instance"]["name"] = "Our films".into();
    settings["instance"]["terms"] = "Be kind.".into();
    settings["signup"]["enabled"] = true.into();
    settings["signup"]["limit"] = "-1".into();
    let put = |body: &Value| {
        app.put("/api/v1/config/custom")
            .token(&root)
            .json(body.clone())
    };
    let answer = put(&settings).await.expect(200).json();
    assert_eq!(answer["signup"]["limit"], -1);
    let config = app.get("/api/v1/config").await.json();
    assert_eq!(config["instance"]["name"], "Our films");
    assert_eq!(config["signup"]["allowed"], true);
    let about = app.get("/api/v1/config/about").await.expect(200).json();
    assert_eq!(about["instance"]["terms"], "Be kind.");

    // It outlives a restart.
    let again = vidicon::instance::Instance::load(&app.db, &app.config)
        .await
        .unwrap();
    assert_eq!(again.settings().instance.name, "Our films");

    let answer = app
        .delete("/api/v1/config/custom")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(answer["instance"]["name"], "Vidicon");
    let config = app.get("/api/v1/config").await.json();
    assert_eq!(config["signup"]["allowed"], false);
}

#[tokio::test]
async fn the_place_says_where_else_it_is() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let about = async || app.get("/about").await.expect(200).text();
    assert!(!about().await.contains("id=\"elsewhere\""));
    let mut settings = custom(&app, &root).await;
    settings["instance"]["social"]["mastodonLink"] = "https://social.example/@films".into();
    settings["instance"]["social"]["externalLink"] = "https://films.example/".into();
    let put = |body: &Value| {
        app.put("/api/v1/config/custom")
            .token(&root)
            .json(body.clone())
    };
    put(&settings).await.expect(200);
    let html = about().await;
    for part in [
        "href=\"https://social.example/@films\" rel=\"me noopener\"",
        ">Mastodon<",
        ">films.example<",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    for (path, value) in [
        ("/instance/social/xLink", "javascript:alert(1)"),
        ("/instance/customizations/links", "Shop javascript:alert(1)"),
        ("/instance/customizations/links", "no-address"),
    ] {
        let mut wrong = settings.clone();
        *wrong.pointer_mut(path).unwrap() = value.into();
        let refused = put(&wrong).await.expect(400).json();
        let field = path.trim_start_matches('/').replace('/', ".");
        assert!(refused["invalid-params"][&field].is_object(), "{refused}");
    }
}

#[tokio::test]
async fn wrong_settings_change_nothing() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let good = custom(&app, &root).await;
    let changes: [(&str, Value); 9] = [
        ("/instance/name", "".into()),
        ("/instance/defaultNSFWPolicy", "sometimes".into()),
        ("/signup/enabled", 3.into()),
        ("/signup/limit", (-2).into()),
        ("/user/videoQuota", "much".into()),
        ("/admin/email", "nobody".into()),
        ("/theme/customization/primaryColor", "red;}".into()),
        // These fit one by one and not together.
        ("/signup/requiresEmailVerification", true.into()),
        ("/transcoding/hls/enabled", false.into()),
    ];
    for (path, value) in changes {
        let mut wrong = good.clone();
        *wrong.pointer_mut(path).unwrap() = value;
        let answer = app
            .put("/api/v1/config/custom")
            .token(&root)
            .json(wrong)
            .await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text());
    }
    let empty = app
        .put("/api/v1/config/custom")
        .token(&root)
        .json(json!({}))
        .await
        .expect(400);
    assert!(empty.json()["invalid-params"]["instance.name"].is_object());
    assert_eq!(custom(&app, &root).await, good);
}

#[tokio::test]
async fn only_administrators_see_and_change_all_settings() {
    let app = TestApp::new().await;
    let user = app.user("ada").await;
    app.get("/api/v1/config/custom").await.expect(401);
    app.get("/api/v1/config/custom")
        .token(&user)
        .await
        .expect(403);
    app.put("/api/v1/config/custom")
        .token(&user)
        .json(json!({}))
        .await
        .expect(403);
    app.delete("/api/v1/config/custom")
        .token(&user)
        .await
        .expect(403);
}

#[tokio::test]
async fn the_settings_file_wins_and_says_so() {
    let app = TestApp::with(|config| {
        let site = json!({ "instance": { "name": "Fixed" }, "signup": { "limit": 3 } });
        config.site = site.as_object().cloned().unwrap();
        config.transcoding.threads = 7;
    })
    .await;
    let root = app.root().await;
    let mut settings = custom(&app, &root).await;
    let locked = settings["locked"].as_array().unwrap();
    assert!(locked.contains(&"instance.name".into()) && locked.contains(&"signup.limit".into()));
    assert_eq!(settings["transcoding"]["threads"], 7);
    settings["instance"]["name"] = "Other".into();
    settings["instance"]["terms"] = "New terms".into();
    let answer = app
        .put("/api/v1/config/custom")
        .token(&root)
        .json(settings)
        .await
        .expect(200);
    assert_eq!(answer.json()["instance"]["name"], "Fixed");
    assert_eq!(answer.json()["instance"]["terms"], "New terms");
}

#[tokio::test]
async fn settings_can_be_kept_from_the_web() {
    let app = TestApp::with(|config| config.server.settings_on_site = false).await;
    let root = app.root().await;
    let settings = custom(&app, &root).await;
    app.put("/api/v1/config/custom")
        .token(&root)
        .json(settings)
        .await
        .expect(405);
    app.delete("/api/v1/config/custom")
        .token(&root)
        .await
        .expect(405);
    let config = app.get("/api/v1/config").await.json();
    assert_eq!(
        config["webadmin"]["configuration"]["edition"]["allowed"],
        false
    );
}

#[tokio::test]
async fn the_home_page_has_a_text_when_there_is_one() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let path = "/api/v1/custom-pages/homepage/instance";
    app.get(path).await.expect(404);
    app.put(path)
        .token(&root)
        .json(json!({ "content": "# Hello" }))
        .await
        .expect(204);
    assert_eq!(app.get(path).await.expect(200).json()["content"], "# Hello");
    assert_eq!(
        app.get("/api/v1/config").await.json()["homepage"]["enabled"],
        true
    );
    app.put(path).token(&root).json(json!({})).await.expect(400);
    app.put(path)
        .token(&root)
        .json(json!({ "content": "" }))
        .await
        .expect(204);
    app.get(path).await.expect(404);
}

fn picture(width: u32, height: u32) -> Vec<u8> {
    let pixels = image::RgbImage::from_pixel(width, height, image::Rgb([200, 30, 30]));
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::DynamicImage::ImageRgb8(pixels)
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// A picture of some megabytes, which nothing can make smaller.
fn noise() -> Vec<u8> {
    let mut noise = image::RgbImage::new(1100, 1000);
    let mut state: u32 = 7;
    for pixel in noise.pixels_mut() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let [_, a, b, c] = state.to_le_bytes();
        *pixel = image::Rgb([a, b, c]);
    }
    let mut large = std::io::Cursor::new(Vec::new());
    noise.write_to(&mut large, image::ImageFormat::Png).unwrap();
    assert!(large.get_ref().len() > 2_500_000);
    large.into_inner()
}

#[tokio::test]
async fn the_site_has_pictures_of_its_own() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let pick = |path: &str, field: &str, file: &[u8]| {
        app.post(&format!("/api/v1/config/{path}/pick"))
            .token(&root)
            .multipart(&[], &[(field, "a.png", "image/png", file)])
    };
    let file = picture(700, 700);
    pick("instance-avatar", "avatarfile", &file)
        .await
        .expect(204);
    pick("instance-banner", "bannerfile", &picture(1920, 400))
        .await
        .expect(204);
    pick("instance-logo/header-wide", "logofile", &picture(300, 100))
        .await
        .expect(204);
    let config = app.get("/api/v1/config").await.json();
    let site = &config["instance"];
    assert_eq!(site["avatars"][0]["width"], 600);
    assert_eq!(site["banners"][0]["width"], 1920);
    assert_eq!(site["logo"][0]["type"], "header-wide");
    assert_eq!(
        (&site["logo"][0]["width"], &site["logo"][0]["height"]),
        (&288.into(), &96.into())
    );
    let path = site["avatars"][0]["path"].as_str().unwrap();
    let served = app.get(path).await.expect(200);
    assert_eq!(served.header("content-type"), "image/jpeg");

    pick("instance-logo/opengraph", "logofile", &noise())
        .await
        .expect(204);
    pick("instance-avatar", "avatarfile", b"no picture")
        .await
        .expect(400);
    pick("instance-logo/tie", "logofile", &file)
        .await
        .expect(400);
    app.delete("/api/v1/config/instance-avatar")
        .token(&root)
        .await
        .expect(204);
    app.get(path).await.expect(404);
    let config = app.get("/api/v1/config").await.json();
    assert_eq!(config["instance"]["avatars"], json!([]));
    assert_eq!(config["instance"]["banners"].as_array().unwrap().len(), 2);
    let user = app.user("ada").await;
    app.delete("/api/v1/config/instance-banner")
        .token(&user)
        .await
        .expect(403);
}

#[tokio::test]
async fn visitors_write_to_the_administrators() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    let root = app.root().await;
    let write = |body: Value| app.post("/api/v1/server/contact").json(body);
    let good = json!({
        "fromName": "Ada", "fromEmail": "ada@example.org", "subject": "Hello\nBcc: x", "body": "I like it.",
    });
    for (field, value) in [("fromEmail", "nobody"), ("body", "a")] {
        let mut wrong = good.clone();
        wrong[field] = value.into();
        write(wrong).await.expect(400);
    }
    write(good.clone()).await.expect(204);
    app.run_jobs().await;
    let mails = app.mail.take_kept();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, "admin@example.com");
    assert_eq!(mails[0].subject, "(contact form) Hello Bcc: x");
    assert!(mails[0].text.contains("ada@example.org") && mails[0].text.contains("I like it."));
    write(good.clone()).await.expect(403);
    app.clock.advance(base::clock::HOUR + 1);
    write(good.clone()).await.expect(204);
    let mut settings = custom(&app, &root).await;
    settings["contactForm"]["enabled"] = false.into();
    app.put("/api/v1/config/custom")
        .token(&root)
        .json(settings)
        .await
        .expect(200);
    app.clock.advance(base::clock::HOUR + 1);
    write(good).await.expect(409);
}

#[tokio::test]
async fn nobody_can_write_without_a_mail_server() {
    let app = TestApp::new().await;
    let body = json!({ "fromEmail": "ada@example.org", "body": "I like it." });
    app.post("/api/v1/server/contact")
        .json(body)
        .await
        .expect(409);
}

#[tokio::test]
async fn people_begin_where_the_administrator_wants_them_to() {
    let site = |section: &'static str, settings: Value| {
        TestApp::with(move |config| {
            config.site.insert(section.to_owned(), settings);
        })
    };
    let begins = async |sort: &str, scope: &str| {
        let browse = json!({ "browseVideos": { "defaultSort": sort, "defaultScope": scope } });
        let app = site("client", browse).await;
        let answer = app
            .get("/videos/browse")
            .header("accept", "text/html")
            .await
            .expect(303);
        answer.header("location").to_owned()
    };
    assert_eq!(
        begins("-publishedAt", "federated").await,
        "/videos/recently-added"
    );
    assert_eq!(begins("-trending", "federated").await, "/videos/trending");
    assert_eq!(begins("-likes", "federated").await, "/videos/most-liked");
    assert_eq!(begins("-likes", "local").await, "/videos/local");

    let liked = json!({ "videos": { "algorithms": { "default": "most-liked" } } });
    for (settings, first) in [(json!({}), "Seen"), (liked, "Liked")] {
        let app = site("trending", settings).await;
        crate::video::add(&app, "root", "Seen", |_| {}).await;
        crate::video::add(&app, "root", "Liked", |_| {}).await;
        for (name, column) in [("Seen", "trending"), ("Liked", "likes")] {
            let set = match column {
                "likes" => base::sql!("UPDATE video SET likes = 5 WHERE name = $1"),
                _ => base::sql!("UPDATE video SET trending = 5 WHERE name = $1"),
            };
            set.bind(name).execute(&app.db).await.unwrap();
        }
        let page = app
            .get("/videos/trending")
            .header("accept", "text/html")
            .await
            .expect(200);
        let text = page.text();
        let (seen, liked) = (text.find(">Seen<").unwrap(), text.find(">Liked<").unwrap());
        assert_eq!(seen < liked, first == "Seen", "{first}");
    }
}

#[tokio::test]
async fn copies_of_other_servers_files_are_kept_up_to_a_number() {
    let app = TestApp::with(|config| {
        let sizes = json!({ "previews": { "size": 2 }, "captions": { "size": 1 }, "torrents": { "size": 7 } });
        config.site.insert("cache".to_owned(), sizes);
    })
    .await;
    let root = app.root().await;
    let settings = app
        .get("/api/v1/config/custom")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(settings["cache"]["previews"]["size"], 2);
    assert_eq!(settings["cache"]["torrents"]["size"], 0);
    assert!(
        settings["locked"]
            .as_array()
            .unwrap()
            .contains(&json!("cache.torrents.size"))
    );
    let names = ["a.jpg", "b.jpg", "c.jpg", "a.vtt", "b.vtt"];
    for (number, name) in names.iter().enumerate() {
        base::sql!("INSERT INTO remote_file (filename, url, fetched_at, created_at) VALUES ($1, $2, $3, $3)")
            .bind(*name)
            .bind(format!("https://far.example/{name}"))
            .bind(app.clock.now() + number as i64)
            .execute(&app.db)
            .await
            .unwrap();
        let class = if name.ends_with(".vtt") {
            "captions"
        } else {
            "thumbnails"
        };
        let place = app.folder.path().join("storage").join(class);
        std::fs::create_dir_all(&place).unwrap();
        std::fs::write(place.join(name), b"x").unwrap();
    }
    vidicon::video::files::remote::tidy(&app.app).await.unwrap();
    let kept: Vec<(String,)> = base::sql!(
        "SELECT filename FROM remote_file WHERE fetched_at IS NOT NULL ORDER BY filename"
    )
    .all(&app.db)
    .await
    .unwrap();
    let kept: Vec<&str> = kept.iter().map(|(name,)| name.as_str()).collect();
    assert_eq!(kept, ["b.jpg", "b.vtt", "c.jpg"]);
    let thumbnails = app.folder.path().join("storage/thumbnails");
    assert!(!thumbnails.join("a.jpg").exists() && thumbnails.join("b.jpg").exists());
}

#[tokio::test]
async fn a_shared_page_shows_the_sites_own_picture() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let home = app
        .get("/")
        .header("accept", "text/html")
        .await
        .expect(200)
        .text();
    assert!(!home.contains("og:image"));
    app.post("/api/v1/config/instance-logo/opengraph/pick")
        .token(&root)
        .multipart(
            &[],
            &[(
                "logofile",
                "a.png",
                "image/png",
                &crate::clips::png(600, 315),
            )],
        )
        .await
        .expect(204);
    let home = app
        .get("/")
        .header("accept", "text/html")
        .await
        .expect(200)
        .text();
    assert!(
        home.contains(
            "<meta property=\"og:image\" content=\"http://video.test/lazy-static/avatars/"
        ),
        "{home}"
    );
}
