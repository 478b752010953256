//! Invitations: one's own, and for those who look at requests, everybody's.

use super::{body, tabs};
use crate::access::Me;
use crate::account::api::invitation as api;
use crate::account::invitation::{self, Invitation};
use crate::app::App;
use crate::check::Query;
use crate::error::{Error, Result};
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Frame, Kind, Line, Table, pages, paging};
use crate::page::{Page, confirm, go, words};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::clock::DAY;
use serde_json::{Map, Value, json};

const HERE: &str = "/my/settings/invitations";
const LABELS: [(&str, &str); 3] = [
    ("note", "invite-note"),
    ("maxUses", "invite-uses"),
    ("expiresAt", "invite-days"),
];

/// `GET /my/settings/invitations`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    let frame = Table::new(&page, Frame::Own, tabs(&page, HERE), page.t("invitations"));
    let table = fill(&app, &page, Some(&me), HERE, frame, &query).await?;
    Ok(table.render())
}

/// `POST /my/settings/invitations`.
pub async fn act(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    let frame = Table::new(&page, Frame::Own, tabs(&page, HERE), page.t("invitations"));
    change(&app, &page, &me, Some(&me), HERE, frame, &form).await
}

/// The list of somebody, or of everybody, in a frame.
pub async fn fill<'p>(
    app: &App,
    page: &'p Page,
    of: Option<&Me>,
    here: &'static str,
    mut table: Table<'p>,
    query: &Map<String, Value>,
) -> Result<Table<'p>> {
    let (number, paging) = paging(query);
    let (total, found) = invitation::list(app, of.map(|me| me.id), paging).await?;
    let rules = app.instance.settings().signup.invitations;
    let may =
        of.is_none_or(|me| rules.by_users || me.has(crate::account::Right::ManageRegistrations));
    table.lead = page.t("invite-lead").to_owned();
    table.empty = page
        .t(if may { "invite-none" } else { "invite-not-you" })
        .to_owned();
    table.columns = vec![
        page.t("link"),
        page.t("invite-used"),
        page.t("invite-until"),
    ];
    table.rows = found
        .iter()
        .map(|it| line(app, page, of.is_none(), here, it))
        .collect();
    table.pages = pages(here, "", number, total);
    if may {
        table.asks = vec![ask(page, here)];
    }
    Ok(table)
}

fn line(app: &App, page: &Page, with_name: bool, here: &str, it: &Invitation) -> Line {
    let url = app.url(&format!("/signup?invitation={}", it.code));
    let guests = it.guests.clone().unwrap_or_default().replace(' ', ", ");
    let over = it.expires_at.is_some_and(|at| at <= page.now);
    let used = page.tyx("invite-of", "used", it.uses, "most", it.max_uses);
    let mut note = it.note.clone().unwrap_or_default();
    if let Some(name) = it.inviter_username.as_deref().filter(|_| with_name) {
        note = format!("@{name} {note}");
    }
    let until = match it.expires_at {
        Some(_) if over => page.t("invite-over").to_owned(),
        Some(at) => page.date(at),
        None => page.t("no-limit").to_owned(),
    };
    let sure = page.t("invite-end-sure").to_owned();
    Line {
        cells: vec![
            Cell::copy(url).note(note),
            Cell::text(used).note(guests),
            Cell::text(until),
        ],
        acts: vec![
            Act::grave(here.to_owned(), page.t("invite-end"), sure).say(format!("end:{}", it.id)),
        ],
    }
}

fn ask(page: &Page, here: &str) -> Ask {
    let fields = vec![
        Field::new("note", page.t("invite-note"), Kind::Line).hint(page.t("invite-note-hint")),
        Field::new("uses", page.t("invite-uses"), Kind::Number)
            .with("1")
            .needed(),
        Field::new("days", page.t("invite-days"), Kind::Number)
            .with("30")
            .hint(page.t("empty-no-limit")),
    ];
    Ask {
        url: here.to_owned(),
        act: "invite".to_owned(),
        title: page.t("invite-new"),
        fields,
        button: page.t("invite-make"),
        error: None,
    }
}

/// Makes one, or takes one back.
pub async fn change(
    app: &App,
    page: &Page,
    me: &Me,
    of: Option<&Me>,
    here: &'static str,
    frame: Table<'_>,
    form: &Form,
) -> Result<Response> {
    if let Some(id) = form.text("act").strip_prefix("end:") {
        if let Some(asked) =
            confirm::unless_sure(page, form, ("invite-end-sure", "invite-end"), here)
        {
            return Ok(asked);
        }
        let path = Path(id.to_owned());
        api::delete(State(app.clone()), me.clone(), path).await?;
        return Ok(go(app, here, Some((false, page.t("invite-ended")))));
    }
    let days = form.number("days").filter(|days| *days > 0);
    let until = days.map(|days| crate::check::iso(page.now + days.min(3650) * DAY));
    let wanted = body([
        ("note", json!(form.some("note"))),
        ("maxUses", json!(form.number("uses"))),
        ("expiresAt", json!(until)),
    ]);
    match api::create(State(app.clone()), me.clone(), wanted).await {
        Ok(_) => Ok(go(app, here, Some((false, page.t("invite-made"))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut table = fill(app, page, of, here, frame, &Map::new()).await?;
            table.refuse(form, refusal(page, &error));
            Ok(table.render())
        }
    }
}

fn refusal(page: &Page, error: &Error) -> String {
    if error.status() == StatusCode::FORBIDDEN {
        page.t("invite-too-many").to_owned()
    } else {
        words::fault(page, error, &LABELS)
    }
}
