//! Reports and what comes of them, notes, shared block lists, bulk acts, the public log.

mod own;

use crate::app::TestApp;
use crate::video::add as add_video;
use serde_json::{Value, json};

/// Lays changes over the settings.
pub async fn set(app: &TestApp, changes: Value) {
    let changes = changes.as_object().cloned().unwrap();
    app.instance
        .save(&app.db, &app.clock, changes)
        .await
        .unwrap();
}

/// A moderator's token.
pub async fn moderator(app: &TestApp, name: &str) -> String {
    let root = app.root().await;
    let body = json!({
        "username": name, "password": "password-1", "role": 1,
        "email": format!("{name}@example.org"), "videoQuota": -1, "videoQuotaDaily": -1,
    });
    app.post("/api/v1/users")
        .token(&root)
        .json(body)
        .await
        .expect(200);
    app.login(name, "password-1").await
}

const ABUSES: &str = "/api/v1/abuses";

async fn report(app: &TestApp, token: &str, body: Value) -> i64 {
    let made = app.post(ABUSES).token(token).json(body).await.expect(200);
    made.json()["abuse"]["id"].as_i64().unwrap()
}

async fn add_comment(app: &TestApp, video: i64, author: &str, text: &str) -> i64 {
    let path = format!("/api/v1/videos/{video}/comment-threads");
    let call = app.post(&path).token(author).json(json!({ "text": text }));
    call.await.expect(200).json()["comment"]["id"]
        .as_i64()
        .unwrap()
}

#[tokio::test]
async fn wrong_reports_are_refused_in_the_right_order() {
    let app = TestApp::new().await;
    let bob = app.user("bob").await;
    let video = add_video(&app, "root", "A walk", |_| {}).await;
    let send = |body: Value| app.post(ABUSES).token(&bob).json(body);
    app.post(ABUSES).json(json!({})).await.expect(401);
    send(json!({})).await.expect(400);
    send(json!({ "reason": "x", "video": { "id": video.id } }))
        .await
        .expect(400);
    send(json!({ "reason": "y".repeat(3001), "video": { "id": video.id } }))
        .await
        .expect(400);
    send(json!({ "reason": "spam", "video": { "id": "no such id" } }))
        .await
        .expect(400);
    send(json!({ "reason": "spam", "video": { "id": 99_999 } }))
        .await
        .expect(404);
    send(json!({ "reason": "spam", "account": { "id": "root" } }))
        .await
        .expect(400);
    send(json!({ "reason": "spam", "account": { "id": 99_999 } }))
        .await
        .expect(404);
    send(json!({ "reason": "spam", "comment": { "id": 99_999 } }))
        .await
        .expect(404);
    send(json!({ "reason": "spam" })).await.expect(400);
    for (start, end) in [
        (json!(-1), json!(3)),
        (json!(4), json!(3)),
        (json!(null), json!(3)),
        (json!("a"), json!(9)),
    ] {
        let body = json!({
            "reason": "spam", "video": { "id": video.id, "startAt": start, "endAt": end },
        });
        send(body).await.expect(400);
    }
    let body = json!({
        "reason": "spam", "predefinedReasons": ["nonsense"], "video": { "id": video.id },
    });
    send(body).await.expect(400);
    let hidden = add_video(&app, "root", "Secret", |new| {
        new.privacy = vidicon::video::Privacy::Private;
    })
    .await;
    send(json!({ "reason": "spam", "video": { "id": hidden.id } }))
        .await
        .expect(404);
}

