//! Servers that mean harm: every door that once stood open elsewhere.

use super::inbox::{Stranger, send};
use super::site::{Site, settle};
use super::videos::{UUID, follow_ronja, put_video};
use base::db::Query;
use fediverse::context::Context;
use fediverse::ld_signature;
use fediverse::signature::{self, Outgoing};
use serde_json::{Value, json};

async fn count(site: &Site, query: &'static str) -> i64 {
    let (count,) = Query::new(query).one(&site.app.db).await.unwrap();
    count
}

#[tokio::test]
async fn the_same_request_twice_is_one() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let video = site.publish("A walk by the sea").await;
    let url = json!(site.url(&format!("/videos/watch/{}", video.uuid)));
    // Without an id only the request itself can tell.
    let mut view = ronja.activity("View", 1, url);
    view.as_object_mut().unwrap().remove("id");
    let body = view.to_string();
    let headers = ronja.sign(&site, "/inbox", &body, false);
    for _ in 0..3 {
        assert_eq!(
            send(&site, "/inbox", body.clone(), headers.clone()).await,
            204
        );
    }
    settle(&[&site]).await;
    assert_eq!(site.video(video.uuid).await.unwrap().views, 1);
}

#[tokio::test]
async fn a_video_is_not_changed_through_another_way_to_write_its_address() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    follow_ronja(&site, &ronja).await;
    follow_ronja_too(&site, &eva).await;
    let video = put_video(&ronja, UUID);
    assert_eq!(
        ronja
            .deliver(
                &site,
                "/inbox",
                &ronja.activity("Create", 10, video.clone())
            )
            .await,
        204
    );
    settle(&[&site]).await;
    let host = ronja.base.strip_prefix("http://").unwrap();
    let own = eva.base.strip_prefix("http://").unwrap();
    let mut number = 20;
    for id in [
        format!("http://{own}@{host}/v/{UUID}"),
        format!("HTTP://{}/v/{UUID}", host.to_uppercase()),
        format!("http://{host}/v/../v/{UUID}"),
        format!("https://{host}/v/{UUID}"),
        format!("http://{host}/v/{UUID}#x"),
        format!("http://{host}/v/{UUID}?x=1"),
        format!("http://{host}\\@{own}/v/{UUID}"),
    ] {
        let mut forged = video.clone();
        forged["id"] = json!(id);
        forged["name"] = json!("Forged");
        for (kind, object) in [("Update", forged), ("Delete", json!(id))] {
            number += 1;
            let activity = eva.activity(kind, number, object);
            assert_eq!(eva.deliver(&site, "/inbox", &activity).await, 204);
        }
    }
    // The same forwarded, with the forger's signature in it.
    let mut forged = video.clone();
    forged["name"] = json!("Forged");
    forged.as_object_mut().unwrap().remove("@context");
    let mut update = Context::Video.on(json!({
        "type": "Update", "id": eva.url("/activities/99"), "actor": eva.url("/users/ronja"), "object": forged,
        "to": ["as:Public"],
    }));
    ld_signature::sign(
        &mut update,
        &eva.url("/users/ronja"),
        &eva.key,
        site.app.clock.now(),
    )
    .unwrap();
    assert_eq!(ronja.deliver(&site, "/inbox", &update).await, 204);
    settle(&[&site]).await;
    assert_eq!(
        site.video(UUID.parse().unwrap()).await.unwrap().name,
        "Storm"
    );
}

async fn follow_ronja_too(site: &Site, eva: &Stranger) {
    let follow = eva.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(eva.deliver(site, "/inbox", &follow).await, 204);
    settle(&[site]).await;
}

