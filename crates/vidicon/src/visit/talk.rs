//! Comments under a video: read and written without script.

use super::watch::shown::{Comment as Shown, Thread};
use super::watch::{Door, knock};
use super::{avatar, handle};
use crate::app::App;
use crate::check;
use crate::comment::{self, Comment};
use crate::error::{Error, Result};
use crate::listing::Paging;
use crate::page::card;
use crate::page::form::Form;
use crate::page::{Page, go};
use crate::text;
use crate::video::Video;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

/// Threads on one page, and replies under each of them.
const THREADS: i64 = 20;
const REPLIES: i64 = 50;

/// What was said, and the address of what was said before.
pub struct Talk {
    pub threads: Vec<Thread>,
    pub more: Option<String>,
}

/// The part of the talk with this number, from 1 on.
pub async fn talk(app: &App, page: &Page, video: &Video, number: i64) -> Result<Talk> {
    if video.comment_count == 0 && page.user.is_none() {
        return Ok(Talk {
            threads: Vec::new(),
            more: None,
        });
    }
    let paging = Paging {
        start: (number - 1) * THREADS,
        count: THREADS + 1,
    };
    let mut found = comment::talk(app, &page.viewer, video, paging, REPLIES).await?;
    let count = usize::try_from(THREADS).unwrap_or(usize::MAX);
    let more = found.len() > count;
    found.truncate(count);
    let judges = match page.viewer.user() {
        Some(user) => comment::may_judge(app, user, video).await?,
        None => false,
    };
    let one = |comment: Comment| shown(page, video, comment, judges);
    let threads = found.into_iter().map(|(thread, replies)| Thread {
        comment: one(thread),
        replies: replies.into_iter().map(one).collect(),
    });
    Ok(Talk {
        threads: threads.collect(),
        more: more.then(|| format!("{}?talk={}#talk", video.watch_path(), number + 1)),
    })
}

fn shown(page: &Page, video: &Video, comment: Comment, judges: bool) -> Shown {
    let me = page.viewer.user().map(|user| user.account_id);
    let is_own = me.is_some() && comment.account_id == me;
    let name = comment.author_name.as_deref().unwrap_or_default();
    let host = comment.author_host.clone().unwrap_or_default();
    let is_deleted = comment.is_deleted();
    let by = comment.author_display_name.as_deref().unwrap_or(name);
    Shown {
        id: comment.id.0,
        by_url: if name.is_empty() {
            String::new()
        } else {
            format!("/a/{}", handle(name, &host))
        },
        initial: card::initial(by),
        avatar: avatar(comment.author_avatars.as_deref()),
        by: if is_deleted {
            page.t("comment-gone-by").to_owned()
        } else {
            by.to_owned()
        },
        host: (!host.is_empty()).then_some(host),
        maker: !is_deleted && comment.account_id == Some(video.account_id),
        held: comment.held,
        iso: card::iso_time(comment.created_at),
        ago: page.ago(comment.created_at),
        html: if is_deleted {
            String::new()
        } else {
            text::markdown_to_html(&comment.text)
        },
        gone: is_deleted,
        may_approve: judges && comment.held,
        may_delete: !is_deleted && (is_own || judges),
    }
}

async fn enter(app: &App, page: &Page, id: &str, headers: &HeaderMap) -> Result<Video> {
    match knock(app, page, id, headers).await? {
        Door::Open(video) => Ok(*video),
        Door::Password(_) => Err(Error::forbidden("This video has a password.")),
        Door::Age(_) => Err(Error::forbidden("This video is not for every age.")),
        Door::Shut(_) => Err(Error::forbidden("This video is not for you.")),
    }
}

/// `POST /w/{id}/comments`.
pub async fn say(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response> {
    let user = page.me()?.clone();
    let video = enter(&app, &page, &id, &headers).await?;
    let words = form.text("text");
    if !comment::LENGTH.contains(&check::length_of(words)) {
        return Err(Error::bad_request(page.t("comment-length")));
    }
    if comment::are_closed(&app, &video) {
        return Err(Error::conflict(page.t("comments-closed")));
    }
    let parent = match form.number("reply_to") {
        Some(number) => {
            let parent = comment::of_video(&app, &video, base::Id::new(number)).await?;
            if !comment::is_seen(&app, &page.viewer, &video, parent.id).await? {
                return Err(Error::not_found("The comment is gone."));
            }
            Some(parent)
        }
        None => None,
    };
    let said = comment::say(&app, &user, &video, parent.as_ref(), words).await?;
    let note = said.held.then(|| (false, page.t("comment-waits")));
    Ok(go(
        &app,
        &format!("{}#comment-{}", video.watch_path(), said.id),
        note,
    ))
}

/// `POST /w/{id}/comments/{comment}/delete`.
pub async fn delete(
    State(app): State<App>,
    page: Page,
    Path((id, number)): Path<(String, i64)>,
    headers: HeaderMap,
    _: Form,
) -> Result<Response> {
    let user = page.me()?.clone();
    let video = enter(&app, &page, &id, &headers).await?;
    let found = comment::of_video(&app, &video, base::Id::new(number)).await?;
    comment::delete(&app, &user, &video, &found).await?;
    Ok(go(&app, &format!("{}#talk", video.watch_path()), None))
}

/// `POST /w/{id}/comments/{comment}/approve`.
pub async fn approve(
    State(app): State<App>,
    page: Page,
    Path((id, number)): Path<(String, i64)>,
    headers: HeaderMap,
    _: Form,
) -> Result<Response> {
    let user = page.me()?.clone();
    let video = enter(&app, &page, &id, &headers).await?;
    let found = comment::of_video(&app, &video, base::Id::new(number)).await?;
    comment::approve(&app, &user, &video, &found).await?;
    Ok(go(
        &app,
        &format!("{}#comment-{number}", video.watch_path()),
        None,
    ))
}
