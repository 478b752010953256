//! Comments across servers: written, answered, forwarded, taken away.

use super::inbox::Stranger;
use super::site::{Site, settle};
use base::db::Query;
use fediverse::context::Context;
use fediverse::ld_signature;
use serde_json::{Value, json};
use vidicon::video::Video;

type Line = (String, Option<String>, Option<i64>, bool);

/// Text, id, parent and whether it is gone, oldest first.
async fn comments(site: &Site) -> Vec<Line> {
    Query::new(
        "SELECT text, url, parent_id, (deleted_at IS NOT NULL) AS gone FROM comment ORDER BY id",
    )
    .all(&site.app.db)
    .await
    .unwrap()
}

/// As the comment slice does when root says something under a video.
async fn write(site: &Site, video: &Video, text: &str) -> i64 {
    let now = site.app.clock.now();
    let mut tx = site.app.db.begin().await.unwrap();
    let (id,): (i64,) = Query::new(
        "INSERT INTO comment (video_id, account_id, text, created_at, updated_at)
         SELECT $1, a.id, $2, $3, $3 FROM account a JOIN actor x ON x.id = a.actor_id
         WHERE x.name = 'root' AND x.host = '' RETURNING id",
    )
    .bind(video.id)
    .bind(text)
    .bind(now)
    .one(&mut tx)
    .await
    .unwrap();
    base::job::NewJob::new("comment_added", json!({ "commentId": id, "held": false }))
        .enqueue(&mut tx, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    id
}

fn note(ronja: &Stranger, number: u32, in_reply_to: &str, html: &str) -> Value {
    json!({
        "type": "Note", "id": ronja.url(&format!("/notes/{number}")), "content": html,
        "attributedTo": ronja.url("/users/ronja"), "inReplyTo": in_reply_to,
        "published": "2026-10-31T00:00:00Z", "to": ["as:Public"], "cc": [],
    })
}

fn create(ronja: &Stranger, site: &Site, number: u32, note: Value) -> Value {
    let mut create = Context::Comment.on(json!({
        "type": "Create", "id": ronja.url(&format!("/activities/{number}")),
        "actor": ronja.url("/users/ronja"), "object": note, "to": ["as:Public"], "cc": [],
    }));
    let now = site.app.clock.now();
    ld_signature::sign(&mut create, &ronja.url("/users/ronja"), &ronja.key, now).unwrap();
    create
}

#[tokio::test]
async fn a_comment_is_written_here_seen_there_and_taken_away() {
    let (ours, theirs) = (Site::new().await, Site::new().await);
    theirs.follow(&ours).await;
    let video = ours.publish("A walk by the sea").await;
    settle(&[&ours, &theirs]).await;
    let id = write(&ours, &video, "Lovely **sea**").await;
    settle(&[&ours, &theirs]).await;
    let path = format!("/videos/watch/{}/comments/{id}", video.uuid);
    let document = ours.document(&path).await;
    assert_eq!(document["source"]["content"], "Lovely **sea**");
    assert!(
        document["content"]
            .as_str()
            .unwrap()
            .contains("<strong>sea</strong>")
    );
    let there = comments(&theirs).await;
    assert_eq!(there.len(), 1);
    assert_eq!(
        (there[0].0.as_str(), there[0].1.as_deref()),
        ("Lovely sea", Some(ours.url(&path).as_str()))
    );
    assert_eq!(theirs.video(video.uuid).await.unwrap().comment_count, 1);
    let list = ours
        .document(&format!("/videos/watch/{}/comments?page=1", video.uuid))
        .await;
    assert_eq!(list["orderedItems"], json!([ours.url(&path)]));

    // Somebody there answers on the copy; it comes home.
    let copy = theirs.video(video.uuid).await.unwrap();
    write(&theirs, &copy, "Is it?").await;
    settle(&[&ours, &theirs]).await;
    assert_eq!(comments(&ours).await[1].0, "Is it?");

    let now = ours.app.clock.now();
    let mut tx = ours.app.db.begin().await.unwrap();
    Query::new("UPDATE comment SET text = '', account_id = NULL, deleted_at = $2 WHERE id = $1")
        .bind(id)
        .bind(now)
        .execute(&mut tx)
        .await
        .unwrap();
    base::job::NewJob::new("comment_deleted", json!({ "commentId": id }))
        .enqueue(&mut tx, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    settle(&[&ours, &theirs]).await;
    assert!(comments(&theirs).await[0].3);
    assert_eq!(ours.document(&path).await["type"], "Tombstone");
}

#[tokio::test]
async fn a_reply_from_mastodon_is_kept_as_text_and_forwarded() {
    let (ours, theirs, ronja) = (Site::new().await, Site::new().await, Stranger::new().await);
    theirs.follow(&ours).await;
    let video = ours.publish("A walk by the sea").await;
    settle(&[&ours, &theirs]).await;
    let url = ours.url(&format!("/videos/watch/{}", video.uuid));
    let first = note(
        &ronja,
        1,
        &url,
        "<p>So <b>calm</b><script>alert(1)</script></p>",
    );
    ronja.put("/notes/1", first.clone());
    let create = create(&ronja, &ours, 60, first);
    assert_eq!(ronja.deliver(&ours, "/inbox", &create).await, 204);
    settle(&[&ours, &theirs]).await;
    for site in [&ours, &theirs] {
        let lines = comments(site).await;
        assert_eq!((lines.len(), lines[0].0.as_str()), (1, "So calm"));
        assert_eq!(lines[0].1.as_deref(), Some(ronja.url("/notes/1").as_str()));
    }
    let delete = ronja.activity(
        "Delete",
        61,
        json!({ "type": "Tombstone", "id": ronja.url("/notes/1") }),
    );
    assert_eq!(ronja.deliver(&ours, "/inbox", &delete).await, 204);
    settle(&[&ours]).await;
    assert!(comments(&ours).await[0].3);
    assert_eq!(ours.video(video.uuid).await.unwrap().comment_count, 0);
}

#[tokio::test]
async fn replies_climb_to_the_video_and_not_for_ever() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let video = site.publish("A walk by the sea").await;
    settle(&[&site]).await;
    let url = site.url(&format!("/videos/watch/{}", video.uuid));
    ronja.put(
        "/notes/1",
        Context::Comment.on(note(&ronja, 1, &url, "first")),
    );
    ronja.put(
        "/notes/2",
        Context::Comment.on(note(&ronja, 2, &ronja.url("/notes/1"), "second")),
    );
    let third = note(&ronja, 3, &ronja.url("/notes/2"), "third");
    assert_eq!(
        ronja
            .deliver(&site, "/inbox", &create(&ronja, &site, 70, third))
            .await,
        204
    );
    settle(&[&site]).await;
    let lines = comments(&site).await;
    let texts: Vec<&str> = lines.iter().map(|line| line.0.as_str()).collect();
    assert_eq!(texts, ["first", "second", "third"]);
    assert!(lines[0].2.is_none() && lines[1].2.is_some() && lines[2].2 > lines[1].2);
    // Two that answer each other, and one that answers itself.
    ronja.put(
        "/notes/10",
        Context::Comment.on(note(&ronja, 10, &ronja.url("/notes/11"), "ping")),
    );
    ronja.put(
        "/notes/11",
        Context::Comment.on(note(&ronja, 11, &ronja.url("/notes/10"), "pong")),
    );
    let ping = note(&ronja, 10, &ronja.url("/notes/11"), "ping");
    assert_eq!(
        ronja
            .deliver(&site, "/inbox", &create(&ronja, &site, 71, ping))
            .await,
        204
    );
    settle(&[&site]).await;
    assert_eq!(comments(&site).await.len(), 3);
}

#[tokio::test]
async fn comments_that_may_not_be_are_refused() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    let video = site.publish("A walk by the sea").await;
    settle(&[&site]).await;
    let url = site.url(&format!("/videos/watch/{}", video.uuid));
    let good = note(&ronja, 1, &url, "good");
    let mut number = 80;
    for (key, value) in [
        ("to", json!([ronja.url("/users/ronja/followers")])),
        ("attributedTo", json!(eva.url("/users/ronja"))),
        ("attributedTo", json!(site.url("/accounts/root"))),
        ("id", json!(eva.url("/notes/1"))),
        ("content", json!("<p></p>")),
        (
            "inReplyTo",
            json!(site.url("/videos/watch/6f1b0d0e-9e7c-4f0e-8a55-3c1b8a5f0a11")),
        ),
        ("inReplyTo", json!(null)),
    ] {
        let mut bad = good.clone();
        bad[key] = value.clone();
        number += 1;
        assert_eq!(
            ronja
                .deliver(&site, "/inbox", &create(&ronja, &site, number, bad))
                .await,
            204
        );
        settle(&[&site]).await;
        assert!(comments(&site).await.is_empty(), "{key} {value}");
    }
    site.change_video(
        video.id,
        "UPDATE video SET comments_policy = 2 WHERE id = $1",
    )
    .await;
    assert_eq!(
        ronja
            .deliver(&site, "/inbox", &create(&ronja, &site, 90, good.clone()))
            .await,
        204
    );
    settle(&[&site]).await;
    assert!(comments(&site).await.is_empty());
    site.change_video(
        video.id,
        "UPDATE video SET comments_policy = 3 WHERE id = $1",
    )
    .await;
    assert_eq!(
        ronja
            .deliver(&site, "/inbox", &create(&ronja, &site, 91, good))
            .await,
        204
    );
    settle(&[&site]).await;
    // Held until the owner lets it through.
    assert_eq!(comments(&site).await.len(), 1);
    assert_eq!(site.video(video.uuid).await.unwrap().comment_count, 0);
    // Another cannot take it away or change it.
    let delete = eva.activity("Delete", 92, json!(ronja.url("/notes/1")));
    assert_eq!(eva.deliver(&site, "/inbox", &delete).await, 204);
    let mut forged = note(&eva, 1, &url, "forged");
    forged["id"] = json!(ronja.url("/notes/1"));
    assert_eq!(
        eva.deliver(&site, "/inbox", &eva.activity("Update", 93, forged))
            .await,
        204
    );
    settle(&[&site]).await;
    let lines = comments(&site).await;
    assert_eq!((lines[0].0.as_str(), lines[0].3), ("good", false));
}