#[tokio::test]
async fn what_a_signature_covers_is_what_is_done() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    let now = site.app.clock.now();
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    let signed = |mut document: Value| {
        ld_signature::sign(&mut document, &ronja.url("/users/ronja"), &ronja.key, now).unwrap();
        document
    };
    let good = signed(follow.clone());
    let nest = |depth: usize| {
        (0..depth).fold(
            json!({ "type": "Note" }),
            |inner, _| json!({ "type": "Note", "tag": inner }),
        )
    };
    let mut bad: Vec<Value> = Vec::new();
    for word in ["@graph", "@included", "@reverse"] {
        let mut at_top = good.clone();
        at_top[word] = json!([{ "type": "Delete" }]);
        bad.push(at_top);
        let mut inside = good.clone();
        inside["object"] =
            json!({ "id": site.url("/accounts/root"), word: [{ "type": "Delete" }] });
        bad.push(inside);
        let mut aliased = good.clone();
        aliased["@context"] =
            json!([good["@context"][0], good["@context"][1], { "harmless": word }]);
        aliased["harmless"] = json!([{ "type": "Delete" }]);
        bad.push(aliased);
        let mut nested = good.clone();
        nested["tag"] =
            json!([{ "@context": { "harmless": word }, "harmless": [{ "type": "Delete" }] }]);
        bad.push(nested);
    }
    for (key, value) in [
        ("type", json!("Undo")),
        ("object", json!(site.url("/accounts/root"))),
        ("actor", json!(eva.url("/users/ronja"))),
        ("tag", nest(21)),
    ] {
        let mut changed = good.clone();
        changed[key] = value;
        bad.push(changed);
    }
    // Another word for the type, and another address for the context.
    let mut renamed = good.clone();
    renamed["@context"] = json!([good["@context"][0], { "Follow": "as:Undo" }]);
    bad.push(renamed);
    let mut fetched = good.clone();
    fetched["@context"] = json!(["http://127.0.0.1:1/context"]);
    bad.push(fetched);
    for (number, document) in bad.iter().enumerate() {
        let status = eva.deliver(&site, "/inbox", document).await;
        assert!(matches!(status, 400 | 403 | 204), "{number}: {status}");
        settle(&[&site]).await;
        assert_eq!(
            count(&site, "SELECT count(*) FROM follow").await,
            0,
            "{number}: {document}"
        );
    }
    assert_eq!(eva.deliver(&site, "/inbox", &good).await, 204);
    settle(&[&site]).await;
    assert_eq!(count(&site, "SELECT count(*) FROM follow").await, 1);
}

#[tokio::test]
async fn collections_without_end_end() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let root = site.app.root().await;
    let pages = |path: &str, next: &str| {
        ronja.put(path, json!({
            "type": "OrderedCollectionPage", "id": ronja.url(path), "totalItems": 5, "next": ronja.url(next),
            "orderedItems": [ronja.url("/nothing")],
        }));
    };
    pages("/self", "/self");
    pages("/ping", "/pong");
    pages("/pong", "/ping");
    for (number, outbox) in ["/self", "/ping", "/endless"].into_iter().enumerate() {
        let name = format!("p{number}");
        let mut person = ronja.person(&name);
        person["outbox"] = json!(ronja.url(outbox));
        person["type"] = json!("Application");
        ronja.put(&format!("/users/{name}"), person);
        let url = ronja.url(&format!("/users/{name}"));
        let query = format!("/api/v1/search/video-channels?search={url}");
        site.app.get(&query).token(&root).await.expect(200);
        Query::new("INSERT INTO job (kind, payload, run_at, created_at) SELECT 'federation_outbox', '{\"actorId\":' || id || '}', 0, 0 FROM actor WHERE url = $1")
            .bind(url)
            .execute(&site.app.db)
            .await
            .unwrap();
    }
    let video = put_video(&ronja, UUID);
    for (number, part) in ["comments", "likes", "shares", "dislikes"]
        .into_iter()
        .enumerate()
    {
        let mut endless = video.clone();
        endless[part] = json!(ronja.url("/endless"));
        endless["uuid"] = json!(format!("6f1b0d0e-9e7c-4f0e-8a55-3c1b8a5f0a2{number}"));
        endless["id"] = json!(ronja.url(&format!("/endless-{part}")));
        ronja.put(&format!("/endless-{part}"), endless);
        let query = format!(
            "/api/v1/search/videos?search={}",
            ronja.url(&format!("/endless-{part}"))
        );
        site.app.get(&query).token(&root).await.expect(200);
    }
    let sites = [&site];
    let all = tokio::time::timeout(std::time::Duration::from_secs(120), settle(&sites));
    all.await.expect("it ends");
    assert_eq!(
        count(&site, "SELECT count(*) FROM video WHERE NOT is_local").await,
        4
    );
    assert_eq!(
        count(&site, "SELECT count(*) FROM job WHERE state = 'ready'").await,
        0
    );
}

