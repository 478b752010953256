//! Lists of videos: every filter, every sort, totals.

use super::{add, names};
use crate::app::TestApp;
use base::clock::MINUTE;
use serde_json::{Value, json};
use vidicon::video::{self, Privacy, VideoState};

/// The totals of lists of categories and licences, which are kept, follow every change.
#[tokio::test]
async fn kinds_are_counted() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let root = app.root().await;
    app.user("other").await;
    let first = add(&app, "owner", "first", |new| new.category = Some(3)).await;
    add(&app, "owner", "second", |new| {
        (new.category, new.licence) = (Some(3), Some(2));
    })
    .await;
    add(&app, "other", "third", |new| new.category = Some(4)).await;
    add(&app, "owner", "hidden", |new| {
        (new.category, new.privacy) = (Some(3), Privacy::Private);
    })
    .await;
    let totals = async || {
        let mut totals = Vec::new();
        for filter in [
            "categoryOneOf=3",
            "categoryOneOf=3&categoryOneOf=4&categoryOneOf=4&sort=-views",
            "licenceOneOf=2",
            "licenceOneOf=2&categoryOneOf=3",
            "categoryOneOf=17",
            "categoryOneOf=0",
        ] {
            let path = format!("/api/v1/videos?count=1&{filter}");
            let list = app.get(&path).await.expect(200).json();
            totals.push(list["total"].as_i64().unwrap());
        }
        totals
    };
    assert_eq!(totals().await, [2, 3, 1, 1, 0, 0]);
    let path = format!("/api/v1/videos/{}", first.id);
    let change = json!({ "category": 4, "licence": 2 });
    app.put(&path).token(&owner).json(change).await.expect(204);
    assert_eq!(totals().await, [1, 3, 2, 1, 0, 0]);
    app.delete(&path).token(&owner).await.expect(204);
    assert_eq!(totals().await, [1, 2, 1, 1, 0, 0]);
    app.post("/api/v1/server/blocklist/accounts")
        .token(&root)
        .json(json!({ "accountName": "other" }))
        .await
        .expect(204);
    assert_eq!(totals().await, [1, 1, 1, 1, 0, 0]);
}

#[tokio::test]
async fn lists_show_what_is_listed_and_count_it() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let root = app.root().await;
    for privacy in Privacy::ALL {
        add(&app, "owner", privacy.label(), |new| new.privacy = privacy).await;
    }
    add(&app, "owner", "waits", |new| {
        new.state = VideoState::ToTranscode;
        new.wait_transcoding = true;
    })
    .await;
    add(&app, "owner", "early", |new| {
        new.state = VideoState::ToTranscode
    })
    .await;
    add(&app, "owner", "sensitive", |new| new.nsfw = true).await;
    let total = |list: &Value| list["total"].as_i64().unwrap();
    for path in [
        "/api/v1/videos",
        "/api/v1/accounts/owner/videos",
        "/api/v1/video-channels/owner_channel/videos",
    ] {
        let list = app
            .get(&format!("{path}?sort=createdAt"))
            .await
            .expect(200)
            .json();
        assert_eq!(names(&list), ["Public", "early"], "{path}");
        assert_eq!(total(&list), 2, "{path}");
        let list = app
            .get(&format!("{path}?sort=createdAt&nsfw=both"))
            .token(&owner)
            .await
            .json();
        assert_eq!(
            names(&list),
            ["Public", "Internal", "early", "sensitive"],
            "{path}"
        );
        assert_eq!(total(&list), 4, "{path}");
        let list = app.get(&format!("{path}?nsfw=true")).await.json();
        assert_eq!(
            (names(&list), total(&list)),
            (vec!["sensitive"], 1),
            "{path}"
        );
    }
    let mine = app
        .get("/api/v1/users/me/videos?count=100")
        .token(&owner)
        .await
        .expect(200)
        .json();
    assert_eq!(total(&mine), 8);
    assert_eq!(mine["data"].as_array().unwrap().len(), 8);
    assert!(mine["data"][0]["state"].is_object() && mine["data"][0]["blacklisted"] == false);
    let all = app
        .get("/api/v1/videos?include=1&privacyOneOf=1&privacyOneOf=2&privacyOneOf=3&privacyOneOf=4&privacyOneOf=5&nsfw=both")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(total(&all), 8);
    let skipped = app.get("/api/v1/videos?skipCount=true").await.json();
    assert!(skipped.get("total").is_none());
    let none = app.get("/api/v1/videos?count=0").await.json();
    assert_eq!(none, json!({ "total": 2, "data": [] }));
}

#[tokio::test]
async fn wrong_lists_are_refused() {
    let app = TestApp::new().await;
    let plain = app.user("plain").await;
    for query in [
        "start=-1",
        "count=101",
        "count=-1",
        "count=x",
        "count=",
        "sort=nothing",
        "sort=",
        "nsfw=maybe",
        "filter=local",
        "categoryOneOf=a",
        "isLive=null",
        "include=x",
        "excludeAlreadyWatched=true",
        "nsfwFlagsIncluded=3&nsfwFlagsExcluded=1",
    ] {
        app.get(&format!("/api/v1/videos?{query}"))
            .await
            .expect(400);
    }
    for query in [
        "include=0",
        "include=8",
        "privacyOneOf=1",
        "autoTagOneOf=x",
        "stateOneOf=1",
    ] {
        app.get(&format!("/api/v1/videos?{query}"))
            .await
            .expect(401);
        app.get(&format!("/api/v1/videos?{query}"))
            .token(&plain)
            .await
            .expect(401);
    }
    app.get("/api/v1/accounts/nobody/videos?count=x")
        .await
        .expect(404);
    app.get("/api/v1/video-channels/nobody/videos?count=x")
        .await
        .expect(404);
    app.get("/api/v1/videos?skipCount=toto").await.expect(200);
}

