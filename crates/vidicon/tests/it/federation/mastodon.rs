//! What Mastodon makes of our videos, by the rules its documentation gives for objects that are no Note:
//! title and first page as text, attachments it can show, hashtags, and what a status needs.

use super::inbox::Stranger;
use super::site::{Site, settle};
use base::db::Query;
use serde_json::{Value, json};

/// A status as a reader of Mastodon would see it.
#[derive(Debug, PartialEq)]
struct Status {
    text: String,
    link: String,
    media: Vec<(String, String, Option<String>)>,
    hashtags: Vec<String>,
    public: bool,
}

const SHOWN: [&str; 6] = [
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "video/mp4",
    "video/webm",
];

fn first(value: &Value) -> &Value {
    value.get(0).unwrap_or(value)
}

fn items(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

/// Nothing where Mastodon would drop the object.
fn render(object: &Value) -> Option<Status> {
    let known = ["Image", "Audio", "Video", "Article", "Page", "Event"];
    if !known.contains(&object["type"].as_str()?) {
        return None;
    }
    // The address: a text, or the first link that is a page.
    let pages = items(&object["url"]);
    let page = pages
        .iter()
        .find(|link| link.is_string() || link["mediaType"] == "text/html")?;
    let link = page.as_str().or(page["href"].as_str())?.to_owned();
    // The author: the first that is a person; without a date there is no status.
    let author = items(&object["attributedTo"])
        .iter()
        .find(|by| by["type"] == "Person" || by.is_string())
        .cloned()?;
    author.as_str().or(author["id"].as_str())?;
    object["published"].as_str()?;
    let media = items(&object["attachment"])
        .iter()
        .filter(|it| SHOWN.contains(&it["mediaType"].as_str().unwrap_or_default()))
        .filter_map(|it| {
            let url = it["url"].as_str().or(it["href"].as_str())?.to_owned();
            let icon = first(&it["icon"])["url"].as_str().map(str::to_owned);
            Some((it["mediaType"].as_str()?.to_owned(), url, icon))
        })
        .take(4)
        .collect();
    let hashtags = items(&object["tag"])
        .iter()
        .filter(|tag| tag["type"] == "Hashtag")
        .filter_map(|tag| tag["name"].as_str())
        .map(|name| name.trim_start_matches('#').to_lowercase())
        .filter(|name| !name.is_empty() && !name.contains(char::is_whitespace))
        .collect();
    let public = items(&object["to"])
        .iter()
        .any(|to| to == "https://www.w3.org/ns/activitystreams#Public" || to == "as:Public");
    let words = [
        object["name"].as_str(),
        object["summary"].as_str(),
        Some(&link),
    ];
    let text: Vec<&str> = words.into_iter().flatten().collect();
    Some(Status {
        text: text.join("\n\n"),
        link,
        media,
        hashtags,
        public,
    })
}

#[tokio::test]
async fn a_video_is_a_status_with_a_player_hashtags_and_a_picture() {
    let site = Site::new().await;
    let video = site.publish("A walk by the sea").await;
    site.change_video(
        video.id,
        "UPDATE video SET thumbnail = 'small.jpg', preview = 'large.jpg' WHERE id = $1",
    )
    .await;
    settle(&[&site]).await;
    let path = format!("/videos/watch/{}", video.uuid);
    let status = render(&site.document(&path).await).unwrap();
    let page = site.url(&video.watch_path());
    assert_eq!(status.text, format!("A walk by the sea\n\n{page}"));
    let (kind, file, icon) = &status.media[0];
    assert_eq!(kind, "video/mp4");
    assert!(file.ends_with("whole.mp4"), "{file}");
    let small = site.url("/lazy-static/thumbnails/small.jpg");
    assert_eq!(icon.as_deref(), Some(small.as_str()));
    assert_eq!(status.hashtags, ["sea"]);
    assert!(status.public);
    // The page that the status links to says the same to its preview.
    let html = site.app.get(&video.watch_path()).await.expect(200).text();
    for tag in ["og:title", "og:image", "og:video"] {
        assert!(html.contains(tag), "{tag}");
    }
    // A file that is too large to be fetched leaves the picture.
    site.change_video(
        video.id,
        "UPDATE video_file SET size_bytes = 200000000 WHERE video_id = $1",
    )
    .await;
    let status = render(&site.document(&path).await).unwrap();
    let large = site.url("/lazy-static/previews/large.jpg");
    assert_eq!(status.media, [("image/jpeg".to_owned(), large, None)]);
}

#[tokio::test]
async fn a_server_reports_in_its_own_name_but_neither_likes_nor_comments() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    // Mastodon's own actor: an Application named after its host.
    let mut actor = ronja.person("ronja");
    actor["type"] = json!("Application");
    ronja.put("/users/ronja", actor);
    let video = site.publish("A walk by the sea").await;
    let url = site.url(&format!("/videos/watch/{}", video.uuid));
    let mut flag = ronja.activity("Flag", 1, json!([site.url("/accounts/root"), url]));
    flag["content"] = json!("Spam from end to end");
    assert_eq!(ronja.deliver(&site, "/inbox", &flag).await, 204);
    let like = ronja.activity("Like", 2, json!(url));
    assert_eq!(ronja.deliver(&site, "/inbox", &like).await, 204);
    let note = json!({
        "type": "Note", "id": ronja.url("/notes/1"), "content": "<p>Hello</p>", "inReplyTo": url,
        "attributedTo": ronja.url("/users/ronja"), "to": ["as:Public"],
        "published": "2026-10-31T00:00:00Z",
    });
    let create = ronja.activity("Create", 3, note);
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    let root = site.app.root().await;
    let reports = site
        .app
        .get("/api/v1/abuses")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(reports["total"], 2);
    let by = &reports["data"][0]["reporterAccount"];
    let host = ronja.base.trim_start_matches("http://");
    assert_eq!(by["host"], json!(host));
    for query in [
        "SELECT count(*) FROM rating",
        "SELECT count(*) FROM comment",
    ] {
        let (count,): (i64,) = Query::new(query).one(&site.app.db).await.unwrap();
        assert_eq!(count, 0, "{query}");
    }
}
