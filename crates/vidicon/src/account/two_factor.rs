//! The second factor: codes of six digits from an app, by time (TOTP).

use super::code::{self, Code, Purpose};
use super::{User, store};
use crate::app::App;
use crate::error::{Error, Result};
use crate::vault::What;
use base::clock::{Millis, SECOND};
use totp_rs::{Builder, Secret, Totp};

/// What an app needs to make codes, and the token that the first code goes along with.
#[derive(Clone, Debug)]
pub struct Offer {
    pub request_token: String,
    pub secret: String,
    pub uri: String,
}

/// Begins to switch the second factor on.
pub async fn offer(app: &App, user: &User) -> Result<Offer> {
    if user.two_factor {
        return Err(Error::bad_request("Two factor is already enabled."));
    }
    let key = Secret::new_stack(base::random::bytes::<20>());
    let secret = key.to_base32();
    let issuer = app.instance.name().replace(':', " ");
    let account = user.email.replace(':', " ");
    let totp = Builder::new()
        .with_secret(key)
        .with_issuer(Some(issuer))
        .with_account_name(account)
        .build()
        .map_err(|error| Error::internal(error.to_string()))?;
    let uri = totp
        .to_url()
        .map_err(|error| Error::internal(error.to_string()))?;
    let sealed = app.vault.seal(What::SecondFactor, &secret);
    let sealed = sealed.map_err(Error::internal)?;
    let code = Code::of_user(Purpose::SecondFactor, user.id, Some(sealed));
    let now = app.clock.now();
    let request_token = code::make(&app.db, &code, code::SECOND_FACTOR_LIFE, now).await?;
    Ok(Offer {
        request_token,
        secret,
        uri,
    })
}

/// Switches the second factor on once the app shows a right code.
pub async fn confirm(app: &App, user: &User, request_token: &str, otp: &str) -> Result<()> {
    if user.two_factor {
        return Err(Error::bad_request("Two factor is already enabled."));
    }
    let now = app.clock.now();
    let offered = code::find(&app.db, request_token, Purpose::SecondFactor, now).await?;
    let secret = offered
        .filter(|code| code.user_id == Some(user.id))
        .and_then(|code| code.value);
    let sealed = secret.ok_or_else(|| Error::forbidden("Invalid two factor token."))?;
    let secret = app.vault.open(What::SecondFactor, &sealed);
    let secret = secret.map_err(Error::internal)?;
    let Some(step) = step(&secret, otp, now) else {
        return Err(Error::forbidden("Invalid two factor code."));
    };
    let mut tx = app.db.begin().await?;
    store::set_second_factor(&mut tx, user.id, Some(&sealed)).await?;
    store::spend_step(&mut tx, user.id, step).await?;
    code::void(&mut tx, user.id, Purpose::SecondFactor).await?;
    Ok(tx.commit().await?)
}

pub async fn switch_off(app: &App, user: &User) -> Result<()> {
    if !user.two_factor {
        return Err(Error::bad_request("Two factor is already disabled."));
    }
    store::set_second_factor(&app.db, user.id, None).await?;
    Ok(())
}

/// The time step that a code belongs to, when it is right now or was thirty seconds ago or will
/// be then.
pub fn step(secret: &str, otp: &str, now: Millis) -> Option<i64> {
    let totp = totp(secret)?;
    let found = totp.check(otp.trim(), u64::try_from(now / SECOND).ok()?)?;
    i64::try_from(found).ok()
}

fn totp(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).build().ok()
}

/// The code that an app shows at this time.
pub fn code_at(secret: &str, now: Millis) -> Option<String> {
    let seconds = u64::try_from(now / SECOND).ok()?;
    Some(totp(secret)?.generate(seconds).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_fits_for_a_minute_and_a_half() {
        let secret = Secret::new_stack([7; 20]).to_base32();
        let now = 1_800_000_000_000;
        let code = code_at(&secret, now).unwrap();
        assert_eq!(code.len(), 6);
        assert_eq!(step(&secret, &code, now), Some(60_000_000));
        assert_eq!(step(&secret, &code, now + 30 * SECOND), Some(60_000_000));
        assert_eq!(step(&secret, &code, now + 90 * SECOND), None);
        assert_eq!(step(&secret, "abcdef", now), None);
    }
}
