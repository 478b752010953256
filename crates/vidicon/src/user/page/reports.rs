//! What somebody has reported: how it was decided, and the talk with the moderators. The words about a report are
//! shared with the page of the moderators.

use super::{body, tabs};
use crate::access::Me;
use crate::account::{self, AccountId, Profile};
use crate::app::App;
use crate::check::{Query, id as read_id};
use crate::error::{Error, Result};
use crate::listing::Sort;
use crate::moderation::abuse::{self, ACCEPTED, Abuse, Filter, Message, REJECTED, Subject};
use crate::moderation::api;
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::table::{Cell, Frame, Line, Table, pages, paging};
use crate::page::{Page, go, words as page_words};
use crate::video::short_uuid;
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

const HERE: &str = "/my/reports";

/// `GET /my/reports`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    let (number, paging) = paging(&query);
    let filter = Filter {
        own: Some(me.account_id),
        ..Filter::default()
    };
    let sort = Sort {
        column: "createdAt",
        descending: true,
    };
    let (total, found) = abuse::list(&app, &filter, paging, sort).await?;
    let who = people(&app, &found).await?;
    let title = page.t("own-reports");
    let mut table = Table::new(&page, Frame::Own, tabs(&page, HERE), title);
    table.lead = page.t("own-reports-lead").to_owned();
    table.empty = page.t("own-reports-none").to_owned();
    table.columns = vec![
        page.t("report-about"),
        page.t("report-why"),
        page.t("state"),
        page.t("job-when"),
    ];
    table.rows = found.iter().map(|it| line(&page, it, &who)).collect();
    table.pages = pages(HERE, "", number, total);
    Ok(table.render())
}

fn line(page: &Page, it: &Abuse, who: &[Profile]) -> Line {
    let (word, mood) = state(page, it.state);
    let reason: String = it.reason.chars().take(120).collect();
    let said = u64::try_from(it.message_count).unwrap_or(0);
    let said = match said {
        0 => String::new(),
        count => page.tn("own-report-said", i64::try_from(count).unwrap_or(0)),
    };
    Line {
        cells: vec![
            Cell::link(about(page, it, who), format!("{HERE}/{}", it.id)),
            Cell::text(reason),
            Cell::state(word, mood).note(said),
            Cell::text(page.ago(it.created_at)),
        ],
        acts: Vec::new(),
    }
}

/// Those who report and those who are reported.
pub async fn people(app: &App, found: &[Abuse]) -> Result<Vec<Profile>> {
    let ids: Vec<AccountId> = found
        .iter()
        .flat_map(|it| [it.reporter_account_id, it.flagged_account_id])
        .flatten()
        .collect();
    account::profiles_of(&app.db, &ids).await
}

pub fn handle(who: &[Profile], id: Option<AccountId>) -> String {
    let found = who.iter().find(|profile| Some(profile.account_id) == id);
    match found {
        Some(profile) if profile.host.is_empty() => profile.name.clone(),
        Some(profile) => format!("{}@{}", profile.name, profile.host),
        None => String::new(),
    }
}

/// What a report is about, in a few words.
pub fn about(page: &Page, it: &Abuse, who: &[Profile]) -> String {
    match it.subject {
        Subject::Video => it
            .video_name
            .clone()
            .unwrap_or_else(|| page.t("report-video-gone").to_owned()),
        Subject::Comment => {
            let text = it.comment_text.clone().unwrap_or_default();
            let short: String = text.chars().take(80).collect();
            if short.is_empty() {
                page.t("report-comment-gone").to_owned()
            } else {
                short
            }
        }
        Subject::Account => format!("@{}", handle(who, it.flagged_account_id)),
    }
}

pub fn state(page: &Page, state: i64) -> (&'static str, &'static str) {
    match state {
        ACCEPTED => (page.t("report-accepted"), "good"),
        REJECTED => (page.t("report-refused"), "quiet"),
        _ => (page.t("report-open"), "warn"),
    }
}

