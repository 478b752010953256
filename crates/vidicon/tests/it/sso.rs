//! Log-in from elsewhere: a forum that speaks DiscourseConnect, and OpenID Connect between two
//! sites, one of which is the provider.

mod directory;
mod forum;
mod provider;
mod saml;

use crate::app::{Answer, TestApp};
use vidicon::config::{Sso, SsoKind};

/// The cookies that an answer sets, as a browser sends them back; those that it takes away are
/// left out.
pub fn cookies(answer: &Answer) -> String {
    let set = answer.headers.get_all("set-cookie").iter();
    let pairs = set.filter_map(|value| {
        let text = value.to_str().unwrap();
        let (pair, rest) = text.split_once(';').unwrap();
        let gone = rest.contains("Max-Age=0");
        (!gone).then(|| pair.to_owned())
    });
    pairs.collect::<Vec<_>>().join("; ")
}

/// The value of a parameter in an address.
pub fn parameter(address: &str, name: &str) -> String {
    let base = url::Url::parse("http://video.test").unwrap();
    let url = base.join(address).unwrap();
    let mut pairs = url.query_pairs();
    let found = pairs.find(|(key, _)| key == name);
    found
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

pub fn path_of(address: &str) -> String {
    let url = url::Url::parse(address).unwrap();
    format!("{}?{}", url.path(), url.query().unwrap_or_default())
}

/// Who a browser with these cookies is.
pub async fn who(app: &TestApp, cookies: &str) -> Option<String> {
    let answer = app.get("/api/v1/users/me").header("cookie", cookies).await;
    if answer.status != 200 {
        return None;
    }
    Some(answer.json()["username"].as_str().unwrap().to_owned())
}

/// What a page said about the thing just done.
pub fn said(answer: &Answer) -> String {
    let all = cookies(answer);
    let flash = all.split("; ").find_map(|pair| pair.strip_prefix("flash="));
    let flash = flash.unwrap_or_default();
    let pairs = format!("x={}", flash.get(1..).unwrap_or_default());
    let found = url::form_urlencoded::parse(pairs.as_bytes()).next();
    found.map(|(_, text)| text.into_owned()).unwrap_or_default()
}

/// A site with one way to log in elsewhere.
pub async fn site(name: &str, sso: Sso) -> TestApp {
    TestApp::with(|config| {
        config.sso.insert(name.to_owned(), sso);
        config.server.allow_private_addresses = true;
    })
    .await
}

#[tokio::test]
async fn with_one_way_to_log_in_the_page_leads_straight_there() {
    let forum = || Sso {
        kind: SsoKind::Discourse,
        url: "https://forum.test/".to_owned(),
        secret: "a-secret-of-some-length".to_owned(),
        ..Sso::default()
    };
    let with = |ways: &'static [&'static str], on: bool| {
        TestApp::with(move |config| {
            for name in ways {
                config.sso.insert((*name).to_owned(), forum());
            }
            let menu =
                serde_json::json!({ "menu": { "login": { "redirectOnSingleExternalAuth": on } } });
            config.site.insert("client".to_owned(), menu);
        })
    };
    let app = with(&["forum"], true).await;
    let answer = app
        .get("/login?next=/my/videos")
        .header("accept", "text/html")
        .await
        .expect(303);
    let place = answer.header("location");
    assert!(
        place.contains("forum") && place.contains("my%2Fvideos"),
        "{place}"
    );
    app.get("/login?local")
        .header("accept", "text/html")
        .await
        .expect(200);
    let off = with(&["forum"], false).await;
    off.get("/login")
        .header("accept", "text/html")
        .await
        .expect(200);
    let two = with(&["forum", "other"], true).await;
    two.get("/login")
        .header("accept", "text/html")
        .await
        .expect(200);
}
