//! Places where PeerTube's clients and tests look closely: what is refused, how the refusal is
//! told, and fields of answers that no page of ours needs.

use crate::app::TestApp;
use crate::video::add;
use crate::world::person;
use axum::http::Method;
use serde_json::{Value, json};
use vidicon::account::Role;
use vidicon::video::Privacy;

/// Sends each body and compares the status, and which fields are named.
async fn refuses(
    app: &TestApp,
    method: &str,
    path: &str,
    token: &str,
    rows: &[(Value, u16, &str)],
) {
    for (body, status, field) in rows {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let call = app.call(method, path).token(token).json(body.clone());
        let answer = call.await;
        assert_eq!(answer.status, *status, "{path} {body}: {}", answer.text());
        if !field.is_empty() {
            let told = &answer.json()["invalid-params"][field];
            assert!(told.is_object(), "{path} {body}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn a_refusal_says_where_it_was_met() {
    let app = TestApp::new().await;
    let owner = person(&app, "owner", Role::User).await;
    let docs = "https://docs.joinpeertube.org/api-rest-reference.html#operation/";
    let fields = [("name", "A name"), ("channelId", "1"), ("category", "125")];
    let sent = app
        .post("/api/v1/videos/upload?from=here")
        .token(&owner.token)
        .multipart(&fields, &[("videofile", "a.mp4", "video/mp4", b"x")])
        .await
        .expect(400);
    assert_eq!(
        sent.header("content-type"),
        "application/problem+json; charset=utf-8"
    );
    let told = sent.json();
    assert_eq!(told["docs"], format!("{docs}uploadLegacy"));
    assert_eq!(told["instance"], "/api/v1/videos/upload?from=here");
    assert_eq!(told["type"], "about:blank");
    assert_eq!(told["title"], "Bad Request");
    assert_eq!(told["detail"], "Incorrect request parameters: category");
    assert_eq!(told["error"], told["detail"]);
    let lost = app.get("/api/v1/videos/12345").await.expect(404).json();
    assert_eq!(lost["docs"], format!("{docs}getVideo"));
    assert!(lost.get("instance").is_none(), "{lost}");
    let page = app
        .get("/api/v1/accounts?count=101")
        .await
        .expect(400)
        .json();
    assert_eq!(page["instance"], "/api/v1/accounts?count=101");
    assert!(page.get("docs").is_none(), "{page}");
    let nobody = app.put("/api/v1/videos/1").await.expect(401).json();
    assert_eq!(nobody["docs"], format!("{docs}putVideo"));
    assert_eq!(nobody["code"], "unauthorized_request");
    let odd = app
        .post("/api/v1/video-channels")
        .token(&owner.token)
        .bytes("application/json; charset=klingon", b"{}".to_vec())
        .await
        .expect(415);
    assert_eq!(odd.json()["code"], "UnsupportedMediaTypeError");
    let asked = app.call(Method::OPTIONS, "/api/v1/videos").await;
    assert_eq!(asked.status, 204, "without saying for what");
}

#[tokio::test]
async fn fields_that_are_there_have_to_be_right() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let owner = person(&app, "owner", Role::User).await;
    let token = &owner.token;
    let rows = [
        (json!({ "videoLanguages": "toto" }), 400, "videoLanguages"),
        (json!({ "videoLanguages": ["fr"] }), 204, ""),
        (json!({ "videoLanguages": null }), 204, ""),
        (json!({ "nsfwPolicy": null }), 400, "nsfwPolicy"),
        (json!({ "p2pEnabled": null }), 400, "p2pEnabled"),
        (json!({ "language": "zz" }), 400, "language"),
        (json!({ "language": "pt-BR" }), 204, ""),
    ];
    refuses(&app, "PUT", "/api/v1/users/me", token, &rows).await;
    let rows = [
        (json!({ "ids": 5 }), 400, "ids"),
        (json!({ "ids": null }), 400, "ids"),
        (json!({ "ids": [] }), 400, "ids"),
        (json!({ "ids": [5] }), 204, ""),
    ];
    refuses(
        &app,
        "POST",
        "/api/v1/users/me/notifications/read",
        token,
        &rows,
    )
    .await;
    let rows = [
        (json!({ "hosts": "a.example.org" }), 400, "hosts"),
        (
            json!({ "hosts": ["a.example.org", "a.example.org"] }),
            400,
            "hosts",
        ),
        (
            json!({ "handles": ["a@b.example.org", "a@b.example.org"] }),
            400,
            "handles",
        ),
    ];
    refuses(&app, "POST", "/api/v1/server/following", &root, &rows).await;
    let mut settings = app.get("/api/v1/config/custom").token(&root).await.json();
    settings["theme"]["default"] = "never-heard-of".into();
    refuses(
        &app,
        "PUT",
        "/api/v1/config/custom",
        &root,
        &[(settings, 400, "theme.default")],
    )
    .await;
    let magnet =
        |hash: &str| json!({ "channelId": 1, "magnetUri": format!("magnet:?xt=urn:btih:{hash}") });
    let rows = [
        (
            json!({ "channelId": 1, "magnetUri": "bad" }),
            400,
            "magnetUri",
        ),
        (magnet("short"), 400, "magnetUri"),
        (magnet(&"a1".repeat(20)), 409, ""),
    ];
    refuses(&app, "POST", "/api/v1/videos/imports", token, &rows).await;
    for (path, status) in [
        ("/api/v1/search/videos?search=a&host=http://b", 400),
        ("/api/v1/search/video-channels?search=a&host=6565", 400),
        ("/api/v1/search/video-playlists?search=a&host=b/c", 400),
        (
            "/api/v1/search/videos?search=a&host=b.example.org:8080",
            200,
        ),
        ("/feeds/videos.xml?format=toto", 400),
        (
            "/services/oembed?url=http://video.test/w/1&format=blabla",
            400,
        ),
        ("/services/oembed?url=http://video.test/w/1&format=xml", 501),
        ("/plugins/global.css", 200),
        ("/plugins/translations/fr-FR.json", 200),
    ] {
        app.get(path).await.expect(status);
    }
    app.get("/api/v1/users?blocked=toto")
        .token(&root)
        .await
        .expect(200);
    app.delete("/api/v1/server/blocklist/servers/http:%2F%2Fx")
        .token(&root)
        .await
        .expect(400);
}

#[tokio::test]
async fn what_is_sensitive_is_told_of_sensitive_videos_only() {
    let app = TestApp::new().await;
    let owner = person(&app, "owner", Role::User).await;
    let video = add(&app, "owner", "A film", |_| ()).await;
    let path = format!("/api/v1/videos/{}", video.uuid);
    let rows = [
        (json!({ "nsfw": false, "nsfwFlags": 1 }), 400, ""),
        (json!({ "nsfwSummary": "much blood" }), 400, ""),
        (
            json!({ "nsfw": true, "nsfwFlags": 1, "nsfwSummary": "much blood" }),
            204,
            "",
        ),
    ];
    refuses(&app, "PUT", &path, &owner.token, &rows).await;
    let told = app.get(&path).await.json();
    assert_eq!(
        (&told["nsfwFlags"], &told["nsfwSummary"]),
        (&json!(1), &json!("much blood"))
    );
    refuses(
        &app,
        "PUT",
        &path,
        &owner.token,
        &[(json!({ "nsfw": false }), 204, "")],
    )
    .await;
    let told = app.get(&path).await.json();
    assert_eq!(
        (&told["nsfwFlags"], &told["nsfwSummary"]),
        (&json!(0), &Value::Null)
    );
}

#[tokio::test]
async fn followers_are_told_with_names_and_pictures() {
    let app = TestApp::new().await;
    let owner = person(&app, "owner", Role::User).await;
    let fan = person(&app, "fan", Role::User).await;
    app.post("/api/v1/users/me/subscriptions")
        .token(&fan.token)
        .json(json!({ "uri": "owner_channel@video.test" }))
        .await
        .expect(204);
    for path in [
        "/api/v1/accounts/owner/followers",
        "/api/v1/video-channels/owner_channel/followers",
    ] {
        let told = app.get(path).token(&owner.token).await.expect(200).json();
        let follow = &told["data"][0];
        for (side, name, shown) in [
            ("follower", "fan", "fan"),
            ("following", "owner_channel", "Main owner channel"),
        ] {
            let actor = &follow[side];
            assert_eq!(
                (&actor["name"], &actor["displayName"]),
                (&json!(name), &json!(shown))
            );
            for key in [
                "avatars",
                "followersCount",
                "followingCount",
                "createdAt",
                "updatedAt",
            ] {
                assert!(!actor[key].is_null(), "{side} {key}: {told}");
            }
        }
    }
    app.run_jobs().await;
    let notices = app
        .get("/api/v1/users/me/notifications")
        .token(&owner.token)
        .await
        .json();
    assert_eq!(
        notices["data"][0]["actorFollow"]["following"]["type"], "channel",
        "{notices}"
    );
    add(&app, "owner", "A film", |_| ()).await;
    let talk = app
        .post("/api/v1/videos/1/comment-threads")
        .token(&fan.token)
        .json(json!({ "text": "Well done" }));
    talk.await.expect(200);
    app.run_jobs().await;
    let notices = app
        .get("/api/v1/users/me/notifications")
        .token(&owner.token)
        .await
        .json();
    let state = &notices["data"][0]["comment"]["video"]["state"];
    assert_eq!(
        *state,
        json!({ "id": 1, "label": "Published" }),
        "{notices}"
    );
}

#[tokio::test]
async fn pages_answer_as_programs_expect() {
    let app = TestApp::new().await;
    person(&app, "owner", Role::User).await;
    for privacy in [Privacy::Private, Privacy::Internal, Privacy::Password] {
        let video = add(&app, "owner", "Closed", |new| {
            new.privacy = privacy;
            new.passwords = vec!["secret".to_owned()];
        })
        .await;
        let page = app.get(&format!("/w/{}", video.short_uuid()));
        let page = page.header("accept", "text/html").await.expect(404);
        assert!(!page.text().contains("Closed"), "{privacy:?}");
        let frame = app.get(&format!("/videos/embed/{}", video.uuid));
        let frame = frame.header("accept", "text/html").await.expect(200);
        assert!(!frame.text().contains("Closed"), "{privacy:?}");
    }
    for (name, to) in [("owner", "/a/owner"), ("owner_channel", "/c/owner_channel")] {
        let moved = app
            .get(&format!("/@{name}"))
            .header("accept", "text/html")
            .await
            .expect(302);
        assert_eq!(moved.header("location"), to);
    }
    app.get("/@nobody")
        .header("accept", "text/html")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_site_without_live_broadcasts_says_so() {
    let app = TestApp::new().await;
    let owner = person(&app, "owner", Role::User).await;
    add(&app, "owner", "A film", |_| ()).await;
    let good = json!({ "name": "A show", "channelId": 1, "latencyMode": 1, "saveReplay": false });
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    let rows = [
        (with("name", "ab".into()), 400, "name"),
        (with("latencyMode", 9.into()), 400, "latencyMode"),
        (with("saveReplay", Value::Null), 400, "saveReplay"),
        (with("privacy", 5.into()), 400, ""),
        (good.clone(), 403, ""),
    ];
    let path = "/api/v1/videos/live";
    refuses(&app, "POST", path, &owner.token, &rows).await;
    app.post(path).json(good.clone()).await.expect(401);
    let told = app.post(path).token(&owner.token).json(good).await.json();
    assert_eq!(told["code"], "live_not_enabled");
    for (path, status, detail) in [
        ("/api/v1/videos/live/1", 404, "Live video not found"),
        ("/api/v1/videos/live/77", 404, "Video not found"),
        (
            "/api/v1/videos/live/x",
            400,
            "Incorrect request parameters: id",
        ),
        ("/api/v1/videos/1/live-session", 404, "No live replay found"),
        ("/api/v1/videos/live/1/sessions", 401, "Token is invalid"),
    ] {
        let told = app.get(path).await.expect(status).json();
        assert_eq!(told["detail"], detail, "{path}");
    }
}

#[tokio::test]
async fn figures_of_the_site_are_counted() {
    let app = TestApp::new().await;
    let owner = person(&app, "owner", Role::User).await;
    add(&app, "owner", "A film", |_| ()).await;
    app.post("/api/v1/videos/1/comment-threads")
        .token(&owner.token)
        .json(json!({ "text": "Well done" }))
        .await
        .expect(200);
    let info = app.get("/nodeinfo/2.0.json").await.expect(200).json();
    assert_eq!(info["usage"]["localComments"], 1, "{info}");
    assert_eq!(info["usage"]["localPosts"], 1, "{info}");
    assert_eq!(info["metadata"]["taxonomy"]["postsName"], "Videos");
    assert_eq!(info["metadata"]["nodeConfig"]["tracker"]["enabled"], false);
    app.measures.activities.ended("Like", true);
    app.measures.activities.ended("Like", false);
    app.measures.activities.ended("RejectReply", true);
    app.clock.advance(10_000);
    let told = app.get("/api/v1/server/stats").await.expect(200).json();
    for (name, count) in [
        ("LikeMessagesSuccesses", 1),
        ("LikeMessagesErrors", 1),
        ("RejectReplyMessagesSuccesses", 1),
        ("MessagesProcessed", 3),
        ("MessagesErrors", 1),
    ] {
        assert_eq!(told[format!("totalActivityPub{name}")], count, "{name}");
    }
    assert_eq!(told["activityPubMessagesProcessedPerSecond"], 0.3);
    let kept = json!({
        "strategy": "manual", "totalSize": null, "totalUsed": 0, "totalVideos": 0, "totalVideoFiles": 0,
    });
    assert_eq!(told["videosRedundancy"], json!([kept]));
}

#[tokio::test]
async fn own_videos_are_filtered_like_others() {
    let app = TestApp::new().await;
    let owner = person(&app, "owner", Role::User).await;
    let friend = person(&app, "friend", Role::User).await;
    add(&app, "owner", "Open", |new| new.nsfw = true).await;
    add(&app, "owner", "Hidden", |new| {
        new.privacy = Privacy::Private
    })
    .await;
    add(&app, "friend", "Theirs", |new| {
        new.privacy = Privacy::Private
    })
    .await;
    let editors = "/api/v1/video-channels/friend_channel/collaborators";
    let invited = app
        .post(&format!("{editors}/invite"))
        .token(&friend.token)
        .json(json!({ "accountHandle": "owner" }))
        .await
        .expect(200)
        .json();
    let id = invited["collaborator"]["id"].as_i64().unwrap();
    app.post(&format!("{editors}/{id}/accept"))
        .token(&owner.token)
        .await
        .expect(204);
    for (query, names) in [
        ("sort=name", vec!["Hidden", "Open"]),
        ("privacyOneOf=3", vec!["Hidden"]),
        ("nsfw=true&include=8", vec!["Open"]),
        ("channelNameOneOf=friend_channel", vec![]),
        (
            "sort=name&includeCollaborations=true",
            vec!["Hidden", "Open", "Theirs"],
        ),
        (
            "channelNameOneOf=friend_channel&includeCollaborations=true",
            vec!["Theirs"],
        ),
    ] {
        let path = format!("/api/v1/users/me/videos?{query}");
        let told = app.get(&path).token(&owner.token).await.expect(200).json();
        assert_eq!(crate::video::names(&told), names, "{query}");
        assert_eq!(told["total"], names.len(), "{query}");
    }
    for path in [
        "/api/v1/users/me/videos?filter=local",
        "/api/v1/users/me/videos?nsfw=toto",
        "/api/v1/users/me/videos?channelId=toto",
        "/api/v1/videos/languages?scope=toto",
    ] {
        app.get(path).token(&owner.token).await.expect(400);
    }
    let chosen = app
        .post("/api/v1/client-config/update-language")
        .json(json!({ "language": "xx-yy" }));
    assert_eq!(chosen.await.status, 400);
}
