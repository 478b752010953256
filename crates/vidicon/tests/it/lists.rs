//! Pages that keep lists: groups, invitations, watched words, notes, what is followed, webhooks,
//! shares, notifications. Each adds, keeps what was typed when it is refused, and asks before it
//! removes.

use crate::app::TestApp;
use crate::studio::Browser;
use crate::video::add;
use serde_json::{Value, json};
use vidicon::video::Privacy;

async fn root(app: &TestApp) -> Browser<'_> {
    Browser::new(app, "root", crate::app::ROOT_PASSWORD).await
}

/// The value of the first act of this kind on a page: `delete:3`.
fn act(html: &str, word: &str) -> String {
    let mark = format!("name=\"act\" value=\"{word}:");
    let (_, rest) = html.split_once(&mark).expect("no such act");
    format!("{word}:{}", rest.split('"').next().unwrap())
}

async fn data(app: &TestApp, path: &str) -> Value {
    let token = app.root().await;
    app.get(path).token(&token).await.expect(200).json()["data"].clone()
}

#[tokio::test]
async fn a_group_is_made_filled_and_removed() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let browser = root(&app).await;
    let path = "/admin/groups";
    let empty = browser.get(path).await.expect(200).text();
    assert!(empty.contains("No groups yet."));
    let add = [("act", "add"), ("name", "Crew <b>")];
    let made = browser.post(path).form(&add).await;
    let html = browser.follow(made).await;
    assert!(html.contains("Crew &#60;b&#62;") && html.contains("Nobody is in this group yet"));
    let twice = browser.post(path).form(&add).await.expect(400).text();
    assert!(twice.contains("There is a group with this name already."));
    let id = data(&app, "/api/v1/user-groups").await[0]["id"].clone();
    let one = format!("{path}/{id}");
    let unknown = [("act", "join"), ("username", "nobody")];
    let unknown = browser.post(&one).form(&unknown).await.expect(400).text();
    assert!(unknown.contains("value=\"nobody\"") && unknown.contains("nobody of that name"));
    let joined = [("act", "join"), ("username", "@Ada")];
    let html = browser.follow(browser.post(&one).form(&joined).await).await;
    assert!(html.contains(">ada<"));
    let words = [("act", "words"), ("name", "Crew"), ("room", "2,5")];
    browser.follow(browser.post(&one).form(&words).await).await;
    let group = &data(&app, "/api/v1/user-groups").await[0];
    assert_eq!(
        (&group["name"], &group["videoQuota"], &group["membersCount"]),
        (&json!("Crew"), &json!(2_500_000_000_i64), &json!(1))
    );
    let leave = act(&html, "leave");
    browser
        .follow(browser.post(&one).form(&[("act", leave.as_str())]).await)
        .await;
    let delete = [("act", "delete:")];
    let asked = browser.post(&one).form(&delete).await.expect(200).text();
    assert!(asked.contains("Remove the group “Crew”?"));
    let sure = [("act", "delete:"), ("sure", "1")];
    let html = browser.follow(browser.post(&one).form(&sure).await).await;
    assert!(html.contains("The group is gone."));
}

#[tokio::test]
async fn invitations_are_made_and_taken_back() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let ada = Browser::new(&app, "ada", "password-1").await;
    let path = "/my/settings/invitations";
    let closed = ada.get(path).await.expect(200).text();
    assert!(closed.contains("Only those who run this place invite people."));
    let browser = root(&app).await;
    let none = [("act", "invite"), ("note", "For Grace"), ("uses", "0")];
    let refused = browser.post(path).form(&none).await.expect(400).text();
    assert!(refused.contains("For Grace") && refused.contains("How many people"));
    let two = [("act", "invite"), ("note", "For Grace"), ("uses", "2")];
    let html = browser.follow(browser.post(path).form(&two).await).await;
    assert!(html.contains("/signup?invitation=") && html.contains("0 of 2"));
    let all = browser.get("/admin/invitations").await.expect(200).text();
    assert!(all.contains("@root For Grace"));
    let end = act(&all, "end");
    let ask = [("act", end.as_str())];
    browser
        .post("/admin/invitations")
        .form(&ask)
        .await
        .expect(200);
    let sure = [("act", end.as_str()), ("sure", "1")];
    let html = browser
        .follow(browser.post("/admin/invitations").form(&sure).await)
        .await;
    assert!(html.contains("The invitation is taken back."));
}

