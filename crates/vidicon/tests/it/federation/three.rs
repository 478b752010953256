//! Three servers again: the whole life of a comment and of a follow, after which all tell the same.

use super::inbox::Stranger;
use super::site::{Site, settle};
use super::videos::{UUID, follow_ronja, put_video};
use base::db::Query;
use fediverse::context::Context;
use fediverse::ld_signature;
use serde_json::{Value, json};
use vidicon::video::Video;

/// What a site shows of a conversation: words, author with host, what it answers, whether it is gone.
type Said = (String, String, String, bool);

/// Text, name and host of the author, the text that it answers, whether it is gone.
type Row = (String, Option<String>, Option<String>, Option<String>, bool);

async fn talk(site: &Site, video: &Video) -> Vec<Said> {
    let rows: Vec<Row> = Query::new(
        "SELECT c.text, x.name, x.host, p.text AS parent, (c.deleted_at IS NOT NULL) AS gone
         FROM comment c LEFT JOIN account a ON a.id = c.account_id
         LEFT JOIN actor x ON x.id = a.actor_id LEFT JOIN comment p ON p.id = c.parent_id
         JOIN video v ON v.id = c.video_id WHERE NOT c.held",
    )
    .when(Some(video.uuid), " AND v.uuid = ?")
    .push(" ORDER BY c.text, x.name, p.text, c.id")
    .all(&site.app.db)
    .await
    .unwrap();
    rows.into_iter()
        .map(|(text, name, host, parent, gone)| {
            let host = host.filter(|host| !host.is_empty());
            let by = name.map(|name| format!("{name}@{}", host.unwrap_or_else(|| site.host())));
            (
                text,
                by.unwrap_or_default(),
                parent.unwrap_or_default(),
                gone,
            )
        })
        .collect()
}

async fn say(site: &Site, token: &str, video: &Video, answers: Option<i64>, text: &str) -> i64 {
    let path = match answers {
        Some(id) => format!("/api/v1/videos/{}/comments/{id}", video.uuid),
        None => format!("/api/v1/videos/{}/comment-threads", video.uuid),
    };
    let call = site.app.post(&path).token(token);
    let said = call.json(json!({ "text": text })).await.expect(200).json();
    said["comment"]["id"].as_i64().unwrap()
}

async fn id_of(site: &Site, text: &str) -> i64 {
    let (id,): (i64,) = Query::new("SELECT id FROM comment WHERE TRUE")
        .when(Some(text), " AND text = ?")
        .one(&site.app.db)
        .await
        .unwrap();
    id
}

fn signed(ronja: &Stranger, site: &Site, number: u32, kind: &str, object: Value) -> Value {
    let mut said = Context::Comment.on(json!({
        "type": kind, "id": ronja.url(&format!("/activities/{number}")),
        "actor": ronja.url("/users/ronja"), "object": object, "to": ["as:Public"], "cc": [],
    }));
    let now = site.app.clock.now();
    ld_signature::sign(&mut said, &ronja.url("/users/ronja"), &ronja.key, now).unwrap();
    said
}

