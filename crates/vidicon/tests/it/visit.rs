//! The pages that visitors see: who gets in, what is said to those who do not, what stands on them.

use crate::app::{Answer, TestApp};
use crate::video::add;
use vidicon::video::{self, Privacy, VideoState};

async fn page(app: &TestApp, path: &str) -> Answer {
    app.get(path).header("accept", "text/html").await
}

async fn page_as(app: &TestApp, path: &str, token: &str) -> Answer {
    app.get(path)
        .header("accept", "text/html")
        .header("cookie", &format!("vidicon_session={token}"))
        .await
}

fn cookie_of(answer: &Answer, start: &str) -> String {
    let all = answer.headers.get_all("set-cookie").iter();
    let found = all
        .filter_map(|value| value.to_str().ok())
        .find(|value| value.starts_with(start));
    let found = found.unwrap_or_default().split(';').next();
    found.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_watch_page_tells_people_and_programs_what_it_is() {
    let app = TestApp::new().await;
    app.user("maker").await;
    let video = add(&app, "maker", "A film", |new| {
        new.description = Some("0:00 Start\n0:30 End\n\nWith **care**".to_owned());
        new.tags = vec!["sea side".to_owned()];
        new.duration_s = 842;
    })
    .await;
    let id = video.short_uuid();
    let html = page(&app, &format!("/w/{id}")).await.expect(200).text();
    for part in [
        "<title>A film, by",
        "<meta property=\"og:platform\" content=\"PeerTube\">",
        "<meta property=\"og:title\" content=\"A film\">",
        "<meta name=\"twitter:card\" content=\"player\">",
        "type=\"application/json+oembed\"",
        "\"@type\":\"VideoObject\"",
        "\"duration\":\"PT0H14M2S\"",
        "<strong>care</strong>",
        "14 min 2 s",
        "data-seek=\"30\"",
        "/search?tagsOneOf=sea%20side",
    ] {
        assert!(html.contains(part), "{part} is missing in {html}");
    }
    let by_uuid = page(&app, &format!("/videos/watch/{}?start=5", video.uuid)).await;
    assert_eq!(by_uuid.status, 301);
    assert_eq!(by_uuid.header("location"), format!("/w/{id}?start=5"));
    page(&app, &format!("/w/{id};threadId=7")).await.expect(200);
    let lost = page(&app, "/w/nothing").await.expect(404).text();
    assert!(lost.contains("There is no such video here."), "{lost}");
}

#[tokio::test]
async fn closed_videos_say_why() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let owner = app.user("owner").await;
    let other = app.user("other").await;
    let rows = [
        (Privacy::Public, [200, 200, 200, 200], ""),
        (Privacy::Unlisted, [200, 200, 200, 200], ""),
        (
            Privacy::Internal,
            [401, 200, 200, 200],
            "people with an account",
        ),
        (
            Privacy::Private,
            [401, 403, 200, 200],
            "This video is private.",
        ),
        (Privacy::Password, [403, 403, 200, 200], "has a password"),
    ];
    for (privacy, statuses, words) in rows {
        let video = add(&app, "owner", "Closed or open", |new| {
            new.privacy = privacy;
            new.passwords = vec!["secret".to_owned()];
        })
        .await;
        let path = format!("/w/{}", video.short_uuid());
        let embed = format!("/videos/embed/{}", video.uuid);
        let answers = [
            page(&app, &path).await,
            page_as(&app, &path, &other).await,
            page_as(&app, &path, &owner).await,
            page_as(&app, &path, &root).await,
        ];
        for (answer, status) in answers.iter().zip(statuses) {
            assert_eq!(answer.status, status, "{privacy:?}");
            assert_eq!(
                answer.text().contains("Closed or open"),
                status == 200,
                "{privacy:?}"
            );
        }
        assert!(answers[0].text().contains(words), "{privacy:?}");
        let in_frame = page(&app, &embed).await;
        assert_eq!(in_frame.status, statuses[0]);
        assert!(in_frame.headers.get("x-frame-options").is_none());
        let found = answers[2].text().contains("noindex");
        assert_eq!(found, privacy != Privacy::Public, "{privacy:?}");
    }
}

