//! Videos from an age, and countries where videos are not shown.

use crate::app::{Answer, TestApp};
use crate::clips;
use crate::transcode::{address, files, master};
use crate::upload::{found, upload};
use crate::video::add;
use serde_json::{Value, json};
use std::path::Path;
use vidicon::config::Config;
use vidicon::video::Video;

const GERMAN: &str = "81.0.0.7";
const FRENCH: &str = "90.0.0.7";

/// Writes a file of countries in MaxMind's format: 81.0.0.0/8 is German, 90.0.0.0/8 is French.
pub fn write_countries(path: &Path) {
    let places: [(u8, &[u8]); 2] = [(81, b"DE"), (90, b"FR")];
    // A node is its two records: another node, nothing, or (negative) the number of a place.
    let mut nodes = vec![[None::<i64>; 2]];
    for (number, (byte, _)) in (1..).zip(places) {
        let mut node = 0;
        for bit in (0..8).rev() {
            let side = usize::from(byte >> bit & 1);
            if bit == 0 {
                nodes[node][side] = Some(-number);
            } else if let Some(next) = nodes[node][side] {
                node = usize::try_from(next).unwrap();
            } else {
                nodes[node][side] = Some(nodes.len() as i64);
                node = nodes.len();
                nodes.push([None; 2]);
            }
        }
    }
    const COUNTRY: usize = b"\xE1\x47country\xE1\x48iso_code\x42XX".len();
    let count = nodes.len() as i64;
    let mut bytes = Vec::new();
    for record in nodes.iter().flatten() {
        let value = match *record {
            None => count,
            Some(place) if place < 0 => count + 16 + (-place - 1) * COUNTRY as i64,
            Some(node) => node,
        };
        bytes.extend(&value.to_be_bytes()[5..]);
    }
    bytes.extend([0; 16]);
    for (_, code) in places {
        bytes.extend(b"\xE1\x47country\xE1\x48iso_code\x42");
        bytes.extend(code);
    }
    bytes.extend(b"\xAB\xCD\xEFMaxMind.com\xE3\x4Anode_count\xC1");
    bytes.push(count as u8);
    bytes.extend(b"\x4Brecord_size\xA1\x18\x4Aip_version\xA1\x04");
    std::fs::write(path, bytes).unwrap();
}

/// A site whose gate is on, with a country file.
async fn gated() -> TestApp {
    TestApp::with(|config: &mut Config| {
        config.server.country_file = config.server.data_dir.join("countries.mmdb");
        write_countries(&config.server.country_file);
        let site = json!({ "gate": { "enabled": true } });
        config.site = site.as_object().cloned().unwrap();
    })
    .await
}

async fn change(app: &TestApp, video: &Video, body: Value) -> Answer {
    let root = app.root().await;
    let path = format!("/api/v1/videos/{}", video.uuid);
    app.put(&path).token(&root).json(body).await
}

fn code(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    match status {
        200..400 => status.to_string(),
        _ => answer.json()["code"].as_str().unwrap_or("-").to_owned(),
    }
}

#[tokio::test]
async fn a_video_from_an_age_asks_for_it_before_anything_is_shown() {
    let app = gated().await;
    let (root, ada, bob) = (
        app.root().await,
        app.user("ada").await,
        app.user("bob").await,
    );
    let video = add(&app, "ada", "Only for the grown", |_| {}).await;
    let (api, page) = (format!("/api/v1/videos/{}", video.uuid), video.watch_path());
    for wrong in [json!(7), json!("x"), json!(19)] {
        change(&app, &video, json!({ "minAge": wrong }))
            .await
            .expect(400);
    }
    change(&app, &video, json!({ "minAge": 16 }))
        .await
        .expect(204);

    let refused = app.get(&api).await.expect(403);
    assert_eq!(refused.json()["code"], "video_requires_age_consent");
    assert_eq!(refused.json()["minAge"], 16);
    for end in [
        "description",
        "captions",
        "chapters",
        "comment-threads",
        "storyboards",
    ] {
        let answer = app.get(&format!("{api}/{end}")).await;
        assert_eq!(code(&answer), "video_requires_age_consent", "{end}");
    }
    app.get(&api).token(&bob).await.expect(403);
    app.get(&api)
        .header("x-vidicon-age", "15")
        .await
        .expect(403);
    app.get(&api)
        .header("x-vidicon-age", "old")
        .await
        .expect(403);
    let shown = app
        .get(&api)
        .header("x-vidicon-age", "16")
        .await
        .expect(200);
    assert_eq!(shown.json()["minAge"], 16);
    assert_eq!(shown.json()["nsfw"], true, "it counts as sensitive");
    app.get(&api)
        .header("cookie", "vidicon_age=18")
        .await
        .expect(200);
    for may in [&ada, &root] {
        app.get(&api).token(may).await.expect(200);
    }

    let asked = app.get(&page).await.expect(403).text();
    assert!(asked.contains("From 16 years"), "{asked}");
    for secret in [
        "Only for the grown",
        "/static/",
        "/lazy-static/",
        "og:video",
    ] {
        assert!(!asked.contains(secret), "the gate shows {secret}");
    }
    let yes = app.post(&page).form(&[("age", "16")]).await.expect(303);
    let kept = yes.header("set-cookie").to_owned();
    assert!(
        kept.starts_with("vidicon_age=16;") && kept.contains("HttpOnly"),
        "{kept}"
    );
    let opened = app
        .get(&page)
        .header("cookie", "vidicon_age=16")
        .await
        .expect(200);
    assert!(opened.text().contains("Only for the grown"));
    // Too young an answer asks again, and does not open.
    let no = app.post(&page).form(&[("age", "12")]).await.expect(403);
    assert!(no.text().contains("From 16 years"));

    let frame = format!("/videos/embed/{}", video.uuid);
    let asked = app.get(&frame).await.expect(200);
    assert!(asked.text().contains("From 16 years"));
    assert!(!asked.text().contains("Only for the grown"));
    assert_eq!(asked.header("cache-control"), "private, no-store");
    let opened = app.post(&frame).form(&[("age", "16")]).await.expect(200);
    assert!(!opened.text().contains("From 16 years"));

    // A change that says nothing of the age leaves it sensitive; without the age it need not be.
    change(&app, &video, json!({ "nsfw": false }))
        .await
        .expect(204);
    let shown = app.get(&api).token(&root).await.json();
    assert_eq!(
        (&shown["nsfw"], &shown["minAge"]),
        (&json!(true), &json!(16))
    );
    change(&app, &video, json!({ "minAge": 0, "nsfw": false }))
        .await
        .expect(204);
    let shown = app.get(&api).await.expect(200).json();
    assert_eq!(shown["nsfw"], false);
}

