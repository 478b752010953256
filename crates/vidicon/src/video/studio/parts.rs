//! What hangs on a video in its page: chapters, captions, passwords, files.

use super::super::store::{extra, list as store};
use crate::access::Me;
use crate::app::App;
use crate::check::Body;
use crate::check::Check;
use crate::error::{Error, Result};
use crate::page::Page;
use crate::page::card::{clock, seconds};
use crate::page::form::Form;
use crate::video::api::quality::{self, Measured};
use crate::video::{Video, api, caption, labels, vtt};
use axum::extract::{Path, State};
use base::clock::{MINUTE, Millis};
use serde_json::{Map, json};

pub struct ChapterLine {
    pub clock: String,
    pub title: String,
}

pub struct Caption {
    pub lang: String,
    pub label: String,
    pub generated: bool,
}

/// A file that is kept of a video.
pub struct KeptFile {
    pub label: String,
    pub format: &'static str,
    pub size: String,
    /// Percent of all.
    pub part: i64,
    /// How like the original its picture is.
    pub score: String,
    /// The same and its size before it was made.
    pub expected: String,
}

pub struct Files {
    pub rows: Vec<KeptFile>,
    pub sum: String,
}

/// A picture's height at 850 px of width, or within 480 px.
pub fn height_for(aspect_ratio: Option<f64>) -> i64 {
    let ratio = aspect_ratio.filter(|ratio| *ratio > 0.0).unwrap_or(1.7778);
    // The template only needs room of the right shape, so whole tens are enough.
    let tens = (1..=151).find(|tens| f64::from(*tens) * 10.0 * ratio >= 850.0);
    i64::from(tens.unwrap_or(151)) * 10
}

pub async fn passwords(app: &App, video: &Video) -> Result<String> {
    let kept = extra::passwords(&app.db, video.id, false).await?;
    let lines: Vec<String> = kept.into_iter().map(|it| it.password).collect();
    Ok(lines.join("\n"))
}

pub async fn chapters(app: &App, video: &Video) -> Result<Vec<ChapterLine>> {
    let kept = extra::chapters(&app.db, video.id).await?;
    let line = |(at, title): (i64, String)| ChapterLine {
        clock: clock(at),
        title,
    };
    Ok(with_room(kept.into_iter().map(line).collect()))
}

/// One empty line to type into.
fn with_room(mut lines: Vec<ChapterLine>) -> Vec<ChapterLine> {
    lines.push(ChapterLine {
        clock: String::new(),
        title: String::new(),
    });
    lines
}

pub fn typed_chapters(form: &Form) -> Vec<ChapterLine> {
    let pairs = form.all("chapter_time").zip(form.all("chapter_title"));
    let lines = pairs.map(|(clock, title)| ChapterLine {
        clock: clock.to_owned(),
        title: title.to_owned(),
    });
    with_room(
        lines
            .filter(|line| !line.clock.is_empty() || !line.title.is_empty())
            .collect(),
    )
}

/// The chapters of a form; lines without a title are none.
pub fn read_chapters(form: &Form) -> Result<Vec<(i64, String)>> {
    let pairs = form.all("chapter_time").zip(form.all("chapter_title"));
    let mut chapters = Vec::new();
    for (time, title) in pairs {
        let (time, title) = (time.trim(), title.trim());
        if title.is_empty() {
            continue;
        }
        let at = if time.is_empty() {
            Some(0)
        } else {
            seconds(time)
        };
        let fits = at.is_some_and(|at| chapters.iter().all(|(known, _)| *known != at));
        match at.filter(|_| fits && title.chars().count() <= 100) {
            Some(at) => chapters.push((at, title.to_owned())),
            None => return Err(wrong("chapters")),
        }
    }
    chapters.sort_by_key(|(at, _)| *at);
    Ok(chapters)
}

fn wrong(field: &str) -> Error {
    let nothing = Map::new();
    let mut check = Check::body(&nothing);
    check.fail(field, "Invalid value");
    let wrong = check.finish().err();
    wrong.unwrap_or_else(|| Error::bad_request("Invalid value"))
}

/// Chapters that stay as they are also stay whose they are: the description's.
pub async fn save_chapters(
    app: &App,
    me: &Me,
    video: &Video,
    chapters: Vec<(i64, String)>,
) -> Result<()> {
    if video.is_live || extra::chapters(&app.db, video.id).await? == chapters {
        return Ok(());
    }
    let list: Vec<_> = chapters
        .into_iter()
        .map(|(timecode, title)| json!({ "timecode": timecode, "title": title }))
        .collect();
    let body = Body(Map::from_iter([("chapters".to_owned(), json!(list))]));
    let path = Path(video.uuid.to_string());
    api::extra::set_chapters(State(app.clone()), me.clone(), path, body).await?;
    Ok(())
}