#[tokio::test]
async fn a_password_opens_its_video_for_a_while() {
    let app = TestApp::new().await;
    app.user("owner").await;
    let closed = |new: &mut video::NewVideo| {
        new.privacy = Privacy::Password;
        new.passwords = vec!["open sesame".to_owned()];
    };
    let video = add(&app, "owner", "The cave", closed).await;
    let other = add(&app, "owner", "Another cave", closed).await;
    let path = format!("/w/{}", video.short_uuid());
    let try_it = async |password: &str| app.post(&path).form(&[("password", password)]).await;
    let wrong = try_it("open barley").await;
    assert_eq!(wrong.status, 403);
    assert!(wrong.text().contains("does not fit"));
    let right = try_it("open sesame").await;
    assert_eq!(
        (right.status.as_u16(), right.header("location")),
        (303, path.as_str())
    );
    let key = cookie_of(&right, "open_");
    let inside = app
        .get(&path)
        .header("cookie", &key)
        .await
        .expect(200)
        .text();
    assert!(inside.contains("The cave") && !inside.contains("open sesame"));
    let elsewhere = format!("/w/{}", other.short_uuid());
    app.get(&elsewhere).header("cookie", &key).await.expect(403);
    app.clock.advance(9 * base::clock::HOUR);
    app.get(&path).header("cookie", &key).await.expect(403);
    let embed = format!("/videos/embed/{}", video.uuid);
    let player = app.post(&embed).form(&[("password", "open sesame")]).await;
    assert_eq!(player.status, 200);
    assert_eq!(player.header("cache-control"), "private, no-store");
}

#[tokio::test]
async fn a_blocked_video_is_seen_by_its_maker_and_moderators() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let owner = app.user("owner").await;
    let video = add(&app, "owner", "Out of sight", |_| ()).await;
    app.post(&format!("/api/v1/videos/{}/blacklist", video.uuid))
        .token(&root)
        .json(serde_json::json!({}))
        .await
        .expect(204);
    let path = format!("/w/{}", video.short_uuid());
    let html = page(&app, &path).await.expect(401).text();
    assert!(html.contains("blocked here") && !html.contains("Out of sight"));
    let own = page_as(&app, &path, &owner).await.expect(200).text();
    assert!(own.contains("This video has been blocked here."));
    let home = page(&app, "/").await.expect(200).text();
    assert!(!home.contains("Out of sight"));
}

