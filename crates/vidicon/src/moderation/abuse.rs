//! Reports: somebody tells the moderators of a video, a comment or an account.

use super::{log, store};
use crate::account::{self, AccountId, Profile, Right, User};
use crate::app::App;
use crate::channel;
use crate::error::{Error, Result};
use crate::fold::fold;
use crate::listing::{Paging, Sort};
use crate::video::Video;
use base::clock::Millis;
use base::job::NewJob;
use base::{Id, Tx};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

/// Marks ids of reports.
#[derive(Debug)]
pub enum Report {}
pub type AbuseId = Id<Report>;

/// What follows from reports: moderators and reporters are told, and other servers.
/// Payloads: `{abuseId}`, for a message `{abuseId, messageId}`.
pub const REPORTED_JOB: &str = "abuse_reported";
pub const JUDGED_JOB: &str = "abuse_judged";
pub const MESSAGE_JOB: &str = "abuse_message";

pub const PENDING: i64 = 1;
pub const REJECTED: i64 = 2;
pub const ACCEPTED: i64 = 3;

/// The reasons that can be ticked, in the order of their numbers, which begin at 1.
pub const REASONS: [&str; 8] = [
    "violentOrRepulsive",
    "hatefulOrAbusive",
    "spamOrMisleading",
    "privacy",
    "rights",
    "serverRules",
    "thumbnails",
    "captions",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Subject {
    Video,
    Comment,
    Account,
}

impl Subject {
    pub fn as_str(self) -> &'static str {
        match self {
            Subject::Video => "video",
            Subject::Comment => "comment",
            Subject::Account => "account",
        }
    }
}

/// A report as it is kept, with what is known now of what it is about.
#[derive(Clone, Debug, Deserialize)]
pub struct Abuse {
    pub id: AbuseId,
    pub reporter_account_id: Option<AccountId>,
    pub flagged_account_id: Option<AccountId>,
    pub subject: Subject,
    /// What was reported, in words, as it was then.
    #[serde(deserialize_with = "base::db::json")]
    pub snapshot: Value,
    pub reason: String,
    pub predefined_reasons: String,
    pub start_s: Option<i64>,
    pub end_s: Option<i64>,
    pub state: i64,
    pub moderation_comment: Option<String>,
    pub message_count: i64,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub video_id: Option<i64>,
    pub video_name: Option<String>,
    pub video_uuid: Option<Uuid>,
    pub video_nsfw: Option<bool>,
    pub video_blocked: Option<bool>,
    pub video_thumbnail: Option<String>,
    pub video_preview: Option<String>,
    pub video_channel_id: Option<i64>,
    pub comment_id: Option<i64>,
    pub comment_text: Option<String>,
    pub comment_deleted_at: Option<Millis>,
    pub comment_thread_id: Option<i64>,
    pub comment_video_id: Option<i64>,
    pub comment_video_name: Option<String>,
    pub comment_video_uuid: Option<Uuid>,
    /// Reports of the same video, and the how-manieth this one is.
    pub reports_of_video: i64,
    pub nth_of_video: i64,
    pub by_reporter: i64,
    pub against_flagged: i64,
    /// Of another server; nobody here can talk with them.
    pub reporter_is_remote: bool,
}

impl Abuse {
    /// The ticked reasons as clients name them.
    pub fn reasons(&self) -> Vec<&'static str> {
        let numbers = self.predefined_reasons.split_ascii_whitespace();
        numbers
            .filter_map(|number| {
                let number: usize = number.parse().ok()?;
                REASONS.get(number.checked_sub(1)?).copied()
            })
            .collect()
    }
}

/// A comment that is to be reported.
#[derive(Clone, Debug, Deserialize)]
pub struct ReportedComment {
    pub id: i64,
    pub account_id: Option<AccountId>,
    pub text: String,
    pub thread_id: Option<i64>,
    pub deleted_at: Option<Millis>,
    pub video_id: i64,
    pub video_name: String,
    pub video_uuid: Uuid,
}

/// What a report is about.
#[derive(Clone, Debug)]
pub enum About {
    Video {
        video: Box<Video>,
        start_s: Option<i64>,
        end_s: Option<i64>,
    },
    Comment(ReportedComment),
    Account(Box<Profile>),
}