pub async fn captions(app: &App, page: &Page, video: &Video) -> Result<Vec<Caption>> {
    let kept = caption::list(app, video).await?;
    let one = |it: extra::Caption| Caption {
        label: page
            .language_name(&it.language)
            .unwrap_or(&it.language)
            .to_owned(),
        generated: it.automatically_generated,
        lang: it.language,
    };
    Ok(kept.into_iter().map(one).collect())
}

/// The captions file of a form with its language.
pub fn new_caption(form: &Form) -> Result<Option<(&str, &[u8])>> {
    let Some(file) = form.file("caption_file") else {
        return Ok(None);
    };
    let language = form.text("caption_language");
    if labels::language_label(language).is_none() || vtt::to_vtt(&file.bytes).is_none() {
        let error = Error::bad_request("The file is neither WebVTT nor SubRip.");
        return Err(error.code("bad_caption"));
    }
    Ok(Some((language, &file.bytes)))
}

/// What is kept of a video and how much room each part takes.
pub async fn files(app: &App, page: &Page, video: &Video) -> Result<Files> {
    let kept = store::files(&app.db, &[video.id]).await?;
    let original = extra::source(&app.db, video.id).await?;
    let measured = quality::measured(app, video).await?;
    let mut rows = Vec::new();
    if let Some(source) = original.filter(|source| source.key.is_some()) {
        rows.push((page.t("original").to_owned(), "", source.size_bytes, None));
    }
    for file in kept {
        let label = if file.has_video {
            labels::resolution(file.resolution, file.width, file.height)
        } else {
            page.t("sound").to_owned()
        };
        let format = if file.kind == "hls" { "HLS" } else { "MP4" };
        let measured = measured.iter().find(|it| it.id.0 == file.id);
        rows.push((label, format, file.size_bytes, measured));
    }
    for file in crate::video::files::av1_sizes(app, video.id).await? {
        let label = labels::resolution(file.resolution, Some(file.width), Some(file.height));
        rows.push((label, "HLS, AV1", file.size_bytes, None));
    }
    let sum: i64 = rows.iter().map(|(_, _, size, _)| size).sum();
    let row = |(label, format, size, measured): (String, _, i64, Option<&Measured>)| KeptFile {
        label,
        format,
        size: page.texts.size(size),
        part: size.saturating_mul(100) / sum.max(1),
        score: measured.map(|it| score(page, it)).unwrap_or_default(),
        expected: measured.map(|it| expected(page, it)).unwrap_or_default(),
    };
    Ok(Files {
        rows: rows.into_iter().map(row).collect(),
        sum: page.texts.size(sum),
    })
}

fn score(page: &Page, file: &Measured) -> String {
    if file.copied {
        return page.t("score-copied").to_owned();
    }
    let metric = file.score_metric.as_deref().unwrap_or_default();
    let score = |score| format!("{:.1} {}", quality::points(score), metric.to_uppercase());
    file.score.map(score).unwrap_or_default()
}

fn expected(page: &Page, file: &Measured) -> String {
    let (Some(score), Some(bytes)) = (file.expected_score, file.expected_bytes) else {
        return String::new();
    };
    let score = format!("{:.1}", quality::points(score));
    let size = page.texts.size(bytes);
    page.tyx("score-expected", "score", &score, "size", &size)
}

/// The address of a file that frames can be taken of: large enough for a picture, no larger.
pub async fn frames(app: &App, video: &Video) -> Result<Option<String>> {
    let kept = store::files(&app.db, &[video.id]).await?;
    let with_picture = kept
        .iter()
        .filter(|file| file.has_video && file.url.is_none());
    let best = with_picture.min_by_key(|file| (file.resolution - 720).abs());
    let Some(file) = best else {
        return Ok(None);
    };
    let place = if file.kind == "hls" {
        "streaming-playlists/hls"
    } else {
        "web-videos"
    };
    let private = if video.privacy.has_open_files() && !video.blocked {
        ""
    } else {
        "private/"
    };
    let folder = if file.kind == "hls" {
        format!("{private}{}/", video.uuid)
    } else {
        private.to_owned()
    };
    Ok(Some(format!("/static/{place}/{folder}{}", file.filename)))
}

/// A time as forms have it, to the minute, in UTC: `2026-11-20T12:00`.
pub fn minute(at: Millis) -> String {
    crate::check::iso(at).chars().take(16).collect()
}

/// The time that was typed, `minutes` before UTC.
pub fn moment(typed: &str, minutes: i64) -> Option<Millis> {
    let at = crate::check::parse_date(&format!("{}:00.000Z", typed.get(..16)?))?;
    Some(at + minutes * MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_forms() {
        assert_eq!(moment("2026-11-20T12:00", 0), Some(1_795_176_000_000));
        assert_eq!(moment("2026-11-20T12:00", -60), Some(1_795_172_400_000));
        assert_eq!(moment("tomorrow", 0), None);
        assert_eq!(minute(1_795_176_000_000), "2026-11-20T12:00");
    }

    #[test]
    fn room_for_a_picture() {
        assert_eq!(
            (height_for(Some(1.7778)), height_for(Some(0.5625))),
            (480, 1510)
        );
    }
}
