//! What is said in captions is found, with the second; never what the viewer may not see.

use crate::app::{Answer, TestApp};
use crate::video::{add, names};
use base::storage::Class;
use serde_json::json;
use uuid::Uuid;
use vidicon::video::Privacy;

const TALK: &str = "1\n00:00:01,000 --> 00:00:04,000\nWelcome to Liège\n\n\
                    2\n00:01:05,500 --> 00:01:08,000\n<i>We choose</i> to go\n\n\
                    3\n00:01:08,000 --> 00:01:10,000\nto the Moon in this decade\n";

async fn caption(app: &TestApp, token: &str, uuid: Uuid, language: &str, text: &str) {
    let path = format!("/api/v1/videos/{uuid}/captions/{language}");
    let file = [("captionfile", "a.srt", "text/plain", text.as_bytes())];
    app.put(&path)
        .token(token)
        .multipart(&[], &file)
        .await
        .expect(204);
}

async fn said(app: &TestApp, token: Option<&str>, words: &str) -> serde_json::Value {
    let words = words.replace(' ', "%20").replace('"', "%22");
    let call = app.get(&format!("/api/v1/search/captions?search={words}"));
    let answer: Answer = match token {
        Some(token) => call.token(token).await,
        None => call.await,
    };
    answer.expect(200).json()
}

#[tokio::test]
async fn a_phrase_leads_to_the_video_and_the_second() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let video = add(&app, "ada", "a talk", |_| {}).await;
    add(&app, "ada", "moon in a name", |_| {}).await;
    caption(&app, &ada, video.uuid, "en", TALK).await;
    let found = said(&app, None, "GO to the moo").await;
    assert_eq!(found["total"], 1);
    let place = &found["data"][0]["places"][0];
    assert_eq!(place["start"], 65);
    assert_eq!(place["text"], "We choose to go to the Moon in this decade");
    assert_eq!(place["language"], json!({ "id": "en", "label": "English" }));
    assert!(place["url"].as_str().unwrap().ends_with("?start=65s"));
    let list = app.get("/api/v1/search/videos?search=moon").await;
    assert_eq!(
        names(&list.expect(200).json()),
        ["moon in a name", "a talk"]
    );
    let page = app.get("/search?search=liege").await.expect(200).text();
    assert!(page.contains("Said at 0:01"), "{page}");
    assert!(page.contains("?start=1s\""));
    assert!(page.contains("Welcome to Liège"));
    let own = format!("/api/v1/videos/{}/captions/search", video.uuid);
    let one = app.get(&format!("{own}?search=to&start=1&count=1")).await;
    let one = one.expect(200).json();
    assert_eq!(
        (&one["total"], &one["data"][0]["start"]),
        (&json!(3), &json!(65))
    );
    for nothing in ["moon decade", "\" OR * (", "a", "the to"] {
        assert_eq!(said(&app, None, nothing).await["total"], 0, "{nothing}");
    }
    for bad in [
        &own[..],
        "/api/v1/search/captions",
        "/api/v1/search/captions?search=",
    ] {
        app.get(bad).await.expect(400);
    }
    caption(&app, &ada, video.uuid, "en", &TALK.replace("Moon", "Sun")).await;
    assert_eq!(said(&app, None, "the moon").await["total"], 0);
    assert_eq!(said(&app, None, "the sun").await["total"], 1);
    let english = format!("/api/v1/videos/{}/captions/en", video.uuid);
    app.delete(&english).token(&ada).await.expect(204);
    assert_eq!(said(&app, None, "the sun").await["total"], 0);
}

#[tokio::test]
async fn what_a_viewer_may_not_see_is_not_heard_either() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let root = app.root().await;
    for (name, privacy) in [
        ("open", Privacy::Public),
        ("inner", Privacy::Internal),
        ("hidden", Privacy::Private),
        ("unlisted", Privacy::Unlisted),
    ] {
        let video = add(&app, "ada", name, |new| new.privacy = privacy).await;
        caption(&app, &ada, video.uuid, "en", TALK).await;
        if name == "hidden" {
            let path = format!("/api/v1/videos/{}/captions/search?search=moon", video.uuid);
            app.get(&path).await.expect(401);
            app.get(&path).token(&ada).await.expect(200);
        }
    }
    let blocked = add(&app, "ada", "blocked", |_| {}).await;
    caption(&app, &ada, blocked.uuid, "en", TALK).await;
    let block = format!("/api/v1/videos/{}/blacklist", blocked.uuid);
    app.post(&block)
        .token(&root)
        .json(json!({}))
        .await
        .expect(204);
    assert_eq!(names(&said(&app, None, "moon").await), ["open"]);
    assert_eq!(
        names(&said(&app, Some(&bob), "moon").await),
        ["inner", "open"]
    );
    let mute = app.post("/api/v1/users/me/blocklist/accounts").token(&bob);
    mute.json(json!({ "accountName": "ada" })).await.expect(204);
    assert_eq!(said(&app, Some(&bob), "moon").await["total"], 0);
    let list = app
        .get("/api/v1/search/videos?search=moon")
        .token(&bob)
        .await;
    assert_eq!(list.expect(200).json()["total"], 0);
}

#[tokio::test]
async fn captions_of_before_the_index_are_taken_in_by_the_job() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let video = add(&app, "ada", "a talk", |_| {}).await;
    caption(&app, &ada, video.uuid, "en", TALK).await;
    let words: String = (0..90)
        .map(|n| {
            format!(
                "\n{n}\n00:{:02}:{:02},000 --> 01:00:00,000\nword {n} passes\n",
                n / 60,
                n % 60
            )
        })
        .collect();
    caption(&app, &ada, video.uuid, "de", &words).await;
    app.db
        .batch("DELETE FROM caption_passage; UPDATE caption SET indexed = FALSE")
        .await
        .unwrap();
    assert_eq!(said(&app, None, "moon").await["total"], 0);
    let lost = "INSERT INTO caption (video_id, language, filename, updated_at)
                SELECT id, 'fr', 'lost.vtt', 0 FROM video";
    app.db.batch(lost).await.unwrap();
    assert!(
        app.storage
            .get(Class::Caption, "lost.vtt", 9)
            .await
            .is_err()
    );
    vidicon::video::said::index_missing(&app).await.unwrap();
    assert_eq!(said(&app, None, "moon").await["total"], 1);
    for (phrase, start) in [
        ("39 passes word 40", 39),
        ("word 79 passes word", 79),
        ("80 pass", 80),
    ] {
        let found = said(&app, None, phrase).await;
        assert_eq!(found["data"][0]["places"][0]["start"], start, "{phrase}");
        assert_eq!(
            found["data"][0]["places"].as_array().unwrap().len(),
            1,
            "{phrase}"
        );
    }
    app.delete(&format!("/api/v1/videos/{}", video.uuid))
        .token(&ada)
        .await
        .expect(204);
    assert_eq!(said(&app, None, "moon").await["total"], 0);
}
