//! The REST routes of the user who asks.

use super::email;
use crate::access::{Me, Viewer};
use crate::account::picture::{self, Shape};
use crate::account::{self, User, login, view as account_view};
use crate::app::App;
use crate::check::{Body, Check, Field};
use crate::error::{Error, Result, no_content};
use crate::user::{self, job, view};
use crate::video::labels;
use crate::zone::{self, Zone};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

const FLAGS: [&str; 10] = [
    "p2pEnabled",
    "videosHistoryEnabled",
    "autoPlayVideo",
    "autoPlayNextVideo",
    "autoPlayNextVideoPlaylist",
    "emailPublic",
    "noInstanceConfigWarningModal",
    "noWelcomeModal",
    "noAccountSetupWarningModal",
    "mailDigest",
];
const NSFW_FLAGS: [&str; 4] = [
    "nsfwFlagsDisplayed",
    "nsfwFlagsHidden",
    "nsfwFlagsWarned",
    "nsfwFlagsBlurred",
];
const THEMES: [&str; 4] = [
    "default",
    "instance-default",
    "peertube-core-light-beige",
    "peertube-core-dark-brown",
];

/// Notices whose way must be given, and those that may be left out.
const NOTICES: [&str; 12] = [
    "newVideoFromSubscription",
    "newCommentOnMyVideo",
    "abuseAsModerator",
    "videoAutoBlacklistAsModerator",
    "blacklistOnMyVideo",
    "myVideoImportFinished",
    "myVideoPublished",
    "commentMention",
    "newFollow",
    "newUserRegistration",
    "newInstanceFollower",
    "autoInstanceFollowing",
];
const MORE_NOTICES: [&str; 6] = [
    "abuseStateChange",
    "abuseNewMessage",
    "newPeerTubeVersion",
    "newPluginVersion",
    "myVideoStudioEditionFinished",
    "myVideoTranscriptionGenerated",
];

pub async fn show(State(app): State<App>, me: Me) -> Result<Json<Value>> {
    Ok(Json(view::me(&app, &me).await?))
}

/// What of a user's own fields is to change.
struct Changes {
    password: Option<String>,
    email: Option<String>,
    display_name: Field<String>,
    description: Field<String>,
    settings: Map<String, Value>,
}

pub async fn update(
    State(app): State<App>,
    viewer: Viewer,
    me: Me,
    Body(body): Body,
) -> Result<Response> {
    check_overlap(&body)?;
    if ["password", "email"]
        .iter()
        .any(|name| body.get(*name).is_some_and(|it| !it.is_null()))
    {
        check_password(&app, &me, &body).await?;
    }
    let changes = read(&body)?;
    let other_email = changes.email.clone().filter(|email| *email != me.email);
    if let Some(email) = &other_email
        && account::user_by_email(&app, email).await?.is_some()
    {
        return Err(Error::conflict(
            "This email is already used by another user.",
        ));
    }
    save(&app, &me, &changes, other_email).await?;
    if let Some(password) = &changes.password {
        let keep = viewer
            .signed_in
            .as_ref()
            .map(|signed_in| signed_in.session_id);
        user::set_password(&app, &me, password, keep).await?;
    }
    Ok(no_content())
}

async fn save(app: &App, me: &User, changes: &Changes, email: Option<String>) -> Result<()> {
    let must_prove = app.instance.signup().requires_email_verification && app.mail.is_on();
    let mut tx = app.db.begin().await?;
    let changed = account::change(&mut tx, me.id, app.clock.now(), |user| {
        user.settings.extend(changes.settings.clone());
        match &changes.display_name {
            Field::Is(name) => user.display_name.clone_from(name),
            Field::Null => user.display_name.clone_from(&user.username),
            Field::Absent => {}
        }
        user.description = changes.description.clone().update(user.description.take());
        match email {
            Some(email) if must_prove => user.pending_email = Some(email),
            Some(email) => (user.email, user.pending_email) = (email, None),
            None => {}
        }
    })
    .await?;
    if changed.pending_email.is_some() && changed.pending_email != me.pending_email {
        job::mail(app, &mut tx, job::Occasion::ProveEmail(me.id)).await?;
    }
    Ok(tx.commit().await?)
}

async fn check_password(app: &App, me: &User, body: &Map<String, Value>) -> Result<()> {
    let given = body
        .get("currentPassword")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if given.is_empty() {
        return Err(Error::bad_request("currentPassword parameter is missing"));
    }
    if !login::knows_password(app, me, given).await? {
        return Err(
            Error::new(StatusCode::UNAUTHORIZED, "currentPassword is invalid.")
                .code("current_password_is_invalid"),
        );
    }
    Ok(())
}

/// A kind of sensitive video can only be shown, hidden, warned of or blurred.
fn check_overlap(body: &Map<String, Value>) -> Result<()> {
    let mut seen = 0;
    for name in NSFW_FLAGS {
        let bits = body.get(name).and_then(crate::check::whole).unwrap_or(0);
        if seen & bits != 0 {
            return Err(Error::bad_request("The nsfwFlags settings cannot overlap."));
        }
        seen |= bits;
    }
    Ok(())
}

