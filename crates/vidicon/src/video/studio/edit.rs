//! The page of one video with all that can be changed of it.

use super::fields::{self, Chosen, Options, languages};
use super::parts::{self, Caption, ChapterLine, KeptFile};
use crate::access::Me;
use crate::account::{Right, User};
use crate::app::App;
use crate::check::form::{FileField, Form as BigForm};
use crate::error::{Error, Result};
use crate::page::card::{Choice, shape};
use crate::page::form::Form;
use crate::page::{Page, go, words};
use crate::video::upload::api::take_replacement;
use crate::video::upload::twin::{self, Twin};
use crate::video::{
    CommentsPolicy, Privacy, Video, VideoRef, VideoState, api, find, manage, picture,
};
use crate::zone::{self, Zone};
use askama::Template;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

#[derive(Template)]
#[template(path = "video/edit.html")]
struct Edit<'p> {
    page: &'p Page,
    error: Option<String>,
    v: Edited,
    /// Other videos of the same file.
    twins: Vec<Twin>,
    channels: Vec<Choice>,
    licences: Vec<Choice>,
    categories: Vec<Choice>,
    languages: Vec<Choice>,
    privacies: Vec<Choice>,
    comments: Vec<Choice>,
    qualities: Vec<Choice>,
    ages: Vec<Choice>,
    caption_languages: Vec<Choice>,
}

/// A video as the form has it.
struct Edited {
    uuid: String,
    url: String,
    title: String,
    /// What stands in the form, which may differ from the title.
    name: String,
    description: String,
    support: String,
    tags: String,
    passwords: String,
    picture: Option<String>,
    shape: &'static str,
    width: i64,
    height: i64,
    /// A file of which a frame can be chosen.
    frames: Option<String>,
    chapters: Vec<ChapterLine>,
    captions: Vec<Caption>,
    download: bool,
    sensitive: bool,
    sensitive_why: String,
    flags: [bool; 2],
    /// Are ages and countries of any effect here?
    gate: bool,
    asks_country: bool,
    /// Codes with spaces between.
    countries: String,
    made_on: String,
    schedule: String,
    /// The zone of the user's settings, in which the time is meant; else the browser's.
    zone: Option<String>,
    files: Vec<KeptFile>,
    size: String,
    failed: bool,
    making: bool,
    can_replace: bool,
}

/// `GET /my/videos/{id}`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    let template = template(&app, &page, &me, &video).await?;
    Ok(page.render(&template))
}

/// A video that the user may change.
pub async fn own(app: &App, me: &User, id: &str) -> Result<Video> {
    let video = find(app, VideoRef::read(id)?).await?;
    manage(app, me, &video, Right::UpdateAnyVideo).await?;
    Ok(video)
}

async fn template<'p>(app: &App, page: &'p Page, me: &User, video: &Video) -> Result<Edit<'p>> {
    let text = |number: Option<i64>| number.map(|it| it.to_string()).unwrap_or_default();
    let privacy = video.schedule_privacy.unwrap_or(video.privacy);
    let chosen = Chosen {
        channel: &video.channel_id.to_string(),
        licence: &text(video.licence),
        category: &text(video.category),
        language: video.language.as_deref().unwrap_or_default(),
        privacy: &privacy.number().to_string(),
    };
    let options = Options::read(app, page, me, chosen).await?;
    let edited = edited(app, page, video).await?;
    let taken = edited.captions.iter().map(|it| it.lang.clone());
    let taken: Vec<String> = taken.collect();
    let free = languages(page);
    let free = free.into_iter().filter(|(code, _)| !taken.contains(code));
    Ok(Edit {
        page,
        error: None,
        v: edited,
        twins: twin::twins(app, video).await?,
        channels: with_own(options.channels, video),
        licences: options.licences,
        categories: options.categories,
        languages: options.languages,
        privacies: options.privacies,
        comments: comment_choices(page, video.comments_policy.number()),
        qualities: fields::qualities(
            page,
            video.quality.unwrap_or(app.config.transcoding.quality),
        ),
        ages: fields::ages(page, video.min_age),
        caption_languages: page.choices(free, page.lang, None),
    })
}

/// A moderator's list of channels does not have that of somebody else's video.
fn with_own(mut channels: Vec<Choice>, video: &Video) -> Vec<Choice> {
    if channels.iter().all(|choice| !choice.chosen) {
        channels.insert(
            0,
            Choice {
                value: video.channel_id.to_string(),
                label: video.channel_display_name.clone(),
                note: "",
                chosen: true,
            },
        );
    }
    channels
}

