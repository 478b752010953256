//! Notifications: who is told of what, on the site, by mail, over the socket, by webhook.

mod offers;
mod outside;
mod push;
mod ways;

use crate::app::TestApp;
use crate::video::add;
use serde_json::{Value, json};
use vidicon::account::UserId;
use vidicon::notice::Notice;
use vidicon::video::Privacy;

const LIST: &str = "/api/v1/users/me/notifications";

async fn with_mail() -> TestApp {
    TestApp::with(|config| config.mail.kept = true).await
}

async fn list(app: &TestApp, token: &str, query: &str) -> Value {
    app.get(&format!("{LIST}?{query}"))
        .token(token)
        .await
        .expect(200)
        .json()
}

fn kinds(list: &Value) -> Vec<i64> {
    let data = list["data"].as_array().unwrap();
    data.iter().map(|it| it["type"].as_i64().unwrap()).collect()
}

/// A follow as it stands in the database.
async fn follow(app: &TestApp, user: &str, target: &str) -> i64 {
    let (id,): (i64,) = base::sql!(
        "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
         SELECT f.id, t.id, 'accepted', $3, $3 FROM actor f, actor t
         WHERE f.name = $1 AND t.name = $2 RETURNING id"
    )
    .bind(user)
    .bind(target)
    .bind(app.clock.now())
    .one(&app.db)
    .await
    .unwrap();
    id
}

async fn tell(app: &TestApp, notice: Notice) {
    let now = app.clock.now();
    let mut tx = app.db.begin().await.unwrap();
    notice.enqueue(&mut tx, now).await.unwrap();
    tx.commit().await.unwrap();
    app.run_jobs().await;
}

async fn choose(app: &TestApp, token: &str, name: &str, bits: i64) {
    let me = app.get("/api/v1/users/me").token(token).await.json();
    let mut settings = me["notificationSettings"].clone();
    settings[name] = bits.into();
    app.put("/api/v1/users/me/notification-settings")
        .token(token)
        .json(settings)
        .await
        .expect(204);
}

async fn say(app: &TestApp, token: &str, video: &str, text: &str) -> Value {
    let path = format!("/api/v1/videos/{video}/comment-threads");
    let said = app
        .post(&path)
        .token(token)
        .json(json!({ "text": text }))
        .await
        .expect(200);
    said.json()["comment"].clone()
}

#[tokio::test]
async fn owners_and_mentioned_people_are_told_of_comments() {
    let app = TestApp::new().await;
    let (ada, bob, carol) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("carol").await,
    );
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    let said = say(&app, &bob, &video, "look here @carol and @ada, @bob too").await;
    say(&app, &ada, &video, "my own, @ada").await;
    app.run_jobs().await;
    let told = list(&app, &ada, "").await;
    assert_eq!((kinds(&told), &told["total"]), (vec![2], &json!(1)));
    let comment = &told["data"][0]["comment"];
    assert_eq!(
        (&comment["id"], &comment["threadId"]),
        (&said["id"], &said["id"])
    );
    assert_eq!(
        (&comment["account"]["name"], &comment["video"]["name"]),
        (&json!("bob"), &json!("A walk"))
    );
    assert_eq!(comment["heldForReview"], false);
    assert_eq!(kinds(&list(&app, &carol, "").await), [11]);
    assert_eq!(kinds(&list(&app, &bob, "").await), Vec::<i64>::new());
    // What is taken away is not told any longer.
    let path = format!("/api/v1/videos/{video}/comments/{}", said["id"]);
    app.delete(&path).token(&bob).await.expect(204);
    app.run_jobs().await;
    assert_eq!(list(&app, &ada, "unread=true&count=0").await["total"], 0);
    assert_eq!(list(&app, &carol, "").await["total"], 0);
}

