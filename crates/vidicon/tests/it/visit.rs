//! The pages that visitors see: who gets in, what is said to those who do not, what stands on them.

mod away;

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
            [404, 200, 200, 200],
            "people with an account",
        ),
        (
            Privacy::Private,
            [404, 404, 200, 200],
            "This video is private.",
        ),
        (Privacy::Password, [404, 404, 200, 200], "has a password"),
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
        assert_eq!(in_frame.status, 200, "{privacy:?}");
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
    app.get(&elsewhere).header("cookie", &key).await.expect(404);
    app.clock.advance(9 * base::clock::HOUR);
    app.get(&path).header("cookie", &key).await.expect(404);
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
    let html = page(&app, &path).await.expect(404).text();
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

/// A form of a page as a browser sends it.
async fn send(app: &TestApp, path: &str, token: &str, fields: &[(&str, &str)]) -> Answer {
    app.post(path)
        .header("accept", "text/html")
        .header("cookie", &format!("vidicon_session={token}"))
        .header("sec-fetch-site", "same-origin")
        .form(fields)
        .await
}

#[tokio::test]
async fn people_talk_without_script() {
    let app = TestApp::new().await;
    let maker = app.user("maker").await;
    let guest = app.user("guest").await;
    let video = add(&app, "maker", "Talked about", |_| ()).await;
    let path = format!("/w/{}", video.short_uuid());
    let say = format!("{path}/comments");
    send(&app, &say, "", &[("text", "hello")]).await.expect(401);
    send(&app, &say, &guest, &[("text", "  ")])
        .await
        .expect(400);
    let said = send(&app, &say, &guest, &[("text", "A *fine* <b>work")]).await;
    assert_eq!(said.status, 303);
    let id = said
        .header("location")
        .rsplit('-')
        .next()
        .unwrap()
        .to_owned();
    let answer = [("text", "Thank you"), ("reply_to", id.as_str())];
    send(&app, &say, &maker, &answer).await.expect(303);
    let html = page(&app, &path).await.expect(200).text();
    assert!(
        html.contains("A <em>fine</em>") && html.contains("Thank you"),
        "{html}"
    );
    assert!(html.contains("the maker") && !html.contains("<b>work"));
    let stranger = app.user("stranger").await;
    let delete = format!("{say}/{id}/delete");
    send(&app, &delete, &stranger, &[]).await.expect(403);
    send(&app, &delete, &guest, &[]).await.expect(303);
    let html = page(&app, &path).await.expect(200).text();
    assert!(!html.contains("<em>fine</em>") && html.contains("Thank you"));
}

#[tokio::test]
async fn links_of_a_profile_say_whose_they_are() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.put("/api/v1/users/me")
        .token(&ada)
        .json(serde_json::json!({ "description": "Also at https://ada.example/me" }))
        .await
        .expect(204);
    let html = page(&app, "/a/ada").await.expect(200).text();
    let link = "href=\"https://ada.example/me\" rel=\"me nofollow";
    assert!(html.contains(link), "{html}");
}

#[tokio::test]
async fn a_channel_is_followed_by_a_button() {
    let app = TestApp::new().await;
    app.user("maker").await;
    let fan = app.user("fan").await;
    add(&app, "maker", "For my followers", |_| ()).await;
    let button = "/c/maker_channel/follow";
    assert_eq!(send(&app, button, "", &[]).await.status, 401);
    let none = page_as(&app, "/subscriptions", &fan)
        .await
        .expect(200)
        .text();
    assert!(none.contains("You follow nobody yet."));
    let done = send(&app, button, &fan, &[("next", "/subscriptions")]).await;
    assert_eq!(
        (done.status.as_u16(), done.header("location")),
        (303, "/subscriptions")
    );
    let list = page_as(&app, "/subscriptions", &fan)
        .await
        .expect(200)
        .text();
    assert!(list.contains("For my followers"));
    let channel = page_as(&app, "/c/maker_channel", &fan)
        .await
        .expect(200)
        .text();
    assert!(channel.contains("name=\"stop\"") && channel.contains("one follower"));
    send(&app, button, &fan, &[("stop", "1")]).await.expect(303);
    let list = page_as(&app, "/subscriptions", &fan)
        .await
        .expect(200)
        .text();
    assert!(!list.contains("For my followers"));
    let login = page(&app, "/subscriptions").await;
    assert_eq!(
        (login.status.as_u16(), login.header("location")),
        (303, "/login?next=%2Fsubscriptions")
    );
}

