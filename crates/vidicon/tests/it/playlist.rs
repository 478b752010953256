//! Playlists: who sees which, their order, what stands in them, their pictures, finding them.

mod finding;
mod programme;

use crate::app::{Answer, TestApp};
use crate::video::add;
use serde_json::{Value, json};
use vidicon::video::Privacy;

/// Makes a playlist over the API; gives what the answer says of it.
async fn made(app: &TestApp, token: &str, fields: &[(&str, &str)]) -> Value {
    let call = app.post("/api/v1/video-playlists").token(token);
    let answer = call.multipart(fields, &[]).await.expect(200).json();
    answer["videoPlaylist"].clone()
}

async fn channel_id(app: &TestApp, name: &str) -> String {
    let path = format!("/api/v1/video-channels/{name}_channel");
    app.get(&path).await.expect(200).json()["id"].to_string()
}

fn elements(id: &Value) -> String {
    format!("/api/v1/video-playlists/{id}/videos")
}

async fn put_in(app: &TestApp, token: &str, id: &Value, body: Value) -> Answer {
    app.post(&elements(id)).token(token).json(body).await
}

/// The ids of the videos in their order, with their positions checked.
async fn order(app: &TestApp, token: &str, id: &Value) -> Vec<i64> {
    let list = app.get(&elements(id)).token(token).await.expect(200).json();
    let data = list["data"].as_array().unwrap();
    for (place, element) in data.iter().enumerate() {
        assert_eq!(element["position"], place + 1);
    }
    data.iter()
        .map(|it| it["video"]["id"].as_i64().unwrap())
        .collect()
}

#[tokio::test]
async fn playlists_are_made_changed_and_deleted() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let other = app.user("other").await;
    let channel = channel_id(&app, "owner").await;
    let path = "/api/v1/video-playlists";
    for (fields, status, wrong) in [
        (vec![], 400, "displayName"),
        (vec![("displayName", "")], 400, "displayName"),
        (vec![("displayName", "x"), ("privacy", "4")], 400, "privacy"),
        (
            vec![("displayName", "x"), ("description", "ab")],
            400,
            "description",
        ),
        (
            vec![("displayName", "x"), ("videoChannelId", "one")],
            400,
            "videoChannelId",
        ),
        (vec![("displayName", "x"), ("privacy", "1")], 400, ""),
        (vec![("displayName", "x"), ("privacy", "2")], 400, ""),
        (
            vec![("displayName", "x"), ("videoChannelId", "99999")],
            404,
            "",
        ),
    ] {
        let answer = app.post(path).token(&owner).multipart(&fields, &[]).await;
        let answer = answer.expect(status).json();
        if !wrong.is_empty() {
            assert!(answer["invalid-params"][wrong].is_object(), "{answer}");
        }
    }
    app.post(path)
        .multipart(&[("displayName", "x")], &[])
        .await
        .expect(401);
    let foreign = [
        ("displayName", "x"),
        ("privacy", "1"),
        ("videoChannelId", channel.as_str()),
    ];
    app.post(path)
        .token(&other)
        .multipart(&foreign, &[])
        .await
        .expect(403);

    let fields = [
        ("displayName", "Best of"),
        ("description", "all the best"),
        ("privacy", "1"),
        ("videoChannelId", channel.as_str()),
    ];
    let playlist = made(&app, &owner, &fields).await;
    for key in ["id", "uuid", "shortUUID"] {
        let id = playlist[key].to_string();
        let one = format!("{path}/{}", id.trim_matches('"'));
        let shown = app.get(&one).await.expect(200).json();
        assert_eq!(shown["displayName"], "Best of");
        assert_eq!(shown["description"], "all the best");
        assert_eq!(shown["privacy"], json!({ "id": 1, "label": "Public" }));
        assert_eq!(shown["type"], json!({ "id": 1, "label": "Regular" }));
        assert_eq!(shown["ownerAccount"]["name"], "owner");
        assert_eq!(shown["videoChannel"]["name"], "owner_channel");
        assert_eq!(shown["videoChannelPosition"], 1);
        assert_eq!(shown["videosLength"], 0);
        assert_eq!(shown["thumbnailPath"], Value::Null);
        assert_eq!(shown["isLocal"], true);
    }
    let one = format!("{path}/{}", playlist["id"]);
    let change = json!({ "displayName": "Worst of", "description": null });
    app.put(&one).json(change.clone()).await.expect(401);
    app.put(&one)
        .token(&other)
        .json(change.clone())
        .await
        .expect(403);
    app.put(&one).token(&owner).json(change).await.expect(204);
    let unset = json!({ "videoChannelId": null });
    app.put(&one).token(&owner).json(unset).await.expect(400);
    let shown = app.get(&one).await.expect(200).json();
    assert_eq!(shown["displayName"], "Worst of");
    assert_eq!(shown["description"], Value::Null);
    let root = app.root().await;
    app.put(&one)
        .token(&root)
        .json(json!({ "displayName": "Of root" }))
        .await
        .expect(204);
    app.delete(&one).token(&other).await.expect(403);
    app.delete(&one).token(&owner).await.expect(204);
    app.get(&one).await.expect(404);
    app.get("/api/v1/video-playlists/no-id").await.expect(400);
    let privacies = app.get("/api/v1/video-playlists/privacies").await.json();
    assert_eq!(
        privacies,
        json!({ "1": "Public", "2": "Unlisted", "3": "Private" })
    );
}