/// The ticked reasons.
pub fn kinds(page: &Page, it: &Abuse) -> Vec<&'static str> {
    words(page, &it.reasons())
}

/// Reasons by their names of the API, in the page's words.
pub fn words(page: &Page, names: &[&str]) -> Vec<&'static str> {
    let word = |name: &&str| match *name {
        "violentOrRepulsive" => page.t("reason-violent"),
        "hatefulOrAbusive" => page.t("reason-hateful"),
        "spamOrMisleading" => page.t("reason-spam"),
        "privacy" => page.t("reason-privacy"),
        "rights" => page.t("reason-rights"),
        "serverRules" => page.t("reason-rules"),
        "thumbnails" => page.t("reason-picture"),
        _ => page.t("reason-captions"),
    };
    names.iter().map(word).collect()
}

/// Where what was reported is seen.
pub fn place(it: &Abuse, who: &[Profile]) -> Option<String> {
    let at = it
        .start_s
        .map(|at| format!("?start={at}"))
        .unwrap_or_default();
    match it.subject {
        Subject::Video => it
            .video_uuid
            .map(|uuid| format!("/w/{}{at}", short_uuid::shorten(uuid))),
        Subject::Comment => it
            .comment_video_uuid
            .map(|uuid| format!("/w/{}#comments", short_uuid::shorten(uuid))),
        Subject::Account => Some(format!("/a/{}", handle(who, it.flagged_account_id))),
    }
}

/// One message of the talk about a report.
pub struct Said {
    pub by: String,
    pub text: String,
    pub ago: String,
}

/// The talk, each message by its author's handle.
pub fn talk(page: &Page, said: &[Message], who: &[Profile]) -> Vec<Said> {
    let one = |message: &Message| Said {
        by: handle(who, message.account_id),
        text: message.message.clone(),
        ago: page.ago(message.created_at),
    };
    said.iter().map(one).collect()
}

#[derive(Template)]
#[template(path = "account/report.html")]
struct One<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    id: String,
    about: String,
    url: Option<String>,
    state: &'static str,
    mood: &'static str,
    reason: String,
    kinds: Vec<&'static str>,
    ago: String,
    messages: Vec<Said>,
    message: String,
}

async fn one<'p>(app: &App, page: &'p Page, me: &Me, id: &str) -> Result<One<'p>> {
    let it = abuse::find(app, read_id("id", id)?).await?;
    if it.reporter_account_id != Some(me.account_id) {
        return Err(Error::not_found("Abuse not found"));
    }
    let said = abuse::messages(app, it.id).await?;
    let mut ids: Vec<AccountId> = said.iter().filter_map(|it| it.account_id).collect();
    ids.extend(it.flagged_account_id);
    let who = account::profiles_of(&app.db, &ids).await?;
    let (word, mood) = state(page, it.state);
    Ok(One {
        page,
        tabs: tabs(page, HERE),
        error: None,
        id: it.id.to_string(),
        about: about(page, &it, &who),
        url: place(&it, &who),
        state: word,
        mood,
        kinds: kinds(page, &it),
        ago: page.ago(it.created_at),
        messages: talk(page, &said, &who),
        message: String::new(),
        reason: it.reason,
    })
}

/// `GET /my/reports/{id}`.
pub async fn look(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let template = one(&app, &page, &me, &id).await?;
    Ok(page.render(&template))
}

/// `POST /my/reports/{id}`: a word to the moderators.
pub async fn say(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let mut template = one(&app, &page, &me, &id).await?;
    let text = body([("message", form.text("message").into())]);
    match api::say(State(app.clone()), me, Path(id.clone()), text).await {
        Ok(_) => {
            let place = format!("{HERE}/{id}");
            Ok(go(&app, &place, Some((false, page.t("report-said")))))
        }
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            form.text("message").clone_into(&mut template.message);
            template.error = Some(page_words::fault(
                &page,
                &error,
                &[("message", "report-message")],
            ));
            Ok(page.render_with(&template, error.status(), &[]))
        }
    }
}
