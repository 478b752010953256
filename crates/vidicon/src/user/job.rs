//! Mails to users about their accounts, and the removal of what deleted users leave behind.

use super::store;
use crate::account::code::{self, Code, Purpose};
use crate::account::picture::{self, Shape};
use crate::account::registration::{self, RegistrationId};
use crate::account::{self, AccountId, ActorId, User, UserId};
use crate::app::App;
use crate::comment;
use crate::error::{Error, Result};
use crate::i18n::{self, Filling, Texts};
use crate::mail::{self, Letter};
use crate::playlist;
use crate::video::{self, VideoRef};
use crate::zone::Zone;
use base::Tx;
use base::clock::Millis;
use base::job::{JobError, NewJob};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why a user (or who wants to be one) gets a mail. The codes in them are made when the mail is
/// sent, so that none lies in the queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "what", content = "id", rename_all = "kebab-case")]
pub enum Occasion {
    FirstPassword(UserId),
    ForgottenPassword(UserId),
    ProveEmail(UserId),
    ProveRegistration(RegistrationId),
    Decided(RegistrationId),
    /// Blocked or let in again: whichever it is when the mail goes out.
    Blocked(UserId),
    NewDevice(Login),
}

/// A log-in with a device that was not seen before.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Login {
    user_id: UserId,
    device: String,
    ip: Option<String>,
    at: Millis,
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
        Occasion::NewDevice(login) => new_device(app, &login).await,
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
    comment::remove_all(&mut tx, account_id, comment::Scope::Everywhere, false, now).await?;
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
    let words = Words::of_user(app, &user);
    let key = if is_first {
        "mail-first"
    } else {
        "mail-forgotten"
    };
    let end = words.say("mail-forgotten-end");
    let mut parts = vec![words.hello(), words.say(key), link];
    parts.extend((!is_first).then_some(end));
    let subject = words.say(&format!("{key}-subject"));
    Ok(letter(app, &user.email, &subject, &parts))
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
    let words = Words::of_user(app, &user);
    Ok(proof(app, &address, &words, app.url(&link)))
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
    let words = Words::of_the_site(app, &asked.username);
    Ok(proof(app, &asked.email, &words, app.url(&link)))
}

fn proof(app: &App, address: &str, words: &Words, link: String) -> Letter {
    let parts = [
        words.hello(),
        words.say("mail-prove"),
        link,
        words.say("mail-prove-end"),
    ];
    letter(app, address, &words.say("mail-prove-subject"), &parts)
}

async fn decided(app: &App, id: RegistrationId) -> Result<Letter> {
    let asked = registration::find(&app.db, id).await?;
    let words = Words::of_the_site(app, &asked.username);
    let answer = asked.response.unwrap_or_default();
    let parts = if asked.state == registration::ACCEPTED {
        vec![
            words.hello(),
            words.say("mail-accepted"),
            app.url("/login"),
            answer,
        ]
    } else {
        vec![words.hello(), words.say("mail-rejected"), answer]
    };
    let subject = if asked.state == registration::ACCEPTED {
        words.say("mail-accepted-subject")
    } else {
        words.say("mail-rejected-subject")
    };
    Ok(letter(app, &asked.email, &subject, &parts))
}

async fn blocked(app: &App, id: UserId) -> Result<Letter> {
    let user: User = account::user(app, id).await?;
    let words = Words::of_user(app, &user);
    let key = if user.blocked {
        "mail-account-blocked"
    } else {
        "mail-account-unblocked"
    };
    let mut parts = vec![words.hello(), words.say(key)];
    if let Some(reason) = &user.blocked_reason {
        let reason = [("reason", Filling::Word(reason))];
        parts.push(words.texts.fill("mail-reason", &reason));
    }
    let subject = words.say(&format!("{key}-subject"));
    Ok(letter(app, &user.email, &subject, &parts))
}

async fn new_device(app: &App, login: &Login) -> Result<Letter> {
    let user = account::user(app, login.user_id).await?;
    let words = Words::of_user(app, &user);
    let ip = login.ip.as_deref().unwrap_or_default();
    let parts = [
        words.hello(),
        words.say("mail-device"),
        format!("{}\n{ip}\n{}", login.device, words.zone.moment(login.at)),
        words.say("mail-device-end"),
        app.url("/my/settings/security"),
    ];
    let subject = words.say("mail-device-subject");
    Ok(letter(app, &user.email, &subject, &parts))
}

/// The words of a mail in the language of the one who gets it.
pub struct Words {
    pub texts: &'static Texts,
    zone: Zone,
    name: String,
    site: String,
}

impl Words {
    pub fn of_user(app: &App, user: &User) -> Self {
        let own = user.settings.get("language").and_then(Value::as_str);
        let own = own.and_then(i18n::known);
        let words = Self::of_the_site(app, &user.username);
        Words {
            texts: own.map_or(words.texts, i18n::texts),
            zone: Zone::of(&user.settings),
            ..words
        }
    }

    /// For somebody who has not chosen a language yet.
    fn of_the_site(app: &App, name: &str) -> Self {
        let settings = app.instance.settings();
        let usual = i18n::known(&settings.instance.default_language);
        Words {
            texts: i18n::texts(usual.unwrap_or("en")),
            zone: Zone::default(),
            name: name.to_owned(),
            site: settings.instance.name.clone(),
        }
    }

    pub fn say(&self, key: &str) -> String {
        let values = [
            ("name", Filling::Word(&self.name)),
            ("site", Filling::Word(&self.site)),
        ];
        self.texts.fill(key, &values)
    }

    pub fn hello(&self) -> String {
        self.say("mail-hello")
    }
}

/// A letter of these parts, signed by the site.
pub fn letter(app: &App, to: &str, subject: &str, parts: &[String]) -> Letter {
    let site = app.instance.name();
    Letter {
        to: to.to_owned(),
        subject: format!("[{site}] {subject}"),
        text: format!(
            "{}\n\n-- \n{site}, {}\n",
            parts.join("\n\n"),
            app.config.server.public_url
        ),
    }
}
