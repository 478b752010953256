//! oEmbed and the small files by which programs find their way about a site.

use crate::app::TestApp;
use crate::feed::published;

#[tokio::test]
async fn small_files_are_where_programs_look() {
    let app = TestApp::new().await;
    let robots = app.get("/robots.txt").await.expect(200);
    assert!(
        robots
            .text()
            .contains("Sitemap: http://video.test/sitemap.xml")
    );
    let security = app.get("/.well-known/security.txt").await.expect(200);
    assert!(
        security
            .text()
            .starts_with("Contact: http://video.test/about")
    );
    assert!(security.text().contains("Expires: 20"));
    let moved = app.get("/security.txt").await.expect(301);
    assert_eq!(moved.header("location"), "/.well-known/security.txt");
    let to = app.get("/.well-known/change-password").await.expect(302);
    let page = app.get(to.header("location")).token(&app.root().await);
    page.await.expect(200);
    assert_eq!(
        app.get("/.well-known/dnt/").await.expect(200).json()["tracking"],
        "N"
    );
    let manifest = app.get("/manifest.webmanifest").await.expect(200).json();
    assert_eq!(manifest["name"], "Vidicon");
    app.get("/teapot").await.expect(418);
}

#[tokio::test]
async fn people_and_channels_are_found_by_their_handle() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let moved = app.get("/services/redirect/actors/ada").await.expect(302);
    assert_eq!(moved.header("location"), "http://video.test/a/ada");
    let moved = app
        .get("/services/redirect/actors/@ada_channel@video.test")
        .await
        .expect(302);
    assert_eq!(moved.header("location"), "http://video.test/c/ada_channel");
    app.get("/services/redirect/actors/nobody")
        .await
        .expect(404);
    app.get("/services/redirect/actors/ada@elsewhere.example")
        .await
        .expect(404);
}

#[tokio::test]
async fn other_sites_get_the_frame_of_a_video() {
    let app = TestApp::new().await;
    let video = published(&app, "A <b>film</b>", 1).await;
    let ask = |url: &str, rest: &str| {
        let url: String = url::form_urlencoded::byte_serialize(url.as_bytes()).collect();
        app.get(&format!("/services/oembed?url={url}{rest}"))
    };
    let page = format!("http://video.test/w/{}?start=1m", video.short);
    let found = ask(&page, "&format=json").await.expect(200).json();
    assert_eq!(found["type"], "video");
    assert_eq!(found["title"], "A <b>film</b>");
    assert_eq!(
        (&found["width"], &found["height"]),
        (&560.into(), &315.into())
    );
    let html = found["html"].as_str().unwrap();
    let frame = format!(
        "src=\"http://video.test/videos/embed/{}?start=1m\"",
        video.short
    );
    assert!(html.contains(&frame) && !html.contains("<b>"), "{html}");
    let small = ask(&page, "&maxwidth=200&maxheight=100")
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&small["width"], &small["height"]),
        (&200.into(), &100.into())
    );
    assert!(small["thumbnail_url"].is_null());

    ask(&page, "&format=xml").await.expect(501);
    ask("http://elsewhere.example/w/1", "").await.expect(400);
    ask("http://video.test/about", "").await.expect(400);
    ask("http://video.test/w/999", "").await.expect(404);
    app.get("/services/oembed").await.expect(400);
}

#[tokio::test]
async fn hidden_videos_have_no_frame() {
    let app = TestApp::new().await;
    let ask = async |id: &str| {
        app.get(&format!("/services/oembed?url=http://video.test/w/{id}"))
            .await
            .status
            .as_u16()
    };
    let unlisted = published(&app, "Unlisted", 2).await;
    assert_eq!(ask(&unlisted.short).await, 200);
    assert_eq!(ask(&unlisted.id.to_string()).await, 403);
    for privacy in [3, 4, 5] {
        let hidden = published(&app, "Hidden", privacy).await;
        assert_eq!(ask(&hidden.short).await, 403, "privacy {privacy}");
    }
}

#[tokio::test]
async fn the_sitemap_names_public_videos_only() {
    let app = TestApp::new().await;
    let shown = published(&app, "Shown & told", 1).await;
    let hidden = published(&app, "Hidden", 2).await;
    let map = app.get("/sitemap.xml").await.expect(200);
    assert!(map.header("content-type").starts_with("application/xml"));
    let text = map.text();
    assert!(text.contains(&format!("http://video.test/w/{}", shown.short)));
    assert!(!text.contains(&hidden.short));
    assert!(text.contains("http://video.test/c/root_channel"));
    assert!(text.contains("Shown &#38; told"), "{text}");
}