fn read(body: &Map<String, Value>) -> Result<Changes> {
    let mut check = Check::body(body);
    let display_name = check.text("displayName", 1..=120);
    let description = check.text("description", 3..=1000);
    let password = check.text("password", 6..=255).value();
    let email = email(&mut check).value();
    let mut settings = Map::new();
    let policy = check.one_of("nsfwPolicy", &["do_not_list", "warn", "blur", "display"]);
    let policy = check.not_null("nsfwPolicy", policy);
    keep(&mut settings, "nsfwPolicy", policy);
    for name in NSFW_FLAGS {
        let bits = check.int(name, 0..=i64::from(i32::MAX));
        keep(&mut settings, name, bits);
    }
    for name in FLAGS {
        let flag = check.strict_bool(name);
        let flag = check.not_null(name, flag);
        keep(&mut settings, name, flag);
    }
    check.listed("videoLanguages");
    match check.texts("videoLanguages", 0..=499, 1..=10) {
        Field::Is(languages) => drop(settings.insert("videoLanguages".into(), json!(languages))),
        Field::Null => drop(settings.insert("videoLanguages".into(), Value::Null)),
        Field::Absent => {}
    }
    match check.text("language", 2..=20) {
        Field::Is(language) if !labels::is_locale(&language) => {
            check.fail("language", "Should have a valid language");
        }
        language => keep(&mut settings, "language", language),
    }
    match check.text(zone::SETTING, 1..=64) {
        Field::Is(name) if Zone::find(&name).is_none() => {
            check.fail(zone::SETTING, "Should have the name of a time zone");
        }
        name => keep(&mut settings, zone::SETTING, name),
    }
    let theme = check.one_of("theme", &THEMES);
    keep(&mut settings, "theme", theme);
    check.finish()?;
    Ok(Changes {
        password,
        email,
        display_name,
        description,
        settings,
    })
}

fn keep(settings: &mut Map<String, Value>, name: &str, field: Field<impl Into<Value>>) {
    match field {
        Field::Is(value) => drop(settings.insert(name.to_owned(), value.into())),
        Field::Null if name == "language" || name == zone::SETTING => {
            drop(settings.insert(name.to_owned(), Value::Null))
        }
        Field::Null | Field::Absent => {}
    }
}

pub async fn delete(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    if me.is_root() {
        return Err(Error::bad_request("Cannot delete the root user"));
    }
    // Older programs do not send it; where it is sent it must be right.
    if body.contains_key("currentPassword") {
        check_password(&app, &me, &body).await?;
    }
    user::delete(&app, &me).await?;
    Ok(no_content())
}

pub async fn quota_used(State(app): State<App>, me: Me) -> Result<Json<Value>> {
    let used = user::used(&app, &[me.account_id]).await?;
    let used = used.get(&me.account_id).copied().unwrap_or_default();
    Ok(Json(json!({
        "videoQuotaUsed": used.total_bytes, "videoQuotaUsedDaily": used.daily_bytes,
    })))
}

pub async fn pick_avatar(State(app): State<App>, me: Me, request: Request) -> Result<Json<Value>> {
    let file = picture::read_upload(request, Shape::Avatar).await?;
    let pictures = picture::set(&app, me.actor_id, Shape::Avatar, file).await?;
    let avatars = account_view::pictures(&app, &pictures, Shape::Avatar);
    Ok(Json(json!({ "avatars": avatars })))
}

pub async fn remove_avatar(State(app): State<App>, me: Me) -> Result<Json<Value>> {
    picture::remove(&app, me.actor_id, Shape::Avatar).await?;
    Ok(Json(json!({ "avatars": [] })))
}

pub async fn set_notices(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let mut given = Map::new();
    for name in NOTICES.into_iter().chain(MORE_NOTICES) {
        let value = body.get(name);
        if value.is_none() && MORE_NOTICES.contains(&name) {
            continue;
        }
        match value
            .and_then(Value::as_i64)
            .filter(|bits| (0..=3).contains(bits))
        {
            Some(bits) => drop(given.insert(name.to_owned(), bits.into())),
            None => check.fail(
                name,
                "Should be 0 (none), 1 (on the site), 2 (by mail) or 3 (both)",
            ),
        }
    }
    check.finish()?;
    let mut tx = app.db.begin().await?;
    account::change(&mut tx, me.id, app.clock.now(), |user| {
        user.notification_settings.extend(given);
    })
    .await?;
    tx.commit().await?;
    Ok(no_content())
}

/// Remembers that the user has seen what is new.
pub async fn read_news(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let mut check = Check::body(&body);
    let feature = check.int("feature", 0..=i64::from(i32::MAX)).value();
    check.finish()?;
    let mut tx = app.db.begin().await?;
    account::change(&mut tx, me.id, app.clock.now(), |user| {
        let seen = user
            .settings
            .get("newFeaturesInfoRead")
            .and_then(Value::as_i64)
            .unwrap_or(0);
        user.settings.insert(
            "newFeaturesInfoRead".into(),
            (seen | feature.unwrap_or(0)).into(),
        );
    })
    .await?;
    tx.commit().await?;
    Ok(no_content())
}