#[tokio::test]
async fn held_comments_are_told_to_owners_at_once_and_to_others_later() {
    let app = TestApp::new().await;
    let (ada, bob, carol) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("carol").await,
    );
    let video = add(&app, "ada", "A walk", |new| {
        new.comments_policy = vidicon::video::CommentsPolicy::RequiresApproval;
    })
    .await
    .uuid
    .to_string();
    let said = say(&app, &bob, &video, "hello @carol").await;
    app.run_jobs().await;
    let told = list(&app, &ada, "").await;
    assert_eq!(
        (kinds(&told), &told["data"][0]["comment"]["heldForReview"]),
        (vec![2], &json!(true))
    );
    assert_eq!(list(&app, &carol, "").await["total"], 0);
    let approve = format!("/api/v1/videos/{video}/comments/{}/approve", said["id"]);
    app.post(&approve).token(&ada).await.expect(204);
    app.run_jobs().await;
    assert_eq!(kinds(&list(&app, &carol, "").await), [11]);
    assert_eq!(list(&app, &ada, "").await["total"], 1);
}

#[tokio::test]
async fn the_muted_are_not_told_of() {
    let app = TestApp::new().await;
    let (ada, bob, carol) = (
        app.user("ada").await,
        app.user("bob").await,
        app.user("carol").await,
    );
    let root = app.root().await;
    let video = add(&app, "ada", "A walk", |_| {}).await.uuid.to_string();
    let mute = json!({ "accountName": "bob" });
    app.post("/api/v1/users/me/blocklist/accounts")
        .token(&ada)
        .json(mute.clone())
        .await
        .expect(204);
    say(&app, &bob, &video, "hey @carol").await;
    app.run_jobs().await;
    assert_eq!(list(&app, &ada, "").await["total"], 0);
    assert_eq!(list(&app, &carol, "").await["total"], 1);
    app.post("/api/v1/server/blocklist/accounts")
        .token(&root)
        .json(mute)
        .await
        .expect(204);
    say(&app, &bob, &video, "hey @carol").await;
    app.run_jobs().await;
    assert_eq!(list(&app, &carol, "").await["total"], 1);
}

#[tokio::test]
async fn followers_are_told_once_of_a_new_video() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let subscribe = json!({ "uri": "ada_channel@video.test" });
    app.post("/api/v1/users/me/subscriptions")
        .token(&bob)
        .json(subscribe)
        .await
        .expect(204);
    follow(&app, "bob", "ada").await;
    app.run_jobs().await;
    let told = list(&app, &ada, "").await;
    assert_eq!(kinds(&told), [10]);
    let follow = &told["data"][0]["actorFollow"];
    assert_eq!(
        (&follow["follower"]["name"], &follow["following"]["type"]),
        (&json!("bob"), &json!("channel"))
    );
    assert_eq!(
        (&follow["state"], &follow["following"]["host"]),
        (&json!("accepted"), &json!("video.test"))
    );

    let hidden = add(&app, "ada", "Not yet", |new| new.privacy = Privacy::Private).await;
    let video = add(&app, "ada", "Fresh", |_| {}).await;
    app.run_jobs().await;
    let told = list(&app, &bob, "").await;
    assert_eq!(
        (kinds(&told), &told["data"][0]["video"]["name"]),
        (vec![1], &json!("Fresh"))
    );
    assert_eq!(told["data"][0]["video"]["channel"]["name"], "ada_channel");
    assert_eq!(told["data"][0]["read"], false);
    // Opened later it is new, and once only.
    let path = format!("/api/v1/videos/{}", hidden.uuid);
    for privacy in [1, 3, 1] {
        app.put(&path)
            .token(&ada)
            .json(json!({ "privacy": privacy }))
            .await
            .expect(204);
        app.run_jobs().await;
    }
    assert_eq!(kinds(&list(&app, &bob, "").await), [1, 1]);
    app.delete(&format!("/api/v1/videos/{}", video.uuid))
        .token(&ada)
        .await
        .expect(204);
    app.run_jobs().await;
    let told = list(&app, &bob, "").await;
    assert_eq!(
        (&told["total"], &told["data"][0]["video"]["name"]),
        (&json!(1), &json!("Not yet"))
    );
}

