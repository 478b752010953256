//! The REST routes that switch the second factor on and off.

use super::may_manage;
use crate::access::Me;
use crate::account::{self, Right, User, login, two_factor};
use crate::app::App;
use crate::check::{self, Body, Check};
use crate::error::{Error, Result, no_content};
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

pub async fn request(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>> {
    check_password(&app, &me, &id, &body).await?;
    let user = managed(&app, &me, &id).await?;
    let offer = two_factor::offer(&app, &user).await?;
    Ok(Json(json!({ "otpRequest": {
        "requestToken": offer.request_token, "secret": offer.secret, "uri": offer.uri,
    } })))
}

pub async fn confirm(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let user = managed(&app, &me, &id).await?;
    if user.two_factor {
        return Err(Error::bad_request("Two factor is already enabled."));
    }
    let mut check = Check::body(&body);
    let token = check.text("requestToken", 1..=255);
    let token = check.required("requestToken", token);
    let otp = check.text("otpToken", 1..=20);
    let otp = check.required("otpToken", otp);
    check.finish()?;
    let (token, otp) = (token.unwrap_or_default(), otp.unwrap_or_default());
    two_factor::confirm(&app, &user, &token, &otp).await?;
    Ok(no_content())
}

pub async fn disable(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    check_password(&app, &me, &id, &body).await?;
    let user = managed(&app, &me, &id).await?;
    two_factor::switch_off(&app, &user).await?;
    Ok(no_content())
}

/// The password once more, from everybody but administrators and moderators who help others.
async fn check_password(app: &App, me: &User, id: &str, body: &Map<String, Value>) -> Result<()> {
    if me.has(Right::ManageUsers) && id != me.id.to_string() {
        return Ok(());
    }
    let given = body
        .get("currentPassword")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if given.is_empty() {
        return Err(Error::bad_request("currentPassword is missing"));
    }
    if !login::knows_password(app, me, given).await? {
        return Err(
            Error::forbidden("currentPassword is invalid.").code("current_password_is_invalid")
        );
    }
    Ok(())
}

async fn managed(app: &App, me: &User, id: &str) -> Result<User> {
    let id = check::id("id", id)?;
    let user = account::user(app, id).await?;
    may_manage(me, &user)?;
    Ok(user)
}