#[tokio::test]
async fn files_and_playlists_stand_behind_the_same_gate() {
    let app = gated().await;
    let root = app.root().await;
    let answer = upload(&app, &root, &clips::COPIED, &[("minAge", "18")]).await;
    let video = {
        let _alone = clips::alone().await;
        app.run_jobs().await;
        found(&app, &answer).await
    };
    assert_eq!(video.min_age, 18);
    let made = files(&app, &video).await;
    let names = [
        made[0].filename.clone(),
        made[0].playlist_filename.clone(),
        master(&app, &video).await.unwrap(),
    ];
    let token = format!("/api/v1/videos/{}/token", video.uuid);
    let refused = app.post(&token).await;
    assert_eq!(code(&refused), "video_requires_age_consent");
    let given = app
        .post(&token)
        .header("x-vidicon-age", "18")
        .await
        .expect(200)
        .json();
    let token = given["files"]["token"].as_str().unwrap();
    for name in &names {
        let path = address(&video, name);
        for path in [path.clone(), path.replace("/hls/", "/hls/private/")] {
            let refused = app.get(&path).await;
            assert_eq!(code(&refused), "video_requires_age_consent", "{path}");
            let told = app
                .get(&path)
                .header("x-vidicon-age", "18")
                .await
                .expect(200);
            assert!(told.header("cache-control").contains("private"), "{path}");
            app.get(&path)
                .header("cookie", "vidicon_age=18")
                .await
                .expect(200);
            app.get(&path).token(&root).await.expect(200);
            app.get(&format!("{path}?videoFileToken={token}"))
                .await
                .expect(200);
        }
    }
    let page = app
        .get(&video.watch_path())
        .header("cookie", "vidicon_age=18")
        .await;
    assert!(
        page.expect(200).text().contains("videoFileToken="),
        "the player has a token"
    );
    change(&app, &video, json!({ "minAge": 0 }))
        .await
        .expect(204);
    for name in &names {
        app.get(&address(&video, name)).await.expect(200);
    }
}

#[tokio::test]
async fn a_password_and_an_age_are_asked_one_after_the_other() {
    let app = gated().await;
    app.user("ada").await;
    let video = add(&app, "ada", "Twice shut", |new| {
        new.privacy = vidicon::video::Privacy::Password;
        new.passwords = vec!["sesame".to_owned()];
        new.min_age = 18;
    })
    .await;
    let page = video.watch_path();
    let asked = app.get(&page).await.expect(404);
    assert!(!asked.text().contains("From 18 years"));
    let next = app
        .post(&page)
        .form(&[("password", "sesame")])
        .await
        .expect(403);
    assert!(next.text().contains("From 18 years"));
    let key = next
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned();
    assert!(key.starts_with("open_"), "{key}");
    let still = app.get(&page).header("cookie", &key).await.expect(403);
    assert!(!still.text().contains("Twice shut"));
    let yes = app
        .post(&page)
        .header("cookie", &key)
        .form(&[("age", "18")]);
    yes.await.expect(303);
    let both = format!("{key}; vidicon_age=18");
    let opened = app.get(&page).header("cookie", &both).await.expect(200);
    assert!(opened.text().contains("Twice shut"));
    app.get(&page)
        .header("cookie", "vidicon_age=18")
        .await
        .expect(404);
}

