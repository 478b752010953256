//! Pages of those who have an account and make videos: each form does what it says, keeps what was
//! typed when it fails, and asks before something is gone.

use crate::app::{Answer, Call, TestApp};
use crate::clips;
use crate::upload::channel;
use crate::video::add;
use serde_json::json;
use vidicon::video::Privacy;

/// Somebody in a browser.
pub struct Browser<'a> {
    pub app: &'a TestApp,
    cookie: String,
}

impl<'a> Browser<'a> {
    /// Logs in by the form.
    pub async fn new(app: &'a TestApp, name: &str, password: &str) -> Self {
        let answer = app
            .post("/login")
            .header("sec-fetch-site", "same-origin")
            .form(&[("username", name), ("password", password)])
            .await
            .expect(303);
        let cookies = answer.headers.get_all("set-cookie").iter();
        let mut cookies = cookies.filter_map(|value| value.to_str().ok());
        let session = cookies.find(|value| value.starts_with("vidicon_session="));
        let cookie = session.unwrap().split(';').next().unwrap().to_owned();
        Browser { app, cookie }
    }

    pub fn get(&self, path: &str) -> Call<'a> {
        self.app
            .get(path)
            .header("cookie", &self.cookie)
            .header("accept", "text/html")
    }

    pub fn post(&self, path: &str) -> Call<'a> {
        let call = self.app.post(path).header("accept", "text/html");
        call.header("cookie", &self.cookie)
            .header("sec-fetch-site", "same-origin")
    }

    /// The page behind a form that went well, with what it says was done.
    pub async fn follow(&self, answer: Answer) -> String {
        let answer = answer.expect(303);
        let cookies = answer.headers.get_all("set-cookie").iter();
        let mut cookies = cookies.filter_map(|value| value.to_str().ok());
        let flash = cookies.find(|value| value.starts_with("flash="));
        let flash = flash.and_then(|value| value.split(';').next());
        let both = format!("{}; {}", self.cookie, flash.unwrap_or("flash="));
        let page = self.get(answer.header("location")).header("cookie", &both);
        page.await.expect(200).text()
    }
}

async fn root(app: &TestApp) -> Browser<'_> {
    Browser::new(app, "root", crate::app::ROOT_PASSWORD).await
}

#[tokio::test]
async fn pages_of_ones_own_lead_to_the_log_in() {
    let app = TestApp::new().await;
    for path in [
        "/upload",
        "/my/videos",
        "/my/settings",
        "/my/settings/security",
    ] {
        let answer = app
            .get(path)
            .header("accept", "text/html")
            .await
            .expect(303);
        assert!(
            answer.header("location").starts_with("/login?next="),
            "{path}"
        );
    }
    let foreign = app
        .post("/my/videos")
        .header("origin", "https://evil.example")
        .form(&[("act", "delete")])
        .await;
    assert_eq!(foreign.status, 401);
}

#[tokio::test]
async fn a_plain_form_uploads_a_video_and_keeps_what_was_typed() {
    let app = TestApp::new().await;
    let browser = root(&app).await;
    let place = channel(&app, "root").await.to_string();
    let empty = browser
        .post("/upload")
        .multipart(
            &[
                ("name", "By the sea"),
                ("channelId", &place),
                ("tags", "salt, wind"),
            ],
            &[],
        )
        .await
        .expect(400);
    let html = empty.text();
    assert!(html.contains("Please choose a file."), "{html}");
    assert!(html.contains("value=\"By the sea\"") && html.contains("value=\"salt, wind\""));
    let _alone = clips::alone().await;
    let clip = clips::bytes(&clips::COPIED).await;
    let fields = [
        ("name", "By the sea"),
        ("channelId", place.as_str()),
        ("tags", "salt, wind"),
        ("privacy", "2"),
        ("act", "publish"),
    ];
    let file = [("file", "sea.mp4", "video/mp4", clip.as_slice())];
    let sent = browser.post("/upload").multipart(&fields, &file).await;
    let html = browser.follow(sent).await;
    assert!(html.contains("By the sea") && html.contains("Qualities are being made"));
    let list = browser.get("/my/videos").await.expect(200).text();
    assert!(list.contains("By the sea"));
}