#[tokio::test]
async fn every_filter_filters() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    add(&app, "owner", "plain", |_| {}).await;
    add(&app, "owner", "music", |new| new.category = Some(1)).await;
    add(&app, "owner", "free", |new| new.licence = Some(7)).await;
    add(&app, "owner", "french", |new| {
        new.language = Some("fr".to_owned())
    })
    .await;
    add(&app, "owner", "tagged", |new| {
        new.tags = vec!["Red".to_owned(), "Blue".to_owned()]
    })
    .await;
    add(&app, "owner", "red", |new| {
        new.tags = vec!["red".to_owned()]
    })
    .await;
    add(&app, "owner", "live", |new| new.is_live = true).await;
    let watched = add(&app, "owner", "watched", |_| {}).await;
    let path = format!("/api/v1/videos/{}/views", watched.id);
    app.post(&path)
        .token(&owner)
        .json(json!({ "currentTime": 3 }))
        .await
        .expect(204);
    for (query, wanted) in [
        ("categoryOneOf=1", vec!["music"]),
        ("licenceOneOf=7&licenceOneOf=1", vec!["free"]),
        ("languageOneOf=fr", vec!["french"]),
        ("languageOneOf=_unknown&search=plain", vec!["plain"]),
        ("tagsOneOf=red&tagsOneOf=green", vec!["tagged", "red"]),
        ("tagsAllOf=RED&tagsAllOf=blue", vec!["tagged"]),
        ("isLive=true", vec!["live"]),
        ("isLocal=false", vec![]),
        ("hasHLSFiles=true", vec![]),
        ("hasWebVideoFiles=true", vec![]),
        ("search=PLAÎN", vec!["plain"]),
        ("host=elsewhere.test", vec![]),
        ("nsfwFlagsIncluded=1", vec![]),
    ] {
        let list = app
            .get(&format!("/api/v1/videos?sort=createdAt&{query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(names(&list), wanted, "{query}");
        assert_eq!(list["total"], wanted.len(), "{query}");
    }
    for query in [
        "isLocal=true",
        "hasHLSFiles=false",
        "hasWebVideoFiles=false",
        "host=video.test",
        "nsfwFlagsExcluded=1",
    ] {
        let list = app
            .get(&format!("/api/v1/videos?{query}&count=3"))
            .await
            .expect(200)
            .json();
        assert_eq!(list["total"], 8, "{query}");
    }
    let list = app
        .get("/api/v1/videos?excludeAlreadyWatched=true&isLive=false")
        .token(&owner)
        .await
        .json();
    assert_eq!(list["total"], 6);
    let history = app
        .get("/api/v1/users/me/history/videos")
        .token(&owner)
        .await
        .expect(200)
        .json();
    assert_eq!(names(&history), ["watched"]);
    assert_eq!(history["data"][0]["userHistory"]["currentTime"], 3);
}

#[tokio::test]
async fn every_sort_sorts_both_ways() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    for name in ["(Zoo) film", "äpfel", "Banana", "apple"] {
        app.clock.advance(MINUTE);
        add(&app, "owner", name, |new| {
            new.duration_s = i64::try_from(name.len()).unwrap()
        })
        .await;
    }
    let list = app.get("/api/v1/videos?sort=name").await.expect(200).json();
    assert_eq!(names(&list), ["äpfel", "apple", "Banana", "(Zoo) film"]);
    let list = app
        .get("/api/v1/videos?sort=-name")
        .await
        .expect(200)
        .json();
    assert_eq!(names(&list), ["(Zoo) film", "Banana", "apple", "äpfel"]);
    let list = app.get("/api/v1/videos").await.json();
    assert_eq!(names(&list), ["apple", "Banana", "äpfel", "(Zoo) film"]);
    for sort in video::list::SORTS {
        let up = app
            .get(&format!("/api/v1/videos?sort={sort}"))
            .await
            .expect(200)
            .json();
        let down = app
            .get(&format!("/api/v1/videos?sort=-{sort}"))
            .token(&owner)
            .await
            .expect(200)
            .json();
        assert_eq!((names(&up).len(), names(&down).len()), (4, 4), "{sort}");
    }
    let page = app
        .get("/api/v1/videos?sort=name&start=1&count=2")
        .await
        .json();
    assert_eq!(
        (names(&page), &page["total"]),
        (vec!["apple", "Banana"], &json!(4))
    );
}

#[tokio::test]
async fn the_overview_shows_what_has_six_videos() {
    let app = TestApp::new().await;
    app.user("owner").await;
    for number in 0..6 {
        add(&app, "owner", &format!("Video {number}"), |new| {
            new.category = Some(13);
            new.tags = vec!["school".to_owned()];
        })
        .await;
    }
    let first = app.get("/api/v1/overviews/videos").await.expect(200).json();
    assert_eq!(first["categories"][0]["category"]["label"], "Education");
    assert_eq!(first["channels"][0]["channel"]["name"], "owner_channel");
    assert_eq!(first["tags"][0]["tag"], "school");
    assert_eq!(first["tags"][0]["videos"].as_array().unwrap().len(), 6);
    let second = app
        .get("/api/v1/overviews/videos?page=2")
        .await
        .expect(200)
        .json();
    assert_eq!(
        second,
        json!({ "categories": [], "channels": [], "tags": [] })
    );
    app.get("/api/v1/overviews/videos?page=21")
        .await
        .expect(400);
}
