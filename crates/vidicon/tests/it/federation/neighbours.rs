//! What an administrator sees of other servers and does with what they did not take; what visitors see.

use super::inbox::Stranger;
use super::site::{Site, settle};
use base::db::Query;
use serde_json::{Value, json};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

async fn cookie(site: &Site) -> String {
    let fields = [
        ("username", "root"),
        ("password", crate::app::ROOT_PASSWORD),
        ("next", "/"),
        ("stay", "1"),
    ];
    let call = site
        .app
        .post("/login")
        .header("sec-fetch-site", "same-origin");
    let answer = call.form(&fields).await.expect(303);
    let all = answer.headers.get_all("set-cookie").iter();
    let all: Vec<&str> = all.filter_map(|value| value.to_str().ok()).collect();
    let session = all
        .iter()
        .find(|value| value.starts_with("vidicon_session="));
    session.unwrap().split(';').next().unwrap().to_owned()
}

async fn press(site: &Site, cookie: &str, path: &str, fields: &[(&str, &str)]) {
    let call = site.app.post(path).header("cookie", cookie);
    let call = call.header("sec-fetch-site", "same-origin");
    call.form(fields).await.expect(303);
}

#[tokio::test]
async fn what_a_server_did_not_take_is_sent_again() {
    let (site, ronja) = (Site::new().await, Stranger::new().await);
    let host = ronja.base.trim_start_matches("http://").to_owned();
    let follow = ronja.activity("Follow", 1, json!(site.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&site, "/inbox", &follow).await, 204);
    // The stranger has no inbox as yet: it answers 404, so the Accept is refused.
    settle(&[&site]).await;
    let root = site.app.root().await;
    let peer = format!("/api/v1/server/peers/{host}");
    let get = async |path: &str| site.app.get(path).token(&root).await.expect(200).json();
    let shown = get(&peer).await;
    assert_eq!(
        (&shown["waiting"], &shown["undelivered"]),
        (&json!(0), &json!(1))
    );
    let list = get(&format!("{peer}/undelivered")).await;
    let missed = &list["data"][0];
    assert_eq!(
        (&list["total"], &missed["type"]),
        (&json!(1), &json!("Accept"))
    );
    assert!(
        missed["error"].as_str().unwrap().ends_with("answered 404"),
        "{missed}"
    );

    let replay = format!("{peer}/undelivered/{}/replay", missed["id"]);
    let post = |path: &str| site.app.post(path).token(&root);
    post(&format!("{peer}/undelivered/99999/replay"))
        .await
        .expect(404);
    post(&format!("{peer}/undelivered/x/replay"))
        .await
        .expect(400);
    post("/api/v1/server/peers/nowhere.example/replay")
        .await
        .expect(404);
    site.app
        .get("/api/v1/server/peers/nowhere.example")
        .token(&root)
        .await
        .expect(404);
    // It still has none: the same comes back. Then it has one, and takes it.
    post(&replay).await.expect(204);
    let waiting = get(&peer).await;
    assert_eq!(waiting["next"][0]["type"], "Accept");
    settle(&[&site]).await;
    assert_eq!(get(&peer).await["undelivered"], 1);
    ronja.put("/users/ronja/inbox", Value::Null);
    post(&format!("{peer}/replay")).await.expect(204);
    settle(&[&site]).await;
    let shown = get(&peer).await;
    assert_eq!(
        (&shown["waiting"], &shown["undelivered"]),
        (&json!(0), &json!(0))
    );
    assert!(shown["lastSuccessAt"].is_string());
}

/// Takes connections and never answers.
async fn hang() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    host
}

