//! The page where a video is cut: what stays, what goes, what comes before, after and on top of it.

use super::api::{self, FILES};
use crate::access::Me;
use crate::app::App;
use crate::check::form::{FileField, Form};
use crate::error::{Error, Result};
use crate::page::card::{clock, seconds, shape};
use crate::page::{Page, go, words};
use crate::video::studio::edit::own;
use crate::video::studio::frames;
use crate::video::{self, Video, VideoState};
use askama::Template;
use axum::extract::{Path, Request, State};
use axum::response::Response;
use serde_json::{Map, Value, json};

#[derive(Template)]
#[template(path = "studio/cut.html")]
struct Cut<'p> {
    page: &'p Page,
    error: Option<String>,
    uuid: String,
    title: String,
    shape: &'static str,
    frames: Option<String>,
    length: String,
    /// Why it cannot be cut at the moment.
    hindrance: Option<&'static str>,
    typed: Typed,
}

/// What was typed; files have to be chosen again.
#[derive(Default)]
struct Typed {
    start: String,
    end: String,
    ranges: Vec<(String, String)>,
}

/// The files that may be brought, and what is made of each.
const BRINGS: [(&str, &str); 3] = [
    ("intro", "add-intro"),
    ("outro", "add-outro"),
    ("mark", "add-watermark"),
];

/// `GET /my/videos/{id}/cut`.
pub async fn show(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    let template = template(&app, &page, &video, Typed::default()).await?;
    Ok(page.render(&template))
}

async fn template<'p>(
    app: &App,
    page: &'p Page,
    video: &Video,
    mut typed: Typed,
) -> Result<Cut<'p>> {
    let kept = video::files::whole(app, video).await?;
    let hindrance = if !app.instance.settings().video_studio.enabled {
        Some(page.t("cut-off"))
    } else if video.is_live {
        Some(page.t("cut-live"))
    } else if video.state == VideoState::ToEdit {
        Some(page.t("cut-now"))
    } else if video.state == VideoState::ToTranscode {
        Some(page.t("fault-being-made"))
    } else if kept.is_none() {
        Some(page.t("cut-no-original"))
    } else {
        None
    };
    if typed.ranges.is_empty() {
        typed.ranges.push((String::new(), String::new()));
    }
    Ok(Cut {
        page,
        error: None,
        uuid: video.uuid.to_string(),
        title: video.name.clone(),
        shape: shape(video.aspect_ratio),
        frames: frames(app, video).await?,
        length: clock(video.duration_s),
        hindrance,
        typed,
    })
}

