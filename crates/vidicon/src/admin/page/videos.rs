//! All videos of the place and those it knows: found, blocked, taken away.

use super::{asked, body, table};
use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::check::Query;
use crate::error::Result;
use crate::listing::Sort;
use crate::page::card::{Tab, clock};
use crate::page::form::Form;
use crate::page::table::{Act, Cell, Line, pages, paging};
use crate::page::{Page, confirm, go};
use crate::transcode::api as transcode;
use crate::video::list::{self, Filters, ListQuery, Row, Scope};
use crate::video::{self, Privacy, VideoRef, VideoState, api, short_uuid};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Value, json};

const HERE: &str = "/admin/videos";

/// Videos of every state and privacy, and blocked ones.
const ALL: i64 = 1 | 2 | 4;

/// `GET /admin/videos`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let (number, paging) = paging(&query);
    let (search, state) = (asked(&query, "search"), asked(&query, "state"));
    let everything = page.viewer.has(Right::SeeAllVideos);
    let asked = ListQuery {
        scope: Scope::All,
        filters: Filters {
            search: Some(search.to_owned()).filter(|search| !search.is_empty()),
            include: if everything { ALL } else { 2 | 4 },
            is_local: (state != "elsewhere").then_some(true),
            states: if state == "failed" {
                vec![VideoState::TranscodingFailed.number()]
            } else {
                Vec::new()
            },
            ..Filters::default()
        },
        paging,
        sort: Sort {
            column: "createdAt",
            descending: true,
        },
    };
    let found = list::page(&app, &page.viewer, &asked).await?;
    let mut table = table(&page, HERE, page.t("admin-videos"));
    table.lead = page.t("admin-videos-lead").to_owned();
    table.empty = page.t("admin-videos-empty").to_owned();
    table.columns = vec![
        page.t("video"),
        page.t("channel"),
        page.t("state"),
        page.t("views"),
        page.t("job-when"),
    ];
    table.search = Some((HERE, search.to_owned()));
    table.filters = [
        ("", "videos-here"),
        ("failed", "videos-failed"),
        ("elsewhere", "videos-everywhere"),
    ]
    .into_iter()
    .map(|(name, key)| Tab {
        url: if name.is_empty() {
            HERE.to_owned()
        } else {
            format!("{HERE}?state={name}")
        },
        label: page.t(key).to_owned(),
        now: name == state,
    })
    .collect();
    table.rows = found.rows.iter().map(|row| line(&page, row)).collect();
    let pairs = [("search", search), ("state", state)];
    let rest = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs.iter().filter(|(_, text)| !text.is_empty()))
        .finish();
    table.pages = pages(HERE, &rest, number, found.total.unwrap_or(0));
    Ok(table.render())
}

fn line(page: &Page, row: &Row) -> Line {
    let uuid = uuid::Uuid::parse_str(&row.uuid).unwrap_or_default();
    let state = VideoState::try_from(row.state).unwrap_or(VideoState::Published);
    let privacy = Privacy::try_from(row.privacy).unwrap_or(Privacy::Private);
    let (word, mood) = match (row.blocked, state) {
        (true, _) => (page.t("state-blocked"), "bad"),
        (_, VideoState::TranscodingFailed) => (page.t("state-failed"), "bad"),
        (_, VideoState::ToTranscode) => (page.t("state-making"), "quiet"),
        _ if privacy == Privacy::Public => (page.t("privacy-1"), "good"),
        _ => (video::studio::fields::privacy_word(page, privacy), "quiet"),
    };
    let here = format!("{HERE}/{}", row.uuid);
    let mut acts = Vec::new();
    if state == VideoState::TranscodingFailed {
        acts.push(Act::new(format!("{here}/again"), page.t("job-retry")));
    }
    acts.push(if row.blocked {
        Act::new(format!("{here}/open"), page.t("video-unblock"))
    } else {
        let sure = page.t("video-block-sure").to_owned();
        Act::grave(format!("{here}/block"), page.t("video-block"), sure)
    });
    if row.is_local {
        let sure = page.tx("delete-sure", "name", &row.name);
        acts.push(Act::grave(format!("{here}/delete"), page.t("remove"), sure));
    }
    let channel = if row.channel_host.is_empty() {
        row.channel_name.clone()
    } else {
        format!("{}@{}", row.channel_name, row.channel_host)
    };
    Line {
        cells: vec![
            Cell::link(&row.name, format!("/w/{}", short_uuid::shorten(uuid)))
                .note(clock(row.duration_s)),
            Cell::link(&row.channel_display_name, format!("/c/{channel}")),
            Cell::state(word, mood).more(row.blocked_reason.clone()),
            Cell::text(page.texts.number(u64::try_from(row.views).unwrap_or(0))),
            Cell::text(page.ago(row.created_at)),
        ],
        acts,
    }
}

/// `GET /admin/videos/{id}`: from its number to its page.
pub async fn look(State(app): State<App>, Path(id): Path<String>) -> Result<Response> {
    let video = video::find(&app, VideoRef::read(&id)?).await?;
    Ok(go(&app, &video.watch_path(), None))
}

/// `POST /admin/videos/{id}/block`.
pub async fn block(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let why = body([
        ("reason", json!(form.some("why"))),
        ("unfederate", Value::Bool(true)),
    ]);
    api::block::add(State(app.clone()), Path(id), why).await?;
    Ok(go(&app, HERE, Some((false, page.t("video-now-blocked")))))
}

/// `POST /admin/videos/{id}/open`.
pub async fn open(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result<Response> {
    api::block::remove(State(app.clone()), Path(id)).await?;
    Ok(go(&app, HERE, Some((false, page.t("video-unblocked")))))
}

/// `POST /admin/videos/{id}/again`: makes its qualities once more.
pub async fn again(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let kind = body([
        ("transcodingType", "hls".into()),
        ("forceTranscoding", true.into()),
    ]);
    transcode::transcode(State(app.clone()), me, Path(id), kind).await?;
    Ok(go(&app, HERE, Some((false, page.t("job-retried")))))
}

/// `POST /admin/videos/{id}/delete`.
pub async fn delete(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    if !confirm::is_sure(&form) {
        let video = video::find(&app, VideoRef::read(&id)?).await?;
        let question = page.tx("delete-sure", "name", &video.name);
        let button = page.t("delete-video");
        let answer = confirm::ask(&page, &form, question, Vec::new(), button, HERE);
        return Ok(answer);
    }
    api::delete(State(app.clone()), me, Path(id)).await?;
    Ok(go(&app, HERE, Some((false, page.t("deleted")))))
}
