//! What stands on the front page, row by row: the administrator adds, moves and takes away.

use super::table;
use crate::app::App;
use crate::channel;
use crate::error::{Error, Result};
use crate::instance::{self, home::MOST, home::Row};
use crate::page::card::Choice;
use crate::page::form::Form;
use crate::page::table::{Act, Ask, Cell, Field, Kind, Line, Table};
use crate::page::{Page, go};
use crate::playlist::{self, PlaylistPrivacy};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

const HERE: &str = "/admin/home";
const KINDS: [(&str, &str); 9] = [
    ("feature", "home-row-feature"),
    ("new", "home-row-new"),
    ("trending", "home-row-trending"),
    ("local", "home-row-local"),
    ("channels", "home-row-channels"),
    ("channel", "home-row-channel"),
    ("tag", "home-row-tag"),
    ("playlist", "home-row-playlist"),
    ("text", "home-row-text"),
];

/// `GET /admin/home`.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response> {
    Ok(list(&app, &page).render())
}

fn rows(app: &App) -> Vec<Row> {
    let settings = app.instance.settings();
    let lines = &settings.instance.customizations.home;
    lines.iter().filter_map(|line| Row::parse(line)).collect()
}

fn list<'p>(app: &App, page: &'p Page) -> Table<'p> {
    let rows = rows(app);
    let mut table = table(page, "/admin/settings", page.t("home-rows"));
    table.back = Some((
        "/admin/settings".to_owned(),
        page.t("admin-settings").to_owned(),
    ));
    table.lead = page.t("home-rows-lead").to_owned();
    table.empty = page.t("home-rows-none").to_owned();
    table.columns = vec![page.t("home-row"), page.t("home-row-about")];
    let count = rows.len();
    table.rows = rows
        .iter()
        .enumerate()
        .map(|(at, row)| line(page, row, at, count))
        .collect();
    if count < MOST && app.config.server.settings_on_site {
        table.asks = vec![ask(page)];
    }
    table
}

fn line(page: &Page, row: &Row, at: usize, count: usize) -> Line {
    let word = KINDS.iter().find(|(word, _)| *word == row.word());
    let about: String = row.about().chars().take(120).collect();
    let act = |label: &'static str, act: &str| {
        Act::new(HERE.to_owned(), page.t(label)).say(format!("{act}:{at}"))
    };
    let mut acts = Vec::new();
    if at > 0 {
        acts.push(act("home-row-up", "up"));
    }
    if at + 1 < count {
        acts.push(act("home-row-down", "down"));
    }
    acts.push(act("remove", "remove"));
    Line {
        cells: vec![
            Cell::text(word.map_or("", |(_, key)| page.t(key))),
            Cell::text(about),
        ],
        acts,
    }
}

fn ask(page: &Page) -> Ask {
    let mut kind = Field::new("kind", page.t("home-row"), Kind::Choice);
    kind.choices = KINDS
        .iter()
        .map(|(word, key)| Choice {
            value: (*word).to_owned(),
            label: page.t(key).to_owned(),
            note: "",
            chosen: *word == "new",
        })
        .collect();
    let about = Field::new("about", page.t("home-row-about"), Kind::Area);
    Ask {
        url: HERE.to_owned(),
        act: "add".to_owned(),
        title: page.t("home-row-add"),
        fields: vec![kind, about.hint(page.t("home-row-hint"))],
        button: page.t("home-row-add"),
        ..Ask::default()
    }
}

/// `POST /admin/home`: one row is added, moved or taken away.
pub async fn act(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    let mut rows = rows(&app);
    let (act, at) = form
        .text("act")
        .split_once(':')
        .unwrap_or((form.text("act"), ""));
    let at = at.parse::<usize>().ok().filter(|at| *at < rows.len());
    match (act, at) {
        ("up", Some(at)) if at > 0 => rows.swap(at, at - 1),
        ("down", Some(at)) if at + 1 < rows.len() => rows.swap(at, at + 1),
        ("remove", Some(at)) => drop(rows.remove(at)),
        ("add", _) => match added(&app, &page, &form).await? {
            Ok(row) => rows.push(row),
            Err(why) => {
                let mut table = list(&app, &page);
                table.refuse(&form, why.to_owned());
                return Ok(table.render());
            }
        },
        _ => return Err(Error::bad_request("There is no such row.")),
    }
    rows.truncate(MOST);
    save(&app, &rows).await?;
    Ok(go(&app, HERE, Some((false, page.t("saved")))))
}

/// The row that the form asks for, or why there is none such.
async fn added(
    app: &App,
    page: &Page,
    form: &Form,
) -> Result<std::result::Result<Row, &'static str>> {
    let kind = form.text("kind");
    let takes = matches!(kind, "channel" | "tag" | "playlist" | "text");
    let line = if takes {
        format!("{kind}: {}", form.text("about"))
    } else {
        kind.to_owned()
    };
    let Some(row) = Row::parse(&line) else {
        return Ok(Err(page.t("home-row-wrong")));
    };
    let is_there = match &row {
        Row::Channel(handle) => there(channel::find(app, handle).await)?.is_some(),
        Row::Playlist(id) => match playlist::reference(id) {
            Ok(by) => there(playlist::find(app, by).await)?
                .is_some_and(|it| it.privacy == PlaylistPrivacy::Public),
            Err(_) => false,
        },
        _ => true,
    };
    Ok(if is_there {
        Ok(row)
    } else {
        Err(page.t("home-row-missing"))
    })
}

fn there<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Err(error) if error.status() == StatusCode::NOT_FOUND => Ok(None),
        found => found.map(Some),
    }
}

async fn save(app: &App, rows: &[Row]) -> Result<()> {
    let mut tree: Map<String, Value> = (*app.instance.changes()).clone();
    let lines: Vec<String> = rows.iter().map(Row::line).collect();
    let place = tree
        .get_mut("instance")
        .and_then(|group| group.get_mut("customizations"))
        .and_then(Value::as_object_mut);
    if let Some(place) = place {
        place.insert("home".to_owned(), json!(lines));
    }
    instance::change(app, &tree).await?;
    Ok(())
}
