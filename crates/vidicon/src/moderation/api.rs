//! The REST routes of reports.

pub mod block_list;
pub mod bulk;
pub mod log;
pub mod note;
mod view;

use super::abuse::{self, About, AbuseId, Filter, REASONS, Words};
use crate::access::{Me, Viewer};
use crate::account::AccountId;
use crate::app::App;
use crate::check::{self, Body, Check, Field, Query};
use crate::error::{Error, Result, created, no_content};
use crate::listing::{Paging, Sort};
use crate::video::{self, Privacy, Video, VideoRef};
use crate::wire;
use axum::Json;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

const SORTS: &[&str] = &["id", "createdAt", "state"];

pub async fn list(State(app): State<App>, Query(query): Query) -> Result<Response> {
    let (paging, sort) = read_page(&query)?;
    let mut check = Check::query(&query);
    let mut filter = read_own_filter(&mut check);
    let subject = check.one_of("filter", &["video", "comment", "account"]);
    filter.subject = match subject.value().as_deref() {
        Some("video") => Some("video"),
        Some("comment") => Some("comment"),
        Some("account") => Some("account"),
        _ => None,
    };
    let reason = check.one_of("predefinedReason", &REASONS).value();
    filter.predefined = reason.and_then(|reason| number_of_reason(&reason));
    let video_is = check.one_of("videoIs", &["deleted", "blacklisted"]).value();
    filter.video_deleted = video_is.as_deref() == Some("deleted");
    filter.video_blocked = video_is.as_deref() == Some("blacklisted");
    for (name, place) in [
        ("searchReporter", &mut filter.reporter),
        ("searchReportee", &mut filter.reportee),
        ("searchVideo", &mut filter.video),
        ("searchVideoChannel", &mut filter.channel),
    ] {
        *place = words_of(&mut check, name);
    }
    check.finish()?;
    let (total, found) = abuse::list(&app, &filter, paging, sort).await?;
    let data = view::reports(&app, &found, view::For::Moderators).await?;
    wire::json(&json!({ "total": total, "data": data }))
}

pub async fn mine(State(app): State<App>, me: Me, Query(query): Query) -> Result<Response> {
    let (paging, sort) = read_page(&query)?;
    let mut check = Check::query(&query);
    let mut filter = read_own_filter(&mut check);
    check.finish()?;
    filter.own = Some(me.account_id);
    let (total, found) = abuse::list(&app, &filter, paging, sort).await?;
    let data = view::reports(&app, &found, view::For::Reporter).await?;
    wire::json(&json!({ "total": total, "data": data }))
}

fn read_page(query: &Map<String, Value>) -> Result<(Paging, Sort)> {
    Ok((
        Paging::read(query)?,
        Sort::read(query, SORTS, "-createdAt")?,
    ))
}

/// What moderators and reporters can both look for.
fn read_own_filter(check: &mut Check<'_>) -> Filter {
    Filter {
        id: check.int("id", 0..=i64::MAX).value(),
        state: check.number_of("state", &[1, 2, 3]).value(),
        search: words_of(check, "search"),
        ..Filter::default()
    }
}

fn words_of(check: &mut Check<'_>, name: &str) -> Option<String> {
    let text = check.text(name, 0..=1000).value();
    text.filter(|text| !text.trim().is_empty())
}

pub fn number_of_reason(name: &str) -> Option<i64> {
    let at = REASONS.iter().position(|known| *known == name)?;
    i64::try_from(at + 1).ok()
}

/// What a request says it reports, before any of it is looked for.
struct Named {
    words: Words,
    video: Option<VideoRef>,
    start_s: Option<i64>,
    end_s: Option<i64>,
    account: Option<i64>,
    comment: Option<i64>,
}