#[tokio::test]
async fn words_are_watched_for_by_the_site_and_by_makers() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let ada = Browser::new(&app, "ada", "password-1").await;
    let browser = root(&app).await;
    for (who, path) in [(&ada, "/my/settings/words"), (&browser, "/admin/words")] {
        let nothing = [("act", "list"), ("name", "Spam"), ("list", " \n ")];
        let refused = who.post(path).form(&nothing).await.expect(400).text();
        assert!(refused.contains("value=\"Spam\"") && refused.contains("Please look again at"));
        let list = [
            ("act", "list"),
            ("name", "Spam"),
            ("list", "coin\r\n pills \n"),
        ];
        let html = who.follow(who.post(path).form(&list).await).await;
        assert!(html.contains("coin, pills") && html.contains("2 words"));
        let (_, rest) = html.split_once("?edit=").unwrap();
        let edit = format!("{path}?edit={}", rest.split('#').next().unwrap());
        assert!(
            who.get(&edit)
                .await
                .expect(200)
                .text()
                .contains("coin\npills")
        );
        let list = [("act", "list"), ("name", "Junk"), ("list", "coin")];
        let html = who.follow(who.post(&edit).form(&list).await).await;
        assert!(html.contains("Junk") && !html.contains("Spam"));
        let nowhere = [("act", "follow"), ("url", "not an address")];
        let refused = who.post(path).form(&nowhere).await.expect(400).text();
        assert!(refused.contains("value=\"not an address\""));
        let gone = act(&html, "delete");
        who.post(path)
            .form(&[("act", gone.as_str())])
            .await
            .expect(200);
        let sure = [("act", gone.as_str()), ("sure", "1")];
        let html = who.follow(who.post(path).form(&sure).await).await;
        assert!(html.contains("No lists yet."));
    }
}

#[tokio::test]
async fn lists_notes_follows_and_webhooks_are_kept() {
    let app = TestApp::with(|config| config.server.public_url = "https://v.test".into()).await;
    app.user("ada").await;
    let browser = root(&app).await;
    let url = "https://good.example/api/v1/server/blocklist/public-log";
    let list = [("act", "follow"), ("url", url)];
    let html = browser
        .follow(browser.post("/admin/lists").form(&list).await)
        .await;
    assert!(html.contains("good.example") && html.contains("0 accounts, 0 servers"));
    let twice = browser.post("/admin/lists").form(&list).await.expect(400);
    assert!(twice.text().contains("This list is followed already."));

    let note = [("act", "note"), ("note", "Asked twice <i>nicely</i>")];
    let path = "/admin/notes/ada";
    let html = browser.follow(browser.post(path).form(&note).await).await;
    assert!(html.contains("Asked twice &#60;i&#62;nicely"));
    let gone = act(&html, "delete");
    let sure = [("act", gone.as_str()), ("sure", "1")];
    let html = browser.follow(browser.post(path).form(&sure).await).await;
    assert!(html.contains("The note is gone."));

    let bad = [("act", "follow"), ("who", "no host")];
    let refused = browser.post("/admin/follows").form(&bad).await.expect(400);
    assert!(refused.text().contains("value=\"no host\""));
    let good = [("act", "follow"), ("who", "https://other.example/")];
    let html = browser
        .follow(browser.post("/admin/follows").form(&good).await)
        .await;
    assert!(html.contains("They are asked."));

    let path = "/admin/webhooks";
    let hook = [
        ("act", "add"),
        ("url", "https://tool.example/in"),
        ("event", "video.published"),
    ];
    let html = browser.follow(browser.post(path).form(&hook).await).await;
    assert!(html.contains("whsec_") && html.contains("not called yet"));
    let off = act(&html, "off");
    let html = browser
        .follow(browser.post(path).form(&[("act", off.as_str())]).await)
        .await;
    assert!(html.contains("Switch on"));
    let gone = act(&html, "remove");
    let sure = [("act", gone.as_str()), ("sure", "1")];
    let html = browser.follow(browser.post(path).form(&sure).await).await;
    assert!(html.contains("No program is called yet."));
}

#[tokio::test]
async fn a_video_is_shared_by_links_and_with_people() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let video = add(&app, "root", "Draft", |new| new.privacy = Privacy::Private).await;
    let browser = root(&app).await;
    let path = format!("/my/videos/{}/shares", video.uuid);
    let link = [("act", "link"), ("label", "The jury"), ("limit", "3")];
    let html = browser.follow(browser.post(&path).form(&link).await).await;
    assert!(html.contains("The jury") && html.contains("0 of 3"));
    let (_, rest) = html.split_once("/s/").unwrap();
    let token = rest.split('"').next().unwrap();
    app.get(&format!("/s/{token}")).await.expect(200);
    let nobody = [("act", "user"), ("username", "nobody")];
    let refused = browser.post(&path).form(&nobody).await.expect(400).text();
    assert!(refused.contains("value=\"nobody\"") && refused.contains("nobody of that name"));
    let person = [("act", "user"), ("username", "ada"), ("days", "7")];
    let html = browser
        .follow(browser.post(&path).form(&person).await)
        .await;
    assert!(html.contains("@ada"));
    let ada = Browser::new(&app, "ada", "password-1").await;
    ada.get(&video.watch_path()).await.expect(200);
    ada.get(&path).await.expect(403);
    let shares = data(&app, &format!("/api/v1/videos/{}/shares", video.uuid)).await;
    for share in shares.as_array().unwrap() {
        let end = format!("end:{}", share["id"]);
        browser
            .post(&path)
            .form(&[("act", end.as_str())])
            .await
            .expect(200);
        let sure = [("act", end.as_str()), ("sure", "1")];
        browser.follow(browser.post(&path).form(&sure).await).await;
    }
    ada.get(&video.watch_path()).await.expect(404);
}

