//! The REST routes below `/api/v1/users`: those for administrators and moderators.

pub mod me;
pub mod password;
pub mod signup;

use super::view;
use crate::access::Me;
use crate::account::api::may_manage;
use crate::account::{self, NewUser, Role, User, UserFilter, session};
use crate::app::App;
use crate::check::{self, Body, Check, Field, Query};
use crate::error::{Error, Result, no_content};
use crate::instance::audit;
use crate::listing::{Listed, Paging, Sort};
use crate::wire;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

const SORTS: &[&str] = &[
    "id",
    "username",
    "videoQuotaUsed",
    "createdAt",
    "lastLoginDate",
    "role",
];
const WRONG_NAME: &str =
    "Should have a valid username: lowercase letters, digits, `_`, and inside `.` and `-`";

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, SORTS, "-createdAt")?;
    let mut check = Check::query(&query);
    let search = check
        .text("search", 0..=1000)
        .value()
        .filter(|text| !text.is_empty());
    let blocked = check.lenient_bool("blocked").value();
    let role = check.number_of("role", &[0, 1, 2]).value();
    check.finish()?;
    let filter = UserFilter {
        search,
        blocked,
        role: role.and_then(|role| Role::try_from(role).ok()),
    };
    let (total, users) = account::users(&app, &filter, paging, sort).await?;
    Ok(Listed::new(total, view::users(&app, &users).await?))
}

pub async fn create(State(app): State<App>, me: Me, Body(body): Body) -> Result<Json<Value>> {
    let mut check = Check::body(&body);
    let username = name(&mut check, "username");
    let username = check.required("username", username).unwrap_or_default();
    let shortest = if app.mail.is_on() { 0 } else { 6 };
    let password = check.text("password", shortest..=255);
    let password = check.required("password", password).unwrap_or_default();
    if (1..6).contains(&password.chars().count()) {
        check.fail(
            "password",
            "Should have a valid password: 6 to 255 characters",
        );
    }
    let email = email(&mut check);
    let email = check.required("email", email).unwrap_or_default();
    let channel_name = name(&mut check, "channelName").value();
    let role = check.number_of("role", &[0, 1, 2]);
    let role = check.required("role", role).unwrap_or(2);
    let quota = check.int("videoQuota", -1..=i64::MAX);
    let daily = check.int("videoQuotaDaily", -1..=i64::MAX);
    let flags = check.int("adminFlags", 0..=i64::MAX);
    check.finish()?;
    let role = Role::try_from(role).map_err(Error::bad_request)?;
    super::check_names(&app, &username, &email, None).await?;
    if !me.role.outranks(role) {
        return Err(Error::forbidden(
            "You can only create users (and not administrators or moderators)",
        ));
    }
    super::check_channel(&app, &username, channel_name.as_deref()).await?;
    let rules = app.instance.signup();
    let new = NewUser {
        username,
        email,
        password: Some(password).filter(|password| !password.is_empty()),
        role,
        quota_bytes: quota.or(rules.quota_bytes),
        quota_daily_bytes: daily.or(rules.quota_daily_bytes),
        admin_flags: flags.or(0),
        email_verified: None,
        display_name: None,
    };
    let (user_id, account_id) = super::create(&app, &new, channel_name.as_deref()).await?;
    Ok(Json(
        json!({ "user": { "id": user_id, "account": { "id": account_id } } }),
    ))
}

pub async fn show(
    State(app): State<App>,
    Path(id): Path<String>,
    Query(query): Query,
) -> Result<Json<Value>> {
    let id = check::id("id", &id)?;
    let mut check = Check::query(&query);
    let with_stats = check.lenient_bool("withStats").or(false);
    check.finish()?;
    let user = account::user(&app, id).await?;
    let mut answer = view::user(&app, &user).await?;
    let inviter = account::invitation::inviter_of(&app, user.id).await?;
    wire::put(&mut answer, "invitedBy", json!(inviter));
    if with_stats {
        view::add_doings(&mut answer, super::doings(&app, user.account_id).await?);
    }
    Ok(Json(answer))
}

