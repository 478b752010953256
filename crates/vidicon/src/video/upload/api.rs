//! The REST routes of uploads: one request, or the resumable protocol that PeerTube's clients speak.

use super::{Metadata, Piece, Purpose, Received, Upload, UploadState, kinds, range_of, replace};
use crate::access::Me;
use crate::account::User;
use crate::app::App;
use crate::channel::{self, ChannelId};
use crate::check::form::{FileField, Form, FormFile, wrong_file};
use crate::check::{Check, Place, Query};
use crate::error::{Error, Result};
use crate::video::input::Fields;
use crate::video::{Privacy, VideoId, picture, quota};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

const THUMBNAIL: &str = "thumbnailfile";
const PREVIEW: &str = "previewfile";

/// `POST /videos/upload`: the whole file in one multipart request.
pub async fn upload(State(app): State<App>, me: Me, request: Request) -> Result<Json<Value>> {
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse().ok());
    super::check_room(&app, announced.unwrap_or(0))?;
    let fields = [
        FileField {
            name: "videofile",
            max_bytes: None,
        },
        FileField::picture(THUMBNAIL),
        FileField::picture(PREVIEW),
    ];
    let form = Form::read(&app, request, &fields).await?;
    Ok(Json(take_whole(&app, &me, form, "videofile").await?))
}

/// Makes a video of a form with its whole file in this field; gives what the client is told.
pub async fn take_whole(app: &App, me: &Me, mut form: Form, field: &'static str) -> Result<Value> {
    let file = form.take(field);
    let file = file.ok_or_else(|| wrong_file(field, "Should have a file"))?;
    let size_bytes = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
    let (kind, filename) = (file.kind.clone(), shown_name(&file.filename));
    let metadata = describe(app, me, &form, (&kind, filename), size_bytes).await?;
    let upload = Upload {
        id: format!("{}-{}", me.id, base::random::token()),
        user_id: me.id,
        purpose: Purpose::Video,
        video_id: None,
        metadata,
        size_bytes,
        state: UploadState::Open,
        answer: None,
        updated_at: app.clock.now(),
    };
    keep_pictures(app, &upload, &mut form)?;
    finish_whole(app, me, upload, &file).await
}

/// The file has come as a whole, so its upload begins and ends at once.
async fn finish_whole(app: &App, me: &Me, upload: Upload, file: &FormFile) -> Result<Value> {
    super::store::add(&app.db, &upload, &upload.id).await?;
    std::fs::rename(file.file.path(), upload.path(app))?;
    match super::finished(app, &me.0, upload).await? {
        Received::Done { answer, .. } => Ok(answer),
        Received::More(_) => Err(Error::internal("a whole upload is not finished")),
    }
}

/// `POST /videos/upload-resumable`: announces a file.
pub async fn begin(State(app): State<App>, me: Me, request: Request) -> Result<Response> {
    let headers = request.headers().clone();
    let pictures = [FileField::picture(THUMBNAIL), FileField::picture(PREVIEW)];
    let mut form = Form::read(&app, request, &pictures).await?;
    let announced = Announced::read(&headers, &form.fields)?;
    let named = (announced.kind.as_str(), announced.filename.clone());
    let metadata = describe(&app, &me, &form, named, announced.size_bytes).await?;
    let upload = announced.into_upload(&me, Purpose::Video, None, metadata);
    start(&app, upload, &mut form, &headers).await
}