#[tokio::test]
async fn a_report_is_listed_discussed_judged_and_removed() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let staff = moderator(&app, "mona").await;
    let video = add_video(&app, "ada", "Ein Spaziergang", |_| {}).await;
    base::sql!("UPDATE video SET thumbnail = 'small.jpg', preview = 'large.jpg' WHERE id = $1")
        .bind(video.id)
        .execute(&app.db)
        .await
        .unwrap();
    let body = json!({
        "reason": "too loud", "predefinedReasons": ["spamOrMisleading", "rights"],
        "video": { "id": video.uuid, "startAt": 1, "endAt": 5 },
    });
    let id = report(&app, &bob, body).await;
    app.get(ABUSES).await.expect(401);
    app.get(ABUSES).token(&bob).await.expect(403);
    let list = app.get(ABUSES).token(&staff).await.expect(200).json();
    let one = &list["data"][0];
    assert_eq!(list["total"], 1);
    assert_eq!(
        one["predefinedReasons"],
        json!(["spamOrMisleading", "rights"])
    );
    assert_eq!(one["video"]["name"], "Ein Spaziergang");
    assert_eq!(one["video"]["startAt"], 1);
    assert_eq!(one["video"]["deleted"], false);
    assert_eq!(one["video"]["channel"]["name"], "ada_channel");
    let pictures = &one["video"]["thumbnails"];
    let small = "http://video.test/lazy-static/thumbnails/small.jpg";
    assert_eq!(pictures[0]["fileUrl"], small);
    assert_eq!(
        pictures[1]["fileUrl"],
        "http://video.test/lazy-static/previews/large.jpg"
    );
    assert_eq!(one["reporterAccount"]["name"], "bob");
    assert_eq!(one["flaggedAccount"]["name"], "ada");
    assert_eq!(one["state"], json!({ "id": 1, "label": "Pending" }));
    assert_eq!(one["countReportsForReportee"], 1);

    let messages = format!("{ABUSES}/{id}/messages");
    let say = |token: &str, text: &str| {
        app.post(&messages)
            .token(token)
            .json(json!({ "message": text }))
    };
    say(&ada, "let me in").await.expect(403);
    say(&bob, "x").await.expect(400);
    let mine = say(&bob, "from 0:01 on").await.expect(200).json();
    let theirs = say(&staff, "thank you").await.expect(200).json();
    let read = app.get(&messages).token(&bob).await.expect(200).json();
    assert_eq!(read["total"], 2);
    assert_eq!(read["data"][0]["account"]["name"], "bob");
    assert_eq!(read["data"][0]["byModerator"], false);
    assert_eq!(read["data"][1]["byModerator"], true);
    app.get(&messages).token(&ada).await.expect(403);
    let one = |message: &Value| format!("{messages}/{}", message["abuseMessage"]["id"]);
    app.delete(&one(&theirs)).token(&bob).await.expect(403);
    app.delete(&one(&mine)).token(&bob).await.expect(204);
    app.delete(&one(&mine)).token(&bob).await.expect(404);

    let path = format!("{ABUSES}/{id}");
    let judge = |body: Value| app.put(&path).token(&staff).json(body);
    judge(json!({ "state": 4 })).await.expect(400);
    judge(json!({ "moderationComment": "x" })).await.expect(400);
    judge(json!({ "state": 3, "moderationComment": "agreed" }))
        .await
        .expect(204);
    app.put(&path)
        .token(&bob)
        .json(json!({ "state": 1 }))
        .await
        .expect(403);
    let own = app.get("/api/v1/users/me/abuses").token(&bob).await;
    let own = own.expect(200).json();
    assert_eq!(own["data"][0]["state"]["id"], 3);
    assert_eq!(own["data"][0]["countMessages"], 1);
    assert!(own["data"][0].get("moderationComment").is_none());
    assert!(own["data"][0].get("reporterAccount").is_none());
    let nobody = app.get("/api/v1/users/me/abuses").token(&ada).await;
    assert_eq!(nobody.expect(200).json()["total"], 0);
    app.run_jobs().await;
    app.delete(&path).token(&bob).await.expect(403);
    app.delete(&path).token(&staff).await.expect(204);
    app.delete(&path).token(&staff).await.expect(404);
    app.get(&messages).token(&bob).await.expect(404);
}