pub async fn create(
    State(app): State<App>,
    viewer: Viewer,
    me: Me,
    Body(body): Body,
) -> Result<Json<Value>> {
    let named = read(&body)?;
    let video = match named.video {
        Some(by) => Some(reportable(&app, &viewer, by).await?),
        None => None,
    };
    let account = match named.account {
        Some(id) => Some(abuse::account_by_id(&app, id).await?),
        None => None,
    };
    let comment = match named.comment {
        Some(id) => Some(abuse::comment(&app, id).await?),
        None => None,
    };
    let about = match (video, comment, account) {
        (Some(video), _, _) => About::Video {
            video: Box::new(video),
            start_s: named.start_s,
            end_s: named.end_s,
        },
        (None, Some(comment), _) => About::Comment(comment),
        (None, None, Some(account)) => About::Account(Box::new(account)),
        (None, None, None) => {
            return Err(Error::bad_request(
                "video, account or comment id is required.",
            ));
        }
    };
    let mut tx = app.db.begin().await?;
    let now = app.clock.now();
    let id = abuse::report(&mut tx, me.account_id, &about, &named.words, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(created("abuse", json!({ "id": id })))
}

fn read(body: &Map<String, Value>) -> Result<Named> {
    let mut check = Check::body(body);
    let (mut video, mut account, mut comment) = (None, None, None);
    let (mut start_s, mut end_s) = (None, None);
    check.nested("account", |check| {
        account = check.int("id", 0..=i64::MAX).value();
    });
    check.nested("video", |check| {
        video = read_video(check);
        start_s = check.int("startAt", 0..=i64::MAX).value();
        end_s = check.int("endAt", 0..=i64::MAX).value();
        if let Some(end) = end_s
            && start_s.is_none_or(|start| end <= start)
        {
            check.fail("endAt", "Should have valid startAt timestamp before endAt");
        }
    });
    check.nested("comment", |check| {
        comment = check.int("id", 0..=i64::MAX).value();
    });
    let reason = check.text("reason", 2..=3000);
    let reason = check.required("reason", reason).unwrap_or_default();
    let predefined = read_reasons(&mut check);
    check.finish()?;
    Ok(Named {
        words: Words { reason, predefined },
        video,
        start_s,
        end_s,
        account,
        comment,
    })
}

fn read_video(check: &mut Check<'_>) -> Option<VideoRef> {
    let given = check.raw("id").filter(|id| !id.is_null())?;
    let text = match given {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let by = VideoRef::parse(&text);
    if by.is_none() {
        check.fail("id", "Invalid value");
    }
    by
}

fn read_reasons(check: &mut Check<'_>) -> Vec<i64> {
    let given = check.texts("predefinedReasons", 0..=REASONS.len() * 2, 1..=50);
    let numbers: Option<Vec<i64>> = match given {
        Field::Is(names) => names.iter().map(|name| number_of_reason(name)).collect(),
        Field::Absent | Field::Null => Some(Vec::new()),
    };
    let Some(mut numbers) = numbers else {
        check.fail("predefinedReasons", "Should have valid predefined reasons");
        return Vec::new();
    };
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// A video that its reporter can have seen. Of others it is not told that they exist.
async fn reportable(app: &App, viewer: &Viewer, by: VideoRef) -> Result<Video> {
    let video = video::find(app, by).await?;
    let is_open = matches!(video.privacy, Privacy::Unlisted | Privacy::Password);
    if !is_open {
        let by = VideoRef::Uuid(video.uuid);
        if video::visible(app, viewer, &video, by, None).await.is_err() {
            return Err(Error::not_found("Video not found"));
        }
    }
    Ok(video)
}

pub async fn update(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let id: AbuseId = check::id("id", &id)?;
    let (state, comment) = read_judgement(&body)?;
    let found = abuse::find(&app, id).await?;
    let mut tx = app.db.begin().await?;
    abuse::judge(&mut tx, &found, state, comment.as_deref(), app.clock.now()).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

fn read_judgement(body: &Map<String, Value>) -> Result<(Option<i64>, Option<String>)> {
    let mut check = Check::body(body);
    let state = check.number_of("state", &[1, 2, 3]).value();
    let comment = check.text("moderationComment", 2..=3000).value();
    check.finish()?;
    Ok((state, comment))
}

pub async fn delete(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    abuse::remove(&app, check::id("id", &id)?).await?;
    Ok(no_content())
}

pub async fn messages(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let id: AbuseId = check::id("id", &id)?;
    abuse::to_talk_about(&app, &me, id).await?;
    let found = abuse::messages(&app, id).await?;
    let authors: Vec<AccountId> = found.iter().filter_map(|it| it.account_id).collect();
    let data = view::messages(&app, &found, &authors).await?;
    wire::json(&json!({ "total": data.len(), "data": data }))
}

pub async fn say(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Json<Value>> {
    let found = abuse::to_talk_about(&app, &me, check::id("id", &id)?).await?;
    let mut check = Check::body(&body);
    let text = check.text("message", 2..=3000);
    let text = check.required("message", text).unwrap_or_default();
    check.finish()?;
    let id = abuse::say(&app, &me, &found, &text).await?;
    Ok(created("abuseMessage", json!({ "id": id })))
}

pub async fn take_back(
    State(app): State<App>,
    me: Me,
    Path((id, message)): Path<(String, String)>,
) -> Result<Response> {
    let found = abuse::to_talk_about(&app, &me, check::id("id", &id)?).await?;
    let message: base::Id<()> = check::id("messageId", &message)?;
    abuse::take_back(&app, &me, &found, message.0).await?;
    Ok(no_content())
}