#[tokio::test]
async fn a_video_in_the_making_brings_its_news() {
    let app = TestApp::new().await;
    app.user("maker").await;
    let video = add(&app, "maker", "Still wet", |new| {
        new.state = VideoState::ToTranscode;
    })
    .await;
    let path = format!("/w/{}", video.short_uuid());
    let html = page(&app, &path).await.expect(200).text();
    assert!(
        html.contains("Not ready yet.") && html.contains(&format!("data-news=\"{path}/news\""))
    );
    let news = app.get(&format!("{path}/news")).await.expect(200).json();
    assert_eq!(news["done"], false);
    assert_eq!(news["player"]["state"], 2);
    let mut tx = app.db.begin().await.unwrap();
    video::publish(&mut tx, video.id, app.clock.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let news = app.get(&format!("{path}/news")).await.expect(200).json();
    assert_eq!((&news["done"], &news["html"]), (&true.into(), &"".into()));
}

#[tokio::test]
async fn lists_have_pages_and_say_when_they_are_empty() {
    let app = TestApp::new().await;
    app.user("maker").await;
    let empty = page(&app, "/").await.expect(200).text();
    assert!(empty.contains("Nothing to watch yet."));
    for number in 0..26 {
        add(&app, "maker", &format!("Work number {number}"), |new| {
            new.category = Some(2);
            new.tags = vec!["Sea".to_owned()];
        })
        .await;
        app.clock.advance(base::clock::MINUTE);
    }
    for path in [
        "/videos/recently-added",
        "/videos/trending",
        "/videos/most-liked",
        "/videos/local",
        "/categories/2",
        "/tags/sea",
        "/c/maker_channel",
        "/a/maker",
        "/search?search=work",
        "/search",
    ] {
        let html = page(&app, path).await.expect(200).text();
        assert!(html.contains("Work number"), "{path}");
        assert!(html.contains("rel=\"next\""), "{path}: {html}");
        let sign = if path.contains('?') { '&' } else { '?' };
        let last = page(&app, &format!("{path}{sign}page=2")).await.expect(200);
        let last = last.text();
        assert!(
            last.contains("rel=\"prev\"") && !last.contains("rel=\"next\""),
            "{path}"
        );
    }
    let home = page(&app, "/").await.expect(200).text();
    assert!(home.contains("Work number 25"));
    for path in [
        "/videos/nothing",
        "/categories/99",
        "/c/nobody",
        "/a/nobody",
    ] {
        page(&app, path).await.expect(404);
    }
    let none = page(&app, "/search?search=zzzzzz").await.expect(200).text();
    assert!(none.contains("Nothing fits these words."));
    for (path, to) in [
        ("/video-channels/maker_channel", "/c/maker_channel"),
        ("/c/maker_channel/videos", "/c/maker_channel"),
        ("/accounts/maker", "/a/maker"),
        ("/a/maker/video-channels", "/a/maker?tab=channels"),
    ] {
        let moved = page(&app, path).await;
        assert_eq!((moved.status.as_u16(), moved.header("location")), (301, to));
    }
}

#[tokio::test]
async fn a_like_is_given_and_taken_back_by_form() {
    let app = TestApp::new().await;
    let fan = app.user("fan").await;
    let video = add(&app, "fan", "Dear to me", |_| ()).await;
    let path = format!("/w/{}", video.short_uuid());
    let rate = async |rating: &str, from: &str| {
        app.post(&format!("{path}/rate"))
            .header("cookie", &format!("vidicon_session={fan}"))
            .header("sec-fetch-site", from)
            .form(&[("rating", rating)])
            .await
            .status
            .as_u16()
    };
    assert_eq!(rate("like", "cross-site").await, 401);
    assert_eq!(rate("adore", "same-origin").await, 400);
    assert_eq!(rate("like", "same-origin").await, 303);
    let html = page_as(&app, &path, &fan).await.expect(200).text();
    assert!(
        html.contains("value=\"none\" aria-pressed=\"true\""),
        "{html}"
    );
    assert_eq!(rate("none", "same-origin").await, 303);
    let html = page_as(&app, &path, &fan).await.expect(200).text();
    assert!(html.contains("value=\"like\" aria-pressed=\"false\""));
}

/// What people write stays text, wherever it stands.
#[tokio::test]
async fn hostile_words_are_only_words() {
    const HOSTILE: &str = "\"'><img src=x onerror=alert(1)></script><script>alert(2)</script>";
    let app = TestApp::new().await;
    let maker = app.user("maker").await;
    let video = add(&app, "maker", HOSTILE, |new| {
        new.description = Some(format!("0:00 {HOSTILE}\n0:10 b\n[x](javascript:alert(3))"));
        new.support = Some(HOSTILE.to_owned());
        new.tags = vec!["\"><img src=x>".to_owned()];
    })
    .await;
    let body = serde_json::json!({ "displayName": "<img src=x>\"'><i>", "description": HOSTILE });
    app.put("/api/v1/video-channels/maker_channel")
        .token(&maker)
        .json(body)
        .await
        .expect(204);
    let id = video.short_uuid();
    let asked = "%22%27%3E%3Cimg%20src%3Dx%3E%3C%2Fscript%3E";
    for path in [
        "/".to_owned(),
        format!("/w/{id}"),
        format!("/videos/embed/{id}"),
        "/c/maker_channel".to_owned(),
        "/a/maker".to_owned(),
        "/videos/recently-added".to_owned(),
        format!("/search?search={asked}&tagsOneOf={asked}&sort={asked}"),
        format!("/tags/{asked}"),
        format!("/nothing/{asked}"),
        format!("/login?next={asked}"),
    ] {
        let html = page(&app, &path).await.text().to_lowercase();
        for bad in [
            "<img src=x",
            "<script>alert",
            "javascript:",
            "<i>",
            "onerror=alert(1)>",
        ] {
            assert!(!html.contains(bad), "{path}: {bad} in {html}");
        }
    }
}

#[tokio::test]
async fn addresses_of_the_api_may_end_in_a_slash() {
    let app = TestApp::new().await;
    app.get("/api/v1/config/").await.expect(200);
    app.get("/api/v1/videos/?count=0").await.expect(200);
}