#[tokio::test]
async fn a_video_is_changed_by_its_form() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "Before", |_| {}).await;
    let browser = root(&app).await;
    let path = format!("/my/videos/{}", video.uuid);
    let place = video.channel_id.to_string();
    let fields = [
        ("name", "After"),
        ("channelId", place.as_str()),
        ("description", "New words"),
        ("support", ""),
        ("licence", "2"),
        ("category", ""),
        ("language", "fr"),
        ("tags", "one, two"),
        ("privacy", "5"),
        ("video_password", "sesame\nopen"),
        ("commentsPolicy", "3"),
        ("chapter_time", "0:00"),
        ("chapter_title", "Start"),
        ("chapter_time", "0:05"),
        ("chapter_title", "Middle"),
        ("chapter_time", ""),
        ("chapter_title", ""),
    ];
    let srt = b"1\n00:00:01,000 --> 00:00:02,000\nBonjour\n".as_slice();
    let mut with_caption = fields.to_vec();
    with_caption.push(("caption_language", "fr"));
    let file = [("caption_file", "a.srt", "text/plain", srt)];
    let saved = browser.post(&path).multipart(&with_caption, &file).await;
    let html = browser.follow(saved).await;
    for shown in [
        "After",
        "New words",
        "one, two",
        "sesame",
        "Start",
        "French",
    ] {
        assert!(html.contains(shown), "{shown} is missing: {html}");
    }
    let token = app.root().await;
    let api = format!("/api/v1/videos/{}", video.uuid);
    let kept = app.get(&api).token(&token).await.expect(200).json();
    assert_eq!(
        (&kept["privacy"]["id"], &kept["licence"]["id"]),
        (&json!(5), &json!(2))
    );
    let chapters = app
        .get(&format!("{api}/chapters"))
        .token(&token)
        .await
        .json();
    assert_eq!(
        chapters["chapters"][1],
        json!({ "timecode": 5, "title": "Middle" })
    );

    let mut wrong = fields.to_vec();
    wrong[0] = ("name", "ab");
    let refused = browser.post(&path).multipart(&wrong, &[]).await.expect(400);
    assert!(refused.text().contains("Please look again at: Title"));
    assert!(refused.text().contains("value=\"ab\""));
    let other = app.user("other").await;
    drop(other);
    let stranger = Browser::new(&app, "other", "password-1").await;
    stranger.get(&path).await.expect(403);
    stranger
        .post(&path)
        .multipart(&fields, &[])
        .await
        .expect(403);
}

#[tokio::test]
async fn a_video_waits_for_its_time() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "Later", |new| new.privacy = Privacy::Private).await;
    let browser = root(&app).await;
    let path = format!("/my/videos/{}", video.uuid);
    let place = video.channel_id.to_string();
    let mut fields = vec![
        ("name", "Later"),
        ("channelId", place.as_str()),
        ("privacy", "1"),
        ("commentsPolicy", "1"),
        ("schedule", "2099-05-01T12:00"),
        ("zone", "-120"),
    ];
    let saved = browser.post(&path).multipart(&fields, &[]).await;
    let html = browser.follow(saved).await;
    assert!(html.contains("value=\"2099-05-01T10:00\""), "{html}");
    let list = browser.get("/my/videos").await.text();
    assert!(list.contains("Comes later"));
    // A password cannot come by itself: nobody would know it.
    fields[2] = ("privacy", "5");
    let refused = browser
        .post(&path)
        .multipart(&fields, &[])
        .await
        .expect(400);
    assert!(refused.text().contains("Publish later"));
}