#[tokio::test]
async fn a_list_is_kept_ordered_and_watched() {
    let app = TestApp::new().await;
    let keeper = app.user("keeper").await;
    let other = app.user("other").await;
    let first = add(&app, "keeper", "The first work", |_| ()).await;
    let second = add(&app, "keeper", "The second work", |_| ()).await;
    let save = format!("/w/{}/save", first.short_uuid());
    send(&app, &save, &keeper, &[("new_list", "To see again")])
        .await
        .expect(303);
    let mine = page_as(&app, "/my/playlists", &keeper)
        .await
        .expect(200)
        .text();
    assert!(mine.contains("To see again") && mine.contains("Watch later"));
    let lists = app
        .get("/api/v1/accounts/keeper/video-playlists")
        .token(&keeper)
        .await
        .expect(200)
        .json();
    let lists = lists["data"].as_array().unwrap();
    let list = lists
        .iter()
        .find(|it| it["displayName"] == "To see again")
        .unwrap();
    let (number, id) = (list["id"].to_string(), list["shortUUID"].as_str().unwrap());
    let save = format!("/w/{}/save", second.short_uuid());
    send(&app, &save, &keeper, &[("playlist", &number)])
        .await
        .expect(303);
    let path = format!("/w/p/{id}");
    assert_eq!(page(&app, &path).await.status, 303);
    page_as(&app, &path, &other).await.expect(403);
    let html = page_as(&app, &path, &keeper).await.expect(200).text();
    let at = |text: &str| {
        html.find(text)
            .unwrap_or_else(|| panic!("{text} in {html}"))
    };
    assert!(at("The first work") < at("The second work"));
    send(
        &app,
        &format!("{path}/move"),
        &keeper,
        &[("position", "1"), ("way", "down")],
    )
    .await
    .expect(303);
    let html = page_as(&app, &path, &keeper).await.expect(200).text();
    let at = |text: &str| {
        html.find(text)
            .unwrap_or_else(|| panic!("{text} in {html}"))
    };
    assert!(at("The second work") < at("The first work"));
    let public = serde_json::json!({ "displayName": "To see again", "privacy": 1, "videoChannelId": second.channel_id });
    app.put(&format!("/api/v1/video-playlists/{number}"))
        .token(&keeper)
        .json(public)
        .await
        .expect(204);
    let watched = page(&app, &format!("{path}?playlistPosition=1"))
        .await
        .expect(200)
        .text();
    assert!(
        watched.contains("<h1 dir=\"auto\">The second work</h1>") && watched.contains("queue-list")
    );
    assert!(
        watched.contains(&format!("{path}?playlistPosition=2")),
        "{watched}"
    );
    // Its videos have no files in this test, which is said in the frame.
    let framed = page(
        &app,
        &format!("/video-playlists/embed/{id}?playlistPosition=2"),
    )
    .await
    .expect(200);
    assert!(framed.headers.get("x-frame-options").is_none());
    page(&app, "/video-playlists/embed/nothing")
        .await
        .expect(404);
    page(&app, "/w/p/nothing").await.expect(404);
    // Saved again without the box: it leaves the list.
    send(&app, &save, &keeper, &[]).await.expect(303);
    let html = page(&app, &path).await.expect(200).text();
    assert!(!html.contains("The second work"));
    send(&app, &format!("{path}/delete"), &other, &[])
        .await
        .expect(403);
    send(&app, &format!("{path}/delete"), &keeper, &[])
        .await
        .expect(303);
    page(&app, &path).await.expect(404);
}

#[tokio::test]
async fn what_was_watched_can_be_forgotten() {
    let app = TestApp::new().await;
    let viewer = app.user("viewer").await;
    let video = add(&app, "viewer", "Seen by me", |_| ()).await;
    app.post(&format!("/api/v1/videos/{}/views", video.uuid))
        .token(&viewer)
        .json(serde_json::json!({ "currentTime": 20 }))
        .await
        .expect(204);
    let html = page_as(&app, "/my/history", &viewer)
        .await
        .expect(200)
        .text();
    assert!(
        html.contains("Seen by me") && html.contains("<progress value=\"33\""),
        "{html}"
    );
    send(&app, "/my/history/forget", &viewer, &[])
        .await
        .expect(303);
    let html = page_as(&app, "/my/history", &viewer)
        .await
        .expect(200)
        .text();
    assert!(html.contains("Nothing watched yet."));
}

#[tokio::test]
async fn a_site_has_a_colour_and_a_style_of_its_own() {
    let app = TestApp::new().await;
    let plain = page(&app, "/").await.expect(200).text();
    assert!(!plain.contains("theme.css") && !plain.contains("own.js"));
    let changes = serde_json::json!({
        "instance": { "name": "Café <b>", "customizations": { "css": "main { color: red }", "javascript": "" } },
        "theme": { "customization": { "primaryColor": "#00ff00" } },
    });
    let changes = changes.as_object().unwrap().clone();
    app.instance
        .save(&app.db, &app.clock, changes)
        .await
        .unwrap();
    let html = page(&app, "/").await.expect(200).text();
    assert!(html.contains("/client/theme.css") && !html.contains("<b>"));
    let style = app.get("/client/theme.css").await.expect(200);
    assert!(style.text().contains("--hue: 142") && style.text().contains("color: red"));
    let tag = style.header("etag").to_owned();
    app.get("/client/theme.css")
        .header("if-none-match", &tag)
        .await
        .expect(304);
    let search = app.get("/opensearch.xml").await.expect(200).text();
    assert!(search.contains("Café &lt;b&gt;") && search.contains("{searchTerms}"));
}
