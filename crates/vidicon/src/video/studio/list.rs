//! One's own videos in a list, with changes for many at once.

use super::fields::{Chosen, Options, privacies, privacy_word, tags};
use crate::access::Me;
use crate::account::Right;
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use crate::page::card::{self, Choice, PER_PAGE, Pages, page_number};
use crate::page::form::Form;
use crate::page::{Page, confirm, go};
use crate::video::api;
use crate::video::api::bulk::{self, Act, Changes};
use crate::video::list::{self, Filters, ListQuery, Row, Scope};
use crate::video::{Privacy, Video, VideoRef, VideoState, find, manage, quota};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value, json};

#[derive(Template)]
#[template(path = "studio/videos.html")]
struct List<'p> {
    page: &'p Page,
    lead: String,
    words: String,
    columns: Vec<Column>,
    rows: Vec<Line>,
    privacies: Vec<Choice>,
    many: Options,
    pages: Option<Pages>,
}

/// A head of the table; those with an address sort.
struct Column {
    label: &'static str,
    url: String,
    /// `ascending`, `descending` or nothing.
    order: &'static str,
    class: &'static str,
}

struct Line {
    uuid: String,
    url: String,
    title: String,
    picture: Option<String>,
    clock: String,
    mood: &'static str,
    sign: &'static str,
    state: String,
    published: String,
    views: String,
    can_watch: bool,
}

const SORTS: [&str; 6] = [
    "-publishedAt",
    "publishedAt",
    "-views",
    "views",
    "name",
    "-name",
];

/// `GET /my/videos`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    let text = |name: &str| query.get(name).and_then(Value::as_str).unwrap_or_default();
    let (words, number) = (text("search").trim(), page_number(&query));
    let sort = SORTS.into_iter().find(|known| *known == text("sort"));
    let sort = sort.unwrap_or("-publishedAt");
    let asked = ListQuery {
        scope: Scope::Mine(me.account_id),
        filters: Filters {
            search: Some(words.to_owned()).filter(|words| !words.is_empty()),
            ..Filters::default()
        },
        paging: Paging {
            start: (number - 1) * PER_PAGE,
            count: PER_PAGE + 1,
        },
        sort: Sort {
            column: sort.trim_start_matches('-'),
            descending: sort.starts_with('-'),
        },
    };
    let found = list::page(&app, &page.viewer, &asked).await?;
    let per_page = usize::try_from(PER_PAGE).unwrap_or(usize::MAX);
    let more = found.rows.len() > per_page;
    let used = quota::quota_used(&app, me.account_id).await?;
    let count = page.tn("videos-count", found.total.unwrap_or(0));
    let size = page.texts.size(used.total_bytes);
    let rows = found.rows.iter().take(per_page);
    let template = List {
        lead: page.tyx("videos-and-size", "videos", count, "size", size),
        words: words.to_owned(),
        columns: columns(&page, sort, words),
        rows: rows.map(|row| line(&page, row)).collect(),
        privacies: privacies(&page, "1")
            .into_iter()
            .filter(|choice| choice.value != "5")
            .collect(),
        many: Options::read(&app, &page, &me, Chosen::default()).await?,
        pages: Pages::new("/my/videos", &rest(sort, words), number, more),
        page: &page,
    };
    Ok(page.render(&template))
}

/// The query besides the page's number.
fn rest(sort: &str, words: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    if sort != "-publishedAt" {
        query.append_pair("sort", sort);
    }
    if !words.is_empty() {
        query.append_pair("search", words);
    }
    query.finish()
}

fn columns(page: &Page, sort: &'static str, words: &str) -> Vec<Column> {
    let column = |label, name: &'static str, first: &'static str, class| {
        let (now, down) = (sort.trim_start_matches('-') == name, sort.starts_with('-'));
        let next = match (now, down) {
            (true, true) => name.to_owned(),
            (true, false) => format!("-{name}"),
            (false, _) => first.to_owned(),
        };
        Column {
            label,
            url: format!("/my/videos?{}", rest(&next, words)),
            order: match (now, down) {
                (false, _) => "",
                (true, true) => "descending",
                (true, false) => "ascending",
            },
            class,
        }
    };
    let plain = Column {
        label: page.t("state"),
        url: String::new(),
        order: "",
        class: "",
    };
    vec![
        column(page.t("video"), "name", "name", ""),
        plain,
        column(page.t("published-on"), "publishedAt", "-publishedAt", ""),
        column(page.t("views"), "views", "-views", "end"),
    ]
}

fn line(page: &Page, row: &Row) -> Line {
    let (mood, sign, state) = state(page, row);
    let uuid = uuid::Uuid::parse_str(&row.uuid).unwrap_or_default();
    Line {
        uuid: row.uuid.clone(),
        url: format!("/w/{}", crate::video::short_uuid::shorten(uuid)),
        title: row.name.clone(),
        picture: row
            .thumbnail
            .as_deref()
            .map(|name| format!("/lazy-static/thumbnails/{name}")),
        clock: card::clock(row.duration_s),
        mood,
        sign,
        state,
        published: match row.schedule_at {
            Some(at) => page.date(at),
            None => page.date(row.published_at),
        },
        views: page.texts.number(u64::try_from(row.views).unwrap_or(0)),
        can_watch: row.state != VideoState::TranscodingFailed.number(),
    }
}

