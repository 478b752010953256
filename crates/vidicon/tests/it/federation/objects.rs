//! Everything that has an address answers there: to programs with documents, to others with pages,
//! and to nobody when federation is off.

use super::inbox::Stranger;
use super::site::{Site, settle};
use super::videos::PRIVATE;
use fediverse::signature::{self, Outgoing};
use serde_json::{Value, json};
use vidicon::video::{self, Storyboard};

#[tokio::test]
async fn collections_are_read_page_by_page() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let video = site.publish("A walk by the sea").await;
    settle(&[&site]).await;
    let path = format!("/videos/watch/{}", video.uuid);
    let like = ronja.activity("Like", 80, json!(site.url(&path)));
    assert_eq!(ronja.deliver(&site, "/inbox", &like).await, 204);
    settle(&[&site]).await;
    for (path, total, first) in [
        (format!("{path}/likes"), 1, ronja.url("/activities/80")),
        (format!("{path}/dislikes"), 0, String::new()),
        (format!("{path}/comments"), 0, String::new()),
        (format!("{path}/announces"), 2, String::new()),
        ("/accounts/root/outbox".to_owned(), 1, String::new()),
        (
            "/video-channels/root_channel/outbox".to_owned(),
            1,
            String::new(),
        ),
        ("/accounts/peertube/outbox".to_owned(), 1, String::new()),
        ("/accounts/root/followers".to_owned(), 0, String::new()),
        ("/accounts/root/following".to_owned(), 0, String::new()),
        ("/accounts/root/playlists".to_owned(), 0, String::new()),
        (
            "/video-channels/root_channel/playlists".to_owned(),
            0,
            String::new(),
        ),
    ] {
        let head = site.document(&path).await;
        assert_eq!(
            (&head["type"], &head["totalItems"]),
            (&json!("OrderedCollection"), &json!(total)),
            "{path}"
        );
        assert_eq!(
            head["first"],
            json!(site.url(&format!("{path}?page=1"))),
            "{path}"
        );
        let page = site.document(&format!("{path}?page=1")).await;
        assert_eq!(page["type"], "OrderedCollectionPage");
        let items = page["orderedItems"].as_array().unwrap();
        assert_eq!(items.len(), total, "{path}");
        if !first.is_empty() {
            assert_eq!(items[0], json!(first));
        }
        for wrong in ["0", "-1", "x", "99999999999"] {
            site.app
                .get(&format!("{path}?page={wrong}"))
                .await
                .expect(400);
        }
    }
    let announce =
        site.document("/accounts/peertube/outbox?page=1").await["orderedItems"][0]["id"].clone();
    let announce = announce
        .as_str()
        .unwrap()
        .strip_prefix(&site.url(""))
        .unwrap()
        .to_owned();
    assert_eq!(
        site.document(&announce).await["object"],
        json!(site.url(&path))
    );
}

#[tokio::test]
async fn each_name_of_a_thing_leads_to_the_same_document() {
    let site = Site::new().await;
    let video = site.publish("A walk by the sea").await;
    let accept = "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\"";
    let host = site.host();
    for (kind, paths) in [
        (
            "Person",
            vec![
                "/accounts/root".to_owned(),
                "/a/root".into(),
                "/@root".into(),
                format!("/a/root@{host}"),
                "/a/root/video-channels".into(),
            ],
        ),
        (
            "Group",
            vec![
                "/video-channels/root_channel".into(),
                "/c/root_channel".into(),
                "/c/root_channel/videos".into(),
                "/@root_channel".into(),
            ],
        ),
        (
            "Video",
            vec![format!("/videos/watch/{}", video.uuid), video.watch_path()],
        ),
    ] {
        for path in paths {
            let answer = site
                .app
                .get(&path)
                .header("accept", accept)
                .await
                .expect(200);
            assert_eq!(
                answer.header("content-type"),
                "application/activity+json; charset=utf-8",
                "{path}"
            );
            assert_eq!(answer.json()["type"], json!(kind), "{path}");
            // A browser names HTML first.
            let browser = site
                .app
                .get(&path)
                .header("accept", "text/html, application/activity+json;q=0.1")
                .await;
            assert!(
                !browser.header("content-type").contains("activity"),
                "{path}"
            );
        }
    }
    let document = site
        .document(&format!("/videos/watch/{}", video.uuid))
        .await;
    assert_eq!(document["tag"][0]["name"], "sea");
    assert_eq!(
        document["tag"][0]["href"],
        json!(site.url("/search?tagsOneOf=sea"))
    );
}

