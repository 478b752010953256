//! Servers that mean harm: every door that once stood open elsewhere.

use super::inbox::{Stranger, send};
use super::site::{Site, settle};
use super::videos::{UUID, follow_ronja, put_video};
use base::db::Query;
use fediverse::context::Context;
use fediverse::ld_signature;
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
    let (site, eva, ronja) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    let body = eva
        .activity("Follow", 1, json!(site.url("/accounts/nobody")))
        .to_string();
    let mut refused = false;
    // The signature is checked after the count, so wrong ones will do.
    let headers = eva.sign(&site, "/inbox", &body, false);
    for number in 0..3_100 {
        let mut headers = headers.clone();
        for (name, value) in &mut headers {
            if *name == "signature" {
                *value = value.replace("signature=\"", &format!("x=\"{number}\",signature=\"AAAA"));
            }
        }
        if send(&site, "/inbox", body.clone(), headers).await == 429 {
            refused = true;
            break;
        }
    }
    assert!(refused);
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
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
