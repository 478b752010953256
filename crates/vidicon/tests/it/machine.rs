//! The machine room: every page for those who may see it, and what its buttons do.

use crate::app::TestApp;
use crate::studio::Browser;
use crate::video::add;
use serde_json::json;

async fn root(app: &TestApp) -> Browser<'_> {
    Browser::new(app, "root", crate::app::ROOT_PASSWORD).await
}

const PAGES: [&str; 24] = [
    "/admin",
    "/admin/setup",
    "/admin/people",
    "/admin/people/new",
    "/admin/joins",
    "/admin/videos",
    "/admin/reports",
    "/admin/names",
    "/admin/comments",
    "/admin/mutes",
    "/admin/mutes?of=servers",
    "/admin/jobs",
    "/admin/jobs?state=failed",
    "/admin/log?show=changes",
    "/admin/settings",
    "/admin/groups",
    "/admin/invitations",
    "/admin/lists",
    "/admin/words",
    "/admin/follows",
    "/admin/follows?of=followed",
    "/admin/follows?of=peers",
    "/admin/webhooks",
    "/admin/pictures",
];

#[tokio::test]
async fn pages_are_for_those_who_run_the_place() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let ada = Browser::new(&app, "ada", "password-1").await;
    let root = root(&app).await;
    for path in PAGES {
        app.get(path)
            .header("accept", "text/html")
            .await
            .expect(303);
        ada.get(path).await.expect(403);
        let html = root.get(path).await.expect(200).text();
        assert!(!html.contains("style="), "{path}");
    }
}

#[tokio::test]
async fn health_is_told_in_words() {
    let app = TestApp::new().await;
    let html = root(&app).await.get("/admin").await.expect(200).text();
    for shown in [
        "No mail is sent",
        "whoever is on the way can read along",
        "Files can be written, read and deleted",
        "/admin/health/back-up",
    ] {
        assert!(html.contains(shown), "{shown} is missing: {html}");
    }
    let report = html.split("id=\"report\"").nth(1).unwrap();
    let report = report.split("</textarea>").next().unwrap();
    assert!(
        report.contains(">Vidicon ") && report.contains("\nlook Mail: "),
        "{report}"
    );
    let browser = root(&app).await;
    let setup = browser.get("/admin/setup").await.expect(200).text();
    assert!(setup.contains("Files can be written, read and deleted."));
    let tidied = browser.post("/admin/health/tidy-up").form(&[]).await;
    assert!(browser.follow(tidied).await.contains("It is under way."));
    browser
        .post("/admin/health/nonsense")
        .form(&[])
        .await
        .expect(404);
}

#[tokio::test]
async fn people_are_added_changed_closed_and_deleted() {
    let app = TestApp::new().await;
    let browser = root(&app).await;
    let short = [
        ("username", "grace"),
        ("email", "grace@example.org"),
        ("password", "123"),
        ("role", "2"),
        ("room", "1,5"),
    ];
    let refused = browser
        .post("/admin/people/new")
        .form(&short)
        .await
        .expect(400)
        .text();
    assert!(refused.contains("value=\"grace\"") && refused.contains("value=\"1,5\""));
    let mut good = short;
    good[2] = ("password", "long enough");
    let made = browser.post("/admin/people/new").form(&good).await;
    assert!(browser.follow(made).await.contains("grace@example.org"));
    let token = app.root().await;
    let users = app
        .get("/api/v1/users?search=grace")
        .token(&token)
        .await
        .json();
    let user = &users["data"][0];
    assert_eq!(user["videoQuota"], 1_500_000_000_i64);
    let path = format!("/admin/people/{}", user["id"]);
    browser.get(&path).await.expect(200);
    let changed = [("email", "g@example.org"), ("role", "1"), ("room", "")];
    browser
        .follow(browser.post(&path).form(&changed).await)
        .await;
    let closed = browser
        .post(&format!("{path}/close"))
        .form(&[("why", "Spam")])
        .await;
    assert!(browser.follow(closed).await.contains("Spam"));
    browser
        .follow(browser.post(&format!("{path}/open")).form(&[]).await)
        .await;
    let delete = format!("{path}/delete");
    let asked = browser.post(&delete).form(&[]).await.expect(200).text();
    assert!(asked.contains("Delete grace with all videos"));
    let gone = browser.post(&delete).form(&[("sure", "1")]).await;
    assert!(browser.follow(gone).await.contains("The account is gone."));
}