#[tokio::test]
async fn nothing_of_a_closed_video_is_told_by_any_route() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let video = site.publish("Secret").await;
    settle(&[&site]).await;
    let path = format!("/videos/watch/{}", video.uuid);
    let like = ronja.activity("Like", 81, json!(site.url(&path)));
    assert_eq!(ronja.deliver(&site, "/inbox", &like).await, 204);
    settle(&[&site]).await;
    for change in [
        PRIVATE,
        "UPDATE video SET privacy = 2 WHERE id = $1",
        "UPDATE video SET privacy = 4 WHERE id = $1",
        "UPDATE video SET privacy = 5 WHERE id = $1",
        "UPDATE video SET privacy = 1, blocked = TRUE WHERE id = $1",
        "UPDATE video SET blocked = FALSE, state = 2 WHERE id = $1",
    ] {
        site.change_video(video.id, change).await;
        for part in [
            "",
            "/activity",
            "/likes",
            "/likes?page=1",
            "/dislikes",
            "/comments",
            "/comments?page=1",
            "/announces",
            "/announces/1",
            "/chapters",
            "/comments/1",
            "/comments/1/activity",
        ] {
            site.ask(&format!("{path}{part}")).await.expect(404);
        }
        site.ask(&video.watch_path()).await.expect(404);
        for actor in [
            "/accounts/root",
            "/video-channels/root_channel",
            "/accounts/peertube",
        ] {
            let outbox = site
                .document(&format!("{actor}/outbox?page=1"))
                .await
                .to_string();
            assert!(
                !outbox.contains(&video.uuid.to_string()),
                "{change} {actor}"
            );
        }
        site.ask(&format!("/accounts/root/likes/{}", video.id))
            .await
            .expect(404);
        let like = ronja.activity("View", 82, json!(site.url(&path)));
        assert_eq!(ronja.deliver(&site, "/inbox", &like).await, 204);
        settle(&[&site]).await;
        assert_eq!(site.video(video.uuid).await.unwrap().views, 0);
    }
}

#[tokio::test]
async fn switched_off_it_is_not_there() {
    let site = Site::with(|config| config.federation.enabled = false).await;
    let video = site.publish("A walk by the sea").await;
    let path = format!("/videos/watch/{}", video.uuid);
    for path in [
        "/.well-known/nodeinfo",
        "/accounts/root/outbox",
        "/accounts/root/followers",
        "/accounts/root/playlists",
        "/video-channels/root_channel/followers",
        &format!("{path}/likes"),
        &format!("{path}/activity"),
    ] {
        site.ask(path).await.expect(404);
    }
    let resource = format!("/.well-known/webfinger?resource=acct:root@{}", site.host());
    site.app.get(&resource).await.expect(404);
    site.app
        .post("/inbox")
        .json(json!({ "type": "Follow" }))
        .await
        .expect(404);
    let answer = site.ask("/accounts/root").await;
    assert!(!answer.header("content-type").contains("activity"));
}

#[tokio::test]
async fn where_questions_must_be_signed_they_are_and_muted_servers_get_nothing() {
    let (site, ronja) = (
        Site::with(|config| config.federation.signed_fetches_only = true).await,
        Stranger::new().await,
    );
    let video = site.publish("A walk by the sea").await;
    let path = format!("/videos/watch/{}", video.uuid);
    let signed = |target: &str| {
        let url = site.url(target).parse().unwrap();
        let outgoing = Outgoing {
            method: "GET",
            url: &url,
            body: None,
            key_id: &ronja.url("/users/ronja#main-key"),
            key: &ronja.key,
            now_ms: site.app.clock.now(),
        };
        signature::sign(&outgoing).unwrap()
    };
    for target in [
        path.clone(),
        format!("{path}/likes"),
        "/accounts/root".into(),
        "/accounts/root/outbox?page=1".into(),
    ] {
        site.ask(&target).await.expect(401);
        let ask = async |headers: Vec<(&'static str, String)>| {
            let mut call = site
                .app
                .get(&target)
                .header("accept", "application/activity+json");
            for (name, value) in headers {
                call = call.header(name, &value);
            }
            call.await
        };
        ask(signed(&target)).await.expect(200);
        // Signed for another address.
        ask(signed("/accounts/peertube/outbox")).await.expect(401);
    }
    site.ask("/accounts/peertube").await.expect(200);
    // Two of this kind understand each other.
    let other = Site::with(|config| config.federation.signed_fetches_only = true).await;
    other.follow(&site).await;
    settle(&[&site, &other]).await;
    assert!(other.video(video.uuid).await.is_some());

    let root = site.app.root().await;
    let host = ronja.base.strip_prefix("http://").unwrap();
    site.app
        .post("/api/v1/server/blocklist/servers")
        .token(&root)
        .json(json!({ "host": host }))
        .await
        .expect(204);
    let mut call = site
        .app
        .get(&path)
        .header("accept", "application/activity+json");
    for (name, value) in signed(&path) {
        call = call.header(name, &value);
    }
    call.await.expect(403);
}

