//! The page where the captions of one language are written, beside the video.

use super::edit::own;
use super::parts;
use crate::access::Me;
use crate::app::App;
use crate::error::{Error, Result};
use crate::page::card::shape;
use crate::page::form::Form;
use crate::page::{Page, go};
use crate::video::{Video, caption, labels, vtt};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::storage::Class;

#[derive(Template)]
#[template(path = "studio/captions.html")]
struct Captions<'p> {
    page: &'p Page,
    error: Option<String>,
    uuid: String,
    title: String,
    shape: &'static str,
    language: String,
    label: String,
    /// A file with the sound of the video, to listen to while writing.
    watch: Option<String>,
    poster: Option<String>,
    text: String,
}

/// `GET /my/videos/{id}/captions/{language}`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path((id, language)): Path<(String, String)>,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    let text = kept(&app, &video, &language).await?;
    let template = template(&app, &page, &video, &language, text).await?;
    Ok(page.render(&template))
}

async fn kept(app: &App, video: &Video, language: &str) -> Result<String> {
    let captions = caption::list(app, video).await?;
    let Some(found) = captions.into_iter().find(|it| it.language == language) else {
        return Ok("WEBVTT\n".to_owned());
    };
    let limit = 2 * caption::LARGEST_FILE;
    let file = app
        .storage
        .get(Class::Caption, &found.filename, limit)
        .await;
    let file = file.map_err(Error::internal)?;
    Ok(String::from_utf8_lossy(&file).into_owned())
}

async fn template<'p>(
    app: &App,
    page: &'p Page,
    video: &Video,
    language: &str,
    text: String,
) -> Result<Captions<'p>> {
    let label = page
        .language_name(language)
        .ok_or_else(|| Error::not_found("There is no such language."))?;
    Ok(Captions {
        page,
        error: None,
        uuid: video.uuid.to_string(),
        title: video.name.clone(),
        shape: shape(video.aspect_ratio),
        language: language.to_owned(),
        label: label.to_owned(),
        watch: parts::frames(app, video).await?,
        poster: video
            .preview
            .as_deref()
            .map(|name| format!("/lazy-static/previews/{name}")),
        text,
    })
}

/// `POST /my/videos/{id}/captions/{language}`.
pub async fn save(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path((id, language)): Path<(String, String)>,
    form: Form,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    let mut template = template(&app, &page, &video, &language, String::new()).await?;
    let text = form.raw("cues").replace("\r\n", "\n");
    if vtt::to_vtt(text.as_bytes()).is_none() {
        template.text = text;
        template.error = Some(page.t("fault-caption").to_owned());
        return Ok(page.render_with(&template, StatusCode::BAD_REQUEST, &[]));
    }
    caption::set(&app, &video, &language, text.as_bytes(), false).await?;
    let place = format!("/my/videos/{}", video.uuid);
    Ok(go(&app, &place, Some((false, page.t("captions-saved")))))
}

/// `POST /my/videos/{id}/captions`: leads to the page of the chosen language.
pub async fn begin(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    let language = form.text("language");
    if labels::language_label(language).is_none() {
        return Err(Error::bad_request("There is no such language."));
    }
    let place = format!("/my/videos/{}/captions/{language}", video.uuid);
    Ok(go(&app, &place, None))
}
