//! Two whole servers in one process, each on a port of its own, and strangers at their doors.

mod changes;
mod cleaning;
mod comments;
mod following;
mod groups;
mod hostile;
mod inbox;
mod life;
mod mastodon;
mod mirrors;
mod moves;
mod neighbours;
mod objects;
mod playlists;
mod search;
mod site;
mod three;
mod told;
mod videos;

use serde_json::json;
use site::{Site, settle};

#[tokio::test]
async fn actors_are_found_by_name_and_read_by_programs() {
    let site = Site::new().await;
    site.app.user("otto").await;
    let resource = format!("acct:otto@{}", site.host());
    let found = site
        .app
        .get(&format!("/.well-known/webfinger?resource={resource}"))
        .await
        .expect(200);
    assert_eq!(found.json()["subject"], json!(resource));
    assert_eq!(
        found.json()["links"][0]["href"],
        json!(site.url("/accounts/otto"))
    );
    for (path, kind) in [
        ("/accounts/otto", "Person"),
        ("/a/otto", "Person"),
        ("/video-channels/otto_channel", "Group"),
        ("/accounts/peertube", "Application"),
    ] {
        let answer = site
            .app
            .get(path)
            .header("accept", "application/activity+json")
            .await
            .expect(200);
        assert_eq!(
            answer.header("content-type"),
            "application/activity+json; charset=utf-8"
        );
        assert_eq!(answer.json()["type"], json!(kind), "{path}");
    }
    let channel = site.document("/video-channels/otto_channel").await;
    assert_eq!(
        channel["attributedTo"][0]["id"],
        json!(site.url("/accounts/otto"))
    );
    assert!(
        channel["publicKey"]["publicKeyPem"]
            .as_str()
            .unwrap()
            .starts_with("-----BEGIN PUBLIC KEY-----")
    );
}

#[tokio::test]
async fn nobody_is_found_who_is_not_there() {
    let site = Site::new().await;
    for resource in [
        "acct:nobody@{host}",
        "acct:root@other.example",
        "acct:root%25@{host}",
        "https://other.example/accounts/root",
    ] {
        let resource = resource.replace("{host}", &site.host());
        let answer = site
            .app
            .get(&format!("/.well-known/webfinger?resource={resource}"))
            .await;
        assert!(
            matches!(answer.status.as_u16(), 400 | 404),
            "{resource}: {}",
            answer.status
        );
    }
    site.app.get("/.well-known/webfinger").await.expect(400);
    for path in [
        "/accounts/nobody",
        "/accounts/root_channel",
        "/video-channels/root",
    ] {
        site.app
            .get(path)
            .header("accept", "application/activity+json")
            .await
            .expect(404);
    }
}

#[tokio::test]
async fn nodeinfo_leads_to_the_server_actor() {
    let site = Site::new().await;
    let links = site
        .app
        .get("/.well-known/nodeinfo")
        .await
        .expect(200)
        .json();
    let actor = links["links"]
        .as_array()
        .unwrap()
        .iter()
        .find(|link| link["rel"].as_str().unwrap().ends_with("#Application"));
    assert_eq!(
        actor.unwrap()["href"],
        json!(site.url("/accounts/peertube"))
    );
    for version in ["2.0", "2.1"] {
        let info = site
            .app
            .get(&format!("/nodeinfo/{version}.json"))
            .await
            .expect(200)
            .json();
        assert_eq!(
            (&info["version"], &info["usage"]["users"]["total"]),
            (&json!(version), &json!(1))
        );
    }
    site.app.get("/nodeinfo/3.0.json").await.expect(404);
}

#[tokio::test]
async fn a_server_follows_another_and_stops() {
    let (ours, theirs) = (Site::new().await, Site::new().await);
    let root = ours.app.root().await;
    let hosts = json!({ "hosts": [theirs.host()] });
    ours.app
        .post("/api/v1/server/following")
        .token(&root)
        .json(hosts)
        .await
        .expect(204);
    settle(&[&ours, &theirs]).await;
    let following = ours
        .app
        .get("/api/v1/server/following")
        .await
        .expect(200)
        .json();
    assert_eq!(following["total"], 1);
    assert_eq!(following["data"][0]["state"], "accepted");
    assert_eq!(
        following["data"][0]["following"]["host"],
        json!(theirs.host())
    );
    let followers = theirs
        .app
        .get("/api/v1/server/followers")
        .await
        .expect(200)
        .json();
    assert_eq!(followers["data"][0]["follower"]["host"], json!(ours.host()));
    let page = theirs.document("/accounts/peertube/followers?page=1").await;
    assert_eq!(
        page["orderedItems"],
        json!([ours.url("/accounts/peertube")])
    );

    let path = format!("/api/v1/server/following/{}", theirs.host());
    ours.app.delete(&path).token(&root).await.expect(204);
    settle(&[&ours, &theirs]).await;
    for (site, path) in [
        (&ours, "/api/v1/server/following"),
        (&theirs, "/api/v1/server/followers"),
    ] {
        assert_eq!(site.app.get(path).await.expect(200).json()["total"], 0);
    }
    ours.app.delete(&path).token(&root).await.expect(404);
}