#[tokio::test]
async fn a_comment_lives_alike_on_three_servers() {
    let (home, east, west) = (Site::new().await, Site::new().await, Site::new().await);
    let ronja = Stranger::new().await;
    let all = [&home, &east, &west];
    east.follow(&home).await;
    west.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    settle(&all).await;
    let root = home.app.root().await;
    let (mia, nils) = (east.app.user("mia").await, west.app.user("nils").await);

    // Said at home, answered in the east, and that answered in the west.
    say(&home, &root, &video, None, "1 lovely").await;
    settle(&all).await;
    let first = id_of(&east, "1 lovely").await;
    let answer = say(&east, &mia, &video, Some(first), "2 is it").await;
    settle(&all).await;
    let second = id_of(&west, "2 is it").await;
    say(&west, &nils, &video, Some(second), "3 it is").await;
    settle(&all).await;
    let said = talk(&home, &video).await;
    assert_eq!(said.len(), 3);
    assert_eq!(said[2].1, format!("nils@{}", west.host()));
    assert_eq!(said[2].2, "2 is it");
    for site in all {
        assert_eq!(talk(site, &video).await, said, "{}", site.host());
        assert_eq!(site.video(video.uuid).await.unwrap().comment_count, 3);
    }

    // Somebody of Mastodon joins in and mends a word.
    let url = home.url(&format!("/videos/watch/{}", video.uuid));
    let mut note = json!({
        "type": "Note", "id": ronja.url("/notes/1"), "content": "<p>4 so clam</p>",
        "attributedTo": ronja.url("/users/ronja"), "inReplyTo": url,
        "published": "2026-10-31T00:00:00Z", "to": ["as:Public"], "cc": [],
    });
    ronja.put("/notes/1", note.clone());
    let create = signed(&ronja, &home, 1, "Create", note.clone());
    assert_eq!(ronja.deliver(&home, "/inbox", &create).await, 204);
    settle(&all).await;
    note["content"] = json!("<p>4 so calm</p>");
    let update = signed(&ronja, &home, 2, "Update", note);
    assert_eq!(ronja.deliver(&home, "/inbox", &update).await, 204);
    settle(&all).await;
    for site in all {
        let said = talk(site, &video).await;
        assert_eq!(
            (said.len(), said[3].0.as_str()),
            (4, "4 so calm"),
            "{}",
            site.host()
        );
    }

    // Held until the owner has looked: its author sees it, nobody else does.
    home.change_video(
        video.id,
        "UPDATE video SET comments_policy = 3 WHERE id = $1",
    )
    .await;
    settle(&all).await;
    say(&west, &nils, &video, None, "5 first of all").await;
    settle(&all).await;
    for site in all {
        assert_eq!(talk(site, &video).await.len(), 4, "{}", site.host());
    }
    let threads = format!("/api/v1/videos/{}/comment-threads", video.uuid);
    let seen = west.app.get(&threads).token(&nils).await.expect(200).json();
    assert_eq!(seen["data"][0]["text"], "5 first of all");
    let id = id_of(&home, "5 first of all").await;
    let approve = format!("/api/v1/videos/{}/comments/{id}/approve", video.uuid);
    home.app.post(&approve).token(&root).await.expect(204);
    settle(&all).await;
    let said = talk(&home, &video).await;
    assert_eq!(said.len(), 5);
    for site in all {
        assert_eq!(talk(site, &video).await, said, "{}", site.host());
        assert_eq!(site.video(video.uuid).await.unwrap().comment_count, 5);
    }

    // The owner takes away what a stranger said, and an author her own words.
    let id = id_of(&home, "4 so calm").await;
    let path = format!("/api/v1/videos/{}/comments/{id}", video.uuid);
    home.app.delete(&path).token(&root).await.expect(204);
    let path = format!("/api/v1/videos/{}/comments/{answer}", video.uuid);
    east.app.delete(&path).token(&mia).await.expect(204);
    settle(&all).await;
    let said = talk(&home, &video).await;
    assert_eq!(said.iter().filter(|line| line.3).count(), 2);
    for site in all {
        assert_eq!(talk(site, &video).await, said, "{}", site.host());
        assert_eq!(site.video(video.uuid).await.unwrap().comment_count, 3);
    }
}

/// The state of the follow of one server by another, as both tell it.
async fn states(follower: &Site, followed: &Site) -> (Value, Value) {
    let of = async |site: &Site, list: &str, key: &str, other: String| {
        let path = format!("/api/v1/server/{list}");
        let all = site.app.get(&path).await.expect(200).json();
        let found = all["data"].as_array().unwrap().iter();
        let mut found = found.filter(|row| row[key]["host"] == json!(other));
        found.next().map_or(Value::Null, |row| row["state"].clone())
    };
    (
        of(follower, "following", "following", followed.host()).await,
        of(followed, "followers", "follower", follower.host()).await,
    )
}

#[tokio::test]
async fn a_follow_lives_alike_on_three_servers() {
    let (home, east, west) = (Site::new().await, Site::new().await, Site::new().await);
    let all = [&home, &east, &west];
    home.change_settings(json!({ "followers": { "instance": { "manualApproval": true } } }))
        .await;
    let root = home.app.root().await;
    let both = |state: &str| (json!(state), json!(state));
    east.follow(&home).await;
    west.follow(&home).await;
    settle(&all).await;
    assert_eq!(states(&east, &home).await, both("pending"));
    assert_eq!(states(&west, &home).await, both("pending"));
    // One is let in, the other is not: only the first hears of a video.
    let decide = async |site: &Site, verb: &str| {
        let path = format!("/api/v1/server/followers/peertube@{}/{verb}", site.host());
        home.app.post(&path).token(&root).await.expect(204);
        settle(&all).await;
    };
    decide(&east, "accept").await;
    decide(&west, "reject").await;
    assert_eq!(states(&east, &home).await, both("accepted"));
    assert_eq!(states(&west, &home).await, (Value::Null, json!("rejected")));
    let video = home.publish("A walk by the sea").await;
    settle(&all).await;
    assert!(east.video(video.uuid).await.is_some() && west.video(video.uuid).await.is_none());
    // Asked again it is refused again, until the administrator changes their mind.
    west.follow(&home).await;
    assert_eq!(states(&west, &home).await, (Value::Null, json!("rejected")));
    let again = format!("/api/v1/server/followers/peertube@{}", west.host());
    home.app.delete(&again).token(&root).await.expect(204);
    settle(&all).await;
    west.follow(&home).await;
    decide(&west, "accept").await;
    assert_eq!(states(&west, &home).await, both("accepted"));
    // Each leaves, and nothing is left of it anywhere.
    for site in [&east, &west] {
        let token = site.app.root().await;
        let path = format!("/api/v1/server/following/{}", home.host());
        site.app.delete(&path).token(&token).await.expect(204);
    }
    settle(&all).await;
    for site in all {
        let (left,): (i64,) = Query::new("SELECT count(*) FROM follow")
            .one(&site.app.db)
            .await
            .unwrap();
        assert_eq!(left, 0, "{}", site.host());
    }
}