/// `POST /videos/{id}/source/replace-resumable`: announces another file for a video.
pub async fn begin_replace(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response> {
    let headers = request.headers().clone();
    let mut form = Form::read(&app, request, &[]).await?;
    let announced = Announced::read(&headers, &form.fields)?;
    let video = replace::check(&app, &me, &id).await?;
    let ending = kinds::ending(&app, &announced.kind, &announced.filename)?;
    quota::room_left(&app, &me, announced.size_bytes).await?;
    let metadata = Metadata {
        fields: std::mem::take(&mut form.fields),
        filename: announced.filename.clone(),
        ending,
        ..Metadata::default()
    };
    let upload = announced.into_upload(&me, Purpose::Replace, Some(video.id), metadata);
    start(&app, upload, &mut form, &headers).await
}

/// Puts the whole file in this field of a form in the place of a video's; gives what the client
/// is told.
pub async fn take_replacement(
    app: &App,
    me: &Me,
    id: &str,
    mut form: Form,
    field: &'static str,
) -> Result<Value> {
    let file = form.take(field);
    let file = file.ok_or_else(|| wrong_file(field, "Should have a file"))?;
    let size_bytes = i64::try_from(file.size_bytes).unwrap_or(i64::MAX);
    let video = replace::check(app, me, id).await?;
    let filename = shown_name(&file.filename);
    let ending = kinds::ending(app, &file.kind, &filename)?;
    quota::room_left(app, me, size_bytes).await?;
    let upload = Upload {
        id: format!("{}-{}", me.id, base::random::token()),
        user_id: me.id,
        purpose: Purpose::Replace,
        video_id: Some(video.id),
        metadata: Metadata {
            filename,
            ending,
            ..Metadata::default()
        },
        size_bytes,
        state: UploadState::Open,
        answer: None,
        updated_at: app.clock.now(),
    };
    finish_whole(app, me, upload, &file).await
}

/// `PUT` of either: a piece, or the question how much is there.
pub async fn receive(
    State(app): State<App>,
    me: Me,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let (parts, body) = request.into_parts();
    let upload = super::own(&app, &me, upload_id(&query)).await?;
    let piece = Piece::read(&parts.headers)?;
    let digest = parts
        .headers
        .get("digest")
        .and_then(|value| value.to_str().ok());
    answered(super::receive(&app, &me.0, upload, piece, digest, body).await?)
}

/// What the client of a resumable upload is told.
pub fn answered(received: Received) -> Result<Response> {
    match received {
        Received::More(length) => Ok(awaiting(StatusCode::PERMANENT_REDIRECT, length)),
        Received::Done {
            answer,
            is_repeated,
        } => {
            let mut response = Json(answer).into_response();
            if is_repeated {
                let value = header::HeaderValue::from_static("true");
                let headers = response.headers_mut();
                headers.insert("x-resumable-upload-cached", value);
            }
            Ok(response)
        }
    }
}

/// `DELETE` of either: the client gives up.
pub async fn cancel(State(app): State<App>, me: Me, Query(query): Query) -> Result<StatusCode> {
    let upload = super::own(&app, &me, upload_id(&query)).await?;
    super::cancel(&app, &upload).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub fn upload_id(query: &Map<String, Value>) -> Option<&str> {
    query.get("upload_id").and_then(Value::as_str)
}

/// 308 (or 200 at the beginning) with the bytes that are there.
fn awaiting(status: StatusCode, length: u64) -> Response {
    let mut response = (status, Body::empty()).into_response();
    if length > 0
        && let Ok(range) = range_of(length).parse()
    {
        response.headers_mut().insert(header::RANGE, range);
    }
    response
}

/// What the head of a resumable upload says.
pub struct Announced {
    pub filename: String,
    pub kind: String,
    pub size_bytes: i64,
}

impl Announced {
    pub fn read(headers: &HeaderMap, fields: &Map<String, Value>) -> Result<Self> {
        let mut check = Check::body(fields);
        let filename = check.text("filename", 1..=1000);
        let filename = check.required("filename", filename);
        check.finish()?;
        let mut given = Map::new();
        for name in ["x-upload-content-length", "x-upload-content-type"] {
            if let Some(value) = headers.get(name).and_then(|value| value.to_str().ok()) {
                given.insert(name.to_owned(), value.into());
            }
        }
        let mut check = Check::new(Place::Headers, &given);
        let size = check.int("x-upload-content-length", 0..=i64::MAX / 4);
        let size = check.required("x-upload-content-length", size);
        let kind = check.text("x-upload-content-type", 1..=255);
        let kind = check.required("x-upload-content-type", kind);
        check.finish()?;
        Ok(Announced {
            filename: shown_name(&filename.unwrap_or_default()),
            kind: kind.unwrap_or_default(),
            size_bytes: size.unwrap_or(0),
        })
    }

    pub fn into_upload(
        self,
        user: &User,
        purpose: Purpose,
        video_id: Option<VideoId>,
        metadata: Metadata,
    ) -> Upload {
        Upload {
            id: String::new(),
            user_id: user.id,
            purpose,
            video_id,
            metadata,
            size_bytes: self.size_bytes,
            state: UploadState::Open,
            answer: None,
            updated_at: 0,
        }
    }
}

/// Checks all that a video is to be made of, in the order in which clients are told.
pub(super) async fn describe(
    app: &App,
    me: &Me,
    form: &Form,
    (kind, filename): (&str, String),
    size_bytes: i64,
) -> Result<Metadata> {
    let is_there = |field: &str| form.files.iter().any(|file| file.field == field);
    for file in &form.files {
        if !picture::TYPES.contains(&file.kind.as_str()) {
            return Err(wrong_file(
                &file.field,
                "This is no picture of a known type.",
            ));
        }
    }
    let fields = Fields::of_new(&form.fields, app.instance.labels())?;
    let channel_id = ChannelId::new(fields.channel_id.clone().or(0));
    channel::for_video(app, me, channel_id).await?;
    let ending = kinds::ending(app, kind, &filename)?;
    quota::newcomer_may_add(app, me).await?;
    quota::room_left(app, me, size_bytes).await?;
    fields.passwords(fields.privacy.clone().or(Privacy::Private))?;
    Ok(Metadata {
        fields: form.fields.clone(),
        filename,
        ending,
        has_thumbnail: is_there(THUMBNAIL),
        has_preview: is_there(PREVIEW),
        direct: None,
    })
}

/// Begins an upload and says where its pieces go.
async fn start(
    app: &App,
    upload: Upload,
    form: &mut Form,
    headers: &HeaderMap,
) -> Result<Response> {
    let path = match upload.video_id {
        Some(id) => format!("/api/v1/videos/{id}/source/replace-resumable"),
        None => "/api/v1/videos/upload-resumable".to_owned(),
    };
    start_at(app, upload, form, headers, &path).await
}

/// As [`start`], for pieces that go to this path.
pub async fn start_at(
    app: &App,
    upload: Upload,
    form: &mut Form,
    headers: &HeaderMap,
    path: &str,
) -> Result<Response> {
    let (upload, there) = super::begin(app, upload).await?;
    keep_pictures(app, &upload, form)?;
    let status = match there {
        Some(_) => StatusCode::OK,
        None => StatusCode::CREATED,
    };
    let mut response = awaiting(status, there.unwrap_or(0));
    // Without a scheme: a proxy before us may speak another one than we do.
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .map_or_else(|| app.host(), str::to_owned);
    let location = format!(
        "//{host}{path}?uploadType=resumable&upload_id={}",
        upload.id
    );
    let location = location.parse().map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// Pictures wait beside the upload until it is finished.
pub(super) fn keep_pictures(app: &App, upload: &Upload, form: &mut Form) -> Result<()> {
    std::fs::create_dir_all(crate::check::form::uploads_folder(app))?;
    for (field, path) in [
        (THUMBNAIL, upload.thumbnail_path(app)),
        (PREVIEW, upload.preview_path(app)),
    ] {
        if let Some(file) = form.take(field) {
            std::fs::rename(file.file.path(), path)?;
        }
    }
    Ok(())
}

/// A file's name without folders and control characters.
fn shown_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let plain: String = last.chars().filter(|c| !c.is_control()).take(255).collect();
    if plain.trim().is_empty() {
        "video".to_owned()
    } else {
        plain
    }
}