#[tokio::test]
async fn a_cut_is_ordered_only_when_it_can_be_made() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "Rough", |_| {}).await;
    let browser = root(&app).await;
    let path = format!("/my/videos/{}/cut", video.uuid);
    let shut = browser.get(&path).await.expect(200).text();
    assert!(shut.contains("The original was not kept") || shut.contains("switched off"));
    let wrong = [("start", "0:30"), ("end", "0:10"), ("sure", "1")];
    let refused = browser.post(&path).form(&wrong).await.expect(400).text();
    assert!(refused.contains("A part ends before it begins"));
    let unsure = [("start", "0:10")];
    let refused = browser.post(&path).form(&unsure).await.expect(400).text();
    assert!(refused.contains("Please tick that the original may be replaced."));
    let nothing = [("start", ""), ("sure", "1")];
    let refused = browser.post(&path).form(&nothing).await.expect(400).text();
    assert!(refused.contains("Nothing is to be cut yet."));
}

#[tokio::test]
async fn what_one_was_told_stands_on_a_page() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "Ferry", |_| {}).await;
    let token = app.user("ada").await;
    app.post(&format!("/api/v1/videos/{}/comment-threads", video.uuid))
        .token(&token)
        .json(json!({ "text": "Where is this?" }))
        .await
        .expect(200);
    app.run_jobs().await;
    let browser = root(&app).await;
    let html = browser.get("/my/notifications").await.expect(200).text();
    assert!(html.contains("Ferry") && html.contains("class=\"new\""));
    assert!(html.contains("One new notification"));
    let read = browser.post("/my/notifications").form(&[]).await;
    let html = browser.follow(read).await;
    assert!(html.contains("All are read.") && !html.contains("class=\"new\""));
    let new = browser.get("/my/notifications?show=unread").await;
    assert!(new.expect(200).text().contains("Nothing new."));
}

#[tokio::test]
async fn the_place_has_its_own_look_and_can_be_one_channel() {
    let app = TestApp::new().await;
    app.user("ada").await;
    let browser = root(&app).await;
    let png = crate::clips::png(64, 64);
    let sign: [(&str, &str, &str, &[u8]); 1] = [("header-square", "a.png", "image/png", &png)];
    let sent = browser.post("/admin/pictures").multipart(&[], &sign).await;
    let html = browser.follow(sent).await;
    assert!(html.contains("logo-now"));
    let home = app.get("/").await.expect(200).text();
    assert!(home.contains("class=\"brand\" href=\"/\"><img src=\"/lazy-static/avatars/"));
    let broken: [(&str, &str, &str, &[u8]); 1] = [("favicon", "a.png", "image/png", b"no picture")];
    let refused = browser
        .post("/admin/pictures")
        .multipart(&[], &broken)
        .await;
    assert!(refused.status.is_client_error());

    let changes = json!({ "instance": { "customizations": {
        "links": "Shop https://shop.example/<b>", "channel": "ada_channel",
    } }, "signup": { "enabled": true, "limit": -1 } });
    let changes = changes.as_object().cloned().unwrap();
    app.instance
        .save(&app.db, &app.clock, changes)
        .await
        .unwrap();
    let home = app.get("/").await.expect(200).text();
    assert!(home.contains("https://shop.example/&#60;b&#62;") && home.contains("ada_channel"));
    for trace in ["/signup", "href=\"/search\""] {
        assert!(!home.contains(trace), "{trace} on {home}");
    }
    let closed = app.get("/signup").await.expect(200).text();
    assert!(!closed.contains("name=\"username\""), "{closed}");
    let asked = json!({ "username": "zoe", "password": "password-1", "email": "zoe@x.example" });
    app.post("/api/v1/users/register")
        .json(asked)
        .await
        .expect(403);
    let config = app.get("/api/v1/config").await.expect(200).json();
    assert_eq!(config["signup"]["allowed"], false);
    // A channel that is gone does not take the front page with it.
    let gone = json!({ "instance": { "customizations": { "channel": "gone_channel" } } });
    let gone = gone.as_object().cloned().unwrap();
    app.instance.save(&app.db, &app.clock, gone).await.unwrap();
    app.get("/").await.expect(200);
}

#[tokio::test]
async fn searching_for_an_address_leads_there() {
    let app = TestApp::new().await;
    let video = add(&app, "root", "Ferry", |_| {}).await;
    let url = app.url(&video.watch_path());
    let search = |words: &str| {
        let words: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
        format!("/search?search={words}")
    };
    let answer = app.get(&search(&url)).await.expect(303);
    assert_eq!(answer.header("location"), video.watch_path());
    let handle = format!("@root_channel@{}", app.host());
    let answer = app.get(&search(&handle)).await.expect(303);
    assert_eq!(answer.header("location"), "/c/root_channel");
    // Visitors may not send this site to others.
    app.get(&search("https://other.example/w/abc"))
        .await
        .expect(200);
    let chips = app
        .get("/search?languageOneOf=fr")
        .header("cookie", "language=de")
        .await
        .expect(200);
    assert!(chips.text().contains("Französisch"));
}