#[tokio::test]
async fn who_sees_a_playlist() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let owner = app.user("owner").await;
    let other = app.user("other").await;
    let channel = channel_id(&app, "owner").await;
    // By number and by UUID, as nobody, somebody else, the owner and an administrator.
    for (privacy, number, uuid) in [
        ("1", [200, 200, 200, 200], [200, 200, 200, 200]),
        ("2", [404, 404, 404, 404], [200, 200, 200, 200]),
        ("3", [401, 403, 200, 200], [401, 403, 200, 200]),
    ] {
        let name = format!("Hidden treasure {privacy}");
        let fields = [
            ("displayName", name.as_str()),
            ("privacy", privacy),
            ("videoChannelId", channel.as_str()),
        ];
        let playlist = made(&app, &owner, &fields).await;
        let video = add(&app, "owner", "A video", |_| {}).await;
        let body = json!({ "videoId": video.id });
        put_in(&app, &owner, &playlist["id"], body.clone())
            .await
            .expect(200);
        put_in(&app, &other, &playlist["id"], body)
            .await
            .expect(403);
        for (key, statuses) in [("id", number), ("uuid", uuid)] {
            let id = playlist[key].to_string();
            let one = format!("/api/v1/video-playlists/{}", id.trim_matches('"'));
            let tokens = [None, Some(&other), Some(&owner), Some(&root)];
            for (token, status) in tokens.into_iter().zip(statuses) {
                for path in [one.clone(), format!("{one}/videos")] {
                    let call = app.get(&path);
                    let call = match token {
                        Some(token) => call.token(token),
                        None => call,
                    };
                    call.await.expect(status);
                }
            }
        }
    }
    app.run_jobs().await;
    for (path, as_owner) in [
        ("/api/v1/video-playlists", 1),
        ("/api/v1/accounts/owner/video-playlists", 4),
        ("/api/v1/video-channels/owner_channel/video-playlists", 3),
        ("/api/v1/search/video-playlists?search=treasure", 1),
    ] {
        for token in [None, Some(&other)] {
            let call = app.get(path);
            let call = match token {
                Some(token) => call.token(token),
                None => call,
            };
            let list = call.await.expect(200).json();
            assert_eq!(list["total"], 1, "{path}");
            assert_eq!(list["data"][0]["displayName"], "Hidden treasure 1");
        }
        let list = app.get(path).token(&owner).await.expect(200).json();
        assert_eq!(list["total"], as_owner, "{path}");
    }
}