fn comment_choices(page: &Page, chosen: i64) -> Vec<Choice> {
    let words = [
        (CommentsPolicy::Enabled, page.t("comments-open")),
        (CommentsPolicy::RequiresApproval, page.t("comments-looked")),
        (CommentsPolicy::Disabled, page.t("comments-off")),
    ];
    let list = words.map(|(policy, word)| (policy.number().to_string(), word));
    page.choices(list, &chosen.to_string(), None)
}

async fn edited(app: &App, page: &Page, video: &Video) -> Result<Edited> {
    let files = parts::files(app, page, video).await?;
    let flag = |bit: i64| video.nsfw_flags & bit != 0;
    let height = parts::height_for(video.aspect_ratio);
    Ok(Edited {
        uuid: video.uuid.to_string(),
        url: video.watch_path(),
        title: video.name.clone(),
        name: video.name.clone(),
        description: video.description.clone().unwrap_or_default(),
        support: video.support.clone().unwrap_or_default(),
        tags: video.tags.join(", "),
        passwords: parts::passwords(app, video).await?,
        picture: video
            .preview
            .as_deref()
            .map(|name| format!("/lazy-static/previews/{name}")),
        shape: shape(video.aspect_ratio),
        width: 850,
        height,
        frames: parts::frames(app, video).await?,
        chapters: parts::chapters(app, video).await?,
        captions: parts::captions(app, page, video).await?,
        download: video.download_enabled,
        sensitive: video.nsfw,
        gate: app.instance.settings().gate.enabled,
        countries: video.guarded().hidden_in.join(" "),
        asks_country: app.countries.is_some(),
        sensitive_why: video.nsfw_summary.clone().unwrap_or_default(),
        flags: [flag(1), flag(2)],
        made_on: video
            .originally_published_at
            .map(|at| parts::minute(at).chars().take(10).collect())
            .unwrap_or_default(),
        schedule: video
            .schedule_at
            .map(|at| parts::minute(page.zone.local(at)))
            .unwrap_or_default(),
        zone: page
            .viewer
            .user()
            .and_then(|user| zone::chosen(&user.settings)),
        files: files.rows,
        size: files.sum,
        failed: video.state == VideoState::TranscodingFailed,
        making: video.state == VideoState::ToTranscode,
        can_replace: app.instance.settings().video_file.update.enabled && !video.is_live,
    })
}

/// `POST /my/videos/{id}`.
pub async fn save(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    form: Form,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    let error = match store(&app, &me, &video, &form).await {
        Ok(()) => {
            let place = format!("/my/videos/{}", video.uuid);
            return Ok(go(&app, &place, Some((false, page.t("saved")))));
        }
        Err(error) if error.status().is_server_error() => return Err(error),
        Err(error) => error,
    };
    let mut template = template(&app, &page, &me, &video).await?;
    keep(&mut template, &form);
    template.error = Some(match error.code_str() {
        Some("bad_picture") => page.t("fault-picture").to_owned(),
        Some("bad_caption") => page.t("fault-caption").to_owned(),
        _ => words::fault(&page, &error, &fields::LABELS),
    });
    Ok(page.render_with(&template, error.status(), &[]))
}

/// Puts back what was typed.
fn keep(template: &mut Edit<'_>, form: &Form) {
    let v = &mut template.v;
    for (field, place) in [
        ("name", &mut v.name),
        ("description", &mut v.description),
        ("support", &mut v.support),
        ("tags", &mut v.tags),
        ("video_password", &mut v.passwords),
        ("sensitive_why", &mut v.sensitive_why),
        ("hidden_in", &mut v.countries),
        ("made_on", &mut v.made_on),
        ("schedule", &mut v.schedule),
    ] {
        form.text(field).clone_into(place);
    }
    if form.text("zone") != OWN_ZONE
        && let Some(at) = parts::moment(form.text("schedule"), minutes(form))
    {
        v.schedule = parts::minute(at);
    }
    (v.download, v.sensitive) = (form.has("download"), form.has("sensitive"));
    v.flags = [1, 2].map(|bit| form.all("flag").any(|it| it == bit.to_string()));
    v.chapters = parts::typed_chapters(form);
    for (field, choices) in [
        ("channelId", &mut template.channels),
        ("licence", &mut template.licences),
        ("category", &mut template.categories),
        ("language", &mut template.languages),
        ("privacy", &mut template.privacies),
        ("commentsPolicy", &mut template.comments),
        ("qualityPreset", &mut template.qualities),
        ("minAge", &mut template.ages),
    ] {
        for choice in choices.iter_mut() {
            choice.chosen = choice.value == form.text(field);
        }
    }
}

