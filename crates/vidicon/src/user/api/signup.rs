//! The REST routes of sign-up: at once, or by a request that somebody decides on.

use super::{email, name};
use crate::access::Client;
use crate::account::invitation::{self, Invitation};
use crate::account::registration::{self, NewRegistration, Registration, RegistrationId};
use crate::account::{self, NewUser, Role, password};
use crate::app::App;
use crate::check::{self, Body, Check, Query};
use crate::error::{Error, Result, no_content};
use crate::listing::{Listed, Paging, Sort};
use crate::user::{self, FirstChannel, job};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use base::job::NewJob;
use serde_json::{Map, Value, json};

/// What somebody fills in who wants to join.
struct Form {
    username: String,
    password: String,
    email: String,
    display_name: Option<String>,
    channel: Option<(String, String)>,
    half_a_channel: bool,
    reason: String,
}

pub async fn register(
    State(app): State<App>,
    client: Client,
    Body(body): Body,
) -> Result<Response> {
    let invitation = invited(&app, &body).await?;
    let rules = check_open(&app, client, invitation.is_some()).await?;
    if rules.requires_approval && invitation.is_none() {
        return Err(Error::forbidden(
            "User registration requires approval on this server.",
        ));
    }
    let form = read(&body, false)?;
    check_form(&app, &form).await?;
    let must_prove = rules.requires_email_verification;
    let new = NewUser {
        username: form.username,
        email: form.email,
        password: None,
        role: Role::User,
        quota_bytes: rules.quota_bytes,
        quota_daily_bytes: rules.quota_daily_bytes,
        admin_flags: 0,
        email_verified: must_prove.then_some(false),
        display_name: form.display_name,
    };
    let (name, display_name) = form.channel.unzip();
    let hash = password::hash(&form.password).await?;
    let mut tx = app.db.begin().await?;
    let first = FirstChannel { name, display_name };
    let now = app.clock.now();
    let (id, _) = user::add(&app, &mut tx, &new, Some(hash), &first).await?;
    if let Some(invitation) = &invitation {
        invitation::spend(&mut tx, invitation, id, now).await?;
    }
    NewJob::new(user::REGISTERED_JOB, json!({ "userId": id }))
        .enqueue(&mut tx, now)
        .await?;
    if must_prove {
        job::mail(&app, &mut tx, job::Occasion::ProveEmail(id)).await?;
    }
    tx.commit().await?;
    Ok(no_content())
}

pub async fn request(
    State(app): State<App>,
    client: Client,
    Body(body): Body,
) -> Result<Json<Value>> {
    let rules = check_open(&app, client, false).await?;
    let form = read(&body, true)?;
    check_form(&app, &form).await?;
    if !rules.requires_approval {
        return Err(Error::bad_request(
            "Signup approval is not enabled on this server.",
        ));
    }
    let (channel_name, channel_display_name) = form.channel.unzip();
    let new = NewRegistration {
        username: form.username,
        email: form.email,
        email_verified: rules.requires_email_verification.then_some(false),
        password_hash: password::hash(&form.password).await?,
        display_name: form.display_name,
        channel_name,
        channel_display_name,
        reason: form.reason,
    };
    Ok(Json(user::ask_to_join(&app, &new).await?.view()))
}

/// The invitation that was sent along; 403 when it lets nobody in.
async fn invited(app: &App, body: &Map<String, Value>) -> Result<Option<Invitation>> {
    match body.get("invitationCode") {
        None | Some(Value::Null) => Ok(None),
        Some(code) => {
            let code = code.as_str().unwrap_or_default();
            let found = invitation::usable(app, code).await?;
            found.map(Some).ok_or_else(invitation::refused)
        }
    }
}

/// Who is invited may come in though sign-up is closed or the site is full.
async fn check_open(
    app: &App,
    client: Client,
    is_invited: bool,
) -> Result<crate::instance::Signup> {
    let rules = app.instance.signup();
    if !app.config.signup.lets_in(client.ip) {
        return Err(Error::forbidden(
            "You are not on a network authorized for registration.",
        ));
    }
    if is_invited {
        return Ok(rules);
    }
    let is_full = rules.limit != -1 && account::user_count(app).await? >= rules.limit;
    if !rules.enabled || is_full {
        return Err(Error::forbidden(
            "User registration is not allowed on this server.",
        ));
    }
    Ok(rules)
}

async fn check_form(app: &App, form: &Form) -> Result<()> {
    user::check_names(app, &form.username, &form.email, None).await?;
    if form.half_a_channel {
        return Err(Error::bad_request(
            "Channel is optional but if you specify it, channel.name and channel.displayName are required.",
        ));
    }
    let channel = form.channel.as_ref().map(|(name, _)| name.as_str());
    user::check_channel(app, &form.username, channel).await
}

fn read(body: &Map<String, Value>, with_reason: bool) -> Result<Form> {
    let mut check = Check::body(body);
    let username = name(&mut check, "username");
    let username = check.required("username", username).unwrap_or_default();
    let password = check.text("password", 6..=255);
    let password = check.required("password", password).unwrap_or_default();
    let email = email(&mut check);
    let email = check.required("email", email).unwrap_or_default();
    let display_name = check.text("displayName", 1..=120).value();
    let (mut channel_name, mut channel_display_name) = (None, None);
    check.nested("channel", |check| {
        channel_name = name(check, "name").value();
        channel_display_name = check.text("displayName", 1..=120).value();
    });
    let mut reason = None;
    if with_reason {
        let given = check.text("registrationReason", 2..=3000);
        reason = check.required("registrationReason", given);
    }
    check.finish()?;
    let has_channel = body
        .get("channel")
        .is_some_and(|channel| !channel.is_null());
    let channel = channel_name.zip(channel_display_name);
    Ok(Form {
        username,
        password,
        email,
        display_name,
        half_a_channel: has_channel && channel.is_none(),
        channel,
        reason: reason.unwrap_or_default(),
    })
}

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Json<Listed<Value>>> {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt", "state"], "-createdAt")?;
    let search = query
        .get("search")
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty());
    let (total, asked) = registration::list(&app, search, paging, sort).await?;
    Ok(Listed::new(
        total,
        asked.iter().map(Registration::view).collect(),
    ))
}

pub async fn accept(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let (asked, response, tell) = read_decision(&app, &id, &body).await?;
    user::accept(&app, &asked, &response, tell).await?;
    Ok(no_content())
}

pub async fn reject(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let (asked, response, tell) = read_decision(&app, &id, &body).await?;
    user::reject(&app, &asked, &response, tell).await?;
    Ok(no_content())
}

async fn read_decision(
    app: &App,
    id: &str,
    body: &Map<String, Value>,
) -> Result<(Registration, String, bool)> {
    let id: RegistrationId = check::id("registrationId", id)?;
    let mut check = Check::body(body);
    let response = check.text("moderationResponse", 2..=3000);
    let response = check
        .required("moderationResponse", response)
        .unwrap_or_default();
    let silent = check.strict_bool("preventEmailDelivery").or(false);
    check.finish()?;
    let asked = registration::find(&app.db, id).await?;
    if asked.state != registration::PENDING {
        return Err(Error::conflict(
            "This registration is already accepted or rejected.",
        ));
    }
    Ok((asked, response, !silent))
}

pub async fn delete(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    let id: RegistrationId = check::id("registrationId", &id)?;
    if !registration::remove(&app, id).await? {
        return Err(Error::not_found("Registration not found"));
    }
    Ok(no_content())
}