#[tokio::test]
async fn many_videos_change_at_once_and_are_asked_about_before_they_go() {
    let app = TestApp::new().await;
    let one = add(&app, "root", "First", |_| {}).await.uuid.to_string();
    let two = add(&app, "root", "Second", |_| {}).await.uuid.to_string();
    let browser = root(&app).await;
    let ids = [("id", one.as_str()), ("id", two.as_str())];
    let none = browser.post("/my/videos").form(&[("act", "delete")]).await;
    assert!(browser.follow(none).await.contains("First"));
    let privacy = [&ids[..], &[("act", "privacy"), ("privacy", "2")]].concat();
    let changed = browser.post("/my/videos").form(&privacy).await;
    let html = browser.follow(changed).await;
    assert!(html.matches("With the link").count() >= 3, "{html}");
    let delete = [&ids[..], &[("act", "delete")]].concat();
    let asked = browser
        .post("/my/videos")
        .form(&delete)
        .await
        .expect(200)
        .text();
    assert!(asked.contains("Remove these 2 videos for good?") && asked.contains("Second"));
    let sure = [&delete[..], &[("sure", "1")]].concat();
    let gone = browser.post("/my/videos").form(&sure).await;
    assert!(browser.follow(gone).await.contains("No videos yet."));
}

#[tokio::test]
async fn captions_are_written_on_their_page() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "Words", |_| {}).await;
    let browser = root(&app).await;
    let path = format!("/my/videos/{}/captions/de", video.uuid);
    let empty = browser.get(&path).await.expect(200).text();
    assert!(empty.contains("WEBVTT"));
    let bad = browser
        .post(&path)
        .form(&[("cues", "no captions at all")])
        .await
        .expect(400);
    assert!(bad.text().contains("no captions at all"));
    let good = "WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nGuten Tag\n";
    let saved = browser.post(&path).form(&[("cues", good)]).await;
    browser.follow(saved).await;
    assert!(browser.get(&path).await.text().contains("Guten Tag"));
}

#[tokio::test]
async fn figures_have_plots_and_numbers() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "Seen", |new| new.duration_s = 10).await;
    let browser = root(&app).await;
    let path = format!("/my/videos/{}/figures", video.uuid);
    let nobody = browser.get(&path).await.expect(200).text();
    assert!(nobody.contains("Nobody has watched it yet."));
    for second in [0, 4, 8] {
        app.clock.advance(5_000);
        app.post(&format!("/api/v1/videos/{}/views", video.uuid))
            .json(json!({ "currentTime": second, "sessionId": "aaaaaaaa" }))
            .await
            .expect(204);
    }
    app.run_jobs().await;
    let html = browser
        .get(&format!("{path}?span=all"))
        .await
        .expect(200)
        .text();
    assert!(html.contains("class=\"curve\" d=\"M0.0"), "{html}");
    assert!(!html.contains("style="));
}

#[tokio::test]
async fn a_channel_has_its_page_and_its_helpers() {
    let app = TestApp::new().await;
    app.user("owner").await;
    app.user("helper").await;
    let owner = Browser::new(&app, "owner", "password-1").await;
    let made = owner
        .post("/my/settings")
        .form(&[
            ("part", "channel"),
            ("name", "second"),
            ("display_name", "The second"),
        ])
        .await;
    assert!(owner.follow(made).await.contains("The second"));
    let path = "/my/channels/second";
    let saved = owner
        .post(path)
        .form(&[
            ("display_name", "Renamed"),
            ("description", "About it"),
            ("support", ""),
        ])
        .await;
    assert!(owner.follow(saved).await.contains("Renamed"));
    let refused = owner
        .post(path)
        .form(&[("display_name", ""), ("description", "kept")])
        .await;
    assert!(refused.expect(400).text().contains("kept"));
    let helpers = format!("{path}/helpers");
    let unknown = owner
        .post(&helpers)
        .form(&[("handle", "nobody")])
        .await
        .expect(404);
    assert!(
        unknown
            .text()
            .contains("There is nobody of that name here.")
    );
    let asked = owner.post(&helpers).form(&[("handle", "@helper")]).await;
    assert!(owner.follow(asked).await.contains("has not answered yet"));
    let helper = Browser::new(&app, "helper", "password-1").await;
    let settings = helper.get("/my/settings").await.expect(200).text();
    let (_, rest) = settings.split_once("/my/channels/second/helpers/").unwrap();
    let id = rest.split('/').next().unwrap();
    let answer = format!("{helpers}/{id}/answer");
    let accepted = helper.post(&answer).form(&[("act", "accept")]).await;
    helper.follow(accepted).await;
    helper.get(path).await.expect(200);
    let delete = format!("{path}/delete");
    let asked = owner.post(&delete).form(&[]).await.expect(200).text();
    assert!(asked.contains("with all its videos for good?"));
    let gone = owner.post(&delete).form(&[("sure", "1")]).await;
    assert!(owner.follow(gone).await.contains("The channel is gone."));
}

