//! What people have reported: what it is about, what was said, and how it was decided.

use super::{asked, body, table, tabs};
use crate::access::Me;
use crate::account::{self, AccountId, Profile};
use crate::app::App;
use crate::check::{Query, id as read_id};
use crate::error::{Error, Result};
use crate::listing::Sort;
use crate::moderation::abuse::{self, ACCEPTED, Abuse, Filter, PENDING, REJECTED};
use crate::moderation::api;
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::table::{Cell, Line, Many, pages, paging, rest};
use crate::page::{Page, confirm, go, words};
use crate::user::page::reports::{Said, about, handle, kinds, people, place, state, talk};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::json;

const HERE: &str = "/admin/reports";

/// `GET /admin/reports`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let (number, paging) = paging(&query);
    let (search, wanted) = (asked(&query, "search"), asked(&query, "state"));
    let state = match wanted {
        "accepted" => Some(ACCEPTED),
        "refused" => Some(REJECTED),
        "all" => None,
        _ => Some(PENDING),
    };
    let filter = Filter {
        state,
        search: Some(search.to_owned()).filter(|search| !search.is_empty()),
        ..Filter::default()
    };
    let sort = Sort {
        column: "createdAt",
        descending: true,
    };
    let (total, found) = abuse::list(&app, &filter, paging, sort).await?;
    let who = people(&app, &found).await?;
    let mut table = table(&page, HERE, page.t("admin-reports"));
    table.lead = page.t("reports-lead").to_owned();
    table.empty = page.t("reports-empty").to_owned();
    table.columns = vec![
        page.t("report-about"),
        page.t("report-why"),
        page.t("state"),
        page.t("job-when"),
    ];
    table.search = Some((HERE, search.to_owned()));
    table.filters = [
        ("", "report-open"),
        ("accepted", "report-accepted"),
        ("refused", "report-refused"),
        ("all", "people-all"),
    ]
    .into_iter()
    .map(|(name, key)| Tab {
        url: if name.is_empty() {
            HERE.to_owned()
        } else {
            format!("{HERE}?state={name}")
        },
        label: page.t(key).to_owned(),
        now: name == wanted,
    })
    .collect();
    let names = found
        .iter()
        .map(|it| (it.id.to_string(), about(&page, it, &who)));
    table.many = Some(Many {
        url: HERE,
        rows: names.collect(),
        acts: vec![
            ("accept", page.t("report-accept")),
            ("refuse", page.t("report-refuse")),
        ],
    });
    table.rows = found.iter().map(|it| line(&page, it, &who)).collect();
    let rest = rest(&[("state", wanted), ("search", search)]);
    table.pages = pages(HERE, &rest, number, total);
    Ok(table.render())
}

/// `POST /admin/reports`: decides on all that are ticked.
pub async fn judge(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let ids: Vec<i64> = form.all("id").filter_map(|id| id.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(go(&app, HERE, Some((true, page.t("reports-choose")))));
    }
    let state = match form.text("act") {
        "accept" => ACCEPTED,
        "refuse" => REJECTED,
        _ => return Err(Error::bad_request("Unknown act.")),
    };
    let judged = body([("ids", json!(ids)), ("state", state.into())]);
    api::bulk::judge(State(app.clone()), judged).await?;
    Ok(go(&app, HERE, Some((false, page.t("reports-decided")))))
}

fn line(page: &Page, it: &Abuse, who: &[Profile]) -> Line {
    let (word, mood) = state(page, it.state);
    let reason: String = it.reason.chars().take(120).collect();
    let by = handle(who, it.reporter_account_id);
    Line {
        cells: vec![
            Cell::link(about(page, it, who), format!("{HERE}/{}", it.id))
                .note(format!("@{}", handle(who, it.flagged_account_id))),
            Cell::text(reason).note(format!("@{by}")),
            Cell::state(word, mood),
            Cell::text(page.ago(it.created_at)),
        ],
        acts: Vec::new(),
    }
}

#[derive(Template)]
#[template(path = "admin/report.html")]
struct One<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    id: String,
    about: String,
    url: Option<String>,
    state: &'static str,
    mood: &'static str,
    waits: bool,
    reason: String,
    kinds: Vec<&'static str>,
    by: String,
    against: String,
    facts: Vec<(&'static str, String)>,
    note: String,
    messages: Vec<Said>,
    can_talk: bool,
    message: String,
    /// A video that can be blocked from here.
    video: Option<String>,
    blocked: bool,
}

