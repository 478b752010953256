//! Everybody with an account here: list, one person, new ones.

use super::{asked, body, table, tabs};
use crate::access::Me;
use crate::account::{self, Right, Role, User, UserFilter};
use crate::app::App;
use crate::check::{Body, Query, id as read_id};
use crate::error::{Error, Result};
use crate::listing::Sort;
use crate::page::card::{Choice, Tab};
use crate::page::form::Form;
use crate::page::table::{Act, Cell, Line, pages, paging};
use crate::page::{Page, confirm, go, words};
use crate::user::{self, api};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

const HERE: &str = "/admin/people";
const LABELS: [(&str, &str); 7] = [
    ("username", "signup-name"),
    ("email", "email"),
    ("password", "password"),
    ("role", "person-role"),
    ("videoQuota", "person-room"),
    ("videoQuotaDaily", "person-room-daily"),
    ("reason", "person-why"),
];
const GB: i64 = 1_000_000_000;

/// `GET /admin/people`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    let (number, paging) = paging(&query);
    let search = asked(&query, "search");
    let filter = UserFilter {
        search: Some(search.to_owned()).filter(|search| !search.is_empty()),
        blocked: (asked(&query, "state") == "blocked").then_some(true),
        role: None,
    };
    let sort = Sort {
        column: "createdAt",
        descending: true,
    };
    let (total, found) = account::users(&app, &filter, paging, sort).await?;
    let accounts: Vec<_> = found.iter().map(|user| user.account_id).collect();
    let used = user::used(&app, &accounts).await?;
    let mut table = table(&page, HERE, page.t("admin-people"));
    table.lead = page.t("people-lead").to_owned();
    table.empty = page.t("people-empty").to_owned();
    table.columns = vec![
        page.t("person-name"),
        page.t("person-role"),
        page.t("person-room"),
        page.t("state"),
        page.t("person-seen"),
    ];
    table.search = Some((HERE, search.to_owned()));
    table.tool = Some(("/admin/people/new", page.t("person-add")));
    table.filters = [("", "people-all"), ("?state=blocked", "people-closed")]
        .into_iter()
        .map(|(rest, key)| Tab {
            url: format!("{HERE}{rest}"),
            label: page.t(key).to_owned(),
            now: rest.is_empty() != filter.blocked.is_some(),
        })
        .collect();
    table.rows = found
        .iter()
        .map(|user| {
            let used = used.get(&user.account_id).copied().unwrap_or_default();
            line(&page, user, used.total_bytes)
        })
        .collect();
    let rest = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(
            [("search", search)]
                .iter()
                .filter(|(_, text)| !text.is_empty()),
        )
        .finish();
    table.pages = pages(HERE, &rest, number, total);
    Ok(table.render())
}

fn line(page: &Page, user: &User, used_bytes: i64) -> Line {
    let here = format!("{HERE}/{}", user.id);
    let (word, mood) = if user.blocked {
        (page.t("person-blocked"), "bad")
    } else {
        (page.t("person-open"), "good")
    };
    let room = if user.quota_bytes < 0 {
        page.texts.size(used_bytes)
    } else {
        let (used, quota) = (
            page.texts.size(used_bytes),
            page.texts.size(user.quota_bytes),
        );
        page.tyx("room-of", "used", used, "quota", quota)
    };
    let seen = user.last_login_at.map(|at| page.ago(at));
    let act = if user.is_root() {
        None
    } else if user.blocked {
        Some(Act::new(format!("{here}/open"), page.t("person-unblock")))
    } else {
        let sure = page.t("person-block-sure").to_owned();
        Some(Act::grave(
            format!("{here}/close"),
            page.t("person-block"),
            sure,
        ))
    };
    Line {
        cells: vec![
            Cell::link(&user.display_name, &here)
                .note(format!("@{} · {}", user.username, user.email)),
            Cell::text(role_word(page, user.role)),
            Cell::text(room),
            Cell::state(word, mood).more(user.blocked_reason.clone()),
            Cell::text(seen.unwrap_or_default()),
        ],
        acts: act.into_iter().collect(),
    }
}

fn role_word(page: &Page, role: Role) -> &'static str {
    match role {
        Role::Administrator => page.t("role-0"),
        Role::Moderator => page.t("role-1"),
        Role::User => page.t("role-2"),
    }
}

#[derive(Template)]
#[template(path = "admin/person.html")]
struct One<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<String>,
    /// None for somebody new.
    id: Option<String>,
    username: String,
    display_name: String,
    email: String,
    roles: Vec<Choice>,
    /// In gigabytes; empty for no limit.
    room: String,
    room_daily: String,
    facts: Vec<(&'static str, String)>,
    blocked: bool,
    why: String,
    root: bool,
    mail: bool,
    two_factor: bool,
}

