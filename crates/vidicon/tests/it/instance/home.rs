//! The front page as the administrator orders it, and the page where that is done.

use crate::app::{ROOT_PASSWORD, TestApp};
use crate::studio::Browser;
use crate::video::add;
use serde_json::json;

const PAGE: &str = "/admin/home";

async fn front(app: &TestApp) -> String {
    app.get("/")
        .header("accept", "text/html")
        .await
        .expect(200)
        .text()
}

/// Where these words stand on the page, in this order.
fn in_order(page: &str, words: &[&str]) {
    let places: Vec<usize> = words
        .iter()
        .map(|word| {
            page.find(word)
                .unwrap_or_else(|| panic!("no {word} in {page}"))
        })
        .collect();
    assert!(places.is_sorted(), "{words:?} at {places:?}");
}

#[tokio::test]
async fn the_administrator_chooses_and_orders_what_stands_on_the_front_page() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    add(&app, "root", "Root work", |_| {}).await;
    add(&app, "ada", "Ada work", |new| {
        new.tags = vec!["sea salt".to_owned()]
    })
    .await;
    let list = json!({ "displayName": "Picked", "privacy": 1,
        "videoChannelId": crate::upload::channel(&app, "ada").await });
    let list = app
        .post("/api/v1/video-playlists")
        .token(&ada)
        .json(list)
        .await
        .expect(200)
        .json();
    let list = &list["videoPlaylist"];
    let hers = app.get("/api/v1/accounts/ada/videos").await.json();
    app.post(&format!("/api/v1/video-playlists/{}/videos", list["id"]))
        .token(&ada)
        .json(json!({ "videoId": hers["data"][0]["id"] }))
        .await
        .expect(200);
    assert!(front(&app).await.contains("Newest work"));

    let browser = Browser::new(&app, "root", ROOT_PASSWORD).await;
    let say = async |fields: &[(&str, &str)]| browser.post(PAGE).form(fields).await;
    let short = list["shortUUID"].as_str().unwrap();
    for (kind, about) in [
        ("channel", "ada_channel"),
        ("tag", "sea salt"),
        ("playlist", short),
        ("text", "Come **in**, <script>alert(1)</script>"),
        ("new", ""),
    ] {
        let done = say(&[("act", "add"), ("kind", kind), ("about", about)]).await;
        done.expect(303);
    }
    for (kind, about) in [
        ("channel", "nobody"),
        ("playlist", "x"),
        ("tag", "x"),
        ("channel", ""),
    ] {
        let refused = say(&[("act", "add"), ("kind", kind), ("about", about)]).await;
        refused.expect(400);
    }
    let page = front(&app).await;
    assert!(!page.contains("<script>alert"));
    in_order(
        &page,
        &[
            "Main ada channel",
            "#sea salt",
            "Picked",
            "Come <strong>in</strong>",
            "Root work",
        ],
    );

    say(&[("act", "up:3")]).await.expect(303);
    say(&[("act", "remove:0")]).await.expect(303);
    say(&[("act", "up:9")]).await.expect(400);
    let page = front(&app).await;
    assert!(!page.contains("Main ada channel</h2>"));
    in_order(
        &page,
        &[
            "#sea salt",
            "Come <strong>in</strong>",
            "Picked",
            "Root work",
        ],
    );
    let settings = app
        .get("/api/v1/config/custom")
        .token(&app.root().await)
        .await
        .json();
    let rows = &settings["instance"]["customizations"]["home"];
    assert_eq!(rows[0], "tag: sea salt");
    assert_eq!(rows.as_array().unwrap().len(), 4);

    // A list that goes private leaves the page to the others.
    app.put(&format!("/api/v1/video-playlists/{}", list["id"]))
        .token(&ada)
        .json(json!({ "privacy": 3 }))
        .await
        .expect(204);
    let page = front(&app).await;
    assert!(!page.contains("Picked"));
    in_order(&page, &["#sea salt", "Root work"]);
    Browser::new(&app, "ada", "password-1")
        .await
        .get(PAGE)
        .await
        .expect(403);
}

#[tokio::test]
async fn tags_in_the_words_of_the_front_page_stand_for_videos_and_more() {
    let app = TestApp::new().await;
    let root = app.root().await;
    app.user("ada").await;
    let video = add(&app, "ada", "Ada work", |_| {}).await;
    let hidden = add(&app, "ada", "Hidden work", |new| {
        new.privacy = vidicon::video::Privacy::Private;
    })
    .await;
    let words = format!(
        "# Hello\n\n\
         <peertube-container data-layout=\"row\" data-title=\"Seen & heard\">\n\n\
         <peertube-button data-href=\"/about\" data-label=\"Who we are\" onclick=\"alert(1)\"></peertube-button>\n\n\
         <peertube-button data-href=\"javascript:alert(1)\" data-label=\"Bad\"></peertube-button>\n\n\
         </peertube-container>\n\n\
         <peertube-video-embed data-uuid=\"{uuid}\"></peertube-video-embed>\n\n\
         <peertube-videos-list data-title=\"All films\" data-sort=\"-views\" data-count=\"3\" data-only-local=\"true\"></peertube-videos-list>\n\n\
         <peertube-channel-miniature data-name=\"ada_channel\"></peertube-channel-miniature>\n\n\
         <peertube-video-miniature data-uuid=\"{hidden}\"></peertube-video-miniature>\n\n\
         <peertube-playlist-miniature data-uuid=\"nothing\"></peertube-playlist-miniature>\n\n\
         <peertube-unknown></peertube-unknown><script>alert(1)</script><img src=\"https://far.example/a.png\">\n\n\
         **Bye**",
        uuid = video.uuid,
        hidden = hidden.uuid,
    );
    app.put("/api/v1/custom-pages/homepage/instance")
        .token(&root)
        .json(json!({ "content": words }))
        .await
        .expect(204);
    let answer = app.get("/").header("accept", "text/html").await;
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("frame-src 'self'"), "{policy}");
    let page = answer.expect(200).text();
    let player = format!(
        "<iframe class=\"block-player\" src=\"/videos/embed/{}\"",
        video.short_uuid()
    );
    in_order(
        &page,
        &[
            "<h1>Hello</h1>",
            "<h2>Seen &amp; heard</h2>",
            "href=\"/about\" dir=\"auto\">Who we are</a>",
            &player,
            "All films",
            "Ada work",
            "Main ada channel",
            "<strong>Bye</strong>",
        ],
    );
    for bad in [
        "onclick",
        "javascript:",
        "Hidden work",
        "<script>alert",
        "far.example",
        "peertube-",
    ] {
        assert!(!page.contains(bad), "{bad} on {page}");
    }
}