#[tokio::test]
async fn countries_see_what_is_shown_to_them() {
    let app = gated().await;
    app.user("ada").await;
    let root = app.root().await;
    let (here, everywhere) = (
        add(&app, "ada", "Not in Germany", |_| {}).await,
        add(&app, "ada", "For the world", |_| {}).await,
    );
    for wrong in [json!(["Germany"]), json!(["D1"]), json!("D"), json!([7])] {
        let body = json!({ "hiddenInCountries": wrong });
        change(&app, &here, body).await.expect(400);
    }
    let body = json!({ "hiddenInCountries": ["de", "AT", "DE"] });
    change(&app, &here, body).await.expect(204);
    let from = async |video: &Video, ip: &str| {
        let api = format!("/api/v1/videos/{}", video.uuid);
        code(&app.get(&api).header("x-forwarded-for", ip).await)
    };
    let no = "video_not_shown_in_country";
    assert_eq!(from(&here, GERMAN).await, no);
    for ip in [FRENCH, "10.0.0.1", "2001:db8::1"] {
        assert_eq!(from(&here, ip).await, "200", "{ip}");
    }
    assert_eq!(from(&everywhere, GERMAN).await, "200");
    // One who asks just before does not decide for the next.
    for (ip, status) in [(FRENCH, 200), (GERMAN, 403), (FRENCH, 200), (GERMAN, 403)] {
        let page = app
            .get(&here.watch_path())
            .header("x-forwarded-for", ip)
            .await;
        let shows = page.expect(status).text().contains("Not in Germany");
        assert_eq!(shows, status == 200, "{ip}");
    }
    let frame = format!("/videos/embed/{}", here.uuid);
    let frame = app
        .get(&frame)
        .header("x-forwarded-for", GERMAN)
        .await
        .expect(200);
    assert!(frame.text().contains("not shown in your country"));
    let api = format!("/api/v1/videos/{}", here.uuid);
    let shown = app
        .get(&api)
        .token(&root)
        .header("x-forwarded-for", GERMAN)
        .await;
    assert_eq!(
        shown.expect(200).json()["hiddenInCountries"],
        json!(["AT", "DE"])
    );

    // The site as a whole.
    let path = "/api/v1/config/custom";
    let mut settings = app.get(path).token(&root).await.json();
    settings["gate"]["countries"] = json!(["fr", "xyz"]);
    app.put(path)
        .token(&root)
        .json(settings.clone())
        .await
        .expect(400);
    settings["gate"]["countries"] = json!(["fr"]);
    let put = app
        .put(path)
        .token(&root)
        .json(settings.clone())
        .await
        .expect(200);
    assert_eq!(put.json()["gate"]["countries"], json!(["FR"]));
    assert_eq!(from(&everywhere, FRENCH).await, no);
    assert_eq!(from(&everywhere, GERMAN).await, "200");
    let form = app
        .get("/admin/settings")
        .token(&root)
        .await
        .expect(200)
        .text();
    assert!(form.contains("name=\"gate.countries\""), "{form}");
}

#[tokio::test]
async fn statistics_tell_from_where_a_video_was_watched() {
    let app = gated().await;
    let ada = app.user("ada").await;
    let video = add(&app, "ada", "Seen abroad", |new| new.duration_s = 60).await;
    let api = format!("/api/v1/videos/{}", video.uuid);
    for (ip, session) in [
        (GERMAN, "a"),
        (GERMAN, "b"),
        (FRENCH, "c"),
        ("10.1.1.1", "d"),
    ] {
        for at_s in [2, 7] {
            app.post(&format!("{api}/views"))
                .header("x-forwarded-for", ip)
                .json(json!({ "currentTime": at_s, "sessionId": session }))
                .await
                .expect(204);
        }
    }
    let stats = app.get(&format!("{api}/stats/overall")).token(&ada).await;
    assert_eq!(
        stats.json()["countries"],
        json!([{ "isoCode": "DE", "viewers": 2 }, { "isoCode": "FR", "viewers": 1 }])
    );
}

#[tokio::test]
async fn nothing_is_asked_while_the_gate_is_off() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let root = app.root().await;
    let video = add(&app, "ada", "Open", |new| {
        new.min_age = 18;
        new.hidden_in = Some(vec!["DE".to_owned()]);
    })
    .await;
    let api = format!("/api/v1/videos/{}", video.uuid);
    app.get(&api)
        .header("x-forwarded-for", GERMAN)
        .await
        .expect(200);
    app.get(&video.watch_path()).await.expect(200);
    // Countries cannot be named where none is known.
    let path = "/api/v1/config/custom";
    let mut settings = app.get(path).token(&root).await.json();
    settings["gate"]["countries"] = json!(["FR"]);
    app.put(path).token(&root).json(settings).await.expect(400);
}
