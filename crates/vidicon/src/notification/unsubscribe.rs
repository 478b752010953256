//! The link in each mail that stops mails of its sort, without a log-in.

use super::BY_MAIL;
use crate::account::{self, UserId};
use crate::app::App;
use crate::error::{Error, Result};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

/// Stands for the daily mail where else a setting is named.
pub const DIGEST: &str = "mailDigest";

fn mac(app: &App, user: UserId, setting: &str) -> Result<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&app.secret).map_err(Error::internal)?;
    mac.update(format!("unsubscribe {user} {setting}").as_bytes());
    Ok(mac)
}

pub fn link(app: &App, user: UserId, setting: &str) -> String {
    let token = mac(app, user, setting).map(|mac| hex::encode(mac.finalize().into_bytes()));
    let token = token.unwrap_or_default();
    app.url(&format!(
        "/unsubscribe?user={user}&from={setting}&token={token}"
    ))
}

/// Does this link come from a mail to this user?
pub fn fits(app: &App, user: UserId, setting: &str, token: &str) -> Result<()> {
    let wrong = || Error::forbidden("This link is not one of ours.");
    let token = hex::decode(token).map_err(|_| wrong())?;
    mac(app, user, setting)?
        .verify_slice(&token)
        .map_err(|_| wrong())
}

/// Stops mails of this sort. What is told on the site stays.
pub async fn stop(app: &App, user: UserId, setting: &str) -> Result<()> {
    let mut tx = app.db.begin().await?;
    account::change(&mut tx, user, app.clock.now(), |user| {
        if setting == DIGEST {
            let names: Vec<String> = user.notification_settings.keys().cloned().collect();
            for name in names {
                silence(&mut user.notification_settings, &name);
            }
        } else {
            silence(&mut user.notification_settings, setting);
        }
    })
    .await?;
    Ok(tx.commit().await?)
}

fn silence(settings: &mut serde_json::Map<String, Value>, name: &str) {
    let bits = settings
        .get(name)
        .and_then(Value::as_i64)
        .unwrap_or(super::ON_SITE | BY_MAIL);
    settings.insert(name.to_owned(), (bits & !BY_MAIL).into());
}
