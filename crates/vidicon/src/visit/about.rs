//! What the place is, who runs it and by which rules: `/about`.

use crate::admin::stats;
use crate::app::App;
use crate::error::Result;
use crate::instance::view::VERSION;
use crate::page::Page;
use crate::text;
use askama::Template;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::Value;

#[derive(Template)]
#[template(path = "instance/about.html")]
struct About<'p> {
    page: &'p Page,
    short: String,
    parts: Vec<Part>,
    figures: Vec<(&'static str, String)>,
    version: &'static str,
}

struct Part {
    id: &'static str,
    title: &'static str,
    html: String,
}

/// `GET /about`.
pub async fn show(State(app): State<App>, page: Page) -> Result<Response> {
    let settings = app.instance.settings();
    let site = &settings.instance;
    let texts = [
        (
            "what",
            "about-what",
            vec![&site.description, &site.creation_reason],
        ),
        (
            "rules",
            "about-rules",
            vec![&site.terms, &site.code_of_conduct],
        ),
        (
            "moderation",
            "about-moderation",
            vec![&site.moderation_information],
        ),
        (
            "who",
            "about-who",
            vec![
                &site.administrator,
                &site.maintenance_lifetime,
                &site.business_model,
                &site.hardware_information,
            ],
        ),
        ("support", "support", vec![&site.support.text]),
    ];
    let nothing = page.t("about-nothing");
    let mut parts = Vec::new();
    for (id, title, texts) in texts {
        let html: String = texts
            .iter()
            .filter(|text| !text.trim().is_empty())
            .map(|text| text::markdown_to_html(text))
            .collect();
        // The first and the rules are linked to from every page.
        let html = match (html.is_empty(), id) {
            (true, "what" | "rules") => format!("<p class=\"quiet\">{nothing}</p>"),
            _ => html,
        };
        if !html.is_empty() {
            parts.push(Part {
                id,
                title: page.t(title),
                html,
            });
        }
    }
    let about = About {
        short: site.short_description.clone(),
        parts,
        figures: figures(&app, &page).await?,
        version: VERSION,
        page: &page,
    };
    Ok(page.render(&about))
}

async fn figures(app: &App, page: &Page) -> Result<Vec<(&'static str, String)>> {
    let (figures, _) = stats::figures(app).await?;
    let shown = [
        ("figure-videos", "totalLocalVideos"),
        ("figure-people", "totalUsers"),
        ("figure-views", "totalLocalVideoViews"),
        ("figure-comments", "totalLocalVideoComments"),
    ];
    let figures = shown.iter().map(|(label, name)| {
        let count = figures.get(*name).and_then(Value::as_u64).unwrap_or(0);
        (page.t(label), page.texts.number(count))
    });
    Ok(figures.collect())
}

/// PeerTube's further pages about a site are parts of ours.
pub async fn moved() -> Response {
    (
        StatusCode::MOVED_PERMANENTLY,
        [(header::LOCATION, "/about")],
    )
        .into_response()
}