#[tokio::test]
async fn ones_own_settings() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let browser = Browser::new(&app, "ada", "password-1").await;
    let saved = browser
        .post("/my/settings")
        .form(&[
            ("part", "profile"),
            ("display_name", "Ada L."),
            ("description", "I count"),
        ])
        .await;
    let html = browser.follow(saved).await;
    assert!(html.contains("Ada L.") && html.contains("I count"));
    let wrong = browser
        .post("/my/settings")
        .form(&[
            ("part", "password"),
            ("current", "no"),
            ("new", "another one"),
        ])
        .await
        .expect(401);
    assert!(wrong.text().contains("That is not your password."));
    let watching = browser
        .post("/my/settings")
        .form(&[("part", "watching"), ("nsfw", "blur"), ("autoplay", "1")])
        .await;
    let html = browser.follow(watching).await;
    assert!(html.contains("<option value=\"blur\" selected>"), "{html}");
    let notices = browser
        .post("/my/settings/notices")
        .form(&[("commentMention", "1"), ("commentMention", "2")])
        .await;
    browser.follow(notices).await;
    let me = app.login("ada", "password-1").await;
    let me = app.get("/api/v1/users/me").token(&me).await.json();
    assert_eq!(me["notificationSettings"]["commentMention"], 3);
    assert_eq!(me["notificationSettings"]["newFollow"], 0);
    // The log-in over the API and the one in the browser.
    let security = browser
        .get("/my/settings/security")
        .await
        .expect(200)
        .text();
    assert_eq!(
        security.matches("/my/settings/sessions/").count(),
        3,
        "{security}"
    );
    let others = browser.post("/my/settings/sessions/end").form(&[]).await;
    let security = browser.follow(others).await;
    assert!(!security.contains("/my/settings/sessions/"));
    let refused = browser
        .post("/my/delete")
        .form(&[("current", "no")])
        .await
        .expect(401);
    assert!(refused.text().contains("That is not your password."));
    let gone = browser
        .post("/my/delete")
        .form(&[("current", "password-1")])
        .await
        .expect(303);
    assert_eq!(gone.header("location"), "/");
    browser.get("/my/settings").await.expect(303);
}

