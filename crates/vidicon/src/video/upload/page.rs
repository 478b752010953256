//! The page where files are sent. With script it is a queue of resumable uploads; without, a form.

use super::api::take_whole;
use crate::access::Me;
use crate::app::App;
use crate::check::form::{FileField, Form};
use crate::error::{Error, Result};
use crate::page::card::Choice;
use crate::page::{Page, go, words};
use crate::video::quota;
use crate::video::studio::fields::{self, Chosen, Options};
use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use base::storage::Class;
use serde_json::{Map, Value};

#[derive(Template)]
#[template(path = "video/upload.html")]
struct UploadPage<'p> {
    page: &'p Page,
    error: Option<String>,
    /// How much may still come.
    room: String,
    /// Files can go straight to the bucket.
    is_direct: bool,
    /// The site is short of money.
    is_short: bool,
    name: String,
    description: String,
    tags: String,
    channels: Vec<Choice>,
    licences: Vec<Choice>,
    categories: Vec<Choice>,
    languages: Vec<Choice>,
    privacies: Vec<Choice>,
}

/// `GET /upload`.
pub async fn show(State(app): State<App>, page: Page, me: Me) -> Result<Response> {
    let template = fill(&app, &page, &me, &Map::new()).await?;
    Ok(page.render_with(&template, StatusCode::OK, &origins(&app)))
}

/// Where the page's script sends files to besides the site.
fn origins(app: &App) -> Vec<String> {
    let url = app.storage.put_url(Class::Original).map(url::Url::parse);
    let url = url.and_then(std::result::Result::ok);
    url.map(|url| url.origin().ascii_serialization())
        .into_iter()
        .collect()
}

/// `POST /upload`: one file with all that is said about it.
pub async fn send(
    State(app): State<App>,
    page: Page,
    me: Me,
    request: Request,
) -> Result<Response> {
    let file = FileField {
        name: "file",
        max_bytes: None,
    };
    let mut form = Form::read(&app, request, &[file]).await?;
    let typed = std::mem::take(&mut form.fields);
    form.fields = fields::body(&typed);
    match arrive(&app, &me, form).await {
        Ok(uuid) => Ok(go(
            &app,
            &format!("/my/videos/{uuid}"),
            Some((false, page.t("upload-done"))),
        )),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let mut template = fill(&app, &page, &me, &typed).await?;
            template.error = Some(match error.code_str() {
                Some("no_file") => page.t("upload-no-file").to_owned(),
                _ => words::fault(&page, &error, &fields::LABELS),
            });
            Ok(page.render_with(&template, error.status(), &origins(&app)))
        }
    }
}

/// Makes the video and tells its UUID.
async fn arrive(app: &App, me: &Me, form: Form) -> Result<String> {
    if form.files.iter().all(|file| file.size_bytes == 0) {
        return Err(Error::new(StatusCode::BAD_REQUEST, "No file was chosen.").code("no_file"));
    }
    let answer = take_whole(app, me, form, "file").await?;
    let uuid = answer.pointer("/video/uuid").and_then(Value::as_str);
    Ok(uuid.unwrap_or_default().to_owned())
}

async fn fill<'p>(
    app: &App,
    page: &'p Page,
    me: &Me,
    typed: &Map<String, Value>,
) -> Result<UploadPage<'p>> {
    let text = |name: &str| typed.get(name).and_then(Value::as_str).unwrap_or_default();
    let privacy = text("privacy");
    let usual = app.instance.settings().defaults.publish.privacy.to_string();
    let chosen = Chosen {
        channel: text("channelId"),
        licence: text("licence"),
        category: text("category"),
        language: text("language"),
        privacy: if privacy.is_empty() { &usual } else { privacy },
    };
    let options = Options::read(app, page, me, chosen).await?;
    // Those with a password are made on the page of the video, where there is room to give it.
    let privacies = options
        .privacies
        .into_iter()
        .filter(|option| option.value != "5")
        .collect();
    Ok(UploadPage {
        page,
        error: None,
        room: room(app, page, me).await?,
        is_direct: app.storage.is_in_bucket(Class::Original),
        is_short: app.traffic.savings().ask_uploaders,
        name: text("name").to_owned(),
        description: text("description").to_owned(),
        tags: text("tags").to_owned(),
        channels: options.channels,
        licences: options.licences,
        categories: options.categories,
        languages: options.languages,
        privacies,
    })
}

async fn room(app: &App, page: &Page, me: &Me) -> Result<String> {
    if me.quota_bytes < 0 && me.quota_daily_bytes < 0 {
        return Ok(page.t("upload-room-free").to_owned());
    }
    let used = quota::quota_used(app, me.account_id).await?;
    let left = |quota: i64, used: i64| {
        if quota < 0 {
            i64::MAX
        } else {
            (quota - used).max(0)
        }
    };
    let free =
        left(me.quota_bytes, used.total_bytes).min(left(me.quota_daily_bytes, used.daily_bytes));
    Ok(page.tx("upload-room", "room", page.texts.size(free)))
}
