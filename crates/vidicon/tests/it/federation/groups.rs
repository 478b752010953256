//! Channels as groups (FEP-1b12): a Lemmy server follows one, hears what is said and voted in it, and
//! its people say and vote there. The activities have the shape of the recorded ones in fixtures.

use super::inbox::Stranger;
use super::site::{Site, settle};
use base::db::Query;
use fediverse::context::Context;
use fediverse::ld_signature;
use serde_json::{Value, json};

fn fixture(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/fediverse")
        .join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// What a recorded activity says, with the names of this test's servers in it.
fn recorded(name: &str, mole: &Stranger, video: &str) -> Value {
    let text = fixture(name).to_string();
    let video_there = "https://tubes.example/videos/watch/6f1b0d0e-9e7c-4f0e-8a55-3c1b8a5f0a11";
    let text = text
        .replace(video_there, video)
        .replace("https://burrow.example/u/mole", &mole.url("/users/ronja"))
        .replace("https://burrow.example", &mole.base);
    serde_json::from_str(&text).unwrap()
}

async fn announced(site: &Site) -> Vec<Value> {
    let bodies: Vec<(String,)> =
        Query::new("SELECT body FROM sent_activity WHERE kind = 'Announce' ORDER BY id")
            .all(&site.app.db)
            .await
            .unwrap();
    let bodies = bodies
        .iter()
        .map(|(body,)| serde_json::from_str(body).unwrap());
    bodies
        .filter(|body: &Value| body["object"].is_object())
        .collect()
}

#[tokio::test]
async fn lemmy_follows_a_channel_hears_of_comments_and_votes_and_takes_part() {
    let (site, mole) = (Site::new().await, Stranger::new().await);
    let channel = site.url("/video-channels/root_channel");
    let follow = mole.activity("Follow", 1, json!(channel));
    assert_eq!(mole.deliver(&site, "/inbox", &follow).await, 204);
    settle(&[&site]).await;
    Query::new("UPDATE peer SET software = 'lemmy'")
        .execute(&site.app.db)
        .await
        .unwrap();

    // The channel is a community: a Group that alone posts, named in each video as its audience.
    let group = site.document("/video-channels/root_channel").await;
    let community = fixture("lemmy-community.json");
    for key in [
        "type",
        "preferredUsername",
        "inbox",
        "outbox",
        "followers",
        "publicKey",
    ] {
        assert!(!group[key].is_null() && !community[key].is_null(), "{key}");
    }
    assert_eq!(
        (&group["type"], &group["postingRestrictedToMods"]),
        (&json!("Group"), &json!(true))
    );
    let video = site.publish("A walk by the sea").await;
    settle(&[&site]).await;
    let path = format!("/videos/watch/{}", video.uuid);
    let document = site.document(&path).await;
    assert_eq!(document["audience"], json!(channel));
    assert!(document["to"].as_array().unwrap().contains(&json!(channel)));

    // A vote, as Lemmy sends it to the community, is counted and goes round in the channel's name.
    let url = site.url(&path);
    let mut like = recorded("lemmy-announce-like.json", &mole, &url)["object"].clone();
    like["@context"] = json!("https://www.w3.org/ns/activitystreams");
    like["audience"] = json!(channel);
    assert_eq!(
        mole.deliver(&site, "/video-channels/root_channel/inbox", &like)
            .await,
        204
    );
    settle(&[&site]).await;
    let api = format!("/api/v1/videos/{}", video.uuid);
    assert_eq!(site.app.get(&api).await.expect(200).json()["likes"], 1);
    let all = announced(&site).await;
    assert_eq!(all.len(), 1);
    assert_eq!(
        (&all[0]["actor"], &all[0]["object"]["type"]),
        (&json!(channel), &json!("Like"))
    );
    assert_eq!(all[0]["object"]["id"], like["id"]);

    // So does a comment of Lemmy, and one that somebody writes here.
    let note = json!({
        "type": "Note", "id": mole.url("/comment/7"), "content": "<p>Worth a look</p>\n",
        "mediaType": "text/html", "source": { "content": "Worth a look", "mediaType": "text/markdown" },
        "attributedTo": mole.url("/users/ronja"), "inReplyTo": url, "audience": channel,
        "published": "2026-10-31T00:00:00Z", "to": ["https://www.w3.org/ns/activitystreams#Public"],
        "cc": [channel], "distinguished": false,
    });
    mole.put("/comment/7", note.clone());
    let mut create = Context::Comment.on(json!({
        "type": "Create", "id": mole.url("/activities/create/2"), "actor": mole.url("/users/ronja"),
        "object": note, "to": ["as:Public"], "cc": [channel], "audience": channel,
    }));
    let now = site.app.clock.now();
    ld_signature::sign(&mut create, &mole.url("/users/ronja"), &mole.key, now).unwrap();
    assert_eq!(
        mole.deliver(&site, "/video-channels/root_channel/inbox", &create)
            .await,
        204
    );
    settle(&[&site]).await;
    let root = site.app.root().await;
    let threads = format!("{api}/comment-threads");
    let said = json!({ "text": "Thank you" });
    site.app
        .post(&threads)
        .token(&root)
        .json(said)
        .await
        .expect(200);
    settle(&[&site]).await;
    let shown = site.app.get(&threads).await.expect(200).json();
    assert_eq!(shown["total"], 2);
    let all = announced(&site).await;
    let inner: Vec<&Value> = all.iter().map(|it| &it["object"]["type"]).collect();
    assert_eq!(inner, ["Like", "Create", "Create"]);
    let ours = &all[2]["object"];
    assert_eq!(ours["object"]["inReplyTo"], json!(url));
    assert_eq!(ours["object"]["type"], "Note");

    // A post about the video in a community of theirs is no comment, and a vote that the community
    // passes on counts only where it is made: with the video's own server.
    let mut community = mole.person("seaside");
    community["type"] = json!("Group");
    mole.put("/c/seaside", community);
    for name in [
        "lemmy-announce-create-page.json",
        "lemmy-announce-like.json",
    ] {
        let said = recorded(name, &mole, &url);
        let mut said = said;
        said["actor"] = json!(mole.url("/users/ronja"));
        mole.deliver(&site, "/inbox", &said).await;
    }
    settle(&[&site]).await;
    assert_eq!(site.app.get(&threads).await.expect(200).json()["total"], 2);
    assert_eq!(site.app.get(&api).await.expect(200).json()["likes"], 1);
}
