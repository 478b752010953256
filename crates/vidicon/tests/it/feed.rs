//! Feeds of videos, comments, subscriptions and podcasts, in every format.

use crate::app::TestApp;
use serde_json::{Value, json};
use vidicon::video::{self, NewVideo, Privacy, VideoState};

/// A published video of root's, with a stream to play.
pub struct Published {
    pub id: i64,
    pub uuid: String,
    pub short: String,
}

pub async fn published(app: &TestApp, name: &str, privacy: i64) -> Published {
    let (channel_id, account_id): (i64, i64) =
        base::sql!("SELECT c.id, c.account_id FROM channel c ORDER BY c.id LIMIT 1")
            .one(&app.db)
            .await
            .unwrap();
    let mut new = NewVideo::new(
        vidicon::channel::ChannelId::new(channel_id),
        vidicon::account::AccountId::new(account_id),
        name,
    );
    new.privacy = Privacy::try_from(privacy).unwrap();
    new.state = VideoState::Published;
    new.duration_s = 61;
    new.description = Some("About **this** <script>alert(1)</script> film.".to_owned());
    if privacy == 5 {
        new.passwords.push("open sesame".to_owned());
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await.unwrap();
    let id = video::create(&mut tx, &new, now).await.unwrap();
    base::sql!(
        "INSERT INTO streaming_playlist (video_id, master_filename, created_at, updated_at)
         VALUES ($1, $2, $3, $3)"
    )
    .bind(id)
    .bind(format!("{}-master.m3u8", new.uuid))
    .bind(now)
    .execute(&mut tx)
    .await
    .unwrap();
    for (resolution, has_video) in [(720, true), (0, false)] {
        base::sql!(
            "INSERT INTO video_file (video_id, kind, filename, resolution, fps, size_bytes,
                                     has_audio, has_video, complete, created_at)
             VALUES ($1, 'hls', $2, $3, 30, 1000, $4, $5, TRUE, $6)"
        )
        .bind(id)
        .bind(format!("{}-{resolution}.mp4", new.uuid))
        .bind(resolution)
        .bind(!has_video)
        .bind(has_video)
        .bind(now)
        .execute(&mut tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    app.clock.advance(1000);
    Published {
        id: id.0,
        uuid: new.uuid.to_string(),
        short: video::short_uuid::shorten(new.uuid),
    }
}

#[tokio::test]
async fn readers_get_the_newest_public_videos() {
    let app = TestApp::new().await;
    let first = published(&app, "First & best", 1).await;
    let second = published(&app, "Second \u{8}film", 1).await;
    let hidden = published(&app, "Unlisted", 2).await;
    for ending in ["rss", "xml", "rss2", "atom", "atom1", "json", "json1"] {
        let answer = app
            .get(&format!("/feeds/videos.{ending}"))
            .await
            .expect(200);
        let text = answer.text();
        let (a, b) = (
            text.find(&first.short).unwrap(),
            text.find(&second.short).unwrap(),
        );
        assert!(b < a, "{ending}: the newest comes first");
        assert!(!text.contains(&hidden.short), "{ending}");
        assert!(
            !text.contains("<script>") && !text.contains('\u{8}'),
            "{ending}"
        );
        let kind = match ending {
            "atom" | "atom1" => "application/atom+xml",
            "json" | "json1" => "application/json",
            _ => "application/rss+xml",
        };
        assert!(answer.header("content-type").starts_with(kind), "{ending}");
    }
    let rss = app.get("/feeds/videos.rss").await.text();
    assert!(rss.contains("<title>First &#38; best</title>"), "{rss}");
    let playlist = format!(
        "/static/streaming-playlists/hls/{0}/{0}-master.m3u8",
        first.uuid
    );
    assert!(rss.contains(&playlist));
    assert!(rss.contains(&format!(
        "/download/videos/generate/{}?videoFileIds=",
        first.uuid
    )));
    let json = app
        .get("/feeds/videos?format=json")
        .await
        .expect(200)
        .json();
    assert_eq!(json["items"].as_array().unwrap().len(), 2);
    assert_eq!(json["items"][0]["title"], "Second film");
    assert_eq!(json["items"][0]["attachments"][0]["size_in_bytes"], 2000);
}

#[tokio::test]
async fn feeds_are_of_one_channel_or_account() {
    let app = TestApp::new().await;
    let video = published(&app, "Mine", 1).await;
    app.user("ada").await;
    let items = async |query: &str| {
        let path = format!("/feeds/videos.json?{query}");
        let feed = app.get(&path).await.expect(200).json();
        (
            feed["title"].clone(),
            feed["items"].as_array().unwrap().len(),
        )
    };
    assert_eq!(items("accountName=root").await, (json!("root"), 1));
    assert_eq!(items("accountName=ada").await, (json!("ada"), 0));
    assert_eq!(items("videoChannelName=root_channel").await.1, 1);
    assert_eq!(items("videoChannelName=ada_channel").await.1, 0);
    assert_eq!(items("sort=-views&count=0&start=7").await.1, 1);
    assert_eq!(items("nsfw=true").await.1, 0);
    assert!(!video.uuid.is_empty());
    app.get("/feeds/videos.rss?accountName=nobody")
        .await
        .expect(404);
    app.get("/feeds/videos.rss?videoChannelId=999")
        .await
        .expect(404);
    app.get("/feeds/videos.rss?accountId=x").await.expect(400);
    app.get("/feeds/videos.rss?sort=colour").await.expect(400);
    app.get("/feeds/videos.html").await.expect(400);
    app.get("/feeds/videos.rss")
        .header("accept", "image/png")
        .await
        .expect(406);
}

#[tokio::test]
async fn a_reader_is_not_sent_what_it_has() {
    let app = TestApp::new().await;
    published(&app, "First", 1).await;
    let first = app.get("/feeds/videos.atom").await.expect(200);
    let tag = first.header("etag").to_owned();
    let since = first.header("last-modified").to_owned();
    let again = app
        .get("/feeds/videos.atom")
        .header("if-none-match", &tag)
        .await
        .expect(304);
    assert!(again.body.is_empty());
    app.get("/feeds/videos.atom")
        .header("if-modified-since", &since)
        .await
        .expect(304);
    published(&app, "Second", 1).await;
    app.get("/feeds/videos.atom")
        .header("if-none-match", &tag)
        .await
        .expect(200);
    app.get("/feeds/videos.atom")
        .header("if-modified-since", &since)
        .await
        .expect(200);
}

async fn comment(app: &TestApp, video_id: i64, text: &str, held: bool) {
    base::sql!(
        "INSERT INTO comment (video_id, account_id, text, held, created_at, updated_at)
         VALUES ($1, (SELECT min(id) FROM account), $2, $3, $4, $4)"
    )
    .bind(video_id)
    .bind(text)
    .bind(held)
    .bind(app.clock.now())
    .execute(&app.db)
    .await
    .unwrap();
    app.clock.advance(1000);
}

#[tokio::test]
async fn comments_below_public_videos_can_be_followed() {
    let app = TestApp::new().await;
    let shown = published(&app, "Shown", 1).await;
    let hidden = published(&app, "Hidden", 3).await;
    comment(&app, shown.id, "Well *done*", false).await;
    comment(&app, shown.id, "To be reviewed", true).await;
    comment(&app, hidden.id, "In private", false).await;
    let feed = app
        .get("/feeds/video-comments.json")
        .await
        .expect(200)
        .json();
    let items = feed["items"].as_array().unwrap();
    assert_eq!(items.len(), 1, "{feed}");
    assert_eq!(items[0]["title"], "Shown - root");
    assert_eq!(items[0]["summary"], "Well done");
    let path = format!("/feeds/video-comments.rss?videoId={}", shown.uuid);
    assert!(app.get(&path).await.expect(200).text().contains("Well"));
    app.get(&format!("{path}&accountName=root"))
        .await
        .expect(400);
    let path = format!("/feeds/video-comments.rss?videoId={}", hidden.uuid);
    app.get(&path).await.expect(401);
    app.get("/feeds/video-comments.rss?videoId=999999")
        .await
        .expect(404);
}

#[tokio::test]
async fn the_feed_of_what_one_follows_needs_its_token() {
    let app = TestApp::new().await;
    let video = published(&app, "Followed", 1).await;
    app.user("ada").await;
    let (account_id, token): (i64, String) = base::sql!(
        "SELECT a.id, u.feed_token FROM account a JOIN users u ON u.id = a.user_id
         WHERE u.username = 'ada'"
    )
    .one(&app.db)
    .await
    .unwrap();
    let path = format!("/feeds/subscriptions.json?accountId={account_id}&token={token}");
    let items = async || {
        let answer = app.get(&path).await.expect(200);
        assert_eq!(answer.header("cache-control"), "private, max-age=900");
        answer.json()["items"].as_array().unwrap().len()
    };
    assert_eq!(items().await, 0);
    base::sql!(
        "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
         SELECT a.actor_id, c.actor_id, 'accepted', 1, 1 FROM account a, channel c
         WHERE a.id = $1 AND c.id = (SELECT channel_id FROM video WHERE id = $2)"
    )
    .bind(account_id)
    .bind(video.id)
    .execute(&app.db)
    .await
    .unwrap();
    assert_eq!(items().await, 1);
    let wrong = format!("/feeds/subscriptions.json?accountId={account_id}&token=x");
    app.get(&wrong).await.expect(403);
    app.get("/feeds/subscriptions.json").await.expect(400);
    app.get("/feeds/subscriptions.json?accountId=9999&token=x")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_channel_is_a_podcast() {
    let app = TestApp::new().await;
    let video = published(&app, "Episode one", 1).await;
    let (channel_id,): (i64,) = base::sql!("SELECT channel_id FROM video WHERE id = $1")
        .bind(video.id)
        .one(&app.db)
        .await
        .unwrap();
    let path = format!("/feeds/podcast/videos.xml?videoChannelId={channel_id}");
    let text = app.get(&path).await.expect(200).text();
    for part in [
        "<podcast:guid>",
        "<podcast:medium>podcast</podcast:medium>",
        "<itunes:duration>61</itunes:duration>",
        "type=\"application/x-mpegURL\"",
        "protocol=\"activitypub\"",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(
        !text.contains("podcast:locked"),
        "nobody's mail address is shown unasked"
    );
    let root = app.root().await;
    let write = async |email: Value| {
        app.put("/api/v1/video-channels/root_channel")
            .token(&root)
            .json(json!({ "publicEmail": email }))
            .await
    };
    write(json!("no address")).await.expect(400);
    write(json!("show@example.org")).await.expect(204);
    let text = app.get(&path).await.expect(200).text();
    assert!(text.contains("owner=\"show@example.org\""), "{text}");
    let channel = async || {
        let answer = app.get("/api/v1/video-channels/root_channel").await;
        answer.expect(200).json()["publicEmail"].clone()
    };
    assert_eq!(channel().await, "show@example.org");
    write(Value::Null).await.expect(204);
    assert_eq!(channel().await, Value::Null);
    app.get("/feeds/podcast/videos.xml").await.expect(400);
    app.get("/feeds/podcast/videos.xml?videoChannelId=9999")
        .await
        .expect(404);
}

#[tokio::test]
async fn directories_of_podcasts_find_what_they_ask_for() {
    let app = TestApp::new().await;
    let channel = "/feeds/podcast/videos.xml?videoChannelId=";
    let episodes = [
        published(&app, "One", 1).await,
        published(&app, "Two", 1).await,
        published(&app, "Three", 1).await,
    ];
    let (channel_id,): (i64,) = base::sql!("SELECT channel_id FROM video WHERE id = $1")
        .bind(episodes[0].id)
        .one(&app.db)
        .await
        .unwrap();
    let path = format!("{channel}{channel_id}");
    let head = async || {
        let text = app.get(&path).await.expect(200).text();
        text.split("<item>").next().unwrap().to_owned()
    };
    let text = head().await;
    for part in [
        "<itunes:category text=\"TV &#38; Film\"/>",
        "<itunes:explicit>false</itunes:explicit>",
        "<itunes:author>",
        "<itunes:image href=\"http://video.test/",
        "<language>en</language>",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert!(!text.contains("<description></description>"), "{text}");
    let root = app.root().await;
    let set = async |name: &str, value: Value| {
        let path = "/api/v1/config/custom";
        let mut settings = app.get(path).token(&root).await.expect(200).json();
        settings["instance"][name] = value;
        app.put(path).token(&root).json(settings).await.expect(200);
    };
    set("categories", json!([9])).await;
    assert!(head().await.contains("<itunes:category text=\"Comedy\"/>"));
    for (episode, category, nsfw) in [(0, 1, false), (1, 7, true), (2, 7, false)] {
        let fields = json!({ "category": category, "nsfw": nsfw, "language": "fr" });
        app.put(&format!("/api/v1/videos/{}", episodes[episode].uuid))
            .token(&root)
            .json(fields)
            .await
            .expect(204);
    }
    set("defaultNSFWPolicy", json!("warn")).await;
    let text = head().await;
    let shelf = "<itunes:category text=\"Leisure\"><itunes:category text=\"Video Games\"/>";
    for part in [shelf, "<itunes:explicit>true<", "<language>fr<"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[tokio::test]
async fn a_playlist_is_a_podcast_too() {
    let app = TestApp::new().await;
    let first = published(&app, "Part one", 1).await;
    let second = published(&app, "Part two", 1).await;
    let hidden = published(&app, "Part three", 3).await;
    let uuid = base::random::uuid().to_string();
    base::sql!(
        "INSERT INTO playlist (uuid, account_id, display_name, privacy, created_at, updated_at)
         VALUES ($1, (SELECT min(id) FROM account), 'All parts', 2, 1, 1)"
    )
    .bind(&uuid)
    .execute(&app.db)
    .await
    .unwrap();
    for (position, video) in [(1, &first), (2, &second), (3, &hidden)] {
        base::sql!(
            "INSERT INTO playlist_element (playlist_id, video_id, position, created_at)
             VALUES ((SELECT min(id) FROM playlist WHERE kind = 1), $1, $2, 1)"
        )
        .bind(video.id)
        .bind(position)
        .execute(&app.db)
        .await
        .unwrap();
    }
    let path = format!("/feeds/podcast/videos.xml?playlistId={uuid}");
    let text = app.get(&path).await.expect(200).text();
    assert!(text.contains("<title>All parts</title>"), "{text}");
    let place = |video: &Published| text.find(&format!("/w/{}", video.short));
    assert!(place(&first).unwrap() < place(&second).unwrap());
    assert_eq!(place(&hidden), None);
    let number: (i64,) = base::sql!("SELECT min(id) FROM playlist WHERE kind = 1")
        .one(&app.db)
        .await
        .unwrap();
    let path = format!("/feeds/podcast/videos.xml?playlistId={}", number.0);
    app.get(&path).await.expect(403);
    let path = format!(
        "/feeds/podcast/videos.xml?playlistId={}",
        base::random::uuid()
    );
    app.get(&path).await.expect(404);
    let page = format!("http://video.test/w/p/{uuid}");
    let frame = app
        .get(&format!("/services/oembed?url={page}"))
        .await
        .expect(200)
        .json();
    assert_eq!(frame["title"], "All parts");
}