#[tokio::test]
async fn actors_of_a_megabyte_and_odd_addresses_are_refused_or_kept_as_they_are() {
    let (site, eva) = (Site::new().await, Stranger::new().await);
    let follow = |number| {
        eva.activity(
            "Follow",
            number,
            json!(site.url("/video-channels/root_channel")),
        )
    };
    let good = eva.person("ronja");
    let mut large = good.clone();
    large["summary"] = json!("x".repeat(2_000_000));
    eva.put("/users/ronja", large);
    assert_eq!(eva.deliver(&site, "/inbox", &follow(1)).await, 403);
    let users = count(&site, "SELECT count(*) FROM users").await;
    for (number, odd) in ["'", "\"", "';DELETE FROM users;--", "$1", "%", "_", "\\"]
        .into_iter()
        .enumerate()
    {
        let mut person = good.clone();
        for key in ["inbox", "outbox", "followers", "following"] {
            person[key] = json!(format!("{}/{key}?{odd}", eva.url("/users/ronja")));
        }
        person["name"] = json!(format!("<script>{odd}</script>"));
        person["endpoints"] = json!({ "sharedInbox": format!("{}?{odd}", eva.url("/inbox")) });
        eva.put("/users/ronja", person);
        site.app.clock.advance(3 * 86_400_000);
        let status = eva
            .deliver(
                &site,
                "/inbox",
                &follow(10 + u32::try_from(number).unwrap()),
            )
            .await;
        assert!(matches!(status, 204 | 403), "{odd}: {status}");
        site.run_due_jobs_once().await;
    }
    let mut nul = good;
    nul["inbox"] = json!(format!("{}\u{0}", eva.url("/users/ronja/inbox")));
    eva.put("/users/ronja", nul);
    site.app.clock.advance(3 * 86_400_000);
    eva.deliver(&site, "/inbox", &follow(30)).await;
    assert_eq!(count(&site, "SELECT count(*) FROM users").await, users);
    assert_eq!(
        count(&site, "SELECT count(*) FROM actor WHERE host <> ''").await,
        1
    );
    // Names are names, not patterns.
    for name in ["roo_", "%", "root%25", "ro.t"] {
        let answer = site
            .app
            .get(&format!(
                "/.well-known/webfinger?resource=acct:{name}@{}",
                site.host()
            ))
            .await;
        assert!(matches!(answer.status.as_u16(), 400 | 404), "{name}");
    }
}

#[tokio::test]
async fn a_flood_of_one_server_is_stopped_and_others_are_heard() {
    let site = Site::with(|config| config.federation.activities_per_minute = 5).await;
    let (eva, ronja) = (Stranger::new().await, Stranger::new().await);
    let follow =
        |by: &Stranger, number| by.activity("Follow", number, json!(site.url("/accounts/x")));
    for number in 0..5 {
        let follow = follow(&eva, number);
        assert_eq!(eva.deliver(&site, "/inbox", &follow).await, 204, "{number}");
    }
    assert_eq!(eva.deliver(&site, "/inbox", &follow(&eva, 5)).await, 429);
    assert_eq!(
        ronja.deliver(&site, "/inbox", &follow(&ronja, 1)).await,
        204
    );
    site.app.clock.advance(61_000);
    assert_eq!(eva.deliver(&site, "/inbox", &follow(&eva, 6)).await, 204);
}

#[tokio::test]
async fn nobody_uses_up_what_another_server_may_send_or_makes_us_flood_it() {
    let site = Site::with(|config| config.federation.activities_per_minute = 5).await;
    let (ronja, eva) = (Stranger::new().await, Stranger::new().await);
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
    // Eva signs in the name of people who are and are not on Ronja's server.
    let body = follow.to_string();
    let url = site.url("/inbox").parse().unwrap();
    let asked = ronja.asked();
    for number in 0..320 {
        let key_id = match number % 2 {
            0 => ronja.url("/users/ronja#main-key"),
            _ => ronja.url(&format!("/users/nobody{number}#main-key")),
        };
        let outgoing = Outgoing {
            method: "POST",
            url: &url,
            body: Some(body.as_bytes()),
            key_id: &key_id,
            key: &eva.key,
            now_ms: site.app.clock.now(),
        };
        let headers = signature::sign(&outgoing).unwrap();
        assert_eq!(send(&site, "/inbox", body.clone(), headers).await, 403);
    }
    assert_eq!(
        ronja.asked() - asked,
        150,
        "one question for each unknown key, up to the limit"
    );
    let undo = ronja.activity("Undo", 2, follow);
    assert_eq!(ronja.deliver(&site, "/inbox", &undo).await, 204);
    // A minute later unknown people of that server can come again.
    site.app.clock.advance(61_000);
    let mut twin = ronja.person("twin");
    twin["name"] = json!("Twin");
    ronja.put("/users/twin", twin);
    let body = json!({ "type": "Follow", "id": ronja.url("/activities/9"),
        "actor": ronja.url("/users/twin"), "object": site.url("/accounts/root") })
    .to_string();
    let outgoing = Outgoing {
        method: "POST",
        url: &url,
        body: Some(body.as_bytes()),
        key_id: &ronja.url("/users/twin#main-key"),
        key: &ronja.key,
        now_ms: site.app.clock.now(),
    };
    let headers = signature::sign(&outgoing).unwrap();
    assert_eq!(send(&site, "/inbox", body, headers).await, 204);
}