async fn one<'p>(app: &App, page: &'p Page, id: &str) -> Result<One<'p>> {
    let it = abuse::find(app, read_id("id", id)?).await?;
    let said = abuse::messages(app, it.id).await?;
    let mut ids: Vec<AccountId> = said
        .iter()
        .filter_map(|message| message.account_id)
        .collect();
    ids.extend(
        [it.reporter_account_id, it.flagged_account_id]
            .into_iter()
            .flatten(),
    );
    let who = account::profiles_of(&app.db, &ids).await?;
    let (word, mood) = state(page, it.state);
    let number = |count: i64| page.texts.number(u64::try_from(count).unwrap_or(0));
    Ok(One {
        page,
        tabs: tabs(page, HERE),
        error: None,
        id: it.id.to_string(),
        about: about(page, &it, &who),
        url: place(&it, &who),
        state: word,
        mood,
        waits: it.state == PENDING,
        kinds: kinds(page, &it),
        by: handle(&who, it.reporter_account_id),
        against: handle(&who, it.flagged_account_id),
        facts: vec![
            (page.t("job-when"), page.date(it.created_at)),
            (page.t("person-reported"), number(it.against_flagged)),
            (page.t("report-by-them"), number(it.by_reporter)),
        ],
        note: it.moderation_comment.clone().unwrap_or_default(),
        messages: talk(page, &said, &who),
        can_talk: !it.reporter_is_remote,
        message: String::new(),
        video: it.video_uuid.map(|uuid| uuid.to_string()),
        blocked: it.video_blocked.unwrap_or(false),
        reason: it.reason,
    })
}

/// `GET /admin/reports/{id}`.
pub async fn look(State(app): State<App>, page: Page, Path(id): Path<String>) -> Result<Response> {
    let template = one(&app, &page, &id).await?;
    Ok(page.render(&template))
}

/// `POST /admin/reports/{id}`: a decision, a note, or a word to the reporter.
pub async fn act(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let (path, note) = (Path(id.clone()), json!(form.some("note")));
    let act = form.text("act");
    let state = match act {
        "accept" => Some(ACCEPTED),
        "refuse" => Some(REJECTED),
        "again" => Some(PENDING),
        _ => None,
    };
    let done = match (act, state) {
        ("say", _) => {
            let text = body([("message", form.text("message").into())]);
            let said = api::say(State(app.clone()), me, path, text).await;
            said.map(|_| "report-said")
        }
        (_, Some(state)) => {
            let judged = body([("state", state.into()), ("moderationComment", note)]);
            let done = api::update(State(app.clone()), path, judged).await;
            done.map(|_| "report-decided")
        }
        _ => {
            let kept = body([("moderationComment", note)]);
            let done = api::update(State(app.clone()), path, kept).await;
            done.map(|_| "saved")
        }
    };
    let place = format!("{HERE}/{id}");
    let error = match done {
        Ok(said) => return Ok(go(&app, &place, Some((false, page.t(said))))),
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => error,
    };
    again(&app, &page, &id, &form, &error).await
}

async fn again(app: &App, page: &Page, id: &str, form: &Form, error: &Error) -> Result<Response> {
    let mut template = one(app, page, id).await?;
    if form.text("act") == "say" {
        form.text("message").clone_into(&mut template.message);
    } else {
        form.text("note").clone_into(&mut template.note);
    }
    let labels = [
        ("message", "report-message"),
        ("moderationComment", "report-note"),
    ];
    template.error = Some(words::fault(page, error, &labels));
    Ok(page.render_with(&template, error.status(), &[]))
}

/// `POST /admin/reports/{id}/delete`.
pub async fn delete(
    State(app): State<App>,
    page: Page,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    if let Some(asked) = confirm::unless_sure(
        &page,
        &form,
        ("report-delete-sure", "remove"),
        &format!("{HERE}/{id}"),
    ) {
        return Ok(asked);
    }
    api::delete(State(app.clone()), Path(id)).await?;
    Ok(go(&app, HERE, Some((false, page.t("report-deleted")))))
}

/// Reports that nobody has decided on yet.
pub async fn open_count(app: &App) -> Result<i64> {
    let filter = Filter {
        state: Some(PENDING),
        ..Filter::default()
    };
    let paging = crate::listing::Paging { start: 0, count: 1 };
    let sort = Sort {
        column: "createdAt",
        descending: true,
    };
    Ok(abuse::list(app, &filter, paging, sort).await?.0)
}
