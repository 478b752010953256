//! Lists of words that are watched for: one's own under one's videos, and the site's everywhere.

use super::tabs;
use crate::access::Me;
use crate::account::AccountId;
use crate::app::App;
use crate::check::Query;
use crate::comment::api::words as api;
use crate::comment::words::{self, List, Subscription};
use crate::error::{Error, Result};
use crate::listing::{Paging, Sort};
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Frame, Kind, Line, Table, asked};
use crate::page::{Page, confirm, go, words as faults};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

const HERE: &str = "/my/settings/words";
const LABELS: [(&str, &str); 3] = [
    ("listName", "words-name"),
    ("words", "words-list"),
    ("url", "words-url"),
];
/// Lists on one page; nobody has as many.
const MOST: i64 = 100;

/// Whose lists, and where their page is.
#[derive(Clone, Copy, Debug)]
pub struct Of {
    pub by: Option<AccountId>,
    pub here: &'static str,
}

/// `GET /my/settings/words`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Query(query): Query,
) -> Result<Response> {
    let table = fill(&app, &page, mine(&me), frame(&page), &query).await?;
    Ok(table.render())
}

/// `POST /my/settings/words`.
pub async fn act(State(app): State<App>, page: Page, me: Me, form: Form) -> Result<Response> {
    change(&app, &page, mine(&me), frame(&page), &form).await
}

fn mine(me: &Me) -> Of {
    Of {
        by: Some(me.account_id),
        here: HERE,
    }
}

fn frame(page: &Page) -> Table<'_> {
    let mut table = Table::new(page, Frame::Own, tabs(page, HERE), page.t("watched-words"));
    table.lead = page.t("words-lead").to_owned();
    table
}

/// The lists in a frame; `?edit=` puts one into the form.
pub async fn fill<'p>(
    app: &App,
    page: &'p Page,
    of: Of,
    mut table: Table<'p>,
    query: &Map<String, Value>,
) -> Result<Table<'p>> {
    let paging = Paging {
        start: 0,
        count: MOST,
    };
    let by_name = |column| Sort {
        column,
        descending: false,
    };
    let (_, lists) = words::lists(app, of.by, by_name("listName"), paging).await?;
    let (_, followed) = words::subscriptions(app, of.by, None, by_name("name"), paging).await?;
    table.empty = page.t("words-none").to_owned();
    table.columns = vec![page.t("words-name"), page.t("words-list")];
    table.rows = lists
        .iter()
        .map(|list| line(page, of, list, &followed))
        .collect();
    let edited = asked(query, "edit");
    let edited = lists.iter().find(|list| list.id.to_string() == edited);
    table.asks = vec![list_form(page, of, edited), url_form(page, of)];
    Ok(table)
}

fn line(page: &Page, of: Of, list: &List, followed: &[Subscription]) -> Line {
    let from = followed
        .iter()
        .find(|it| Some(&it.url) == list.subscription_url.as_ref());
    let some: Vec<&str> = list.words.iter().take(12).map(String::as_str).collect();
    let count = i64::try_from(list.words.len()).unwrap_or(0);
    let count = page.tn("words-count", count);
    let sure = page.tx("words-delete-sure", "name", &list.name);
    let here = of.here.to_owned();
    let (name, act) = match from {
        Some(from) => {
            let read = from.last_sync_at.map(|at| page.ago(at));
            let note = format!("{} {}", from.url, read.unwrap_or_default());
            (
                Cell::text(&list.name).note(note),
                format!("end:{}", from.id),
            )
        }
        None => {
            let url = format!("{here}?edit={}#t-list", list.id);
            (Cell::link(&list.name, url), format!("delete:{}", list.id))
        }
    };
    Line {
        cells: vec![name, Cell::text(some.join(", ")).note(count)],
        acts: vec![Act::grave(here, page.t("remove"), sure).say(act)],
    }
}

fn list_form(page: &Page, of: Of, edited: Option<&List>) -> Ask {
    let (name, list) = edited.map_or_else(Default::default, |list| {
        (list.name.clone(), list.words.join("\n"))
    });
    let fields = vec![
        Field::new("name", page.t("words-name"), Kind::Line)
            .with(name)
            .needed(),
        Field::new("list", page.t("words-list"), Kind::Area)
            .with(list)
            .hint(page.t("words-list-hint"))
            .needed(),
    ];
    Ask {
        url: edited.map_or_else(
            || of.here.to_owned(),
            |list| format!("{}?edit={}", of.here, list.id),
        ),
        act: "list".to_owned(),
        title: page.t(if edited.is_some() {
            "words-edit"
        } else {
            "words-new"
        }),
        fields,
        button: page.t("save"),
        error: None,
    }
}

fn url_form(page: &Page, of: Of) -> Ask {
    let url = Field::new("url", page.t("words-url"), Kind::Url)
        .hint(page.t("words-url-hint"))
        .needed();
    Ask {
        url: of.here.to_owned(),
        act: "follow".to_owned(),
        fields: vec![url],
        button: page.t("follow"),
        ..Ask::default()
    }
}

/// Adds, changes, follows or removes.
pub async fn change(
    app: &App,
    page: &Page,
    of: Of,
    frame: Table<'_>,
    form: &Form,
) -> Result<Response> {
    let gone = form.text("act").split_once(':');
    if let Some((what, id)) = gone {
        if let Some(asked) =
            confirm::unless_sure(page, form, ("words-gone-sure", "remove"), of.here)
        {
            return Ok(asked);
        }
        match what {
            "end" => api::remove_subscription(app, of.by, id).await?,
            _ => api::delete(app, of.by, id).await?,
        };
        return Ok(go(app, of.here, Some((false, page.t("words-gone")))));
    }
    let edited = page.path.split_once("edit=").map(|(_, id)| id);
    let done = match (form.text("act"), edited) {
        ("follow", _) => {
            let url = body(&[("url", form.text("url").into())]);
            api::add_subscription(app, of.by, &url).await.map(drop)
        }
        (_, Some(id)) => api::change(app, of.by, id, &list_of(form)).await.map(drop),
        _ => api::add(app, of.by, &list_of(form)).await.map(drop),
    };
    match done {
        Ok(()) => Ok(go(app, of.here, Some((false, page.t("saved"))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let query = edited.map(|id| ("edit", Value::from(id)));
            let query = body(query.as_slice());
            let mut table = fill(app, page, of, frame, &query).await?;
            table.refuse(form, refusal(page, &error));
            Ok(table.render())
        }
    }
}

fn body(fields: &[(&str, Value)]) -> Map<String, Value> {
    let fields = fields.iter();
    fields
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect()
}

fn list_of(form: &Form) -> Map<String, Value> {
    let words = form.text("list").lines().map(str::trim);
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    body(&[
        ("listName", form.text("name").into()),
        ("words", json!(words)),
    ])
}

fn refusal(page: &Page, error: &Error) -> String {
    if error.status() == StatusCode::CONFLICT {
        page.t("words-twice").to_owned()
    } else {
        faults::fault(page, error, &LABELS)
    }
}
