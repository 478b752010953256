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

/// What a forum does with an address on a line of its own (Discourse's Onebox): it looks with HEAD, reads the page as a
/// program without cookies, follows the page's oEmbed link, and takes the frame if its address is one it allows and
/// the page in it lets itself be framed. What it cannot frame it shows as a card of the `og:` properties.
#[tokio::test]
async fn a_forum_makes_a_player_or_a_card_of_an_address() {
    const FORUM: &str = "Mozilla/5.0 (compatible; Discourse Forum Onebox v3.4.0)";
    let app = TestApp::new().await;
    let video = published(&app, "A <b>film</b>", 1).await;
    let path = format!("/w/{}", video.short);
    let read = |path: &str| app.get(path).header("user-agent", FORUM);
    app.call(http::Method::HEAD, &path).await.expect(200);
    let page = read(&path).await.expect(200).text();
    let between = |text: &str, before: &str| {
        let (_, rest) = text.split_once(before).expect(before);
        rest.split_once('"')
            .unwrap()
            .0
            .replace("&#38;", "&")
            .replace("&amp;", "&")
    };
    let link = page
        .split("<link")
        .find(|it| it.contains("application/json+oembed"));
    let link = between(link.expect("a link to oEmbed"), "href=\"");
    let link = link
        .strip_prefix("http://video.test")
        .expect("of this site");
    let found = read(link).await.expect(200).json();
    assert!(
        found["type"] == "video" && found["version"] == "1.0",
        "{found}"
    );
    let html = found["html"].as_str().unwrap();
    assert_eq!(html.matches("<iframe").count(), 1, "{html}");
    let frame = between(html, "src=\"");
    let frame = frame
        .strip_prefix("http://video.test")
        .expect("of this site");
    let framed = read(frame).await.expect(200);
    assert!(!framed.headers.contains_key("x-frame-options"));
    let policy = framed.header("content-security-policy").to_owned();
    assert!(policy.contains("frame-ancestors *"), "{policy}");
    for property in ["og:title", "og:url", "og:site_name", "og:type"] {
        let meta = page
            .split("<meta")
            .find(|it| it.contains(&format!("\"{property}\"")));
        let content = between(meta.expect(property), "content=\"");
        assert!(!content.is_empty(), "{property}");
        assert!(!content.contains('<'), "{property}: {content}");
    }
}