#[tokio::test]
async fn a_site_with_a_list_talks_with_those_on_it_alone() {
    let friend = Site::new().await;
    let host = friend.host();
    let site = Site::with(|config| config.federation.only = vec![host]).await;
    let ronja = Stranger::new().await;
    site.follow(&friend).await;
    let video = friend.publish("A walk by the sea").await;
    settle(&[&site, &friend]).await;
    assert!(site.video(video.uuid).await.is_some());
    let follow = ronja.activity(
        "Follow",
        90,
        json!(site.url("/video-channels/root_channel")),
    );
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 403);
    let root = site.app.root().await;
    let asked = format!("/api/v1/search/videos?search={}", ronja.url("/v/1"));
    assert_eq!(
        site.app.get(&asked).token(&root).await.expect(200).json()["total"],
        0
    );
}

/// Whether a value is of the kind that PeerTube's readers ask for.
fn is(value: &Value, kind: &str) -> bool {
    match kind {
        "text" => value.is_string(),
        "url" => value.as_str().is_some_and(|text| text.starts_with("http")),
        "number" => value.is_i64(),
        "float" => value.is_number(),
        "flag" => value.is_boolean(),
        "list" => value.as_array().is_some_and(|list| !list.is_empty()),
        "null" => value.is_null(),
        "date" => value
            .as_str()
            .is_some_and(|text| text.ends_with('Z') && text.contains('T')),
        "seconds" => value.as_str().is_some_and(|text| {
            let seconds = text
                .strip_prefix("PT")
                .and_then(|text| text.strip_suffix('S'));
            seconds.is_some_and(|seconds| seconds.parse::<u32>().is_ok())
        }),
        other => value == other,
    }
}

fn expect_fields(document: &Value, fields: &[(&str, &str)]) {
    for (pointer, kind) in fields {
        let found = document.pointer(pointer);
        let found = found.unwrap_or_else(|| panic!("{pointer} is missing in {document:#}"));
        assert!(is(found, kind), "{pointer} is {found}, not {kind}");
    }
}