#[tokio::test]
async fn reports_are_found_by_every_filter_and_outlive_their_object() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let staff = moderator(&app, "mona").await;
    let video = add_video(&app, "ada", "Été à Paris", |_| {}).await;
    let other = add_video(&app, "root", "Winter", |_| {}).await;
    let comment = add_comment(&app, other.id.0, &bob, "buy coins").await;
    let of_video = report(
        &app,
        &bob,
        json!({ "reason": "loud", "video": { "id": video.id }, "predefinedReasons": ["rights"] }),
    )
    .await;
    let of_comment = report(
        &app,
        &ada,
        json!({ "reason": "advertising", "comment": { "id": comment } }),
    )
    .await;
    let account = app.get("/api/v1/accounts/bob").await.json()["id"].clone();
    let of_account = report(
        &app,
        &ada,
        json!({ "reason": "a robot", "account": { "id": account } }),
    )
    .await;
    let found = async |query: &str| -> Vec<i64> {
        let list = app.get(&format!("{ABUSES}?sort=id&{query}")).token(&staff);
        let list = list.await.expect(200).json();
        let ids: Vec<i64> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["id"].as_i64().unwrap())
            .collect();
        assert_eq!(
            list["total"],
            i64::try_from(ids.len()).unwrap(),
            "total of {query}"
        );
        ids
    };
    let all = vec![of_video, of_comment, of_account];
    let cases = [
        ("state=1", all.clone()),
        ("state=3", vec![]),
        ("filter=video", vec![of_video]),
        ("filter=comment", vec![of_comment]),
        ("filter=account", vec![of_account]),
        ("predefinedReason=rights", vec![of_video]),
        ("predefinedReason=privacy", vec![]),
        ("searchReporter=ADA", vec![of_comment, of_account]),
        ("searchReportee=bob", vec![of_comment, of_account]),
        ("searchVideo=ete%20a", vec![of_video]),
        ("searchVideoChannel=ada_ch", vec![of_video]),
        ("search=coins", vec![of_comment]),
        ("search=robot", vec![of_account]),
        ("search=50%25", vec![]),
        ("videoIs=blacklisted", vec![]),
        ("videoIs=deleted", vec![]),
    ];
    for (query, wanted) in cases {
        assert_eq!(found(query).await, wanted, "{query}");
    }
    assert_eq!(found(&format!("id={of_comment}")).await, [of_comment]);
    for wrong in [
        "sort=reason",
        "state=9",
        "filter=channel",
        "videoIs=gone",
        "id=x",
        "predefinedReason=x",
        "count=101",
        "start=-1",
    ] {
        app.get(&format!("{ABUSES}?{wrong}"))
            .token(&staff)
            .await
            .expect(400);
    }
    let block = format!("/api/v1/videos/{}/blacklist", video.id);
    app.post(&block)
        .token(&staff)
        .json(json!({}))
        .await
        .expect(204);
    assert_eq!(found("videoIs=blacklisted").await, [of_video]);
    app.delete(&format!("/api/v1/videos/{}", video.id))
        .token(&ada)
        .await
        .expect(204);
    assert_eq!(found("videoIs=deleted").await, [of_video]);
    assert_eq!(found("searchVideo=paris").await, [of_video]);
    let list = app
        .get(&format!("{ABUSES}?sort=id"))
        .token(&staff)
        .await
        .json();
    let gone = &list["data"][0]["video"];
    assert_eq!(
        (&gone["deleted"], &gone["name"]),
        (&json!(true), &json!("Été à Paris"))
    );
    let said = &list["data"][1]["comment"];
    assert_eq!(
        (&said["text"], &said["video"]["name"]),
        (&json!("buy coins"), &json!("Winter"))
    );
}

#[tokio::test]
async fn many_things_are_done_at_once_or_not_at_all() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let staff = moderator(&app, "mona").await;
    let mut videos = Vec::new();
    let mut reports = Vec::new();
    for n in 0..3 {
        let video = add_video(&app, "ada", &format!("Video {n}"), |_| {}).await;
        let body = json!({ "reason": "spam", "video": { "id": video.id } });
        reports.push(report(&app, &bob, body).await);
        videos.push(video.id);
    }
    let bulk = |what: &str, token: &str, body: Value| {
        app.post(&format!("/api/v1/bulk/{what}"))
            .token(token)
            .json(body)
    };
    let all = json!({ "ids": reports, "state": 3 });
    bulk("abuses", &bob, all.clone()).await.expect(403);
    bulk("abuses", &staff, json!({ "ids": [] }))
        .await
        .expect(400);
    bulk(
        "abuses",
        &staff,
        json!({ "ids": [reports[0], 999], "state": 3 }),
    )
    .await
    .expect(404);
    let open = app.get("/api/v1/abuses?state=1").token(&staff).await.json();
    assert_eq!(open["total"], 3);
    bulk("abuses", &staff, all).await.expect(204);
    let open = app.get("/api/v1/abuses?state=1").token(&staff).await.json();
    assert_eq!(open["total"], 0);

    let listed = async || app.get("/api/v1/videos").await.json()["total"].clone();
    let act = |token: &str, action: &str| {
        bulk("videos", token, json!({ "ids": videos, "action": action }))
    };
    act(&ada, "block").await.expect(403);
    act(&staff, "paint").await.expect(400);
    act(&staff, "block").await.expect(204);
    assert_eq!(listed().await, 0);
    act(&staff, "unblock").await.expect(204);
    assert_eq!(listed().await, 3);
    act(&staff, "delete").await.expect(204);
    assert_eq!(listed().await, 0);
}