/// What somebody says when they report.
#[derive(Clone, Debug)]
pub struct Words {
    pub reason: String,
    /// Numbers of [`REASONS`].
    pub predefined: Vec<i64>,
}

/// Which reports a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub id: Option<i64>,
    pub subject: Option<&'static str>,
    pub predefined: Option<i64>,
    pub state: Option<i64>,
    /// Of videos that are deleted, or blocked.
    pub video_deleted: bool,
    pub video_blocked: bool,
    pub search: Option<String>,
    pub reporter: Option<String>,
    pub reportee: Option<String>,
    pub video: Option<String>,
    pub channel: Option<String>,
    /// Only those of one reporter, whose own list it is.
    pub own: Option<AccountId>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Message {
    pub id: i64,
    pub account_id: Option<AccountId>,
    pub by_moderator: bool,
    pub message: String,
    pub created_at: Millis,
}

pub async fn find(app: &App, id: AbuseId) -> Result<Abuse> {
    let found = store::abuse::find(&app.db, id).await?;
    found.ok_or_else(|| Error::not_found("Abuse not found"))
}

pub async fn list(
    app: &App,
    filter: &Filter,
    paging: Paging,
    sort: Sort,
) -> Result<(i64, Vec<Abuse>)> {
    let total = store::abuse::count(&app.db, filter).await?;
    let data = store::abuse::list(&app.db, filter, paging, sort).await?;
    Ok((total, data))
}

/// A comment that can be reported: one that is there and has an author.
pub async fn comment(app: &App, id: i64) -> Result<ReportedComment> {
    let found = store::abuse::comment(&app.db, id).await?;
    found
        .filter(|comment| comment.deleted_at.is_none())
        .ok_or_else(|| Error::not_found("Video comment thread not found"))
}

/// Keeps a report; the moderators are told of it.
pub async fn report(
    tx: &mut Tx,
    reporter: AccountId,
    about: &About,
    words: &Words,
    now: Millis,
) -> Result<AbuseId> {
    let new = new_report(tx, about).await?;
    let numbers: String = words
        .predefined
        .iter()
        .map(|number| format!("{number} "))
        .collect();
    let predefined = if numbers.is_empty() {
        numbers
    } else {
        format!(" {numbers}")
    };
    let id = store::abuse::add(&mut *tx, reporter, &new, &words.reason, &predefined, now).await?;
    NewJob::new(REPORTED_JOB, json!({ "abuseId": id }))
        .enqueue(tx, now)
        .await?;
    Ok(id)
}

/// The columns that follow from what a report is about.
#[derive(Debug)]
pub struct NewReport {
    pub subject: &'static str,
    pub flagged: Option<AccountId>,
    pub video_id: Option<i64>,
    pub comment_id: Option<i64>,
    pub start_s: Option<i64>,
    pub end_s: Option<i64>,
    pub snapshot: Value,
    pub video_folded: String,
    pub channel_folded: String,
}

async fn new_report(tx: &mut Tx, about: &About) -> Result<NewReport> {
    Ok(match about {
        About::Video {
            video,
            start_s,
            end_s,
        } => NewReport {
            subject: "video",
            flagged: Some(video.account_id),
            video_id: Some(video.id.0),
            comment_id: None,
            start_s: *start_s,
            end_s: *end_s,
            snapshot: video_in_words(tx, video).await?,
            video_folded: fold(&video.name),
            channel_folded: fold(&format!(
                "{} {}",
                video.channel_name, video.channel_display_name
            )),
        },
        About::Comment(comment) => NewReport {
            subject: "comment",
            flagged: comment.account_id,
            video_id: None,
            comment_id: Some(comment.id),
            start_s: None,
            end_s: None,
            snapshot: json!({
                "id": comment.id, "text": comment.text,
                "threadId": comment.thread_id.unwrap_or(comment.id),
                "video": {
                    "id": comment.video_id, "name": comment.video_name, "uuid": comment.video_uuid,
                },
            }),
            video_folded: fold(&comment.video_name),
            channel_folded: String::new(),
        },
        About::Account(profile) => NewReport {
            subject: "account",
            flagged: Some(profile.account_id),
            video_id: None,
            comment_id: None,
            start_s: None,
            end_s: None,
            snapshot: json!({
                "name": profile.name, "host": profile.host, "displayName": profile.display_name,
            }),
            video_folded: String::new(),
            channel_folded: String::new(),
        },
    })
}