/// How a video stands: mood, icon and words.
fn state(page: &Page, row: &Row) -> (&'static str, &'static str, String) {
    let privacy = Privacy::try_from(row.privacy).unwrap_or(Privacy::Private);
    if row.blocked {
        return ("bad", "fault", page.t("state-blocked").to_owned());
    }
    let making = match VideoState::try_from(row.state) {
        Ok(
            VideoState::TranscodingFailed
            | VideoState::MoveToBucketFailed
            | VideoState::MoveToDiskFailed,
        ) => {
            return ("bad", "fault", page.t("state-failed").to_owned());
        }
        Ok(VideoState::ToTranscode) => Some("state-making"),
        Ok(VideoState::ToImport) => Some("state-import"),
        Ok(VideoState::WaitingForLive) => Some("state-live-wait"),
        Ok(VideoState::LiveEnded) => Some("state-live-end"),
        Ok(VideoState::ToMoveToBucket | VideoState::ToMoveToDisk) => Some("state-move"),
        Ok(VideoState::ToEdit) => Some("state-edit"),
        Ok(VideoState::Published) | Err(_) => None,
    };
    if let Some(key) = making {
        return ("quiet", "clock", page.t(key).to_owned());
    }
    if row.schedule_at.is_some() {
        return ("quiet", "clock", page.t("state-scheduled").to_owned());
    }
    let word = privacy_word(page, privacy).to_owned();
    match privacy {
        Privacy::Public => ("good", "ok", word),
        Privacy::Unlisted => ("quiet", "link", word),
        Privacy::Internal => ("quiet", "user", word),
        Privacy::Private | Privacy::Password => ("quiet", "lock", word),
    }
}

/// `POST /my/videos`: changes those that are ticked, or deletes them.
pub async fn change(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let ids: Vec<&str> = form.all("id").take(bulk::MOST).collect();
    if ids.is_empty() {
        let said = Some((true, page.t("bulk-none")));
        return Ok(go(&app, "/my/videos", said));
    }
    let deletes = form.text("act") == "delete";
    let right = if deletes {
        Right::RemoveAnyVideo
    } else {
        Right::UpdateAnyVideo
    };
    let mut videos = Vec::with_capacity(ids.len());
    for id in ids {
        let video = find(&app, VideoRef::read(id)?).await?;
        manage(&app, &me, &video, right).await?;
        videos.push(video);
    }
    if deletes && !confirm::is_sure(&form) {
        return Ok(are_you_sure(&page, &form, &videos));
    }
    let act = if deletes {
        Act::Delete
    } else {
        Act::Change(changes(&form)?)
    };
    if matches!(&act, Act::Change(changes) if changes.is_empty()) {
        return Ok(go(&app, "/my/videos", None));
    }
    for video in &videos {
        bulk::apply(&app, &me, &video.uuid.to_string(), &act).await?;
    }
    let count = i64::try_from(videos.len()).unwrap_or(0);
    let said = page.tn(if deletes { "bulk-removed" } else { "bulk-done" }, count);
    Ok(go(&app, "/my/videos", Some((false, &said))))
}

fn are_you_sure(page: &Page, form: &Form, videos: &[Video]) -> Response {
    let count = i64::try_from(videos.len()).unwrap_or(0);
    let question = page.tn("bulk-delete-sure", count);
    let titles = videos.iter().map(|video| video.name.clone()).collect();
    let button = page.t("remove");
    confirm::ask(page, form, question, titles, button, "/my/videos")
}

/// Stands in a choice for: leave it as it is.
const KEPT: &str = "";
/// Stands in a choice for: none.
const NONE: &str = "-";

/// The change that the bar asks for.
fn changes(form: &Form) -> Result<Changes> {
    let fields = match form.text("act") {
        "privacy" => Map::from_iter([("privacy".to_owned(), json!(form.number("privacy")))]),
        "comments" => {
            let is_on = json!(form.has("comments"));
            Map::from_iter([("commentsEnabled".to_owned(), is_on)])
        }
        "fields" => fields(form),
        _ => return Err(Error::bad_request("There is no such change.")),
    };
    // What is typed below the bar belongs to its own button.
    let typed = |name| match form.text("act") {
        "fields" => form.text(name),
        _ => "",
    };
    let words = |name| {
        let words = tags(typed(name)).into_iter();
        words.map(str::to_owned).collect()
    };
    let changes = Changes {
        fields,
        add_tags: words("add_tags"),
        remove_tags: words("remove_tags"),
    };
    Ok(changes)
}

/// The fields that are not left as they are.
fn fields(form: &Form) -> Map<String, Value> {
    let mut fields = Map::new();
    for name in [
        "category",
        "licence",
        "language",
        "channelId",
        "commentsPolicy",
    ] {
        let value = match form.text(name) {
            KEPT => continue,
            NONE => Value::Null,
            chosen => chosen.into(),
        };
        fields.insert(name.to_owned(), value);
    }
    for name in ["downloadEnabled", "nsfw"] {
        if form.text(name) != KEPT {
            fields.insert(name.to_owned(), json!(form.text(name) == "1"));
        }
    }
    fields
}

/// `POST /my/videos/{id}/delete`.
pub async fn remove(
    State(app): State<App>,
    page: Page,
    me: Me,
    axum::extract::Path(id): axum::extract::Path<String>,
    form: Form,
) -> Result<Response> {
    let video = find(&app, VideoRef::read(&id)?).await?;
    manage(&app, &me, &video, Right::RemoveAnyVideo).await?;
    if !confirm::is_sure(&form) {
        let back = format!("/my/videos/{}", video.uuid);
        let question = page.tx("delete-sure", "name", &video.name);
        let button = page.t("delete-video");
        return Ok(confirm::ask(
            &page,
            &form,
            question,
            Vec::new(),
            button,
            &back,
        ));
    }
    api::remove(&app, &me, &id).await?;
    Ok(go(&app, "/my/videos", Some((false, page.t("deleted")))))
}
