//! The REST routes of captions, and their files.

use super::super::visibility::seen;
use super::super::{VideoId, VideoRef, caption, files, find, labels, manage, vtt};
use crate::access::{Me, Viewer};
use crate::account::Right;
use crate::app::App;
use crate::check::Check;
use crate::check::form::{FileField, Form, wrong_file};
use crate::check::wrong_param;
use crate::error::{Error, Result, no_content};
use crate::wire::{self, Iso};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use base::storage::Class;
use serde_json::{Value, json};

pub async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let video = seen(&app, &viewer, &id, &headers).await?;
    let captions = caption::list(&app, &video).await?;
    let data: Vec<Value> = captions
        .iter()
        .map(|it| {
            let path = format!("/lazy-static/video-captions/{}", it.filename);
            let playlist = format!("{}.m3u8", path.trim_end_matches(".vtt"));
            json!({
                "language": labels::language(Some(&it.language)),
                "automaticallyGenerated": it.automatically_generated,
                "captionPath": path,
                "fileUrl": it.url.clone().unwrap_or_else(|| app.url(&path)),
                "m3u8Url": it.url.is_none().then(|| app.url(&playlist)),
                "updatedAt": Iso(it.updated_at),
            })
        })
        .collect();
    wire::json(&json!({ "total": data.len(), "data": data }))
}

/// What browsers and tools call a caption file.
const KINDS: [&str; 4] = [
    "text/vtt",
    "application/x-subrip",
    "text/plain",
    "application/octet-stream",
];

/// Puts a file of WebVTT or SubRip in the place of a language's caption.
pub async fn set(
    State(app): State<App>,
    me: Me,
    Path((id, code)): Path<(String, String)>,
    request: Request,
) -> Result<Response> {
    let field = FileField {
        name: "captionfile",
        max_bytes: Some(caption::LARGEST_FILE),
    };
    let mut form = Form::read(&app, request, &[field]).await?;
    let by = VideoRef::read(&id)?;
    let code = language(&code)?;
    let file = form
        .take(field.name)
        .ok_or_else(|| wrong_file(field.name, "Should have a file"))?;
    if !KINDS.contains(&file.kind.as_str()) {
        return Err(wrong_file(
            field.name,
            "This caption file is not supported: .vtt and .srt are.",
        ));
    }
    let mut check = Check::body(&form.fields);
    let generated = check.lenient_bool("automaticallyGenerated").value();
    check.finish()?;
    let video = find(&app, by).await?;
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    let bytes = tokio::fs::read(file.file.path()).await?;
    caption::set(&app, &video, code, &bytes, generated.unwrap_or(false)).await?;
    Ok(no_content())
}

fn language(text: &str) -> Result<&str> {
    match labels::language_label(text) {
        Some(_) => Ok(text),
        None => Err(wrong_param("captionLanguage", text)),
    }
}

pub async fn delete(
    State(app): State<App>,
    me: Me,
    Path((id, code)): Path<(String, String)>,
) -> Result<Response> {
    let by = VideoRef::read(&id)?;
    let code = language(&code)?;
    let video = find(&app, by).await?;
    if !caption::list(&app, &video)
        .await?
        .iter()
        .any(|it| it.language == code)
    {
        return Err(Error::not_found("Video caption not found"));
    }
    manage(&app, &me, &video, Right::UpdateAnyVideo).await?;
    caption::remove(&app, &video, code).await?;
    Ok(no_content())
}

/// A caption file, or the playlist around it. Its name changes with its content.
pub async fn file(State(app): State<App>, Path(name): Path<String>) -> Result<Response> {
    let gone = || Error::not_found("There is no such caption.");
    let (kind, body) = if let Some(stem) = name.strip_suffix(".m3u8") {
        let filename = format!("{stem}.vtt");
        let caption = caption::by_file(&app, &filename).await?.ok_or_else(gone)?;
        let video = find(&app, VideoRef::Number(VideoId::new(caption.video_id))).await?;
        let playlist = vtt::playlist(&filename, video.duration_s);
        (
            "application/vnd.apple.mpegurl",
            playlist.into_bytes().into(),
        )
    } else {
        let limit = 2 * caption::LARGEST_FILE;
        let mut stored = app.storage.get(Class::Caption, &name, limit).await;
        // Those of other servers come here when they are first looked at.
        if stored.is_err() && files::fetch_remote(&app, Class::Caption, &name, &name).await? {
            stored = app.storage.get(Class::Caption, &name, limit).await;
        }
        ("text/vtt; charset=utf-8", stored.map_err(|_| gone())?)
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    Ok((headers, body).into_response())
}