#[tokio::test]
async fn documents_have_every_property_that_peertube_reads() {
    let site = Site::new().await;
    let video = site.publish("A walk by the sea").await;
    for change in [
        "INSERT INTO caption (video_id, language, filename, updated_at)
         VALUES ($1, 'fr', 'words.vtt', 1)",
        "UPDATE video SET thumbnail = 'small.jpg', preview = 'large.jpg', category = 2, licence = 1,
             language = 'fr', nsfw = TRUE, nsfw_flags = 2, nsfw_summary = 'Waves', support = 'Boats',
             aspect_ratio = 1.78, originally_published_at = 1000 WHERE id = $1",
    ] {
        site.change_video(video.id, change).await;
    }
    let board = Storyboard {
        filename: "board.jpg".to_owned(),
        total_width: 1920,
        total_height: 1080,
        sprite_width: 192,
        sprite_height: 108,
        sprite_duration: 1,
    };
    let mut tx = site.app.db.begin().await.unwrap();
    video::set_storyboard(&mut tx, video.id, &board)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    settle(&[&site]).await;
    let path = format!("/videos/watch/{}", video.uuid);
    let document = site.document(&path).await;
    expect_fields(
        &document,
        &[
            ("/type", "Video"),
            ("/id", "url"),
            ("/uuid", "text"),
            ("/name", "text"),
            ("/duration", "seconds"),
            ("/category/identifier", "2"),
            ("/category/name", "text"),
            ("/licence/identifier", "1"),
            ("/language/identifier", "fr"),
            ("/views", "number"),
            ("/sensitive", "flag"),
            ("/summary", "Waves"),
            ("/state", "number"),
            ("/waitTranscoding", "flag"),
            ("/downloadEnabled", "flag"),
            ("/commentsPolicy", "number"),
            ("/commentsEnabled", "flag"),
            ("/canReply", "null"),
            ("/published", "date"),
            ("/updated", "date"),
            ("/originallyPublishedAt", "date"),
            ("/uploadDate", "null"),
            ("/mediaType", "text/markdown"),
            ("/content", "text"),
            ("/support", "Boats"),
            ("/tag/0/type", "Hashtag"),
            ("/tag/0/name", "sea"),
            ("/tag/1/type", "SensitiveTag"),
            ("/tag/1/name", "violent"),
            ("/icon/0/type", "Image"),
            ("/icon/0/url", "url"),
            ("/icon/0/mediaType", "image/jpeg"),
            ("/icon/0/width", "number"),
            ("/icon/0/height", "number"),
            ("/icon/1/width", "number"),
            ("/preview/0/type", "Image"),
            ("/preview/0/rel/0", "storyboard"),
            ("/preview/0/url/0/href", "url"),
            ("/preview/0/url/0/tileWidth", "number"),
            ("/preview/0/url/0/tileHeight", "number"),
            ("/preview/0/url/0/tileDuration", "seconds"),
            ("/preview/0/url/0/width", "number"),
            ("/preview/0/url/0/height", "number"),
            ("/subtitleLanguage/0/identifier", "fr"),
            ("/subtitleLanguage/0/name", "text"),
            ("/subtitleLanguage/0/automaticallyGenerated", "flag"),
            ("/subtitleLanguage/0/url/0/mediaType", "text/vtt"),
            ("/subtitleLanguage/0/url/0/href", "url"),
            ("/aspectRatio", "float"),
            ("/likes", "url"),
            ("/dislikes", "url"),
            ("/shares", "url"),
            ("/comments", "url"),
            ("/hasParts", "url"),
            ("/attributedTo/0/type", "Person"),
            ("/attributedTo/0/id", "url"),
            ("/attributedTo/1/type", "Group"),
            ("/attributedTo/1/id", "url"),
            ("/audience", "url"),
            ("/embedUrl", "url"),
            ("/playerSettings", "url"),
            ("/isLiveBroadcast", "flag"),
            ("/liveSaveReplay", "null"),
            ("/permanentLive", "null"),
            ("/latencyMode", "null"),
            ("/to", "list"),
            ("/cc", "list"),
            // Pages, then the whole file with its metadata, then the playlist.
            ("/url/0/mediaType", "text/html"),
            ("/url/1/mediaType", "text/html"),
            ("/url/2/type", "Link"),
            ("/url/2/mediaType", "video/mp4"),
            ("/url/2/href", "url"),
            ("/url/2/height", "number"),
            ("/url/2/width", "number"),
            ("/url/2/size", "number"),
            ("/url/2/fps", "number"),
            ("/url/2/attachment/0/type", "PropertyValue"),
            ("/url/2/attachment/0/name", "ffprobe_codec_type"),
            ("/url/2/attachment/2/name", "peertube_format_flag"),
            ("/url/2/attachment/2/value", "web-video"),
            ("/url/3/rel/0", "metadata"),
            ("/url/3/rel/1", "video/mp4"),
            ("/url/3/mediaType", "application/json"),
            ("/url/3/height", "number"),
            ("/url/4/mediaType", "application/x-mpegURL"),
            ("/url/4/href", "url"),
            ("/url/4/tag/0/mediaType", "video/mp4"),
            ("/url/4/tag/0/attachment/2/value", "fragmented"),
            ("/url/4/tag/1/rel/0", "metadata"),
        ],
    );
    for folder in [
        "accounts/root",
        "video-channels/root_channel",
        "accounts/peertube",
    ] {
        let actor = site.document(&format!("/{folder}")).await;
        expect_fields(
            &actor,
            &[
                ("/type", "text"),
                ("/id", "url"),
                ("/following", "url"),
                ("/followers", "url"),
                ("/playlists", "url"),
                ("/inbox", "url"),
                ("/outbox", "url"),
                ("/preferredUsername", "text"),
                ("/name", "text"),
                ("/endpoints/sharedInbox", "url"),
                ("/publicKey/id", "url"),
                ("/publicKey/owner", "url"),
                ("/published", "date"),
                ("/indexable", "flag"),
                ("/discoverable", "flag"),
            ],
        );
        let pem = actor["publicKey"]["publicKeyPem"].as_str().unwrap();
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----"));
        assert!(
            actor["publicKey"]["id"]
                .as_str()
                .unwrap()
                .ends_with("#main-key")
        );
    }
    let channel = site.document("/video-channels/root_channel").await;
    expect_fields(
        &channel,
        &[
            ("/attributedTo/0/type", "Person"),
            ("/attributedTo/0/id", "url"),
            ("/postingRestrictedToMods", "flag"),
        ],
    );
    let said = site.document(&format!("{path}/activity")).await;
    expect_fields(
        &said,
        &[
            ("/type", "Create"),
            ("/actor", "url"),
            ("/object/type", "Video"),
            ("/to/0", "url"),
            ("/to/1", "url"),
            ("/cc/0", "url"),
        ],
    );
    let chapters = site.document(&format!("{path}/chapters")).await;
    expect_fields(
        &chapters,
        &[
            ("/id", "url"),
            ("/hasPart/0/name", "text"),
            ("/hasPart/0/startOffset", "float"),
            ("/hasPart/1/endOffset", "float"),
        ],
    );
}