pub async fn update(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let id = check::id("id", &id)?;
    let mut check = Check::body(&body);
    let password = check.text("password", 6..=255).value();
    let email = email(&mut check).value();
    let verified = check.strict_bool("emailVerified").value();
    let quota = check.int("videoQuota", -1..=i64::MAX).value();
    let daily = check.int("videoQuotaDaily", -1..=i64::MAX).value();
    let role = check.number_of("role", &[0, 1, 2]).value();
    let flags = check.int("adminFlags", 0..=i64::MAX).value();
    check.finish()?;
    let role = role
        .map(Role::try_from)
        .transpose()
        .map_err(Error::bad_request)?;
    let user = account::user(&app, id).await?;
    if user.is_root() && role.is_some_and(|role| role != user.role) {
        return Err(Error::bad_request(
            "Cannot change the role of the root user",
        ));
    }
    may_administer(&me, &user)?;
    if role.is_some_and(|role| !me.role.outranks(role)) {
        return Err(Error::forbidden("You cannot give this role."));
    }
    let mut tx = app.db.begin().await?;
    let before = user.role;
    let changed = account::change(&mut tx, id, app.clock.now(), |user| {
        user.email = email.unwrap_or_else(|| user.email.clone());
        user.email_verified = verified.or(user.email_verified);
        user.quota_bytes = quota.unwrap_or(user.quota_bytes);
        user.quota_daily_bytes = daily.unwrap_or(user.quota_daily_bytes);
        user.role = role.unwrap_or(user.role);
        user.admin_flags = flags.unwrap_or(user.admin_flags);
    })
    .await?;
    if changed.role != before {
        session::end_all(&mut tx, id).await?;
    }
    tx.commit().await?;
    let has_password = password.is_some();
    if let Some(password) = password {
        super::set_password(&app, &user, &password, None).await?;
    }
    let mut response = no_content();
    let details = json!({
        "user": user.username,
        "role": [user.role.label(), changed.role.label()],
        "videoQuota": [user.quota_bytes, changed.quota_bytes],
        "videoQuotaDaily": [user.quota_daily_bytes, changed.quota_daily_bytes],
        "emailChanged": user.email != changed.email,
        "passwordChanged": has_password,
    });
    response.extensions_mut().insert(audit::Details(details));
    Ok(response)
}

pub async fn delete(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let user = account::user(&app, check::id("id", &id)?).await?;
    if user.is_root() {
        return Err(Error::bad_request("Cannot delete the root user"));
    }
    may_administer(&me, &user)?;
    super::delete(&app, &user).await?;
    Ok(no_content())
}

pub async fn block(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    set_blocked(&app, &me, &id, &body, true).await
}

pub async fn unblock(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    set_blocked(&app, &me, &id, &body, false).await
}

async fn set_blocked(
    app: &App,
    me: &User,
    id: &str,
    body: &Map<String, Value>,
    blocked: bool,
) -> Result<Response> {
    let id = check::id("id", id)?;
    let mut check = Check::body(body);
    let reason = check.text("reason", 3..=250).value();
    check.finish()?;
    let user = account::user(app, id).await?;
    if user.is_root() {
        return Err(Error::bad_request("Cannot block the root user"));
    }
    may_administer(me, &user)?;
    super::set_blocked(app, &user, blocked, reason).await?;
    Ok(no_content())
}

/// As [`may_manage`], but moderators may not act on themselves either.
fn may_administer(me: &User, other: &User) -> Result<()> {
    if me.role.outranks(other.role) {
        may_manage(me, other)
    } else {
        Err(Error::forbidden("A moderator can only manage users."))
    }
}

pub async fn autocomplete(
    State(app): State<App>,
    Query(query): Query,
) -> Result<Json<Vec<String>>> {
    let search = query
        .get("search")
        .and_then(Value::as_str)
        .unwrap_or_default();
    Ok(Json(account::usernames_like(&app, search).await?))
}

/// A name for an account or channel.
fn name(check: &mut Check<'_>, field: &str) -> Field<String> {
    let found = check.text_or(field, 1..=50, WRONG_NAME);
    match found {
        Field::Is(name) if !account::is_name(&name) => {
            check.fail(field, WRONG_NAME);
            Field::Absent
        }
        other => other,
    }
}

fn email(check: &mut Check<'_>) -> Field<String> {
    match check.text_or("email", 3..=254, "Should have a valid email") {
        Field::Is(email) if !account::is_email(&email) => {
            check.fail("email", "Should have a valid email");
            Field::Absent
        }
        Field::Is(email) => Field::Is(email.to_lowercase()),
        other => other,
    }
}