/// `POST /my/videos/{id}/cut`.
pub async fn save(
    State(app): State<App>,
    page: Page,
    me: Me,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response> {
    let video = own(&app, &me, &id).await?;
    let fields = BRINGS.map(|(name, _)| FileField {
        name,
        max_bytes: None,
    });
    let mut form = Form::read(&app, request, &fields).await?;
    let typed = typed(&form.fields);
    let done = match tasks(&mut form, &typed, video.duration_s) {
        Ok(tasks) if tasks.is_empty() => Err(page.t("cut-nothing").to_owned()),
        Ok(_) if !form.fields.contains_key("sure") => Err(page.t("cut-sure-first").to_owned()),
        Ok(tasks) => {
            form.fields.insert("tasks".to_owned(), tasks.into());
            let done = api::take(&app, &me, &id, form).await;
            match done {
                Err(error) if error.status().is_server_error() => return Err(error),
                done => done.map_err(|error| words::fault(&page, &error, &[("tasks", "cut")])),
            }
        }
        Err(key) => Err(page.t(key).to_owned()),
    };
    let error = match done {
        Ok(()) => {
            let place = format!("/my/videos/{}", video.uuid);
            return Ok(go(&app, &place, Some((false, page.t("cut-ordered")))));
        }
        Err(error) => error,
    };
    let mut template = template(&app, &page, &video, typed).await?;
    template.error = Some(error);
    let status = Error::bad_request("").status();
    Ok(page.render_with(&template, status, &[]))
}

fn typed(fields: &Map<String, Value>) -> Typed {
    let all = |name: &str| -> Vec<String> {
        match fields.get(name) {
            Some(Value::Array(list)) => list.iter().map(text).collect(),
            Some(one) => vec![text(one)],
            None => Vec::new(),
        }
    };
    let one = |name: &str| all(name).into_iter().next().unwrap_or_default();
    let ranges = all("from").into_iter().zip(all("to"));
    Typed {
        start: one("start"),
        end: one("end"),
        ranges: ranges
            .filter(|(from, to)| !from.is_empty() || !to.is_empty())
            .collect(),
    }
}

fn text(value: &Value) -> String {
    let text = value.as_str().map(str::to_owned);
    text.unwrap_or_else(|| value.to_string()).trim().to_owned()
}

/// The tasks as the API takes them, each file under the name that it has there. A wrong time is
/// said with the key of a message.
fn tasks(form: &mut Form, typed: &Typed, length_s: i64) -> Result<Vec<Value>, &'static str> {
    let time = |text: &str| match text {
        "" => Ok(None),
        text => seconds(text).map(Some).ok_or("cut-wrong-time"),
    };
    let mut tasks = Vec::new();
    let mut segments = Vec::new();
    for (from, to) in &typed.ranges {
        let (from, to) = (time(from)?.unwrap_or(0), time(to)?.unwrap_or(length_s));
        if from >= to || from >= length_s {
            return Err("cut-wrong-range");
        }
        segments.push(json!({ "start": from, "end": to }));
    }
    // Stretches are counted on the whole video, so they go before its ends are cut.
    let (start, end) = (time(&typed.start)?, time(&typed.end)?);
    if end.is_some_and(|end| start.unwrap_or(0) >= end) {
        return Err("cut-wrong-range");
    }
    if let Some(start) = start.filter(|start| *start > 0) {
        segments.push(json!({ "start": 0, "end": start }));
    }
    if let Some(end) = end.filter(|end| *end < length_s) {
        segments.push(json!({ "start": end, "end": length_s + 1 }));
    }
    if !segments.is_empty() {
        let options = json!({ "segments": segments });
        tasks.push(json!({ "name": "remove-segments", "options": options }));
    }
    form.files.retain(|file| file.size_bytes > 0);
    // The watermark comes first, so that it is not laid over an intro.
    for (field, name) in BRINGS.into_iter().rev() {
        let file = form.files.iter_mut().find(|file| file.field == field);
        if let (Some(file), Some(place)) = (file, FILES.get(tasks.len())) {
            (*place).clone_into(&mut file.field);
            tasks.push(json!({ "name": name, "options": {} }));
        }
    }
    Ok(tasks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(start: &str, end: &str, ranges: &[(&str, &str)]) -> Result<Vec<Value>, &'static str> {
        let ranges = ranges
            .iter()
            .map(|(from, to)| ((*from).to_owned(), (*to).to_owned()));
        let typed = Typed {
            start: start.to_owned(),
            end: end.to_owned(),
            ranges: ranges.collect(),
        };
        tasks(&mut Form::default(), &typed, 60)
    }

    #[test]
    fn what_is_typed_becomes_tasks() {
        assert_eq!(cut("", "", &[]), Ok(Vec::new()));
        let made = cut("0:05", "0:50", &[("0:10", "0:20")]).unwrap();
        let segments = &made[0]["options"]["segments"];
        assert_eq!(segments[0], json!({ "start": 10, "end": 20 }));
        assert_eq!(segments[1], json!({ "start": 0, "end": 5 }));
        assert_eq!(segments[2], json!({ "start": 50, "end": 61 }));
        assert_eq!(cut("soon", "", &[]), Err("cut-wrong-time"));
        assert_eq!(cut("0:30", "0:20", &[]), Err("cut-wrong-range"));
        assert_eq!(cut("", "", &[("0:20", "0:10")]), Err("cut-wrong-range"));
        assert_eq!(cut("", "", &[("2:00", "3:00")]), Err("cut-wrong-range"));
    }
}
