//! The page where one chooses what to be told, on the site, by mail and by the browser.

use super::{body, tabs};
use crate::access::Me;
use crate::account::{Right, User};
use crate::app::App;
use crate::check::{self, Body};
use crate::error::Result;
use crate::notification::push;
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::{Page, go};
use crate::user::api::me as api;
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::Value;

#[derive(Template)]
#[template(path = "account/notices.html")]
struct Notices<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    rows: Vec<Row>,
    mail: bool,
    email: String,
    push: bool,
    browsers: Vec<Browser>,
}

/// A browser that is told while no page is open.
struct Browser {
    id: push::SubscriptionId,
    device: String,
    since: String,
}

struct Row {
    name: &'static str,
    label: &'static str,
    site: bool,
    mail: bool,
}

/// Bits of a choice.
const ON_SITE: i64 = 1;
const BY_MAIL: i64 = 2;

/// What people are told of; the last ones only those who run the place.
const FOR_ALL: [(&str, &str); 11] = [
    ("newVideoFromSubscription", "notice-new-video"),
    ("newCommentOnMyVideo", "notice-comment"),
    ("commentMention", "notice-mention"),
    ("newFollow", "notice-follow"),
    ("myVideoPublished", "notice-published"),
    ("myVideoImportFinished", "notice-import"),
    ("myVideoStudioEditionFinished", "notice-studio"),
    ("myVideoTranscriptionGenerated", "notice-transcript"),
    ("blacklistOnMyVideo", "notice-blocked"),
    ("abuseStateChange", "notice-report-decided"),
    ("abuseNewMessage", "notice-report-message"),
];
const FOR_HOUSE: [(&str, &str, Right); 7] = [
    ("abuseAsModerator", "notice-report", Right::ManageAbuses),
    (
        "videoAutoBlacklistAsModerator",
        "notice-held",
        Right::ManageVideoBlacklist,
    ),
    ("newUserRegistration", "notice-user", Right::ManageUsers),
    (
        "newInstanceFollower",
        "notice-server",
        Right::ManageServerFollow,
    ),
    (
        "autoInstanceFollowing",
        "notice-server-auto",
        Right::ManageServerFollow,
    ),
    (
        "newPeerTubeVersion",
        "notice-version",
        Right::ManageConfiguration,
    ),
    (
        "newPluginVersion",
        "notice-plugin",
        Right::ManageConfiguration,
    ),
];

/// Those that this user can be told of.
fn shown(me: &User) -> impl Iterator<Item = (&'static str, &'static str)> {
    let house = FOR_HOUSE
        .into_iter()
        // There are no plug-ins here.
        .filter(|(name, _, right)| me.has(*right) && *name != "newPluginVersion")
        .map(|(name, label, _)| (name, label));
    FOR_ALL.into_iter().chain(house)
}

fn bits(me: &User, name: &str) -> i64 {
    let kept = me.notification_settings.get(name).and_then(Value::as_i64);
    kept.unwrap_or(ON_SITE)
}

/// `GET /my/settings/notices`.
pub async fn show(State(app): State<App>, page: Page, me: Me) -> Result<Response> {
    let row = |(name, label): (&'static str, &'static str)| Row {
        name,
        label: page.t(label),
        site: bits(&me, name) & ON_SITE != 0,
        mail: bits(&me, name) & BY_MAIL != 0,
    };
    let rows = shown(&me).map(row).collect();
    let browsers = push::list(&app, me.id).await?;
    let browsers = browsers.into_iter().map(|it| Browser {
        id: it.id,
        device: it
            .device
            .unwrap_or_else(|| page.t("push-browser").to_owned()),
        since: page.ago(it.created_at),
    });
    Ok(page.render(&Notices {
        page: &page,
        tabs: tabs(&page, "/my/settings/notices"),
        rows,
        mail: app.mail.is_on(),
        email: me.email.clone(),
        push: push::is_wanted(&me.settings),
        browsers: browsers.collect(),
    }))
}

/// `POST /my/settings/notices`.
pub async fn change(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let house = FOR_HOUSE.map(|(name, label, _)| (name, label));
    let Body(mut choices) = body([]);
    let is_shown = |name: &str| shown(&me).any(|(known, _)| known == name);
    for (name, _) in FOR_ALL.into_iter().chain(house) {
        let ticked = form.all(name).fold(0, |sum, value| {
            sum | value.parse::<i64>().unwrap_or(0) & (ON_SITE | BY_MAIL)
        });
        let value = if is_shown(name) {
            ticked
        } else {
            bits(&me, name)
        };
        choices.insert(name.to_owned(), value.into());
    }
    push::want(&app, &me, form.text("push") == "1").await?;
    api::set_notices(State(app.clone()), me, Body(choices)).await?;
    let said = Some((false, page.t("saved")));
    Ok(go(&app, "/my/settings/notices", said))
}

/// `POST /my/settings/notices/push`: a browser of the list is told no more.
pub async fn forget(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let id: push::SubscriptionId = check::id("id", form.text("id"))?;
    push::unsubscribe(&app, me.id, id).await?;
    let said = Some((false, page.t("push-removed")));
    Ok(go(&app, "/my/settings/notices", said))
}
