//! The REST routes of archives of accounts.

use super::{Export, ExportId, ticket};
use crate::access::Me;
use crate::account::{self, Right, User, UserId};
use crate::app::App;
use crate::check::form::Form;
use crate::check::{self, Body, Check, Query, iso};
use crate::error::{Error, Result, no_content, plain};
use crate::takeout;
use crate::video::files::download;
use crate::video::quota;
use crate::video::upload::api::{Announced, answered, start_at, upload_id};
use crate::video::upload::{self, Finishing, Metadata, Piece, Purpose, Received, Upload};
use crate::wire::{self, Iso};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use base::storage::Class;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// An archive as clients see it.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct View {
    id: i64,
    #[schemars(with = "Map<String, Value>")]
    state: Value,
    size: Option<i64>,
    /// Opens the archive for a quarter of an hour without a log-in.
    private_download_url: Option<String>,
    file_url: Option<String>,
    #[schemars(with = "String")]
    created_at: Iso,
    #[schemars(with = "String")]
    expires_on: Iso,
}

#[derive(Serialize, JsonSchema)]
pub struct Exports {
    total: usize,
    data: Vec<View>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ImportView {
    id: i64,
    #[schemars(with = "Map<String, Value>")]
    state: Value,
    #[schemars(with = "String")]
    created_at: Iso,
}

/// The user of a path: oneself, or anybody for those with the right.
async fn managed(app: &App, me: &Me, id: UserId, right: Right) -> Result<User> {
    let user = account::user(app, id).await?;
    if user.id != me.id && !me.has(right) {
        return Err(Error::forbidden("This belongs to another user."));
    }
    Ok(user)
}

/// `POST /api/v1/users/{userId}/exports/request`.
pub async fn request(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Body(body): Body,
) -> Result<Response> {
    let id = check::id("userId", &id)?;
    let mut check = Check::body(&body);
    let with_files = check.lenient_bool("withVideoFiles");
    let with_files = check.required("withVideoFiles", with_files);
    check.finish()?;
    takeout::check_exports_on(&app)?;
    let user = managed(&app, &me, id, Right::ManageUserExports).await?;
    let id = takeout::request(&app, &user, with_files.unwrap_or(false)).await?;
    wire::json(&json!({ "export": { "id": id } }))
}

/// `GET /api/v1/users/{userId}/exports`.
pub async fn list(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let id = check::id("userId", &id)?;
    takeout::check_exports_on(&app)?;
    let user = managed(&app, &me, id, Right::ManageUserExports).await?;
    let exports = takeout::exports(&app, user.id).await?;
    let data: Vec<View> = exports.iter().map(|it| view(&app, it)).collect();
    wire::json(&Exports {
        total: data.len(),
        data,
    })
}

fn view(app: &App, export: &Export) -> View {
    View {
        id: export.id.0,
        state: export.state.view(),
        size: export.size_bytes,
        private_download_url: takeout::link(app, export),
        file_url: None,
        created_at: Iso(export.created_at),
        expires_on: Iso(export.expires_at(app)),
    }
}

/// `DELETE /api/v1/users/{userId}/exports/{id}`.
pub async fn remove(
    State(app): State<App>,
    me: Me,
    Path((user, id)): Path<(String, String)>,
) -> Result<Response> {
    let user = check::id("userId", &user)?;
    let id: ExportId = check::id("id", &id)?;
    takeout::check_exports_on(&app)?;
    let user = managed(&app, &me, user, Right::ManageUserExports).await?;
    let Some(export) = takeout::export(&app, id).await? else {
        return Ok(plain(StatusCode::NOT_FOUND));
    };
    if export.user_id != user.id {
        return Err(Error::forbidden("This archive belongs to another user."));
    }
    if export.state == takeout::State::Processing {
        return Err(Error::bad_request(
            "The archive is being made; wait for its end.",
        ));
    }
    if !takeout::delete(&app, &export).await? {
        return Ok(plain(StatusCode::CONFLICT));
    }
    Ok(no_content())
}

/// `GET /download/user-exports/{file}`: whoever has a link that holds still.
pub async fn download(
    State(app): State<App>,
    Path(file): Path<String>,
    Query(query): Query,
    headers: HeaderMap,
) -> Result<Response> {
    let jwt = query.get("jwt").and_then(Value::as_str);
    let export = ticket::opened(&app, &file, jwt.unwrap_or_default()).await?;
    let blob = (Class::Export, export.key.as_str());
    let saved_as = format!("{}-{}.zip", app.host(), iso(export.created_at));
    download::send(&app, blob, saved_as.replace(':', "-"), &headers).await
}

/// `POST /api/v1/users/{userId}/imports/import-resumable`: announces an archive.
pub async fn begin_import(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    request: Request,
) -> Result<Response> {
    let headers = request.headers().clone();
    let mut form = Form::read(&app, request, &[]).await?;
    let announced = Announced::read(&headers, &form.fields)?;
    let id: UserId = check::id("userId", &id)?;
    check_import(&app, &me, id, &announced.filename, announced.size_bytes).await?;
    let mut fields = std::mem::take(&mut form.fields);
    fields.insert("userId".to_owned(), id.0.into());
    let metadata = Metadata {
        fields,
        filename: announced.filename.clone(),
        ending: ".zip".to_owned(),
        ..Metadata::default()
    };
    let upload = announced.into_upload(&me, Purpose::Import, None, metadata);
    let path = format!("/api/v1/users/{id}/imports/import-resumable");
    start_at(&app, upload, &mut form, &headers, &path).await
}

/// May this archive be brought along?
pub async fn check_import(
    app: &App,
    me: &Me,
    id: UserId,
    filename: &str,
    size_bytes: i64,
) -> Result<()> {
    takeout::check_imports_on(app)?;
    if !filename.to_lowercase().ends_with(".zip") {
        return Err(Error::bad_request("The archive must be a .zip file."));
    }
    let user = managed(app, me, id, Right::ManageUserImports).await?;
    quota::room_left(app, &user, size_bytes).await?;
    if takeout::is_importing(app, user.id).await? {
        return Err(Error::bad_request(
            "An import of this user is running already.",
        ));
    }
    Ok(())
}

/// `PUT`: a piece of it, or the question how much is there.
pub async fn receive(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query,
    request: Request,
) -> Result<Response> {
    let id = check::id("userId", &id)?;
    let (parts, body) = request.into_parts();
    let upload = own(&app, &me, id, &query).await?;
    let piece = Piece::read(&parts.headers)?;
    let digest = parts
        .headers
        .get("digest")
        .and_then(|value| value.to_str().ok());
    if let Some(received) = upload::collect(&app, &upload, piece, digest, body).await? {
        return answered(received);
    }
    let place = Finishing::claim(&upload)?;
    // On a task of its own: it goes on when the client loses patience.
    let task = tokio::spawn(async move {
        let _place = place;
        takeout::arrived(&app, &upload, id).await
    });
    answered(Received::Done {
        answer: task.await.map_err(Error::internal)??,
        is_repeated: false,
    })
}

/// `DELETE`: the client gives up.
pub async fn cancel(
    State(app): State<App>,
    me: Me,
    Path(id): Path<String>,
    Query(query): Query,
) -> Result<StatusCode> {
    let id = check::id("userId", &id)?;
    let upload = own(&app, &me, id, &query).await?;
    upload::cancel(&app, &upload).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// An upload of an archive for this user.
async fn own(app: &App, me: &Me, id: UserId, query: &Map<String, Value>) -> Result<Upload> {
    let upload = upload::own(app, me, upload_id(query)).await?;
    let meant = upload.metadata.fields.get("userId").and_then(Value::as_i64);
    if upload.purpose != Purpose::Import || meant != Some(id.0) {
        return Err(Error::forbidden("Forbidden").code("Forbidden"));
    }
    Ok(upload)
}

/// `GET /api/v1/users/{userId}/imports/latest`.
pub async fn latest(State(app): State<App>, me: Me, Path(id): Path<String>) -> Result<Response> {
    let id = check::id("userId", &id)?;
    let user = managed(&app, &me, id, Right::ManageUserImports).await?;
    let Some(import) = takeout::latest_import(&app, user.id).await? else {
        return Ok(plain(StatusCode::NOT_FOUND));
    };
    wire::json(&ImportView {
        id: import.id.0,
        state: import.state.view(),
        created_at: Iso(import.created_at),
    })
}
