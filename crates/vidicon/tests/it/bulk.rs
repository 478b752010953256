//! Many videos changed or deleted in one request, and by the form of one's own videos.

use crate::app::TestApp;
use crate::studio::Browser;
use crate::video::add;
use serde_json::{Value, json};
use vidicon::video::{Privacy, Video};

const BULK: &str = "/api/v1/videos/bulk";

async fn bulk(app: &TestApp, token: &str, body: Value) -> Value {
    app.post(BULK)
        .token(token)
        .json(body)
        .await
        .expect(200)
        .json()
}

async fn shown(app: &TestApp, token: &str, video: &Video) -> Value {
    app.get(&format!("/api/v1/videos/{}", video.uuid))
        .token(token)
        .await
        .expect(200)
        .json()
}

#[tokio::test]
async fn many_videos_get_the_same_fields_and_each_id_its_answer() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let one = add(&app, "ada", "First", |new| {
        new.tags = vec!["old".into(), "sea".into()]
    })
    .await;
    let two = add(&app, "ada", "Second", |_| {}).await;
    let full = add(&app, "ada", "Third", |new| {
        new.tags = ["aa", "bb", "cc", "dd", "ee"].map(str::to_owned).to_vec();
    })
    .await;
    let other = add(&app, "bob", "Not hers", |_| {}).await;
    let answer = bulk(
        &app,
        &ada,
        json!({
            "ids": [one.id, two.uuid, full.id, other.id, 999_999],
            "update": {
                "privacy": 2, "category": 4, "licence": 2, "language": "fr", "nsfw": true,
                "commentsPolicy": 3, "downloadEnabled": false,
            },
            "addTags": ["salt"], "removeTags": ["old"],
        }),
    )
    .await;
    assert_eq!(answer["total"], 5);
    let data = answer["data"].as_array().unwrap();
    let states: Vec<(bool, i64)> = data
        .iter()
        .map(|it| {
            (
                it["done"] == true,
                it["error"]["status"].as_i64().unwrap_or(0),
            )
        })
        .collect();
    let wanted = [
        (true, 0),
        (true, 0),
        (false, 400),
        (false, 403),
        (false, 404),
    ];
    assert_eq!(states, wanted, "{answer}");
    assert_eq!(data[1]["id"], two.uuid.to_string());
    for (video, tags) in [(&one, json!(["sea", "salt"])), (&two, json!(["salt"]))] {
        let now = shown(&app, &ada, video).await;
        assert_eq!(now["tags"], tags);
        assert_eq!(now["privacy"]["id"], Privacy::Unlisted.number());
        assert_eq!(now["category"]["id"], 4);
        assert_eq!(now["licence"]["id"], 2);
        assert_eq!(now["language"]["id"], "fr");
        assert_eq!(now["nsfw"], true);
        assert_eq!(now["commentsPolicy"]["id"], 3);
        assert_eq!(now["downloadEnabled"], false);
        assert_eq!(now["name"], video.name.as_str());
    }
    let kept = shown(&app, &ada, &full).await;
    assert_eq!(kept["tags"].as_array().unwrap().len(), 5);
    assert_eq!(kept["privacy"]["id"], 1);
    assert_eq!(shown(&app, &bob, &other).await["privacy"]["id"], 1);
}

#[tokio::test]
async fn many_videos_go_at_once_and_only_ones_own() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    app.user("bob").await;
    let mine = add(&app, "ada", "First", |_| {}).await;
    let other = add(&app, "bob", "Not hers", |_| {}).await;
    app.post(BULK)
        .json(json!({ "ids": [mine.id], "delete": true }))
        .await
        .expect(401);
    let both = json!({ "ids": [mine.id, other.id], "delete": true });
    let answer = bulk(&app, &ada, both.clone()).await;
    assert_eq!(answer["data"][0]["done"], true);
    assert_eq!(answer["data"][1]["error"]["status"], 403);
    app.get(&format!("/api/v1/videos/{}", mine.uuid))
        .await
        .expect(404);
    app.get(&format!("/api/v1/videos/{}", other.uuid))
        .await
        .expect(200);
    let root = app.root().await;
    let answer = bulk(&app, &root, both).await;
    assert_eq!(answer["data"][0]["error"]["status"], 404);
    assert_eq!(answer["data"][1]["done"], true);
    let wrong = json!({ "ids": [mine.id], "update": { "name": "x" } });
    app.post(BULK).token(&ada).json(wrong).await.expect(400);
}

#[tokio::test]
async fn the_form_of_ones_videos_changes_what_is_not_left_as_it_is() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "First", |new| {
        new.category = Some(2);
        new.licence = Some(3);
        new.tags = vec!["old".into()];
    })
    .await;
    let root = app.root().await;
    let browser = Browser::new(&app, "root", crate::app::ROOT_PASSWORD).await;
    let page = browser.get("/my/videos").await.expect(200).text();
    for name in [
        "category",
        "licence",
        "language",
        "channelId",
        "commentsPolicy",
        "add_tags",
    ] {
        assert!(page.contains(&format!("name=\"{name}\"")), "{name}");
    }
    let uuid = video.uuid.to_string();
    let sent = browser
        .post("/my/videos")
        .form(&[
            ("id", &uuid),
            ("act", "fields"),
            ("category", ""),
            ("licence", "-"),
            ("language", "de"),
            ("channelId", ""),
            ("commentsPolicy", "2"),
            ("downloadEnabled", "0"),
            ("nsfw", ""),
            ("add_tags", "sea, salt"),
            ("remove_tags", "old"),
        ])
        .await;
    browser.follow(sent).await;
    let now = shown(&app, &root, &video).await;
    assert_eq!(now["category"]["id"], 2);
    assert_eq!(now["licence"]["id"], Value::Null);
    assert_eq!(now["language"]["id"], "de");
    assert_eq!(now["commentsPolicy"]["id"], 2);
    assert_eq!(now["downloadEnabled"], false);
    assert_eq!(now["nsfw"], false);
    assert_eq!(now["tags"], json!(["sea", "salt"]));
    // The bar's own buttons leave what is typed below it alone, and nothing chosen changes nothing.
    for fields in [
        &[("id", uuid.as_str()), ("act", "fields")][..],
        &[
            ("id", &uuid),
            ("act", "privacy"),
            ("privacy", "2"),
            ("add_tags", "wind"),
        ],
    ] {
        let sent = browser.post("/my/videos").form(fields).await;
        browser.follow(sent).await;
    }
    let now = shown(&app, &root, &video).await;
    assert_eq!(now["tags"], json!(["sea", "salt"]));
    assert_eq!(now["privacy"]["id"], 2);
}