#[tokio::test]
async fn all_who_spoke_above_are_named_and_told() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    for by in [&ronja, &eva] {
        by.put("/users/ronja/inbox", Value::Null);
    }
    let video = site.publish("A walk by the sea").await;
    settle(&[&site]).await;
    let url = site.url(&format!("/videos/watch/{}", video.uuid));
    let first = note(&ronja, 1, &url, "first");
    let second = note(&eva, 2, &ronja.url("/notes/1"), "second");
    for (by, said) in [(&ronja, first), (&eva, second)] {
        assert_eq!(
            by.deliver(&site, "/inbox", &create(by, &site, 60, said))
                .await,
            204
        );
        settle(&[&site]).await;
    }
    let (above,): (i64,) = Query::new("SELECT id FROM comment WHERE text = 'second'")
        .one(&site.app.db)
        .await
        .unwrap();
    let root = site.app.root().await;
    let told = (ronja.asked(), eva.asked());
    let path = format!("/api/v1/videos/{}/comments/{above}", video.uuid);
    let said = site.app.post(&path).token(&root);
    let said = said.json(json!({ "text": "third" })).await.expect(200);
    let id = said.json()["comment"]["id"].clone();
    settle(&[&site]).await;
    let path = format!("/videos/watch/{}/comments/{id}", video.uuid);
    let document = site.document(&path).await;
    let people = [eva.url("/users/ronja"), ronja.url("/users/ronja")];
    let channel = site.url("/video-channels/root_channel");
    let cc = document["cc"].as_array().unwrap();
    for one in people.iter().chain([&channel]) {
        assert!(cc.contains(&json!(one)), "{one} is not in {cc:?}");
    }
    let named: Vec<&Value> = document["tag"].as_array().unwrap().iter().collect();
    let named: Vec<&Value> = named.iter().map(|tag| &tag["href"]).collect();
    assert_eq!(named, [&json!(people[0]), &json!(people[1])]);
    assert_eq!(document["audience"], json!(channel));
    // And each was told.
    assert_eq!((ronja.asked() - told.0, eva.asked() - told.1), (1, 1));
}