async fn owe(site: &Site, host: &str, failing_since: Option<i64>) {
    let now = site.app.clock.now();
    let mut tx = site.app.db.begin().await.unwrap();
    Query::new("INSERT INTO peer (host, first_seen_at, failing_since) VALUES ($1, $2, $3)")
        .bind(host)
        .bind(now)
        .bind(failing_since)
        .execute(&mut tx)
        .await
        .unwrap();
    Query::new(
        "INSERT INTO delivery (sent_activity_id, host, inbox_url, created_at)
         SELECT id, $1, $2, $3 FROM sent_activity ORDER BY id LIMIT 1",
    )
    .bind(host)
    .bind(format!("http://{host}/inbox"))
    .bind(now)
    .execute(&mut tx)
    .await
    .unwrap();
    vidicon::federation::deliver::retry(&mut tx, host, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn servers_that_hang_take_no_seat_from_those_that_answer() {
    let site = Site::with(|config| config.federation.deliveries = 1).await;
    site.follow(&Site::new().await).await;
    let ronja = Stranger::new().await;
    let host = ronja.base.trim_start_matches("http://").to_owned();
    ronja.put("/inbox", Value::Null);
    let now = site.app.clock.now();
    // One that is known to hang, one that is not, and then one that answers.
    owe(&site, &hang().await, Some(now)).await;
    owe(&site, &hang().await, None).await;
    owe(&site, &host, None).await;
    let (workers, stop) = (site.app.workers.clone(), CancellationToken::new());
    let lanes = vidicon::jobs::lanes(&site.app);
    let (work, stopping) = (vidicon::jobs::work(&site.app), stop.clone());
    let running = tokio::spawn(async move { workers.run(lanes, work, stopping).await });
    let owed = async || {
        let (owed,): (i64,) = Query::new("SELECT count(*) FROM delivery")
            .one(&site.app.db)
            .await
            .unwrap();
        owed
    };
    // Far less than the ten seconds for which each of the others is waited for.
    let soon = async {
        while owed().await > 2 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let soon = tokio::time::timeout(Duration::from_secs(6), soon).await;
    assert!(soon.is_ok(), "the server that answers has to wait");
    assert_eq!(owed().await, 2);
    running.abort();
    stop.cancel();
}

#[tokio::test]
async fn pages_show_other_servers_and_what_they_did_not_take() {
    let (home, east, ronja) = (Site::new().await, Site::new().await, Stranger::new().await);
    home.change_settings(json!({ "followers": { "instance": { "manualApproval": true } } }))
        .await;
    east.follow(&home).await;
    // Visitors see those alone who were let in.
    let public = home.app.get("/about/follows").await.expect(200).text();
    assert!(!public.contains(&east.host()));
    let root = home.app.root().await;
    let accept = format!("/api/v1/server/followers/peertube@{}/accept", east.host());
    home.app.post(&accept).token(&root).await.expect(204);
    settle(&[&home, &east]).await;
    for (site, other) in [(&home, &east), (&east, &home)] {
        let public = site.app.get("/about/follows").await.expect(200).text();
        assert!(public.contains(&other.host()), "{}", site.host());
    }

    let follow = ronja.activity("Follow", 1, json!(home.url("/video-channels/root_channel")));
    assert_eq!(ronja.deliver(&home, "/inbox", &follow).await, 204);
    settle(&[&home]).await;
    let session = cookie(&home).await;
    let host = ronja.base.trim_start_matches("http://");
    let here = format!("/admin/follows/servers/{host}");
    let read = async |path: &str| {
        let call = home.app.get(path).header("cookie", &session);
        call.await.expect(200).text()
    };
    assert!(read("/admin/follows?of=peers").await.contains(&here));
    let shown = read(&here).await;
    assert!(
        shown.contains("answered 404") && shown.contains("/again/"),
        "{shown}"
    );
    ronja.put("/users/ronja/inbox", Value::Null);
    press(&home, &session, &here, &[("act", "replay")]).await;
    settle(&[&home]).await;
    assert!(!read(&here).await.contains("/again/"));
    let call = home.app.post(&here).header("cookie", &session);
    let call = call.header("sec-fetch-site", "same-origin");
    call.form(&[("act", "nothing")]).await.expect(400);
    home.app.get(&here).await.expect(401);
}

#[tokio::test]
async fn a_sitting_before_a_video_elsewhere_is_told_to_its_server_once() {
    let (home, east) = (Site::new().await, Site::new().await);
    east.follow(&home).await;
    let video = home.publish("A walk by the sea").await;
    settle(&[&home, &east]).await;
    let path = format!("/api/v1/videos/{}/views", video.uuid);
    for second in [0, 11] {
        let body = json!({ "currentTime": second, "sessionId": "somebody" });
        east.app.post(&path).json(body).await.expect(204);
    }
    let sittings = async || -> Vec<(String, i64)> {
        let query = "SELECT session, watched_s FROM video_viewer ORDER BY id";
        Query::new(query).all(&home.app.db).await.unwrap()
    };
    let tell = async || {
        let now = east.app.clock.now();
        let job = base::job::NewJob::new("federation_viewers", json!({}));
        job.enqueue(&east.app.db, now).await.unwrap();
        settle(&[&home, &east]).await;
    };
    // It may go on still.
    tell().await;
    assert!(sittings().await.is_empty());
    for site in [&home, &east] {
        site.app.clock.advance(61 * 60_000);
    }
    tell().await;
    tell().await;
    let told = sittings().await;
    assert_eq!((told.len(), told[0].1), (1, 11));
    assert!(
        told[0].0.starts_with(&format!("{}|", east.host())),
        "{told:?}"
    );
}