#[tokio::test]
async fn the_second_factor_is_switched_on_and_off() {
    let app = TestApp::new().await;
    let browser = root(&app).await;
    let path = "/my/settings/two-factor";
    let wrong = browser
        .post(path)
        .form(&[("act", "begin"), ("current", "no")])
        .await;
    assert_eq!(wrong.status, 403);
    let offer = browser
        .post(path)
        .form(&[("act", "begin"), ("current", crate::app::ROOT_PASSWORD)])
        .await
        .expect(200)
        .text();
    let value = |name: &str| {
        let (_, rest) = offer
            .split_once(&format!("name=\"{name}\" value=\""))
            .unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let (token, secret) = (value("token"), value("secret"));
    let bad = browser
        .post(path)
        .form(&[
            ("act", "confirm"),
            ("token", &token),
            ("secret", &secret),
            ("otp", "000000"),
        ])
        .await
        .expect(403);
    assert!(bad.text().contains(&secret), "the offer is kept");
    let code = vidicon::account::two_factor::code_at(&secret, app.clock.now()).unwrap();
    let on = browser
        .post(path)
        .form(&[("act", "confirm"), ("token", &token), ("otp", &code)])
        .await;
    assert!(browser.follow(on).await.contains("Switch it off"));
    let off = browser
        .post(path)
        .form(&[("act", "end"), ("current", crate::app::ROOT_PASSWORD)])
        .await;
    assert!(browser.follow(off).await.contains("Switch it on"));
}

#[tokio::test]
async fn somebody_joins_by_the_form() {
    let app = TestApp::new().await;
    let closed = app.get("/signup").await.expect(200).text();
    assert!(closed.contains("takes no new accounts"));
    let settings = json!({ "signup": { "enabled": true, "limit": -1, "requiresApproval": false } });
    let changes = settings.as_object().cloned().unwrap();
    app.instance
        .save(&app.db, &app.clock, changes)
        .await
        .unwrap();
    let send = |fields: &[(&str, &str)]| {
        app.post("/signup")
            .header("sec-fetch-site", "same-origin")
            .form(fields)
    };
    let fields = [
        ("username", "Grace"),
        ("email", "grace@example.org"),
        ("password", "short"),
    ];
    let unread = send(&fields).await.expect(400).text();
    assert!(unread.contains("read the rules") && unread.contains("value=\"Grace\""));
    let young = send(&[&fields[..], &[("rules", "1")]].concat());
    let young = young.await.expect(400).text();
    assert!(young.contains("I am at least 16 years old"), "{young}");
    assert!(young.contains("how old you must be"), "{young}");
    let short = send(&[&fields[..], &[("rules", "1"), ("age", "1")]].concat())
        .await
        .expect(400)
        .text();
    assert!(short.contains("Please look again at: Password"), "{short}");
    let fields = [
        ("username", "grace"),
        ("email", "grace@example.org"),
        ("password", "long enough"),
        ("rules", "1"),
        ("age", "1"),
    ];
    let joined = send(&fields).await.expect(303);
    assert!(
        joined
            .headers
            .get_all("set-cookie")
            .iter()
            .any(|value| { value.to_str().unwrap().starts_with("vidicon_session=") })
    );
    let again = send(&fields).await.expect(409).text();
    assert!(again.contains("That name or address is taken."));
}

#[tokio::test]
async fn a_lost_password_is_found_by_mail() {
    let app = TestApp::with(|config| config.mail.kept = true).await;
    app.user("ada").await;
    app.mail.take_kept();
    let here = ("sec-fetch-site", "same-origin");
    let sent = app
        .post("/forgot")
        .header(here.0, here.1)
        .form(&[("email", "ada@example.org")]);
    assert_eq!(sent.await.expect(303).header("location"), "/login");
    app.run_jobs().await;
    let letter = app.mail.take_kept().pop().unwrap();
    let (_, rest) = letter.text.split_once("http://video.test").unwrap();
    let link = rest.split_whitespace().next().unwrap().to_owned();
    let page = app.get(&link).await.expect(200).text();
    assert!(page.contains("action=\"/reset-password\""), "{page}");
    let (_, query) = link.split_once('?').unwrap();
    let mut fields: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    fields.push(("password".to_owned(), "quite another".to_owned()));
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let post = || {
        app.post("/reset-password")
            .header(here.0, here.1)
            .form(&fields)
    };
    post().await.expect(303);
    app.login("ada", "quite another").await;
    let twice = post().await.expect(403).text();
    assert!(twice.contains("too old or was used before"));
    app.get("/reset-password").await.expect(400);
}

#[tokio::test]
async fn a_token_is_made_shown_once_and_ended() {
    let app = TestApp::new().await;
    let browser = root(&app).await;
    let path = "/my/settings/tokens";
    let nameless = browser.post(path).form(&[("name", "")]).await.expect(400);
    assert!(nameless.text().contains("Please look again at: What for"));
    let made = browser
        .post(path)
        .form(&[("name", "Backup"), ("days", "30")])
        .await
        .expect(201)
        .text();
    let (_, rest) = made.split_once("value=\"vdc_").unwrap();
    let token = format!("vdc_{}", rest.split('"').next().unwrap());
    app.get("/api/v1/users/me").token(&token).await.expect(200);
    let list = browser.get(path).await.expect(200).text();
    assert!(list.contains("Backup") && !list.contains(&token));
    let (_, rest) = list.split_once("/my/settings/tokens/").unwrap();
    let end = format!("{path}/{}/end", rest.split('/').next().unwrap());
    let ended = browser.post(&end).form(&[]).await;
    assert!(browser.follow(ended).await.contains("The token is ended."));
    app.get("/api/v1/users/me").token(&token).await.expect(401);
}
