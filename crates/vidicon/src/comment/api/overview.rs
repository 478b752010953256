//! The REST routes of the lists that moderators and owners of videos work through, and of taking
//! away all comments of somebody.

use super::super::store::overview::Filter;
use super::super::{CommentId, Scope, overview, remove_all, spam, tag, view};
use crate::access::Me;
use crate::account::{self, AccountId, Right};
use crate::app::App;
use crate::channel::{self, ChannelId};
use crate::check::{Body, Check, Query};
use crate::error::{Error, Result, no_content};
use crate::listing::{Listed, Paging, Sort};
use crate::video::{self, VideoId, VideoRef};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

type List = Result<Json<Listed<Value>>>;

/// PeerTube checks the order of one's own list as that of videos; all of it sorts by time.
const MINE: &[&str] = &[
    "name",
    "duration",
    "createdAt",
    "publishedAt",
    "originallyPublishedAt",
    "views",
    "likes",
    "trending",
    "hot",
    "best",
    "localVideoFilesSize",
    "comments",
    "match",
];

/// All comments that this site knows.
pub async fn all(State(app): State<App>, me: Me, Query(query): Query) -> List {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, &["createdAt"], "-createdAt")?;
    let mut check = Check::query(&query);
    let mut filter = common(&mut check);
    filter.is_local = check.lenient_bool("isLocal").value();
    filter.on_local_video = check.lenient_bool("onLocalVideo").value();
    filter.held = check.lenient_bool("isHeldForReview").value();
    let with_muted = check.lenient_bool("includeMuted").or(false);
    check.finish()?;
    (filter.paging, filter.ascending, filter.tags_of) = (paging, !sort.descending, tag::SITE);
    if !with_muted {
        filter.muters = vec![0, me.account_id.0];
    }
    known(&app, &filter).await?;
    answer(&app, &filter).await
}

/// Comments on the videos of the one who asks.
pub async fn mine(State(app): State<App>, me: Me, Query(query): Query) -> List {
    let paging = Paging::read(&query)?;
    let sort = Sort::read(&query, MINE, "-publishedAt")?;
    let mut check = Check::query(&query);
    let mut filter = common(&mut check);
    filter.held = check.lenient_bool("isHeldForReview").value();
    filter.with_collaborations = check.lenient_bool("includeCollaborations").or(false);
    check.finish()?;
    (filter.paging, filter.ascending) = (paging, !sort.descending);
    (filter.owner, filter.tags_of) = (Some(me.account_id), me.account_id.0);
    filter.muters = vec![0, me.account_id.0];
    if let Some(id) = filter.video_id {
        let video = video::find(&app, VideoRef::Number(id)).await?;
        video::manage(&app, &me, &video, Right::SeeAllComments).await?;
        (filter.owner, filter.tags_of) = (Some(video.account_id), video.account_id.0);
    }
    if let Some(id) = filter.channel_id {
        let channel = channel::by_id(&app.db, id).await?;
        let channel = channel.ok_or_else(|| Error::not_found("Video channel not found"))?;
        let is_own = channel.account_id == me.account_id
            || channel::is_editor(&app, id, me.account_id).await?;
        if !is_own && !me.has(Right::SeeAllComments) {
            return Err(Error::forbidden(
                "Cannot list the comments of another user's channel.",
            ));
        }
        (filter.owner, filter.tags_of) = (Some(channel.account_id), channel.account_id.0);
    }
    answer(&app, &filter).await
}

fn common(check: &mut Check<'_>) -> Filter {
    let mut pattern = |name: &str| {
        let text = check.text(name, 1..=1_000).value();
        text.map(|text| account::like(&text))
    };
    let (text, author) = (pattern("search"), pattern("searchAccount"));
    let video = pattern("searchVideo");
    Filter {
        text,
        author,
        video,
        video_id: check.int("videoId", 1..=i64::MAX).value().map(VideoId::new),
        channel_id: check
            .int("videoChannelId", 1..=i64::MAX)
            .value()
            .map(ChannelId::new),
        tags: check.texts("autoTagOneOf", 0..=100, 1..=100).value(),
        ..Filter::default()
    }
}

/// 404 for a video or a channel that is not there.
async fn known(app: &App, filter: &Filter) -> Result<()> {
    if let Some(id) = filter.video_id {
        video::find(app, VideoRef::Number(id)).await?;
    }
    if let Some(id) = filter.channel_id
        && channel::by_id(&app.db, id).await?.is_none()
    {
        return Err(Error::not_found("Video channel not found"));
    }
    Ok(())
}

async fn answer(app: &App, filter: &Filter) -> List {
    let (total, rows) = overview(app, filter).await?;
    let ids: Vec<CommentId> = rows.iter().map(|row| row.id).collect();
    let tags = tag::of(app, filter.tags_of, &ids).await?;
    let verdicts = spam::of(app, &ids).await?;
    let data = view::overview(app, &rows, &tags, &verdicts).await?;
    Ok(Listed::new(total, data))
}

/// Takes away all comments of an account; it goes on after the answer.
pub async fn remove_of(State(app): State<App>, me: Me, Body(body): Body) -> Result<Response> {
    let (handle, scope) = asked(&body, me.account_id)?;
    let author = account::profile(&app, &handle).await?;
    if scope == Scope::Everywhere && !me.has(Right::ManageAnyVideoComment) {
        return Err(Error::forbidden(
            "User cannot remove any comments of this instance.",
        ));
    }
    let as_spam = me.has(Right::ManageAnyVideoComment) && author.account_id != me.account_id;
    let (author, now) = (author.account_id, app.clock.now());
    let mut tx = app.db.begin().await?;
    remove_all(&mut tx, author, scope, as_spam, now).await?;
    tx.commit().await?;
    app.workers.wake();
    Ok(no_content())
}

fn asked(body: &Map<String, Value>, me: AccountId) -> Result<(String, Scope)> {
    let mut check = Check::body(body);
    let handle = check.text("accountName", 1..=400);
    let handle = check.required("accountName", handle).unwrap_or_default();
    let scope = check.one_of("scope", &["my-videos", "my-video-channel", "instance"]);
    let scope = check.required("scope", scope).unwrap_or_default();
    check.finish()?;
    let scope = match scope.as_str() {
        "instance" => Scope::Everywhere,
        "my-videos" => Scope::VideosOf(me),
        _ => Scope::ChannelsOf(me),
    };
    Ok((handle, scope))
}
