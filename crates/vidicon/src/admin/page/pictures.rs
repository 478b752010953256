//! The place's own pictures: its sign, its banner, what others show beside a link to it.

use super::tabs;
use crate::account::picture::Shape;
use crate::admin::pictures;
use crate::app::App;
use crate::error::{Error, Result};
use crate::page::card::Tab;
use crate::page::form::Form;
use crate::page::{Page, go};
use crate::wire::{AVATARS, BANNERS};
use askama::Template;
use axum::extract::State;
use axum::response::Response;

#[derive(Template)]
#[template(path = "admin/pictures.html")]
struct Pictures<'p> {
    page: &'p Page,
    tabs: Vec<Tab>,
    error: Option<&'static str>,
    lines: Vec<Line>,
}

struct Line {
    name: &'static str,
    title: &'static str,
    hint: &'static str,
    now: Option<String>,
}

const HERE: &str = "/admin/pictures";

/// What each is for, in the order of the page.
const SHAPES: [(Shape, &str, &str); 6] = [
    (Shape::HeaderSquare, "logo-square", "logo-square-hint"),
    (Shape::HeaderWide, "logo-wide", "logo-wide-hint"),
    (Shape::Favicon, "logo-icon", "logo-icon-hint"),
    (Shape::Opengraph, "logo-share", "logo-share-hint"),
    (Shape::Avatar, "logo-avatar", "logo-avatar-hint"),
    (Shape::Banner, "logo-banner", "banner-hint"),
];

/// `GET /admin/pictures`.
pub async fn show(State(app): State<App>, page: Page) -> Response {
    page.render(&template(&app, &page))
}

fn template<'p>(app: &App, page: &'p Page) -> Pictures<'p> {
    let current = app.instance.current();
    let line = |(shape, title, hint): (Shape, &'static str, &'static str)| {
        let sizes = current.pictures.get(shape.as_str());
        let widest = sizes.and_then(|sizes| sizes.iter().max_by_key(|picture| picture.width));
        let folder = if shape == Shape::Banner {
            BANNERS
        } else {
            AVATARS
        };
        Line {
            name: shape.as_str(),
            title: page.t(title),
            hint: page.t(hint),
            now: widest.map(|picture| format!("{folder}{}", picture.filename)),
        }
    };
    Pictures {
        page,
        tabs: tabs(page, "/admin/settings"),
        error: None,
        lines: SHAPES.map(line).into(),
    }
}

/// `POST /admin/pictures`: puts those that came, takes away those that are ticked.
pub async fn save(State(app): State<App>, page: Page, form: Form) -> Result<Response> {
    for (shape, ..) in SHAPES {
        let name = shape.as_str();
        let done = if let Some(file) = form.file(name) {
            pictures::put(&app, shape, file.bytes.clone()).await
        } else if form.all("remove").any(|it| it == name) {
            pictures::replace(&app, shape, &[]).await
        } else {
            continue;
        };
        match done {
            Ok(_) => {}
            Err(error) if error.status().is_server_error() => return Err(error),
            Err(error) => return Ok(refused(&app, &page, &error)),
        }
    }
    Ok(go(&app, HERE, Some((false, page.t("saved")))))
}

fn refused(app: &App, page: &Page, error: &Error) -> Response {
    let mut template = template(app, page);
    template.error = Some(page.t("fault-picture"));
    page.render_with(&template, error.status(), &[])
}