pub(super) fn gigabytes(bytes: i64) -> String {
    if bytes < 0 {
        return String::new();
    }
    let (whole, rest) = (bytes / GB, bytes % GB / (GB / 100));
    if rest == 0 {
        whole.to_string()
    } else {
        format!("{whole}.{rest:02}")
    }
}

/// Bytes of the gigabytes that were typed; nothing typed is no limit.
pub(super) fn bytes(typed: &str) -> Result<i64> {
    let typed = typed.trim().replace(',', ".");
    if typed.is_empty() {
        return Ok(-1);
    }
    let wrong = || {
        let mut check = crate::check::Check::body(&EMPTY);
        check.fail("videoQuota", "Invalid value");
        let error = check.finish().err();
        error.unwrap_or_else(|| Error::bad_request("Invalid value"))
    };
    let (whole, rest) = typed.split_once('.').unwrap_or((&typed, ""));
    let rest: String = format!("{rest}000000000").chars().take(9).collect();
    let whole: i64 = whole.parse().map_err(|_| wrong())?;
    let rest: i64 = rest.parse().map_err(|_| wrong())?;
    if whole < 0 || rest < 0 {
        return Err(wrong());
    }
    whole
        .checked_mul(GB)
        .and_then(|sum| sum.checked_add(rest))
        .ok_or_else(wrong)
}

static EMPTY: std::sync::LazyLock<serde_json::Map<String, serde_json::Value>> =
    std::sync::LazyLock::new(serde_json::Map::new);

fn roles(page: &Page, me: &User, chosen: i64) -> Vec<Choice> {
    let list = [Role::User, Role::Moderator, Role::Administrator]
        .into_iter()
        .filter(|role| me.role.outranks(*role))
        .map(|role| (i64::from(role).to_string(), role_word(page, role)));
    page.choices(list, &chosen.to_string(), None)
}

fn new_person<'p>(app: &App, page: &'p Page, me: &User) -> One<'p> {
    let rules = app.instance.signup();
    One {
        page,
        tabs: tabs(page, HERE),
        error: None,
        id: None,
        username: String::new(),
        display_name: String::new(),
        email: String::new(),
        roles: roles(page, me, 2),
        room: gigabytes(rules.quota_bytes),
        room_daily: gigabytes(rules.quota_daily_bytes),
        facts: Vec::new(),
        blocked: false,
        why: String::new(),
        root: false,
        mail: app.mail.is_on(),
        two_factor: false,
    }
}

async fn person<'p>(app: &App, page: &'p Page, me: &User, id: &str) -> Result<One<'p>> {
    let user = account::user(app, read_id("id", id)?).await?;
    let doings = user::doings(app, user.account_id).await?;
    let used = user::used(app, &[user.account_id]).await?;
    let used = used.get(&user.account_id).copied().unwrap_or_default();
    let number = |count: i64| page.texts.number(u64::try_from(count).unwrap_or(0));
    let seen = user.last_login_at.map(|at| page.ago(at));
    let facts = vec![
        (page.t("person-since"), page.date(user.created_at)),
        (
            page.t("person-seen"),
            seen.unwrap_or_else(|| "—".to_owned()),
        ),
        (page.t("videos"), number(doings.videos)),
        (page.t("comments"), number(doings.comments)),
        (page.t("person-reported"), number(doings.abuses)),
        (page.t("person-reports"), number(doings.abuses_created)),
        (page.t("storage-used"), page.texts.size(used.total_bytes)),
    ];
    Ok(One {
        id: Some(user.id.to_string()),
        username: user.username.clone(),
        display_name: user.display_name.clone(),
        email: user.email.clone(),
        roles: roles(page, me, user.role.into()),
        room: gigabytes(user.quota_bytes),
        room_daily: gigabytes(user.quota_daily_bytes),
        facts,
        blocked: user.blocked,
        why: user.blocked_reason.clone().unwrap_or_default(),
        root: user.is_root(),
        two_factor: user.two_factor,
        ..new_person(app, page, me)
    })
}

/// `GET /admin/people/new`.
pub async fn fresh(State(app): State<App>, page: Page, me: Me) -> Response {
    page.render(&new_person(&app, &page, &me))
}

/// `GET /admin/people/{id}`.
pub async fn look(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let template = person(&app, &page, &me, &id).await?;
    Ok(page.render(&template))
}