#[tokio::test]
async fn elements_are_added_ordered_and_removed() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let other = app.user("other").await;
    let mine = made(&app, &owner, &[("displayName", "Mine")]).await["id"].clone();
    let theirs = made(&app, &other, &[("displayName", "Theirs")]).await["id"].clone();
    let mut ids = Vec::new();
    for number in 0..5 {
        let video = add(&app, "owner", &format!("Video {number}"), |_| {}).await;
        let name = match number {
            0 => json!(video.id),
            1 => json!(video.uuid),
            2 => json!(video.short_uuid()),
            _ => json!(video.id.to_string()),
        };
        let body = json!({ "videoId": name, "startTimestamp": 5, "stopTimestamp": 0 });
        put_in(&app, &owner, &mine, body).await.expect(200);
        ids.push(video.id.0);
    }
    for (body, status) in [
        (json!({}), 400),
        (json!({ "videoId": "no id" }), 400),
        (json!({ "videoId": 1, "startTimestamp": -1 }), 400),
        (json!({ "videoId": 99999 }), 404),
    ] {
        put_in(&app, &owner, &mine, body).await.expect(status);
    }
    assert_eq!(order(&app, &owner, &mine).await, ids);
    let move_to = |start: i64, after: i64, length: Option<i64>| {
        let mut body = json!({ "startPosition": start, "insertAfterPosition": after });
        if let Some(length) = length {
            body["reorderLength"] = length.into();
        }
        let path = format!("{}/reorder", elements(&mine));
        app.post(&path).token(&owner).json(body)
    };
    move_to(6, 0, None).await.expect(400);
    move_to(1, 6, None).await.expect(400);
    move_to(4, 0, Some(3)).await.expect(400);
    move_to(0, 1, None).await.expect(400);
    move_to(3, 3, None).await.expect(204);
    assert_eq!(order(&app, &owner, &mine).await, ids);
    move_to(4, 0, Some(2)).await.expect(204);
    let wanted: Vec<i64> = [3, 4, 0, 1, 2].map(|place| ids[place]).to_vec();
    assert_eq!(order(&app, &owner, &mine).await, wanted);
    move_to(1, 5, None).await.expect(204);
    let wanted: Vec<i64> = [4, 0, 1, 2, 3].map(|place| ids[place]).to_vec();
    assert_eq!(order(&app, &owner, &mine).await, wanted);

    let list = app.get(&elements(&mine)).token(&owner).await.json();
    let second = list["data"][1].clone();
    assert_eq!(second["startTimestamp"], 5);
    assert_eq!(second["stopTimestamp"], Value::Null);
    let one = format!("{}/{}", elements(&mine), second["id"]);
    app.put(&one)
        .token(&other)
        .json(json!({}))
        .await
        .expect(403);
    // An element of another playlist than the path's does not exist.
    let wrong = format!("{}/{}", elements(&theirs), second["id"]);
    app.put(&wrong)
        .token(&other)
        .json(json!({}))
        .await
        .expect(404);
    app.delete(&wrong).token(&other).await.expect(404);
    let change = json!({ "startTimestamp": null, "stopTimestamp": 8 });
    app.put(&one).token(&owner).json(change).await.expect(204);
    app.delete(&format!("{}/{}", elements(&mine), list["data"][0]["id"]))
        .token(&owner)
        .await
        .expect(204);
    let list = app.get(&elements(&mine)).token(&owner).await.json();
    assert_eq!(list["total"], 4);
    assert_eq!(list["data"][0]["startTimestamp"], Value::Null);
    assert_eq!(list["data"][0]["stopTimestamp"], 8);
    assert_eq!(order(&app, &owner, &mine).await, wanted[1..]);

    let path = format!(
        "/api/v1/users/me/video-playlists/videos-exist?videoIds={}&videoIds=777",
        ids[0]
    );
    let found = app.get(&path).token(&owner).await.expect(200).json();
    assert_eq!(found["777"], json!([]));
    let held = &found[ids[0].to_string()][0];
    assert_eq!(held["playlistId"], mine);
    assert_eq!(held["playlistDisplayName"], "Mine");
    assert_eq!(held["stopTimestamp"], 8);
    let found = app.get(&path).token(&other).await.expect(200).json();
    assert_eq!(found[ids[0].to_string()], json!([]));
    let path = "/api/v1/users/me/video-playlists/videos-exist";
    app.get(path).token(&owner).await.expect(400);
    app.get(&format!("{path}?videoIds=x"))
        .token(&owner)
        .await
        .expect(400);
}