#[tokio::test]
async fn a_thousand_followers_are_told_in_parts() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let now = app.clock.now();
    let mut tx = app.db.begin().await.unwrap();
    for n in 0..1_050 {
        let (actor,): (i64,) = base::sql!(
            "INSERT INTO actor (kind, name, created_at, updated_at)
             VALUES ('account', $1, $2, $2) RETURNING id"
        )
        .bind(format!("fan{n}"))
        .bind(now)
        .one(&mut tx)
        .await
        .unwrap();
        let (user,): (i64,) = base::sql!(
            "INSERT INTO users (username, email, role, quota_bytes, quota_daily_bytes, settings,
                                notification_settings, feed_token, created_at, updated_at)
             VALUES ($1, $1, 2, 0, 0, '{}', '{}', $1, $2, $2) RETURNING id"
        )
        .bind(format!("fan{n}"))
        .bind(now)
        .one(&mut tx)
        .await
        .unwrap();
        base::sql!(
            "INSERT INTO account (actor_id, user_id, display_name, created_at, updated_at)
             VALUES ($1, $2, 'Fan', $3, $3)"
        )
        .bind(actor)
        .bind(user)
        .bind(now)
        .execute(&mut tx)
        .await
        .unwrap();
        base::sql!(
            "INSERT INTO follow (follower_actor_id, actor_id, state, created_at, updated_at)
             SELECT $1, id, 'accepted', $2, $2 FROM actor WHERE name = 'ada_channel'"
        )
        .bind(actor)
        .bind(now)
        .execute(&mut tx)
        .await
        .unwrap();
    }
    tx.commit().await.unwrap();
    add(&app, "ada", "Fresh", |_| {}).await;
    app.run_jobs().await;
    let (rows, users): (i64, i64) =
        base::sql!("SELECT count(*), count(DISTINCT user_id) FROM notification WHERE kind = 1")
            .one(&app.db)
            .await
            .unwrap();
    assert_eq!((rows, users), (1_050, 1_050));
}

#[tokio::test]
async fn a_cause_that_comes_twice_is_told_once() {
    let app = TestApp::new().await;
    let ada = app.user("ada").await;
    let video = add(&app, "ada", "A walk", |_| {}).await;
    let notice = Notice::Published {
        video_id: video.id.0,
    };
    for _ in 0..2 {
        vidicon::notification::tell(&app, "job 4711", &notice)
            .await
            .unwrap();
    }
    assert_eq!(kinds(&list(&app, &ada, "typeOneOf=6").await), [6]);
}