#[tokio::test]
async fn who_asks_to_join_gets_an_answer() {
    let app = TestApp::new().await;
    let browser = root(&app).await;
    let settings = json!({ "signup": { "enabled": true, "limit": -1, "requiresApproval": true } });
    let changes = settings.as_object().cloned().unwrap();
    app.instance
        .save(&app.db, &app.clock, changes)
        .await
        .unwrap();
    app.post("/signup")
        .header("sec-fetch-site", "same-origin")
        .form(&[
            ("username", "grace"),
            ("email", "grace@example.org"),
            ("password", "long enough"),
            ("reason", "I make <b>films</b>"),
            ("rules", "1"),
            ("age", "1"),
        ])
        .await
        .expect(303);
    assert!(
        browser
            .get("/admin")
            .await
            .text()
            .contains("One person asks to join")
    );
    let list = browser.get("/admin/joins").await.text();
    let (_, rest) = list.split_once("href=\"/admin/joins/").unwrap();
    let path = format!("/admin/joins/{}", rest.split('"').next().unwrap());
    let page = browser.get(&path).await.expect(200).text();
    assert!(
        page.contains("&lt;b&gt;films") || page.contains("&#60;b&#62;films"),
        "{page}"
    );
    let silent = browser
        .post(&path)
        .form(&[("act", "accept"), ("answer", "")])
        .await;
    assert!(silent.expect(400).text().contains("Your answer"));
    let accepted = browser
        .post(&path)
        .form(&[("act", "accept"), ("answer", "Welcome")])
        .await;
    browser.follow(accepted).await;
    app.login("grace", "long enough").await;
}

#[tokio::test]
async fn videos_are_blocked_and_opened() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "Loud", |_| {}).await;
    let browser = root(&app).await;
    let path = format!("/admin/videos/{}", video.uuid);
    assert!(browser.get("/admin/videos").await.text().contains("Loud"));
    let blocked = browser.post(&format!("{path}/block")).form(&[]).await;
    assert!(browser.follow(blocked).await.contains("Blocked"));
    app.get(&format!("/api/v1/videos/{}", video.uuid))
        .await
        .expect(401);
    let open = browser.post(&format!("{path}/open")).form(&[]).await;
    browser.follow(open).await;
    app.get(&format!("/api/v1/videos/{}", video.uuid))
        .await
        .expect(200);
    let asked = browser
        .post(&format!("{path}/delete"))
        .form(&[])
        .await
        .expect(200);
    assert!(asked.text().contains("Remove “Loud” for good?"));
    let gone = browser
        .post(&format!("{path}/delete"))
        .form(&[("sure", "1")])
        .await;
    assert!(!browser.follow(gone).await.contains("Loud"));
}

#[tokio::test]
async fn settings_are_changed_and_locked_ones_stay() {
    let app = TestApp::with(|config| {
        let site = json!({ "instance": { "terms": "From the file" } });
        config.site = site.as_object().cloned().unwrap();
    })
    .await;
    let browser = root(&app).await;
    let html = browser.get("/admin/settings").await.expect(200).text();
    assert!(html.contains("Fixed in the settings file"));
    let fields = [
        ("instance.name", "The harbour"),
        ("instance.shortDescription", "Boats"),
        ("instance.terms", "not this"),
        ("admin.email", "a@example.org"),
        ("signup.limit", "50"),
        ("signup.minimumAge", "16"),
        ("user.videoQuota", "2"),
        ("user.videoQuotaDaily", ""),
        ("videoChannels.maxPerUser", "5"),
        ("transcoding.enabled", "1"),
        ("transcoding.resolutions.720p", "1"),
        ("transcoding.fps.max", "30"),
        ("transcoding.loudness.target", "-20"),
        ("transcoding.pauseAboveLoad", "150"),
        ("transcoding.hours", "22:00-06:00"),
        ("instance.defaultNSFWPolicy", "blur"),
        ("broadcastMessage.level", "info"),
        ("reactions.emoji", "👏 🎉"),
        ("spam.holdAbove", "70"),
    ];
    let saved = browser.post("/admin/settings").form(&fields).await;
    let html = browser.follow(saved).await;
    assert!(html.contains("value=\"The harbour\""), "{html}");
    let settings = app.instance.settings();
    assert_eq!(settings.instance.terms, "From the file");
    assert_eq!(settings.user.video_quota, 2_000_000_000);
    assert!(!settings.transcoding.resolutions["1080p"]);
    assert!(settings.transcoding.resolutions["720p"]);
    assert_eq!(settings.transcoding.pause_above_load, 150);
    assert_eq!(settings.transcoding.loudness.target, -20);
    let mut late = fields;
    late[14] = ("transcoding.hours", "at night");
    let refused = browser.post("/admin/settings").form(&late).await;
    assert!(refused.expect(400).text().contains("at night"));
    let mut wrong = fields;
    wrong[4] = ("signup.limit", "many");
    let refused = browser
        .post("/admin/settings")
        .form(&wrong)
        .await
        .expect(400)
        .text();
    assert!(refused.contains("At most so many accounts") && refused.contains("value=\"many\""));
}

