//! Other programs that are told what happens here.

use super::{body, table};
use crate::app::App;
use crate::check::{Query, parse_date};
use crate::error::Result;
use crate::notification::webhook::api;
use crate::notification::webhook::{EVENTS, Form as Shape};
use crate::page::card::PER_PAGE;
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Kind, Line, Table, pages, paging};
use crate::page::{Page, confirm, go, words};
use axum::extract::{Path, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

const HERE: &str = "/admin/webhooks";
const LABELS: [(&str, &str); 3] = [
    ("url", "webhook-url"),
    ("events", "webhook-events"),
    ("form", "webhook-form"),
];

/// `GET /admin/webhooks`.
pub async fn show(State(app): State<App>, page: Page, Query(query): Query) -> Result<Response> {
    Ok(list(&app, &page, &query).await?.render())
}

async fn list<'p>(app: &App, page: &'p Page, query: &Map<String, Value>) -> Result<Table<'p>> {
    let (number, _) = paging(query);
    let mut wanted = Map::new();
    wanted.insert("start".into(), ((number - 1) * PER_PAGE).to_string().into());
    wanted.insert("count".into(), PER_PAGE.to_string().into());
    let found = api::list(State(app.clone()), Query(wanted)).await?.0;
    let mut table = table(page, HERE, page.t("admin-webhooks"));
    table.lead = page.t("webhooks-lead").to_owned();
    table.empty = page.t("webhooks-none").to_owned();
    table.columns = vec![
        page.t("webhook-url"),
        page.t("webhook-secret"),
        page.t("state"),
    ];
    table.rows = found.data.iter().map(|it| line(page, it)).collect();
    table.pages = pages(HERE, "", number, found.total);
    let events = EVENTS.into_iter().filter(|event| *event != "test");
    let events = events.map(|event| (event.to_owned(), event));
    let forms = Shape::NAMES.map(|name| (name.to_owned(), page.t(form_label(name))));
    table.asks = vec![Ask {
        url: HERE.to_owned(),
        act: "add".to_owned(),
        title: page.t("webhook-new"),
        fields: vec![
            Field::new("url", page.t("webhook-url"), Kind::Url).needed(),
            Field::new("form", page.t("webhook-form"), Kind::Choice)
                .hint(page.t("webhook-form-hint"))
                .of(page.choices(forms, "standard", None)),
            Field::new("event", page.t("webhook-events"), Kind::Boxes)
                .hint(page.t("webhook-events-hint"))
                .of(page.choices(events, "", None)),
        ],
        button: page.t("webhook-add"),
        error: None,
    }];
    Ok(table)
}

fn form_label(name: &str) -> &'static str {
    match name {
        "discord" => "webhook-discord",
        "matrix" => "webhook-matrix",
        _ => "webhook-standard",
    }
}

fn line(page: &Page, item: &Value) -> Line {
    let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default();
    let id = item.get("id").map(ToString::to_string).unwrap_or_default();
    let events = item.get("events").and_then(Value::as_array);
    let events: Vec<&str> = events
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let events = if events.is_empty() {
        page.t("webhook-all").to_owned()
    } else {
        events.join(", ")
    };
    let enabled = item.get("enabled").and_then(Value::as_bool) == Some(true);
    let called = parse_date(text("lastCalledAt")).map(|at| page.ago(at));
    let state = match (enabled, text("lastError"), &called) {
        (false, ..) => Cell::state(page.t("webhook-off"), "quiet"),
        (_, "", None) => Cell::state(page.t("webhook-never"), "quiet"),
        (_, "", _) => Cell::state(page.t("mood-good"), "good"),
        (_, error, _) => Cell::state(page.t("mood-bad"), "bad").more(Some(error.to_owned())),
    };
    let here = || HERE.to_owned();
    let switch = if enabled {
        "webhook-stop"
    } else {
        "webhook-start"
    };
    let mut acts = vec![
        Act::new(here(), page.t(switch))
            .say(format!("{}:{id}", if enabled { "off" } else { "on" })),
        Act::grave(
            here(),
            page.t("remove"),
            page.tx("webhook-remove-sure", "url", text("url")),
        )
        .say(format!("remove:{id}")),
    ];
    if enabled {
        acts.insert(
            0,
            Act::new(here(), page.t("webhook-try")).say(format!("test:{id}")),
        );
    }
    Line {
        cells: vec![
            Cell::text(text("url")).note(format!("{}, {events}", page.t(form_label(text("form"))))),
            Cell::copy(text("secret")),
            state.note(called.unwrap_or_default()),
        ],
        acts,
    }
}

/// `POST /admin/webhooks`.
pub async fn act(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let state = State(app.clone());
    if let Some((act, id)) = form.text("act").split_once(':') {
        if act == "remove"
            && let Some(asked) =
                confirm::unless_sure(&page, &form, ("webhook-remove-ask", "remove"), HERE)
        {
            return Ok(asked);
        }
        let path = Path(id.to_owned());
        let said = match act {
            "remove" => api::remove(state, path).await.map(|_| "webhook-removed"),
            "test" => api::test(state, path).await.map(|_| "webhook-tried"),
            _ => {
                let switched = body([("enabled", (act == "on").into())]);
                api::change(state, path, switched).await.map(|_| "saved")
            }
        };
        return Ok(go(&app, HERE, Some((false, page.t(said?)))));
    }
    let events: Vec<&str> = form.all("event").collect();
    let wanted = body([
        ("url", form.text("url").into()),
        ("form", Shape::named(form.text("form")).name().into()),
        ("events", json!(events)),
    ]);
    match api::add(state, wanted).await {
        Ok(_) => Ok(go(&app, HERE, Some((false, page.t("webhook-added"))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut table = list(&app, &page, &Map::new()).await?;
            table.refuse(&form, words::fault(&page, &error, &LABELS));
            Ok(table.render())
        }
    }
}
