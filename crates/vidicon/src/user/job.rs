//! Mails to users about their accounts, and the removal of what deleted users leave behind.

use super::store;
use crate::account::code::{self, Code, Purpose};
use crate::account::picture::{self, Shape};
use crate::account::registration::{self, RegistrationId};
use crate::account::{self, AccountId, ActorId, User, UserId};
use crate::app::App;
use crate::comment;
use crate::error::{Error, Result};
use crate::mail::{self, Letter};
use crate::playlist;
use crate::video::{self, VideoRef};
use base::Tx;
use base::job::{JobError, NewJob};
use serde::{Deserialize, Serialize};

/// Why a user (or who wants to be one) gets a mail. The codes in them are made when the mail is
/// sent, so that none lies in the queue.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(tag = "what", content = "id", rename_all = "kebab-case")]
pub enum Occasion {
    FirstPassword(UserId),
    ForgottenPassword(UserId),
    ProveEmail(UserId),
    ProveRegistration(RegistrationId),
    Decided(RegistrationId),
    /// Blocked or let in again: whichever it is when the mail goes out.
    Blocked(UserId),
}

/// Sends the mail soon. Nothing happens on a site without a mail server.
pub async fn mail(app: &App, tx: &mut Tx, occasion: Occasion) -> Result<()> {
    if app.mail.is_on() {
        let payload = serde_json::to_value(occasion).map_err(Error::internal)?;
        NewJob::new("account-mail", payload)
            .enqueue(tx, app.clock.now())
            .await?;
    }
    Ok(())
}