#[tokio::test]
async fn what_moderators_and_owners_hear() {
    let app = TestApp::new().await;
    let (root, ada) = (app.root().await, app.user("ada").await);
    let video = add(&app, "ada", "A walk", |_| {}).await;
    let block = format!("/api/v1/videos/{}/blacklist", video.uuid);
    app.post(&block)
        .token(&root)
        .json(json!({ "reason": "because" }))
        .await
        .expect(204);
    app.run_jobs().await;
    for again in [json!({ "reason": "still" }), json!({ "unfederate": true })] {
        app.post(&block).token(&root).json(again).await.expect(204);
        app.run_jobs().await;
    }
    let (acts,): (i64,) = base::sql!("SELECT count(*) FROM moderation_log")
        .one(&app.db)
        .await
        .unwrap();
    assert_eq!(acts, 1, "one block");
    app.delete(&block).token(&root).await.expect(204);
    app.run_jobs().await;
    let told = list(&app, &ada, "").await;
    assert_eq!(kinds(&told), [5, 4]);
    assert_eq!(told["data"][1]["videoBlacklist"]["video"]["name"], "A walk");
    let now = app.clock.now();
    let mut tx = app.db.begin().await.unwrap();
    vidicon::video::block(&mut tx, video.id, true, Some("rule"), None, false, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    app.run_jobs().await;
    assert_eq!(kinds(&list(&app, &root, "typeOneOf=12").await), [12]);
    let number = video.id.0;
    tell(&app, Notice::StudioFinished { video_id: number }).await;
    tell(
        &app,
        Notice::Transcribed {
            video_id: number,
            language: "fr".to_owned(),
        },
    )
    .await;
    let me = app.get("/api/v1/users/me").token(&ada).await.json()["id"]
        .as_i64()
        .unwrap();
    for failed in [false, true] {
        let import = Notice::ImportFinished {
            user_id: me,
            import_id: 9,
            video_id: (!failed).then_some(number),
            target_url: Some("https://a.example/v".to_owned()),
            torrent_name: None,
            magnet_uri: None,
            failed,
        };
        tell(&app, import).await;
    }
    let told = list(&app, &ada, "").await;
    assert_eq!(kinds(&told)[..4], [8, 7, 22, 19]);
    assert_eq!(told["data"][0]["videoImport"]["video"], Value::Null);
    assert_eq!(told["data"][1]["videoImport"]["video"]["name"], "A walk");
    assert_eq!(
        told["data"][2]["videoCaption"]["language"],
        json!({ "id": "fr", "label": "French" })
    );
}

#[tokio::test]
async fn those_who_join_are_told_of() {
    let app = TestApp::new().await;
    let root = app.root().await;
    let settings = app.get("/api/v1/config/custom").token(&root).await.json();
    let open = async |approval: bool| {
        let mut settings = settings.clone();
        settings["signup"]["enabled"] = true.into();
        settings["signup"]["requiresApproval"] = approval.into();
        app.put("/api/v1/config/custom")
            .token(&root)
            .json(settings)
            .await
            .expect(200);
    };
    open(false).await;
    let form = json!({ "username": "dora", "password": "password-1", "email": "dora@example.org" });
    app.post("/api/v1/users/register")
        .json(form)
        .await
        .expect(204);
    open(true).await;
    let form = json!({
        "username": "emil", "password": "password-1", "email": "emil@example.org",
        "registrationReason": "I like it here",
    });
    app.post("/api/v1/users/registrations/request")
        .json(form)
        .await
        .expect(200);
    app.run_jobs().await;
    let told = list(&app, &root, "sort=createdAt").await;
    assert_eq!(kinds(&told), [9, 20]);
    assert_eq!(told["data"][0]["account"]["name"], "dora");
    assert_eq!(told["data"][1]["registration"]["username"], "emil");
}

#[tokio::test]
async fn lists_filter_page_and_mark() {
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "A walk", |_| {}).await;
    for _ in 0..3 {
        app.clock.advance(1_000);
        tell(
            &app,
            Notice::StudioFinished {
                video_id: video.id.0,
            },
        )
        .await;
        tell(
            &app,
            Notice::Published {
                video_id: video.id.0,
            },
        )
        .await;
    }
    let all = list(&app, &ada, "count=2").await;
    assert_eq!((&all["total"], kinds(&all)), (&json!(6), vec![6, 19]));
    let some = list(&app, &ada, "typeOneOf=19&typeOneOf=1").await;
    assert_eq!(
        (&some["total"], kinds(&some)),
        (&json!(3), vec![19, 19, 19])
    );
    let read = format!("{LIST}/read");
    let first = json!({ "ids": [all["data"][0]["id"], all["data"][0]["id"], 999_999] });
    app.post(&read)
        .token(&bob)
        .json(first.clone())
        .await
        .expect(204);
    assert_eq!(list(&app, &ada, "unread=true").await["total"], 6);
    for _ in 0..2 {
        app.post(&read)
            .token(&ada)
            .json(first.clone())
            .await
            .expect(204);
        assert_eq!(list(&app, &ada, "unread=true&count=0").await["total"], 5);
    }
    let unread = list(&app, &ada, "unread=true&typeOneOf=6").await;
    assert_eq!((&unread["total"], kinds(&unread)), (&json!(2), vec![6, 6]));
    app.post(&format!("{LIST}/read-all"))
        .token(&ada)
        .await
        .expect(204);
    assert_eq!(list(&app, &ada, "unread=true").await["total"], 0);
    assert_eq!(list(&app, &ada, "").await["total"], 6);
    for (path, body) in [
        (&read, json!({ "ids": [] })),
        (&read, json!({ "ids": ["x"] })),
    ] {
        app.post(path).token(&ada).json(body).await.expect(400);
    }
    for query in ["sort=type", "count=101", "typeOneOf=x"] {
        app.get(&format!("{LIST}?{query}"))
            .token(&ada)
            .await
            .expect(400);
    }
    app.get(LIST).await.expect(401);
}