fn changes(form: &Form) -> Result<Body> {
    let mut body = body([
        ("email", form.text("email").into()),
        ("videoQuota", bytes(form.text("room"))?.into()),
        ("videoQuotaDaily", bytes(form.text("room_daily"))?.into()),
    ]);
    if let Some(role) = form.number("role") {
        body.0.insert("role".to_owned(), role.into());
    }
    Ok(body)
}

/// `POST /admin/people/new`.
pub async fn add(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let done = match changes(&form) {
        Ok(Body(mut body)) => {
            let name = form.text("username").to_lowercase();
            body.insert("username".to_owned(), name.into());
            body.insert("password".to_owned(), form.raw("password").into());
            api::create(State(app.clone()), me.clone(), Body(body)).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(go(&app, HERE, Some((false, page.t("person-added"))))),
        Err(error) => {
            let template = new_person(&app, &page, &me);
            again(&page, template, &form, error)
        }
    }
}

/// `POST /admin/people/{id}`.
pub async fn save(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let done = match changes(&form) {
        Ok(Body(mut body)) => {
            if form.has("password") {
                body.insert("password".to_owned(), form.raw("password").into());
            }
            api::update(State(app.clone()), me.clone(), Path(id.clone()), Body(body)).await
        }
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(go(&app, HERE, Some((false, page.t("saved"))))),
        Err(error) => {
            let template = person(&app, &page, &me, &id).await?;
            again(&page, template, &form, error)
        }
    }
}

/// The form with what was typed.
fn again(page: &Page, mut template: One<'_>, form: &Form, error: Error) -> Result<Response> {
    if error.status().is_server_error() {
        return Err(error);
    }
    for (field, place) in [
        ("email", &mut template.email),
        ("room", &mut template.room),
        ("room_daily", &mut template.room_daily),
    ] {
        form.text(field).clone_into(place);
    }
    if template.id.is_none() {
        form.text("username").clone_into(&mut template.username);
    }
    for choice in &mut template.roles {
        choice.chosen = choice.value == form.text("role");
    }
    template.error = Some(match error.status() {
        StatusCode::CONFLICT => page.t("fault-name-taken").to_owned(),
        _ => words::fault(page, &error, &LABELS),
    });
    Ok(page.render_with(&template, error.status(), &[]))
}

/// `POST /admin/people/{id}/close`: keeps somebody out.
pub async fn close(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let why = body([("reason", json!(form.some("why")))]);
    match api::block(State(app.clone()), me.clone(), Path(id.clone()), why).await {
        Ok(_) => Ok(go(&app, HERE, Some((false, page.t("person-now-closed"))))),
        Err(error) => {
            let mut template = person(&app, &page, &me, &id).await?;
            form.text("why").clone_into(&mut template.why);
            again(&page, template, &form, error)
        }
    }
}

/// `POST /admin/people/{id}/open`.
pub async fn open(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    api::unblock(State(app.clone()), me, Path(id), body([])).await?;
    Ok(go(&app, HERE, Some((false, page.t("person-now-open")))))
}

/// `POST /admin/people/{id}/two-factor`: switches off what somebody has lost.
pub async fn lose_factor(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let place = format!("{HERE}/{id}");
    account::api::two_factor::disable(State(app.clone()), me, Path(id), body([])).await?;
    Ok(go(&app, &place, Some((false, page.t("two-factor-off")))))
}

/// `POST /admin/people/{id}/delete`.
pub async fn delete(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    if !confirm::is_sure(&form) {
        let user = account::user(&app, read_id("id", &id)?).await?;
        let question = page.tx("person-delete-sure", "name", &user.username);
        let (button, back) = (page.t("account-delete"), format!("{HERE}/{id}"));
        return Ok(confirm::ask(
            &page,
            &form,
            question,
            Vec::new(),
            button,
            &back,
        ));
    }
    api::delete(State(app.clone()), me, Path(id)).await?;
    Ok(go(&app, HERE, Some((false, page.t("person-deleted")))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_in_gigabytes() {
        for (typed, wanted) in [
            ("", -1),
            ("5", 5_000_000_000),
            ("0,5", 500_000_000),
            ("1.25", 1_250_000_000),
        ] {
            assert_eq!(bytes(typed).unwrap(), wanted);
        }
        for typed in ["x", "-2", "1.x"] {
            assert_eq!(bytes(typed).unwrap_err().status(), StatusCode::BAD_REQUEST);
        }
        assert_eq!(
            (gigabytes(-1), gigabytes(1_250_000_000)),
            (String::new(), "1.25".to_owned())
        );
    }
}