/// The job: writes the mail and sends it. Who is gone meanwhile gets none.
pub async fn send(app: &App, occasion: Occasion) -> Result<(), JobError> {
    let letter = match occasion {
        Occasion::FirstPassword(id) => password(app, id, true).await,
        Occasion::ForgottenPassword(id) => password(app, id, false).await,
        Occasion::ProveEmail(id) => prove_email(app, id).await,
        Occasion::ProveRegistration(id) => prove_registration(app, id).await,
        Occasion::Decided(id) => decided(app, id).await,
        Occasion::Blocked(id) => blocked(app, id).await,
    };
    match letter {
        Ok(letter) => mail::deliver(app, &letter).await,
        Err(error) if error.status() == axum::http::StatusCode::NOT_FOUND => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Whose things a job removes.
#[derive(Debug, Deserialize)]
pub struct Rest {
    account_id: AccountId,
}

/// The job: removes what a deleted user leaves behind. It can be killed anywhere and run again.
pub async fn remove_rest(app: &App, rest: Rest) -> Result<(), JobError> {
    remove_all(app, rest.account_id)
        .await
        .map_err(JobError::from)
}

async fn remove_all(app: &App, account_id: AccountId) -> Result<()> {
    loop {
        let videos = store::videos(&app.db, account_id).await?;
        if videos.is_empty() {
            break;
        }
        for (id,) in videos {
            if let Ok(video) = video::find(app, VideoRef::Number(id)).await {
                video::delete(app, &video).await?;
            }
        }
    }
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    comment::remove_all(&mut tx, account_id, comment::Scope::Everywhere, now).await?;
    tx.commit().await?;
    playlist::delete_all(app, account_id).await?;
    let mut actors: Vec<ActorId> = Vec::new();
    actors.extend(
        store::actors_of_channels(&app.db, account_id)
            .await?
            .into_iter()
            .map(|(id,)| id),
    );
    actors.extend(
        store::actor_of_account(&app.db, account_id)
            .await?
            .map(|(id,)| id),
    );
    for actor_id in actors {
        picture::remove(app, actor_id, Shape::Avatar).await?;
        picture::remove(app, actor_id, Shape::Banner).await?;
    }
    store::delete_channels(&app.db, account_id).await?;
    Ok(())
}

async fn password(app: &App, id: UserId, is_first: bool) -> Result<Letter> {
    let user = account::user(app, id).await?;
    let life = if is_first {
        code::FIRST_PASSWORD_LIFE
    } else {
        code::MAILED_LIFE
    };
    let code = Code::of_user(Purpose::Password, id, None);
    let text = code::make(&app.db, &code, life, app.clock.now()).await?;
    let link = app.url(&format!(
        "/reset-password?userId={id}&verificationString={text}"
    ));
    let site = app.instance.name();
    let (subject, text) = if is_first {
        (
            "Create your account password",
            format!(
                "Hi {},\n\nan account was made for you on {site}. Choose your password here, \
                 within seven days:\n\n{link}\n",
                user.username
            ),
        )
    } else {
        (
            "Reset your account password",
            format!(
                "Hi {},\n\nsomebody asked for a new password for your account on {site}. Choose \
                 one here, within an hour:\n\n{link}\n\nIf it was not you, do nothing: your \
                 password stays as it is.\n",
                user.username
            ),
        )
    };
    Ok(letter(app, &user.email, subject, text))
}

async fn prove_email(app: &App, id: UserId) -> Result<Letter> {
    let user = account::user(app, id).await?;
    let (address, more) = match &user.pending_email {
        Some(pending) => (pending.clone(), "&isPendingEmail=true"),
        None => (user.email.clone(), ""),
    };
    let code = Code::of_user(Purpose::Email, id, Some(address.clone()));
    let text = code::make(&app.db, &code, code::MAILED_LIFE, app.clock.now()).await?;
    let link = format!("/verify-account/email?userId={id}&verificationString={text}{more}");
    Ok(proof(app, &address, &user.username, &app.url(&link)))
}

async fn prove_registration(app: &App, id: RegistrationId) -> Result<Letter> {
    let asked = registration::find(&app.db, id).await?;
    let code = Code {
        purpose: Purpose::Registration,
        user_id: None,
        registration_id: Some(id),
        value: Some(asked.email.clone()),
    };
    let text = code::make(&app.db, &code, code::MAILED_LIFE, app.clock.now()).await?;
    let link = format!("/verify-account/email?registrationId={id}&verificationString={text}");
    Ok(proof(app, &asked.email, &asked.username, &app.url(&link)))
}

fn proof(app: &App, address: &str, name: &str, link: &str) -> Letter {
    let site = app.instance.name();
    let text = format!(
        "Hi {name},\n\nplease confirm within an hour that this mail address is yours:\n\n{link}\n\n\
         If you did not sign up on {site}, do nothing.\n"
    );
    letter(app, address, &format!("Verify your email on {site}"), text)
}

async fn decided(app: &App, id: RegistrationId) -> Result<Letter> {
    let asked = registration::find(&app.db, id).await?;
    let (word, link) = if asked.state == registration::ACCEPTED {
        (
            "accepted",
            format!("\n\nLog in here: {}", app.url("/login")),
        )
    } else {
        ("rejected", String::new())
    };
    let subject = format!(
        "Your registration request for {} has been {word}",
        asked.username
    );
    let text = format!(
        "Hi {},\n\n{subject}.\n\n{}{link}\n",
        asked.username,
        asked.response.unwrap_or_default()
    );
    Ok(letter(app, &asked.email, &subject, text))
}

async fn blocked(app: &App, id: UserId) -> Result<Letter> {
    let user: User = account::user(app, id).await?;
    let word = if user.blocked { "blocked" } else { "unblocked" };
    let reason = user
        .blocked_reason
        .map(|reason| format!("\n\nReason: {reason}"));
    let text = format!(
        "Hi {},\n\nyour account on {} has been {word}.{}\n",
        user.username,
        app.instance.name(),
        reason.unwrap_or_default()
    );
    Ok(letter(app, &user.email, &format!("Account {word}"), text))
}

fn letter(app: &App, to: &str, subject: &str, text: String) -> Letter {
    let site = app.instance.name();
    Letter {
        to: to.to_owned(),
        subject: format!("[{site}] {subject}"),
        text: format!("{text}\n-- \n{site}, {}\n", app.config.server.public_url),
    }
}