#[tokio::test]
async fn what_may_not_be_seen_stays_hidden_inside_too() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let owner = app.user("owner").await;
    let other = app.user("other").await;
    let channel = channel_id(&app, "owner").await;
    let fields = [
        ("displayName", "All"),
        ("privacy", "1"),
        ("videoChannelId", &channel),
    ];
    let id = made(&app, &owner, &fields).await["id"].clone();
    let mut videos = Vec::new();
    for privacy in [
        Privacy::Public,
        Privacy::Private,
        Privacy::Internal,
        Privacy::Password,
    ] {
        let video = add(&app, "owner", "One", |new| {
            new.privacy = privacy;
            new.passwords = vec!["secret".to_owned()];
        })
        .await;
        put_in(&app, &owner, &id, json!({ "videoId": video.id }))
            .await
            .expect(200);
        videos.push(video);
    }
    let blocked = add(&app, "owner", "Blocked", |_| {}).await;
    let deleted = add(&app, "owner", "Deleted", |_| {}).await;
    for video in [&blocked, &deleted] {
        put_in(&app, &owner, &id, json!({ "videoId": video.id }))
            .await
            .expect(200);
    }
    app.post(&format!("/api/v1/videos/{}/blacklist", blocked.id))
        .token(&root)
        .await
        .expect(204);
    app.delete(&format!("/api/v1/videos/{}", deleted.id))
        .token(&owner)
        .await
        .expect(204);
    let types = async |token: Option<&str>| {
        let path = elements(&id);
        let call = app.get(&path);
        let call = match token {
            Some(token) => call.token(token),
            None => call,
        };
        let list = call.await.expect(200).json();
        assert_eq!(list["total"], 6);
        let data = list["data"].as_array().unwrap().clone();
        for element in &data {
            assert_eq!(
                element["video"].is_null(),
                element["type"] != 0,
                "{element}"
            );
        }
        data.iter()
            .map(|it| it["type"].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(types(None).await, [0, 2, 2, 2, 3, 1]);
    assert_eq!(types(Some(&other)).await, [0, 2, 0, 2, 3, 1]);
    assert_eq!(types(Some(&owner)).await, [0, 0, 0, 0, 0, 1]);
    app.post("/api/v1/users/me/blocklist/accounts")
        .token(&other)
        .json(json!({ "accountName": "owner" }))
        .await
        .expect(204);
    assert_eq!(types(Some(&other)).await, [3, 2, 3, 2, 3, 1]);
    assert_eq!(types(None).await, [0, 2, 2, 2, 3, 1]);
}

#[tokio::test]
async fn everybody_has_a_list_for_later() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let me = app.get("/api/v1/users/me").token(&owner).await.json();
    let special = me["specialPlaylists"].as_array().unwrap();
    assert_eq!(special.len(), 1);
    assert_eq!(special[0]["name"], "Watch later");
    assert_eq!(special[0]["type"], 2);
    let id = special[0]["id"].clone();
    let one = format!("/api/v1/video-playlists/{id}");
    app.get(&one).await.expect(401);
    app.put(&one)
        .token(&owner)
        .json(json!({ "displayName": "x" }))
        .await
        .expect(400);
    app.delete(&one).token(&owner).await.expect(400);
    let video = add(&app, "owner", "Later", |_| {}).await;
    put_in(&app, &owner, &id, json!({ "videoId": video.id }))
        .await
        .expect(200);
    let path = "/api/v1/accounts/owner/video-playlists?playlistType=2";
    let list = app.get(path).token(&owner).await.json();
    assert_eq!(list["total"], 1);
    assert_eq!(list["data"][0]["videosLength"], 1);
    assert_eq!(list["data"][0]["type"]["label"], "Watch later");
    assert_eq!(app.get(path).await.json()["total"], 0);
    app.get("/api/v1/accounts/owner/video-playlists?playlistType=3")
        .await
        .expect(400);
    app.get("/api/v1/accounts/owner/video-playlists?search=")
        .await
        .expect(400);
    app.get("/api/v1/accounts/nobody/video-playlists")
        .await
        .expect(404);
}

#[tokio::test]
async fn a_channel_has_its_playlists_in_order() {
    let app = TestApp::new().await;
    let owner = app.user("owner").await;
    let other = app.user("other").await;
    let channel = channel_id(&app, "owner").await;
    let mut ids = Vec::new();
    for name in ["Alpha", "Beta", "Gamma"] {
        let fields = [
            ("displayName", name),
            ("privacy", "1"),
            ("videoChannelId", &channel),
        ];
        ids.push(made(&app, &owner, &fields).await["id"].clone());
    }
    let base = "/api/v1/video-channels/owner_channel/video-playlists";
    let names = async || {
        let path = format!("{base}?sort=videoChannelPosition");
        let list = app.get(&path).await.expect(200).json();
        let data = list["data"].as_array().unwrap().clone();
        for (place, it) in data.iter().enumerate() {
            assert_eq!(it["videoChannelPosition"], place + 1);
        }
        let names = data
            .iter()
            .map(|it| it["displayName"].as_str().unwrap().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["Alpha", "Beta", "Gamma"]);
    let reorder = format!("{base}/reorder");
    let body = json!({ "startPosition": 3, "insertAfterPosition": 0 });
    app.post(&reorder).json(body.clone()).await.expect(401);
    app.post(&reorder)
        .token(&other)
        .json(body.clone())
        .await
        .expect(403);
    app.post(&reorder)
        .token(&owner)
        .json(body)
        .await
        .expect(204);
    let wrong = json!({ "startPosition": 4, "insertAfterPosition": 0 });
    app.post(&reorder)
        .token(&owner)
        .json(wrong)
        .await
        .expect(400);
    assert_eq!(names().await, ["Gamma", "Alpha", "Beta"]);
    app.delete(&format!("/api/v1/video-playlists/{}", ids[0]))
        .token(&owner)
        .await
        .expect(204);
    assert_eq!(names().await, ["Gamma", "Beta"]);
    // Without its channel a playlist becomes private.
    let body = json!({ "name": "second", "displayName": "Second" });
    app.post("/api/v1/video-channels")
        .token(&owner)
        .json(body)
        .await
        .expect(200);
    app.delete("/api/v1/video-channels/owner_channel")
        .token(&owner)
        .await
        .expect(204);
    let one = format!("/api/v1/video-playlists/{}", ids[1]);
    app.get(&one).await.expect(401);
    let shown = app.get(&one).token(&owner).await.expect(200).json();
    assert_eq!(shown["videoChannel"], Value::Null);
    assert_eq!(shown["privacy"]["id"], 3);
}