#[tokio::test]
async fn mutes_come_and_go() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let browser = root(&app).await;
    let unknown = browser
        .post("/admin/mutes")
        .form(&[("who", "nobody")])
        .await
        .expect(400);
    assert!(
        unknown
            .text()
            .contains("Nobody of that name is known here.")
    );
    let muted = browser.post("/admin/mutes").form(&[("who", "@ada")]).await;
    assert!(browser.follow(muted).await.contains("@ada"));
    let open = browser
        .post("/admin/mutes/accounts/ada/open")
        .form(&[])
        .await;
    assert!(browser.follow(open).await.contains("No account is muted."));
    let server = browser
        .post("/admin/mutes?of=servers")
        .form(&[("who", "spam.example")])
        .await;
    assert!(browser.follow(server).await.contains("spam.example"));
}

#[tokio::test]
async fn a_failed_job_says_why_and_is_tried_again() {
    let app = TestApp::new().await;
    let now = app.clock.now();
    let job = base::job::NewJob::new("video_published", json!({ "videoId": "x" }));
    let id = job
        .max_attempts(1)
        .enqueue(&app.db, now)
        .await
        .unwrap()
        .unwrap();
    app.run_jobs().await;
    let browser = root(&app).await;
    let html = browser
        .get("/admin/jobs?state=failed")
        .await
        .expect(200)
        .text();
    assert!(
        html.contains("A video came out") && html.contains("cannot be read"),
        "{html}"
    );
    let again = browser
        .post(&format!("/admin/jobs/{id}/retry"))
        .form(&[])
        .await;
    assert!(
        browser
            .follow(again)
            .await
            .contains("It will be tried again.")
    );
}

#[tokio::test]
async fn the_first_log_in_leads_to_the_first_steps() {
    let app = TestApp::new().await;
    let log_in = || {
        app.post("/login")
            .header("sec-fetch-site", "same-origin")
            .form(&[
                ("username", "root"),
                ("password", crate::app::ROOT_PASSWORD),
            ])
    };
    assert_eq!(
        log_in().await.expect(303).header("location"),
        "/admin/setup"
    );
    let browser = root(&app).await;
    let named = browser
        .post("/admin/setup")
        .form(&[
            ("part", "name"),
            ("name", "The harbour"),
            ("short", "Boats"),
        ])
        .await;
    assert!(
        browser
            .follow(named)
            .await
            .contains("value=\"The harbour\"")
    );
    let done = browser
        .post("/admin/setup")
        .form(&[("part", "done")])
        .await
        .expect(303);
    assert_eq!(done.header("location"), "/upload");
    assert_eq!(log_in().await.expect(303).header("location"), "/");
}

#[tokio::test]
async fn reports_are_decided_and_talked_about() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "Loud", |_| {}).await;
    let ada = app.user("ada").await;
    app.post("/api/v1/abuses")
        .token(&ada)
        .json(json!({ "reason": "Far too loud", "video": { "id": video.id } }))
        .await
        .expect(200);
    let browser = root(&app).await;
    assert!(
        browser
            .get("/admin")
            .await
            .text()
            .contains("One report waits")
    );
    let list = browser.get("/admin/reports").await.expect(200).text();
    let (_, rest) = list.split_once("href=\"/admin/reports/").unwrap();
    let path = format!("/admin/reports/{}", rest.split('"').next().unwrap());
    let page = browser.get(&path).await.expect(200).text();
    assert!(
        page.contains("Far too loud") && page.contains("@ada"),
        "{page}"
    );
    let empty = browser
        .post(&path)
        .form(&[("act", "say"), ("message", "")])
        .await;
    assert!(
        empty
            .expect(400)
            .text()
            .contains("Please look again at: Your words")
    );
    let said = browser
        .post(&path)
        .form(&[("act", "say"), ("message", "Thank you")])
        .await;
    assert!(browser.follow(said).await.contains("Thank you"));
    let judged = browser
        .post(&path)
        .form(&[("act", "accept"), ("note", "Turned down")])
        .await;
    let page = browser.follow(judged).await;
    assert!(page.contains("Accepted") && page.contains("Turned down"));
    let mine = app.get("/api/v1/users/me/abuses").token(&ada).await.json();
    assert_eq!(mine["data"][0]["state"]["id"], 3);
}