#[tokio::test]
async fn channel_help_and_ownership_are_told_both_ways() {
    use vidicon::notice::Answer;
    let app = TestApp::new().await;
    let (ada, bob) = (app.user("ada").await, app.user("bob").await);
    let video = add(&app, "ada", "A walk", |_| {}).await;
    let bobs = app.get("/api/v1/accounts/bob").await.json()["id"]
        .as_i64()
        .unwrap();
    for (answer, who, kind) in [
        (Answer::Asked, &bob, 26),
        (Answer::Accepted, &ada, 27),
        (Answer::Rejected, &ada, 28),
    ] {
        let notice = Notice::Ownership {
            change_id: 5,
            video_id: Some(video.id.0),
            channel_id: None,
            from_account_id: video.account_id.0,
            to_account_id: bobs,
            answer,
        };
        tell(&app, notice).await;
        let told = list(&app, who, &format!("typeOneOf={kind}")).await;
        assert_eq!(told["total"], 1);
        assert_eq!(
            told["data"][0]["videoChangeOwnership"]["video"]["name"],
            "A walk"
        );
    }
    let people = "/api/v1/video-channels/ada_channel/collaborators";
    let invite = json!({ "accountHandle": "bob" });
    let asked = app
        .post(&format!("{people}/invite"))
        .token(&ada)
        .json(invite)
        .await
        .expect(200);
    app.run_jobs().await;
    let told = list(&app, &bob, "typeOneOf=23").await;
    assert_eq!(
        told["data"][0]["videoChannelCollaborator"]["channel"]["name"],
        "ada_channel"
    );
    let id = &asked.json()["collaborator"]["id"];
    app.post(&format!("{people}/{id}/accept"))
        .token(&bob)
        .await
        .expect(204);
    app.run_jobs().await;
    let told = list(&app, &ada, "typeOneOf=24").await;
    assert_eq!(
        told["data"][0]["videoChannelCollaborator"]["account"]["name"],
        "bob"
    );
}

#[tokio::test]
async fn what_is_gone_is_taken_out_when_it_is_come_upon() {
    let app = TestApp::new().await;
    let (ada, _) = (app.user("ada").await, app.user("bob").await);
    let first = follow(&app, "bob", "ada").await;
    let second = follow(&app, "bob", "ada_channel").await;
    tell(&app, Notice::Followed { follow_id: first }).await;
    tell(&app, Notice::Followed { follow_id: second }).await;
    assert_eq!(list(&app, &ada, "").await["total"], 2);
    base::sql!("DELETE FROM follow WHERE id = $1")
        .bind(first)
        .execute(&app.db)
        .await
        .unwrap();
    let told = list(&app, &ada, "").await;
    assert_eq!((&told["total"], kinds(&told)), (&json!(1), vec![10]));
    let me = app.get("/api/v1/users/me").token(&ada).await.json()["id"]
        .as_i64()
        .unwrap();
    assert_eq!(
        vidicon::notification::unread(&app, UserId::new(me))
            .await
            .unwrap(),
        1
    );
}
