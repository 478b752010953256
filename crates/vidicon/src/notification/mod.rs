//! What users are told: on the site, live over a socket, by mail; and what other programs are told.

pub mod api;
pub mod digest;
pub mod hub;
pub mod job;
mod kind;
mod letter;
pub mod page;
pub mod push;
pub mod socket;
mod store;
mod tell;
mod unsubscribe;
mod view;
pub mod webhook;

pub use hub::Hub;
pub use kind::Kind;
pub use tell::tell;

use crate::account::{AccountId, UserId};
use crate::app::App;
use crate::error::Result;
use crate::listing::{Paging, Sort};
use base::Id;
use base::clock::Millis;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub type NotificationId = Id<Notification>;

/// Ways of being told, as bits of a setting.
pub const ON_SITE: i64 = 1;
pub const BY_MAIL: i64 = 2;

/// What a notification is about: ids, of which the answer is made anew each time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    pub video_id: Option<i64>,
    pub comment_id: Option<i64>,
    pub account_id: Option<i64>,
    pub follow_id: Option<i64>,
    pub payload: Map<String, Value>,
}

impl About {
    pub fn video(id: i64) -> Self {
        About {
            video_id: Some(id),
            ..About::default()
        }
    }

    pub fn comment(id: i64) -> Self {
        About {
            comment_id: Some(id),
            ..About::default()
        }
    }

    pub fn account(id: i64) -> Self {
        About {
            account_id: Some(id),
            ..About::default()
        }
    }

    pub fn follow(id: i64) -> Self {
        About {
            follow_id: Some(id),
            ..About::default()
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.payload.insert(name.to_owned(), value.into());
        self
    }

    fn id(&self, name: &str) -> Option<i64> {
        self.payload.get(name).and_then(Value::as_i64)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.payload.get(name).and_then(Value::as_str)
    }
}

/// Something that a user was told.
#[derive(Clone, Debug, Deserialize)]
pub struct Notification {
    pub id: NotificationId,
    pub user_id: UserId,
    pub kind: Kind,
    pub read: bool,
    pub created_at: Millis,
    pub updated_at: Millis,
}

/// Which notifications of a user.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub unread: Option<bool>,
    pub kinds: Option<Vec<i64>>,
}

/// A page of what a user was told, newest first, as the API shows it. What is about things that
/// are gone is taken out when it is come upon.
pub async fn list(
    app: &App,
    user: UserId,
    filter: &Filter,
    sort: Sort,
    paging: Paging,
) -> Result<(i64, Vec<Value>)> {
    for _ in 0..3 {
        let rows = store::list::page(&app.db, user, filter, sort, paging).await?;
        let shown = view::all(app, &rows).await?;
        let gone = rows.iter().zip(&shown).filter(|(_, view)| view.is_none());
        let gone: Vec<NotificationId> = gone.map(|((row, _), _)| row.id).collect();
        if gone.is_empty() {
            let total = store::list::count(&app.db, user, filter).await?;
            return Ok((total, shown.into_iter().flatten().collect()));
        }
        let mut tx = app.db.begin().await?;
        store::forget(&mut tx, user, &gone).await?;
        tx.commit().await?;
    }
    Ok((store::list::count(&app.db, user, filter).await?, Vec::new()))
}

/// A notification as a page shows it: a sentence and where it leads.
pub struct Told {
    pub read: bool,
    pub text: String,
    pub path: String,
    pub at: Millis,
}

/// A page of what a user was told, newest first, in a language.
pub async fn told(
    app: &App,
    user: UserId,
    texts: &'static crate::i18n::Texts,
    unread: bool,
    paging: Paging,
) -> Result<(i64, Vec<Told>)> {
    let filter = Filter {
        unread: unread.then_some(true),
        kinds: None,
    };
    let sort = Sort {
        column: "createdAt",
        descending: true,
    };
    let total = store::list::count(&app.db, user, &filter).await?;
    let rows = store::list::page(&app.db, user, &filter, sort, paging).await?;
    let about: Vec<(Kind, &About)> = rows.iter().map(|(row, it)| (row.kind, it)).collect();
    let lines = letter::lines(app, texts, &about).await?;
    let told = rows.iter().zip(lines).filter_map(|((row, _), line)| {
        line.map(|line| Told {
            read: row.read,
            text: line.text,
            path: line.path,
            at: row.created_at,
        })
    });
    Ok((total, told.collect()))
}

/// How many a user has not read yet.
pub async fn unread(app: &App, user: UserId) -> Result<i64> {
    let filter = Filter {
        unread: Some(true),
        kinds: None,
    };
    Ok(store::list::count(&app.db, user, &filter).await?)
}

/// Marks these as read, those of them that are the user's.
pub async fn read(app: &App, user: UserId, ids: &[i64]) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::read(&mut tx, user, ids, app.clock.now()).await?;
    Ok(tx.commit().await?)
}

pub async fn read_all(app: &App, user: UserId) -> Result<()> {
    loop {
        let mut tx = app.db.begin().await?;
        let some = store::read_some(&mut tx, user, app.clock.now()).await?;
        tx.commit().await?;
        if some == 0 {
            return Ok(());
        }
    }
}

/// Takes back all that was told about a comment or a video that is gone.
pub async fn forget_comment(app: &App, comment: i64) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::forget_about(&mut tx, Some(comment), None).await?;
    Ok(tx.commit().await?)
}

pub async fn forget_video(app: &App, video: i64) -> Result<()> {
    let mut tx = app.db.begin().await?;
    store::forget_about(&mut tx, None, Some(video)).await?;
    Ok(tx.commit().await?)
}

/// Somebody who may be told something.
#[derive(Clone, Debug, Deserialize)]
pub struct Recipient {
    pub user_id: UserId,
    pub account_id: AccountId,
    pub username: String,
    pub email: String,
    pub email_verified: Option<bool>,
    pub settings: Map<String, Value>,
    pub notification_settings: Map<String, Value>,
    /// Is there a browser that is told while no page is open?
    pub has_push: bool,
}

impl Recipient {
    /// The ways in which this person wants to hear of such a thing.
    pub fn ways(&self, kind: Kind) -> i64 {
        let set = self.notification_settings.get(kind.setting());
        set.and_then(Value::as_i64).unwrap_or_else(|| kind.usual())
    }

    /// One mail a day instead of one for each thing?
    pub fn wants_digest(&self) -> bool {
        self.settings.get("mailDigest").and_then(Value::as_bool) == Some(true)
    }

    /// The language of mails to this person.
    pub fn texts(&self) -> &'static crate::i18n::Texts {
        let code = self.settings.get("language").and_then(Value::as_str);
        crate::i18n::texts(code.unwrap_or("en"))
    }
}
