//! The REST routes below `/api/v1/users`.

use crate::account::{NewUser, Role};
use crate::app::App;
use crate::check::{Body, Check};
use crate::error::{Error, Result};
use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

pub async fn create(State(app): State<App>, Body(body): Body) -> Result<Json<Value>> {
    let mut check = Check::body(&body);
    let username = check.text("username", 1..=50);
    let username = check.required("username", username);
    let password = check.text("password", 6..=255);
    let email = check.text("email", 3..=320);
    let email = check.required("email", email);
    let role = check.number_of("role", &[0, 1, 2]);
    let role = check.required("role", role);
    let quota = check.int("videoQuota", -1..=i64::MAX);
    let daily = check.int("videoQuotaDaily", -1..=i64::MAX);
    let flags = check.int("adminFlags", 0..=i64::MAX);
    check.finish()?;
    let new = NewUser {
        username: username.unwrap_or_default().to_lowercase(),
        email: email.unwrap_or_default().to_lowercase(),
        password: password.value(),
        role: Role::try_from(role.unwrap_or(2)).map_err(Error::bad_request)?,
        quota_bytes: quota.or(-1),
        quota_daily_bytes: daily.or(-1),
        admin_flags: flags.or(0),
        email_verified: None,
        display_name: None,
    };
    let (user_id, account_id) = super::create(&app, &new, None).await?;
    Ok(Json(
        json!({ "user": { "id": user_id, "account": { "id": account_id } } }),
    ))
}