#[tokio::test]
async fn notes_about_an_account_stay_among_moderators() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let staff = moderator(&app, "mona").await;
    let path = "/api/v1/accounts/ada/moderator-notes";
    let note = json!({ "note": "warned on Monday" });
    app.post(path)
        .token(&ada)
        .json(note.clone())
        .await
        .expect(403);
    app.post("/api/v1/accounts/nobody/moderator-notes")
        .token(&staff)
        .json(note.clone())
        .await
        .expect(404);
    app.post(path)
        .token(&staff)
        .json(json!({ "note": "" }))
        .await
        .expect(400);
    let made = app.post(path).token(&staff).json(note).await.expect(200);
    let id = made.json()["moderatorNote"]["id"].clone();
    app.get(path).token(&ada).await.expect(403);
    let list = app.get(path).token(&staff).await.expect(200).json();
    assert_eq!(list["data"][0]["note"], "warned on Monday");
    assert_eq!(list["data"][0]["account"]["name"], "mona");
    let one = format!("{path}/{id}");
    app.delete(&one).token(&staff).await.expect(204);
    app.delete(&one).token(&staff).await.expect(404);
}

#[tokio::test]
async fn what_moderators_do_can_be_read_without_names() {
    let app = TestApp::new().await;
    let bob = app.user("bob").await;
    let staff = moderator(&app, "mona").await;
    let log = "/api/v1/server/moderation-log";
    app.get(log).await.expect(403);
    app.get("/about/moderation").await.expect(403);
    set(
        &app,
        json!({ "moderation": { "publicLog": { "enabled": true } } }),
    )
    .await;
    let video = add_video(&app, "root", "A walk", |_| {}).await;
    let body = json!({
        "reason": "spam", "predefinedReasons": ["privacy"], "video": { "id": video.id },
    });
    let id = report(&app, &bob, body).await;
    app.put(&format!("{ABUSES}/{id}"))
        .token(&staff)
        .json(json!({ "state": 3 }))
        .await
        .expect(204);
    app.clock.advance(1000);
    app.post(&format!("/api/v1/videos/{}/blacklist", video.id))
        .token(&staff)
        .json(json!({ "reason": "so there" }))
        .await
        .expect(204);
    app.run_jobs().await;
    app.clock.advance(1000);
    app.post("/api/v1/server/blocklist/accounts")
        .token(&staff)
        .json(json!({ "accountName": "bob" }))
        .await
        .expect(204);
    let answer = app.get(log).await.expect(200);
    assert!(!answer.text().contains("bob"), "{}", answer.text());
    let list = answer.json();
    let acts: Vec<&str> = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["act"].as_str().unwrap())
        .collect();
    assert_eq!(acts, ["muted", "blocked", "report-accepted"]);
    assert_eq!(list["data"][2]["reasons"], json!(["privacy"]));
    let page = app.get("/about/moderation").await.expect(200).text();
    for said in [
        "An account was muted for everybody",
        "A video was blocked",
        "A report about a video was accepted",
    ] {
        assert_eq!(page.matches(said).count(), 1, "{said}: {page}");
    }
    assert!(
        page.contains(" · somebody’s private matters") && !page.contains("bob"),
        "{page}"
    );
}