/// Everything is checked before the first thing is changed, as far as it can be.
async fn store(app: &App, me: &Me, video: &Video, form: &Form) -> Result<()> {
    let chapters = parts::read_chapters(form)?;
    let caption = parts::new_caption(form)?;
    let id = video.uuid.to_string();
    api::change(app, me, &id, &body(form, &Zone::of(&me.settings))?).await?;
    if let Some(file) = form.file("thumbnail") {
        picture::set_of_bytes(app, video, &file.bytes).await?;
    }
    parts::save_chapters(app, me, video, chapters).await?;
    for language in form.all("caption_remove") {
        crate::video::caption::remove(app, video, language).await?;
    }
    if let Some((language, file)) = caption {
        crate::video::caption::set(app, video, language, file, false).await?;
    }
    Ok(())
}

fn body(form: &Form, zone: &Zone) -> Result<Map<String, Value>> {
    let typed = form.pairs();
    let typed = typed.into_iter().map(|(name, value)| (name, value.into()));
    let mut body = fields::body(&typed.collect());
    let flags: i64 = form
        .all("flag")
        .filter_map(|bit| bit.parse::<i64>().ok())
        .sum();
    let sensitive = form.has("sensitive");
    for (name, value) in [
        ("nsfw", json!(sensitive)),
        ("nsfwFlags", json!(if sensitive { flags & 3 } else { 0 })),
        (
            "nsfwSummary",
            json!(form.some("sensitive_why").filter(|_| sensitive)),
        ),
        ("downloadEnabled", json!(form.has("download"))),
        ("qualityPreset", json!(form.some("qualityPreset"))),
        ("commentsPolicy", json!(form.number("commentsPolicy"))),
        ("originallyPublishedAt", json!(form.some("made_on"))),
    ] {
        body.insert(name.to_owned(), value);
    }
    // Fields that the page does not show keep their value.
    if let Some(age) = form.number("minAge") {
        body.insert("minAge".to_owned(), age.into());
    }
    if form.all("hidden_in").next().is_some() {
        let codes = fields::codes(form.text("hidden_in"));
        body.insert("hiddenInCountries".to_owned(), json!(codes));
    }
    schedule(form, zone, &mut body)?;
    Ok(body)
}

/// What the form says where the time is meant in the zone of the user's settings.
const OWN_ZONE: &str = "own";

/// How far the browser's clock is before UTC.
fn minutes(form: &Form) -> i64 {
    form.number("zone").unwrap_or(0).clamp(-1_000, 1_000)
}

/// Until its time comes the video is private.
fn schedule(form: &Form, zone: &Zone, body: &mut Map<String, Value>) -> Result<()> {
    if form.text("schedule").is_empty() {
        body.insert("scheduleUpdate".to_owned(), Value::Null);
        return Ok(());
    }
    let at = match form.text("zone") {
        OWN_ZONE => parts::moment(form.text("schedule"), 0).map(|at| zone.at(at)),
        _ => parts::moment(form.text("schedule"), minutes(form)),
    };
    let wanted = form.number("privacy").unwrap_or(0);
    let may_come = [Privacy::Public, Privacy::Unlisted, Privacy::Internal];
    let comes = may_come.iter().any(|privacy| privacy.number() == wanted);
    let (Some(at), true) = (at, comes) else {
        let mut check = crate::check::Check::body(body);
        check.fail("scheduleUpdate.updateAt", "Invalid value");
        return check.finish();
    };
    let update = json!({ "updateAt": crate::check::iso(at), "privacy": wanted });
    body.insert("scheduleUpdate".to_owned(), update);
    body.insert("privacy".to_owned(), Privacy::Private.number().into());
    Ok(())
}

/// `POST /my/videos/{id}/file`: another file, in one request.
pub async fn replace(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    let field = FileField {
        name: "file",
        max_bytes: None,
    };
    let form = BigForm::read(&app, request, &[field]).await?;
    let place = format!("/my/videos/{}", video.uuid);
    let done = if form.files.iter().all(|file| file.size_bytes == 0) {
        Err(Error::new(
            StatusCode::BAD_REQUEST,
            page.t("upload-no-file"),
        ))
    } else {
        take_replacement(&app, &me, &id, form, "file").await
    };
    match done {
        Ok(_) => Ok(go(&app, &place, Some((false, page.t("file-replaced"))))),
        Err(error) if error.status().is_server_error() => Err(error),
        Err(error) => {
            let said = words::fault(&page, &error, &fields::LABELS);
            Ok(go(&app, &place, Some((true, &said))))
        }
    }
}
