//! Search: words, accents, slips, filters; channels by name and handle.

mod said;

use crate::app::TestApp;
use crate::video::{add, names};
use serde_json::json;
use vidicon::video::Privacy;

#[tokio::test]
async fn videos_are_found_by_words_accents_and_slips() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    for name in [
        "L’été à la plage",
        "Summer guitar lesson",
        "Guitar",
        "Bicycle repair",
        "Acoustic guitars compared",
    ] {
        add(&app, "owner", name, |new| {
            new.tags = vec!["holiday".to_owned()]
        })
        .await;
    }
    add(&app, "owner", "Secret guitar", |new| {
        new.privacy = Privacy::Private
    })
    .await;
    add(&app, "owner", "Inner guitar", |new| {
        new.privacy = Privacy::Internal
    })
    .await;
    app.run_jobs().await;
    for (query, wanted) in [
        ("ete", vec!["L’été à la plage"]),
        ("ÉTÉ plage", vec!["L’été à la plage"]),
        (
            "guitar",
            vec![
                "Guitar",
                "Summer guitar lesson",
                "Acoustic guitars compared",
            ],
        ),
        ("giutar lesson", vec!["Summer guitar lesson"]),
        ("bycicle", vec!["Bicycle repair"]),
        ("repair plage", vec![]),
        ("\" OR * ( -", vec![]),
        ("zzzzzz", vec![]),
    ] {
        let path = format!("/api/v1/search/videos?search={}", encoded(query));
        let list = app.get(&path).await.expect(200).json();
        let (mut found, mut wanted) = (names(&list), wanted);
        assert_eq!(found.first(), wanted.first(), "{query}");
        found.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(found, wanted, "{query}");
        assert_eq!(list["total"], wanted.len(), "{query}");
    }
    let inner = app
        .get("/api/v1/search/videos?search=inner")
        .token(&owner)
        .await
        .expect(200)
        .json();
    assert_eq!(names(&inner), ["Inner guitar"]);
    let tagged = app
        .get("/api/v1/search/videos?search=holiday&count=2&start=1")
        .await
        .json();
    assert_eq!((names(&tagged).len(), &tagged["total"]), (2, &json!(5)));
    let shortest = app
        .get("/api/v1/search/videos?search=guitar&sort=name")
        .await
        .expect(200)
        .json();
    assert_eq!(
        names(&shortest),
        [
            "Acoustic guitars compared",
            "Guitar",
            "Summer guitar lesson"
        ]
    );
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test]
async fn filters_addresses_and_wrong_input() {
    let app = TestApp::new().await;
    app.user("owner").await;
    let short = add(&app, "owner", "Short walk", |new| new.duration_s = 10).await;
    add(&app, "owner", "Long walk", |new| {
        new.duration_s = 1000;
        new.originally_published_at = Some(0);
    })
    .await;
    for (query, wanted) in [
        ("search=walk&durationMax=10".to_owned(), vec!["Short walk"]),
        ("search=walk&durationMin=11".to_owned(), vec!["Long walk"]),
        ("search=walk&startDate=2030-01-01".to_owned(), vec![]),
        ("search=walk&endDate=2020-01-01".to_owned(), vec![]),
        (
            "originallyPublishedEndDate=1980-01-01&originallyPublishedStartDate=1960-01-01"
                .to_owned(),
            vec!["Long walk"],
        ),
        (format!("uuids={}", short.short_uuid()), vec!["Short walk"]),
        (format!("search={}", short.uuid), vec!["Short walk"]),
        (
            format!("search=http://video.test/w/{}", short.short_uuid()),
            vec!["Short walk"],
        ),
        ("search=http://video.test/w/nothing".to_owned(), vec![]),
        ("search=https://elsewhere.test/videos/1".to_owned(), vec![]),
        ("search=walk&host=elsewhere.test".to_owned(), vec![]),
    ] {
        let list = app
            .get(&format!("/api/v1/search/videos?{query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(names(&list), wanted, "{query}");
    }
    for sort in [
        "name",
        "duration",
        "createdAt",
        "publishedAt",
        "originallyPublishedAt",
        "views",
        "likes",
        "match",
        "hot",
    ] {
        for sign in ["", "-"] {
            let path = format!("/api/v1/search/videos?search=walk&sort={sign}{sort}");
            assert_eq!(
                app.get(&path).await.expect(200).json()["total"],
                2,
                "{sign}{sort}"
            );
        }
    }
    for query in [
        "search=",
        "sort=trending",
        "startDate=x",
        "durationMin=x",
        "uuids=x",
        "searchTarget=search-index",
    ] {
        app.get(&format!("/api/v1/search/videos?{query}"))
            .await
            .expect(400);
    }
    app.get("/api/v1/search/videos?include=1").await.expect(401);
}

#[tokio::test]
async fn channels_are_found_by_name_and_handle() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    for (name, shown) in [
        ("cuisine", "La cuisine d’Amélie"),
        ("cinema", "Cinéma du soir"),
    ] {
        let body = json!({ "name": name, "displayName": shown });
        app.post("/api/v1/video-channels")
            .token(&owner)
            .json(body)
            .await
            .expect(200);
    }
    vidicon::search::learn_newest(&app).await.unwrap();
    for (query, wanted) in [
        ("search=amelie", vec!["cuisine"]),
        ("search=cinmea", vec!["cinema"]),
        ("search=cuisine@video.test", vec!["cuisine"]),
        ("search=http://video.test/c/cinema", vec!["cinema"]),
        ("search=cinema@elsewhere.test", vec![]),
        (
            "handles=cinema&handles=cuisine@video.test&sort=displayName",
            vec!["cinema", "cuisine"],
        ),
        ("host=video.test&search=soir", vec!["cinema"]),
        ("host=elsewhere.test", vec![]),
        ("search=--", vec![]),
    ] {
        let list = app
            .get(&format!("/api/v1/search/video-channels?{query}"))
            .await
            .expect(200)
            .json();
        assert_eq!(names(&list), wanted, "{query}");
        assert_eq!(list["total"], wanted.len(), "{query}");
    }
    for sort in ["match", "-match", "displayName", "-createdAt"] {
        let list = app
            .get(&format!("/api/v1/search/video-channels?sort={sort}"))
            .await
            .expect(200)
            .json();
        assert_eq!(list["total"], 4, "{sort}");
    }
    app.get("/api/v1/search/video-channels?search=")
        .await
        .expect(400);
    app.get("/api/v1/search/video-channels?sort=name")
        .await
        .expect(400);
}

#[tokio::test]
async fn among_many_newer_ones_the_namesake_comes_first() {
    let app = TestApp::new().await;
    app.user("owner").await;
    add(&app, "owner", "Delta!", |_| {}).await;
    for at in 0..130 {
        add(&app, "owner", &format!("The delta, part {at}"), |_| {}).await;
    }
    add(&app, "owner", "Deltas", |_| {}).await;
    app.run_jobs().await;
    let find = async |query: &str| {
        let path = format!("/api/v1/search/videos?count=3&search={query}");
        app.get(&path).await.expect(200).json()
    };
    // Enough have the very word: those with longer ones are not looked for.
    let list = find("delta").await;
    assert_eq!(names(&list)[0], "Delta!");
    assert_eq!(list["total"], 84, "those that were ranked");
    assert_eq!(names(&find("deltas").await)[0], "Deltas");
    // A beginning that is no word finds all that begin so.
    let list = find("delt").await;
    assert!(names(&list).contains(&"Deltas"), "{list}");
}