#[tokio::test]
async fn the_site_publishes_whom_it_mutes_and_status_tells_it() {
    let app = TestApp::new().await;
    let bob = app.user("bob").await;
    let staff = moderator(&app, "mona").await;
    let log = "/api/v1/server/blocklist/public-log";
    let since = format!("{log}?startDate=2026-01-01T00:00:00.000Z");
    app.get(log).await.expect(400);
    app.get(&since).await.expect(403);
    set(
        &app,
        json!({ "blocklist": { "publicLog": { "enabled": true } } }),
    )
    .await;
    let servers = "/api/v1/server/blocklist/servers";
    let mute = |host: &str| {
        app.post(servers)
            .token(&staff)
            .json(json!({ "host": host }))
    };
    mute("video.test").await.expect(409);
    mute("not a host").await.expect(400);
    mute("bad.example").await.expect(204);
    mute("bad.example").await.expect(204);
    app.post("/api/v1/users/me/blocklist/accounts")
        .token(&bob)
        .json(json!({ "accountName": "mona" }))
        .await
        .expect(204);
    let status = "/api/v1/blocklist/status?hosts=bad.example&hosts=good.example\
                  &accounts=mona@video.test&accounts=nobody@bad.example";
    let status = app.get(status).token(&bob).await.expect(200).json();
    assert_eq!(status["hosts"]["bad.example"]["blockedByServer"], true);
    assert_eq!(status["hosts"]["good.example"]["blockedByServer"], false);
    assert_eq!(status["accounts"]["mona@video.test"]["blockedByUser"], true);
    assert_eq!(
        status["accounts"]["nobody@bad.example"]["blockedByUser"],
        false
    );
    app.clock.advance(1000);
    let one = format!("{servers}/bad.example");
    app.delete(&one).token(&staff).await.expect(204);
    app.delete(&one).token(&staff).await.expect(404);
    let list = app.get(&since).await.expect(200).json();
    let acts: Vec<String> = list["actions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            format!(
                "{} {}",
                it["type"].as_str().unwrap(),
                it["target"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(acts, ["block bad.example", "unblock bad.example"]);
    let later = format!("{log}?startDate=2027-01-01");
    assert_eq!(app.get(&later).await.json()["actions"], json!([]));
}

/// Serves one answer after the other; gives the address.
async fn serve_list(answers: Vec<Value>) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let answers = std::sync::Arc::new(tokio::sync::Mutex::new(answers.into_iter()));
    let router = axum::Router::new().route(
        "/list",
        axum::routing::get(move || {
            let answers = answers.clone();
            async move {
                let next = answers.lock().await.next();
                axum::Json(next.unwrap_or_else(|| json!({ "name": "A list", "actions": [] })))
            }
        }),
    );
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    format!("http://{address}/list")
}

#[tokio::test]
async fn a_shared_list_mutes_and_unmutes() {
    let app = TestApp::with(|config| config.server.allow_private_addresses = true).await;
    let root = app.root().await;
    let act = |kind: &str, target: &str| json!({ "type": kind, "target": target });
    let url = serve_list(vec![
        json!({ "name": "Friends", "actions": [
            act("block", "bad.example"), act("block", "worse.example"), act("block", "video.test"),
        ] }),
        json!({ "name": "Friends", "actions": [act("unblock", "worse.example")] }),
    ])
    .await;
    let path = "/api/v1/server/blocklist/subscriptions";
    let subscribe = |url: &str| app.post(path).token(&root).json(json!({ "url": url }));
    let staff = moderator(&app, "mona").await;
    app.get(path).token(&staff).await.expect(403);
    subscribe("nonsense").await.expect(400);
    let made = subscribe(&url).await.expect(200).json();
    subscribe(&url).await.expect(409);
    app.run_jobs().await;
    let list = app.get(path).token(&root).await.expect(200).json();
    assert_eq!(list["data"][0]["name"], "Friends");
    assert_eq!(list["data"][0]["mutedServersCount"], 2);
    let servers = "/api/v1/server/blocklist/servers";
    let muted = app
        .get(&format!(
            "{servers}?subscriptionName=Friends&sort=createdAt"
        ))
        .token(&root)
        .await
        .json();
    assert_eq!(muted["total"], 2);
    assert_eq!(muted["data"][0]["blocklistSubscription"]["name"], "Friends");
    // Lifted by hand, it stays so; taken off the list, it is heard again.
    app.delete(&format!("{servers}/bad.example"))
        .token(&root)
        .await
        .expect(204);
    app.clock.advance(base::clock::HOUR + 1);
    vidicon::jobs::add_regular(&app).await.unwrap();
    app.run_jobs().await;
    let muted = app.get(servers).token(&root).await.json();
    assert_eq!(muted["total"], 0, "{muted}");
    let one = format!("{path}/{}", made["id"]);
    app.delete(&one).token(&root).await.expect(204);
    app.delete(&one).token(&root).await.expect(404);
}