#[tokio::test]
async fn forged_numbers_have_an_end() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let video = site.publish("A walk by the sea").await;
    settle(&[&site]).await;
    let url = site.url(&format!("/videos/watch/{}", video.uuid));
    let view = async |number: u32| {
        let view = ronja.activity("View", number, json!(url));
        assert_eq!(ronja.deliver(&site, "/inbox", &view).await, 204);
    };
    // Sessions of long ago count as much as those of now.
    let session = async |number: u32| {
        let ended = "2020-01-01T00:10:00.000Z";
        let object = json!({
            "type": "WatchAction", "id": ronja.url(&format!("/sessions/{number}")),
            "uuid": format!("0c6bd7f5-3d8c-4f0e-9a4f-{number:012}"), "object": url,
            "actionStatus": "CompletedActionStatus", "duration": "PT10S",
            "startTime": "2020-01-01T00:00:00.000Z", "endTime": ended, "watchSections": [],
        });
        let create = ronja.activity("Create", number, object);
        assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    };
    view(1).await;
    session(2).await;
    settle(&[&site]).await;
    let sessions = "SELECT count(*) FROM video_viewer";
    assert_eq!(site.video(video.uuid).await.unwrap().views, 1);
    assert_eq!(count(&site, sessions).await, 1);
    // As after all that one server may tell of in an hour.
    Query::new("UPDATE remote_watching SET views = 499, sessions = 499")
        .execute(&site.app.db)
        .await
        .unwrap();
    for number in 0..3 {
        view(10 + number).await;
        session(20 + number).await;
    }
    site.run_due_jobs_once().await;
    assert_eq!(site.video(video.uuid).await.unwrap().views, 2);
    assert_eq!(count(&site, sessions).await, 2);
    site.app.clock.advance(3_600_000);
    view(30).await;
    session(31).await;
    site.run_due_jobs_once().await;
    assert_eq!(site.video(video.uuid).await.unwrap().views, 3);
    assert_eq!(count(&site, sessions).await, 3);
}

#[tokio::test]
async fn a_playlist_makes_us_ask_only_so_much_and_its_own_server_for_its_places() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    follow_ronja(&site, &ronja).await;
    let list = ronja.url("/playlists/1");
    let mut items = Vec::new();
    for number in 0..80 {
        let path = format!("/playlists/1/{number}");
        ronja.put(
            &path,
            json!({
                "type": "PlaylistElement", "id": ronja.url(&path), "position": number + 1,
                "url": eva.url(&format!("/v/{number}")),
            }),
        );
        items.push(ronja.url(&path));
        // Places at another server are not even looked at.
        items.push(eva.url(&format!("/places/{number}")));
    }
    let playlist = json!({
        "type": "Playlist", "id": list, "uuid": "0c6bd7f5-3d8c-4f0e-9a4f-0a4fb6d1c001",
        "name": "Mine", "attributedTo": [], "totalItems": 160, "first": format!("{list}/page"),
        "to": ["as:Public"], "published": "2026-10-01T00:00:00Z",
    });
    ronja.put("/playlists/1", playlist.clone());
    ronja.put(
        "/playlists/1/page",
        json!({
            "type": "OrderedCollectionPage", "id": format!("{list}/page"), "orderedItems": items,
        }),
    );
    let (own, others) = (ronja.asked(), eva.asked());
    let create = ronja.activity("Create", 10, playlist);
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    let (kept,): (i64,) = Query::new("SELECT count(*) FROM playlist WHERE NOT is_local")
        .one(&site.app.db)
        .await
        .unwrap();
    assert_eq!(kept, 1);
    assert_eq!(eva.asked() - others, 50);
    assert!(ronja.asked() - own < 100);
}

#[tokio::test]
async fn what_a_group_passes_on_is_believed_only_where_it_was_said() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    let video = site.publish("A walk by the sea").await;
    let url = site.url(&format!("/videos/watch/{}", video.uuid));
    let note = json!({
        "type": "Note", "id": ronja.url("/notes/1"), "content": "<p>Said here</p>",
        "attributedTo": ronja.url("/users/ronja"), "inReplyTo": url, "published": "2026-10-31T00:00:00Z",
        "to": ["as:Public"],
    });
    ronja.put("/notes/1", note.clone());
    let mut group = eva.person("ronja");
    group["type"] = json!("Group");
    eva.put("/users/ronja", group);
    let mut forged = note.clone();
    forged["content"] = json!("<p>Never said</p>");
    let inner = json!({ "type": "Create", "id": ronja.url("/creates/1"), "actor": ronja.url("/users/ronja"), "object": forged });
    assert_eq!(
        eva.deliver(&site, "/inbox", &eva.activity("Announce", 1, inner.clone()))
            .await,
        204
    );
    let mut foreign = inner;
    foreign["object"]["id"] = json!(eva.url("/notes/1"));
    assert_eq!(
        eva.deliver(&site, "/inbox", &eva.activity("Announce", 2, foreign))
            .await,
        204
    );
    settle(&[&site]).await;
    let texts: Vec<(String,)> = Query::new("SELECT text FROM comment")
        .all(&site.app.db)
        .await
        .unwrap();
    assert_eq!(texts, [("Said here".to_owned(),)]);
}