#[tokio::test]
async fn answers_to_what_is_gone_keep_their_place() {
    let (home, east, ronja) = (Site::new().await, Site::new().await, Stranger::new().await);
    let video = home.publish("A walk by the sea").await;
    settle(&[&home]).await;
    let url = home.url(&format!("/videos/watch/{}", video.uuid));
    let gone = |in_reply_to: Value| {
        Context::Comment.on(json!({
            "type": "Tombstone", "id": ronja.url("/notes/1"), "formerType": "Note",
            "inReplyTo": in_reply_to, "published": "2026-10-30T00:00:00Z",
            "deleted": "2026-10-31T00:00:00Z",
        }))
    };
    // Of one that does not say what it answered nobody knows where it stood.
    for (number, (in_reply_to, count)) in (70..).zip([(Value::Null, 0), (json!(url), 2)]) {
        ronja.put("/notes/1", gone(in_reply_to));
        let second = note(&ronja, 2, &ronja.url("/notes/1"), "second");
        let create = create(&ronja, &home, number, second.clone());
        ronja.put("/notes/2", Context::Comment.on(second));
        assert_eq!(ronja.deliver(&home, "/inbox", &create).await, 204);
        settle(&[&home]).await;
        assert_eq!(comments(&home).await.len(), count);
    }
    let lines = comments(&home).await;
    assert!(lines[0].3 && lines[0].0.is_empty() && lines[1].2.is_some());
    assert_eq!(home.video(video.uuid).await.unwrap().comment_count, 1);
    // What was said and taken back here is read so by others, with what answers it.
    let root = home.app.root().await;
    let threads = format!("/api/v1/videos/{}/comment-threads", video.uuid);
    let said = home.app.post(&threads).token(&root);
    let said = said.json(json!({ "text": "first" })).await.expect(200);
    let id = said.json()["comment"]["id"].clone();
    let path = format!("/api/v1/videos/{}/comments/{id}", video.uuid);
    let answer = home.app.post(&path).token(&root);
    answer.json(json!({ "text": "answer" })).await.expect(200);
    home.app.delete(&path).token(&root).await.expect(204);
    settle(&[&home]).await;
    let document = home
        .document(&format!("/videos/watch/{}/comments/{id}", video.uuid))
        .await;
    assert_eq!(
        (&document["type"], &document["inReplyTo"]),
        (&json!("Tombstone"), &json!(url))
    );
    east.follow(&home).await;
    let there = comments(&east).await;
    let texts: Vec<&str> = there.iter().map(|line| line.0.as_str()).collect();
    assert_eq!(texts, ["", "second", "", "answer"]);
}