#[tokio::test]
async fn a_follower_waits_for_the_administrator_and_can_be_dropped() {
    let (ours, theirs) = (Site::new().await, Site::new().await);
    theirs
        .change_settings(json!({ "followers": { "instance": { "manualApproval": true } } }))
        .await;
    let (root, their_root) = (ours.app.root().await, theirs.app.root().await);
    let hosts = json!({ "hosts": [theirs.host()] });
    ours.app
        .post("/api/v1/server/following")
        .token(&root)
        .json(hosts)
        .await
        .expect(204);
    settle(&[&ours, &theirs]).await;
    let state =
        async || ours.app.get("/api/v1/server/following").await.json()["data"][0]["state"].clone();
    assert_eq!(state().await, "pending");
    let follower = format!("/api/v1/server/followers/peertube@{}", ours.host());
    theirs
        .app
        .post(&format!("{follower}/accept"))
        .token(&their_root)
        .await
        .expect(204);
    theirs
        .app
        .post(&format!("{follower}/accept"))
        .token(&their_root)
        .await
        .expect(400);
    settle(&[&ours, &theirs]).await;
    assert_eq!(state().await, "accepted");
    theirs
        .app
        .delete(&follower)
        .token(&their_root)
        .await
        .expect(204);
    settle(&[&ours, &theirs]).await;
    assert_eq!(
        ours.app.get("/api/v1/server/following").await.json()["total"],
        0
    );
    assert_eq!(
        theirs.app.get("/api/v1/server/followers").await.json()["total"],
        0
    );
}

#[tokio::test]
async fn whom_to_follow_is_checked_first() {
    let site = Site::new().await;
    let root = site.app.root().await;
    let add = |body| {
        site.app
            .post("/api/v1/server/following")
            .token(&root)
            .json(body)
    };
    let answer = add(json!({})).await.expect(400);
    assert_eq!(
        answer.json(),
        json!({ "error": "You must provide at least one handle or one host." })
    );
    for body in [
        json!({"hosts": ["no host"]}),
        json!({"hosts": 5}),
        json!({"handles": ["nobody"]}),
    ] {
        add(body).await.expect(400);
    }
    site.app
        .post("/api/v1/server/following")
        .json(json!({"hosts": ["a.example"]}))
        .await
        .expect(401);
    let user = site.app.user("otto").await;
    site.app
        .post("/api/v1/server/following")
        .token(&user)
        .json(json!({"hosts": ["a.example"]}))
        .await
        .expect(403);
}

#[tokio::test]
async fn a_broken_server_is_shown_with_its_error_and_tried_again() {
    let ours = Site::new().await;
    let root = ours.app.root().await;
    let theirs = Site::new().await;
    let hosts = json!({ "hosts": [theirs.host()] });
    ours.app
        .post("/api/v1/server/following")
        .token(&root)
        .json(hosts)
        .await
        .expect(204);
    settle(&[&ours, &theirs]).await;
    theirs.stop();
    let path = format!("/api/v1/server/following/{}", theirs.host());
    ours.app.delete(&path).token(&root).await.expect(204);
    ours.run_due_jobs_once().await;
    let peers = ours
        .app
        .get("/api/v1/server/peers")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(
        (&peers["data"][0]["host"], &peers["data"][0]["waiting"]),
        (&json!(theirs.host()), &json!(1))
    );
    assert!(peers["data"][0]["lastError"].is_string() && peers["data"][0]["retryAt"].is_string());
    ours.app
        .post(&format!("/api/v1/server/peers/{}/retry", theirs.host()))
        .token(&root)
        .await
        .expect(204);
    // In the end nothing waits for a server that never comes back.
    ours.app.run_jobs().await;
    let root = ours.app.root().await;
    let peers = ours
        .app
        .get("/api/v1/server/peers")
        .token(&root)
        .await
        .expect(200)
        .json();
    assert_eq!(peers["data"][0]["waiting"], 0);
}