#[tokio::test]
async fn only_the_owner_of_the_video_lets_a_comment_through_or_refuses_it() {
    let (site, ronja, eva) = (
        Site::new().await,
        Stranger::new().await,
        Stranger::new().await,
    );
    let mut video = put_video(&ronja, UUID);
    video["commentsPolicy"] = json!(3);
    ronja.put(&format!("/v/{UUID}"), video.clone());
    follow_ronja(&site, &ronja).await;
    let create = ronja.activity("Create", 20, video);
    assert_eq!(ronja.deliver(&site, "/inbox", &create).await, 204);
    settle(&[&site]).await;
    let copy = site.video(UUID.parse().unwrap()).await.unwrap();
    let nils = site.app.user("nils").await;
    let id = say(&site, &nils, &copy, None, "First").await;
    settle(&[&site]).await;
    let own = json!(site.url(&format!("/videos/watch/{UUID}/comments/{id}")));
    let shown = async || talk(&site, &copy).await.len();
    assert_eq!(shown().await, 0);
    // Somebody else says so.
    let forged = eva.activity("ApproveReply", 21, own.clone());
    assert_eq!(eva.deliver(&site, "/inbox", &forged).await, 204);
    settle(&[&site]).await;
    assert_eq!(shown().await, 0);
    for (number, kind, count) in [
        (22, "ApproveReply", 1),
        (23, "RejectReply", 0),
        (24, "ApproveReply", 1),
    ] {
        let said = ronja.activity(kind, number, own.clone());
        assert_eq!(ronja.deliver(&site, "/inbox", &said).await, 204);
        settle(&[&site]).await;
        assert_eq!(shown().await, count, "{kind}");
        let copy = site.video(copy.uuid).await.unwrap();
        assert_eq!(copy.comment_count, i64::try_from(count).unwrap());
    }
    let told =
        "SELECT count(*) FROM sent_activity WHERE kind = 'Update' AND body LIKE '%replyApproval%'";
    let (told,): (i64,) = Query::new(told).one(&site.app.db).await.unwrap();
    assert_eq!(told, 2);
}

#[tokio::test]
async fn a_reaction_is_counted_alike_on_three_servers() {
    let (home, east, west) = (Site::new().await, Site::new().await, Site::new().await);
    let all = [&home, &east, &west];
    east.follow(&home).await;
    west.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    settle(&all).await;
    let (root, mia) = (home.app.root().await, east.app.user("mia").await);
    let path = format!("/api/v1/videos/{}/reactions", video.uuid);
    let party = format!("{path}/%F0%9F%8E%89");
    let totals = async || {
        settle(&all).await;
        let mut totals = Vec::new();
        for site in all {
            let found = site.app.get(&path).await.expect(200).json();
            totals.push(found["total"].as_i64().unwrap());
        }
        totals
    };
    // In the east, told to the home, which passes it on to the west.
    east.app.put(&party).token(&mia).await.expect(204);
    assert_eq!(totals().await, [1, 1, 1]);
    home.app.put(&party).token(&root).await.expect(204);
    assert_eq!(totals().await, [2, 2, 2]);
    east.app.delete(&party).token(&mia).await.expect(204);
    assert_eq!(totals().await, [1, 1, 1]);
    home.app.delete(&party).token(&root).await.expect(204);
    assert_eq!(totals().await, [0, 0, 0]);
    // Likes are counted at home, and its count goes round.
    let rate = json!({ "rating": "like" });
    let path = format!("/api/v1/videos/{}/rate", video.uuid);
    let call = east.app.put(&path).token(&mia).json(rate);
    call.await.expect(204);
    settle(&all).await;
    for site in all {
        assert_eq!(site.video(video.uuid).await.unwrap().likes, 1);
    }
}