async fn video_in_words(tx: &mut Tx, video: &Video) -> Result<Value> {
    let channel = channel::by_id(tx, video.channel_id).await?;
    Ok(json!({
        "id": video.id, "uuid": video.uuid, "name": video.name, "nsfw": video.nsfw,
        "thumbnail": video.thumbnail,
        "channel": channel.map(|channel| json!({
            "id": channel.id, "name": channel.name, "displayName": channel.display_name,
            "host": channel.host,
        })),
    }))
}

/// What moderators decide on a report. Nothing given stays as it is.
pub async fn judge(
    tx: &mut Tx,
    abuse: &Abuse,
    state: Option<i64>,
    comment: Option<&str>,
    now: Millis,
) -> Result<()> {
    store::abuse::judge(&mut *tx, abuse.id, state, comment, now).await?;
    let Some(state) = state.filter(|state| *state != abuse.state && *state != PENDING) else {
        return Ok(());
    };
    let act = if state == ACCEPTED {
        "report-accepted"
    } else {
        "report-rejected"
    };
    log::note(
        &mut *tx,
        act,
        abuse.subject.as_str(),
        &abuse.predefined_reasons,
        now,
    )
    .await?;
    NewJob::new(JUDGED_JOB, json!({ "abuseId": abuse.id }))
        .enqueue(tx, now)
        .await?;
    Ok(())
}

pub async fn remove(app: &App, id: AbuseId) -> Result<()> {
    if store::abuse::delete(&app.db, id).await? == 0 {
        return Err(Error::not_found("Abuse not found"));
    }
    Ok(())
}

/// The report, when this user may talk about it: its reporter and the moderators may.
pub async fn to_talk_about(app: &App, me: &User, id: AbuseId) -> Result<Abuse> {
    let abuse = find(app, id).await?;
    if abuse.reporter_account_id != Some(me.account_id) && !me.has(Right::ManageAbuses) {
        return Err(Error::forbidden(
            "Only the reporter and the moderators can see the messages of a report.",
        ));
    }
    if abuse.reporter_is_remote {
        return Err(Error::bad_request(
            "This report was made by somebody of another server.",
        ));
    }
    Ok(abuse)
}

pub async fn messages(app: &App, id: AbuseId) -> Result<Vec<Message>> {
    Ok(store::abuse::messages(&app.db, id).await?)
}

/// Says something about a report; the other side is told.
pub async fn say(app: &App, me: &User, abuse: &Abuse, text: &str) -> Result<i64> {
    let now = app.clock.now();
    let by_moderator = abuse.reporter_account_id != Some(me.account_id);
    let mut tx = app.db.begin().await?;
    let account = me.account_id;
    let id = store::abuse::add_message(&mut tx, abuse.id, account, by_moderator, text, now).await?;
    NewJob::new(MESSAGE_JOB, json!({ "abuseId": abuse.id, "messageId": id }))
        .enqueue(&mut tx, now)
        .await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(id)
}

pub async fn take_back(app: &App, me: &User, abuse: &Abuse, id: i64) -> Result<()> {
    let found = store::abuse::message(&app.db, abuse.id, id).await?;
    let message = found.ok_or_else(|| Error::not_found("Abuse message not found"))?;
    if message.account_id != Some(me.account_id) && !me.has(Right::ManageAbuses) {
        return Err(Error::forbidden(
            "Cannot delete a message of somebody else.",
        ));
    }
    let mut tx = app.db.begin().await?;
    store::abuse::delete_message(&mut tx, abuse.id, id).await?;
    Ok(tx.commit().await?)
}

/// One message with the report that it belongs to, for notifications.
pub async fn message(app: &App, abuse: AbuseId, id: i64) -> Result<Option<Message>> {
    Ok(store::abuse::message(&app.db, abuse, id).await?)
}

/// The account of an id, here or elsewhere.
pub async fn account_by_id(app: &App, id: i64) -> Result<Profile> {
    let found = account::profiles_of(&app.db, &[AccountId::new(id)]).await?;
    let found = found.into_iter().next();
    found.ok_or_else(|| Error::not_found("Account not found"))
}
