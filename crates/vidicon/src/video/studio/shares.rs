//! The page of those with whom a video is shared: people, groups, and who has a link.

use super::edit::own;
use crate::access::Me;
use crate::account::{AccountId, group, profiles_of};
use crate::app::App;
use crate::check::Body;
use crate::error::{Error, Result};
use crate::page::card::Choice;
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Frame, Kind, Line, Table};
use crate::page::{Page, confirm, go, words};
use crate::video::api::share as api;
use crate::video::{Video, share};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::clock::DAY;
use serde_json::{Value, json};

const LABELS: [(&str, &str); 5] = [
    ("label", "share-label"),
    ("viewLimit", "share-limit"),
    ("expiresAt", "share-days"),
    ("username", "share-person"),
    ("groupId", "share-group"),
];

/// `GET /my/videos/{id}/shares`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    Ok(list(&app, &page, &me, &video).await?.render())
}

fn here(video: &Video) -> String {
    format!("/my/videos/{}/shares", video.uuid)
}

async fn list<'p>(app: &App, page: &'p Page, me: &Me, video: &Video) -> Result<Table<'p>> {
    let found = share::list(app, video).await?;
    let accounts: Vec<AccountId> = found.iter().filter_map(|it| it.account_id).collect();
    let accounts = profiles_of(&app.db, &accounts).await?;
    let mut table = Table::new(page, Frame::Thing, Vec::new(), page.t("shares"));
    let back = format!("/my/videos/{}", video.uuid);
    table.back = Some((back, video.name.clone()));
    table.lead = page.t("shares-lead").to_owned();
    table.empty = page.t("shares-none").to_owned();
    table.columns = vec![
        page.t("shares-with"),
        page.t("views"),
        page.t("invite-until"),
    ];
    let here = here(video);
    table.rows = found
        .iter()
        .map(|it| {
            let name = accounts
                .iter()
                .find(|who| Some(who.account_id) == it.account_id);
            let who = match (&it.token, name) {
                (Some(token), _) => Cell::copy(app.url(&format!("/s/{token}"))),
                (_, Some(who)) => Cell::text(&who.display_name),
                _ => Cell::text(it.group_name.clone().unwrap_or_default()),
            };
            let note = it.label.clone().or_else(|| {
                let handle = name.map(|who| format!("@{}", who.name));
                handle.or_else(|| it.group_id.map(|_| page.t("share-group").to_owned()))
            });
            line(page, it, who.note(note.unwrap_or_default()), &here)
        })
        .collect();
    table.asks = vec![link_form(page, &here), person_form(page, &here)];
    table.asks.extend(group_form(app, page, me, &here).await?);
    Ok(table)
}

fn line(page: &Page, it: &share::Share, who: Cell, here: &str) -> Line {
    let views = match it.view_limit {
        Some(limit) => page.tyx("invite-of", "used", it.views, "most", limit),
        None if it.token.is_some() => page.texts.number(u64::try_from(it.views).unwrap_or(0)),
        None => "—".to_owned(),
    };
    let until = match it.expires_at {
        Some(at) if at <= page.now => page.t("invite-over").to_owned(),
        Some(at) => page.date(at),
        None => page.t("no-limit").to_owned(),
    };
    let sure = page.t("share-end-sure").to_owned();
    Line {
        cells: vec![who, Cell::text(views), Cell::text(until)],
        acts: vec![
            Act::grave(here.to_owned(), page.t("share-end"), sure).say(format!("end:{}", it.id)),
        ],
    }
}

fn days(page: &Page) -> Field {
    Field::new("days", page.t("share-days"), Kind::Number).hint(page.t("empty-no-limit"))
}

fn link_form(page: &Page, here: &str) -> Ask {
    let fields = vec![
        Field::new("label", page.t("share-label"), Kind::Line).hint(page.t("share-label-hint")),
        Field::new("limit", page.t("share-limit"), Kind::Number).hint(page.t("empty-no-limit")),
        days(page),
    ];
    form(
        here,
        "link",
        page.t("share-new-link"),
        fields,
        page.t("share-make-link"),
    )
}

fn person_form(page: &Page, here: &str) -> Ask {
    let who = Field::new("username", page.t("share-person"), Kind::Line)
        .hint(page.t("share-person-hint"))
        .needed();
    let fields = vec![who, days(page)];
    form(
        here,
        "user",
        page.t("share-with-person"),
        fields,
        page.t("share"),
    )
}

/// Where there are groups that the user may share with.
async fn group_form(app: &App, page: &Page, me: &Me, here: &str) -> Result<Option<Ask>> {
    let groups = group::of_user(&app.db, me.id).await?;
    if groups.is_empty() {
        return Ok(None);
    }
    let choices = groups.into_iter().map(|it| Choice {
        value: it.id.to_string(),
        label: it.name,
        note: "",
        chosen: false,
    });
    let which = Field::new("group", page.t("share-group"), Kind::Choice).of(choices.collect());
    let fields = vec![which, days(page)];
    let title = page.t("share-with-group");
    Ok(Some(form(here, "group", title, fields, page.t("share"))))
}

fn form(
    here: &str,
    act: &str,
    title: &'static str,
    fields: Vec<Field>,
    button: &'static str,
) -> Ask {
    Ask {
        url: here.to_owned(),
        act: act.to_owned(),
        title,
        fields,
        button,
        error: None,
    }
}

/// `POST /my/videos/{id}/shares`: shares it, or ends a share.
pub async fn act(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    let here = here(&video);
    if let Some(share) = form.text("act").strip_prefix("end:") {
        if let Some(asked) =
            confirm::unless_sure(&page, &form, ("share-end-sure", "share-end"), &here)
        {
            return Ok(asked);
        }
        let path = Path((id, share.to_owned()));
        api::remove(State(app.clone()), me, path).await?;
        return Ok(go(&app, &here, Some((false, page.t("share-ended")))));
    }
    let done = api::add(
        State(app.clone()),
        me.clone(),
        Path(id),
        wanted(&page, &form),
    )
    .await;
    match done {
        Ok(_) => Ok(go(&app, &here, Some((false, page.t("shared"))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut table = list(&app, &page, &me, &video).await?;
            table.refuse(&form, refusal(&page, &error));
            Ok(table.render())
        }
    }
}

fn wanted(page: &Page, form: &Form) -> Body {
    let days = form.number("days").filter(|days| *days > 0);
    let until = days.map(|days| crate::check::iso(page.now + days.min(3650) * DAY));
    let name = form.text("username").trim_start_matches('@').to_lowercase();
    let fields: [(&str, Value); 6] = [
        ("kind", form.text("act").into()),
        ("label", json!(form.some("label"))),
        ("viewLimit", json!(form.number("limit"))),
        ("expiresAt", json!(until)),
        (
            "username",
            json!(Some(name).filter(|name| !name.is_empty())),
        ),
        ("groupId", json!(form.number("group"))),
    ];
    let fields = fields.into_iter().filter(|(_, value)| !value.is_null());
    Body(
        fields
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn refusal(page: &Page, error: &Error) -> String {
    match error.status() {
        StatusCode::NOT_FOUND => page.t("helper-unknown").to_owned(),
        StatusCode::CONFLICT => page.t("share-twice").to_owned(),
        _ => words::fault(page, error, &LABELS),
    }
}
